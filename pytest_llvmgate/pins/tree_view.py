"""A tree as the search for pins sees it: the work tree with its index, or a commit; its files, gitlinks and modules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Final

from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.gitmodules import Submodule
from pytest_llvmgate.pins.tree import Tree

_COMMITTED: Final = re.compile(rb"^committer-time ([0-9]+)$", re.MULTILINE)
_LARGEST: Final = 2 * 1024 * 1024
"""Bytes; larger files are data."""


class TreeView(Tree):
    """A tree as the search sees it."""

    @cached_property
    def _listed(self) -> Mapping[str, tuple[str, str]]:
        """Path to git's mode and object of every file and gitlink."""
        words = ("ls-tree", "-r", "--full-tree", self.commit) if self.commit else ("ls-files", "--stage", "--full-name")
        lines = (line.partition("\t") for line in self.repository.names(words[0], "-z", *words[1:]))
        entries = ((path, meta.split(" ")) for meta, _, path in lines)
        return {path: (mode, rest[1] if self.commit else rest[0]) for path, (mode, *rest) in entries}

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Plain files; a symbolic link says what another file says."""
        return tuple(path for path, (mode, _) in self._listed.items() if mode.startswith("100"))

    @cached_property
    def gitlinks(self) -> Mapping[str, str]:
        """Path to commit."""
        if not self.commit:
            return super().gitlinks
        return {path: sha for path, (mode, sha) in self._listed.items() if mode == "160000"}

    @cached_property
    def paths(self) -> frozenset[str]:
        """Files, gitlinks and the directories above them."""
        return frozenset(self._listed) | frozenset(_directories(self._listed))

    @cached_property
    def modules(self) -> Mapping[str, Submodule]:
        """Path to the section of ``.gitmodules``."""
        return {module.path: module for module in self.submodules}

    def url_of(self, path: str) -> str:
        """Where the submodule at ``path`` comes from; empty where nothing says so."""
        return self.modules[path].url if path in self.modules else ""

    @cached_property
    def newest(self) -> str:
        """The day of the commit that is looked at, ISO 8601; empty before the first. It names none that came later."""
        commit = self.commit or self.repository.head()
        return self.repository.run("log", "-1", "--format=%cs", commit).decode().strip() if commit else ""

    def content(self, path: str) -> str | None:
        """The content of a file; ``None`` where it cannot be read."""
        try:
            return self.text(path)
        except GateError:
            return None

    def texts(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Path and content of those files that are text and not too long."""
        for path, data in self._data(list(paths)):
            if len(data) <= _LARGEST:
                yield path, data.decode("utf-8", "replace")

    def _data(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        if self.commit:
            yield from self.repository.contents({path: self._listed[path][1] for path in paths})
            return
        for path in paths:
            with suppress(GateError):
                yield path, self.on_disk(path)

    def changed_last(self, path: str, lines: Sequence[int]) -> int:
        """The one of a file's lines that was committed last; the first where that cannot be told."""
        words = [f"-L{line},{line}" for line in lines]
        try:
            output = self.repository.run("blame", "--line-porcelain", *words, self.commit or "HEAD", "--", path)
        except GateError:
            return lines[0]
        when = [int(word) for word in _COMMITTED.findall(output)]
        found = sorted(set(lines))
        return found[when.index(max(when))] if len(when) == len(found) else lines[0]

    def speaks_of(self, path: str) -> bool:
        """Whether a file of the tree names a path that a component has."""
        return bool(self.grep(["-F", "-e", path], ()))

    def grep(self, patterns: Iterable[str], pathspecs: Iterable[str]) -> list[str]:
        """The tracked files with one of the patterns (``-E`` or ``-F`` first)."""
        words = ["--no-literal-pathspecs", "grep", "-l", "-I", "-z", "--no-color", *patterns]
        words += filter(None, [self.commit])
        skip = len(self.commit) + 1 if self.commit else 0
        return [path[skip:] for path in self.repository.names(*words, "--", *pathspecs, ok=(0, 1))]


def _directories(files: Iterable[str]) -> Iterator[str]:
    """The directories above the files, each once; pathlib would take longer than git takes to list the files."""
    seen: set[str] = set()
    for path in files:
        while (path := path.rpartition("/")[0]) and path not in seen:
            seen.add(path)
            yield path
