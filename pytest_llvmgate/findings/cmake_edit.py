"""The line of a CMakeLists.txt that should name a library."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.listfile import Command, parse

_MOST_FILES: Final = 5000
_SKIPPED: Final = frozenset({".git", "llvm-project", "node_modules", "build", ".venv"})
_KEYWORDS: Final = frozenset(
    {"LINK_LIBS", "LINK_COMPONENTS", "DEPENDS", "ADDITIONAL_HEADER_DIRS", "ADDITIONAL_HEADERS", "ENABLE_AGGREGATION",
     "PARTIAL_SOURCES_INTENDED", "EXCLUDE_FROM_LIBMLIR", "SHARED", "STATIC", "MODULE", "OBJECT", "BUILDTREE_ONLY"}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a library's link libraries are written."""

    file: Path
    line: int
    """1-based: the last entry of the section, or the call that lacks it."""
    how: str
    """What to write there, as a sentence's beginning: ``add X to LINK_LIBS of add_mlir_library(Y)``."""


def find(source: Path, target: str, library: str) -> Place | None:
    """Where ``library`` should be added for ``target``, declared somewhere below ``source``."""
    for file, commands in _declarations(str(source)):
        for command in commands:
            if _declares(command, target):
                return _place(file, commands, command, target, library)
    return None


def declared(source: Path, target: str) -> tuple[Path, int] | None:
    """File and line of the call that declares ``target``."""
    for file, commands in _declarations(str(source)):
        for command in commands:
            if _declares(command, target):
                return file, command.line
    return None


def _declares(command: Command, target: str) -> bool:
    if not command.arguments or command.arguments[0].text != target:
        return False
    name = command.name
    return name in {"add_library", "add_executable"} or (name.startswith("add_") and name.endswith(_DECLARING))


_DECLARING: Final = ("library", "executable", "tool", "plugin", "module", "unittest", "translation", "extension")


def _place(file: Path, commands: tuple[Command, ...], call: Command, target: str, library: str) -> Place:
    is_component = (
        library.startswith("LLVM") and library != "LLVM" and call.name not in {"add_library", "add_executable"}
    )
    section = "LINK_COMPONENTS" if is_component else "LINK_LIBS"
    entry = library.removeprefix("LLVM") if is_component else library
    line = _section_end(call, section)
    if line is not None:
        return Place(file=file, line=line, how=f"add {entry} to {section} of {call.name}({target})")
    links = [
        command for command in commands if command.name == "target_link_libraries" and command.words[:1] == (target,)
    ]
    if links:
        return Place(file=file, line=links[-1].line, how=f"add {library} to target_link_libraries({target})")
    if call.name in {"add_library", "add_executable"}:
        return Place(file=file, line=call.end_line, how=f"add target_link_libraries({target} PUBLIC {library})")
    return Place(file=file, line=call.line, how=f"add {section} PUBLIC {entry} to {call.name}({target})")


def _section_end(call: Command, section: str) -> int | None:
    line, inside = None, False
    for argument in call.arguments:
        if argument.text in _KEYWORDS:
            inside = argument.text == section
        if inside:
            line = argument.line
    return line


@lru_cache(maxsize=4)
def _declarations(source: str) -> tuple[tuple[Path, tuple[Command, ...]], ...]:
    """Every CMake file below the source with its commands; files without any declaration are left out."""
    return tuple(_read(source))


def _read(source: str) -> Iterator[tuple[Path, tuple[Command, ...]]]:
    count = 0
    for directory, names, files in os.walk(source):
        names[:] = sorted(name for name in names if name not in _SKIPPED and not name.startswith("."))
        for name in files:
            if name != "CMakeLists.txt" and not name.endswith(".cmake"):
                continue
            count += 1
            if count > _MOST_FILES:
                return
            try:
                text = Path(directory, name).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            if "add_" in text:
                yield Path(directory, name), tuple(parse(text))
