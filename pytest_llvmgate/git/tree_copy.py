"""A copy of a work tree as it stands: what git knows of it and does not ignore, submodules included."""

from __future__ import annotations

import shutil
from collections.abc import Container
from pathlib import Path

from pytest_llvmgate.git.borrowed_objects import borrow_objects
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.model import RUN_DIRECTORY


def copy_tree(
    repository: Repository, root: Path, *, without: Container[str] = (), with_git: bool = False
) -> tuple[str, ...]:
    """Copy the work tree to ``root``; the paths of the submodules that came along, an outer one before its inner ones.

    ``without``: submodules that stay empty directories. ``with_git``: each copy is a repository of its own, with the
    same objects, index and commit, so that a command that asks git gets the same answers and changes nothing here.
    """
    submodules: list[str] = []
    _copy(repository, root, "", (submodules, without, with_git))
    return tuple(submodules)


def _copy(repository: Repository, root: Path, below: str, how: tuple[list[str], Container[str], bool]) -> None:
    submodules, without, with_git = how
    top = repository.work_tree
    listed = repository.names("ls-files", "-z", "--cached", "--others", "--exclude-standard", users_settings=True)
    links = repository.index_gitlinks()
    for name in dict.fromkeys(listed):
        if name not in links and (top / name).is_file() and RUN_DIRECTORY not in Path(name).parts:
            there = root / below / name
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(top / name, there, follow_symlinks=False)
    for name in links:
        (root / below / name).mkdir(parents=True, exist_ok=True)  # git takes one that is not there for a removed one
        if (top / name / ".git").exists() and f"{below}{name}" not in without:
            submodules.append(f"{below}{name}")
            _copy(Repository.open(top / name), root, f"{below}{name}/", how)
    if with_git:
        _borrow(repository, root / below / ".git")


def _borrow(repository: Repository, git_dir: Path) -> None:
    """A repository that reads the objects of another one and writes its own (gitrepository-layout(5))."""
    borrow_objects(git_dir, repository.common_dir)
    (git_dir / "refs/heads").mkdir(parents=True)
    (git_dir / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = false\n", encoding="ascii")
    (git_dir / "HEAD").write_text(f"{repository.head() or 'ref: refs/heads/main'}\n", encoding="ascii")
    if (index := repository.git_dir / "index").is_file():
        shutil.copyfile(index, git_dir / "index")
