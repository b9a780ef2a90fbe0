"""Versions of LLVM that the project's CMake files ask for, and that an install is not taken for."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import PREDICTED_BY, SORT, VERSION
from pytest_llvmgate.llvm.prefix import is_refused
from pytest_llvmgate.model import Confidence, Finding
from pytest_llvmgate.owners.by_tree import Layers
from pytest_llvmgate.preflight.switched_off import BuiltParts
from pytest_llvmgate.preflight.usage import Usage
from pytest_llvmgate.upstream.whose import LLVM_PACKAGES


def refused_versions(usage: Usage, built: BuiltParts, layers: Layers, version: str) -> Iterator[Finding]:
    """What CMake will say to each ``find_package`` of LLVM's that surely runs. ``version`` is the install's."""
    asks = [
        (file, command, command.words[0], built.said((*command.words, "")[1]))
        for file, command in built.surely_run
        if command.name == "find_package" and {*command.words[:1]} & LLVM_PACKAGES
    ]
    found = {name for _, _, name, asked in asks if not is_refused(asked, version)}
    for file, command, name, asked in asks:
        if usage.find_module(command.words) or (name in found and "REQUIRED" not in command.words):
            continue  # one of several that it takes
        if is_refused(asked, version):
            layer, component = layers.of(layers.root / file)
            yield Finding(
                kind=kinds.CMAKE_PACKAGE,
                identifier=name,
                headline=f"the project asks for {name} {asked}; this is {version}, which CMake does not take for it",
                layer=layer,
                component=component,
                locations=(layers.location(layers.root / file, command.line),),
                confidence=Confidence.CERTAIN if "REQUIRED" in command.words else Confidence.GUESS,
                advice=("change the version there, or LLVM is not found, or another one is taken",),
                facts={PREDICTED_BY: "preflight", SORT: "version", VERSION: asked},
            )
