"""LLVM commits in shell scripts: what ``git checkout`` is given, directly or through a variable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.pins.readers import REVISION
from pytest_llvmgate.pins.shell import Command, Word

_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))")
_DECLARATIONS: Final = frozenset({"export", "readonly", "declare", "local", "typeset", "ARG", "ENV"})
_MOVING: Final = frozenset({"checkout", "switch", "reset"})
_TAKES_VALUE: Final = frozenset({"-C", "-c", "-b", "-B", "--git-dir", "--work-tree"})


@dataclass(frozen=True)
class _Checkout:
    directory: str
    """Base name of the directory that it happens in; empty where the script does not say."""
    text: str
    start: int


def checkouts(script: Iterable[Command], *, directory: str = "") -> Iterator[tuple[str, int]]:
    """Every commit that the script checks out of LLVM, with its offset.

    A script may check out several projects. ``directory`` (the base name) says which one is meant; without it the
    checkouts in a directory whose name speaks of LLVM or MLIR are, and all of them where there is no such directory.
    """
    found = list(_all_checkouts(script))
    if directory:
        chosen = [one for one in found if one.directory == directory]
    else:
        chosen = [one for one in found if re.search("llvm|mlir", one.directory, re.IGNORECASE)] or found
    return iter(dict.fromkeys((one.text, one.start) for one in chosen))


def _all_checkouts(script: Iterable[Command]) -> Iterator[_Checkout]:
    assigned: dict[str, Word] = {}
    here = ""
    for command in script:
        words = _without_assignments(command.words, assigned)
        if len(words) > 1 and words[0].text in {"cd", "pushd"}:
            here = _base_name(words[1].text)
        elif len(words) > 2 and words[0].text == "git":
            yield from _git(words[1:], here, assigned)


def _without_assignments(words: Sequence[Word], assigned: dict[str, Word]) -> Sequence[Word]:
    """The command after its assignments, which are noted in ``assigned``."""
    rest = list(words)
    if rest and rest[0].text in _DECLARATIONS:
        rest = rest[1:]
    while rest and (match := _ASSIGNMENT.fullmatch(rest[0].text)):
        assigned[match[1]] = Word(match[2], rest[0].raw[match.start(2) :], rest[0].start + match.start(2))
        rest = rest[1:]
    return rest


def _git(words: Sequence[Word], here: str, assigned: dict[str, Word]) -> Iterator[_Checkout]:
    rest = list(words)
    while rest and rest[0].text.startswith("-"):
        option = rest.pop(0).text
        if option in _TAKES_VALUE and rest:
            value = rest.pop(0).text
            here = _base_name(value) if option == "-C" else here
    if not rest or rest[0].text not in _MOVING:
        return
    for word in _operands(rest[1:]):
        target, text = _resolved(word, assigned)
        start = target.locate(text)
        if REVISION.fullmatch(text) and start is not None:
            yield _Checkout(here, text, start)


def _operands(words: Sequence[Word]) -> Iterator[Word]:
    """The words that may name a commit: no options, nothing after ``--``."""
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.text == "--":
            return
        if word.text in _TAKES_VALUE and rest:
            rest.pop(0)
        elif not word.text.startswith("-"):
            yield word


def _resolved(word: Word, assigned: dict[str, Word]) -> tuple[Word, str]:
    """The word in which the text that ``word`` stands for is written, and that text."""
    match = _VARIABLE.fullmatch(word.text)
    if not match:
        return word, word.text
    target = assigned.get(match[1] or match[3])
    if target is None:
        return word, match[2] or word.text
    default = _VARIABLE.fullmatch(target.text)  # NAME=${NAME:-<commit>}
    return target, (default and default[2]) or target.text


def _base_name(path: str) -> str:
    return PurePosixPath(path.rstrip("/")).name
