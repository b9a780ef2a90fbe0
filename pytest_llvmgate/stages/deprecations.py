"""Which deprecated names of LLVM a build uses, told from its compilers' warnings: the next LLVM may not have them.

A warning counts where the note after it says that the declaration lies in the LLVM that is built on. Of a build in
which not all was compiled, what an earlier one said stays true while the line still has the name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import said
from pytest_llvmgate.plain_file import text_of

_OPTION: Final = "[-Wdeprecated-declarations]"
_QUOTES: Final = "'\u2018\u2019"
_IS_DEPRECATED: Final = " is deprecated"
_WORD: Final = re.compile(r"[A-Za-z_]\w{0,200}")
_LONGEST: Final = 4000
"""Characters of a line."""
_MOST: Final = 500
"""Names that are kept."""
_PLACES: Final = 50
"""Places that are kept of each."""
_LARGEST_SOURCE: Final = 16 << 20

Deprecations = Mapping[str, tuple[str, ...]]
"""``name: what to do instead`` to places, ``file:line``."""


def read_deprecations(log: Path, *, llvm: Iterable[Path], source: Path) -> Deprecations:
    """What a build's log says; ``llvm`` are the roots of its install, and places are relative to ``source``."""
    roots = tuple(f"{root}/" for root in llvm)
    found: dict[str, list[str]] = {}
    place = what = ""
    with log.open(encoding="utf-8", errors="replace") as stream:
        for line in (raw[:_LONGEST].rstrip() for raw in stream):
            if line.endswith(_OPTION):
                head, _, what = line.partition(": warning: ")
                place = _place(head, source)
            elif ": warning: " in line or ": error: " in line:
                place = ""
            elif place and (header := _declared_at(line)):
                if header.startswith(roots) and (key := _key(what)):
                    places = found.setdefault(key, []) if key in found or len(found) < _MOST else []
                    places.append(place)
                place = ""
    return {key: tuple(dict.fromkeys(places))[:_PLACES] for key, places in found.items()}


def _place(head: str, source: Path) -> str:
    """``file:line`` of what a compiler prints before its message; empty for another form."""
    path, line, column = (*head.rsplit(":", 2), "", "")[:3]
    return f"{path.removeprefix(f'{source}/')}:{line}" if line.isdecimal() and column.isdecimal() else ""


def _declared_at(line: str) -> str:
    """The file that a note says the declaration is in; empty for another note."""
    head, _, text = line.partition(": note: ")
    is_declaration = text == "declared here" or text.endswith("has been explicitly marked deprecated here")
    return head.rsplit(":", 2)[0] if is_declaration else ""


def _key(what: str) -> str:
    """``name: what to do instead``; empty where the message has another form."""
    declaration, found, text = what.removesuffix(_OPTION).partition(_IS_DEPRECATED)
    name = _name(declaration.strip(_QUOTES))
    text = text.strip().removeprefix(":").strip()
    return "" if not found or not name else f"{name}: {text}" if text else name


def _name(declaration: str) -> str:
    """The last part of a declaration's name: compilers print more or less of the rest."""
    plain = re.split(r"[(<\[]", declaration, maxsplit=1)[0]
    words = _WORD.findall(plain)
    return words[-1] if words else ""


def still_true(before: Deprecations, root: Path) -> Deprecations:
    """What an earlier build said, without the places whose line does not have the name any more."""
    lines: dict[str, list[str]] = {}
    kept = {key: tuple(_standing(key, places, root, lines)) for key, places in before.items()}
    return {key: places for key, places in kept.items() if places}


def _standing(key: str, places: Iterable[str], root: Path, lines: dict[str, list[str]]) -> Iterator[str]:
    name = key.partition(":")[0]
    for place in places:
        path, _, number = place.rpartition(":")
        if path not in lines:
            lines[path] = text_of(root / path, _LARGEST_SOURCE).split("\n")
        at = int(number) - 1
        if name in (lines[path][at] if 0 <= at < len(lines[path]) else ""):
            yield place


def joined(*several: Deprecations) -> Deprecations:
    """All of them."""
    found: dict[str, dict[str, None]] = {}
    for each in several:
        for key, places in each.items():
            found.setdefault(key, {}).update(dict.fromkeys(places))
    return {key: tuple(places)[:_PLACES] for key, places in found.items()}


def as_fact(found: Deprecations) -> str:
    """As a result's fact."""
    return json.dumps(found, sort_keys=True, ensure_ascii=False)


def from_fact(text: str) -> Deprecations:
    """From a result's fact."""
    return said(dict[str, tuple[str, ...]], text, {})
