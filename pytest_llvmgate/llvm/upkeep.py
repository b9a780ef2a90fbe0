"""What lies in the machine's cache, whether it is whole, and what may go."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.manifest import MARKER, damage
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, read_prefix
from pytest_llvmgate.llvm.prefix_cache import BUILD_FILE, TRASH, URL_FILE, Cache, EntryInfo, entry_key, read_marker
from pytest_llvmgate.plain_file import text_of


class ItemKind(StrEnum):
    """What an item of the cache is."""

    ENTRY = "entry"
    BUILDING = "building"
    """The trees of a source build that has not ended."""
    FETCHED = "fetched"
    """Commits that were fetched from a remote."""
    LEFTOVER = "leftover"
    """What a killed process left, and nobody can use."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something in the cache that can be removed by itself."""

    kind: ItemKind
    key: str
    path: Path
    size: int
    """Bytes."""
    used: float
    """Seconds since the epoch of the last use."""
    made: float = 0.0
    duration: float = 0.0
    """Seconds that it took to make."""
    identity: Mapping[str, str] = field(default_factory=dict)
    in_use: bool = False
    manifest: str = ""
    """The manifest's digest."""


def items(cache: Cache) -> tuple[Item, ...]:
    """Everything in the cache, the most recently used first."""
    return tuple(sorted(_items(cache), key=lambda item: -item.used))


def _items(cache: Cache) -> Iterator[Item]:
    for path in _directories(cache.root / "entries"):
        info = read_marker(path)
        kind = ItemKind.LEFTOVER if info is None else ItemKind.ENTRY
        yield _item(cache, kind, path, path / MARKER, info)
    for path in _directories(cache.root / "building"):
        yield _item(cache, ItemKind.BUILDING, path, path / BUILD_FILE, read_marker(path, BUILD_FILE))
    for path in _directories(cache.root / "git"):
        yield _item(cache, ItemKind.FETCHED, path, path / URL_FILE, _fetched(path))
    for place in ("partial", TRASH):
        for path in _directories(cache.root / place):
            yield _item(cache, ItemKind.LEFTOVER, path, path, None)


def _item(cache: Cache, kind: ItemKind, path: Path, timed: Path, info: EntryInfo | None) -> Item:
    info = info or EntryInfo(key=path.name)
    with _removable(cache, kind, path) as free:
        in_use = not free
    return Item(
        kind=kind,
        key=path.name,
        path=path,
        size=_size(path),
        used=_modified(timed) or _modified(path),
        made=info.made,
        duration=info.duration,
        identity=info.identity,
        in_use=in_use,
        manifest=info.manifest,
    )


def _fetched(path: Path) -> EntryInfo:
    url = text_of(path / URL_FILE).strip()
    return EntryInfo(key=path.name, identity={"url": url} if url else {})


def _directories(path: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(each for each in path.iterdir() if each.is_dir())
    return []


def _modified(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _size(directory: Path) -> int:
    total = 0
    for base, _, names in os.walk(directory):
        for name in names:
            with suppress(OSError):  # a build at work comes and goes
                total += os.lstat(os.path.join(base, name)).st_blocks * 512  # noqa: PTH118 - a thousand times faster
    return total


def to_prune(found: Iterable[Item], *, max_size: int | None, older_than: float | None, now: float) -> tuple[Item, ...]:
    """What has to go: leftovers, what was last used too long ago, then the least recently used down to the size.

    ``max_size`` is in bytes, ``older_than`` in seconds; None sets no limit. Nothing that is in use goes.
    """
    rest = [item for item in found if not item.in_use]
    kept = sum(item.size for item in found if item.in_use)
    oldest = -math.inf if older_than is None else now - older_than
    going = [item for item in rest if item.kind is ItemKind.LEFTOVER or item.used < oldest]
    staying = sorted((item for item in rest if item not in going), key=lambda item: item.used)
    total = kept + sum(item.size for item in staying)
    while staying and max_size is not None and total > max_size:
        total -= staying[0].size
        going.append(staying.pop(0))
    return tuple(going)


def remove(cache: Cache, item: Item) -> bool:
    """Remove an item unless somebody uses it by now; whether it is gone."""
    with _removable(cache, item.kind, item.path) as free:
        try:
            return free and cache.discard(item.path)
        except FileNotFoundError:  # another prune was here
            return False
        except OSError as error:
            raise SupplyError(f"{item.path} cannot be removed: {error.strerror}") from error


@contextmanager
def _removable(cache: Cache, kind: ItemKind, path: Path) -> Iterator[bool]:
    """Whether nobody uses it or makes it, held for as long as the block runs."""
    with _locked(cache.root / "locks" / f"{path.name}.lock") as nobody_makes:
        if not nobody_makes or kind is not ItemKind.ENTRY:
            yield nobody_makes
            return
        with _locked(path / MARKER) as nobody_uses:
            yield nobody_uses


@contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """An exclusive ``flock``, which filelock takes, too; True as well where there is no such file to lock."""
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        yield True
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def faults(item: Item) -> tuple[str, ...]:
    """What is wrong with an entry, in words; nothing for one that is as it was made."""
    if item.kind is ItemKind.LEFTOVER:
        return ("torn: it has no readable description",) if item.path.parent.name == "entries" else ()
    return tuple(_faults(item)) if item.kind is ItemKind.ENTRY else ()


def _faults(item: Item) -> Iterator[str]:
    if entry_key(item.identity) != item.key:
        yield f"its description is that of {entry_key(item.identity)}"
    try:
        prefix = read_prefix(item.path)
    except SupplyError as error:
        yield error.problems[0].message
        return
    yield from wrong_revision(prefix, item.identity)
    yield from damage(item.path, item.manifest, whole=True)


def wrong_revision(prefix: ToolchainPrefix, identity: Mapping[str, str]) -> Iterator[str]:
    """Why a prefix is not of the commit that an entry was made for, if it is not."""
    expected = identity.get("sha", "")
    if prefix.revision.lower() != expected and not (prefix.revision and expected.startswith(prefix.revision.lower())):
        yield f"expected revision {expected}, found {prefix.revision or 'none'}"
