"""Runs of TableGen as units: each is repeated on the copy, and what it prints says whether a ``.td`` file is right."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand, ninja_edges
from pytest_llvmgate.fix.unit_check import UnitCheck, check_command
from pytest_llvmgate.fix.working_copy import WorkingCopy

_SECONDS: Final = 300.0
_WITH_VALUE: Final = frozenset({"-o", "-d"})


def tablegen_units(build: Path, wanted: Collection[str] | None, *, ninja: str) -> list[CompileCommand]:
    """The runs that make ``wanted`` (as the build names them); ``None``: those whose outputs are not there.

    Raises ``ToolError`` where ninja cannot tell.
    """
    edges = ninja_edges(build, ninja=ninja)
    return [unit for edge in edges if _is_wanted(edge, build, wanted) for unit in _units(edge)]


def _is_wanted(edge: dict[str, str], build: Path, wanted: Collection[str] | None) -> bool:
    if "tblgen" not in edge["command"]:
        return False
    output = edge["output"]
    return not (build / output).exists() if wanted is None else output in wanted


def _units(edge: dict[str, str]) -> Iterator[CompileCommand]:
    """CMake writes ``cd DIR && mlir-tblgen ... -o FILE``."""
    directory = Path(edge["directory"])
    try:
        words = shlex.split(edge["command"])
    except ValueError:
        return
    for part in _parts(words):
        if part[:1] == ["cd"] and len(part) == 2:
            directory = directory / part[1]
        elif part and "tblgen" in Path(part[0]).name:
            files = [word for word in part[1:] if word.endswith(".td") and not word.startswith("-")]
            if files:
                file = directory / files[0]
                yield CompileCommand(directory=directory, file=file, arguments=tuple(part), output=Path(edge["output"]))


def _parts(words: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for word in words:
        if word == "&&":
            yield part
            part = []
        else:
            part.append(word)
    yield part


def check_tablegen(command: CompileCommand, copy: WorkingCopy) -> UnitCheck:
    """Run it, already moved to the copy, with what it makes thrown away."""
    return check_command(tablegen_command(command), command.directory, copy, seconds=_SECONDS)


def tablegen_command(command: CompileCommand) -> list[str]:
    """The run without its outputs."""
    words: list[str] = []
    stream = iter(command.arguments)
    for word in stream:
        if word in _WITH_VALUE:
            next(stream, "")
        elif word != "--write-if-changed":
            words.append(word)
    return [*words, "-o", "/dev/null"]
