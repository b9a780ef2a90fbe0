"""Pins as JSON: a form for machines that stays stable when the dataclasses behind it change."""

from __future__ import annotations

import datetime
from typing import Any, Final

from pytest_llvmgate.errors import Problem
from pytest_llvmgate.pins.compare import PinReport, PinVerdict
from pytest_llvmgate.pins.history import History, State, Window, gaps, median_gap, misnamed, windows

SCHEMA: Final = 1
"""Version of these forms; raised when a reader of the old one would misread the new one."""


def report_data(report: PinReport) -> dict[str, Any]:
    """A pin report as plain values."""
    return {
        "schema": SCHEMA,
        "reference": report.reference,
        "expected": report.expected,
        "agrees": report.agrees,
        "exit_code": report.exit_code,
        "pins": [_verdict(verdict, report) for verdict in report.verdicts],
        "notices": [
            {"kind": one.kind, "pin": one.pin, "message": one.message, "where": one.where, "hint": one.hint}
            for one in report.notices
        ],
        "expired_holds": [held.complaint() for held in report.expired],
    }


def _verdict(verdict: PinVerdict, report: PinReport) -> dict[str, Any]:
    reading = verdict.reading
    held = report.holds.get(reading.name)
    return {
        "name": reading.name,
        "agreement": str(verdict.agreement),
        "held": report.is_held(verdict),
        "hold": {"until": held.hold.until.isoformat(), "days_left": held.days_left, "reason": held.hold.reason}
        if held
        else None,
        "sha": reading.sha,
        "text": reading.text,
        "file": reading.location.path,
        "line": reading.location.line,
        "reader": reading.reader,
        "policy": str(reading.spec.policy),
        "component": reading.spec.component,
        "hops": [
            {"what": hop.what, "where": str(hop.where), "commit": hop.commit, "url": hop.url} for hop in reading.hops
        ],
        "reason": verdict.reason,
        "fix": list(verdict.fix),
        "notes": list(verdict.notes),
        "warnings": [_problem(warning) for warning in reading.warnings],
    }


def _problem(problem: Problem) -> dict[str, str | None]:
    return {"message": problem.message, "where": problem.where, "hint": problem.hint}


def history_data(history: History) -> dict[str, Any]:
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
        "misnamed": [{**_moment(state), "names": list(words)} for state, words in misnamed(history)],
        "states": [_state(state, history) for state in history.states],
        "seen": {sha: _day(when) for sha, when in sorted(history.seen.items(), key=lambda item: item[1])},
    }


def _window(window: Window) -> dict[str, Any]:
    return {
        "pins": list(window.pins),
        "from": _moment(window.start),
        "to": _moment(window.end) if window.end else None,
        "days": round(window.days, 2),
        "bumps": window.bumps,
    }


def _moment(state: State) -> dict[str, str]:
    return {"commit": state.commit, "date": _day(state.when), "title": state.title}


def _state(state: State, history: History) -> dict[str, Any]:
    pins = {
        name: {"commit": pin.text or None, "links": list(pin.links), "missing": pin.missing}
        for name, pin in state.pins.items()
    }
    return {**_moment(state), "pins": pins, "differing": list(history.differing(state))}


def _day(when: int) -> str:
    return datetime.datetime.fromtimestamp(when, datetime.UTC).date().isoformat()
