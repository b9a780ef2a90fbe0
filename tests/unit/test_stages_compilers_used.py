"""The compiler that reports name is the one that the configurations were built with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pytest_llvmgate.stages.build_tools import compilers_used


def configured(directory: Path, compiler: str) -> Path:
    """A build directory, as far as its compiler is concerned."""
    directory.mkdir()
    (directory / "CMakeCache.txt").write_text(f"CMAKE_CXX_COMPILER:FILEPATH={shutil.which(compiler)}\n")
    return directory


def test_one_compiler_of_all_is_named_alone(tmp_path: Path) -> None:
    builds = {name: configured(tmp_path / name, "g++") for name in ("static", "shared")}
    assert compilers_used(builds, os.environ).startswith("g++ (")


def test_different_compilers_are_named_with_their_configurations(tmp_path: Path) -> None:
    builds = {name: configured(tmp_path / name, name) for name in ("g++", "c++")}
    first, second = compilers_used(builds, os.environ).split("; ")
    assert (first[:5], first[-6:]) == ("g++ (", " (g++)")
    assert (second[:5], second[-6:]) == ("c++ (", " (c++)")


def test_what_is_not_configured_tells_nothing(tmp_path: Path) -> None:
    assert compilers_used({"static": tmp_path}, os.environ) == ""
