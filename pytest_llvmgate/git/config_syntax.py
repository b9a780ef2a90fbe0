"""The syntax of git's configuration files (git-config(1), section "Syntax"), read without running git."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_SECTION: Final = re.compile(r'\s*\[\s*(?P<section>[A-Za-z0-9.-]+)(?:\s+"(?P<name>(?:\\.|[^"\\])*)")?\s*\]', re.DOTALL)
_VARIABLE: Final = re.compile(r"\s*(?P<key>[A-Za-z][A-Za-z0-9-]*)[ \t]*(?:=[ \t]*(?P<value>.*))?$", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "b": "\b"}


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One line of a configuration file."""

    section: str
    """In lower case."""
    name: str | None
    """The quoted part of the section's header; ``None`` where it has none."""
    key: str
    """In lower case."""
    value: str
    """Without quotes and escapes; a key without ``=`` has ``true``, as git understands it."""


def parse(text: str) -> Iterator[Variable]:
    """The variables in the order of the file. What makes no sense is skipped, includes are not followed."""
    section, name = "", None
    # Lines that end in a backslash are joined to the next.
    for line in re.sub(r"\\\r?\n", "", text.removeprefix("\ufeff")).splitlines():
        rest = line
        if header := _SECTION.match(line):
            section, name = header["section"].lower(), header["name"]
            name = None if name is None else re.sub(r"\\(.)", r"\1", name, flags=re.DOTALL)
            rest = line[header.end() :]
        variable = _VARIABLE.match(rest)
        if variable and section:
            value = "true" if variable["value"] is None else _value(variable["value"])
            yield Variable(section=section, name=name, key=variable["key"].lower(), value=value)


def quoted(value: str) -> str:
    """A value as it stands in a configuration file."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"), ("\b", "\\b")):
        value = value.replace(plain, escaped)
    return f'"{value}"'


def _value(raw: str) -> str:
    """A value without its comment, quotes, escapes and surrounding blanks."""
    result: list[str] = []
    is_quoted, kept = False, 0
    for token in re.finditer(r"\\(.)|(.)", raw):
        escaped, plain = token.groups()
        if escaped is not None:
            result.append(_ESCAPES.get(escaped, escaped))
            kept = len(result)
        elif plain == '"':
            is_quoted = not is_quoted
            kept = len(result)
        elif plain in "#;" and not is_quoted:
            break
        else:
            result.append(plain)
            kept = len(result) if is_quoted or not plain.isspace() else kept
    return "".join(result[:kept])
