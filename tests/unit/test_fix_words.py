"""Names that the baseline has not, or without a baseline: told by their words, in the candidate and by the compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.fix.cures import Cabinet
from pytest_llvmgate.fix.unit_check import ErrorPlace, Trouble
from pytest_llvmgate.kinds.catalogue import API_REMOVED
from pytest_llvmgate.kinds.facts import NAME, SCOPE
from pytest_llvmgate.surface.entity_fates import SurfaceDifference
from pytest_llvmgate.surface.likeness import is_said_otherwise, keeps_its_words
from tests.unit.test_fix_by_headers import _own_cache, mended
from tests.unit.test_fix_lessons import surface

__all__ = ["_own_cache"]


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [
        ("hasParamAttribute", "hasParamAttr", True),
        ("getFnAttributes", "getFnAttrs", True),
        ("find_lower", "find_insensitive", True),
        ("getUser", "getUsers", False),
        ("isState", "isStatic", False),
        ("addParam", "addParallel", False),
        ("getNumArgOperands", "getNumOperands", False),
    ],
)
def test_a_name_is_the_same_word_by_word(old: str, new: str, is_same: bool) -> None:
    assert is_said_otherwise(old, new) is is_same


@pytest.mark.parametrize(
    ("old", "new", "is_kept"),
    [
        ("createLinalgGeneralizationPass", "createLinalgGeneralizeNamedOpsPass", True),
        ("GeneralCategory", "getGeneralCategory", False),
        ("getNumArgOperands", "getNumOperands", False),
        ("getName", "tryGetRealPathName", False),
    ],
)
def test_a_name_that_says_more_begins_alike_and_leaves_nothing_out(old: str, new: str, is_kept: bool) -> None:
    assert keeps_its_words(old, new) is is_kept


def test_a_member_that_went_before_the_baseline_is_known_by_its_words(tmp_path: Path) -> None:
    text = "struct Text { int find_insensitive(char c); int find(char c); };"
    assert "t.find_insensitive('a')" in mended(
        tmp_path, text, text, "int f(mlir::Text t) { return t.find_lower('a'); }\n"
    )


def test_a_variable_that_is_got_of_a_function_now_is_got_of_it(tmp_path: Path) -> None:
    text = "namespace cl { struct Category {}; Category &getGeneralCategory(); }"
    unit = "mlir::cl::Category &f() { return mlir::cl::GeneralCategory; }\n"
    assert "return mlir::cl::getGeneralCategory();" in mended(tmp_path, text, text, unit)


def test_a_member_of_fewer_words_is_no_other_name_for_it(tmp_path: Path) -> None:
    """An operand is no argument: the compiler would take it."""
    text = "struct Call { int getNumOperands(); };"
    assert not mended(tmp_path, text, text, "int f(mlir::Call c) { return c.getNumArgOperands(); }\n")


@pytest.mark.parametrize(("others", "is_mended"), [("", True), ("int makeSimpleSoup();", False)])
def test_a_word_by_which_functions_are_told_apart_is_not_added(tmp_path: Path, others: str, is_mended: bool) -> None:
    text = f"int makeSimpleFruitSalad();\n{others}"
    unit = "int f() { return mlir::makeFruitSalad(); }\n"
    assert ("makeSimpleFruitSalad" in mended(tmp_path, text, text, unit)) is is_mended


def test_a_class_that_lies_outside_of_its_class_now_is_found_there(tmp_path: Path) -> None:
    after = "class Level { int x; };\nstruct Builder {};"
    before = "struct Builder { class Level { int x; }; };"
    unit = "void f(mlir::Builder::Level level) {}\n"
    assert "void f(mlir::Level level)" in mended(tmp_path, before, after, unit)


def test_a_member_that_went_before_the_baseline_is_a_function_outside(tmp_path: Path) -> None:
    text = "struct Int {};\nint toText(Int i, unsigned radix);"
    assert "mlir::toText(i, 10)" in mended(tmp_path, text, text, "int f(mlir::Int i) { return i.toText(10); }\n")


@pytest.mark.parametrize(
    ("front", "is_tried"), [("using namespace mlir;", False), ("namespace mlir { struct A; }", True), ("", True)]
)
def test_a_name_is_not_qualified_where_its_namespace_is_open(tmp_path: Path, front: str, is_tried: bool) -> None:
    """It would come along with whatever mends the place."""
    candidate = surface(tmp_path / "llvm", Sum="int sum(int a);")
    text = f"{front}\nint f() {{ return sum(1); }}\n"
    place = ErrorPlace(path="a.cpp", line=2, column=18)
    trouble = Trouble(kind=API_REMOVED, identifier="sum", message="", facts={NAME: "sum"}, place=place)
    tried = [one.what for one in Cabinet(difference=SurfaceDifference(candidate=candidate)).cures(trouble, text)]
    assert ("sum -> mlir::sum" in tried) is is_tried


def test_a_value_that_is_called_alike_is_another_value(tmp_path: Path) -> None:
    candidate = surface(tmp_path / "llvm", Kind="enum class Kind { Mod, Ref, ModRefInArgs };")
    text = "mlir::Kind f() { return mlir::Kind::ModRefInArg; }\n"
    facts = {NAME: "ModRefInArg", SCOPE: "mlir::Kind"}
    place = ErrorPlace(path="a.cpp", line=1, column=37)
    trouble = Trouble(kind=API_REMOVED, identifier="ModRefInArg", message="", facts=facts, place=place)
    assert not [*Cabinet(difference=SurfaceDifference(candidate=candidate)).cures(trouble, text)]


def test_a_lambda_has_the_parameters_of_a_function_type_s_alias(tmp_path: Path) -> None:
    base = (
        "}}\ntemplate <typename T> struct unique_function;\n"
        "template <typename R, typename... P> struct unique_function<R(P...)> {{\n"
        "  template <typename C> unique_function(C c, decltype(c(P()...)) * = nullptr) {{}}\n}};\n"
        "namespace mlir {{\nstruct Buffer {{}};\nusing Maker = unique_function<int({0})>;\nvoid layer(Maker make);"
    )
    unit = "void f() { mlir::layer([]() { return 1; }); }\n"
    assert "[](mlir::Buffer) { return 1; }" in mended(tmp_path, base.format(""), base.format("Buffer"), unit)
