"""What is asked of a supplier, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, read_prefix
from pytest_llvmgate.llvm.prefix_cache import Cache, CachedLlvm
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.model import Revision


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a supplier."""

    candidate: Revision
    flavour: str
    log: Path
    timeout: float
    """Seconds."""
    on_wait: Callable[[str], None]
    """Told, in words, what is being done or waited for."""
    toolchain: Callable[[], Toolchain] | None = None
    """Finds what a source build takes; asked only when one is needed."""

    @cached_property
    def tools(self) -> Toolchain:
        """What making an LLVM takes. Raises ``SupplyError`` where the request has no toolchain."""
        if self.toolchain is None:
            raise SupplyError("making this LLVM takes a toolchain, and none was given")
        return self.toolchain()


@dataclass(frozen=True, kw_only=True)
class Supply:
    """A verified toolchain prefix, and how it came."""

    prefix: ToolchainPrefix
    origin: str
    """In words, for the report: ``wheels (from the cache)``, ``prefix /opt/llvm``."""
    was_there: bool
    """Nothing had to be made or fetched."""
    remark: str = ""
    saved: float = 0.0
    """Seconds that the cache saved."""


def derived(entry: CachedLlvm, remark: str, origin: str) -> Supply:
    """The answer for a derived flavour."""
    how = "derived (from the cache)" if entry.hit else "derived"
    return of_entry(entry, f"{how} from {origin}", remark)


def of_entry(entry: CachedLlvm, origin: str, remark: str = "") -> Supply:
    """The answer for an entry of the cache, which saved what making it took."""
    return Supply(
        prefix=read_prefix(entry.path),
        origin=origin,
        remark=remark,
        was_there=entry.hit,
        saved=entry.info.duration if entry.hit else 0.0,
    )


def cached(identities: Sequence[dict[str, str]]) -> ToolchainPrefix:
    """The first entry of the cache with one of these identities. Raises ``SupplyError``."""
    cache = Cache(cache_root())
    for identity in identities:
        if (entry := cache.find(identity)) is not None:
            return read_prefix(entry.path)
    raise SupplyError("expected this LLVM in the cache, it is not there yet")
