"""Which of an LLVM's headers mention a word, and which they include: one flat file per LLVM, in the user's cache.

A question names a few words and some hundred megabytes of headers would have to be searched for each. The index has a
section per header: what identifies its content, what it includes, and its distinct words. It is searched as it is, by
``find``. An index is made of sections of older ones where the content is the same, so that another commit of a clone
reads only the blobs that changed.
"""

from __future__ import annotations

import os
import re
import secrets
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from pytest_llvmgate.include_lines import included
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain
from pytest_llvmgate.surface.header_files import HeaderFiles, identity

_FORMAT: Final = b"llvmgate surface 1\n"
"""The file's first line: another format is another file, made anew."""
_WORD: Final = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{2,80}")
_SECTION: Final = re.compile(rb"^\x01([^\n]*)\t([^\n\t]*)\n", re.MULTILINE)
_FEW: Final = 300
"""Headers that are read faster than a cache is looked after."""
_MOST_INDEXES: Final = 12
"""Indexes that are kept; each has some 10 MB."""


@dataclass(frozen=True)
class WordIndex:
    """The open index of one LLVM."""

    data: bytes

    @cached_property
    def _sections(self) -> tuple[list[int], list[str], list[str]]:
        """Begin, header and content of every section."""
        begins, names, contents = [], [], []
        for match in _SECTION.finditer(self.data):
            begins.append(match.end() - 1)  # the newline, so that every word stands between two
            contents.append(match[1].decode("utf-8", "surrogateescape"))
            names.append(match[2].decode("utf-8", "surrogateescape"))
        return begins, names, contents

    @property
    def names(self) -> list[str]:
        """All headers."""
        return self._sections[1]

    def files_with(self, word: str, *, most: int = 10_000) -> list[str]:
        """The headers that mention ``word``, a whole identifier."""
        needle = f"\n{word}\n".encode()
        begins, names, _ = self._sections
        found: list[str] = []
        at = self.data.find(needle)
        while at >= 0 and len(found) < most:
            found.append(names[bisect_right(begins, at) - 1])
            at = self.data.find(needle, at + 1)
        return found

    def words_from(self, start: str) -> frozenset[str]:
        """All identifiers that begin with ``start``."""
        found: set[bytes] = set()
        needle = f"\n{start}".encode()
        at = self.data.find(needle)
        while at >= 0:
            end = self.data.find(b"\n", at + 1)
            found.add(self.data[at + 1 : end])
            at = self.data.find(needle, end)
        return frozenset(word.decode() for word in found)

    @cached_property
    def includes(self) -> Mapping[str, tuple[str, ...]]:
        """Header to what it includes directly, as written."""
        begins, names, _ = self._sections
        ends = [*begins[1:], len(self.data)]
        return {name: tuple(self._included(begin, end)) for name, begin, end in zip(names, begins, ends, strict=True)}

    def _included(self, begin: int, end: int) -> Iterator[str]:
        """The section's first lines, each with a number sign."""
        at = begin + 1
        while at < end and self.data[at : at + 1] == b"#":
            stop = self.data.find(b"\n", at)
            yield self.data[at + 1 : stop].decode("utf-8", "replace")
            at = stop + 1

    def sections(self) -> Iterator[tuple[str, bytes]]:
        """What identifies each content, with the section's text: for the index of another LLVM."""
        begins, _, contents = self._sections
        for number, begin in enumerate(begins):
            end = self.data.rfind(b"\x01", begin, begins[number + 1]) if number + 1 < len(begins) else len(self.data)
            yield contents[number], self.data[begin + 1 : end]


def open_index(files: HeaderFiles, cache: Path | None) -> WordIndex:
    """The index of an LLVM: from the cache, or made and put there; made in memory without a cache, or of few files."""
    if cache is None or len(files.contents) < _FEW:
        return WordIndex(_FORMAT + b"".join(_made(files, {})))
    path = cache / f"{identity(files)}.words"
    known = _opened(path)
    if known is None:
        _write(path, files, _shared_sections(files, cache))
        known = _opened(path)
    return known if known is not None else WordIndex(_FORMAT + b"".join(_made(files, {})))


def _opened(path: Path) -> WordIndex | None:
    try:
        data = read_plain(path, LARGEST_MADE)
        os.utime(path)
    except OSError:
        return None
    return WordIndex(data) if data[: len(_FORMAT)] == _FORMAT else None


def _shared_sections(files: HeaderFiles, cache: Path) -> dict[str, bytes]:
    """Sections of other indexes for contents that this LLVM has, too."""
    wanted = set(files.contents.values())
    found: dict[str, bytes] = {}
    for path in sorted(cache.glob("*.words"), key=_age)[:3]:
        known = _opened(path)
        for content, section in known.sections() if known is not None else ():
            if content in wanted:
                found.setdefault(content, section)
    return found


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


def _write(path: Path, files: HeaderFiles, known: Mapping[str, bytes]) -> None:
    """Atomically; a full disk or a directory that cannot be written costs the cache, not the answer."""
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(6)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("wb") as stream:
            stream.write(_FORMAT)
            stream.writelines(_made(files, known))
        scratch.replace(path)
        for old in sorted(path.parent.glob("*.words"), key=_age)[_MOST_INDEXES:]:
            old.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError):
            scratch.unlink()


def _made(files: HeaderFiles, known: Mapping[str, bytes]) -> Iterator[bytes]:
    contents = files.contents
    for name, content in contents.items():
        if (section := known.get(content)) is not None:
            yield _head(name, content) + section
    for name, data in files.read(name for name, content in contents.items() if content not in known):
        yield _head(name, contents[name]) + _section(data)


def _head(name: str, content: str) -> bytes:
    return f"\x01{content}\t{name}\n".encode("utf-8", "surrogateescape")


def _section(data: bytes) -> bytes:
    includes = [f"#{path}".encode("utf-8", "surrogateescape") for path in included(data)]
    return b"\n".join((*includes, *sorted(set(_WORD.findall(data))), b""))
