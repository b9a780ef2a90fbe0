"""Which launcher a configuration gets, and what is counted of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_llvmgate.config.settings import BuildSpec, Launcher
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.stages import compile_once
from pytest_llvmgate.stages.sharing import forget_taken, launchers, taken


@pytest.fixture
def prefix(tmp_path: Path) -> ToolchainPrefix:
    return ToolchainPrefix(llvm_dir=tmp_path / "llvm/lib/cmake/llvm", mlir_dir=None)


def chosen(prefix: ToolchainPrefix, spec: BuildSpec, directory: Path, **env: str) -> dict[str, str]:
    return launchers(spec, store=directory / "s", build_dir=directory / "b", prefix=prefix, env={"PATH": "", **env})


def program(directory: Path, name: str) -> str:
    path = directory / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    path.chmod(0o755)
    return str(path)


def test_objects_are_shared_for_both_languages(prefix: ToolchainPrefix, tmp_path: Path) -> None:
    found = chosen(prefix, BuildSpec(), tmp_path)
    assert list(found) == ["CMAKE_CXX_COMPILER_LAUNCHER", "CMAKE_C_COMPILER_LAUNCHER"]
    words = found["CMAKE_CXX_COMPILER_LAUNCHER"].split(";")
    assert words[3:] == [compile_once.__file__, f"{tmp_path}/s", f"{tmp_path}/b", *[f"{tmp_path}/llvm"] * 2, "-"]


def test_a_compiler_cache_comes_behind_it(prefix: ToolchainPrefix, tmp_path: Path) -> None:
    ccache = program(tmp_path, "ccache")
    found = chosen(prefix, BuildSpec(), tmp_path, PATH=f"{tmp_path}/bin")
    assert found["CMAKE_C_COMPILER_LAUNCHER"].endswith(f";{ccache}")


def test_both_can_be_refused(prefix: ToolchainPrefix, tmp_path: Path) -> None:
    ccache = program(tmp_path, "ccache")
    alone = BuildSpec(share_objects=False)
    assert chosen(prefix, alone, tmp_path, PATH=f"{tmp_path}/bin")["CMAKE_C_COMPILER_LAUNCHER"] == ccache
    assert (
        chosen(prefix, BuildSpec(share_objects=False, launcher=Launcher.NONE), tmp_path, PATH=f"{tmp_path}/bin") == {}
    )


def test_a_cache_that_is_demanded_must_be_there(prefix: ToolchainPrefix, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"build\.launcher"):
        chosen(prefix, BuildSpec(launcher=Launcher.SCCACHE), tmp_path)


def test_the_user_s_own_launcher_stands(prefix: ToolchainPrefix, tmp_path: Path) -> None:
    found = chosen(prefix, BuildSpec(), tmp_path, CMAKE_CXX_COMPILER_LAUNCHER="distcc")
    assert found["CMAKE_CXX_COMPILER_LAUNCHER"].endswith(";distcc")
    several = chosen(prefix, BuildSpec(), tmp_path, CMAKE_CXX_COMPILER_LAUNCHER="env;A=1")
    assert several["CMAKE_CXX_COMPILER_LAUNCHER"] == "env;A=1"


@pytest.mark.parametrize("name", ["a;b", "a=b"])
def test_a_path_that_cannot_be_told_costs_the_sharing(prefix: ToolchainPrefix, tmp_path: Path, name: str) -> None:
    assert chosen(prefix, BuildSpec(), tmp_path / name) == {}


def test_what_was_taken_over_is_counted(tmp_path: Path) -> None:
    assert taken(tmp_path) == {}
    (tmp_path / compile_once.TAKEN).write_text(f"1.5{os.linesep}2.25\n")
    assert taken(tmp_path) == {"taken": "2", "saved": "3.8"}
    forget_taken(tmp_path)
    assert taken(tmp_path) == {}
