"""Reports of several machines as one verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.codec import dumps
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.model import Outcome, Revision, Verdict
from pytest_llvmgate.verdict.joining import read_reports
from tests.support.configs import load
from tests.support.verdicts import FOUR, MISSING, OTHER, failed, passed, verdict


def written(path: Path, told: Verdict) -> Path:
    path.write_text(dumps(told), encoding="utf-8")
    return path


@pytest.fixture
def halves(tmp_path: Path) -> list[Path]:
    static = verdict(passed("pins::llvm", "static-mhlo_on::build"), FOUR[:1], notes=("a note",))
    shared = verdict(
        [*passed("pins::llvm"), failed("shared-mhlo_on::build", findings=(MISSING,))], FOUR[2:3], notes=("a note",)
    )
    return [written(tmp_path / "static.json", static), written(tmp_path / "shared.json", shared)]


def test_verdicts_of_two_machines_are_one(halves: list[Path]) -> None:
    joined = read_reports(halves)
    assert [each.node for each in joined.results] == ["pins::llvm", "static-mhlo_on::build", "shared-mhlo_on::build"]
    assert [each.name for each in joined.configurations] == ["static-mhlo_on", "shared-mhlo_on"]
    assert [finding.kind for finding in joined.findings] == ["shared-link"]
    assert joined.patterns == ("build breaks only with linkage=shared",)
    assert joined.notes == ("a note",)
    assert not joined.passes


def test_the_same_report_twice_changes_nothing(halves: list[Path]) -> None:
    assert read_reports([*halves, halves[1]]) == read_reports(halves)


def test_a_machine_that_died_is_no_pass(halves: list[Path]) -> None:
    joined = read_reports(halves[:1], ["pins::llvm", "static-mhlo_on::build", "shared-mhlo_on::build"], FOUR)
    assert not joined.passes
    assert [each.reason.partition(":")[0] for each in joined.undecided] == ["no result"]


def test_the_command_asks_the_configuration_what_must_be_there(
    halves: list[Path], cwd: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(
        cwd, "[[pin]]\nname = 'llvm'\nfile = 'x'\n[build]\ninstall = false\n[axes.linkage]\nstatic = {}\nshared = {}\n"
    )
    assert main(["report", str(halves[0])]) == 0
    assert main(["report", "--config", "llvmgate.toml", str(halves[0])]) == 1
    assert "no result" in capsys.readouterr().out


def refusal(*paths: Path) -> str:
    with pytest.raises(GateError) as caught:
        read_reports(paths)
    return str(caught.value)


def test_verdicts_of_another_candidate_or_tree(halves: list[Path], tmp_path: Path) -> None:
    told = verdict(passed("pins::llvm"))
    other = written(tmp_path / "other.json", replace(told, candidate=Revision(sha=OTHER)))
    assert "expected files of one candidate, found 2" in refusal(halves[0], other)
    tree = written(tmp_path / "tree.json", replace(told, downstream=replace(told.downstream, commit="9" * 40)))
    assert "expected files of one downstream commit, found 2" in refusal(halves[0], tree)


def test_two_configurations_of_one_name(halves: list[Path], tmp_path: Path) -> None:
    told = verdict(passed("static-mhlo_on::build"), [replace(FOUR[0], flavour="other")])
    assert "the configuration 'static-mhlo_on' is another one" in refusal(halves[0], written(tmp_path / "o.json", told))


@pytest.mark.parametrize(
    "text",
    ["{", "{}", '{"schema": 1}', "[]", "", "\udcff", '{"a": ' * 5000, "{\x00}", '{"candidate": NaN}'],
    ids=range(9),
)
def test_what_is_no_report(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert "this is no " in refusal(path)


def test_a_verdict_without_results_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="no result of any stage"):
        read_reports([written(tmp_path / "a.json", verdict([]))])


def test_skips_alone_are_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "a.json", verdict([replace(failed("pins::x"), outcome=Outcome.SKIPPED)]))
    assert main(["report", str(path)]) == 1
    assert "is undecided: 0 of 1 passed, 1 skipped; nothing was judged" in capsys.readouterr().out


def test_names_of_several_lines_are_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = verdict([failed("pins::x")])
    path = written(tmp_path / "a.json", replace(told, candidate=replace(told.candidate, name="x\n\npasses: 1 of 1")))
    assert main(["report", str(path)]) == 1
    assert "passes: 1 of 1" not in capsys.readouterr().out.splitlines()


def test_a_verdict_of_another_schema(tmp_path: Path) -> None:
    told = replace(verdict(passed("pins::llvm")), schema=99)
    assert "expected a verdict of schema 1, found 99" in refusal(written(tmp_path / "x.json", told))


def test_a_report_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "none.json")


@pytest.mark.parametrize("text", ["<a>" * 1_000_001, '{"a":' + "[" * 1_000_001, '{"a":[0' + ",0" * 1_000_001 + "]}"])
def test_what_would_take_gigabytes_of_memory_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a").write_text(text)
    with pytest.raises(GateError, match="more than 1,000,000 parts"):
        read_reports([tmp_path / "a"])


def test_a_report_without_end_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as sink:
        sink.truncate(1 << 40)
    with pytest.raises(GateError, match="more than 64 MiB"):
        read_reports([tmp_path / "a"])
