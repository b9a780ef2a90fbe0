"""What one LLVM offers, and what became of what it no longer offers."""
