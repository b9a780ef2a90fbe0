"""What CMake leaves behind in a build directory: the cache, the File API's codemodel, compile commands, link edges."""
