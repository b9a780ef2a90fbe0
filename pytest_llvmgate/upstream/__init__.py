"""LLVM's history, and a sibling's: first parents, reverts, windows, blame, distances."""
