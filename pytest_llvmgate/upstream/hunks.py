"""What a commit changed, hunk by hunk: lines removed and lines added in their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_AT: Final = "@@ -"
_NEXT_FILE: Final = "diff --git "
_LONGEST: Final = 60
"""Lines of one replacement; longer ones rewrite rather than follow a change."""


@dataclass(frozen=True, kw_only=True)
class ChangedLines:
    """Lines that took the place of others."""

    file: str
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


def hunks(diff: str) -> Iterator[ChangedLines]:
    """Lines that went, and those that came in their place (either may be none), of a unified diff as git prints it."""
    file, is_header = "", True
    removed, added = list[str](), list[str]()
    for text in (*diff.split("\n"), _NEXT_FILE):
        if text.startswith("\\"):  # which says that the line before has no newline
            continue
        is_added = not is_header and text.startswith("+")
        if (removed or added) and not is_added and (added or not text.startswith("-")):
            yield ChangedLines(file=file, removed=tuple(removed), added=tuple(added))
            removed, added = [], []
        if is_added:
            added.append(text[1:])
        elif text.startswith("-") and not is_header:
            removed.append(text[1:])
        elif text.startswith(_AT):
            is_header = False
        elif text.startswith(_NEXT_FILE):
            file, is_header = "", True
        elif text.startswith("+++ "):
            file = text[4:].removeprefix("b/").rstrip("\t")


def replacements(diff: str) -> Iterator[ChangedLines]:
    """Those of them that replace a few lines by a few."""
    for one in hunks(diff.replace("\r\n", "\n")):
        if one.removed and one.added and len(one.removed) + len(one.added) <= _LONGEST:
            yield one
