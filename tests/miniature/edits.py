"""Changes of a tree of text files that can undo themselves, so that a revert is derived from what it reverts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class ConflictError(ValueError):
    """A change does not fit the tree that it is applied to: the plan has its commits in an impossible order."""


@dataclass(kw_only=True)
class Tree:
    """The files of a commit, and which of them changed since :meth:`take_changes` was last called."""

    files: dict[str, str] = field(default_factory=dict)
    executables: set[str] = field(default_factory=set)
    _changed: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, directory: Path) -> Tree:
        """The text files below ``directory``, all of them marked as changed."""
        tree = cls()
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                name = path.relative_to(directory).as_posix()
                tree[name] = path.read_text(encoding="utf-8")
                if path.stat().st_mode & 0o100:
                    tree.executables.add(name)
        return tree

    def __contains__(self, path: str) -> bool:
        return path in self.files

    def __getitem__(self, path: str) -> str:
        try:
            return self.files[path]
        except KeyError:
            raise ConflictError(f"{path} is not in the tree") from None

    def __setitem__(self, path: str, text: str) -> None:
        self.files[path] = text
        self._changed.add(path)

    def __delitem__(self, path: str) -> None:
        del self.files[path]
        self._changed.add(path)

    def take_changes(self) -> list[tuple[str, str | None]]:
        """Path and new text (None: removed) of everything that changed, sorted by path."""
        changes = [(path, self.files.get(path)) for path in sorted(self._changed)]
        self._changed.clear()
        return changes


class Edit(Protocol):
    """One change."""

    def apply(self, tree: Tree) -> None:
        """Change ``tree``. Raises :class:`ConflictError` where the change does not fit."""

    def inverse(self) -> Edit:
        """The change that undoes this one."""


@dataclass(frozen=True)
class Replace:
    """Every occurrence of a text in some files; each must have at least one, and none of the new text."""

    old: str
    new: str
    paths: tuple[str, ...]

    def apply(self, tree: Tree) -> None:
        for path in self.paths:
            if self.old not in tree[path]:
                raise ConflictError(f"{path} does not say {self.old!r}")
            tree[path] = tree[path].replace(self.old, self.new)

    def inverse(self) -> Replace:
        return Replace(self.new, self.old, self.paths)


@dataclass(frozen=True)
class Move:
    """A file under another name."""

    source: str
    target: str

    def apply(self, tree: Tree) -> None:
        tree[self.target] = tree[self.source]
        del tree[self.source]

    def inverse(self) -> Move:
        return Move(self.target, self.source)


@dataclass(frozen=True)
class Write:
    """A file with these contents, instead of whatever was there. Not to be undone."""

    path: str
    text: str

    def apply(self, tree: Tree) -> None:
        tree[self.path] = self.text

    def inverse(self) -> Edit:
        raise ConflictError(f"what {self.path} was before is not known")


@dataclass(frozen=True)
class Remove:
    """A file no more. Not to be undone."""

    path: str

    def apply(self, tree: Tree) -> None:
        tree[self.path]  # must be there
        del tree[self.path]

    def inverse(self) -> Edit:
        raise ConflictError(f"what {self.path} was is not known")


@dataclass(frozen=True)
class Remark:
    """A comment on the last line of a file, in place of an earlier remark: a change without any consequence."""

    path: str
    text: str

    def apply(self, tree: Tree) -> None:
        sign = "#" if self.path.endswith(("CMakeLists.txt", ".cmake")) else "//"
        marker = f"{sign} Reviewed: "
        lines = tree[self.path].splitlines(keepends=True)
        if lines and lines[-1].startswith(marker):
            lines.pop()
        tree[self.path] = "".join(lines) + f"{marker}{self.text}\n"

    def inverse(self) -> Edit:
        raise ConflictError("nobody reverts a comment")


def inverses(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits that undo ``edits``, in the order in which to apply them."""
    return tuple(edit.inverse() for edit in reversed(tuple(edits)))
