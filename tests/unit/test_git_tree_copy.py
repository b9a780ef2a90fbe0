"""Copies of a work tree that are repositories of their own."""

from __future__ import annotations

from pathlib import Path

from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.tree_copy import copy_tree
from tests.unit.git_kit import Repo, git


def test_a_copy_of_a_shallow_clone_has_its_history_as_far_as_it_goes(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.txt": "1"}, message="Before")
    repo.commit({"a.txt": "2"}, message="Now")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo.path}", "shallow")
    copy_tree(Repository.open(tmp_path / "shallow"), tmp_path / "copy", with_git=True)
    assert git(tmp_path / "copy", "log", "--format=%s") == "Now"
