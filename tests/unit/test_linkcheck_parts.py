"""The smaller parts of the predict room: edits, layers, the second tree's command, toolchain facts, linkers' words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llvmgate.cmake.cache_entries import parse_cache
from pytest_llvmgate.cmake.compile_commands import CompileCommand
from pytest_llvmgate.linkcheck.confirm import undefined_symbols, was_ended
from pytest_llvmgate.linkcheck.same_commands import words_that_leave_out
from pytest_llvmgate.linkcheck.shared_tree import command_from_cache, command_without_build_dir
from pytest_llvmgate.model import Layer
from pytest_llvmgate.objects.demangle import demangle
from pytest_llvmgate.owners.by_tree import Layers, find_layers
from pytest_llvmgate.preflight.build_facts import ToolchainFacts, check_toolchain, read_toolchain, rtti_note
from pytest_llvmgate.preflight.switched_off import BuiltParts
from pytest_llvmgate.preflight.syntax_check import syntax_command
from pytest_llvmgate.preflight.tablegen import find_calls, own_include_directories
from pytest_llvmgate.preflight.usage import scan
from pytest_llvmgate.surface.file_tree import DirectoryTree
from pytest_llvmgate.surface.provided import Provided


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


# -- whose file it is ---------------------------------------------------------------------------------------------


def test_layers_come_from_submodules_and_extra_directories(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".gitmodules": '[submodule "a"]\n\tpath = externals/llvm-project\n\turl = x\n'
            '[submodule "b"]\n\tpath = third_party/stablehlo\n'
        },
    )
    layers = find_layers(tmp_path, [Path("vendored/hlo")])
    root = tmp_path.resolve()
    assert layers.of(root / "externals/llvm-project/mlir/x.cpp") == (Layer.LLVM, "")
    assert layers.of(root / "third_party/stablehlo/x.cpp") == (Layer.COMPONENT, "stablehlo")
    assert layers.of(root / "vendored/hlo/x.cpp") == (Layer.COMPONENT, "hlo")
    assert layers.of(root / "lib/x.cpp") == (Layer.DOWNSTREAM, "")
    assert layers.of(Path("/elsewhere/x.cpp")) == (Layer.MACHINE, "")
    assert layers.name(root / "lib/x.cpp") == "lib/x.cpp"


# -- what the objects leave out -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (("-O3", "-DNDEBUG"), ("-O3", "-DNDEBUG")),
        (("-O2", "-g", "-O0"), ()),
        (("-O0", "-DNDEBUG"), ("-DNDEBUG",)),
        (("-O2", "-DNDEBUG", "-UNDEBUG"), ("-O2",)),
        (("-g",), ()),
    ],
)
def test_the_last_words_that_optimise_or_drop_assertions_count(
    flags: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    command = CompileCommand(directory=Path("/b"), file=Path("/s/a.cpp"), arguments=("c++", *flags, "-c", "a.cpp"))
    assert words_that_leave_out([command]) == expected
    assert words_that_leave_out([replace(command, output=Path("/b/not-built.o"))]) == ()


# -- the second tree's command ------------------------------------------------------------------------------------


def test_a_command_keeps_all_but_its_build_directory_and_linkage(tmp_path: Path) -> None:
    static, tree = tmp_path / "static", tmp_path / "tree"
    words = ["cmake", "-S", "src", "-B", str(static), "-DBUILD_SHARED_LIBS=OFF", "-DX=1", f"-DOUTPUT={static}/lib"]
    assert command_without_build_dir(words, static, tree) == ["cmake", "-S", "src", "-DX=1", f"-DOUTPUT={tree}/lib"]


CACHE = """\
CMAKE_COMMAND:INTERNAL=/usr/bin/cmake
CMAKE_GENERATOR:INTERNAL=Ninja
CMAKE_HOME_DIRECTORY:INTERNAL=/src
CMAKE_CXX_COMPILER:FILEPATH=/usr/bin/c++
BUILD_SHARED_LIBS:BOOL=OFF
MINE:UNINITIALIZED=a b
mini_BINARY_DIR:STATIC=/b
ZLIB_DIR:PATH=ZLIB_DIR-NOTFOUND
HAVE_FOO:INTERNAL=1
OTHER:INTERNAL=secret
"""


def test_a_cache_is_repeated_without_what_it_computed(tmp_path: Path) -> None:
    assert command_from_cache(parse_cache(CACHE), tmp_path / "static", tmp_path / "tree") == [
        "/usr/bin/cmake",
        "-S",
        "/src",
        "-G",
        "Ninja",
        "-DCMAKE_CXX_COMPILER:FILEPATH=/usr/bin/c++",
        "-DMINE:STRING=a b",
        "-DHAVE_FOO:INTERNAL=1",
    ]


def test_what_was_fetched_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "_deps/slang-src").mkdir(parents=True)
    words = command_from_cache(parse_cache(CACHE), tmp_path, tmp_path / "tree")
    assert words[-1] == f"-DFETCHCONTENT_SOURCE_DIR_SLANG={tmp_path}/_deps/slang-src"


def test_output_directories_move_and_found_packages_stay(tmp_path: Path) -> None:
    (tmp_path / "static/pkg").mkdir(parents=True)
    cache = CACHE + f"LIB_OUTPUT:PATH={tmp_path}/static/lib\nFOO_DIR:PATH={tmp_path}/static/pkg\n"
    words = command_from_cache(parse_cache(cache), tmp_path / "static", tmp_path / "tree")
    assert f"-DLIB_OUTPUT:PATH={tmp_path}/tree/lib" in words
    assert f"-DFOO_DIR:PATH={tmp_path}/static/pkg" in words


# -- what linkers say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        (
            "F.cpp:(.text+0x1): undefined reference to `_ZN1aE'\nx: more undefined references to `_ZN1bE' follow",
            "_ZN1aE",
        ),
        ("x.o:f.cpp:function f: error: undefined reference to '_ZN1aE'", "_ZN1aE"),
        ("ld.lld: error: undefined symbol: _ZN1aE\n>>> referenced by x", "_ZN1aE"),
        ("ld.lld: error: undefined hidden symbol: _ZN1aE\n", "_ZN1aE"),
        ("mold: error: undefined symbol: _ZN1aE\n", "_ZN1aE"),
        ("ld: x.o: undefined reference to symbol '_ZN1aE'\nld: libx.so: error adding symbols: DSO missing", "_ZN1aE"),
        ("ld.lld: error: libx.so: undefined reference to _ZN1aE [--no-allow-shlib-undefined]", "_ZN1aE"),
        ("ld.lld: error: undefined reference: _ZN1aE\n>>> referenced by libx.so", "_ZN1aE"),
        ("ld.lld: error: undefined reference due to --no-allow-shlib-undefined: _ZN1aE\n", "_ZN1aE"),
        ("ld: x.o: hidden symbol `_ZN1aE' isn't defined", "_ZN1aE"),
        ("c++: error: no such file", ""),
    ],
)
def test_undefined_symbols_in_every_linkers_words(text: str, symbols: str) -> None:
    assert {name for name in undefined_symbols(text) if name != "_ZN1bE"} == set(symbols.split())


@pytest.mark.parametrize(
    ("status", "output", "ended"),
    [
        (-9, "undefined reference to `half", True),
        (1, "collect2: fatal error: ld terminated with signal 9 [Killed]", True),
        (1, "undefined reference to `_ZN6Killed1fEv'", False),
        (0, "", False),
    ],
)
def test_a_link_that_was_ended_from_outside_is_no_answer(status: int, output: str, ended: bool) -> None:
    assert was_ended(status, output) is ended


def test_demangling_keeps_what_it_does_not_understand() -> None:
    assert demangle(["plain", "_Zbroken"]) == {"plain": "plain", "_Zbroken": "_Zbroken"}
    assert demangle([]) == {}


# -- the toolchain ------------------------------------------------------------------------------------------------

CONFIG = """\
set(LLVM_PACKAGE_VERSION 22.1.8)
set(LLVM_ENABLE_RTTI OFF)
set(LLVM_ENABLE_EH OFF)
set(LLVM_ENABLE_ASSERTIONS ON)
set(LLVM_LINK_LLVM_DYLIB)
set(LLVM_ENABLE_SHARED_LIBS OFF)
set(LLVM_DEFINITIONS "-D_GNU_SOURCE -DX")
"""


@pytest.fixture
def facts(tmp_path: Path) -> ToolchainFacts:
    write(
        tmp_path,
        {
            "lib/cmake/llvm/LLVMConfig.cmake": CONFIG,
            "include/llvm/Config/abi-breaking.h": "#define LLVM_ENABLE_ABI_BREAKING_CHECKS 1\n",
        },
    )
    return read_toolchain(tmp_path / "lib/cmake/llvm")


def kinds(facts: ToolchainFacts, root: Path, **more: object) -> list[tuple[str, str]]:
    arguments = {
        "usage": scan(DirectoryTree(root)),
        "provided": Provided(label="x"),
        "layers": Layers(root=root),
        **more,
    }
    return [(finding.kind, finding.identifier) for finding in check_toolchain(facts, **arguments)]  # type: ignore[arg-type]


def test_settings_are_read_from_the_package_and_the_header(facts: ToolchainFacts) -> None:
    assert facts.settings == {
        "LLVM_ENABLE_RTTI": False,
        "LLVM_ENABLE_EH": False,
        "LLVM_ENABLE_ASSERTIONS": True,
        "LLVM_ENABLE_SHARED_LIBS": False,
        "LLVM_LINK_LLVM_DYLIB": False,
        "LLVM_ENABLE_ABI_BREAKING_CHECKS": True,
    }


def test_rtti_that_is_asked_for_and_not_there_is_said_first(facts: ToolchainFacts, tmp_path: Path) -> None:
    found = kinds(facts, tmp_path, wanted={"LLVM_ENABLE_RTTI": "ON", "LLVM_ENABLE_EH": "OFF"})
    assert found == [("abi-mismatch", "LLVM_ENABLE_RTTI")]


def test_a_shared_configuration_over_a_static_llvm_is_a_hint(facts: ToolchainFacts, tmp_path: Path) -> None:
    assert kinds(facts, tmp_path, wanted={"BUILD_SHARED_LIBS": "ON"}) == [("llvm-linked-twice", "BUILD_SHARED_LIBS")]


def test_a_project_that_takes_llvms_linkage_would_be_static(facts: ToolchainFacts, tmp_path: Path) -> None:
    write(tmp_path, {"CMakeLists.txt": 'set(BUILD_SHARED_LIBS ${LLVM_ENABLE_SHARED_LIBS} CACHE BOOL "" FORCE)\n'})
    found = kinds(facts, tmp_path, wanted={"BUILD_SHARED_LIBS": "ON"})
    assert found == [("configuration-not-effective", "BUILD_SHARED_LIBS")]


def test_a_dylib_does_not_make_a_project_shared_that_takes_llvms_linkage(facts: ToolchainFacts, tmp_path: Path) -> None:
    dylib = replace(facts, settings={**facts.settings, "LLVM_LINK_LLVM_DYLIB": True})
    shared = {"BUILD_SHARED_LIBS": "ON"}
    assert kinds(dylib, tmp_path, wanted=shared) == []
    write(tmp_path, {"CMakeLists.txt": "set(BUILD_SHARED_LIBS ${LLVM_ENABLE_SHARED_LIBS})\n"})
    assert kinds(dylib, tmp_path, wanted=shared) == [("configuration-not-effective", "BUILD_SHARED_LIBS")]


def test_missing_utilities_are_one_finding(facts: ToolchainFacts, tmp_path: Path) -> None:
    text = "set(TEST_DEPENDS FileCheck count not mlir-opt)\nlist(LENGTH x count)\nif(not)\nendif()\n"
    root = write(tmp_path / "src", {"CMakeLists.txt": text})
    provided = Provided(label="x", programs=frozenset({"mlir-opt"}))
    assert kinds(facts, root, provided=provided) == [("tool-missing", "FileCheck, count, not")]


def test_utilities_that_are_there_are_no_finding(facts: ToolchainFacts, tmp_path: Path) -> None:
    root = write(tmp_path / "src", {"CMakeLists.txt": "set(D FileCheck not)\n"})
    assert kinds(facts, root, provided=Provided(label="x", programs=frozenset({"FileCheck", "not"}))) == []


def test_a_program_that_llvm_renamed_is_told_with_its_name(facts: ToolchainFacts, tmp_path: Path) -> None:
    root = write(tmp_path / "src", {"CMakeLists.txt": "add_lit_testsuite(x y DEPENDS FileCheck mlir-cpu-runner)\n"})
    provided = Provided(label="x", programs=frozenset({"FileCheck", "mlir-runner"}))
    usage, layers = scan(DirectoryTree(root)), Layers(root=root)
    (found,) = check_toolchain(facts, usage=usage, provided=provided, layers=layers)
    assert found.advice == ("LLVM renamed mlir-cpu-runner: mlir-runner",)


def test_a_toolchain_that_is_built_differently_is_told(facts: ToolchainFacts, tmp_path: Path) -> None:
    before = ToolchainFacts(label="before", settings={**facts.settings, "LLVM_ENABLE_RTTI": True})
    assert kinds(facts, tmp_path, baseline=before) == [("toolchain-changed", "LLVM_ENABLE_RTTI")]


@pytest.mark.parametrize(("flags", "told"), [((), True), (("-fno-rtti",), False), (("-fno-rtti", "-frtti"), True)])
def test_units_compiled_with_rtti_over_an_llvm_without(flags: tuple[str, ...], told: bool) -> None:
    unit = CompileCommand(directory=Path("/b"), file=Path("/s/a.cpp"), arguments=("c++", *flags, "-c", "a.cpp"))
    assert ("2 of 2 translation units" in rtti_note([unit, unit])) is told


# -- TableGen and syntax commands ---------------------------------------------------------------------------------


def test_the_runs_that_cmake_would_make_are_found(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "cmake/Mine.cmake": "function(my_dialect name)\n  set(LLVM_TARGET_DEFINITIONS ${name}.td)\n"
            '  mlir_tablegen(${name}.h.inc -gen-op-decls "-I${ROOT}")\nendfunction()\n',
            "d/CMakeLists.txt": "my_dialect(A)\n"
            "set(LLVM_TARGET_DEFINITIONS B.td)\nmlir_tablegen(B.inc -gen-rewriters)\n"
            "mlir_tablegen(C.inc -gen-x -dialect=${UNKNOWN})\n"
            "set(LLVM_TARGET_DEFINITIONS made.td)\nmlir_tablegen(D.inc -gen-y)\n",
            "d/A.td": "",
            "d/B.td": "",
        },
    )
    calls, skipped = find_calls(BuiltParts(scan(DirectoryTree(root)).listfiles), root)
    assert {(call.definitions.name, call.flags) for call in calls} == {
        ("A.td", ("-gen-op-decls",)),
        ("B.td", ("-gen-rewriters",)),
    }
    assert skipped == 2


def test_a_dialect_is_six_runs_and_an_interface_two(tmp_path: Path) -> None:
    root = write(tmp_path, {"CMakeLists.txt": "add_mlir_dialect(A a)\nadd_mlir_interface(F)\n", "A.td": "", "F.td": ""})
    calls, _ = find_calls(BuiltParts(scan(DirectoryTree(root)).listfiles), root)
    assert [call.definitions.name for call in calls] == ["A.td"] * 6 + ["F.td"] * 2
    assert ("-gen-typedef-decls", "-typedefs-dialect=a") in {call.flags for call in calls}


def test_include_directories_follow_what_is_included(tmp_path: Path) -> None:
    root = write(tmp_path, {"x/include/my/Base.td": "", "y/Ops.td": 'include "my/Base.td"\n'})
    assert own_include_directories(scan(DirectoryTree(root)), root) == [root, root / "x/include"]


@pytest.mark.parametrize(("compiler", "limit"), [("g++", False), ("clang++-19", True)])
def test_a_unit_is_only_looked_at(compiler: str, limit: bool) -> None:
    words = (compiler, "-O2", "-MD", "-MF", "a.d", "-MT", "a.o", "-o", "a.o", "-c", "a.cpp")
    command = CompileCommand(directory=Path("/b"), file=Path("/s/a.cpp"), arguments=words)
    expected = [compiler, "-O2", "a.cpp", "-fsyntax-only", "-w", *(["-ferror-limit=0"] if limit else [])]
    assert syntax_command(command) == expected
