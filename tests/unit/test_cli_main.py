"""The command line's dispatcher: exit codes, and what goes wrong around a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_llvmgate import __version__
from pytest_llvmgate.cli.main import COMMANDS, main
from pytest_llvmgate.errors import ConfigError, GateError, Problem
from pytest_llvmgate.model import StageResult
from tests.support.verdicts import failed, junit, passed, verdict

LLVMGATE = (sys.executable, "-m", "pytest_llvmgate")
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
"""Without it, nothing is left to be written at the process's end."""


def ended(*arguments: str) -> int:
    """The exit code, also where argparse ends the process."""
    try:
        return main(arguments)
    except SystemExit as end:
        return int(end.code or 0)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("--version") == 0
    assert capsys.readouterr().out == f"pytest-llvmgate {__version__}\n"


def test_without_a_command_the_help_lists_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended() == 2
    text = " ".join(capsys.readouterr().out.split())
    for name, (_, summary) in COMMANDS.items():
        assert f"{name} {summary}" in text


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("bisekt") == 2
    assert "invalid choice: 'bisekt'" in capsys.readouterr().err


def test_an_unknown_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("schema", "--yaml") == 2
    assert "unrecognized arguments: --yaml" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(name, "--help") == 0
    assert COMMANDS[name][1][1:] in " ".join(capsys.readouterr().out.split())


def test_an_error_of_the_gate_is_a_message_and_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ended("report", "gone.xml") == 4
    hint = "pytest --llvm-sha=SHA --junitxml=FILE writes one"
    assert capsys.readouterr() == ("", f"llvmgate report: gone.xml: there is no such file\n    -> {hint}\n")


def test_the_process_ends_with_the_commands_code(tmp_path: Path) -> None:
    for name, results, code in (("good", passed("pins::x"), 0), ("bad", [failed("pins::x")], 1)):
        path = junit(tmp_path / f"{name}.xml", verdict(results, ()))
        assert subprocess.run([*LLVMGATE, "report", path], stdout=subprocess.DEVNULL, check=False).returncode == code


def test_only_the_command_asked_for_is_loaded() -> None:
    script = "import sys; from pytest_llvmgate.cli.main import main; main(['schema']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert {"pytest", "git", "junitparser", "xdist"}.isdisjoint(loaded.split("\n")[-2].split())


# Around a command


def test_a_reader_that_has_seen_enough_is_told_nothing_and_no_yes() -> None:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*LLVMGATE, "schema"], env=BUFFERED, **pipes) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.wait(60) == 128 + signal.SIGPIPE
        assert process.stderr.read() == b""


@pytest.mark.parametrize(("result", "code"), [(passed("pins::x"), 0), ([failed("pins::x")], 1)])
def test_without_a_reader_the_code_is_the_answers(tmp_path: Path, result: list[StageResult], code: int) -> None:
    path = junit(tmp_path / "a.xml", verdict(result, ()))
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [*LLVMGATE, "report", path], env=BUFFERED, stdout=write, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (code, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        command = [*LLVMGATE, "schema"]
        done = subprocess.run(command, env=BUFFERED, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (4, "llvmgate schema: No space left on device\n")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "CMakeLists.txt").touch()
    (tmp_path / "llvmgate.toml").mkdir()
    done = subprocess.run([*LLVMGATE, "init"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert done.stderr.startswith("llvmgate init: ")
    assert done.stderr.endswith(": Is a directory\n")
    assert "Traceback" not in done.stderr


def test_an_interrupt_is_told(tmp_path: Path) -> None:
    fifo = tmp_path / "a.xml"
    os.mkfifo(fifo)
    with subprocess.Popen([*LLVMGATE, "report", fifo], stderr=subprocess.PIPE, text=True) as process:
        descriptor = os.open(fifo, os.O_WRONLY)  # returns when the command has opened the other end
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[1] == "llvmgate report: interrupted\n"
        os.close(descriptor)
    assert process.returncode == 130


# Errors


def test_a_problem_in_words() -> None:
    assert str(Problem(message="m")) == "m"
    assert str(Problem(message="m", where="f:1")) == "f:1: m"
    assert str(Problem(message="m", where="f:1", hint="h")) == "f:1: m\n    -> h"


def test_an_error_carries_its_problem() -> None:
    error = GateError("m", where="f:1", hint="h")
    assert error.problems == (Problem(message="m", where="f:1", hint="h"),)
    assert (str(error), error.exit_code) == ("f:1: m\n    -> h", 4)


def test_several_problems_are_counted() -> None:
    problems = (Problem(message="a"), Problem(message="b", where="f:1"))
    assert str(ConfigError(problems)) == "2 errors in the configuration:\na\nf:1: b"
    assert str(ConfigError(problems[:1])) == "a"


@pytest.mark.parametrize("redirection", [">&-", "2>&-", "<&-", ">&- 2>&-"])
def test_closed_streams_are_no_defect(tmp_path: Path, redirection: str) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    words = f"{' '.join(LLVMGATE)} schema {redirection}"
    done = subprocess.run(["bash", "-c", words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_defect_of_the_gate_is_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> int:
        raise RecursionError("too deep")

    monkeypatch.setattr("pytest_llvmgate.cli.schema.run", broken)
    assert main(["schema"]) == 4
    assert "a defect of the gate: RecursionError: too deep" in capsys.readouterr().err
