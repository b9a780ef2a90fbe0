"""Readers: from a file's text to the LLVM commits that its syntax says are written there.

A reader knows one syntax. It skips comments and prose, and it finds places, not only values, so that a pin can be shown
with its line and be rewritten in place. ``gitlink`` is no reader of text: see :mod:`pytest_llvmgate.pins.tree`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.config.schema import PinSpec
from pytest_llvmgate.pins import shell

GITLINK: Final = "gitlink"
"""The reader's name for a pin that is no text but a submodule's entry in the tree."""

REVISION: Final = re.compile(
    r"(?<![0-9A-Za-z_.-])(?:[0-9a-fA-F]{7,40}|llvmorg-[0-9][0-9A-Za-z.-]*[0-9A-Za-z])(?![0-9A-Za-z_])"
)
"""What an LLVM commit looks like where one is written: a SHA, possibly abbreviated, or one of LLVM's tags."""


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A commit that a file names, and exactly where."""

    text: str
    start: int
    """Offset of ``text`` in the file's text, in characters."""
    line: int
    """1-based."""
    column: int
    """1-based, in characters."""


ReadText = Callable[[str, PinSpec], Iterator[tuple[str, int]]]
"""A reader: the text and offset of every commit in a file's text. The spec carries ``key`` and ``pattern``."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One syntax in which LLVM commits are written."""

    name: str
    summary: str
    """What it reads, for the reference and for error messages."""
    read: ReadText
    file_pattern: str = ""
    """Regular expression for the names of files that imply this reader."""
    needs: str = ""
    """The pin's key without which it cannot work: ``key`` or ``pattern``."""

    def mentions(self, text: str, spec: PinSpec) -> tuple[Mention, ...]:
        """The commits that ``text`` names, in the order of the file."""
        return tuple(
            _placed(text, found, start) for found, start in sorted(self.read(text, spec), key=lambda it: it[1])
        )


def _placed(text: str, found: str, start: int) -> Mention:
    line_start = text.rfind("\n", 0, start) + 1
    return Mention(text=found, start=start, line=text.count("\n", 0, start) + 1, column=start - line_start + 1)


def _sha_file(text: str, _spec: PinSpec) -> Iterator[tuple[str, int]]:
    """The first word of every line that is no comment: such a file holds one line with one SHA."""
    for match in re.finditer(r"^[\ufeff \t]*([^\s#/;][^\s#;]*)", text, re.MULTILINE):
        word = REVISION.fullmatch(text, match.start(1), match.end(1))
        if word:
            yield word[0], word.start()


def _git_checkout(text: str, spec: PinSpec) -> Iterator[tuple[str, int]]:
    from pytest_llvmgate.pins.shell_pins import checkouts

    return checkouts(shell.commands(text), directory=spec.key)


BUILT_IN: Final = (
    Reader(
        name="sha-file",
        summary="a text file that holds nothing but a commit",
        read=_sha_file,
        file_pattern=r".*(?:version|hash|commit|revision|sha)[^/]*\.txt|.*\.(?:sha|commit)",
    ),
    Reader(
        name="git-checkout",
        summary="`git checkout <commit>` in a shell script; `key` names the directory, where a script has several",
        read=_git_checkout,
        file_pattern=r".*\.(?:sh|bash)",
    ),
)

_registry: dict[str, Reader] = {reader.name: reader for reader in BUILT_IN}


def register(reader: Reader) -> None:
    """Add a reader (or replace one of the same name)."""
    _registry[reader.name] = reader


def reader_names() -> tuple[str, ...]:
    """Every name that a pin's ``reader`` may have."""
    return (GITLINK, *_registry)


def find_reader(name: str) -> Reader | None:
    """The reader of that name."""
    return _registry.get(name)


def implied_reader(path: str) -> Reader | None:
    """The reader that a file's name implies."""
    name = PurePosixPath(path).name
    fitting = (reader for reader in _registry.values() if reader.file_pattern)
    return next((reader for reader in fitting if re.fullmatch(reader.file_pattern, name)), None)
