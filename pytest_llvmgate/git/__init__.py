"""Reading git repositories. The bottom of everything that touches git; it knows nothing of pins or LLVM."""
