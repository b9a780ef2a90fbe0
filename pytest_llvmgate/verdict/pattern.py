"""Which axis values explain the failures, exactly."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from pytest_llvmgate.model import CONFIGURATION_STAGES, ConfigurationInfo, Outcome, StageResult

_Term = tuple[str, str]
"""An axis and one of its options."""
Choice = Mapping[str, str]
"""An option per axis."""


def patterns(configurations: Sequence[ConfigurationInfo], results: Sequence[StageResult]) -> tuple[str, ...]:
    """One sentence per stage that failed, e.g. ``build breaks only with linkage=shared and mhlo=on``.

    Configurations that did not get as far as the stage are left out of the reasoning, and the sentence says so.
    """
    return tuple(sentence for stage in CONFIGURATION_STAGES for sentence in _of_stage(stage, configurations, results))


def _of_stage(stage: str, configurations: Sequence[ConfigurationInfo], results: Sequence[StageResult]) -> Iterator[str]:
    outcomes = {each.group: each.outcome for each in results if each.stage == stage and not each.is_held}
    failed = [info for info in configurations if outcomes.get(info.name) is Outcome.FAILED]
    passed = [info for info in configurations if outcomes.get(info.name) is Outcome.PASSED]
    if not failed:
        return
    unknown = sum(outcome is Outcome.SKIPPED for outcome in outcomes.values())
    known = f" (of the {len(failed) + len(passed)} configurations that got that far)" if unknown else ""
    if not passed:
        if len(failed) > 1:
            yield f"{stage} breaks in every configuration{known}"
        return
    found = explanations([info.options for info in failed], [info.options for info in passed])
    if not found:
        yield f"{stage} breaks in {', '.join(info.name for info in failed)}{known}"
        return
    first, *others = (" and ".join(f"{axis}={option}" for axis, option in terms) for terms in found)
    same = f", which cannot be told from {' or '.join(others)} here" if others else ""
    yield f"{stage} breaks only with {first}{same}{known}"


def explanations(failed: Sequence[Choice], passed: Sequence[Choice]) -> tuple[tuple[_Term, ...], ...]:
    """The fewest axis values that every failed choice has and no passed one has together; every set of that size."""
    shared = [term for term in failed[0].items() if all(choice.get(term[0]) == term[1] for choice in failed)]
    for count in range(1, len(shared) + 1):
        found = [
            terms
            for terms in itertools.combinations(shared, count)
            if not any(all(choice.get(axis) == option for axis, option in terms) for choice in passed)
        ]
        if found:
            return tuple(found)
    return ()
