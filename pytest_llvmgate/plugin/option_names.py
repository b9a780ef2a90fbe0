"""Names under which the gate's options and the gate itself are known to pytest. Imports nothing that takes time."""

from __future__ import annotations

from typing import Final

OPTION: Final = "llvm_sha"
ACTIVE: Final = "llvmgate-active"
"""The active gate, with pytest's plugin manager."""
JUNIT_PROPERTIES: Final = "llvm_junit_properties"
