"""One translation unit of the copy, looked at by its own compiler: which errors, where, about what."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand
from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.follow_ons import probable, proven
from pytest_llvmgate.findings.groups import Scan
from pytest_llvmgate.findings.registry import installed_registry
from pytest_llvmgate.findings.scanner import Scanner
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain
from pytest_llvmgate.process.environment import command_environment
from pytest_llvmgate.process.run import run

_ERROR: Final = re.compile(
    r"^(?P<path>(?:[A-Za-z]:(?=[\\/]))?[^\s:][^:\n]*?)[:(](?P<line>\d{1,9})(?:[:,]\d+)?\)?: "
    r"(?P<fatal>fatal |catastrophic )?error(?: [A-Z#]*\d[\w-]*)?: (?P<message>.*)$",
    re.MULTILINE,
)
"""As GCC and clang print it, NVCC (``a.cu(12): error: ...``), and MSVC (``a.cpp(12,3): error C2039: ...``)."""
_SECONDS: Final = 300.0
_LEAST: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class ErrorPlace:
    """A line of a file of the copy."""

    path: str
    """Relative to the copy's top."""
    line: int
    column: int = 0
    """1-based; 0 where it is not known."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One error of a unit, with the place in the downstream's code that it comes from."""

    kind: str
    identifier: str
    message: str
    facts: dict[str, str] = field(default_factory=dict)
    about: str = ""
    """Everything that the compiler says of it: the message and its notes."""
    place: ErrorPlace | None = None
    """``None``: no file of the downstream leads there."""
    is_here: bool = True
    """The compiler itself points at the place, rather than at a file that it came to from there."""
    is_follow_on: bool = False
    """It most likely goes away with another one."""

    @property
    def cause(self) -> tuple[str, str]:
        """Of which finding it is a place."""
        return (self.kind, self.identifier)


@dataclass(frozen=True, kw_only=True)
class CompileError:
    """An error as it was printed."""

    path: str
    """Relative to the copy's top; absolute for a file that lies elsewhere."""
    line: int
    code: str
    """The text of the line: by it, an error is known again when its line has moved."""
    message: str

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same error, wherever its line is now."""
        return (self.path, self.code, self.message)


@dataclass(frozen=True, kw_only=True)
class UnitCheck:
    """What the compiler said."""

    passed: bool
    troubles: tuple[Trouble, ...] = ()
    errors: tuple[CompileError, ...] = ()
    is_cut: bool = False
    """The compiler gave up at an include that it did not find."""
    is_stopped: bool = False
    """The compiler came to no end, or died without a word: what it did not say means nothing."""
    output: str = ""


def without_launcher(command: CompileCommand, compilers: Collection[str]) -> CompileCommand:
    """The command from its compiler on: what caches or shares objects has none to do here."""
    at = next((at for at, word in enumerate(command.arguments) if word in compilers), 0)
    return replace(command, arguments=command.arguments[at:])


def check_command(words: Sequence[str], directory: Path, copy: WorkingCopy, until: float) -> UnitCheck:
    """Run a command that says of a file of the copy what is wrong with it, ``until`` (of ``time.monotonic()``).

    Raises ``OSError`` where no log fits.
    """
    log = copy.root.parent / f"unit-{threading.get_ident()}.log"
    log.unlink(missing_ok=True)
    seconds = min(_SECONDS, max(_LEAST, until - time.monotonic()))
    done = run(words, cwd=directory, env={**command_environment(), "LC_ALL": "C"}, log=log, timeout=seconds)
    check = _read(read_plain(log, LARGEST_MADE), copy, directory, passed=done.ok)
    return replace(check, is_stopped=done.timed_out or not (check.passed or check.errors))


def _read(output: bytes, copy: WorkingCopy, directory: Path, *, passed: bool) -> UnitCheck:
    text = output.decode("utf-8", "replace")
    if passed:
        return UnitCheck(passed=True, output=text)
    scan = Scanner(installed_registry().parsers).run(iter([output]))
    events = _events_of(scan)
    proven.drop(scan)
    probable.drop(scan)
    causes = {id(event) for event in _events_of(scan)}
    known = {path: copy.path_of(path, directory) for path in _paths_of(events)}
    return UnitCheck(
        passed=False,
        troubles=tuple(
            _trouble(event, known, f"{copy.root}/", is_follow_on=id(event) not in causes) for event in events
        ),
        errors=tuple(_errors(text, copy, directory)),
        is_cut=any(match["fatal"] for match in _ERROR.finditer(text)),
        output=text,
    )


def _events_of(scan: Scan) -> list[Event]:
    return [event for group in scan.groups.values() for event in group.sites.values()]


def _paths_of(events: list[Event]) -> set[str]:
    return {place.path for event in events for place in (*event.trail, *event.includes)}


def _trouble(event: Event, known: Mapping[str, str], root: str, *, is_follow_on: bool) -> Trouble:
    # What is refused in a generated header belongs to the file of ours that includes it.
    ours = next((place for place in (*event.trail, *event.includes) if known.get(place.path)), None)
    place = (
        ErrorPlace(path=known[ours.path], line=ours.line or 1, column=ours.column or 0) if ours is not None else None
    )
    return Trouble(
        kind=event.kind,
        identifier=event.identifier.replace(root, ""),  # a lambda is called by its place
        message=event.message,
        facts=dict(event.facts),
        about="\n".join((event.message, *event.detail)),
        place=place,
        is_here=ours is not None and ours is event.place,
        is_follow_on=is_follow_on,
    )


def _errors(text: str, copy: WorkingCopy, directory: Path) -> Iterator[CompileError]:
    sources: dict[str, list[str]] = {}
    for match in _ERROR.finditer(text):
        path = copy.path_of(match["path"], directory)
        if path and path not in sources:
            sources[path] = copy.read(path).split("\n")
        line = int(match["line"])
        code = sources[path][line - 1].strip() if path and line <= len(sources[path]) else match["line"]
        yield CompileError(path=path or match["path"], line=line, code=code, message=match["message"])
