"""From what is known of commits to an order among them, with the reason for each.

Points are a sum of reasons, each with its own; nothing else moves a commit up or down, so a reader can disagree with a
single one. The weights are judgements, not measurements: a verdict of one's own gate counts more than what others
adopted, and that more than age.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import Final

from pytest_llvmgate.candidates.used_parts import UsedParts
from pytest_llvmgate.upstream.first_parent import DAY, Commit
from pytest_llvmgate.upstream.windows import Proof, Window

_SEGMENTS: Final = 8
"""Parts of the range of which each offers its best commit that nobody speaks for."""

_PASSED: Final = 50.0
_FAILED: Final = -80.0
_OF_ANOTHER_TREE: Final = 0.5
"""Factor of a verdict that was made at another commit of the downstream."""
_COMPONENT_NOW: Final = 35.0
_COMPONENT_CARRIES: Final = 25.0
_SIBLING: Final = 15.0
_MOST_SIBLINGS: Final = 45.0
_WINDOW: Final = -40.0
_MOST_WINDOWS: Final = -80.0
_FRESHNESS: Final = 20.0
_UNSETTLED: Final = -15.0
_PREFLIGHT_EACH: Final = -4.0
_MOST_PREFLIGHT: Final = -40.0

_SHORT: Final = 14.0
_LONG: Final = 60.0
"""Days. A revert after months is a change of mind more often than a mended break."""
_SETTLE_SHARE: Final = 0.8
_SETTLE_LEAST: Final = 1.0
_SETTLE_MOST: Final = 7.0
_SETTLE_DEFAULT: Final = 2.0
"""Days."""


class ReasonKind(StrEnum):
    """What a reason speaks of."""

    VERDICT = "verdict"
    COMPONENT = "component"
    SIBLING = "sibling"
    WINDOW = "window"
    AGE = "age"
    UNSETTLED = "unsettled"
    PREFLIGHT = "preflight"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a commit is better or worse than its neighbours."""

    kind: ReasonKind
    text: str
    points: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """A project that was, or is, on a commit."""

    project: str
    commit: str
    """The project's own commit that moved to it."""
    patches: int = 0
    """Patches that the project carries on top of it."""


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A component that pins a commit."""

    component: str
    commit: str
    """The component's commit that does."""
    is_current: bool = False
    """It is the one that the downstream's gitlink names, so nothing has to move."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A verdict that an earlier session left."""

    passes: bool
    text: str
    """What passed or failed, in a few words."""
    same_tree: bool = True
    """It was made at the downstream's present commit, as far as that is known."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A commit to move to, and what speaks for and against it."""

    commit: Commit
    position: int
    """In the range, from 0."""
    ahead_days: float
    """Days between the pin's commit and this one."""
    reasons: tuple[Reason, ...]
    windows: tuple[Window, ...] = ()
    adoptions: tuple[Adoption, ...] = ()
    carried: tuple[Carried, ...] = ()
    recorded: Recorded | None = None
    preflight: tuple[str, ...] | None = None
    """What preflight found gone that is used and not excused, a sentence each."""

    @property
    def points(self) -> float:
        """The sum of the reasons' points."""
        return sum(reason.points for reason in self.reasons)

    @property
    def is_known_bad(self) -> bool:
        """Whether the gate has said no to it, for the downstream as it is."""
        return self.recorded is not None and not self.recorded.passes and self.recorded.same_tree


@dataclass(frozen=True, kw_only=True)
class Field:
    """The range that is ranked."""

    commits: Sequence[Commit]
    """Newer than the pin, oldest first."""
    base_when: int
    """Date of the pin's commit."""
    windows: Sequence[Window]
    used: UsedParts
    adoptions: Mapping[str, tuple[Adoption, ...]] = field(default_factory=dict)
    """By full SHA, as are the next two."""
    carried: Mapping[str, tuple[Carried, ...]] = field(default_factory=dict)
    recorded: Mapping[str, Recorded] = field(default_factory=dict)

    @property
    def spoken_for(self) -> frozenset[str]:
        """The commits that somebody or something speaks for or against."""
        return frozenset({*self.adoptions, *self.carried, *self.recorded})

    @cached_property
    def weights(self) -> tuple[float, ...]:
        """0 to 1 for each window: how much it is to be avoided."""
        return tuple(self._weight(window) for window in self.windows)

    def _weight(self, window: Window) -> float:
        factor = self.used.of_all(window.paths)
        factor *= 0.6 if window.kind is Proof.MENDED else 1.0
        factor *= 0.5 if window.partial else 1.0
        factor *= 1.0 if window.days <= _SHORT else 0.5 if window.days <= _LONG else 0.2
        return factor * (0.25 if window.before else 1.0)  # the pin has it too, and the downstream lives with it

    def windows_at(self, position: int) -> tuple[tuple[Window, float], ...]:
        """The windows that hold a position and matter here, each with its weight, the weightiest first."""
        pairs = zip(self.windows, self.weights, strict=True)
        found = [(window, weight) for window, weight in pairs if weight > 0 and window.holds(position)]
        return tuple(sorted(found, key=lambda pair: -pair[1]))

    @cached_property
    def settle_days(self) -> float:
        """Days after which most of the reverts of this history have come."""
        delays = sorted(window.days for window in self.windows if not window.before and window.days <= _LONG)
        if not delays:
            return _SETTLE_DEFAULT
        return min(_SETTLE_MOST, max(_SETTLE_LEAST, delays[int((len(delays) - 1) * _SETTLE_SHARE)]))

    def age(self, position: int) -> float:
        """Points for being newer."""
        return _FRESHNESS * (position + 1) / len(self.commits)

    def unsettled(self, position: int) -> float:
        """Points against what is so new that nothing was there yet to revert it; 0 or less."""
        age = (self.commits[-1].when - self.commits[position].when) / DAY
        return min(0.0, _UNSETTLED * (1 - max(0.0, age) / self.settle_days))


def taint(field_: Field) -> list[float]:
    """For every position, the sum of the weights of the windows that hold it, in one sweep."""
    steps = [0.0] * (len(field_.commits) + 1)
    for window, weight in zip(field_.windows, field_.weights, strict=True):
        steps[window.start] += weight
        steps[window.end] -= weight
    # What was added and taken away again is nothing, whatever the rounding of floats says.
    return [max(0.0, round(total, 9)) for total in accumulate(steps[:-1])]


def rank(field_: Field, preflights: Mapping[str, tuple[str, ...]] | None = None) -> tuple[Candidate, ...]:
    """The commits worth a look, best first: all that somebody speaks for, and the best of each part of the range."""
    spoken = field_.spoken_for
    chosen = {position for position, commit in enumerate(field_.commits) if commit.sha in spoken}
    chosen.update(_best_of_segments(field_))
    found = [_candidate(field_, position, preflights or {}) for position in chosen]
    return tuple(sorted(found, key=lambda one: (-one.points, -one.position)))


def _best_of_segments(field_: Field) -> Iterator[int]:
    """Of each part of the range the commit that is in the fewest windows; of equals the newest that has settled."""
    sums = taint(field_)
    count = len(field_.commits)
    size = math.ceil(count / _SEGMENTS) or 1

    def worth(at: int) -> float:
        return max(_MOST_WINDOWS, _WINDOW * sums[at]) + field_.age(at) + field_.unsettled(at)

    for start in range(0, count, size):
        yield max(range(start, min(start + size, count)), key=lambda at: (worth(at), at))


def _candidate(field_: Field, position: int, preflights: Mapping[str, tuple[str, ...]]) -> Candidate:
    commit = field_.commits[position]
    draft = Candidate(
        commit=commit,
        position=position,
        ahead_days=(commit.when - field_.base_when) / DAY,
        reasons=(),
        windows=tuple(window for window, _ in field_.windows_at(position)),
        adoptions=field_.adoptions.get(commit.sha, ()),
        carried=field_.carried.get(commit.sha, ()),
        recorded=field_.recorded.get(commit.sha),
        preflight=preflights.get(commit.sha),
    )
    return replace(draft, reasons=tuple(_reasons(draft, field_)))


def _reasons(one: Candidate, field_: Field) -> Iterator[Reason]:
    yield from _verdict(one.recorded)
    yield from _components(one.carried)
    yield from _siblings(one.adoptions)
    yield from _windows(field_, one.position)
    yield from _preflight(one.preflight)
    unsettled = field_.unsettled(one.position)
    if unsettled < 0:
        text = f"so new that a revert may still come (most come within {field_.settle_days:.1f} days)"
        yield Reason(kind=ReasonKind.UNSETTLED, text=text, points=unsettled)
    ahead = f"{one.position + 1:,} commits and {one.ahead_days:.0f} days after the pin"
    yield Reason(kind=ReasonKind.AGE, text=ahead, points=field_.age(one.position))


def _verdict(recorded: Recorded | None) -> Iterator[Reason]:
    if recorded is None:
        return
    points = (_PASSED if recorded.passes else _FAILED) * (1.0 if recorded.same_tree else _OF_ANOTHER_TREE)
    where = "" if recorded.same_tree else ", at another state of this project"
    word = "passed" if recorded.passes else "failed"
    yield Reason(kind=ReasonKind.VERDICT, text=f"{word} the gate here{where}: {recorded.text}", points=points)


def _components(carried: Iterable[Carried]) -> Iterator[Reason]:
    for one in carried:
        points = _COMPONENT_NOW if one.is_current else _COMPONENT_CARRIES
        place = "where the gitlink stands" if one.is_current else f"at {one.commit[:12]}"
        text = f"{one.component} pins exactly this {place}, so the pins agree by construction"
        yield Reason(kind=ReasonKind.COMPONENT, text=text, points=points)


def _siblings(adoptions: Sequence[Adoption]) -> Iterator[Reason]:
    if not adoptions:
        return
    names = ", ".join(_adopter(one) for one in adoptions)
    points = sum(_SIBLING * (0.5 if one.patches else 1.0) for one in adoptions)
    yield Reason(kind=ReasonKind.SIBLING, text=f"adopted by {names}", points=min(_MOST_SIBLINGS, points))


def _adopter(one: Adoption) -> str:
    patches = f" + {one.patches} patch{'es' if one.patches > 1 else ''}" if one.patches else ""
    return f"{one.project} ({one.commit[:12]}{patches})"


def _windows(field_: Field, position: int) -> Iterator[Reason]:
    left = _MOST_WINDOWS
    for window, weight in field_.windows_at(position):
        points = max(left, _WINDOW * weight)
        left -= points
        yield Reason(kind=ReasonKind.WINDOW, text=_bad(window, field_.used), points=points)


def _bad(window: Window, used: UsedParts) -> str:
    verb = "reverted" if window.kind is Proof.REVERTED else "had to be mended"
    touched = used.those(window.paths)
    if touched:
        more = f" and {len(touched) - 1} more" if touched[1:] else ""
        what = f"it touches {touched[0]}{more}, used here"
    else:
        what = "not used here, but part of LLVM's build"
    return f"has {window.culprit[:12]} ({window.title}), which was {verb} by {window.proof[:12]}; {what}"


def _preflight(found: tuple[str, ...] | None) -> Iterator[Reason]:
    if found is None:
        return
    if not found:
        yield Reason(kind=ReasonKind.PREFLIGHT, text="preflight finds nothing that this project uses gone")
        return
    more = f", and {len(found) - 1} more" if found[1:] else ""
    points = max(_MOST_PREFLIGHT, _PREFLIGHT_EACH * len(found))
    yield Reason(kind=ReasonKind.PREFLIGHT, text=f"preflight: {found[0]}{more}", points=points)
