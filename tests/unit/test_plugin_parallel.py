"""With xdist: the same tests, outcomes and JUnit content as in a serial run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.support.gated import Gated
from tests.support.processes import of_every_process


def _content(path: Path) -> list[tuple[str | None, str | None, dict[str, str], list[str]]]:
    """What a JUnit file says, but for times and for the order in which ninja's parallel edges came into the log."""
    cases = []
    for case in ET.parse(path).iter("testcase"):
        properties = {str(each.get("name")): str(each.get("value")) for each in case.iter("property")}
        findings = json.loads(properties.pop("findings", "[]"))
        properties["findings"] = str(sorted((each["kind"], each["identifier"]) for each in findings))
        verdicts = [f"{each.tag} {each.get('message')}" for each in case if each.tag != "properties"]
        cases.append((case.get("classname"), case.get("name"), properties, verdicts))
    return cases


def test_parallel_and_serial_runs_say_the_same(gated: Gated, tmp_path: Path) -> None:
    (gated.root / "break-shared-mhlo").touch()
    gated.spawn("--llvm-sha=pinned", f"--junitxml={tmp_path}/serial.xml").assert_outcomes(
        passed=15, failed=1, skipped=2
    )
    shutil.rmtree(gated.root / ".llvmgate")
    result = gated.spawn("--llvm-sha=pinned", "-n2", f"--junitxml={tmp_path}/parallel.xml")
    result.assert_outcomes(passed=15, failed=1, skipped=2)
    assert _content(tmp_path / "parallel.xml") == _content(tmp_path / "serial.xml")


def test_stages_of_a_configuration_stay_with_one_worker(gated: Gated) -> None:
    result = gated.spawn("--llvm-sha=pinned", "-n3", "-v")
    result.assert_outcomes(passed=18)
    workers: dict[str, list[str]] = {}
    for line in result.outlines:
        if line.startswith("[gw") and "PASSED" in line:
            workers.setdefault(line.split("::")[1], []).append(line[1:4])
    assert all(len(set(names)) == 1 for names in workers.values()), workers


def test_auto_takes_no_more_workers_than_configurations(gated: Gated) -> None:
    result = gated.spawn("--llvm-sha=pinned", "-n", "auto", "-k", "pins")
    count = min(4, 2 * len(os.sched_getaffinity(0)))
    result.stdout.fnmatch_lines([f"*{count} worker*"])


def test_a_worker_that_dies_fails_its_stage_and_no_other(gated: Gated) -> None:
    (gated.root / "conftest.py").write_text(
        "import os, pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_call(item):\n"
        "    if item.nodeid.endswith('shared-mhlo_on::build'): os.kill(os.getpid(), 9)\n"
    )
    result = gated.spawn("--llvm-sha=pinned", "-n2")
    result.assert_outcomes(passed=17, failed=1)
    result.stdout.fnmatch_lines(["*shared-mhlo_on::build: the process that ran it died*"])


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_a_failure_that_ends_the_session_ends_the_builds_of_other_workers(gated: Gated, option: str) -> None:
    (gated.root / "slow-static").touch()
    (gated.root / "break-shared-core").touch()
    started = time.monotonic()
    result = gated.spawn("--llvm-sha=pinned", "-n2", option, "-k", "mhlo_on", "-rs")
    assert time.monotonic() - started < 400, "the other build sleeps for 600 s"
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes(passed=2, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * llvmgate.toml:*: stopped: the session ends after 1 failure"])
    assert not _sleepers(gated.root)
    (gated.root / "slow-static").unlink()
    (gated.root / "break-shared-core").unlink()
    gated.spawn("--llvm-sha=pinned", "-n2", "-x", "-k", "mhlo_on").assert_outcomes(passed=8)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_nothing_survives_the_end_of_a_session(gated: Gated, number: signal.Signals, workers: list[str]) -> None:
    (gated.root / "slow").touch()
    command = [sys.executable, "-m", "pytest", "--llvm-sha=pinned", "-k", "static", *workers]
    with subprocess.Popen(command, cwd=gated.root, stdout=subprocess.DEVNULL, start_new_session=True) as session:
        _wait_for(lambda: _sleepers(gated.root))
        session.send_signal(number)
    _wait_for(lambda: not _sleepers(gated.root))
    (gated.root / "slow").unlink()
    gated.spawn("--llvm-sha=pinned", "-k", "static-mhlo_on").assert_outcomes(passed=4, deselected=14)


def _sleepers(root: Path) -> list[str]:
    """The processes that work below ``root``."""
    found = []
    for link in of_every_process("cwd"):
        try:
            if link.readlink().is_relative_to(root / ".llvmgate") and "sleep" in link.with_name("cmdline").read_text():
                found.append(link.parent.name)
        except OSError:
            continue
    return found


def _wait_for(condition: object, seconds: float = 60.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
