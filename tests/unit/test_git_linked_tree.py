"""Work trees of our own: what git itself says of them, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.git.commits import commit_changes
from pytest_llvmgate.git.linked_tree import linked_tree, remove_linked_tree
from pytest_llvmgate.git.repository import Repository
from tests.unit.git_kit import Repo, git


@pytest.fixture(autouse=True)
def somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "repo")
    inner = Repo(tmp_path / "inner")
    inner.commit({"inner.txt": "1"})
    repo.add_submodule(inner, "third_party/inner")
    repo.commit({"a.txt": "1", ".gitignore": "build\n"})
    return repo


def linked(repo: Repo, place: Path, commit: str = "") -> Repository:
    return linked_tree(Repository.open(repo.path), place, commit or repo.head)


def test_git_takes_it_for_a_work_tree_that_is_clean(repo: Repo, tmp_path: Path) -> None:
    linked(repo, tmp_path / "tree")
    assert git(tmp_path / "tree", "status", "--porcelain", "--ignored") == ""
    assert git(tmp_path / "tree", "rev-parse", "HEAD") == repo.head
    assert str(tmp_path / "tree") in repo.git("worktree", "list")
    assert (tmp_path / "tree/third_party/inner/inner.txt").read_text() == "1"
    assert repo.git("status", "--porcelain") == ""


def test_it_is_put_back_whatever_was_left_there(repo: Repo, tmp_path: Path) -> None:
    place = tmp_path / "tree"
    linked(repo, place)
    (place / "a.txt").write_text("half")
    (place / "new.txt").write_text("half")
    (place / "build").mkdir()
    (place / "build/kept").write_text("kept")
    (repo.path / ".git/worktrees").glob("*").__next__().joinpath("index.lock").touch()
    git(place / "third_party/inner", "checkout", "-q", "--orphan", "else")
    linked(repo, place)
    assert git(place, "status", "--porcelain") == ""
    assert (place / "build/kept").read_text() == "kept"


def test_a_commit_there_is_seen_by_nobody_until_it_has_a_branch(repo: Repo, tmp_path: Path) -> None:
    tree = linked(repo, tmp_path / "tree")
    (tmp_path / "tree/a.txt").unlink()
    (tmp_path / "tree/b.txt").write_text("2")
    commit = commit_changes(tree, "Move it\n")
    assert repo.git("show", "--format=%s", "--name-status", commit).split() == [
        "Move",
        "it",
        "D",
        "a.txt",
        "A",
        "b.txt",
    ]
    assert repo.git("for-each-ref", "--contains", commit) == ""
    assert commit_changes(tree, "Nothing\n") == ""


def test_it_goes_without_a_trace(repo: Repo, tmp_path: Path) -> None:
    linked(repo, tmp_path / "tree")
    remove_linked_tree(Repository.open(repo.path), tmp_path / "tree")
    assert not (tmp_path / "tree").exists()
    assert repo.git("worktree", "list").count("\n") == 0
    assert repo.git("-C", "third_party/inner", "worktree", "list").count("\n") == 0


def test_a_linked_trees_directory_is_enough_to_read_its_objects(repo: Repo, tmp_path: Path) -> None:
    tree = linked(repo, tmp_path / "tree")
    assert Repository.at(tree.git_dir).read("a.txt", commit=repo.head) == b"1"
