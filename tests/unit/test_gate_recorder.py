"""What a stage's record says of the processor time that it took."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_llvmgate.gate.recorder import Recorder
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.model import Outcome, StageResult

BUSY = "import time\nwhile time.process_time() < 0.2: pass"
SHA = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
PASSED = StageResult(group="static", stage="build", outcome=Outcome.PASSED)


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(Workspace(tmp_path, SHA), "session")


def work_hard() -> StageResult:
    """As ninja does it: a command whose own command is what takes the time."""
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}], check=True)"
    subprocess.run([sys.executable, "-c", inner], check=True)
    return PASSED


def test_the_time_of_a_commands_commands_is_the_stages(recorder: Recorder) -> None:
    assert recorder.guarded("static", "build", work_hard).processor >= 0.2
    known = recorder.known("static", "build")
    assert known is not None
    assert known.processor >= 0.2


def test_waiting_takes_no_processor(recorder: Recorder) -> None:
    def wait() -> StageResult:
        subprocess.run(["sleep", "0.6"], check=True)
        return PASSED

    assert recorder.guarded("static", "build", wait).processor < 0.2


def test_what_another_stage_took_meanwhile_is_that_ones(recorder: Recorder) -> None:
    def prerequisite_first() -> StageResult:
        recorder.guarded("shared", "configure", work_hard)
        return PASSED

    assert recorder.guarded("static", "build", prerequisite_first).processor < 0.2


def test_a_stage_that_fails_has_cost_as_much(recorder: Recorder) -> None:
    def fail() -> StageResult:
        work_hard()
        raise OSError(28, "No space left on device")

    failed = recorder.guarded("static", "build", fail)
    assert failed.outcome is Outcome.FAILED
    assert failed.processor >= 0.2
