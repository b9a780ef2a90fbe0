"""What the compiler driver adds to every link by itself: start files, its own libraries, the linker it calls.

Asked of the driver (``-###`` prints the commands and runs none), so that GCC, clang, libc++ and cross compilers all
say it themselves.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import shell_words
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.linkcheck.link_line import LinkInput, parse_link_line
from pytest_llvmgate.process.asking import ask

_LINKER_NAME: Final = re.compile(r"^(collect2|(.*-)?ld(\..*)?|(ld\.)?(lld|gold|mold|bfd)(-\d+)?|ld\.lld-\d+)(\.exe)?$")
_PLACEHOLDER: Final = os.devnull
"""An input that exists (clang looks) and is a file (without one, g++ does not add its library)."""
_SAYS: Final = {"lld": "LLD", "mold": "mold", "gold": "gold", "bfd": "GNU ld"}
"""Linker to what it calls itself."""
_TIMEOUT: Final = 60.0


@dataclass(frozen=True)
class Driver:
    """The driver's own part of a link of one kind."""

    inputs: tuple[LinkInput, ...]
    """Start files and libraries that the driver adds, in order."""
    directories: tuple[Path, ...]
    """Where ``-l`` searches after the line's own ``-L``."""
    linker: str
    """``bfd``, ``lld``, ``gold``, ``mold`` or ``unknown``."""


@cache
def ask_driver(compiler: Path, flags: tuple[str, ...], cwd: Path) -> Driver:
    """The driver's part of a link by ``compiler`` with ``flags`` (``-shared``, ``-fuse-ld=lld``, ``-m32``...).

    Raises :class:`ToolError` when the compiler cannot be asked.
    """
    command = [str(compiler), "-###", *flags, _PLACEHOLDER, "-o", "llvmgate-placeholder"]
    try:
        done = ask(command, cwd=cwd, seconds=_TIMEOUT)
    except (OSError, subprocess.SubprocessError) as error:
        raise ToolError(f"{compiler} could not be asked how it links: {error}") from error
    words = _linker_command(done.stderr)
    if words is None:
        raise ToolError(
            f"{compiler} does not say how it links; '{shlex.join(command)}' printed: {done.stderr.strip()[-400:]!r}",
            hint="a compiler whose driver understands -### (GCC, clang) is needed",
        )
    line = parse_link_line(_as_driver_words(words[1:]), cwd=cwd)
    directories = tuple(dict.fromkeys(line.directories))
    inputs = tuple(entry for entry in line.inputs if str(entry.path) != _PLACEHOLDER)
    return Driver(inputs=inputs, directories=directories, linker=_linker_kind(words, compiler, flags))


def _linker_command(text: str) -> list[str] | None:
    """The words of the last printed command that is a linker's."""
    for line in reversed(text.splitlines()):
        words = shell_words(line)
        if words and _LINKER_NAME.match(Path(words[0]).name):
            return list(words)
    return None


def _as_driver_words(words: Sequence[str]) -> list[str]:
    """The linker's words as the driver's parser takes them: its own options behind ``-Wl,``."""
    taken, stream = [], iter(words)
    for word in stream:
        if word in {"-plugin", "-dynamic-linker", "-m", "-o", "-z", "-soname", "-h", "-rpath", "-rpath-link"}:
            taken.append(f"-Wl,{word},{next(stream, '')}")
        elif word.startswith(("-l", "-L")) or not word.startswith("-"):
            taken.append(word)
        elif word.lstrip("-").startswith(("plugin-opt", "hash-style", "build-id")):
            continue
        else:
            taken.append(f"-Wl,{word}")
    return taken


def _linker_kind(words: Sequence[str], compiler: Path, flags: Sequence[str]) -> str:
    named = next((flag.split("=", 1)[1] for flag in flags if flag.startswith(("-fuse-ld=", "--ld-path="))), "")
    file = Path(named or words[0]).name
    return next((kind for kind in _SAYS if kind in file), None) or _kind_of_default(compiler, flags)


def _kind_of_default(compiler: Path, flags: Sequence[str]) -> str:
    """Which linker the driver's default is, by its own words."""
    try:
        done = ask([str(compiler), *flags, "-Wl,--version"], seconds=_TIMEOUT)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    first = done.stdout.partition("\n")[0]
    return next((kind for kind, mark in _SAYS.items() if mark in first), "unknown")
