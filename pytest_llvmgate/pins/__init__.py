"""Where LLVM commits are written: reading, following, comparing and moving pins. Knows nothing of builds."""
