"""The stage ``syntax`` with a real compiler: all API errors before the first object, and then no build."""

from __future__ import annotations

import json
import re

import pytest

from pytest_llvmgate.gate.progress import causes
from tests.support.gated import Gated
from tests.support.programs import require
from tests.support.toy import NO_PREDICTIONS, PREFIX, SHA, commit

CMAKE_LISTS = """\
cmake_minimum_required(VERSION 3.20)
project(units LANGUAGES CXX)
find_package(LLVM REQUIRED CONFIG)
message(STATUS "Using LLVMConfig.cmake in: ${LLVM_DIR}")
add_custom_command(OUTPUT Ops.h.inc
  COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_SOURCE_DIR}/Ops.td Ops.h.inc DEPENDS Ops.td VERBATIM)
add_custom_target(OpsIncGen DEPENDS Ops.h.inc)
add_library(units STATIC good.cpp generated.cpp one.cpp two.cpp)
target_include_directories(units PRIVATE ${CMAKE_BINARY_DIR})
add_dependencies(units OpsIncGen)
"""
API = "#pragma once\nnamespace mlir { struct Type { bool isOk() const { return true; } }; }\n"
USE = '#include "api.h"\nbool f_NAME(mlir::Type t) { return t.CALL(); }\n'
CONFIG = f"""{PREFIX}{NO_PREDICTIONS}
[syntax]
enabled = true
# more
[build]
install = false
cmake = {{ CMAKE_CXX_COMPILER = "WITH" }}
"""


def use(name: str, call: str = "isOk") -> str:
    return USE.replace("NAME", name).replace("CALL", call)


def config(compiler: str, more: str = "") -> str:
    return CONFIG.replace("WITH", require(compiler)).replace("# more", more)


@pytest.fixture
def project(gated: Gated) -> Gated:
    files = {
        "CMakeLists.txt": CMAKE_LISTS,
        "Ops.td": "int generated();\n",
        "api.h": API,
        "good.cpp": use("good"),
        "generated.cpp": '#include "Ops.h.inc"\nint user() { return generated(); }\n',
        "one.cpp": use("one", "gone"),
        "two.cpp": use("two", "lost"),
    }
    for name, text in files.items():
        (gated.root / name).write_text(text)
    return gated


def outcomes(gated: Gated) -> dict[str, dict[str, object]]:
    gated.run(f"--llvm-sha={SHA}", "--llvm-json=../verdict.json")
    verdict = json.loads((gated.root.parent / "verdict.json").read_text())
    return {result["stage"]: result for result in verdict["results"]}


@pytest.mark.parametrize(("compiler", "precompile"), [("g++", ""), ("clang++", ""), ("clang++", "precompile = true")])
def test_all_errors_are_found_and_nothing_is_built(project: Gated, compiler: str, precompile: str) -> None:
    project.configure(config(compiler, precompile))
    results = outcomes(project)
    assert results["syntax"]["reason"] == "2 of 4 translation units do not compile"
    files = re.findall(r"(one|two|good|generated)\.cpp", json.dumps(results["syntax"]["findings"]))
    assert set(files) == {"one", "two"}
    assert results["build"]["outcome"] == "skipped"
    build = project.root / ".llvmgate" / SHA[:12] / "default/build"
    assert (build / "Ops.h.inc").is_file()
    assert not list(build.rglob("*.o"))
    for name in ("one", "two"):
        (project.root / f"{name}.cpp").write_text(use(name))
    commit(project.root, "Mend it")
    results = outcomes(project)
    assert (results["syntax"]["outcome"], results["build"]["outcome"]) == ("passed", "passed")


def test_what_does_not_compile_is_told_while_the_others_are_looked_at(project: Gated) -> None:
    project.configure(config("g++"))
    outcomes(project)
    told = "".join(causes(project.root / ".llvmgate/progress"))
    assert "default syntax: " in told
    assert "gone" in told or "lost" in told


def test_headers_that_cannot_be_generated_are_the_failure(project: Gated) -> None:
    project.configure(config("g++"))
    (project.root / "CMakeLists.txt").write_text(CMAKE_LISTS.replace("-E copy", "-E copy nothing"))
    commit(project.root, "Break the generator")
    results = outcomes(project)
    assert str(results["syntax"]["reason"]).startswith("generated headers could not be made")
