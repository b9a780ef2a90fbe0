"""Finding what a test started, wherever it has gone: by a mark in its environment, which all descendants inherit."""

from __future__ import annotations

import os
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = "LLVMGATE_TEST_MARK"


class Marked:
    """The processes that carry one test's mark."""

    def __init__(self) -> None:
        self.mark = f"{_NAME}={uuid.uuid4()}"

    @property
    def env(self) -> dict[str, str]:
        """The test's environment, with the mark."""
        name, _, value = self.mark.partition("=")
        return {**os.environ, name: value}

    def alive(self) -> list[int]:
        """Every process with the mark that has not ended. A zombie has no environment any more."""
        return [int(path.parent.name) for path in of_every_process("environ") if self._carries(path)]

    def _carries(self, environ: Path) -> bool:
        with suppress(OSError):
            return self.mark.encode() in environ.read_bytes().split(b"\0")
        return False

    def gone(self, *, within: float = 0.0) -> bool:
        """Whether all of them end within so many seconds."""
        return wait_for(lambda: not self.alive(), within)

    def end(self) -> None:
        """Kill what is left."""
        for pid in self.alive():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def marked() -> Iterator[Marked]:
    """A mark whose bearers do not survive the test."""
    mark = Marked()
    try:
        yield mark
    finally:
        mark.end()


def of_every_process(name: str) -> Iterator[Path]:
    """The file ``name`` of each process there is, which may end before it is opened.

    Not ``glob("[0-9]*/NAME")``: that asks whether the file is there, and fails where a process ends in that moment.
    """
    return (process / name for process in Path("/proc").glob("[0-9]*"))


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition comes true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def zombies() -> list[int]:
    """Children of this process that have ended and were not waited for."""
    found = []
    for path in of_every_process("stat"):
        with suppress(OSError):
            state, parent = path.read_text(errors="replace").rpartition(")")[2].split()[:2]
            if state == "Z" and int(parent) == os.getpid():
                found.append(int(path.parent.name))
    return found
