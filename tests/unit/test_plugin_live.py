"""The line that says in a log what is being waited for."""

from __future__ import annotations

import os
import time
from pathlib import Path

from pytest_llvmgate.codec import dumps
from pytest_llvmgate.gate.progress import Activity
from pytest_llvmgate.model import Edges
from pytest_llvmgate.plugin.live import LiveProgress


def told(directory: Path, *, times: int, seconds_left: float = 0.0) -> str:
    reading, writing = os.pipe()
    live = LiveProgress(directory, writing, interval=60.0, terminal=False, left=lambda: seconds_left)
    for _ in range(times):
        live._tell()
    os.close(writing)
    with os.fdopen(reading) as stream:
        return stream.read()


def make(directory: Path, process: int, group: str, note: str = "") -> None:
    edges = Edges(finished=120, total=436, failed=0)
    started = time.time() - 190.5
    activity = Activity(group=group, stage="build", started=started, process=process, edges=edges, note=note)
    (directory / f"{process}.json").write_text(dumps(activity))


def test_everything_that_runs_is_one_line_with_what_is_left(tmp_path: Path) -> None:
    make(tmp_path, 1, "static")
    make(tmp_path, 2, "shared", note="waits for a core")
    (line,) = told(tmp_path, times=1, seconds_left=725.0).strip("\n").splitlines()
    assert "static build 120/436 3:10" in line
    assert "shared build 120/436 3:10 [waits for a core]" in line
    assert line.endswith("; about 12 min left, by what it took last")


def test_what_was_never_timed_is_not_guessed_at(tmp_path: Path) -> None:
    make(tmp_path, 1, "static")
    assert "left" not in told(tmp_path, times=1)


def test_no_blank_lines_between_two_of_ours(tmp_path: Path) -> None:
    make(tmp_path, 1, "static")
    assert "\n\n" not in told(tmp_path, times=3)
