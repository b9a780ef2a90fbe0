"""Every translation unit checked by ``-fsyntax-only``: all API errors, without code generation or links.

The project's own compile commands and compiler are used, after its generated headers are built. With clang, a
precompiled header of what most units include can be put in front, which turns ten seconds into one; a unit that fails
with it is checked again without, because such a header also changes what a unit sees. It hides missing includes: a
pass with it does not prove those.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand, read_compile_commands
from pytest_llvmgate.errors import ToolError

_CUSTOM: Final = re.compile(r"^build (?P<outputs>[^:\n]+): CUSTOM_COMMAND\b", re.MULTILINE)
_GENERATED: Final = (".inc", ".h", ".hpp", ".def", ".gen")
_DROPPED_WITH_VALUE: Final = frozenset({"-o", "-MF", "-MT", "-MQ"})
_DROPPED: Final = frozenset({"-c", "-MD", "-MMD", "-MP"})
_INCLUDE: Final = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*["<]((?:mlir|llvm)/[^">\n]+)[">]', re.MULTILINE)
_COMMON: Final = 0.2
"""Share of the units that have to include a header for it to be precompiled."""
_NINJA_BATCH: Final = 400


@dataclass(frozen=True, kw_only=True)
class SyntaxResult:
    """How the units fared."""

    units: int
    failed: tuple[Path, ...]
    log: str
    """Failures in ninja's form (``FAILED: object``, command, messages), for whoever reads build logs."""
    seconds: float
    generating: float
    """Seconds of these that went into generated headers."""
    precompiled: bool = False
    generation_log: str = ""
    """What ninja printed when some generated header could not be made; empty otherwise."""


@dataclass(frozen=True, kw_only=True)
class SyntaxOptions:
    """How to check."""

    jobs: int = 2
    precompile: bool = False
    """Put a precompiled header in front, where the compiler is clang."""
    timeout: float = 600.0
    """Seconds for each unit."""
    ninja: str = "ninja"


def check_syntax(
    build_dir: Path,
    *,
    scratch: Path,
    options: SyntaxOptions | None = None,
    only: Iterable[Path] | None = None,
    env: Mapping[str, str] | None = None,
) -> SyntaxResult:
    """Check all translation units of a configured build directory, or those whose source is in ``only``.

    Generated headers are built in ``build_dir``; a precompiled header goes to ``scratch``. Raises :class:`ToolError`
    when the directory has no compile commands.
    """
    options = options or SyntaxOptions()
    started = time.monotonic()
    environment = {**os.environ, **(env or {}), "LC_ALL": "C.UTF-8"}
    wanted = None if only is None else {path.resolve() for path in only}
    commands = [
        command for command in read_compile_commands(build_dir) if wanted is None or command.file.resolve() in wanted
    ]
    generation_log = _generate(build_dir, options, environment)
    generating = time.monotonic() - started
    header = _precompile(commands, scratch, environment, options) if options.precompile else None
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        outcomes = list(pool.map(lambda command: _check(command, header, environment, options), commands))
    failures = [(command, text) for command, text in zip(commands, outcomes, strict=True) if text is not None]
    return SyntaxResult(
        units=len(commands),
        failed=tuple(command.file for command, _ in failures),
        log="".join(_as_ninja(command, text) for command, text in failures),
        seconds=time.monotonic() - started,
        generating=generating,
        precompiled=header is not None,
        generation_log=generation_log,
    )


# -- generated headers --------------------------------------------------------------------------------------------


def _generate(build_dir: Path, options: SyntaxOptions, env: Mapping[str, str]) -> str:
    """Build every generated header; what ninja said when that failed."""
    outputs = list(_generated(build_dir))
    said = []
    for start in range(0, len(outputs), _NINJA_BATCH):
        batch = outputs[start : start + _NINJA_BATCH]
        command = [options.ninja, "-C", str(build_dir), "-k", "0", f"-j{options.jobs}", *batch]
        try:
            done = subprocess.run(command, env=env, capture_output=True, text=True, errors="replace", check=False)
        except OSError as error:
            raise ToolError(f"{options.ninja} cannot be run: {error}") from error
        if done.returncode != 0:
            said.append(done.stdout)
    return "".join(said)


def _generated(build_dir: Path) -> Iterator[str]:
    try:
        text = (build_dir / "build.ninja").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise ToolError(f"{build_dir} has no readable build.ninja", hint="configure with -G Ninja") from error
    for match in _CUSTOM.finditer(text):
        for output in match["outputs"].split("|")[0].split():
            if output.endswith(_GENERATED) and "$" not in output:
                yield output


# -- one unit -----------------------------------------------------------------------------------------------------


def _check(command: CompileCommand, header: Path | None, env: Mapping[str, str], options: SyntaxOptions) -> str | None:
    """What the compiler said of a unit that it refuses; None for one that it accepts."""
    if header is not None:
        words = syntax_command(command)
        if _run([words[0], "-include-pch", str(header), *words[1:]], command, env, options) is None:
            return None
    return _run(syntax_command(command), command, env, options)


def _run(words: Sequence[str], command: CompileCommand, env: Mapping[str, str], options: SyntaxOptions) -> str | None:
    try:
        done = subprocess.run(
            words,
            cwd=command.directory,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=options.timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"{command.file}: error: not checked within {options.timeout:.0f} s\n"
    except OSError as error:
        raise ToolError(f"{words[0]} cannot be run: {error}") from error
    return None if done.returncode == 0 else done.stdout


def syntax_command(command: CompileCommand) -> list[str]:
    """The compile command without its output, asking for a look only."""
    words: list[str] = []
    stream = iter(command.arguments)
    for word in stream:
        if word in _DROPPED_WITH_VALUE:
            next(stream, "")
        elif word not in _DROPPED:
            words.append(word)
    # Warnings are no part of the question, and clang would stop at twenty errors.
    return [*words, "-fsyntax-only", "-w", *(["-ferror-limit=0"] if _is_clang(command) else [])]


def _is_clang(command: CompileCommand) -> bool:
    return any("clang" in Path(word).name for word in command.arguments[:2])


def _as_ninja(command: CompileCommand, text: str) -> str:
    output = command.output or command.file
    shown = output.relative_to(command.directory) if output.is_relative_to(command.directory) else output
    return f"FAILED: {shown} \n{shlex.join(command.arguments)}\n{text}"


# -- a precompiled header -----------------------------------------------------------------------------------------


def _precompile(
    commands: Sequence[CompileCommand], scratch: Path, env: Mapping[str, str], options: SyntaxOptions
) -> Path | None:
    """Precompile the headers of LLVM that many units include. None where it cannot be done, which is no error."""
    units = [command for command in commands if _is_clang(command) and command.file.suffix in {".cpp", ".cc", ".cxx"}]
    headers = _common_headers(units)
    if not headers:
        return None
    scratch.mkdir(parents=True, exist_ok=True)
    source = scratch / "common.h"
    source.write_text("".join(f'#include "{header}"\n' for header in headers), encoding="utf-8")
    header = scratch / "common.h.pch"
    words = [word for word in syntax_command(units[0]) if word not in {str(units[0].file), "-fsyntax-only"}]
    sources = {word for word in words if Path(word).suffix == units[0].file.suffix}
    words = [word for word in words if word not in sources]
    failed = _run([*words, "-x", "c++-header", str(source), "-o", str(header)], units[0], env, options)
    return header if failed is None and header.is_file() else None


def _common_headers(units: Sequence[CompileCommand]) -> list[str]:
    """Headers of LLVM that a good share of the units include themselves, the most used first."""
    counted: Counter[str] = Counter()
    for command in units:
        try:
            text = command.file.read_bytes()
        except OSError:
            continue
        counted.update({match.decode("utf-8", "replace") for match in _INCLUDE.findall(text)})
    return [header for header, count in counted.most_common() if count >= _COMMON * len(units) and count > 1]
