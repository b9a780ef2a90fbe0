"""The options of a source build, its identity, and its configuration."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_llvmgate.config.settings import AUTO, NO_LAUNCHER, SourceSpec
from pytest_llvmgate.errors import ConfigError, SupplyError, ToolError
from pytest_llvmgate.llvm.flavours import options, projects
from pytest_llvmgate.llvm.prefix_cache import entry_key
from pytest_llvmgate.llvm.source import identity
from pytest_llvmgate.llvm.toolchain import Toolchain, find_launcher
from tests.support.carries import carry
from tests.support.configs import load

SHA = "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1"
TOOLCHAIN = Toolchain(cmake="cmake", ninja="ninja", cxx="/usr/bin/c++", compiler="c++ 12.2.0", env={})
SOURCE = "[llvm]\nsupplier = 'source'\nrepository = '../llvm-project'\n"


def test_the_defaults_are_those_of_a_downstream() -> None:
    chosen = options(SourceSpec(), "static")
    assert chosen["LLVM_ENABLE_PROJECTS"] == "mlir"
    assert chosen["CMAKE_BUILD_TYPE"] == "Release"
    assert chosen["LLVM_ENABLE_ASSERTIONS"] == "ON"
    assert chosen["LLVM_TARGETS_TO_BUILD"] == "host"
    assert chosen["LLVM_INCLUDE_TESTS"] == "OFF"
    assert "BUILD_SHARED_LIBS" not in chosen


def test_flavours_differ_in_their_linkage() -> None:
    static = options(SourceSpec(), "static")
    assert {**options(SourceSpec(), "default"), "CMAKE_CXX_VISIBILITY_PRESET": "default"} == static
    assert options(SourceSpec(), "shared") == {**static, "BUILD_SHARED_LIBS": "ON"}
    dylib = options(SourceSpec(), "dylib")
    assert {name for name in dylib if name not in static} == {
        "LLVM_BUILD_LLVM_DYLIB",
        "LLVM_LINK_LLVM_DYLIB",
        "MLIR_BUILD_MLIR_DYLIB",
        "MLIR_LINK_MLIR_DYLIB",
    }


def test_later_tables_win_whatever_type_they_name() -> None:
    spec = SourceSpec(
        cmake={"CMAKE_BUILD_TYPE:STRING": "Debug", "LLVM_ENABLE_RTTI": "OFF"},
        flavours={"shared": {"LLVM_ENABLE_RTTI:BOOL": "ON"}},
    )
    chosen = options(spec, "shared")
    assert chosen["CMAKE_BUILD_TYPE:STRING"] == "Debug"
    assert "CMAKE_BUILD_TYPE" not in chosen
    assert chosen["LLVM_ENABLE_RTTI:BOOL"] == "ON"
    assert "LLVM_ENABLE_RTTI" not in chosen


def test_a_flavour_of_ones_own() -> None:
    spec = SourceSpec(flavours={"sanitized": {"LLVM_USE_SANITIZER": "Address"}})
    assert options(spec, "sanitized")["LLVM_USE_SANITIZER"] == "Address"


def test_a_flavour_that_nobody_knows() -> None:
    with pytest.raises(SupplyError, match=r"\(default, static, shared, dylib\), found 'fast'"):
        options(SourceSpec(), "fast")


def test_targets_come_with_what_consumers_need() -> None:
    by_targets = options(SourceSpec(targets=("MLIRIR",)), "static")["LLVM_DISTRIBUTION_COMPONENTS"]
    assert by_targets == "MLIRIR;llvm-headers;cmake-exports;mlir-headers;mlir-cmake-exports"
    plain = SourceSpec(targets=("LLVMCore",), cmake={"LLVM_ENABLE_PROJECTS": ""})
    assert options(plain, "static")["LLVM_DISTRIBUTION_COMPONENTS"] == "LLVMCore;llvm-headers;cmake-exports"


def test_projects_are_read_from_the_options() -> None:
    assert projects({"LLVM_ENABLE_PROJECTS:STRING": "mlir; clang", "LLVM_ENABLE_RUNTIMES": "libcxx"}) == {
        *("mlir", "clang", "libcxx"),
    }


# Identity


def test_everything_that_the_install_depends_on_changes_the_key(tmp_path: Path) -> None:
    (tmp_path / "a.patch").write_text("a")
    config = load(tmp_path, SOURCE)
    patched = load(tmp_path, f"{SOURCE}{carry('a.patch')}")
    debug = load(tmp_path, f"{SOURCE}source.cmake = {{ CMAKE_BUILD_TYPE = 'Debug' }}\n")
    flags = replace(TOOLCHAIN, env={"CXXFLAGS": "-O3"})
    keys = [
        entry_key(identity(config, SHA, "static", TOOLCHAIN)),
        entry_key(identity(config, "1" * 40, "static", TOOLCHAIN)),
        entry_key(identity(config, SHA, "shared", TOOLCHAIN)),
        entry_key(identity(patched, SHA, "static", TOOLCHAIN)),
        entry_key(identity(debug, SHA, "static", TOOLCHAIN)),
        entry_key(identity(config, SHA, "static", flags)),
        entry_key(identity(config, SHA, "static", replace(TOOLCHAIN, compiler="c++ 13.1.0"))),
        entry_key(identity(config, SHA, "static", replace(TOOLCHAIN, cxx="/opt/bin/c++"))),
    ]
    (tmp_path / "a.patch").write_text("b")
    keys.append(entry_key(identity(patched, SHA, "static", TOOLCHAIN)))
    assert len(set(keys)) == len(keys)


def test_what_the_install_does_not_depend_on_does_not(tmp_path: Path) -> None:
    first = load(tmp_path, SOURCE)
    second = load(tmp_path, f"{SOURCE}source = {{ repository = '/elsewhere', launcher = 'none' }}\n")
    other = replace(TOOLCHAIN, jobs=3, env={"HOME": "/home/me"}, ninja="/opt/ninja")
    assert identity(first, SHA, "static", TOOLCHAIN) == identity(second, SHA, "static", other)


def test_a_patch_that_cannot_be_read(tmp_path: Path) -> None:
    config = load(tmp_path, f"{SOURCE}{carry('gone.patch')}")
    with pytest.raises(SupplyError, match="it cannot be read: No such file"):
        identity(config, SHA, "static", TOOLCHAIN)


# The launcher


@pytest.fixture
def path(tmp_path: Path) -> dict[str, str]:
    return {"PATH": str(tmp_path)}


def install(path: dict[str, str], name: str) -> str:
    program = Path(path["PATH"]) / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return str(program)


def test_ccache_is_preferred(path: dict[str, str]) -> None:
    sccache = install(path, "sccache")
    assert find_launcher(AUTO, path) == (sccache,)
    ccache = install(path, "ccache")
    assert find_launcher(AUTO, path) == (ccache,)
    assert find_launcher(("sccache",), path) == (sccache,)
    assert find_launcher(NO_LAUNCHER, path) == ()


def test_any_command_is_a_launcher(path: dict[str, str]) -> None:
    recc = install(path, "recc")
    assert find_launcher(("recc", "--verbose"), path) == (recc, "--verbose")
    with pytest.raises(ToolError, match=r"expected ccache icecc on PATH .*found none"):
        find_launcher(("ccache icecc",), path)


def test_no_launcher_is_fine_unless_one_is_demanded(path: dict[str, str]) -> None:
    assert find_launcher(AUTO, path) == ()
    with pytest.raises(ToolError, match="expected ccache on PATH"):
        find_launcher(("ccache",), path)


# The configuration


def test_the_table_is_read(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        "[llvm]\nsupplier = 'source'\n[llvm.source]\nrepository = 'https://example.org/llvm'\nlauncher = 'none'\n"
        "targets = ['MLIRIR']\ncmake = { A = true }\n"
        "[llvm.source.flavours.dylib]\ncmake = { B = 'x' }\n",
    )
    assert config.llvm.source == SourceSpec(
        repository="https://example.org/llvm",
        launcher=NO_LAUNCHER,
        targets=("MLIRIR",),
        cmake={"A": "ON"},
        flavours={"dylib": {"B": "x"}},
    )


def test_a_source_build_needs_a_repository(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "[llvm]\nsupplier = 'source'\n")
    assert str(caught.value).endswith(
        "llvmgate.toml:1: llvm: supplier 'source' needs a repository of llvm-project\n"
        '    -> add repository = "path/to/llvm-project", or source.repository with a clone or a URL'
    )
