"""Whatever goes wrong is told in plain words, with its true reason, and counts as failed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_llvmgate.codec import loads
from pytest_llvmgate.gate.runner import Runner
from pytest_llvmgate.gate.trouble import as_gate_error
from pytest_llvmgate.model import StageResult
from tests.support.gated import Gated
from tests.support.toy import SHA

USAGE, FAILED, TERMINATED = 4, 1, 143
ONE = ("--llvm-sha=pinned", "-k", "static-mhlo_off or pins")


def broken(error: Exception) -> Callable[..., object]:
    def work(*_: object, **__: object) -> object:
        raise error

    return work


@pytest.mark.parametrize("where", ["_supply", "_ensure", "ensure", "context", "pin", "llvm"])
def test_a_defect_in_a_stage_is_a_failure_that_says_so(
    gated: Gated, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(Runner, where, broken(TypeError("unsupported operand")))
    result = gated.run(*ONE)
    assert result.ret == FAILED
    text = result.stdout.str()
    assert "a defect of the gate: TypeError: unsupported operand" in text
    assert "INTERNALERROR" not in text
    assert "out-of-memory" not in text


@pytest.mark.parametrize("where", ["assemble", "render", "publish"])
def test_a_defect_in_the_summary_is_told_and_no_pass(gated: Gated, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setattr(f"pytest_llvmgate.plugin.active.{where}", broken(KeyError("x")))
    result = gated.run(*ONE)
    assert result.ret == FAILED
    assert "a defect of the gate: KeyError: 'x'" in result.stdout.str()
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("where", ["open_session", "open_config", "take_checkout", "forget"])
def test_a_defect_at_the_start_is_a_usage_error(gated: Gated, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setattr(f"pytest_llvmgate.plugin.active.{where}", broken(RecursionError("too deep")))
    result = gated.run(*ONE)
    assert result.ret == USAGE
    assert "a defect of the gate: RecursionError" in result.stderr.str() + result.stdout.str()
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


def test_the_place_is_the_gates_own_line() -> None:
    with pytest.raises(TypeError) as caught:
        loads(StageResult, None)  # type: ignore[arg-type]
    assert "pytest_llvmgate/codec.py:" in str(as_gate_error(caught.value))


def test_a_very_long_message_is_cut() -> None:
    assert len(str(as_gate_error(ValueError("x" * 100_000)))) < 1000


def test_a_setup_of_another_plugin_that_fails_is_told_as_what_it_is(gated: Gated) -> None:
    (gated.root / "conftest.py").write_text(
        "import pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_setup(item):\n"
        "    if item.name == 'build': raise RuntimeError('the lab is closed')\n"
    )
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_off")
    assert "its setup failed, outside of the gate" in result.stdout.str()
    assert "out-of-memory" not in result.stdout.str()


@pytest.mark.parametrize("value", ["~nosuchuser/x", "/somewhere;else"])
def test_a_cache_that_is_no_place_fails_what_needs_it(
    gated: Gated, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", value)
    text = (gated.root / "llvmgate.toml").read_text()
    wheels = f'supplier = "wheels"\n[[llvm.wheels]]\nrevision = "{SHA}"\nrequirements = ["x==1"]\n'
    gated.configure(text.replace('supplier = "prefix"\nprefix = "../llvm"\n', wheels))
    result = gated.run("--llvm-sha=pinned", "-k", "llvm")
    assert result.ret == FAILED
    assert value in result.stdout.str()
    assert "defect" not in result.stdout.str()


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_llvmgate.config.user_cache import cache_root, user_cache
    from pytest_llvmgate.errors import SupplyError

    for name in ("LLVMGATE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "")
    assert user_cache().is_absolute()  # type: ignore[union-attr]
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(SupplyError, match="no home directory"):
        cache_root()
    monkeypatch.delenv("HOME")
    assert user_cache() is None


# -- without a terminal -------------------------------------------------------------------------------------------


def test_without_pytests_terminal_everything_is_written(
    gated: Gated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    command = [sys.executable, "-m", "pytest", "-p", "no:terminal", *ONE]
    command += [f"--llvm-json={tmp_path}/v.json", f"--llvm-html={tmp_path}/v.html"]
    done = subprocess.run(command, cwd=gated.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    own = gated.root / f".llvmgate/{SHA[:12]}/verdict.json"
    assert json.loads(own.read_text())["results"]
    assert json.loads((tmp_path / "v.json").read_text())["candidate"]["sha"] == SHA
    assert "passes" in (tmp_path / "v.html").read_text()
    assert "passes" in (tmp_path / "summary").read_text()


def test_without_a_terminal_what_cannot_be_written_is_told(gated: Gated) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:terminal", *ONE, "--llvm-json=/dev/null/v.json"]
    done = subprocess.run(command, cwd=gated.root, capture_output=True, text=True, check=False)
    assert "could not be written" in done.stderr


def test_a_closed_input_loses_no_verdict(gated: Gated, tmp_path: Path) -> None:
    words = f"{sys.executable} -m pytest {ONE[0]} -k '{ONE[2]}' --llvm-json={tmp_path}/v.json <&-"
    subprocess.run(["bash", "-c", words], cwd=gated.root, capture_output=True, check=False)
    assert json.loads((tmp_path / "v.json").read_text())["results"]


@pytest.mark.parametrize("workers", ["", "-n2"])
@pytest.mark.parametrize(
    ("redirection", "passes"),
    [(">&-", True), ("2>&-", True), ("<&- >&- 2>&-", True), ("| true", True), (">/dev/full", False)],
)
def test_output_that_goes_nowhere_loses_no_report(
    gated: Gated, tmp_path: Path, redirection: str, passes: bool, workers: str
) -> None:
    words = f"{sys.executable} -m pytest {ONE[0]} -k '{ONE[2]}' {workers} --llvm-json={tmp_path}/v.json"
    words += f" --junitxml={tmp_path}/v.xml {redirection}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", words], cwd=gated.root, capture_output=True, text=True, check=False)
    assert done.returncode == (0 if passes else FAILED), done.stderr
    assert json.loads((tmp_path / "v.json").read_text())["results"]
    assert "testcase" in (tmp_path / "v.xml").read_text()
    assert ("could not be written: No space left on device; the verdict is in" in done.stderr) is not passes


def test_a_failure_that_nobody_reads_is_one(gated: Gated) -> None:
    (gated.root / "break-configure").touch()
    words = f"{sys.executable} -m pytest {ONE[0]} -k '{ONE[2]}' >&- 2>&-"
    assert subprocess.run(["bash", "-c", words], cwd=gated.root, check=False).returncode == FAILED


# -- SIGTERM ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_sigterm_leaves_what_was_done(gated: Gated, tmp_path: Path, workers: tuple[str, ...]) -> None:
    text = (gated.root / "llvmgate.toml").read_text()
    gated.configure(text.replace('[["cmake",', '[["sleep", "100"], ["cmake",'))
    command = [sys.executable, "-m", "pytest", "--llvm-sha=pinned", *workers, "-k", "pins or static-mhlo_off"]
    command += [f"--llvm-json={tmp_path}/v.json", f"--llvm-html={tmp_path}/v.html", f"--junitxml={tmp_path}/v.xml"]
    with subprocess.Popen(command, cwd=gated.root, stdout=subprocess.PIPE, text=True) as running:
        log = gated.log("static-mhlo_off", "check")
        deadline = time.monotonic() + 90
        while not (log.exists() and "sleep" in log.read_text()) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1)  # xdist's reports are on their way
        running.send_signal(signal.SIGTERM)
        output, _ = running.communicate(timeout=60)
    assert running.returncode == TERMINATED, output
    assert "undecided" in output
    verdict = json.loads((tmp_path / "v.json").read_text())
    outcomes = {f"{each['group']}::{each['stage']}": each["outcome"] for each in verdict["results"]}
    assert outcomes["static-mhlo_off::build"] == "passed"
    assert outcomes["static-mhlo_off::check"] == "skipped"
    assert (tmp_path / "v.html").is_file()
    assert "static-mhlo_off" in (tmp_path / "v.xml").read_text()


def test_sigterm_in_the_first_stage_leaves_that_nothing_was_decided(gated: Gated, tmp_path: Path) -> None:
    text = (gated.root / "llvmgate.toml").read_text()
    gated.configure(text.replace('[["cmake",', '[["sleep", "100"], ["cmake",'))
    command = [sys.executable, "-m", "pytest", "--llvm-sha=pinned", "-k", "static-mhlo_off and check"]
    command += [f"--llvm-json={tmp_path}/v.json"]
    with subprocess.Popen(command, cwd=gated.root, stdout=subprocess.PIPE, text=True) as running:
        log = gated.log("static-mhlo_off", "check")
        deadline = time.monotonic() + 90
        while not (log.exists() and "sleep" in log.read_text()) and time.monotonic() < deadline:
            time.sleep(0.1)
        running.send_signal(signal.SIGTERM)
        output, _ = running.communicate(timeout=60)
    assert running.returncode == TERMINATED, output
    assert "undecided" in output
    assert [each["outcome"] for each in json.loads((tmp_path / "v.json").read_text())["results"]] == ["skipped"]


def test_sigterm_leaves_what_a_build_has_failed_of_already(gated: Gated, tmp_path: Path) -> None:
    (gated.root / "break-core").touch()
    for name, old, new in (
        ("CMakeLists.txt", "toy_target(core)", "toy_target(core)\ntoy_target(late)"),
        ("make.cmake", "EXISTS ${source}/slow ", "NAME STREQUAL late "),
        ("llvmgate.toml", "[build]\n", "[build]\njobs = 2\n"),
    ):
        path = gated.root / name
        path.write_text(path.read_text().replace(old, new, 1))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--llvm-sha=pinned",
        "-k",
        "static-mhlo_on",
        f"--llvm-json={tmp_path}/v.json",
    ]
    with subprocess.Popen(command, cwd=gated.root, stdout=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 90
        while not list((gated.root / ".llvmgate/progress").glob("*.causes")) and time.monotonic() < deadline:
            time.sleep(0.1)
        running.send_signal(signal.SIGTERM)
        output, _ = running.communicate(timeout=60)
    assert running.returncode == TERMINATED, output
    notes = json.loads((tmp_path / "v.json").read_text())["notes"]
    (note,) = [each for each in notes if "has failed" in each]
    assert note.startswith("static-mhlo_on build, not at its end, has failed: "), output
    (note,) = [each for each in notes if "was ended at edge" in each]
    assert re.match(r"static-mhlo_on build was ended at edge \d+ of \d+: the next run takes it up", note)


def test_what_a_stage_stands_on_is_named_with_reason_and_log(gated: Gated) -> None:
    (gated.root / "break-core").touch()
    result = gated.run("--llvm-sha=pinned", "-k", "static-mhlo_off and check", "-rs")
    assert result.ret == FAILED
    result.stdout.fnmatch_lines(["*static-mhlo_off::build failed: *(.llvmgate/*/static-mhlo_off/logs/build.log)*"])
