"""Which LLVM commit broke it, and which to take: searches over the history of llvm-project."""
