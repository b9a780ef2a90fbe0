"""Where a project stands with LLVM, gathered for one page: its pin, what works, what breaks, what is agreed upon."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.bisect.outcome import numbered
from pytest_llvmgate.bisect.watch_data import sentences, watch_data
from pytest_llvmgate.bisect.watching import JudgedCommit, Picture, Watch, Watched
from pytest_llvmgate.candidates.gathering import read_sibling
from pytest_llvmgate.candidates.revert_warnings import find_quietly
from pytest_llvmgate.carry.looking import Looked, look_at_all
from pytest_llvmgate.chronicle.age import Status, read_status, render_status, status_data
from pytest_llvmgate.codec import parse_json, to_plain
from pytest_llvmgate.config.holds import standing
from pytest_llvmgate.config.settings import CarrySpec, Config, sibling_paths
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.seal import read_sealed
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.check import pinned
from pytest_llvmgate.pins.llvm_clones import find_upstream_quietly
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.roll.roll_state import RollPlace
from pytest_llvmgate.upstream.first_parent import DAY
from pytest_llvmgate.upstream.taken_back import Warned

SCHEMA: Final = 1
_MOST_SHOWN: Final = 10
_TAKEN_BACK: Final = "Taken back since"


@dataclass(frozen=True, kw_only=True)
class StatusPage:
    """All that is on it."""

    sections: dict[str, tuple[str, ...]]
    """Title to lines; some have none."""
    data: dict[str, Any]
    """The same for machines."""
    seen: tuple[JudgedCommit, ...] = ()
    """What was judged, the latest first."""

    @property
    def reverts(self) -> tuple[str, ...]:
        """What was taken back since, a sentence each."""
        return self.sections[_TAKEN_BACK]


def status_page(
    config: Config,
    *,
    status: Status | None = None,
    watched: tuple[Picture, Watched] | None = None,
    reverts: tuple[Warned, ...] | None = None,
) -> StatusPage:
    """Gather it. What cannot be told (no clone, no watch, no roll, no history) is left out.

    ``status``, ``watched``, ``reverts``: where the caller has them already.
    """
    status, problem = (status, "") if status else _status(config)
    watched = watched or _last_watch(config)
    watch, roll = watch_data(*watched) if watched else None, _last_roll(config)
    reverts = find_quietly(config) if reverts is None else reverts
    carries, siblings = tuple(_carries(config)), tuple(_siblings(config))
    sections = {
        "The pinned LLVM": tuple(_of_pin(status)) if status else (problem,),
        "What works": tuple(_what_works(watched, roll)),
        "The last roll": tuple(_of_roll(roll)),
        _TAKEN_BACK: tuple(map(_of_revert, reverts)),
        "Carried patches": tuple(line for one in carries for line in _of_carry(one)),
        "Holds": tuple(hold_lines(config)),
        "Siblings": siblings,
    }
    data = {
        "schema": SCHEMA,
        "recent": watch["recent"] if watch else _recent(roll),
        "status": status_data(status) if status else None,
        "watch": watch,
        "roll": roll,
        "reverts": [to_plain(one) for one in reverts],
        "carries": [{"name": one.carry.name, "notes": list(one.notes), "blocks": list(one.blocks)} for one in carries],
        "holds": [{"until": str(each.until), "reason": each.reason} for each in config.holds],
        "siblings": list(siblings),
    }
    return StatusPage(sections=sections, data=data, seen=watched[1].latest if watched else ())


def _last_roll(config: Config) -> dict[str, Any] | None:
    """What the last roll of this checkout came to; None where there was none."""
    place = RollPlace(Repository.open(config.root).work_tree)
    with suppress(ValueError, RecursionError):
        if text := read_sealed(place.top, place.outcome):
            found = parse_json(text)
            return found if isinstance(found, dict) else None
    return None


def _status(config: Config) -> tuple[Status | None, str]:
    try:
        readings = read_pins(config)
        return read_status(config, readings=readings, upstream=find_upstream_quietly(config, readings)[0]), ""
    except GateError as error:
        return None, error.problems[0].message


def _last_watch(config: Config) -> tuple[Picture, Watched] | None:
    try:
        watch = Watch.resumed(config)
        return (watch.picture(), watch.state) if watch else None
    except GateError:  # no clone any more, say
        return None


# -- sections ---------------------------------------------------------------------------------------------------------


def _of_pin(status: Status) -> Iterator[str]:
    yield from (line.strip() for line in list(render_status(status))[: -len(status.holds) or None])


def _what_works(watched: tuple[Picture, Watched] | None, roll: dict[str, Any] | None) -> Iterator[str]:
    if watched:
        yield from sentences(watched[0])
        return
    for what, mark in (("passes", Mark.GOOD), ("fails", Mark.BAD)):
        for one in _tried(roll, mark)[-1:]:
            why = f": {one['reason']}" if mark is Mark.BAD else ""
            yield f"{one['sha'][:12]} {what}{why} (the last roll tried it)"
    if not roll:
        yield "Nobody has looked: llvmgate watch, or llvmgate roll."


def _of_roll(roll: dict[str, Any] | None) -> Iterator[str]:
    if roll:
        yield f"{roll['ending']}: {roll['says']}"
        yield from (f"{one['sha'][:12]} {one['verdict']}: {one['reason']}" for one in roll["tried"][-_MOST_SHOWN:])


def _of_revert(one: Warned) -> str:
    there = f", brought back by {one.relanded[:12]}" if one.relanded else ""
    carried = f", carried here by {one.carried}" if one.carried else ""
    return f"{one.culprit[:12]} {one.title}: {one.how} by {one.proof[:12]}{there}{carried}"


def _of_carry(one: Looked) -> Iterator[str]:
    yield carry_line(one.carry)
    yield from one.notes
    yield from (f"it is in the way: {text}" for text in one.blocks)


def carry_line(carry: CarrySpec) -> str:
    """A carried patch with its reason and date."""
    days = (carry.until - datetime.date.today()).days
    left = f"{days} days left" if days >= 0 else f"{-days} days past its date"
    whom = "".join(f"; {text}" for text in (carry.owner, carry.issue) if text)
    return f"{carry.name} on {carry.on}: {carry.reason} (until {carry.until}, {left}{whom})"


def hold_lines(config: Config) -> Iterator[str]:
    """The holds with their reasons and dates."""
    for hold in config.holds:
        held = standing(hold, config)
        yield held.complaint() if held.expired else f"{held.excuse()} ({held.responsible})"


def _carries(config: Config) -> Iterator[Looked]:
    if not config.carries:
        return
    pin = ""
    with suppress(GateError):
        pin = pinned(read_pins(config))
    with suppress(GateError):
        yield from look_at_all(config, pin)


def _siblings(config: Config) -> Iterator[str]:
    now = datetime.datetime.now(datetime.UTC).timestamp()
    for path in sibling_paths(config):
        try:
            name, history = read_sibling(path)
            since = history.bumps[-1] if history.bumps else None
            if since:
                days = (now - since.when) / DAY
                yield f"{name}: {history.said(since)[:12]}, for {days:.0f} days"
        except GateError as error:
            yield f"{path.name}: {error.problems[0].message}"


# -- what one job published -------------------------------------------------------------------------------------------


def _recent(roll: dict[str, Any] | None) -> dict[str, Any]:
    """Of a roll, in the shape that a watch has it in: the last commit of either mark."""
    tried = enumerate(roll["tried"] if roll else (), 1)
    last = {one["verdict"]: numbered(one["sha"], one["date"], number) for number, one in tried}
    return {"failed": last.get(Mark.BAD), "succeeded": last.get(Mark.GOOD)}


def _tried(roll: dict[str, Any] | None, mark: Mark) -> list[dict[str, Any]]:
    return [one for one in roll["tried"] if one["verdict"] == mark] if roll else []
