"""One shared library from each static archive, by the compiler driver: nothing is compiled.

A generated CMake project does it, because CMake knows what an entry of a link line means (``rt``, ``ZLIB::ZLIB``, a
generator expression), and ninja knows the order, shares the session's cores and takes up what was interrupted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.process.run import Completed, run

_PREFIX: Final = "llvmgate-"
"""Of target names: an imported target of the plain name may exist."""
_OBJECT: Final = f"{_PREFIX}object"
_NOT_PIC: Final = re.compile(r"recompile with -fPIC|can(?:not| not) be used (?:when making|against)")
_UNDEFINED: Final = re.compile(r"undefined (?:reference to|symbol:?) [`'\"]?([^`'\"\n]+)")
_SHOWN: Final = 3
_PROJECT: Final = f"""\
cmake_minimum_required(VERSION 3.20)
project(llvmgate_shared LANGUAGES C CXX)
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
add_library({_OBJECT} OBJECT empty.cpp)
set_target_properties({_OBJECT} PROPERTIES POSITION_INDEPENDENT_CODE ON)
function(llvmgate_relink name directory output rpath)
  add_library({_PREFIX}${{name}} SHARED $<TARGET_OBJECTS:{_OBJECT}>)
  set_target_properties({_PREFIX}${{name}} PROPERTIES
    OUTPUT_NAME "${{output}}" LIBRARY_OUTPUT_DIRECTORY "${{directory}}" LINKER_LANGUAGE CXX
    INSTALL_RPATH "${{rpath}}" LINK_DEPENDS "${{ARGN}}")
  target_link_options({_PREFIX}${{name}} PRIVATE
    "SHELL:-Wl,--whole-archive" ${{ARGN}} "SHELL:-Wl,--no-whole-archive" "SHELL:-Wl,-z,defs")
endfunction()
"""


class RelinkError(SupplyError):
    """The archives cannot become shared libraries."""


@dataclass(frozen=True, kw_only=True)
class SharedLibrary:
    """A shared library that is to be made from an archive."""

    name: str
    archives: tuple[Path, ...]
    path: str
    """Of the library, below the directory that everything goes to."""
    soname: str
    public: tuple[str, ...] = ()
    """Names of others that are made, and entries as a link line has them: what users of this library link as well."""
    private: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names whose archives are in it, to the paths of links to it."""


@dataclass(frozen=True, kw_only=True)
class Relinking:
    """Where and with what it is done."""

    directory: Path
    """Of the project and its build; what is there is taken up."""
    toolchain: Toolchain
    packages: Mapping[str, Path]
    """``LLVM_DIR`` and ``MLIR_DIR``: where entries such as ``ZLIB::ZLIB`` are defined."""
    log: Path
    timeout: float
    """Seconds, for each step."""

    @property
    def out(self) -> Path:
        """Where the libraries go."""
        return self.directory / "out"


def relink(work: Relinking, libraries: Sequence[SharedLibrary]) -> None:
    """Make them all. Raises :class:`RelinkError` with the reason when one of them cannot be made."""
    work.directory.mkdir(parents=True, exist_ok=True)
    write_atomically(work.directory / "empty.cpp", "// A shared library needs an object of its own.\n")
    write_atomically(work.directory / "CMakeLists.txt", _project(work, libraries))
    tools = work.toolchain
    settings = {
        "CMAKE_MAKE_PROGRAM": tools.ninja,
        "CMAKE_CXX_COMPILER": tools.cxx,
        "CMAKE_BUILD_TYPE": "Release",
        **{name: str(place) for name, place in work.packages.items()},
    }
    defines = [f"-D{name}={value}" for name, value in settings.items()]
    build = work.directory / "build"
    configure = [tools.cmake, "-S", str(work.directory), "-B", str(build), "-G", "Ninja", *defines]
    jobs = ["-j", str(tools.jobs)] if tools.jobs else []
    for command in (configure, [tools.ninja, "-C", str(build), *jobs]):
        said: list[bytes] = []
        done = _run(work, command, said)
        if not done.ok:
            raise _refusal(work, b"".join(said).decode("utf-8", "replace"), done)
    for library in libraries:
        for path in library.aliases.values():
            alias = work.out / path
            alias.unlink(missing_ok=True)
            alias.symlink_to(os.path.relpath(work.out / library.path, alias.parent))


def _run(work: Relinking, command: Sequence[str], said: list[bytes]) -> Completed:
    def listen(chunk: bytes) -> None:
        said.append(chunk)
        if work.toolchain.on_output is not None:
            work.toolchain.on_output(chunk)

    with work.toolchain.core():
        return run(
            command,
            cwd=work.directory,
            env=work.toolchain.env,
            log=work.log,
            timeout=work.timeout,
            on_output=listen,
        )


def _refusal(work: Relinking, said: str, done: Completed) -> SupplyError:
    where = str(work.log)
    if done.timed_out or done.returncode < 0:
        return SupplyError(
            f"the shared libraries were not ready: the relinking {done.ending}",
            where=where,
            hint="run again: it resumes where it was (timeouts.llvm gives it longer)",
        )
    if _NOT_PIC.search(said):
        reason = "the objects in its archives are not position-independent (compiled without -fPIC)"
    elif names := list(dict.fromkeys(_UNDEFINED.findall(said))):
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        reason = f"nothing on their link lines defines {', '.join(names[:_SHOWN])}{more}"
    else:
        lines = [line.strip() for line in said.splitlines() if "error" in line.lower() or "strongly connected" in line]
        reason = (lines or [done.ending])[0]
    return RelinkError(
        f"no shared flavour can be derived from the static LLVM: {reason}",
        where=where,
        hint="set derive = false in [llvm], and supply a shared LLVM of its own",
    )


def _project(work: Relinking, libraries: Sequence[SharedLibrary]) -> str:
    made = {name: library.name for library in libraries for name in (library.name, *library.aliases)}
    entries = [entry for library in libraries for entry in (*library.public, *library.private) if entry not in made]
    lines = [_PROJECT]
    if any("::" in entry for entry in entries):
        lines += [f"find_package({name.removesuffix('_DIR')} REQUIRED CONFIG)\n" for name in work.packages]
    places = {library.path.rpartition("/")[0] for library in libraries}
    lines += [_relinked(work, library, places) for library in libraries]
    lines += [_linked(library, made) for library in libraries]
    return "".join(lines)


def _relinked(work: Relinking, library: SharedLibrary, places: set[str]) -> str:
    directory, _, file = library.path.rpartition("/")
    output = file.removeprefix("lib").partition(".so")[0]
    others = sorted(os.path.relpath(place, directory) for place in places if place != directory)
    rpath = ";".join(["$ORIGIN", *(f"$ORIGIN/{other}" for other in others)])
    words = (library.name, str(work.out / directory), output, rpath, *map(str, library.archives))
    text = f"llvmgate_relink({' '.join(map(_quoted, words))})\n"
    version, abi = file.partition(".so.")[2], library.soname.partition(".so.")[2]
    if version or abi:
        text += f"set_target_properties({_PREFIX}{library.name} PROPERTIES VERSION {version or abi} SOVERSION {abi})\n"
    return text


def _linked(library: SharedLibrary, made: Mapping[str, str]) -> str:
    def words(entries: Sequence[str]) -> str:
        return " ".join(_quoted(f"{_PREFIX}{made[entry]}" if entry in made else entry) for entry in entries)

    return "".join(
        f"target_link_libraries({_PREFIX}{library.name} {scope} {words(entries)})\n"
        for scope, entries in (("PUBLIC", library.public), ("PRIVATE", library.private))
        if entries
    )


def _quoted(text: str) -> str:
    """A CMake argument; generator expressions stay what they are."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text).replace("${", "\\${") + '"'
