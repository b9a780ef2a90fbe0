"""Bazel, Starlark and Python-like ``DEPS`` files: assignments, keyword arguments, dictionary entries."""

from __future__ import annotations

import re
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
    """All assignments of a Starlark file. A statement is a scope of what is used in it, not of what it assigns.

    One loop, since histories have hundreds of versions of files with thousands of words.
    """
    document = Document()
    scopes = [0]
    opened = statement = 1
    name = joint = waiting = ""
    """A name before a joint; what stands between it and its value; a name that is used, unless a value follows."""
    around: tuple[int, ...] = (1,)
    """The scopes of whatever comes next."""
    used_in = around
    """Those of the name that waits."""
    for token in _TOKEN.finditer(text):
        kind = str(token.lastgroup)
        if kind == "comment":
            continue
        if kind == "newline":
            if len(scopes) == 1:
                opened += 1
                statement, around = opened, (opened,)
            continue
        word = token[kind]
        if waiting and kind != "equals":
            document.use(waiting, used_in)
        waiting = ""
        if kind == "name" or kind == "string":
            start = token.start(kind)
            if kind == "name":
                waiting, used_in = word, around
                if word.startswith("sparse_checkout"):
                    document.partial.add(scopes[-1])
            elif quotes := _QUOTES.match(word):
                start += quotes.end()
                word = word[quotes.end() :].removesuffix(quotes[1])
            if joint:
                document.assign(name, word, start, scope=scopes[-1], refers=kind == "name")
            if kind == "string":
                document.mention(around, word, start)
            name, joint = word, ""
        elif name and (kind == "equals" or kind == "colon"):
            joint = kind
        else:
            name = joint = ""
            if kind == "open":
                opened += 1
                scopes.append(opened)
                around = (statement, *scopes[1:])
            elif kind == "close" and len(scopes) > 1:
                scopes.pop()
                around = (statement, *scopes[1:])
    return document
