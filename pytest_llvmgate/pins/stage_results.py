"""A pin report as stage results: one stage, hence one test, per pin."""

from __future__ import annotations

from pytest_llvmgate.model import PINS_GROUP, Outcome, StageResult
from pytest_llvmgate.pins.compare import Agreement, PinReport, PinVerdict
from pytest_llvmgate.pins.table import table


def stage_results(report: PinReport) -> tuple[StageResult, ...]:
    """One result per pin, in the configuration's order. Times and fingerprint are the caller's to add."""
    detail = table(report)
    first = next((verdict.reading.name for verdict in report.verdicts if verdict.fails), "")
    details = {
        verdict.reading.name: _elsewhere(verdict, first)
        for verdict in report.verdicts
        if verdict.fails and verdict.reading.name != first
    }
    return tuple(_stage(verdict, report, details.get(verdict.reading.name, detail)) for verdict in report.verdicts)


def _elsewhere(verdict: PinVerdict, first: str) -> str:
    """What a further pin that fails says: the table is the same for all of them, and long."""
    return f"{verdict.reason}\n  {verdict.reading.location}\n  the table of all pins is at {PINS_GROUP}::{first}"


def _stage(verdict: PinVerdict, report: PinReport, detail: str) -> StageResult:
    reading = verdict.reading
    notices = [notice.message for notice in report.notices if notice.pin == reading.name]
    speaks = verdict.fails or verdict.agreement is Agreement.ADVISORY or bool(reading.warnings or notices)
    facts = {
        "agreement": str(verdict.agreement),
        "expected": report.expected or "",
        "sha": reading.sha or reading.text,
        "file": reading.location.path,
        "line": str(reading.location.line or ""),
        "component": reading.spec.component,
        "policy": str(reading.spec.policy),
        "hops": " -> ".join(str(hop) for hop in reading.hops),
        "warnings": "; ".join(warning.message for warning in reading.warnings),
        "notices": "; ".join(notices),
    }
    return StageResult(
        group=PINS_GROUP,
        stage=reading.name,
        outcome=Outcome.FAILED if verdict.fails else Outcome.PASSED,
        reason=verdict.reason if verdict.fails else "",
        detail=detail if speaks else "",
        facts={key: value for key, value in facts.items() if value},
    )
