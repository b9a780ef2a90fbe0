"""Makefiles: variables, and the shell commands of recipes."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax.found import Document

_ASSIGNMENT: Final = re.compile(
    r"^[ ]*+(?:export[ \t]++|override[ \t]++)?(?P<name>[A-Za-z_][\w.-]*+)[ \t]*+(?::{0,3}|\?|\+)=[ \t]*+"
    r"(?P<value>[^\s#]*+)[ \t]*+(?:#.*)?\r?$",
    re.MULTILINE,
)
_REFERENCE: Final = re.compile(r"\$[({]([A-Za-z_][\w.-]*)[)}]")
_RECIPE: Final = re.compile(r"^[ \t][^\n]*(?:\\\n[^\n]*)*", re.MULTILINE)
"""Of a justfile, too, where blanks do."""
_SILENT: Final = re.compile(r"^([ \t]+)[@+-]+", re.MULTILINE)


def read(text: str) -> Document:
    """All variables of a makefile, and what its recipes check out or fetch."""
    from pytest_llvmgate.pins.syntax import checkout, shell

    document = Document()
    for number, line in enumerate(_ASSIGNMENT.finditer(text), start=1):
        quoted = len(line["value"]) - len(line["value"].lstrip("\"'"))
        value, start = line["value"].strip("\"'"), line.start("value") + quoted
        reference = _REFERENCE.fullmatch(value)
        document.mention([number], _as_shell(value), start)
        document.assign(line["name"], reference[1] if reference else value, start, refers=reference is not None)
    for number, recipe in enumerate(_RECIPE.finditer(text), start=1):
        if "llvm" in recipe[0].lower() or "git" in recipe[0]:
            script = _SILENT.sub(lambda match: match[1] + " " * (len(match[0]) - len(match[1])), recipe[0])
            document.absorb(checkout.read(shell.commands(_as_shell(script))), recipe.start(), number)
    return document


def _as_shell(text: str) -> str:
    """``$(NAME)`` as the shell would write it, in as many characters."""
    return _REFERENCE.sub(lambda match: f"${{{match[1]}}}", text) if "$" in text else text
