"""The line that says in a log what is being waited for."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pytest_llvmgate.codec import dumps
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.gate.live_causes import LiveCauses
from pytest_llvmgate.gate.progress import Activity, ProgressReporter, activities, causes
from pytest_llvmgate.model import Edges
from pytest_llvmgate.plugin.live import LiveProgress
from pytest_llvmgate.stages.ninja_progress import NinjaProgress, edges_to_do


def told(directory: Path, *, times: int, left: str = "") -> str:
    reading, writing = os.pipe()
    live = LiveProgress(directory, writing, interval=60.0, terminal=False, left=lambda _: left)
    for _ in range(times):
        live._tell()
    os.close(writing)
    with os.fdopen(reading) as stream:
        return stream.read()


def make(directory: Path, process: int, group: str, note: str = "", moved: float = 0.0) -> None:
    edges = Edges(finished=120, total=436, failed=0)
    started = time.time() - 190.5
    activity = Activity(
        group=group,
        stage="build",
        started=started,
        process=process,
        edges=edges,
        note=note,
        moved=moved and time.time() - moved,
    )
    (directory / f"{process}.json").write_text(dumps(activity))


def test_everything_that_runs_is_one_line_with_what_is_left(tmp_path: Path) -> None:
    make(tmp_path, 1, "static")
    make(tmp_path, 2, "shared", note="waits for a core")
    (line,) = told(tmp_path, times=1, left="; about 12 min left").strip("\n").splitlines()
    assert "static build 120/436 3:10" in line
    assert "shared build 120/436 3:10 [waits for a core]" in line
    assert line.endswith("; about 12 min left")


def test_a_build_that_has_not_moved_for_long_says_so(tmp_path: Path) -> None:
    make(tmp_path, 1, "static")
    make(tmp_path, 2, "shared", moved=185.5)
    (line,) = told(tmp_path, times=1).strip("\n").splitlines()
    assert "static build 120/436 3:10 |" in line
    assert "shared build 120/436 3:10 [no edge done for 3 min]" in line


def test_a_build_moves_when_an_edge_is_done(tmp_path: Path) -> None:
    reporter = ProgressReporter(tmp_path)
    with reporter.stage("static", "build"):
        moved = []
        for finished in (3, 3, 4):
            reporter.edges(Edges(finished=finished, total=9, failed=0))
            time.sleep(0.21)  # more often nothing is written
            reporter.edges(Edges(finished=finished, total=9, failed=0))
            moved.append(activities(tmp_path)[0].moved)
    assert moved[0] == moved[1] < moved[2]


@pytest.mark.parametrize(
    "head", [b"FAILED: out/lib/libLLVMX.so.22", b"FAILED: [code=1] out/lib/libLLVMX.so.22 lib/libLLVMX.so"]
)
def test_a_link_that_failed_and_stops_nothing_is_named(tmp_path: Path, head: bytes) -> None:
    reporter = ProgressReporter(tmp_path)
    ninja = NinjaProgress(reporter.edges, reporter.failed)
    with reporter.stage("llvm", "shared"):
        time.sleep(0.21)  # more often nothing is written
        ninja.feed(b"[1/9] Linking\n" + head + b"\nld: no such symbol\n[2/9] Linking\n")
        (activity,) = activities(tmp_path)
    assert " 2/9 (1 failed: libLLVMX.so.22) " in str(activity)


def test_a_build_counts_the_edges_that_compile_apart(tmp_path: Path) -> None:
    reporter = ProgressReporter(tmp_path)
    with reporter.stage("static", "build"):
        progress = NinjaProgress(reporter.edges, compiles=Edges(finished=0, total=3))
        progress.feed(b"[1/9] Building Ops.h.inc...\n[2/9] Building CXX obj")
        time.sleep(0.21)  # more often nothing is written
        progress.feed(b"ect a.o\n[3/9] Linking CXX static library liba.a\n[4/9] Building C object b.o\n")
        (activity,) = activities(tmp_path)
    assert activity.edges == Edges(finished=4, total=9)
    assert activity.compiles == Edges(finished=2, total=3)
    assert activity.started < activity.compiling


def test_ninja_tells_how_much_there_is_to_do(tmp_path: Path) -> None:
    rules = [f"rule {name}\n  command = touch $out\n  description = {name.replace('_', ' ')} $out\n" for name in _RULES]
    edges = "build o: Building_CXX_object\nbuild c: Building_C_object\nbuild t: Building o c\n"
    (tmp_path / "build.ninja").write_text("".join(rules) + edges)
    command = ["ninja", "-C", str(tmp_path)]
    assert edges_to_do([*command, "--", "t"], os.environ) == (Edges(finished=0, total=3), Edges(finished=0, total=2))
    assert not (tmp_path / "o").exists()
    assert edges_to_do([str(tmp_path / "no-ninja")], os.environ) == (Edges(finished=0, total=0),) * 2


_RULES = ("Building_CXX_object", "Building_C_object", "Building")


def test_no_blank_lines_between_two_of_ours(tmp_path: Path) -> None:
    make(tmp_path, 1, "static")
    assert "\n\n" not in told(tmp_path, times=3)


def test_a_cause_is_told_once_whichever_configurations_meet_it(tmp_path: Path) -> None:
    for process, group in ((1, "static"), (2, "shared")):
        (tmp_path / f"{process}.causes").write_text(dumps([f"{group} build: 'mlir::gone' is not there (a.cpp:3)"]))
    reading, writing = os.pipe()
    live = LiveProgress(tmp_path, writing, interval=60.0, terminal=False, left=lambda _: "")
    live._tell_causes()
    live._tell_causes()
    os.close(writing)
    with os.fdopen(reading) as stream:
        assert stream.read() == "\nllvmgate: static build: 'mlir::gone' is not there (a.cpp:3)\n"


@pytest.mark.parametrize(
    "next_words", [b"[3/9] Building CXX object b.o\n", b"ninja: build stopped: subcommand failed.\n"]
)
def test_a_failed_edge_is_told_while_the_build_runs(tmp_path: Path, next_words: bytes) -> None:
    (tmp_path / "llvmgate.toml").write_text('[axes.linkage]\nstatic = {}\n[build]\ntargets = ["x"]\n')
    config = load_config(tmp_path / "llvmgate.toml")
    reporter = ProgressReporter(tmp_path)
    with reporter.stage("static", "build"):
        progress = NinjaProgress(
            reporter.edges,
            LiveCauses(config, "static", tmp_path / "x/build", reporter.cause, root=tmp_path).failed_edge,
        )
        for piece in (_STARTED[:40], _STARTED[40:]):
            progress.feed(piece)
        assert not causes(tmp_path)  # its output may go on
        progress.feed(next_words)
        (told_of,) = causes(tmp_path)
    assert told_of.startswith("static build: ")
    assert told_of.endswith("'walkAll' is gone from 'mlir::Operation' (a.cpp:7:12)")  # as the project names the file


_STARTED = b"""[1/9] Building CXX object z.o
[2/9] Building CXX object a.o
FAILED: [code=1] a.o
c++ -c a.cpp -o a.o
../../a.cpp:7:12: error: 'class mlir::Operation' has no member named 'walkAll'
    7 |   return op->walkAll();
      |            ^~~~~~~
"""
