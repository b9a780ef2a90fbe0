"""The doctor: what it finds missing, with real programs and CMake."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.cmake.listfile import parse
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, read_prefix
from pytest_llvmgate.llvm.system_packages import packages_of
from pytest_llvmgate.preflight.switched_off import BuiltParts
from pytest_llvmgate.preflight.usage import Usage
from pytest_llvmgate.process.memory import GIB
from pytest_llvmgate.stages import readiness
from pytest_llvmgate.stages.build_tools import find_tools
from pytest_llvmgate.stages.readiness import Examined, examine, found_installs
from tests.support.configs import load
from tests.support.toy import SHA, git, make_llvm

pytestmark = pytest.mark.skipif(not shutil.which("c++"), reason="needs a C++ compiler")

_CONFIG = """\
[[pin]]
name = "llvm"
file = "llvm_version.txt"
[llvm]
supplier = "prefix"
prefix = "llvm"
[build.cmake]
"""


_AGGREGATE = "add_mlir_aggregate(all SHARED EMBED_LIBS MLIRCAPIIR)\n"


@pytest.fixture(autouse=True)
def roomy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine of the tests has free is no matter of theirs."""
    monkeypatch.setattr(readiness, "_ROOM", 0)
    monkeypatch.setattr(readiness, "available_memory", lambda: 64 * GIB)


def project(root: Path, lists: str = "", values: str = "") -> Path:
    make_llvm(root / "llvm")
    (root / "llvm_version.txt").write_text(f"{SHA}\n")
    (root / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.20)\nproject(p C CXX)\n{lists}")
    (root / "llvmgate.toml").write_text(_CONFIG + values)
    git(root, "init", "-q", "-b", "main")
    return root


def complaints(root: Path, cores: int = 1) -> list[str]:
    config = load(root, (root / "llvmgate.toml").read_text())
    installs = dict.fromkeys(config.flavours, Examined(prefix=read_prefix(root / "llvm")))
    return [str(each) for each in examine(config, installs, cores)]


def test_where_all_is_there_nothing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path)
    assert main(["doctor", "-C", str(root)]) == 0
    assert "nothing is missing" in capsys.readouterr().out


def test_a_package_that_cmake_does_not_find_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists = "option(PY OFF)\nfind_package(LlvmgateNowhere REQUIRED)\nif(PY)\n  find_package(Other REQUIRED)\nendif()\n"
    root = project(tmp_path, lists + "find_package(Optional)\n")
    assert main(["doctor", "-C", str(root)]) == 1
    output = capsys.readouterr().out
    assert "the project requires what CMake does not find: LlvmgateNowhere\n" in output
    assert "-> install LlvmgateNowhere, or name where it is in [build.cmake] CMAKE_PREFIX_PATH" in output
    assert "1 of 1 complaints would stop a build" in output


@pytest.mark.parametrize(
    ("lists", "is_told"),
    [
        ('option(A "" ON)\nif(A OR B)\n  find_package(LlvmgateNowhere REQUIRED)\nendif()\n', True),
        ("include(more)\n", True),
        ("include(${CMAKE_CURRENT_SOURCE_DIR}/cmake/more.cmake)\n", True),
        ("add_subdirectory(lib)\n", True),
        ("if(SOME_FOUND)\n  add_subdirectory(lib)\nendif()\n", False),
        ("function(f)\n  find_package(LlvmgateNowhere REQUIRED)\nendfunction()\n", False),
        ("if(SOME_FOUND)\n  return()\nendif()\nfind_package(LlvmgateNowhere REQUIRED)\n", False),
    ],
)
def test_a_package_is_missed_where_cmake_surely_asks_for_it(tmp_path: Path, lists: str, *, is_told: bool) -> None:
    root = project(tmp_path, lists)
    for name in ("cmake/more.cmake", "lib/CMakeLists.txt"):
        (root / name).parent.mkdir()
        (root / name).write_text("find_package(LlvmgateNowhere REQUIRED)\n")
    assert any("LlvmgateNowhere" in each for each in complaints(root)) == is_told


def test_packages_are_asked_for_where_the_builds_begin(tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / "inner").mkdir()
    (root / "inner/CMakeLists.txt").write_text("find_package(LlvmgateNowhere REQUIRED)\n")
    text = (root / "llvmgate.toml").read_text()
    (root / "llvmgate.toml").write_text(text.replace("[build.cmake]", '[build]\nsource = "inner"\n[build.cmake]'))
    assert any("LlvmgateNowhere" in each for each in complaints(root))


def test_an_llvm_that_the_project_s_own_cmake_refuses_is_told(tmp_path: Path) -> None:
    lists = 'if(NOT LLVM_ENABLE_EH)\n  message(FATAL_ERROR "LLVM must throw")\nendif()\n'
    lists += 'if(NOT SOME_FOUND)\n  message(FATAL_ERROR "who knows")\nendif()\n'
    root = project(tmp_path, lists)
    config = root / "llvm/lib/cmake/llvm/LLVMConfig.cmake"
    config.write_text(config.read_text() + "set(LLVM_ENABLE_EH OFF)\n")
    assert [each for each in complaints(root) if "stop" in each] == [
        "CMake will stop at CMakeLists.txt:4: LLVM must throw"
    ]


def test_a_call_without_its_words_is_no_refusal(tmp_path: Path) -> None:
    assert not any("find_package" in each for each in complaints(project(tmp_path, "find_package()\n")))


def test_a_cache_value_with_its_type_is_asked_for(tmp_path: Path) -> None:
    root = project(tmp_path, "if(NOT OWN_PARTS)\n  message(FATAL_ERROR no)\nendif()\n")
    assert any("will stop" in each for each in complaints(root))
    text = (root / "llvmgate.toml").read_text()
    (root / "llvmgate.toml").write_text(text.replace("[build.cmake]", '[build.cmake]\n"OWN_PARTS:BOOL" = "ON"'))
    assert not any("will stop" in each for each in complaints(root))


@pytest.mark.parametrize(
    ("place", "lists", "is_told"),
    [
        ("my work", 'set(CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS} -I${CMAKE_SOURCE_DIR}/x")', True),
        ("my work", "include_directories(${CMAKE_SOURCE_DIR}/x)", False),
        ("work", 'set(CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS} -I${CMAKE_SOURCE_DIR}/x")', False),
    ],
)
def test_a_blank_in_the_path_is_told_where_flags_hold_directories(
    tmp_path: Path, place: str, lists: str, *, is_told: bool
) -> None:
    parts = BuiltParts({"CMakeLists.txt": tuple(parse(lists))})
    told = [each.what for each in readiness._blanks(tmp_path / place, parts)]
    assert ["has a blank" in each for each in told] == [True] * is_told


@pytest.mark.parametrize(("objects", "is_told"), [("OFF", True), ("1", False)])
def test_objects_of_llvm_s_libraries_that_are_not_installed_are_missed(
    tmp_path: Path, objects: str, *, is_told: bool
) -> None:
    parts = BuiltParts(
        {"CMakeLists.txt": tuple(parse("add_subdirectory(test)\n")), "test/CMakeLists.txt": tuple(parse(_AGGREGATE))},
        known={"MLIR_INSTALL_AGGREGATE_OBJECTS": objects},
    )
    root = project(tmp_path)
    told = [each.what for each in readiness._refusals(Usage(), parts, read_prefix(root / "llvm"))]
    assert [each[:24] for each in told] == ["test/CMakeLists.txt:1 ma"] * is_told


@pytest.mark.parametrize(
    ("asked", "is_told"),
    [("14.0", True), ("22", True), ("22.1", False), ("22.1.8", False), ("22.1.9", True), ("CONFIG", False)],
)
def test_a_version_that_this_llvm_is_not_taken_for_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, *, is_told: bool
) -> None:
    monkeypatch.setattr(ToolchainPrefix, "version", "22.1.8")
    root = project(tmp_path, f"find_package(LLVM {asked} REQUIRED)\n")
    assert any("does not take for it" in each for each in complaints(root)) == is_told
    (root / "cmake").mkdir()
    (root / "cmake/FindLLVM.cmake").touch()  # which judges versions by itself
    assert any("does not take for it" in each for each in complaints(root)) == (is_told and asked == "CONFIG")


@pytest.mark.parametrize(("condition", "is_told"), [("WIN32", True), ("UNIX", False)])
def test_where_packages_lie_elsewhere_on_another_system_they_are_missed_here(
    tmp_path: Path, condition: str, *, is_told: bool
) -> None:
    lists = f"if({condition})\n  list(APPEND CMAKE_PREFIX_PATH deps)\nendif()\nfind_package(LlvmgateNowhere REQUIRED)\n"
    assert any("LlvmgateNowhere" in each for each in complaints(project(tmp_path, lists))) == is_told


@pytest.mark.parametrize(
    ("condition", "is_told"),
    [
        ("CMAKE_CXX_COMPILER_VERSION VERSION_LESS 99", True),
        ("CMAKE_CXX_COMPILER_VERSION VERSION_LESS 1", False),
        ('NOT CMAKE_C_COMPILER_ID MATCHES "MSVC|Borland"', True),
        ('CMAKE_C_COMPILER_ID MATCHES "MSVC|Borland"', False),
        ("CMAKE_CXX_COMPILER_VERSION VERSION_LESS 99 AND SOME_FOUND", False),
    ],
)
def test_a_compiler_that_the_project_refuses_is_told(tmp_path: Path, condition: str, *, is_told: bool) -> None:
    text = f'if({condition})\n  message(FATAL_ERROR "another compiler, please")\nendif()\n'
    told = ["CMake will stop at CMakeLists.txt:4: another compiler, please"] if is_told else []
    assert complaints(project(tmp_path, text)) == told


def test_where_configurations_take_other_compilers_nothing_is_said_of_them(tmp_path: Path) -> None:
    text = "if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 99)\n  message(FATAL_ERROR old)\nendif()\n"
    axis = '[axes.compiler]\none = { cmake = { CMAKE_CXX_COMPILER = "c++" } }\nother = { cmake = {} }\n'
    assert not complaints(project(tmp_path, text, axis))


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ("macro(find v)\n  find_package(LLVM ${v} REQUIRED)\nendmacro()\nfind(20)\n", ["20"]),
        ("foreach(v 20 21)\n  find_package(LLVM ${v} QUIET)\nendforeach()\n", ["20", "21"]),
        ("foreach(v 20 22.1)\n  find_package(LLVM ${v} QUIET)\nendforeach()\n", []),
        ("foreach(v 20 22.1)\n  find_package(LLVM ${v} REQUIRED)\nendforeach()\n", ["20"]),
    ],
)
def test_a_version_that_is_said_in_a_call_or_a_loop_is_asked_for(tmp_path: Path, lists: str, told: list[str]) -> None:
    said = [each for each in complaints(project(tmp_path, lists)) if "does not take for it" in each]
    assert [each.partition(" asks for LLVM ")[2].partition(";")[0] for each in said] == told


def test_programs_that_a_configuration_names_must_be_there(tmp_path: Path) -> None:
    values = 'CMAKE_CXX_COMPILER = "/nowhere/clang++-22"\nCMAKE_EXE_LINKER_FLAGS = "-fuse-ld=nowhere"\n'
    found = "\n".join(complaints(project(tmp_path, values=values)))
    assert "asks for /nowhere/clang++-22, and there is no such program" in found
    assert "asks for ld.nowhere" in found
    if shutil.which("apt-get"):
        assert "-> apt-get install clang-22" in found


def test_a_project_that_a_new_cmake_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project(tmp_path)
    lists = root / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace("3.20", "3.1"))
    cmake = replace(find_tools(dict(os.environ)).cmake, version="cmake version 4.4.5")
    tools = replace(find_tools(dict(os.environ)), cmake=cmake)
    monkeypatch.setattr(readiness, "find_tools", lambda _env: tools)
    (found,) = complaints(root)
    assert "CMake 4.4.5 refuses projects for CMake before 3.5 (CMakeLists.txt:1)" in found
    (root / "llvmgate.toml").write_text(f'{_CONFIG}CMAKE_POLICY_VERSION_MINIMUM = "3.5"\n')
    assert not complaints(root)


def test_settings_of_llvm_that_do_not_fit_are_told(tmp_path: Path) -> None:
    (found,) = complaints(project(tmp_path, values='LLVM_ENABLE_RTTI = "ON"\n'))
    assert "the configuration asks for run-time type information" in found


def package(root: Path, name: str, targets: str = "") -> Path:
    """An installed package whose CMake config offers ``targets``."""
    directory = root / "packages/lib/cmake" / name
    directory.mkdir(parents=True)
    (directory / f"{name}Config.cmake").write_text(f"set({name}_VERSION 2022.6)\n{targets}")
    return directory


def test_a_package_that_is_too_old_for_the_targets_that_are_linked_is_named(tmp_path: Path) -> None:
    where = package(tmp_path, "absl", "add_library(absl::status INTERFACE IMPORTED)\n")
    lists = "find_package(absl REQUIRED)\nadd_library(mine x.cpp)\ntarget_link_libraries(mine absl::status absl::log)\n"
    lists += "if(TARGET absl::newer)\n  target_link_libraries(mine absl::newer)\nendif()\n"
    root = project(tmp_path / "p", lists, f'CMAKE_PREFIX_PATH = "{tmp_path}/packages"\n')
    (found,) = complaints(root)
    assert f"the project links absl::log, which the package absl has not that CMake finds (2022.6, {where})" in found
    assert "CMAKE_PREFIX_PATH" in found


def test_submodules_without_files_are_named_and_those_that_the_builds_add_would_stop_them(tmp_path: Path) -> None:
    lists = (
        "option(A '' ON)\noption(B '' OFF)\n"
        "if(A)\n  add_subdirectory(${CMAKE_CURRENT_SOURCE_DIR}/third_party/a x)\nendif()\n"
        "set(HERE ${CMAKE_CURRENT_SOURCE_DIR})\nadd_subdirectory(${HERE}/third_party/far)\nadd_subdirectory(there)\n"
        "if(B)\n  add_subdirectory(third_party/b)\nendif()\n"
    )
    root = project(tmp_path, lists)
    paths = ["third_party/a", "third_party/far", "third_party/b", "there", "llvm-project"]
    modules = (f'[submodule "{path}"]\n\tpath = {path}\n\turl = ../x\n' for path in paths)
    (root / ".gitmodules").write_text("".join(modules))
    (root / "third_party/a").mkdir(parents=True)
    (root / "there").mkdir()
    (root / "there/CMakeLists.txt").write_text("")
    for path in paths[:4]:
        git(root, "update-index", "--add", "--cacheinfo", f"160000,{SHA},{path}")
    taken, other = complaints(root)
    assert taken == (
        "the builds take submodules that are not checked out: third_party/a, third_party/far\n"
        "    -> git submodule update --init third_party/a third_party/far"
    )
    assert other.startswith("note: submodules that are not checked out: third_party/b\n")


def test_a_submodule_that_has_only_a_section_is_not_brought_by_git_submodule_update(tmp_path: Path) -> None:
    root = project(tmp_path, "add_subdirectory(apart)\n")
    (root / ".gitmodules").write_text('[submodule "apart"]\n\tpath = apart\n\turl = ../x\n')
    (found,) = complaints(root)
    assert found == (
        "the builds take submodules that have no commit here, only a section of .gitmodules: apart\n"
        "    -> git submodule add --force URL apart"
    )


@pytest.mark.parametrize(
    ("condition", "stops"),
    [
        ("NOT DEFINED ENV{WOMBAT_HOME}", True),
        ("NOT $ENV{WOMBAT_HOME}", True),
        ('"$ENV{WOMBAT_MODE}" STREQUAL "slow"', True),
        ('"$ENV{WOMBAT_MODE}" STREQUAL "fast"', False),
        ("NOT DEFINED ENV{WOMBAT_MODE}", False),
        ("DEFINED ENV{WOMBAT_MODE}", True),
    ],
)
def test_the_environment_of_the_builds_decides_a_condition_on_it(
    tmp_path: Path, condition: str, *, stops: bool
) -> None:
    values = '[build.env]\nWOMBAT_MODE = "slow"\n'
    root = project(tmp_path, f"if({condition})\n  message(FATAL_ERROR no)\nendif()\n", values)
    assert any("will stop" in each for each in complaints(root)) == stops


def test_a_package_that_python_is_asked_for_is_looked_for_there(tmp_path: Path) -> None:
    lists = (
        "function(detect)\n  execute_process(COMMAND ${Python3_EXECUTABLE}\n"
        "    -c \"import burrow;print(burrow.get_cmake_dir(), end='')\" OUTPUT_VARIABLE place)\n"
        '  set(burrow_DIR "${place}" PARENT_SCOPE)\nendfunction()\ndetect()\nfind_package(burrow REQUIRED)\n'
    )
    root = project(tmp_path, lists, f'Python3_EXECUTABLE = "{tmp_path}/python"\n')
    (root / "python").write_text(f'#!/bin/sh\nPYTHONPATH={root}/m exec {sys.executable} "$@"\n')
    (root / "python").chmod(0o755)
    (found,) = complaints(root)
    assert "what CMake does not find: burrow" in found
    (root / "m/burrow").mkdir(parents=True)
    (root / "m/burrow/__init__.py").write_text(f"def get_cmake_dir():\n    return {str(root / 'm/burrow')!r}\n")
    (root / "m/burrow/burrowConfig.cmake").touch()
    assert not complaints(root)


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ("find_program(W NAMES wombat-nowhere REQUIRED)", "CMakeLists.txt:3 looks for the program wombat-nowhere"),
        ("find_program(W wombat-nowhere)", ""),
        ("find_program(W NAMES wombat-nowhere sh REQUIRED)", ""),
        ("find_package(Wombat REQUIRED)", "note: cmake/FindWombat.cmake:1 looks for the program wombat-nowhere"),
        ("find_package(Wombat)", ""),
        ("find_program(C NAMES llvm-config-0 llvm-config)", "CMakeLists.txt:3 takes LLVM from "),
        ('set(N "llvm-config" CACHE STRING x)\nfind_program(C "${N}")', "CMakeLists.txt:4 takes LLVM from "),
        ("find_package(LLVM)\nfind_program(C llvm-config)", "note: CMakeLists.txt:4 takes LLVM from "),
        ("find_program(C NAMES llvm-config-${V} llvm-config PATHS /x)", "CMakeLists.txt:3 takes LLVM from "),
        ("execute_process(COMMAND llvm-config --libs)\nexecute_process(COMMAND llvm-config x)", "CMakeLists.txt:3, "),
        ("find_package(Outer REQUIRED)", "cmake/FindInner.cmake:2 takes LLVM from "),
        ("find_package(Outer CONFIG)", ""),
        ("find_program(C llvm-config)\nfind_program(C llvm-config-0 llvm-config)", "CMakeLists.txt:3 takes LLVM from "),
    ],
)
def test_programs_that_cmake_files_look_for_must_be_there(tmp_path: Path, lists: str, told: str) -> None:
    root = project(tmp_path, f"{lists}\n")
    (root / "cmake").mkdir()
    (root / "cmake/FindWombat.cmake").write_text(
        "find_program(Wombat_EXECUTABLE wombat-nowhere DOC x)\nset(Wombat_FOUND ON)\n"
    )
    (root / "cmake/FindOuter.cmake").write_text("find_package(Inner)\nset(Outer_FOUND ON)\n")
    (root / "cmake/FindInner.cmake").write_text("if(UNKNOWN_FOUND)\nfind_program(C llvm-config)\nendif()\n")
    assert [each.startswith(told) for each in complaints(root)] == [True] * bool(told)


@pytest.mark.parametrize(
    "says",
    [
        "set(Thing_DIR ${THERE}/thing)\n",
        "list(APPEND CMAKE_PREFIX_PATH ${CMAKE_SOURCE_DIR}/m)\n",
        "set(Thing_ROOT /x)\n",
    ],
)
def test_a_project_that_says_where_its_packages_are_is_believed(tmp_path: Path, says: str) -> None:
    assert not complaints(project(tmp_path, f"{says}find_package(Thing REQUIRED)\n"))


def test_llvm_s_own_modules_lead_to_no_other_package(tmp_path: Path) -> None:
    (found,) = complaints(
        project(tmp_path, "list(APPEND CMAKE_MODULE_PATH ${LLVM_CMAKE_DIR})\nfind_package(Thing REQUIRED)\n")
    )
    assert "Thing" in found
    (tmp_path / "cmake").mkdir()
    (tmp_path / "cmake/pConfig.cmake.in").write_text("list(APPEND CMAKE_PREFIX_PATH @THERE@)\n")  # for its users
    assert complaints(tmp_path)
    (tmp_path / "cmake/FindThing.cmake").write_text("set(Thing_FOUND TRUE)\n")
    assert not complaints(tmp_path)


@pytest.mark.parametrize(
    ("lists", "told"),
    [
        ("find_package(Absent 2 REQUIRED)\n", "FindAbsent.cmake"),
        ("find_package(Present 2 REQUIRED)\n", ""),
        ("find_package(Broken REQUIRED)\nfind_package(Present 2 REQUIRED)\n", ""),
        ("find_package(Broken REQUIRED)\nfind_package(Absent REQUIRED)\n", "FindAbsent.cmake"),
    ],
)
def test_what_the_project_s_own_find_modules_look_for_in_vain_is_noted(tmp_path: Path, lists: str, told: str) -> None:
    root = project(tmp_path, lists)
    (root / "cmake").mkdir()
    (root / "cmake/FindAbsent.cmake").write_text("find_path(Absent_DIR absent.h)\nset(Absent_FOUND ${Absent_DIR})\n")
    (root / "cmake/FindPresent.cmake").write_text("set(Present_FOUND TRUE)\n")
    (root / "cmake/FindBroken.cmake").write_text("message(FATAL_ERROR no)\n")
    found = [each for each in complaints(root) if "will stop at" not in each]
    assert [each.startswith(f"note: {told} looks for") for each in found] == [True] * bool(told)


def test_a_find_module_of_the_project_s_own_is_none_for_a_config(tmp_path: Path) -> None:
    root = project(tmp_path, "find_package(Thing 4.8 CONFIG REQUIRED)\n")
    (root / "cmake").mkdir()
    (root / "cmake/FindThing.cmake").touch()
    assert any("does not find: Thing" in each for each in complaints(root))


@pytest.mark.parametrize(
    ("languages", "config", "is_told"),
    [
        ("CXX", "include(CheckIncludeFile)\ncheck_include_file(stdio.h HAVE_STDIO)\n", True),
        ("LANGUAGES C CXX", "include(CheckIncludeFile)\ncheck_include_file(stdio.h HAVE_STDIO)\n", False),
        ("CXX)\nenable_language(C", "include(CheckIncludeFile)\ncheck_include_file(stdio.h HAVE_STDIO)\n", False),
        ("", "include(CheckIncludeFile)\ncheck_include_file(stdio.h HAVE_STDIO)\n", False),
        ("CXX", "", False),
    ],
)
def test_a_project_of_cxx_alone_is_told_where_llvms_package_tries_c(
    tmp_path: Path, languages: str, config: str, *, is_told: bool
) -> None:
    root = project(tmp_path)
    (root / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.20)\nproject(p {languages})\n")
    with (root / "llvm/lib/cmake/llvm/LLVMConfig.cmake").open("a") as file:
        file.write(config)
    assert any("enables C++ alone (CMakeLists.txt:2)" in each for each in complaints(root)) == is_told


def test_components_of_a_package_are_asked_for_as_the_project_asks(tmp_path: Path) -> None:
    package(
        tmp_path,
        "Boxed",
        "foreach(c ${Boxed_FIND_COMPONENTS})\n add_library(Boxed::${c} INTERFACE IMPORTED)\nendforeach()\n",
    )
    lists = "find_package(Boxed ${VERSION} REQUIRED COMPONENTS one)\nadd_library(mine x.cpp)\n"
    lists += "target_link_libraries(mine Boxed::one)\n"
    assert not complaints(project(tmp_path / "p", lists, f'CMAKE_PREFIX_PATH = "{tmp_path}/packages"\n'))


def test_components_may_stand_behind_required(tmp_path: Path) -> None:
    root = project(tmp_path, "find_package(Boxes REQUIRED lid hinge)\n")
    config = "set(Boxes_FOUND TRUE)\nif(hinge IN_LIST Boxes_FIND_COMPONENTS)\n  set(Boxes_FOUND FALSE)\nendif()\n"
    there = tmp_path.parent / f"{tmp_path.name}-there"
    there.mkdir()
    (there / "BoxesConfig.cmake").write_text(config)
    with (root / "llvmgate.toml").open("a") as file:
        file.write(f'Boxes_DIR = "{there}"\n')
    assert any("does not find: Boxes" in each for each in complaints(root))


@pytest.mark.parametrize(
    ("declared", "values", "is_told"),
    [
        ("GIT_REPOSITORY https://example.org/x.git", "", True),
        ("URL https://example.org/x.zip", "", True),
        ("URL https://example.org/x.zip FIND_PACKAGE_ARGS", "", False),
        ("SOURCE_DIR ${CMAKE_SOURCE_DIR}/x", "", False),
        ("SOURCE_DIR x)\nFetchContent_Declare(widget URL https://example.org/x.zip", "", False),
        ("URL https://example.org/x.zip)\nFetchContent_Declare(widget SOURCE_DIR x", "", True),
        ("URL https://example.org/x.zip", 'FETCHCONTENT_SOURCE_DIR_WIDGET = "/there"\n', False),
    ],
)
def test_what_cmake_will_download_is_noted(tmp_path: Path, declared: str, values: str, *, is_told: bool) -> None:
    lists = f"include(FetchContent)\nFetchContent_Declare(widget {declared})\nFetchContent_MakeAvailable(widget)\n"
    told = complaints(project(tmp_path, lists, values))
    assert any(each.startswith("note: CMake will download widget (CMakeLists.txt:4") for each in told) is is_told


def test_a_shared_flavour_that_will_be_derived_is_not_complained_of(tmp_path: Path) -> None:
    root = project(tmp_path, "set(BUILD_SHARED_LIBS ${LLVM_ENABLE_SHARED_LIBS})\n")
    (root / "llvmgate.toml").write_text(
        _CONFIG.replace("[build.cmake]", "[axes.linkage]")
        + 'static = { flavour = "static" }\nshared = { flavour = "shared", cmake = { BUILD_SHARED_LIBS = "ON" } }\n'
    )
    config = load(root, (root / "llvmgate.toml").read_text())
    static = read_prefix(root / "llvm")
    installs = found_installs(config, [("static", static), ("shared", None)])
    assert not [each for each in examine(config, installs, 1) if "BUILD_SHARED_LIBS" in str(each)]
    refused = replace(config, llvm=replace(config.llvm, derive=False))
    installs = found_installs(refused, [("static", static), ("shared", None)])
    assert [each for each in examine(refused, installs, 1) if "BUILD_SHARED_LIBS" in str(each)]
    assert main(["doctor", "-C", str(root), "--llvm", str(root / "llvm")]) == 0


def test_what_llvm_s_libraries_link_must_be_found(tmp_path: Path) -> None:
    root = project(tmp_path)
    exports = root / "llvm/lib/cmake/llvm/LLVMExports.cmake"
    exports.write_text(
        "set(CMAKE_IMPORT_FILE_VERSION 1)\nadd_library(LLVMSupport STATIC IMPORTED)\n"
        "set_target_properties(LLVMSupport PROPERTIES\n"
        '  INTERFACE_LINK_LIBRARIES "rt;zstd::llvmgate_nowhere"\n)\n'
        "set_target_properties(LLVMSupport PROPERTIES\n"
        '  IMPORTED_LOCATION_RELEASE "${_IMPORT_PREFIX}/lib/libLLVMSupport.a"\n  )\n'
    )
    found = "\n".join(complaints(root))
    assert "LLVM's own libraries link what CMake does not find: zstd::llvmgate_nowhere" in found
    assert "this LLVM names archives of LLVM's that are not installed: LLVMSupport" in found


def test_what_python_bindings_take_is_told(tmp_path: Path) -> None:
    lists = 'option(PY "" ON)\nif(PY)\n  mlir_configure_python_dev_packages()\nendif()\n'
    root = project(tmp_path, lists)
    modules = 'execute_process(COMMAND ${Python3_EXECUTABLE}\n  -c "import {};print(1)")\n'
    (root / "llvm/lib/cmake/llvm/MLIRDetectPythonEnv.cmake").write_text(
        modules.replace("{}", "json") + modules.replace("{}", "llvmgate_nowhere")
    )
    (found,) = complaints(root)
    assert "Python has not what they take: llvmgate_nowhere\n" in found
    (root / "llvmgate.toml").write_text(f'{_CONFIG}PY = "OFF"\n')
    assert not complaints(root)


def test_an_llvm_without_the_python_bindings_that_are_linked_is_told(tmp_path: Path) -> None:
    lists = (
        'option(PY "" ON)\nif(PY)\n  add_mlir_python_modules(Mine DECLARED_SOURCES MLIRPythonSources.Core)\nendif()\n'
    )
    root = project(tmp_path, lists)
    with (root / "llvm/lib/cmake/llvm/LLVMConfig.cmake").open("a") as config:
        config.write('set(MLIR_ENABLE_BINDINGS_PYTHON "0")\n')
    (found,) = complaints(root)
    assert found.startswith(
        "this LLVM install has no Python bindings, which the project's CMake files link (CMakeLists"
    )
    assert "-> build LLVM with MLIR_ENABLE_BINDINGS_PYTHON=ON" in found
    (root / "llvmgate.toml").write_text(f'{_CONFIG}PY = "OFF"\n')
    assert not complaints(root)


@pytest.mark.parametrize(("asked", "fits"), [("2.9", False), ("3.0", True)])
def test_a_module_for_python_bindings_has_to_be_of_the_version_that_is_asked_for(
    tmp_path: Path, asked: str, fits: bool
) -> None:
    root = project(tmp_path, "mlir_configure_python_dev_packages()\n", f'Python3_EXECUTABLE = "{tmp_path}/python"\n')
    (root / "llvm/lib/cmake/llvm/MLIRDetectPythonEnv.cmake").write_text(
        '      -c "import bind;print(bind.cmake_dir(), end=\'\')"\n      -c "import bind;print(bind.include_dir())"\n'
        f"find_package(bind {asked} CONFIG REQUIRED)\n"
    )
    (root / "m/bind").mkdir(parents=True)
    (root / "m/bind/__init__.py").write_text(f"def cmake_dir():\n    return {str(root / 'm/bind')!r}\n")
    (root / "m/bind/bind-config-version.cmake").write_text(
        'set(PACKAGE_VERSION "3.1.0")\nif(PACKAGE_FIND_VERSION_MAJOR STREQUAL "3")\n'
        "  set(PACKAGE_VERSION_COMPATIBLE TRUE)\nendif()\n"
    )
    (tmp_path / "python").write_text(f'#!/bin/sh\nPYTHONPATH={root}/m exec {sys.executable} "$@"\n')
    (tmp_path / "python").chmod(0o755)
    found = complaints(root)
    assert bool(found) is not fits
    if found:
        assert "has not what they take: bind 2.9 (3.1.0 is there)\n" in found[0]
        assert f"-> pip install bind~=2.9 for {tmp_path}/python, or" in found[0]


def test_an_absent_archive_counts_where_the_project_links_it(tmp_path: Path) -> None:
    root = project(tmp_path, "add_executable(mine x.cpp)\ntarget_link_libraries(mine Polly)\n")
    exports = root / "llvm/lib/cmake/llvm/LLVMExports.cmake"
    text = "set(CMAKE_IMPORT_FILE_VERSION 1)\n"
    for name in ("Polly", "PollyISL"):
        text += f"add_library({name} STATIC IMPORTED)\nset_target_properties({name} PROPERTIES\n"
        text += f'  IMPORTED_LOCATION_RELEASE "${{_IMPORT_PREFIX}}/lib/lib{name}.a"\n  )\n'
    exports.write_text(text)
    linked, named = complaints(root)
    assert linked.startswith("the project links archives of LLVM's that are not installed: Polly")
    assert named.startswith("note: this LLVM names archives of LLVM's that are not installed: PollyISL")


@pytest.mark.parametrize(
    ("support", "lists", "is_told"),
    [
        ("SHARED", "target_link_libraries(mine Engine)", True),
        ("SHARED", "set(Engine ON)", False),
        ("SHARED", "target_link_libraries(mine LLVMSupport)", False),
        ("STATIC", "target_link_libraries(mine Engine)", False),
    ],
)
def test_a_library_that_still_loads_all_of_llvm_is_told_over_shared_libraries(
    tmp_path: Path, support: str, lists: str, is_told: bool
) -> None:
    root = project(tmp_path, f"add_executable(mine x.cpp)\n{lists}\n")
    libraries, text = root / "llvm/lib", "set(CMAKE_IMPORT_FILE_VERSION 1)\n"
    compiler = [shutil.which("c++"), "-shared", "-x", "c++", os.devnull]
    soname = ["-Wl,-soname,libLLVM.so.22.1", "-o", libraries / "libLLVM.so"]
    subprocess.run([*compiler, *soname], check=True)
    no_less = ["-Wl,--no-as-needed", f"-L{libraries}", "-lLLVM", "-o", libraries / "libEngine.so"]
    subprocess.run([*compiler, *no_less], check=True)
    subprocess.run([*compiler, "-o", libraries / "libLLVMSupport.so"], check=True)
    for name, kind in (("LLVMSupport", support), ("Engine", "SHARED")):
        text += f"add_library({name} {kind} IMPORTED)\nset_target_properties({name} PROPERTIES\n"
        text += f'  IMPORTED_LOCATION_RELEASE "${{_IMPORT_PREFIX}}/lib/lib{name}.so"\n  )\n'
    (root / "llvm/lib/cmake/llvm/LLVMExports.cmake").write_text(text)
    found = [each for each in complaints(root) if "twice" in each]
    assert [each[:56] for each in found] == ["the project links Engine, which loads libLLVM.so.22.1: o"] * is_told


def test_memory_and_disk_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "available_memory", lambda: 2 * GIB)
    monkeypatch.setattr(readiness, "_ROOM", 1 << 60)
    memory, disk = complaints(project(tmp_path), cores=8)
    assert "2.0 GiB of memory are free: 2 of 8 cores can compile at a time" in memory
    assert "GiB of disk are free" in disk


def test_what_compilers_took_before_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "available_memory", lambda: 6 * GIB)
    root = project(tmp_path)
    config = load(root, (root / "llvmgate.toml").read_text())
    peaks = [3 * GIB, 2 * GIB, 2 * GIB, GIB // 2]
    (memory, *_) = [str(each) for each in examine(config, {}, 4, peaks) if "of memory" in str(each)]
    assert "2 of 4 cores can compile at a time (when this was last built, one compiler took 3.0 GiB)" in memory
    assert "have 8.0 GiB free" in memory
    assert not [each for each in examine(config, {}, 4) if "of memory" in str(each)]


def test_an_llvm_that_is_not_there_yet_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path)
    shutil.rmtree(root / "llvm")
    assert main(["doctor", "-C", str(root)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"the LLVM {SHA[:12]} is not there yet")
    assert said[-1] == "besides, nothing is missing"
    make_llvm(root / "other")
    assert main(["doctor", "-C", str(root), "--llvm", str(root / "other")]) == 0


def test_without_a_configuration_no_install_is_looked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = project(tmp_path)
    shutil.rmtree(root / "llvm")
    (root / "llvmgate.toml").write_text(_CONFIG.replace("[build.cmake]\n", ""))
    assert main(["doctor", "-C", str(root)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "besides, nothing is missing"


def test_only_the_tools_that_are_not_there_are_to_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project(tmp_path / "tree")
    (tmp_path / "bin").mkdir()
    for name in ("cmake", "c++", "apt-get"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\necho cmake version 3.1.0\n")
        (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(readiness, "build_environment", lambda _: {"PATH": str(tmp_path / "bin")})
    (found,) = complaints(root)
    assert "expected cmake 3.20 or newer" in found
    assert "pip install 'cmake>=" in found
    assert "apt-get install" not in found
    (tmp_path / "bin/cmake").write_text("#!/bin/sh\necho cmake version 4.0.0\n")
    (found,) = complaints(root)
    assert "expected ninja on PATH, found none" in found
    assert found.endswith(
        "apt-get install ninja-build, or pip install 'ninja>=1.10', or install pytest-llvmgate[tools]"
    )


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt-get", "apt-get install libpolly-22-dev libpfm4-dev zlib1g-dev libzstd-dev lld-22"),
        ("dnf", "dnf install llvm-devel libpfm-devel zlib-devel libzstd-devel lld"),
        ("", ""),
    ],
)
def test_packages_have_the_names_of_the_machine_s_package_manager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manager: str, command: str
) -> None:
    if manager:
        (tmp_path / manager).touch()
        (tmp_path / manager).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    names = ["Polly", "PollyISL", "pfm", "ZLIB::ZLIB", "zstd::libzstd_shared", "ld.lld-22", "nobody-knows"]
    assert packages_of(names, "22.1.8") == command


@pytest.mark.parametrize(
    ("lists", "values", "is_told"),
    [
        ("", "", True),
        ('set(LLVM_DEFAULT_EXTERNAL_LIT "")\n', "", True),
        ("set(LLVM_EXTERNAL_LIT ${PROJECT_SOURCE_DIR}/lit.py)\n", "", False),
        ("", 'LLVM_EXTERNAL_LIT = "/there/lit"\n', False),
        ("", '[build]\ncheck = [["cmake", "--build", "{build}", "--target", "check-other"]]\n', False),
        ("if(WITH_TESTS)\n", "", False),
    ],
)
def test_a_check_that_runs_lit_where_no_lit_is_installed_is_noted(
    tmp_path: Path, lists: str, values: str, *, is_told: bool
) -> None:
    suite = 'add_lit_testsuite(check-p "Running" ${CMAKE_BINARY_DIR}/test)\n' + "endif()\n" * lists.startswith("if(")
    root = project(tmp_path, lists + suite, values)
    if "[build]" not in values:
        with (root / "llvmgate.toml").open("a") as file:
            file.write('[build]\ncheck = [["cmake", "--build", "{build}", "--target", "check-p"]]\n')
    told = [each for each in complaints(root) if each.startswith("note: the check runs lit (CMakeLists.txt:")]
    assert bool(told) is is_told


@pytest.mark.parametrize(("lit", "is_told"), [("23.1.5", True), ("22.1.0", False), ("18.1.8", False), ("", False)])
def test_a_lit_that_is_newer_than_the_llvm_is_noted_with_the_one_to_install(
    tmp_path: Path, lit: str, *, is_told: bool
) -> None:
    suite = 'add_lit_testsuite(check-p "Running" ${CMAKE_BINARY_DIR}/test)\n'
    root = project(tmp_path, suite, f'LLVM_EXTERNAL_LIT = "{tmp_path}/lit"\n[build]\ncheck = [["ninja", "check-p"]]\n')
    if lit:
        (tmp_path / "lit").write_text(f"#!/bin/sh\necho lit {lit}\n")
        (tmp_path / "lit").chmod(0o755)
    (told, *_) = [*(each for each in complaints(root) if "lit" in each), ""]
    assert bool(told) is is_told
    assert not told or (f"lit {lit}" in told and "pip install 'lit<23'" in told)


@pytest.mark.parametrize(("assertions", "number"), [("OFF", 2), ("ON", 0)])
def test_tests_that_run_with_what_assertions_bring_are_told_where_the_llvm_has_none(
    tmp_path: Path, assertions: str, number: int
) -> None:
    root = project(tmp_path, "add_lit_testsuite(check-p x test)\n", '[build]\ncheck = [["ninja", "check-p"]]\n')
    with (root / "llvm/lib/cmake/llvm/LLVMConfig.cmake").open("a") as config:
        config.write(f"set(LLVM_ENABLE_ASSERTIONS {assertions})\n")
    tests = {
        "a.mlir": "// RUN: p-opt %s -debug-only=x 2>&1 | FileCheck %s\n",
        "b/b.ll": "; RUN: opt %s \\\n; RUN:   --debug-only x\n",
        "c.mlir": "// REQUIRES: asserts\n// RUN: p-opt %s -debug-only=x\n",
        "d.mlir": "// RUN: p-opt %s\n// -debug-only=x shows more\n",
    }
    for name, text in tests.items():
        (root / "test" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "test" / name).write_text(text)
    told = [each for each in complaints(root) if "-debug-only" in each]
    assert bool(told) is bool(number)
    assert all(f"{number} tests of the check run: test/a.mlir, test/b/b.ll" in each for each in told)


def test_an_llvm_that_has_its_lit_runs_lit(tmp_path: Path) -> None:
    root = project(tmp_path, "add_lit_testsuite(check-p x test)\n", '[build]\ncheck = [["ninja", "check-p"]]\n')
    (root / "llvm/bin").mkdir(exist_ok=True)
    (root / "llvm/bin/llvm-lit").touch()
    assert not any("lit" in each for each in complaints(root))
