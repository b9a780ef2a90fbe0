"""Pins as JSON: a form for machines that stays stable when the dataclasses behind it change."""

from __future__ import annotations

from typing import Any, Final

from pytest_llvmgate.pins.compare import PinReport, PinVerdict

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
        "warnings": [{"message": one.message, "where": one.where, "hint": one.hint} for one in reading.warnings],
    }
