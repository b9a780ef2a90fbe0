"""Includes of ``.td`` files whose file is gone: kept where the run of TableGen has nothing new to say."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.fixable import CMAKE, Fixable, commit_all, fixable
from tests.support.programs import needs
from tests.unit.git_kit import git
from tests.unit.test_fix_by_headers import _own_cache

__all__ = ["_own_cache"]

pytestmark = needs("llvm-tblgen")

RUN = """
add_custom_command(OUTPUT {build}/pear.inc DEPENDS ${{CMAKE_SOURCE_DIR}}/pear.td
  COMMAND llvm-tblgen -print-records -I {llvm}/include ${{CMAKE_SOURCE_DIR}}/pear.td -o {build}/pear.inc)
add_custom_target(generated ALL DEPENDS {build}/pear.inc)
"""
COPY = "mlir/Interfaces/CopyOpInterface.td"
BASE = {"mlir/Base.td": "class Base<string name> {\n  string called = name;\n  string of = name;\n}\n"}
RECORD = 'def {0} : Base<"{0}"> {{\n  let of = "copies";\n}}\n'
BOTH = f"{RECORD.format('CopyOpInterface')}{RECORD.format('CopyTrait')}"
OLD = {**BASE, COPY: BOTH, "mlir/X.h": "struct CopyOpInterface {};\n"}
USE = "def Copy { dag traits = (CopyOpInterface CopyTrait); }\n"


def mended(directory: Path, now: dict[str, str], text: str) -> str:
    """``pear.td`` after the fix; empty where nothing was done about it. The candidate has ``now`` of ``.td`` files."""
    for name, content in OLD.items():
        (directory / "before/include" / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / "before/include" / name).write_text(content)
    project = _project(directory, {**BASE, **now}, f'include "mlir/Base.td"\ninclude "{COPY}"\n{text}')
    main(["fix", *project.arguments, "--baseline-llvm", str(directory / "before")])
    patch = project.build / "llvmgate-fix/small.patch"
    if not patch.exists() or not patch.read_text().strip():
        return ""
    git(project.root, "apply", str(patch))
    return (project.root / "pear.td").read_text().removeprefix('include "mlir/Base.td"\n')


def _project(directory: Path, now: dict[str, str], text: str) -> Fixable:
    project = fixable(directory, {"a.cpp": "int a;\n", "pear.td": text}, headers=now)
    run = RUN.format(llvm=project.llvm, build=project.build)
    (project.root / "CMakeLists.txt").write_text(CMAKE.format(units="a.cpp", llvm=project.llvm) + run)
    commit_all(project.root, "With a run of TableGen")
    subprocess.run(["cmake", str(project.build)], check=True, capture_output=True)
    return project


def test_a_name_that_is_near_is_no_evidence(tmp_path: Path) -> None:
    now = {"mlir/Interfaces/MemOpInterfaces.td": RECORD.format("MemOpInterface")}
    assert "MemOp" not in mended(tmp_path, now, "def Mine;\n")


def test_a_name_that_is_near_what_went_before_the_baseline_is_none_either(tmp_path: Path) -> None:
    now = {COPY: BOTH, "mlir/Interfaces/MemOpInterfaces.td": RECORD.format("MemOpInterface")}
    assert "MemOp" not in mended(tmp_path, now, 'include "mlir/Interfaces/ModOpInterfaces.td"\n')


def test_what_defines_what_the_old_file_defined_is_included(tmp_path: Path) -> None:
    now = {"mlir/Interfaces/Traits.td": BOTH, "mlir/Interfaces/CopyInterfaces.td": RECORD.format("CopyInterface")}
    assert mended(tmp_path, now, USE).startswith('include "mlir/Interfaces/Traits.td"\n')


def test_a_part_of_what_the_old_file_defined_is_not_enough_where_the_rest_is_used(tmp_path: Path) -> None:
    """The name that lacks then is gone from LLVM; the edit would hide which file it came with."""
    now = {"mlir/Interfaces/CopyInterfaces.td": RECORD.format("CopyTrait")}
    assert not mended(tmp_path, now, USE)


def test_an_include_that_is_needed_for_nothing_goes(tmp_path: Path) -> None:
    assert mended(tmp_path, {"mlir/Other.td": "def Other;\n"}, "def Mine;\n") == "def Mine;\n"


@pytest.mark.parametrize(("more", "is_mended"), [("def Mine;\n", True), ("def Mine { dag d = (Gone); }\n", False)])
def test_of_two_includes_both_are_mended_or_none(tmp_path: Path, more: str, is_mended: bool) -> None:
    """TableGen reads nothing behind a file that it does not find."""
    text = mended(tmp_path, {"mlir/Interfaces/Traits.td": BOTH}, f'include "mlir/Gone.td"\n{USE}{more}')
    assert text == (f'include "mlir/Interfaces/Traits.td"\n{USE}{more}' if is_mended else "")


def test_a_run_of_tablegen_without_an_end_does_not_hold_it_up(tmp_path: Path) -> None:
    project = _project(tmp_path, BASE, "def Mine;\n")
    tool = tmp_path / "endless-tblgen"
    tool.write_text("#!/bin/sh\nexec sleep 100\n")
    tool.chmod(0o755)
    listfile = project.root / "CMakeLists.txt"
    listfile.write_text(listfile.read_text().replace("COMMAND llvm-tblgen", f"COMMAND {tool}"))
    subprocess.run(["cmake", str(project.build)], check=True, capture_output=True)
    started = time.monotonic()
    main(["fix", *project.arguments, "--seconds", "2"])
    assert time.monotonic() - started < 60


def test_the_same_sentence_at_another_line_is_progress(tmp_path: Path) -> None:
    """TableGen tells one error at a time, and lines may look alike."""
    more = "def {0} {{\n  list<Base> traits =\n    [NoSideEffect];\n}}\n"
    use = "".join(more.format(name) for name in ("One", "Two", "Three"))
    text = mended(tmp_path, {COPY: RECORD.format("Pure")}, use)
    assert text.removeprefix(f'include "{COPY}"\n') == use.replace("NoSideEffect", "Pure")


def test_every_generator_of_a_file_is_asked(tmp_path: Path) -> None:
    """Each reads other records: of what one says nothing, another one complains; and the order is of no matter."""
    text = "NoSideEffect\nBlockAndValueMapping\n"
    project = fixable(tmp_path, {"a.cpp": "int a;\n", "pear.td": text}, headers=BASE)
    tool = tmp_path / "word-tblgen"
    said = "$2:$(grep -n $1 $2 | cut -d: -f1):1: error: Variable not defined: '$1'"
    tool.write_text(f'#!/bin/sh\ngrep -q $1 $2 || exec touch $4\necho "{said}" >&2\nexit 1\n')
    tool.chmod(0o755)
    listfile, file = project.root / "CMakeLists.txt", project.root / "pear.td"
    runs = "".join(
        f"add_custom_command(OUTPUT {word}.inc DEPENDS {file} COMMAND {tool} {word} {file} -o {word}.inc)\n"
        for word in text.split()
    )
    made = ";".join(f"{word}.inc" for word in text.split())
    listfile.write_text(f"{listfile.read_text()}{runs}add_custom_target(generated ALL DEPENDS {made})\n")
    commit_all(project.root, "With two generators")
    subprocess.run(["cmake", str(project.build)], check=True, capture_output=True)
    main(["fix", *project.arguments])
    patch = (project.build / "llvmgate-fix/small.patch").read_text()
    assert "+Pure\n+IRMapping\n" in patch
