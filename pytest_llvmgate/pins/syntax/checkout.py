"""LLVM commits in shell scripts and Dockerfiles: what ``git checkout`` is given, and what variables are set to.

A command is a scope. What it speaks of is what its words name, and for git the repository that was cloned into the
directory in which it stands.
"""

from __future__ import annotations

import posixpath
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile, pairwise
from typing import Final

from pytest_llvmgate.pins.syntax.found import BRANCH, PACKAGES, REVISION, VERSION, Document
from pytest_llvmgate.pins.syntax.shell import ShellCommand, Word
from pytest_llvmgate.upstream.whose import LLVM, is_llvm_name, is_mlir_name

_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_ARGUMENT: Final = re.compile(r"(?:-D)?(?P<name>[A-Za-z_]\w*)(?::[A-Z]+)?=(?P<value>[^=]+)")
_TAKE_VARIABLES: Final = frozenset({"make", "gmake", "$(MAKE)", "cmake", "docker", "podman", "meson", "env"})
_VARIABLE: Final = re.compile(
    r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*|[0-9])(?::?[-=]([^}]*))?\}|([A-Za-z_][A-Za-z0-9_]*)|\(([A-Za-z_][A-Za-z0-9_]*)\))"
)
_DECLARATIONS: Final = frozenset({"export", "readonly", "declare", "local", "typeset", "set", "ARG", "ENV"})
_TO_OTHERS: Final = frozenset({"export", "ARG", "ENV"})
"""What hands a variable on to the commands that follow."""
_INSTALL: Final = re.compile(r"(?i)install(?:-package)?")
_VERSION_OPTION: Final = re.compile(rf"(?i)--?version=(?:{VERSION.pattern})")
_MOVING: Final = frozenset({"checkout", "switch", "reset", "fetch", "worktree", "pull"})
_TAKES_VALUE: Final = frozenset(
    {"-C", "-c", "-b", "-B", "--git-dir", "--work-tree", "--branch", "--depth", "-o", "--origin", "-j", "--jobs"}
)
_CHANGES_DIRECTORY: Final = frozenset({"cd", "pushd", "WORKDIR"})
_KEYWORDS: Final = frozenset({"then", "else", "do", "if", "while", "until", "!", "{", "sudo", "time", "exec", "eval"})
_PROMPTS: Final = frozenset({"$", "%", "RUN"})
_NAMED_REVISION: Final = re.compile(r"[0-9a-f]{40}|llvmorg-[0-9][0-9A-Za-z.-]*")


@dataclass
class _Scene:
    """What the script has done so far."""

    document: Document
    assigned: dict[str, Word] = field(default_factory=dict)
    cloned: dict[str, str] = field(default_factory=dict)
    """Directory, by its base name, to the URL of what was cloned into it."""
    not_entered: str = ""
    """What was cloned last, while the script has not moved since: pages leave out the ``cd`` into it."""
    here: list[str] = field(default_factory=lambda: [""])
    """The directory that each subshell stands in, the innermost last."""
    before: list[str] = field(default_factory=list)
    """What ``popd`` goes back to."""
    scope: int = 0

    def enter(self, depth: int) -> None:
        """Come to a command that stands in that many subshells."""
        if depth + 1 < len(self.here):
            self.not_entered = ""
        del self.here[depth + 1 :]
        self.here += [self.here[-1]] * (depth + 1 - len(self.here))

    def move(self, directory: str) -> None:
        """Change the directory."""
        self.not_entered = ""
        self.here[-1] = posixpath.normpath(posixpath.join(self.here[-1], directory)) if directory else ""


def read(script: Iterable[ShellCommand]) -> Document:
    """Everything that the script (or Dockerfile) sets, and every commit that it checks out."""
    scene = _Scene(Document())
    set_here: set[str] = set()
    runs_any = False
    for number, command in enumerate(script, start=1):
        scene.scope = number
        scene.enter(command.depth)
        if command.words[0].text == "RUN":
            scene.here[-1] = scene.before[-1] if scene.before else scene.here[-1]
        fresh: dict[str, Word] = {}
        words = _without_assignments(command.words, fresh)
        runs_any = runs_any or bool(words)
        for name, word in fresh.items():
            _mention(word, scene)
            _assign(name, word, scene)
            if words or command.words[0].text in _TO_OTHERS:
                scene.document.use(name, [number])
            else:
                set_here.add(name)
        _command(words, scene)
    scene.document.idle = set_here - scene.document.uses.keys() if runs_any else set()  # else others take them in
    return scene.document


def _assign(name: str, word: Word, scene: _Scene) -> None:
    scene.assigned[name] = word
    variable = _VARIABLE.fullmatch(word.text)
    default = variable and variable[2]
    inner = _VARIABLE.fullmatch(default) if default else variable if variable and not default else None
    text = default or word.text
    start = word.locate(text)
    if inner is not None and (inner[1] or inner[3]) != name:
        scene.document.assign(name, inner[1] or inner[3] or inner[4], word.start, refers=True)
    elif start is not None:
        scene.document.assign(name, text, start)


def _command(words: deque[Word], scene: _Scene) -> None:
    for word in words:
        scene.document.fill_in(word.text)
    if len(words) > 1 and words[0].text in _CHANGES_DIRECTORY:
        if words[0].text == "pushd":
            scene.before.append(scene.here[-1])
        scene.move(_resolved(words[1], scene.assigned)[1])
        if words[0].text == "WORKDIR":
            scene.before = [scene.here[-1]]
    elif words and words[0].text == "popd" and scene.before:
        scene.here[-1] = scene.before.pop()
    elif words and words[0].text == ":" and len(words) > 1:
        _default(words[1], scene)
    elif len(words) > 2 and words[0].text == "git":
        words.popleft()
        _git(words, scene)
    else:
        _other(words, scene)


def _default(word: Word, scene: _Scene) -> None:
    """``: ${NAME:=value}`` gives NAME a value where it has none."""
    match = _VARIABLE.fullmatch(word.text)
    if match and match[2]:
        start = word.locate(match[2])
        if start is not None:
            _assign(match[1], Word(match[2], match[2], start), scene)


def _other(words: Sequence[Word], scene: _Scene) -> None:
    """Any other command: what its words name is used together, as by ``fetch_sources <url> <directory> <commit>``.

    A commit beside the URL of exactly one repository is that one's.
    """
    for word in words:
        _mention(word, scene)
        if _base_name(words[0].text) in _TAKE_VARIABLES:
            _given(word, scene)
    _installed(words, scene)
    if scene.scope not in scene.document.subjects or not words or "://" in words[0].text:
        return  # clang version 22.1.8 (<url> <commit>): no command, but what one has printed
    subjects = scene.document.subjects[scene.scope]
    name = _base_name(next(iter(subjects))) if len(subjects) == 1 else "argument"
    for word in words:
        start = word.locate(word.text)
        if _NAMED_REVISION.fullmatch(word.text) and start is not None:
            scene.document.assign(f"{name}.checkout", word.text, start, scope=scene.scope)


def _installed(words: Sequence[Word], scene: _Scene) -> None:
    """The one package, LLVM's, that a manager is told to install: ``choco install llvm --version=22.1.8``."""
    asked = list(dropwhile(lambda word: not _INSTALL.fullmatch(word.text), words))
    versions = [word for before, word in pairwise(asked) if _VERSION_OPTION.fullmatch(f"{before.text}={word.text}")]
    versions += [word for word in asked if _VERSION_OPTION.fullmatch(word.text)]
    packages = [word.text for word in asked[1:] if word.text[:1] != "-" and word not in versions]
    if len(versions) == len(packages) == 1 and packages[0] in PACKAGES:
        version = versions[0].text.rpartition("=")[2]
        start = versions[0].locate(version)
        if start is not None:
            scene.document.package(words[0].text, version, start)


def _given(word: Word, scene: _Scene) -> None:
    """A variable that a command is given: ``make LLVM_SHA1=<commit>``, ``cmake -DLLVM_COMMIT=<commit>``."""
    match = _ARGUMENT.fullmatch(word.text)
    start = word.locate(match["value"]) if match and REVISION.fullmatch(match["value"]) else None
    if match and start is not None:
        scene.document.assign(match["name"], match["value"], start, scope=scene.scope)


def _mention(word: Word, scene: _Scene) -> None:
    scene.document.mention([scene.scope], word.raw, word.start)


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


def _git(rest: deque[Word], scene: _Scene) -> None:
    """The checkouts in the words after ``git``."""
    here = scene.here[-1]
    while rest and rest[0].text.startswith("-"):
        option = rest.popleft().text
        if option in _TAKES_VALUE and rest:
            value = rest.popleft()
            if option == "-C":
                here = posixpath.normpath(posixpath.join(here, _resolved(value, scene.assigned)[1]))
    verb = rest.popleft().text if rest else ""
    if verb in {"clone", "submodule"}:
        _clone(rest, scene)
        return
    if verb == "remote" and len(rest) > 2 and rest[0].text == "add":
        scene.cloned[_base_name(here)] = _resolved(rest[-1], scene.assigned)[1]
        return
    directory = (here == scene.here[-1] and scene.not_entered) or _base_name(here)
    words = list(_operands(rest)) if verb in _MOVING else []
    for word in words:  # git fetch <url> <commit>
        scene.document.speak([scene.scope], _resolved(word, scene.assigned)[1])
    _speak(directory, scene)
    for word in words:
        _checkout(word, directory, scene)


def _clone(rest: deque[Word], scene: _Scene) -> None:
    """Note what was cloned; a clone may name the tag to check out itself."""
    branches = [after for word, after in pairwise(rest) if word.text in {"-b", "--branch"}]
    branches += [
        Word(word.text.partition("=")[2], word.raw.partition("=")[2], word.start + len("--branch="))
        for word in rest
        if word.text.startswith("--branch=")
    ]
    words = list(_operands(rest))
    places = [_resolved(word, scene.assigned)[1] for word in words]
    urls = [place for place in places if "/" in place or ":" in place]
    if not places or not urls:
        return
    source = _base_name(urls[0]).removesuffix(".git")
    after = places[places.index(urls[0]) + 1 :]
    directory = _base_name(after[0]) if after else source
    scene.cloned[directory] = urls[0]
    scene.not_entered = directory
    scene.document.speak([scene.scope], urls[0])
    _speak(directory, scene)
    for word in branches:
        target, text = _resolved(word, scene.assigned)
        variable = _VARIABLE.fullmatch(word.text)
        scene.document.tags.add((variable and (variable[1] or variable[3])) or text)
        scene.document.tags.add(target.text)
        _checkout(word, directory, scene)


def _speak(directory: str, scene: _Scene) -> None:
    """What a git command is about: what was cloned into its directory, else the directory's name."""
    source = scene.cloned.get(directory, "")
    if source:
        scene.document.speak([scene.scope], source)
    if scene.scope in scene.document.subjects:
        return
    name = directory.lstrip("$").strip("{}")
    base = _base_name(source).removesuffix(".git") if source else name
    if is_llvm_name(base) or is_mlir_name(base):
        scene.document.speaks_of(LLVM, [scene.scope])
    elif source:
        scene.document.speaks_of(base, [scene.scope])


def _checkout(word: Word, directory: str, scene: _Scene) -> None:
    target, text = _resolved(word, scene.assigned)
    text = text.removeprefix("refs/").removeprefix("tags/")
    start = target.locate(text)
    if (REVISION.fullmatch(text) or BRANCH.fullmatch(text)) and start is not None:
        scene.document.assign(f"{directory}.checkout", text, start, scope=scene.scope)


def _operands(rest: Iterable[Word]) -> Iterator[Word]:
    """The words that may name a commit: no options, nothing after ``--``."""
    words = deque(rest)
    while words:
        word = words.popleft()
        if word.text == "--":
            return
        if word.text in _TAKES_VALUE and words:
            words.popleft()
        elif not word.text.startswith("-"):
            yield word


def _resolved(word: Word, assigned: dict[str, Word]) -> tuple[Word, str]:
    """The word in which the text that ``word`` stands for is written, and that text."""
    match = _VARIABLE.fullmatch(word.text)
    if not match:
        return word, word.text
    target = assigned.get(match[1] or match[3] or match[4])
    if target is None:
        return word, match[2] or word.text
    default = _VARIABLE.fullmatch(target.text)  # NAME=${NAME:-<commit>}
    return target, (default and default[2]) or target.text


def _base_name(path: str) -> str:
    return path.rstrip("/").replace(":", "/").rpartition("/")[2]
