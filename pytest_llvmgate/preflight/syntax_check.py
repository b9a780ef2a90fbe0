"""Every translation unit checked by ``-fsyntax-only``: all API errors, without code generation or links.

The project's own compile commands and compiler are used, after its generated headers are built. The checks are a ninja
file of their own: ninja runs them side by side, goes on after failures, and its log is one that reads like a build's.

With clang, a precompiled header of what many units include can be put in front. A unit that fails with it is checked
again without, because such a header also changes what a unit sees; and it hides a missing include: a pass with it does
not prove those.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand
from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.include_lines import included
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain, read_plain_text
from pytest_llvmgate.process.asking import ask

# An object's edge as CMake's Ninja generator writes it; behind "||" is what has to be made before.
_OBJECT: Final = re.compile(
    r"^build (?P<object>[^\s:]++)[^:\n]*+: (?=\w*?_COMPILER_)\w++[^\n]*?(?:\|\| (?P<order>[^\n]*))?$", re.MULTILINE
)
_CUSTOM: Final = re.compile(r"^build (?P<outputs>[^:\n]+): CUSTOM_COMMAND\b", re.MULTILINE)
_GENERATED: Final = (".inc", ".h", ".hpp", ".def", ".gen")
_DROPPED_WITH_VALUE: Final = frozenset({"-o", "-MF", "-MT", "-MQ"})
_DROPPED: Final = frozenset({"-c", "-MD", "-MMD", "-MP"})
_CXX: Final = frozenset({".cpp", ".cc", ".cxx"})
_COMMON: Final = 0.2
"""Share of the units that have to include a header for it to be precompiled."""


def inputs_of(build_dir: Path, targets: Sequence[str], *, ninja: str = "ninja") -> frozenset[str] | None:
    """Every file that ninja reads or makes for ``targets`` (none: for ``all``), as the build file names it.

    What a build leaves out is not looked at either: tests that nobody asked for, a library of other people's. Whether
    what is only to be made before (order-only) is among the files depends on ninja's version; one older than 1.11
    cannot tell, and the answer is None, for every file that there is.
    Raises :class:`ToolError` for a target that does not exist.
    """
    command = [ninja, "-C", str(build_dir), "--quiet", "-t", "inputs", "--", *(targets or ("all",))]
    try:
        done = ask(command, seconds=None, errors="surrogateescape")
    except OSError as error:
        raise ToolError(f"{ninja} cannot be run: {error}") from error
    if done.returncode != 0 and "unknown tool" in done.stderr:
        return None
    if done.returncode != 0:
        raise ToolError(f"ninja could not list what {build_dir} builds: {(done.stderr or done.stdout).strip()[-300:]}")
    return frozenset([*targets, *(_unquoted(line) for line in done.stdout.splitlines())])


def _unquoted(line: str) -> str:
    """Ninja writes names as a shell takes them."""
    return "".join(shlex.split(line)) if "'" in line else line


def generated_targets(build_dir: Path, inputs: frozenset[str] | None) -> list[str]:
    """Ninja targets that make every generated header that the objects among ``inputs`` may include.

    What their own targets depend on, and all other headers among ``inputs``: where a dependency is missing in the
    project, a whole build mostly has the header in time, too. Raises :class:`ToolError` where ninja has nothing to
    build from.
    """
    try:
        text = read_plain_text(build_dir / "build.ninja", LARGEST_MADE, errors="surrogateescape")
    except OSError as error:
        raise ToolError(f"{build_dir} has no readable build.ninja", hint="configure with -G Ninja") from error
    orders = (match["order"] or "" for match in _OBJECT.finditer(text) if _is_among(match["object"], inputs))
    return list(dict.fromkeys([*(word for order in orders for word in order.split()), *_outputs(text, inputs)]))


def _is_among(name: str, inputs: frozenset[str] | None) -> bool:
    return inputs is None or name in inputs


def _outputs(text: str, inputs: frozenset[str] | None) -> Iterator[str]:
    for match in _CUSTOM.finditer(text):
        for output in match["outputs"].split("|")[0].split():
            if output.endswith(_GENERATED) and "$" not in output and _is_among(output, inputs):
                yield output


def units_among(commands: Sequence[CompileCommand], inputs: frozenset[str] | None) -> list[CompileCommand]:
    """The units whose objects are among ``inputs``; one that does not name its object is taken.

    All of them where no object is: ninja 1.11 does not tell objects that nothing links.
    """
    found = [command for command in commands if command.output is None or _is_among(command.object_name, inputs)]
    return found or list(commands)


def syntax_command(command: CompileCommand, *, header: Path | None = None, warnings: bool = False) -> list[str]:
    """The compile command without its output, asking for a look only; ``header`` is a precompiled one."""
    words: list[str] = []
    stream = iter(command.arguments)
    for word in stream:
        if word in _DROPPED_WITH_VALUE:
            next(stream, "")
        elif word not in _DROPPED:
            words.append(word)
    front = ["-include-pch", str(header)] if header else []
    at = 1 + next((index for index, word in enumerate(words[:2]) if "clang" in Path(word).name), 0)
    # Warnings are mostly no part of the question, but for those that are errors here; clang would stop at twenty.
    is_quiet = not warnings and not any(word.startswith("-Werror") for word in words)
    more = ["-fsyntax-only", *(["-w"] if is_quiet else []), *(["-ferror-limit=0"] if _is_clang(command) else [])]
    return [*words[:at], *front, *words[at:], *more]


def _is_clang(command: CompileCommand) -> bool:
    return any("clang" in Path(word).name for word in command.arguments[:2])


# -- a ninja file of checks ---------------------------------------------------------------------------------------


def write_checks(commands: Sequence[CompileCommand], directory: Path, *, header: Path | None = None) -> Path:
    """Write the ninja file that checks these units, to be run in their build directory; its path.

    Nothing that it runs makes the file that ninja is told of, so that every run checks everything.
    """
    lines = [
        # Without this, ninja's log of the real build would be written over.
        f"builddir = {_escaped(str(directory))}",
        "rule check",
        "  command = $check",
        "  description = Checking $in",
    ]
    for command in commands:
        output = command.output or command.file.with_suffix(".o")
        shown = output.relative_to(command.directory) if output.is_relative_to(command.directory) else output
        lines += [
            f"build {_path(str(directory / shown))}: check {_path(str(command.file))}",
            f"  check = {_escaped(_check(command, header))}",
        ]
    path = directory / "checks.ninja"
    write_atomically(path, "\n".join(lines) + "\n")
    return path


def _check(command: CompileCommand, header: Path | None) -> str:
    plain = shlex.join(syntax_command(command))
    there = "" if command.directory == command.file.parent else f"cd {shlex.quote(str(command.directory))} && "
    if header is None or not _takes_precompiled(command):
        return f"{there}{plain}"
    quick = shlex.join(syntax_command(command, header=header))
    return f"{there}{{ {quick} >/dev/null 2>&1 || {plain}; }}"


def _escaped(text: str) -> str:
    """A value in a ninja file (its manual, "Lexical syntax")."""
    return text.replace("$", "$$").replace("\n", " ")


def _path(text: str) -> str:
    return _escaped(text).replace(" ", "$ ").replace(":", "$:")


# -- a precompiled header -----------------------------------------------------------------------------------------


def _takes_precompiled(command: CompileCommand) -> bool:
    return _is_clang(command) and command.file.suffix in _CXX


def precompile_command(commands: Iterable[CompileCommand], directory: Path) -> tuple[list[str], Path] | None:
    """The command that precompiles what many units include, and the file that it makes; None where nothing is common.

    Writes the header's source into ``directory``.
    """
    units = [command for command in commands if _takes_precompiled(command)]
    headers = _common_headers(units)
    if not headers:
        return None
    source = directory / "common.h"
    write_atomically(source, "".join(f'#include "{header}"\n' for header in headers))
    first = units[0]
    dropped = {"-fsyntax-only", str(first.file), *(word for word in first.arguments if Path(word).suffix in _CXX)}
    words = [word for word in syntax_command(first) if word not in dropped]
    made = directory / "common.h.pch"
    return [*words, "-x", "c++-header", str(source), "-o", str(made)], made


def _common_headers(units: Sequence[CompileCommand]) -> list[str]:
    """Headers of LLVM that a good share of the units include themselves, the most used first."""
    counted: Counter[str] = Counter()
    for command in units:
        try:
            text = read_plain(command.file, LARGEST_MADE)
        except OSError:
            continue
        counted.update({path for path in included(text) if path.startswith(("mlir/", "llvm/"))})
    return [header for header, count in counted.most_common() if count >= _COMMON * len(units) and count > 1]
