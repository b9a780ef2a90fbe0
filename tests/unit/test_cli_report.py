"""``llvmgate report``, ``schema`` and ``demo``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.codec import dumps, loads
from pytest_llvmgate.config.json_schema import json_schema
from pytest_llvmgate.model import Verdict
from pytest_llvmgate.verdict import html, markdown
from pytest_llvmgate.verdict.joining import read_reports
from tests.support.verdicts import failed, junit, mhlo_breaks_shared, passed, skipped, verdict


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return junit(tmp_path / "bad.xml", mhlo_breaks_shared())


@pytest.mark.parametrize(
    ("results", "code"),
    [
        (passed("pins::x"), 0),
        ([failed("pins::x")], 1),
        ([*passed("pins::x"), skipped("static-mhlo_on::check", "static-mhlo_on::build")], 1),
    ],
)
def test_the_exit_code_is_the_verdict(tmp_path: Path, results: list[object], code: int) -> None:
    assert main(["report", str(junit(tmp_path / "a.xml", verdict(results)))]) == code


def test_on_a_terminal(bad: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "55")
    main(["report", str(bad)])
    lines = capsys.readouterr().out.split("\n")
    assert lines[-2] == "ca7933e47d3a does not pass: 1 of 19 failed, 2 skipped"
    assert "shared-mhlo_on   ok         FAILED  -        -" in lines
    assert not any("\x1b" in line for line in lines), "a pipe gets no colour"


def test_markdown(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--markdown", str(bad)]) == 1
    assert capsys.readouterr().out == markdown.render(read_reports([bad]))


def test_json(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--json", str(bad)]) == 1
    assert loads(Verdict, capsys.readouterr().out) == read_reports([bad])


def test_html(bad: Path, capsys: pytest.CaptureFixture[str], cwd: Path) -> None:
    assert main(["report", "--html", str(bad)]) == 1
    assert capsys.readouterr().out == html.render(read_reports([bad]), root=cwd)


def test_several_files_are_merged(bad: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = junit(tmp_path / "good.xml", verdict(passed("pins::onnx"), ()))
    assert main(["report", "--json", str(other), str(bad)]) == 1
    assert len(json.loads(capsys.readouterr().out)["results"]) == 20


@pytest.mark.parametrize("arguments", [[], ["--json", "--markdown", "x.xml"]])
def test_a_malformed_command_line(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["report", *arguments])
    assert end.value.code == 2


def test_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema()


def test_the_demo_says_what_to_try(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", str(tmp_path / "new")]) == 0
    text = capsys.readouterr().out
    assert "pytest --llvm-sha=" in text
    assert "shared-breaks" in text


def test_the_demo_takes_no_directory_that_is_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["demo", str(tmp_path)]) == 4
    assert capsys.readouterr().err.startswith("llvmgate demo: the demo needs a directory that is empty")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("form", ["json", "junit"])
def test_a_report_may_come_by_a_pipe(tmp_path: Path, form: str) -> None:
    told = verdict([*passed("pins::x"), failed("static-mhlo_on::build", detail="x" * 100_000)])
    path = tmp_path / "a"
    junit(path, told) if form == "junit" else path.write_text(dumps(told), encoding="utf-8")
    words = f"{sys.executable} -m pytest_llvmgate report <(cat {path})"
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "does not pass: 1 of 2 failed" in done.stdout
