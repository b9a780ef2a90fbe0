"""The files that one LLVM offers for inclusion: of an install, of llvm-project's source, or of a commit in a clone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Protocol

from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.plain_file import read_plain
from pytest_llvmgate.surface.file_tree import DirectoryTree
from pytest_llvmgate.upstream.whose import INCLUDE_ROOTS, include_name

_SUFFIXES: Final = (".h", ".hpp", ".def", ".inc", ".td")
_UNREAD: Final = (".cpp.inc",)
"""Definitions that TableGen makes: half of an install's bytes, and nothing that a header does not declare."""


class HeaderFiles(Protocol):
    """Names of files as one would include them, and their contents."""

    @property
    def contents(self) -> Mapping[str, str]:
        """Include name to what identifies the content: a blob, or path, size and time of a file."""

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Name and content of each file; those that cannot be read are left out."""


def identity(files: HeaderFiles) -> str:
    """A digest of names and contents: equal for equal LLVMs, whatever they are called."""
    digest = hashlib.sha256()
    for name, content in sorted(files.contents.items()):
        digest.update(f"{name}\0{content}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:40]


@dataclass(frozen=True)
class InstalledHeaders:
    """An LLVM (and MLIR) install, possibly split over several prefixes."""

    prefixes: tuple[Path, ...]

    @cached_property
    def paths(self) -> dict[str, str]:
        """Include name to path; distributions put directories behind symbolic links."""
        found: dict[str, str] = {}
        for prefix in self.prefixes:
            for name in DirectoryTree(prefix / "include", follow=True).names(()):
                if name.endswith(_SUFFIXES) and not name.endswith(_UNREAD):
                    found.setdefault(name, f"{prefix}/include/{name}")
        return found

    @cached_property
    def contents(self) -> Mapping[str, str]:
        """Path, size and time of change: reading everything would take longer than what is to be saved."""
        found = {}
        for name, path in self.paths.items():
            try:
                status = os.stat(path)  # noqa: PTH116 (thousands of them)
            except OSError:
                continue
            found[name] = f"{path}:{status.st_size}:{status.st_mtime_ns}"
        return found

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """One after the other."""
        for name in names:
            try:
                yield name, read_plain(Path(self.paths[name]))
            except (OSError, KeyError):
                continue


@dataclass(frozen=True)
class CommittedHeaders:
    """The headers of a commit of llvm-project, read from git's objects: nothing is checked out."""

    repository: Repository
    commit: str
    """Full SHA."""

    @cached_property
    def contents(self) -> Mapping[str, str]:
        """Include name to blob: what two commits share has the same one."""
        found: dict[str, str] = {}
        for path, blob in self.repository.blobs(self.commit, *INCLUDE_ROOTS).items():
            if path.endswith(_SUFFIXES):
                found.setdefault(include_name(path), blob)
        return found

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """All through one process."""
        return self.repository.contents({name: self.contents[name] for name in names if name in self.contents})
