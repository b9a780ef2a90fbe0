"""From what a probe saw to what that means for the search: good, bad, unrelated, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.bisect.probing import LLVM_STAGE, ProbeResult
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.kinds.facts import CULPRIT
from pytest_llvmgate.model import Finding, Layer, Outcome, StageResult

_MACHINE: Final = re.compile(
    r"the disk is full|the machine refused|time-out|ended by SIG|the process that ran it died|was not ready"
    r"|a defect of the gate"
)
"""In a stage's reason: what says nothing about LLVM (see gate.runner, process.run and llvm.source)."""


NOT_RUN: Final = "the stages that show it did not run"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is looked for. Without a kind: any failure of what is asked for."""

    kind: str = ""
    identifier: str = ""
    nodes: tuple[str, ...] = ()
    """Where the bad end shows it, as ``group::stage``; empty: anywhere."""
    beside: frozenset[tuple[str, str]] = frozenset()
    """What the bad end shows in the same place: it does not hide what is looked for."""
    unrelated: Mark = Mark.SKIP
    """What another failure means: as it may hide this one, nothing is known, unless somebody says otherwise."""
    llvm: bool = False
    """LLVM itself is what is asked about: that it does not build is bad."""

    @property
    def is_any(self) -> bool:
        """Whether any failure will do."""
        return not self.kind

    @property
    def key(self) -> tuple[str, str]:
        """Identity of the finding."""
        return (self.kind, self.identifier)

    def __str__(self) -> str:
        return f"{self.kind}: {self.identifier}" if self.kind else "any failure"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a probe means."""

    mark: Mark
    reason: str = ""
    """In words."""
    unrelated: bool = False
    """Another failure than the one that is looked for."""
    machine: bool = False
    """It is not about this commit: the same would have happened at another one."""
    signature: str = ""
    """Equal for commits that cannot be judged for the same cause; empty where that is chance."""


def parse_finding(text: str) -> tuple[str, str]:
    """Class and identifier from ``class:identifier`` as the user writes it. Raises ``GateError``."""
    kind, colon, identifier = text.partition(":")
    if not colon or not kind.strip() or not identifier.strip():
        raise GateError(
            f"expected CLASS:IDENTIFIER, found {text!r}",
            hint="as the gate's report names it, e.g. header-missing:mlir/Analysis/SliceAnalysis.h",
        )
    return kind.strip(), identifier.strip()


def judge(result: ProbeResult, wanted: Wanted) -> Judgement:
    """What ``result`` means for a search for ``wanted``."""
    if wanted.is_any:
        return _any_failure(result, wanted)
    shown = [each for each in result.results if any(finding.key == wanted.key for finding in each.findings)]
    if shown:
        return Judgement(mark=Mark.BAD, reason=f"{shown[0].node}: {wanted}")
    asked = _asked(result.results, wanted.nodes)
    if asked and all(each.outcome is Outcome.PASSED for each in asked):
        return Judgement(mark=Mark.GOOD, reason=_passed(asked))
    return _nothing_known(result, wanted) or _other_failure(result, wanted)


def _any_failure(result: ProbeResult, wanted: Wanted) -> Judgement:
    failed = _failed(result.results)
    own = [each for each in failed if wanted.llvm or each.group != LLVM_STAGE]
    genuine = [each for each in own if not _is_machine(each) and (each.group != LLVM_STAGE or each.findings)]
    if genuine:
        return Judgement(mark=Mark.BAD, reason=_headline(genuine[0]))
    return _nothing_known(result, wanted) or Judgement(mark=Mark.GOOD, reason=_passed(result.results))


def _nothing_known(result: ProbeResult, wanted: Wanted) -> Judgement | None:
    """Why the probe says nothing: it did not end, the machine failed, or there was no LLVM to build with."""
    failed = _failed(result.results)
    if result.error or not result.results:
        return Judgement(mark=Mark.SKIP, reason=result.error or "the probe has no results", machine=True)
    trouble = next((each for each in failed if _is_machine(each)), None)
    if trouble is not None:
        return Judgement(mark=Mark.SKIP, reason=f"{trouble.node}: {trouble.reason}", machine=True)
    without = next((each for each in failed if each.group == LLVM_STAGE), None)
    if without is None:
        return None
    if not without.findings:  # no clone, no network, no wheels
        return Judgement(mark=Mark.SKIP, reason=f"no LLVM: {without.reason}")
    if wanted.llvm:
        return None
    return Judgement(
        mark=Mark.SKIP, reason=f"LLVM itself is broken: {_headline(without)}", signature=_signature(without.findings)
    )


def _other_failure(result: ProbeResult, wanted: Wanted) -> Judgement:
    failed = _failed(result.results)
    if not failed:  # the stages that the bad end failed in did not run here
        return Judgement(mark=Mark.SKIP, reason=NOT_RUN, unrelated=True)
    if wanted.unrelated is Mark.SKIP and all(_hides_nothing(each, wanted) for each in failed):
        reason = f"fails, but not for this, which that does not hide: {_headline(failed[0])}"
        return Judgement(mark=Mark.GOOD, reason=reason, unrelated=True)
    reason = f"another failure: {_headline(failed[0])}"
    signature = _signature(finding for each in failed for finding in each.findings)
    return Judgement(mark=wanted.unrelated, reason=reason, unrelated=True, signature=signature)


def _hides_nothing(result: StageResult, wanted: Wanted) -> bool:
    """Whether a stage failed for nothing but what stood beside the finding at the bad end, and did not hide it there.

    A failure of a later stage than the one that shows the finding hides nothing either: that one is then passed, which
    is judged before.
    """
    keys = {finding.key for finding in result.findings}
    return result.node in wanted.nodes and bool(keys) and keys <= wanted.beside


def show_findings(results: Iterable[StageResult]) -> tuple[tuple[Finding, tuple[str, ...]], ...]:
    """The findings of failed stages with the nodes that show each, the most useful first.

    A finding that ends the build in more configurations, and whose commit is known, comes first.
    """
    found: dict[tuple[str, str], Finding] = {}
    nodes: dict[tuple[str, str], list[str]] = {}
    for result in _failed(results):
        for finding in result.findings:
            if finding.layer is not Layer.MACHINE:
                known = found.setdefault(finding.key, finding)
                if CULPRIT in finding.facts and CULPRIT not in known.facts:
                    found[finding.key] = finding
                nodes.setdefault(finding.key, []).append(result.node)
    order = sorted(found, key=lambda key: (-len(nodes[key]), CULPRIT not in found[key].facts))
    return tuple((found[key], tuple(dict.fromkeys(nodes[key]))) for key in order)


def _asked(results: Iterable[StageResult], nodes: Sequence[str]) -> list[StageResult]:
    return [each for each in results if (not nodes and each.group != LLVM_STAGE) or each.node in nodes]


def _failed(results: Iterable[StageResult]) -> list[StageResult]:
    return [each for each in results if each.outcome is Outcome.FAILED]


def _is_machine(result: StageResult) -> bool:
    ours = [finding for finding in result.findings if finding.layer is not Layer.MACHINE]
    return bool(_MACHINE.search(result.reason)) or bool(result.findings and not ours)


def _headline(result: StageResult) -> str:
    return f"{result.node}: {result.findings[0].headline if result.findings else result.reason}"


def _passed(results: Sequence[StageResult]) -> str:
    stages = [each.node for each in results if each.outcome is Outcome.PASSED]
    return f"{stages[-1]} passed" if stages else "nothing failed"


def _signature(findings: Iterable[Finding]) -> str:
    return "; ".join(sorted({f"{finding.kind}: {finding.identifier}" for finding in findings}))
