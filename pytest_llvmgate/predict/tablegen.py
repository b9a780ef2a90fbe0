"""The downstream's TableGen, run with the candidate's mlir-tblgen before anything is configured: seconds.

Each ``.td`` file that CMake names as LLVM_TARGET_DEFINITIONS is parsed once with every generator that the calls after
it ask for, with the include directories that CMake would give: the project's own, its components' and LLVM's.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.listfile import Command
from pytest_llvmgate.predict.usage import Usage

_DIALECT_CALLS: Final = (
    ("-gen-op-decls",),
    ("-gen-op-defs",),
    ("-gen-typedef-decls",),
    ("-gen-typedef-defs",),
    ("-gen-dialect-decls",),
    ("-gen-dialect-defs",),
)
_INTERFACE_CALLS: Final = (("-gen-op-interface-decls",), ("-gen-op-interface-defs",))


@dataclass(frozen=True, kw_only=True)
class TablegenCall:
    """One run of mlir-tblgen that a CMake file asks for."""

    definitions: Path
    """The ``.td`` file, absolute."""
    flags: tuple[str, ...]
    file: str
    """The CMake file that asks for it, relative to the tree."""
    line: int


@dataclass(frozen=True, kw_only=True)
class TablegenResult:
    """How the runs ended."""

    calls: int
    failed: tuple[TablegenCall, ...]
    log: str
    """What the failed runs printed, each after a line with its command."""
    seconds: float
    skipped: int = 0
    """Calls whose ``.td`` file is generated, or named by a variable that is not known."""


def find_calls(usage: Usage, root: Path) -> tuple[list[TablegenCall], int]:
    """The runs that the CMake files below ``root`` ask for, and how many of them cannot be told."""
    calls: list[TablegenCall] = []
    skipped = 0
    functions = _functions(usage)
    for file, commands in usage.listfiles.items():
        directory = (root / file).parent
        definitions = ""
        for command in _outside_of_functions(commands):
            for words in _expanded(command, functions):
                if words[:2] == ("set", "LLVM_TARGET_DEFINITIONS") and len(words) > 2:
                    definitions = words[2]
                for name, flags in _runs(words[0], words[1:], definitions):
                    path = _resolve(name, directory, root)
                    if path is None or any("$" in flag for flag in flags):
                        skipped += 1
                    else:
                        calls.append(TablegenCall(definitions=path, flags=flags, file=file, line=command.line))
    return calls, skipped


@dataclass(frozen=True)
class _Function:
    """A function or macro of the project's own."""

    parameters: tuple[str, ...]
    body: tuple[Command, ...]


def _functions(usage: Usage) -> dict[str, _Function]:
    """The project's functions that run TableGen: wrappers such as ``add_onnx_mlir_dialect``."""
    found = {}
    for commands in usage.listfiles.values():
        opened: Command | None = None
        body: list[Command] = []
        for command in commands:
            if command.name in _OPENERS:
                opened, body = command, []
            elif command.name in _CLOSERS and opened is not None and opened.words:
                if any(inner.name in {"mlir_tablegen", "add_mlir_dialect"} for inner in body):
                    found[opened.words[0].lower()] = _Function(opened.words[1:], tuple(body))
                opened = None
            else:
                body.append(command)
    return found


_OPENERS: Final = frozenset({"function", "macro"})
_CLOSERS: Final = frozenset({"endfunction", "endmacro"})


def _outside_of_functions(commands: Iterable[Command]) -> Iterator[Command]:
    depth = 0
    for command in commands:
        depth += (command.name in _OPENERS) - (command.name in _CLOSERS)
        if depth == 0:
            yield command


def _expanded(command: Command, functions: Mapping[str, _Function]) -> Iterator[tuple[str, ...]]:
    """Name and arguments of a command, or of the commands that a function of the project's makes of it."""
    function = functions.get(command.name)
    if function is None:
        yield (command.name, *command.words)
        return
    values = {f"${{{name}}}": value for name, value in zip(function.parameters, command.words, strict=False)}
    for inner in function.body:
        words = []
        for word in inner.words:
            for name, value in values.items():
                word = word.replace(name, value)  # noqa: PLW2901 (one substitution after the other)
            words.append(word)
        yield (inner.name, *words)


def _runs(command: str, words: Sequence[str], definitions: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """``.td`` name and flags of each run that a command makes (TableGen.cmake, AddMLIR.cmake)."""
    if command == "mlir_tablegen" and definitions and len(words) > 1:
        flags = tuple(word for word in words[1:] if word.startswith("-") and not word.startswith("-I"))
        yield definitions, flags
    elif command == "add_mlir_dialect" and len(words) > 1:
        for flags in _DIALECT_CALLS:
            dialect = (f"-dialect={words[1]}",) if "dialect" in flags[0] else ()
            kind = (f"-typedefs-dialect={words[1]}",) if "typedef" in flags[0] else ()
            yield f"{words[0]}.td", (*flags, *dialect, *kind)
    elif command == "add_mlir_interface" and words:
        yield from ((f"{words[0]}.td", flags) for flags in _INTERFACE_CALLS)


def _resolve(name: str, directory: Path, root: Path) -> Path | None:
    """The file that a CMake file in ``directory`` means; None when it does not exist before the build."""
    for variable, value in (
        ("${CMAKE_CURRENT_SOURCE_DIR}", directory),
        ("${CMAKE_CURRENT_LIST_DIR}", directory),
        ("${CMAKE_SOURCE_DIR}", root),
        ("${PROJECT_SOURCE_DIR}", root),
    ):
        name = name.replace(variable, str(value))
    path = directory / name
    return path if "$" not in name and path.is_file() else None


def run_tablegen(
    calls: Iterable[TablegenCall],
    program: Path,
    include_dirs: Sequence[Path],
    *,
    skipped: int = 0,
    jobs: int = 2,
    timeout: float = 120.0,
) -> TablegenResult:
    """Run ``program`` (the candidate's mlir-tblgen) for every call; ``timeout`` is in seconds for each."""
    started = time.monotonic()
    wanted = list(dict.fromkeys(calls))
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        outcomes = list(pool.map(lambda call: _run(call, program, include_dirs, timeout), wanted))
    failures = [(call, text) for call, text in zip(wanted, outcomes, strict=True) if text is not None]
    return TablegenResult(
        calls=len(wanted),
        failed=tuple(call for call, _ in failures),
        log="".join(text for _, text in failures),
        seconds=time.monotonic() - started,
        skipped=skipped,
    )


def _run(call: TablegenCall, program: Path, include_dirs: Sequence[Path], timeout: float) -> str | None:
    """What a failed run printed, with its command; None when it went well."""
    directories = [call.definitions.parent, *include_dirs]
    command = [
        str(program),
        *call.flags,
        *(f"-I{directory}" for directory in dict.fromkeys(directories)),
        str(call.definitions),
        "-o",
        os.devnull,
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{' '.join(command)}\nerror: {error}\n"
    return None if done.returncode == 0 else f"{' '.join(command)}\n{done.stderr}"


def include_directories(usage: Usage, root: Path, prefixes: Iterable[Path]) -> list[Path]:
    """Where a downstream's TableGen looks: wherever the files that it includes lie below ``root``, then LLVM."""
    found: dict[Path, None] = {root: None}
    definitions = [name for name in usage.own_files if name.endswith(".td")]
    for path, users in usage.includes.items():
        if path.endswith(".td") and any(user.endswith(".td") for user in users):
            for name in definitions:
                if name == path or name.endswith(f"/{path}"):
                    found[root / name[: -len(path)]] = None
    return [*found, *(prefix / "include" for prefix in prefixes if (prefix / "include").is_dir())]
