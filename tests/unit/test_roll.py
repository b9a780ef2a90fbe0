"""What ``llvmgate roll`` refuses, before it does anything. What it does is in tests/real."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.rolled import RollWorld, make_world

Refused = Callable[..., str]


@pytest.fixture
def world(tmp_path: Path, clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> RollWorld:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
    world = make_world(tmp_path)
    world.commit_llvm("[mlir] One", on=2)
    return world


@pytest.fixture
def refused(world: RollWorld, capsys: pytest.CaptureFixture[str]) -> Refused:
    """What it says when it does nothing."""

    def roll(*words: str) -> str:
        branches = world.branches()
        assert main(["roll", "-C", str(world.downstream.path), *words]) == 4
        assert world.branches() == branches
        return capsys.readouterr().err

    return roll


def test_a_checkout_with_changes_is_refused(world: RollWorld, refused: Refused) -> None:
    (world.downstream.path / "make.cmake").write_text("# mine\n")
    assert "not committed" in refused()
    assert (world.downstream.path / "make.cmake").read_text() == "# mine\n"


def test_a_detached_head_needs_a_name(world: RollWorld, refused: Refused) -> None:
    world.downstream.git("checkout", "-q", "--detach")
    assert "--base BRANCH" in refused()


def test_a_base_that_head_is_not_at_is_refused(world: RollWorld, refused: Refused) -> None:
    world.downstream.git("branch", "other")
    world.downstream.commit(message="more")
    assert "HEAD is not at other" in refused("--base", "other")


def test_a_shallow_clone_is_refused(world: RollWorld, refused: Refused) -> None:
    world.downstream.commit(message="more")
    shallow = world.root / "shallow"
    world.downstream.git("clone", "-q", "--depth=1", f"file://{world.downstream.path}", str(shallow))
    world.downstream.path.rename(world.root / "before")
    shallow.rename(world.downstream.path)
    assert "--unshallow" in refused()


def test_a_repository_without_a_commit_is_refused(world: RollWorld, refused: Refused) -> None:
    world.downstream.git("update-ref", "-d", "HEAD")
    assert "no commit yet" in refused()


def test_a_branch_that_is_there_is_not_overwritten(world: RollWorld, refused: Refused) -> None:
    branch = f"llvm-roll-{world.llvm.head[:12]}"
    world.downstream.git("branch", branch)
    assert "exists already" in refused("--now")
    assert world.downstream.git("rev-parse", branch) == world.downstream.head


def test_without_an_identity_for_commits_it_is_refused(
    world: RollWorld, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = world.root / "gitconfig"
    empty.write_text("[user]\n\tuseConfigOnly = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(empty))
    for name in ("NAME", "EMAIL"):
        monkeypatch.delenv(f"GIT_AUTHOR_{name}")
        monkeypatch.delenv(f"GIT_COMMITTER_{name}")
    monkeypatch.delenv("EMAIL", raising=False)
    assert "who commits" in refused()


def test_two_rolls_at_once_are_one_too_many(world: RollWorld, refused: Refused) -> None:
    from filelock import FileLock

    place = world.downstream.path / ".llvmgate/roll"
    place.mkdir(parents=True)
    with FileLock(place / "lock"):
        assert "another roll" in refused()


def test_pins_that_disagree_are_told_before_anything_is_done(world: RollWorld, refused: Refused) -> None:
    script = f"cd llvm-project && git checkout {'b' * 40} && cd ..\n"
    world.configure('\n[[pin]]\nname = "other"\nfile = "other.sh"\n', {"other.sh": script})
    assert "the pins do not say" in refused()


def test_a_configuration_that_is_not_committed_is_refused(world: RollWorld, refused: Refused) -> None:
    world.downstream.git("rm", "-q", "--cached", "llvmgate.toml")
    world.downstream.git("commit", "-q", "-m", "Forget it")
    assert "what is committed" in refused()


@pytest.mark.parametrize("words", [("--branch=-x",), ("--branch", "a..b"), ("-n", "many"), ("no-such",)])
def test_words_that_make_no_sense_are_refused(refused: Refused, words: tuple[str, ...]) -> None:
    assert refused(*words)
