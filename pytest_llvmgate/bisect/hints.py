"""What cheap stages point at: the pickaxe that blamed the finding, preflight on git objects, the finding's own name.

They only propose. Each takes seconds and no build; what they propose is judged on both sides before it is believed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.bisect.bisection import Bisection, Mark
from pytest_llvmgate.bisect.weights import Hint
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.kinds.description import Subject
from pytest_llvmgate.kinds.facts import CULPRIT, NAME
from pytest_llvmgate.model import Finding, Layer
from pytest_llvmgate.preflight.at_commits import PreflightAtCommits
from pytest_llvmgate.upstream.blame import ChangesOfRange

SECONDS: Final = 60.0
"""For all cheap stages of a search together."""
_MOST_HINTS: Final = 6
_WORD: Final = re.compile(r"[A-Za-z_]\w{3,}")
_CMAKE_LISTS: Final = (":(glob)**/CMakeLists.txt",)
_GENERATORS: Final[tuple[str, ...]] = ("mlir/tools/mlir-tblgen", "mlir/lib/TableGen", "mlir/lib/Tools/mlir-tblgen")
_SOURCES: Final = (":(glob)**/lib/**",)
_PLACES: Final = (":(glob)**/include/**", ":(glob)**/CMakeLists.txt", ":(glob)**/*.cmake", ":(glob)mlir/tools/**")


@dataclass(frozen=True, kw_only=True)
class _HintQuestion:
    """What every cheap stage is asked."""

    config: Config
    repository: Repository
    points: Sequence[str]
    finding: Finding
    deadline: float
    """Monotonic seconds."""


def find_hints(config: Config, repository: Repository, points: Sequence[str], finding: Finding) -> tuple[Hint, ...]:
    """The commits among ``points`` that the cheap stages hold responsible for a finding of the last one."""
    deadline = time.monotonic() + SECONDS
    question = _HintQuestion(config=config, repository=repository, points=points, finding=finding, deadline=deadline)
    for search in (_blamed, _by_preflight, _by_pickaxe, _by_place):
        hints = tuple(search(question))[:_MOST_HINTS]
        if hints:
            return hints
    return ()


def _blamed(asked: _HintQuestion) -> Iterator[Hint]:
    """What :mod:`pytest_llvmgate.upstream.blame` found when the bad end was explained."""
    sha = asked.finding.facts.get(CULPRIT, "")
    if sha in asked.points[1:]:
        yield Hint(sha=sha, why="the pickaxe")


def _by_preflight(asked: _HintQuestion) -> Iterator[Hint]:
    """Where preflight on git objects begins to see the same finding: a search of its own, seconds a commit."""
    key = (kind_of(asked.finding.kind).as_predicted, asked.finding.identifier)
    if not key[0]:
        return
    preflight = PreflightAtCommits(asked.config, asked.repository, asked.points[0])

    def sees(sha: str) -> bool:
        return any(each.key == key for each in preflight.result(sha).findings)

    try:
        sha = first_seen(asked.points, sees, asked.deadline)
    except GateError:  # a commit that this clone has no objects of: this search has no answer
        return
    if sha:
        yield Hint(sha=sha, why="preflight")


def first_seen(points: Sequence[str], sees: Callable[[str], bool], deadline: float) -> str:
    """The point from which on ``sees`` says yes, by halving; empty where it does not tell the ends apart, or is late.

    ``deadline`` is in monotonic seconds.
    """
    if not sees(points[-1]) or sees(points[0]):
        return ""
    bisection = Bisection([1.0] * (len(points) - 1))
    while (proposed := bisection.propose()) is not None and time.monotonic() < deadline:
        bisection.note(proposed, Mark.BAD if sees(points[proposed]) else Mark.GOOD)
    return points[bisection.answer.high] if bisection.is_done else ""


def _by_pickaxe(asked: _HintQuestion) -> Iterator[Hint]:
    """Commits that change how often the finding's name occurs in headers, definitions or CMake files."""
    about, pattern, places = _pickaxe(asked.finding)
    if not pattern:
        return
    for sha in _log(asked, "--pickaxe-regex", f"-S{pattern}", "--", *places):
        yield Hint(sha=sha, why=f"the pickaxe on {about!r}")


def _log(asked: _HintQuestion, *arguments: str) -> Iterator[str]:
    """The commits of the range that ``git log`` selects, in the time that is left."""
    place = asked.repository.root or asked.repository.git_dir
    blame = ChangesOfRange(Path(place), asked.points[0], asked.points[-1], deadline=asked.deadline)
    inside = set(asked.points[1:])
    yield from (sha for sha in blame.git("log", "--format=%H", blame.range, *arguments).split() if sha in inside)


def _by_place(asked: _HintQuestion) -> Iterator[Hint]:
    """Where such a failure is made, if few commits touch that: a dialect's CMake files, or the generators."""
    finding = asked.finding
    subject = kind_of(finding.kind).subject
    why, places = "what generates code", _GENERATORS
    if subject is Subject.LINK and (library := _library_of(finding.identifier)):
        directory = library[len("MLIR") :]
        why, places = f"CMake files of {directory}", (f":(glob)**/{directory}/**/CMakeLists.txt",)
    elif subject is not Subject.DECLARATION:  # a member of a class that LLVM's headers do not have is generated
        return
    found = list(_log(asked, "--", *places))
    if len(found) <= _MOST_HINTS:
        yield from (Hint(sha=sha, why=why) for sha in found)


def _pickaxe(finding: Finding) -> tuple[str, str, tuple[str, ...]]:
    """What to look for, its regular expression, and where; empty where the finding names nothing that is rare."""
    if kind_of(finding.kind).subject is Subject.LINK:
        library = _library_of(finding.identifier)
        return library, rf"\b{library}\w*" if library else "", _CMAKE_LISTS
    name = name_of(finding)
    places = (*_PLACES, *_SOURCES) if finding.layer is Layer.LLVM else _PLACES
    return name, rf"\b{re.escape(name)}\b" if name else "", places


def _library_of(identifier: str) -> str:
    """How the libraries of a namespace begin: ``X -> mlir::sparse_tensor`` lacks a ``MLIRSparseTensor...``."""
    namespace = identifier.rpartition(" -> ")[2]
    project, _, inner = namespace.partition("::")
    words = re.fullmatch(r"[a-z][a-z0-9_]{1,60}", inner.split("::")[0])
    if project not in {"mlir", "llvm"} or not words:
        return ""
    return project.upper() + "".join(part.capitalize() for part in words[0].split("_"))


def name_of(finding: Finding) -> str:
    """The last name in what the finding is about; empty where there is none that would be rare."""
    said = finding.facts.get(NAME, "")
    if _WORD.fullmatch(said):
        return said
    if kind_of(finding.kind).subject is Subject.NOTHING:  # its words are a message's
        return ""
    words = _WORD.findall(finding.identifier)
    return words[-1] if words else ""
