"""A roll that is killed in any of its steps: the checkout stays as it was, and the next roll goes on from there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.rolled import RollWorld, environment, killed_at, make_world

LOCK = "import sys, time; time.sleep(0.3); open('lock.txt', 'w').write(sys.argv[1])\n"
STEPS = ("trying", "begin", "bump", "run", "gate-1")


@pytest.fixture
def world(tmp_path: Path, clean_environment: None) -> RollWorld:
    world = make_world(tmp_path)
    lock = {"tools/lock.py": LOCK, "lock.txt": world.pin()}
    world.configure('\n[bump]\nrun = [["python3", "tools/lock.py", "{sha}"]]\n', lock)
    world.commit_llvm("[mlir] One", on=2)
    return world


@pytest.mark.parametrize("delay", [0.0, 0.25])
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_roll_is_resumed(world: RollWorld, step: str, delay: float) -> None:
    before = world.untouched()
    killed_at(world.command(), step, delay)
    assert world.untouched() == before
    assert world.branches() == {"main"}
    done = world.roll()
    assert done.returncode == 0, done.stderr
    again = [line.split()[0] for line in done.stderr.splitlines()]
    gone = [name for name in STEPS[1 : STEPS.index(step)] if name != "trying"]
    assert not set(gone) & set(again), "what was done is not done again"
    branch = world.outcome["branch"]
    titles = world.downstream.git("log", "--reverse", "--format=%s", f"main..{branch}").splitlines()
    assert titles == [f"Bump LLVM to {world.llvm.head[:12]}", "Regenerate what follows LLVM's pin"]
    assert world.untouched() == before


def test_a_roll_that_was_killed_with_its_branch_made_says_so_again(world: RollWorld) -> None:
    assert world.roll().returncode == 0
    first = world.outcome
    (world.downstream.path / ".llvmgate/roll/roll.json").unlink()
    assert world.roll("--now").returncode == 0
    assert world.outcome == first


def test_two_rolls_at_once_are_one(world: RollWorld) -> None:
    one = subprocess.Popen(
        world.command(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment()
    )
    assert one.stderr is not None
    one.stderr.readline()
    two = world.roll()
    assert one.communicate()[0] is None
    assert sorted([one.returncode, two.returncode]) == [0, 4]
    assert "another roll" in two.stderr
