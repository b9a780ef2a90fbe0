from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from git_kit import Repo, git
from project_kit import World, clone_script, day

from pytest_llvmgate.chronicle.age import Status, cadence_days, read_status, render_status, status_data
from pytest_llvmgate.config.settings import Config, Hold, UpdateSpec
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.upstream.llvm_clone import Upstream

NOW = datetime.datetime(2026, 1, 22, 12, tzinfo=datetime.UTC)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def read(config: Config, **known: Any) -> Status:
    return read_status(config, readings=read_pins(config), now=NOW, **known)


def status(world: World, cadence: str = "", *titles: str, **changes: object) -> Status:
    config = replace(world.config, **({"update": UpdateSpec(cadence=cadence)} | changes))  # type: ignore[arg-type]
    return read(config, upstream=world.upstream, titles=titles)


def shown(found: Status) -> str:
    return "\n".join(render_status(found))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("daily", 1),
        ("Weekly", 7),
        ("monthly", 30.4),
        ("once a month", 30.4),
        ("twice a  month", 15.2),
        ("3 times a week", 7 / 3),
        ("every 10 days", 10),
        ("every 2 weeks", 14),
        ("every week", 7),
        ("4 times a year", 365.25 / 4),
    ],
)
def test_cadences_in_words(text: str, days: float) -> None:
    assert cadence_days(text) == pytest.approx(days)


@pytest.mark.parametrize("text", ["", "often", "every blue moon", "0 days", "twice"])
def test_words_that_are_no_cadence(text: str) -> None:
    with pytest.raises(GateError, match="expected a cadence"):
        cadence_days(text)


def test_ages(world: World) -> None:
    found = status(world)
    assert (found.pinned, found.pin_days, found.llvm_days) == (world.llvm[0], 20.0, 21.0)
    assert found.since is not None
    assert found.since.commit == world.first
    assert "pinned 20 days ago" in shown(found)
    assert "the commit itself is 21 days old" in shown(found)


def test_without_a_clone_the_age_of_the_llvm_commit_is_unknown(world: World) -> None:
    found = read(world.config, upstream=Upstream(clones=()))
    assert found.llvm_days is None
    assert "the commit itself" not in shown(found)


def test_a_bump_that_is_not_committed_is_told(world: World) -> None:
    assert "not committed" not in shown(status(world))
    world.repo.write({"utils/clone-mlir.sh": clone_script(world.llvm[4])})
    assert f"the work tree says {world.llvm[4][:12]}, which is not committed" in shown(status(world))
    assert status_data(status(world))["uncommitted"] == world.llvm[4]


def test_a_shallow_clone_knows_the_least_age(world: World, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{world.repo.path}", "cut")
    found = read(replace(world.config, path=tmp_path / "cut/llvmgate.toml"), upstream=world.upstream)
    assert found.is_at_least
    assert "days ago or earlier (a shallow clone" in shown(found)
    assert status_data(found)["pin_days_at_least"] is True


def test_without_a_cadence_nothing_is_due(world: World) -> None:
    found = status(world)
    assert (found.is_due, found.exit_code) == (False, 0)
    assert "no cadence is configured" in shown(found)


def test_an_update_that_is_due(world: World) -> None:
    found = status(world, "twice a month")
    assert (found.is_due, found.exit_code) == (True, 1)
    assert "twice a month: an update is due since 5 days, and none is in flight" in shown(found)


def test_an_update_that_is_not_due_yet(world: World) -> None:
    found = status(world, update=UpdateSpec(cadence="monthly"))
    assert found.exit_code == 0
    assert "monthly: the next update is due in 10 days" in shown(found)


def test_a_title_is_an_update_in_flight(world: World) -> None:
    found = status(world, "weekly", f"Bump LLVM to {world.llvm[5][:10]}")
    assert found.exit_code == 0
    assert found.in_flight[0].llvm == world.llvm[5][:10]
    assert "in flight: Bump LLVM to" in shown(found)
    assert "none is in flight" not in shown(found)


def test_a_title_that_names_nothing(world: World) -> None:
    (one,) = status(world, "", "Next LLVM").in_flight
    assert one.llvm == ""


def branch(world: World, name: str, number: int, on_day: int) -> None:
    world.repo.git("checkout", "-q", "-b", name)
    world.repo.commit({"utils/clone-mlir.sh": clone_script(world.llvm[number - 1])}, date=day(on_day))
    world.repo.git("checkout", "-q", "main")


def test_a_branch_that_moves_the_pin_is_in_flight(world: World) -> None:
    branch(world, "bump-llvm", 6, 20)
    (one,) = status(world, "weekly").in_flight
    assert (one.where, one.llvm, one.days) == ("bump-llvm", world.llvm[5], 2.0)


def test_branches_that_are_no_update(world: World) -> None:
    branch(world, "topic", 6, 20)  # says nothing of LLVM
    branch(world, "llvm-release", 6, 1)  # older than the pin
    world.repo.git("branch", "llvm-merged", world.first)
    assert status(world).in_flight == ()


def test_holds_are_told_and_expired_ones_count(world: World) -> None:
    holds = (
        Hold(until=datetime.date(2026, 1, 21), reason="waited"),
        Hold(until=datetime.date(2026, 1, 23), reason="waits"),
    )
    found = status(world, holds=holds)
    assert found.exit_code == 1
    assert "expired 1 day ago" in shown(found)
    assert "1 day left" in shown(found)


def test_as_json(world: World) -> None:
    data = json.loads(json.dumps(status_data(status(world, "weekly", "x"))))
    assert data["pinned"] == world.llvm[0]
    assert (data["pin_days"], data["due_in_days"], data["is_due"]) == (20.0, -13.0, False)
    assert data["in_flight"] == [{"where": "x", "llvm": None, "days": None}]


def test_a_history_without_a_pin(world: World, tmp_path: Path) -> None:
    empty = Repo(tmp_path / "empty")
    empty.commit()
    config = replace(world.config, path=empty.path / "llvmgate.toml")
    with pytest.raises(GateError, match="pins no LLVM commit"):
        read(config, upstream=Upstream(clones=()))
