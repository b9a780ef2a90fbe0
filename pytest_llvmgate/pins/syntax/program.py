"""Programs in languages with C's strings and comments (Rust, Go, Kotlin, TypeScript, Zig): build scripts, mostly.

A string is a scope. One that is a commit belongs to the name that it is given to, else to the function that returns it.
"""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax.found import Document, is_commit

_TOKEN: Final = re.compile(
    r"""(?P<comment>//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))
      | "(?P<string>(?:\\.|[^"\\\n])*+)"
      | \b(?:fn|func|fun|function|def)[ \t]++(?P<function>[A-Za-z_]\w*+)""",
    re.VERBOSE,
)
_GIVEN_TO: Final = re.compile(
    r"(?<![\w.])(?P<name>[A-Za-z_][\w.]*+)[\"']?[ \t]*+(?::[ \t]*+[&'\w<>\[\] ]{1,40}?)?(?::?=|:|\()[ \t]*+$"
)
_BEFORE: Final = 120
"""Characters before a string in which the name that it is given to stands."""


def read(text: str) -> Document:
    """Every string of a program."""
    document = Document()
    function = ""
    for number, token in enumerate(_TOKEN.finditer(text), start=1):
        if token.lastgroup == "function":
            function = token["function"]
        elif token.lastgroup == "string":
            value, start = token["string"], token.start("string")
            document.mention([number], value, start)
            if is_commit(value):
                line = text[max(text.rfind("\n", 0, token.start()) + 1, token.start() - _BEFORE) : token.start()]
                given = _GIVEN_TO.search(line)
                document.assign(given["name"].lstrip(".") if given else function, value, start)
    return document
