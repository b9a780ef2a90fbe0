"""For which commits an LLVM is there already, can be made, or cannot be had."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.load import fill
from pytest_llvmgate.config.settings import Config, SupplierKind
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.llvm.prefix_cache import Cache, read_marker
from pytest_llvmgate.llvm.suppliers import identities, serves
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.model import Revision
from pytest_llvmgate.stages.build_tools import toolchain_on_path

CACHED_COST: Final = 0.3
"""Of judging a commit whose LLVM is there, where building one costs 1."""
_NEAR_COST: Final = 0.9
_NEAR: Final = 16
"""Commits from one that was built, within which most objects come out of the compiler cache."""


@dataclass(frozen=True)
class Supplied:
    """What is known of the LLVMs of some commits."""

    at_hand: frozenset[str]
    """Full SHAs whose LLVM is there, in every flavour that is needed."""
    makes_any: bool
    """The supplier makes the others; otherwise they cannot be judged."""

    def has(self, sha: str) -> bool:
        """Whether this commit can be judged at all, as far as is known."""
        return self.makes_any or sha in self.at_hand

    def costs(self, shas: Iterable[str], more: Iterable[str] = ()) -> Callable[[int], float]:
        """What judging each position costs. ``more`` are commits whose LLVM has been made since."""
        there = {*self.at_hand, *more}
        known = [sha in there for sha in shas]
        near = [False] * len(known)
        for position in (index for index, is_known in enumerate(known) if is_known):
            start = max(0, position - _NEAR)
            near[start : position + _NEAR + 1] = [True] * len(near[start : position + _NEAR + 1])

        def cost(position: int) -> float:
            if known[position]:
                return CACHED_COST
            return _NEAR_COST if near[position] else 1.0

        return cost


def find_supplied(
    config: Config, shas: Iterable[str], flavours: Iterable[str], toolchain: Callable[[], Toolchain]
) -> Supplied:
    """Look for the LLVM of every commit of ``shas`` in every one of ``flavours``.

    Raises what the supplier raises for a setting that is wrong.
    """
    wanted, needed = list(shas), list(flavours)
    finders = {
        SupplierKind.PREFIX: lambda flavour: _prefixes(config, wanted, flavour),
        SupplierKind.WHEELS: lambda flavour: _wheels(config, wanted, flavour),
        SupplierKind.SOURCE: lambda flavour: _built(config, wanted, flavour, toolchain),
    }
    finder = finders.get(config.llvm.supplier) if config.llvm.supplier else None
    if finder is None or not needed:
        return Supplied(frozenset(), makes_any=True)
    found = [finder(flavour) for flavour in needed]
    makes_any = config.llvm.supplier is SupplierKind.SOURCE
    return Supplied(frozenset.intersection(*found), makes_any=makes_any)


def _prefixes(config: Config, shas: list[str], flavour: str) -> frozenset[str]:
    tags = {sha: tag for tag, sha in config.llvm.tags.items()}

    def directory(sha: str) -> Path:
        values = {"sha": sha, "short": Revision(sha=sha).short, "tag": tags.get(sha, ""), "flavour": flavour}
        return config.root / Path(fill(config.llvm.prefix, values)).expanduser()

    return frozenset(sha for sha in shas if directory(sha).is_dir())


def _wheels(config: Config, shas: list[str], flavour: str) -> frozenset[str]:
    served = {each.revision for each in config.llvm.wheels if serves(config, each, flavour)}
    return frozenset(served.intersection(shas))


def _built(config: Config, shas: list[str], flavour: str, toolchain: Callable[[], Toolchain]) -> frozenset[str]:
    """The entries of the cache that differ from what is asked for in nothing but the commit."""
    if not shas:
        return frozenset()
    asked = [identity | {"sha": ""} for identity in identities(config, Revision(sha=shas[0]), flavour, toolchain)]
    entries = Cache(cache_root()).root / "entries"
    markers = [read_marker(path) for path in entries.iterdir()] if entries.is_dir() else []
    known = [dict(marker.identity) for marker in markers if marker is not None]
    there = {identity.get("sha", "") for identity in known if identity | {"sha": ""} in asked}
    return frozenset(there.intersection(shas))


@cache
def this_toolchain() -> Toolchain:
    """What this machine builds LLVM with, as the gate would; asked once. Raises ``ToolError``."""
    return toolchain_on_path()
