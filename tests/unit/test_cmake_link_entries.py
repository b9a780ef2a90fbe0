"""Where in a CMake file a library is named that a target lacks: one answer, whoever asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.cmake.link_entries import entry_at, entry_for, find_entries, with_entry
from pytest_llvmgate.cmake.listfile import parse

LISTS = """\
add_mlir_library(Ops
  a.cpp
  DEPENDS
  OpsIncGen
  LINK_COMPONENTS
  Support
  LINK_LIBS PUBLIC
  MLIRIR
  MLIRFuncDialect
  )
add_library(Plain b.cpp)
target_link_libraries(Plain PRIVATE x)
add_library(Bare
  c.cpp
)
add_mlir_library(NoLibs
  d.cpp
)
add_mlir_conversion_library(Mixed
  e.cpp
  LINK_LIBS PUBLIC
  OwnDialect
)
mlir_target_link_libraries(Mixed PUBLIC
  MLIRIR
  MLIRPass
)
add_mlir_dialect_library(Dialect f.cpp)
mlir_target_link_libraries(Dialect PUBLIC
  MLIRIR
)
# add_library(Shy a.cpp)
add_llvm_executable(Shy g.cpp)
"""


@pytest.mark.parametrize(
    ("target", "library", "line", "how"),
    [
        ("Ops", "MLIRTosaDialect", 9, "add MLIRTosaDialect to LINK_LIBS of add_mlir_library(Ops)"),
        ("Ops", "LLVMCore", 6, "add Core to LINK_COMPONENTS of add_mlir_library(Ops)"),
        ("Ops", "LLVM", 9, "add LLVM to LINK_LIBS of add_mlir_library(Ops)"),
        ("Plain", "LLVMCore", 12, "add LLVMCore to target_link_libraries(Plain)"),
        ("Bare", "MLIRIR", 15, "add target_link_libraries(Bare PUBLIC MLIRIR)"),
        ("NoLibs", "MLIRIR", 17, "add LINK_LIBS PUBLIC MLIRIR to add_mlir_library(NoLibs)"),
        ("NoLibs", "LLVMCore", 17, "add LINK_COMPONENTS Core to add_mlir_library(NoLibs)"),
        ("Mixed", "MLIRArithDialect", 26, "add MLIRArithDialect to mlir_target_link_libraries(Mixed)"),
        ("Mixed", "OwnUtils", 22, "add OwnUtils to LINK_LIBS of add_mlir_conversion_library(Mixed)"),
        ("Dialect", "OwnUtils", 28, "add LINK_LIBS PUBLIC OwnUtils to add_mlir_dialect_library(Dialect)"),
        ("Shy", "MLIRIR", 33, "add target_link_libraries(Shy PUBLIC MLIRIR)"),
    ],
)
def test_the_line_behind_which_a_library_is_named(
    tmp_path: Path, target: str, library: str, line: int, how: str
) -> None:
    file = tmp_path / "lib/CMakeLists.txt"
    file.parent.mkdir()
    file.write_text(LISTS)
    (found,) = find_entries(tmp_path, target, library)
    assert (found.file, found.line, str(found)) == (file, line, how)
    commands = tuple(parse(LISTS))
    declared = next(each.line for each in commands if each.name.startswith("add_") and each.words[0] == target)
    assert entry_at(file, commands, declared, target=target, library=library) == found


def test_a_target_that_nothing_declares_has_no_line(tmp_path: Path) -> None:
    (tmp_path / "CMakeLists.txt").write_text(LISTS)
    assert find_entries(tmp_path, "Elsewhere", "MLIRIR") == []


def test_a_file_that_has_changed_since_has_no_line() -> None:
    assert entry_at(Path("CMakeLists.txt"), tuple(parse(LISTS)), 99, target="Ops", library="MLIRIR") is None


def written(target: str, library: str, text: str = LISTS) -> list[str]:
    """The lines that differ when the entry is written."""
    entry = entry_for(Path("CMakeLists.txt"), tuple(parse(text)), target=target, library=library)
    assert entry is not None
    new = with_entry(text, entry)
    assert find_calls(new) >= find_calls(text)  # it is still CMake
    return [line for line in new.split("\n") if line not in text.split("\n")]


def find_calls(text: str) -> int:
    return len(list(parse(text)))


@pytest.mark.parametrize(
    ("target", "library", "lines"),
    [
        ("Ops", "MLIRSCFDialect", ["  MLIRSCFDialect"]),
        ("Ops", "LLVMCore", ["  Core"]),
        ("Plain", "y", ["target_link_libraries(Plain PRIVATE x y)"]),
        ("Bare", "y", ["target_link_libraries(Bare PUBLIC y)"]),
        ("NoLibs", "MLIRIR", ["  LINK_LIBS PUBLIC MLIRIR"]),
        ("Mixed", "MLIRSCFDialect", ["  MLIRSCFDialect"]),
        ("Shy", "y", ["target_link_libraries(Shy PUBLIC y)"]),
    ],
)
def test_an_entry_is_written_as_those_beside_it_are(target: str, library: str, lines: list[str]) -> None:
    assert written(target, library) == lines


def test_a_call_in_one_line_stays_one() -> None:
    text = "add_mlir_library(Ops a.cpp)\n"
    assert written("Ops", "MLIRIR", text) == ["add_mlir_library(Ops a.cpp LINK_LIBS PUBLIC MLIRIR)"]


def test_a_comment_at_the_line_stays_a_comment() -> None:
    text = "add_mlir_library(Ops\n  a.cpp\n  LINK_LIBS PUBLIC\n  MLIRIR # MLIRIR is enough\n)\n"
    assert written("Ops", "MLIRFunc", text) == ["  MLIRFunc"]
