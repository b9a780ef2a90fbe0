"""Compile commands of a build directory: ``compile_commands.json``, or what ninja says where that was not asked for."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from pytest_llvmgate.codec import parse_json
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain
from pytest_llvmgate.process.asking import ask


@dataclass(frozen=True, kw_only=True)
class CompileCommand:
    """How one translation unit is compiled."""

    directory: Path
    """The working directory of the command."""
    file: Path
    """The source file, absolute."""
    arguments: tuple[str, ...]
    output: Path | None = None
    """The object file, absolute, where the database says it."""

    @property
    def object_name(self) -> str:
        """The object as the build file names it; the source file where the database says no object."""
        path = self.output or self.file
        return str(path.relative_to(self.directory) if path.is_relative_to(self.directory) else path)


def read_compile_commands(build_dir: Path, *, ninja: str = "ninja") -> tuple[CompileCommand, ...]:
    """The compile command of every translation unit in ``build_dir``.

    Takes ``compile_commands.json`` where it exists (CMAKE_EXPORT_COMPILE_COMMANDS) and is not older than the build
    files; otherwise asks ``ninja -t compdb``. Raises :class:`ToolError` when neither is there.
    """
    database = build_dir / "compile_commands.json"
    build_file = build_dir / "build.ninja"
    if database.is_file() and not (build_file.is_file() and build_file.stat().st_mtime > database.stat().st_mtime + 60):
        entries = _parse(read_plain(database, LARGEST_MADE), database)
    else:
        entries = _parse(_ask_ninja(build_dir, ninja), build_file)
    return tuple(command for command in map(_command, entries) if command is not None)


def ninja_edges(build_dir: Path, *, ninja: str = "ninja") -> list[dict[str, str]]:
    """Every edge of a build directory: ``command``, ``directory``, ``file`` and ``output``.

    Raises :class:`ToolError` where ninja cannot tell.
    """
    return _parse(_ask_ninja(build_dir, ninja), build_dir / "build.ninja")


def chained(command: str, directory: Path) -> Iterator[tuple[Path, list[str]]]:
    """The words of each command of an edge, with the directory that it runs in: CMake writes ``cd DIR && PROGRAM ...``.

    Nothing for what a shell would not take.
    """
    words = shell_words(command)
    ends = [at for at, word in enumerate(words) if word == "&&"]
    for begin, end in zip([-1, *ends], [*ends, len(words)], strict=True):
        part = list(words[begin + 1 : end])
        if part[:1] == ["cd"] and len(part) == 2:
            directory = directory / part[1]
        elif part:
            yield directory, part


def _ask_ninja(build_dir: Path, ninja: str) -> str:
    if not (build_dir / "build.ninja").is_file():
        raise ToolError(
            f"{build_dir} has neither compile_commands.json nor build.ninja",
            hint="CMake must come to its end there, with -G Ninja or -DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
        )
    try:
        words = [ninja, "-C", str(build_dir), "--quiet", "-t", "compdb"]
        done = ask(words, seconds=120, errors="surrogateescape")
        done.check_returncode()
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolError(f"ninja could not list the compile commands of {build_dir}: {error}") from error
    return done.stdout


def _parse(text: str | bytes, origin: Path) -> list[dict[str, Any]]:
    try:
        entries = parse_json(text)
    except ValueError as error:
        raise ToolError(f"the compile commands in {origin} are no JSON: {error}") from error
    if not isinstance(entries, list):
        raise ToolError(f"the compile commands in {origin} are not a list")
    return entries


def _command(entry: dict[str, Any]) -> CompileCommand | None:
    """The command, or None for a ninja edge that is no compilation."""
    directory = Path(entry["directory"])
    arguments = tuple(entry["arguments"]) if "arguments" in entry else shell_words(entry.get("command", ""))
    if "-c" not in arguments and "/c" not in arguments:
        return None
    output = entry.get("output") or _after("-o", arguments)  # CMake writes "output" since 3.26
    return CompileCommand(
        directory=directory,
        file=directory / entry["file"],
        arguments=arguments,
        output=directory / output if output else None,
    )


def _after(option: str, arguments: tuple[str, ...]) -> str:
    return next((value for word, value in pairwise(arguments) if word == option), "")


def shell_words(command: str) -> tuple[str, ...]:
    """The words of a command as a shell takes them; none for what it would not take."""
    try:
        return tuple(shlex.split(command))
    except ValueError:  # an edge of another kind, with quoting of its own
        return ()
