"""preflight: names that are used, present at the baseline and gone from the candidate."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llvmgate.model import Confidence, Layer
from pytest_llvmgate.owners.by_tree import find_layers
from pytest_llvmgate.preflight.build_facts import ToolchainFacts
from pytest_llvmgate.preflight.conditions import holds_for
from pytest_llvmgate.preflight.gone_names import (
    ComponentView,
    PreflightResult,
    component_provided,
    component_views,
    run_preflight,
)
from pytest_llvmgate.preflight.guards import cmake_guards, include_guards, provides_for
from pytest_llvmgate.preflight.llvm_view import KnownLlvm, find_llvm, renames_between
from pytest_llvmgate.preflight.usage import scan
from pytest_llvmgate.surface.file_tree import DirectoryTree
from pytest_llvmgate.surface.generated_headers import generated_headers
from pytest_llvmgate.surface.likeness import most_similar
from pytest_llvmgate.surface.provided import Provided
from pytest_llvmgate.surface.successors import Successors


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def llvm(label: str = "LLVM", **names: set[str]) -> KnownLlvm:
    return KnownLlvm(provided=Provided(label=label, **{key: frozenset(value) for key, value in names.items()}))


def check(root: Path, before: KnownLlvm | None, now: KnownLlvm) -> PreflightResult:
    return run_preflight(DirectoryTree(root), candidate=now, baseline=before, layers=find_layers(root))


OLD = llvm(
    "old",
    headers={"mlir/IR/Old.h", "mlir/IR/Kept.h", "mlir/IR/Old.td", "llvm/ADT/Triple.h"},
    libraries={"MLIRTosa", "MLIRIR"},
    components={"core", "oldcomponent"},
    commands={"add_mlir_library", "old_command"},
    modules={"AddMLIR", "OldModule"},
    generators={"gen-op-decls", "gen-old"},
)
NEW = llvm(
    "new",
    headers={"mlir/IR/Kept.h", "mlir/Interfaces/Old.h", "llvm/TargetParser/Triple.h"},
    libraries={"MLIRTosaDialect", "MLIRTosaTransforms", "MLIRIR"},
    components={"core"},
    commands={"add_mlir_library"},
    modules={"AddMLIR"},
    generators={"gen-op-decls"},
)


def gone(result: PreflightResult) -> set[tuple[str, str]]:
    return {(item.kind.value, item.name) for item in result.gone}


def test_each_kind_of_name_is_found_gone(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "a.cpp": '#include "mlir/IR/Old.h"\n#  include <mlir/IR/Kept.h>\n',
            "b.td": 'include "mlir/IR/Old.td"\n',
            "CMakeLists.txt": "include(OldModule)\nold_command(x)\n"
            "add_mlir_library(Mine LINK_LIBS PUBLIC MLIRTosa MLIRIR LINK_COMPONENTS Core OldComponent DEPENDS x)\n"
            "mlir_tablegen(X.inc -gen-old -dialect=x)\n",
        },
    )
    assert gone(check(root, OLD, NEW)) == {
        ("header", "mlir/IR/Old.h"),
        ("header", "mlir/IR/Old.td"),
        ("library", "MLIRTosa"),
        ("component", "oldcomponent"),
        ("command", "old_command"),
        ("module", "OldModule"),
        ("generator", "gen-old"),
    }


def test_what_the_baseline_lacked_too_is_not_reported(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.cpp": '#include "mlir/IR/Never.h"\n', "CMakeLists.txt": "x(LINK_LIBS MLIRNever)\n"})
    assert gone(check(root, OLD, NEW)) == set()


def test_a_finding_names_the_line_and_the_successor(tmp_path: Path) -> None:
    root = write(tmp_path, {"lib/a.cpp": '\n#include "mlir/IR/Old.h"\n'})
    (finding,) = check(root, OLD, NEW).findings
    assert (finding.kind, finding.identifier) == ("header-missing", "mlir/IR/Old.h")
    assert str(finding.locations[0]) == "lib/a.cpp:2"
    assert finding.facts["successor"] == "mlir/Interfaces/Old.h"
    assert finding.confidence is Confidence.CERTAIN
    assert finding.layer is Layer.DOWNSTREAM


def test_headers_may_be_named_from_the_top_of_llvm_project(tmp_path: Path) -> None:
    text = '#include "mlir/include/mlir/IR/Old.h"\n#include "mlir/include/mlir/IR/Kept.h"\n'
    write(tmp_path, {"a.cpp": text})
    [gone] = check(tmp_path, OLD, NEW).gone
    assert (gone.name, gone.successors[0].name) == ("mlir/include/mlir/IR/Old.h", "mlir/Interfaces/Old.h")
    [told] = check(tmp_path, None, NEW).gone
    assert told.name == "mlir/include/mlir/IR/Old.h"


VERSIONED = '#include <llvm-17/llvm/IR/Value.h>\n#include "llvm-c-17/llvm-c/Core.h"\n#include <llvm-17/llvm/Pass.h>\n'


@pytest.mark.parametrize("baseline", [None, OLD])
def test_headers_of_another_llvm_by_its_directory_are_told_once_a_directory(
    tmp_path: Path, baseline: KnownLlvm | None
) -> None:
    root = write(tmp_path, {"a.cpp": VERSIONED})
    candidate = replace(NEW, variables={"LLVM_VERSION_MAJOR": "22"})
    ours, of_c = check(root, baseline, candidate).findings
    assert (ours.identifier, ours.sites, ours.confidence) == ("llvm-17/", 2, Confidence.CERTAIN)
    assert 'include "llvm/IR/Value.h"' in ours.advice[0]
    assert (of_c.identifier, str(of_c.locations[0])) == ("llvm-c-17/", "a.cpp:2")


@pytest.mark.parametrize(
    ("text", "major"),
    [
        (VERSIONED, "17"),  # where the candidate's own is meant, that may be so
        (VERSIONED, ""),
        (f"#if LLVM_VERSION_MAJOR < 20\n{VERSIONED}#endif\n", "22"),
        ('#include "llvm-17-compat/llvm/IR/Value.h"\n#include "llvm-17/mine.h"\n', "22"),
    ],
)
def test_what_is_no_include_of_another_llvm(tmp_path: Path, text: str, major: str) -> None:
    candidate = replace(NEW, variables={"LLVM_VERSION_MAJOR": major})
    assert not check(write(tmp_path, {"a.cpp": text}), OLD, candidate).findings


def test_a_directory_of_a_version_that_the_project_has_itself_is_its_own(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.cpp": '#include "llvm17/llvm/Mine.h"\n', "include/llvm17/llvm/Mine.h": ""})
    assert not check(root, None, replace(NEW, variables={"LLVM_VERSION_MAJOR": "22"})).findings


def test_a_librarys_successor_keeps_its_words(tmp_path: Path) -> None:
    root = write(tmp_path, {"CMakeLists.txt": "target_link_libraries(x PUBLIC MLIRTosa)\n"})
    (item,) = check(root, OLD, NEW).gone
    assert item.successors[0].name == "MLIRTosaDialect"
    assert item.uses[0].line == 1


@pytest.mark.parametrize(
    "guarded",
    [
        '#if LLVM_VERSION_MAJOR < 22\n#include "mlir/IR/Old.h"\n#endif\n',
        '#if __has_include("mlir/IR/Old.h")\n#include "mlir/IR/Old.h"\n#endif\n',
        '#if defined(_MSC_VER)\n#include "mlir/IR/Old.h"\n#endif\n',
        '#ifdef _WIN32\n#include "mlir/IR/Old.h"\n#endif\n',
        '#if defined(_MSC_VER) && !defined(__clang__)\n#include "mlir/IR/Old.h"\n#endif\n',
        '#if defined _MSC_VER\n#elif _MSC_VER >= 1900\n#include "mlir/IR/Old.h"\n#endif\n',
        '#if LLVM_VERSION_MAJOR >= 22\n#else\n#include "mlir/IR/Old.h"\n#endif\n',
        '/*\n#include "mlir/IR/Old.h"\n*/\n',
        '#if 0\n#include "mlir/IR/Old.h"\n#endif\n',
    ],
)
def test_a_guarded_include_is_a_note_and_no_finding(tmp_path: Path, guarded: str) -> None:
    root = write(tmp_path, {"a.h": f"#ifndef A_H\n#define A_H\n{guarded}#endif\n"})
    result = check(root, OLD, NEW)
    assert not result.findings
    assert not result.fails
    assert any("mlir/IR/Old.h" in note for note in result.notes)


@pytest.mark.parametrize(
    "open_include",
    [
        '#ifndef A_H\n#define A_H\n#include "mlir/IR/Old.h"\n#endif\n',
        '#ifdef __cplusplus\n#include "mlir/IR/Old.h"\n#endif\n',
        '#if LLVM_VERSION_MAJOR < 22\n#endif\n#include "mlir/IR/Old.h"\n',
        '#ifdef MY_FEATURE\n#include "mlir/IR/Old.h"\n#endif\n',
    ],
)
def test_other_conditions_do_not_excuse(tmp_path: Path, open_include: str) -> None:
    root = write(tmp_path, {"a.h": open_include})
    assert [finding.identifier for finding in check(root, OLD, NEW).findings] == ["mlir/IR/Old.h"]


def test_a_cmake_name_is_excused_by_asking_for_it(tmp_path: Path) -> None:
    text = "if(TARGET MLIRTosa)\n  target_link_libraries(x PRIVATE MLIRTosa)\nendif()\n"
    root = write(tmp_path, {"CMakeLists.txt": text})
    result = check(root, OLD, NEW)
    assert result.gone
    assert not result.findings


def test_a_name_that_the_project_declares_itself_is_its_own(tmp_path: Path) -> None:
    root = write(tmp_path, {"CMakeLists.txt": "function(old_command)\nendfunction()\nold_command()\n"})
    assert gone(check(root, OLD, NEW)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "zoo_add_mlir_dialect_library(MLIRMine a.cpp)\ntarget_link_libraries(x MLIRMine)\n",
        "declare_mlir_python_sources(MLIRMine)\nadd_mlir_python_modules(MLIRAll SOURCES MLIRMine)\n",
        "add_mlir_library(Mine MLIRMine.cpp)\n",
    ],
)
def test_what_a_wrapper_declares_and_a_source_file_are_no_libraries_of_llvms(tmp_path: Path, text: str) -> None:
    root = write(tmp_path, {"CMakeLists.txt": text})
    assert check(root, None, NEW).findings == ()


def test_without_a_baseline_a_library_of_an_unknown_dialect_is_somebody_elses(tmp_path: Path) -> None:
    text = "target_link_libraries(x PRIVATE MLIRTosaIR MLIRMeshDialect MLIRJeffDialect MLIRAIETosa)\n"
    root = write(tmp_path, {"CMakeLists.txt": text})
    assert gone(check(root, None, NEW)) == {("library", "MLIRTosaIR"), ("library", "MLIRMeshDialect")}


@pytest.mark.parametrize(
    "include", ["llvm/tools/llvm-exegesis/lib/Error.h", "mlir/lib/AsmParser/Lexer.h", "llvm/Mine/Made.gen"]
)
def test_without_a_baseline_headers_that_no_install_has_are_not_llvms_to_lack(tmp_path: Path, include: str) -> None:
    files = {"include/llvm/Mine/There.h": "", "a.cpp": f'#include "{include}"\n'}
    assert check(write(tmp_path, files), None, NEW).findings == ()


def test_a_directory_that_llvm_has_too_is_not_the_projects_alone(tmp_path: Path) -> None:
    files = {"include/mlir/IR/There.h": "", "a.cpp": '#include "mlir/IR/Never.h"\n'}
    assert gone(check(write(tmp_path, files), None, NEW)) == {("header", "mlir/IR/Never.h")}


def test_a_component_owns_what_it_includes(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            ".gitmodules": '[submodule "x"]\n\tpath = third_party/hlo\n',
            "third_party/hlo/a.cpp": '#include "mlir/IR/Old.h"\n',
        },
    )
    (finding,) = check(root, OLD, NEW).findings
    assert (finding.layer, finding.component) == (Layer.COMPONENT, "hlo")
    assert "belongs into hlo" in finding.advice[-1]


def test_a_header_that_a_component_no_longer_offers_is_found(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "a.cpp": '#include "hlo/Gone.h"\n#include "hlo/Kept.h"\n#include "hlo/Ops.h.inc"\n',
            "third_party/x/hlo/Kept.h": "",
            "third_party/x/hlo/CMakeLists.txt": "mlir_tablegen(Ops.h.inc -gen-op-decls)\n",
        },
    )
    now = component_provided("x", DirectoryTree(root / "third_party/x"))
    before = Provided(label="before", headers=frozenset({"hlo/Gone.h", "hlo/Kept.h", "hlo/Ops.h.inc"}))
    result = run_preflight(
        DirectoryTree(root),
        candidate=NEW,
        baseline=OLD,
        components=[ComponentView(name="x", directory="third_party/x", now=now, before=before)],
        layers=find_layers(root),
    )
    assert [(item.name, item.provider) for item in result.gone] == [("hlo/Gone.h", "x")]


def _views(root: Path) -> list[ComponentView]:
    return list(component_views(find_layers(root)))


def test_a_directory_of_the_same_name_is_no_component_s(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            ".gitmodules": '[submodule "x"]\n\tpath = third_party/x\n[submodule "y"]\n\tpath = third_party/y\n',
            "src/main.cpp": '#include "src/Own.hpp"\n#include "src/Made.h"\n#include "test/In.h"\n',
            "src/Own.hpp": "",
            "third_party/x/src/x.h": "",
            "third_party/x/test/a.h": "",
            "third_party/y/test/In.h": "",
        },
    )
    result = run_preflight(DirectoryTree(root), candidate=NEW, components=_views(root), layers=find_layers(root))
    assert result.gone == ()


def test_what_a_component_may_generate_is_not_gone(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            ".gitmodules": '[submodule "x"]\n\tpath = third_party/x\n',
            "src/main.cpp": '#include "hlo/a.pb.h"\n#include "hlo/config.h"\n#include "hlo/Gone.h"\n',
            "third_party/x/hlo/a.proto": "",
            "third_party/x/hlo/config.h.in": "",
            "third_party/x/hlo/x.h": '#include "hlo/of_its_own.h"\n',
        },
    )
    result = run_preflight(DirectoryTree(root), candidate=NEW, components=_views(root), layers=find_layers(root))
    assert [(item.name, item.provider) for item in result.gone] == [("hlo/Gone.h", "x")]


def test_what_no_configuration_builds_is_told_and_fails_nothing(tmp_path: Path) -> None:
    top = 'option(PY "" OFF)\nif(PY)\n  add_subdirectory(python)\nendif()\n'
    root = write(
        tmp_path,
        {
            "CMakeLists.txt": top,
            "python/CMakeLists.txt": "add_mlir_library(Mine a.cpp LINK_LIBS MLIRTosa)\n",
            "python/a.cpp": '#include "mlir/IR/Old.h"\n',
        },
    )
    result = check(root, OLD, NEW)
    assert result.findings == ()
    assert any("no configuration builds: MLIRTosa (PY), mlir/IR/Old.h (PY)" in note for note in result.notes)
    on = run_preflight(DirectoryTree(root), candidate=NEW, baseline=OLD, wanted={"a": {"PY": "ON"}})
    assert {item.name for item in on.gone} == {"MLIRTosa", "mlir/IR/Old.h"}


@pytest.mark.parametrize(
    ("taker", "is_told"),
    [
        ({"python/CMakeLists.txt": "bindings(TD_FILE ops/Ops.td)\n"}, False),
        ({"lib/CMakeLists.txt": "set(LLVM_TARGET_DEFINITIONS ${ROOT}/python/ops/Ops.td)\n"}, True),
        ({"lib/CMakeLists.txt": "set(LLVM_TARGET_DEFINITIONS Ops.td)\n", "lib/Ops.td": ""}, False),
        ({"lib/CMakeLists.txt": "", "include/More.td": 'include "ops/Ops.td"\n'}, True),
        ({"python/ops/More.td": 'include "ops/Ops.td"\n', "python/CMakeLists.txt": "bindings(More.td)\n"}, False),
    ],
)
def test_what_is_only_included_is_built_with_what_takes_it(
    tmp_path: Path, taker: Mapping[str, str], *, is_told: bool
) -> None:
    lists = 'option(PY "" OFF)\nif(PY)\n  add_subdirectory(python)\nendif()\nadd_subdirectory(lib)\n'
    files = {"CMakeLists.txt": lists, "python/ops/Ops.td": 'include "mlir/IR/Old.td"\n', "lib/CMakeLists.txt": ""}
    files |= {"python/CMakeLists.txt": "bindings(TD_FILE ops/Ops.td)\n"} | dict(taker)
    result = check(write(tmp_path, files), OLD, NEW)
    assert [each.identifier for each in result.findings] == ["mlir/IR/Old.td"] * is_told


def test_a_program_that_is_gone_is_told_once(tmp_path: Path) -> None:
    root = write(tmp_path, {"CMakeLists.txt": "add_lit_testsuite(check x DEPENDS mlir-opt mlir-cpu-runner)\n"})
    before, now = llvm(programs={"mlir-opt", "mlir-cpu-runner"}), llvm(programs={"mlir-opt"})
    now = replace(now, facts=ToolchainFacts(label="new"))
    assert [each.identifier for each in check(root, before, now).findings] == ["mlir-cpu-runner"]


def test_an_install_without_python_bindings_is_one_finding_of_the_machine(tmp_path: Path) -> None:
    text = "add_mlir_library(Mine a.cpp LINK_LIBS MLIRPythonSources MLIRPythonExtension.Core)\n"
    root = write(tmp_path, {"CMakeLists.txt": text})
    without = replace(NEW, variables={"MLIR_ENABLE_BINDINGS_PYTHON": "0"})
    (finding,) = check(root, None, without).findings
    assert (finding.layer, finding.sites) == (Layer.MACHINE, 2)
    assert finding.advice[0].endswith("MLIR_ENABLE_BINDINGS_PYTHON=ON, or switch this project's bindings off")


def test_bindings_that_the_project_itself_switches_on_are_not_to_be_switched_off_from_outside(tmp_path: Path) -> None:
    text = "set(MLIR_ENABLE_BINDINGS_PYTHON ON)\nadd_mlir_library(Mine a.cpp LINK_LIBS MLIRPythonSources)\n"
    root = write(tmp_path, {"CMakeLists.txt": text})
    (finding,) = check(root, None, replace(NEW, variables={"MLIR_ENABLE_BINDINGS_PYTHON": "0"})).findings
    assert finding.advice[0].endswith(", or change CMakeLists.txt:1, which sets MLIR_ENABLE_BINDINGS_PYTHON")


@pytest.mark.parametrize(
    ("asked", "fails"),
    [("LLVM 21.1 REQUIRED CONFIG", True), ("LLVM 21.1 CONFIG", False), ("MLIR ${WANTED} REQUIRED", True)],
)
def test_a_version_that_the_candidate_is_not_taken_for_is_found(tmp_path: Path, asked: str, *, fails: bool) -> None:
    root = write(tmp_path, {"CMakeLists.txt": f"set(WANTED 21.1)\nfind_package({asked})\n"})
    now = replace(llvm(), variables={"LLVM_PACKAGE_VERSION": "22.1.8"})
    result = check(root, None, now)
    (found,) = result.findings
    assert found.headline.endswith("; this is 22.1.8, which CMake does not take for it")
    assert found.locations[0].line == 2
    assert result.fails == fails
    assert not check(root, None, replace(now, variables={"LLVM_PACKAGE_VERSION": "21.1.0"})).findings


def test_a_version_that_a_component_asks_for_is_the_components_to_mend(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            ".gitmodules": '[submodule "comp"]\n\tpath = comp\n\turl = https://example.com/comp\n',
            "CMakeLists.txt": "add_subdirectory(comp)\n",
            "comp/CMakeLists.txt": "find_package(LLVM 21.1 REQUIRED CONFIG)\n",
        },
    )
    (found,) = check(root, None, replace(llvm(), variables={"LLVM_PACKAGE_VERSION": "22.1.8"})).findings
    assert (found.layer, found.component) == (Layer.COMPONENT, "comp")


def test_a_path_with_two_slashes_is_the_path_with_one(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.cpp": '#include "mlir/IR//Kept.h"\n#include "mlir/./IR//Old.h"\n'})
    (finding,) = check(root, OLD, NEW).findings
    assert finding.identifier == "mlir/IR/Old.h"
    assert str(finding.locations[0]) == "a.cpp:2"


def test_without_a_baseline_only_llvms_own_headers_and_libraries_are_judged(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "a.cpp": '#include "mlir/IR/Old.h"\n#include "mlir/Dialect/Mine.h"\n#include "mlir/IR/X.h.inc"\n',
            "include/mlir/Dialect/Mine.h": "",
            "CMakeLists.txt": "add_mlir_library(MLIRMine a.cpp LINK_LIBS MLIRMine MLIRTosa MLIR_DIR old_command)\n",
        },
    )
    result = check(root, None, NEW)
    assert gone(result) == {("header", "mlir/IR/Old.h"), ("library", "MLIRTosa")}
    assert all(finding.confidence is Confidence.LIKELY for finding in result.findings)
    assert any("no baseline" in note for note in result.notes)


def test_without_a_baseline_a_header_of_clang_is_judged_where_the_candidate_has_clang(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.cpp": '#include "clang/Basic/Traits.h"\n#include "lld/Common/Driver.h"\n'})
    assert gone(check(root, None, NEW)) == set()
    with_clang = llvm("new", headers={"llvm/ADT/Twine.h", "clang/AST/Decl.h"})
    assert gone(check(root, None, with_clang)) == {("header", "clang/Basic/Traits.h")}


def test_build_directories_inside_the_source_are_not_looked_at(tmp_path: Path) -> None:
    root = write(tmp_path, {"build/CMakeCache.txt": "", "build/a.cpp": '#include "mlir/IR/Old.h"\n', "b.cpp": ""})
    assert scan(DirectoryTree(root)).own_files == {"b.cpp"}


# -- the candidate read from git's objects ------------------------------------------------------------------------


def commit(repository: Path, files: Mapping[str, str | None]) -> str:
    for name, text in files.items():
        path = repository / name
        if text is None:
            path.unlink()
        else:
            write(repository, {name: text})
    for words in (["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(
            ["git", "-C", repository, "-c", "user.name=a", "-c", "user.email=a@b", *words],
            check=True,
            capture_output=True,
        )
    return subprocess.run(
        ["git", "-C", repository, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    repository = tmp_path / "llvm-project"
    repository.mkdir()
    subprocess.run(["git", "-C", repository, "init", "-q", "-b", "main"], check=True)
    return repository


BODY = "".join(f"int f{number}();\n" for number in range(30))
SOURCE: Mapping[str, str] = {
    "mlir/include/mlir/IR/Old.h": BODY,
    "mlir/include/mlir/IR/CMakeLists.txt": "add_mlir_dialect(Ops ops)\nadd_mlir_interface(Face)\n"
    "set(LLVM_TARGET_DEFINITIONS X.td)\nmlir_tablegen(X.h.inc -gen-op-decls)\n# mlir_tablegen(No.inc)\n",
    "mlir/lib/IR/CMakeLists.txt": "add_mlir_library(MLIRIR\n  a.cpp)\nadd_mlir_interface_library(CallInterfaces)\n",
    "llvm/include/llvm/Config/llvm-config.h.cmake": "",
    "llvm/lib/IR/CMakeLists.txt": "add_llvm_component_library(LLVMCore a.cpp)\n",
    "llvm/lib/Target/X86/CMakeLists.txt": "add_llvm_target(X86CodeGen a.cpp)\n",
    "llvm/cmake/modules/AddLLVM.cmake": "function(add_llvm_library name)\nendfunction()\n",
    "mlir/tools/mlir-tblgen/Gen.cpp": 'static mlir::GenRegistration x("gen-op-decls", "d", f);\n',
    "llvm/utils/FileCheck/CMakeLists.txt": "add_llvm_utility(FileCheck x.cpp)\n",
    "llvm/CMakeLists.txt": "",
}


def test_a_commit_is_indexed_without_a_checkout(clone: Path) -> None:
    sha = commit(clone, SOURCE)
    provided = find_llvm(sha[:12], clone).provided
    assert {
        "mlir/IR/Old.h",
        "mlir/IR/Ops.h.inc",
        "mlir/IR/OpsDialect.cpp.inc",
        "mlir/IR/Face.h.inc",
    } <= provided.headers
    assert {"mlir/IR/X.h.inc", "llvm/Config/llvm-config.h", "llvm/Support/VCSRevision.h"} <= provided.headers
    assert "mlir/IR/No.inc" not in provided.headers
    assert {"MLIRIR", "MLIRCallInterfaces", "LLVMCore", "LLVMX86CodeGen"} <= provided.libraries
    assert {"core", "x86codegen", "x86", "native"} <= provided.components
    assert provided.commands == {"add_llvm_library"}
    assert provided.generators == {"gen-op-decls"}
    assert provided.programs == {"FileCheck"}


def test_a_source_directory_says_the_same_as_its_commit(clone: Path) -> None:
    sha = commit(clone, SOURCE)
    from_git, from_disk = find_llvm(sha, clone).provided, find_llvm(str(clone), None).provided
    assert from_git.headers == from_disk.headers
    assert from_git.libraries == from_disk.libraries


def test_git_says_where_a_header_went(clone: Path, tmp_path: Path) -> None:
    before = commit(clone, SOURCE)
    now = commit(clone, {"mlir/include/mlir/IR/Old.h": None, "mlir/include/mlir/Support/Fresh.h": BODY})
    baseline, candidate = find_llvm(before, clone), find_llvm(now, clone)
    root = write(tmp_path / "downstream", {"a.cpp": '#include "mlir/IR/Old.h"\n'})
    result = run_preflight(
        DirectoryTree(root),
        candidate=candidate,
        baseline=baseline,
        renames=renames_between(clone, baseline, candidate),
        layers=find_layers(root),
    )
    (finding,) = result.findings
    assert finding.advice == ("renamed, as git says: 'mlir/Support/Fresh.h'",)


# -- the parts ----------------------------------------------------------------------------------------------------


def test_rules_that_are_not_understood_are_remembered() -> None:
    lists = {"include/a/CMakeLists.txt": b"gen_something(X)\n", "lib/CMakeLists.txt": b"mlir_tablegen(no.inc)\n"}
    made, unknown = generated_headers(lists, ["include/a/b.h.in"], ("include/",))
    assert unknown == {"a"}
    assert made == {"a/b.h", "llvm/Support/VCSRevision.h", "llvm/Support/Extension.def"}


def test_conditions_are_listed_from_the_outside_in() -> None:
    text = "#if A\n#ifdef B\n#elif C\nx\n#endif\n#endif\n"
    assert include_guards(text, 4) == ("A", "not (B)", "C")
    assert include_guards(text, 6) == ("A",)


@pytest.mark.parametrize("call", ["install(EXPORT MLIRTargets DESTINATION x)", "message(STATUS MLIRTargets)"])
def test_what_is_installed_or_printed_is_no_library_of_llvms(tmp_path: Path, call: str) -> None:
    root = write(tmp_path, {"CMakeLists.txt": f"{call}\n"})
    assert check(root, None, NEW).findings == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("llvm/ADT/Optional.h", "std::optional"),
        ("llvm/Analysis/CFLSteensAliasAnalysis.h", "It is gone from LLVM"),
        ("mlir/IR/BlockAndValueMapping.h", "mlir/IR/IRMapping.h"),
    ],
)
def test_what_took_the_place_of_a_known_header_is_told(tmp_path: Path, name: str, said: str) -> None:
    root = write(tmp_path, {"a.cpp": f'#include "{name}"\n'})
    candidate = llvm(headers={"llvm/ADT/Twine.h", "llvm/Analysis/CFGAliasAnalysis.h", "mlir/IR/Value.h"})
    assert said in check(root, None, candidate).findings[0].advice[0]


def test_a_condition_goes_on_behind_a_backslash() -> None:
    text = "#if A || \\\n    B \\\n  || C\nx\n#endif\ny\n"
    for ends in (text, text.replace("\n", "\r\n")):
        assert include_guards(ends, 4) == ("A || B || C",)
        assert include_guards(ends, 6) == ()


def test_an_include_guard_is_no_condition() -> None:
    assert include_guards("#ifndef A_H\n#define A_H\n#include <x>\n#endif\n", 3) == ()
    assert include_guards("#ifndef A\n#include <x>\n#elifdef B\n#include <y>\n#endif\n", 4) == (
        "not (!defined(A))",
        "defined(B)",
    )


def test_cmake_conditions_follow_else() -> None:
    from pytest_llvmgate.cmake.listfile import parse

    commands = tuple(parse("if(A)\nelse()\nx()\nendif()\ny()\n"))
    assert cmake_guards(commands, 3) == ("not (A)",)
    assert cmake_guards(commands, 5) == ()


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("LLVM_VERSION_MAJOR >= 13", True),
        ("LLVM_VERSION_MAJOR<=15", False),
        ("defined(LLVM_VERSION_MAJOR) && LLVM_VERSION_MAJOR >= 13", True),
        ("not (LLVM_VERSION_MAJOR < 22)", True),
        ("!(LLVM_VERSION_MAJOR == 22 || FOO)", False),
        ("LLVM_VERSION_MAJOR > 20 && FOO", None),
        ("LLVM_VERSION_MAJOR < 20 && FOO", False),
        ("LLVM_VERSION_MAJOR > 20 || LLVM_VERSION_MINOR > 2", True),
        ("LLVM_VERSION_MAJOR * 10 > 100", None),
        ("LLVM_VERSION_GE(22, 0)", None),
        ("FOO", None),
        ("defined FOO", None),
        ("FOO && LLVM_VERSION_MAJOR < 20 || LLVM_VERSION_MAJOR != 20", True),
        ("FOO && (LLVM_VERSION_MAJOR < 20 || LLVM_VERSION_MAJOR != 22)", False),
        ("LLVM_VERSION_MAJOR", True),
        ("LLVM_VERSION_MAJOR >= 22) || (1", None),
        ("LLVM_VERSION_MAJOR != ", None),
        ("(" * 60 + "1" + ")" * 60, True),
        ("(" * 5000, None),
        ("", None),
    ],
)
def test_what_a_condition_on_the_version_is_with_llvm_22(condition: str, value: bool | None) -> None:
    assert holds_for(condition, 22) is value


@pytest.mark.parametrize(
    ("guarded", "is_told"),
    [
        ("#if LLVM_VERSION_MAJOR >= 13\n{}#endif\n", True),
        ("#if LLVM_VERSION_MAJOR < 13\n#else\n{}#endif\n", True),
        ("#if LLVM_VERSION_MAJOR >= 13\n#if LLVM_VERSION_MAJOR < 22\n{}#endif\n#endif\n", False),
        ("#if LLVM_VERSION_MAJOR >= 22\n#elif LLVM_VERSION_MAJOR >= 13\n{}#endif\n", False),
    ],
)
def test_a_condition_that_the_candidate_meets_excuses_nothing(tmp_path: Path, guarded: str, is_told: bool) -> None:
    """``#if LLVM_VERSION_MAJOR >= 13`` provides for LLVM 12, not for 22."""
    root = write(tmp_path, {"a.cpp": guarded.format('#include "mlir/IR/Old.h"\n')})
    candidate = replace(NEW, variables={"LLVM_VERSION_MAJOR": "22"})
    result = run_preflight(DirectoryTree(root), candidate=candidate, baseline=OLD)
    assert bool(result.findings) is is_told


def test_a_cmake_condition_that_the_candidate_meets_excuses_nothing(tmp_path: Path) -> None:
    text = "if(LLVM_VERSION_MAJOR GREATER_EQUAL {})\n  target_link_libraries(x PRIVATE MLIRTosa)\nendif()\n"
    candidate = replace(NEW, variables={"LLVM_VERSION_MAJOR": "22"})
    for version, is_told in ((20, True), (23, False)):
        root = write(tmp_path, {"CMakeLists.txt": text.format(version)})
        result = run_preflight(DirectoryTree(root), candidate=candidate, baseline=OLD)
        assert bool(result.findings) is is_told


@pytest.mark.parametrize(
    ("guard", "excuses"),
    [
        ("LLVM_VERSION_MAJOR LESS 22", True),
        ("TARGET MLIRX", True),
        ("TARGET MLIRXY", False),
        ("MLIR_INCLUDE_TESTS", True),
        ("!defined(__LLVM_MAJOR_VERSION_22_COMPATIBLE__)", True),
        ("CLANG_VERSION_MAJOR > 15", True),
        ("HAVE_LLVM >= 0x0306", True),
        ("defined(LLVM34)", True),
        ("HAVE_LLVM_SUPPORT_HOST_H", True),
        ("HAVE_UNISTD_H", False),
        ("HAVE_CONFIG_H", False),
        ("HAVE_LLVM", False),
        ("LLVM_VERIFY", False),
        ("MY_OPTION", False),
    ],
)
def test_which_conditions_provide_for_a_missing_name(guard: str, excuses: bool) -> None:
    assert bool(provides_for((guard,), "MLIRX")) is excuses


def test_what_configure_looked_for_provides_for_a_header_of_that_name() -> None:
    guards = ("not (HAVE_TARGETPARSER_HOST_H)",)
    assert provides_for(guards, "llvm/Support/Host.h")
    assert not provides_for(guards, "llvm/Support/LocalHost.h")
    assert not provides_for(guards, "llvm/Support/Old.h")


@pytest.mark.parametrize(
    ("name", "candidates", "best"),
    [
        ("MLIRTosa", ["MLIRTosaTransforms", "MLIRTosaDialect", "MLIRTestIR"], "MLIRTosaDialect"),
        ("MLIRGPUOps", ["MLIRGPUTransforms", "MLIRGPUDialect"], "MLIRGPUDialect"),
        ("MLIRStandard", ["MLIRStandrad", "MLIRIR"], "MLIRStandrad"),
    ],
)
def test_the_likeliest_successor_comes_first(name: str, candidates: list[str], best: str) -> None:
    assert most_similar(name, candidates)[0] == best


def test_nothing_alike_is_nothing() -> None:
    assert most_similar("MLIRLinalgAnalysis", ["LLVMCore", "FileCheck"]) == ()


def test_a_header_that_moved_keeps_its_name() -> None:
    names = frozenset({"llvm/TargetParser/Triple.h", "llvm/ADT/Twine.h", "llvm/ADT/Tripled.h"})
    found = Successors(new=names, all=names).of_header("llvm/ADT/Triple.h")
    assert found[0].name == "llvm/TargetParser/Triple.h"


@pytest.mark.parametrize(
    ("gone_header", "others", "best"),
    [
        ("llvm/ADT/Triple.h", {"llvm/TargetParser/Triple.h", "clang/Driver/Triple.h"}, ["llvm/TargetParser/Triple.h"]),
        ("mlir/Support/MathExtras.h", {"llvm/Support/MathExtras.h"}, ["llvm/Support/MathExtras.h"]),
        ("mlir/Bindings/Python/Attributes.td", {"llvm/IR/Attributes.td"}, []),
    ],
)
def test_a_file_of_the_same_name_that_was_there_before_has_to_be_near(
    gone_header: str, others: set[str], best: list[str]
) -> None:
    ranking = Successors(new=frozenset(), all=frozenset(others))
    assert [successor.name for successor in ranking.of_header(gone_header)] == best


def test_another_name_far_away_is_no_successor() -> None:
    names = frozenset({"llvm/Frontend/Debug/Options.h"})
    assert Successors(new=names, all=names).of_header("llvm/ADT/Optional.h") == ()


def test_without_a_baseline_targets_that_a_dialect_makes_are_the_downstreams_own(tmp_path: Path) -> None:
    lists = "add_mlir_dialect(ToyOps toy)\nadd_mlir_dialect_library(MLIRToy Toy.cpp DEPENDS MLIRToyOpsIncGen)\n"
    result = check(write(tmp_path, {"CMakeLists.txt": lists}), None, NEW)
    assert [item.name for item in result.gone] == []


@pytest.mark.parametrize(
    "text",
    [
        "set(PARTS Core OldComponent)\nllvm_map_components_to_libnames(libs ${PARTS})\n",
        "list(APPEND PARTS OldComponent)\nadd_llvm_library(x a.cpp LINK_COMPONENTS ${PARTS} LINK_LIBS ${OTHERS})\n",
    ],
)
def test_components_in_a_variable_that_is_handed_on_are_used(tmp_path: Path, text: str) -> None:
    root = write(tmp_path, {"CMakeLists.txt": text + "set(OTHERS Core)\n"})
    assert gone(check(root, OLD, NEW)) == {("component", "oldcomponent")}


def test_an_llvm_that_is_built_otherwise_speaks_against_no_candidate(tmp_path: Path) -> None:
    """It is told, because failures may come from it."""
    root = write(tmp_path, {"a.cpp": ""})
    facts = [ToolchainFacts(label=str(on), settings={"LLVM_ENABLE_RTTI": on}) for on in (False, True)]
    result = check(root, replace(OLD, facts=facts[0]), replace(OLD, facts=facts[1]))
    assert [finding.identifier for finding in result.findings] == ["LLVM_ENABLE_RTTI"]
    assert not result.fails


@pytest.mark.parametrize(
    ("package", "found", "fails"),
    [
        ("PART", "if(EXISTS part)\n  set(PART_FOUND TRUE)\nendif()\n", False),
        ("PART", "set(PART_FOUND TRUE)\n", True),
        ("PART", "find_package(PART)\n", True),
        ("LLVM", "if(EXISTS llvm)\n  set(LLVM_FOUND TRUE)\nendif()\n", True),
    ],
)
def test_what_the_project_has_looked_for_itself_is_not_taken_for_granted(
    tmp_path: Path, package: str, found: str, *, fails: bool
) -> None:
    """What a package has found says nothing of LLVM's own names, and LLVM itself is there."""
    text = f"{found}if({package}_FOUND)\n  llvm_map_components_to_libnames(libs OldComponent)\nendif()\n"
    result = check(write(tmp_path, {"CMakeLists.txt": text}), OLD, NEW)
    assert result.fails == fails


def test_what_cannot_be_read_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "project", {"lib/a.cpp": "", "closed/b.cpp": ""})
    os.mkfifo(root / "lib/pipe.h")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if path.endswith("/closed"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr("pytest_llvmgate.surface.file_tree.os.scandir", refusing)
    (note, *_) = check(root, None, llvm(headers={"mlir/IR/A.h"})).notes
    assert note == "could not be read, so that nothing is said of what it uses: closed/, lib/pipe.h"
