"""Provides the repository macro to import LLVM."""

def repo(name):
    """Imports LLVM."""
    LLVM_COMMIT = "@LLVM@"
    LLVM_SHA256 = "@SHA256@"
