from __future__ import annotations

import os
from pathlib import Path

import pytest
from git_kit import Repo

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.worktree import source_state


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    component = Repo(tmp_path / "component")
    component.commit({"inner.txt": "1\n"})
    made = Repo(tmp_path / "repo")
    made.commit({"a.txt": "one\n", ".gitignore": "*.o\n"})
    made.add_submodule(component, "sub")
    made.commit()
    return made


def state(repo: Repo, *exclude: str) -> str:
    return source_state(Repository.open(repo.path), exclude=exclude)


def test_the_same_tree_has_the_same_state(repo: Repo) -> None:
    assert state(repo) == state(repo)
    assert len(state(repo)) == 64


def test_an_edit_changes_it_and_undoing_the_edit_restores_it(repo: Repo) -> None:
    before = state(repo)
    repo.write({"a.txt": "two\n"})
    assert state(repo) != before
    repo.write({"a.txt": "one\n"})
    assert state(repo) == before


def test_two_edits_of_equal_size_differ(repo: Repo) -> None:
    repo.write({"a.txt": "two\n"})
    first = state(repo)
    repo.write({"a.txt": "six\n"})
    assert state(repo) != first


def test_committing_changes_nothing_that_a_build_sees(repo: Repo) -> None:
    repo.commit({"a.txt": "two\n"})
    before = state(repo)
    repo.commit(message="empty")
    assert state(repo) == before


def test_touching_a_tracked_file_changes_nothing(repo: Repo) -> None:
    before = state(repo)
    os.utime(repo.path / "a.txt", (1, 1))
    assert state(repo) == before


def test_deleting_a_file_changes_it(repo: Repo) -> None:
    before = state(repo)
    (repo.path / "a.txt").unlink()
    assert state(repo) != before


def test_a_file_made_executable_changes_it(repo: Repo) -> None:
    before = state(repo)
    (repo.path / "a.txt").chmod(0o755)
    assert state(repo) != before


def test_untracked_files_count_and_ignored_ones_do_not(repo: Repo) -> None:
    before = state(repo)
    repo.write({"x.o": "ignored"})
    assert state(repo) == before
    repo.write({"x.c": "untracked"})
    assert state(repo) != before


def test_untracked_files_count_by_time(repo: Repo) -> None:
    repo.write({"x.c": "1"})
    os.utime(repo.path / "x.c", (1, 1))
    first = state(repo)
    os.utime(repo.path / "x.c", (2, 2))
    assert state(repo) != first


def test_excluded_directories_do_not_count(repo: Repo) -> None:
    before = state(repo, "build", "sub/out/")
    repo.write({"build/x.c": "1", "sub/out/y.c": "1"})
    assert state(repo, "build", "sub/out/") == before
    repo.write({"builder/x.c": "1"})
    assert state(repo, "build", "sub/out/") != before


def test_tracked_files_count_even_where_excluded(repo: Repo) -> None:
    repo.commit({"build/tracked.txt": "1"})
    before = state(repo, "build")
    repo.write({"build/tracked.txt": "2"})
    assert state(repo, "build") != before


def test_an_edit_in_a_submodule_changes_it(repo: Repo) -> None:
    before = state(repo)
    repo.write({"sub/inner.txt": "2\n"})
    assert state(repo) != before


def test_a_submodule_at_another_commit_changes_it(repo: Repo) -> None:
    before = state(repo)
    Repo.at(repo.path / "sub").commit(message="elsewhere")
    assert state(repo) != before


def test_a_submodule_that_is_not_there(repo: Repo) -> None:
    before = state(repo)
    repo.git("submodule", "--quiet", "deinit", "--force", "sub")
    absent = state(repo)
    assert absent != before
    assert absent == state(repo)


def test_a_staged_gitlink_changes_it(repo: Repo) -> None:
    before = state(repo)
    repo.git("update-index", "--cacheinfo", f"160000,{'a' * 40},sub")
    assert state(repo) != before


def test_an_untracked_clone_counts_by_its_head(repo: Repo) -> None:
    clone = Repo(repo.path / "llvm-project")
    clone.commit()
    before = state(repo)
    clone.commit(message="another")
    assert state(repo) != before


def test_odd_names(repo: Repo) -> None:
    repo.commit({"with space\t.txt": "1", "é.txt": "1"})
    before = state(repo)
    repo.write({"with space\t.txt": "2"})
    middle = state(repo)
    assert middle != before
    repo.write({"é.txt": "2"})
    assert state(repo) != middle


def test_a_file_in_conflict_counts_by_its_content(repo: Repo) -> None:
    blob = repo.git("rev-parse", "HEAD:a.txt")
    repo.git("update-index", "--force-remove", "a.txt")
    repo.git("update-index", "--index-info", stdin=f"100644 {blob} 2\ta.txt\n100644 {blob} 3\ta.txt\n")
    before = state(repo)
    repo.write({"a.txt": "resolved\n"})
    assert state(repo) != before


def test_a_symbolic_link_counts_by_its_target(repo: Repo) -> None:
    (repo.path / "link").symlink_to("a.txt")
    repo.git("add", "link")
    before = state(repo)
    (repo.path / "link").unlink()
    (repo.path / "link").symlink_to("elsewhere")
    assert state(repo) != before


def test_a_bare_repository_has_no_state(tmp_path: Path) -> None:
    bare = Repository.open(Repo(tmp_path, bare=True).path, bare=True)
    with pytest.raises(RepositoryError, match="no work tree"):
        source_state(bare)
