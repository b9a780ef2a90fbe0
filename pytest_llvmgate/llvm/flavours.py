"""The CMake options of a source build: sound defaults, flavours, and what the configuration says over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pytest_llvmgate.config.settings import SourceSpec
from pytest_llvmgate.errors import SupplyError

_DEFAULTS: Final[Mapping[str, str]] = {
    "CMAKE_BUILD_TYPE": "Release",
    "LLVM_ENABLE_PROJECTS": "mlir",
    "LLVM_TARGETS_TO_BUILD": "host",
    "LLVM_ENABLE_ASSERTIONS": "ON",
    "LLVM_INCLUDE_TESTS": "OFF",
    "LLVM_INCLUDE_EXAMPLES": "OFF",
    "LLVM_INCLUDE_BENCHMARKS": "OFF",
    "LLVM_INCLUDE_DOCS": "OFF",
    "LLVM_ENABLE_BINDINGS": "OFF",
    # A downstream's lit tests need FileCheck, count and not.
    "LLVM_INSTALL_UTILS": "ON",
    "LLVM_APPEND_VC_REV": "ON",
}
_VISIBLE: Final = {"CMAKE_CXX_VISIBILITY_PRESET": "default"}
"""Set, it keeps llvm/lib/Target/CMakeLists.txt from hiding the code generators' symbols in a static build alone: the
objects of both flavours are the same then."""
FLAVOURS: Final[Mapping[str, Mapping[str, str]]] = {
    "default": {},
    "static": _VISIBLE,
    "shared": {**_VISIBLE, "BUILD_SHARED_LIBS": "ON"},
    "dylib": {
        "LLVM_BUILD_LLVM_DYLIB": "ON",
        "LLVM_LINK_LLVM_DYLIB": "ON",
        "MLIR_BUILD_MLIR_DYLIB": "ON",
        "MLIR_LINK_MLIR_DYLIB": "ON",
    },
}
_FOR_CONSUMERS: Final = ("llvm-headers", "cmake-exports")
_FOR_CONSUMERS_OF_MLIR: Final = ("mlir-headers", "mlir-cmake-exports")
"""The components without which nobody can use what is installed."""
DISTRIBUTION: Final = "LLVM_DISTRIBUTION_COMPONENTS"
"""What is installed, where that is not everything."""
PACKAGE_COMPONENTS: Final = ("cmake-exports", "mlir-cmake-exports")
"""The components of the CMake packages alone; a build without MLIR installs nothing for the second."""


def options(spec: SourceSpec, flavour: str) -> dict[str, str]:
    """The cache values of a flavour, later ones over earlier: defaults, the configuration's, the flavour's.

    Raises :class:`SupplyError` for a flavour that is neither built in nor configured.
    """
    if flavour not in FLAVOURS and flavour not in spec.flavours:
        known = ", ".join(dict.fromkeys([*FLAVOURS, *spec.flavours]))
        raise SupplyError(
            f"expected a flavour that the source supplier knows ({known}), found {flavour!r}",
            hint=f"add [llvm.source.flavours.{flavour}] with its cmake values",
        )
    tables = (_DEFAULTS, spec.cmake, FLAVOURS.get(flavour, {}), spec.flavours.get(flavour, {}))
    chosen = _merged(tables)
    if spec.targets:
        mlir = _FOR_CONSUMERS_OF_MLIR if {"mlir", "all"} & projects(chosen) else ()
        chosen[DISTRIBUTION] = ";".join(dict.fromkeys([*spec.targets, *_FOR_CONSUMERS, *mlir]))
    return chosen


def projects(chosen: Mapping[str, str]) -> frozenset[str]:
    """The top directories of llvm-project that options ask for by name; with ``all`` for all of them."""
    named = (
        value
        for name, value in chosen.items()
        if name.partition(":")[0] in ("LLVM_ENABLE_PROJECTS", "LLVM_ENABLE_RUNTIMES")
    )
    return frozenset(project.strip() for value in named for project in value.replace(",", ";").split(";"))


def _merged(tables: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """By the variable's name: ``FOO:BOOL`` replaces ``FOO``."""
    merged: dict[str, tuple[str, str]] = {}
    for table in tables:
        merged |= {name.partition(":")[0]: (name, value) for name, value in table.items()}
    return dict(merged.values())
