"""Holds, applied to results: an agreed exception excuses a failure, and is asked to go when nothing fails any more."""

from __future__ import annotations

from dataclasses import replace

from pytest_llvmgate.config.holds import Held, hold_for
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.model import HELD, NOTE, Outcome, StageResult


def with_hold(result: StageResult, config: Config) -> StageResult:
    """The result as the holds of the configuration make it.

    A held failure gets its excuse (fact ``held``); the failure of an expired hold gets a complaint; a held stage that
    passes gets a note. Records are kept without this: it depends on the day.
    """
    held = hold_for(config, result.group, result.stage)
    if held is None:
        return result
    if result.outcome is Outcome.PASSED:
        return replace(result, facts={**result.facts, NOTE: f"{result.node} {held.farewell()}"})
    if result.outcome is Outcome.FAILED:
        return _failed(result, held)
    return result


def _failed(result: StageResult, held: Held) -> StageResult:
    if held.expired:
        return replace(result, detail=f"{result.detail or result.reason}\n{held.complaint()}")
    return replace(result, facts={**result.facts, HELD: held.excuse()})
