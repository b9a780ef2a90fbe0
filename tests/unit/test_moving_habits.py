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


def test_a_number_that_stood_in_the_line_before_the_move_stays(repo: Repo) -> None:
    for version in ("21.1.0", "21.1.1"):
        repo.commit({"fetch.sh": fetch(version), PAGE: f"on {version}, for what 21.1.1 mends\n"})
    bumped(repo, TAGGED, "llvmorg-22.1.8", "llvmorg-22.1.8")
    assert text(repo, PAGE) == "on 21.1.1, for what 21.1.1 mends\n"


def test_a_release_candidates_number_is_no_releases(repo: Repo) -> None:
    for version in ("21.1.0", "21.1.1"):
        repo.commit({"fetch.sh": fetch(version), PAGE: f"first tried: {version}-rc1\n"})
    bumped(repo, TAGGED, "llvmorg-22.1.8", "llvmorg-22.1.8")
    assert text(repo, PAGE) == "first tried: 21.1.1-rc1\n"


def test_a_line_that_stands_there_for_another_tool_too_stays(repo: Repo) -> None:
    tools = "formatter:\n  version: 21.1.1\ncompiler:\n  version: {}\n"
    for version in ("21.1.0", "21.1.1"):
        repo.commit({"fetch.sh": fetch(version), "tools.dat": tools.format(version)})
    bumped(repo, TAGGED, "llvmorg-22.1.8", "llvmorg-22.1.8")
    assert text(repo, "tools.dat") == tools.format("21.1.1")


def test_the_move_of_another_tool_in_the_pins_file_is_no_move_of_the_pin(repo: Repo) -> None:
    for version, tool in (("21.1.0", "20.1.0"), ("21.1.1", "20.1.0"), ("21.1.1", "21.1.1")):
        repo.commit({"fetch.sh": f"{fetch(version)}pip install clang-format=={tool}\n", "hooks": f"rev: v{tool}\n"})
    bumped(repo, TAGGED, "llvmorg-22.1.8", "llvmorg-22.1.8")
    assert text(repo, "hooks") == "rev: v21.1.1\n"
    assert text(repo, "fetch.sh") == f"{fetch('22.1.8')}pip install clang-format==21.1.1\n"


def test_where_the_pin_stays_nothing_follows(repo: Repo) -> None:
    for version in ("21.1.0", "21.1.1"):
        repo.commit({"fetch.sh": fetch(version), PAGE: f'release = "{version}"\n'})
    bumped(repo, TAGGED, "llvmorg-20.1.7-wombat2", "llvmorg-20.1.7-wombat2")
    assert text(repo, "fetch.sh") == fetch("21.1.1")
    assert text(repo, PAGE) == 'release = "21.1.1"\n'


def test_a_branch_points_tag_takes_no_releases_place(repo: Repo) -> None:
    for version in ("21.1.0", "21.1.1"):
        repo.commit({"fetch.sh": fetch(version), PAGE: f'release = "{version}"\n'})
    bumped(repo, TAGGED, "llvmorg-23-init", "llvmorg-23-init")
    assert text(repo, "fetch.sh") == fetch("23-init")
    assert text(repo, PAGE) == 'release = "21.1.1"\n'


def test_where_a_pin_that_stays_says_the_same_nothing_follows(repo: Repo) -> None:
    other = PinSpec(name="host", file="host-version.txt", group="host")
    for sha in (A, B):
        repo.commit({"llvm-version.txt": f"{sha}\n", "host-version.txt": f"{sha}\n", "NOTES": f"host: {sha}\n"})
    config = Config(path=repo.path / "llvmgate.toml", pins=(PIN, other))
    bump = prepare_bump(config, C, upstream=Upstream(clones=()))
    assert [edit.path for edit in bump.edits] == ["llvm-version.txt"]


def test_what_a_reader_left_for_a_reason_stays(repo: Repo) -> None:
    url = "https://github.com/wombat/bins/releases/download/llvm-{}-20260323-release.tar.gz"
    for sha in (A, B):
        repo.commit({"llvm-version.txt": f"{sha}\n", "get.sh": f"curl -LO {url.format(sha)}\n"})
    remarks = bumped(repo, PIN, C)
    assert text(repo, "get.sh") == f"curl -LO {url.format(B)}\n"
    assert any("get.sh" in remark for remark in remarks)


def test_a_version_beside_a_checksum_that_moved_with_it_stays(repo: Repo) -> None:
    recipe = '  version "{}"\n  sha256 "{}"\n'
    for version, digit in (("21.1.0", "a"), ("21.1.1", "b")):
        repo.commit({"fetch.sh": fetch(version), "wombat.recipe": recipe.format(version, digit * 64)})
    bumped(repo, TAGGED, "llvmorg-22.1.8", "llvmorg-22.1.8")
    assert text(repo, "wombat.recipe") == recipe.format("21.1.1", "b" * 64)


def test_the_configuration_stays(repo: Repo) -> None:
    for sha in (A, B):
        repo.commit({"llvm-version.txt": f"{sha}\n", "llvmgate.toml": f"# green on {sha}\n"})
    bumped(repo, PIN, C)
    assert text(repo, "llvmgate.toml") == f"# green on {B}\n"


def test_a_gitlinks_move_is_one(repo: Repo) -> None:
    for sha in (A, B):
        repo.commit({"NOTES": f"built as {sha}\n"}, links={"llvm": sha})
    bumped(repo, PinSpec(name="llvm", file="llvm", reader="gitlink"), C)
    assert text(repo, "NOTES") == f"built as {C}\n"


@pytest.mark.parametrize("missing", ["blob:none", "tree:0"])
def test_a_clone_without_old_objects_knows_no_habit(repo: Repo, tmp_path: Path, missing: str) -> None:
    for sha in (A, B):
        repo.commit({"llvm-version.txt": f"{sha}\n", "NOTES": f"built as {sha}\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", f"--filter={missing}", repo.path.as_uri(), str(tmp_path / "clone"))
    clone = Repo.at(tmp_path / "clone")
    bumped(clone, PIN, C)
    assert text(clone, "llvm-version.txt") == f"{C}\n"
    assert text(clone, "NOTES") == f"built as {B}\n"


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
    found = lines_moved_with(Repository.open(repo.path), "llvm-version.txt", B, B)
    assert set(found["a.sql"]) == {f"-- {B}", f"++ b/other {B}"}
    assert "other" not in found


def test_before_the_first_move_there_is_no_habit(repo: Repo) -> None:
    repo.commit({"llvm-version.txt": f"{A}\n", "NOTES": f"built as {A}\n"})
    remarks = bumped(repo, PIN, B)
    assert text(repo, "NOTES") == f"built as {A}\n"
    assert any("NOTES" in remark for remark in remarks)
