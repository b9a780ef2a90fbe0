"""Making the demo's workspace from :mod:`.branches` and the template."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from pytest_llvmgate.demo import branches
from pytest_llvmgate.demo.branches import Branch, DemoCommit
from pytest_llvmgate.demo.demo_repository import DemoRepository, require_git
from pytest_llvmgate.demo.demo_workspace import DemoWorkspace
from pytest_llvmgate.errors import GateError


def create_demo(directory: Path) -> DemoWorkspace:
    """Make the workspace in ``directory``, which must be empty or not exist yet."""
    require_git()
    _claim(directory)
    directory = directory.resolve()
    # Made aside and moved at the end: a failure half-way leaves nothing behind.
    with tempfile.TemporaryDirectory(prefix=".llvmgate-demo-", dir=directory) as scratch:
        home = Path(scratch, "home")
        home.mkdir()
        component = DemoRepository(home.parent / branches.COMPONENT, home)
        downstream = DemoRepository(home.parent / branches.DOWNSTREAM, home)
        _write_downstream(downstream, _write_component(component))
        for repository in (component, downstream):
            repository.path.rename(directory / repository.path.name)
    return DemoWorkspace(directory)


def _claim(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        found = next(directory.iterdir(), None)
    except OSError as error:
        raise GateError(
            f"cannot make the demo in {directory}: {error.strerror}", hint="name a directory that can be written"
        ) from error
    if found is not None:
        raise GateError(
            f"the demo needs a directory that is empty or does not exist yet; {directory} holds {found.name!r}",
            hint="name another directory, or empty this one",
        )


def _write_component(component: DemoRepository) -> dict[str, str]:
    """The component's commits, by step."""
    component.init()
    return {commit.step: _write_commit(component, commit) for commit in branches.COMPONENT_HISTORY}


def _write_downstream(downstream: DemoRepository, component: Mapping[str, str]) -> None:
    downstream.init()
    trunk = {commit.step: _write_with_gitlink(downstream, commit, component) for commit in branches.TRUNK}
    for branch in branches.BRANCHES:
        _write_branch(downstream, branch, trunk[branch.starts_at], component)
    downstream.git("checkout", "--quiet", "main")
    downstream.git("submodule", "--quiet", "update")
    _make_movable(downstream)


def _write_branch(downstream: DemoRepository, branch: Branch, start: str, component: Mapping[str, str]) -> None:
    downstream.git("branch", branch.name, start)
    downstream.git("checkout", "--quiet", branch.name)
    for commit in branch.commits:
        _write_with_gitlink(downstream, commit, component)


def _write_with_gitlink(downstream: DemoRepository, commit: DemoCommit, component: Mapping[str, str]) -> str:
    if commit.component is not None:
        _move_submodule(downstream, component[commit.component])
    return _write_commit(downstream, commit)


def _write_commit(repository: DemoRepository, commit: DemoCommit) -> str:
    repository.apply_step(commit.step)
    return repository.commit(commit.message, commit.date)


def _move_submodule(downstream: DemoRepository, sha: str) -> None:
    if not (downstream.path / branches.SUBMODULE).exists():
        downstream.git("submodule", "--quiet", "add", f"../{branches.COMPONENT}", branches.SUBMODULE)
    _submodule(downstream).git("checkout", "--quiet", "--detach", sha)


def _make_movable(downstream: DemoRepository) -> None:
    """Git has written the component's absolute path into two configuration files; neither needs it."""
    section = f"submodule.{branches.SUBMODULE}"
    downstream.git("config", f"{section}.active", "true")
    downstream.git("config", "--unset", f"{section}.url")  # .gitmodules has it, relative
    submodule = _submodule(downstream)
    up = "../" * (len(Path(branches.SUBMODULE).parts) + 1)
    submodule.git("remote", "set-url", "origin", f"{up}{branches.COMPONENT}")
    submodule.settle()


def _submodule(downstream: DemoRepository) -> DemoRepository:
    return DemoRepository(downstream.path / branches.SUBMODULE, downstream.path.parent / "home")
