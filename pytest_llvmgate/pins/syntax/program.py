"""Programs in languages with C's strings and comments (Rust, Go, Kotlin, TypeScript, Zig): build scripts, mostly.

A string is a scope. One that is a commit belongs to the name that it is given to, else to the function that returns it;
a release to a name alone.
"""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax.found import RELEASE, Document, is_commit

_TOKEN: Final = re.compile(
    r"""(?P<comment>//[^\n]*+|/\*(?>(?:[^*]++|\*(?!/))*)(?:\*/|\Z))
      | "(?P<string>(?>(?:\\.|[^"\\\n]++)*))"
      | '(?P<single>[\w.:/@+-]{5,300})'
      | `(?P<template>[^`\\\n]{5,300})`
      | \b(?:fn|func|fun|function|def)[ \t]++(?P<function>[A-Za-z_]\w*+)""",
    re.VERBOSE,
)
_STRINGS: Final = frozenset({"string", "single", "template"})
_GIVEN_TO: Final = re.compile(
    r"(?<![\w.])(?P<name>[A-Za-z_][\w.]*+)[\"']?[ \t]*+(?::[ \t]*+[&'\w<>\[\] ]{1,40}?)?(?::?=|:|\(|\|\||\?\?)[ \t]*+$"
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
        elif token.lastgroup in _STRINGS:
            value, start = token[token.lastgroup], token.start(token.lastgroup)
            document.mention([number], value, start)
            if is_commit(value) or RELEASE.fullmatch(value):
                line = text[max(text.rfind("\n", 0, token.start()) + 1, token.start() - _BEFORE) : token.start()]
                given = _GIVEN_TO.search(line)
                if given or is_commit(value):
                    document.assign(given["name"].lstrip(".") if given else function, value, start)
    return document
