"""The second tree: the project configured once more with ``BUILD_SHARED_LIBS=ON``, never compiled.

Only CMake knows what each library would link in a shared build: ``llvm_add_library`` links PUBLIC when static but
PRIVATE when shared, so entries of LINK_LIBS without a keyword, and LINK_COMPONENTS, are transitive in static builds
alone. Two to five seconds of configuring give the true link lines.

Where LLVM's package forces its own choice on the project (``set(BUILD_SHARED_LIBS ${LLVM_ENABLE_SHARED_LIBS})``), or
where the strict view is wanted, the package is overlaid: generated ``LLVMConfig.cmake`` and ``MLIRConfig.cmake`` that
include the real ones and then say what a shared LLVM would say.
"""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.cache_entries import CacheEntry, read_cache
from pytest_llvmgate.cmake.codemodel import Codemodel, Target
from pytest_llvmgate.cmake.file_api import read_codemodel, write_query
from pytest_llvmgate.cmake.listfile import Command, parse
from pytest_llvmgate.cmake.ninja_file import LinkEdge, read_link_edges
from pytest_llvmgate.cmake.truth import truth
from pytest_llvmgate.errors import EXIT_VERDICT_NO, GateError
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.process.asking import ask
from pytest_llvmgate.process.environment import command_environment

_MARKER: Final = "llvmgate-shared-tree.json"
"""Says that a directory is ours, to be made anew at will, and with which command it was configured."""
_CARRIED_TYPES: Final = frozenset({"BOOL", "STRING", "PATH", "FILEPATH", "UNINITIALIZED"})
_COMPUTED: Final = re.compile(
    r"^(CMAKE_(HOME_DIRECTORY|CACHEFILE_DIR|PROJECT_NAME|MAKE_PROGRAM$)|FETCHCONTENT_BASE_DIR)"
    r"|-(ADVANCED|MODIFIED|STRINGS)$"
)
_OUTPUT: Final = re.compile(r"OUTPUT|INTDIR|INSTALL_PREFIX")
_CHECK_RESULT: Final = re.compile(r"^(HAVE_|.*_(SUPPORTS?_|SUPPORTED|WORKS|COMPILED)|[A-Z]+_SUPPORTS)")


class LlvmView(StrEnum):
    """How LLVM itself is looked at in the second tree."""

    AS_CONFIGURED = "as-configured"
    """As the prefix is: what a shared build of the project against this very LLVM would meet."""
    SHARED = "shared"
    """As if LLVM were built with BUILD_SHARED_LIBS, too: nothing is hidden by a dylib or a static closure."""


@dataclass(frozen=True, kw_only=True)
class LinkcheckOptions:
    """What is asked of a linkcheck."""

    view: LlvmView = LlvmView.AS_CONFIGURED
    over: ToolchainPrefix | None = None
    """An LLVM with BUILD_SHARED_LIBS that the shared build is to be over; by default the static build's own.

    An install, or a build directory of LLVM's that is configured and not built: its targets' interfaces are known then,
    and the static LLVM's archives stand for its libraries.
    """
    confirm: bool = False
    """Link everything for real, too."""
    jobs: int = 2
    """Links at a time."""
    timeout: float = 900.0
    """Seconds for configuring, and for each real link."""
    command: Sequence[str] | None = None
    """The CMake command of the build directory; without one, its cache says what to repeat."""
    env: Mapping[str, str] = field(default_factory=dict)
    """What CMake and the linkers see besides the environment of commands."""


class SharedTreeError(GateError):
    """The project cannot be configured as a shared build: a failure of the stage, not of the user's input."""

    exit_code = EXIT_VERDICT_NO


@dataclass(frozen=True, kw_only=True)
class SharedTree:
    """A configured shared build, and how it came about."""

    build_dir: Path
    model: Codemodel
    edges: Mapping[Path, LinkEdge]
    command: tuple[str, ...]
    view: LlvmView
    over_shared: bool = False
    """Configured over a shared LLVM in place of the static tree's own."""
    forced: bool = False
    """The project let LLVM's package decide BUILD_SHARED_LIBS, and the package was overlaid to say ON."""


def configure_shared_tree(static_dir: Path, scratch: Path, options: LinkcheckOptions) -> SharedTree:
    """Configure ``static_dir``'s project as a shared build in ``scratch`` and read its codemodel.

    ``scratch`` is reused when it was configured in the same way.
    Raises :class:`SharedTreeError` when CMake fails, and :class:`ToolError` when ``static_dir`` is no build directory.
    """
    static_dir, scratch = static_dir.absolute(), scratch.absolute()
    tree = scratch / ("tree-over-shared" if options.over else f"tree-{options.view.value}")
    ways = _ways(static_dir, scratch, tree, options)
    environment = {**command_environment(), **options.env, "LC_ALL": "C.UTF-8"}
    for words in _from_the_last(ways, tree):
        _configure(words, tree, environment, options.timeout)
        edges, model = read_link_edges(tree), read_codemodel(tree)
        if _is_shared(edges.values(), tree, model):
            break
    else:
        raise SharedTreeError(
            "the project stays static, although it is configured with BUILD_SHARED_LIBS=ON: its links cannot be told",
            where=str(tree / "llvmgate-configure.log"),
            hint="see where its CMake files set BUILD_SHARED_LIBS, or switch linkcheck off for it",
        )
    return SharedTree(
        build_dir=tree,
        model=model,
        edges=edges,
        command=tuple(words),
        view=options.view,
        over_shared=options.over is not None,
        forced=words != ways[0] and options.view is LlvmView.AS_CONFIGURED,
    )


def _ways(static_dir: Path, scratch: Path, tree: Path, options: LinkcheckOptions) -> list[list[str]]:
    """The commands to try, in order: LLVM's package as it is, overlaid, and overlaid however the project finds it."""
    cache, view = read_cache(static_dir), options.view
    base = (
        command_without_build_dir(options.command, static_dir, tree)
        if options.command
        else command_from_cache(cache, static_dir, tree)
    )
    base += ["-B", str(tree), "-DBUILD_SHARED_LIBS=ON"]
    if options.over:
        return [[*base, *(f"-D{name}_DIR={path}" for name, path in options.over.packages.items())]]
    packages = _write_overlay(scratch / f"packages-{view.value}", cache, strict=view is LlvmView.SHARED)
    overlaid = [*base, *(f"-D{name}={directory}" for name, directory in packages.items())]
    ways = [overlaid, _interposed(overlaid, scratch / "find-package.cmake")]
    return ways if view is LlvmView.SHARED else [base, *ways]


def _from_the_last(ways: Sequence[Sequence[str]], tree: Path) -> Sequence[Sequence[str]]:
    """Those from the one on that ``tree`` was configured in last: what did nothing then would only cost that tree."""
    ways = [words for place, words in enumerate(ways) if words not in ways[:place]]
    last = read_plain_text(tree / _MARKER, errors="replace") if (tree / _MARKER).is_file() else ""
    return ways[next((place for place, words in enumerate(ways) if _marked(words) == last), 0) :]


def _marked(words: Sequence[str]) -> str:
    return json.dumps(list(words), indent=1) + "\n"


def _interposed(words: Sequence[str], file: Path) -> list[str]:
    """The command with a word of ours after the project's own ``project()``, where that is free."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if any(word.startswith("-DCMAKE_PROJECT_INCLUDE") for word in words):
        return [*words]
    file.write_text(_INTERPOSED, encoding="utf-8")
    return [*words, f"-DCMAKE_PROJECT_INCLUDE={file}"]


def _is_shared(edges: Iterable[LinkEdge], tree: Path, model: Codemodel) -> bool:
    """Whether BUILD_SHARED_LIBS took effect as far as it can: the cache says ON, most libraries are shared, or each is
    declared static by name.
    """
    entry = read_cache(tree).get("BUILD_SHARED_LIBS")
    types = [edge.type for edge in edges]
    shared, static = types.count("SHARED_LIBRARY"), types.count("STATIC_LIBRARY")
    if (entry is not None and truth(entry.value) is True and shared > 0) or shared >= static:
        return True

    @functools.cache
    def own_calls(file: Path) -> tuple[Command, ...]:
        return tuple(parse(read_plain_text(file))) if file.is_relative_to(model.source_dir) else ()

    return all(_says_static(target, own_calls) for target in model.of_type("STATIC_LIBRARY"))


def _says_static(target: Target, own_calls: Callable[[Path], Sequence[Command]]) -> bool:
    """Whether the project's own call declares ``target`` static, and no other call in that file declares it else.

    ``llvm_add_library`` says it, too, but there BUILD_SHARED_LIBS decides which of its calls is made.
    """
    for site in target.backtrace:
        calls = own_calls(site.file) if site.line else ()
        words = next((call.words for call in calls if call.line == site.line), ())
        if "STATIC" in words:
            return all(
                "STATIC" in call.words for call in calls if call.name == site.command and call.words[:1] == words[:1]
            )
    return False


def _configure(words: Sequence[str], tree: Path, env: Mapping[str, str], timeout: float) -> None:
    """Run CMake, with what it prints in a log in the tree."""
    _prepare(tree, words)
    write_query(tree)
    try:
        done = ask(words, cwd=tree, env=env, seconds=timeout)
    except subprocess.TimeoutExpired as error:
        raise SharedTreeError(f"configuring the shared build took longer than {timeout:.0f} s") from error
    except OSError as error:
        raise SharedTreeError(f"{words[0]} cannot be run: {error}", hint="is CMake installed?") from error
    log = tree / "llvmgate-configure.log"
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode < 0:
        raise SharedTreeError(
            f"configuring the shared build was ended by signal {-done.returncode}", hint="run it again", where=str(log)
        )
    if done.returncode != 0:
        raise SharedTreeError(
            f"the project cannot be configured with BUILD_SHARED_LIBS=ON:\n{_first_errors(done.stderr)}",
            where=str(log),
            hint="this is what a shared build would meet first",
        )


def _first_errors(text: str, limit: int = 30) -> str:
    """The lines from the first error on, as CMake printed them."""
    lines = text.splitlines()
    first = next((i for i, line in enumerate(lines) if "Error" in line), max(0, len(lines) - limit))
    return "\n".join(lines[first : first + limit])


def _prepare(tree: Path, words: Sequence[str]) -> None:
    """Make ``tree`` ready for ``words``: kept when the last run was the same, emptied when it was another."""
    marker = tree / _MARKER
    text = _marked(words)
    if marker.is_file():
        if read_plain_text(marker, errors="strict") == text:
            return
        shutil.rmtree(tree)  # ours: the marker says so
    elif tree.is_dir() and any(tree.iterdir()):
        raise SharedTreeError(f"{tree} exists and was not made by the gate", hint="name another work directory")
    tree.mkdir(parents=True, exist_ok=True)
    marker.write_text(text, encoding="utf-8")


def command_without_build_dir(command: Sequence[str], static_dir: Path, tree: Path) -> list[str]:
    """``command`` without its build directory, and with its output directories moved along."""
    words: list[str] = []
    stream = iter(command)
    for word in stream:
        if word == "-B":
            next(stream, "")
        elif word.startswith("-B"):
            continue
        elif not word.startswith("-DBUILD_SHARED_LIBS"):
            name, equals, value = word.partition("=")
            words.append(name + equals + _moved(name, value, static_dir, tree))
    if "-S" not in words and not any(word.startswith("-S") for word in words):
        words += ["-S", read_cache(static_dir)["CMAKE_HOME_DIRECTORY"].value]
    return words


def command_from_cache(cache: Mapping[str, CacheEntry], static_dir: Path, tree: Path) -> list[str]:
    """A command that repeats what the cache of ``static_dir`` holds."""
    cmake = cache["CMAKE_COMMAND"].value if "CMAKE_COMMAND" in cache else "cmake"
    words = [cmake, "-S", cache["CMAKE_HOME_DIRECTORY"].value, "-G", cache["CMAKE_GENERATOR"].value]
    words += [
        f"-D{entry.name}:{_type(entry)}={_moved(entry.name, entry.value, static_dir, tree)}"
        for entry in cache.values()
        if _is_carried(entry)
    ]
    # Without these, FetchContent would download again what the static tree already has.
    words += [
        f"-DFETCHCONTENT_SOURCE_DIR_{path.name.removesuffix('-src').upper()}={path}"
        for path in sorted((static_dir / "_deps").glob("*-src"))
    ]
    return words


def _is_carried(entry: CacheEntry) -> bool:
    if _COMPUTED.search(entry.name) or entry.name == "BUILD_SHARED_LIBS" or entry.value.endswith("-NOTFOUND"):
        return False
    if entry.type == "INTERNAL":  # results of compiler checks: the same compiler would answer the same
        return bool(_CHECK_RESULT.match(entry.name)) and entry.value in {"", "0", "1"}
    return entry.type in _CARRIED_TYPES


def _type(entry: CacheEntry) -> str:
    return "STRING" if entry.type == "UNINITIALIZED" else entry.type


def _moved(name: str, value: str, static_dir: Path, tree: Path) -> str:
    """The value, with a place inside the static tree that is written to (or is not there yet) moved to the new tree.

    What exists in the static tree (a found package, a tool built there) is meant as it is.
    """
    place = Path(value)
    if not place.is_relative_to(static_dir) or (place.exists() and not _OUTPUT.search(name)):
        return value
    return str(tree / place.relative_to(static_dir))


def _write_overlay(directory: Path, cache: Mapping[str, CacheEntry], *, strict: bool) -> dict[str, Path]:
    """Packages that say what a shared LLVM would say; the cache variables that select them."""
    selected = {}
    for package in ("LLVM", "MLIR"):
        entry = cache.get(f"{package}_DIR")
        if entry is None or not (Path(entry.value) / f"{package}Config.cmake").is_file():
            continue
        real, home = Path(entry.value), directory / package.lower()
        home.mkdir(parents=True, exist_ok=True)
        for file in real.glob("*.cmake"):
            (home / file.name).write_text(f'include("{file.as_posix()}")\n', encoding="utf-8")
        text = f'include("{(real / f"{package}Config.cmake").as_posix()}")\n' + _OVERLAY
        if strict:
            text += _STRICT[package]
        (home / f"{package}Config.cmake").write_text(text, encoding="utf-8")
        selected[f"{package}_DIR"] = home
    return selected


_OVERLAY: Final = "set(LLVM_ENABLE_SHARED_LIBS ON)\n"
"""Also in MLIR's package, which looks for LLVM's by itself: a project may have unset LLVM_DIR."""
_INTERPOSED: Final = """\
macro(find_package)
  _find_package(${ARGV})
  if("${ARGV0}" MATCHES "^(LLVM|MLIR)$")
    set(LLVM_ENABLE_SHARED_LIBS ON)
  endif()
endmacro()
"""
"""For a project that finds LLVM its own way: CMake keeps an overridden command under its name with an underscore."""
_STRICT: Final = {
    # LINK_COMPONENTS and LINK_LIBS of LLVM's own libraries are PRIVATE when shared: nothing is transitive.
    "LLVM": """\
set(LLVM_LINK_LLVM_DYLIB OFF)
foreach(llvmgate_target IN LISTS LLVM_AVAILABLE_LIBS)
  if(TARGET ${llvmgate_target})
    set_property(TARGET ${llvmgate_target} PROPERTY INTERFACE_LINK_LIBRARIES "")
  endif()
endforeach()
""",
    # MLIR's libraries say LINK_LIBS PUBLIC for other MLIR libraries; LINK_COMPONENTS (LLVM's) are PRIVATE when shared.
    "MLIR": """\
set(MLIR_LINK_MLIR_DYLIB OFF)
foreach(llvmgate_target IN LISTS MLIR_EXPORTED_TARGETS)
  if(TARGET ${llvmgate_target})
    get_target_property(llvmgate_all ${llvmgate_target} INTERFACE_LINK_LIBRARIES)
    set(llvmgate_kept)
    foreach(llvmgate_entry IN LISTS llvmgate_all)
      list(FIND MLIR_EXPORTED_TARGETS "${llvmgate_entry}" llvmgate_place)
      if(NOT llvmgate_place EQUAL -1)
        list(APPEND llvmgate_kept ${llvmgate_entry})
      endif()
    endforeach()
    get_target_property(llvmgate_type ${llvmgate_target} TYPE)
    if(llvmgate_type MATCHES "_LIBRARY$")
      set_property(TARGET ${llvmgate_target} PROPERTY INTERFACE_LINK_LIBRARIES "${llvmgate_kept}")
    endif()
  endif()
endforeach()
""",
}
