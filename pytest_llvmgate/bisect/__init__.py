"""Which LLVM commit broke it: searches over the history of llvm-project."""
