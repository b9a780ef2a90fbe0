"""Moving pins to another LLVM commit: the edits, the gitlinks, and what is left to do by hand."""
