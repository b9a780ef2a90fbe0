"""Cures of what a class was derived from, what a call hands in, and of options and cases that nothing took over."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.fix.signatures import Parameter, rearranged
from tests.unit.test_fix_by_headers import _own_cache, mended

__all__ = ["_own_cache"]

_CALLS = "void run();\n  void addEverythingToIt(int);\n  int countAllOfThem();\n  bool isReadyToGo();"
_MACHINE = f"struct {{0}} {{{{\n  {{0}}(int);\n  {_CALLS}\n}}}};"


def test_a_base_class_under_a_new_name_is_known_by_its_members(tmp_path: Path) -> None:
    text = mended(
        tmp_path,
        _MACHINE.format("Machine"),
        f"struct Other {{ {_CALLS[:11]} }};\n{_MACHINE.format('CodeMachine')}",
        "struct Mine : mlir::Machine {\n  Mine() : Machine(3) {}\n};\n",
    )
    assert "struct Mine : mlir::CodeMachine" in text
    assert "Mine() : CodeMachine(3)" in text


def test_a_lambda_takes_what_it_is_called_with_now(tmp_path: Path) -> None:
    callback = "struct Passes {{}}; enum class Phase {{ Early }};\nvoid onEnd(std::function<void(Passes &, int{0})>);"
    std = "}\n#include <functional>\nnamespace mlir {\n"
    unit = "void f() { mlir::onEnd([](mlir::Passes &passes, int level) { (void)level; }); }\n"
    text = mended(tmp_path, std + callback.format(""), std + callback.format(", Phase"), unit)
    assert "mlir::onEnd([](mlir::Passes &passes, int level, mlir::Phase)" in text


def test_an_option_that_nothing_took_over_is_not_set(tmp_path: Path) -> None:
    before, after = "struct TargetOptions { bool Fast; bool Printing; };", "struct TargetOptions { bool Fast; };"
    unit = "void f(mlir::TargetOptions &o) {\n  o.Printing = true;\n  o.Fast = true;\n}\n"
    assert "{\n  o.Fast = true;\n}" in mended(tmp_path, before, after, unit)


def test_an_option_that_is_set_on_a_condition_leaves_the_condition_nothing(tmp_path: Path) -> None:
    before, after = "struct TargetOptions { bool Fast; bool Printing; };", "struct TargetOptions { bool Fast; };"
    unit = "void f(mlir::TargetOptions &o, int a) {\n  if (a)\n    o.Printing = true;\n  o.Fast = true;\n}\n"
    assert "  if (a)\n;\n  o.Fast = true;\n" in mended(tmp_path, before, after, unit)


def test_a_field_that_is_no_option_is_left(tmp_path: Path) -> None:
    before, after = "struct Node { int id; bool seen; };", "struct Node { int id; };"
    assert not mended(tmp_path, before, after, "void f(mlir::Node &n) {\n  n.seen = true;\n}\n")


def test_a_case_of_a_value_that_is_gone_goes_with_what_it_did(tmp_path: Path) -> None:
    before, after = "enum Kind { One, Two };", "enum Kind { One };"
    unit = (
        "int f(mlir::Kind k) {\n  switch (k) {\n  case mlir::One:\n    return 1;\n"
        "  case mlir::Two:\n    return 2;\n  }\n  return 0;\n}\n"
    )
    assert "    return 1;\n  }\n" in mended(tmp_path, before, after, unit)


def test_a_case_that_another_falls_into_is_left(tmp_path: Path) -> None:
    before, after = "enum Kind { One, Two };", "enum Kind { One };"
    unit = (
        "int f(mlir::Kind k) {\n  int n = 0;\n  switch (k) {\n  case mlir::One:\n    n = 1;\n"
        "  case mlir::Two:\n    return n;\n  }\n  return 0;\n}\n"
    )
    assert not mended(tmp_path, before, after, unit)


def test_of_two_classes_of_one_name_the_declared_one_is_included(tmp_path: Path) -> None:
    before = "struct Target { int n; };"
    text = mended(
        tmp_path,
        before,
        "struct Target;",
        "int f(mlir::Target &t) { return t.n; }\n",
        headers={
            "mlir/A.h": "#pragma once\nnamespace mlir { namespace macho { struct Target { int n; }; } }\n",
            "mlir/Target/Whole.h": "#pragma once\nnamespace mlir { struct Target { int n; }; }\n",
        },
    )
    assert '#include "mlir/Target/Whole.h"' in text
    assert "mlir/A.h" not in text


def test_a_lambda_is_called_by_its_place_in_the_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = "}}\n#include <functional>\nnamespace mlir {{\nvoid onEnd(std::function<void(int{0})>);"
    unit = "void f() { mlir::onEnd([](int n, int *p) {}); }\n"
    assert not mended(tmp_path, header.format(", int *"), header.format(""), unit)
    assert "llvmgate-" not in capsys.readouterr().out.partition("patch:")[0]


def test_a_constructor_is_not_left_without_what_it_was_given(tmp_path: Path) -> None:
    """``Layout(module)`` described the module; ``Layout()`` compiles and describes none."""
    common = "struct Module {{ int text; }};\nstruct Layout {{\n  explicit Layout(int);\n  {0}\n}};"
    before, after = common.format("explicit Layout(const Module *);"), common.format("Layout();")
    assert not mended(tmp_path, before, after, "mlir::Layout *f(mlir::Module *m) { return new mlir::Layout(m); }\n")


def test_no_argument_is_given_twice_in_place_of_another_one() -> None:
    """``alignTo(uint64_t Size, Align A)`` beside ``alignTo(uint64_t Value, uint64_t Align)``."""
    old = [Parameter(type=("uint64_t",), name="Size"), Parameter(type=("Align",), name="A")]
    new = [Parameter(type=("uint64_t",), name="Value"), Parameter(type=("uint64_t",), name="Align")]
    assert rearranged(old, new, ["size", "align"]) is None


@pytest.mark.parametrize(
    "made",
    ["mlir::Expander x({});", "mlir::Expander x{{{}}};", "auto x = std::make_unique<mlir::Expander>({});"],
    ids=["variable", "in braces", "owned"],
)
def test_what_a_constructor_no_longer_asks_for_is_not_given_to_a_variable(tmp_path: Path, made: str) -> None:
    std = "}\n#include <memory>\nnamespace mlir {\nstruct Scalars {}; struct Layout {};\n"
    before, after = (
        f"{std}struct Expander {{ Expander(Scalars &s, {gone}const char *name); }};"
        for gone in ("const Layout &l, ", "")
    )
    unit = f"void f(mlir::Scalars &s, mlir::Layout &l) {{\n  {made.format('s, l, %s')}\n}}\n".replace("%s", '"n"')
    assert made.format('s, "n"') in mended(tmp_path, before, after, unit)


def test_a_variable_that_is_left_without_arguments_does_not_become_a_function(tmp_path: Path) -> None:
    before, after = (
        f"struct Held {{}};\nstruct Guard {{ Guard({held}bool quiet = false); }};" for held in ("Held &held, ", "")
    )
    unit = "void f(mlir::Held &held) {\n  mlir::Guard guard(held);\n}\n"
    assert "guard()" not in mended(tmp_path, before, after, unit)
