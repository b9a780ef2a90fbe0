"""Where a header, library or other name that is gone most likely went: told by git, by LLVM's habits, else by likeness.

The one judge for preflight, linkcheck and diagnoses; names of members and functions are judged with their owners in
:mod:`entity_fates`.
"""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.surface.known_changes import header_of_today, is_gone_for_good
from pytest_llvmgate.surface.likeness import most_similar, words_of
from pytest_llvmgate.upstream.whose import INCLUDE_ROOTS, include_name

_RENAMES: Final = {
    "Arithmetic": "Arith",
    "StandardOps": "Func",
    "Mesh": "Shard",
    "Linalg/IR/LinalgOps": "Linalg/IR/Linalg",
    "LoopOps": "SCF",
}
"""Renames in MLIR's and LLVM's history that no likeness of names reveals."""
_LIKE: Final = 0.6
"""Likeness of two file names, 0 to 1, from which on one may have become the other."""
_SPELLED_ALIKE: Final = 0.85
"""Likeness from which on no word has to be the same: ``Patterns`` and ``Pattern``."""
_CLOSE: Final = 0.5
"""How far behind the best one a candidate may be and still be shown."""
_NEAR: Final = 0.3
"""Share of common directories from which on a file of another name may be the successor."""
NEAREST: Final = "the nearest name"
"""How a successor is known of which nothing is known."""


@dataclass(frozen=True)
class Successor:
    """A name of the candidate that may replace one that is gone."""

    name: str
    certain: bool = False
    """git says that the file was renamed, or LLVM's history that the name was."""
    how: str = NEAREST
    """Why it is believed to be the successor."""


@dataclass(frozen=True)
class Successors:
    """Ranks successors among what the candidate offers."""

    new: frozenset[str]
    """Names of the candidate that the baseline lacks; empty where no baseline is known."""
    all: frozenset[str]
    renames: Mapping[str, str] = field(default_factory=dict)
    """Include path to include path, as git saw it."""

    # -- headers ------------------------------------------------------------------------------------------------------

    def of_header(self, header: str, limit: int = 3) -> tuple[Successor, ...]:
        """Likely successors of a header, the most likely first."""
        if header in self.renames:
            return (Successor(self.renames[header], certain=True, how="renamed, as git says"),)
        for renamed in (*_renamed(header), header_of_today(header)):
            if renamed in self.all:
                return (Successor(renamed, certain=True, how="LLVM renamed it"),)
        if is_gone_for_good(header):
            return ()
        ranked = sorted(
            (-_header_score(header, candidate, candidate in self.new), candidate) for candidate in self._near(header)
        )
        best = -ranked[0][0] if ranked else 0.0
        floor = max(1.0, best - _CLOSE)
        close = [candidate for score, candidate in ranked if -score >= floor]
        own, near = posixpath.basename(header), _below_first(header, close)[:limit]
        return tuple(Successor(name, how="moved" if posixpath.basename(name) == own else NEAREST) for name in near)

    def _near(self, header: str) -> Iterable[str]:
        """Candidates worth a score: the same base name anywhere, new files, and files of the same directory."""
        base, directory = posixpath.basename(header), posixpath.dirname(header)
        suffix = base.partition(".")[2]
        for candidate in self.all:
            name = posixpath.basename(candidate)
            if name.partition(".")[2] != suffix or (self.new and candidate not in self.new):
                continue
            if name == base or candidate in self.new or posixpath.dirname(candidate) == directory:
                yield candidate

    # -- libraries, targets, commands, options ------------------------------------------------------------------------

    def of_library(self, name: str, limit: int = 2) -> tuple[Successor, ...]:
        """What a library or its CMake target is called now."""
        bare = name.rpartition("::")[2].rpartition("/")[2].removeprefix("lib").partition(".")[0]
        if bare.endswith("IncGen"):  # made by each CMakeLists.txt for itself
            return ()
        exact = [Successor(guess, certain=True, how="a target of it") for guess in _guesses(bare) if guess in self.all]
        return (*exact, *(one for one in self.of_name(bare) if one.name not in {each.name for each in exact}))[:limit]

    def of_name(self, name: str, limit: int = 3) -> tuple[Successor, ...]:
        """Likely successors of a target, a CMake command or a flag."""
        fresh = most_similar(name, self.new, limit=limit)
        others = most_similar(name, self.all, limit=limit)
        return tuple(Successor(candidate) for candidate in dict.fromkeys((*fresh, *others)))[:limit]


def _renamed(name: str) -> Iterator[str]:
    for old, new in _RENAMES.items():
        if old in name:
            yield name.replace(old, new)


def _guesses(name: str) -> Iterator[str]:
    """How LLVM has renamed libraries time and again: with or without the project, or ``Dialect``."""
    for base in dict.fromkeys((name, *_renamed(name))):
        for guess in (
            base,
            f"{base}Dialect",
            base.removesuffix("Dialect"),
            f"MLIR{base}",
            f"MLIR{base}Dialect",
            f"{base}IR",
        ):
            if guess != name:
                yield guess


def _below_first(header: str, names: Sequence[str]) -> list[str]:
    """Of headers with the very common names (``Passes.h``), the ones that only went deeper, if there are any.

    ``Affine/Passes.h`` became ``Affine/Transforms/Passes.h`` and nothing of another dialect.
    """
    base, parts = posixpath.basename(header), set(posixpath.dirname(header).split("/"))
    deeper = [name for name in names if posixpath.basename(name) == base and parts <= set(name.split("/"))]
    return deeper or list(names)


def _header_score(header: str, candidate: str, is_new: bool) -> float:
    """How alike two header paths are; 1 and more is worth showing."""
    old, new = posixpath.split(header), posixpath.split(candidate)
    old_stem, new_stem = old[1].partition(".")[0], new[1].partition(".")[0]
    likeness = difflib.SequenceMatcher(None, old_stem, new_stem).ratio()
    words, now = set(words_of(old_stem)), set(words_of(new_stem))
    likeness = max(likeness, _overlap(words, now))
    if likeness < _LIKE or (likeness < _SPELLED_ALIKE and not words & now):
        return 0.0
    near = _overlap(old[0].split("/"), new[0].split("/"))
    # The same name elsewhere that was there before is mostly another file; another name far away is chance.
    if (near == 0 and not is_new) or (old[1] != new[1] and near < _NEAR):
        return 0.0
    score = 1.5 if old[1] == new[1] else likeness  # a file that only moved keeps its name
    score += 0.5 * near
    return score + (0.25 if is_new else 0.0)


def _overlap(one: Collection[str], other: Collection[str]) -> float:
    """Shared words over all words, 0 to 1."""
    union = set(one) | set(other)
    return len(set(one) & set(other)) / len(union) if union else 0.0


def git_renames(repository: Repository, baseline: str, candidate: str) -> dict[str, str]:
    """Headers of LLVM that were renamed between two commits, as include paths. Empty when git cannot tell."""
    try:
        output = repository.run(
            "diff", "-z", "--name-status", "--diff-filter=R", "-M60%", "-l0", baseline, candidate, "--", *INCLUDE_ROOTS
        )
    except RepositoryError:
        return {}
    fields = output.decode("utf-8", "surrogateescape").split("\0")
    found = {}
    for status, old, new in zip(fields[0::3], fields[1::3], fields[2::3], strict=False):
        if status.startswith("R"):
            found[include_name(old)] = include_name(new)
    return found
