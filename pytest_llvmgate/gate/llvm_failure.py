"""Why no LLVM could be supplied: LLVM itself does not build, or a carried patch no longer applies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_llvmgate.carry.applying import PatchError
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.findings import Diagnosis, DiagnosisContext, diagnose
from pytest_llvmgate.findings.registry import installed_registry
from pytest_llvmgate.gate.diagnosis import detail
from pytest_llvmgate.kinds.catalogue import PATCH_FAILED
from pytest_llvmgate.llvm.source import BrokenLlvmError
from pytest_llvmgate.model import Confidence, Finding, Layer, Location, StageResult


def explain_llvm_failure(result: StageResult, error: SupplyError, log: Path, config: Config) -> StageResult:
    """Add findings to the failed result of a flavour; what is no finding (no clone, no network) keeps its own words."""
    if isinstance(error, PatchError):
        diagnosis = Diagnosis(findings=(_patch_finding(error),))
    elif isinstance(error, BrokenLlvmError):
        diagnosis = _diagnosis(result, error, log, config)
    else:
        return result
    found = replace(result, findings=diagnosis.findings)
    return replace(found, detail=detail(found, diagnosis.hidden)) if found.findings else result


def _patch_finding(error: PatchError) -> Finding:
    problem = error.problems[0]
    return Finding(
        kind=PATCH_FAILED,
        identifier=error.patch,
        headline=problem.message,
        layer=Layer.DOWNSTREAM,
        locations=(Location(path=error.patch), *(Location(path=path) for path in error.files)),
        evidence=error.evidence,
        confidence=Confidence.CERTAIN,
        advice=(problem.hint,) if problem.hint else (),
    )


def _diagnosis(result: StageResult, error: BrokenLlvmError, log: Path, config: Config) -> Diagnosis:
    return diagnose(
        log,
        context=DiagnosisContext(
            stage="llvm",
            source=error.source,
            build=error.build,
            log=result.log,
            exit_code=error.returncode,
            advice=config.advice,
        ),
        registry=installed_registry(),
    )
