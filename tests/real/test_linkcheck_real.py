"""linkcheck against real compilers and linkers: what it predicts is what the linker then says, pair for pair."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from link_projects import GCC_BFD, LIB, SOURCES, build, write_project

from pytest_llvmgate.linkcheck.prediction import LinkcheckResult, run_linkcheck
from pytest_llvmgate.linkcheck.shared_tree import LinkcheckOptions, SharedTreeError
from pytest_llvmgate.model import Confidence, Layer
from pytest_llvmgate.owners.by_tree import find_layers
from tests.support.prediction_truth import compare_with_build, disagreement_finding
from tests.support.programs import require

Pairs = set[tuple[str, str]]


def check(root: Path, *arguments: str, built: bool = True) -> LinkcheckResult:
    """Build the project statically and run linkcheck with real links."""
    if built:
        # Some of these projects are broken as static ones, too: their programs do not link, all else is there.
        build(root, root / "build", *(arguments or GCC_BFD), keep_going=True)
    return run_linkcheck(root / "build", scratch=root / "scratch", options=LinkcheckOptions(confirm=True, timeout=120))


def demangled(result: LinkcheckResult) -> Pairs:
    missing = ((link.target, each.symbol) for link in result.links if link.is_refused for each in link.missing)
    return {(target, result.names[symbol]) for target, symbol in missing}


def without(entry: str, lib: str = LIB) -> str:
    """The CMake file without one line that names ``entry`` alone."""
    changed = re.sub(rf"(?m)^  {entry}(?=\)?$)\n?", "", lib, count=1)
    assert changed != lib
    return (
        changed
        if changed.count("(") == changed.count(")")
        else changed.replace("PUBLIC\n  Inner\n", "PUBLIC\n  Inner)\n")
    )


def test_a_complete_project_links_and_the_linker_agrees(tmp_path: Path) -> None:
    result = check(write_project(tmp_path))
    assert not demangled(result)
    assert not result.fails
    assert result.confirmation is not None
    assert {link.target for link in result.confirmation.links} == {"Base", "Mid", "Top", "Outer", "tool"}
    assert not any(link.failed for link in result.confirmation.links)


def test_every_missing_symbol_of_a_library_is_predicted(tmp_path: Path) -> None:
    result = check(write_project(tmp_path, lib=without("Base")))
    assert result.confirmation is not None
    assert result.confirmation.agrees
    assert {symbol for target, symbol in demangled(result) if target == "Mid"} == {
        "mini::base(int)",
        "mini::base_data()",
        "mini::Shape::~Shape()",
        "mini::counter",
        "TLS init function for mini::counter",
        "typeinfo for mini::Shape",
        "vtable for mini::Shape",
    } - _unused_here(result)


def _unused_here(result: LinkcheckResult) -> set[str]:
    """Symbols that only some compilers refer to (thread_local initialisers, vtables of inlined constructors)."""
    assert result.confirmation is not None
    heard = {result.names[symbol] for target, symbol in result.confirmation.found if target == "Mid"}
    optional = {"TLS init function for mini::counter", "vtable for mini::Shape"}
    return optional - heard


def test_the_suggestion_is_the_entry_that_was_removed_and_where_to_write_it(tmp_path: Path) -> None:
    result = check(write_project(tmp_path, lib=without("Base")))
    (suggestion,) = result.suggestions["Mid"]
    assert suggestion.target_name == "Base"
    assert suggestion.edit is not None
    assert suggestion.edit.file == tmp_path / "lib/CMakeLists.txt"
    assert "LINK_LIBS" in suggestion.edit.how
    assert suggestion.edit.line == 5


def test_an_entry_without_a_keyword_is_not_transitive_in_a_shared_build(tmp_path: Path) -> None:
    """Static: Top gets Base through Mid. Shared: Mid's entry is PRIVATE, and Top has to name Base itself."""
    lib = LIB.replace("LINK_LIBS PUBLIC\n  Base\n  )", "LINK_LIBS\n  Base\n  )")
    top = '#include "mini.h"\nnamespace mini { int top(int x) { return mid(base(x)); } }\n'
    result = check(write_project(tmp_path, {"lib/top.cpp": top}, lib=lib))
    assert demangled(result) == {("Top", "mini::base(int)")}
    assert result.confirmation is not None
    assert result.confirmation.agrees


def test_what_is_missing_behind_an_archive_is_found(tmp_path: Path) -> None:
    """Outer itself uses Inner only; the member of Inner that it pulls in needs Base."""
    result = check(write_project(tmp_path, lib=LIB.replace("  Inner\n  Base)", "  Inner)")))
    assert demangled(result) == {("Outer", "mini::base(int)"), ("Outer", "c_base")}
    assert result.confirmation is not None
    assert result.confirmation.agrees
    users = {user for link in result.links for missing in link.missing for user in missing.users}
    assert users == {"libInner.a(inner.cpp.o)"}


def test_a_program_is_checked_too(tmp_path: Path) -> None:
    result = check(write_project(tmp_path, lib=LIB.replace("PRIVATE Top Base", "PRIVATE Top")))
    assert demangled(result) == {("tool", "mini::base(int)")}
    assert result.confirmation is not None
    assert result.confirmation.agrees


DEAD = """\
#include "mini.h"
extern int gone();
namespace mini {
static int unused() __attribute__((noinline, used));
__attribute__((visibility("hidden"))) int dead() { return gone(); }
int top(int x) { return mid(x); }
}
"""


@pytest.mark.parametrize("collects", [True, False])
def test_references_of_dead_sections_count_only_without_gc_sections(tmp_path: Path, collects: bool) -> None:
    dead = DEAD.replace("static int unused() __attribute__((noinline, used));\n", "")
    root = write_project(tmp_path, {"lib/top.cpp": dead, "lib/gone.cpp": "int gone() { return 0; }\n"})
    lib = root / "lib/CMakeLists.txt"
    lib.write_text(
        lib.read_text()
        .replace("add_mini_library(Base base.cpp)", "add_mini_library(Base base.cpp)\nadd_mini_library(Gone gone.cpp)")
        .replace("PRIVATE Top Base", "PRIVATE Top Base Gone")
    )
    result = check(root, *GCC_BFD, f"-DMINI_GC={'ON' if collects else 'OFF'}")
    assert demangled(result) == (set() if collects else {("Top", "gone()")})
    assert result.confirmation is not None
    assert result.confirmation.agrees


def test_a_symbol_that_its_library_hides_is_missing(tmp_path: Path) -> None:
    hidden = SOURCES["lib/mid2.cpp"].replace("int mid_other", '__attribute__((visibility("hidden"))) int mid_other')
    top = '#include "mini.h"\nnamespace mini { int top(int x) { return mid(x) + mid_other(x); } }\n'
    result = check(write_project(tmp_path, {"lib/mid2.cpp": hidden, "lib/top.cpp": top}))
    assert demangled(result) == {("Top", "mini::mid_other(int)")}
    assert result.confirmation is not None
    assert result.confirmation.agrees


def test_a_library_offers_what_it_pulled_from_an_archive(tmp_path: Path) -> None:
    """Outer contains Inner's member, so that what links Outer alone may use it."""
    lib = LIB.replace("LINK_LIBS PUBLIC\n  Inner\n  Base)", "LINK_LIBS\n  Inner\n  Base)")
    lib += "add_mini_library(User user.cpp LINK_LIBS Outer)\n"
    user = '#include "mini.h"\nint user() { return mini::inner(1) + mini::outer(2); }\n'
    result = check(write_project(tmp_path, {"lib/user.cpp": user}, lib=lib))
    assert not demangled(result)
    assert result.confirmation is not None
    assert result.confirmation.agrees


def test_a_whole_archive_brings_all_that_its_members_ask_for(tmp_path: Path) -> None:
    lib = LIB.replace("  Inner\n  Base)", "  -Wl,--whole-archive Inner -Wl,--no-whole-archive)")
    outer = '#include "mini.h"\nnamespace mini { int outer(int x) { return x; } }\n'
    result = check(write_project(tmp_path, {"lib/outer.cpp": outer}, lib=lib))
    assert demangled(result) == {("Outer", "mini::base(int)"), ("Outer", "c_base")}
    assert result.confirmation is not None
    assert result.confirmation.agrees


def test_a_version_script_limits_what_a_library_offers(tmp_path: Path) -> None:
    lib = LIB.replace(
        "add_mini_library(Top",
        "if(BUILD_SHARED_LIBS)\n"
        "  target_link_options(Mid PRIVATE -Wl,--version-script,${CMAKE_SOURCE_DIR}/mid.map)\n"
        "endif()\n"
        "add_mini_library(Top",
    )
    top = '#include "mini.h"\nnamespace mini { int top(int x) { return mid(x) + mid_other(x); } }\n'
    script = "{ global: _ZN4mini3midEi; local: *; };\n"
    result = check(write_project(tmp_path, {"mid.map": script, "lib/top.cpp": top}, lib=lib))
    assert demangled(result) == {("Top", "mini::mid_other(int)")}
    assert result.confirmation is not None
    assert result.confirmation.agrees


def test_without_defs_nothing_is_refused_and_it_is_said(tmp_path: Path) -> None:
    result = check(write_project(tmp_path, lib=without("Base")), *GCC_BFD, "-DMINI_DEFS=OFF")
    assert not demangled(result)
    (finding,) = [item for item in result.findings if item.facts["linked"] == "Mid"]
    assert finding.confidence is Confidence.LIKELY
    assert any("-z defs" in note for note in result.notes)
    assert result.confirmation is not None
    assert result.confirmation.agrees


def test_a_library_that_does_not_exist_is_named_with_its_likely_successor(tmp_path: Path) -> None:
    lib = LIB.replace("LINK_LIBS\n  Mid\n", "LINK_LIBS\n  Mid\n  Bas\n")
    root = write_project(tmp_path, lib=lib)
    # A static library has no link line, so the static build passes; its programs would not.
    build(root, root / "build", *GCC_BFD, keep_going=True)
    result = check(root, built=False)
    (finding,) = [item for item in result.findings if item.kind == "library-missing" and item.facts["linked"] == "Top"]
    assert finding.identifier == "Bas"
    assert finding.facts["successor"] == "Base"
    assert result.confirmation is not None
    assert any("-lBas" in link.not_found or not link.failed for link in result.confirmation.links)


def test_objects_that_are_not_built_are_said_to_be_unknown(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"lib/mid2.cpp": "#error broken\n"})
    build(root, root / "build", *GCC_BFD, keep_going=True)
    result = check(root, built=False)
    (link,) = [item for item in result.links if item.target == "Mid"]
    assert "1 of its 2 objects are not built" in link.not_analysed
    assert any("not analysed" in note for note in result.notes)


def test_nothing_is_written_into_the_static_tree(tmp_path: Path) -> None:
    root = write_project(tmp_path, lib=without("Base"))
    build(root, root / "build", *GCC_BFD)
    before = {path: path.stat().st_mtime_ns for path in (root / "build").rglob("*") if path.is_file()}
    check(root, built=False)
    assert {path: path.stat().st_mtime_ns for path in (root / "build").rglob("*") if path.is_file()} == before


def test_a_component_owns_its_findings(tmp_path: Path) -> None:
    root = write_project(tmp_path, lib=without("Base"))
    build(root, root / "build", *GCC_BFD)
    result = run_linkcheck(root / "build", scratch=root / "scratch", layers=find_layers(root, [root / "lib"]))
    (finding,) = [item for item in result.findings if item.facts["linked"] == "Mid"]
    assert (finding.layer, finding.component) == (Layer.COMPONENT, "lib")
    assert any("The change belongs into lib" in line for line in finding.advice)
    assert str(finding.locations[0]) == "lib/CMakeLists.txt:5"


def test_a_project_that_cannot_be_configured_shared_says_what_cmake_said(tmp_path: Path) -> None:
    lib = LIB + 'if(BUILD_SHARED_LIBS)\n  message(FATAL_ERROR "shared is not for us")\nendif()\n'
    root = write_project(tmp_path, lib=lib)
    build(root, root / "build", *GCC_BFD)
    with pytest.raises(SharedTreeError, match="shared is not for us"):
        run_linkcheck(root / "build", scratch=root / "scratch")


def test_cycles_of_static_libraries_end_and_are_called_cycles(tmp_path: Path) -> None:
    lib = LIB + "add_library(One one.cpp)\nadd_library(Two two.cpp)\ntarget_link_libraries(One PRIVATE Two)\n"
    changes = {
        "lib/one.cpp": "int two(); int one() { return two(); }\n",
        "lib/two.cpp": "int one(); int two() { return one(); }\n",
    }
    result = check(write_project(tmp_path, changes, lib=lib))
    assert demangled(result) == {("Two", "one()")}
    (suggestion,) = result.suggestions["Two"]
    assert suggestion.makes_cycle
    assert result.confirmation is not None
    assert result.confirmation.agrees


def test_two_libraries_that_need_each_other_and_link_neither_are_a_cycle(tmp_path: Path) -> None:
    lib = LIB + "add_library(One one.cpp)\nadd_library(Two two.cpp)\nadd_library(Three three.cpp)\n"
    changes = {
        "lib/one.cpp": "int two(); int one() { return two(); }\n",
        "lib/two.cpp": "int one(); int two() { return one(); }\n",
        "lib/three.cpp": "int one(); int three() { return one(); }\n",
    }
    result = check(write_project(tmp_path, changes, lib=lib))
    told = {name: (each.target_name, each.makes_cycle) for name, (each,) in result.suggestions.items()}
    assert told == {"One": ("Two", True), "Two": ("One", True), "Three": ("One", False)}


TOOLCHAINS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("gcc-bfd", GCC_BFD),
    ("gcc-gold", (*GCC_BFD, "-DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=gold", "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=gold")),
    ("gcc-lld", (*GCC_BFD, "-DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld", "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld")),
    ("gcc-mold", (*GCC_BFD, "-DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=mold", "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=mold")),
    ("clang-bfd", ("-DCMAKE_C_COMPILER=clang", "-DCMAKE_CXX_COMPILER=clang++")),
    (
        "clang-lld",
        (
            "-DCMAKE_C_COMPILER=clang",
            "-DCMAKE_CXX_COMPILER=clang++",
            "-DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld",
            "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld",
        ),
    ),
)
_NEEDED = {"gold": "ld.gold", "lld": "ld.lld", "mold": "ld.mold", "clang": "clang++"}


@pytest.mark.parametrize("linker", ["bfd", "lld"])
def test_a_link_that_fails_on_duplicates_too_still_tells_what_is_undefined(tmp_path: Path, linker: str) -> None:
    """Beside symbols that are defined twice, lld says nothing of undefined ones."""
    if linker == "lld":
        require("ld.lld")
    twice = {f"lib/{name}.cpp": SOURCES[f"lib/{name}.cpp"] + "int twice() { return 2; }\n" for name in ("mid", "mid2")}
    flags = [f"-DCMAKE_{kind}_LINKER_FLAGS=-fuse-ld={linker}" for kind in ("SHARED", "EXE")]
    result = check(write_project(tmp_path, twice, lib=without("Base")), *GCC_BFD, *flags)
    assert result.confirmation is not None
    assert result.confirmation.agrees
    assert "mini::base(int)" in {
        result.names[symbol] for target, symbol in result.confirmation.found if target == "Mid"
    }
    if linker == "lld":
        assert [note for note in result.notes if note.startswith("Mid does not link, whatever it lacks: ")]


@pytest.mark.parametrize("gc", ["ON", "OFF"])
@pytest.mark.parametrize(("name", "arguments"), TOOLCHAINS, ids=[name for name, _ in TOOLCHAINS])
def test_prediction_and_linker_agree_whatever_the_toolchain(
    tmp_path: Path, name: str, arguments: tuple[str, ...], gc: str
) -> None:
    for part, program in _NEEDED.items():
        if part in name:
            require(program)
    lib = without("Base").replace("PRIVATE Top Base", "PRIVATE Top").replace("  Inner\n  Base)", "  Inner)")
    result = check(write_project(tmp_path, lib=lib), *arguments, f"-DMINI_GC={gc}", "-DCMAKE_BUILD_TYPE=Debug")
    assert result.confirmation is not None
    assert (result.confirmation.missed, result.confirmation.false) == (frozenset(), frozenset())
    assert {target for target, _ in result.confirmation.found} >= {"Mid", "Outer"}


def test_the_real_shared_build_says_the_same(tmp_path: Path) -> None:
    """Not our links but ninja's, with everything compiled again: what it reaches fails in the same words."""
    root = write_project(tmp_path, lib=without("Base").replace("  Inner\n  Base)", "  Inner)"))
    result = check(root)
    log = build(root, root / "shared", *GCC_BFD, "-DBUILD_SHARED_LIBS=ON", keep_going=True).stdout
    agreement = compare_with_build(result, root / "shared", log)
    assert agreement.agrees, str(agreement)
    assert {output for output, _ in agreement.found} == {"lib/libMid.so", "lib/libOuter.so"}
    assert agreement.reached == 3


def test_a_shared_build_that_says_something_else_is_a_disagreement(tmp_path: Path) -> None:
    root = write_project(tmp_path, lib=without("Base"))
    result = check(root)
    log = build(root, root / "shared", *GCC_BFD, "-DBUILD_SHARED_LIBS=ON", keep_going=True).stdout
    changed = log.replace("`mini::base_data()'", "`mini::another()'")
    agreement = compare_with_build(result, root / "shared", changed)
    assert agreement.missed == {("lib/libMid.so", "mini::another()")}
    assert agreement.false == {("lib/libMid.so", "mini::base_data()")}
    assert "1 missed, 1 false" in disagreement_finding(agreement).identifier


def test_the_command_prints_findings_and_fails(tmp_path: Path) -> None:
    root = write_project(tmp_path, lib=without("Base"))
    build(root, root / "build", *GCC_BFD)
    done = subprocess.run(
        ["llvmgate", "linkcheck", "-B", str(root / "build"), "--confirm"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "lib/CMakeLists.txt:5: add Base to LINK_LIBS of add_mini_library(Mid)." in done.stdout
    assert "0 missed, 0 false" in done.stdout


def test_a_build_directory_named_from_another_compiles_the_same(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    top = root / "CMakeLists.txt"
    top.write_text(
        top.read_text().replace("include_directories(include", "include_directories(include ${CMAKE_BINARY_DIR}/made")
    )
    build(root, root / "build", *GCC_BFD)
    command = ["llvmgate", "linkcheck", "-B", "../build"]
    done = subprocess.run(command, cwd=root / "lib", capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "compiled differently" not in done.stdout


_TOOLCHAIN = ("-DCMAKE_CXX_COMPILER=g++", "-DCMAKE_C_COMPILER=gcc")


def _configure_and_build(root: Path, *arguments: str) -> Path:
    directory = root / "build"
    subprocess.run(["cmake", "-G", "Ninja", "-S", root, "-B", directory, *_TOOLCHAIN, *arguments], check=True)
    subprocess.run(["ninja", "-C", directory], check=True)
    return directory


def test_an_archive_that_is_not_position_independent_is_one_finding(tmp_path: Path) -> None:
    code = "extern int table[]; int table[] = {1, 2}; int of_archive(int x) { return table[x]; }\n"
    (tmp_path / "third.c").write_text(code)
    subprocess.run(["gcc", "-fno-pic", "-c", "third.c", "-o", "third.o"], cwd=tmp_path, check=True)
    subprocess.run(["ar", "qcs", "libthird.a", "third.o"], cwd=tmp_path, check=True)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(p C)\noption(USE_THIRD_SHARED_LIBS x OFF)\n"
        "option(OTHER_SHARED_LIBS x OFF)\nset(CMAKE_POSITION_INDEPENDENT_CODE ON)\n"
        "add_library(one a.c)\nadd_library(other a.c)\nadd_library(free b.c)\n"
        "foreach(name one other free)\n  target_link_libraries(${name} ${CMAKE_SOURCE_DIR}/libthird.a)\nendforeach()\n"
    )
    (tmp_path / "a.c").write_text("int of_archive(int); int a(void) { return of_archive(1); }\n")
    (tmp_path / "b.c").write_text("int b(void) { return 1; }\n")
    result = run_linkcheck(
        _configure_and_build(tmp_path), scratch=tmp_path / "scratch", options=LinkcheckOptions(confirm=True)
    )
    (finding,) = result.findings
    assert (finding.layer, finding.sites) == (Layer.MACHINE, 2)
    assert "one, other would take it in" in finding.headline
    assert finding.advice[0] == "set USE_THIRD_SHARED_LIBS=ON in the shared configuration"
    assert [link.target for link in result.links if link.fails] == ["one", "other"]
    assert any("one does not link, whatever it lacks" in note for note in result.notes)


@pytest.mark.parametrize("flag", ["-fno-pic", "-fPIC"])
def test_advice_to_link_an_archive_tells_that_no_shared_library_can_take_it_in(tmp_path: Path, flag: str) -> None:
    code = "extern int table[]; int table[] = {1, 2}; int of_archive(int x) { return table[x]; }\n"
    (tmp_path / "third.c").write_text(code)
    subprocess.run(["gcc", flag, "-c", "third.c", "-o", "third.o"], cwd=tmp_path, check=True)
    subprocess.run(["ar", "qcs", "libthird.a", "third.o"], cwd=tmp_path, check=True)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(p C)\nset(CMAKE_POSITION_INDEPENDENT_CODE ON)\n"
        "add_library(one a.c)\ntarget_link_options(one PRIVATE -Wl,-z,defs)\n"
        "add_executable(tool main.c)\ntarget_link_libraries(tool one ${CMAKE_SOURCE_DIR}/libthird.a -no-pie)\n"
    )
    (tmp_path / "a.c").write_text("int of_archive(int); int a(void) { return of_archive(1); }\n")
    (tmp_path / "main.c").write_text("int a(void); int main(void) { return a(); }\n")
    result = run_linkcheck(_configure_and_build(tmp_path), scratch=tmp_path / "scratch")
    (finding,) = result.findings
    assert finding.identifier == "one -> third"
    told = [advice for advice in finding.advice if "not position-independent" in advice]
    assert len(told) == (flag == "-fno-pic")
    assert all("take an archive that is compiled with -fPIC" in advice for advice in told)


_LLVM = "set(LLVM_PACKAGE_VERSION 22.1.8)\nset(LLVM_ENABLE_SHARED_LIBS OFF)\n"
_TAKES_LLVM_S = """\
cmake_minimum_required(VERSION 3.20)
project(p C)
{before}
find_package({package} REQUIRED CONFIG)
set(BUILD_SHARED_LIBS ${{LLVM_ENABLE_SHARED_LIBS}} {force})
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_library(b b.c)
add_library(a a.c)
target_link_options(a PRIVATE -Wl,-z,defs)
"""


def _over_llvm(root: Path, before: str, package: str, force: str = 'CACHE BOOL "" FORCE') -> Path:
    for name, text in {
        "llvm/LLVMConfig.cmake": _LLVM,
        "mlir/MLIRConfig.cmake": "find_package(LLVM REQUIRED CONFIG)\n",
    }.items():
        (root / f"prefix/lib/cmake/{name}").parent.mkdir(parents=True)
        (root / f"prefix/lib/cmake/{name}").write_text(text)
    (root / "CMakeLists.txt").write_text(_TAKES_LLVM_S.format(before=before, package=package, force=force))
    (root / "b.c").write_text("int b(void) { return 1; }\n")
    (root / "a.c").write_text("int b(void); int a(void) { return b(); }\n")
    places = [f"-D{name.upper()}_DIR={root}/prefix/lib/cmake/{name}" for name in ("llvm", "mlir")]
    return _configure_and_build(root, f"-DCMAKE_PREFIX_PATH={root}/prefix", *places)


@pytest.mark.parametrize(
    ("before", "package"),
    [
        ("", "LLVM"),
        ("", "MLIR"),
        ("unset(LLVM_DIR CACHE)", "MLIR"),
        ("unset(LLVM_DIR CACHE)\nunset(MLIR_DIR CACHE)", "MLIR"),
        ("unset(LLVM_DIR CACHE)", "LLVM"),
    ],
)
def test_a_project_that_takes_llvm_s_setting_is_looked_at_however_it_finds_llvm(
    tmp_path: Path, before: str, package: str
) -> None:
    result = run_linkcheck(_over_llvm(tmp_path, before, package), scratch=tmp_path / "scratch")
    assert [link.target for link in result.links if link.fails] == ["a"]


@pytest.mark.parametrize("before", ["", "unset(LLVM_DIR CACHE)\nunset(MLIR_DIR CACHE)"])
def test_another_look_begins_with_what_took_effect_and_keeps_its_tree(tmp_path: Path, before: str) -> None:
    build_dir, scratch = _over_llvm(tmp_path, before, "MLIR"), tmp_path / "scratch"
    first = run_linkcheck(build_dir, scratch=scratch)
    (tree,) = scratch.glob("tree-*")
    (tree / "kept").touch()
    with (tmp_path / "CMakeLists.txt").open("a") as lists:
        lists.write("target_link_libraries(a PRIVATE b)\n")
    second = run_linkcheck(build_dir, scratch=scratch)
    assert (tree / "kept").exists()
    assert [[link.target for link in result.links if link.fails] for result in (first, second)] == [["a"], []]
    assert any("overlaid to say ON" in note for note in second.notes)


def test_a_project_that_stays_static_whatever_is_asked_is_no_pass(tmp_path: Path) -> None:
    build_dir = _over_llvm(tmp_path, "", "LLVM", "CACHE BOOL x FORCE)\nset(BUILD_SHARED_LIBS OFF")
    with pytest.raises(SharedTreeError, match="stays static"):
        run_linkcheck(build_dir, scratch=tmp_path / "scratch")


_PLUGIN = """\
cmake_minimum_required(VERSION 3.20)
project(p C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_library(b b.c)
add_executable(host host.c)
set_target_properties(host PROPERTIES ENABLE_EXPORTS ON)
target_link_libraries(host PRIVATE b)
add_library(a {kind} a.c)
"""


def _with_plugin(root: Path, kind: str, more: str = "") -> Path:
    (root / "CMakeLists.txt").write_text(_PLUGIN.format(kind=kind) + more)
    (root / "b.c").write_text("int b(void) { return 1; }\n")
    (root / "c.c").write_text("int b(void); int c(void) { return b(); }\n")
    (root / "a.c").write_text("int b(void); int a(void) { return b(); }\n")
    (root / "host.c").write_text("int b(void); int main(void) { return b(); }\n")
    return _configure_and_build(root)


@pytest.mark.parametrize("kind", ["SHARED", "MODULE"])
def test_what_a_plugin_leaves_to_the_program_that_loads_it_is_no_finding(tmp_path: Path, kind: str) -> None:
    build_dir = _with_plugin(tmp_path, kind)
    result = run_linkcheck(build_dir, scratch=tmp_path / "scratch", options=LinkcheckOptions(confirm=True))
    assert not result.findings
    assert any(note.startswith("left open in the static build, too") and note.endswith(": a") for note in result.notes)
    assert result.confirmation is not None
    assert result.confirmation.agrees


_LINKS_ONE_THAT_HIDES = """\
add_library(c c.c)
if(BUILD_SHARED_LIBS)
  target_link_libraries(c PRIVATE b)
else()
  target_link_libraries(c PUBLIC b)
endif()
target_link_libraries(a PRIVATE c)
"""


def test_what_a_plugin_lacks_only_in_the_shared_build_is_told_as_likely(tmp_path: Path) -> None:
    build_dir = _with_plugin(tmp_path, "MODULE", _LINKS_ONE_THAT_HIDES)
    (finding,) = run_linkcheck(build_dir, scratch=tmp_path / "scratch").findings
    assert finding.confidence is Confidence.LIKELY
    assert finding.identifier == "a -> b"


def test_a_plugin_that_the_static_build_has_not_linked_may_find_it_all_in_its_program(tmp_path: Path) -> None:
    build_dir = _with_plugin(tmp_path, "MODULE")
    (build_dir / "liba.so").unlink()
    (finding,) = run_linkcheck(build_dir, scratch=tmp_path / "scratch").findings
    assert finding.advice[0] == "nothing, if the program that loads it has them; otherwise:"


_ALWAYS_STATIC = """\
cmake_minimum_required(VERSION 3.20)
project(p C)
option(MINE x ON)
set(KIND STATIC)
{declares}
add_executable(host host.c)
target_link_libraries(host PRIVATE b)
"""


@pytest.mark.parametrize(
    "declares",
    [
        "add_library(b STATIC b.c)",
        "function(add_mine name)\n  add_library(${name} STATIC ${ARGN})\nendfunction()\nadd_mine(b b.c)",
        "function(add_mine name)\n  add_library(${name} ${ARGN})\nendfunction()\nadd_mine(b STATIC b.c)",
    ],
)
def test_libraries_that_are_declared_static_fail_nothing(tmp_path: Path, declares: str) -> None:
    build_dir = _all_static(tmp_path, declares)
    command = ["llvmgate", "linkcheck", "-B", str(build_dir), "--confirm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 libraries stay static in the shared build: b" in done.stdout


@pytest.mark.parametrize(
    "declares",
    [
        "add_library(b ${KIND} b.c)",
        "if(MINE)\n  add_library(b STATIC b.c)\nelse()\n  add_library(b SHARED b.c)\nendif()",
        "set(BUILD_SHARED_LIBS OFF)\nadd_library(b b.c)\nadd_library(c STATIC b.c)",
    ],
)
def test_libraries_that_something_else_makes_static_cannot_be_told(tmp_path: Path, declares: str) -> None:
    build_dir = _all_static(tmp_path, declares)
    with pytest.raises(SharedTreeError, match="stays static"):
        run_linkcheck(build_dir, scratch=tmp_path / "scratch")


def _all_static(root: Path, declares: str) -> Path:
    (root / "CMakeLists.txt").write_text(_ALWAYS_STATIC.replace("{declares}", declares))
    (root / "b.c").write_text("int b(void) { return 1; }\n")
    (root / "host.c").write_text("int b(void); int main(void) { return b(); }\n")
    return _configure_and_build(root)
