"""How a project is built, as its CMake files say: where they begin, which options there are, what linkage follows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.cmake.listfile import Command, parse
from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.model import Location
from pytest_llvmgate.pins.known import Build, project_named
from pytest_llvmgate.pins.places import vendored
from pytest_llvmgate.pins.tree_view import TreeView

_OPTION: Final = re.compile(
    r"^[ \t]*(?:cmake_dependent_)?option[ \t]*\(\s*([A-Za-z0-9_]+)(?:\s+\"([^\"]*)\")?(?:\s+(ON|OFF))?", re.MULTILINE
)
_PART: Final = re.compile(
    r"(?:^|_)(?:ENABLE|BUILD|USE|WITH|INCLUDE|INPUT)_|_(?:ENABLED|SUPPORT|BACKEND)$|SHARED|DYLIB", re.IGNORECASE
)
"""An option that puts a part of the project in or leaves it out, or says how it is linked."""
_HOW: Final = re.compile(
    r"WERROR|WARN|SANITI|[AUT]SAN|CCACHE|_LLD$|_LTO|COVERAGE|_DOCS?$|DOXYGEN|SPHINX|EXAMPLE|BENCHMARK|ASSERT|DEBUG|"
    r"_(?:DIR|PATH|ROOT|PREFIX)$|VERBOSE|_PCH$|COLOR|IWYU|TIDY|INSTALL|SPLIT_DWARF|TIMING|PROFIL|LIBCXX|RTTI|EXCEPTION|_EH$|IPO|STRIP|PACKAG"
)
"""What changes how a project is built, and not what of it."""
_INSTALL: Final = re.compile(
    r"_(?:LLVM|MLIR|CLANG)_(?:INSTALL|ROOT|PREFIX|HOME)(?:_(?:DIR|PATH|PREFIX))?$", re.IGNORECASE
)
_CMAKE_FILE: Final = re.compile(r"(?:^|/)CMakeLists\.txt$|\.cmake$")
_FOLLOWS_LLVM: Final = (
    r"^[[:space:]]*set[[:space:]]*\([[:space:]]*BUILD_SHARED_LIBS[[:space:]]+\$\{LLVM_ENABLE_SHARED_LIBS\}"
)
_TAKE_A_TYPE: Final = frozenset({"add_library", "add_llvm_library", "add_mlir_library", "add_clang_library"})
"""Commands that take the kind of a library after its name: CMake's and those of AddLLVM, AddMLIR and AddClang."""
_TYPES: Final = frozenset({"STATIC", "SHARED", "MODULE", "OBJECT", "INTERFACE", "IMPORTED", "ALIAS", "UNKNOWN"})
_FOREIGN: Final = re.compile(r"(?:^|/)(?:third_party|thirdparty|externals?|vendor|node_modules)/", re.IGNORECASE)
_NO_BUILD: Final = re.compile(r"(?:^|/)(?:tests?|examples?|docs?|benchmarks?|tutorials?|docker)/", re.IGNORECASE)
_PROJECT: Final = re.compile(r"^[ \t]*project[ \t]*\(", re.MULTILINE | re.IGNORECASE)
_USES_LLVM: Final = re.compile(
    r"find_package[ \t]*\([ \t\n]*(?:MLIR|LLVM|(?:Lib)?Clang)\b|llvm-(?:project|config)|libclang"
    r"|include\([ \t]*(?:AddLLVM|AddMLIR|TableGen)|LLVM_EXTERNAL_",
    re.IGNORECASE,
)
_SHARED_OPTION: Final = re.compile(r"(?:^|_)(?:BUILD_|ENABLE_)?SHARED(?:_LIBS?|_LIBRAR(?:Y|IES))?$")
_DYLIB_OPTION: Final = re.compile(r"_LINK_(?:LLVM|MLIR)_DYLIB$")
_DECIDES: Final = re.compile(
    r"^(?>.*?if[ \t]*+\().*BUILD_SHARED_LIBS|option[ \t]*+\([ \t]*+BUILD_SHARED_LIBS", re.IGNORECASE
)
BUILD_SHARED_LIBS: Final = "BUILD_SHARED_LIBS"


@dataclass(frozen=True, kw_only=True)
class FoundOption:
    """A CMake option that may be worth an axis."""

    name: str
    default: str
    """``ON``, ``OFF`` or empty."""
    summary: str
    where: Location
    component: str = ""
    """Name of the pin whose component it turns off."""


def cmake_source(view: TreeView) -> str:
    """The directory, relative to the top, whose CMakeLists.txt is the project's own; empty where there is none.

    Where there is none at the top, it is the nearest one below that begins a project and speaks of LLVM.
    """
    if (view.repository.work_tree / "CMakeLists.txt").is_file():
        return "."
    borrowed = tuple(f"{path}/" for path in vendored(view))
    paths = [path for path in view.files if path.endswith("/CMakeLists.txt") and not path.startswith(borrowed)]
    paths = [path for path in paths if not _FOREIGN.search(path) and not _NO_BUILD.search(path)]
    begun = [(path, text) for path, text in view.texts(sorted(paths, key=_depth)[:400]) if _PROJECT.search(text)]
    with_llvm = [path for path, text in begun if _USES_LLVM.search(text)]
    return str(PurePosixPath(with_llvm[0]).parent) if with_llvm else ""


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def linkage_option(options: Iterable[FoundOption], view: TreeView, source: str) -> str:
    """The option by which the project's own libraries become static or shared.

    That is ``BUILD_SHARED_LIBS``, unless the project has an option of its own for it, and never mentions that one.
    Empty where no library of it can be either.
    """
    top = "" if source in {"", "."} else f"{source}/"
    near = [
        one for one in options if one.where.path.startswith(top) and one.where.path.count("/") <= top.count("/") + 1
    ]
    own = [one.name for one in near if _SHARED_OPTION.search(one.name) and one.name != BUILD_SHARED_LIBS]
    own += [one.name for one in near if _DYLIB_OPTION.search(one.name)]
    if own:
        follows = list(_in_cmake(view, "-w", "-F", BUILD_SHARED_LIBS))
        return BUILD_SHARED_LIBS if any(_DECIDES.search(text) for _, _, text in follows) else own[0]
    files = [path for path in view.files if _CMAKE_FILE.search(path) and not _FOREIGN.search(path)]
    either = (path for path, text in view.texts(sorted(files, key=_depth)) if _has_either(text))
    added = cache(lambda: [text for _, _, text in _in_cmake(view, "-i", "-F", "subdirectory")])
    is_fixed = files and all(_is_apart(view, path, source, added) for path in either)
    return "" if is_fixed else BUILD_SHARED_LIBS


def _is_apart(view: TreeView, path: str, source: str, added: Callable[[], list[str]]) -> bool:
    """Whether a CMake file lies in a project of its own, an example mostly, that no ``add_subdirectory`` takes in."""
    above = [parent for parent in PurePosixPath(path).parents if parent.parts and str(parent) != source]
    texts = ((parent, view.content(f"{parent}/CMakeLists.txt") or "") for parent in above)
    begun = [re.escape(parent.name) for parent, text in texts if _PROJECT.search(text)]
    takes = re.compile(rf"[(/\"]\s*(?:{'|'.join(begun)})[\s/\")]|\(\s*\$\{{\w+\}}\s*\)")
    return bool(begun) and not any(map(takes.search, added()))


def _has_either(text: str) -> bool:
    """Whether a CMake file makes a library without saying whether it is static or shared."""
    commands = [*parse(text)]
    if any(BUILD_SHARED_LIBS in word for each in commands for word in each.words):
        return True
    fixed = {f"${{{each.words[0]}}}" for each in commands if each.name == "set" and _TYPES & {*each.words[1:2]}}
    return any(
        "add_" in each.name  # which a wrapper of add_library has nearly always in its name, and one of these as its end
        and each.name.endswith(("library", "dialect"))
        and not (each.name in _TAKE_A_TYPE and (_TYPES | fixed) & {*each.words[1:3]})
        for each in commands
    )


def borne_out(view: TreeView, build: Build) -> Build:
    """Of what is known of a project's build, the targets and options that this state of it names in CMake files."""
    words = [*build.targets, *build.check, *build.cmake]
    lines = [text for _, _, text in _in_cmake(view, "-F", *words)] if words else []
    named = {word for line in lines for word in re.findall(r"[\w-]+", line)}
    return replace(
        build,
        targets=tuple(word for word in build.targets if word in named),
        check=tuple(word for word in build.check if word in named),
        cmake={name: value for name, value in build.cmake.items() if name in named},
    )


def llvm_paths(commands: Iterable[Command]) -> Iterator[str]:
    """Cache variables of the project's own, empty by default, in which it wants to be told where LLVM is installed."""
    for command in commands:
        words = command.words
        if command.name == "set" and words[1:4] == ("", "CACHE", "PATH") and _INSTALL.search(words[0]):
            yield words[0]


def top_commands(view: TreeView, source: str) -> tuple[Command, ...]:
    """The commands of the top CMake file; none where there is none."""
    text = view.content(f"{source}/CMakeLists.txt".removeprefix("./")) if source else None
    return tuple(parse(text or ""))


def follows_llvm(view: TreeView) -> Location | None:
    """Where ``BUILD_SHARED_LIBS`` is taken from LLVM's own setting, whatever is passed."""
    found = _in_cmake(view, "-i", "-E", _FOLLOWS_LLVM)
    return next((Location(path=path, line=line) for path, line, _ in found if not _FOREIGN.search(path)), None)


def _in_cmake(view: TreeView, *words: str) -> Iterator[tuple[str, int, str]]:
    """File, line and text of what ``git grep`` finds in CMake files; of ``words``, those without a dash are sought."""
    options = [word for word in words if word.startswith("-")]
    patterns = [part for word in words if not word.startswith("-") for part in ("-e", word)]
    command = ["--no-literal-pathspecs", "grep", "-I", "-n", "-z", "--no-color", *options, *patterns]
    output = view.repository.run(*command, "--", "*CMakeLists.txt", "*.cmake", ok=(0, 1))
    for hit in output.decode("utf-8", "surrogateescape").splitlines():
        path, line, text = hit.split("\0", 2)
        if _CMAKE_FILE.search(path):
            yield path, int(line), text


def options(view: TreeView, pins: list[PinSpec]) -> Iterator[FoundOption]:
    """The CMake options that may be worth an axis; ``pins`` are those inside components."""
    components = [pin.name for pin in pins]
    inside = (*(f"{pin.component}/" for pin in pins), *(f"{path}/" for path in vendored(view)))
    top = cmake_source(view).removeprefix(".")
    files = (path for path in view.files if _CMAKE_FILE.search(path) and not path.startswith(inside))
    for path, text in view.texts(files):
        near = path.startswith(top) and path.count("/") <= top.count("/") + 1 + bool(top) and not _FOREIGN.search(path)
        for match in _OPTION.finditer(text):
            component = _switched(match[1], components)
            if component or (near and _PART.search(match[1]) and not _HOW.search(match[1])):
                yield FoundOption(
                    name=match[1],
                    default=match[3] or "",
                    summary=match[2] or "",
                    where=Location(path=path, line=text.count("\n", 0, match.start(1)) + 1),
                    component=component,
                )


def _switched(option: str, components: Iterable[str]) -> str:
    """The component that an option's name says it turns on."""
    name = option.lower()
    if re.search(r"(?:enable|use|with|build|input)_", name) is None:
        return ""
    words = ((component, word) for component in components for word in _words_for(component))
    return next((component for component, word in words if name.endswith(f"_{word}")), "")


def _words_for(component: str) -> Iterator[str]:
    """What an option may call a component: its name, another one it has, or what it has beside MLIR."""
    known = project_named(component)
    names = [component, *(known.aliases if known else ())]
    for name in names:
        plain = re.sub(r"[^a-z0-9]", "_", name.lower())
        yield plain
        yield from (
            part
            for part in (plain.removeprefix("mlir_"), plain.removesuffix("_mlir"))
            if part != plain and len(part) > 2
        )
