"""The supplier ``source``: LLVM built here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.config.user_paths import user_path
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.llvm import shared, source
from pytest_llvmgate.llvm.prefix_cache import Cache, entry_key, read_marker
from pytest_llvmgate.llvm.relink import RelinkError
from pytest_llvmgate.llvm.supply import Request, Supply, derived, of_entry
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.model import Revision

MAKES_ANY: Final = True


def supply(config: Config, request: Request) -> Supply:
    """LLVM built from source, or the shared flavour derived from what was built."""
    sha = request.candidate.sha
    if not shared.source_wanted(config, request.flavour):
        return _built(config, request)
    derivation = (
        shared.source_identity(config, sha, request.tools),
        source.identity(config, sha, shared.STATIC, request.tools),
    )
    brought = _brought(config, derivation, request)
    try:
        entry, remark = shared.from_source(config, request)
    except RelinkError as error:
        request.on_wait("building the shared flavour in full")
        full = _built(config, request)
        return replace(full, remark=_joined(full.remark, f"built in full: {error.problems[0].message}"))
    return derived(entry, _joined(source.patches_remark(config, sha), remark, brought), "source")


def _brought(config: Config, wanted: Sequence[Mapping[str, str]], request: Request) -> str:
    """Have the first of these entries that is in the cache or in the store; a remark where that was asked."""
    store = config.llvm.source.store
    if not store or any(Cache(cache_root()).find(identity) for identity in wanted):
        return ""
    from pytest_llvmgate.llvm.store import pull
    from pytest_llvmgate.llvm.store_places import place

    try:
        where = store if "://" in store else str(user_path(store, root=config.root, key="llvm.source.store"))
        there = place(where, on_wait=request.on_wait, is_told=False)
        for identity in wanted:
            if pull(entry_key(identity), there, Cache(cache_root()), on_wait=request.on_wait):
                return f"brought from {store}"
    except GateError as error:
        return f"{store} was of no use: {error.problems[0].message}"
    return ""


def _joined(*remarks: str) -> str:
    return "; ".join(filter(None, remarks))


def _built(config: Config, request: Request) -> Supply:
    sha, flavour = request.candidate.sha, request.flavour
    brought = _brought(config, [source.identity(config, sha, flavour, request.tools)], request)
    entry, is_resumed = source.provide(config, request)
    made = "an interrupted build, taken up" if is_resumed else "built"
    origin = f"source ({'from the cache' if entry.hit else made})"
    return of_entry(entry, origin, _joined(source.patches_remark(config, sha), brought))


def identities(
    config: Config, revision: Revision, flavour: str, toolchain: Callable[[], Toolchain] | None
) -> tuple[dict[str, str], ...]:
    """What the keys of the cache's entries for a commit and flavour are made from."""
    if toolchain is None:
        return ()
    if shared.source_wanted(config, flavour):
        return (shared.source_identity(config, revision.sha, toolchain()),)
    return (source.identity(config, revision.sha, flavour, toolchain()),)


def supplied(config: Config, shas: Sequence[str], flavour: str, toolchain: Callable[[], Toolchain]) -> frozenset[str]:
    """The commits among ``shas`` whose entry differs from what is asked for in nothing but the commit."""
    if not shas:
        return frozenset()
    asked = [identity | {"sha": ""} for identity in identities(config, Revision(sha=shas[0]), flavour, toolchain)]
    entries = Cache(cache_root()).root / "entries"
    markers = [read_marker(path) for path in entries.iterdir()] if entries.is_dir() else []
    known = [dict(marker.identity) for marker in markers if marker is not None]
    there = {identity.get("sha", "") for identity in known if identity | {"sha": ""} in asked}
    return frozenset(there.intersection(shas))
