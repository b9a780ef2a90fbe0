"""How others followed the same change, found in real histories."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_llvmgate.kinds.catalogue import API_REMOVED, HEADER_MISSING, NETWORK
from pytest_llvmgate.kinds.facts import CULPRIT, MIGRATION, NAME, NAMES, SCOPE
from pytest_llvmgate.model import Finding, Layer
from pytest_llvmgate.upstream.migrations import MigrationSearch, add_migrations, entity_of
from tests.unit.git_kit import Repo


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))


def gone(name: str = "getEncoding", **facts: str) -> Finding:
    return Finding(
        kind=API_REMOVED, identifier=f"mlir::{name}", headline=f"'{name}' is gone", facts={NAME: name, **facts}
    )


def history(path: Path, *texts: str, name: str = "lib/a.cpp") -> Repo:
    repo = Repo(path)
    for number, text in enumerate(texts):
        repo.commit({name: text}, message=f"Commit {number}")
    return repo


def search(**more: object) -> MigrationSearch:
    return MigrationSearch(deadline=time.monotonic() + 60, **more)  # type: ignore[arg-type]


OLD = "int before;\nint a = getEncoding(1);\nint after;\n"
NEW = OLD.replace("getEncoding(1)", "getLevel(1, true)")


def test_a_sibling_s_change_is_shown_with_the_finding(tmp_path: Path) -> None:
    history(tmp_path / "circt", OLD, NEW)
    (finding,) = add_migrations([gone()], clone=None, siblings=[tmp_path / "circt"])
    lines = finding.facts[MIGRATION].split("\n")
    assert lines[0].startswith("circt ")
    assert lines[0].endswith("did it in lib/a.cpp:")
    assert lines[1:] == ["- int a = getEncoding(1);", "+ int a = getLevel(1, true);"]
    assert finding.advice[-3:] == tuple(lines)


def test_the_culprit_s_own_users_come_first(tmp_path: Path) -> None:
    llvm = history(tmp_path / "llvm-project", OLD, NEW)
    history(tmp_path / "circt", OLD, NEW)
    found = search(clone=llvm.path, siblings=(tmp_path / "circt",)).of(gone(**{CULPRIT: llvm.git("rev-parse", "HEAD")}))
    assert [(one.project, one.is_culprit) for one in found] == [("LLVM", True), ("circt", False)]


def test_a_longer_word_is_another_word(tmp_path: Path) -> None:
    history(tmp_path / "circt", "int getEncodingOf();\n", "int getLevelOf();\n")
    assert search(siblings=(tmp_path / "circt",)).of(gone()) == ()


def test_names_that_are_one_cause_are_all_searched_for(tmp_path: Path) -> None:
    history(tmp_path / "circt", "int a = getOne(1);\n\nint b = getTwo(2);\n", "int a = get(1);\n\nint b = get(2);\n")
    found = search(siblings=(tmp_path / "circt",)).of(gone("getOne", **{NAMES: "getOne, getTwo"}))
    assert {one.change.before for one in found} == {"int a = getOne(1);", "int b = getTwo(2);"}


def test_what_was_found_is_not_searched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history(tmp_path / "circt", OLD, NEW)
    first = search(siblings=(tmp_path / "circt",)).of(gone())
    monkeypatch.setattr(MigrationSearch, "_git", lambda *_: pytest.fail("git was asked again"))
    assert search(siblings=(tmp_path / "circt",)).of(gone()) == first != ()


def test_a_cache_that_is_torn_is_made_anew(tmp_path: Path) -> None:
    history(tmp_path / "circt", OLD, NEW)
    first = search(siblings=(tmp_path / "circt",)).of(gone())
    for cached in (tmp_path / "cache/migrations").iterdir():
        cached.write_text(cached.read_text()[:-1])
    assert search(siblings=(tmp_path / "circt",)).of(gone()) == first != ()


def test_a_sibling_that_is_no_repository_has_no_examples(tmp_path: Path) -> None:
    assert search(siblings=(tmp_path,)).of(gone()) == ()


def test_out_of_time_nothing_is_asked_nor_remembered(tmp_path: Path) -> None:
    history(tmp_path / "circt", OLD, NEW)
    assert MigrationSearch(siblings=(tmp_path / "circt",), deadline=0.0).of(gone()) == ()
    assert search(siblings=(tmp_path / "circt",)).of(gone()) != ()


def test_commits_that_say_that_they_follow_llvm_come_first(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "circt")
    repo.commit({"a.cpp": OLD, "b.cpp": OLD}, message="Begin")
    repo.commit({"a.cpp": NEW}, message="Bump LLVM")
    repo.commit({"b.cpp": "int b;\n"}, message="Tidy")
    assert {one.title for one in search(siblings=(tmp_path / "circt",)).of(gone())} == {"Bump LLVM"}


@pytest.mark.parametrize(
    "title", ["fix build with latest LLVM", "[clang compat] Use the new name", "Port to LLVM 16.0", "Support LLVM-19"]
)
def test_projects_say_in_many_ways_that_they_follow_llvm(tmp_path: Path, title: str) -> None:
    repo = Repo(tmp_path / "iwyu")
    repo.commit({"a.cpp": OLD}, message="Begin")
    repo.commit({"a.cpp": NEW}, message=title)
    assert [one.is_follower for one in search(siblings=(tmp_path / "iwyu",)).of(gone())] == [True]


def test_a_follower_that_keeps_the_word_shows_nothing_of_what_became_of_it(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "circt")
    repo.commit({"a.cpp": OLD}, message="Begin")
    repo.commit({"a.cpp": OLD.replace("int a", "auto a")}, message="Bump LLVM")
    assert search(siblings=(tmp_path / "circt",)).of(gone()) == ()


def test_what_came_before_a_day_does_not_count_where_one_is_given(tmp_path: Path) -> None:
    history(tmp_path / "circt", OLD, NEW)
    assert search(siblings=(tmp_path / "circt",), since="2026-01-02").of(gone()) == ()


def test_nothing_of_a_history_reaches_git_as_an_option(tmp_path: Path) -> None:
    llvm = history(tmp_path / "llvm", OLD, NEW)
    target = tmp_path / "written"
    assert search(clone=llvm.path).of(gone(**{CULPRIT: f"--output={target}"})) == ()
    assert not target.exists()


@pytest.mark.parametrize(
    ("finding", "word"),
    [
        (gone("create"), "create"),
        (gone("build", **{SCOPE: "mlir::arith::AddIOp"}), "AddIOp"),
        (gone("~Foo"), "Foo"),
        (gone("operator=="), ""),
        (gone("x"), ""),
        (gone("-O"), ""),
        (Finding(kind=HEADER_MISSING, identifier="mlir/IR/A.h", headline=""), "mlir/IR/A.h"),
        (Finding(kind=NETWORK, identifier="github.com", headline="", layer=Layer.MACHINE), ""),
    ],
)
def test_the_word_to_search_for_is_the_entity_s_own(finding: Finding, word: str) -> None:
    assert entity_of(finding) == word
