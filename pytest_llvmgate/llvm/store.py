"""A store between machines: entries of the cache, pushed by who has made one and pulled by who needs it.

``parts/<SHA-256>`` are pieces of archives, ``<key>.json`` says which of them make an entry, and is written last. So an
upload that was torn names nothing; the next one goes on with the parts that are not there yet, and a part that two
entries share is there once. Whoever pulls compares each part with its name, and the whole with the manifest of the
entry (:mod:`pytest_llvmgate.llvm.manifest`): nothing else makes it an entry of his cache.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import dumps, loads
from pytest_llvmgate.errors import GateError, SupplyError
from pytest_llvmgate.llvm.manifest import Manifest, read_manifest
from pytest_llvmgate.llvm.prefix import read_prefix
from pytest_llvmgate.llvm.prefix_cache import Cache, CachedLlvm, EntryInfo, entry_key, hold, read_marker
from pytest_llvmgate.llvm.store_places import LONGEST, StorePlace
from pytest_llvmgate.llvm.unpacking import LARGEST_ARCHIVE, extract
from pytest_llvmgate.llvm.upkeep import Item, faults, wrong_revision
from pytest_llvmgate.plain_file import read_plain, sha256

_FORMAT: Final = 1
_PART: Final = 32 << 20
"""Bytes of a part: what is sent again after a torn connection, at the most."""
_LARGEST: Final = 4 << 20
"""Bytes of a description."""
_FASTEST: Final = 1
"""gzip's level: everybody can read it, and more costs more time than the network takes for the rest."""
_KEY: Final = re.compile(r"[\w.-]{1,200}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class UnfitError(GateError):
    """An entry that no store can have: it is damaged, or bound to this machine."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of an archive."""

    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class StoredEntry:
    """What a store says of an entry."""

    format: int
    entry: EntryInfo
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Bytes of the archive."""
        return sum(part.size for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """What a push did."""

    stored: StoredEntry
    sent: int
    """Parts that were not there yet."""


def push(item: Item, store: StorePlace, work: Path, *, again: bool = False) -> Pushed:
    """Have an entry of the cache in the store; what is there is not sent, unless ``again``.

    Raises :class:`UnfitError` for an entry that no store can have, and :class:`GateError` when this one cannot be
    written.
    """
    if not hold(item.path):
        raise UnfitError(f"{item.key} is no longer in the cache")
    info, manifest = _whole(item)
    known = None if again else _described(item.key, store, work)
    if known is not None and all(store.size(_name(part)) in {part.size, -1} for part in known.parts):
        return Pushed(stored=known, sent=0)
    parts, sent = [], 0
    for data in _archived(item.path, manifest):
        part = Part(sha256=hashlib.sha256(data).hexdigest(), size=len(data))
        if again or store.size(_name(part)) != part.size:
            store.write(_name(part), data)
            sent += 1
        parts.append(part)
    stored = StoredEntry(format=_FORMAT, entry=info, parts=tuple(parts))
    store.write(f"{item.key}.json", dumps(stored).encode("utf-8"))
    return Pushed(stored=stored, sent=sent)


def pull(key: str, store: StorePlace, cache: Cache, *, on_wait: Callable[[str], None]) -> CachedLlvm | None:
    """The entry of that key, from the store if it is not in the cache; None where the store has none.

    Raises :class:`SupplyError` for one that is damaged, and :class:`GateError` when the store cannot be read.
    """
    work = cache.root / "downloads"
    stored = _described(key, store, work)
    if stored is None:
        return None
    pieces = work / f"{key}.parts"

    def make(directory: Path) -> None:
        archive = _joined(stored, store, pieces, on_wait)
        on_wait(f"unpacking {key}")
        extract(archive, directory, key, timeout=LONGEST)
        if wrong := next(wrong_revision(read_prefix(directory), stored.entry.identity), ""):
            raise SupplyError(f"{key} is not what it says: {wrong}", hint=_AGAIN)

    entry = cache.adopt(stored.entry, make, on_wait=on_wait)
    shutil.rmtree(pieces, ignore_errors=True)
    return entry


def keys(store: StorePlace) -> tuple[str, ...]:
    """The keys that a store describes. Raises :class:`GateError` for one that cannot tell."""
    return tuple(name.removesuffix(".json") for name in store.names() if name.endswith(".json"))


def _whole(item: Item) -> tuple[EntryInfo, Manifest]:
    info, wrong = read_marker(item.path), faults(item)
    if wrong or info is None:
        why = wrong[0] if wrong else "it has no readable description"
        raise UnfitError(f"{item.key} is not what it should be: {why}", hint="llvmgate cache verify tells more")
    manifest, _ = read_manifest(item.path)
    for name, target in manifest.links.items():
        meant = os.path.normpath(os.path.join(os.path.dirname(name), target))  # noqa: PTH118, PTH120
        if os.path.isabs(target) or meant.split("/")[0] == ".." or os.path.normpath(target) != target:  # noqa: PTH117
            raise UnfitError(
                f"{item.key} leans on this machine: {name} leads to {target}",
                hint="push the entry that it is derived from; the other machine derives it in a minute",
            )
    return info, manifest


def _described(key: str, store: StorePlace, work: Path) -> StoredEntry | None:
    """What the store says of a key. Raises ``SupplyError`` where that is not to be understood."""
    if not _KEY.fullmatch(key):
        raise GateError(f"{key!r} is no key", hint="llvmgate cache list has those of this machine")
    text = work / f"{key}.json"
    work.mkdir(parents=True, exist_ok=True)
    text.unlink(missing_ok=True)
    if not store.read(f"{key}.json", text, _LARGEST):
        return None
    try:
        stored = loads(StoredEntry, read_plain(text, _LARGEST).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise SupplyError(f"the store does not describe {key}: {error}", hint=_AGAIN) from error
    finally:
        text.unlink(missing_ok=True)
    if stored.format != _FORMAT:
        raise SupplyError(f"{key} is stored in the format {stored.format}, expected {_FORMAT}", hint=_AGAIN)
    if stored.entry.key != key or entry_key(stored.entry.identity) != key or not stored.entry.manifest:
        raise SupplyError(f"the store has something else under {key}: {stored.entry.key}", hint=_AGAIN)
    if not all(_DIGEST.fullmatch(part.sha256) and 0 < part.size <= _PART for part in stored.parts):
        raise SupplyError(f"the store names parts of {key} that are none", hint=_AGAIN)
    if stored.size > LARGEST_ARCHIVE:
        raise SupplyError(f"{key} has {stored.size:,} bytes packed, and at most {LARGEST_ARCHIVE:,} are fetched")
    return stored


_AGAIN: Final = "push it again with --again, by this version of the gate"


def _joined(stored: StoredEntry, store: StorePlace, pieces: Path, on_wait: Callable[[str], None]) -> Path:
    """The archive, of parts that each are what their names say. Those of an earlier try are kept."""
    pieces.mkdir(parents=True, exist_ok=True)
    archive = pieces / "archive"
    with archive.open("wb") as sink:
        for number, part in enumerate(stored.parts, 1):
            on_wait(f"{stored.entry.key}: part {number} of {len(stored.parts)}")
            with _fetched(part, store, pieces).open("rb") as stream:
                shutil.copyfileobj(stream, sink, 1 << 20)
    return archive


def _fetched(part: Part, store: StorePlace, pieces: Path) -> Path:
    target = pieces / part.sha256
    if target.is_file() and target.stat().st_size >= part.size:
        if sha256(target) == part.sha256:
            return target
        target.unlink()
    if not store.read(_name(part), target, part.size):
        raise SupplyError(f"the store lacks a part: {_name(part)}", hint=_AGAIN)
    if (found := sha256(target)) != part.sha256:
        target.unlink()
        raise SupplyError(f"expected the SHA-256 {part.sha256} of {_name(part)}, found {found}", hint=_AGAIN)
    return target


def _name(part: Part) -> str:
    return f"parts/{part.sha256}"


def _archived(entry: Path, manifest: Manifest) -> Iterator[bytes]:
    """The files of an entry as an archive, in parts. The same files make the same bytes, so that a push is resumed."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=_FASTEST, fileobj=buffer, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name in sorted({*manifest.files, *manifest.links}):
            archive.add(entry / name, arcname=name, recursive=False, filter=_nobodys)
            while buffer.tell() >= _PART:
                yield _cut(buffer)
    while rest := _cut(buffer):
        yield rest


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = int(member.mtime)
    return member


def _cut(buffer: io.BytesIO) -> bytes:
    """The first part of what is in the buffer, which keeps the rest."""
    data = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    buffer.write(data[_PART:])
    return data[:_PART]
