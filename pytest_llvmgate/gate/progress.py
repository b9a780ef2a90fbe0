"""What every process of a session is doing right now, told through files: workers may be processes of their own."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import T, dumps, loads, write_atomically
from pytest_llvmgate.gate.seal import read_regular
from pytest_llvmgate.model import Edges, Outcome, StageResult
from pytest_llvmgate.printable import printable

_OWN: Final = re.compile(r"\d+\.(?:json|causes)|stop-[0-9a-f]{32}")
"""Names of files that sessions make here."""
_FAILED: Final = re.compile(rb"^FAILED: (?:\[code=\d+\] )?(?:\S*/)?([^/\s]+)", re.MULTILINE)
_MOST: Final = 1 << 16
_FEW_EDGES: Final = 10
_FEW: Final = 0.1
"""The part of its edges by which a build's pace can be told."""
_MOST_CAUSES: Final = 100
_LONG: Final = 120
"""Seconds without an edge that are worth a word: its units may wait until another configuration has compiled them."""
_INTERVAL: Final = 0.2
"""Seconds between two writes, so that a fast build does not spend its time telling about itself."""


@dataclass(frozen=True, kw_only=True)
class Activity:
    """A stage that is running."""

    group: str
    stage: str
    started: float
    """Seconds since the epoch."""
    process: int
    edges: Edges | None = None
    note: str = ""
    """What it waits for, if it waits."""
    moved: float = 0.0
    """When an edge was done last."""
    compiles: Edges | None = None
    """The edges that compile, where it is known how many there are."""
    compiling: float = 0.0
    """When the first of them was done."""
    last_failed: str = ""
    """What an edge would have made that failed, where no cause is told of it."""

    @property
    def is_paced(self) -> bool:
        """Whether what has been compiled tells how long the rest will take; else what is cheap has come first."""
        return self.compiles is not None and self.compiles.finished > _FEW_EDGES

    def seconds_left(self, now: float) -> float | None:
        """By how far its ninja has come; None as long as that tells little."""
        if self.compiles is not None and self.is_paced:
            # A dry run foretells too many: ninja drops those whose generated sources came out as they were.
            most = self.edges.not_reached if self.edges is not None else self.compiles.not_reached
            return (now - self.compiling) * min(most, self.compiles.not_reached) / (self.compiles.finished - 1)
        if self.edges is None or self.edges.finished < max(_FEW_EDGES, self.edges.total * _FEW):
            return None
        return (now - self.started) * self.edges.not_reached / self.edges.finished

    def __str__(self) -> str:
        seconds = int(max(0.0, time.time() - self.started))
        done = f" {self.edges.finished}/{self.edges.total}" if self.edges else ""
        which = f": {self.last_failed}" if self.last_failed else ""
        failed = f" ({self.edges.failed} failed{which})" if self.edges and self.edges.failed else ""
        still = int(time.time() - self.moved) if self.moved else 0
        words = self.note or (f"no edge done for {still // 60} min" if still >= _LONG else "")
        note = f" [{words}]" if words else ""
        return f"{self.group} {self.stage}{done}{failed} {seconds // 60}:{seconds % 60:02d}{note}"


class ProgressReporter:
    """Tells what this process does. Failing to tell never fails a stage."""

    def __init__(self, directory: Path, *, of: str = "") -> None:
        """``of`` says whose stages these are, if not the candidate's: their failures are no news of it."""
        self._of = of
        self._path = directory / f"{os.getpid()}.json"
        self._stack: list[Activity] = []
        self._written = 0.0
        self._causes: list[str] = []

    @contextmanager
    def stage(self, group: str, stage: str) -> Iterator[None]:
        """While a stage runs. Nests: a stage may run its prerequisites."""
        self._stack.append(Activity(group=f"{self._of}{group}", stage=stage, started=time.time(), process=os.getpid()))
        self._write(force=True)
        try:
            yield
        except BaseException:  # the session is ended: what it was at stays to be told
            if self._stack:
                self._write(force=True)
                self._stack.clear()
            raise
        self._stack.pop()
        self._write(force=True)

    def edges(self, edges: Edges, compiles: Edges | None = None) -> None:
        """The running stage's ninja has come this far."""
        if self._stack:
            last, now = self._stack[-1], time.time()
            before = last.edges
            has_moved = before is None or (before.finished, before.failed) != (edges.finished, edges.failed)
            self._stack[-1] = replace(
                last,
                edges=edges,
                note="",  # who builds, waits no more
                moved=now if has_moved else last.moved,
                compiles=compiles or last.compiles,
                compiling=last.compiling or (now if compiles and compiles.finished else 0.0),
            )
            self._write(force=False)

    def failed(self, said: bytes) -> None:
        """An edge of the running stage's ninja has failed, which need not fail the stage: a library is left out."""
        if self._stack and (match := _FAILED.search(said)):
            name = printable(match[1].decode("utf-8", "replace"))
            self._stack[-1] = replace(self._stack[-1], last_failed=name)

    def note(self, text: str) -> None:
        """The running stage waits for something."""
        if self._stack:
            self._stack[-1] = replace(self._stack[-1], note=text)
            self._write(force=False)

    def cause(self, text: str) -> None:
        """The running stage will fail, and this is why, or a part of it."""
        if self._stack and not self._of and len(self._causes) < _MOST_CAUSES:
            self._causes.append(f"{self._stack[-1].group} {self._stack[-1].stage}: {text}")
            with suppress(OSError):
                write_atomically(self._path.with_suffix(".causes"), dumps(self._causes))

    def anybody_else(self) -> bool:
        """Whether another process of the session is at work, rather than waiting or gone."""
        others = [each for each in activities(self._path.parent) if each.process != os.getpid()]
        return any(not each.note and _is_alive(each.process) for each in others)

    def _write(self, *, force: bool) -> None:
        now = time.monotonic()
        if not force and now - self._written < _INTERVAL:
            return
        self._written = now
        with suppress(OSError):
            if self._stack:
                write_atomically(self._path, dumps(self._stack[-1]))
            else:
                self._path.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def activities(directory: Path) -> tuple[Activity, ...]:
    """What the processes of the session are doing, oldest first."""
    return tuple(sorted(_written(Activity, directory, "*.json"), key=lambda activity: activity.started))


def causes(directory: Path) -> tuple[str, ...]:
    """What the processes of the session can already say of failures."""
    return tuple(cause for each in _written(list[str], directory, "*.causes") for cause in each)


def _written(kind: type[T], directory: Path, names: str) -> Iterator[T]:
    for path in sorted(directory.glob(names)):
        with suppress(ValueError, RecursionError):
            if _OWN.fullmatch(path.name) and (text := read_regular(path, _MOST)):
                yield loads(kind, text)


def unfinished(directory: Path, results: Iterable[StageResult]) -> tuple[str, ...]:
    """What was said already of stages that the session's end cut short, each cause once; and how far they have come."""
    done = {f"{each.group} {each.stage}" for each in results if each.outcome is not Outcome.SKIPPED}
    cut = {f"{each.group} {each.stage}": each.edges for each in activities(directory) if each.edges is not None}
    reached = (
        f"{stage} was ended at edge {edges.finished} of {edges.total}: the next run takes it up"
        for stage, edges in cut.items()
        if stage not in done
    )
    stages: dict[str, list[str]] = {}
    for stage, _, cause in (line.partition(": ") for line in causes(directory)):
        if stage not in done:
            stages.setdefault(cause, []).append(stage)
    failed = (f"{', '.join(names)}, not at its end, has failed: {cause}" for cause, names in stages.items())
    return (*reached, *failed)


def forget(directory: Path) -> None:
    """Remove what earlier sessions left: one was killed, another ended before its time."""
    for path in directory.glob("*"):
        if _OWN.fullmatch(path.name):
            path.unlink(missing_ok=True)
