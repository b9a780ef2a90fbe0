"""The downstream's TableGen, run with the candidate's mlir-tblgen before anything is configured: seconds.

Each ``.td`` file that CMake names as LLVM_TARGET_DEFINITIONS is parsed once with every generator that the calls after
it ask for, with the include directories that CMake would give: the project's own, its components' and LLVM's.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.listfile import Command
from pytest_llvmgate.kinds.catalogue import TABLEGEN
from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP, PREDICTED_BY
from pytest_llvmgate.model import Confidence, Finding
from pytest_llvmgate.owners.by_tree import Layers
from pytest_llvmgate.preflight.switched_off import BuiltParts
from pytest_llvmgate.preflight.usage import Usage
from pytest_llvmgate.process.asking import ask

_DIALECT_CALLS: Final = tuple(
    f"-gen-{what}-{part}" for what in ("op", "typedef", "dialect") for part in ("decls", "defs")
)
_MESSAGE: Final = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+: error: (?P<text>.*)$", re.MULTILINE)
_SECONDS: Final = 120.0
"""For each run."""
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
class TablegenMessage:
    """An error of mlir-tblgen."""

    file: str
    line: int | None
    text: str


@dataclass(frozen=True, kw_only=True)
class TablegenFailure:
    """A run that failed."""

    call: TablegenCall
    command: tuple[str, ...]
    output: str

    @property
    def messages(self) -> tuple[TablegenMessage, ...]:
        """The errors, each once; the run's own end where it printed none (a crash)."""
        found = tuple(
            dict.fromkeys(
                TablegenMessage(file=match["file"], line=int(match["line"]), text=match["text"].strip())
                for match in _MESSAGE.finditer(self.output)
            )
        )
        return found or (TablegenMessage(file=str(self.call.definitions), line=None, text="mlir-tblgen crashed"),)


@dataclass(frozen=True, kw_only=True)
class TablegenResult:
    """How the runs ended."""

    calls: int
    failures: tuple[TablegenFailure, ...]
    seconds: float
    not_new: tuple[TablegenCall, ...] = ()
    """Those of the failed calls that fail with the baseline's mlir-tblgen, too."""
    skipped: int = 0
    """Calls whose ``.td`` file is generated, or named by a variable that is not known."""


def find_calls(built: BuiltParts, root: Path) -> tuple[list[TablegenCall], int]:
    """The runs that the CMake files below ``root`` ask for, and how many of them cannot be told."""
    calls: list[TablegenCall] = []
    skipped = 0
    for file, commands in built.listfiles.items():
        directory = (root / file).parent
        definitions = ""
        for command in _outside_of_functions(commands):
            for each in built.called(command) or [command]:
                words = each.words
                if each.name == "set" and words[:1] == ("LLVM_TARGET_DEFINITIONS",) and len(words) > 1:
                    definitions = words[1]
                for name, flags in _runs(each.name, words, definitions):
                    path = _resolve(name, directory, root)
                    if path is None or any("$" in flag for flag in flags):
                        skipped += 1
                    else:
                        calls.append(TablegenCall(definitions=path, flags=flags, file=file, line=command.line))
    return calls, skipped


_OPENERS: Final = frozenset({"function", "macro"})
_CLOSERS: Final = frozenset({"endfunction", "endmacro"})


def _outside_of_functions(commands: Iterable[Command]) -> Iterator[Command]:
    depth = 0
    for command in commands:
        depth += (command.name in _OPENERS) - (command.name in _CLOSERS)
        if depth == 0:
            yield command


def _runs(command: str, words: Sequence[str], definitions: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """``.td`` name and flags of each run that a command makes (TableGen.cmake, AddMLIR.cmake)."""
    if command == "mlir_tablegen" and definitions and len(words) > 1:
        flags = tuple(word for word in words[1:] if word.startswith("-") and not word.startswith("-I"))
        yield definitions, flags
    elif command == "add_mlir_dialect" and len(words) > 1:
        for flag in _DIALECT_CALLS:
            dialect = (f"-dialect={words[1]}",) if "dialect" in flag else ()
            kind = (f"-typedefs-dialect={words[1]}",) if "typedef" in flag else ()
            yield f"{words[0]}.td", (flag, *dialect, *kind)
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
    baseline: tuple[Path, Sequence[Path]] | None = None,
    skipped: int = 0,
    jobs: int = 2,
) -> TablegenResult:
    """Run ``program`` (the candidate's mlir-tblgen) for every call.

    ``baseline`` is the baseline's mlir-tblgen with its include directories: what fails is tried with that, too.
    """
    started = time.monotonic()
    wanted = list(dict.fromkeys(calls))
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        outcomes = list(pool.map(lambda call: _run(call, program, include_dirs), wanted))
    failures = tuple(failure for failure in outcomes if failure is not None)
    return TablegenResult(
        calls=len(wanted),
        failures=failures,
        not_new=tuple(failure.call for failure in failures if baseline and _run(failure.call, *baseline) is not None),
        seconds=time.monotonic() - started,
        skipped=skipped,
    )


def _run(call: TablegenCall, program: Path, include_dirs: Sequence[Path]) -> TablegenFailure | None:
    """How a run failed; None when it went well."""
    directories = [call.definitions.parent, *include_dirs]
    command = (
        str(program),
        *call.flags,
        *(f"-I{directory}" for directory in dict.fromkeys(directories)),
        str(call.definitions),
        "-o",
        os.devnull,
    )
    try:
        done = ask(command, seconds=_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return TablegenFailure(call=call, command=command, output=f"{call.definitions}:1:1: error: {error}\n")
    return None if done.returncode == 0 else TablegenFailure(call=call, command=command, output=done.stderr)


def without_outputs(words: Iterable[str]) -> Iterator[str]:
    """A run of TableGen without what it writes."""
    stream = iter(words)
    for word in stream:
        if word in {"-o", "-d"}:
            next(stream, "")
        elif word.lstrip("-") != "write-if-changed":
            yield word


def own_include_directories(usage: Usage, root: Path) -> list[Path]:
    """Where a downstream's TableGen finds its own files: wherever those that it includes lie below ``root``."""
    found: dict[Path, None] = {root: None}
    definitions = [name for name in usage.own_files if name.endswith(".td")]
    for path, users in usage.includes.items():
        if path.endswith(".td") and any(user.endswith(".td") for user in users):
            for name in definitions:
                if name == path or name.endswith(f"/{path}"):
                    found[root / name[: -len(path)]] = None
    return list(found)


def tablegen_findings(result: TablegenResult, layers: Layers) -> list[Finding]:
    """One finding per message of mlir-tblgen, wherever it came up."""
    grouped: dict[tuple[str, str], list[TablegenFailure]] = {}
    for failure in result.failures:
        for message in failure.messages:
            grouped.setdefault((Path(message.file).name, message.text), []).append(failure)
    findings = []
    for (name, text), failures in grouped.items():
        message = next(item for item in failures[0].messages if item.text == text)
        place = Path(message.file)
        layer, component = layers.of(place)
        not_new = all(failure.call in result.not_new for failure in failures)
        findings.append(
            Finding(
                kind=TABLEGEN,
                identifier=f"{name}: {text}",
                headline=f"mlir-tblgen refuses {name}: {text}",
                layer=layer,
                component=component,
                locations=(
                    layers.location(place, message.line),
                    *(layers.location(layers.root / failure.call.file, failure.call.line) for failure in failures[:3]),
                ),
                evidence=tuple(failures[0].output.splitlines()[:12]),
                sites=len(failures),
                confidence=Confidence.CERTAIN,
                advice=("the baseline's mlir-tblgen refuses it, too: not a matter of this candidate",)
                if not_new
                else (),
                facts={PREDICTED_BY: "preflight"} | ({NOT_FROM_THIS_BUMP: "yes"} if not_new else {}),
            )
        )
    return findings
