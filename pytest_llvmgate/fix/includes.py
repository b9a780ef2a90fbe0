"""Edits of ``#include`` lines, and of TableGen's ``include``."""

from __future__ import annotations

import re

from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.include_lines import INCLUDE


def replaced_include(text: str, old: str, new: str) -> tuple[Edit, ...]:
    """Put another header's name (its brackets and all for ``<...>``) into the line that includes ``old``.

    The line goes where ``new`` is there already, or is empty.
    """
    present = {match["name"][1:-1] for match in INCLUDE.finditer(text)}
    found = []
    for match in (one for one in INCLUDE.finditer(text) if one["name"][1:-1] == old):
        begin, end = match.span("name")
        if not new or new.strip("<>") in present:
            found.append(Edit(start=match.start(), end=min(match.end() + 1, len(text)), text=""))
        elif new.startswith("<"):
            found.append(Edit(start=begin, end=end, text=new))
        else:
            found.append(Edit(start=begin + 1, end=end - 1, text=new))
    return tuple(found)


def new_include(text: str, header: str, *, word: str = "#include") -> tuple[Edit, ...]:
    """Include one more header, beside those that it is most like; none where it is there, or none is asked for.

    ``header`` may be written with its angle brackets; ``word`` is what the language has for it.
    """
    written = header if header.startswith("<") else f'"{header}"'
    lines = list(INCLUDE.finditer(text))
    if not header or any(match["name"][1:-1] == written[1:-1] for match in lines):
        return ()
    if not lines:
        return (Edit(start=0, end=0, text=f"{word} {written}\n"),)
    best = max(range(len(lines)), key=lambda at: (_shared(lines[at]["name"], written), lines[at]["name"] < written, at))
    line = lines[best]
    if line["name"] > written and _shared(line["name"], written) > 1:
        return (Edit(start=line.start(), end=line.start(), text=f"{word} {written}\n"),)
    return (Edit(start=line.end(), end=line.end(), text=f"\n{word} {written}"),)


def _shared(one: str, other: str) -> int:
    """Directories that two names begin with; the brackets count like one."""
    count = 0
    for a, b in zip(re.split(r'/|(?<=["<])', one), re.split(r'/|(?<=["<])', other), strict=False):
        if a != b:
            break
        count += 1
    return count
