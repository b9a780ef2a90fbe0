"""The checks of translation units, run by a real ninja; what stands for the compiler is a script."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_llvmgate.cmake.compile_commands import CompileCommand
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.preflight.syntax_check import (
    generated_targets,
    inputs_of,
    precompile_command,
    syntax_command,
    units_among,
    write_checks,
)

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


@pytest.mark.parametrize(("option", "is_quiet"), [("-Wall", True), ("-Werror=implicit-function-declaration", False)])
def test_a_warning_that_is_an_error_to_the_unit_is_one_here(option: str, is_quiet: bool) -> None:
    command = CompileCommand(directory=Path("/b"), file=Path("/s/a.c"), arguments=("gcc", option, "-c", "a.c"))
    assert ("-w" in syntax_command(command)) is is_quiet


NINJA = """\
rule CXX_COMPILER__Dialect_unscanned_Release
  command = true
rule CUSTOM_COMMAND
  command = true
build cmake_object_order_depends_target_Dialect: phony || include/Ops.h.inc
build include/Ops.h.inc include/Ops.cpp.inc | inner.inc: CUSTOM_COMMAND Ops.td
build include/Other.h.inc: CUSTOM_COMMAND Other.td
build include/Excluded.h.inc: CUSTOM_COMMAND Excluded.td
build docs/Ops.md: CUSTOM_COMMAND Ops.td
build lib/a$ b.o: CXX_COMPILER__Dialect_unscanned_Release a.cpp || cmake_object_order_depends_target_Dialect
build lib/a.o: CXX_COMPILER__Dialect_unscanned_Release a.cpp || cmake_object_order_depends_target_Dialect
build excluded/x.o: CXX_COMPILER__Dialect_unscanned_Release x.cpp || cmake_object_order_depends_target_Excluded
build cmake_object_order_depends_target_Excluded: phony || include/Excluded.h.inc
build all: phony lib/a.o lib/a$ b.o include/Other.h.inc docs/Ops.md
build some: phony lib/a.o
"""


@pytest.mark.parametrize(
    ("targets", "first", "others"),
    [
        ((), "cmake_object_order_depends_target_Dialect", {"include/Other.h.inc"}),
        (("some",), "cmake_object_order_depends_target_Dialect", set()),
        (("excluded/x.o",), "cmake_object_order_depends_target_Excluded", set()),
    ],
)
def test_what_the_targets_need_is_generated_first(
    tmp_path: Path, targets: tuple[str, ...], first: str, others: set[str]
) -> None:
    (tmp_path / "build.ninja").write_text(NINJA)
    made = generated_targets(tmp_path, inputs_of(tmp_path, targets))
    behind = {"include/Excluded.h.inc"} if "Excluded" in first else {"include/Ops.h.inc", "include/Ops.cpp.inc"}
    assert made[0] == first
    assert set(made[1:]) - behind == others  # some versions of ninja list what is behind the first one, too


def test_units_outside_of_the_targets_are_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "build.ninja").write_text(NINJA)
    commands = [
        CompileCommand(directory=tmp_path, file=tmp_path / "a.cpp", arguments=(), output=tmp_path / name)
        for name in ("lib/a.o", "lib/a b.o", "excluded/x.o")
    ]
    named = [str(command.output) for command in units_among(commands, inputs_of(tmp_path, ()))]
    assert named == [str(tmp_path / "lib/a.o"), str(tmp_path / "lib/a b.o")]


def test_where_nothing_links_the_objects_all_units_are_looked_at() -> None:
    command = CompileCommand(
        directory=Path("/b"), file=Path("/a.cpp"), arguments=("c++", "/a.cpp"), output=Path("/b/a.o")
    )
    assert units_among((command,), frozenset({"cmake_object_order_depends_target_u"})) == [command]


def test_a_ninja_that_cannot_list_inputs_leaves_everything_in(tmp_path: Path) -> None:
    (tmp_path / "build.ninja").write_text(NINJA)
    old = tmp_path / "old-ninja"
    old.write_text("#!/bin/sh\necho \"ninja: fatal: unknown tool 'inputs'\" >&2\nexit 1\n")
    old.chmod(0o755)
    inputs = inputs_of(tmp_path, (), ninja=str(old))
    assert inputs is None
    assert "include/Excluded.h.inc" in generated_targets(tmp_path, inputs)
    command = CompileCommand(directory=tmp_path, file=tmp_path / "a.cpp", arguments=(), output=tmp_path / "x.o")
    assert units_among([command], inputs) == [command]


def test_a_target_that_does_not_exist_is_told(tmp_path: Path) -> None:
    (tmp_path / "build.ninja").write_text(NINJA)
    with pytest.raises(ToolError, match="gone"):
        inputs_of(tmp_path, ("gone",))


def test_a_directory_without_a_build_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"no readable build\.ninja"):
        generated_targets(tmp_path, frozenset())
