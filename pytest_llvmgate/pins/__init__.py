"""Where LLVM commits are written: reading, following and comparing pins. Knows nothing of builds."""
