"""MLIR's Python bindings: whether an install lacks what a project's CMake files link of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import PREDICTED_BY
from pytest_llvmgate.model import Confidence, Finding, Layer
from pytest_llvmgate.owners.by_tree import Layers
from pytest_llvmgate.preflight.switched_off import BuiltParts
from pytest_llvmgate.preflight.usage import Usage, Use, with_cmake_guards
from pytest_llvmgate.surface.provided import Provided

_BINDINGS: Final = "MLIRPython"
_SWITCH: Final = "MLIR_ENABLE_BINDINGS_PYTHON"
_SHOWN: Final = 5


def is_of_bindings(library: str, variables: Mapping[str, str]) -> bool:
    """Whether an install lacks a library because it was built without Python bindings.

    ``variables`` are what its CMake packages set.
    """
    return library.startswith(_BINDINGS) and variables.get(_SWITCH) == "0"


def way_without(built: BuiltParts) -> str:
    """What to do in order not to build the bindings: nothing that is asked of CMake counts against a plain ``set``."""
    sets = (
        f"{file}:{each.line}" for file, each in built.surely_run if each.name == "set" and each.words[:1] == (_SWITCH,)
    )
    place = next(sets, "")
    return f"change {place}, which sets {_SWITCH}" if place else "switch this project's bindings off"


def without_bindings(usage: Usage, provided: Provided, built: BuiltParts, layers: Layers) -> Iterator[Finding]:
    """One finding for all libraries of LLVM's Python bindings: they are missing together, from the install."""
    missing: dict[str, tuple[Use, ...]] = {}
    for name in sorted(usage.words.keys() - provided.libraries - usage.declared):
        if is_of_bindings(name, built.known):
            uses = with_cmake_guards(usage, usage.words[name])
            if uses := tuple(use for use in uses if not built.off(use.file, use.guards)):
                missing[name] = uses
    uses = tuple(use for found in missing.values() for use in found)
    if uses:
        yield Finding(
            kind=kinds.TOOL_MISSING,
            identifier=_BINDINGS,
            headline="this LLVM install has no Python bindings, which the project's CMake files link",
            layer=Layer.MACHINE,
            locations=tuple(layers.location(layers.root / use.file, use.line) for use in uses[:20]),
            evidence=tuple(f"{name}: {found[0].file}" for name, found in missing.items())[:_SHOWN],
            sites=len(uses),
            confidence=Confidence.GUESS,
            advice=(f"build LLVM with {_SWITCH}=ON, or {way_without(built)}",),
            facts={PREDICTED_BY: "preflight"},
        )
