"""What an LLVM offers to a downstream by name: headers, libraries, components, CMake commands, tablegen generators.

Read from an install (:func:`index_install`) or from the source alone (:func:`index_source`): straight from git's
objects, nothing built. What a build generates is known by rule there (:mod:`generated`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.surface.file_tree import DirectoryTree, SourceTree
from pytest_llvmgate.surface.generated_headers import CMAKE_COMMENT, generated_headers
from pytest_llvmgate.surface.tool_options import options_of
from pytest_llvmgate.upstream.whose import INCLUDE_ROOTS, include_name

_COMMAND: Final = re.compile(rb"^[ \t]*(?:function|macro)[ \t]*\([ \t]*([\w.]+)", re.MULTILINE | re.IGNORECASE)
_IMPORTED: Final = re.compile(
    r"^add_(library|executable)\(\"?([^\s\")]+)\"? (?:\w+ )?(?:IMPORTED|STATIC|SHARED)", re.MULTILINE
)
_AVAILABLE: Final = re.compile(r"^[ \t]*+set\(LLVM_AVAILABLE_LIBS (?P<names>[^()]*+)\)", re.MULTILINE)
_GENERATOR: Final = re.compile(rb'"(gen-[\w-]+)"')
_LIBRARY: Final = re.compile(
    rb"^[ \t]*(?P<command>(?:llvm_)?add_\w*(?:library|libs|target|aggregate)|declare_mlir_python_\w+)"
    rb"[ \t]*\([ \t\n]*(?P<name>[\w.-]+)",
    re.MULTILINE,
)
_PYTHON_BINDINGS: Final = re.compile(
    rb"^[ \t]*declare_mlir_dialect_(?P<extension>extension_)?python_bindings[ \t]*\((?P<arguments>[^)]*)\)",
    re.MULTILINE,
)
_GENERATED_MODULES: Final = frozenset(
    {f"{package}{part}" for package in ("LLVM", "MLIR") for part in ("Config", "ConfigVersion")}
    | {"LLVMExports", "MLIRTargets", "LLVMConfigExtensions"}
)
_INTERFACE_SUFFIX: Final = re.compile(rb'"(-interface-\w+)"')
_INTERFACE_KIND: Final = re.compile(rb'InterfaceGenRegistration(?:<\w+>)?\s+\w+\(\s*"(\w+)"')
_PROGRAM: Final = re.compile(
    rb"^[ \t]*add_(?:llvm_utility|llvm_tool|llvm_executable|llvm_fuzzer|mlir_tool|tablegen)"
    rb"[ \t]*\([ \t\n]*(?P<name>[\w.-]+)",
    re.MULTILINE,
)

_GROUPS: Final = ("asmparsers", "asmprinters", "descs", "disassemblers", "infos", "codegens")
_COMMON_COMPONENTS: Final = frozenset(
    {"all", "all-targets", "native", "nativecodegen", "backend", "engine", "allbackends", "alltargets"}
    | {f"{scope}{group}" for scope in ("", "all", "alltargets") for group in _GROUPS}
)
"""Component groups that LLVM-Config.cmake expands by itself."""

_SOURCE_DIRECTORIES: Final = (
    "llvm/include",
    "llvm/lib",
    "llvm/cmake",
    "llvm/utils",
    "llvm/tools",
    "mlir/include",
    "mlir/lib",
    "mlir/cmake",
    "mlir/python",
    "mlir/tools",
    "mlir/utils",
    "clang/include",
    "lld/include",
    "cmake",
)
"""The parts of llvm-project that a downstream can name something of; tests are not among them."""
_HEADER_SUFFIXES: Final = (".h", ".hpp", ".def", ".inc", ".td", ".pdll", ".gen", ".yaml")


@dataclass(frozen=True, kw_only=True)
class Provided:
    """Names that a toolchain, or a component, offers."""

    label: str
    headers: frozenset[str] = frozenset()
    """Paths as an ``#include`` says them, generated ones included."""
    libraries: frozenset[str] = frozenset()
    """CMake targets of libraries: MLIRIR, LLVMCore."""
    components: frozenset[str] = frozenset()
    """LLVM components, in lower case."""
    commands: frozenset[str] = frozenset()
    """CMake functions and macros, in lower case."""
    command_files: Mapping[str, str] = field(default_factory=dict)
    """Command to the name of the installed file that defines it."""
    modules: frozenset[str] = frozenset()
    """CMake modules, without ``.cmake``."""
    generators: frozenset[str] = frozenset()
    """Generator flags of mlir-tblgen and llvm-tblgen, without dashes."""
    programs: frozenset[str] = frozenset()
    """CMake targets of programs: mlir-tblgen, FileCheck."""
    unknown_generated: frozenset[str] = frozenset()
    """Directories of headers in which a rule that is not understood may generate more."""

    def may_generate(self, header: str) -> bool:
        """Whether ``header`` looks generated, in a directory whose rules are not all understood."""
        return header.rpartition("/")[0] in self.unknown_generated


# -- an install ---------------------------------------------------------------------------------------------------


def index_install(packages: Sequence[Path], *, label: str = "", ask_tools: bool = True) -> Provided:
    """What an install offers, told by its CMake packages' directories (``lib/cmake/llvm``); the first is LLVM's.

    ``ask_tools`` runs the tablegen programs, for the generators that they list.
    """
    roots = list(dict.fromkeys(package.parents[2] for package in packages))
    targets = [match for package in packages for match in _imported(package)]
    available = next(
        (found for package in packages if (found := _AVAILABLE.search(_text(package / "LLVMConfig.cmake")))), None
    )
    libraries = {name for kind, name in targets if kind == "library"}
    libraries.update(available["names"].split(";") if available else ())
    modules = [file for package in packages for file in sorted(package.glob("*.cmake"))]
    commands = {name.decode().lower(): file.name for file in modules for name in _COMMAND.findall(_text(file).encode())}
    return Provided(
        label=label or (str(roots[0]) if roots else ""),
        headers=frozenset(
            header for root in roots for header in DirectoryTree(root / "include", follow=True).names(())
        ),
        libraries=frozenset(libraries),
        components=_components(libraries),
        commands=frozenset(commands),
        command_files=commands,
        modules=frozenset(file.stem for file in modules),
        generators=frozenset(name for root in roots for name in _generators_of(root)) if ask_tools else frozenset(),
        programs=frozenset(name for kind, name in targets if kind == "executable"),
    )


def packages_of(prefixes: Iterable[Path]) -> tuple[Path, ...]:
    """The CMake packages of LLVM's projects in some prefixes, LLVM's own first."""
    found = [path for prefix in prefixes for path in sorted((prefix / "lib" / "cmake").glob("*")) if path.is_dir()]
    return tuple(sorted(found, key=lambda path: path.name != "llvm"))


def _text(file: Path) -> str:
    try:
        return read_plain_text(file)
    except OSError:
        return ""


def _imported(package: Path) -> Iterator[tuple[str, str]]:
    for file in (*package.glob("*Exports.cmake"), *package.glob("*Targets.cmake")):
        yield from _IMPORTED.findall(_text(file))


def _components(libraries: Iterable[str]) -> frozenset[str]:
    """Component names: the libraries' without ``LLVM``, and the groups that targets form."""
    names = {name.removeprefix("LLVM").lower() for name in libraries if name.startswith("LLVM")}
    targets = {name.removesuffix("codegen") for name in names if name.endswith("codegen")} - {""}
    return frozenset(names | targets | _COMMON_COMPONENTS)


def _generators_of(root: Path) -> Iterator[str]:
    for name in ("mlir-tblgen", "llvm-tblgen"):
        yield from (option.lstrip("-") for option in options_of([root], name) if option.lstrip("-").startswith("gen-"))


# -- a source tree ------------------------------------------------------------------------------------------------


def index_source(tree: SourceTree) -> Provided:
    """What llvm-project's source offers once it is built, without building it."""
    names = tree.names(_SOURCE_DIRECTORIES)
    lists = [name for name in names if name.endswith("CMakeLists.txt")]
    modules = [name for name in names if name.endswith(".cmake") and _is_module(name)]
    tablegen = [name for name in names if name.endswith(".cpp") and ("tblgen" in name or "/TableGen/" in name)]
    wanted = [*lists, *modules, *tablegen]
    contents = dict(tree.read(wanted))
    _check_complete(tree, wanted, contents)
    headers = {name for path in names if path.endswith(_HEADER_SUFFIXES) and (name := include_name(path))}
    made, unknown = generated_headers(
        {name: contents[name] for name in lists if name in contents}, names, INCLUDE_ROOTS
    )
    libraries = {"LTO", *_found(contents, lists, _source_libraries)}  # LTO's name stands in a variable
    return Provided(
        label=tree.label,
        headers=frozenset(headers | made),
        libraries=frozenset(libraries),
        components=_components(libraries),
        commands=frozenset(
            name.decode().lower() for file in modules for name in _COMMAND.findall(contents.get(file, b""))
        ),
        modules=frozenset(Path(name).name.removesuffix(".in").removesuffix(".cmake") for name in modules)
        | _GENERATED_MODULES,
        generators=frozenset(name for file in tablegen for name in _source_generators(contents.get(file, b""))),
        programs=frozenset(_found(contents, lists, _source_programs)),
        unknown_generated=frozenset(unknown),
    )


def _check_complete(tree: SourceTree, wanted: Sequence[str], contents: dict[str, bytes]) -> None:
    """What cannot be read would count as gone from LLVM: a partial clone has names without contents."""
    absent = [name for name in wanted if name not in contents]
    if absent:
        raise RepositoryError(
            f"{len(absent)} of {len(wanted)} files of LLVM {tree.label} cannot be read, {absent[0]} first",
            hint="a partial clone lacks what it has not fetched: use a full or a shallow clone",
        )


def _is_module(name: str) -> bool:
    return name.startswith(("llvm/cmake/", "mlir/cmake/", "cmake/"))


def _found(contents: dict[str, bytes], files: Sequence[str], reader: Callable[[bytes], Iterable[str]]) -> Iterator[str]:
    for file in files:
        yield from reader(CMAKE_COMMENT.sub(b"", contents.get(file, b"")))


def _source_generators(text: bytes) -> Iterator[str]:
    """Generator flags that a file of a tablegen program registers."""
    yield from (name.decode() for name in _GENERATOR.findall(text))
    for kind in _INTERFACE_KIND.findall(text):  # "gen-" + kind + "-interface-decls"
        yield from (f"gen-{kind.decode()}{suffix.decode()}" for suffix in _INTERFACE_SUFFIX.findall(text))


def library_directories(tree: SourceTree, is_wanted: Callable[[str], bool]) -> frozenset[str]:
    """Where the sources of some of LLVM's libraries lie: with the CMakeLists.txt that declares one by its name."""
    lists = [name for name in tree.names(("mlir/lib", "llvm/lib")) if name.endswith("CMakeLists.txt")]
    found = (name for name, text in tree.read(lists) if any(map(is_wanted, _source_libraries(text))))
    return frozenset(name.rpartition("/")[0] for name in found)


def _source_libraries(text: bytes) -> Iterator[str]:
    """Libraries that a CMake file declares, under the names that their functions give them."""
    for match in _LIBRARY.finditer(text):
        command, name = match["command"].decode(), match["name"].decode()
        if command == "add_llvm_target":  # add_llvm_target(X86CodeGen ...) makes LLVMX86CodeGen
            yield f"LLVM{name}"
        elif command == "add_mlir_interface_library":  # add_mlir_interface_library(CallInterfaces) of MLIR's own
            yield f"MLIR{name}"
        elif not command.endswith("target"):
            yield name
            if "mlir" in command:
                yield f"obj.{name}"
    for match in _PYTHON_BINDINGS.finditer(text):
        words = match["arguments"].decode("utf-8", "replace").split()
        values = dict(pairwise(words))
        name = values.get("EXTENSION_NAME" if match["extension"] else "DIALECT_NAME", "")
        whole = f"{values.get('ADD_TO_PARENT', '')}.{name}"
        yield from (whole, f"{whole}.ops_gen")


def _source_programs(text: bytes) -> Iterator[str]:
    yield from (match["name"].decode() for match in _PROGRAM.finditer(text))
