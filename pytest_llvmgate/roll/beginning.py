"""What a roll can begin from: everything that is wrong with a checkout is said before anything is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import BusyError, GateError, RepositoryError
from pytest_llvmgate.gate.run_directory import Workspace, lock
from pytest_llvmgate.git.commits import check_identity, commit_of_branch
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.roll.roll_state import RollPlace


def checked_base(config: Config, repository: Repository, asked: str = "") -> tuple[str, str]:
    """The branch to roll from, and its commit. ``asked``: what HEAD stands for where it is detached.

    Raises ``RepositoryError`` for a checkout that a roll cannot begin from.
    """
    here = repository.describe()
    branch = asked or here.branch
    if not here.commit:
        raise RepositoryError("the repository has no commit yet", where=here.root, hint="commit the project first")
    if repository.is_shallow:
        raise RepositoryError(
            "the clone is shallow, and a roll reads when the pin last moved", where=here.root,
            hint="git fetch --unshallow (fetch-depth: 0 in a workflow)",
        )  # fmt: skip
    if not branch:
        raise RepositoryError(
            "HEAD is detached, so nothing says which branch is rolled", where=here.root,
            hint="git checkout BRANCH, or name it: llvmgate roll --base BRANCH",
        )  # fmt: skip
    commit = here.commit
    if commit_of_branch(repository, branch) not in {"", commit}:
        raise RepositoryError(
            f"HEAD is not at {branch}", where=here.root, hint=f"git checkout {branch}, or leave out --base"
        )
    if here.dirty:
        raise RepositoryError(
            "the work tree has changes that are not committed, and a roll would not see them", where=here.root,
            hint="commit them, or git stash",
        )  # fmt: skip
    if repository.entry(repository.relative(config.path), commit=commit) is None:
        raise GateError(
            f"{branch} has no {config.path.name}: a roll goes by what is committed", where=str(config.path),
            hint=f"git add {config.path.name}, and commit it",
        )  # fmt: skip
    check_identity(repository)
    return branch, commit


@contextmanager
def only_roll(place: RollPlace, base: str) -> Iterator[None]:
    """Hold the checkout's lock of rolls. Raises ``BusyError`` where another one is at work."""
    Workspace(place.top, base).prepare_directory()
    place.tree.parent.mkdir(parents=True, exist_ok=True)
    path = place.directory / "lock"
    with lock(path) as is_held:
        if not is_held:
            raise BusyError("another roll is at work in this checkout", where=str(path), hint="wait for it")
        yield
