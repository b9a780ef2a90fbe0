"""Includes by the directory of one version of LLVM, which is another than the candidate's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import NAME_KIND, PREDICTED_BY
from pytest_llvmgate.model import Confidence, Finding
from pytest_llvmgate.owners.by_tree import Layers
from pytest_llvmgate.owners.llvms_names import version_included
from pytest_llvmgate.preflight.guards import provides_for
from pytest_llvmgate.preflight.usage import Use
from pytest_llvmgate.wording import counted

_SHOWN: Final = 20


def versioned_includes(
    includes: Mapping[str, Sequence[str]],
    uses_of: Callable[[Mapping[str, Sequence[str]]], Iterator[tuple[str, tuple[Use, ...]]]],
    layers: Layers,
    major: str,
) -> Iterator[Finding]:
    """One finding for each such directory: where that LLVM is installed, its headers meet the candidate's without a
    word. ``uses_of`` gives the uses in what is built; ``major`` is the candidate's version, where it is known.
    """
    by_directory: dict[str, dict[str, Sequence[str]]] = {}
    for path, files in includes.items():
        directory, version = version_included(path)
        if major and version not in {"", major}:
            by_directory.setdefault(directory, {})[path] = files
    for directory, paths in by_directory.items():
        found = [(path, use) for path, uses in uses_of(paths) for use in uses if not provides_for(use.guards, path)]
        if found:
            first, use = found[0]
            layer, component = layers.of(layers.root / use.file)
            header = first.removeprefix(directory)
            yield Finding(
                kind=kinds.HEADER_MISSING,
                identifier=directory,
                headline=f"headers are included below '{directory}', another LLVM's directory than the candidate's: "
                f"{counted(len(found), 'place')}",
                layer=layer,
                component=component,
                locations=tuple(layers.location(layers.root / use.file, use.line) for _, use in found[:_SHOWN]),
                sites=len(found),
                confidence=Confidence.CERTAIN,
                advice=(
                    f'include "{header}" without that directory, and the others likewise',
                    f"that directory is not the candidate's, LLVM {major}: where it is installed, both are mixed",
                ),
                facts={PREDICTED_BY: "preflight", NAME_KIND: "header"},
            )
