"""An operation with a new optional attribute: its builders want one argument more, and a null one is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.fixable import fixable
from tests.unit.git_kit import git

OPS = """\
#pragma once
#include "mlir/Builders.h"
namespace mlir {
struct State {};
struct Attr { Attr(decltype(nullptr)) {} };
namespace cf {
struct BrOp {
#include "mlir/cf/Ops.h.inc"
  template <class... A> static BrOp create(OpBuilder &b, Loc, A... a) { State s; build(b, s, a...); return {}; }
};
}
struct Rewriter : OpBuilder {
  template <class Op, class... A> void replaceWith(int op, A... a) { State s; Op::build(*this, s, a...); }
};
}
"""
BUILDERS = (
    "static void build(::mlir::OpBuilder &, ::mlir::State &, int taken, /*optional*/::mlir::Attr weights, bool last);\n"
    "static void build(::mlir::OpBuilder &, ::mlir::State &, long *other);\n"
)


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@example.org")


@pytest.mark.parametrize(
    ("call", "mended"),
    [
        ("cf::BrOp::create(b, l, 1, true)", "cf::BrOp::create(b, l, 1, /*weights=*/nullptr, true)"),
        ("r.replaceWith<cf::BrOp>(7, f(1, 2), true)", "r.replaceWith<cf::BrOp>(7, f(1, 2), /*weights=*/nullptr, true)"),
    ],
)
def test_what_is_optional_is_null(tmp_path: Path, call: str, mended: str) -> None:
    start = '#include "mlir/cf/Ops.h"\nusing namespace mlir;\nint f(int, int);\n'
    unit = f"{start}void g(OpBuilder &b, Rewriter &r, Loc l) {{\n  {call};\n}}\n"
    headers = {"mlir/cf/Ops.h": OPS, "mlir/cf/Ops.h.inc": BUILDERS}
    project = fixable(tmp_path, {"a.cpp": unit}, headers=headers)
    assert main(["fix", *project.arguments]) == 0
    git(project.root, "apply", str(project.build / "llvmgate-fix/small.patch"))
    assert f"  {mended};" in (project.root / "a.cpp").read_text()
