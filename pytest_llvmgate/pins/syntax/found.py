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
_IN_PLACE_NAME: Final = re.compile(
    r"\bllvm-project(?:\.git)?(?:/(?:archive|tarball|zipball)/(?:refs/tags/)?|@|-)"
    r"([0-9a-f]{7,40}|llvmorg-[0-9][0-9.]*(?:-rc[0-9]+)?)(?=$|\.(?:tar|zip|tgz)|[/\"'])"
)
"""A commit inside the name of llvm-project's archive, of the directory in it, or of a clone at a commit."""
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

    def moved(self, offset: int) -> Found:
        """The same in a text that this one's lies in, ``offset`` characters on."""
        sums = tuple(Span(text=one.text, start=one.start + offset) for one in self.checksums)
        return Found(text=self.text, start=self.start + offset, checksums=sums)


@dataclass(frozen=True, kw_only=True)
class Assignment(Span):
    """``name = value`` in whatever form the syntax has; the span is the value's, without quotes."""

    name: str
    """Dotted where it is nested: ``llvm.hash``."""
    scope: int = 0
    """Number of the call, object or block that it stands in; 0 is the file."""
    refers: bool = False
    """The value is the name of another assignment."""


@dataclass(frozen=True, kw_only=True)
class Embedded(Span):
    """A commit inside a string that names a piece of llvm-project: ``.../llvm-project/archive/<commit>.tar.gz``."""

    scopes: frozenset[int] = frozenset()
    """The calls, objects or blocks around it."""


@dataclass(kw_only=True)
class Document:
    """All assignments of a text, and which scopes speak of LLVM."""

    assignments: list[Assignment] = field(default_factory=list)
    about_llvm: set[int] = field(default_factory=set)
    """The scopes in which, or right below which, a string speaks of llvm-project. The file's own is never one."""
    embedded: list[Embedded] = field(default_factory=list)
    """Commits inside longer strings."""

    def mention(self, scopes: Sequence[int], text: str, start: int) -> None:
        """Note that ``text`` stands in ``scopes``, the outermost first; it says what the inner ones are about."""
        if not _LLVM_PLACE.search(text):
            return
        inner = frozenset(scope for scope in scopes[-_DEPTH:] if scope)
        self.about_llvm.update(inner)
        for match in _IN_PLACE_NAME.finditer(text):
            if is_commit(match[1]):
                self.embedded.append(Embedded(text=match[1], start=start + match.start(1), scopes=inner))


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
    # `rev = rev` in a call means the one outside that has a value.
    values_last = sorted(document.assignments, key=lambda one: not one.refers)
    by_name = {assignment.name: assignment for assignment in values_last}
    sums = list(_checksums(document, by_name))
    places: dict[int, Found] = {}
    for chosen in _chosen(document, key, by_name):
        target = _followed(chosen, by_name)
        if is_commit(target.text):
            checksums = tuple(_belonging(sums, chosen)) or tuple(_belonging(sums, target))
            known = places.get(target.start)
            if known is None or len(known.checksums) < len(checksums):
                places[target.start] = Found(text=target.text, start=target.start, checksums=checksums)
    said = {found.text for found in places.values()}
    for inside in document.embedded if not key else ():
        if not said or inside.text in said:  # beside a named commit, what a string names else is no pin
            beside = tuple(value for one, value in sums if one.scope in inside.scopes)
            places.setdefault(inside.start, Found(text=inside.text, start=inside.start, checksums=beside))
    return iter(places.values())


def _chosen(document: Document, key: str, by_name: Mapping[str, Assignment]) -> list[Assignment]:
    if key:
        return [one for one in document.assignments if one.name == key or one.name.endswith(f".{key}")]
    named = [one for one in document.assignments if _LLVM_NAME.search(one.name) and is_commit(one.text)]
    if named:
        return named
    by_reference = (one for one in document.assignments if one.refers and one.scope)
    about = document.about_llvm | {
        one.scope for one in by_reference if _LLVM_PLACE.search(_followed(one, by_name).text)
    }
    return [one for one in document.assignments if one.scope in about and _COMMIT_NAME.search(one.name)]


def _checksums(document: Document, by_name: Mapping[str, Assignment]) -> Iterator[tuple[Assignment, Span]]:
    """Where a checksum is given, and where it is written."""
    for one in document.assignments:
        written = _followed(one, by_name)
        if CHECKSUM.fullmatch(written.text) and _CHECKSUM_NAME.search(one.name):
            yield one, Span(text=written.text, start=written.start)


def _followed(assignment: Assignment, by_name: Mapping[str, Assignment]) -> Assignment:
    """The assignment at the end of a chain of references."""
    seen = {assignment.start}
    while assignment.refers and (further := by_name.get(assignment.text)) and further.start not in seen:
        seen.add(further.start)
        assignment = further
    return assignment


def _belonging(sums: Sequence[tuple[Assignment, Span]], chosen: Assignment) -> Iterator[Span]:
    """The checksums that belong to a commit: beside it in its call or object, or under a name with the same stem."""
    stem = _LAST_WORD.sub("", chosen.name)
    places: dict[int, Span] = {}
    for one, written in sums:
        beside = chosen.scope and (one.scope == chosen.scope or one.name.startswith(f"{chosen.name}."))
        same_stem = bool(stem) and one.name.startswith(stem)
        below = "." not in chosen.name and chosen.scope and "." in one.name
        if beside or same_stem or below:
            places[written.start] = written
    return iter(places.values())
