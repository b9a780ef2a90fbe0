"""What the scan of a log yields: groups of events, failed edges, progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.findings.context import ErrorLine
from pytest_llvmgate.findings.events import Edge, Event
from pytest_llvmgate.kinds.catalogue import UNDEFINED_SYMBOL
from pytest_llvmgate.kinds.facts import FORM, SCOPE, SYMBOL, TEST
from pytest_llvmgate.model import Edges
from pytest_llvmgate.owners.standard_names import is_of_c, is_of_posix

MOST_GROUPS: Final = 4000
"""Different causes that are told apart in one log; the rest is counted."""
MOST_SITES: Final = 500
"""Distinct places kept per group."""
_MOST_UNITS: Final = 5000
"""Units remembered per group."""
SAMPLES: Final = 3
"""Events of a group that keep their lines."""

Key = tuple[str, str, str]


@dataclass(slots=True, kw_only=True, eq=False)
class Group:
    """All events of one kind and identifier (and, for links, one linked library)."""

    kind: str
    identifier: str
    first: Event
    samples: list[Event] = field(default_factory=list)
    """The first few events, with their lines; ``first`` is among them."""
    sites: dict[int, Event] = field(default_factory=dict)
    """Distinct places, each with its first event."""
    edges: dict[str, Edge] = field(default_factory=dict)
    tests: dict[str, None] = field(default_factory=dict)
    """The lit tests in whose output it was seen, in order."""
    declared_in: str = ""
    """The header in which the baseline declares it, where that is known."""
    count: int = 0
    follow_ons: int = 0
    """Errors dropped because they follow from this one."""
    probable: int = 0
    """Errors of the same units that probably follow from this one."""
    units: dict[str, int] = field(default_factory=dict)
    """Translation units (or other commands) in whose output it was seen, each with the first line of the log."""

    @property
    def facts(self) -> dict[str, str]:
        """What is known of the group: the facts of its first event, which its other events add to."""
        return self.first.facts

    @property
    def form(self) -> str:
        """Which shape the message has, of those that its kind knows."""
        return self.first.form

    def add(self, event: Event) -> None:
        """Count one more event of the group."""
        self.count += 1
        if len(self.samples) < SAMPLES:
            self.samples.append(event)
            for key, value in event.facts.items():  # a later line may say what the first one does not
                self.facts.setdefault(key, value)
        if len(self.sites) < MOST_SITES:
            site = _site_of(event)
            if site not in self.sites:
                self.sites[site] = event
                if len(self.samples) >= SAMPLES:
                    event.detail, event.before = [], ()
        if test := event.facts.get(TEST):
            self.tests[test] = None
        if len(self.units) < _MOST_UNITS:
            self.units.setdefault(unit_of(event), event.line)
        self.note_edge(event.edge)

    def note_edge(self, edge: Edge | None) -> None:
        """One more edge fails with it."""
        if edge is not None and len(self.edges) < MOST_SITES:
            self.edges.setdefault(edge.output, edge)

    def count_follower(self, other: Group, *, probably: bool = False) -> None:
        """Count another group's errors as what follows from this one, or ``probably`` does."""
        if probably:
            self.probable += other.count + other.follow_ons + other.probable
        else:
            self.follow_ons += other.count + other.follow_ons

    def absorb(self, other: Group) -> None:
        """Take over what another group counted."""
        self.count += other.count
        self.follow_ons += other.follow_ons
        self.sites.update(other.sites)
        self.probable += other.probable
        self.edges.update(other.edges)
        self.tests.update(other.tests)
        for unit, line in other.units.items():
            self.units[unit] = min(line, self.units.get(unit, line))


def unit_of(event: Event) -> str:
    """What was compiled: the edge's output, else the file that includes all others."""
    if event.edge is not None:
        return event.edge.output
    outermost = event.includes[-1] if event.includes else event.place
    return outermost.path if outermost is not None else ""


def is_of_the_standard(group: Group) -> bool:
    """Whether a name of the C or C++ standard library is missed."""
    facts = group.facts
    if facts.get(FORM) not in {"not-member", "undeclared"}:
        return False
    lines = (group.first.message, *group.first.detail)
    is_named = is_of_c(group.identifier) or is_of_posix(group.identifier)
    return facts.get(SCOPE, "") == "std" or is_named or any("is defined in header '<" in line for line in lines)


def lacks_of_std(identifier: str, facts: Mapping[str, str]) -> bool:
    """Whether C++'s standard library lacks it: of a header of LLVM's, that is to ask for a newer standard.

    What is told by its ``_t``, as ``std::nullopt_t``, has no members in any.
    """
    scope = facts.get(SCOPE, "")
    return scope == "std" or (identifier.startswith("std::") and not scope.endswith("_t"))


def _site_of(event: Event) -> int:
    """Tells places apart: where the tool points, and the frames through which it came there."""
    place = event.place
    if place is None:
        return hash(event.facts.get(SYMBOL, "") or event.line)
    return hash((place.path, place.line, tuple((frame.path, frame.line) for frame in event.frames[:6])))


@dataclass(slots=True, kw_only=True)
class Scan:
    """What the scanner found."""

    groups: dict[Key, Group] = field(default_factory=dict)
    failed_edges: list[Edge] = field(default_factory=list)
    error_lines: list[ErrorLine] = field(default_factory=list)
    edges: Edges | None = None
    lines: int = 0
    errors: int = 0
    """Error messages, before anything is grouped or dropped."""
    untold: int = 0
    """Errors beyond the number of groups that are told apart."""
    stopped_units: int = 0
    """Units at whose error limit the compiler stopped."""
    marks: set[str] = field(default_factory=set)
    """Facts about the log as a whole: ``stopped``, ``failed``, ``interrupted``, ``cancelled``,
    ``succeeded``."""
    build: str = ""
    """The build directory, where the log names it."""
    ends_within_line: bool = False
    tail: list[str] = field(default_factory=list)
    """The last lines of the log."""
    uncertain: list[Event] = field(default_factory=list)
    """Events outside of failed edges that count only where a failure is known."""

    @property
    def before_tail(self) -> int:
        """How many lines of the log stand in front of its tail."""
        return self.lines - len(self.tail)

    def add(self, event: Event) -> Group | None:
        """Put the event into its group; ``None`` when there are too many groups already."""
        key = group_key(event)
        group = self.groups.get(key)
        if group is None:
            if len(self.groups) >= MOST_GROUPS:
                self.untold += 1
                return None
            group = self.groups[key] = Group(kind=event.kind, identifier=event.identifier, first=event)
        group.add(event)
        return group

    def in_order(self) -> list[tuple[Key, Group]]:
        """The groups with their keys as the log first has them; they may be taken out meanwhile."""
        return sorted(self.groups.items(), key=lambda item: item[1].first.line)

    def of_kind(self, *kinds: str) -> list[tuple[Key, Group]]:
        """The groups of some kinds with their keys; they may be taken out meanwhile."""
        return [(key, group) for key, group in self.groups.items() if group.kind in kinds]

    def attribute(self, key: Key, *, to: Group | None, probably: bool = False) -> None:
        """Take a group out, because its errors follow from another's; where there is no other, it stays."""
        if to is not None:
            to.count_follower(self.groups.pop(key), probably=probably)

    def join(self, keys: Sequence[Key]) -> Group:
        """Make one group of several: the first takes over the others."""
        first = self.groups[keys[0]]
        for key in keys[1:]:
            first.absorb(self.groups.pop(key))
        return first


def group_key(event: Event) -> Key:
    """What makes two events one cause at the scanner's level: rules may join groups further."""
    linked = event.edge.linked_target if event.edge is not None and event.kind == UNDEFINED_SYMBOL else ""
    return (event.kind, event.identifier, linked)


@dataclass(slots=True)
class Progress:
    """ninja's counters, run by run: a counter that falls back begins another run."""

    runs: list[list[int]] = field(default_factory=list)
    """Finished, total and failed edges of each run."""

    def note(self, finished: int, total: int) -> None:
        """A status line ``[finished/total]``."""
        if not self.runs or finished < self.runs[-1][0]:
            self.runs.append([0, 0, 0])
        run = self.runs[-1]
        run[0], run[1] = finished, total

    def failed(self, *, was_counted: bool = True) -> None:
        """An edge of the current run failed; ninja announces one that has the console before it counts it."""
        if not self.runs:
            self.runs.append([0, 0, 0])
        run = self.runs[-1]
        run[0] = min(run[0] + (not was_counted), run[1])
        run[2] += 1

    @property
    def edges(self) -> Edges | None:
        """The last run with failures, else the last run."""
        runs = [run for run in self.runs if run[1]]
        chosen = [run for run in runs if run[2]] or runs
        if not chosen:
            return None
        finished, total, failed = chosen[-1]
        return Edges(finished=finished, total=total, failed=failed)
