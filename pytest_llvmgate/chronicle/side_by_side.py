"""Several projects side by side: the LLVM commits they shared, their skew over time, and the newest one all could use.

"Could use" means what can be known without building: every project has a commit of its own that pinned it.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_llvmgate.chronicle.history import Chronicle, PinState
from pytest_llvmgate.git.revisions import is_full_sha, known_commits, shortened
from pytest_llvmgate.upstream.first_parent import DAY
from pytest_llvmgate.upstream.llvm_clone import Upstream
from pytest_llvmgate.wording import counted, day


@dataclass(frozen=True, kw_only=True)
class CommitStay:
    """A project's time on an LLVM commit."""

    commit: str
    """The project's commit that moved to it."""
    since: int
    until: int | None
    """When it moved on; ``None`` while it is on it."""


@dataclass(frozen=True, kw_only=True)
class Track:
    """The LLVM commits that one project was on, oldest first."""

    name: str
    uses: Mapping[str, CommitStay]
    """LLVM commit to the project's last time on it."""
    moves: Sequence[tuple[int, str]]
    """Time and LLVM commit of every move."""

    def at(self, when: float) -> str | None:
        """The LLVM commit that the project was on at a time."""
        return next((llvm for moved, llvm in reversed(self.moves) if moved <= when), None)

    @property
    def now(self) -> str | None:
        """The LLVM commit that it is on."""
        return self.moves[-1][1] if self.moves else None


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """Several tracks and the dates of their LLVM commits."""

    tracks: tuple[Track, ...]
    dates: Mapping[str, int]
    """LLVM commit to its date: the clone's, or the day on which one of the projects first pinned it."""
    exact: bool
    """All dates are the clone's."""

    def shared(self, count: int = 2) -> tuple[str, ...]:
        """LLVM commits that at least ``count`` of the projects were on, oldest first."""
        users: dict[str, int] = {}
        for track in self.tracks:
            for llvm in track.uses:
                users[llvm] = users.get(llvm, 0) + 1
        return tuple(sorted((llvm for llvm, n in users.items() if n >= count), key=lambda llvm: self.dates[llvm]))

    @property
    def newest_common(self) -> str | None:
        """The newest LLVM commit that every project was on."""
        return next(reversed(self.shared(len(self.tracks))), None)

    def spread(self, when: float) -> float | None:
        """Days between the oldest and the newest LLVM that the projects were on; ``None`` with fewer than two."""
        dates = [self.dates[llvm] for track in self.tracks if (llvm := track.at(when))]
        return (max(dates) - min(dates)) / DAY if len(dates) > 1 else None


def align(histories: Mapping[str, Chronicle], upstream: Upstream) -> Alignment:
    """Put the histories (name to history) side by side."""
    moves = {
        name: [(state.when, history.said(state), state) for state in history.bumps]
        for name, history in histories.items()
    }
    full = {llvm for found in moves.values() for _, llvm, _ in found if is_full_sha(llvm)}
    tracks = tuple(_track(name, found, full) for name, found in moves.items())
    dates: dict[str, int] = {}
    for track in tracks:
        for when, llvm in track.moves:
            dates[llvm] = min(dates.get(llvm, when), when)
    exact = upstream.dates(dates)
    return Alignment(tracks=tracks, dates=dates | exact, exact=bool(dates) and exact.keys() >= dates.keys())


def _track(name: str, moves: Sequence[tuple[int, str, PinState]], full: set[str]) -> Track:
    uses: dict[str, CommitStay] = {}
    named = [(when, _spelled_out(llvm, full), state) for when, llvm, state in moves]
    for number, (when, llvm, state) in enumerate(named):
        until = named[number + 1][0] if number + 1 < len(named) else None
        uses[llvm] = CommitStay(commit=state.commit, since=when, until=until)
    return Track(name=name, uses=uses, moves=tuple((when, llvm) for when, llvm, _ in named))


def _spelled_out(llvm: str, full: set[str]) -> str:
    """An abbreviated SHA as the full one that another project wrote, if exactly one fits."""
    fitting = known_commits(llvm, full, ())
    return next(iter(fitting)) if len(fitting) == 1 else llvm


def quarters(alignment: Alignment) -> Iterator[tuple[datetime.date, float]]:
    """The spread at the end of every quarter in which at least two projects had a pin."""
    times = [when for track in alignment.tracks for when, _ in track.moves]
    if not times:
        return
    first, last = (datetime.datetime.fromtimestamp(when, datetime.UTC).date() for when in (min(times), max(times)))
    for year, month in itertools.product(range(first.year, last.year + 1), (1, 4, 7, 10)):
        end = datetime.datetime(year, month, 1, tzinfo=datetime.UTC)
        spread = alignment.spread(end.timestamp() - 1) if first < end.date() <= last else None
        if spread is not None:
            yield end.date() - datetime.timedelta(days=1), spread


def render_alignment(alignment: Alignment) -> Iterator[str]:
    """The answer as text."""
    width = max(len(track.name) for track in alignment.tracks)
    yield "Now:"
    for track in alignment.tracks:
        now = track.now
        since = f"since {day(track.uses[now].since)}, LLVM of {day(alignment.dates[now])}" if now else "no LLVM pin"
        yield f"  {track.name.ljust(width)}  {shortened(now or '-').ljust(12)}  {since}"
    spread = alignment.spread(max((track.moves[-1][0] for track in alignment.tracks if track.moves), default=0))
    if spread is not None:
        yield f"  {spread:.0f} days from the oldest to the newest"
    yield ""
    yield from _common(alignment)
    yield ""
    yield from _shared(alignment)
    found = list(quarters(alignment))
    if found:
        yield ""
        yield "Days between the oldest and the newest LLVM, at the end of each quarter:"
        yield from (f"  {end}  {days:4.0f}  {'#' * min(60, round(days / 2))}" for end, days in found[-12:])
    if not alignment.exact:
        yield ""
        yield "(dates: when one of these projects first pinned a commit; with --llvm-repository they are LLVM's own)"


def _common(alignment: Alignment) -> Iterator[str]:
    newest = alignment.newest_common
    if newest is None:
        everybody = "both" if len(alignment.tracks) == 2 else f"all {len(alignment.tracks)}"
        yield f"No LLVM commit was ever pinned by {everybody}."
        return
    yield f"The newest LLVM commit that all could use: {newest} ({day(alignment.dates[newest])})"
    for track in alignment.tracks:
        use = track.uses[newest]
        until = f"until {day(use.until)}" if use.until else "and still is"
        yield f"  {track.name}: on it from {day(use.since)} ({use.commit[:12]}) {until}"


def _shared(alignment: Alignment) -> Iterator[str]:
    shared = alignment.shared()
    yield f"{counted(len(shared), 'LLVM commit was', 'LLVM commits were')} shared by two or more."
    for llvm in shared[-10:]:
        names = ", ".join(
            f"{track.name} {day(track.uses[llvm].since)}" for track in alignment.tracks if llvm in track.uses
        )
        yield f"  {shortened(llvm)}  {names}"


def alignment_data(alignment: Alignment) -> dict[str, Any]:
    """The answer as plain values."""
    newest = alignment.newest_common
    return {
        "schema": 1,
        "exact_dates": alignment.exact,
        "newest_common": newest,
        "now": {track.name: track.now for track in alignment.tracks},
        "shared": [
            {
                "llvm": llvm,
                "date": day(alignment.dates[llvm]),
                "projects": {
                    track.name: {"commit": track.uses[llvm].commit, "since": day(track.uses[llvm].since)}
                    for track in alignment.tracks
                    if llvm in track.uses
                },
            }
            for llvm in alignment.shared()
        ],
        "spread_days": {str(end): round(days, 1) for end, days in quarters(alignment)},
    }
