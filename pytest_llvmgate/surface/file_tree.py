"""A tree of files to look at, on disk or straight from git's objects, without checking anything out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.plain_file import read_plain


class SourceTree(Protocol):
    """Names and contents of files below some directories."""

    @property
    def label(self) -> str:
        """What the tree is, for messages."""

    def names(self, directories: Sequence[str]) -> list[str]:
        """Paths of all files below ``directories`` (all files for none), with forward slashes, in no set order.

        A directory that may not be entered is among them, with a slash at its end.
        """

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Name and content of each file; those that cannot be read are left out."""


@dataclass(frozen=True)
class DirectoryTree:
    """A directory on disk."""

    root: Path
    follow: bool = False
    """Enter symbolic links to directories: distributions install LLVM's headers behind one."""

    @property
    def label(self) -> str:
        """The directory's path."""
        return str(self.root)

    def names(self, directories: Sequence[str]) -> list[str]:
        """Paths relative to the root; hidden directories and build trees are not entered."""
        found: list[str] = []
        for start in directories or ("",):
            top = self.root / start
            prefix = f"{start}/" if start else ""
            _walk(str(top), prefix, found, set() if self.follow else None)
        return found

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Read one after the other."""
        for name in names:
            try:
                data = read_plain(self.root / name)
            except OSError:
                continue
            yield name, data


def _walk(top: str, prefix: str, found: list[str], visited: set[str] | None) -> None:
    """``os.scandir``, which knows an entry's kind without asking for each. ``visited`` is None to stay off links."""
    if visited is not None:
        real = os.path.realpath(top)
        if real in visited:
            return
        visited.add(real)
    try:
        entries = list(os.scandir(top))
    except OSError as error:
        found += [prefix] if isinstance(error, PermissionError) else []
        return
    if prefix and any(entry.name == "CMakeCache.txt" for entry in entries):
        return  # a build directory inside the source
    for entry in entries:
        if entry.is_dir(follow_symlinks=visited is not None):
            if not entry.name.startswith("."):
                _walk(entry.path, f"{prefix}{entry.name}/", found, visited)
        else:
            found.append(prefix + entry.name)


@dataclass(frozen=True)
class GitTree:
    """A commit's tree, read from the object store."""

    repository: Repository
    commit: str
    """Full SHA."""

    @property
    def label(self) -> str:
        """The commit, abbreviated."""
        return self.commit[:12]

    def names(self, directories: Sequence[str]) -> list[str]:
        """Paths of all blobs; submodules are not entered."""
        return self.repository.names("ls-tree", "-r", "-z", "--name-only", self.commit, "--", *directories)

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Read all through one process."""
        return self.repository.contents({name: f"{self.commit}:{name}" for name in names})
