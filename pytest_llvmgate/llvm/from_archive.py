"""The supplier ``archive``: an LLVM that somebody else has built and published."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from platform import machine
from typing import Final

from pytest_llvmgate.config.load import fill, shown
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.config.user_paths import user_path
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm import shared
from pytest_llvmgate.llvm.download import Transfer, url_parts
from pytest_llvmgate.llvm.prefix_cache import Cache
from pytest_llvmgate.llvm.supply import Request, Supply, derived, of_entry
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.llvm.unpacking import LARGEST_ARCHIVE, unpack
from pytest_llvmgate.model import Revision
from pytest_llvmgate.plain_file import read_plain, sha256

MAKES_ANY: Final = False
_DIGEST: Final = re.compile(rb"(?:^|[\s=:])([0-9a-fA-F]{64})(?:$|[\s*])")
_LARGEST_CHECKSUM: Final = 1 << 20
_VERSION: Final = "1"
"""Part of the cache key: raised when the supplier lays out its entries otherwise."""


def supply(config: Config, request: Request) -> Supply:
    """The archive of the candidate, unpacked into the cache, or the shared flavour derived from it."""
    if not _is_derived(config, request.flavour):
        return _installed(config, request, request.flavour)
    entry, remark = shared.from_install(
        request.candidate.sha,
        _identity(config, request.candidate, shared.STATIC),
        lambda: _installed(config, request, shared.STATIC).prefix,
        request,
        owned=True,
    )
    return derived(entry, remark, "an archive")


def identities(
    config: Config, revision: Revision, flavour: str, toolchain: Callable[[], Toolchain] | None
) -> tuple[dict[str, str], ...]:
    """What the key of the cache's entry for a commit and flavour is made from."""
    if not _is_derived(config, flavour):
        return (_identity(config, revision, flavour),)
    return (shared.identity(revision.sha, _identity(config, revision, shared.STATIC)),)


def supplied(config: Config, shas: Sequence[str], flavour: str, toolchain: Callable[[], Toolchain]) -> frozenset[str]:
    """The commits among ``shas`` that were fetched already, or lie on a disk; a server is not asked for each."""
    cache = Cache(cache_root())

    def is_there(revision: Revision) -> bool:
        url = _url(config, revision, flavour) if "{tag}" not in config.llvm.archive or revision.name else ""
        parts = url_parts(url)
        on_disk = parts.scheme == "file" and Path(parts.path).is_file()
        return on_disk or any(cache.find(each) for each in identities(config, revision, flavour, toolchain))

    return frozenset(sha for sha in shas if is_there(Revision(sha=sha, name=config.llvm.tag_of(sha))))


def _is_derived(config: Config, flavour: str) -> bool:
    return shared.wanted(config, flavour) and "{flavour}" not in config.llvm.archive


def _installed(config: Config, request: Request, flavour: str) -> Supply:
    url = _url(config, request.candidate, flavour)
    entry = Cache(cache_root()).provide(
        _identity(config, request.candidate, flavour),
        lambda directory: _fetch_and_unpack(config, request, url, directory),
        on_wait=request.on_wait,
    )
    how = "from the cache" if entry.hit else "fetched"
    return of_entry(entry, f"archive ({how})")


def _fetch_and_unpack(config: Config, request: Request, url: str, directory: Path) -> None:
    deadline = time.monotonic() + request.timeout
    torn = Cache(cache_root()).root / "downloads" / f"{request.candidate.sha[:12]}-{_name(url)}"
    torn.parent.mkdir(parents=True, exist_ok=True)
    Transfer(url=url, deadline=deadline, on_wait=request.on_wait).fetch(torn, LARGEST_ARCHIVE)
    expected = _checksum(config, request, url, directory, deadline)
    if expected and (found := sha256(torn)) != expected:
        torn.unlink()
        raise SupplyError(
            f"expected the SHA-256 {expected} of {_name(url)}, found {found}",
            where=shown(config.path),
            hint="it was removed; if it is the same when it is fetched again, the archive or its checksum is wrong",
        )
    request.on_wait("unpacking")
    unpack(torn, directory, _name(url), timeout=deadline - time.monotonic())
    torn.unlink()


def _checksum(config: Config, request: Request, url: str, directory: Path, deadline: float) -> str:
    """The archive's SHA-256, as the configuration or the publisher gives it; empty where neither is to be asked."""
    if known := _pinned(config, request.candidate):
        return known
    if not config.llvm.checksum:
        if url_parts(url).scheme == "http":
            raise SupplyError(
                f"{_name(url)} would come by http, and nothing says what it should be",
                where=shown(config.path),
                hint="use https, or give the digest: [llvm.sha256] with the commit as key",
            )
        return ""
    beside = directory / ".llvmgate-checksum"
    values = _values(config, request.candidate, request.flavour) | {"archive": url}
    sums = fill(config.llvm.checksum, values)
    Transfer(url=sums, deadline=deadline, on_wait=request.on_wait).fetch(beside, _LARGEST_CHECKSUM)
    text = read_plain(beside)
    beside.unlink()
    lines = text.splitlines()
    own = [line for line in lines if _name(url).encode() in line] or lines
    for line in own:
        if match := _DIGEST.search(line):
            return match[1].decode().lower()
    raise SupplyError(
        f"expected the SHA-256 of {_name(url)} in {_name(sums)}, found none",
        where=shown(config.path),
        hint="give the digest itself: [llvm.sha256] with the commit as key",
    )


def _pinned(config: Config, revision: Revision) -> str:
    """The digest that the configuration gives; empty where it gives none."""
    return (config.llvm.sha256.get(revision.sha) or config.llvm.sha256.get(revision.name) or "").lower()


def _identity(config: Config, revision: Revision, flavour: str) -> dict[str, str]:
    return {
        "supplier": "archive",
        "supplier-version": _VERSION,
        "sha": revision.sha,
        "flavour": flavour if "{flavour}" in config.llvm.archive else "",
        "archive": _filled(config, revision, flavour),
        "sha256": _pinned(config, revision),
        "platform": _platform(config),
    }


def _url(config: Config, revision: Revision, flavour: str) -> str:
    template = config.llvm.archive
    if ("{tag}" in template or "{version}" in template) and not revision.name:
        raise SupplyError(
            f"llvm.archive = {template!r} needs a tag, and {revision.short} has none in [llvm.tags]",
            where=shown(config.path),
            hint=f"add its tag: [llvm.tags] with the tag as key and {revision.sha} as value",
        )
    return _filled(config, revision, flavour)


def _filled(config: Config, revision: Revision, flavour: str) -> str:
    """Where the archive lies, to the last letter: a change that names another tag or place has another cache entry."""
    filled = fill(config.llvm.archive, _values(config, revision, flavour))
    if "://" in filled:
        return filled
    return user_path(filled, root=config.root, key="llvm.archive").absolute().as_uri()


def _values(config: Config, revision: Revision, flavour: str) -> dict[str, str]:
    name = revision.name or config.llvm.tag_of(revision.sha)
    return {
        "sha": revision.sha,
        "sha8": revision.sha[:8],
        "short": revision.short,
        "tag": name,
        "version": name.removeprefix("llvmorg-"),
        "flavour": flavour,
        "platform": _platform(config),
    }


def _platform(config: Config) -> str:
    return config.llvm.platform or f"{sys.platform}-{machine()}"


def _name(url: str) -> str:
    return re.sub(r"[^\w.+-]", "_", url_parts(url).path.rpartition("/")[2])[-150:] or "archive"
