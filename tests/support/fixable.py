"""A small project that an LLVM bump broke, with a build directory, for trying cures: real git, CMake and compiler."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.unit.git_kit import git

HEADER: Final = """\
#pragma once
namespace mlir {
struct Loc {};
struct OpBuilder {};
struct AddOp {
  static AddOp create(OpBuilder &, Loc, int) { return {}; }
  int getLhs() { return 1; }
};
bool applyPatternsGreedily(int a, int b);
int levelType(int x, bool strict);
}
"""
CMAKE: Final = """\
cmake_minimum_required(VERSION 3.20)
project(small LANGUAGES CXX)
add_library(small STATIC {units})
target_include_directories(small PRIVATE {llvm}/include ${{CMAKE_SOURCE_DIR}}/include ${{CMAKE_BINARY_DIR}}/include)
"""


@dataclass(frozen=True, kw_only=True)
class Fixable:
    """The checkout, its build directory, and the LLVM that it is to move to."""

    root: Path
    build: Path
    llvm: Path

    @property
    def arguments(self) -> list[str]:
        """For ``llvmgate fix``."""
        return ["--build", str(self.build), "--llvm", str(self.llvm)]


def fixable(directory: Path, units: dict[str, str], *, headers: dict[str, str] | None = None) -> Fixable:
    """Write the project and configure it. ``units`` are its C++ files (headers go below ``include``)."""
    root, build, llvm = directory / "small", directory / "build", directory / "llvm"
    (llvm / "include/mlir").mkdir(parents=True)
    for name, text in {"mlir/Builders.h": HEADER, **(headers or {})}.items():
        (llvm / "include" / name).parent.mkdir(parents=True, exist_ok=True)
        (llvm / "include" / name).write_text(text)
    compiled = [name for name in units if name.endswith(".cpp")]
    files = {**units, "CMakeLists.txt": CMAKE.format(units=" ".join(compiled), llvm=llvm)}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    commit_all(root, "As it was")
    command = ["cmake", "-G", "Ninja", "-S", str(root), "-B", str(build)]
    subprocess.run(command, check=True, capture_output=True)
    return Fixable(root=root, build=build, llvm=llvm)


def commit_all(root: Path, title: str) -> str:
    """Commit everything below ``root``, a repository from then on; the SHA."""
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main", ".")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", title)
    return git(root, "rev-parse", "HEAD")
