"""Which candidates a roll may take: those at which components and siblings can be, too."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llvmgate.bisect.supplied import find_supplied
from pytest_llvmgate.candidates.gathering import Ranking
from pytest_llvmgate.config.holds import hold_for
from pytest_llvmgate.config.settings import Config, Policy
from pytest_llvmgate.model import PINS_GROUP
from pytest_llvmgate.pins.reading import PinReading


def choice(
    config: Config, ranking: Ranking, readings: Iterable[PinReading], *, together: bool
) -> tuple[frozenset[str] | None, tuple[str, ...]]:
    """What narrows the range down: components that must carry the candidate, siblings that are to share it, and which
    LLVMs there are where none is built. The full SHAs that come into question (None for all), and a sentence for each.
    """
    known = ranking.field
    sets: list[frozenset[str]] = []
    why: list[str] = []
    for name in sorted(_bound(config, readings) & {*ranking.components}):
        carried = frozenset(sha for sha, by in known.carried.items() if any(one.component == name for one in by))
        sets.append(carried)
        why.append(f"{name} carries {len(carried)} of the {ranking.commits} commits after the pin")
    for name in ranking.siblings if together else ():
        adopted = frozenset(sha for sha, by in known.adoptions.items() if any(one.project == name for one in by))
        sets.append(adopted)
        why.append(f"{name} was on {len(adopted)} of them")
    supplied = find_supplied(config, [one.sha for one in ranking.field.commits], config.flavours)
    if not supplied.makes_any:
        sets.append(supplied.at_hand)
        why.append(f"an LLVM is there for {len(supplied.at_hand)} of them")
    return frozenset.intersection(*sets) if sets else None, tuple(why)


def _bound(config: Config, readings: Iterable[PinReading]) -> set[str]:
    """The pins in components that must equal the candidate: their own history says where that can be."""
    return {
        reading.name
        for reading in readings
        if reading.hops
        and reading.spec.policy in {Policy.EQUAL, Policy.SAME_BASE}
        and not reading.spec.group
        and ((held := hold_for(config, PINS_GROUP, reading.name)) is None or held.expired)
    }
