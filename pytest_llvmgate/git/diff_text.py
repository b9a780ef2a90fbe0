"""The change of a text in git's form."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator


def unified_diff(path: str, old: str, new: str) -> str:
    """The change of one file in git's form."""
    lines = difflib.unified_diff(lines_of(old), lines_of(new), f"a/{path}", f"b/{path}")
    return "".join(_whole(lines))


def lines_of(text: str) -> list[str]:
    """The lines with their breaks, which the last may lack."""
    return re.findall(r"[^\n]*\n|[^\n]+$", text)


def _whole(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
