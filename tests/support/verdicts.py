"""Verdicts and results to render, and JUnit files as the plugin writes them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from pytest_llvmgate.gate.session import Session
from pytest_llvmgate.model import (
    ConfigurationInfo,
    Downstream,
    Finding,
    Outcome,
    Revision,
    StageResult,
    Verdict,
)
from pytest_llvmgate.plugin import junit_writing as plugin_junit
from pytest_llvmgate.verdict import junit_names as names
from pytest_llvmgate.verdict.assemble import merged_findings
from pytest_llvmgate.verdict.pattern import patterns

SHA = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
OTHER = "b708aea0bc7127adf4ec643660699c8bcdde1273"
COMMIT = "1234567890123456789012345678901234567890"

FOUR = tuple(
    ConfigurationInfo(name=f"{linkage}-mhlo_{mhlo}", flavour="default", options={"linkage": linkage, "mhlo": mhlo})
    for linkage in ("static", "shared")
    for mhlo in ("on", "off")
)

MISSING = Finding(
    kind="shared-link",
    identifier="mlir::sparse_tensor::SparseTensorDialect",
    headline="MhloDialect uses mlir::sparse_tensor::SparseTensorDialect and does not link MLIRSparseTensorDialect",
    evidence=("mhlo_ops.cc:(.text+0x118): undefined reference to `mlir::sparse_tensor'", "collect2: error"),
    log=".llvmgate/ca7933e47d3a/shared-mhlo_on/logs/build.log",
    log_line=812,
    configurations=("shared-mhlo_on",),
    advice=("Add MLIRSparseTensorDialect to LINK_LIBS of MhloDialect.",),
)


def result(node: str, outcome: Outcome = Outcome.PASSED, **more: Any) -> StageResult:
    """A result by its node, ``group::stage``."""
    group, _, stage = node.partition("::")
    return StageResult(group=group, stage=stage, outcome=outcome, **{"duration": 12.0, **more})


def passed(*nodes: str, **more: Any) -> list[StageResult]:
    return [result(node, **more) for node in nodes]


def failed(node: str, reason: str = "it broke", **more: Any) -> StageResult:
    return result(node, Outcome.FAILED, reason=reason, **more)


def skipped(node: str, because: str) -> StageResult:
    return result(node, Outcome.SKIPPED, reason=f"{because} failed", facts={"because": because}, duration=0.0)


def verdict(results: Iterable[StageResult], configurations: Iterable[ConfigurationInfo] = FOUR, **more: Any) -> Verdict:
    """A verdict on results, put together as a session does it."""
    found = tuple(results)
    infos = tuple(configurations)
    values = {
        "candidate": Revision(sha=SHA, name="llvmorg-22.1.8"),
        "downstream": Downstream(root="/project", commit=COMMIT, branch="bump", dirty=False),
        "configurations": infos,
        "results": found,
        "patterns": patterns(infos, found),
        "findings": merged_findings(found),
    }
    return Verdict(**{**values, **more})


def mhlo_breaks_shared() -> Verdict:
    """What the gate is for: a component lacks a library, so that one of four configurations fails."""
    results = passed("pins::llvm-project", "pins::stablehlo")
    results += passed("llvm::default", facts={"origin": "wheels (from the cache)", "version": "22.1.8"})
    for info in FOUR:
        if info.name == "shared-mhlo_on":
            results += [
                *passed("shared-mhlo_on::configure"),
                failed("shared-mhlo_on::build", "3 of 391 edges failed, 12 were not reached", findings=(MISSING,)),
                skipped("shared-mhlo_on::install", "shared-mhlo_on::build"),
                skipped("shared-mhlo_on::check", "shared-mhlo_on::build"),
            ]
        else:
            results += passed(*(f"{info.name}::{stage}" for stage in ("configure", "build", "install", "check")))
    return verdict(
        results,
        baseline=Revision(sha=OTHER, name="llvmorg-21.1.2"),
        toolchain={"cmake": "4.4.0", "ninja": "1.13.0", "c++": "c++ (Debian 12.2.0-14) 12.2.0"},
    )


def junit(path: Path, verdict: Verdict) -> Path:
    """Write a verdict's results as ``pytest --junitxml`` does, with the plugin's own properties."""
    infos = {info.name: info for info in verdict.configurations}
    suite = ET.Element("testsuite", name="pytest")
    _properties(suite, _suite_properties(verdict))
    for each in verdict.results:
        place = {"classname": f"llvmgate.toml.{each.group}", "name": each.stage, "time": f"{each.duration:.3f}"}
        case = ET.SubElement(suite, "testcase", place)
        _properties(
            case, [*_at_collection(each, infos.get(each.group)), *plugin_junit.properties(_session(verdict), each)]
        )
        if each.outcome is Outcome.FAILED and not each.is_held:
            ET.SubElement(case, "failure", message=each.reason).text = each.detail
        elif each.outcome is not Outcome.PASSED:
            ET.SubElement(case, "skipped", type="pytest.skip", message=each.reason).text = "llvmgate.toml:1: x"
    root = ET.Element("testsuites", name="pytest tests")
    root.append(suite)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return path


def _session(verdict: Verdict) -> Session:
    return Session(
        config=Path("llvmgate.toml"), candidate=verdict.candidate, downstream=verdict.downstream, source_state=""
    )


def _properties(element: ET.Element, found: Iterable[tuple[str, object]]) -> None:
    parent = ET.SubElement(element, "properties")
    for name, value in found:
        if value:
            ET.SubElement(parent, "property", name=name, value=str(value))


def _at_collection(each: StageResult, info: ConfigurationInfo | None) -> list[tuple[str, object]]:
    """What the plugin knows of a test before it has run."""
    if info is None:
        return [(names.STAGE, each.group)]
    axes = [(names.AXIS + axis, option) for axis, option in info.options.items()]
    return [(names.STAGE, each.stage), (names.CONFIGURATION, info.name), (names.FLAVOUR, info.flavour), *axes]


def _suite_properties(verdict: Verdict) -> list[tuple[str, object]]:
    return [
        (names.CANDIDATE, verdict.candidate.sha),
        (names.CANDIDATE_NAME, verdict.candidate.name),
        (names.BASELINE, verdict.baseline.sha if verdict.baseline else ""),
        (names.DOWNSTREAM, verdict.downstream.commit),
        (names.DOWNSTREAM_BRANCH, verdict.downstream.branch),
        (names.DOWNSTREAM_DIRTY, "true" if verdict.downstream.dirty else ""),
        *((names.TOOLCHAIN + name, version) for name, version in verdict.toolchain.items()),
    ]
