"""What the last move of a pin moved with it, and what the next one makes of that."""

from __future__ import annotations

from pathlib import Path

import pytest
from git_kit import A, B, C, Repo

from pytest_llvmgate.config.settings import Config, PinSpec
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.moving.habits import lines_moved_with
from pytest_llvmgate.moving.moves import apply_bump, prepare_bump
from pytest_llvmgate.upstream.llvm_clone import Upstream

PIN = PinSpec(name="llvm-project", file="llvm-version.txt")
TAGGED = PinSpec(name="llvm-project", file="fetch.sh")
PAGE = "docs/conf.py"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "plain")


def bumped(repo: Repo, pin: PinSpec, candidate: str, tag: str = "") -> tuple[str, ...]:
    config = Config(path=repo.path / "llvmgate.toml", pins=(pin,))
    bump = prepare_bump(config, candidate, upstream=Upstream(clones=()), tag=tag)
    apply_bump(bump, Repository.open(repo.path))
    return bump.remarks


def text(repo: Repo, path: str) -> str:
    return (repo.path / path).read_text()


def fetch(version: str) -> str:
    return f"git clone --branch llvmorg-{version} https://github.com/llvm/llvm-project\n"


@pytest.mark.parametrize(
    "line",
    [
        'release = "{}"',
        "the bindings of {}, and no other",
        "wheel-{}-py3-none-any.whl: {}",
    ],
)
def test_a_line_that_the_last_move_rewrote_follows_the_next(repo: Repo, line: str) -> None:
    for version in ("21.1.0", "21.1.1"):
        repo.commit({"fetch.sh": fetch(version), PAGE: f"x\n{line.replace('{}', version)}\n"})
    bumped(repo, TAGGED, "llvmorg-22.1.8", "llvmorg-22.1.8")
    assert text(repo, PAGE) == f"x\n{line.replace('{}', '22.1.8')}\n"


def test_a_line_that_has_the_number_for_a_reason_of_its_own_stays(repo: Repo) -> None:
    repo.commit({"fetch.sh": fetch("21.1.0"), PAGE: 'release = "3.0.0"\n'})
    repo.commit({"fetch.sh": fetch("21.1.1"), PAGE: 'release = "21.1.1"\n'})
    bumped(repo, TAGGED, "llvmorg-22.1.8", "llvmorg-22.1.8")
    assert text(repo, PAGE) == 'release = "21.1.1"\n'


def test_a_line_that_has_changed_since_stays(repo: Repo) -> None:
    for version in ("21.1.0", "21.1.1"):
        repo.commit({"fetch.sh": fetch(version), PAGE: f'release = "{version}"\n'})
    repo.commit({PAGE: 'release = "21.1.1"  # ours\n'})
    bumped(repo, TAGGED, "llvmorg-22.1.8", "llvmorg-22.1.8")
    assert text(repo, PAGE) == 'release = "21.1.1"  # ours\n'


def test_a_commit_in_prose_follows_in_full_and_abbreviated(repo: Repo) -> None:
    for sha in (A, B):
        repo.commit({"llvm-version.txt": f"{sha}\n", "NOTES": f"built as {sha} (wombat-{sha[:10]})\n"})
    bumped(repo, PIN, C)
    assert text(repo, "NOTES") == f"built as {C} (wombat-{C[:10]})\n"


def test_what_a_merge_brought_counts_as_one_move(repo: Repo) -> None:
    repo.commit({"llvm-version.txt": f"{A}\n", "NOTES": f"built as {A}\n"})
    repo.git("checkout", "-q", "-b", "topic")
    repo.commit({"llvm-version.txt": f"{B}\n"})
    repo.commit({"NOTES": f"built as {B}\n"})
    repo.git("checkout", "-q", "-")
    repo.git("merge", "-q", "--no-ff", "-m", "move", "topic")
    bumped(repo, PIN, C)
    assert text(repo, "NOTES") == f"built as {C}\n"


def test_a_place_that_was_only_added_hides_no_move(repo: Repo) -> None:
    for version in ("21.1.0", "21.1.1"):
        repo.commit({"fetch.sh": fetch(version), PAGE: f'release = "{version}"\n'})
    repo.commit({"fetch.sh": f"{fetch('21.1.1')}echo 21.1.1\n"})
    bumped(repo, TAGGED, "llvmorg-22.1.8", "llvmorg-22.1.8")
    assert text(repo, PAGE) == 'release = "22.1.8"\n'


def test_a_change_log_says_what_was_and_stays(repo: Repo) -> None:
    for version in ("21.1.0", "21.1.1"):
        repo.commit({"fetch.sh": fetch(version), "CHANGELOG.md": f"- LLVM tag: `llvmorg-{version}`, LLVM {version}\n"})
    bumped(repo, TAGGED, "llvmorg-22.1.8", "llvmorg-22.1.8")
    assert text(repo, "CHANGELOG.md") == "- LLVM tag: `llvmorg-21.1.1`, LLVM 21.1.1\n"


def test_the_file_of_another_group_stays(repo: Repo) -> None:
    other = PinSpec(name="host", file="host-version.txt", group="host")
    for sha in (A, B):
        repo.commit({"llvm-version.txt": f"{sha}\n", "host-version.txt": f"{sha}\n"})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PIN, other))
    bump = prepare_bump(config, C, upstream=Upstream(clones=()))
    assert [edit.path for edit in bump.edits] == ["llvm-version.txt"]


def test_the_lines_of_a_diff_are_no_headers(repo: Repo) -> None:
    for sha in (A, B):
        repo.commit({"llvm-version.txt": f"{sha}\n", "a.sql": f"-- {sha}\n++ b/other {sha}\n"})
    found = lines_moved_with(Repository.open(repo.path), "llvm-version.txt", B)
    assert found["a.sql"] == {f"-- {B}", f"++ b/other {B}"}
    assert "other" not in found


def test_before_the_first_move_there_is_no_habit(repo: Repo) -> None:
    repo.commit({"llvm-version.txt": f"{A}\n", "NOTES": f"built as {A}\n"})
    remarks = bumped(repo, PIN, B)
    assert text(repo, "NOTES") == f"built as {A}\n"
    assert any("NOTES" in remark for remark in remarks)
