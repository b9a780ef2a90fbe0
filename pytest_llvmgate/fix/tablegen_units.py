"""Runs of TableGen as units: each is repeated on the copy, and what it prints says whether a ``.td`` file is right."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from pytest_llvmgate.cmake.compile_commands import CompileCommand, chained, ninja_edges
from pytest_llvmgate.fix.scratch_build import NINJA_FILE
from pytest_llvmgate.fix.unit_check import UnitCheck, check_command
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.preflight.syntax_check import syntax_command
from pytest_llvmgate.preflight.tablegen import without_outputs


def tablegen_units(build: Path, wanted: Collection[str] | None, *, ninja: str) -> list[CompileCommand]:
    """The runs that make ``wanted`` (as the build names them); ``None``: those whose outputs are not there.

    Only ninja tells them. Raises ``ToolError`` where it cannot.
    """
    edges = ninja_edges(build, ninja=ninja) if (build / NINJA_FILE).is_file() else []
    return [unit for edge in edges if _is_wanted(edge, build, wanted) for unit in _units(edge)]


def _is_wanted(edge: dict[str, str], build: Path, wanted: Collection[str] | None) -> bool:
    if "tblgen" not in edge["command"]:
        return False
    output = edge["output"]
    return not (build / output).exists() if wanted is None else output in wanted


def _units(edge: dict[str, str]) -> Iterator[CompileCommand]:
    for directory, words in chained(edge["command"], Path(edge["directory"])):
        files = [word for word in words[1:] if word.endswith(".td") and not word.startswith("-")]
        if files and "tblgen" in Path(words[0]).name:
            file = directory / files[0]
            yield CompileCommand(directory=directory, file=file, arguments=tuple(words), output=Path(edge["output"]))


def check_any(command: CompileCommand, copy: WorkingCopy, until: float) -> UnitCheck:
    """Compile a unit, or run TableGen, already moved to the copy, ``until``; what it would make is thrown away.

    Raises ``OSError`` where no log fits.
    """
    words = [word for word in checking_command(command) if not word.startswith("-fdiagnostics-color")]
    return check_command(words, command.directory, copy, until)


def checking_command(command: CompileCommand) -> list[str]:
    """The command of a unit or of a run of TableGen, without its outputs."""
    if command.file.suffix != ".td":
        return syntax_command(command)
    return [*without_outputs(command.arguments), "-o", "/dev/null"]
