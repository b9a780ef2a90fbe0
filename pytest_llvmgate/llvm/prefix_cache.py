"""The machine's cache of LLVM installs: each made once, behind a lock, and whole or not there at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_llvmgate.codec import dumps, loads, write_atomically
from pytest_llvmgate.config.user_cache import CACHE_VARIABLE
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.manifest import MARKER, damage, write_manifest
from pytest_llvmgate.plain_file import read_plain, text_of

if TYPE_CHECKING:
    from filelock import FileLock

TRASH: Final = "trash"
"""Directory of what is being removed."""
BUILD_FILE: Final = "llvmgate-build.json"
"""In a build tree of the cache: what is being built. Its time is that of the last attempt."""
URL_FILE: Final = "llvmgate-url.txt"
"""In a repository of fetched commits: where they come from. Its time is that of the last use."""
_LATEST: Final = 1e11
"""Seconds since the epoch: the year 5138."""
_LOCK_POLL_SECONDS: Final = 0.2
_NAME_SECONDS: Final = 5.0
"""How long a waiter gives whoever has just taken a lock to write who it is."""


@dataclass(frozen=True, kw_only=True)
class EntryInfo:
    """What an entry says of itself."""

    key: str
    identity: Mapping[str, str] = field(default_factory=dict)
    """Everything that the key was made from."""
    made: float = 0.0
    """Seconds since the epoch."""
    duration: float = 0.0
    """Seconds that it took to make."""
    manifest: str = ""
    """SHA-256 of the manifest; empty before there is one."""


@dataclass(frozen=True, kw_only=True)
class CachedLlvm:
    """A whole entry of the cache."""

    path: Path
    info: EntryInfo
    hit: bool
    """It was there already."""


def entry_key(identity: Mapping[str, str]) -> str:
    """A readable, collision-free name for an identity: supplier, SHA and flavour in clear, all of it in the digest."""
    digest = hashlib.sha256(json.dumps(dict(identity), sort_keys=True).encode()).hexdigest()[:16]
    clear = [identity.get("supplier", "llvm"), identity.get("sha", "")[:12], identity.get("flavour", "")]
    return "-".join([*filter(None, clear), digest])


class Cache:
    """The entries below one root directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, identity: Mapping[str, str]) -> CachedLlvm | None:
        """The entry for ``identity`` if it is there and whole; makes nothing and waits for nobody."""
        return self._hit(entry_key(identity), None)

    def provide(
        self,
        identity: Mapping[str, str],
        make: Callable[[Path], None],
        *,
        on_wait: Callable[[str], None],
        check: Callable[[Path], object] | None = None,
    ) -> CachedLlvm:
        """The entry for ``identity``, made by ``make(directory)`` if it is not there.

        One process makes it; others wait and are told for whom through ``on_wait``. ``make`` works in a directory of
        its own that becomes the entry by one rename. An entry that ``check`` refuses (by a :class:`SupplyError`) is
        torn, and made again. The entry counts as in use until this process ends, see :func:`hold`.
        Raises :class:`SupplyError` when the cache cannot be written.
        """
        info = EntryInfo(key=entry_key(identity), identity=dict(identity))
        return self.adopt(info, make, on_wait=on_wait, check=check)

    def adopt(
        self,
        info: EntryInfo,
        make: Callable[[Path], None],
        *,
        on_wait: Callable[[str], None],
        check: Callable[[Path], object] | None = None,
    ) -> CachedLlvm:
        """The entry that another cache has described by ``info``, brought by ``make(directory)`` if it is not here.

        Raises :class:`SupplyError` when what was brought is not, to the last bit, what that cache has.
        """
        if (entry := self._hit(info.key, check)) is not None:
            return entry
        with self.lock(info.key, on_wait):
            return self._hit(info.key, check) or self._make(info, make)

    def _hit(self, key: str, check: Callable[[Path], object] | None) -> CachedLlvm | None:
        path = self.root / "entries" / key
        info = read_marker(path)
        if info is None or entry_key(info.identity) != key or not hold(path) or not _is_as_made(path, info.manifest):
            return None
        try:
            if check is not None:
                check(path)
        except SupplyError:
            return None
        with suppress(OSError):  # a cache that is read-only to this user will do
            os.utime(path / MARKER)
        return CachedLlvm(path=path, info=info, hit=True)

    def _make(self, info: EntryInfo, make: Callable[[Path], None]) -> CachedLlvm:
        """Make what ``info`` describes; one with a manifest has to come out as that says."""
        path, partial = (self.root / place / info.key for place in ("entries", "partial"))
        with self._writing():
            self.discard(partial)  # of an earlier, interrupted attempt: nobody else works here, we hold the lock
            self.discard(path)  # without its marker, it is torn
            partial.mkdir(parents=True)
        made, started = time.time(), time.monotonic()  # the clock may be set meanwhile
        try:
            make(partial)
            duration = time.monotonic() - started
            with self._writing():
                digest = write_manifest(partial)
                if info.manifest:
                    _expect_same(info, digest)
                else:
                    info = replace(info, made=made, duration=duration, manifest=digest)
                write_atomically(partial / MARKER, dumps(info))
                path.parent.mkdir(parents=True, exist_ok=True)
                partial.rename(path)
        except BaseException:
            self.discard(partial)
            raise
        hold(path)
        return CachedLlvm(path=path, info=info, hit=False)

    def discard(self, path: Path) -> bool:
        """Remove a directory of the cache; whether it is gone. It is renamed first: half of it, after a kill, is never
        taken for whole.
        """
        if not path.exists():
            return False
        trash = self.root / TRASH / f"{path.name}.{os.getpid()}"
        trash.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(trash, ignore_errors=True)
        path.rename(trash)
        shutil.rmtree(trash, ignore_errors=True)
        return not trash.exists()

    @contextmanager
    def lock(self, key: str, on_wait: Callable[[str], None]) -> Iterator[None]:
        """Be the one process that makes ``key``. Raises :class:`SupplyError` when the cache cannot be written."""
        from filelock import FileLock

        owner = self.root / "locks" / f"{key}.owner"
        with self._writing():
            self._share()
            lock = FileLock(owner.with_suffix(".lock"), mode=0o664 if self._is_shared else 0o644)
            if (holder := _acquire(lock, owner)) is not None:
                on_wait(f"waiting for {holder}, which is making {key}")
                lock.acquire(poll_interval=_LOCK_POLL_SECONDS)
        try:
            with self._writing():
                write_atomically(owner, f"process {os.getpid()} on {socket.gethostname()}\n")
            yield
        finally:
            with suppress(OSError):
                owner.unlink(missing_ok=True)  # before the release: the next one writes its own
            lock.release()

    @property
    def _is_shared(self) -> bool:
        """Whether a group shares the cache: its directory is writable to one (``chmod g+ws``)."""
        with suppress(OSError):
            return bool(self.root.stat().st_mode & stat.S_IWGRP)
        return False

    def _share(self) -> None:
        """Make the directories below the root; those of a shared one are the group's, whatever the umask."""
        (self.root / "locks").mkdir(parents=True, exist_ok=True)
        if not self._is_shared:
            return
        for name in ("locks", "entries", "partial", TRASH, "building", "git"):
            directory = self.root / name
            directory.mkdir(exist_ok=True)
            if directory.stat().st_uid == os.geteuid():
                os.chown(directory, -1, self.root.stat().st_gid)
                directory.chmod(0o2775)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise SupplyError(
                f"the cache {self.root} cannot be written: {error.strerror}{_whose(error.filename)}",
                where=error.filename and str(error.filename),
                hint=f"share it with a group (chmod -R g+rwX {self.root}; chmod g+s on its directories), "
                f"or choose another directory with {CACHE_VARIABLE}=DIR",
            ) from error
        except OSError as error:
            raise SupplyError(
                f"the cache {self.root} cannot be written: {error.strerror or error}",
                hint=f"free it, or choose another directory with {CACHE_VARIABLE}=DIR",
            ) from error


def _expect_same(brought: EntryInfo, digest: str) -> None:
    if brought.manifest != digest:
        raise SupplyError(
            f"{brought.key}: expected files of the manifest {brought.manifest[:12]}, found {digest[:12]}",
            hint="what is in the store is damaged, or of another version of the gate: push it again with --again",
        )


_HELD: Final[dict[Path, int]] = {}
"""Entry to the descriptor whose shared lock says that this process uses it; kept until the process ends."""


def hold(entry: Path) -> bool:
    """Say, until this process ends, that it uses an entry, so that nobody removes it. False when it is not there.

    A shared ``flock`` on the marker: it needs no right to write, and ends with the process however that ends.
    """
    import fcntl

    marker = entry / MARKER
    if entry in _HELD and _is_file(_HELD[entry], marker):
        return True
    try:
        descriptor = os.open(marker, os.O_RDONLY)
    except OSError:
        return False
    with suppress(OSError):  # a file system without locks, which then has no protection
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    if not _is_file(descriptor, marker):  # removed in between
        os.close(descriptor)
        return False
    if (stale := _HELD.pop(entry, None)) is not None:
        os.close(stale)
    _HELD[entry] = descriptor
    return True


_SOUND: Final[set[tuple[Path, str, int]]] = set()
"""Entries that this process has compared: each once, for nobody removes what is in use."""


def _is_as_made(entry: Path, manifest: str) -> bool:
    """Whether nothing of an entry looks otherwise than when it was made; else it is made again."""
    try:
        key = (entry, manifest, (entry / MARKER).stat().st_ino)
    except OSError:
        return False
    if key not in _SOUND:
        if next(damage(entry, manifest, whole=False), None) is not None:
            return False
        _SOUND.add(key)
    return True


def hold_around(path: Path) -> None:
    """:func:`hold` the entry that ``path`` lies in, if it lies in one."""
    for directory in path.parents:
        if (directory / MARKER).is_file():
            hold(directory)
            return


def _is_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def _whose(path: Any) -> str:
    """Whose file it is that is in the way, where it is another user's."""
    with suppress(OSError, TypeError):
        owner = Path(os.fsdecode(path)).stat().st_uid
        return f"; it is user {owner}'s" if owner != os.geteuid() else ""
    return ""


def _acquire(lock: FileLock, owner: Path) -> str | None:
    """Take the lock, or say who holds it. Who has taken it this moment may not have written its name yet."""
    from filelock import Timeout

    deadline = time.monotonic() + _NAME_SECONDS
    while True:
        try:
            lock.acquire(timeout=_LOCK_POLL_SECONDS / 2, poll_interval=_LOCK_POLL_SECONDS / 4)
        except Timeout:
            name = text_of(owner).strip()
            if name or time.monotonic() > deadline:
                return name or "another gate"
        else:
            return None


def read_marker(entry: Path, name: str = MARKER) -> EntryInfo | None:
    """What an entry says of itself, in the file of that name; None when it is torn."""
    try:
        info = loads(EntryInfo, read_plain(entry / name, follow_links=False).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    is_sane = 0 <= info.made <= _LATEST and 0 <= info.duration <= _LATEST  # neither NaN nor what no calendar has
    return info if is_sane else None
