"""One shared library from each static archive, by the compiler driver: nothing is compiled.

A generated CMake project does it, because CMake knows what an entry of a link line means (``rt``, ``ZLIB::ZLIB``, a
generator expression), and ninja knows the order, shares the session's cores and takes up what was interrupted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.toolchain import Toolchain
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain_text
from pytest_llvmgate.process.run import Completed, run
from pytest_llvmgate.wording import listed

_PREFIX: Final = "llvmgate-"
"""Of target names: an imported target of the plain name may exist."""
_OBJECT: Final = f"{_PREFIX}object"
_NOT_PIC: Final = re.compile(r"recompile with -fPIC|can(?:not| not) be used (?:when making|against)")
_UNDEFINED: Final = re.compile(r"undefined (?:reference to|symbol:?) [`'\"]?([^`'\"\n]+)")
_FAILED: Final = re.compile(
    r"^FAILED: (?:\[code=\d+\] )?(?P<outputs>.*)\n(?P<text>(?:(?!\[\d+/\d+\] |FAILED: |ninja: ).*\n?)*)", re.MULTILINE
)
_ALL: Final = "0"
"""For ``ninja -k``: all failures, not the first."""
_MISSING: Final = "missing.txt"
_PLAIN_ENTRY: Final = re.compile(r"[A-Za-z0-9_][\w.+-]*|\w+::[\w:.+-]+")
_SHOWN: Final = 3
NO_DERIVING: Final = "set derive = false in [llvm], and supply a shared LLVM of its own"
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
function(llvmgate_link name scope)
  if(llvmgate_missing)
    list(REMOVE_ITEM ARGN ${{llvmgate_missing}})
  endif()
  target_link_libraries({_PREFIX}${{name}} ${{scope}} ${{ARGN}})
endfunction()
"""
_LOOK: Final = f"""\
foreach(entry IN LISTS llvmgate_entries)
  if(entry MATCHES "::")
    if(NOT TARGET "${{entry}}")
      list(APPEND llvmgate_missing "${{entry}}")
    endif()
  else()
    find_library(llvmgate_place_of_${{entry}} NAMES "${{entry}}")
    if(NOT llvmgate_place_of_${{entry}})
      list(APPEND llvmgate_missing "${{entry}}")
    endif()
  endif()
endforeach()
file(WRITE "${{CMAKE_SOURCE_DIR}}/{_MISSING}" "${{llvmgate_missing}}")
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


@dataclass(frozen=True, kw_only=True)
class RelinkOutcome:
    """What came of relinking."""

    failed: Mapping[str, str] = field(default_factory=dict)
    """Libraries that could not be linked, with the reason in words."""
    missing: frozenset[str] = frozenset()
    """Entries of link lines that this machine does not have; the others were linked without them."""


def relink(work: Relinking, libraries: Sequence[SharedLibrary]) -> RelinkOutcome:
    """Make them all, as far as they can be made. What was made before, and has not changed, stays.

    Raises :class:`SupplyError` when it was not ready in time, and :class:`RelinkError` when CMake or ninja themselves
    do not get along with what they are given.
    """
    work.directory.mkdir(parents=True, exist_ok=True)
    _write(work.directory / "empty.cpp", "// A shared library needs an object of its own.\n")
    _write(work.directory / "CMakeLists.txt", _project(work, libraries))
    tools = work.toolchain
    settings = {
        "CMAKE_MAKE_PROGRAM": tools.ninja,
        "CMAKE_CXX_COMPILER": tools.cxx,
        "CMAKE_BUILD_TYPE": "Release",
        **{name: str(place) for name, place in work.packages.items()},
    }
    defines = [f"-D{name}={value}" for name, value in settings.items()]
    build = work.directory / "build"
    configured, said = _run(work, [tools.cmake, "-S", str(work.directory), "-B", str(build), "-G", "Ninja", *defines])
    if not configured.ok:
        raise _refusal(work, said, configured)
    jobs = ["-j", str(tools.jobs)] if tools.jobs else []
    done, text = _run(work, [tools.ninja, "-C", str(build), "-k", _ALL, *jobs])
    failed = dict(_failures(text, libraries))
    if (not done.ok and not failed) or done.timed_out or done.returncode < 0:
        raise _refusal(work, text, done)
    for library in libraries:
        if library.name not in failed:
            _link_aliases(work, library)
    return RelinkOutcome(failed=failed, missing=_missing(work))


def _write(path: Path, text: str) -> None:
    """A file that is written anew makes ninja begin from nothing."""
    try:
        if read_plain_text(path, LARGEST_MADE, errors="surrogateescape") == text:
            return
    except OSError:
        pass
    write_atomically(path, text)


def _link_aliases(work: Relinking, library: SharedLibrary) -> None:
    for path in library.aliases.values():
        alias = work.out / path
        alias.unlink(missing_ok=True)
        alias.symlink_to(os.path.relpath(work.out / library.path, alias.parent))


def _missing(work: Relinking) -> frozenset[str]:
    text = read_plain_text(work.directory / _MISSING, LARGEST_MADE)
    return frozenset(entry for entry in text.split(";") if entry)


def _failures(text: str, libraries: Sequence[SharedLibrary]) -> Iterator[tuple[str, str]]:
    """The libraries whose edge failed, as ninja reports them."""
    names = {Path(library.path).name: library.name for library in libraries}
    names |= {Path(library.path).stem.partition(".so")[0]: library.name for library in libraries}
    for match in _FAILED.finditer(text):
        file = Path(match["outputs"].split(" ")[0]).name
        name = names.get(file) or names.get(file.partition(".so")[0])
        if name:
            yield name, _reason(match["text"])


def _reason(said: str) -> str:
    if _NOT_PIC.search(said):
        return "the objects in its archives are not position-independent (compiled without -fPIC)"
    if names := list(dict.fromkeys(_UNDEFINED.findall(said))):
        return f"nothing on their link lines defines {listed(names, _SHOWN)}"
    lines = [line.strip() for line in said.splitlines() if "error" in line.lower() or "strongly connected" in line]
    telling = [line for line in lines if not re.match(r"(collect2|clang|.*linker command failed)", line)]
    return (telling or lines or [""])[0]


def _run(work: Relinking, command: Sequence[str]) -> tuple[Completed, str]:
    """How a command ended, and what it said."""
    said: list[bytes] = []

    def listen(chunk: bytes) -> None:
        said.append(chunk)
        if work.toolchain.on_output is not None:
            work.toolchain.on_output(chunk)

    with work.toolchain.core():
        done = run(
            command, cwd=work.directory, env=work.toolchain.env, log=work.log, timeout=work.timeout, on_output=listen
        )
    return done, b"".join(said).decode("utf-8", "replace")


def _refusal(work: Relinking, said: str, done: Completed) -> SupplyError:
    where = str(work.log)
    if done.timed_out or done.returncode < 0:
        return SupplyError(
            f"the shared libraries were not ready: the relinking {done.ending}",
            where=where,
            hint="run again: it resumes where it was (timeouts.llvm gives it longer)",
        )
    return RelinkError(
        f"no shared flavour can be derived from the static LLVM: {_reason(said) or done.ending}",
        where=where,
        hint=NO_DERIVING,
    )


def _project(work: Relinking, libraries: Sequence[SharedLibrary]) -> str:
    made = {name: library.name for library in libraries for name in (library.name, *library.aliases)}
    entries = [entry for library in libraries for entry in (*library.public, *library.private) if entry not in made]
    lines = [_PROJECT]
    plain = sorted({entry for entry in entries if _PLAIN_ENTRY.fullmatch(entry)})
    if any("::" in entry for entry in entries):
        # Not required: what such a package finds is of use also where it is not content with all that it found.
        lines += [f"find_package({name.removesuffix('_DIR')} QUIET CONFIG)\n" for name in work.packages]
    lines += [f"set(llvmgate_entries {' '.join(map(_quoted, plain))})\n", _LOOK]
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
        f"llvmgate_link({library.name} {scope} {words(entries)})\n"
        for scope, entries in (("PUBLIC", library.public), ("PRIVATE", library.private))
        if entries
    )


def _quoted(text: str) -> str:
    """A CMake argument; generator expressions stay what they are."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text).replace("${", "\\${") + '"'
