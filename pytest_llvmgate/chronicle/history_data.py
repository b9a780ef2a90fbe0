"""A history of pins as JSON: a form for machines that stays stable when the dataclasses behind it change."""

from __future__ import annotations

from typing import Any

from pytest_llvmgate.chronicle.history import Chronicle, Disagreement, PinState, gaps, median_gap, windows
from pytest_llvmgate.pins.export import SCHEMA
from pytest_llvmgate.wording import day


def history_data(history: Chronicle) -> dict[str, Any]:
    """A history as plain values."""
    bumps = history.bumps
    return {
        "schema": SCHEMA,
        "commits": history.commits,
        "is_shallow": history.is_shallow,
        "pins": list(history.names),
        "own": list(history.leading),
        "bumps": len(bumps),
        "resolvable_bumps": sum(history.resolvable(state) for state in bumps),
        "mismatched_bumps": sum(bool(history.differing(state)) for state in bumps),
        "median_gap_days": median_gap(history),
        "longest_gap_days": max(gaps(history), default=None),
        "windows": [_window(window) for window in windows(history)],
        "states": [_state(state, history) for state in history.states],
    }


def _window(window: Disagreement) -> dict[str, Any]:
    return {
        "pins": list(window.pins),
        "from": _moment(window.start),
        "to": _moment(window.end) if window.end else None,
        "days": round(window.days, 2),
        "bumps": window.bumps,
    }


def _moment(state: PinState) -> dict[str, str]:
    return {"commit": state.commit, "date": day(state.when), "title": state.title}


def _state(state: PinState, history: Chronicle) -> dict[str, Any]:
    pins = {
        name: {"commit": pin.text or None, "links": list(pin.links), "missing": pin.missing}
        for name, pin in state.pins.items()
    }
    return {**_moment(state), "pins": pins, "differing": list(history.differing(state))}
