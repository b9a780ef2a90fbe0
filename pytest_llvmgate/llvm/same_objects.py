"""Whether a shared build of LLVM would compile what the static build has compiled: compared, not assumed.

The commands are compared without what CMake changes by design: directories, position independence, objects of their own
(``obj.<target>``) for a tool's library, system include directories that PUBLIC links hand on (libxml2's), and macros
that say "this library is being built" (``<target>_EXPORTS``, CMake's DEFINE_SYMBOL, and LLVM's own ``LLVM_EXPORTS``).
These, and the macros of the configured header that differ, are harmless only where no code comes out differently: so
every header that mentions one is preprocessed both ways. Default visibility spelled out makes no difference there: the
flavours are compiled with it (see ``flavours``).
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand, read_compile_commands
from pytest_llvmgate.git import process
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain_text, text_of
from pytest_llvmgate.process.asking import ask
from pytest_llvmgate.wording import listed

COMMANDS: Final = "llvmgate-commands.txt"
"""In an entry of a source build: a digest of every object's compile command, and the macros of its export."""
CONFIG_HEADER: Final = "include/llvm/Config/llvm-config.h"
_EXPORTS: Final = re.compile(r"-D(\w+_EXPORTS)(?:=.*)?")
_BY_DESIGN: Final = re.compile(r"-f(?:no-)?(?:PIC|PIE|pic|pie)")
_SPELLED_OUT: Final = re.compile(
    r'LLVM_ATTRIBUTE_VISIBILITY_DEFAULT|__attribute__\(\(visibility\("default"\)\)\)|\[\[gnu::visibility\("default"\)\]\]'
)
_TARGET: Final = re.compile(r"CMakeFiles/((?>(?:(?!\.dir/)[^/])+))\.dir/")
_CODE: Final = ("llvm/include", "llvm/lib", "mlir/include", "mlir/lib")
_HEADERS: Final = (".h", ".def", ".inc", ".hpp")
_SOURCES: Final = (*_HEADERS, ".cpp", ".c")
_TIMEOUT: Final = 120.0
_SHOWN: Final = 3


def write_commands(build: Path, tree: Path, path: Path) -> None:
    """Write the digest of every compile command of a build into ``path``; ``tree`` holds sources and build."""
    lines = (f"{name}\t{digest}\t{' '.join(macros)}\n" for name, (digest, macros) in _digests(build, tree).items())
    path.write_text("".join(sorted(lines)), encoding="utf-8", errors="surrogateescape")


def _digests(build: Path, tree: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {_plain(command.object_name): _digest(command, tree) for command in read_compile_commands(build)}


def _plain(word: str) -> str:
    """``llvm_add_library`` compiles some libraries as object libraries of another name, only when they are shared."""
    return word.replace("/CMakeFiles/obj.", "/CMakeFiles/")


def _digest(command: CompileCommand, tree: Path) -> tuple[str, tuple[str, ...]]:
    words = [_plain(word.replace(str(tree), "@")) for word in _without_system_directories(command.arguments)]
    macros = tuple(sorted({match[1] for match in map(_EXPORTS.fullmatch, words) if match}))
    kept = [word for word in words if not (_EXPORTS.fullmatch(word) or _BY_DESIGN.fullmatch(word))]
    return hashlib.sha256("\0".join(kept).encode("utf-8", "surrogateescape")).hexdigest()[:24], macros


@dataclass(frozen=True, kw_only=True)
class Builds:
    """A static install, and a shared tree of the same sources that is configured and not compiled."""

    static: Path
    build: Path
    source: Path
    tree: Path
    """What holds sources and build."""
    cxx: str
    env: Mapping[str, str]


def _without_system_directories(words: Iterable[str]) -> Iterator[str]:
    stream = iter(words)
    for word in stream:
        if word == "-isystem":
            next(stream, "")
        else:
            yield word


def difference(builds: Builds, libraries: Iterable[str]) -> str:
    """Why the objects of the install are not those of the shared build; empty when they are.

    ``libraries`` are the targets that matter. Raises :class:`ToolError` when the build has no compile commands, and
    :class:`GitFailure` when the sources cannot be searched.
    """
    try:
        lines = read_plain_text(builds.static / COMMANDS, LARGEST_MADE, errors="surrogateescape").splitlines()
    except OSError:
        return "how the static flavour was compiled is not recorded"
    before = {name: (digest, words.split()) for name, digest, words in (line.split("\t") for line in lines)}
    wanted, other, macros = set(libraries), [], set[str]()
    for name, (digest, exports) in _digests(builds.build, builds.tree).items():
        if (target := _TARGET.search(name)) is None or target[1] not in wanted:
            continue
        if name not in before or before[name][0] != digest:
            other.append(name)
        else:
            macros.update(set(exports) - set(before[name][1]))
    if other:
        return f"{_some(other)} compiled in another way when shared"
    macros |= _configured(builds.static / CONFIG_HEADER) ^ _configured(builds.build / CONFIG_HEADER)
    return _effect(builds, macros)


def _some(names: Sequence[str]) -> str:
    return f"{listed(names, _SHOWN)} {'are' if len(names) > 1 else 'is'}"


def _configured(header: Path) -> set[str]:
    """The macros that a configured header defines."""
    return set(re.findall(r"(?m)^#define (\w+)", text_of(header, LARGEST_MADE)))


def _effect(builds: Builds, macros: set[str]) -> str:
    """What comes out differently with the macros; empty for nothing."""
    if not macros:
        return ""
    names = " or ".join(sorted(macros))
    exports = [f"-D{name}" for name in sorted(macros) if name.endswith("_EXPORTS")]
    own = re.compile(rf"#(?:define|undef) (?:{'|'.join(map(re.escape, macros))})\b")
    for file in _mentions(builds.source, macros):
        if not file.endswith(_HEADERS):
            return f"{file} asks for {names}"
        static = _preprocessed(builds, file, [f"-I{builds.static / 'include'}"])
        shared = _preprocessed(builds, file, [f"-I{builds.build / 'include'}", *exports])
        if not static or _without(static, own) != _without(shared, own):
            return f"{file} comes out differently with {names}"
    return ""


def _without(text: str, own: re.Pattern[str]) -> list[str]:
    return [_SPELLED_OUT.sub("", line).rstrip() for line in text.splitlines() if not own.match(line)]


def _mentions(source: Path, macros: set[str]) -> Iterator[str]:
    """The files of LLVM's code that mention one of the macros."""
    words = [word for name in sorted(macros) for word in ("-e", name)]
    there = [part for part in _CODE if (source / part).is_dir()]
    command = ["grep", "--word-regexp", "-l", "-F", *words, "--", *there]
    found = process.run(command, place=process.at(source), ok=(0, 1))  # 1: there is none
    yield from (line for line in found.decode("utf-8", "replace").splitlines() if line.endswith(_SOURCES))


def _preprocessed(builds: Builds, file: str, first: Sequence[str]) -> str:
    """The header as the compiler sees it, macros that it defines included; empty when it cannot be preprocessed."""
    includes = [f"-I{builds.source / part}" for part in ("llvm/include", "mlir/include")]
    late = [f"-I{builds.build / part}" for part in ("include", "tools/mlir/include")]
    options = ["-x", "c++", "-std=c++17", "-E", "-P", "-dD"]
    words = [builds.cxx, *first, *includes, *late, *options, str(builds.source / file)]
    try:
        done = ask(words, env=builds.env, seconds=_TIMEOUT)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
