"""Which commit of a component carries an LLVM commit: its own history of pins, searched for the candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.chronicle.history import Chronicle, PinState, read_chronicle
from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.remotes import default_branch
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import same_commit
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.upstream.first_parent import DAY
from pytest_llvmgate.upstream.llvm_clone import Distance, Upstream

MOVABLE: Final = frozenset({"gitlink", "file"})
"""Kinds of first hops that name a component's commit, so that another can be named; a vendored directory has none."""


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """The commit of a component at which it came to an LLVM commit."""

    commit: str
    when: int
    """Committer date."""
    title: str
    llvm: str
    """The LLVM commit that it pins."""
    distance: Distance | None = None
    """From the candidate, where it is not the candidate itself."""
    days: float | None = None
    """Days between its LLVM and the candidate, by the best dates at hand; negative where its LLVM is older."""

    @property
    def short(self) -> str:
        """Commit and title for a line of text."""
        return f"{self.commit[:12]} {self.title}"


@dataclass(frozen=True, kw_only=True)
class CarrierStanding:
    """Where a component is on its way to the candidate."""

    pin: str
    path: str
    """The component's gitlink, or the clone of it that the configuration names."""
    current: str
    """The commit that the gitlink names."""
    exact: Carrier | None = None
    """The first commit of its main line, in the newest stretch that carries the candidate."""
    nearest: Carrier | None = None
    """The commit whose LLVM is nearest by date, where none carries the candidate."""
    newest: Carrier | None = None
    """Where its main line is, as far as the clone knows."""
    problem: str = ""
    """Why its history cannot be searched."""

    @property
    def has_arrived(self) -> bool:
        """Whether the gitlink names a commit that carries the candidate already."""
        return self.exact is not None and self.exact.commit == self.current


def standing(
    reading: PinReading,
    candidate: str,
    *,
    repository: Repository,
    upstream: Upstream,
    clones: Mapping[str, Path] | None = None,
) -> CarrierStanding:
    """Search the component that ``reading`` goes through for the candidate (a full SHA)."""
    hop = reading.hops[0]
    found = CarrierStanding(pin=reading.name, path=_component(reading), current=hop.commit)
    if reading.sha == candidate:
        return replace(found, exact=Carrier(commit=hop.commit, when=0, title="", llvm=candidate))
    history = component_history(reading, repository=repository, clones=clones)
    if isinstance(history, str):
        return replace(found, problem=history)
    exact = next((state for state in reversed(history.bumps) if same_commit(history.said(state), candidate)), None)
    return replace(
        found,
        exact=_carrier(exact, history) if exact else None,
        nearest=None if exact else _nearest(history, candidate, upstream),
        newest=_carrier(history.bumps[-1], history),
    )


def component_history(
    reading: PinReading, *, repository: Repository, clones: Mapping[str, Path] | None = None
) -> Chronicle | str:
    """The LLVM commits that the main line of the component that ``reading`` goes through was on; else why not."""
    store = _store(reading, repository, clones or {})
    if store is None:
        return f"there is no clone of {_component(reading)}"
    known = {**_stores_on_the_way(reading), **(clones or {})}
    try:
        history = read_chronicle(store, [_inside(reading)], revision=default_branch(store) or "HEAD", clones=known)
    except GateError as error:
        return error.problems[0].message
    return history if history.bumps else f"the history of {_component(reading)} pins no LLVM commit that can be read"


def _stores_on_the_way(reading: PinReading) -> dict[str, Path]:
    """The clones of repositories whose commits files name: their paths are relative to the downstream."""
    stores = (hop.store for hop in reading.hops if hop.what == "file")
    return {
        hop.repository: store.parent if store.name == ".git" else store
        for hop, store in zip(reading.spec.through, stores, strict=False)
        if store is not None
    }


def _store(reading: PinReading, repository: Repository, clones: Mapping[str, Path]) -> Repository | None:
    hop = reading.hops[0]
    named = clones.get(hop.where.path) or clones.get(hop.where.path.rpartition("/")[2])
    if named is not None:
        return Repository.open(named, bare=True)
    if hop.store is not None:
        return Repository.at(hop.store)
    stores = repository.submodule_stores(hop.where.path, repository.submodules())
    return stores[0] if stores else None


def _component(reading: PinReading) -> str:
    """Where the component is: its gitlink, or the clone of the repository whose commit a file names."""
    hop = reading.hops[0]
    return reading.spec.through[0].repository if hop.what == "file" else hop.where.path


def _inside(reading: PinReading) -> PinSpec:
    """The pin as the component itself would describe it."""
    spec = reading.spec
    if reading.hops[0].what == "file":
        return replace(spec, component="", through=spec.through[1:])
    path = reading.hops[0].where.path
    if not spec.file:
        return replace(spec, component="", file=spec.component[len(path) + 1 :])
    return replace(spec, component=spec.component[len(path) + 1 :])


def _carrier(state: PinState, history: Chronicle) -> Carrier:
    return Carrier(commit=state.commit, when=state.when, title=state.title, llvm=history.said(state))


def _nearest(history: Chronicle, candidate: str, upstream: Upstream) -> Carrier | None:
    """The move whose LLVM is nearest to the candidate by committer date; unknowable without a clone of LLVM."""
    dates = upstream.dates([candidate, *(history.said(state) for state in history.bumps)])
    if candidate not in dates:
        return None
    dated = [state for state in history.bumps if history.said(state) in dates]
    if not dated:
        return None
    best = min(reversed(dated), key=lambda state: abs(dates[history.said(state)] - dates[candidate]))
    llvm = history.said(best)
    return replace(
        _carrier(best, history),
        distance=upstream.distance(llvm, candidate),
        days=(dates[llvm] - dates[candidate]) / DAY,
    )
