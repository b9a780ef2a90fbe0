"""``.gitmodules``: the part of git's configuration syntax that it uses (git-config(1), section "Syntax").

Read here rather than by ``git config``, so that a history with many versions of the file costs no process for each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SECTION: Final = re.compile(r'\s*\[\s*(?P<section>[A-Za-z0-9.-]+)(?:\s+"(?P<name>(?:\\.|[^"\\])*)")?\s*\]', re.DOTALL)
_VARIABLE: Final = re.compile(r"\s*(?P<key>[A-Za-z][A-Za-z0-9-]*)[ \t]*(?:=[ \t]*(?P<value>.*))?$", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "b": "\b"}


@dataclass(frozen=True, kw_only=True)
class Submodule:
    """A section of ``.gitmodules``."""

    name: str
    path: str
    url: str = ""
    branch: str = ""


def parse_gitmodules(text: str) -> tuple[Submodule, ...]:
    """The submodules that have a path, in the order of their first mention. Lines that make no sense are skipped."""
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] | None = None
    for line in _logical_lines(text):
        rest = line
        header = _SECTION.match(line)
        if header:
            is_submodule = header["section"].lower() == "submodule" and header["name"] is not None
            current = sections.setdefault(_unescaped(header["name"]), {}) if is_submodule else None
            rest = line[header.end() :]
        variable = _VARIABLE.match(rest)
        if variable and current is not None:
            current[variable["key"].lower()] = _value(variable["value"] or "")
    return tuple(
        Submodule(
            name=name,
            path=values["path"].rstrip("/"),
            url=values.get("url", ""),
            branch=values.get("branch", ""),
        )
        for name, values in sections.items()
        if values.get("path")
    )


def _logical_lines(text: str) -> list[str]:
    """Lines, with those that end in a backslash joined to the next."""
    return re.sub(r"\\\r?\n", "", text.removeprefix("\ufeff")).splitlines()


def _value(raw: str) -> str:
    """A value without its comment, quotes, escapes and surrounding blanks."""
    result, is_quoted, kept = "", False, 0
    for token in re.finditer(r"\\(.)|(.)", raw):
        escaped, plain = token.groups()
        if escaped is not None:
            result += _ESCAPES.get(escaped, escaped)
            kept = len(result)
        elif plain == '"':
            is_quoted = not is_quoted
            kept = len(result)
        elif plain in "#;" and not is_quoted:
            break
        else:
            result += plain
            kept = len(result) if is_quoted or not plain.isspace() else kept
    return result[:kept]


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name, flags=re.DOTALL)
