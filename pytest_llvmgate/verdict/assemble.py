"""From the results of a session to its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_llvmgate.model import NOT_FROM_THIS_BUMP, ConfigurationInfo, Finding, StageResult, Verdict
from pytest_llvmgate.verdict.agreement import agreement
from pytest_llvmgate.verdict.pattern import patterns

if TYPE_CHECKING:
    from pytest_llvmgate.config.schema import Config
    from pytest_llvmgate.gate.session import Session


def assemble(config: Config, session: Session, results: Iterable[StageResult], toolchain: Mapping[str, str]) -> Verdict:
    """The verdict of one session."""
    configurations = tuple(
        ConfigurationInfo(name=each.name, flavour=each.flavour, options=each.options) for each in config.configurations
    )
    found = tuple(results)
    seen = {result.group for result in found}
    return Verdict(
        candidate=session.candidate,
        baseline=session.baseline,
        downstream=session.downstream,
        configurations=tuple(info for info in configurations if info.name in seen),
        results=found,
        toolchain=toolchain,
        patterns=patterns([info for info in configurations if info.name in seen], found),
        findings=merged_findings(found),
        notes=(*session.notes, *agreement([info for info in configurations if info.name in seen], found)),
    )


def merged_findings(results: Sequence[StageResult]) -> tuple[Finding, ...]:
    """The findings of all results, the same finding in several configurations once; the most widespread first."""
    merged: dict[tuple[str, str], Finding] = {}
    for result in results:
        for finding in result.findings:
            known = merged.get(finding.key)
            if known is None:
                merged[finding.key] = replace(finding, log=finding.log or result.log)
                continue
            names = dict.fromkeys((*known.configurations, *finding.configurations))
            merged[finding.key] = replace(known, configurations=tuple(names), sites=max(known.sites, finding.sites))
    order = list(merged.values())
    # Stable: within one group, the rank that the diagnosis gave stays.
    return tuple(sorted(order, key=lambda each: (NOT_FROM_THIS_BUMP in each.facts, -len(each.configurations))))
