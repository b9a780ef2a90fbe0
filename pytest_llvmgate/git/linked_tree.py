"""A work tree of our own beside the user's, with the same objects and branches: what ``git worktree add`` makes.

It is made by hand (gitrepository-layout(5)), since git's own command obeys the repository's configuration. Submodules
that the user has checked out are linked in the same way, to the user's clones of them.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Container
from pathlib import Path

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git.repository import Repository


def linked_tree(repository: Repository, place: Path, commit: str, *, without: Container[str] = ()) -> Repository:
    """The work tree at ``place``, made where there is none: detached at ``commit``, with nothing but what is ignored.

    ``without``: paths of submodules that stay empty. Only one process may work on a place.
    """
    own = _own_directory(repository, place)
    if not _is_linked(own, place):
        _link(own, place, commit)
    (own / "index.lock").unlink(missing_ok=True)  # of one that was killed
    tree = Repository.open(place)
    tree.move_head(commit)
    tree.run("read-tree", "--reset", "-u", commit, users_settings=True)
    tree.run("clean", "-f", "-d", "-q", users_settings=True)
    for path, sha in tree.index_gitlinks().items():
        checkout = repository.work_tree / path
        if path in without or not (checkout / ".git").exists():
            continue
        clone = Repository.open(checkout)
        if clone.has_commit(sha):
            linked_tree(clone, place / path, sha)
    return tree


def remove_linked_tree(repository: Repository, place: Path) -> None:
    """Remove the work tree, and what links it and its submodules; nothing where there is none."""
    if (place / ".git").is_file():
        for path in Repository.open(place).index_gitlinks():
            if (place / path / ".git").is_file() and (repository.work_tree / path / ".git").exists():
                remove_linked_tree(Repository.open(repository.work_tree / path), place / path)
    shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(_own_directory(repository, place), ignore_errors=True)


def _own_directory(repository: Repository, place: Path) -> Path:
    digest = hashlib.sha256(str(place).encode("utf-8", "surrogateescape")).hexdigest()
    return repository.common_dir / "worktrees" / f"llvmgate-{digest[:12]}"


def _is_linked(own: Path, place: Path) -> bool:
    try:
        there = (place / ".git").read_text(encoding="utf-8", errors="surrogateescape")
        return there == f"gitdir: {own}\n" and (own / "HEAD").is_file()
    except OSError:
        return False


def _link(own: Path, place: Path, commit: str) -> None:
    shutil.rmtree(own, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
    try:
        own.mkdir(parents=True)
        place.mkdir(parents=True)
        (own / "gitdir").write_text(f"{place}/.git\n", encoding="utf-8", errors="surrogateescape")
        (own / "commondir").write_text("../..\n", encoding="ascii")
        (own / "HEAD").write_text(f"{commit}\n", encoding="ascii")
        (place / ".git").write_text(f"gitdir: {own}\n", encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise RepositoryError(f"no work tree could be made: {error.strerror or error}", where=str(place)) from error
