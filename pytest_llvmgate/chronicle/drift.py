"""How old the LLVM of a pin is: dates of LLVM commits, exact with a clone of LLVM, else by who pinned them first.

Without a clone the date of an LLVM commit is not known. What is known is when each history at hand first pinned it: it
existed by then. Components that integrate LLVM several times a week date their pins to within days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_llvmgate.chronicle.history import Chronicle, PinState, median, read_chronicle
from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.bulk import BulkReader
from pytest_llvmgate.upstream.first_parent import DAY
from pytest_llvmgate.upstream.llvm_clone import Upstream


@dataclass(frozen=True, kw_only=True)
class Skew:
    """How far a component's LLVM was from the project's own at one of its moves."""

    state: PinState
    pin: str
    days: float
    """Positive where the component's LLVM was the older one."""


def with_dates(
    history: Chronicle, specs: Iterable[PinSpec], repository: Repository, clones: Mapping[str, Path], upstream: Upstream
) -> Chronicle:
    """The history with the best dates at hand: the clone's, else the earliest of all histories."""
    seen = dict(history.seen)
    for component in dict.fromkeys(spec.component for spec in specs if spec.component and spec.file):
        inner = [replace(spec, component="") for spec in specs if spec.component == component]
        for sha, when in _seen_in(component, inner, repository, clones).items():
            seen[sha] = min(seen.get(sha, when), when)
    exact = upstream.dates(seen)
    return replace(history, seen=seen | exact)


def _seen_in(
    component: str, specs: list[PinSpec], repository: Repository, clones: Mapping[str, Path]
) -> Mapping[str, int]:
    """When the component's own history first pinned each LLVM commit."""
    store = BulkReader(repository=repository, clones=clones).component_store(component)
    if store is None:
        return {}
    from pytest_llvmgate.git.remotes import default_branch

    revision = default_branch(store) or "HEAD"
    try:
        return read_chronicle(store, specs, revision=revision, clones=clones).seen
    except GateError:  # an empty clone, or one without that branch: it dates nothing
        return {}


def skews(history: Chronicle) -> tuple[Skew, ...]:
    """The skew of every component at every move of the project's own pin, where both can be dated."""
    found = []
    for state in history.bumps:
        own = history.seen.get(history.said(state))
        for name, pin in state.pins.items():
            date = history.seen.get(pin.text)
            if name not in history.leading and own is not None and date is not None:
                found.append(Skew(state=state, pin=name, days=(own - date) / DAY))
    return tuple(found)


def summary(found: Iterable[Skew]) -> dict[str, tuple[int, float, float]]:
    """Per pin the number, median and maximum (in days, without sign) of the skews that are not nothing."""
    sizes: dict[str, list[float]] = {}
    for skew in found:
        if skew.days:
            sizes.setdefault(skew.pin, []).append(abs(skew.days))
    return {pin: (len(days), median(days), max(days)) for pin, days in sizes.items()}
