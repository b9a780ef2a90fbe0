"""Cures that the baseline's own header tells: what a function handed on to, and which new name is the old one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_fix_by_headers import _own_cache, mended

__all__ = ["_own_cache"]


@pytest.mark.parametrize(
    ("before", "after", "code", "now"),
    [
        (
            "struct Num { bool isZero() const;\n  bool isNull() const { return isZero(); } };",
            "struct Num { bool isZero() const; };",
            "bool f(mlir::Num *n, mlir::Num m) { return n->isNull() && m.isNull(); }",
            "n->isZero() && m.isZero()",
        ),
        (
            "struct Aval { int value(); }; struct Num { Aval getA();\n  int getWidth() { return getA().value(); } };",
            "struct Aval { int value(); }; struct Num { Aval getA(); };",
            "int f(mlir::Num n) { return n.getWidth(); }",
            "n.getA().value()",
        ),
        (
            "struct Num { int grow(int by, int times);\n  int more(int by) { return grow(by, 1); } };",
            "struct Num { int grow(int by, int times); };",
            "int f(mlir::Num n) { return n.more(2 + 3); }",
            "n.grow(2 + 3, 1)",
        ),
        (
            "int sum(int a, int b);\ninline int twice(int a) { return sum(a, a); }",
            "int sum(int a, int b);",
            "int f(int x) { return mlir::twice(x); }",
            "mlir::sum(x, x)",
        ),
        (
            "struct Num { bool has(int bit) { return bit; }\n  bool isNull() { return has(7); } };",
            "struct Num { constexpr bool has(int bit) { return bit; } };",
            "bool f(mlir::Num n) { return n.isNull(); }",
            "n.has(7)",
        ),
        ("struct Big {}; using Large = Big;", "struct Big {};", "mlir::Large f();", "mlir::Big f();"),
        ("enum K { Fast, Quick = Fast };", "enum K { Fast };", "int f() { return mlir::Quick; }", "mlir::Fast"),
    ],
)
def test_what_the_old_header_handed_on_to_is_written(
    tmp_path: Path, before: str, after: str, code: str, now: str
) -> None:
    assert now in mended(tmp_path, before, after, f"{code}\n")


@pytest.mark.parametrize(
    ("before", "after", "now"),
    [
        ("bool a; bool isBad() { return a; }", "bool a; bool isPoor() { return a; }", "isPoor"),
        ("void x(); bool isBad(); void y();", "void x(); bool isBadEnough(); bool isOld(); void y();", "isBadEnough"),
        (
            "void x();\n/// Whether any of the parts is broken.\nbool isBad();\nvoid y();",
            "void x();\n/// Whether any of the parts is broken now.\nbool hasRot();\nvoid y();",
            "hasRot",
        ),
    ],
)
def test_a_member_under_a_new_name_is_known_by_its_body_name_or_place(
    tmp_path: Path, before: str, after: str, now: str
) -> None:
    text = mended(
        tmp_path,
        f"struct Num {{\n{before}\n}};",
        f"struct Num {{\n{after}\n}};",
        "bool f(mlir::Num n) { return n.isBad(); }\n",
    )
    assert f"n.{now}()" in text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("struct Num { bool isBad(); };", "struct Num { bool isOld(); };"),
        ("struct Num { int isBad(); };", "struct Num { bool isBadEnough(int most); };"),
        ("struct Num { bool isBad(); };", "struct Num { bool isBadThere(); bool isBadHere(); };"),
        ("struct Num { int n;\n  bool isBad() { return n > 1; } };",
         "struct Num { int n;\n  int size(int most = 1) { return n > 1; } };"),
    ],
)  # fmt: skip
def test_another_member_is_not_taken_for_the_one_that_went(tmp_path: Path, before: str, after: str) -> None:
    assert not mended(tmp_path, before, after, "bool f(mlir::Num n) { return n.isBad(); }\n")


@pytest.mark.parametrize("now", ["Hot, Wet = 1 << 1 };", "Hot };\nenum Mark { Big = 1 << 1 };"])
def test_an_enumerator_of_the_same_value_is_another_one(tmp_path: Path, now: str) -> None:
    before = "struct Num { enum Flag { Hot, Cold = 1 << 1, Wet = 1 << 2 }; };"
    after = f"struct Num {{ enum Flag {{ {now} }};"
    assert not mended(tmp_path, before, after, "int f() { return mlir::Num::Cold; }\n")


def test_a_body_with_signs_of_its_own_is_put_in_brackets(tmp_path: Path) -> None:
    before = "struct Num { bool isOdd();\n  bool isBig();\n  bool isNice() { return isOdd() || isBig(); }\n};"
    unit = "bool f(mlir::Num n) { return !n.isNice(); }\n"
    assert "!(n.isOdd() || n.isBig())" in mended(tmp_path, before, "struct Num { bool isOdd(); bool isBig(); };", unit)


def test_a_word_that_tells_members_apart_makes_another_member(tmp_path: Path) -> None:
    """``addParamMark`` counts otherwise than ``addMark``, whatever it looks like."""
    before = "struct Num {\n  void addParamName(int at);\n  void addMark(int at);\n  void clear();\n};"
    after = "struct Num {\n  void addParamName(int at);\n  void addParamMark(int at);\n  void clear();\n};"
    assert not mended(tmp_path, before, after, "void f(mlir::Num n) { n.addMark(1); }\n")


def test_what_only_stops_the_program_takes_nobody_s_place(tmp_path: Path) -> None:
    before = "struct Num {\n  int count();\n  int size() { return count(); }\n};"
    after = (
        '[[noreturn]] void llvm_unreachable(const char *);\nstruct Num {\n  int count() { llvm_unreachable("no"); }\n};'
    )
    assert not mended(tmp_path, before, after, "int f(mlir::Num n) { return n.size(); }\n")


def test_what_is_handed_on_twice_is_not_done_twice(tmp_path: Path) -> None:
    before = "int sum(int a, int b);\ninline int twice(int a) { return sum(a, a); }"
    assert not mended(tmp_path, before, "int sum(int a, int b);", "int g();\nint f() { return mlir::twice(g()); }\n")


def test_what_the_call_left_out_is_what_the_old_header_put_there(tmp_path: Path) -> None:
    before = (
        "int sum(int first, int second);\ninline int more(int first, int second = 1 + 1) { return sum(second, first); }"
    )
    text = mended(tmp_path, before, "int sum(int first, int second);", "int f() { return mlir::more(3); }\n")
    assert "mlir::sum(1 + 1, 3)" in text


def test_what_is_made_for_an_owner_is_made_by_it(tmp_path: Path) -> None:
    before, after = (
        "struct Job { Job(int); };\nvoid own(Job *job);",
        "struct Job { Job(int); };\nvoid own(std::unique_ptr<Job> job);",
    )
    unit = "#include <memory>\nvoid f() { mlir::own(new mlir::Job(3)); }\n"
    text = mended(
        tmp_path,
        f"}}\n#include <memory>\nnamespace mlir {{\n{before}",
        f"}}\n#include <memory>\nnamespace mlir {{\n{after}",
        unit,
    )
    assert "mlir::own(std::make_unique<mlir::Job>(3));" in text


def test_a_call_of_several_lines_is_right_as_a_whole_or_left(tmp_path: Path) -> None:
    classes = "enum class Kind {{ A }}; struct Attr {{}}; struct Num {{ {0} }};"
    before = classes.format("void addAttribute(int, Attr);\n  void addAttribute(int, Kind);")
    after = classes.format("void addAttributeAtIndex(int, Attr);")
    code = "void f(mlir::Num *n) {\n  n->addAttribute(0,\n                  mlir::Kind::A);\n}\n"
    assert not mended(tmp_path, before, after, code)
    assert not (tmp_path / "build/llvmgate-fix/small.patch").exists()


def test_a_call_whose_argument_does_not_convert_is_written_as_its_own_body_did(tmp_path: Path) -> None:
    """The error names the types alone: the function that took the argument before is the one that is called."""
    gone = "int load(int *at, int offset) { return load(Kind(), at, offset); }\n"
    kept = "struct Kind {};\nstruct Maker {\n  int load(Kind kind, int *at, int offset = 0) { return *at; }\n"
    before, after = kept + gone + "};", kept + "};"
    text = mended(tmp_path, before, after, "int f(mlir::Maker m, int *p) { return m.load(p, 1); }\n")
    assert "m.load(mlir::Kind(), p, 1)" in text
