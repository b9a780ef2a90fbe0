"""The JUnit files of real sessions, held against the format's schema and read by others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import xmlschema
from junitparser import Properties, xunit2

from pytest_llvmgate.verdict.joining import read_reports
from tests.support.gated import Gated

SCHEMA = Path(__file__).parents[1] / "support" / "junit.xsd"


def schema(*, properties_in_testcases: bool) -> xmlschema.XMLSchema:
    text = SCHEMA.read_text()
    if not properties_in_testcases:
        text, count = re.subn(r"<!-- with-properties -->.*", "", text)
        assert count == 1
    return xmlschema.XMLSchema(text)


@pytest.fixture
def breaking(gated: Gated) -> Gated:
    """Passed, failed and skipped stages; odd characters in what the failure shows."""
    (gated.root / "break-shared-mhlo").touch()
    return gated


def run(gated: Gated, path: Path, *arguments: str) -> Path:
    gated.run("--llvm-sha=pinned", f"--junitxml={path}", "-o", "junit_logging=all", *arguments)
    return path


def test_the_file_has_the_form_xunit2(breaking: Gated, tmp_path: Path) -> None:
    path = run(breaking, tmp_path / "a.xml")
    schema(properties_in_testcases=True).validate(path)
    assert not schema(properties_in_testcases=False).is_valid(path)


def test_with_properties_in_the_suite_jenkins_own_schema_accepts_it(breaking: Gated, tmp_path: Path) -> None:
    path = run(breaking, tmp_path / "a.xml", "-o", "llvm_junit_properties=testsuite")
    schema(properties_in_testcases=False).validate(path)


def test_both_forms_read_back_to_the_same_verdict(breaking: Gated, tmp_path: Path) -> None:
    one = read_reports([run(breaking, tmp_path / "a.xml")])
    other = read_reports([run(breaking, tmp_path / "b.xml", "-o", "llvm_junit_properties=testsuite")])
    shape = [(each.node, each.outcome, [finding.key for finding in each.findings]) for each in one.results]
    assert shape == [(each.node, each.outcome, [finding.key for finding in each.findings]) for each in other.results]
    assert one.configurations == other.configurations


def test_junitparser_reads_the_properties_of_a_stage(breaking: Gated, tmp_path: Path) -> None:
    [suite] = xunit2.JUnitXml.fromfile(str(run(breaking, tmp_path / "a.xml")))
    case = next(each for each in suite if each.classname.endswith("shared-mhlo_on") and each.name == "build")
    groups = case.iterchildren(Properties)  # type: ignore[no-untyped-call]
    found = {each.name: each.value for group in groups for each in group}
    assert found["axis.linkage"] == "shared"
    assert found["configuration"] == "shared-mhlo_on"
    assert case.result[0].message


def test_a_place_of_properties_that_is_none_is_refused(gated: Gated) -> None:
    result = gated.run("--llvm-sha=pinned", "-o", "llvm_junit_properties=elsewhere")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "expected 'testcase' or 'testsuite', found 'elsewhere'" in result.stderr.str()
