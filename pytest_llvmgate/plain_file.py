"""Reading files that strangers may have put there: only regular ones, up to a bound, and none is waited for."""

from __future__ import annotations

import errno
import os
import stat
import sys
from functools import lru_cache
from io import BufferedReader
from pathlib import Path
from typing import Final

LARGEST_SOURCE: Final = 64 << 20
"""Bytes of a file that a compiler, CMake or LLVM would read; generated ones have millions of lines."""
LARGEST_WRITTEN: Final = 4 << 20
"""Bytes of a source that people write."""
LARGEST_MADE: Final = 4 << 30
"""Bytes of a file that a build makes."""
_QUIETLY: Final = sum(getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))
"""Whichever of them a system has."""


def read_plain(path: Path, most: int = LARGEST_SOURCE, *, follow_links: bool = True) -> bytes:
    """The content of a regular file of at most ``most`` bytes.

    Raises ``OSError``, whose ``strerror`` says in words also what is no file (a named pipe has no end) or too large.
    """
    with open_plain(path, most, follow_links=follow_links) as stream:
        data = stream.read(most + 1)
    if len(data) > most:  # it grew, or lies where sizes are not told (/proc)
        raise _too_large(path, most)
    return data


def open_plain(path: Path, most: int = sys.maxsize, *, follow_links: bool = True) -> BufferedReader:
    """Such a file, open for reading: for what is not read whole. Raises ``OSError`` as :func:`read_plain`."""
    # Before it is opened: opening alone may change a device.
    _check(path.stat(follow_symlinks=follow_links), path, most)
    stream = os.fdopen(os.open(path, os.O_RDONLY | _QUIETLY | (0 if follow_links else os.O_NOFOLLOW)), "rb")
    try:
        _check(os.fstat(stream.fileno()), path, most)
    except OSError:
        stream.close()
        raise
    return stream


def read_plain_text(path: Path, most: int = LARGEST_SOURCE, *, errors: str = "replace") -> str:
    """The text of such a file, its lines ended as in Python, as ``Path.read_text`` has it. Raises as that does."""
    text = read_plain(path, most).decode("utf-8", errors)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def text_of(path: Path, most: int = LARGEST_SOURCE) -> str:
    """The text of such a file; empty where it is not there, or cannot be read."""
    try:
        return read_plain_text(path, most)
    except OSError:
        return ""


def source_lines(path: Path) -> tuple[str, ...]:
    """The lines of a source file; none of one that is not there, cannot be read or is larger than people write."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return ()
    return _lines(path, (state.st_ino, state.st_mtime_ns, state.st_size))  # thousands ask; an edit makes it another


@lru_cache(maxsize=64)
def _lines(path: Path, _state: tuple[int, ...]) -> tuple[str, ...]:
    text = text_of(path, LARGEST_WRITTEN)
    return tuple(text.split("\n")) if text else ()


def sha256(path: Path) -> str:
    """The SHA-256 of such a file of any size, never whole in memory. Raises ``OSError`` as :func:`read_plain`."""
    import hashlib

    with open_plain(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check(status: os.stat_result, path: Path, most: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, f"expected a file, found {_kind(status.st_mode)}", str(path))
    if status.st_size > most:
        raise _too_large(path, most)


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a link"
    if stat.S_ISFIFO(mode):
        return "a named pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"


def _too_large(path: Path, most: int) -> OSError:
    return OSError(errno.EFBIG, f"expected at most {most >> 20} MiB, found more", str(path))
