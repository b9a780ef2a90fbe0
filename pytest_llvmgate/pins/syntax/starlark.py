"""Bazel, Starlark and Python-like ``DEPS`` files: assignments, keyword arguments, dictionary entries."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.pins.syntax.found import Document

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
    scan = _Scan(Document())
    for token in _TOKEN.finditer(text):
        if token.lastgroup != "comment":
            scan.take(token)
    return scan.document


@dataclass
class _Scan:
    """One pass over the tokens."""

    document: Document
    scopes: list[int] = field(default_factory=lambda: [0])
    opened: int = 1
    statement: int = 1
    name: str = ""
    joint: str = ""
    waiting: tuple[str, list[int]] | None = None
    """A name that is used, unless what follows gives it a value."""

    def take(self, token: re.Match[str]) -> None:
        """The next token."""
        kind = str(token.lastgroup)
        if kind == "newline":
            self._end_line()
            return
        around = [self.statement, *self.scopes[1:]]
        if self.waiting and kind != "equals":
            self.document.use(*self.waiting)
        self.waiting = (token[0], around) if kind == "name" else None
        if kind == "open":
            self.opened += 1
            self.scopes.append(self.opened)
        elif kind == "close" and len(self.scopes) > 1:
            self.scopes.pop()
        if kind == "name" and token[0].startswith("sparse_checkout"):
            self.document.partial.add(self.scopes[-1])
        if kind in {"string", "name"}:
            self._value(token, around)
        elif kind in {"equals", "colon"} and self.name:
            self.joint = kind
        else:
            self.name, self.joint = "", ""

    def _end_line(self) -> None:
        if len(self.scopes) == 1:
            self.opened += 1
            self.statement = self.opened

    def _value(self, token: re.Match[str], around: list[int]) -> None:
        value, start = _inside(token)
        is_name = token.lastgroup == "name"
        if self.joint:
            self.document.assign(self.name, value, start, scope=self.scopes[-1], refers=is_name)
        if not is_name:
            self.document.mention(around, value, start)
        self.name, self.joint = value, ""


def _inside(token: re.Match[str]) -> tuple[str, int]:
    """A string without its quotes, or the name, and where it begins."""
    quotes = _QUOTES.match(token[0])
    if not quotes or token.lastgroup == "name":
        return token[0], token.start()
    return token[0][quotes.end() :].removesuffix(quotes[1]), token.start() + quotes.end()
