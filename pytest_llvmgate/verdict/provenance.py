"""What a verdict stands on: how its LLVMs and objects were come by, and what that saved."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llvmgate.model import LLVM_GROUP, SAVED, TAKEN, StageResult, Verdict
from pytest_llvmgate.verdict.times import duration


def remarks(verdict: Verdict) -> Iterator[str]:
    """``LLVM shared: derived from ...``, for every flavour that was not simply there; and how many objects were not
    compiled.
    """
    for result in verdict.results:
        if result.group == LLVM_GROUP and result.facts.get("remark"):
            yield f"LLVM {result.stage}: {result.facts['remark']}"
    builds = [result for result in verdict.results if result.group != LLVM_GROUP]
    if count := sum(int(_number(result, TAKEN)) for result in builds):
        seconds = sum(_number(result, SAVED) for result in builds)
        yield (
            f"{count} object{'s' if count > 1 else ''} derived from another configuration's, compared equal: "
            f"{duration(seconds)} of compiling saved"
        )


def saved(verdict: Verdict) -> float:
    """Seconds that the LLVM cache saved: what making its entries took when they were made."""
    return sum(_number(result, SAVED) for result in verdict.results if result.group == LLVM_GROUP)


def _number(result: StageResult, fact: str) -> float:
    try:
        return max(0.0, float(result.facts.get(fact, "") or 0.0))
    except ValueError:  # JSON of somebody else's making
        return 0.0
