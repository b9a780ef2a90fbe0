"""pytest-llvmgate: the pre-merge gate for moving an LLVM/MLIR downstream to another LLVM commit."""

from typing import Final

__version__: Final = "0.1.0"
