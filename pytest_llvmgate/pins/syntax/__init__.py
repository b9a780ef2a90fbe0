"""The syntaxes in which LLVM commits are written, one module each. They find places in text; they read no files."""
