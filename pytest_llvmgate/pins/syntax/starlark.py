"""Bazel, Starlark and Python-like ``DEPS`` files: assignments, keyword arguments, dictionary entries."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax.found import Assignment, Document

_TOKEN: Final = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<string>[rRbB]{0,2}(?:\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'''(?:\\.|[^\\])*?(?:'''|\Z)
                                |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<equals>=(?!=))
      | (?P<colon>:)
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | (?P<newline>\n)
      | (?P<other>[^\s\w]|\d\w*)""",
    re.VERBOSE | re.DOTALL,
)
_QUOTES: Final = re.compile(r"""[rRbB]{0,2}("{3}|'{3}|"|')""")


def read(text: str) -> Document:
    """All assignments of a Starlark file. A statement is a scope of what is used in it, not of what it assigns."""
    document = Document()
    scopes, opened, statement = [0], 1, 1
    name, joint = "", ""
    waiting: tuple[str, list[int]] | None = None
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "comment":
            continue
        if kind == "newline":
            statement, opened = (opened + 1, opened + 1) if len(scopes) == 1 else (statement, opened)
            continue
        around = [statement, *scopes[1:]]
        if waiting and kind != "equals":  # a name before `=` is given a value, all others are used
            document.use(*waiting)
        waiting = (token[0], around) if kind == "name" else None
        if kind == "open":
            opened += 1
            scopes.append(opened)
        elif kind == "close" and len(scopes) > 1:
            scopes.pop()
        if kind in {"string", "name"}:
            value, start = _inside(token)
            if joint:
                document.assignments.append(
                    Assignment(name=name, text=value, start=start, scope=scopes[-1], refers=kind == "name")
                )
            if kind == "string":
                document.mention(around, value, start)
            name, joint = value, ""
        elif kind in {"equals", "colon"} and name:
            joint = str(kind)
        else:
            name, joint = "", ""
    return document


def _inside(token: re.Match[str]) -> tuple[str, int]:
    """A string without its quotes, or the name, and where it begins."""
    quotes = _QUOTES.match(token[0])
    if not quotes or token.lastgroup == "name":
        return token[0], token.start()
    return token[0][quotes.end() :].removesuffix(quotes[1]), token.start() + quotes.end()
