from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from git_kit import A, B, Repo, git

from pytest_llvmgate.errors import RepositoryError, ToolError
from pytest_llvmgate.git.repository import EntryKind, Repository


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit({"a.txt": "one\n", "dir/b.txt": "two\n"})
    return made


def test_opens_from_a_subdirectory(repo: Repo) -> None:
    opened = Repository.open(repo.path / "dir")
    assert opened.root == repo.path
    assert opened.git_dir == repo.path / ".git"
    assert not opened.is_shallow


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not a directory"):
        Repository.open(tmp_path / "nowhere")


def test_a_directory_outside_any_repository(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not in a git repository") as caught:
        Repository.open(tmp_path)
    assert "in a checkout of the project" in str(caught.value)


def test_a_repository_that_git_cannot_use_is_named(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()  # as one looks that nobody may enter
    with pytest.raises(RepositoryError, match="takes this for no repository") as caught:
        Repository.open(tmp_path)
    assert str(tmp_path / ".git") in str(caught.value)


def test_a_bare_repository_needs_to_be_asked_for(tmp_path: Path) -> None:
    bare = Repo(tmp_path / "x.git", bare=True)
    with pytest.raises(RepositoryError, match="is a bare repository"):
        Repository.open(bare.path)
    assert Repository.open(bare.path, bare=True).root is None


def test_a_bare_repository_has_no_work_tree(tmp_path: Path) -> None:
    bare = Repository.open(Repo(tmp_path / "x.git", bare=True).path, bare=True)
    with pytest.raises(RepositoryError, match="has no work tree"):
        _ = bare.work_tree


def test_without_git_the_error_says_so(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(ToolError, match="git was not found on PATH"):
        Repository.open(repo.path)


def test_a_repository_of_another_user_gets_the_command_that_trusts_it(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(RepositoryError, match="belongs to another user") as caught:
        Repository.open(repo.path)
    assert f"--add safe.directory {repo.path}" in str(caught.value)


def test_variables_of_a_git_hook_do_not_redirect(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Repo(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.path / ".git/index"))
    assert Repository.open(repo.path).git_dir == repo.path / ".git"


def test_no_program_of_the_repositorys_configuration_runs(repo: Repo, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    repo.git("config", "core.fsmonitor", f"touch {marker}; false")
    Repository.open(repo.path).describe()
    assert not marker.exists()


def test_looking_leaves_no_trace(repo: Repo) -> None:
    (repo.path / "a.txt").touch()
    before = (repo.path / ".git/index").read_bytes()
    Repository.open(repo.path).describe()
    assert (repo.path / ".git/index").read_bytes() == before


def test_head_and_branch(repo: Repo) -> None:
    opened = Repository.open(repo.path)
    assert opened.head() == repo.head
    assert opened.branch() == "main"
    repo.git("checkout", "-q", "--detach")
    assert opened.branch() == ""


def test_before_the_first_commit_there_is_no_head(tmp_path: Path) -> None:
    opened = Repository.open(Repo(tmp_path).path)
    assert opened.head() == ""
    assert opened.describe().commit == ""


def test_describe_says_head_branch_and_dirt(repo: Repo) -> None:
    opened = Repository.open(repo.path)
    clean = opened.describe()
    assert (clean.root, clean.commit, clean.branch, clean.dirty) == (str(repo.path), repo.head, "main", False)
    repo.write({"a.txt": "changed\n"})
    assert opened.describe().dirty


def test_untracked_files_are_no_dirt(repo: Repo) -> None:
    repo.write({"new.txt": ""})
    assert not Repository.open(repo.path).describe().dirty


def test_entries_tell_files_directories_links_and_gitlinks_apart(repo: Repo) -> None:
    (repo.path / "link").symlink_to("a.txt")
    repo.git("add", "link")
    commit = repo.commit(links={"sub/x": A})
    entries = Repository.open(repo.path).entries(["a.txt", "dir", "link", "sub/x", "sub", "none"], commit=commit)
    assert {path: entry.kind for path, entry in entries.items() if path != "sub"} == {
        "a.txt": EntryKind.FILE,
        "dir": EntryKind.DIRECTORY,
        "link": EntryKind.LINK,
        "sub/x": EntryKind.GITLINK,
    }
    assert entries["sub/x"].sha == A


@pytest.mark.parametrize("path", ["", "/etc/passwd", "../x", "a/../../b", "a\nb", "a\0b"])
def test_paths_that_lead_outside_are_refused(repo: Repo, path: str) -> None:
    with pytest.raises(RepositoryError, match="not a path inside a repository"):
        Repository.open(repo.path).entry(path, commit=repo.head)


def test_reads_a_file_at_a_commit(repo: Repo) -> None:
    old = repo.head
    repo.commit({"a.txt": "later\n"})
    opened = Repository.open(repo.path)
    assert opened.read("a.txt", commit=old) == b"one\n"
    assert opened.read("dir", commit=old) is None
    assert opened.read("none", commit=old) is None


def test_paths_are_no_patterns(repo: Repo) -> None:
    commit = repo.commit({"*.txt": "star"})
    assert Repository.open(repo.path).read("*.txt", commit=commit) == b"star"


def test_the_indexs_gitlinks_are_what_will_be_committed(repo: Repo) -> None:
    repo.commit(links={"sub": A})
    repo.git("update-index", "--cacheinfo", f"160000,{B},sub")
    assert Repository.open(repo.path).index_gitlinks() == {"sub": B}


def test_a_gitlink_in_conflict_is_an_error(repo: Repo) -> None:
    lines = f"160000 {A} 1\tsub\n160000 {B} 2\tsub\n"
    repo.git("update-index", "--index-info", stdin=lines)
    with pytest.raises(RepositoryError, match="the gitlink sub is in conflict"):
        Repository.open(repo.path).index_gitlinks()


GITMODULES = '[submodule "odd name"]\n\tpath = third_party/x\n\turl = https://example.org/x.git\n\tbranch = main\n'


def test_submodules_of_the_work_tree_and_of_a_commit(repo: Repo) -> None:
    opened = Repository.open(repo.path)
    before = repo.head
    assert opened.submodules() == ()
    commit = repo.commit({".gitmodules": GITMODULES})
    (module,) = opened.submodules(commit=commit)
    assert (module.name, module.path, module.url, module.branch) == (
        "odd name",
        "third_party/x",
        "https://example.org/x.git",
        "main",
    )
    assert opened.submodules() == (module,)
    assert opened.submodules(commit=before) == ()


@pytest.fixture
def superproject(repo: Repo, tmp_path: Path) -> Repo:
    component = Repo(tmp_path / "component")
    component.commit({"version.txt": A})
    repo.add_submodule(component, "third_party/x", name="odd-name")
    repo.commit(message="add the component")
    return repo


def stores(repo: Repo, path: str = "third_party/x") -> tuple[Repository, ...]:
    opened = Repository.open(repo.path)
    return opened.submodule_stores(path, opened.submodules())


def test_the_store_of_an_initialised_submodule(superproject: Repo) -> None:
    (store,) = stores(superproject)
    assert store.root == superproject.path / "third_party/x"
    assert store.git_dir == superproject.path / ".git/modules/odd-name"


def test_the_store_outlives_the_checkout(superproject: Repo) -> None:
    commit = Repository.open(superproject.path).index_gitlinks()["third_party/x"]
    superproject.git("submodule", "--quiet", "deinit", "--force", "third_party/x")
    shutil.rmtree(superproject.path / "third_party")
    (store,) = stores(superproject)
    assert store.root is None
    assert store.read("version.txt", commit=commit) == A.encode()


def test_an_uninitialised_submodule_has_no_store(superproject: Repo, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(superproject.path), "clone")
    clone = Repo.at(tmp_path / "clone")
    assert (clone.path / "third_party/x").is_dir()
    assert stores(clone) == ()


def test_an_embedded_clone_is_a_store(repo: Repo, tmp_path: Path) -> None:
    Repo(repo.path / "embedded").commit({"f": "x"})
    repo.git("add", "embedded")
    (store,) = stores(repo, "embedded")
    assert store.git_dir == repo.path / "embedded/.git"


def test_a_linked_work_tree_finds_the_main_ones_store(superproject: Repo, tmp_path: Path) -> None:
    superproject.git("worktree", "add", "-q", str(tmp_path / "linked"))
    (store,) = stores(Repo.at(tmp_path / "linked"))
    assert store.git_dir == superproject.path / ".git/modules/odd-name"


def test_a_submodules_name_cannot_point_at_another_repository(superproject: Repo, tmp_path: Path) -> None:
    Repo(tmp_path / "victim").commit()
    text = '[submodule "../../../victim/.git"]\n\tpath = x\n\turl = ./x\n'
    superproject.write({".gitmodules": text})
    assert stores(superproject, "x") == ()


def test_a_shallow_clone_says_so(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.txt": "later\n"})
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo.path}", "shallow")
    assert Repository.open(tmp_path / "shallow").is_shallow


def test_has_commit(repo: Repo) -> None:
    opened = Repository.open(repo.path)
    assert opened.has_commit(repo.head)
    assert not opened.has_commit(A)
    assert not opened.has_commit(repo.git("rev-parse", "HEAD:a.txt"))


def test_relative_paths(repo: Repo, tmp_path: Path) -> None:
    opened = Repository.open(repo.path)
    assert opened.relative(repo.path / "dir") == "dir"
    assert opened.relative(repo.path) == ""
    with pytest.raises(RepositoryError, match="is not inside"):
        opened.relative(tmp_path)


def test_objects_are_read_in_bulk_and_in_order(repo: Repo) -> None:
    found = list(Repository.open(repo.path).objects(["HEAD:a.txt", "HEAD:none", "HEAD:dir/b.txt", "HEAD"]))
    assert [one.data if one else None for one in found[:3]] == [b"one\n", None, b"two\n"]
    assert found[3] is not None
    assert found[3].type == "commit"


def test_a_name_with_a_line_break_is_no_object(repo: Repo) -> None:
    with pytest.raises(RepositoryError, match="not the name"):
        list(Repository.open(repo.path).objects(["HEAD\nHEAD"]))


def test_a_reader_that_is_left_early_leaves_no_process(repo: Repo) -> None:
    stream = Repository.open(repo.path).objects(["HEAD:a.txt"] * 2000)
    assert next(stream) is not None
    stream.close()  # type: ignore[attr-defined]
