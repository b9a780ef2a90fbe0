"""CMake: what ``set`` gives a variable, and the ``GIT_TAG`` of a fetched project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from pytest_llvmgate.cmake.listfile import Argument, Command, parse
from pytest_llvmgate.pins.syntax.found import Assignment, Document

_REFERENCE: Final = re.compile(r"\$\{([A-Za-z0-9_.-]+)\}")
_FETCHED: Final = frozenset({"GIT_TAG", "URL", "URL_HASH", "GIT_REPOSITORY", "GITHUB_REPOSITORY"})
"""Keywords of FetchContent_Declare, ExternalProject_Add and CPMAddPackage whose value is one argument."""


def read(text: str) -> Document:
    """All assignments of a CMake file."""
    document = Document()
    lines = _line_starts(text)
    for scope, command in enumerate(parse(text), start=1):
        document.mention([scope], " ".join(command.words))
        for name, argument in _pairs(command):
            start = text.find(argument.text, lines[argument.line - 1])
            if start < 0:
                continue
            reference = _REFERENCE.fullmatch(argument.text)
            value = reference[1] if reference else argument.text
            in_scope = 0 if command.name == "set" else scope
            document.assignments.append(
                Assignment(name=name, text=value, start=start, scope=in_scope, refers=reference is not None)
            )
    return document


def _pairs(command: Command) -> Iterator[tuple[str, Argument]]:
    arguments = command.arguments
    if command.name == "set" and len(arguments) > 1:
        yield arguments[0].text, arguments[1]
        return
    for keyword, value in pairwise(arguments):
        if keyword.text in _FETCHED:
            yield f"{arguments[0].text}.{keyword.text}", value


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer(r"\n", text))]
