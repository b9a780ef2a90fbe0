"""Names that LLVM still has, reached in another way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_fix_by_headers import _own_cache, mended

__all__ = ["_own_cache"]


@pytest.mark.parametrize(
    ("code", "now"),
    [
        ("c.topDown = n > 1;", "c.setTopDown(n > 1);"),
        ("p->topDown = true;", "p->setTopDown(true);"),
        ("return c.topDown;", "return c.getTopDown();"),
    ],
)
def test_a_field_that_became_private_is_reached_by_its_accessors(tmp_path: Path, code: str, now: str) -> None:
    before = "struct Config { bool topDown; };"
    after = "class Config {\n  bool topDown;\npublic:\n  bool getTopDown();\n  Config &setTopDown(bool to = true);\n};"
    unit = f"using mlir::Config;\nbool f(Config c, Config *p, int n) {{\n  {code}\n  return false;\n}}\n"
    assert now in mended(tmp_path, before, after, unit)


def test_a_function_that_became_a_member_is_called_on_its_first_argument(tmp_path: Path) -> None:
    before, after = "struct Type {};\nint strides(Type t, int n);", "struct Type { int strides(int n); };"
    unit = "int f(mlir::Type t) { return mlir::strides(t, 2); }\n"
    assert "return t.strides(2);" in mended(tmp_path, before, after, unit)


def test_a_member_that_became_a_function_is_given_its_object(tmp_path: Path) -> None:
    before, after = "struct Type { int strides(int n); };", "struct Type {};\nint strides(Type t, int n);"
    unit = "int f(mlir::Type t) { return t.strides(2); }\n"
    assert "return mlir::strides(t, 2);" in mended(tmp_path, before, after, unit)


def test_a_member_s_overload_that_became_a_function_is_given_its_object(tmp_path: Path) -> None:
    """The member itself is there with more arguments, and so is a function for something else."""
    rest = "int toText(Type *t);"
    before = f"struct Type {{ int toText(int n); void toText(char *to, int n, int m); }};\n{rest}"
    after = (
        f"struct Type {{ void toText(char *to, int n, int m); }};\n{rest}\nint toText(const Type &t, int n, int w = 0);"
    )
    unit = "int f(mlir::Type t) { return t.toText(2); }\n"
    assert "return mlir::toText(t, 2);" in mended(tmp_path, before, after, unit)


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("enum Form { FT_Object };", "enum class Form { Object };", "mlir::FT_Object", "mlir::Form::Object"),
        (
            "struct L { enum Kind { Wide }; };",
            "enum class LKind { Wide }; struct L {};",
            "mlir::L::Wide",
            "mlir::LKind::Wide",
        ),
        (
            "namespace Opt {\nenum Level { None, Less };\n}",
            "namespace Opt {}\nenum class OptLevel { None, Less };",
            "mlir::Opt::None",
            "mlir::OptLevel::None",
        ),
        ("enum Lang { lang_cxx };", "enum class Lang { CXX };", "mlir::lang_cxx", "mlir::Lang::CXX"),
    ],
    ids=["prefix", "class", "namespace", "case"],
)
def test_an_enumerator_is_called_by_its_scoped_enumeration(
    tmp_path: Path, before: str, after: str, old: str, new: str
) -> None:
    unit = f"auto f() {{ return {old}; }}\n"
    assert f"return {new};" in mended(tmp_path, before, after, unit)


def test_a_header_that_went_into_the_standard_library_is_that_one(tmp_path: Path) -> None:
    unit = '#include "llvm/ADT/Optional.h"\nstd::optional<int> f() { return 1; }\n'
    header = "inline int other();"
    assert "#include <optional>\n" in mended(tmp_path, header, header, unit, headers={"llvm/ADT/ArrayRef.h": ""})


@pytest.mark.parametrize(
    ("inside", "is_asked"), [("const Entry &getEntry();", True), ("const Entry &getParent();", False)]
)
def test_a_reference_s_object_is_asked_for_what_only_that_has(tmp_path: Path, inside: str, is_asked: bool) -> None:
    entry = "struct Entry { int path(int) const; };"
    before = f"{entry} struct EntryRef {{ int name(); }}; Entry &first();"
    after = f"{entry} struct EntryRef {{ int name(); {inside} }}; EntryRef first();"
    text = mended(tmp_path, before, after, "int f() { return mlir::first().path(1); }\n")
    assert ("mlir::first().getEntry().path(1)" in text) is is_asked


@pytest.mark.parametrize(
    ("returned", "held"), [("Options &", "auto &o = mlir::get();"), ("Handle ", "auto o = mlir::get();")]
)
def test_what_is_returned_by_reference_now_is_not_copied(tmp_path: Path, returned: str, held: str) -> None:
    common = "struct Options { int level; }; struct Handle { int &level; };"
    before, after = f"{common} Options *get();", f"{common} {returned}get();"
    unit = "void f() {\n  auto o = mlir::get();\n  o->level = 1;\n  o->level = 2;\n}\n"
    text = mended(tmp_path, before, after, unit)
    assert held in text
    assert "o.level = 2;" in text


def test_what_is_returned_by_reference_is_not_copied_whatever_is_called_for_its_arguments(tmp_path: Path) -> None:
    common = "struct Options { int level; }; int which();"
    before, after = f"{common} Options *get(int);", f"{common} Options &get(int);"
    unit = "void f() {\n  auto o = mlir::get(mlir::which());\n  o->level = 1;\n}\n"
    assert "auto &o = mlir::get(mlir::which());" in mended(tmp_path, before, after, unit)


def test_an_edit_whose_statement_does_not_compile_then_is_not_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it uncovers at its own place is another change of LLVM's, for which there is no cure."""
    before = "struct Options { int depth(int n); }; Options *get();"
    after = "struct Options { char unlike; }; Options &get();"
    assert not mended(tmp_path, before, after, "int f() { return mlir::get()->depth(1); }\n")
    told = capsys.readouterr().out
    assert "Cured" not in told
    assert "has no member named 'depth'" in told
