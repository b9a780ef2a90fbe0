"""What linkcheck stands on and is held against: the two builds' compile commands, and a real shared build's log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_llvmgate.predict.link_analysis import LinkPrediction, Missing
from pytest_llvmgate.predict.linkcheck import LinkcheckResult
from pytest_llvmgate.predict.same_objects import compare_compilations
from pytest_llvmgate.predict.truth import Agreement, compare_with_build


def tree(root: Path, *words: str) -> Path:
    root.mkdir()
    entry = {
        "directory": str(root),
        "file": "/src/a.cpp",
        "output": f"{root}/lib/a.o",
        "arguments": ["c++", *words, f"-I{root}/include", "-o", f"{root}/lib/a.o", "-c", "/src/a.cpp"],
    }
    (root / "compile_commands.json").write_text(json.dumps([entry]))
    return root


def test_what_cmake_changes_by_design_is_no_difference(tmp_path: Path) -> None:
    static, shared = tree(tmp_path / "static", "-O2"), tree(tmp_path / "shared", "-O2", "-fPIC", "-Da_EXPORTS")
    assert compare_compilations(static, shared).same == 1


def test_a_difference_is_told(tmp_path: Path) -> None:
    static, shared = tree(tmp_path / "static", "-O2", "-DX"), tree(tmp_path / "shared", "-O2", "-DY")
    (difference,) = compare_compilations(static, shared).different
    assert (difference.only_static, difference.only_shared) == (("-DX",), ("-DY",))


def test_another_llvm_may_stand_for_the_static_tree_s(tmp_path: Path) -> None:
    static = tree(tmp_path / "static", "-I/llvm/static/include", "-isystem", "/llvm/static/include/x")
    shared = tree(tmp_path / "shared", "-I/llvm/shared/include", "-isystem", "/llvm/shared/include/x")
    assert len(compare_compilations(static, shared).different) == 1
    aliases = {Path("/llvm/shared"): Path("/llvm/static")}
    assert compare_compilations(static, shared, aliases=aliases).same == 1


LOG = """\
[1/2] Linking CXX shared library lib/libA.so
FAILED: [code=1] lib/libA.so
c++ -shared -o lib/libA.so
/usr/bin/ld: {said}
collect2: error: ld returned 1 exit status
ninja: build stopped: cannot make progress due to previous errors.
"""
UNDEFINED = "a.cpp:(.text+0x1): undefined reference to `ns::f()'"


def held(tmp_path: Path, said: str, *missing: str, not_found: tuple[str, ...] = ()) -> Agreement:
    link = LinkPrediction(
        target="A",
        type="SHARED_LIBRARY",
        output="lib/libA.so",
        missing=tuple(Missing(symbol=each, users=()) for each in missing),
        not_found=not_found,
        is_refused=True,
    )
    return compare_with_build(LinkcheckResult(build_dir="b", links=(link,)), tmp_path, LOG.format(said=said))


@pytest.mark.parametrize(
    ("said", "missing", "counts"),
    [
        (UNDEFINED, ("ns::f()",), (1, 0, 0)),
        (UNDEFINED, (), (0, 1, 0)),
        (UNDEFINED, ("ns::f()", "ns::g()"), (1, 0, 1)),
    ],
)
def test_symbols_are_counted(tmp_path: Path, said: str, missing: tuple[str, ...], counts: tuple[int, int, int]) -> None:
    agreement = held(tmp_path, said, *missing)
    assert (len(agreement.found), len(agreement.missed), len(agreement.false)) == counts


def test_a_linker_that_misses_a_library_says_nothing_of_symbols(tmp_path: Path) -> None:
    agreement = held(tmp_path, "cannot find -lGone: No such file or directory", "ns::f()", not_found=("-lGone",))
    assert agreement.agrees
