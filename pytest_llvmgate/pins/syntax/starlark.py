"""Bazel, Starlark and Python-like ``DEPS`` files: assignments, keyword arguments, dictionary entries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.pins.syntax.found import Document

_TOKEN: Final = re.compile(
    r"""[ \t]*+(?:
        (?P<name>[A-Za-z_][A-Za-z0-9_]*+(?!["']))
      | (?P<newline>\n)
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | (?P<string>[rRbBfF]{0,2}(?:\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'''(?:\\.|[^\\])*?(?:'''|\Z)
                                |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<equals>=(?!=))
      | (?P<colon>:)
      | (?P<comment>\#[^\n]*)
      | (?P<other>[^\s\w"'#=:()\[\]{}]+|[^\s\w]|\d\w*))""",
    re.VERBOSE | re.DOTALL,
)
_QUOTES: Final = re.compile(r"""[rRbBfF]{0,2}("{3}|'{3}|"|')""")


def read(text: str) -> Document:
    """All assignments of a Starlark file. A statement is a scope of what is used in it, not of what it assigns."""
    document = Document()
    nesting = _Nesting()
    name = joint = waiting = ""
    """A name or key, what stands between it and its value, and a name that is used unless a value follows."""
    used_in = nesting.around
    for kind, word, start in _words(text):
        if kind in _NEST:
            nesting.take(kind)
        if kind == "newline":
            continue
        if waiting and kind != "equals":
            document.use(waiting, used_in)
        waiting = ""
        if kind in _VALUES:
            if joint:
                document.assign(name, word, start, scope=nesting.scopes[-1], refers=kind == "name")
            if kind == "name":
                waiting, used_in = word, nesting.around
                document.partial.update(nesting.scopes[-1:] if word.startswith("sparse_checkout") else ())
            else:
                document.mention(nesting.around, word, start)
            name, joint = word, ""
        elif name and kind in _JOINTS:
            joint = kind
        else:
            name = joint = ""
    return document


_VALUES: Final = frozenset({"name", "string"})
_JOINTS: Final = frozenset({"equals", "colon"})
_NEST: Final = frozenset({"newline", "open", "close"})


def _words(text: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and place of everything but comments; a string without its quotes."""
    for token in _TOKEN.finditer(text):
        kind = str(token.lastgroup)
        if kind == "string":
            quotes = _QUOTES.match(token[kind])
            begin = quotes.end() if quotes else 0
            yield kind, token[kind][begin:].removesuffix(quotes[1] if quotes else ""), token.start(kind) + begin
        elif kind != "comment":
            yield kind, token[kind], token.start(kind)


@dataclass
class _Nesting:
    """The calls, lists and objects around a place."""

    scopes: list[int] = field(default_factory=lambda: [0])
    around: tuple[int, ...] = (1,)
    """The statement and the scopes in it."""
    opened: int = 1

    def take(self, kind: str) -> None:
        """A bracket, or the end of a line."""
        if kind == "open":
            self.opened += 1
            self.scopes.append(self.opened)
        elif kind == "close" and len(self.scopes) > 1:
            self.scopes.pop()
        elif kind == "newline" and len(self.scopes) > 1:
            return
        statement = self.around[0]
        if kind == "newline":
            statement = self.opened = self.opened + 1
        self.around = (statement, *self.scopes[1:])
