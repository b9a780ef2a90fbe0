"""Which library a link lacks, and the line of the CMake file that should say so.

Of all libraries that define missing symbols, few cover most: greedy set cover, the libraries of the C API last (they
wrap everything), and nothing that itself links the library in need, which would make a cycle. What two libraries need
of each other makes one, too, where neither links the other yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake import listfile
from pytest_llvmgate.cmake.link_entries import LinkEntry, entry_at
from pytest_llvmgate.linkcheck.link_analysis import LinkAnalysis, LinkPrediction
from pytest_llvmgate.linkcheck.resolve import exported_names
from pytest_llvmgate.objects.elf import UnreadableObjectError
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.remembered import remembered
from pytest_llvmgate.surface.definers import few_libraries, unlikeliness

_LIBRARY_FILE: Final = re.compile(r"^lib(?P<name>.+?)(?:\.a|\.so(?:\.\d[\w.+-]{0,60})?)$")


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One library that a link lacks."""

    target_name: str
    """The target's name, without ``lib`` and suffix; empty where no known library defines the symbols."""
    symbols: tuple[str, ...]
    """The missing symbols that it defines, mangled."""
    alternatives: tuple[str, ...] = ()
    """Other libraries that define all of them."""
    makes_cycle: bool = False
    """Whether it needs the library in need itself, so that the code has to move rather than the link line to grow."""
    edit: LinkEntry | None = None
    not_pic: Path | None = None
    """The archive that it is, where no shared library can take it in: it is not position-independent."""


class Suggester:
    """Finds libraries for missing symbols, over a whole tree."""

    def __init__(self, analysis: LinkAnalysis) -> None:
        self._analysis = analysis

    def suggest(self, links: Iterable[LinkPrediction]) -> Mapping[str, tuple[Suggestion, ...]]:
        """Target to what it lacks, for all links with missing symbols."""
        broken = [link for link in links if link.missing]
        wanted = frozenset(missing.symbol.encode() for link in broken for missing in link.missing)
        definers = self._definers(wanted)
        found = {link.target: tuple(self._cover(link, definers)) for link in broken}
        users = {name: set(targets) for name, targets in self._users.items()}
        for target, suggestions in found.items():
            for each in suggestions:
                users.setdefault(each.target_name, set()).add(target)
        circles = {target: _dependents(target, users) for target in found}
        return {
            target: tuple(replace(each, makes_cycle=each.target_name in circles[target]) for each in suggestions)
            for target, suggestions in found.items()
        }

    # -- who defines what -------------------------------------------------------------------------------------------

    def _definers(self, wanted: frozenset[bytes]) -> dict[str, frozenset[bytes]]:
        """Library to those of ``wanted`` that it defines: the project's first, others only for what is left."""
        found = {}
        for name, symbols in self._project.items():
            if hits := symbols & wanted:
                found[name] = hits
        left = wanted.difference(*found.values()) if found else wanted
        for files in (self._known_files, self._prefix_files):
            if left:
                hits_of = {name: hits for name, path in files.items() if (hits := self._defines(path, left))}
                found.update(hits_of)
                left = left.difference(*hits_of.values()) if hits_of else left
        return found

    @cached_property
    def _project(self) -> dict[str, frozenset[bytes]]:
        """What the project's own libraries export by their own objects."""
        analysis = self._analysis
        return {
            target.name: exported_names(analysis.objects(target).symbols)
            for target in analysis.libraries
            if not analysis.objects(target).problem
        }

    @cached_property
    def _known_files(self) -> dict[str, Path]:
        """Libraries from outside that some link line of the project names."""
        analysis = self._analysis
        inputs = (entry.path for target in analysis.targets for entry in analysis.line(target).inputs)
        outside = dict.fromkeys(path for path in inputs if not analysis.is_of_project(path))
        return _by_name(path if path.is_file() else analysis.twin(path) or path for path in outside)

    @cached_property
    def _prefix_files(self) -> dict[str, Path]:
        """Every library of LLVM's install that no link line names."""
        files = (path for directory in self._analysis.llvm_directories for path in sorted(directory.glob("lib*")))
        return {name: path for name, path in _by_name(files).items() if name not in self._known_files}

    def _defines(self, path: Path, wanted: frozenset[bytes]) -> frozenset[bytes]:
        reader = self._analysis.reader
        try:
            if path.suffix == ".a":
                return frozenset(reader.archive(path).index.keys() & wanted)
            return reader.shared(path) & wanted
        except (OSError, UnreadableObjectError):
            return frozenset()

    # -- which to take ----------------------------------------------------------------------------------------------

    def _cover(self, link: LinkPrediction, definers: Mapping[str, frozenset[bytes]]) -> Iterable[Suggestion]:
        """What the link lacks. Which of it makes a cycle is known only when all suggestions are."""
        wanted = {missing.symbol.encode() for missing in link.missing}
        dependents = _dependents(link.target, self._users)
        others = {name: symbols for name, symbols in definers.items() if name != link.target}

        def rank(name: str) -> tuple[bool, ...]:
            is_c_api, is_aggregate, is_test = unlikeliness(name)
            return (is_c_api, is_aggregate, name in dependents, is_test)

        for choice in few_libraries(others, wanted, rank=rank):
            name = choice.provider
            yield Suggestion(
                target_name=name,
                symbols=_text(choice.symbols),
                alternatives=choice.alternatives[:3],
                edit=self._edit(link, name) if name else None,
                not_pic=None if link.type == "EXECUTABLE" else self._not_pic(name, choice.symbols),
            )

    def _not_pic(self, name: str, symbols: Iterable[bytes]) -> Path | None:
        """An archive of others by its library's name, if what it has of ``symbols`` is not position-independent."""
        archive = None if name in self._project else {**self._prefix_files, **self._known_files}.get(name)
        if archive is None or archive.suffix != ".a" or self._analysis.is_as_shared(archive):
            return None
        return archive if self._analysis.is_position_dependent(archive, symbols) else None

    @cached_property
    def _users(self) -> Mapping[str, set[str]]:
        """Library of the project to the targets that link it."""
        users: dict[str, set[str]] = {}
        for target in self._analysis.targets:
            for other in self._analysis.project_libraries(target):
                users.setdefault(other.name, set()).add(target.name)
        return users

    # -- where to write it ------------------------------------------------------------------------------------------

    def _edit(self, link: LinkPrediction, library: str) -> LinkEntry | None:
        site = link.site
        if site is None or site.line is None:
            return None
        return entry_at(site.file, self._commands(site.file), site.line, target=link.target, library=library)

    @remembered
    def _commands(self, file: Path) -> tuple[listfile.Command, ...]:
        """The commands of a CMake file; none where it cannot be read."""
        try:
            return tuple(listfile.parse(read_plain_text(file)))
        except OSError:
            return ()


def _dependents(name: str, users: Mapping[str, set[str]]) -> frozenset[str]:
    """The project's libraries that link ``name``, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = users.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return frozenset(found - {name})


def _by_name(paths: Iterable[Path]) -> dict[str, Path]:
    """Library name to file, an archive before a shared library of the same name."""
    found: dict[str, Path] = {}
    for path in paths:
        match = _LIBRARY_FILE.match(path.name)
        if match and (match["name"] not in found or path.suffix == ".a"):
            found[match["name"]] = path
    return found


def _text(symbols: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(sorted(symbol.decode("utf-8", "replace") for symbol in symbols))
