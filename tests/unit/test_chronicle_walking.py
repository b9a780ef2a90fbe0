"""A history walked once: what stood at a path at each commit that changed anything watched."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_kit import A, B, Repo

from pytest_llvmgate.chronicle import walking
from pytest_llvmgate.chronicle.walking import modules_ever, walk
from pytest_llvmgate.git.repository import Repository

MODULES = '[submodule "llvm"]\n\tpath = llvm\n\turl = https://x/llvm-project\n'


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "wombat")
    made.commit({"a.txt": "1", "README": "x"})
    made.commit({"README": "a title with a form feed \x0c and a line separator"}, message="odd \x0c and \u2028")
    made.commit({".gitmodules": MODULES}, links={"llvm": A}, message="odd \x0c and \u2028 again")
    made.commit({"a.txt": "2"}, links={"llvm": B})
    made.git("rm", "-q", "a.txt")
    made.commit({".gitmodules": ""})
    return made


def test_a_walk_counts_all_and_keeps_what_changed_a_path(repo: Repo) -> None:
    walked = walk(Repository.open(repo.path), repo.head, ["a.txt", "llvm"])
    assert (walked.count, len(walked.moments)) == (5, 4)
    links = walked.entries("llvm")
    assert links is not None
    assert [links[one.commit].sha if one.commit in links else "" for one in walked.moments] == ["", A, B, B]
    texts = walked.entries("a.txt")
    assert texts is not None
    assert [one.commit in texts for one in walked.moments] == [True, True, True, False]
    assert walked.entries("README") is None


def test_a_submodule_that_is_gone_is_among_those_that_ever_were(repo: Repo) -> None:
    assert [module.path for module in modules_ever(Repository.open(repo.path), repo.head)] == ["llvm"]


def test_a_walk_for_paths_that_were_watched_is_not_made_again(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = Repository.open(repo.path)
    first = walk(repository, repo.head, ["a.txt", "llvm"])
    more = walk(repository, repo.head, ["b.txt"])
    assert (more.count, more.latest) == (first.count, first.latest)
    monkeypatch.setattr(walking, "_walked", None)
    assert walk(repository, repo.head, ["llvm", "b.txt"]) is more


@pytest.mark.parametrize("ignored", ["all", "dirty", "untracked"])
def test_a_submodule_whose_changes_git_is_told_to_ignore_is_walked(tmp_path: Path, ignored: str) -> None:
    made = Repo(tmp_path / "wombat")
    made.commit({".gitmodules": f"{MODULES}\tignore = {ignored}\n"}, links={"llvm": A})
    made.commit({"README": "x"}, links={"llvm": B})
    links = walk(Repository.open(made.path), made.head, ["llvm"]).entries("llvm")
    assert links is not None
    assert [one.sha for one in links.values()] == [A, B]
