"""What a commit changed, hunk by hunk: lines removed and lines added in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
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
    file, line = "", 0
    removed: tuple[str, ...] = ()
    for sign, group in groupby(diff.splitlines(), key=_sign):
        texts = list(group)
        if sign == "+" and removed and len(removed) + len(texts) <= _LONGEST:
            yield ChangedLines(file=file, line=line, removed=removed, added=tuple(text[1:] for text in texts))
        if sign == "+++":
            file = texts[-1][4:].removeprefix("b/").rstrip("\t")
        elif sign == "@@" and (match := _AT.match(texts[-1])):
            line = int(match[1])
        elif sign not in {"-", "\\"}:
            line += len(texts)
        if sign != "\\":  # which says that the line before has no newline
            removed = tuple(text[1:] for text in texts) if sign == "-" else ()


def _sign(text: str) -> str:
    """What a line of a diff is: removed, added, a remark of git's, a file, a hunk, or there before and after."""
    return "+++" if text.startswith("+++ ") else "@@" if _AT.match(text) else text[:1]
