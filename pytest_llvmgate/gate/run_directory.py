"""The run directory ``.llvmgate/`` in the downstream: where everything lies, and who may work in it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_llvmgate.codec import dumps, loads, write_atomically
from pytest_llvmgate.errors import BusyError, RepositoryError
from pytest_llvmgate.model import StageResult

if TYPE_CHECKING:
    from filelock import BaseFileLock

DIRECTORY_NAME: Final = ".llvmgate"
_SHORT: Final = 12


@dataclass(frozen=True)
class Workspace:
    """Paths below the run directory of one downstream, for one candidate."""

    root: Path
    """The downstream's root."""
    candidate: str
    """Full SHA."""

    @property
    def directory(self) -> Path:
        """``.llvmgate``."""
        return self.root / DIRECTORY_NAME

    @property
    def run(self) -> Path:
        """Everything of this candidate."""
        return self.directory / self.candidate[:_SHORT]

    def group(self, name: str) -> Path:
        """The directory of a configuration, of ``pins`` or of ``llvm``."""
        return self.run / name

    def log(self, group: str, stage: str) -> Path:
        """The complete log of a stage."""
        return self.group(group) / "logs" / f"{stage}.log"

    def record(self, group: str, stage: str) -> Path:
        """The record of a stage."""
        return self.group(group) / "records" / f"{stage}.json"

    @property
    def objects(self) -> Path:
        """Where the configurations tell each other of their objects: the same place for every state of the sources."""
        return self.run / "objects"

    @property
    def progress(self) -> Path:
        """Where the processes of a session say what they are doing."""
        return self.directory / "progress"

    def stop(self, session: str) -> Path:
        """Where the controller of a session tells its workers why it ends before its time."""
        return self.progress / f"stop-{session}"

    @property
    def core_pool(self) -> Path:
        """The named pipe of the session's jobserver."""
        return self.directory / "cores"

    @property
    def verdict(self) -> Path:
        """The verdict of the last session with this candidate."""
        return self.run / "verdict.json"

    def relative(self, path: Path) -> str:
        """A path as reports show it: relative to the downstream's root where it lies below."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return str(path)

    def prepare(self) -> None:
        """Make the run directory, ignored by git without touching the downstream's own .gitignore.

        Raises :class:`RepositoryError` when it cannot be written.
        """
        try:
            self.run.mkdir(parents=True, exist_ok=True)
            self.progress.mkdir(exist_ok=True)
            ignore = self.directory / ".gitignore"
            if not ignore.is_file():
                write_atomically(ignore, "# Made by pytest-llvmgate. Safe to delete, with all that is in here.\n*\n")
        except OSError as error:
            raise RepositoryError(
                f"the run directory cannot be written: {error.strerror or error}",
                where=str(self.directory),
                hint="the gate builds below the downstream's root; make room there, or make it writable",
            ) from error

    def read_record(self, group: str, stage: str) -> StageResult | None:
        """The recorded result; None where there is none, or only a torn one."""
        try:
            return loads(StageResult, self.record(group, stage).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def write_record(self, result: StageResult) -> None:
        """Record a result, atomically."""
        write_atomically(self.record(result.group, result.stage), dumps(result))

    @contextmanager
    def exclusive(self, group: str, patience: float = -1.0) -> Iterator[bool]:
        """Hold the lock of a group: the workers of one session take turns at it.

        Tells whether it is held: it is not when it did not become free within ``patience`` seconds (negative: however
        long it takes).
        """
        from filelock import FileLock, Timeout

        path = self.group(group) / "lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            held = FileLock(path).acquire(timeout=patience)
        except Timeout:
            yield False
            return
        with held:
            yield True


def take_checkout(workspace: Workspace) -> BaseFileLock:
    """Take the lock of the whole checkout for one session; release it at the session's end.

    Raises :class:`BusyError` when another gate holds it.
    """
    from filelock import FileLock, Timeout

    path = workspace.directory / "lock"
    owner = workspace.directory / "owner"
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BusyError(
            f"another gate is at work in this checkout: {_read(owner) or 'unknown process'}",
            where=str(path),
            hint="wait for it, or use another checkout (git worktree add)",
        ) from None
    write_atomically(owner, f"process {os.getpid()} on {socket.gethostname()}, candidate {workspace.candidate}\n")
    return lock


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
