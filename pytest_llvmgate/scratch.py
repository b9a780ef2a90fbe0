"""Directories for the time of a process. What a process that was killed has left is removed by the next one.

All of a process lie in one, whose name says what it is, which is this user's alone, and on which the process holds a
shared ``flock`` for as long as it lives. So what has the name and the owner, and can be locked, is nobody's any more.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = "llvmgate-process-"
_OURS: Final = re.compile(re.escape(_PREFIX) + r"\w+", re.ASCII)
_YOUNG: Final = 600.0
"""Seconds in which one that is not locked may be of a process that is about to do so."""
_LOCK: Final = threading.Lock()
_OF_THIS: Final[dict[int, Path]] = {}
"""Process id to its directory: a fork needs one of its own."""


@contextmanager
def scratch_directory(name: str) -> Iterator[Path]:
    """An empty directory for the time of the block; ``name`` says what for. Raises ``OSError``."""
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=scratch_root(), ignore_cleanup_errors=True) as directory:
        yield Path(directory)


def scratch_root() -> Path:
    """The directory of this process, which goes when it ends. Raises ``OSError``."""
    with _LOCK:
        root = _OF_THIS.get(os.getpid())
        if root is None or not root.is_dir():
            _remove_stale(Path(tempfile.gettempdir()))
            root = Path(tempfile.mkdtemp(prefix=_PREFIX))
            _locked(root, wait=True)  # never closed: the lock ends with the process, however that ends
            _OF_THIS[os.getpid()] = root
            atexit.register(_remove, root, os.getpid())
        return root


def _remove(root: Path, owner: int) -> None:
    if os.getpid() == owner:  # and not in a child that was forked
        shutil.rmtree(root, ignore_errors=True)


def _remove_stale(place: Path) -> None:
    with suppress(OSError):
        for name in os.listdir(place):  # noqa: PTH208 - names are all that is asked for
            if _OURS.fullmatch(name) and (descriptor := _locked(place / name, wait=False)) is not None:
                shutil.rmtree(place / name, ignore_errors=True)
                os.close(descriptor)


def _locked(path: Path, *, wait: bool) -> int | None:
    """A lock on a directory of this user's own: shared for who uses it, exclusive and at once for who removes it."""
    import fcntl

    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            is_own = status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) == stat.S_IRWXU
            if wait:
                fcntl.flock(descriptor, fcntl.LOCK_SH)
                return descriptor
            if is_own and time.time() - status.st_mtime > _YOUNG:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
        except OSError:  # somebody uses it, or a file system without locks
            pass
        os.close(descriptor)
    return None
