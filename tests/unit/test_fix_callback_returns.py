"""Callbacks that returned an optional handle, where LLVM takes the handle itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_fix_by_headers import _own_cache, mended

__all__ = ["_own_cache"]

CONVERTER = """
}}
#include <functional>
#include <optional>
namespace mlir {{
struct Value {{ int *p = nullptr; explicit operator bool() const {{ return p; }} }};
struct Converter {{
  std::function<{0}(int)> kept;
  template <typename F> std::function<{0}(int)> wrap(F f) {{ return [f](int n) -> {0} {{ return f(n); }}; }}
  template <typename F> void add(F f) {{ kept = wrap(f); }}
}};
"""
BEFORE, AFTER = CONVERTER.format("std::optional<Value>"), CONVERTER.format("Value")


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (
            "c.add([](int n) -> std::optional<mlir::Value> { if (n) return std::nullopt; return {}; });",
            "c.add([](int n) -> mlir::Value { if (n) return mlir::Value(); return {}; });",
        ),
        (
            "auto made = [](int n) -> std::optional<Value> { return std::nullopt; };\n  c.add(made);",
            "auto made = [](int n) -> Value { return Value(); };\n  c.add(made);",
        ),
    ],
)
def test_a_lambda_returns_a_null_handle_for_none(tmp_path: Path, unit: str, expected: str) -> None:
    text = mended(tmp_path, BEFORE, AFTER, f"using namespace mlir;\nvoid f(Converter &c) {{\n  {unit}\n}}\n")
    assert expected in text


def test_a_function_returns_one_but_not_the_lambda_in_it(tmp_path: Path) -> None:
    unit = """using namespace mlir;
static std::optional<Value> made(int n) {
  auto other = [](int m) -> std::optional<int> { return std::nullopt; };
  if (other(n)) return std::nullopt;
  return Value();
}
void f(Converter &c) { c.add(made); }
"""
    text = mended(tmp_path, BEFORE, AFTER, unit)
    assert "static Value made(int n) {" in text
    assert "std::optional<int> { return std::nullopt; };\n  if (other(n)) return Value();" in text


def test_a_number_for_none_is_no_none(tmp_path: Path) -> None:
    before, after = (
        BEFORE.replace("<Value>", "<int>"),
        AFTER.replace("<Value(int)", "<int(int)").replace("-> Value", "-> int"),
    )
    unit = "void f(mlir::Converter &c) { c.add([](int n) -> std::optional<int> { return std::nullopt; }); }\n"
    assert not mended(tmp_path, before, after, unit)


MATERIALIZED = """struct OpBuilder {{}}; struct Type {{}}; struct Index : Type {{}};
struct Converter {{
  template <typename F> void addSourceMaterialization(F f) {{}}
  {0}
}};"""
ONE = "[](OpBuilder &b, Index type, int n) { return 0; }"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("c.addArgumentMaterialization(made);", "c.addSourceMaterialization(made);"),
        (
            "c.addSourceMaterialization(made);\n  c.addArgumentMaterialization(made);",
            "c.addSourceMaterialization(made);\n",
        ),
        (
            "\n  ".join(f"c.add{one}Materialization({ONE});" for one in ("Source", "Argument")),
            f"c.addSourceMaterialization({ONE});\n",
        ),
        ("c.addSourceMaterialization(other);\n  c.addArgumentMaterialization(made);", ""),
        (f"c.addSourceMaterialization({ONE});\n  c.addArgumentMaterialization({ONE.replace('0', '1')});", ""),
    ],
)
def test_arguments_are_materialized_as_sources_which_are_not_asked_for_more(
    tmp_path: Path, code: str, expected: str
) -> None:
    """Two different callbacks would be asked one after the other: which is meant for what, nobody can tell."""
    before = MATERIALIZED.format("template <typename F> void addArgumentMaterialization(F f) {}")
    unit = f"using namespace mlir;\nvoid f(Converter &c, int made, int other) {{\n  {code}\n}}\n"
    text = mended(tmp_path, before, MATERIALIZED.format(""), unit)
    assert (expected in text and "Argument" not in text) if expected else not text
