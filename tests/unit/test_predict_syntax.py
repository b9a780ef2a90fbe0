"""The checks of translation units, run by a real ninja; what stands for the compiler is a script."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_llvmgate.cmake.compile_commands import CompileCommand
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.predict.syntax import generated_targets, precompile_command, syntax_command, write_checks

COMPILER = """\
#!/bin/sh
# Refuses a unit that says so, and with a precompiled header one that says that.
for word; do case $word in -include-pch) header=yes;; *.cpp) unit=$word;; esac; done
grep -q "FAIL" "$unit" && { echo "$unit:1:1: error: refused"; exit 1; }
test -n "$header" && grep -q "NO PCH" "$unit" && { echo "$unit:1:1: error: the header's fault"; exit 1; }
echo "$unit ${header:-no}" >> "$(dirname "$0")/seen"
"""


@pytest.fixture
def compiler(tmp_path: Path) -> Path:
    path = tmp_path / "bin with space/clang++"
    path.parent.mkdir()
    path.write_text(COMPILER)
    path.chmod(0o755)
    return path


def units(directory: Path, compiler: Path, texts: Sequence[str]) -> list[CompileCommand]:
    """One unit per text, in a source directory whose name ninja and the shell would both trip over."""
    source, build = directory / "the $ource: a", directory / "build"
    source.mkdir()
    build.mkdir()
    commands = []
    for number, text in enumerate(texts):
        file = source / f"u{number}.cpp"
        file.write_text(text)
        output = build / f"lib/u{number}.cpp.o"
        words = (str(compiler), "-DX=a b", "-o", str(output), "-c", str(file))
        commands.append(CompileCommand(directory=build, file=file, arguments=words, output=output))
    return commands


def run(commands: Sequence[CompileCommand], directory: Path, header: Path | None = None) -> tuple[str, set[str]]:
    """What ninja said, and which units passed with which header."""
    checks = write_checks(commands, directory / "scratch", header=header)
    done = subprocess.run(
        ["ninja", "-f", str(checks), "-k", "0"], cwd=directory / "build", capture_output=True, text=True, check=False
    )
    seen = directory / "bin with space/seen"
    passed = seen.read_text().splitlines() if seen.is_file() else []
    seen.unlink(missing_ok=True)
    return done.stdout, {f"{Path(line.rpartition(' ')[0]).name} {line.rpartition(' ')[2]}" for line in passed}


def test_every_unit_is_checked_also_after_failures(tmp_path: Path, compiler: Path) -> None:
    said, passed = run(units(tmp_path, compiler, ["", "FAIL", "", "FAIL"]), tmp_path)
    assert passed == {"u0.cpp no", "u2.cpp no"}
    assert said.count("FAILED: ") == 2
    assert "u1.cpp:1:1: error: refused" in said
    assert not list((tmp_path / "build").iterdir())  # neither objects nor ninja's own files


def test_a_second_run_checks_everything_again(tmp_path: Path, compiler: Path) -> None:
    commands = units(tmp_path, compiler, ["", ""])
    assert run(commands, tmp_path)[1] == run(commands, tmp_path)[1] == {"u0.cpp no", "u1.cpp no"}


def test_a_unit_that_fails_with_the_precompiled_header_is_checked_without(tmp_path: Path, compiler: Path) -> None:
    said, passed = run(units(tmp_path, compiler, ["", "NO PCH", "FAIL"]), tmp_path, header=tmp_path / "x.pch")
    assert passed == {"u0.cpp yes", "u1.cpp no"}
    assert ("refused" in said, "the header's fault" in said) == (True, False)


def test_what_many_units_include_is_precompiled(tmp_path: Path, compiler: Path) -> None:
    texts = [f'#include "mlir/IR/Common.h"\n#include "mlir/Rare{number}.h"\n#include "own.h"\n' for number in range(12)]
    commands = units(tmp_path, compiler, texts)
    wanted = precompile_command(commands, tmp_path / "scratch")
    assert wanted is not None
    words, made = wanted
    assert (tmp_path / "scratch/common.h").read_text() == '#include "mlir/IR/Common.h"\n'
    assert words[0] == str(compiler)
    assert words[-2:] == ["-o", str(made)]
    assert not [word for word in words if word.endswith(".cpp") or word == "-fsyntax-only"]


def test_only_clang_takes_a_precompiled_header_of_this_kind(tmp_path: Path, compiler: Path) -> None:
    gcc = compiler.rename(compiler.with_name("g++"))
    assert precompile_command(units(tmp_path, gcc, ['#include "mlir/IR/A.h"\n'] * 3), tmp_path / "scratch") is None


def test_a_launcher_stays_in_front() -> None:
    words = ("ccache", "/usr/bin/clang++", "-o", "a.o", "-c", "a.cpp")
    command = CompileCommand(directory=Path("/b"), file=Path("/s/a.cpp"), arguments=words)
    assert syntax_command(command, header=Path("x.pch"))[:4] == ["ccache", "/usr/bin/clang++", "-include-pch", "x.pch"]


def test_headers_are_generated_first_whoever_depends_on_them(tmp_path: Path) -> None:
    (tmp_path / "build.ninja").write_text(
        "build cmake_object_order_depends_target_Dialect: phony || include/Ops.h.inc\n"
        "build include/Ops.h.inc include/Ops.cpp.inc | ${cmake_ninja_workdir}include/Ops.h.inc: CUSTOM_COMMAND Ops.td\n"
        "build docs/Ops.md: CUSTOM_COMMAND Ops.td\n"
        "build a.o: CXX_COMPILER a.cpp\n"
    )
    assert generated_targets(tmp_path) == [
        "cmake_object_order_depends_target_Dialect",
        "include/Ops.h.inc",
        "include/Ops.cpp.inc",
    ]


def test_a_directory_without_a_build_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"no readable build\.ninja"):
        generated_targets(tmp_path)
