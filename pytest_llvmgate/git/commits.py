"""Commits without a checkout's ceremony: no hooks, no settings of the repository, only trees and their parents."""

from __future__ import annotations

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git import process
from pytest_llvmgate.git.process import GitFailure
from pytest_llvmgate.git.repository import Repository


def check_identity(repository: Repository) -> None:
    """Raise ``RepositoryError`` where git does not know who commits."""
    try:
        repository.run("var", "GIT_COMMITTER_IDENT", users_settings=True)
    except GitFailure as error:
        raise RepositoryError(
            f"git does not know who commits: {error.stderr.splitlines()[-1] if error.stderr else 'no identity'}",
            where=repository.display,
            hint="git config user.name NAME && git config user.email ADDRESS",
        ) from None


def stage_changes(repository: Repository) -> None:
    """Bring the index to what the work tree has, new and removed files included; gitlinks stay as they are."""
    words = ("ls-files", "-z", "--modified", "--deleted", "--others", "--exclude-standard")
    paths = {*repository.names(*words, users_settings=True)} - repository.index_gitlinks().keys()
    changed = "".join(f"{path}\0" for path in sorted(paths) if not path.endswith("/"))  # an inner repository
    stdin = changed.encode("utf-8", "surrogateescape")
    repository.run("update-index", "--add", "--remove", "-z", "--stdin", stdin=stdin, users_settings=True)


def tree_of_index(repository: Repository) -> str:
    """Full SHA of the tree that the next commit would have."""
    return repository.run("write-tree").decode().strip()


def commit_changes(repository: Repository, message: str) -> str:
    """Commit all that differs from HEAD, on top of it, and move a detached HEAD there; empty where nothing differs."""
    stage_changes(repository)
    tree, head = tree_of_index(repository), repository.head()
    if repository.run("rev-parse", f"{head}^{{tree}}").decode().strip() == tree:
        return ""
    words = ("commit-tree", tree, "-p", head)
    commit = repository.run(*words, stdin=message.encode("utf-8", "replace"), users_settings=True).decode().strip()
    repository.move_head(commit)
    return commit


def make_branch(repository: Repository, name: str, commit: str) -> None:
    """Make a new branch. Raises ``RepositoryError`` where there is one of that name."""
    try:
        repository.run("update-ref", f"refs/heads/{name}", commit, "0" * len(commit))
    except GitFailure as error:
        if not commit_of_branch(repository, name):
            raise
        raise branch_exists(name) from error


def branch_exists(name: str) -> RepositoryError:
    """The error for a branch that is to be made and is there."""
    return RepositoryError(
        f"the branch {name} exists already", hint=f"merge it, or look at it and: git branch -D {name}; or name another"
    )


def commit_of_branch(repository: Repository, name: str) -> str:
    """Full SHA of a local branch; empty where there is none."""
    return repository.commit_at(f"refs/heads/{name}")


def remove_branch(repository: Repository, name: str) -> None:
    """Remove a local branch, if it is there; one that is packed, too."""
    process.run(["update-ref", "-d", f"refs/heads/{name}"], place=(f"--git-dir={repository.common_dir}",))
