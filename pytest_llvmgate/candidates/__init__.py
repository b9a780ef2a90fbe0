"""Which LLVM commits to take next."""
