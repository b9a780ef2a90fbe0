"""The history of a project's pins as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_llvmgate.chronicle.history import Chronicle, PinState, gaps, median_gap, windows
from pytest_llvmgate.git.revisions import shortened
from pytest_llvmgate.pins.bulk import ABSENT
from pytest_llvmgate.wording import counted, day

_LAST_STATES: Final = 10


def render_history(history: Chronicle, *, every_state: bool = False) -> Iterator[str]:
    """The lines: what moved how often, when pins disagreed, and the states."""
    yield from _overview(history)
    yield from _disagreements(history)
    yield from _states(history, every_state)


def _overview(history: Chronicle) -> Iterator[str]:
    bumps = history.bumps
    own = history.leading[0] if history.leading else "no pin"
    if history.is_shallow:
        yield "(a shallow clone: what was before its oldest commit cannot be told)"
    if not bumps:
        yield f"{own}: no LLVM commit was ever pinned in {history.commits} first-parent commits"
        return
    first, last = bumps[0], bumps[-1]
    yield (
        f"{own}: {counted(len(bumps), 'LLVM commit')} in {counted(history.commits, 'first-parent commit')}, "
        f"{day(first.when)} to {day(last.when)}"
    )
    median = median_gap(history)
    if median is not None:
        yield f"  moved every {median:.1f} days (median; the longest pause was {max(gaps(history)):.0f} days)"
    for name in history.names:
        if name not in history.leading[:1]:
            yield f"  {name}: {_coverage(history, name)}"


def _coverage(history: Chronicle, name: str) -> str:
    having = [state for state in history.bumps if name in state.pins and state.pins[name].missing != ABSENT]
    readable = [state for state in having if state.pins[name].text]
    differing = [state for state in readable if name in history.differing(state)]
    text = (
        f"at {len(readable)} of those moves, equal at {len(readable) - len(differing)}, different at {len(differing)}"
    )
    unread = len(having) - len(readable)
    reasons = ", ".join(sorted({state.pins[name].missing for state in having if not state.pins[name].text}))
    return f"{text}; {unread} could not be read ({reasons})" if unread else text


def _disagreements(history: Chronicle) -> Iterator[str]:
    found = windows(history)
    yield ""
    if not found:
        if any(history.resolvable(state) for state in history.states):
            yield "The pins never disagreed, as far as they can be read."
        elif len(history.names) > 1:
            yield "No state has two pins that could be read, so whether they agreed cannot be told."
        elif history.bumps:
            yield "There is one pin, so nothing that it could disagree with."
        return
    total = sum(window.days for window in found)
    yield f"{counted(len(found), 'time')} in which pins disagreed, {total:.0f} days in all:"
    rows = [
        (
            day(window.start.when),
            day(window.end.when) if window.end else "now",
            f"{window.days:.1f}",
            str(window.bumps),
            ", ".join(window.pins),
            window.start.commit[:12],
            _short(window.start.title),
        )
        for window in found
    ]
    yield from _columns([("from", "to", "days", "moves", "pins", "began with", ""), *rows])


def _states(history: Chronicle, every_state: bool) -> Iterator[str]:
    states = history.states if every_state else history.states[-_LAST_STATES:]
    if not states:
        return
    yield ""
    yield f"All {len(states)} states:" if every_state else f"The last {len(states)} of {len(history.states)} states:"
    yield from _columns([("date", "commit", *history.names, ""), *(_row(state, history) for state in states)])


def _row(state: PinState, history: Chronicle) -> tuple[str, ...]:
    cells = [day(state.when), state.commit[:12]]
    for name in history.names:
        pin = state.pins.get(name)
        cells.append((shortened(pin.text) or f"({pin.missing})") if pin else "-")
    differing = history.differing(state)
    return (*cells, f"differs: {', '.join(differing)}" if differing else "")


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _short(title: str) -> str:
    return title if len(title) <= 60 else f"{title[:57]}..."
