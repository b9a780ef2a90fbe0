"""From what the user typed to the one commit that is meant."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from git_kit import A, B, C, Repo
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.config.settings import Config, LlvmSpec, PinSpec, WheelSet
from pytest_llvmgate.errors import EXIT_USAGE, RevisionError
from pytest_llvmgate.llvm.revision import clone_path, resolve_revision
from pytest_llvmgate.model import Revision

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
NOTHING = Config(path=Path("/nowhere/llvmgate.toml"))
TABLES = Config(
    path=Path("/nowhere/llvmgate.toml"),
    llvm=LlvmSpec(
        wheels=(
            WheelSet(revision=A, requirements=("x==1",), tag="llvmorg-22.1.8"),
            WheelSet(revision=B, requirements=()),
        ),
        tags={"llvmorg-21.1.2": C, "22": "d" * 40},
    ),
)


def refusal(text: str, config: Config = NOTHING) -> str:
    with pytest.raises(RevisionError) as caught:
        resolve_revision(text, config)
    assert caught.value.exit_code == EXIT_USAGE
    return str(caught.value)


# Forms


@pytest.mark.parametrize("text", [A, A.upper(), f" {A}\n"])
def test_a_full_sha_needs_no_look_up(text: str) -> None:
    assert resolve_revision(text, NOTHING) == Revision(sha=A)


def test_a_full_sha_has_the_name_that_the_config_knows() -> None:
    assert resolve_revision(A, TABLES).name == "llvmorg-22.1.8"
    assert resolve_revision(C, TABLES).name == "llvmorg-21.1.2"
    assert resolve_revision(B, TABLES).name == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a name of the LLVM commit, found nothing"),
        ("  ", "expected a name of the LLVM commit, found nothing"),
        (A + "a", "the LLVM commit has 41 hexadecimal digits, a SHA has 40"),
        ("F" * 64, "the LLVM commit has 64 hexadecimal digits, a SHA has 40"),
        ("abc123", "the LLVM commit abc123 has 6 digits, too few to name one commit"),
        (";rm -rf /", "the LLVM commit ';rm -rf /' is neither a SHA nor the name of a tag"),
        ("--upload-pack=x", "the LLVM commit '--upload-pack=x' is neither a SHA nor the name of a tag"),
        ("-x", "the LLVM commit '-x' is neither a SHA nor the name of a tag"),
        ("$(id)", "the LLVM commit '$(id)' is neither a SHA nor the name of a tag"),
        (f"{A}\n{B}", f"the LLVM commit '{A}\\n{B[:19]}' is neither a SHA nor the name of a tag"),
    ],
)
def test_what_cannot_name_a_commit_is_refused(text: str, message: str) -> None:
    assert refusal(text).startswith(f"{message}\n    -> give ")


@pytest.mark.parametrize(
    "text",
    ["a..b", "main~3", "main^", "main:x", "a@{1}", "x.lock/", "a//b", "a/", "a.", ".a", "a b", "a?b", "a\0b", "é"],
)
def test_expressions_of_git_are_no_names(text: str) -> None:
    assert "is neither a SHA nor the name of a tag" in refusal(text)


@given(st.text(st.characters() | st.sampled_from("-;$`'\"\\/.~^:@{ \n"), max_size=50))
def test_any_other_text_is_refused_or_looked_up_and_never_more(text: str) -> None:
    with pytest.raises(RevisionError) as caught:
        resolve_revision(text, NOTHING)
    assert caught.value.problems[0].hint


# The config's tables


@pytest.mark.parametrize("text", ["aaaaaaa", A[:39], "AAAAAAAA"])
def test_a_short_sha_from_the_tables(text: str) -> None:
    assert resolve_revision(text, TABLES) == Revision(sha=A, name="llvmorg-22.1.8")


def test_a_short_sha_without_a_tag_has_no_name() -> None:
    assert resolve_revision("bbbbbbbb", TABLES) == Revision(sha=B)


@pytest.mark.parametrize(("tag", "sha"), [("llvmorg-22.1.8", A), ("llvmorg-21.1.2", C)])
def test_a_tag_from_the_tables(tag: str, sha: str) -> None:
    assert resolve_revision(tag, TABLES) == Revision(sha=sha, name=tag)


def test_a_tag_of_the_table_may_look_like_few_digits() -> None:
    assert resolve_revision("22", TABLES).sha == "d" * 40


def test_an_ambiguous_name_lists_what_it_names() -> None:
    first, second = "1234567" + "a" * 33, "1234567" + "b" * 33
    config = Config(path=Path("x"), llvm=LlvmSpec(tags={"one": first, "two": second}))
    assert refusal("1234567", config) == (
        f"the LLVM commit 1234567 is ambiguous: it names {first}, {second}\n    -> give more digits, or all 40"
    )


def test_an_unknown_name_says_where_was_looked() -> None:
    assert refusal("llvmorg-1.0", TABLES) == (
        "no LLVM commit 'llvmorg-1.0' is known here\n"
        "    -> looked in [llvm.tags] and [[llvm.wheels]] (llvmorg-22.1.8, bbbbbbbbbbbb, llvmorg-21.1.2, 22)"
        " and in no clone (llvm.repository is not set); or give the SHA"
        " that `git ls-remote https://github.com/llvm/llvm-project 'llvmorg-1.0*'` tells,"
        ' of the line with ^{} if there is one: [llvm.tags] keeps it as "llvmorg-1.0" = "SHA"'
    )
    assert "looked in [llvm.tags] and [[llvm.wheels]] (empty)" in refusal("llvmorg-1.0")


def test_digits_that_a_pin_says_or_said_in_head_are_known(tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    repo.commit({"llvm_version.txt": A})
    repo.write({"llvm_version.txt": B})
    config = Config(path=tmp_path / "llvmgate.toml", pins=(PinSpec(name="llvm-project", file="llvm_version.txt"),))
    assert [resolve_revision(sha[:12], config).sha for sha in (A, B)] == [A, B]
    assert "no LLVM commit" in refusal(C[:12], config)


def test_pinned_names_no_other_commit() -> None:
    assert "'pinned' is the commit that the pins say already" in refusal("pinned")


def test_unknown_digits_are_to_be_given_whole() -> None:
    assert refusal("1234567").endswith("; or give the full SHA")


# A clone of llvm-project


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    repo = Repo(tmp_path_factory.mktemp("llvm") / "llvm-project")
    repo.commit(message="one")
    repo.git("tag", "llvmorg-1-init")
    repo.git("tag", "-a", "-m", "release", "llvmorg-1.0.0")
    repo.commit(message="two")
    return repo


def config_with(clone: Path) -> Config:
    return Config(path=clone.parent / "project/llvmgate.toml", llvm=LlvmSpec(repository=f"../{clone.name}"))


def test_a_short_sha_from_the_clone(clone: Repo) -> None:
    assert resolve_revision(clone.head[:9], config_with(clone.path)) == Revision(sha=clone.head)


@pytest.mark.parametrize("tag", ["llvmorg-1-init", "llvmorg-1.0.0"])
def test_a_tag_from_the_clone_annotated_or_not(clone: Repo, tag: str) -> None:
    first = clone.git("rev-parse", "HEAD^")
    assert resolve_revision(tag, config_with(clone.path)) == Revision(sha=first, name=tag)


def test_a_bare_clone_will_do(clone: Repo, tmp_path: Path) -> None:
    clone.git("clone", "-q", "--bare", str(clone.path), str(tmp_path / "bare.git"))
    assert resolve_revision("llvmorg-1-init", config_with(tmp_path / "bare.git")).name == "llvmorg-1-init"


def test_the_tables_come_before_the_clone(clone: Repo) -> None:
    config = Config(path=clone.path / "x", llvm=LlvmSpec(repository=".", tags={"llvmorg-1-init": A}))
    assert resolve_revision("llvmorg-1-init", config).sha == A


def two_alike() -> tuple[str, str]:
    """Two commits of the empty tree whose SHAs share seven digits: among some 20,000 there is such a pair."""
    seen: dict[str, str] = {}
    for number in range(200_000):
        body = f"tree {EMPTY_TREE}\nauthor A <a@b> {number} +0000\ncommitter A <a@b> {number} +0000\n\n"
        short = hashlib.sha1(f"commit {len(body)}\0{body}".encode()).hexdigest()[:7]
        if short in seen:
            return seen[short], body
        seen[short] = body
    raise LookupError


def test_an_ambiguous_short_sha_in_the_clone(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "llvm-project")
    repo.git("hash-object", "-t", "tree", "-w", "--stdin", stdin="")
    first, second = (repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=body) for body in two_alike())
    message = refusal(first[:7], config_with(repo.path))
    assert f"'{first[:7]}' names 2 commits" in message
    assert first in message
    assert second in message
    assert resolve_revision(first[:12], config_with(repo.path)).sha == first


def test_a_name_that_the_clone_does_not_have(clone: Repo) -> None:
    message = refusal("llvmorg-1.0.1", config_with(clone.path))
    assert f"no commit 'llvmorg-1.0.1' in {clone.path}" in message
    assert "llvmorg-1.0.0" in message, "names that are near"


@pytest.mark.parametrize("text", ["1234567", "llvmorg-9"])
def test_a_clone_that_is_not_there(tmp_path: Path, text: str) -> None:
    config = config_with(tmp_path / "gone")
    assert refusal(text, config) == (
        f"llvm.repository = '../gone': the LLVM commit {text} cannot be looked up: {tmp_path}/gone is not a directory\n"
        "    -> give the full SHA, or mend llvm.repository"
    )


def test_a_clone_that_is_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plain").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert f"cannot be looked up: {tmp_path}/plain is not in a git repository" in refusal(
        "1234567", config_with(tmp_path / "plain")
    )


def test_a_full_sha_does_not_need_the_clone(tmp_path: Path) -> None:
    assert resolve_revision(A, config_with(tmp_path / "gone")).sha == A


def test_the_clones_path_may_start_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert (
        clone_path(Config(path=Path("/x/y"), llvm=LlvmSpec(repository="~/llvm-project"))) == tmp_path / "llvm-project"
    )
