"""A digest of everything that a build can see of a work tree, submodules included.

It depends on content alone: committing what is already there changes nothing, since no build could tell. Tracked files
that differ from the index count by their content, untracked ones by path, size and time of modification (there may be
thousands, and a touched file that counts as changed costs a rebuild, never a wrong answer).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.plain_file import sha256

_ABSENT: Final = "absent"
_BYTECODE: Final = "__pycache__/"
"""Python leaves it beside every file that it imports, a conftest.py for instance; no build reads it."""


def source_state(repository: Repository, *, exclude: Sequence[str] = ()) -> str:
    """The digest, 64 hexadecimal digits.

    ``exclude``: paths relative to the work tree's top (a build directory, say) of which untracked files do not count.
    Raises ``RepositoryError`` without a work tree.
    """
    digest = hashlib.sha256()
    for line in _describe(repository, tuple(path.rstrip("/") for path in exclude if path)):
        digest.update(line.encode("utf-8", "surrogateescape") + b"\0")
    return digest.hexdigest()


def _describe(repository: Repository, exclude: tuple[str, ...]) -> Iterator[str]:
    top = repository.work_tree
    index = repository.run("ls-files", "--stage", "-z").decode("utf-8", "surrogateescape")
    yield hashlib.sha256(index.encode("utf-8", "surrogateescape")).hexdigest()
    for path, is_untracked in _changes(repository):
        if is_untracked and (_is_under(path, exclude) or _BYTECODE in path):
            continue
        yield f"{path} {_by_time(top / path) if is_untracked else _by_content(top / path)}"
    for line in index.split("\0"):
        if line.startswith("160000 "):
            path = line.split("\t", 1)[1]
            yield f"{path} {_submodule(top / path, tuple(_below(path, exclude)))}"


def _changes(repository: Repository) -> Iterator[tuple[str, bool]]:
    """The paths at which the work tree differs from the index, and whether each is untracked."""
    words = ("status", "--porcelain=v2", "-z", "--untracked-files=all", "--ignore-submodules=all", "--no-renames")
    for line in repository.names(*words, users_settings=True):  # filters and ignored files are the user's, too
        if line.startswith("? "):
            yield line[2:], True
        elif line.startswith("1 ") and line[3] != ".":
            yield line.split(" ", 8)[8], False
        elif line.startswith("u "):
            yield line.split(" ", 10)[10], False


def _is_under(path: str, directories: Sequence[str]) -> bool:
    return any(path.rstrip("/") == directory or path.startswith(f"{directory}/") for directory in directories)


def _below(path: str, directories: Sequence[str]) -> Iterator[str]:
    """Those of ``directories`` that lie inside ``path``, relative to it."""
    return (directory[len(path) + 1 :] for directory in directories if directory.startswith(f"{path}/"))


def _by_content(path: Path) -> str:
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return f"link {path.readlink()}"
        if not stat.S_ISREG(mode):
            return f"mode {mode:o}"
        return f"{mode & stat.S_IXUSR} {sha256(path)}"
    except FileNotFoundError:
        return _ABSENT


def _by_time(path: Path) -> str:
    try:
        if path.is_dir() and not path.is_symlink():  # an untracked clone: its own business, but for its commit
            return _head_of(path)
        found = path.lstat()
    except FileNotFoundError:
        return _ABSENT
    return f"{found.st_mode:o} {found.st_size} {found.st_mtime_ns}"


def _submodule(path: Path, exclude: tuple[str, ...]) -> str:
    if not os.path.lexists(path / ".git"):
        return _ABSENT
    submodule = Repository.open(path)
    return f"{submodule.head()} {source_state(submodule, exclude=exclude)}"


def _head_of(path: Path) -> str:
    try:
        return Repository.open(path, bare=True).head()
    except RepositoryError:
        return "unreadable"
