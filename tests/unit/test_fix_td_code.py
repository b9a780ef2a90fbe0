"""C++ in a ``.td`` file: mended there, where what is generated of it compiles then."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.fixable import CMAKE, commit_all, fixable
from tests.unit.git_kit import git
from tests.unit.test_fix_by_headers import _own_cache

__all__ = ["_own_cache"]

pytestmark = pytest.mark.skipif(shutil.which("sed") is None, reason="a stream editor stands for TableGen")

RUN = """
add_custom_command(OUTPUT {build}/include/pear.inc DEPENDS ${{CMAKE_SOURCE_DIR}}/pear.td
  COMMAND mkdir -p {build}/include
  COMMAND sed -n "/^ *build/s/[$]_/ods_/gp" ${{CMAKE_SOURCE_DIR}}/pear.td > {build}/include/pear.inc VERBATIM)
add_custom_target(generated ALL DEPENDS {build}/include/pear.inc)
add_dependencies(small generated)
"""
HEADER = """#pragma once
#include <optional>
namespace mlir {
struct State {};
struct ValueRange {};
struct TypeRange {};
}
"""
UNIT = """#include "mlir/X.h"
struct ReturnOp {
  static void build(int b, mlir::State s);
  static void build(int b, mlir::State s, mlir::ValueRange values);
  static void build(int b, mlir::State s, mlir::TypeRange types, int more = 0);
};
void ReturnOp::build(int ods_builder, mlir::State ods_state) {
#include "pear.inc"
}
"""


def mended(directory: Path, code: str) -> str:
    """``pear.td`` after the fix; empty where there is no patch. Its log names one of two units that do not compile."""
    record = f"def ReturnOp {{\n  code builder = [{{\n    {code}\n  }}];\n}}\n"
    project = fixable(
        directory, {"a.cpp": UNIT, "0.cpp": "int a = b;\n", "pear.td": record}, headers={"mlir/X.h": HEADER}
    )
    run = RUN.format(build="${CMAKE_BINARY_DIR}")
    (project.root / "CMakeLists.txt").write_text(CMAKE.format(units="0.cpp a.cpp", llvm=project.llvm) + run)
    commit_all(project.root, "With what is generated")
    subprocess.run(["cmake", str(project.build)], check=True, capture_output=True)
    done = subprocess.run(
        ["ninja", "-C", str(project.build), "CMakeFiles/small.dir/a.cpp.o"], check=False, capture_output=True
    )
    (directory / "build.log").write_bytes(done.stdout + done.stderr)
    main(["fix", *project.arguments, str(directory / "build.log")])
    patch = project.build / "llvmgate-fix/small.patch"
    if not patch.exists() or not patch.read_text().strip():
        return ""
    git(project.root, "apply", str(patch))
    return (project.root / "pear.td").read_text()


def test_code_in_a_td_file_is_mended_by_the_rule_that_makes_its_unit_compile(tmp_path: Path) -> None:
    text = mended(tmp_path, "build($_builder, $_state, std::nullopt);")
    assert "\n    build($_builder, $_state, mlir::ValueRange{});\n" in text


def test_with_headers_made_anew_units_that_the_log_names_come_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mended(tmp_path, "build($_builder, $_state, std::nullopt);\n    build($_builder, gone);")
    assert [one for one in capsys.readouterr().err.split("\n") if one.startswith("[1/")] == ["[1/2] still fails: a.cpp"]


def test_code_that_no_rule_mends_is_left(tmp_path: Path) -> None:
    assert not mended(tmp_path, "build($_builder, $_state, std::string());")
