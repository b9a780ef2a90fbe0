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


def test_a_builder_in_another_order_gets_its_arguments_so(tmp_path: Path) -> None:
    """The compiler complains inside of `create`, of a `build` that nobody wrote here."""
    order = "static void build(OpBuilder &, State &, {}); static void build(OpBuilder &, State &, long *);"
    ops = OPS.replace('#include "mlir/cf/Ops.h.inc"', order)
    old = tmp_path / "before/include/mlir/cf/Ops.h"
    old.parent.mkdir(parents=True)
    old.write_text(ops.replace(order, order.format("int value, Loc type")))
    start = '#include "mlir/cf/Ops.h"\nusing namespace mlir;\n'
    unit = f"{start}void g(OpBuilder &b, Loc l, Loc t) {{\n  cf::BrOp::create(b, l, 1 + 2, t);\n}}\n"
    headers = {"mlir/cf/Ops.h": ops.replace(order, order.format("Loc type, int value"))}
    project = fixable(tmp_path, {"a.cpp": unit}, headers=headers)
    assert main(["fix", *project.arguments, "--baseline-llvm", str(tmp_path / "before")]) == 0
    git(project.root, "apply", str(project.build / "llvmgate-fix/small.patch"))
    assert "cf::BrOp::create(b, l, t, 1 + 2);" in (project.root / "a.cpp").read_text()


FIT = """\
#pragma once
#include "mlir/Builders.h"
namespace std { struct nullopt_t {}; inline constexpr nullopt_t nullopt; }
namespace mlir {
struct State {}; struct Type {}; struct IntegerType : Type {}; struct Number {};
struct ValueRange { ValueRange() = default; ValueRange(int *) {} };
namespace cf {
struct BrOp {
  BUILDERS
  static void build(OpBuilder &, State &, long *);
};
}
struct Creator : OpBuilder {
  template <class OpTy, class... Args> void create(Loc, Args &&...a) { State s; OpTy::build(*this, s, (Args &&)a...); }
};
}
"""
"""No LLVM is at hand that has another order."""


def _fitted(tmp_path: Path, builders: str, call: str) -> str:
    start = '#include "mlir/cf/Ops.h"\nusing namespace mlir;\n'
    unit = f"{start}void g(Creator &b, Loc l, IntegerType t, Number n, ValueRange r) {{\n  {call};\n}}\n"
    project = fixable(tmp_path, {"a.cpp": unit}, headers={"mlir/cf/Ops.h": FIT.replace("BUILDERS", builders)})
    main(["fix", *project.arguments])
    patch = project.build / "llvmgate-fix/small.patch"
    return patch.read_text() if patch.is_file() else ""


@pytest.mark.parametrize(
    ("builder", "call", "mended"),
    [
        (
            "ValueRange some, ValueRange all",
            "b.create<cf::BrOp>(l, r, std::nullopt)",
            "b.create<cf::BrOp>(l, r, mlir::ValueRange{})",
        ),
        (
            "Number n, ValueRange all",
            "b.create<cf::BrOp>(l, n, std::nullopt)",
            "b.create<cf::BrOp>(l, n, mlir::ValueRange{})",
        ),
    ],
)
def test_nothing_is_an_empty_range_where_a_template_hands_it_on(
    tmp_path: Path, builder: str, call: str, mended: str
) -> None:
    assert f"+  {mended};" in _fitted(tmp_path, f"static void build(OpBuilder &, State &, {builder});", call)


def test_a_call_is_not_rewritten_for_the_name_in_it_that_is_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each such try would take a compilation."""
    assert not _fitted(tmp_path, "", "b.create<cf::GoneOp>(l, n)")
    assert "$b.create<$T>" not in capsys.readouterr().out
