"""The supplier ``source``: LLVM built here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.llvm import shared, source
from pytest_llvmgate.llvm.prefix import read_prefix
from pytest_llvmgate.llvm.prefix_cache import Cache, read_marker
from pytest_llvmgate.llvm.relink import RelinkError
from pytest_llvmgate.llvm.supply import Request, Supply, derived, saved, work
from pytest_llvmgate.llvm.toolchain import Toolchain, Work
from pytest_llvmgate.model import Revision

MAKES_ANY: Final = True


def supply(config: Config, request: Request) -> Supply:
    """LLVM built from source, or the shared flavour derived from what was built."""
    asked = work(request)
    if not shared.source_wanted(config, request.flavour):
        return _built(config, request, asked)
    try:
        entry, remark = shared.from_source(config, request.candidate.sha, asked)
    except RelinkError as error:
        request.on_wait("building the shared flavour in full")
        full = _built(config, request, asked)
        return replace(full, remark=_joined(full.remark, f"built in full: {error.problems[0].message}"))
    return derived(entry, _joined(source.patches_remark(config, request.candidate.sha), remark), "source")


def _joined(*remarks: str) -> str:
    return "; ".join(filter(None, remarks))


def _built(config: Config, request: Request, asked: Work) -> Supply:
    built = source.provide(config, request.candidate.sha, request.flavour, asked)
    made = "an interrupted build, taken up" if built.resumed else "built"
    return Supply(
        prefix=read_prefix(built.entry.path),
        origin=f"source ({'from the cache' if built.entry.hit else made})",
        remark=built.remark,
        was_there=built.entry.hit,
        saved=saved(built.entry),
    )


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
