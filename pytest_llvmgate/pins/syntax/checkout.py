"""LLVM commits in shell scripts and Dockerfiles: what ``git checkout`` is given, and what variables are set to."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from pytest_llvmgate.pins.syntax.found import REVISION, Assignment, Document, Found
from pytest_llvmgate.pins.syntax.shell import Command, Word

_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*))")
_DECLARATIONS: Final = frozenset({"export", "readonly", "declare", "local", "typeset", "set", "ARG", "ENV"})
_MOVING: Final = frozenset({"checkout", "switch", "reset", "fetch", "worktree"})
_TAKES_VALUE: Final = frozenset(
    {"-C", "-c", "-b", "-B", "--git-dir", "--work-tree", "--branch", "--depth", "-o", "--origin", "-j", "--jobs"}
)
_CHANGES_DIRECTORY: Final = frozenset({"cd", "pushd", "WORKDIR"})
_KEYWORDS: Final = frozenset({"then", "else", "do", "if", "while", "until", "!", "{", "sudo", "time", "exec", "eval"})
_PROMPTS: Final = frozenset({"$", "%", "RUN"})
_LLVM_NAMES: Final = (re.compile("llvm", re.IGNORECASE), re.compile("mlir", re.IGNORECASE))
"""MLIR second: a project that builds on LLVM often has MLIR in its name."""


@dataclass(frozen=True)
class Checkout:
    """A commit that a script checks out of some repository."""

    directory: str
    """Base name of the directory that it happens in; empty where the script does not say."""
    source: str
    """Base name of the repository that the script cloned into that directory; empty where it did not."""
    found: Found

    def is_of(self, pattern: re.Pattern[str]) -> bool:
        """Whether the repository, or the directory, is called so."""
        return pattern.search(self.source) is not None or pattern.search(self.directory) is not None


def checkouts(script: Iterable[Command], *, directory: str = "") -> Iterator[Found]:
    """Every commit that the script checks out of LLVM."""
    return chosen(all_checkouts(script), directory=directory)


def chosen(done: Iterable[Checkout], *, directory: str = "") -> Iterator[Found]:
    """Those of LLVM.

    A script may check out several projects. ``directory`` (the base name) says which one is meant. Without it the
    checkouts of a repository, or in a directory, whose name speaks of LLVM are; else of MLIR; and where there are none,
    those of which the script does not say what was cloned.
    """
    every = list(done)
    if directory:
        return iter(dict.fromkeys(one.found for one in every if one.directory == directory))
    known = next(filter(None, ([one for one in every if one.is_of(name)] for name in _LLVM_NAMES)), None)
    return iter(dict.fromkeys(one.found for one in known or every if known or not one.source))


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


@dataclass
class _Scene:
    """What the script has done so far."""

    assigned: dict[str, Word] = field(default_factory=dict)
    cloned: dict[str, str] = field(default_factory=dict)
    """Directory to repository, by their base names."""
    here: str = ""


def all_checkouts(script: Iterable[Command]) -> Iterator[Checkout]:
    """Every commit that the script checks out, whatever of."""
    scene = _Scene()
    for command in script:
        words = _without_assignments(command.words, scene.assigned)
        if len(words) > 1 and words[0].text in _CHANGES_DIRECTORY:
            scene.here = _base_name(words[1].text)
        elif len(words) > 2 and words[0].text == "git":
            words.popleft()
            yield from _git(words, scene)


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


def _git(rest: deque[Word], scene: _Scene) -> Iterator[Checkout]:
    """The checkouts in the words after ``git``."""
    here = scene.here
    while rest and rest[0].text.startswith("-"):
        option = rest.popleft().text
        if option in _TAKES_VALUE and rest:
            value = rest.popleft().text
            here = _base_name(value) if option == "-C" else here
    verb = rest.popleft().text if rest else ""
    if verb == "clone":
        yield from _clone(rest, scene)
    for word in _operands(rest) if verb in _MOVING else ():
        yield from _checkout(word, here, scene)


def _clone(rest: deque[Word], scene: _Scene) -> Iterator[Checkout]:
    """Note what was cloned; a clone may name the tag to check out itself."""
    branches = [after for word, after in pairwise(rest) if word.text in {"-b", "--branch"}]
    places = [_base_name(_resolved(word, scene.assigned)[1]) for word in _operands(rest)]
    if places:
        source = places[0].removesuffix(".git")
        directory = places[1] if len(places) > 1 else source
        scene.cloned[directory] = source
        for word in branches:
            yield from _checkout(word, directory, scene)


def _checkout(word: Word, directory: str, scene: _Scene) -> Iterator[Checkout]:
    target, text = _resolved(word, scene.assigned)
    start = target.locate(text)
    if REVISION.fullmatch(text) and start is not None:
        yield Checkout(directory, scene.cloned.get(directory, ""), Found(text=text, start=start))


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
    return path.rstrip("/").rpartition("/")[2]
