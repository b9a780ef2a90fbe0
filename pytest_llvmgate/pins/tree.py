"""The states of a repository that pins are read from: the work tree with its index, or one commit."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.gitmodules import Submodule
from pytest_llvmgate.git.objects import LARGEST_OBJECT
from pytest_llvmgate.git.repository import EntryKind, Repository, TreeEntry
from pytest_llvmgate.plain_file import read_plain
from pytest_llvmgate.printable import shell_word

LARGEST_FILE: Final = LARGEST_OBJECT
"""Bytes; no file that names a commit is larger, and a pull request may hold anything."""


class Unreadable(GateError):  # noqa: N818 - a state, not a fault of ours
    """A pin cannot be read. The hint is the command that mends it."""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A state of a repository: its work tree as it stands, or one commit. Paths are relative to its top.

    Gitlinks beside a work tree are the index's, since those are what will be committed.
    """

    repository: Repository
    """Where the objects are."""
    commit: str = ""
    """Empty for the work tree."""
    label: str = ""
    """Path of the repository from the downstream's top; empty for the downstream itself."""
    _entries: dict[str, dict[str, TreeEntry]] = field(default_factory=dict, compare=False, repr=False)
    _texts: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def _on_the_way(self, path: str) -> dict[str, TreeEntry]:
        """The entries at ``path`` and at the directories above it; a commit never changes, so they are kept."""
        if path not in self._entries:
            self._entries[path] = self.repository.entries(_upwards(path), commit=self.commit)
        return self._entries[path]

    @cached_property
    def gitlinks(self) -> Mapping[str, str]:
        """Path to commit of all gitlinks in the index."""
        return self.repository.index_gitlinks()

    def gitlink_on(self, path: str) -> TreeEntry | None:
        """The gitlink at ``path`` or at a directory above it."""
        if self.commit:
            return next((one for one in self._on_the_way(path).values() if one.kind is EntryKind.GITLINK), None)
        found = next((above for above in _upwards(path) if above in self.gitlinks), None)
        return TreeEntry(path=found, kind=EntryKind.GITLINK, sha=self.gitlinks[found]) if found else None

    def text(self, path: str) -> str:
        """The content of a file. Raises :class:`Unreadable`."""
        if not self.commit:
            return _decoded(self.on_disk(path), path)
        entry = self._on_the_way(path).get(path)
        if entry is None or entry.kind is not EntryKind.FILE:
            where = posixpath.join(self.label, path)
            raise Unreadable(f"there is no such file at commit {self.commit[:12]}", where=where)
        if path not in self._texts:
            self._texts[path] = _decoded(self.repository.blob(entry.sha), path)
        return self._texts[path]

    def on_disk(self, path: str) -> bytes:
        """The content of a file of the work tree. Raises :class:`Unreadable`."""
        root = self.repository.work_tree.resolve()
        file = Path(os.path.realpath(root / path))  # unlike resolve(), it does not raise for a loop of links
        if not file.is_relative_to(root):
            raise Unreadable("is a symbolic link that leads out of the repository", where=path)
        try:
            return read_plain(file, LARGEST_FILE)
        except FileNotFoundError:
            raise Unreadable("the file is not there", where=path, hint=self._how_to_restore(path)) from None
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}", where=path) from None

    def _how_to_restore(self, path: str) -> str:
        head = self.repository.head()
        if head and self.repository.entry(path, commit=head):
            return f"git checkout HEAD -- {shell_word(path)}"
        return "correct 'file' in the configuration, or remove the pin"

    def has_directory(self, path: str) -> bool:
        """Whether there is a directory at ``path``."""
        if not self.commit:
            return (self.repository.work_tree / path).is_dir()
        entry = self._on_the_way(path).get(path)
        return entry is not None and entry.kind is EntryKind.DIRECTORY

    @cached_property
    def submodules(self) -> tuple[Submodule, ...]:
        """What ``.gitmodules`` says."""
        return self.repository.submodules(commit=self.commit or None)


def enter(tree: Tree, link: TreeEntry) -> Tree:
    """The component that a gitlink names, at the commit that it names. Raises :class:`Unreadable`."""
    label = posixpath.join(tree.label, link.path)
    stores = tree.repository.submodule_stores(link.path, tree.submodules)
    for store in stores:
        if store.has_commit(link.sha):
            return Tree(repository=store, commit=link.sha, label=label)
    at = f"git -C {shell_word(tree.label)} " if tree.label else "git "
    if not stores:
        raise Unreadable(
            f"the submodule {label} is not initialised, so what it pins cannot be read",
            where=label,
            hint=f"{at}submodule update --init {shell_word(link.path)}",
        )
    shallow = " (it is a shallow clone)" if any(store.is_shallow for store in stores) else ""
    raise Unreadable(
        f"the commit {link.sha} that the gitlink {label} names is not in its clone{shallow}",
        where=label,
        hint=f"git -C {shell_word(label)} fetch origin {link.sha}",
    )


def normal_path(*parts: str) -> str:
    """The parts joined, without ``.``, ``..`` and double slashes. Raises :class:`Unreadable` if it leads outside."""
    path = posixpath.normpath(posixpath.join(*parts))
    if path.startswith(("../", "/")) or path in {"..", "."}:
        raise Unreadable("is not a path inside the repository", where=parts[-1])
    return path


def _upwards(path: str) -> Iterator[str]:
    """``a/b/c``, ``a/b``, ``a``."""
    yield path
    yield from (str(parent) for parent in PurePosixPath(path).parents if str(parent) != ".")


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("is not UTF-8 text", where=path) from None
