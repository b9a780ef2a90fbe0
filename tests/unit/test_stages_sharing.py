"""Which launcher a configuration gets, and what is counted of it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pytest_llvmgate.config.settings import NO_LAUNCHER, BuildSpec
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.stages import compile_once
from pytest_llvmgate.stages.object_sharing import begin_build, facts_of_build, launchers, prune, units_of


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
    assert words[3:] == [compile_once.__file__, f"{tmp_path}/s", f"{tmp_path}/b", *[f"{tmp_path}/llvm"] * 2, "--"]


def test_the_command_is_the_same_by_whichever_name_python_was_started(
    prefix: ToolchainPrefix, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``pytest`` and ``python -m pytest`` name their interpreter otherwise: ninja would compile all anew."""
    found = chosen(prefix, BuildSpec(), tmp_path)
    (tmp_path / "python").symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert chosen(prefix, BuildSpec(), tmp_path) == found


def test_a_compiler_cache_comes_behind_it(prefix: ToolchainPrefix, tmp_path: Path) -> None:
    ccache = program(tmp_path, "ccache")
    found = chosen(prefix, BuildSpec(), tmp_path, PATH=f"{tmp_path}/bin")
    assert found["CMAKE_C_COMPILER_LAUNCHER"].endswith(f";{ccache};--")


def test_both_can_be_refused(prefix: ToolchainPrefix, tmp_path: Path) -> None:
    ccache = program(tmp_path, "ccache")
    alone = BuildSpec(share_objects=False)
    assert chosen(prefix, alone, tmp_path, PATH=f"{tmp_path}/bin")["CMAKE_C_COMPILER_LAUNCHER"] == ccache
    assert chosen(prefix, BuildSpec(share_objects=False, launcher=NO_LAUNCHER), tmp_path, PATH=f"{tmp_path}/bin") == {}


def test_a_cache_that_is_demanded_must_be_there(prefix: ToolchainPrefix, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"build\.launcher"):
        chosen(prefix, BuildSpec(launcher=("sccache",)), tmp_path)


def test_the_user_s_own_launcher_stands(prefix: ToolchainPrefix, tmp_path: Path) -> None:
    found = chosen(prefix, BuildSpec(), tmp_path, CMAKE_CXX_COMPILER_LAUNCHER="distcc")
    assert found["CMAKE_CXX_COMPILER_LAUNCHER"].endswith(";distcc;--")
    several = chosen(prefix, BuildSpec(), tmp_path, CMAKE_CXX_COMPILER_LAUNCHER="env;A=1")
    assert several["CMAKE_CXX_COMPILER_LAUNCHER"].endswith(";env;A=1;--")


@pytest.mark.parametrize("name", ["a;b", "a=b"])
def test_a_path_that_cannot_be_told_costs_the_sharing(prefix: ToolchainPrefix, tmp_path: Path, name: str) -> None:
    assert chosen(prefix, BuildSpec(), tmp_path / name) == {}


def said(directory: Path, *units: tuple[str, str, float | None]) -> None:
    with (directory / compile_once.UNITS).open("a") as lines:
        for name, why, seconds in units:
            lines.write(json.dumps({"o": name, "s": f"{name}.cpp", "w": why, "t": seconds}) + "\n")


def test_what_was_taken_over_is_counted(tmp_path: Path) -> None:
    assert facts_of_build(tmp_path) == {}
    said(tmp_path, ("a", "", 1.5), ("b", "", 2.25), ("c", "", None), ("d", compile_once.FIRST, 1.0), ("e", "odd", 1.0))
    assert facts_of_build(tmp_path) == {
        "taken": "3",
        "saved": "3.8",
        "saved-of": "2",
        "not-shared": '{"odd": 1}',
    }
    begin_build(tmp_path)
    assert facts_of_build(tmp_path) == {}


def test_a_unit_s_last_word_outlives_the_builds_that_did_not_touch_it(tmp_path: Path) -> None:
    said(tmp_path, ("a", "odd", 1.0), ("b", "odd", 1.0))
    begin_build(tmp_path)
    said(tmp_path, ("a", "", 1.0))
    with (tmp_path / compile_once.UNITS).open("a") as lines:
        lines.write("torn")
    begin_build(tmp_path)
    begin_build(tmp_path)
    assert {unit.object: unit.why for unit in units_of(tmp_path)} == {"a": "", "b": "odd"}


def test_the_store_keeps_to_its_room_and_the_oldest_go_first(tmp_path: Path) -> None:
    key = tmp_path / ("k" * 32)
    key.mkdir()
    for number in range(4):
        record = key / f"{number}.record"
        record.write_bytes(b"x" * 100)
        os.utime(record, (number, number))
    prune(tmp_path, room=250)
    assert sorted(path.name for path in tmp_path.rglob("*.record")) == ["2.record", "3.record"]
