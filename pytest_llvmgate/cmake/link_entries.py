"""The line of a CMake file at which a library is to be named that a target lacks.

A target's link entries stand in sections of the call that declares it (``LINK_LIBS``, ``LINK_COMPONENTS`` of LLVM's
``add_*_library`` functions) or in calls of their own (``target_link_libraries``, and what LLVM and others make of it).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.listfile import LISTFILE, Argument, Command, is_listfile, parse
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain_text

_MOST_FILES: Final = 5000
_SKIPPED: Final = frozenset({".git", "llvm-project", "node_modules", "build", ".venv"})
_SECTIONS: Final = frozenset(
    {"LINK_LIBS", "LINK_COMPONENTS", "DEPENDS", "ADDITIONAL_HEADER_DIRS", "ADDITIONAL_HEADERS", "ENABLE_AGGREGATION",
     "PARTIAL_SOURCES_INTENDED", "EXCLUDE_FROM_LIBMLIR", "SHARED", "STATIC", "MODULE", "OBJECT", "BUILDTREE_ONLY"}
)  # fmt: skip
"""Words that begin another part of a call."""
_SCOPES: Final = frozenset({"PUBLIC", "PRIVATE", "INTERFACE"})
_DECLARING: Final = ("library", "executable", "tool", "plugin", "module", "unittest", "translation", "extension")
_WITHOUT_SECTIONS: Final = frozenset({"add_library", "add_executable", "add_llvm_executable", "add_llvm_tool"})
"""Calls that take no ``LINK_LIBS``."""


@dataclass(frozen=True, kw_only=True)
class LinkEntry:
    """Where a target's link libraries are written, and what is missing there."""

    file: Path
    line: int
    """1-based: the line behind which the entry goes."""
    how: str
    """What to write, as a sentence's beginning: ``add X to LINK_LIBS of add_mlir_library(Y)``."""
    words: str
    """What to write, as CMake reads it."""
    behind: str = ""
    """The argument behind which it goes; empty for a command of its own."""

    def __str__(self) -> str:
        return self.how


def with_entry(text: str, entry: LinkEntry) -> str:
    """The text of ``entry.file`` with the entry written, on a line of its own where those beside it have one."""
    lines = text.split("\n")
    at = entry.line - 1
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    with_a_line = "\n".join([*lines[: at + 1], f"{indent}{entry.words}", *lines[at + 1 :]])
    if not entry.behind:
        return with_a_line
    code = lines[at].partition("#")[0]
    end = code.rfind(entry.behind) + len(entry.behind)
    end += code[end : end + 1] == '"'
    if end < len(entry.behind):
        return text
    if code.strip().strip('"') == entry.behind:
        return with_a_line
    lines[at] = f"{lines[at][:end]} {entry.words}{lines[at][end:]}"
    return "\n".join(lines)


def entry_for(file: Path, commands: Sequence[Command], *, target: str, library: str) -> LinkEntry | None:
    """Where ``library`` is to be named for ``target`` in a file that declares it; None for one that does not."""
    call = next((command for command in commands if _declares(command, target)), None)
    return None if call is None else _entry(file, commands, call, target, library)


def find_entries(source: Path, target: str, library: str, built_in: Path | None = None) -> list[LinkEntry]:
    """Where ``library`` is to be named for ``target``: a place for each file below ``source`` that declares it.

    With ``built_in``, the directory for which CMake made the target: what the CMake file of another one declares is
    another target of that name, in another build.
    """
    every = (entry_for(file, commands, target=target, library=library) for file, commands in declarations(source))
    found = [entry for entry in every if entry is not None]
    if built_in is None or not (built_in / LISTFILE).is_file():
        return found
    here = [entry for entry in found if entry.file.parent == built_in]
    return here or [entry for entry in found if entry.file.name != LISTFILE]


def entry_at(file: Path, commands: Sequence[Command], line: int, *, target: str, library: str) -> LinkEntry | None:
    """The same, where it is known which call of a file declares the target; None where no call stands at that line."""
    call = next((command for command in commands if command.line <= line <= command.end_line), None)
    return None if call is None else _entry(file, commands, call, target, library)


def _declares(command: Command, target: str) -> bool:
    name = command.name
    return command.words[:1] == (target,) and name.startswith("add_") and name.endswith(_DECLARING)


def _entry(file: Path, commands: Sequence[Command], call: Command, target: str, library: str) -> LinkEntry:
    links = [each for each in commands if _adds_libraries(each, library) and each.words[:1] == (target,)]
    is_component = library.startswith("LLVM") and library != "LLVM" and call.name not in _WITHOUT_SECTIONS
    if is_component and (_section(call, "LINK_COMPONENTS") or not links):
        return _in_call(file, call, "LINK_COMPONENTS", library.removeprefix("LLVM"))
    standing = [each for each in (_section(call, "LINK_LIBS"), *(each.arguments[1:] for each in links)) if each]
    best = max(standing, key=lambda each: _alike(each, library), default=())
    for link in links:
        if best and link.arguments[1:] == best:
            how = f"add {library} to {link.name}({target})"
            return LinkEntry(file=file, line=best[-1].line, how=how, words=library, behind=best[-1].text)
    if not best and call.name in _WITHOUT_SECTIONS:
        words = f"target_link_libraries({target} PUBLIC {library})"
        return LinkEntry(file=file, line=call.end_line, how=f"add {words}", words=words)
    return _in_call(file, call, "LINK_LIBS", library)


def _adds_libraries(command: Command, library: str) -> bool:
    """MLIR's own function puts libMLIR in the place of everything that it is given, where LLVM is one library."""
    is_for_mlir = command.name == "mlir_target_link_libraries"
    if is_for_mlir and not library.startswith("MLIR"):
        return False
    return command.name.endswith("target_link_libraries") and len(command.arguments) > 1


def _in_call(file: Path, call: Command, section: str, entry: str) -> LinkEntry:
    target = call.words[0]
    if standing := _section(call, section):
        last, how = standing[-1], f"add {entry} to {section} of {call.name}({target})"
        return LinkEntry(file=file, line=last.line, how=how, words=entry, behind=last.text)
    words = f"{section} {'PUBLIC ' if section == 'LINK_LIBS' else ''}{entry}"
    last, how = call.arguments[-1], f"add {words} to {call.name}({target})"
    return LinkEntry(file=file, line=last.line, how=how, words=words, behind=last.text)


def _section(call: Command, keyword: str) -> tuple[Argument, ...]:
    """The keyword of a call and its entries; empty where the call has none."""
    kept: list[Argument] = []
    inside = False
    for argument in call.arguments:
        if argument.text in _SECTIONS:
            inside = argument.text == keyword
        if inside:
            kept.append(argument)
    return tuple(kept)


def _alike(arguments: Sequence[Argument], library: str) -> bool:
    """Whether libraries of the same origin stand there: projects keep MLIR's apart from their own."""
    own = {argument.text.startswith("MLIR") for argument in arguments if argument.text not in _SECTIONS | _SCOPES}
    return library.startswith("MLIR") in own


@lru_cache(maxsize=4)
def declarations(source: Path) -> tuple[tuple[Path, tuple[Command, ...]], ...]:
    """Every CMake file below the source with its commands; files without any declaration are left out."""
    return tuple(_read(source))


def _read(source: Path) -> Iterator[tuple[Path, tuple[Command, ...]]]:
    count = 0
    for directory, names, files in os.walk(source):
        names[:] = sorted(name for name in names if name not in _SKIPPED and not name.startswith("."))
        for name in files:
            if not is_listfile(name):
                continue
            count += 1
            if count > _MOST_FILES:
                return
            try:
                text = read_plain_text(Path(directory, name), LARGEST_MADE)
            except OSError:
                continue
            if "add_" in text:
                yield Path(directory, name), tuple(parse(text))
