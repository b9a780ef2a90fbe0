"""Remotes, branches and main lines.

GitPython reads the remotes of the configuration; it takes 110 ms to import, so only a rare question asks it, and like
git it sees a private view of the repository: no program of its configuration is started.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import Final

from pytest_llvmgate.git.process import GitFailure
from pytest_llvmgate.git.repository import Repository

_DEFAULT_BRANCHES: Final = ("main", "master")


def remotes(repository: Repository) -> dict[str, str]:
    """Name to URL of the remotes that the clone's configuration names."""
    import git

    with closing(git.Repo(repository.view)) as opened, opened.config_reader("repository") as settings:
        sections = (str(section) for section in settings.sections())
        names = [section[8:-1] for section in sections if section.startswith('remote "')]
        return {name: str(settings.get_value(f'remote "{name}"', "url", default="")) for name in names}


def branches(repository: Repository) -> dict[str, str]:
    """Short name (``topic``, ``origin/topic``) to commit of every local and remote branch."""
    spaces = ("refs/heads", "refs/remotes")
    output = repository.run("for-each-ref", "--format=%(objectname) %(refname)", *spaces)
    found = (line.partition(" ") for line in os.fsdecode(output).splitlines())
    return {name.split("/", 2)[2]: sha for sha, _, name in found if not name.endswith("/HEAD")}


def default_branch(repository: Repository, branch: str = "") -> str | None:
    """The full name of the ref that stands for the project's main line.

    That is ``branch`` of the remote where one is given (``.gitmodules`` may), else what the remote calls its HEAD, else
    ``main`` or ``master``; local branches serve where there is no remote (a mirror).
    """
    names = [branch] if branch and branch != "." else ["HEAD", *_DEFAULT_BRANCHES]
    candidates = [f"refs/remotes/{remote}/{name}" for remote in ("upstream", "origin") for name in names]
    candidates += [f"refs/heads/{name}" for name in (branch, *_DEFAULT_BRANCHES) if name and name != "."]
    output = repository.run("for-each-ref", "--format=%(refname) %(symref)", *dict.fromkeys(candidates))
    targets = {
        name: target or name for name, _, target in (line.partition(" ") for line in os.fsdecode(output).splitlines())
    }
    return next((targets[name] for name in candidates if name in targets), None)


def is_ancestor(repository: Repository, commit: str, of: str) -> bool:
    """Whether ``commit`` is ``of`` or in its history. Both must be in the clone."""
    try:
        repository.run("merge-base", "--is-ancestor", commit, of)
    except GitFailure as error:
        if error.returncode == 1:
            return False
        raise
    return True


def refs_with(repository: Repository, commit: str) -> tuple[str, ...]:
    """Short names of the remote branches and tags that contain ``commit``."""
    output = repository.run(
        "for-each-ref", f"--contains={commit}", "--format=%(refname:short)", "refs/remotes", "refs/tags"
    )
    return tuple(output.decode("utf-8", "replace").split())
