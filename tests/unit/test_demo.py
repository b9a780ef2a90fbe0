"""The demo's workspace: real repositories, the same everywhere. Nothing is built here."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.demo import DemoWorkspace, branches, create_demo
from pytest_llvmgate.demo.demo_repository import TEMPLATES, environment
from pytest_llvmgate.errors import GateError, ToolError
from pytest_llvmgate.pins.read import read_pins

HOSTILE = """\
[core]
    autocrlf = true
    hooksPath = {hooks}
    excludesFile = {excludes}
    fileMode = false
[commit]
    gpgsign = true
    template = /nonexistent
[init]
    defaultBranch = trunk
    defaultObjectFormat = sha256
    templateDir = {template}
[protocol "file"]
    allow = never
[user]
    useConfigOnly = true
[url "https://example.invalid/"]
    insteadOf = ../
"""

BRANCHES = [branch.name for branch in branches.BRANCHES]


def git(repository: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run git as a user would who has set nothing up."""
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=env or {k: v for k, v in environment(repository.parent).items() if "PROTOCOL" not in k},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def tips(demo: DemoWorkspace) -> dict[str, str]:
    """The downstream's branches and their commits."""
    listed = git(demo.downstream, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads").splitlines()
    return dict(line.split() for line in listed)


def component_of(demo: DemoWorkspace) -> Path:
    """The repository that the downstream's submodule comes from."""
    return demo.directory / branches.COMPONENT


def switch(demo: DemoWorkspace, branch: str) -> None:
    git(demo.downstream, "checkout", "--quiet", "--recurse-submodules", branch)


def component_file(demo: DemoWorkspace, branch: str, path: str) -> str:
    """A file of the component at the commit that the branch's gitlink names."""
    gitlink = git(demo.downstream, "rev-parse", f"{branch}:{branches.SUBMODULE}")
    return git(demo.downstream / branches.SUBMODULE, "show", f"{gitlink}:{path}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoWorkspace:
    return create_demo(tmp_path_factory.mktemp("demo") / "new")


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's git configuration in which nearly everything that could disturb is set."""
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    for name in ("pre-commit", "commit-msg", "post-checkout"):
        hook = hooks / name
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    excludes = tmp_path / "excludes"
    excludes.write_text("*.td\nCMakeLists.txt\n")
    config = tmp_path / "gitconfig"
    config.write_text(HOSTILE.format(hooks=hooks, excludes=excludes, template=hooks.parent))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z")
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    monkeypatch.setenv("HOME", str(tmp_path))
    return config


def test_two_repositories_and_nothing_else(demo: DemoWorkspace) -> None:
    assert sorted(path.name for path in demo.directory.iterdir()) == ["abacus", "mini-mhlo"]
    assert demo.downstream.name == "abacus"
    assert component_of(demo).name == "mini-mhlo"


def test_main_is_checked_out_clean_with_its_submodule(demo: DemoWorkspace) -> None:
    switch(demo, "main")
    assert git(demo.downstream, "branch", "--show-current") == "main"
    assert git(demo.downstream, "status", "--porcelain", "--ignored") == ""
    assert git(component_of(demo), "status", "--porcelain", "--ignored") == ""
    assert (demo.downstream / branches.SUBMODULE / "CMakeLists.txt").is_file()


def test_branches_are_those_that_are_told(demo: DemoWorkspace) -> None:
    assert tips(demo)["main"] == tips(demo)["good"]
    assert set(tips(demo)) == {"main", *BRANCHES}


def test_shas_are_the_same_each_time_whatever_git_is_told(demo: DemoWorkspace, hostile: Path, tmp_path: Path) -> None:
    before = hostile.read_bytes()
    other = create_demo(tmp_path / "with blanks" / "and 'quotes'")
    assert tips(other) == tips(demo)
    assert hostile.read_bytes() == before
    assert not (tmp_path / "elsewhere").exists()
    assert not (other.downstream / ".git" / "hooks" / "pre-commit").exists()


def test_shas_are_those_of_this_release(demo: DemoWorkspace) -> None:
    """Whoever changes the template on purpose changes these, too: documents and recorded runs name them."""
    assert tips(demo) == {
        "main": "ad996ee989c4643f96ec6efe18bd579f0c9cfced",
        "good": "ad996ee989c4643f96ec6efe18bd579f0c9cfced",
        "pins-disagree": "859a3f5400837051298055566dab0da53614ef77",
        "shared-breaks": "414830ed8a9ce268afa56d0bb0bbfe08f7c6ce84",
        "api-breaks": "d61e5c3fbe7f7402ee3a785aee960b4cb38e111d",
    }


@pytest.mark.parametrize(
    ("branch", "direct", "indirect"),
    [
        ("good", branches.LLVM_22, branches.LLVM_22),
        ("pins-disagree", branches.LLVM_22, branches.LLVM_21),
        ("shared-breaks", branches.LLVM_22, branches.LLVM_22),
        ("api-breaks", branches.LLVM_21, branches.LLVM_21),
    ],
)
def test_pins_of_each_branch(demo: DemoWorkspace, branch: str, direct: str, indirect: str) -> None:
    script = git(demo.downstream, "show", f"{branch}:utils/clone-mlir.sh")
    assert f"cd llvm-project && git checkout {direct} && cd .." in script.splitlines()
    assert component_file(demo, branch, "build_tools/llvm_version.txt") == indirect


@pytest.mark.parametrize("branch", BRANCHES)
def test_the_gate_reads_the_configuration_and_its_pins(demo: DemoWorkspace, branch: str) -> None:
    switch(demo, branch)
    config = load_config(demo.downstream / "llvmgate.toml")
    names = {configuration.name for configuration in config.configurations}
    assert names == {"static-mhlo_on", "static-mhlo_off", "shared-mhlo_on", "shared-mhlo_off"}
    assert {wheels.revision for wheels in config.llvm.wheels} == {branches.LLVM_21, branches.LLVM_22}
    direct, indirect = read_pins(config)
    checkout = demo.downstream / branches.SUBMODULE / "build_tools" / "llvm_version.txt"
    assert str(direct.sha) in (demo.downstream / "utils" / "clone-mlir.sh").read_text()
    assert indirect.sha == checkout.read_text().strip()


def test_one_command_switches_branch_and_submodule_and_back(demo: DemoWorkspace) -> None:
    for branch in (*BRANCHES, *reversed(BRANCHES)):
        switch(demo, branch)
        assert git(demo.downstream, "status", "--porcelain") == ""
        gitlink = git(demo.downstream, "rev-parse", f"HEAD:{branches.SUBMODULE}")
        assert git(demo.downstream / branches.SUBMODULE, "rev-parse", "HEAD") == gitlink


def test_a_commit_before_the_submodule_can_be_visited(demo: DemoWorkspace) -> None:
    first = git(demo.downstream, "rev-list", "--max-parents=0", "main")
    switch(demo, first)
    assert not (demo.downstream / "third_party").exists()
    switch(demo, "main")
    assert git(demo.downstream, "status", "--porcelain") == ""


def test_switching_works_under_the_users_configuration(hostile: Path, tmp_path: Path) -> None:
    hostile.write_text(hostile.read_text().replace("hooksPath", "#"))
    demo = create_demo(tmp_path / "demo")
    env = {name: value for name, value in os.environ.items() if name not in ("GIT_DIR", "GIT_DEFAULT_HASH")}
    for branch in BRANCHES:
        git(demo.downstream, "checkout", "--quiet", "--recurse-submodules", branch, env=env)
        assert git(demo.downstream, "status", "--porcelain", env=env) == ""
        assert b"\r" not in (demo.downstream / branches.SUBMODULE / "CMakeLists.txt").read_bytes()


def test_the_workspace_can_be_moved(tmp_path: Path) -> None:
    created = create_demo(tmp_path / "here")
    created.directory.rename(tmp_path / "there")
    moved = DemoWorkspace(tmp_path / "there")
    switch(moved, "shared-breaks")
    assert git(moved.downstream, "status", "--porcelain") == ""
    git(moved.downstream / branches.SUBMODULE, "fetch", "--quiet", "origin")
    for config in (".git/config", f".git/modules/{branches.SUBMODULE}/config"):
        assert str(tmp_path) not in (moved.downstream / config).read_text()


def test_a_copy_of_the_workspace_works_like_the_workspace(demo: DemoWorkspace, tmp_path: Path) -> None:
    shutil.copytree(demo.directory, tmp_path / "copy", symlinks=True)
    copy = DemoWorkspace(tmp_path / "copy")
    for branch in BRANCHES:
        switch(copy, branch)
        assert git(copy.downstream, "status", "--porcelain") == ""


def test_a_clone_brings_the_submodule_along(demo: DemoWorkspace, tmp_path: Path) -> None:
    clone = ["-c", "protocol.file.allow=always", "clone", "--quiet", "--recurse-submodules"]
    git(tmp_path, *clone, str(demo.downstream), "clone")
    assert (tmp_path / "clone" / branches.SUBMODULE / "CMakeLists.txt").is_file()


def test_the_repositories_are_sound(demo: DemoWorkspace) -> None:
    for repository in (demo.downstream, component_of(demo), demo.downstream / branches.SUBMODULE):
        git(repository, "fsck", "--strict", "--no-dangling")


def test_shared_breaks_lacks_one_entry_that_the_components_main_has(demo: DemoWorkspace) -> None:
    gitlink = git(demo.downstream, "rev-parse", f"shared-breaks:{branches.SUBMODULE}")
    changed = git(component_of(demo), "diff", "--numstat", gitlink, "main")
    assert changed.split() == ["3", "0", "lib/IR/CMakeLists.txt"]
    assert "MhloShapeUtils" not in component_file(demo, "shared-breaks", "lib/IR/CMakeLists.txt")
    assert "MhloShapeUtils" in git(component_of(demo), "show", "main:lib/IR/CMakeLists.txt")


def test_api_breaks_calls_what_llvm_22_removed(demo: DemoWorkspace) -> None:
    path = "lib/Transforms/LegalizeToArith.cpp"
    assert "populateExpandTanhPattern(patterns)" in component_file(demo, "api-breaks", path)
    assert "populateExpandTanhPattern" not in component_file(demo, "good", path)


def test_every_step_of_the_template_is_used() -> None:
    used = {
        branches.COMPONENT: {commit.step for commit in branches.COMPONENT_HISTORY},
        branches.DOWNSTREAM: {
            commit.step for line in (branches.TRUNK, *(b.commits for b in branches.BRANCHES)) for commit in line
        },
    }
    found = {
        repository.name: {path.name.removesuffix(".patch") for path in repository.iterdir()}
        for repository in TEMPLATES.iterdir()
    }
    assert found == used


def test_instructions_name_the_directory_and_every_branch(demo: DemoWorkspace) -> None:
    text = demo.instructions()
    assert f"    cd {demo.downstream}\n" in text
    for branch in BRANCHES:
        assert f"    git checkout --recurse-submodules {branch}\n" in text
    assert f"    pytest --llvm-sha={branches.LLVM_22}\n" in text


def test_instructions_quote_the_directory() -> None:
    workspace = DemoWorkspace(Path("/a b"))
    assert "    cd '/a b/abacus'\n" in workspace.instructions()


def test_an_empty_directory_will_do(tmp_path: Path) -> None:
    assert create_demo(tmp_path).downstream.is_dir()


def test_a_relative_directory_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert create_demo(Path("demo")).directory == tmp_path / "demo"


def test_a_directory_with_contents_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(GateError, match=r"empty or does not exist yet.*thesis\.tex") as caught:
        create_demo(tmp_path)
    assert "name another directory" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(GateError, match="cannot make the demo in"):
        create_demo(file)


def test_no_git_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match="no git in PATH") as caught:
        create_demo(tmp_path / "demo")
    assert "install git 2.30 or newer" in str(caught.value)
    assert not (tmp_path / "demo").exists()


def test_a_git_that_fails_is_quoted_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'error: too old for this' >&2\nexit 129\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent), prepend=os.pathsep)
    with pytest.raises(GateError, match=r"'git init .*too old for this"):
        create_demo(tmp_path / "demo")
    assert list((tmp_path / "demo").iterdir()) == []
