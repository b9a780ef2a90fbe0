from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from git_kit import Repo
from hypothesis import given
from hypothesis import strategies as st
from project_kit import day

from pytest_llvmgate.candidates.points import Field, taint
from pytest_llvmgate.candidates.used_parts import UsedParts
from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.upstream.first_parent import changed_paths
from pytest_llvmgate.upstream.reverts import Claims, read_claims
from pytest_llvmgate.upstream.windows import Proof, TellingCommit, Window, find_windows, read_range

DAY = 86400
NO_CLAIMS = Claims()


def sha(number: int) -> str:
    return hashlib.sha1(str(number).encode()).hexdigest()


def commit(sha: str, when: float, title: str = "", claims: Claims = NO_CLAIMS) -> TellingCommit:
    committed = datetime.datetime.fromtimestamp(when, datetime.UTC).isoformat()
    return TellingCommit(sha=sha, committed=committed, title=title, claims=claims)


def history(*messages: str) -> list[TellingCommit]:
    """Commits a day apart; ``{3}`` in a message is the SHA of the fourth."""
    shas = [sha(number) for number in range(len(messages))]
    found = []
    for number, message in enumerate(messages):
        title, _, body = message.format(*shas).partition("\n")
        found.append(commit(shas[number], number * DAY, title, read_claims(title, body)))
    return found


def spans(commits: Sequence[TellingCommit]) -> list[tuple[int, int, str]]:
    return [(window.start, window.end, window.kind.value) for window in find_windows(commits)]


def test_a_revert_taints_what_lies_between() -> None:
    assert spans(history("a", "bad", "c", 'Revert "bad"\nThis reverts commit {1}.', "e")) == [(1, 3, "reverted")]


def test_by_title_alone_the_last_of_that_name_is_meant() -> None:
    assert spans(history("bad (#1)", "bad (#2)", "c", 'Revert "bad" (#4)')) == [(1, 3, "reverted")]


def test_by_number_alone() -> None:
    assert spans(history("bad (#12)", "c", "Revert something\nReverts llvm/llvm-project#12")) == [(0, 2, "reverted")]


def test_an_abbreviated_sha() -> None:
    short = sha(0)[:9]
    assert spans(history("bad", f"Revert it\nThis reverts commit {short}.")) == [(0, 1, "reverted")]


def test_a_reland_ends_nothing_and_starts_nothing() -> None:
    commits = history("bad", 'Revert "bad"\nThis reverts commit {0}.', 'Reapply "bad"\nThis reverts commit {1}.', "d")
    assert spans(commits) == [(0, 1, "reverted")]


def test_a_reland_that_is_reverted_has_a_window_of_its_own() -> None:
    commits = history(
        "bad",
        'Revert "bad"\nThis reverts commit {0}.',
        'Reapply "bad"\nThis reverts commit {1}.',
        "d",
        'Revert "Reapply "bad""\nThis reverts commit {2}.',
    )
    assert spans(commits) == [(0, 1, "reverted"), (2, 4, "reverted")]


def test_a_second_revert_that_names_the_original_starts_at_the_reland() -> None:
    commits = history(
        "bad",
        'Revert "bad"\nThis reverts commit {0}.',
        "Try again\nThis relands commit {0}.",
        "d",
        "Take it back once more\nThis reverts commit {0}.",
    )
    assert spans(commits) == [(0, 1, "reverted"), (2, 4, "reverted")]


def test_the_revert_of_a_revert_by_an_ordinary_title_proves_nothing() -> None:
    commits = history("bad", 'Revert "bad"\nThis reverts commit {0}.', "bad, with a fix\nThis reverts commit {1}.")
    assert spans(commits) == [(0, 1, "reverted")]


def test_what_is_named_before_it_exists_is_nobody() -> None:
    assert spans(history("a\nThis reverts commit {1}.", "b")) == []


def test_a_mended_build() -> None:
    assert spans(history("bad (#7)", "b", "Fix the build after #7")) == [(0, 2, "mended")]


def test_what_is_mended_and_reverted_is_both() -> None:
    commits = history("bad (#7)", "Fix the shared build after #7", 'Revert "bad (#7)"\nThis reverts commit {0}.')
    assert spans(commits) == [(0, 1, "mended"), (0, 2, "reverted")]


def test_an_ambiguous_abbreviation_names_nothing() -> None:
    one, two = "abcdef1" + "0" * 33, "abcdef1" + "1" * 33
    claims = read_claims("Revert it", "This reverts commit abcdef1.")
    commits = [
        commit(one, 0, "a"),
        commit(two, 1, "b"),
        commit("c" * 40, 2, "c", claims),
    ]
    assert find_windows(commits) == ()


# -- against a model ----------------------------------------------------------------------------------------------

OPERATIONS = st.lists(st.tuples(st.sampled_from(["land", "undo", "redo"]), st.integers(0, 1000)), max_size=40)


def played(operations: Sequence[tuple[str, int]]) -> tuple[list[TellingCommit], list[tuple[int, int]]]:
    """A history made of operations as git would word them, and its windows, kept as it was made."""
    messages: list[tuple[str, str]] = []
    titles: dict[int, str] = {}
    """Change to the title of the commit that last brought it."""
    landed: dict[int, int] = {}
    """Change to the position at which it last came, while it is there."""
    undone: dict[int, int] = {}
    """Change to the position of the commit that took it away, while it is away."""
    expected = []
    for verb, pick in operations:
        position = len(messages)
        if verb == "undo" and landed:
            change = sorted(landed)[pick % len(landed)]
            expected.append((landed[change], position))
            messages.append((f'Revert "{titles[change]}"', f"This reverts commit {sha(landed.pop(change))}."))
            undone[change] = position
        elif verb == "redo" and undone:
            change = sorted(undone)[pick % len(undone)]
            titles[change] = f'Reapply "change {change}"'
            messages.append((titles[change], f"This reverts commit {sha(undone.pop(change))}."))
            landed[change] = position
        else:
            titles[position] = f"change {position}"
            landed[position] = position
            messages.append((titles[position], ""))
    commits = [commit(sha(at), at * DAY, title, read_claims(title, body)) for at, (title, body) in enumerate(messages)]
    return commits, expected


@given(OPERATIONS)
def test_windows_are_what_happened(operations: list[tuple[str, int]]) -> None:
    commits, expected = played(operations)
    assert [(window.start, window.end) for window in find_windows(commits)] == expected


def without_shas(commit: TellingCommit) -> TellingCommit:
    by_title = tuple(one for one in commit.claims.undoes if one.title)
    return replace(commit, claims=replace(commit.claims, undoes=by_title))


@given(OPERATIONS)
def test_titles_say_the_same_where_no_sha_is_given(operations: list[tuple[str, int]]) -> None:
    commits, expected = played(operations)
    found = [(window.start, window.end) for window in find_windows([without_shas(commit) for commit in commits])]
    assert found == expected


@given(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=12))
def test_the_sweep_is_the_sum(count: int, pairs: list[tuple[int, int]]) -> None:
    windows = [
        Window(
            start=min(pair) % count,
            end=min(pair) % count + 1 + (max(pair) % (count - min(pair) % count)),
            culprit="",
            title="",
            proof="",
            kind=Proof.REVERTED,
            paths=("mlir/lib/IR/A.cpp",),
        )
        for pair in pairs
    ]
    commits = [commit(sha(at), at) for at in range(count)]
    field = Field(commits=commits, base_when=0, windows=windows, used=UsedParts())
    slow = [sum(0.3 for window in windows if window.holds(at)) for at in range(count)]
    assert taint(field) == pytest.approx(slow)


# -- from git -----------------------------------------------------------------------------------------------------


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "llvm")


def test_a_range_is_read_with_its_claims(repo: Repo) -> None:
    base = repo.commit(message="base")
    bad = repo.commit({"mlir/lib/A.cpp": "1"}, message="bad", date=day(2))
    proof = repo.commit({"mlir/lib/A.cpp": "2"}, message=f'Revert "bad"\n\nThis reverts commit {bad}.', date=day(5))
    opened = Repository.open(repo.path)
    commits = read_range(opened, base, proof)
    assert [commit.sha for commit in commits] == [bad, proof]
    (window,) = find_windows(commits, opened)
    assert (window.culprit, window.proof, window.paths) == (bad, proof, ("mlir/lib/A.cpp",))
    assert window.days == pytest.approx(3.0)


def test_what_came_before_the_range_taints_its_beginning(repo: Repo) -> None:
    bad = repo.commit({"mlir/lib/A.cpp": "1"}, message="bad", date=day(1))
    base = repo.commit(message="base", date=day(2))
    repo.commit(message="b", date=day(3))
    head = repo.commit(message=f"Revert it\n\nThis reverts commit {bad}.", date=day(4))
    opened = Repository.open(repo.path)
    (window,) = find_windows(read_range(opened, base, head), opened)
    assert window.before
    assert (window.start, window.end, window.culprit) == (0, 1, bad)
    assert window.paths == ("mlir/lib/A.cpp",)


def test_a_sha_that_no_repository_has_is_nobody(repo: Repo) -> None:
    base = repo.commit(message="base")
    head = repo.commit(message=f"Revert it\n\nThis reverts commit {'ab' * 20}.", date=day(4))
    opened = Repository.open(repo.path)
    assert find_windows(read_range(opened, base, head), opened) == ()


def test_of_a_part_the_files_of_the_proof_count(repo: Repo) -> None:
    base = repo.commit(message="base")
    bad = repo.commit({"a": "1", "b": "1"}, message="bad", date=day(2))
    head = repo.commit({"b": "2"}, message=f"Less of it\n\nThis partially reverts commit {bad}.", date=day(3))
    opened = Repository.open(repo.path)
    (window,) = find_windows(read_range(opened, base, head), opened)
    assert window.partial
    assert window.paths == ("b",)


def test_the_files_of_a_merge_and_of_a_first_commit(repo: Repo) -> None:
    first = repo.commit({"with blank": "1"}, message="first")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit({"side/x": "1"}, message="side")
    repo.git("checkout", "-q", "main")
    repo.commit({"main/y": "1"}, message="main")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    found = changed_paths(Repository.open(repo.path), [first, repo.head, first])
    assert found == {first: ("with blank",), repo.head: ("side/x",)}
    assert changed_paths(Repository.open(repo.path), []) == {}


def test_a_range_that_is_not_there(repo: Repo) -> None:
    head = repo.commit(message="first")
    with pytest.raises(RepositoryError, match="git log failed"):
        read_range(Repository.open(repo.path), "ab" * 20, head)


def test_an_empty_range(repo: Repo) -> None:
    head = repo.commit(message="first")
    assert read_range(Repository.open(repo.path), head, head) == ()


def test_a_long_log_is_read_in_pieces(repo: Repo) -> None:
    base = repo.commit(message="base")
    for number in range(3):
        repo.commit(message=f"{number} " + "ä" * 40_000)
    commits = read_range(Repository.open(repo.path), base, repo.head)
    assert [commit.title[:1] for commit in commits] == ["0", "1", "2"]
    assert all("\ufffd" not in commit.title for commit in commits)
