"""What a commit changed, hunk by hunk: lines removed and lines added in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_AT: Final = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)")
_LONGEST: Final = 60
"""Lines of one replacement; longer ones rewrite rather than follow a change."""


@dataclass(frozen=True, kw_only=True)
class ChangedLines:
    """Lines that took the place of others."""

    file: str
    line: int
    """1-based, after the change."""
    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def before(self) -> str:
        """The removed lines as one text."""
        return "\n".join(self.removed)

    @property
    def after(self) -> str:
        """The added lines as one text."""
        return "\n".join(self.added)


def replacements(diff: str) -> Iterator[ChangedLines]:
    """The replacements of a unified diff as git prints it. Pure additions and removals are none."""
    reader = _DiffReader()
    for text in diff.splitlines():
        if text.startswith("+++ "):
            yield from reader.whole()
            reader.file = text[4:].removeprefix("b/").rstrip("\t")
        elif match := _AT.match(text):
            yield from reader.whole()
            reader.line = int(match[1])
        else:
            yield from reader.read(text)
    yield from reader.whole()


@dataclass(kw_only=True)
class _DiffReader:
    """Where the reading of a diff stands."""

    file: str = ""
    line: int = 0
    """Of the next line, after the change."""
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)

    def read(self, text: str) -> Iterator[ChangedLines]:
        """One line of a hunk."""
        if text.startswith("-"):
            if self.added:
                yield from self.whole()
            self.removed.append(text[1:])
        elif text.startswith("+"):
            self.added.append(text[1:])
            self.line += 1
        elif not text.startswith("\\"):
            yield from self.whole()
            self.line += 1

    def whole(self) -> Iterator[ChangedLines]:
        """The replacement that ends here, if there is one."""
        removed, added = tuple(self.removed), tuple(self.added)
        self.removed, self.added = [], []
        if removed and added and len(removed) + len(added) <= _LONGEST:
            yield ChangedLines(file=self.file, line=self.line - len(added), removed=removed, added=added)
