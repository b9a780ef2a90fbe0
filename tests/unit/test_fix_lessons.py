"""What siblings' histories teach about one error, and what of it is no help."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_llvmgate.fix.cures import Cabinet
from pytest_llvmgate.fix.lessons import Lessons, branched
from pytest_llvmgate.fix.own_headers import OwnHeaders
from pytest_llvmgate.fix.unit_check import ErrorPlace, Trouble
from pytest_llvmgate.kinds.catalogue import API_REMOVED
from pytest_llvmgate.kinds.facts import NAME, SCOPE
from pytest_llvmgate.surface.entity_fates import SurfaceDifference
from pytest_llvmgate.surface.llvm_surface import Surface, surface_of_install
from pytest_llvmgate.upstream.migrations import MigrationSearch
from tests.unit.git_kit import Repo

CODE = "int f(Type t) { return t.getEncoding(); }\n"


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))


def surface(directory: Path, **headers: str) -> Surface:
    for name, text in headers.items():
        path = directory / "include/mlir" / f"{name}.h"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#pragma once\nnamespace mlir {{\n{text}\n}}\n")
    return surface_of_install((directory,))


def taught(tmp_path: Path, new: str, *, original: str = CODE, candidate: Surface | None = None) -> list[str]:
    """Rules of a sibling in whose followers' commit `t.getEncoding()` became `new`."""
    repo = Repo(tmp_path / "circt")
    repo.commit({"a.cpp": "int b = x.getEncoding();\n"}, message="Begin")
    repo.commit({"a.cpp": f"int b = {new};\n"}, message="Bump LLVM")
    lessons = Lessons(
        search=MigrationSearch(siblings=(repo.path,), deadline=time.monotonic() + 60),
        difference=SurfaceDifference(candidate=candidate),
        original=lambda _: original,
    )
    place = ErrorPlace(path="a.cpp", line=1, column=26)
    facts = {NAME: "getEncoding", SCOPE: "mlir::Type"}
    trouble = Trouble(kind=API_REMOVED, identifier="mlir::Type::getEncoding", message="", facts=facts, place=place)
    return [str(rule) for rule in lessons.about(trouble, place, CODE)]


def test_one_example_of_a_follower_of_llvm_is_enough(tmp_path: Path) -> None:
    assert taught(tmp_path, "x.getLevel()") == ["getEncoding -> getLevel"]


def test_nothing_is_learned_of_a_name_that_an_edit_brought(tmp_path: Path) -> None:
    """It is wrong, and what others did about it is no help."""
    assert taught(tmp_path, "x.getLevel()", original=CODE.replace("Encoding", "Other")) == []


def test_what_only_the_sibling_has_is_no_cure(tmp_path: Path) -> None:
    candidate = surface(tmp_path / "llvm", T="struct Type { int getLevel(); };")
    assert taught(tmp_path, "ours::levelOf(x)", candidate=candidate) == []


def test_a_member_becomes_a_member_of_its_class(tmp_path: Path) -> None:
    candidate = surface(tmp_path / "llvm", T="struct Type { int getLevel(); };\nstruct Other { int getDepth(); };")
    assert taught(tmp_path, "x.getDepth()", candidate=candidate) == []


def test_of_a_name_that_llvm_documents_its_own_word_is_tried_before_a_sibling_s(tmp_path: Path) -> None:
    """One project had no use for the pointer any more: that says nothing of what the name means."""
    code = "Type *f(Context c) { return Type::getInt8PtrTy(c); }\n"
    repo = Repo(tmp_path / "circt")
    repo.commit({"a.cpp": "auto t = Type::getInt8PtrTy(c);\n"}, message="Begin")
    repo.commit({"a.cpp": "auto t = Type::getInt8Ty(c);\n"}, message="Bump LLVM")
    search = MigrationSearch(siblings=(repo.path,), deadline=time.monotonic() + 60)
    lessons = Lessons(search=search, difference=SurfaceDifference(), original=lambda _: code)
    facts = {NAME: "getInt8PtrTy", SCOPE: "llvm::Type"}
    place = ErrorPlace(path="a.cpp", line=1, column=35)
    trouble = Trouble(kind=API_REMOVED, identifier="llvm::Type::getInt8PtrTy", message="", facts=facts, place=place)
    tried = [one.what for one in Cabinet(lessons=lessons).cures(trouble, code)]
    assert tried[0] == "Type::getInt8PtrTy($c) -> PointerType::getUnqual($c)"
    assert "getInt8PtrTy -> getInt8Ty" in tried


@pytest.mark.parametrize(("major", "day"), [(13, "2021-07-01"), (16, "2023-01-01"), (22, "2026-01-01")])
def test_what_came_after_a_release_was_followed_after_its_branch(tmp_path: Path, major: int, day: str) -> None:
    config = tmp_path / "include/llvm/Config/llvm-config.h"
    config.parent.mkdir(parents=True)
    config.write_text(f"#define LLVM_VERSION_MAJOR {major}\n")
    assert branched(surface_of_install((tmp_path,))) == day


def test_of_an_llvm_that_does_not_say_which_it_is_no_day_is_known(tmp_path: Path) -> None:
    assert branched(surface(tmp_path, T="int x();")) == branched(None) == ""


OLD = """struct Bag {
  void add(unsigned at, int kind);
  void drop(unsigned at);
  int front() const;
};
enum Kind { Kept };
inline void a(Bag *bag) { bag->add(Bag::Whole, 1); }
inline void b(Bag *bag) { bag->add(Bag::Whole, 2); }
inline void c(Bag *bag, unsigned n) { bag->drop(n); }
inline int d(Bag *bag) { return bag->front(); }
inline int e(Bag *bag) { return bag->front() + 1; }
inline int f() { return Kept; }
inline int g() { return Kept + 1; }
"""
NEW = """struct Bag {
  void addWhole(int kind);
  void dropAll();
  int first() const;
};
enum Kind { Held };
inline void a(Bag *bag) { bag->addWhole(1); }
inline void b(Bag *bag) { bag->addWhole(2); }
inline void c(Bag *bag, unsigned n) { bag->dropAll(); }
inline int d(Bag *bag) { return bag->first(); }
inline int e(Bag *bag) { return bag->first() + 1; }
inline int f() { return Held; }
inline int g() { return Held + 1; }
"""


def own(tmp_path: Path, word: str) -> list[str]:
    difference = SurfaceDifference(
        baseline=surface(tmp_path / "old", Bag=OLD), candidate=surface(tmp_path / "new", Bag=NEW)
    )
    return [str(rule) for rule in OwnHeaders(difference=difference).rules(word)]


def test_what_llvms_own_inline_functions_do_now_is_a_rule(tmp_path: Path) -> None:
    """A call with one certain argument is another function than the rest of the calls."""
    assert own(tmp_path, "add")[0] == "add(Bag::Whole, $1) -> addWhole($1)"


def test_a_function_that_two_inline_functions_call_otherwise_has_a_new_name(tmp_path: Path) -> None:
    assert own(tmp_path, "front") == ["front -> first"]


def test_what_one_place_calls_its_own_says_nothing_of_other_places(tmp_path: Path) -> None:
    """There it was the variable ``n``; what is called ``n`` elsewhere is another thing."""
    assert own(tmp_path, "drop") == []


def test_what_an_enumerator_is_called_now_is_not_told_by_its_users(tmp_path: Path) -> None:
    """It may be another value, with another meaning."""
    assert own(tmp_path, "Kept") == []


def test_own_headers_are_asked_about_what_is_gone(tmp_path: Path) -> None:
    lessons = Lessons(
        search=MigrationSearch(deadline=time.monotonic() + 60),
        difference=SurfaceDifference(
            baseline=surface(tmp_path / "old", Bag=OLD), candidate=surface(tmp_path / "new", Bag=NEW)
        ),
        original=lambda _: "add",
    )
    facts = {NAME: "add", SCOPE: "mlir::Bag"}
    trouble = Trouble(kind=API_REMOVED, identifier="mlir::Bag::add", message="", facts=facts)
    found = [str(rule) for rule in lessons.about(trouble, ErrorPlace(path="a.cpp", line=1), "b->add(Bag::Whole, 3);")]
    assert found[:1] == ["add(Bag::Whole, $1) -> addWhole($1)"]
