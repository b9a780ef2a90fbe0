"""The history of a project's pins as a drawing: how old each pin's LLVM was over time, disagreements shaded."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from pytest_llvmgate.chronicle.history import Chronicle, windows
from pytest_llvmgate.upstream.first_parent import DAY
from pytest_llvmgate.wording import day

_WIDTH: Final = 960
_HEIGHT: Final = 420
_LEFT: Final = 56
_RIGHT: Final = 16
_TOP: Final = 66
_BOTTOM: Final = 34
_COLORS: Final = ("#0b62a8", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#0f766e")
"""Dark enough on white for a contrast of 4.5 to 1."""


@dataclass(frozen=True)
class _Scale:
    """From values to positions."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = (self.high - self.low) or 1.0
        return round(self.start + (value - self.low) / span * (self.end - self.start), 1)


@dataclass(frozen=True)
class _Stretch:
    """A time in which a pin stood still: its LLVM ages."""

    begin: int
    end: int
    made: int
    """Date of the LLVM commit."""


def render_svg(history: Chronicle, *, title: str) -> str:
    """The drawing, complete and without references to anything outside."""
    return "\n".join(_parts(history, title)) + "\n"


def _parts(history: Chronicle, title: str) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>'
    )
    yield f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>'
    yield f'<text x="{_LEFT}" y="20" font-size="15">{escape(title)}</text>'
    lines = {name: _stretches(history, name) for name in _drawn(history)}
    ages = [one.end - one.made for stretches in lines.values() for one in stretches]
    if not ages:
        yield f'<text x="{_LEFT}" y="44">no LLVM commit was ever pinned</text></svg>'
        return
    across = _Scale(history.states[0].when, history.latest, _LEFT, _WIDTH - _RIGHT)
    up = _Scale(0, max(*ages, DAY), _HEIGHT - _BOTTOM, _TOP)
    yield from _shades(history, across)
    yield from _grid(across, up)
    for number, stretches in reversed(list(enumerate(lines.values()))):
        yield _path(stretches, _COLORS[number % len(_COLORS)], across, up)
    yield from _legend(list(lines))
    yield "</svg>"


def _drawn(history: Chronicle) -> list[str]:
    """The project's own pin and its components'; duplicates would only hide it."""
    return [name for name in history.names if name not in history.leading[1:]]


def _stretches(history: Chronicle, name: str) -> list[_Stretch]:
    found = []
    ends = [state.when for state in history.states[1:]] + [history.latest]
    for state, end in zip(history.states, ends, strict=True):
        pin = state.pins.get(name)
        if pin is not None and pin.text:
            found.append(_Stretch(state.when, max(end, state.when), min(history.seen[pin.text], state.when)))
    return found


def _shades(history: Chronicle, across: _Scale) -> Iterator[str]:
    for window in windows(history):
        left, right = across(window.start.when), across(window.until)
        label = f"{', '.join(window.pins)} differs for {window.days:.0f} days from {day(window.start.when)}"
        yield (
            f'<rect x="{left}" y="{_TOP}" width="{max(1.0, round(right - left, 1))}" '
            f'height="{_HEIGHT - _TOP - _BOTTOM}" fill="#dc2626" fill-opacity="0.12">'
            f"<title>{escape(label)}</title></rect>"
        )


def _grid(across: _Scale, up: _Scale) -> Iterator[str]:
    for when in _years(across.low, across.high):
        x = across(when)
        yield f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{_HEIGHT - _BOTTOM}" stroke="#d4d4d4"/>'
        yield f'<text x="{x}" y="{_HEIGHT - 14}" text-anchor="middle">{day(when)[:4]}</text>'
    step = _step(up.high / DAY)
    for days in range(0, int(up.high / DAY) + 1, step):
        y = up(days * DAY)
        yield f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="#d4d4d4"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4}" text-anchor="end">{days}</text>'
    yield f'<text x="{_LEFT}" y="{_TOP - 8}" fill="#525252">age of the pinned LLVM, in days</text>'


def _step(days: float) -> int:
    """Days between grid lines, so that there are at most eight."""
    return next((step for step in (1, 2, 5, 10, 20, 50, 100, 200) if days / step <= 8), 500)


def _path(stretches: list[_Stretch], color: str, across: _Scale, up: _Scale) -> str:
    """A saw: the LLVM ages while the pin stands still and drops when it is moved; a gap where it could not be read."""
    steps: list[str] = []
    end = None
    for one in stretches:
        joint = "L" if one.begin == end else "M"
        steps.append(f"{joint}{across(one.begin)} {up(one.begin - one.made)}")
        steps.append(f"L{across(one.end)} {up(one.end - one.made)}")
        end = one.end
    return f'<path d="{" ".join(steps)}" fill="none" stroke="{color}" stroke-width="1.5"/>'


def _legend(names: list[str]) -> Iterator[str]:
    x = _LEFT
    for number, name in enumerate(names):
        yield f'<rect x="{x}" y="32" width="14" height="4" fill="{_COLORS[number % len(_COLORS)]}"/>'
        yield f'<text x="{x + 19}" y="38">{escape(name)}</text>'
        x += 40 + 7 * len(name)
    yield f'<rect x="{x}" y="29" width="14" height="10" fill="#dc2626" fill-opacity="0.2"/>'
    yield f'<text x="{x + 19}" y="38">the pins disagree</text>'


def _years(low: float, high: float) -> list[int]:
    """The beginnings of years between two times."""
    first = datetime.datetime.fromtimestamp(low, datetime.UTC).year + 1
    last = datetime.datetime.fromtimestamp(high, datetime.UTC).year
    return [int(datetime.datetime(year, 1, 1, tzinfo=datetime.UTC).timestamp()) for year in range(first, last + 1)]
