"""Patterns of two functions, which LLVM called from a third one that they have to have themselves now."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_fix_by_headers import _own_cache, mended

__all__ = ["_own_cache"]

BASE = """
struct LogicalResult {{ bool ok; bool succeeded() const {{ return ok; }} }};
struct Op {{}}; struct Rewriter {{ int n; }};
struct Pattern {{
{0}
}};
"""
BEFORE = BASE.format(
    "virtual LogicalResult match(Op op) const { return {}; }\nvirtual void rewrite(Op op, Rewriter &r) const {}"
)
AFTER = BASE.format("virtual LogicalResult matchAndRewrite(Op op, Rewriter &r) const = 0;")


@pytest.mark.parametrize("mark", ["override", "final"])
def test_a_pattern_of_two_functions_calls_them_as_llvm_did(tmp_path: Path, mark: str) -> None:
    unit = f"""using namespace mlir;
struct Mine : Pattern {{
  LogicalResult match(Op other) const {mark} {{ return {{true}}; }}
  void rewrite(Op op, Rewriter &rewriter) const {mark} {{
    if (rewriter.n) return;
    rewriter.n = 1;
  }}
}};
struct Yours : Mine {{ void rewrite(Op op, Rewriter &rewriter) const override {{}} }};
Yours yours;
"""
    text = mended(tmp_path, BEFORE, AFTER, unit)
    assert "  virtual LogicalResult match(Op other) const { return {true}; }" in text
    assert "  virtual void rewrite(Op op, Rewriter &rewriter) const {" in text
    assert "struct Yours : Mine { void rewrite(Op op, Rewriter &rewriter) const override {} };" in text
    written = "LogicalResult matchAndRewrite(Op op, Rewriter &rewriter) const override {\n"
    assert f"  {written}    LogicalResult matched = match(op);\n    if (matched.succeeded())\n" in text
    assert "      rewrite(op, rewriter);\n    return matched;\n  }" in text


def test_functions_that_are_defined_elsewhere_are_called_as_well(tmp_path: Path) -> None:
    unit = """using namespace mlir;
struct Mine : Pattern {
  LogicalResult match(Op op) const override;
  void rewrite(Op op, Rewriter &rewriter) const override;
};
LogicalResult Mine::match(Op op) const { return {false}; }
void Mine::rewrite(Op op, Rewriter &rewriter) const { rewriter.n = 1; }
Mine mine;
"""
    text = mended(tmp_path, BEFORE, AFTER, unit)
    assert "  virtual void rewrite(Op op, Rewriter &rewriter) const;\n  LogicalResult matchAndRewrite(" in text


def test_half_a_pattern_is_left(tmp_path: Path) -> None:
    unit = (
        "using namespace mlir;\nstruct Mine : Pattern {\nLogicalResult match(Op op) const override { return {}; }\n};\n"
    )
    assert not mended(tmp_path, BEFORE, AFTER, unit)
