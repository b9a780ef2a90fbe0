"""``llvmgate fix`` right after a red gate: it knows from the gate's records what failed and where it was built."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.fixable import HEADER
from tests.support.gated import Gated
from tests.support.toy import CONFIG, SHA, commit

BAD = '#include "mlir/Builders.h"\nbool {0}() {{ return mlir::applyPatternsAndFoldGreedily(1, 2); }}\n'
CMAKE = """\
cmake_minimum_required(VERSION 3.20)
project(toy LANGUAGES CXX)
find_package(LLVM REQUIRED CONFIG)
message(STATUS "Using LLVMConfig.cmake in: ${LLVM_DIR}")
include_directories(${LLVM_DIR}/../../../include)
add_library(core OBJECT core.cpp fine.cpp)
if(TOY_MHLO)
  add_library(mhlo OBJECT mhlo.cpp)
endif()
option(BUILD_SHARED_LIBS "" OFF)
"""
RUN = f".llvmgate/{SHA[:12]}/llvmgate-fix"


@pytest.fixture
def red(gated: Gated, monkeypatch: pytest.MonkeyPatch) -> Gated:
    """Two of the four configurations have a second unit; the one that all have is broken as well."""
    header = gated.root.parent / "llvm/include/mlir/Builders.h"
    header.parent.mkdir(parents=True)
    header.write_text(HEADER)
    for name in ("core", "mhlo"):
        (gated.root / f"{name}.cpp").write_text(BAD.format(name))
    (gated.root / "fine.cpp").write_text("int fine;\n")
    (gated.root / "CMakeLists.txt").write_text(CMAKE)
    gated.configure(CONFIG.replace("check = ", "install = false\n# check = "))
    monkeypatch.chdir(gated.root)
    assert gated.run("--llvm-sha=pinned", "-k", "static").ret == 1
    return gated


def outcome(red: Gated) -> dict[str, object]:
    found: dict[str, object] = json.loads((red.root / RUN / "outcome.json").read_text())
    return found


def test_every_red_configuration_is_mended_once(red: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["fix"]) == 0
    said = capsys.readouterr()
    assert "static-mhlo_on:\n2 of 2 units do not compile" in said.err  # fine.cpp is not looked at
    assert "static-mhlo_off:\n0 of 1 units do not compile" in said.err
    patch = (red.root / RUN / f"{red.root.name}.patch").read_text()
    assert patch.count("+bool") == 2
    assert red.git("status", "--porcelain") == ""


def test_one_configuration_can_be_chosen(red: Gated) -> None:
    assert main(["fix", "--configuration", "static-mhlo_off"]) == 0
    patch = (red.root / RUN / f"{red.root.name}.patch").read_text()
    assert "mhlo.cpp" not in patch
    assert "core.cpp" in patch


def test_a_brief_needs_no_build_directory_either(red: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    (red.root / "core.cpp").write_text(BAD.format("core").replace("AndFoldGreedily", "Anyhow"))
    commit(red.root, "Worse")
    assert red.run("--llvm-sha=pinned", "-k", "static-mhlo_off").ret == 1
    capsys.readouterr()
    assert main(["fix"]) == 1
    capsys.readouterr()
    assert main(["brief"]) == 0
    (page,) = capsys.readouterr().out.split()
    assert "applyPatternsAnyhow" in Path(page).read_text()


def test_what_stopped_cmake_is_left_with_a_page_of_its_own(red: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    (red.root / "CMakeLists.txt").write_text(CMAKE.replace("LLVM REQUIRED", "LLVM 20.1 REQUIRED"))
    commit(red.root, "Ask for another LLVM")
    shutil.rmtree(red.root / ".llvmgate")
    assert red.run("--llvm-sha=pinned", "-k", "static").ret == 1
    capsys.readouterr()
    assert main(["fix"]) == 1
    said = capsys.readouterr()
    assert "0 of 1 causes cured" in said.out
    assert "Left for you" in said.out
    assert "CMake did not come to its end: no unit can be compiled" in said.err
    assert main(["brief"]) == 0
    (page,) = capsys.readouterr().out.split()
    assert "find_package(LLVM 20.1 REQUIRED CONFIG)" in Path(page).read_text()


def test_units_of_an_older_configuration_do_not_hide_what_stopped_cmake(
    red: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    (red.root / "CMakeLists.txt").write_text(CMAKE.replace("LLVM REQUIRED", "LLVM 20.1 REQUIRED"))
    for name in ("core", "mhlo"):
        (red.root / f"{name}.cpp").write_text("int fine;\n")
    commit(red.root, "Ask for another LLVM")
    assert red.run("--llvm-sha=pinned", "-k", "static").ret == 1
    capsys.readouterr()
    assert main(["fix"]) == 1
    assert "Left for you" in capsys.readouterr().out


def test_a_build_that_the_gate_did_not_record_is_not_touched(red: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    """A run directory may have come with the tree, and a build directory in it names compilers that would be run."""
    for record in (red.root / ".llvmgate").glob("*/*/records/build.json"):
        record.write_text(record.read_text().replace('"seal": "', '"seal": "0'))
    capsys.readouterr()
    assert main(["fix"]) == 4
    assert "no build directory of this user's gate" in capsys.readouterr().err


def test_a_green_session_leaves_nothing_to_do(red: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("core", "mhlo"):
        (red.root / f"{name}.cpp").write_text(BAD.format(name).replace("AndFold", ""))
    commit(red.root, "Mended")
    assert red.run("--llvm-sha=pinned", "-k", "static").ret == 0
    capsys.readouterr()
    assert main(["fix"]) == 0
    assert "no configuration that failed" in capsys.readouterr().err


def test_a_session_that_failed_before_any_build_is_not_called_green(
    gated: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(gated.root.parent / "llvm")
    assert gated.run("--llvm-sha=pinned").ret == 1
    capsys.readouterr()
    assert main(["fix", "-C", str(gated.root)]) == 4
    assert "llvm::default failed, and no configuration: there is no build to mend" in capsys.readouterr().err


def test_without_a_session_there_is_nothing_to_go_by(gated: Gated, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "-C", str(gated.root)]) == 4
    assert "--build" in capsys.readouterr().err
