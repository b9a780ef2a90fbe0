"""The way to another LLVM commit, as a checklist in Markdown that a maintainer can paste into a tracking issue."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.chronicle.carriers import MOVABLE, CarrierStanding, standing
from pytest_llvmgate.config import holds
from pytest_llvmgate.config.settings import Config, PinSpec, Policy
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.markdown_text import code_span, plain_text
from pytest_llvmgate.model import Downstream
from pytest_llvmgate.moving.moves import left_apart, own_pins, waiting
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.printable import shell_word
from pytest_llvmgate.upstream.llvm_clone import Upstream
from pytest_llvmgate.wording import day

_HOLD_DAYS: Final = 28
"""Length of a proposed hold. Components of the field lag by two weeks in the median: twice that."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Where a project stands on its way to a candidate."""

    candidate: str
    downstream: Downstream
    readings: tuple[PinReading, ...]
    components: tuple[CarrierStanding, ...]
    """Of every component whose pin is compared."""
    config: Config
    today: datetime.date

    @property
    def late(self) -> tuple[CarrierStanding, ...]:
        """Components that must follow and have not come to the candidate, or whose history cannot be searched."""
        return tuple(one for one in self.components if not one.exact and one.pin not in self.advisory)

    @property
    def unread(self) -> tuple[str, ...]:
        """Names of the pins that must agree and cannot be read."""
        compared = (reading for reading in self.readings if reading.spec.policy in {Policy.EQUAL, Policy.SAME_BASE})
        return tuple(reading.name for reading in compared if not reading.text)

    @property
    def advisory(self) -> frozenset[str]:
        """Names of the pins that need not follow."""
        return frozenset(reading.name for reading in self.readings if reading.spec.policy is Policy.ADVISORY)


def make_plan(
    config: Config,
    candidate: str,
    *,
    upstream: Upstream,
    clones: Mapping[str, Path] | None = None,
    today: datetime.date | None = None,
) -> Plan:
    """Find out where every component stands. Nothing is changed."""
    repository = Repository.open(config.root)
    readings = read_pins(config, repository=repository)
    following = [reading for reading in readings if reading.spec.policy is not Policy.IGNORE]
    return Plan(
        candidate=candidate,
        downstream=repository.describe(),
        readings=readings,
        components=tuple(
            standing(reading, candidate, repository=repository, upstream=upstream, clones=clones)
            for reading in following
            if reading.hops and reading.hops[0].what in MOVABLE
        ),
        config=config,
        today=today or datetime.date.today(),
    )


def render_plan(plan: Plan) -> Iterator[str]:
    """The checklist."""
    yield f"# Move to LLVM {plan.candidate[:12]}"
    yield ""
    yield f"Candidate: `{plan.candidate}`. State of {plan.today}, at {_at(plan.downstream)}."
    yield ""
    yield from _pins(plan)
    yield from _components(plan)
    yield from _configurations(plan)
    yield from _holds(plan)
    yield from _steps(plan)


def _at(downstream: Downstream) -> str:
    branch = f" ({plain_text(downstream.branch)})" if downstream.branch else ""
    dirty = ", with uncommitted changes" if downstream.dirty else ""
    return f"`{downstream.commit[:12] or 'no commit'}`{branch}{dirty}"


def _pins(plan: Plan) -> Iterator[str]:
    yield "## Pins"
    yield ""
    for reading in plan.readings:
        done = reading.sha == plan.candidate
        says = code_span(reading.short) if reading.text else _unreadable(reading)
        relaxed = "" if reading.spec.policy is Policy.EQUAL else f" (policy {reading.spec.policy})"
        yield f"- [{_mark(done)}] {plain_text(reading.name)}: {says} in {code_span(str(reading.location))}{relaxed}"
    yield ""


def _unreadable(reading: PinReading) -> str:
    return f"cannot be read ({plain_text(reading.problem.message)})" if reading.problem else "cannot be read"


def _components(plan: Plan) -> Iterator[str]:
    if not plan.components:
        return
    yield "## Components"
    yield ""
    for one in plan.components:
        place = f"{code_span(one.path)} at `{one.current[:12]}`"
        box = "" if one.pin in plan.advisory else f"[{_mark(one.has_arrived)}] "
        relaxed = " (advisory: it need not follow)" if one.pin in plan.advisory else ""
        yield f"- {box}**{plain_text(one.pin)}** ({place}): {_standing(one, plan.today)}{relaxed}"
    yield ""


def _standing(one: CarrierStanding, today: datetime.date) -> str:
    if one.has_arrived:
        return "carries the candidate already"
    if one.exact:
        return (
            f"`{one.exact.commit[:12]}` of {day(one.exact.when)} carries the candidate ({plain_text(one.exact.title)})"
        )
    return plain_text(waiting(one, today))


def _configurations(plan: Plan) -> Iterator[str]:
    if not plan.config.configurations:
        return
    late = [pin for pin in plan.config.pins if pin.name in {*plan.unread, *(one.pin for one in plan.late)}]
    free = holds.free_configurations(plan.config, late)
    names = {one.name for one in free}
    waiting_ones = [one.name for one in plan.config.configurations if one.name not in names]
    yield "## Configurations"
    yield ""
    yield f"- wait for no pin: {_listed(one.name for one in free)}"
    if waiting_ones:
        yield f"- wait for {_listed(pin.name for pin in late)}: {_listed(waiting_ones)}"
    yield ""


def _holds(plan: Plan) -> Iterator[str]:
    standing_holds = [holds.standing(hold, plan.config, today=plan.today) for hold in plan.config.holds]
    late = [pin for pin in plan.config.pins if pin.name in {one.pin for one in plan.late}]
    if not standing_holds and not late:
        return
    yield "## Holds"
    yield ""
    for held in standing_holds:
        yield f"- {held.complaint() if held.expired else f'{held.excuse()} ({held.where})'}"
    for pin in late:
        yield f"- to add while {pin.name} has not arrived:"
        yield ""
        yield "  ```toml"
        for line in _proposed(pin, plan).splitlines():
            yield f"  {line}"
        yield "  ```"
    yield ""


def _proposed(pin: PinSpec, plan: Plan) -> str:
    """A hold on the configurations that the pin affects; on the pin alone where it affects all of them."""
    until = plan.today + datetime.timedelta(days=_HOLD_DAYS)
    reason = f"{pin.name} has not reached LLVM {plan.candidate[:12]}"
    if pin.only:
        return holds.as_toml(reason=reason, until=until, configurations=pin.only)
    return holds.as_toml(reason=reason, until=until, pins=[pin.name])


def _steps(plan: Plan) -> Iterator[str]:
    yield "## What to do next"
    yield ""
    yield from (f"- [ ] {step}" for step in _next(plan))


def _next(plan: Plan) -> Iterator[str]:
    for reading in plan.readings:
        if reading.problem and reading.problem.hint:
            yield f"{plain_text(reading.name)}: {code_span(reading.problem.hint)}"
    for path in dict.fromkeys(one.path for one in plan.late if not one.problem):
        yield f"fetch, in case it has arrived since: {code_span(f'git -C {shell_word(path)} fetch')}"
    if not all(reading.sha == plan.candidate for reading in plan.readings if reading.spec.policy is Policy.EQUAL):
        yield f"move the pins: `llvmgate bump {plan.candidate}`"
        own = own_pins(reading for reading in plan.readings if not reading.spec.group)
        if left := [reading.name for reading in left_apart(own, plan.candidate)]:
            yield f"{_listed(left)}: said something else before, so `bump` leaves it (`bump --apart` moves it, too)"
    if plan.late:
        late = _listed(one.pin for one in plan.late)
        yield f"{late}: add the holds above, or wait, or choose an LLVM that it has (`llvmgate align`)"
    yield f"try it: `pytest --llvm-sha={plan.candidate}`"
    yield "commit the pins, the components and the fixes together, in one pull request"
    if plan.late:
        yield "when the component arrives: move it, remove the hold"


def _mark(done: bool) -> str:
    return "x" if done else " "


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(plain_text, names)) or "none"
