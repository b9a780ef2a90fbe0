"""What an entry of the cache consists of: digests of its files from when it was made, and how each looked then.

An install is thousands of files and gigabytes. Digests of all of them are compared by ``llvmgate cache verify``; before
an install is used, only what looks otherwise than when it was last compared is read again: another size, time of change
or of modification, or inode. A file cannot be changed without one of them (stat(2): nobody can set ``st_ctime``).
A file that was added since is taken out: nobody has made it, and a header could stand before another one.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import dumps, loads, parse_json, write_atomically
from pytest_llvmgate.plain_file import read_plain, sha256

MANIFEST: Final = "llvmgate-manifest.json"
MARKER: Final = "llvmgate-entry.json"
"""Written last into an entry: its presence says that the entry is whole."""
_LOOKS: Final = "llvmgate-looks.json"
_OWN: Final = (MANIFEST, MARKER, _LOOKS)
_MOST: Final = 256 << 20
"""Bytes of a manifest: an install has tens of thousands of files."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The files of an entry, by their paths in it."""

    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each regular file, with ``x`` in front where it can be run."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Where each symbolic link leads."""


def write_manifest(entry: Path) -> str:
    """Record the files of an entry; returns the manifest's own digest. Raises ``OSError``."""
    files, links, looks = {}, {}, {}
    for name in _walk(entry):
        path = entry / name
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            links[name] = os.readlink(path)  # noqa: PTH115 - as it is written
        elif stat.S_ISREG(status.st_mode):
            files[name] = _digest(path, status)
            looks[name] = _look(status)
    text = dumps(Manifest(files=files, links=links))
    write_atomically(entry / MANIFEST, text)
    _write_looks(entry, looks)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_manifest(entry: Path) -> tuple[Manifest, str]:
    """What an entry consists of, and the digest of what says so. Raises ``OSError``, ``ValueError``."""
    text = read_plain(entry / MANIFEST, _MOST, follow_links=False)
    return loads(Manifest, text.decode("utf-8")), hashlib.sha256(text).hexdigest()


def damage(entry: Path, digest: str, *, whole: bool) -> Iterator[str]:
    """What is not as it was made, in words.

    ``whole``: every byte is compared, whatever a file looks like, and nothing is changed. Else what was added is taken
    out, and told only where it cannot be.
    """
    try:
        manifest, found = read_manifest(entry)
    except (OSError, ValueError, RecursionError):
        yield f"{MANIFEST} is missing or torn"
        return
    if found != digest:
        yield f"{MANIFEST} is not the one that was made"
        return
    yield from _links(entry, manifest)
    yield from _files(entry, manifest, whole=whole)
    yield from _added(entry, manifest, keep=whole)


def _added(entry: Path, manifest: Manifest, *, keep: bool) -> Iterator[str]:
    for name in _walk(entry):
        if name in manifest.files or name in manifest.links or "/__pycache__/" in f"/{name}":
            continue  # Python compiles where it imports
        try:
            if not keep:
                (entry / name).unlink(missing_ok=True)
        except OSError:
            keep = True
        if keep:
            yield f"{name} was added"


def _links(entry: Path, manifest: Manifest) -> Iterator[str]:
    for name, target in manifest.links.items():
        try:
            found = os.readlink(entry / name)  # noqa: PTH115
        except OSError:
            yield f"{name} is no link any more"
            continue
        if found != target:
            yield f"{name} leads to {found} instead of {target}"


def _files(entry: Path, manifest: Manifest, *, whole: bool) -> Iterator[str]:
    known = _read_looks(entry)
    seen, is_hurt = {}, False
    for name, digest in manifest.files.items():
        path = entry / name
        try:
            status = path.lstat()
            look = _look(status)
            if not whole and known.get(name) == look:
                seen[name] = look
                continue
            problem = "" if stat.S_ISREG(status.st_mode) and _digest(path, status) == digest else "has changed"
        except FileNotFoundError:
            problem = "is missing"
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        if problem:
            is_hurt = True
            yield f"{name} {problem}"
        else:
            seen[name] = look
    if not is_hurt and seen != known:
        with suppress(OSError):  # a cache that is read-only to this user
            _write_looks(entry, seen)


def _walk(entry: Path) -> Iterator[str]:
    """Paths of all but directories, as the entry has them."""
    for base, directories, names in os.walk(entry):
        directories.sort()
        linked = [name for name in directories if os.path.islink(os.path.join(base, name))]  # noqa: PTH114, PTH118
        prefix = base[len(str(entry)) :].lstrip("/")
        for name in sorted([*names, *linked]):
            if prefix or name not in _OWN:
                yield f"{prefix}/{name}" if prefix else name


def _digest(path: Path, status: os.stat_result) -> str:
    return ("x" if status.st_mode & stat.S_IXUSR else "") + sha256(path)


def _look(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode]


def _write_looks(entry: Path, looks: Mapping[str, list[int]]) -> None:
    write_atomically(entry / _LOOKS, json.dumps(looks))


def _read_looks(entry: Path) -> dict[str, list[int]]:
    with suppress(OSError, ValueError, RecursionError):
        found = parse_json(read_plain(entry / _LOOKS, _MOST, follow_links=False))
        return found if isinstance(found, dict) else {}
    return {}
