"""One failing command of the bad end's build, tried on the headers and ``.td`` files of other commits.

A unit's syntax, or one run of mlir-tblgen, needs no LLVM of its own commit: LLVM's include directories are in git's
objects, and what a build generates besides (``.inc`` files, configured headers) is taken from the bad end's install.
That mixture is right for most changes and wrong for some, so it only proposes, and only where it tells the two ends
apart. Every failure of this stage, for whatever reason, is a hint less.
"""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from pytest_llvmgate.bisect.hints import first_seen
from pytest_llvmgate.bisect.weights import Hint
from pytest_llvmgate.cmake.compile_commands import CompileCommand, chained, read_compile_commands, shell_words
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError, RepositoryError
from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.diagnose import diagnose
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.git.repository import Repository, checked_path
from pytest_llvmgate.model import Finding
from pytest_llvmgate.preflight.syntax_check import syntax_command
from pytest_llvmgate.preflight.tablegen import without_outputs
from pytest_llvmgate.process.run import run
from pytest_llvmgate.scratch import scratch_directory
from pytest_llvmgate.stages.build_tools import build_environment

SECONDS: Final = 60.0
"""For the whole stage."""
_COMMAND_SECONDS: Final = 30.0
_MOST_COMMANDS: Final = 3
"""Failing commands that are tried at the bad end, until one shows the finding."""
_STAGES: Final = frozenset({"build", "syntax"})
_TREES: Final = ("llvm/include", "mlir/include")
_MOST_OF_LOG: Final = 64 << 20
"""Bytes of a log that are read for failing commands."""
_SEPARATED: Final = ("-isystem", "-iquote", "-idirafter")


@dataclass(frozen=True, kw_only=True)
class CompileAttempt:
    """A command that failed at the bad end, in the form that leaves nothing behind."""

    directory: Path
    original: str
    """As ninja printed it, or would have."""
    output: str
    """What it would have made."""
    command: tuple[str, ...]
    why: str
    writes: bool = False
    """It cannot do without an output, which has to be named by ``-o``."""


class _NoAnswer(Exception):  # noqa: N818 - no error: the question stays open
    """Time is up, or a command did not end by itself."""


def find_overlay_hints(
    config: Config,
    repository: Repository,
    points: Sequence[str],
    finding: Finding,
    node: str,
    *,
    roots: Sequence[Path],
    ninja: str = "ninja",
) -> tuple[Hint, ...]:
    """The commit among ``points`` from which on a failing command of the last one's build shows its finding.

    ``node`` is where it shows, as ``group::stage``; ``roots`` are the LLVM and MLIR installs of the last commit.
    """
    group, _, stage = node.partition("::")
    if stage not in _STAGES or not roots or len(points) < 3:
        return ()
    workspace = Workspace(config.root, points[-1])
    build, log = workspace.group(group) / "build", workspace.log(group, stage)
    deadline = time.monotonic() + SECONDS
    try:
        attempts = list(failing_commands(config.root, build, log, finding, ninja=ninja))[:_MOST_COMMANDS]
        if not attempts or _trees(repository, points[0]) == _trees(repository, points[-1]):
            return ()
        with scratch_directory("overlay") as scratch:
            overlay = Overlay(repository, points[-1], roots, scratch)
            context = DiagnosisContext(
                stage=stage, source=config.root, build=build, components=config.named_components,
                prefixes=overlay.prefixes, configuration=group, exit_code=1,
            )  # fmt: skip
            for attempt in attempts:
                trial = Trial(overlay, attempt, context, deadline)
                if sha := first_seen(points, partial(trial.shows, finding), deadline):
                    return (Hint(sha=sha, why=attempt.why),)
    except (GateError, OSError, _NoAnswer):  # no objects, no build, no compiler, no time: a hint less
        pass
    return ()


# -- the failing commands -----------------------------------------------------------------------------------------


def failing_commands(
    root: Path, build: Path, log: Path, finding: Finding, *, ninja: str = "ninja"
) -> Iterator[CompileAttempt]:
    """The commands of a build that failed: of the units that the finding names first, then of others in the log.

    Raises ``ToolError`` where the build's compile commands cannot be read.
    """
    failed = list(_failed(log))
    named = {str(root / location.path) for location in finding.locations}
    units = {str(unit.file): unit for unit in read_compile_commands(build, ninja=ninja)}
    inside = [word for _, command in failed for word in shell_words(command) if word in units]
    for file in dict.fromkeys([*(file for file in units if file in named), *inside]):
        yield _of_unit(units[file])
    yield from (attempt for output, command in failed if (attempt := _of_tablegen(build, output, command)))


def _failed(log: Path) -> Iterator[tuple[str, str]]:
    """Output and command of every edge that ninja reports as failed: the command is on the line after."""
    with log.open("rb") as stream:
        lines = iter(stream.read(_MOST_OF_LOG).decode("utf-8", "replace").splitlines())
    for line in lines:
        if line.startswith("FAILED: "):
            outputs = [word for word in line.split()[1:] if not word.startswith("[code=")]  # ninja 1.13 says the code
            yield next(iter(outputs), ""), next(lines, "")


def _of_unit(unit: CompileCommand) -> CompileAttempt:
    return CompileAttempt(
        directory=unit.directory,
        original=shlex.join(unit.arguments),
        output=str(unit.output or unit.file.with_suffix(".o").name),
        command=tuple(syntax_command(unit, warnings=True)),
        why=f"the syntax of {unit.file.name}",
    )


def _of_tablegen(build: Path, output: str, command: str) -> CompileAttempt | None:
    """The run of a tablegen within an edge's command, which CMake begins with ``cd DIRECTORY &&``."""
    for directory, words in chained(command, build):
        if Path(words[0]).name.endswith("-tblgen"):
            source = next((word for word in words if word.endswith(".td")), "")
            kept = tuple(without_outputs(words))
            why = f"tablegen of {Path(source).name}"
            return CompileAttempt(
                directory=directory, original=command, output=output, command=kept, why=why, writes=True
            )
    return None


# -- the include directories of a commit --------------------------------------------------------------------------


class Overlay:
    """LLVM's include directories at one commit after the other, in front of what the bad end's install generated."""

    def __init__(self, repository: Repository, bad: str, roots: Iterable[Path], scratch: Path) -> None:
        """Raises ``GateError`` where the clone has no objects of ``bad``, ``OSError`` where a link cannot be made."""
        self.scratch = scratch
        self.repository = repository
        self._there: dict[str, str] = {}
        self._generated: dict[Path, Path] = {}
        in_git = {path.split("/include/", 1)[1] for path in _listing(repository, bad)}
        for number, root in enumerate(dict.fromkeys(Path(os.path.realpath(root)) for root in roots)):
            place = scratch / f"generated-{number}" / "include"
            _link_others(root / "include", place, in_git)
            self._generated[root / "include"] = place

    @property
    def prefixes(self) -> tuple[Path, ...]:
        """What stands for LLVM's installs."""
        made = [place.parent for place in self._generated.values()]
        return (*(self.scratch / tree.split("/", maxsplit=1)[0] for tree in _TREES), *made)

    def move_to(self, sha: str) -> None:
        """Make the directories those of ``sha``. Raises ``GateError`` where the clone does not have all of it."""
        wanted = _listing(self.repository, sha)
        for path in self._there.keys() - wanted.keys():
            (self.scratch / path).unlink()
            del self._there[path]
        other = [path for path, blob in wanted.items() if self._there.get(path) != blob]
        for path, answer in zip(other, self.repository.objects(wanted[path] for path in other), strict=True):
            if answer is None:
                raise RepositoryError(f"the clone has no {path} of {sha[:12]}, or it is too large")
            file = self.scratch / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(answer.data)
            self._there[path] = wanted[path]

    def applied(self, words: Iterable[str], directory: Path) -> Iterator[str]:
        """A command with these directories in the place of the installs'."""
        stream = iter(words)
        for word in stream:
            flag = next((flag for flag in (*_SEPARATED, "-I") if word.startswith(flag)), "")
            if not flag:
                yield word
                continue
            value = word[len(flag) :] or next(stream, "")
            for place in self._places(value, directory):
                # mlir-tblgen and all compilers take -I in one word, and some compilers the others only in two.
                yield from (f"-I{place}",) if flag == "-I" else (flag, place)

    def _places(self, value: str, directory: Path) -> tuple[str, ...]:
        generated = self._generated.get(Path(os.path.realpath(directory / value)))
        if generated is None:
            return (value,)
        return (*(str(self.scratch / tree) for tree in _TREES), str(generated))


def _trees(repository: Repository, sha: str) -> tuple[str, ...]:
    """What a commit's include directories are, without reading them."""
    found = repository.entries(_TREES, commit=sha)
    return tuple(found[tree].sha if tree in found else "" for tree in _TREES)


def _listing(repository: Repository, sha: str) -> Mapping[str, str]:
    """Path to blob of all regular files of the include directories."""
    return {checked_path(path): blob for path, blob in repository.blobs(sha, *_TREES).items()}


def _link_others(include: Path, place: Path, known: set[str]) -> None:
    """Links in ``place`` to all files of an install's ``include`` but the ``known``."""
    place.mkdir(parents=True)
    for file in include.rglob("*"):
        name = file.relative_to(include)
        if name.as_posix() not in known and file.is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).symlink_to(file)


# -- whether it shows ---------------------------------------------------------------------------------------------


@dataclass
class Trial:
    """Runs one command on the include directories of commits; those that have the same ones are asked once."""

    _overlay: Overlay
    _attempt: CompileAttempt
    _context: DiagnosisContext
    _deadline: float
    """Monotonic seconds."""
    _known: dict[tuple[str, ...], bool] = field(default_factory=dict)

    def shows(self, finding: Finding, sha: str) -> bool:
        """Whether the finding shows at a commit. Raises ``GateError``, ``OSError`` or :class:`_NoAnswer`."""
        trees = _trees(self._overlay.repository, sha)
        if trees not in self._known:
            self._overlay.move_to(sha)
            self._known[trees] = any(each.key == finding.key for each in self._findings())
        return self._known[trees]

    def _findings(self) -> tuple[Finding, ...]:
        attempt, log = self._attempt, self._overlay.scratch / "log"
        # The words of a build around it, so that the diagnosis knows whose edge it is.
        log.write_text(f"[1/1] Making {attempt.output}\nFAILED: {attempt.output}\n{attempt.original}\n", "utf-8")
        seconds = min(_COMMAND_SECONDS, self._deadline - time.monotonic())
        if seconds <= 0:
            raise _NoAnswer
        command = [*self._overlay.applied(attempt.command, attempt.directory)]
        command += ["-o", str(self._overlay.scratch / "made")] if attempt.writes else []
        done = run(command, cwd=attempt.directory, env=build_environment({}), log=log, timeout=seconds)
        if done.timed_out or done.returncode < 0:
            raise _NoAnswer
        if done.ok:
            return ()
        with log.open("a", encoding="utf-8") as stream:
            stream.write("ninja: build stopped: subcommand failed.\n")
        return diagnose(log, context=self._context).findings
