"""From a failed stage to its findings, and to the text that stands under the failure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from pytest_llvmgate.config.settings import Config, sibling_paths
from pytest_llvmgate.findings import Diagnosis, DiagnosisContext, diagnose
from pytest_llvmgate.findings.registry import installed_registry
from pytest_llvmgate.gate.session import Session
from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.llvm.revision import clone_path
from pytest_llvmgate.model import Finding, StageResult
from pytest_llvmgate.stages.commands import BuildContext, StageReport
from pytest_llvmgate.upstream.blame import blame
from pytest_llvmgate.upstream.migrations import add_migrations
from pytest_llvmgate.wording import counted

_FINDINGS_SHOWN: Final = 3
_EVIDENCE_SHOWN: Final = 6


def explain_failure(
    result: StageResult,
    report: StageReport,
    context: BuildContext,
    config: Config,
    session: Session,
    *,
    at_baseline: StageResult | None,
    baseline_install: ToolchainPrefix | None = None,
) -> StageResult:
    """Add findings and the failure's text to a failed result. ``at_baseline`` is what the same stage did there, and
    ``baseline_install`` the baseline's LLVM, where one is at hand.
    """
    diagnosis = _diagnosis(result, context, config, session, baseline_install) if report.diagnose else None
    found = (*report.findings, *(diagnosis.findings if diagnosis else ()))
    found = _marked(blamed(found, config, session), at_baseline)
    explained = replace(result, findings=tuple(replace(each, configurations=(result.group,)) for each in found))
    return replace(explained, detail=detail(explained, diagnosis.hidden if diagnosis else ()))


def blamed(findings: tuple[Finding, ...], config: Config, session: Session) -> tuple[Finding, ...]:
    """With a clone of llvm-project and a baseline: which of LLVM's commits did it; and how others followed it."""
    clone = clone_path(config) if config.llvm.repository and session.baseline else None
    if clone is not None and session.baseline is not None:
        findings = blame(findings, repository=clone, baseline=session.baseline.sha, candidate=session.candidate.sha)
    return add_migrations(findings, clone=clone, siblings=sibling_paths(config))


def _marked(findings: Iterable[Finding], at_baseline: StageResult | None) -> tuple[Finding, ...]:
    """Mark those that the baseline has, too: they are not from this bump."""
    known = {finding.key for finding in at_baseline.findings} if at_baseline else set()
    return tuple(
        replace(finding, facts={**finding.facts, NOT_FROM_THIS_BUMP: "yes"}) if finding.key in known else finding
        for finding in findings
    )


def _diagnosis(
    result: StageResult,
    context: BuildContext,
    config: Config,
    session: Session,
    baseline_install: ToolchainPrefix | None,
) -> Diagnosis:
    has_clone = config.llvm.repository and session.baseline is not None
    return diagnose(
        context.log(result.stage),
        context=DiagnosisContext(
            stage=result.stage,
            source=context.root,
            build=context.build_dir,
            components=config.named_components,
            prefixes=context.prefix.roots,
            baseline_prefixes=baseline_install.roots if baseline_install else (),
            clone=clone_path(config) if has_clone else None,
            baseline_commit=session.baseline.sha if session.baseline else "",
            candidate_commit=session.candidate.sha,
            configuration=result.group,
            log=result.log,
            exit_code=1,
            advice=config.advice,
        ),
        registry=installed_registry(),
    )


def detail(result: StageResult, hidden: tuple[str, ...] = ()) -> str:
    """The text under a failure: its causes, what they hide, and where the whole log is."""
    return "\n".join(_detail(result, hidden))


def _detail(result: StageResult, hidden: tuple[str, ...]) -> Iterator[str]:
    yield result.reason
    for number, finding in enumerate(result.findings[:_FINDINGS_SHOWN], 1):
        yield ""
        known = " (not from this bump: the baseline has it, too)" if NOT_FROM_THIS_BUMP in finding.facts else ""
        yield f"{number}. {finding.headline}{known}"
        yield from (f"   {location}" for location in finding.locations[:2])
        yield from (f"   | {line}" for line in finding.evidence[:_EVIDENCE_SHOWN])
        yield from (f"   -> {advice}" for advice in finding.advice)
    if len(result.findings) > _FINDINGS_SHOWN:
        more = counted(len(result.findings) - _FINDINGS_SHOWN, "more cause")
        yield f"... and {more}: llvmgate explain {result.log}, or the JSON verdict"
    yield ""
    yield from hidden
    if result.log:
        yield f"complete log: {result.log}"
