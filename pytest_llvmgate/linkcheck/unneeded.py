"""The reverse question: which link libraries a library names and does not use.

Information, never a failure: an entry can be wanted for its include directories, for the build order of generated
headers, or for its dependents. So it says who else would miss it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake import listfile
from pytest_llvmgate.cmake.codemodel import Target
from pytest_llvmgate.cmake.link_entries import SCOPES, SECTIONS
from pytest_llvmgate.linkcheck.link_analysis import LinkAnalysis
from pytest_llvmgate.linkcheck.resolve import Provider
from pytest_llvmgate.linkcheck.suggest import Suggester

_ENTRIES_OF: Final = {"LINK_LIBS": "", "LINK_COMPONENTS": "LLVM"}
"""Keyword to what its entries' names lack."""


@dataclass(frozen=True, kw_only=True)
class NamedLibrary:
    """A library named in a CMake file for a target."""

    target: str
    linked: str
    """The library's name; of an LLVM component the whole one, ``LLVMSupport``."""
    file: Path
    line: int
    scope: str = ""
    """``PUBLIC``, ``PRIVATE``, ``INTERFACE``, or nothing, which means PUBLIC when static and PRIVATE when shared."""


@dataclass(frozen=True, kw_only=True)
class UnneededEntry:
    """An entry of which the target's own code uses no symbol."""

    entry: NamedLibrary
    needed_by: tuple[str, ...] = ()
    """Targets that use the library and have it from nowhere but this entry; they should name it themselves."""


def find_unneeded(analysis: LinkAnalysis, suggester: Suggester) -> tuple[UnneededEntry, ...]:
    """The entries whose library defines no symbol that the naming library's own objects ask for."""
    question = _Question(analysis, suggester)
    return tuple(
        UnneededEntry(entry=entry, needed_by=tuple(sorted(question.dependants(entry))))
        for entries in question.entries.values()
        for entry in entries
        if question.uses(entry.target, entry.linked) is False
    )


class _Question:
    """Who names which library, and who uses it."""

    def __init__(self, analysis: LinkAnalysis, suggester: Suggester) -> None:
        self._analysis = analysis
        self._suggester = suggester
        targets = [
            target
            for target in analysis.targets
            if target.type == "SHARED_LIBRARY" and not analysis.objects(target).problem
        ]
        self.entries = {target.name: tuple(_entries(target, analysis, suggester)) for target in targets}
        self._asked = {target.name: _asked(analysis, target) for target in targets}
        self._linked = {
            target.name: {library.name for library in analysis.project_libraries(target)} for target in targets
        }
        self._offers: dict[str, Provider | None] = {}

    def uses(self, target: str, library: str) -> bool | None:
        """Whether the objects of ``target`` ask for a symbol of ``library``; None when its symbols are not known."""
        if library not in self._offers:
            self._offers[library] = self._suggester.defined_by(library)
        offered = self._offers[library]
        return None if offered is None else bool(offered.offers(set(self._asked[target])))

    def dependants(self, entry: NamedLibrary) -> Iterator[str]:
        """Libraries that link the entry's target, use its library, and do not name that themselves."""
        if entry.scope not in {"PUBLIC", "INTERFACE"}:
            return
        for other, entries in self.entries.items():
            named = {its.linked for its in entries}
            if entry.target in self._linked[other] and entry.linked not in named and self.uses(other, entry.linked):
                yield other


def _asked(analysis: LinkAnalysis, target: Target) -> frozenset[bytes]:
    symbols = analysis.objects(target).symbols
    defined = frozenset().union(*(item.defined for item in symbols))
    return frozenset().union(*(item.undefined for item in symbols)) - defined


def _entries(target: Target, analysis: LinkAnalysis, suggester: Suggester) -> Iterable[NamedLibrary]:
    """The link entries that the project's CMake files name for ``target``."""
    site = target.declared_in(analysis.tree.model.source_dir)
    if site is None or site.line is None:
        return
    for command in suggester.commands(site.file):
        is_call = command.line <= site.line <= command.end_line
        is_link = command.name.endswith("target_link_libraries") and command.words[:1] == (target.name,)
        if is_call or is_link:
            yield from _entries_of(command, target.name, site.file, is_link)


def _entries_of(command: listfile.Command, target: str, file: Path, is_link: bool) -> Iterator[NamedLibrary]:
    prefix: str | None = "" if is_link else None
    scope = ""
    for argument in command.arguments[1:]:
        text = argument.text
        if text in _ENTRIES_OF:
            prefix, scope = _ENTRIES_OF[text], ""
        elif text in SECTIONS:
            prefix = None
        elif text in SCOPES:
            scope = text
        elif prefix is not None and "$" not in text and not text.startswith("-"):
            yield NamedLibrary(target=target, linked=prefix + text, file=file, line=argument.line, scope=scope)
