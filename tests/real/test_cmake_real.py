"""The File API against a real CMake: targets, link lines and backtraces of a small project."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pytest_llvmgate.cmake.cache_entries import read_cache
from pytest_llvmgate.cmake.codemodel import Codemodel
from pytest_llvmgate.cmake.compile_commands import read_compile_commands
from pytest_llvmgate.cmake.file_api import read_codemodel, write_query
from pytest_llvmgate.cmake.ninja_file import read_link_edges

TOP = """\
cmake_minimum_required(VERSION 3.20)
project(sample CXX)
function(wrapped name)
  cmake_parse_arguments(A "" "" "LINK_LIBS" ${ARGN})
  add_library(${name} ${A_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${A_LINK_LIBS})
endfunction()
add_subdirectory(lib)
"""
LIB = """\
wrapped(base
  base.cpp)
add_library(parts OBJECT part.cpp)
wrapped(top
  top.cpp
  $<TARGET_OBJECTS:parts>
  LINK_LIBS PUBLIC base)
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sample")
    (root / "lib").mkdir()
    (root / "CMakeLists.txt").write_text(TOP)
    (root / "lib/CMakeLists.txt").write_text(LIB)
    for name in ("base", "part", "top"):
        (root / f"lib/{name}.cpp").write_text(f"int {name}() {{ return 0; }}\n")
    write_query(root / "build")
    subprocess.run(
        ["cmake", "-S", root, "-B", root / "build", "-G", "Ninja", "-DBUILD_SHARED_LIBS=ON"],
        check=True,
        capture_output=True,
    )
    return root / "build"


@pytest.fixture(scope="module")
def model(build: Path) -> Codemodel:
    return read_codemodel(build)


def test_targets_have_type_and_artifact(model: Codemodel, build: Path) -> None:
    assert model.by_artifact[build / "lib/libtop.so"].type == "SHARED_LIBRARY"


def test_the_link_line_names_its_library(model: Codemodel, build: Path) -> None:
    (fragment,) = [part for part in model.by_artifact[build / "lib/libtop.so"].link if part.text == "lib/libbase.so"]
    assert fragment.role == "libraries"


def test_the_declaration_is_the_projects_own_line(model: Codemodel, build: Path) -> None:
    site = model.by_artifact[build / "lib/libtop.so"].declared_in(build.parent / "lib")
    assert site is not None
    assert (site.file, site.line) == (build.parent / "lib/CMakeLists.txt", 4)


def test_the_toolchain_names_the_compiler(model: Codemodel) -> None:
    assert model.compilers["CXX"].is_file()


def test_the_link_edge_lists_objects_of_object_libraries_too(build: Path) -> None:
    edge = read_link_edges(build)[build / "lib/libtop.so"]
    assert sorted(path.name for path in edge.objects) == ["part.cpp.o", "top.cpp.o"]


def test_compile_commands_come_from_ninja_where_no_database_is(build: Path) -> None:
    commands = read_compile_commands(build)
    assert sorted(command.file.name for command in commands) == ["base.cpp", "part.cpp", "top.cpp"]
    assert all(command.output is not None for command in commands)


def test_the_cache_says_what_was_asked(build: Path) -> None:
    assert read_cache(build)["BUILD_SHARED_LIBS"].value == "ON"
