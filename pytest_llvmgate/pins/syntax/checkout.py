"""LLVM commits in shell scripts and Dockerfiles: what ``git checkout`` is given, and what variables are set to."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.pins.syntax.found import REVISION, Assignment, Document, Found
from pytest_llvmgate.pins.syntax.shell import Command, Word

_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))")
_DECLARATIONS: Final = frozenset({"export", "readonly", "declare", "local", "typeset", "set", "ARG", "ENV"})
_MOVING: Final = frozenset({"checkout", "switch", "reset", "fetch", "worktree"})
_TAKES_VALUE: Final = frozenset({"-C", "-c", "-b", "-B", "--git-dir", "--work-tree"})
_CHANGES_DIRECTORY: Final = frozenset({"cd", "pushd", "WORKDIR"})
_KEYWORDS: Final = frozenset({"then", "else", "do", "if", "while", "until", "!", "{", "sudo", "time", "exec", "eval"})
_PROMPTS: Final = frozenset({"$", "%", "RUN"})


@dataclass(frozen=True)
class _Checkout:
    directory: str
    """Base name of the directory that it happens in; empty where the script does not say."""
    found: Found


def checkouts(script: Iterable[Command], *, directory: str = "") -> Iterator[Found]:
    """Every commit that the script checks out of LLVM.

    A script may check out several projects. ``directory`` (the base name) says which one is meant; without it the
    checkouts in a directory whose name speaks of LLVM or MLIR are, and all of them where there is no such directory.
    """
    done = list(_all_checkouts(script))
    if directory:
        chosen = [one for one in done if one.directory == directory]
    else:
        chosen = [one for one in done if re.search("llvm|mlir", one.directory, re.IGNORECASE)] or done
    return iter(dict.fromkeys(one.found for one in chosen))


def variables(script: Iterable[Command]) -> Document:
    """Every variable that the script (or Dockerfile) sets."""
    assigned: dict[str, Word] = {}
    document = Document()
    for command in script:
        assigned.clear()
        _without_assignments(command.words, assigned)
        for name, word in assigned.items():
            variable = _VARIABLE.fullmatch(word.text)
            text = (variable and variable[2]) or word.text
            start = word.locate(text)
            if start is not None:
                document.assignments.append(Assignment(name=name, text=text, start=start))
    return document


def _all_checkouts(script: Iterable[Command]) -> Iterator[_Checkout]:
    assigned: dict[str, Word] = {}
    here = ""
    for command in script:
        words = _without_assignments(command.words, assigned)
        if len(words) > 1 and words[0].text in _CHANGES_DIRECTORY:
            here = _base_name(words[1].text)
        elif len(words) > 2 and words[0].text == "git":
            words.popleft()
            yield from _git(words, here, assigned)


def _without_assignments(words: Sequence[Word], assigned: dict[str, Word]) -> deque[Word]:
    """The command after its prompt, keywords and assignments, which are noted in ``assigned``."""
    rest = deque(words)
    while rest and rest[0].text in _PROMPTS | _KEYWORDS:
        rest.popleft()
    if len(rest) == 3 and rest[0].text == "ENV" and "=" not in rest[1].text:  # Dockerfile: ENV NAME value
        assigned[rest[1].text] = rest[2]
        return deque()
    while rest and (rest[0].text in _DECLARATIONS or (rest[0].text.startswith("-") and len(rest) < len(words))):
        rest.popleft()
    while rest and (match := _ASSIGNMENT.fullmatch(rest[0].text)):
        word = rest.popleft()
        assigned[match[1]] = Word(match[2], word.raw[match.start(2) :], word.start + match.start(2))
    return rest


def _git(rest: deque[Word], here: str, assigned: dict[str, Word]) -> Iterator[_Checkout]:
    """The checkouts in the words after ``git``."""
    while rest and rest[0].text.startswith("-"):
        option = rest.popleft().text
        if option in _TAKES_VALUE and rest:
            value = rest.popleft().text
            here = _base_name(value) if option == "-C" else here
    if not rest or rest.popleft().text not in _MOVING:
        return
    for word in _operands(rest):
        target, text = _resolved(word, assigned)
        start = target.locate(text)
        if REVISION.fullmatch(text) and start is not None:
            yield _Checkout(here, Found(text=text, start=start))


def _operands(rest: deque[Word]) -> Iterator[Word]:
    """The words that may name a commit: no options, nothing after ``--``."""
    while rest:
        word = rest.popleft()
        if word.text == "--":
            return
        if word.text in _TAKES_VALUE and rest:
            rest.popleft()
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
