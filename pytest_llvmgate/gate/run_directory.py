"""The run directory ``.llvmgate/`` in the downstream: where everything lies, and who may work in it.

It is the gate's own, or it is refused: what came with the tree (links that lead elsewhere, records of runs that never
were) is neither followed nor believed nor removed.
"""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import dumps, write_atomically
from pytest_llvmgate.config.user_cache import CACHE_VARIABLE, cache_root
from pytest_llvmgate.errors import BusyError, GateError, RepositoryError
from pytest_llvmgate.gate.seal import load_sealed, own_key, read_regular, write_sealed
from pytest_llvmgate.model import LLVM_GROUP, PREFLIGHT_GROUP, RUN_DIRECTORY, StageResult
from pytest_llvmgate.printable import shell_word

DIRECTORY_NAME: Final = RUN_DIRECTORY
_SHORT: Final = 12
_DEPTH: Final = 3
"""Levels below the run directory at which the gate alone makes files: candidates, groups, and what is in a group."""
_OF_THE_GATE: Final = ("logs", "records")
"""Directories of a group in which it does, too; ``build`` and ``install`` are the build's."""
_WITH_LOCKS: Final = (LLVM_GROUP, PREFLIGHT_GROUP)
"""Groups with a directory per flavour, for its lock."""
_PIPE: Final = "cores"
_WORDS: Final = 4096
"""Bytes of the file that says who is at work."""


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

    def shown_log(self, group: str, stage: str) -> str:
        """The same as reports show it; empty where nothing was written."""
        log = self.log(group, stage)
        return self.relative(log) if log.is_file() else ""

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
        return self.directory / _PIPE

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

        Raises :class:`RepositoryError` when it cannot be written, or is not the gate's own.
        """
        self.prepare_directory()
        try:
            self.run.mkdir(parents=True, exist_ok=True)
            self.progress.mkdir(exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def prepare_directory(self) -> None:
        """The same without a place for the candidate, for what belongs to none. Raises as :meth:`prepare` does."""
        try:
            self.refuse_foreign()
            self.directory.mkdir(parents=True, exist_ok=True)
            ignore = self.directory / ".gitignore"
            if not ignore.is_file():
                write_atomically(ignore, "# Made by pytest-llvmgate. Safe to delete, with all that is in here.\n*\n")
            own_key()
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> RepositoryError:
        return RepositoryError(
            f"the run directory cannot be written: {error.strerror or error}",
            where=str(self.directory),
            hint="the gate builds below the downstream's root; make room there, or make it writable",
        )

    def refuse_foreign(self) -> None:
        """Raise :class:`RepositoryError` for a run directory that is not the gate's own."""
        _refuse_tracked_cache(self.root)
        if not os.path.lexists(self.directory):
            return
        for path, status in _gates_files(self.directory, _DEPTH):
            if status.st_uid != os.geteuid():
                raise _foreign(f"expected files of user {os.geteuid()}, found one of user {status.st_uid}", path)
            if stat.S_ISLNK(status.st_mode):
                raise _foreign(f"expected no link, found one to {os.readlink(path)}", path)  # noqa: PTH115
            is_plain = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
            if not is_plain and not (stat.S_ISFIFO(status.st_mode) and path.name == _PIPE):
                raise _foreign("expected a file or a directory, found neither", path)
        if tracked := _tracked(self.root, self.directory):
            raise RepositoryError(
                f"the run directory is the gate's own, and git tracks {len(tracked)} files in it: {tracked[0]}",
                where=str(self.directory),
                hint=f"git rm -r --cached {DIRECTORY_NAME}; what a change brings along in there is never used",
            )

    def read_record(self, group: str, stage: str) -> StageResult | None:
        """The recorded result; None where there is none, only a torn one, or one that this user's gate did not make."""
        return load_sealed(StageResult, self.root, self.record(group, stage))

    def write_record(self, result: StageResult) -> None:
        """Record a result, atomically."""
        write_sealed(self.root, self.record(result.group, result.stage), dumps(result))

    def exclusive(self, group: str, patience: float = -1.0) -> AbstractContextManager[bool]:
        """Hold the lock of a group: the workers of one session take turns at it.

        Tells whether it is held: it is not when it did not become free within ``patience`` seconds (negative: however
        long it takes).
        """
        return lock(self.group(group) / "lock", patience)


@contextmanager
def lock(path: Path, patience: float = 0.0) -> Iterator[bool]:
    """Hold a lock, if it becomes free within so many seconds (negative: however long it takes); tells whether it is
    held.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    own = FileLock(path)
    with suppress(Timeout):
        own.acquire(timeout=patience)
    try:
        yield own.is_locked
    finally:
        own.release()


@contextmanager
def take_checkout(workspace: Workspace) -> Iterator[None]:
    """Hold the lock of the whole checkout for one session. Raises :class:`BusyError` when another gate holds it."""
    path = workspace.directory / "lock"
    owner = workspace.directory / "owner"
    with lock(path) as is_held:
        if not is_held:
            raise BusyError(
                f"another gate is at work in this checkout: {_read(owner) or 'unknown process'}",
                where=str(path),
                hint="wait for it, or use another checkout (git worktree add)",
            )
        write_atomically(owner, f"process {os.getpid()} on {socket.gethostname()}, candidate {workspace.candidate}\n")
        yield


def _read(path: Path) -> str:
    return (read_regular(path, _WORDS) or "").strip()


def _foreign(what: str, path: Path) -> RepositoryError:
    return RepositoryError(
        f"the run directory is not the gate's own: {what}",
        where=str(path),
        hint=f"look at what it is, then remove {DIRECTORY_NAME}/: the gate makes it anew",
    )


def _gates_files(directory: Path, depth: int) -> Iterator[tuple[Path, os.stat_result]]:
    """Whatever lies where the gate alone makes files, links not followed. Raises ``OSError``."""
    status = directory.lstat()
    yield directory, status
    if not stat.S_ISDIR(status.st_mode):
        return
    with os.scandir(directory) as entries:
        for entry in list(entries):
            path = Path(entry.path)
            deeper = depth > 1 or entry.name in _OF_THE_GATE or directory.name in _WITH_LOCKS
            if deeper and entry.is_dir(follow_symlinks=False):
                yield from _gates_files(path, depth - 1)
            else:
                yield path, entry.stat(follow_symlinks=False)


def _refuse_tracked_cache(root: Path) -> None:
    """Raise :class:`RepositoryError` where the cache lies in the tree and a change has brought LLVMs along in it."""
    try:
        cache = cache_root() / "entries"
    except GateError:  # told by whoever needs one
        return
    if cache.is_relative_to(root.resolve()) and (tracked := _tracked(root.resolve(), cache)):
        raise RepositoryError(
            f"the cache of LLVMs lies in the tree, and git tracks {len(tracked)} files in it: {tracked[0]}",
            where=str(cache),
            hint=f"git rm -r --cached {shell_word(str(cache))}; or choose another directory with {CACHE_VARIABLE}=DIR",
        )


def _tracked(root: Path, directory: Path) -> list[str]:
    """What git tracks in a directory of the tree, in whatever letter case; nothing where there is no git."""
    from pytest_llvmgate.git.repository import Repository

    try:
        repository = Repository.open(root)
        own = repository.relative(directory).casefold()
    except RepositoryError:
        return []
    paths = repository.names("ls-files", "-z", "--full-name")
    return [path for path in paths if path.casefold() == own or path.casefold().startswith(f"{own}/")]
