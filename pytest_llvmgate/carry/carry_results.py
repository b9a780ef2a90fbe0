"""Carries as stage results: one stage, hence one test, per carry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_llvmgate.carry.looking import Looked
from pytest_llvmgate.carry.standing import PatchState, Standing
from pytest_llvmgate.kinds.catalogue import PATCH_FAILED
from pytest_llvmgate.model import CARRIED, CARRY_GROUP, NOTE, Confidence, Finding, Layer, Location, Outcome, StageResult

_SHOWN: Final = 10


def stage_result(looked: Looked) -> StageResult:
    """The result of one carry. Times are the caller's to add."""
    carry, blocks = looked.carry, looked.blocks
    unknown = (f"carry {carry.name}: {looked.unknown}",) if looked.unknown else ()
    facts = {
        "on": carry.on,
        "commit": looked.commit,
        "until": carry.until.isoformat(),
        CARRIED: "" if carry.component else str(sum(one.applies for one in looked.standings) or ""),
        NOTE: "; ".join((*looked.notes, *unknown)),
    }
    return StageResult(
        group=CARRY_GROUP,
        stage=carry.name,
        outcome=Outcome.FAILED if blocks else Outcome.PASSED,
        reason=blocks[0] if blocks else "",
        detail="\n".join(_detail(looked)) if blocks else "",
        findings=tuple(_finding(looked, one) for one in looked.standings if one.state is PatchState.CONFLICTS),
        facts={name: value for name, value in facts.items() if value},
    )


def _detail(looked: Looked) -> Iterator[str]:
    carry = looked.carry
    yield f"carry {carry.name} on {carry.on} {looked.commit[:12]} ({looked.where}): {carry.reason}"
    yield from looked.blocks
    for one in looked.standings:
        yield from (f"  {line}" for line in one.evidence[:_SHOWN])


def _finding(looked: Looked, one: Standing) -> Finding:
    where = looked.carry.component
    own = () if one.is_of_fork else (one.patch,)  # a fork's commit is no file
    changed = (f"{where}/{path}" if where else path for path in one.files)
    return Finding(
        kind=PATCH_FAILED,
        identifier=one.patch,
        headline=f"the carried patch {one.patch} does not apply to {looked.carry.on} {looked.commit[:12]}",
        layer=Layer.DOWNSTREAM,
        locations=tuple(Location(path=path) for path in (*own, *changed)),
        evidence=one.evidence[:_SHOWN],
        confidence=Confidence.CERTAIN,
        advice=(f"rebase {one.patch}, or drop it from {looked.where}",),
    )
