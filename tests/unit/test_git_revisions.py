from __future__ import annotations

from pathlib import Path

import pytest
from git_kit import A, Repo
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.errors import RevisionError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import checked_revision, is_full_sha, is_short_sha, known_commits, resolve


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path)
    made.commit({"a": "1"}, message="first title")
    made.git("tag", "llvmorg-22.1.8")
    made.git("tag", "-a", "-m", "x", "llvmorg-22.1.7")
    made.commit({"a": "2"}, message="second title")
    return made


def resolved(repo: Repo, text: str) -> str:
    return resolve(Repository.open(repo.path), text)


def test_a_full_sha(repo: Repo) -> None:
    assert resolved(repo, repo.head) == repo.head


def test_a_short_sha_in_either_case(repo: Repo) -> None:
    assert resolved(repo, repo.head[:9]) == repo.head
    assert resolved(repo, f" {repo.head[:9].upper()}\n") == repo.head


@pytest.mark.parametrize("tag", ["llvmorg-22.1.8", "llvmorg-22.1.7"])
def test_lightweight_and_annotated_tags(repo: Repo, tag: str) -> None:
    assert resolved(repo, tag) == repo.git("rev-parse", "HEAD~")


def test_branches_and_head(repo: Repo) -> None:
    assert resolved(repo, "main") == resolved(repo, "HEAD") == repo.head


def test_remote_branches_with_and_without_their_remote(repo: Repo) -> None:
    repo.git("update-ref", "refs/remotes/origin/topic", "HEAD~")
    first = repo.git("rev-parse", "HEAD~")
    assert resolved(repo, "topic") == resolved(repo, "origin/topic") == first


def test_a_name_of_two_commits_lists_them(repo: Repo) -> None:
    repo.git("branch", "llvmorg-22.1.8")
    with pytest.raises(RevisionError, match="names 2 commits") as caught:
        resolved(repo, "llvmorg-22.1.8")
    text = str(caught.value)
    assert "first title" in text
    assert "second title" in text
    assert "give the full SHA" in text


def test_a_tag_that_looks_like_a_sha_is_ambiguous_with_it(repo: Repo) -> None:
    repo.git("tag", repo.head[:8], "HEAD~")
    with pytest.raises(RevisionError, match="names 2 commits"):
        resolved(repo, repo.head[:8])


def test_an_unknown_sha_asks_for_a_fetch(repo: Repo) -> None:
    with pytest.raises(RevisionError, match="no commit 'aaaa") as caught:
        resolved(repo, A)
    assert f"git -C {repo.path} fetch" in str(caught.value)


def test_an_unknown_tag_names_its_neighbours(repo: Repo) -> None:
    with pytest.raises(RevisionError, match=r"llvmorg-22\.1\.8, llvmorg-22\.1\.7"):
        resolved(repo, "llvmorg-22.1.9")


def test_a_blob_is_no_commit(repo: Repo) -> None:
    with pytest.raises(RevisionError, match="no commit"):
        resolved(repo, repo.git("rev-parse", "HEAD:a"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "--upload-pack=x",
        "-h",
        ";rm -rf",
        "a b",
        "$(x)",
        "HEAD~1",
        "main^{tree}",
        "a..b",
        "x:y",
        "@{u}",
        "é",
        "/x",
    ],
)
def test_text_that_names_no_commit_never_reaches_git(text: str) -> None:
    with pytest.raises(RevisionError, match=r"neither a SHA nor the name of a tag|found nothing"):
        checked_revision(text)


def test_too_many_digits_are_counted() -> None:
    with pytest.raises(RevisionError, match="has 41 hexadecimal digits, a SHA has 40"):
        checked_revision("a" * 41)


@given(st.text(max_size=60))
def test_whatever_passes_the_check_is_neither_option_nor_expression(text: str) -> None:
    try:
        checked = checked_revision(text)
    except RevisionError:
        return
    assert not checked.startswith("-")
    assert not set(checked) & set(" ~^:?*[\\@{}\n\0$;&|<>'\"`()")


def test_full_and_short() -> None:
    assert is_full_sha(A)
    assert not is_full_sha(A.upper())
    assert is_short_sha("abcdef0")
    assert not is_short_sha("abcdef")
    assert not is_short_sha(A)


@pytest.mark.parametrize(
    ("text", "commits"),
    [
        ("v1", {"a" * 40}),
        ("aaaaaaa", {"a" * 40, "a" * 39 + "b"}),
        ("A" * 40, {"a" * 40}),
        ("both", {"a" * 40, "c" * 40}),
        ("aaaaaa", set()),
        ("v2", set()),
        ("ccccccz", set()),
    ],
)
def test_a_name_or_a_short_sha_of_commits_that_are_known(text: str, commits: set[str]) -> None:
    names = [("v1", "a" * 40), ("both", "a" * 40), ("both", "c" * 40)]
    assert known_commits(text, ["a" * 39 + "b"], names) == commits
