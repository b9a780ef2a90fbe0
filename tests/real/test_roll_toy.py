"""``llvmgate roll`` on a toy downstream: what it leaves, what it does not touch, and how it says no."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.rolled import RollWorld, day, make_world
from tests.unit.git_kit import Repo


@pytest.fixture
def world(tmp_path: Path, clean_environment: None) -> RollWorld:
    return make_world(tmp_path)


def test_the_newest_that_passes_becomes_a_branch(world: RollWorld) -> None:
    world.commit_llvm("[mlir] One", on=2)
    newest = world.commit_llvm("[mlir] Two", on=3)
    before = world.untouched()
    done = world.roll()
    assert done.returncode == 0, done.stderr
    branch = f"llvm-roll-{newest[:12]}"
    assert world.outcome["branch"] == branch
    assert world.pin(branch) == newest
    assert world.downstream.git("log", "--format=%s", f"main..{branch}") == f"Bump LLVM to {newest[:12]}"
    assert world.untouched() == before
    assert f"## ✅ LLVM `{newest[:12]}`" in world.text


def test_what_breaks_is_left_behind_and_told(world: RollWorld) -> None:
    good = world.commit_llvm("[mlir] One", on=2)
    bad = world.commit_llvm("[mlir] Two", on=3, breaks=True)
    done = world.roll()
    assert done.returncode == 0, done.stderr
    assert world.outcome["candidate"] == good
    assert f"- `{bad[:12]}` bad: " in world.text
    assert "MLIRGone" in world.text


def test_where_nothing_passes_it_says_why_and_leaves_no_branch(world: RollWorld) -> None:
    bad = world.commit_llvm("[mlir] One", on=2, breaks=True)
    before = world.untouched()
    done = world.roll()
    assert done.returncode == 1, done.stderr
    assert world.outcome["ending"] == "blocked"
    assert world.outcome["tried"][0]["sha"] == bad
    assert "MLIRGone" in world.text
    assert world.branches() == {"main"}
    assert world.untouched() == before


def test_without_anything_newer_there_is_nothing_to_do(world: RollWorld) -> None:
    done = world.roll()
    assert done.returncode == 5
    assert "nothing newer than the pin" in done.stdout


def test_before_the_cadence_has_passed_there_is_nothing_to_do_unless_asked(world: RollWorld) -> None:
    world.configure('\n[update]\ncadence = "every 1000 weeks"\n')
    newest = world.commit_llvm("[mlir] One", on=2)
    done = world.roll()
    assert (done.returncode, "the next update is due in" in done.stdout) == (5, True)
    assert world.roll("--now").returncode == 0
    assert f"llvm-roll-{newest[:12]}" in world.branches()


def test_a_roll_that_is_in_flight_is_not_made_again(world: RollWorld) -> None:
    world.commit_llvm("[mlir] One", on=2)
    assert world.roll().returncode == 0
    done = world.roll()
    assert (done.returncode, "in flight: llvm-roll-" in done.stdout) == (5, True)


def test_a_stretch_that_was_proved_bad_is_not_tried(world: RollWorld) -> None:
    good = world.commit_llvm("[mlir] One", on=2)
    bad = world.commit_llvm("[mlir] Two", on=3)
    revert = world.commit_llvm('Revert "[mlir] Two"', on=4, body=f"This reverts commit {bad}.", breaks=True)
    assert world.roll().returncode == 0
    assert world.outcome["candidate"] == good
    assert [one["sha"] for one in world.outcome["tried"]] == [revert, good]


def test_one_candidate_can_be_named(world: RollWorld) -> None:
    one = world.commit_llvm("[mlir] One", on=2)
    world.commit_llvm("[mlir] Two", on=3)
    assert world.roll(one[:12], "--branch", "updates/llvm-{short}").returncode == 0
    assert world.pin(f"updates/llvm-{one[:12]}") == one


def test_what_pytest_is_told_for_the_projects_own_tests_stops_no_roll(world: RollWorld) -> None:
    one = world.commit_llvm("[mlir] One", on=2)
    ini = "[pytest]\naddopts = --wombat\nrequired_plugins = wombat\n"
    world.downstream.commit({"pytest.ini": ini}, message="Tests")
    assert world.roll(one[:12]).returncode == 0


def test_what_follows_the_pins_is_a_commit_of_its_own(world: RollWorld) -> None:
    script = "import sys; open('lock.txt', 'w').write(sys.argv[1])\n"
    lock = {"tools/lock.py": script, "lock.txt": world.pin()}
    world.configure('\n[bump]\nrun = [["python3", "tools/lock.py", "{sha}"]]\n', lock)
    newest = world.commit_llvm("[mlir] One", on=2)
    done = world.roll()
    assert done.returncode == 0, done.stderr
    branch = world.outcome["branch"]
    titles = world.downstream.git("log", "--reverse", "--format=%s", f"main..{branch}").splitlines()
    assert titles == [f"Bump LLVM to {newest[:12]}", "Regenerate what follows LLVM's pin"]
    assert world.downstream.git("show", f"{branch}:lock.txt") == newest


def test_a_command_that_fails_stops_the_roll(world: RollWorld) -> None:
    world.configure('\n[bump]\nrun = [["python3", "-c", "raise SystemExit(3)"]]\n')
    world.commit_llvm("[mlir] One", on=2)
    done = world.roll()
    assert done.returncode == 4
    assert "failed (exit code 3)" in done.stderr
    assert world.branches() == {"main"}


def sibling(world: RollWorld, *adopted: str) -> None:
    """A project beside this one that was on these commits of LLVM."""
    repo = Repo(world.root / "circt")
    for number, sha in enumerate(adopted, 3):
        script = f"cd llvm-project && git checkout {sha} && cd ..\n"
        repo.commit({"utils/clone-mlir.sh": script}, message=f"Bump LLVM to {sha[:12]}", date=day(number))
    world.configure('\n[update]\nsiblings = ["../circt"]\n')


def test_what_every_sibling_was_on_can_be_asked_for(world: RollWorld) -> None:
    one, _ = world.commit_llvm("[mlir] One", on=2), world.commit_llvm("[mlir] Two", on=3)
    sibling(world, world.pin(), one)
    assert world.roll("--together").returncode == 0
    assert world.outcome["candidate"] == one
    assert "circt was on 1 of them" in world.text


def test_where_a_sibling_has_not_moved_there_is_nothing_to_share(world: RollWorld) -> None:
    world.commit_llvm("[mlir] One", on=2)
    sibling(world, world.pin())
    done = world.roll("--together")
    assert (done.returncode, "nothing can be shared" in done.stdout) == (5, True)


def test_a_commit_without_an_install_is_none_to_move_to(world: RollWorld) -> None:
    one, two = world.commit_llvm("[mlir] One", on=2), world.commit_llvm("[mlir] Two", on=3)
    shutil.rmtree(world.root / "prefixes" / two)
    assert world.roll().returncode == 0
    assert [tried["sha"] for tried in world.outcome["tried"]] == [one]
