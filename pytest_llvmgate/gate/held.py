"""Holds, applied to results: an agreed exception excuses a failure, and is asked to go when nothing fails any more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from pytest_llvmgate.codec import said
from pytest_llvmgate.config.holds import Held, hold_for, holds_of_parts, standing
from pytest_llvmgate.config.settings import Config, Configuration, Hold
from pytest_llvmgate.kinds.facts import TESTS
from pytest_llvmgate.model import FAILED_COMMANDS, FAILED_TESTS, HELD, NOTE, Finding, Outcome, StageResult
from pytest_llvmgate.stages.stage_plan import configuration_stages

_CUT_OFF: Final = re.compile(r"stopped after its time-out|ended by ")
"""In a stage's reason (see process.run): it may have failed in more ways than its log shows."""


def with_hold(result: StageResult, config: Config) -> StageResult:
    """The result as the holds of the configuration make it.

    A held failure gets its excuse (fact ``held``); the failure of an expired hold gets a complaint; a held stage that
    passes gets a note. Records are kept without this: it depends on the day.
    """
    held = hold_for(config, result.group, result.stage)
    if result.outcome is Outcome.FAILED:
        if held is not None and not held.expired:
            return replace(result, facts={**result.facts, HELD: held.excuse()})
        parts = holds_of_parts(config, result.group, result.stage)
        return _failed_in_part(result, [*parts, *filter(None, [held])])
    if held is not None and result.outcome is Outcome.PASSED:
        return replace(result, facts={**result.facts, NOTE: f"{result.node} {held.farewell()}"})
    return result


def _failed_in_part(result: StageResult, holds: Sequence[Held]) -> StageResult:
    """A failure that is held where holds cover every cause, or every test, of it; else it says what they do cover."""
    by_part = {part: held for held in holds if not held.expired for part in _parts(result, held.hold)}
    excuses = "; ".join(dict.fromkeys(held.excuse() for held in by_part.values()))
    if _is_covered(result, by_part.keys()):
        return replace(result, facts={**result.facts, HELD: excuses})
    complaints = [
        held.complaint()
        for held in holds
        if held.expired and (not held.hold.is_of_parts or any(_parts(result, held.hold)))
    ]
    if by_part:
        complaints.append(f"held, and not all that fails here: {', '.join(by_part)}: {excuses}")
    return replace(result, detail="\n".join([result.detail or result.reason, *complaints])) if complaints else result


def _parts(result: StageResult, hold: Hold) -> Iterator[str]:
    """The causes and tests of a failure that a hold names."""
    yield from (key for key in map(_key, result.findings) if key in hold.findings)
    yield from (test for test in _failed_tests(result) if test in hold.tests)


def _is_covered(result: StageResult, held: Iterable[str]) -> bool:
    """Whether nothing fails but what is held: every test of those that alone have failed, or every cause."""
    parts = set(held)
    tests = set(_failed_tests(result))
    if tests and tests <= parts:
        return True
    if int(result.facts.get(FAILED_COMMANDS, "1")) > 1 or _CUT_OFF.search(result.reason):
        return False  # a diagnosis tells the causes of a log, not which command or what end each explains
    return bool(result.findings) and all(_key(each) in parts or _tests_of(each, parts) for each in result.findings)


def _tests_of(finding: Finding, parts: set[str]) -> bool:
    """Whether the cause shows in held tests alone."""
    tests = [name for name in finding.facts.get(TESTS, "").split(", ") if name]
    return bool(tests) and set(tests) <= parts and finding.sites <= len(tests)


def _key(finding: Finding) -> str:
    return f"{finding.kind}:{finding.identifier}"


def _failed_tests(result: StageResult) -> tuple[str, ...]:
    return said(tuple[str, ...], result.facts.get(FAILED_TESTS, ""), ())


def farewells(config: Config, results: Iterable[StageResult]) -> Iterator[str]:
    """What holds of causes and tests are to be removed for: nothing of theirs fails any more.

    That is told only where every stage that they are about has come to its end, so that nothing can be hidden.
    """
    by_node = {result.node: result for result in results}
    for hold in config.holds:
        if not hold.is_of_parts:
            continue
        selected = [each for each in config.configurations if each.selected_by(hold.configurations)]
        about = [_ended(config, each, hold, by_node) for each in selected]
        if not about or None in about:
            continue
        still = {part for results in about for result in results or () for part in _parts(result, hold)}
        gone = [part for part in (*hold.findings, *hold.tests) if part not in still]
        if gone:
            which = "the hold" if len(gone) == len(hold.findings) + len(hold.tests) else "them from the hold"
            where = standing(hold, config).where
            yield f"{', '.join(gone)}: held until {hold.until}, and nothing of it fails: remove {which} in {where}"


def _ended(
    config: Config, configuration: Configuration, hold: Hold, by_node: dict[str, StageResult]
) -> list[StageResult] | None:
    """The results of the stages that a hold is about; ``None`` where one of them may hide what the hold names."""
    stages = [each for each in configuration_stages(config, configuration) if not hold.stages or each in hold.stages]
    found = [by_node[node] for stage in stages if (node := f"{configuration.name}::{stage}") in by_node]
    return found if len(found) == len(stages) and all(_says_all(result, hold) for result in found) else None


def _says_all(result: StageResult, hold: Hold) -> bool:
    """A stage that passed does, and one of which it is known which tests failed does of tests."""
    if result.outcome is Outcome.PASSED:
        return True
    return result.outcome is Outcome.FAILED and FAILED_TESTS in result.facts and not hold.findings
