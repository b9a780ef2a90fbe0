from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from git_kit import A, B, C, Repo, git

from pytest_llvmgate.config.settings import Config, Hold, LlvmSpec, PinSpec, Policy
from pytest_llvmgate.pins.check import check_pins
from pytest_llvmgate.pins.checksums import is_placeholder
from pytest_llvmgate.pins.compare import Notice
from pytest_llvmgate.pins.table import table

OWN = PinSpec(name="llvm", file="llvm_version.txt")
MHLO = PinSpec(name="mhlo", component="third_party/mhlo", file="llvm_version.txt")
SUM = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


class Workspace:
    """A downstream on LLVM A, with a component on LLVM A."""

    def __init__(self, path: Path) -> None:
        self.component = Repo(path / "mhlo")
        self.component.commit({"llvm_version.txt": A})
        self.repo = Repo(path / "repo")
        self.repo.write({"llvm_version.txt": A})
        self.repo.git("add", "llvm_version.txt")
        self.checkout = self.repo.add_submodule(self.component, "third_party/mhlo")
        self.repo.commit(message="first")
        self.config = Config(path=self.repo.path / "llvmgate.toml", pins=(OWN, MHLO))

    def move_component(self, commit: str) -> None:
        self.checkout.git("fetch", "-q", "--all")
        self.checkout.git("checkout", "-q", commit)
        self.repo.git("add", "third_party/mhlo")

    def notices(self, kind: str, **changes: object) -> list[Notice]:
        report = check_pins(replace(self.config, **changes))  # type: ignore[arg-type]
        return [notice for notice in report.notices if notice.kind == kind]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_nothing_odd(workspace: Workspace) -> None:
    report = check_pins(workspace.config)
    assert report.exit_code == 0
    assert report.notices == ()


def test_a_component_from_a_fork(workspace: Workspace) -> None:
    text = '[submodule "x"]\n\tpath = third_party/mhlo\n\turl = https://github.com/me/mlir-hlo.git\n'
    workspace.repo.write({".gitmodules": text})
    (notice,) = workspace.notices("fork")
    assert notice.message == "comes from the fork me/mlir-hlo, not tensorflow/mlir-hlo"
    workspace.repo.write({".gitmodules": text.replace("me/", "TensorFlow/")})
    assert workspace.notices("fork") == []


def test_llvm_itself_from_a_fork(workspace: Workspace) -> None:
    text = '[submodule "x"]\n\tpath = llvm\n\turl = git@github.com:iree-org/llvm-project.git\n'
    workspace.repo.commit({".gitmodules": text}, links={"llvm": A})
    (notice,) = workspace.notices("fork", pins=(PinSpec(name="llvm", file="llvm", reader="gitlink"),))
    assert notice.message == "comes from the fork iree-org/llvm-project, not llvm/llvm-project"


def test_a_gitlink_that_is_on_no_main_line(workspace: Workspace, tmp_path: Path) -> None:
    fork = Repo(tmp_path / "fork")
    fork.git("pull", "-q", str(workspace.component.path), "main")
    personal = fork.commit(message="mine")
    workspace.checkout.git("remote", "add", "me", str(fork.path))
    workspace.move_component(personal)
    (notice,) = workspace.notices("unreachable")
    assert f"{personal[:12]} is not on origin/main; it is on me/main ({fork.path})" in notice.message


def test_a_gitlink_that_is_on_no_branch_at_all(workspace: Workspace) -> None:
    workspace.move_component(workspace.checkout.commit(message="local"))
    (notice,) = workspace.notices("unreachable")
    assert "nor on any other branch of its remotes" in notice.message


def test_the_branch_that_gitmodules_names_is_a_main_line(workspace: Workspace) -> None:
    workspace.component.git("checkout", "-q", "-b", "release")
    workspace.move_component(workspace.component.commit(message="released"))
    assert len(workspace.notices("unreachable")) == 1
    workspace.repo.git("config", "-f", ".gitmodules", "submodule.third_party/mhlo.branch", "release")
    assert workspace.notices("unreachable") == []


def test_a_shallow_clone_of_the_component_proves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    old = workspace.component.head
    workspace.component.commit({"f": "1"})
    git(tmp_path, "clone", "-q", str(workspace.repo.path), "fresh")
    fresh = Repo.at(tmp_path / "fresh")
    fresh.git("config", "submodule.third_party/mhlo.url", f"file://{workspace.component.path}")
    fresh.git("submodule", "--quiet", "update", "--init", "--depth=1")
    assert Repo.at(fresh.path / "third_party/mhlo").head == old
    config = replace(workspace.config, path=fresh.path / "llvmgate.toml")
    assert check_pins(config).notices == ()


def test_a_pin_that_is_not_on_llvms_main(workspace: Workspace, tmp_path: Path) -> None:
    llvm = Repo(tmp_path / "llvm")
    main = llvm.commit()
    llvm.git("checkout", "-q", "-b", "fork")
    patched = llvm.commit(message="patch")
    spec = LlvmSpec(repository="../llvm", main="main")
    workspace.repo.write({"llvm_version.txt": patched})
    assert [notice.pin for notice in workspace.notices("off-main", llvm=spec)] == ["llvm", "mhlo"]
    relaxed = tuple(replace(pin, policy=Policy.SAME_BASE) for pin in workspace.config.pins)
    assert workspace.notices("off-main", llvm=spec, pins=relaxed) == []
    workspace.repo.write({"llvm_version.txt": main})
    assert [notice.pin for notice in workspace.notices("off-main", llvm=spec)] == ["mhlo"]


@pytest.mark.parametrize(
    "title", [f"Bump LLVM to {'1a2b3c4d' * 5}", "Integrate LLVM at llvm/llvm-project@1a2b3c4d5e6f"]
)
def test_a_title_that_names_another_commit(workspace: Workspace, title: str) -> None:
    workspace.repo.commit({"llvm_version.txt": B}, message=title)
    (notice,) = workspace.notices("title")
    assert "names 1a2b3c4d" in notice.message


@pytest.mark.parametrize("title", ["Bump LLVM to 2bbbbbb", "Bump LLVM", "Fix 1a2b3c4d5e6f", "Update LLVM 20240603"])
def test_titles_that_are_no_lie(workspace: Workspace, title: str) -> None:
    workspace.repo.commit({"llvm_version.txt": f"2{B[1:]}"}, message=title)
    assert workspace.notices("title") == []


def test_a_title_is_none_the_less_true_where_a_bump_is_not_committed_yet(workspace: Workspace) -> None:
    workspace.repo.commit({"llvm_version.txt": B}, message=f"Bump LLVM to {B}")
    workspace.repo.write({"llvm_version.txt": A})
    assert workspace.notices("title") == []


def test_a_title_that_names_another_repositorys_commit(workspace: Workspace) -> None:
    workspace.repo.commit({"llvm_version.txt": B}, message="Integrate StableHLO at openxla/stablehlo@1a2b3c4d5e6f")
    assert workspace.notices("title") == []
    workspace.repo.commit({"llvm_version.txt": C}, message="Integrate MHLO at tensorflow/mhlo@1a2b3c4d5e6f")
    assert len(workspace.notices("title")) == 1


def test_a_title_may_name_the_base_of_a_fork(workspace: Workspace, tmp_path: Path) -> None:
    llvm = Repo(tmp_path / "llvm-project")
    base = llvm.commit({"a": "1"})
    llvm.git("checkout", "-q", "-b", "fork")
    patched = llvm.commit({"a": "2"})
    workspace.repo.commit({"llvm_version.txt": patched}, message=f"Integrate LLVM at {base[:12]}")
    assert len(workspace.notices("title")) == 1
    assert workspace.notices("title", llvm=LlvmSpec(repository=str(llvm.path))) == []


def test_a_branch_that_names_another_commit(workspace: Workspace) -> None:
    workspace.repo.git("checkout", "-q", "-b", "bump-llvm-1a2b3c4d5e6f")
    (notice,) = workspace.notices("title")
    assert notice.message.startswith("the branch's name names 1a2b3c4d5e6f")


def starlark(commit: str, checksum: str) -> dict[str, str]:
    return {"workspace.bzl": f'LLVM_COMMIT = "{commit}"\nLLVM_SHA256 = "{checksum}"\n'}


BAZEL = PinSpec(name="bazel", file="workspace.bzl")


def test_a_checksum_of_another_commit(workspace: Workspace) -> None:
    workspace.repo.commit(starlark(B, SUM))
    workspace.repo.write(starlark(A, SUM))
    (notice,) = workspace.notices("checksum", pins=(OWN, BAZEL))
    assert notice.message == "the checksum beside aaaaaaaaaaaa was recorded for bbbbbbbbbbbb"
    assert "sha256sum" in str(notice.hint)


def test_a_checksum_that_is_still_to_be_computed(workspace: Workspace) -> None:
    workspace.repo.commit(starlark(A, "0" * 64))
    (notice,) = workspace.notices("checksum", pins=(BAZEL,))
    assert notice.message == "the checksum is still to be computed"


def test_a_checksum_that_moved_with_its_commit(workspace: Workspace) -> None:
    workspace.repo.commit(starlark(B, SUM))
    workspace.repo.commit(starlark(A, "f" * 64))
    assert workspace.notices("checksum", pins=(BAZEL,)) == []


def test_placeholders() -> None:
    assert is_placeholder("0" * 64)
    assert is_placeholder("sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    assert not is_placeholder(SUM)


def test_a_component_that_moved_alone(workspace: Workspace) -> None:
    workspace.repo.git("checkout", "-q", "-b", "topic")
    workspace.move_component(workspace.component.commit({"f": "1"}))
    workspace.repo.commit(message="move the component")
    (notice,) = workspace.notices("moved-alone")
    assert "LLVM did not: equal pins still need a build" in notice.message


def test_llvm_that_moved_alone(workspace: Workspace) -> None:
    workspace.repo.git("checkout", "-q", "-b", "topic")
    workspace.repo.write({"llvm_version.txt": B})
    (notice,) = workspace.notices("moved-alone")
    assert "LLVM moved since" in notice.message
    assert notice.pin == "mhlo"


def test_both_moved_together(workspace: Workspace) -> None:
    workspace.repo.git("checkout", "-q", "-b", "topic")
    workspace.repo.write({"llvm_version.txt": B})
    workspace.move_component(workspace.component.commit({"llvm_version.txt": B}))
    assert workspace.notices("moved-alone") == []


def test_a_clone_that_cannot_be_used_is_said(workspace: Workspace) -> None:
    (notice,) = workspace.notices("unknowable", llvm=LlvmSpec(repository="nowhere"))
    assert "is not a directory" in notice.message


TODAY = datetime.date(2026, 6, 1)


def test_a_distance_that_nobody_knows_is_said_so(workspace: Workspace, tmp_path: Path) -> None:
    workspace.repo.write({"llvm_version.txt": B})
    (notice,) = workspace.notices("unknowable")
    assert notice.message.startswith(
        f"how far mhlo and {B[:12]} are apart, and which is newer, cannot be told: there is no"
    )
    llvm = Repo(tmp_path / "llvm-project")
    llvm.commit({"a": "1"})
    (notice,) = workspace.notices("unknowable", llvm=LlvmSpec(repository=str(llvm.path)))
    assert "no clone of llvm-project at hand has both" in notice.message
    workspace.repo.write({"llvm_version.txt": A})
    assert workspace.notices("unknowable") == []


def held(workspace: Workspace, days: int, **changes: str) -> Config:
    until = TODAY + datetime.timedelta(days=days)
    return replace(workspace.config, holds=(Hold(until=until, reason="waits", pins=("mhlo",), line=3),), **changes)


def test_a_held_pin_does_not_fail_the_answer(workspace: Workspace) -> None:
    workspace.repo.write({"llvm_version.txt": B})
    report = check_pins(held(workspace, 5), B, today=TODAY)
    assert not report.agrees
    assert report.exit_code == 0
    shown = table(report)
    assert "held" in shown
    assert "mhlo: held until 2026-06-06 (5 days left): waits" in shown


def test_a_held_pin_that_agrees_asks_for_the_holds_removal(workspace: Workspace) -> None:
    report = check_pins(held(workspace, 5), A, today=TODAY)
    assert report.exit_code == 0
    assert "remove the hold in llvmgate.toml:3" in table(report, width=200)


def test_an_expired_hold_is_a_no_even_where_all_agree(workspace: Workspace) -> None:
    report = check_pins(held(workspace, -1), A, today=TODAY)
    assert report.agrees
    assert report.exit_code == 1
    assert "the hold in llvmgate.toml:3 expired 1 day ago" in table(report, width=200)


def test_notices_are_shown_below_the_table(workspace: Workspace) -> None:
    workspace.repo.commit(starlark(A, "0" * 64))
    report = check_pins(replace(workspace.config, pins=(BAZEL,)), C)
    assert "note: bazel: the checksum is still to be computed (workspace.bzl:1)" in table(report, width=200)
