"""Whether a name is LLVM's by itself: a C++ name, a linker's symbol, a library or target, an include path."""

from __future__ import annotations

import re
from typing import Final

NAMESPACES: Final = frozenset({"llvm", "mlir", "clang", "lld"})
"""Of LLVM's C++ code."""
_NAMESPACES: Final = f"(?:{'|'.join(sorted(NAMESPACES))})"
_NAME: Final = re.compile(rf"(?:::)?{_NAMESPACES}(?:::|$)")
_MACRO: Final = re.compile(r"(?:LLVM|MLIR|CLANG|LLD)_[A-Z0-9_]+$")
_MENTIONED: Final = re.compile(rf"(?:^|[ (<,*&'\"\u2018`])(?:::)?{_NAMESPACES}::")
_SYMBOL: Final = re.compile(
    rf"(?:^|[\s(&*]){_NAMESPACES}::|^_?_ZNK?\d(?:llvm|mlir|clang)|^_?(?:LLVM[A-Z]|clang_[a-z])\w+$"
)
_LIBRARY: Final = re.compile(r"(?:lib)?(?:LLVM|MLIR|clang|lld)[A-Z]")
_MOVING: Final = re.compile(r"(?:lib)?(?:LLVM|MLIR|LTO|lld|clang[A-Z])")
_OF_VERSION: Final = re.compile(
    r"(?P<directory>llvm(?:-c)?-?(?P<version>\d{1,2})(?:\.\d{1,2})?/)(?:llvm|mlir|clang|lld)(?:-c)?/"
)
_INCLUDE: Final = re.compile(r"(?:llvm|mlir|clang|lld|lldb|polly|flang)(?:-c|-tidy)?/")


def is_llvms_name(name: str) -> bool:
    """Whether a qualified C++ name begins with one of LLVM's namespaces, or is one."""
    return _NAME.match(name) is not None


def is_llvms_macro(name: str) -> bool:
    """Whether a macro is called as LLVM's own are: ``LLVM_ATTRIBUTE_UNUSED``."""
    return _MACRO.match(name) is not None


def mentions_llvms_name(text: str) -> bool:
    """Whether a C++ name or type in a text begins with one of LLVM's namespaces."""
    return _MENTIONED.search(text) is not None


def is_llvms_symbol(symbol: str) -> bool:
    """Whether a symbol, demangled or not, is of LLVM's libraries or its C API, or takes something of LLVM's."""
    return _SYMBOL.search(symbol) is not None


def is_llvms_library(name: str) -> bool:
    """Whether a library or target is called as LLVM's own are: ``LLVMSupport``, ``libMLIRIR.a``."""
    return _LIBRARY.match(name) is not None


def moves_with_llvm(library: str) -> bool:
    """Whether a library may have another name in another LLVM: one of LLVM's parts, or a whole one, as ``LLVM-22``."""
    return _MOVING.match(library) is not None


def is_llvms_include(path: str) -> bool:
    """Whether an include path begins with a directory of LLVM's: ``mlir/IR/Value.h``."""
    return _INCLUDE.match(path) is not None


def version_included(path: str) -> tuple[str, str]:
    """The directory and the major version of an include that names the LLVM it is of; two empty strings for others.

    ``llvm-17/llvm/IR/Value.h`` is found below ``/usr/include`` where a distribution's LLVM 17 is installed, whichever
    LLVM the project is built against; editors that complete an ``#include`` write it so.
    """
    match = _OF_VERSION.match(path)
    return (match["directory"], match["version"]) if match is not None else ("", "")
