"""Rounds of mending on a generated project over MLIR's own headers: what each costs, and what is shared.

    python benchmarks/rounds.py PREFIX [--units 200] [--cxx /usr/lib/llvm-22/bin/clang++] [--shared PREFIX]

PREFIX is an installed LLVM with MLIR, static; its shared flavour is derived from it. The project is a dialect's worth
of libraries, and a component that is an option: a header that a part of the units includes declares more where it is
on, as in real projects. Rounds:

    first       everything from nothing, all four configurations
    single      the first configuration alone, from nothing: what the matrix is measured against
    none        a file that nothing is built from
    unit        one source
    header      one header that a tenth of the units include
    back        the source and the header as they were

Printed are wall and processor seconds, edges and objects taken over for each round, and the reasons for compiling.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.gate import processor_seconds

SHA: Final = "1" * 40
PER_LIBRARY: Final = 10
GATE: Final = [sys.executable, "-m", "pytest", f"--llvm-sha={SHA}", "-q", "-p", "no:cacheprovider"]
SELECTION: Final = "not linkcheck and not preflight and not pins"
HEADERS: Final = (
    "mlir/Dialect/Arith/IR/Arith.h",
    "mlir/Dialect/Func/IR/FuncOps.h",
    "mlir/Dialect/MemRef/IR/MemRef.h",
    "mlir/Pass/Pass.h",
    "mlir/Transforms/DialectConversion.h",
)
CONFIG: Final = """\
[[pin]]
name = "llvm-project"
file = "llvm_version.txt"
[llvm]
supplier = "prefix"
prefix = "{prefix}"
revision = "unrecorded"
[axes.linkage]
static = {{ flavour = "static", cmake = {{ BUILD_SHARED_LIBS = "OFF" }} }}
shared = {{ flavour = "shared", cmake = {{ BUILD_SHARED_LIBS = "ON" }} }}
[axes.component]
on = {{ cmake = {{ WITH_COMPONENT = "ON" }} }}
off = {{ cmake = {{ WITH_COMPONENT = "OFF" }} }}
[build]
install = false
"""
CMAKE: Final = """\
cmake_minimum_required(VERSION 3.20)
project(generated C CXX)
find_package(MLIR REQUIRED CONFIG)
message(STATUS "Using LLVMConfig.cmake in: ${LLVM_DIR}")
list(APPEND CMAKE_MODULE_PATH ${LLVM_CMAKE_DIR})
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
option(WITH_COMPONENT "" OFF)
if(NOT LLVM_ENABLE_RTTI)
  add_compile_options(-fno-rtti)
endif()
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
include_directories(include)
add_definitions(${LLVM_DEFINITIONS_LIST})
if(WITH_COMPONENT)
  add_compile_definitions(WITH_COMPONENT)
  add_library(component component.cpp)
endif()
"""


def project(root: Path, prefix: str, units: int) -> None:
    (root / "include").mkdir(parents=True)
    (root / "llvm_version.txt").write_text(f"{SHA}\n")
    (root / "llvmgate.toml").write_text(CONFIG.format(prefix=prefix))
    (root / "include/passes.h").write_text(
        '#pragma once\n#include <memory>\n#include "mlir/Pass/Pass.h"\nnamespace generated {\n'
        "std::unique_ptr<mlir::Pass> createPlain();\n#ifdef WITH_COMPONENT\n"
        "std::unique_ptr<mlir::Pass> createComponent();\nstd::unique_ptr<mlir::Pass> createComponent(bool fast);\n"
        "#endif\n}\n"
    )
    (root / "include/tenth.h").write_text("#pragma once\ninline int tenth() { return 10; }\n")
    lists = [CMAKE]
    for library in range(0, units, PER_LIBRARY):
        names = [f"unit{number}" for number in range(library, min(units, library + PER_LIBRARY))]
        for name in names:
            (root / f"{name}.cpp").write_text(unit(name, int(name[4:])))
        lists.append(f"add_library(part{library} {' '.join(f'{name}.cpp' for name in names)})\n")
    (root / "component.cpp").write_text(unit("component", 1))
    (root / "CMakeLists.txt").write_text("".join(lists))
    git(root, "init", "-q", "-b", "main")


def unit(name: str, number: int) -> str:
    own = ['#include "passes.h"'] if number % 5 in (0, 2) else []
    own += ['#include "tenth.h"'] if number % 10 == 3 else []
    lines = [*own, *(f'#include "{header}"' for header in HEADERS), "namespace generated {"]
    lines.append(f"mlir::Value {name}(mlir::OpBuilder &b, mlir::Location l, mlir::Value v) {{")
    lines.append(f"  for (int i = 0; i < {number}; ++i) v = mlir::arith::AddIOp::create(b, l, v, v);")
    return "\n".join([*lines, "  return v;", "}", "}", ""])


def git(root: Path, *words: str) -> None:
    identity = ["-c", "user.email=a@example.com", "-c", "user.name=A"]
    subprocess.run(["git", *identity, *words], cwd=root, check=True)


def gate(root: Path, selection: str = SELECTION, ids: Sequence[str] = ()) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "state")
    chosen = ids or ["-k", selection]
    done = subprocess.run([*GATE, *chosen], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stdout[-4000:] + done.stderr[-1000:])


def told(root: Path) -> str:
    (verdict,) = root.glob(".llvmgate/*/verdict.json")
    texts = []
    for result in json.loads(verdict.read_text())["results"]:
        if result["stage"] == "build":
            log = (root / result["log"]).read_text() if result["log"] else ""
            edges = len(re.findall(r"^\[\d+/\d+\] ", log, re.MULTILINE))
            texts.append(f"{result['group']} {edges} edges, {result['facts'].get('taken', 0)} taken")
    return "; ".join(texts)


def measured(name: str, work: Callable[[], None], root: Path) -> float:
    before, started = processor_seconds(), time.monotonic()
    work()
    wall = time.monotonic() - started
    print(f"{name:<8} {wall:7.1f} s wall {processor_seconds() - before:7.1f} s processor   {told(root)}", flush=True)
    return processor_seconds() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("prefix")
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--cxx", default="", help="the C++ compiler (default: the machine's)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="llvmgate-rounds-") as scratch:
        root = Path(scratch) / "project"
        project(root, arguments.prefix, arguments.units)
        if arguments.cxx:
            text = (root / "llvmgate.toml").read_text()
            common = f'[build.cmake]\nCMAKE_CXX_COMPILER = "{arguments.cxx}"\n'
            (root / "llvmgate.toml").write_text(text + common)
        rounds(root)


def rounds(root: Path) -> None:
    gate(root, ids=["llvmgate.toml::llvm"])  # the flavours are there before anything is measured
    first = measured("first", lambda: gate(root), root)
    subprocess.run([sys.executable, "-m", "pytest_llvmgate", "sharing"], cwd=root, check=True)
    (root / "README.md").write_text("hello\n")
    measured("none", lambda: gate(root), root)
    source, header = root / "unit1.cpp", root / "include/tenth.h"
    before = source.read_text(), header.read_text()
    source.write_text(before[0] + "// changed\n")
    measured("unit", lambda: gate(root), root)
    header.write_text(before[1] + "inline int twentieth() { return 20; }\n")
    measured("header", lambda: gate(root), root)
    source.write_text(before[0])
    header.write_text(before[1])
    measured("back", lambda: gate(root), root)
    shutil.rmtree(root / ".llvmgate")
    single = measured("single", lambda: gate(root, f"({SELECTION}) and static-component_on"), root)
    print(f"all four configurations / the first alone, in processor time: {first / single:.2f}")


if __name__ == "__main__":
    main()
