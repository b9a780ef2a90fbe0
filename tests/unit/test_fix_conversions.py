"""Values that no longer convert to what LLVM takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_fix_by_headers import _own_cache, mended

__all__ = ["_own_cache"]

THING = "struct Thing {};\n"


@pytest.mark.parametrize(
    ("before", "after", "call", "now"),
    [
        ("Thing &t, int n", "Thing *t, int n", "mlir::take(a, 1)", "mlir::take(&a, 1)"),
        ("Thing *t, int n", "Thing &t, int n", "mlir::take(&a, 1)", "mlir::take(a, 1)"),
        ("int n, Thing *t", "int n, Thing &t", "mlir::take(1, p)", "mlir::take(1, *p)"),
        ("int n, Thing *t", "int n, Thing &t", "mlir::take(1, more(p))", "mlir::take(1, *more(p))"),
    ],
    ids=["address", "object", "pointer", "called"],
)
def test_a_pointer_is_given_where_one_is_taken_now(
    tmp_path: Path, before: str, after: str, call: str, now: str
) -> None:
    unit = f"using T = mlir::Thing;\nT *more(T *);\nint f(T a, T *p) {{ return {call}; }}\n"
    old, new = (f"{THING}int take({one});" for one in (before, after))
    assert f"return {now};" in mended(tmp_path, old, new, unit)


def test_a_class_that_is_made_explicitly_is_made_so(tmp_path: Path) -> None:
    types = "struct Triple { explicit Triple(const char *); };\n"
    before, after = f"{types}void aim(const char *at);", f"{types}void aim(Triple at);"
    unit = 'void f() { mlir::aim("x86"); }\n'
    assert 'mlir::aim(mlir::Triple("x86"));' in mended(tmp_path, before, after, unit)


def test_a_switch_that_became_a_level_is_set_to_one(tmp_path: Path) -> None:
    levels = "enum class GreedySimplifyRegionLevel { Disabled, Normal, Aggressive };\n"
    before, after = (f"{levels}struct Config {{ {kind} simplify; }};" for kind in ("bool", "GreedySimplifyRegionLevel"))
    unit = "void f(mlir::Config c) { c.simplify = false; }\n"
    assert "c.simplify = mlir::GreedySimplifyRegionLevel::Disabled;" in mended(tmp_path, before, after, unit)


def test_what_is_made_on_the_spot_is_not_lost_for_a_reference(tmp_path: Path) -> None:
    before, after = f"{THING}int take(Thing *t);", f"{THING}int take(Thing &t);"
    assert not mended(tmp_path, before, after, "int f() { return mlir::take(new mlir::Thing()); }\n")


def test_a_class_of_that_name_elsewhere_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither of the value, nor of another argument that a constructor's note seems to count."""
    types = (
        "enum Kind { NoAlias };\nstruct Impl;\nstruct Attribute { Attribute(Impl *); };\n"
        "namespace tblgen { struct Attribute { explicit Attribute(const Impl *); }; }\n"
    )
    before, after = f"{types}void add(int at, Kind kind);", f"{types}void add(int at, Attribute what);"
    assert not mended(tmp_path, before, after, "void f() { mlir::add(0, mlir::NoAlias); }\n")
    assert "(1 compilations" in capsys.readouterr().out


def test_of_two_classes_of_one_name_the_one_that_is_asked_for_is_made(tmp_path: Path) -> None:
    types = (
        "struct Target { explicit Target(const char *); };\n"
        "namespace tblgen { struct Target { Target(const char *); }; }\n"
    )
    before, after = f"{types}void aim(const char *at);", f"{types}void aim(mlir::Target at);"
    assert 'mlir::aim(mlir::Target("x86"));' in mended(tmp_path, before, after, 'void f() { mlir::aim("x86"); }\n')


def test_a_constructor_of_a_pointer_is_not_given_a_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    types = "struct Impl;\nstruct Attribute { explicit Attribute(const Impl *); };\nenum Kind { NoAlias };\n"
    before, after = f"{types}void add(Kind kind);", f"{types}void add(Attribute what);"
    assert not mended(tmp_path, before, after, "void f() { mlir::add(mlir::NoAlias); }\n")
    assert "(1 compilations" in capsys.readouterr().out
