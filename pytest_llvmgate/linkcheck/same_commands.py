"""Whether a shared build compiles what the static build compiled: the ground that linkcheck stands on, verified.

Both trees' compile commands are compared word by word, past the differences that CMake makes by design: the
directory, position independence, and ``-D<target>_EXPORTS`` (its DEFINE_SYMBOL), which LLVM-style code ignores on ELF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand, read_compile_commands
from pytest_llvmgate.wording import listed

_NAMED: Final = 5
"""Words of a command that are told."""
_BY_DESIGN: Final = re.compile(r"^(-f(no-)?(PIC|PIE|pic|pie)|-D\w+_EXPORTS)$")


def words_that_leave_out(commands: Iterable[CompileCommand]) -> tuple[str, ...]:
    """The words by which compilers left out what the sources say: optimising, or without assertions. Objects that are
    not there say nothing.
    """
    found: dict[str, None] = {}
    for command in (each for each in commands if each.output is None or each.output.exists()):
        levels = [word for word in command.arguments if word.startswith("-O")]
        assertions = [word for word in command.arguments if word in {"-DNDEBUG", "-UNDEBUG"}]
        found |= dict.fromkeys((*levels[-1:], *assertions[-1:]))  # the last one counts
    return tuple(word for word in found if word not in {"-O0", "-UNDEBUG"})


def compilation_differences(
    commands: Iterable[CompileCommand], static_dir: Path, shared_dir: Path, *, aliases: Mapping[Path, Path]
) -> Iterator[str]:
    """How a static build's compile commands differ from a shared tree's, in sentences. Raises :class:`ToolError` when
    that has none.

    ``aliases`` are directories of the shared tree's LLVM, and the static tree's that they stand for.
    """
    static = {command.object_name: command for command in commands}
    different, extra = list[str](), 0
    for command in read_compile_commands(shared_dir):
        other = static.get(command.object_name)
        if other is None:
            extra += 1
            continue
        here, there = _words(command.arguments, shared_dir, aliases), _words(other.arguments, static_dir, {})
        if here != there:
            words = [f"without {word}" for word in there if word not in here]
            words += [f"with {word}" for word in here if word not in there]
            different.append(f"{command.file.name} {listed(words, _NAMED)}")
    if different:
        yield (
            f"{len(different)} translation units are compiled differently in a shared build, e.g. {different[0]}: "
            "their symbols are those of the static build"
        )
    if extra:
        yield f"{extra} translation units are compiled only in a shared build"


def _words(arguments: Iterable[str], directory: Path, aliases: Mapping[Path, Path]) -> list[str]:
    places = {str(directory): "@"} | {str(here): str(there) for here, there in aliases.items()}
    pattern = re.compile("|".join(map(re.escape, places)))
    kept = (word for word in arguments if not _BY_DESIGN.match(word))
    return [pattern.sub(lambda match: places[match[0]], word) for word in kept]
