"""Rounds of mending: what a change costs in the next run of the gate. Real CMake, ninja and compiler."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.gated import Gated
from tests.support.programs import needs, require
from tests.support.toy import LINKAGE, NO_PREDICTIONS, PIN, PREFIX, SHA, commit

pytestmark = needs("c++")

_CMAKE = """\
cmake_minimum_required(VERSION 3.20)
project(toy LANGUAGES CXX)
find_package(LLVM REQUIRED CONFIG)
message(STATUS "Using LLVMConfig.cmake in: ${LLVM_DIR}")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
option(BUILD_SHARED_LIBS "" OFF)
add_library(toy one.cpp other.cpp third.cpp)
add_executable(main main.cpp)
target_link_libraries(main toy)
"""
_CONFIG = f"{PIN}{PREFIX}{LINKAGE}{NO_PREDICTIONS}[build]\ninstall = false\n"


@pytest.fixture
def project(gated: Gated) -> Gated:
    (gated.root / "CMakeLists.txt").write_text(_CMAKE)
    for name in ("one", "other", "third"):
        (gated.root / f"{name}.cpp").write_text(f'#include "all.h"\nint {name}() {{ return 1; }}\n')
    (gated.root / "all.h").write_text("#pragma once\n")
    (gated.root / "main.cpp").write_text("int one();\nint main() { return one(); }\n")
    gated.configure(_CONFIG)
    gated.run(f"--llvm-sha={SHA}").assert_outcomes(passed=6)
    return gated


def edges(gated: Gated, configuration: str) -> list[str]:
    """What ninja did, without its counters."""
    log = gated.log(configuration, "build").read_text()
    return re.findall(r"^\[\d+/\d+\] (.+)$", log, re.MULTILINE)


def test_a_change_that_nothing_is_built_from_builds_nothing(project: Gated) -> None:
    (project.root / "README.md").write_text("hello\n")
    commit(project.root, "Say hello")
    project.run(f"--llvm-sha={SHA}").assert_outcomes(passed=6)
    assert edges(project, "static") == edges(project, "shared") == []


def test_a_change_of_one_file_builds_that_file_and_compiles_it_once(project: Gated) -> None:
    (project.root / "other.cpp").write_text("int other() { return 2; }\n")
    project.run(f"--llvm-sha={SHA}").assert_outcomes(passed=6)
    for configuration in ("static", "shared"):
        compiled = [edge for edge in edges(project, configuration) if "Building" in edge]
        assert compiled == ["Building CXX object CMakeFiles/toy.dir/other.cpp.o"]
    (verdict,) = project.root.glob(".llvmgate/*/verdict.json")
    builds = {each["group"]: each["facts"] for each in json.loads(verdict.read_text())["results"] if each["edges"]}
    assert "taken" not in builds["static"]
    assert builds["shared"]["taken"] == "1"


def test_the_reasons_are_told_on_demand(project: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["sharing"]) == 0
    output = capsys.readouterr().out
    assert "shared: 4 of 4 objects taken over" in output
    assert "static: 0 of 4 objects taken over" in output
    assert "4 compiled: no other configuration had compiled it" in output


def test_another_option_is_named(project: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    lists = Path(project.root / "CMakeLists.txt")
    lists.write_text(_CMAKE + "if(BUILD_SHARED_LIBS)\n  target_compile_options(toy PRIVATE -O1)\nendif()\n")
    project.run(f"--llvm-sha={SHA}").assert_outcomes(passed=6)
    capsys.readouterr()
    assert main(["sharing", "--units"]) == 0
    output = capsys.readouterr().out
    assert "3 compiled: other options than elsewhere: -O1 only here" in output
    assert "CMakeFiles/toy.dir/one.cpp.o" in output
    assert main(["sharing", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["shared"]


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_a_precompiled_header_is_the_reason_that_is_told(
    gated: Gated, capsys: pytest.CaptureFixture[str], compiler: str
) -> None:
    require(compiler)
    (gated.root / "CMakeLists.txt").write_text(f"{_CMAKE}target_precompile_headers(toy PRIVATE <vector>)\n")
    for name in ("one", "other", "third"):
        (gated.root / f"{name}.cpp").write_text(f"int {name}() {{ return std::vector<int>(1).size(); }}\n")
    (gated.root / "main.cpp").write_text("int one();\nint main() { return one(); }\n")
    gated.configure(f'{_CONFIG}\n[build.cmake]\nCMAKE_CXX_COMPILER = "{compiler}"\n')
    gated.run(f"--llvm-sha={SHA}").assert_outcomes(passed=6)
    capsys.readouterr()
    assert main(["sharing"]) == 0
    output = capsys.readouterr().out
    assert "shared: 1 of 5 objects taken over" in output
    assert output.count("4 compiled: it makes or takes a precompiled header") == 2


def test_without_a_build_there_is_nothing_to_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sharing", "-C", str(tmp_path)]) != 0
    assert "no build has said anything" in capsys.readouterr().err
