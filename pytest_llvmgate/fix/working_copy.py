"""A copy of the downstream in which edits are tried: nothing of the user's checkout is touched.

The copy has what git knows of the work tree (and what it does not ignore), submodules included. Compile commands are
those of the real build directory, with the checkout's path replaced; generated files stay where the build made them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand
from pytest_llvmgate.git.diff_text import unified_diff
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.tree_copy import copy_tree
from pytest_llvmgate.model import RUN_DIRECTORY
from pytest_llvmgate.plain_file import read_plain

_ENCODING: Final = "latin-1"
"""Every byte is a character: offsets are those of the grammar, and what was there is written back as it was."""

_DIRECTORY_OPTIONS: Final = ("-I", "-isystem", "-iquote", "-idirafter")


@dataclass(kw_only=True)
class WorkingCopy:
    """The copy of one checkout."""

    source: Path
    """What is copied: the checkout, or what the gate builds in its place where components carry patches."""
    checkout: Path
    """The user's."""
    root: Path
    """The copy's top."""
    build: Path
    """The build directory, which is not copied."""
    submodules: tuple[str, ...] = ()
    """Their paths, the deepest first."""
    _original: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, source: Path, build: Path, root: Path, *, checkout: Path | None = None) -> WorkingCopy:
        """Copy the tree at ``source`` to ``root``, which must not exist. Raises ``RepositoryError`` without git."""
        repository = Repository.open(source)
        submodules = tuple(reversed(copy_tree(repository, root)))
        top = repository.work_tree
        return cls(source=top, checkout=checkout or top, root=root, build=build, submodules=submodules)

    # -- files --------------------------------------------------------------------------------------------------------

    def path_of(self, printed: str, directory: Path) -> str:
        """A path as a compiler prints it, relative to the copy; empty for one that lies elsewhere."""
        path = Path(printed) if Path(printed).is_absolute() else directory / printed
        try:
            found = path.resolve()
        except OSError:
            return ""
        return found.relative_to(self.root.resolve()).as_posix() if found.is_relative_to(self.root.resolve()) else ""

    def read(self, path: str) -> str:
        """The text as it stands; empty where there is no such file."""
        try:
            return read_plain(self.root / path).decode(_ENCODING)
        except OSError:
            return ""

    def write(self, path: str, text: str) -> None:
        """Put another text there."""
        self._original.setdefault(path, self.read(path))
        (self.root / path).write_bytes(text.encode(_ENCODING))

    def adopt(self, path: str, original: str) -> None:
        """Take notice of an edit that a program made; ``original`` is what was there before."""
        self._original.setdefault(path, original)

    def snapshot(self) -> dict[str, str]:
        """What the edited files say now."""
        return {path: self.read(path) for path in self._original}

    def restore(self, before: Mapping[str, str]) -> None:
        """Undo every edit since a snapshot."""
        for path, text in self._original.items():
            self.write(path, before.get(path, text))

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that differ from the checkout."""
        return tuple(sorted(path for path, text in self._original.items() if self.read(path) != text))

    def original(self, path: str) -> str:
        """The text as the checkout has it."""
        return self._original[path] if path in self._original else self.read(path)

    def owner_of(self, path: str) -> str:
        """The submodule that a file lies in; empty for the downstream itself."""
        return next((module for module in self.submodules if path.startswith(f"{module}/")), "")

    def patch(self, owner: str = "") -> str:
        """What changed in the downstream or in one submodule, as ``git apply`` takes it there."""
        paths = [path for path in self.changed if self.owner_of(path) == owner]
        start = f"{owner}/" if owner else ""
        diffs = (unified_diff(path.removeprefix(start), self.original(path), self.read(path)) for path in paths)
        return as_shown("".join(diffs))

    # -- commands -----------------------------------------------------------------------------------------------------

    def moved(self, command: CompileCommand) -> CompileCommand | None:
        """The command for the copy's file; ``None`` for a file that git does not know."""
        file = Path(self.there(str(command.file)))
        if not file.is_file():
            return None
        words = (self.there(self._absolute(word, command.directory)) for word in command.arguments[1:])
        return replace(command, file=file, arguments=(*command.arguments[:1], *words))

    def _absolute(self, word: str, directory: Path) -> str:
        """A word that names a file of the checkout from the build directory, as Meson writes it, by its whole path."""
        option = next((each for each in _DIRECTORY_OPTIONS if word.startswith(each)), "")
        path = directory / word.removeprefix(option)
        is_path = word != option and (option or {".", "/"} & {*word})
        found = os.path.realpath(path) if is_path and os.path.exists(path) else ""  # noqa: PTH110 - too long is no
        return f"{option}{found}" if self.there(found) != found else word

    def there(self, word: str) -> str:
        """A word of a command with the copy's paths in place of the checkout's."""
        return _paths(str(self.source), str(self.build)).sub(lambda _: str(self.root), word)


def _paths(source: str, build: str) -> re.Pattern[str]:
    """The checkout's path where it ends or goes on below, but for what was not copied: builds, and the gate's files."""
    inner = [build.removeprefix(source)] if build.startswith(f"{source}/") else []
    but = "|".join(re.escape(path) for path in (*inner, f"/{RUN_DIRECTORY}"))
    return re.compile(rf"{re.escape(source)}(?!(?:{but})(?:/|$))(?=/|$|[\"'])")


def as_shown(text: str) -> str:
    """Text of a file as people read it: what was read byte by byte is taken as UTF-8."""
    return text.encode(_ENCODING).decode("utf-8", "replace")
