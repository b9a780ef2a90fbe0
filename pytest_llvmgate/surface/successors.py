"""Where a name that is gone most likely went: told by git where the history is at hand, else by likeness of paths."""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.surface.likeness import most_similar, words_of

_LIKE: Final = 0.6
"""Likeness of two file names, 0 to 1, from which on one may have become the other."""
_CLOSE: Final = 0.5
"""How far behind the best one a candidate may be and still be shown."""
_NEAR: Final = 0.3
"""Share of common directories from which on a file of another name may be the successor."""
_INCLUDE_PATHS: Final = ("llvm/include", "mlir/include")


@dataclass(frozen=True)
class Successor:
    """A name of the candidate that may replace one that is gone."""

    name: str
    certain: bool = False
    """git says that the file was renamed."""


@dataclass(frozen=True)
class Successors:
    """Ranks successors among what the candidate offers."""

    new: frozenset[str]
    """Names of the candidate that the baseline lacks."""
    all: frozenset[str]
    renames: Mapping[str, str] = field(default_factory=dict)
    """Include path to include path, as git saw it."""

    def of_header(self, header: str, limit: int = 3) -> tuple[Successor, ...]:
        """Likely successors of a header, the most likely first."""
        if header in self.renames:
            return (Successor(self.renames[header], certain=True),)
        ranked = sorted(
            ((-_header_score(header, candidate, candidate in self.new), candidate) for candidate in self._near(header)),
        )
        best = -ranked[0][0] if ranked else 0.0
        floor = max(1.0, best - _CLOSE)
        return tuple(Successor(candidate) for score, candidate in ranked[:limit] if -score >= floor)

    def of_name(self, name: str, limit: int = 3) -> tuple[Successor, ...]:
        """Likely successors of a target, a CMake command or a flag."""
        fresh = most_similar(name, self.new, limit=limit)
        others = most_similar(name, self.all, limit=limit)
        return tuple(Successor(candidate) for candidate in dict.fromkeys((*fresh, *others)))[:limit]

    def _near(self, header: str) -> Iterable[str]:
        """Candidates worth a score: the same base name anywhere, new files, and files of the same directory."""
        base, directory = posixpath.basename(header), posixpath.dirname(header)
        suffix = base.partition(".")[2]
        for candidate in self.all:
            name = posixpath.basename(candidate)
            if name.partition(".")[2] != suffix:
                continue
            if name == base or candidate in self.new or posixpath.dirname(candidate) == directory:
                yield candidate


def _header_score(header: str, candidate: str, is_new: bool) -> float:
    """How alike two header paths are; 1 and more is worth showing."""
    old, new = posixpath.split(header), posixpath.split(candidate)
    old_stem, new_stem = old[1].partition(".")[0], new[1].partition(".")[0]
    likeness = difflib.SequenceMatcher(None, old_stem, new_stem).ratio()
    likeness = max(likeness, _overlap(words_of(old_stem), words_of(new_stem)))
    if likeness < _LIKE:
        return 0.0
    near = _overlap(old[0].split("/"), new[0].split("/"))
    # The same name elsewhere that was there before is mostly another file; another name far away is chance.
    if (near == 0 and not is_new) or (old[1] != new[1] and near < _NEAR):
        return 0.0
    score = 1.5 if old[1] == new[1] else likeness  # a file that only moved keeps its name
    score += 0.5 * near
    return score + (0.25 if is_new else 0.0)


def _overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """Shared words over all words, 0 to 1."""
    union = set(one) | set(other)
    return len(set(one) & set(other)) / len(union) if union else 0.0


def git_renames(repository: Repository, baseline: str, candidate: str) -> dict[str, str]:
    """Headers of LLVM that were renamed between two commits, as include paths. Empty when git cannot tell."""
    try:
        output = repository.run(
            "diff", "-z", "--name-status", "--diff-filter=R", "-M60%", "-l0", baseline, candidate, "--", *_INCLUDE_PATHS
        )
    except RepositoryError:
        return {}
    fields = output.decode("utf-8", "surrogateescape").split("\0")
    found = {}
    for status, old, new in zip(fields[0::3], fields[1::3], fields[2::3], strict=False):
        if status.startswith("R"):
            found[_include_path(old)] = _include_path(new)
    return found


def _include_path(path: str) -> str:
    for root in _INCLUDE_PATHS:
        if path.startswith(f"{root}/"):
            return path[len(root) + 1 :]
    return path
