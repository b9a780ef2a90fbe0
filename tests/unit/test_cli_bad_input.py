"""What a user mistypes is told: a wrong path, number or date is never taken for an answer of yes or no."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.toy import make_downstream, make_llvm
from tests.unit.project_kit import World


def ended(*arguments: object) -> int:
    """The exit code, also where argparse ends the process."""
    try:
        return main([str(each) for each in arguments])
    except SystemExit as end:
        return int(end.code or 0)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An LLVM, a log, a file of sources, and a directory without any."""
    make_llvm(tmp_path / "llvm")
    (tmp_path / "empty").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.cpp").write_text("int a;\n")
    (tmp_path / "log").write_text("all is well\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        "preflight llvm --source nope",
        "preflight llvm --source log",
        "preflight llvm --source src --llvm-repository nope",
        "fix --build empty --source nope",
        "fix --build nope",
        "fix --llvm nope",
        "fix --baseline-llvm nope",
        "fix --sibling nope",
        "fix --llvm-repository nope",
        "explain log --sibling nope",
        "explain log --llvm nope",
        "explain log --baseline-llvm nope",
        "explain log --source nope",
        "explain log --build nope",
        "linkcheck -B nope",
        "linkcheck -B empty --root nope",
        "brief --build nope",
        "candidates --sibling nope",
    ],
)
def test_a_directory_that_is_not_there_is_told(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(*words.split()) == 4
    said = capsys.readouterr()
    assert "expected a directory, found none" in said.err
    assert not said.out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("fix --seconds -5", "expected a number above 0, found '-5'"),
        ("fix --seconds nan", "expected a number above 0, found 'nan'"),
        ("fix -j 0", "expected a whole number above 0, found '0'"),
        ("preflight llvm -j -1", "expected a whole number above 0, found '-1'"),
        ("preflight llvm -D foo", "expected NAME=VALUE, found 'foo'"),
        ("preflight llvm -D =foo", "expected NAME=VALUE, found '=foo'"),
        ("linkcheck -B src -j 0", "expected a whole number above 0, found '0'"),
        ("candidates --tries 0", "expected a whole number above 0, found '0'"),
        ("bisect -n 0", "expected a whole number above 0, found '0'"),
        ("roll --tries x", "expected a whole number above 0, found 'x'"),
    ],
)
def test_a_value_that_is_none_is_a_malformed_command_line(
    words: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(*words.split()) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("command", ["preflight empty --source src", "doctor --llvm empty", "doctor --llvm nope"])
def test_an_llvm_that_is_none_is_bad_input(command: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_downstream(here)
    assert ended(*command.split()) == 4
    assert "expected an installed LLVM at" in capsys.readouterr().err


def test_linkcheck_over_an_llvm_that_is_none(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("linkcheck", "-B", "src", "--llvm", "nope") == 4
    assert "expected an installed LLVM at" in capsys.readouterr().err


def test_preflight_of_nothing_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("preflight", "llvm", "--source", "empty") == 4
    assert "expected the sources of a downstream, found no file to check" in capsys.readouterr().err


def test_preflight_takes_a_cache_value_as_cmake_does() -> None:
    assert ended("preflight", "llvm", "--source", "src", "-D", "A=", "-D", "B:BOOL=ON") == 0


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the log is empty"),
        (b"\0" * 9000, "the log is empty"),
        (Path(sys.executable).resolve().read_bytes()[:100_000], "the log is no text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "the log is no text"),
    ],
)
@pytest.mark.parametrize("piped", [True, False])
def test_a_log_that_says_nothing_is_no_pass(
    content: bytes, expected: str, piped: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("log").write_bytes(content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert ended("explain", "-" if piped else "log") == 4
    said = capsys.readouterr()
    assert f"{'standard input' if piped else 'log'}: {expected}" in said.err
    assert not said.out


@pytest.mark.parametrize(
    "content",
    [
        b"\n",
        b"\0" * 4096 + b"the rest of a log that was cut while it was written\n",
        b"\n".join(b"%d %%" % number + b"\b" * 5 for number in range(100)),
        b"\x1b[32m[1/2] Building\x1b[0m\r\x1b[K[2/2] Linking\n",
        "[1/2] Übersetzt\n".encode("cp1252"),
    ],
)
def test_text_with_some_dirt_in_it_is_a_log(content: bytes) -> None:
    Path("log").write_bytes(content)
    assert ended("explain", "log") == 0


@pytest.mark.parametrize(
    "command", [["pins"], ["bump", "a" * 40, "--dry-run"], ["plan", "a" * 40], ["init", "--print"]]
)
def test_a_clone_of_nothing_is_told(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(World(tmp_path / "w").repo.path)
    assert ended(*command, "--clone", "third_party/stablehlo=nope") == 4
    assert "nope: expected a directory, found none" in capsys.readouterr().err
    assert ended(*command, "--clone", "a=.") == (0 if command[0] == "init" else 4)  # which tells of it beside the pins
    assert "no pin is behind a component 'a'" in "".join(capsys.readouterr())


def test_a_clone_of_no_component_is_told_the_components_that_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(World(tmp_path / "w").repo.path)
    assert ended("plan", "a" * 40, "--clone", "nope=.") == 4
    assert "known here: third_party/stablehlo" in capsys.readouterr().err


def test_a_component_that_is_no_directory_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = World(tmp_path / "w").repo.path
    monkeypatch.chdir(repo)
    make_llvm(tmp_path / "llvm")
    assert ended("preflight", str(tmp_path / "llvm"), "--component", "nope") == 4
    assert "its submodules, known without this: third_party/stablehlo" in capsys.readouterr().err


def test_a_place_that_cannot_even_be_looked_at_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    name = "n" * 5_000  # longer than any file's name; a directory that may not be entered is the same case
    assert ended("linkcheck", "-B", name) == 4
    assert capsys.readouterr().err.startswith("llvmgate linkcheck: nnn")
