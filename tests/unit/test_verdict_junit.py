"""JUnit files read back into one verdict."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from junitparser import xunit2

from pytest_llvmgate.codec import loads
from pytest_llvmgate.errors import EXIT_USAGE, GateError
from pytest_llvmgate.model import HELD, Downstream, Edges, Outcome, Revision, Verdict
from pytest_llvmgate.verdict.joining import read_reports
from pytest_llvmgate.verdict.terminal import conclusion
from tests.support.gated import Gated
from tests.support.verdicts import (
    COMMIT,
    FOUR,
    MISSING,
    OTHER,
    SHA,
    failed,
    junit,
    mhlo_breaks_shared,
    passed,
    result,
    skipped,
    verdict,
)


def refusal(*paths: Path) -> str:
    with pytest.raises(GateError) as caught:
        read_reports(paths)
    assert caught.value.exit_code == EXIT_USAGE
    return str(caught.value)


def from_file(found: Verdict) -> Verdict:
    """What of a verdict its JUnit file keeps: the name of a baseline and the project's place are of one machine."""
    baseline = Revision(sha=found.baseline.sha) if found.baseline else None
    return replace(found, downstream=replace(found.downstream, root=""), baseline=baseline)


def test_a_verdict_survives_its_junit_file(tmp_path: Path) -> None:
    written = mhlo_breaks_shared()
    assert read_reports([junit(tmp_path / "a.xml", written)]) == from_file(written)


def test_everything_that_a_result_may_say(tmp_path: Path) -> None:
    results = [
        failed("pins::a", "one | line", detail="a table\nof <two> lines"),
        failed("pins::b", "another"),
        *passed("static-mhlo_on::configure", reused=True, log="x.log", facts={"identity": "1"}),
        failed(
            "static-mhlo_on::build",
            edges=Edges(finished=5, total=9, failed=2),
            findings=(MISSING, replace(MISSING, identifier="other")),
            log="b.log",
        ),
        failed("static-mhlo_off::build", "held until 2026-12-10", facts={HELD: "until 2026-12-10"}),
    ]
    downstream = Downstream(root="", commit=COMMIT, branch="x", dirty=True)
    written = verdict(results, FOUR[:2], downstream=downstream, toolchain={"cmake": "4"})
    assert read_reports([junit(tmp_path / "a.xml", written)]) == written


def test_the_file_of_a_real_session_says_what_its_json_says(gated: Gated, tmp_path: Path) -> None:
    (gated.root / "break-shared-mhlo").touch()
    gated.run("--llvm-sha=pinned", "-k", "mhlo_on or pins or llvm", f"--junitxml={tmp_path}/a.xml")
    [recorded] = gated.root.glob(".llvmgate/*/verdict.json")
    told, read = loads(Verdict, recorded.read_text()), read_reports([tmp_path / "a.xml"])
    assert [(each.node, each.outcome, each.reason) for each in read.results] == [
        (each.node, each.outcome, each.reason) for each in told.results
    ]
    assert [each.key for each in read.findings] == [each.key for each in told.findings]
    assert (read.patterns, read.configurations, read.toolchain) == (told.patterns, told.configurations, told.toolchain)
    assert (read.candidate, read.downstream.commit) == (told.candidate, told.downstream.commit)
    assert conclusion(read) == conclusion(told)


def test_the_file_reads_well_in_junitparser(tmp_path: Path) -> None:
    parsed = xunit2.JUnitXml.fromfile(str(junit(tmp_path / "a.xml", mhlo_breaks_shared())))
    assert sum(len(list(suite)) for suite in parsed) == 19


# Several files


def test_the_files_of_a_matrix_are_one_verdict(tmp_path: Path) -> None:
    whole = mhlo_breaks_shared()
    paths = []
    for info in FOUR:
        part = [each for each in whole.results if each.group in (info.name, "pins", "llvm")]
        paths.append(junit(tmp_path / f"{info.name}.xml", replace(whole, results=tuple(part), configurations=(info,))))
    merged = read_reports(paths)
    assert {each.node for each in merged.results} == {each.node for each in whole.results}
    assert len(merged.results) == len(whole.results)
    assert merged.configurations == FOUR
    assert merged.patterns == ("build breaks only with linkage=shared and mhlo=on",)
    assert merged.findings == whole.findings


OUTCOMES = {
    "skipped": skipped("static-mhlo_on::build", "static-mhlo_on::configure"),
    "passed": result("static-mhlo_on::build"),
    "held": failed("static-mhlo_on::build", "held", facts={HELD: "until 2026-12-10"}),
    "failed": failed("static-mhlo_on::build"),
}


@pytest.mark.parametrize("first", OUTCOMES)
@pytest.mark.parametrize("second", OUTCOMES)
def test_of_two_results_for_one_stage_the_worse_counts(tmp_path: Path, first: str, second: str) -> None:
    paths = [junit(tmp_path / f"{n}.xml", verdict([OUTCOMES[each]])) for n, each in enumerate((first, second))]
    [merged] = read_reports(paths).results
    assert merged == OUTCOMES[max(first, second, key=list(OUTCOMES).index)]


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path = junit(tmp_path / "a.xml", mhlo_breaks_shared())
    assert read_reports([path, path]) == read_reports([path])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.permutations(range(4)))
def test_the_order_of_files_does_not_change_the_verdict(tmp_path: Path, order: list[int]) -> None:
    whole = mhlo_breaks_shared()
    for number, info in enumerate(FOUR):
        part = tuple(each for each in whole.results if each.group in (info.name, "pins"))
        junit(tmp_path / f"{number}.xml", replace(whole, results=part, configurations=(info,)))
    merged = read_reports([tmp_path / f"{number}.xml" for number in order])
    assert {each.node: each.outcome for each in merged.results} == {
        each.node: each.outcome for each in whole.results if each.group != "llvm"
    }
    assert merged.patterns == whole.patterns


def test_what_one_file_does_not_know_another_may(tmp_path: Path) -> None:
    full = mhlo_breaks_shared()
    bare = replace(full, baseline=None, toolchain={}, candidate=Revision(sha=SHA))
    merged = read_reports([junit(tmp_path / "a.xml", bare), junit(tmp_path / "b.xml", full)])
    assert merged == from_file(full)


def test_files_of_different_candidates(tmp_path: Path) -> None:
    first = junit(tmp_path / "a.xml", verdict(passed("pins::x")))
    second = junit(tmp_path / "b.xml", verdict(passed("pins::x"), candidate=Revision(sha=OTHER)))
    assert refusal(first, second) == (
        f"expected files of one candidate, found 2: {first} of {SHA[:12]}, {second} of {OTHER[:12]}\n"
        "    -> report on each candidate by itself"
    )


def test_files_of_different_commits_of_the_downstream(tmp_path: Path) -> None:
    first = junit(tmp_path / "a.xml", verdict(passed("pins::x")))
    second = junit(tmp_path / "b.xml", verdict(passed("pins::x"), downstream=Downstream(root="", commit="f" * 40)))
    assert refusal(first, second).startswith("expected files of one downstream commit, found 2: ")


# Tests that are not the gate's


OWN_TEST = '<testcase classname="tests.test_x" name="test_y" time="0.1"/>'


def test_the_downstreams_own_tests_are_passed_over(tmp_path: Path) -> None:
    path = junit(tmp_path / "a.xml", verdict(passed("pins::x")))
    path.write_text(path.read_text().replace("</testsuite>", f"{OWN_TEST}</testsuite>"))
    assert [each.node for each in read_reports([path]).results] == ["pins::x"]


def test_a_file_without_a_test_of_the_gate(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(f"<testsuites><testsuite>{OWN_TEST}</testsuite></testsuites>")
    assert refusal(path) == (
        f"{path}: expected tests of the gate in this JUnit file, found none\n"
        "    -> write it with: pytest --llvm-sha=SHA --junitxml=FILE"
    )


def test_a_suite_at_the_root(tmp_path: Path) -> None:
    path = junit(tmp_path / "a.xml", verdict(passed("pins::x")))
    path.write_text(re.sub(r"</?testsuites[^>]*>", "", path.read_text()))
    assert read_reports([path]).passes


def test_an_error_is_a_failure(tmp_path: Path) -> None:
    """As pytest writes a defect of the gate itself, or a worker that died."""
    path = junit(tmp_path / "a.xml", verdict([failed("static-mhlo_on::build", "boom", detail="traceback")]))
    path.write_text(path.read_text().replace("failure", "error"))
    [found] = read_reports([path]).results
    assert (found.outcome, found.reason, found.detail) == (Outcome.FAILED, "boom", "traceback")


# Damage


def test_no_such_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "x.xml") == (
        f"{tmp_path}/x.xml: there is no such file\n    -> pytest --llvm-sha=SHA --junitxml=FILE writes one"
    )


def test_a_directory(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"\x00\xff\xfe",
        b"<html/>",
        b"<testsuites>",
        b'<?xml version="1.0" encoding="no-such-encoding"?><testsuites/>',
        b'<?xml version="1.0" encoding="utf-8"?><testsuites name="\xff"/>',
    ],
)
def test_what_is_no_junit(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    message = refusal(path)
    assert message.startswith(f"{path}: this is no JUnit XML: ")
    assert message.endswith("-> expected a file that pytest --junitxml wrote, whole")


def test_a_file_that_is_cut_off_anywhere(tmp_path: Path) -> None:
    path = junit(tmp_path / "a.xml", mhlo_breaks_shared())
    content = path.read_bytes()
    for length in range(0, len(content) - 1, 97):
        path.write_bytes(content[:length])
        assert "this is no JUnit XML" in refusal(path)


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    path = tmp_path / "a.xml"
    path.write_text(f'<!DOCTYPE x [<!ENTITY e0 "lol">{entities}]><testsuites name="&e9;"/>')
    assert "this is no JUnit XML" in refusal(path)


@pytest.mark.parametrize(
    ("found", "put", "expected"),
    [
        ('name="facts" value="[^"]*"', 'name="facts" value="5"', {}),
        ('name="facts" value="[^"]*"', 'name="facts" value="{"', {}),
        ('name="facts" value="[^"]*"', 'name="facts" value="{&quot;a&quot;: 1}"', {"a": "1"}),
    ],
)
def test_facts_of_another_version(tmp_path: Path, found: str, put: str, expected: dict[str, str]) -> None:
    path = junit(tmp_path / "a.xml", verdict(passed("pins::x", facts={"a": "b"})))
    path.write_text(re.sub(found, put, path.read_text()))
    assert read_reports([path]).results[0].facts == expected


@pytest.mark.parametrize("value", ["5", "null", "{", "[1]", "[{}]", "{&quot;a&quot;: 1}"])
def test_findings_of_another_version(tmp_path: Path, value: str) -> None:
    path = junit(tmp_path / "a.xml", verdict([failed("static-mhlo_on::build", findings=(MISSING,))]))
    path.write_text(re.sub('name="findings" value="[^"]*"', f'name="findings" value="{value}"', path.read_text()))
    [found] = read_reports([path]).results
    assert (found.outcome, found.findings) == (Outcome.FAILED, ())


@pytest.mark.parametrize("value", ["", "1/2", "1/2/3/4", "a/b/c", "1/2/x", "²/2/3", "-1/2/3"])
def test_edges_of_another_version(tmp_path: Path, value: str) -> None:
    edges = Edges(finished=1, total=2)
    path = junit(tmp_path / "a.xml", verdict([result("static-mhlo_on::build", edges=edges)]))
    path.write_text(path.read_text(encoding="utf-8").replace('value="1/2/0"', f'value="{value}"'), encoding="utf-8")
    assert read_reports([path]).results[0].edges is None


def test_a_time_that_is_none(tmp_path: Path) -> None:
    path = junit(tmp_path / "a.xml", verdict(passed("pins::x")))
    path.write_text(path.read_text().replace('time="12.000"', 'time="long"'))
    assert "this is no JUnit XML of pytest" in refusal(path)


def test_a_time_that_is_absent(tmp_path: Path) -> None:
    path = junit(tmp_path / "a.xml", verdict(passed("pins::x")))
    path.write_text(path.read_text().replace(' time="12.000"', ""))
    assert read_reports([path]).results[0].duration == 0.0


def test_the_downstreams_own_tests_in_the_same_file_take_linear_time(tmp_path: Path) -> None:
    path = junit(tmp_path / "a.xml", verdict(passed("pins::x")))
    others = "".join(f'<testcase classname="t" name="n{number}" time="0"/>' for number in range(20_000))
    path.write_text(path.read_text().replace("</testsuite>", f"{others}</testsuite>"))
    started = time.process_time()
    assert len(read_reports([path]).results) == 1
    assert time.process_time() - started < 10
