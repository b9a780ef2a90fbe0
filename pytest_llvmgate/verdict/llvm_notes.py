"""What there is to say of the LLVM that a verdict stands on: how it was come by, and what the cache saved."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_llvmgate.model import StageResult, Verdict

_GROUP = "llvm"


def remarks(verdict: Verdict) -> Iterator[str]:
    """``LLVM shared: derived from ...``, for every flavour that was not simply there."""
    for result in verdict.results:
        if result.group == _GROUP and result.facts.get("remark"):
            yield f"LLVM {result.stage}: {result.facts['remark']}"


def saved(verdict: Verdict) -> float:
    """Seconds that the LLVM cache saved: what making its entries took when they were made."""
    return sum(map(_seconds, verdict.results))


def _seconds(result: StageResult) -> float:
    try:
        return max(0.0, float(result.facts.get("saved", "") or 0.0))
    except ValueError:  # JSON of somebody else's making
        return 0.0
