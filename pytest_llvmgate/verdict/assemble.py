"""From the results of a session to its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_llvmgate.config.settings import Configuration
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.model import ConfigurationInfo, Downstream, Finding, Revision, StageResult, Verdict
from pytest_llvmgate.verdict.agreement import agreement
from pytest_llvmgate.verdict.pattern import patterns


def assemble(
    results: Iterable[StageResult],
    *,
    candidate: Revision,
    baseline: Revision | None,
    downstream: Downstream,
    configurations: Iterable[Configuration],
    toolchain: Mapping[str, str],
    notes: Iterable[str] = (),
) -> Verdict:
    """The verdict of one session: of those configurations that have results."""
    found = tuple(results)
    seen = {result.group for result in found}
    gated = configuration_infos(each for each in configurations if each.name in seen)
    return Verdict(
        candidate=candidate,
        baseline=baseline,
        downstream=downstream,
        configurations=gated,
        results=found,
        toolchain=toolchain,
        patterns=patterns(gated, found),
        findings=merged_findings(found),
        notes=(*notes, *agreement(gated, found)),
    )


def configuration_infos(configurations: Iterable[Configuration]) -> tuple[ConfigurationInfo, ...]:
    """Configurations as a verdict names them."""
    return tuple(
        ConfigurationInfo(name=each.name, flavour=each.flavour, options=each.options) for each in configurations
    )


def merged_findings(results: Sequence[StageResult]) -> tuple[Finding, ...]:
    """The findings of all results, the same finding in several configurations once; most important first."""
    findings = [replace(finding, log=finding.log or result.log) for result in results for finding in result.findings]
    if not findings:  # a session in which nothing failed does not pay for the room of findings
        return ()
    from pytest_llvmgate.findings.ranking import merged

    return merged(findings)


def expect_one(what: str, found: Mapping[str, Path]) -> None:
    """Raise :class:`GateError` when reports that should be of one ``what`` are of several."""
    if len(found) > 1:
        listing = ", ".join(f"{path} of {sha[:12]}" for sha, path in found.items())
        raise GateError(
            f"expected files of one {what}, found {len(found)}: {listing}", hint=f"report on each {what} by itself"
        )
