"""Deprecated names of LLVM that a build uses: read from what real compilers say, new against the baseline."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pytest_llvmgate.gate.next_breaks import next_breaks
from pytest_llvmgate.model import DEPRECATED, Outcome, StageResult
from pytest_llvmgate.stages.deprecations import as_fact, from_fact, joined, read_deprecations, still_true
from tests.support.gated import Gated
from tests.support.toy import CONFIG, MAKE_CMAKE, OTHER_SHA, SHA, make_llvm

HEADER = """\
namespace mlir {
[[deprecated("Use bar instead")]] inline void foo() {}
struct Builder { template <class T> [[deprecated("Use T::create")]] T create(T x) { return x; } };
struct [[deprecated]] Old {};
}
"""
SOURCE = """\
#include <mlir/Dep.h>
[[deprecated]] void own() {}
template <class T> void use(T x) { mlir::Builder b; b.create<T>(x); }
int main() {
  mlir::foo();
  own();
  use(3);
  mlir::Old old;
  (void)old;
}
"""


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_what_compilers_say_of_llvm_s_declarations(tmp_path: Path, compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    (tmp_path / "llvm/include/mlir").mkdir(parents=True)
    (tmp_path / "llvm/include/mlir/Dep.h").write_text(HEADER)
    (tmp_path / "a.cpp").write_text(SOURCE)
    command = [compiler, "-isystem", str(tmp_path / "llvm/include"), "-fsyntax-only", str(tmp_path / "a.cpp")]
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    with (tmp_path / "log").open("wb") as log:
        subprocess.run(command, stderr=log, env=env, check=True)
    found = read_deprecations(tmp_path / "log", llvm=[tmp_path / "llvm"], source=tmp_path)
    assert found["foo: Use bar instead"] == ("a.cpp:5",)
    assert found["Old"] == ("a.cpp:8",)
    assert found["create: Use T::create"] == ("a.cpp:3",)
    assert not any(key.startswith("own") for key in found)


def test_what_an_earlier_build_said_counts_while_the_line_has_the_name(tmp_path: Path) -> None:
    (tmp_path / "a.cpp").write_text("foo();\nbar();\n")
    before = {"foo: Use bar": ("a.cpp:1", "a.cpp:2", "gone.cpp:1")}
    assert still_true(before, tmp_path) == {"foo: Use bar": ("a.cpp:1",)}


def result(found: dict[str, tuple[str, ...]]) -> StageResult:
    return StageResult(group="x", stage="build", outcome=Outcome.PASSED, facts={DEPRECATED: as_fact(found)})


def test_what_the_baseline_had_deprecated_too_is_not_new() -> None:
    now = [result({"foo: Use bar": ("a:1", "a:2"), "old": ("a:3",)})]
    assert list(next_breaks(now, [result({"old": ("z:9",)})])) == [
        "deprecated now: foo at a:1 and 1 more place (Use bar)"
    ]


def test_without_the_baseline_s_build_nobody_knows() -> None:
    assert list(next_breaks([result({"foo": ("a:1",)})], [])) == []


def test_of_many_the_most_used_are_told() -> None:
    now = [result({f"n{number}": ("a:1",) for number in range(20)} | {"most": ("a:1", "a:2")})]
    told = list(next_breaks(now, [result({})]))
    assert (told[0], len(told), told[-1].startswith("deprecated now: 13 more")) == (
        "deprecated now: most at a:1 and 1 more place",
        9,
        True,
    )


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 3}'])
def test_somebody_else_s_json_says_nothing(text: str) -> None:
    assert joined(from_fact(text)) == {}


def test_a_session_notes_what_its_candidate_deprecates(gated: Gated) -> None:
    warn = (
        "if(EXISTS ${source}/warn)\n  file(READ ${source}/warn llvm)\n"
        "  message(\"${source}/make.cmake:1:1: warning: 'foo' is deprecated: Use bar [-Wdeprecated-declarations]\")\n"
        '  message("${llvm}/include/mlir/Dep.h:3:4: note: declared here")\nendif()\n'
    )
    before, _, after = MAKE_CMAKE.partition("if(EXISTS")
    (gated.root / "make.cmake").write_text(f"{before}{warn}if(EXISTS{after}")
    gated.configure(CONFIG.replace("../llvm", "../all/{sha}"))
    for sha in (SHA, OTHER_SHA):
        make_llvm(gated.root.parent / "all" / sha, sha)
    gated.run(f"--llvm-sha={SHA}", "-k", "static-mhlo_on")
    (gated.root / "warn").write_text(str(gated.root.parent / "all" / OTHER_SHA))
    run = gated.run(f"--llvm-sha={OTHER_SHA}", f"--llvm-baseline={SHA}", "-k", "static-mhlo_on")
    run.stdout.fnmatch_lines(["note: deprecated now: foo at make.cmake:1 (Use bar)"])
