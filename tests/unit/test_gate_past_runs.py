"""What took longest is begun first."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_llvmgate.gate.past_runs import expected, past_durations, past_edges, past_peaks, past_stages, time_left
from pytest_llvmgate.gate.progress import Activity
from pytest_llvmgate.gate.seal import write_sealed
from pytest_llvmgate.model import Edges
from pytest_llvmgate.plugin.scheduling import GateScheduling, sharing_ranks
from tests.support.configs import load
from tests.support.gated import Gated
from tests.support.toy import CONFIG


def write(root: Path, candidate: str, age: float, *results: dict[str, Any]) -> Path:
    path = root / ".llvmgate" / candidate / "verdict.json"
    write_sealed(root, path, json.dumps({"results": list(results)}, indent=1))
    os.utime(path, (1000.0 - age, 1000.0 - age))
    return path


def stage(group: str, seconds: float, outcome: str = "passed") -> dict[str, Any]:
    return {"group": group, "stage": "build", "outcome": outcome, "duration": seconds}


def test_the_latest_verdict_that_has_run_a_stage_counts(tmp_path: Path) -> None:
    write(tmp_path, "a", 20, stage("one", 7.0), stage("two", 5.0), stage("two", 1.5) | {"stage": "check"})
    write(tmp_path, "b", 10, stage("one", 3.0), stage("two", 0.0, "skipped"))
    assert past_durations(tmp_path) == {"one": 3.0, "two": 6.5}


def test_the_memory_of_the_latest_builds_that_tell(tmp_path: Path) -> None:
    assert past_peaks(tmp_path) == []
    write(tmp_path, "a", 30, stage("one", 7.0) | {"facts": {"peaks": "[9000]"}})
    write(tmp_path, "b", 20, *(stage(name, 7.0) | {"facts": {"peaks": "[3000, 20]"}} for name in ("one", "two")))
    write(tmp_path, "c", 10, stage("one", 3.0) | {"facts": {"peaks": "much"}}, stage("two", 3.0))
    assert past_peaks(tmp_path) == [3000 << 20, 20 << 20] * 2


def test_what_is_left_is_told_by_what_it_took_last(tmp_path: Path) -> None:
    write(tmp_path, "a", 20, stage("one", 1800.0), stage("two", 5400.0), stage("three", 1200.0))
    left = past_stages(tmp_path)
    assert time_left(left, left, 1) == "; about 140 min left"
    assert time_left(left, left, 2) == "; about 90 min left"  # the longest alone
    assert time_left(left, [*left, "one::check"], 1) == "; about 140 min left"
    assert time_left(left, [*left, "new::build"], 1) == "; at least 140 min left"
    assert time_left(left, ["new::build"], 1) == ""


def test_what_is_told_as_at_least_is_never_more_than_is_known() -> None:
    left = {"one::build": 100.0, "two::check": 20.0}
    assert time_left(left, ["one::build", "new::build"], 1) == "; at least 1 min left"
    assert time_left(left, ["two::check", "new::build"], 1) == ""
    assert time_left(left, ["two::check"], 1) == "; less than 1 min left"
    assert time_left(left, ["one::build"], 1) == "; about 2 min left"


def test_a_first_build_tells_by_its_pace_what_it_will_take_at_least() -> None:
    left = {"one::build": 600.0}
    assert time_left(left, left, 1, running=left) == "; about 10 min left"
    assert time_left(left, left, 1, running=left, at_least=left) == "; at least 10 min left"


def test_a_running_build_tells_by_its_edges_how_long_it_will_take() -> None:
    def at(finished: int) -> float | None:
        edges = Edges(finished=finished, total=400, failed=0)
        return Activity(group="g", stage="build", started=1000.0, process=1, edges=edges).seconds_left(1600.0)

    assert at(300) == 200.0
    assert at(8) is None


def test_a_build_after_a_small_change_is_a_part_of_the_last_whole_one(tmp_path: Path) -> None:
    write(tmp_path, "a", 10, stage("one", 660.0) | {"edges": {"finished": 960, "total": 960}}, stage("two", 1.0))
    write(tmp_path, "b", 20, stage("one", 660.0) | {"edges": {"finished": 1, "total": 4}})
    assert past_edges(tmp_path) == {"one::build": 960}
    now = {"one::build": Edges(finished=0, total=96)}
    assert expected({"one::build": 660.0}, {"one::build": 960}, now, ()) == {"one::build": 66.0}
    assert expected({"one::build": 6.0}, {"one::build": 48}, now, ()) == {"one::build": 6.0}  # it went no further then
    assert expected({"one::build": 6.0}, {}, now, ()) == {"one::build": 6.0}


def test_what_a_small_change_has_one_configuration_do_the_others_that_were_built_will_do_too() -> None:
    last = {"one::build": 2600.0, "two::build": 380.0, "new::build": 300.0, "two::check": 20.0}
    before, now = {"one::build": 500, "two::build": 600, "new::build": 200}, {"one::build": Edges(finished=5, total=5)}
    left = expected(last, before, now, {"one::build", "two::build", "two::check"})
    assert left == pytest.approx({"one::build": 26.0, "two::build": 3.8, "new::build": 300.0, "two::check": 20.0})


def test_of_builds_with_different_parts_the_larger_tells_of_those_to_come() -> None:
    last = {"one::build": 100.0, "two::build": 100.0, "three::build": 100.0}
    now = {"one::build": Edges(finished=5, total=5), "two::build": Edges(finished=0, total=50)}
    left = expected(last, dict.fromkeys(last, 100), now, last)
    assert left == pytest.approx({"one::build": 5.0, "two::build": 50.0, "three::build": 50.0})


def test_a_dry_run_that_foretold_more_compiling_than_there_are_edges_left_is_corrected() -> None:
    edges, compiles = Edges(finished=162, total=182), Edges(finished=101, total=200)
    build = Activity(group="g", stage="build", started=0.0, process=1, edges=edges, compiles=compiles, compiling=10.0)
    assert build.seconds_left(410.0) == 80.0  # 20 edges, not 99


def test_what_was_compiled_tells_what_is_left_not_the_cheap_edges_before() -> None:
    def at(compiled: int, finished: int) -> Activity:
        edges, compiles = Edges(finished=finished, total=960), Edges(finished=compiled, total=481)
        return Activity(
            group="g", stage="build", started=0.0, process=1, edges=edges, compiles=compiles, compiling=60.0
        )

    assert at(121, 480).seconds_left(1260.0) == 3600.0  # 120 in 20 minutes; by all edges it would be 21 minutes
    assert at(121, 480).is_paced
    assert not at(10, 340).is_paced


@pytest.mark.parametrize("text", ["", "[]", '{"results": [1]}', '{"results": [{"group": "x", "duration": "long"}]}'])
def test_a_damaged_verdict_says_nothing(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, "a", 0)
    path.write_text(text)
    assert past_durations(tmp_path) == {}
    write_sealed(tmp_path, path, text.replace("{", "{\n", 1) if text.startswith("{") else "{\n[" + text)
    assert past_durations(tmp_path) == {}


def test_none_yet(tmp_path: Path) -> None:
    assert past_durations(tmp_path) == {}


class _Scheduling(GateScheduling):
    """Without a session: the order of the queue alone."""

    def __init__(self, durations: dict[str, float], scopes: list[str], ranks: dict[str, int] | None = None) -> None:
        self._durations = durations
        self._ranks = ranks or {}
        self.workqueue = OrderedDict((scope, {f"{scope}::test": False}) for scope in scopes)
        self.assigned_work: dict[Any, Any] = {}
        self.registered_collections = {self: [f"{scope}::test" for scope in scopes]}
        self.sent: list[str] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.sent += [self.registered_collections[self][index] for index in indices]


def order(durations: dict[str, float], *scopes: str, ranks: dict[str, int] | None = None) -> list[str]:
    scheduling = _Scheduling(durations, list(scopes), ranks)
    while scheduling.workqueue:
        scheduling._assign_work_unit(scheduling)
    return [each.removesuffix("::test").removeprefix("c::") for each in scheduling.sent]


def test_the_longest_first_the_untimed_before_and_tests_of_the_downstream_last() -> None:
    inf = float("inf")
    known = {"short": 1.0, "new": inf, "long": 9.0, "newer": inf}
    scopes = ("c::pins", "c::llvm::static", "c::short", "c::new", "t.py::test_x", "c::long", "c::newer")
    assert order(known, *scopes) == ["pins", "llvm::static", "new", "newer", "long", "short", "t.py::test_x"]


def test_those_that_others_take_objects_from_come_before_them(tmp_path: Path) -> None:
    config = load(tmp_path, CONFIG)
    ranks = sharing_ranks(config)
    assert ranks == {"static-mhlo_on": 0, "static-mhlo_off": 1, "shared-mhlo_on": 0, "shared-mhlo_off": 1}
    durations = {name: 10.0 * number for number, name in enumerate(ranks)}
    scopes = [f"c::{name}" for name in ranks]
    expected = ["shared-mhlo_on", "static-mhlo_on", "shared-mhlo_off", "static-mhlo_off"]
    assert order(durations, *scopes, ranks=ranks) == expected
    alone = replace(config, build=replace(config.build, share_objects=False))
    assert sharing_ranks(alone) == {}


def test_in_a_session(gated: Gated) -> None:
    names = ["static-mhlo_on", "static-mhlo_off", "shared-mhlo_on", "shared-mhlo_off"]
    slow = names[2]
    write(gated.root, "before", 0, *(stage(name, 50.0 if name == slow else 1.0) for name in names))
    result = gated.spawn("--llvm-sha=pinned", "-n1", "-v", "-k", "configure")
    ran = [line.split("::")[1] for line in result.outlines if line.startswith("[gw") and "::configure" in line]
    assert ran == [slow, *(name for name in names if name != slow)]


def test_what_a_stage_that_takes_longer_than_ever_will_still_take_is_not_known() -> None:
    left = {"one::install": 130.0}
    to_do = ["one::linkcheck", "one::install"]
    assert time_left(left, to_do, 1) == "; about 2 min left"
    assert time_left(left, to_do, 1, running={"one::linkcheck"}) == "; at least 2 min left"
    assert time_left({"one::linkcheck": 20.0}, to_do, 1, running={"one::linkcheck"}) == "; less than 1 min left"
