"""Seals on what the gate writes into the run directory, so that nothing else there is believed.

The run directory lies in the downstream's tree, and what is in a tree may have come with it: a record in which a stage
has passed would make a verdict green. So each record carries an HMAC (RFC 2104) of its text and its place, made with a
key that lies in the user's cache directory and that no tree can know. A record without a true seal is no record: the
stage runs again. The same goes for records of another version of the gate.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from pytest_llvmgate import __version__
from pytest_llvmgate.codec import T, loads, write_atomically
from pytest_llvmgate.config.user_cache import user_cache
from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.plain_file import open_plain, read_plain

_KEY_NAME: Final = "record.key"
_KEY_BYTES: Final = 32
_SEALED: Final = re.compile(r'\{\n "seal": "([0-9a-f]{64})",\n')
_MOST: Final = 64 << 20
"""Bytes of a record; more is none of ours."""


def write_sealed(root: Path, path: Path, text: str) -> None:
    """Write a JSON object (as :func:`codec.dumps` has it) below ``root``, atomically and with a seal in it."""
    if not text.startswith("{\n"):
        raise ValueError(f"expected the text of a JSON object over several lines, found {text[:20]!r}")
    write_atomically(path, f'{{\n "seal": "{_mac(root, path, text)}",\n{text[2:]}')


def read_sealed(root: Path, path: Path) -> str | None:
    """The text that was written there, without its seal; None where there is none, or not one that this user sealed."""
    text = read_regular(path, _MOST)
    match = _SEALED.match(text) if text is not None else None
    if text is None or match is None:
        return None
    body = "{\n" + text[match.end() :]
    return body if hmac.compare_digest(match[1], _mac(root, path, body)) else None


def load_sealed(kind: type[T], root: Path, path: Path) -> T | None:
    """The dataclass that was written there; None as for :func:`read_sealed`, and for one of another shape."""
    text = read_sealed(root, path)
    try:
        return None if text is None else loads(kind, text)
    except (ValueError, RecursionError):
        return None


def read_regular(path: Path, most: int) -> str | None:
    """The text of a regular file of at most so many bytes; None for anything else: a link, a named pipe, no UTF-8."""
    with suppress(OSError, ValueError):
        return read_plain(path, most, follow_links=False).decode("utf-8")
    return None


def _mac(root: Path, path: Path, text: str) -> str:
    place = os.fsencode(os.path.relpath(path, root))
    parts = (__version__.encode(), os.fsencode(root.resolve()), place, text.encode("utf-8"))
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.new(own_key(), message, hashlib.sha256).hexdigest()


def own_key() -> bytes:
    """The user's key, made at the first use. Raises ``RepositoryError`` where there is no safe place for it."""
    return _key(tuple(_places()))


def _places() -> Iterator[Path]:
    """The user's own cache directory, never ``LLVMGATE_CACHE``, which may lie in a tree or be shared."""
    if (cache_directory := user_cache()) is not None:
        yield cache_directory
    yield Path(tempfile.gettempdir()) / f"llvmgate-{os.geteuid()}"


@cache
def _key(places: tuple[Path, ...]) -> bytes:
    for directory in places:
        with suppress(OSError):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_own(directory.lstat()):
                continue
            return _read_key(directory / _KEY_NAME) or _make_key(directory / _KEY_NAME)
    raise RepositoryError(
        "there is no place for the key that seals the gate's records",
        where=", ".join(map(str, places)),
        hint="make one of these directories your own, writable by nobody else, or set XDG_CACHE_HOME",
    )


def _read_key(path: Path) -> bytes | None:
    """The key in a file that nobody else can read or write; None where there is none like that."""
    with suppress(OSError), open_plain(path, _KEY_BYTES, follow_links=False) as stream:
        status = os.fstat(stream.fileno())
        data = stream.read() if _is_own(status) and not status.st_mode & 0o077 else b""
        return data if len(data) == _KEY_BYTES else None
    return None


def _make_key(path: Path) -> bytes:
    """Make the key, or take the one that another process has made this moment. Raises ``OSError``."""
    temporary = path.with_name(f".{_KEY_NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(secrets.token_bytes(_KEY_BYTES))
        try:
            os.link(temporary, path)
        except FileExistsError:
            if _read_key(path) is None:  # others could read it, or it is torn
                temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    key = _read_key(path)
    if key is None:
        raise OSError(f"{path} does not keep what was written")
    return key


def _is_own(status: os.stat_result) -> bool:
    """Owned by this user, and writable by nobody else."""
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022
