"""Later commits that take back what the pinned LLVM has: who is told, of what, and once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from filelock import FileLock
from git_kit import Repo

from pytest_llvmgate.candidates.revert_warnings import find_warnings
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.upstream.taken_back import Warned
from tests.support.carries import carry
from tests.support.configs import load

USED = "mlir/include/mlir/IR/Builders.h"
SOURCE = "mlir/lib/IR/Builders.cpp"
OTHER = "clang/lib/Sema.cpp"


def day(number: int) -> str:
    return f"2026-03-{number:02}T12:00:00+00:00"


class World:
    """An LLVM of which the project uses one header, pinned at a commit that is reverted later."""

    def __init__(self, path: Path) -> None:
        self.llvm = Repo(path / "llvm-project")
        self.start = self.land({"llvm/CMakeLists.txt": "x"}, "Start", 1)
        self.old = self.land({SOURCE: "0"}, "[mlir] Long ago (#1)", 2)
        self.culprit = self.land({USED: "1", SOURCE: "1"}, "[mlir] Break the builders (#7)", 3)
        self.other = self.land({OTHER: "1"}, "[clang] Break Sema (#8)", 4)
        self.pin = self.land({"llvm/x": "1"}, "[llvm] Pinned", 5)
        self.repo = Repo(path / "repo")
        self.repo.commit({"llvm-sha.txt": f"{self.pin}\n", "lib/a.cpp": '#include "mlir/IR/Builders.h"\n'})
        self.configure()

    def land(self, files: dict[str, str], message: str, on: int) -> str:
        return self.llvm.commit(files, message=message, date=day(on))

    def revert(self, culprit: str, files: dict[str, str], title: str, on: int) -> str:
        return self.land(files, f'Revert "{title}"\n\nThis reverts commit {culprit}.', on)

    def configure(self, more: str = "") -> None:
        pin = "[[pin]]\nname = 'llvm'\nfile = 'llvm-sha.txt'\n"
        llvm = "[llvm]\nsupplier = 'source'\nrepository = '../llvm-project'\n"
        self.config = load(self.repo.path, f"{pin}{llvm}{more}")

    @property
    def found(self) -> tuple[Warned, ...]:
        return find_warnings(self.config).found


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_revert_of_what_the_pin_has_is_told_with_what_is_used(world: World) -> None:
    proof = world.revert(world.culprit, {USED: "0", SOURCE: "0"}, "[mlir] Break the builders (#7)", 9)
    (found,) = world.found
    assert (found.culprit, found.proof, found.how, found.days) == (world.culprit, proof, "reverted", 6)
    assert found.title == "[mlir] Break the builders (#7)"
    assert set(found.used) == {USED, SOURCE}


def test_what_the_project_does_not_use_is_counted_alone(world: World) -> None:
    world.revert(world.other, {OTHER: "0"}, "[clang] Break Sema (#8)", 9)
    warnings = find_warnings(world.config)
    assert (warnings.found, warnings.elsewhere) == ((), 1)


def test_what_came_and_went_after_the_pin_is_nobody_s_business(world: World) -> None:
    later = world.land({USED: "2"}, "[mlir] Later (#9)", 8)
    world.revert(later, {USED: "1"}, "[mlir] Later (#9)", 9)
    assert world.found == ()


def test_a_revert_before_the_pin_is_over(world: World) -> None:
    world.revert(world.culprit, {USED: "0", SOURCE: "0"}, "[mlir] Break the builders (#7)", 9)
    world.repo.commit({"llvm-sha.txt": f"{world.llvm.head}\n"})
    assert world.found == ()


def test_a_number_or_a_title_names_the_commit_as_well(world: World) -> None:
    world.land({USED: "0"}, "[mlir] Undo\n\nReverts llvm/llvm-project#7", 9)
    world.land({SOURCE: "x"}, 'Revert "[mlir] Long ago"', 10)
    assert [one.culprit for one in world.found] == [world.old, world.culprit]


def test_a_mended_build_is_told(world: World) -> None:
    proof = world.land({SOURCE: "2"}, f"[mlir] Fix the build after {world.culprit[:12]}", 6)
    assert [(one.how, one.proof, one.used) for one in world.found] == [("mended", proof, (SOURCE,))]


def test_a_reland_is_said_with_it(world: World) -> None:
    proof = world.revert(world.culprit, {USED: "0", SOURCE: "0"}, "[mlir] Break the builders (#7)", 9)
    again = world.land({USED: "3"}, f'Reland "[mlir] Break the builders"\n\nThis reverts commit {proof}.', 12)
    assert [one.relanded for one in world.found] == [again]


def test_a_patch_that_is_carried_is_named(world: World) -> None:
    world.revert(world.culprit, {USED: "0", SOURCE: "0"}, "[mlir] Break the builders (#7)", 9)
    world.repo.write({"ours.patch": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"})
    world.configure(carry("ours.patch", more=f"cause = '{world.culprit[:12]}'"))
    assert [one.carried for one in world.found] == ["ours"]


def test_a_fork_is_looked_at_from_where_it_left(world: World) -> None:
    world.llvm.git("checkout", "-q", "-b", "ours", world.pin)
    ours = world.land({"ours": "x"}, "Ours", 6)
    world.llvm.git("checkout", "-q", "main")
    world.revert(world.culprit, {USED: "0", SOURCE: "0"}, "[mlir] Break the builders (#7)", 9)
    world.repo.commit({"llvm-sha.txt": f"{ours}\n"})
    assert [one.culprit for one in world.found] == [world.culprit]


def run(world: World, *words: str) -> int:
    return main(["reverts", "-C", str(world.repo.path), *words])


def test_a_nightly_job_speaks_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(world) == 0
    world.revert(world.culprit, {USED: "0", SOURCE: "0"}, "[mlir] Break the builders (#7)", 9)
    assert [run(world), run(world), run(world, "--all")] == [1, 0, 0]
    world.land({SOURCE: "2"}, f"[mlir] Fix the build after {world.old[:12]}", 10)
    assert run(world) == 1
    out = capsys.readouterr().out
    assert out.count("reverted after 6 days: ") == 2
    assert out.count("mended after 8 days: ") == 1
    assert world.repo.git("status", "--porcelain", "--", ".llvmgate") == ""


def test_the_same_as_json(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.revert(world.culprit, {USED: "0", SOURCE: "0"}, "[mlir] Break the builders (#7)", 9)
    assert run(world, "--json") == 1
    (one,) = json.loads(capsys.readouterr().out)["reverts"]
    assert (one["culprit"], one["is_new"]) == (world.culprit, True)


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 9, "seen": []}', '{"schema": 1}'])
def test_a_state_of_somebody_else_s_is_told(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "state").write_text(text)
    assert run(world, f"--state={tmp_path / 'state'}") == 4
    assert "remove it" in capsys.readouterr().err
    assert (tmp_path / "state").read_text() == text


def test_two_at_once_do_not_both_speak(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FileLock(tmp_path / "state.lock"):
        assert run(world, f"--state={tmp_path / 'state'}") == 4
    assert "another run is at this file" in capsys.readouterr().err


def test_a_shallow_clone_is_told(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world.revert(world.culprit, {USED: "0"}, "[mlir] Break the builders (#7)", 9)
    world.llvm.git("clone", "-q", "--depth=1", f"file://{world.llvm.path}", str(tmp_path / "shallow"))
    text = (world.repo.path / "llvmgate.toml").read_text()
    load(world.repo.path, text.replace("../llvm-project", "../shallow"))
    assert run(world) == 4
    assert "is not in" in capsys.readouterr().err


def test_the_status_and_the_watch_tell_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.revert(world.culprit, {USED: "0", SOURCE: "0"}, "[mlir] Break the builders (#7)", 9)
    world.configure("[build]\n")
    main(["status", "-C", str(world.repo.path)])
    assert f"  reverted since: {world.culprit[:12]} [mlir] Break the builders (#7)" in capsys.readouterr().out
    main(["status", "-C", str(world.repo.path), "--json"])
    assert json.loads(capsys.readouterr().out)["reverts"][0]["culprit"] == world.culprit
    assert main(["watch", "-C", str(world.repo.path), "--probes=0"]) == 0
    assert f"The pinned LLVM has {world.culprit[:12]} " in capsys.readouterr().out
    page = json.loads((world.repo.path / ".llvmgate/watch/status.json").read_text())
    assert [one["culprit"] for one in page["reverts"]] == [world.culprit]
    assert world.culprit[:12] in (world.repo.path / ".llvmgate/watch/status.html").read_text()


def test_a_rollback_that_names_nothing_is_known_by_what_it_changes(world: World) -> None:
    broken = world.land({SOURCE: "wrong"}, "[mlir] Wrong", 8)
    world.repo.commit({"llvm-sha.txt": f"{broken}\n"})
    assert world.found == ()
    proof = world.land({SOURCE: "1"}, "Automated rollback of changelist 123.", 9)
    assert [(one.culprit, one.proof) for one in world.found] == [(broken, proof)]
