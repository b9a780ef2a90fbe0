"""What a syntax finds in a text, and how the LLVM commit is told from everything else that looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

REVISION: Final = re.compile(
    r"(?<![0-9A-Za-z_.-])(?:[0-9a-fA-F]{7,40}|llvmorg-[0-9][0-9A-Za-z.-]*[0-9A-Za-z])(?![0-9A-Za-z_])"
)
"""What an LLVM commit looks like where one is written: a SHA, possibly abbreviated, or one of LLVM's tags."""

CHECKSUM: Final = re.compile(r"[0-9a-f]{64}|sha256-[A-Za-z0-9+/]{43}=|[0-9abcdfghijklmnpqrsvwxyz]{52}")
"""SHA-256 in hexadecimal (Bazel), in base64 (SRI: Nix, Bazel's ``integrity``) or in Nix's base 32."""

_LLVM_NAME: Final = re.compile(r"llvm|mlir", re.IGNORECASE)
_LLVM_PLACE: Final = re.compile(r"\bllvm-project\b|\bllvm/llvm\b", re.IGNORECASE)
_COMMIT_NAME: Final = re.compile(r"(?:^|[._-])(?:git_tag|commit|rev|revision|tag|ref|sha|hash|version)$", re.IGNORECASE)
_DEPTH: Final = 6
"""Nested scopes for which a string counts: a URL in a list in a call, say."""
_CHECKSUM_NAME: Final = re.compile(r"sha256|hash|integrity|checksum", re.IGNORECASE)
_LAST_WORD: Final = re.compile(r"[._-]?[A-Za-z0-9]+$")


@dataclass(frozen=True, kw_only=True)
class Span:
    """A piece of the text."""

    text: str
    start: int
    """Offset in characters."""


@dataclass(frozen=True, kw_only=True)
class Found(Span):
    """A commit that a text names, with the checksums of the archive that it is fetched as."""

    checksums: tuple[Span, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Assignment(Span):
    """``name = value`` in whatever form the syntax has; the span is the value's, without quotes."""

    name: str
    """Dotted where it is nested: ``llvm.hash``."""
    scope: int = 0
    """Number of the call, object or block that it stands in; 0 is the file."""
    refers: bool = False
    """The value is the name of another assignment."""


@dataclass(kw_only=True)
class Document:
    """All assignments of a text, and which scopes speak of LLVM."""

    assignments: list[Assignment] = field(default_factory=list)
    about_llvm: set[int] = field(default_factory=set)
    """The scopes in which, or right below which, a string speaks of llvm-project. The file's own is never one."""

    def mention(self, scopes: Sequence[int], text: str) -> None:
        """Note that ``text`` stands in ``scopes``, the outermost first; it says what the inner ones are about."""
        if _LLVM_PLACE.search(text):
            self.about_llvm.update(scope for scope in scopes[-_DEPTH:] if scope)


def is_commit(text: str) -> bool:
    """Whether a value names a commit. A short run of decimal digits is a date or a version."""
    if text.isdigit() and len(text) < 40:
        return False
    return REVISION.fullmatch(text) is not None


def commits(document: Document, key: str = "") -> Iterator[Found]:
    """The LLVM commits among the assignments.

    With ``key`` (a name, or the end of a dotted one), what is assigned to it. Without, what is assigned to a name that
    speaks of LLVM or MLIR; where there is no such name, to a ``commit``, ``rev``, ``tag`` in a scope that speaks of
    llvm-project.
    """
    by_name = {assignment.name: assignment for assignment in document.assignments}
    sums = [one for one in document.assignments if CHECKSUM.fullmatch(one.text) and _CHECKSUM_NAME.search(one.name)]
    places: dict[int, Found] = {}
    for chosen in _chosen(document, key):
        target = _followed(chosen, by_name)
        if is_commit(target.text):
            checksums = tuple(_belonging(sums, chosen)) or tuple(_belonging(sums, target))
            known = places.get(target.start)
            if known is None or len(known.checksums) < len(checksums):
                places[target.start] = Found(text=target.text, start=target.start, checksums=checksums)
    return iter(places.values())


def _chosen(document: Document, key: str) -> list[Assignment]:
    if key:
        return [one for one in document.assignments if one.name == key or one.name.endswith(f".{key}")]
    named = [one for one in document.assignments if _LLVM_NAME.search(one.name) and is_commit(one.text)]
    return named or [
        one for one in document.assignments if one.scope in document.about_llvm and _COMMIT_NAME.search(one.name)
    ]


def _followed(assignment: Assignment, by_name: Mapping[str, Assignment]) -> Assignment:
    """The assignment at the end of a chain of references."""
    seen = {assignment.name}
    while assignment.refers and assignment.text in by_name and assignment.text not in seen:
        seen.add(assignment.text)
        assignment = by_name[assignment.text]
    return assignment


def _belonging(sums: Sequence[Assignment], chosen: Assignment) -> Iterator[Span]:
    """The checksums that belong to a commit: beside it in its call or object, or under a name with the same stem."""
    stem = _LAST_WORD.sub("", chosen.name)
    for one in sums:
        beside = chosen.scope and (one.scope == chosen.scope or one.name.startswith(f"{chosen.name}."))
        same_stem = bool(stem) and one.name.startswith(stem)
        below = "." not in chosen.name and chosen.scope and "." in one.name
        if beside or same_stem or below:
            yield Span(text=one.text, start=one.start)
