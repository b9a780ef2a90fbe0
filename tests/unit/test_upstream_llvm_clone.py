from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from git_kit import C, Repo, git

from pytest_llvmgate.config.settings import Config, LlvmSpec, PinSpec, Policy
from pytest_llvmgate.errors import GateError, RepositoryError, RevisionError
from pytest_llvmgate.pins.compare import Agreement, compare
from pytest_llvmgate.pins.llvm_clones import find_upstream, find_upstream_quietly
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.upstream.llvm_clone import Upstream
from pytest_llvmgate.upstream.whose import is_llvm_url


class Llvm:
    """A clone of llvm-project: four commits on main, a fork that carries two patches on the second."""

    def __init__(self, path: Path) -> None:
        self.repo = Repo(path)
        days = [f"2026-01-0{day}T12:00:00+00:00" for day in range(1, 5)]
        self.main = [self.repo.commit({"f": str(day)}, message=f"main {day}", date=day) for day in days]
        self.repo.git("checkout", "-q", "-b", "fork", self.main[1])
        self.patches = [self.repo.commit({"p": str(n)}, message=f"patch {n}") for n in (1, 2)]
        self.repo.git("checkout", "-q", "main")


@pytest.fixture
def llvm(tmp_path: Path) -> Llvm:
    return Llvm(tmp_path / "llvm-project")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    repo = Repo(tmp_path / "repo")
    return Config(path=repo.path / "llvmgate.toml", llvm=LlvmSpec(repository="../llvm-project"))


@pytest.fixture
def upstream(config: Config, llvm: Llvm) -> Upstream:
    return find_upstream(config)


def test_the_base_of_a_commit_of_main_is_itself(upstream: Upstream, llvm: Llvm) -> None:
    base = upstream.base(llvm.main[2])
    assert base is not None
    assert (base.sha, base.patches, str(base)) == (llvm.main[2], (), llvm.main[2][:12])


def test_the_base_of_a_fork_and_its_patches(upstream: Upstream, llvm: Llvm) -> None:
    base = upstream.base(llvm.patches[1])
    assert base is not None
    assert base.sha == llvm.main[1]
    assert [patch.title for patch in base.patches] == ["patch 1", "patch 2"]
    assert str(base) == f"base {llvm.main[1][:12]} + 2 patches"


def test_a_commit_that_no_clone_has(upstream: Upstream) -> None:
    assert upstream.base(C) is None
    assert upstream.date(C) is None
    assert upstream.distance(C, C) is None
    assert upstream.is_on_main(C) is False


def test_more_patches_than_are_listed_are_counted(
    upstream: Upstream, llvm: Llvm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pytest_llvmgate.upstream.llvm_clone.MOST_PATCHES", 1)
    base = upstream.base(llvm.patches[1])
    assert base is not None
    assert [patch.title for patch in base.patches] == ["patch 2"]
    assert str(base) == f"base {llvm.main[1][:12]} + 2 patches"


@pytest.mark.parametrize(
    ("url", "knows"),
    [
        ("https://github.com/iree-org/llvm-project.git", False),
        ("git@github.com:iree-org/llvm-project", False),
        ("ssh://git@example.org:22/mirror/of/llvm-project.git", False),
        ("https://github.com/llvm/llvm-project.git", True),
        ("git@github.com:llvm/llvm-project.git", True),
        ("../llvm-project", True),
        ("/srv/git/llvm-project", True),
        ("file:///srv/git/llvm-project", True),
    ],
)
def test_a_forks_main_is_not_upstreams(config: Config, llvm: Llvm, tmp_path: Path, url: str, knows: bool) -> None:
    git(tmp_path, "clone", "-q", str(llvm.repo.path), "clone")
    git(tmp_path / "clone", "config", "remote.origin.url", url)
    named = replace(config, llvm=LlvmSpec(repository="../clone"))
    upstream = find_upstream(named)
    assert (upstream.base(llvm.main[0]) is not None) is knows
    assert upstream.is_on_main(llvm.main[0]) is (True if knows else None)
    assert upstream.is_on_main(C) is (False if knows else None)
    assert upstream.distance(llvm.main[0], llvm.main[3]) is not None
    told = replace(named, llvm=LlvmSpec(repository="../clone", main="origin/main"))
    assert find_upstream(told).base(llvm.main[0]) is not None
    git(tmp_path / "clone", "update-ref", "refs/remotes/upstream/main", llvm.main[3])
    assert find_upstream(named).base(llvm.main[0]) is not None


def test_distances_in_commits_and_days(upstream: Upstream, llvm: Llvm) -> None:
    distance = upstream.distance(llvm.main[0], llvm.main[3])
    assert distance is not None
    assert (distance.ahead, distance.behind, distance.days) == (0, 3, -3.0)
    assert str(distance) == "3 behind (3 days older)"
    fork = upstream.distance(llvm.patches[1], llvm.main[3])
    assert fork is not None
    assert (fork.ahead, fork.behind) == (2, 2)
    assert str(upstream.distance(llvm.main[0], llvm.main[0])) == "the same history (0 days newer)"


def test_what_is_on_main(upstream: Upstream, llvm: Llvm) -> None:
    assert upstream.is_on_main(llvm.main[0]) is True
    assert upstream.is_on_main(llvm.patches[0]) is False


def test_without_a_clone_nothing_is_claimed() -> None:
    nothing = Upstream(clones=())
    assert nothing.base(C) is None
    assert nothing.is_on_main(C) is None


def test_a_shallow_clone_does_not_know_what_is_off_main(config: Config, llvm: Llvm, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{llvm.repo.path}", "shallow")
    shallow = replace(config, llvm=LlvmSpec(repository="../shallow"))
    assert find_upstream(shallow).is_on_main(llvm.main[0]) is None


def test_a_clone_that_is_not_there(config: Config) -> None:
    with pytest.raises(RepositoryError, match=r"repository: expected a clone of llvm-project at .*\n    -> clone"):
        find_upstream(config)
    nothing, why = find_upstream_quietly(config)
    assert nothing.clones == ()
    assert "what is not a directory" in why


def test_a_main_branch_of_another_name(config: Config, llvm: Llvm) -> None:
    llvm.repo.git("branch", "-m", "main", "trunk")
    with pytest.raises(GateError, match="no main branch"):
        find_upstream(config)
    named = replace(config, llvm=replace(config.llvm, main="trunk"))
    assert find_upstream(named).is_on_main(llvm.main[3]) is True
    wrong = replace(config, llvm=replace(config.llvm, main="nothing"))
    with pytest.raises(RevisionError):
        find_upstream(wrong)


def test_a_submodule_of_llvm_is_a_clone_too(llvm: Llvm, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "torch")
    repo.add_submodule(llvm.repo, "externals/llvm-project")
    repo.commit()
    pin = PinSpec(name="llvm", file="externals/llvm-project", reader="gitlink")
    config = Config(path=repo.path / "llvmgate.toml", pins=(pin,))
    upstream = find_upstream(config, read_pins(config))
    base = upstream.base(llvm.patches[0])
    assert base is not None
    assert base.sha == llvm.main[1]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/llvm/llvm-project.git", True),
        ("git@github.com:me/llvm-project", True),
        ("../llvm-project/", True),
        ("https://github.com/google/iree-llvm-fork.git", True),
        ("https://github.com/google/llvm-bazel.git", False),
        ("https://github.com/openxla/stablehlo", False),
        ("", False),
    ],
)
def test_urls_of_llvm(url: str, expected: bool) -> None:
    assert is_llvm_url(url) is expected


def compared(config: Config, upstream: Upstream, sha: str, expected: str) -> tuple[Agreement, str, tuple[str, ...]]:
    repo = Repo.at(config.root)
    repo.write({"llvm_version.txt": sha})
    pin = PinSpec(name="x", file="llvm_version.txt", policy=Policy.SAME_BASE)
    readings = read_pins(replace(config, pins=(pin,)))
    (verdict,) = compare(readings, expected, upstream=upstream).verdicts
    return verdict.agreement, verdict.reason, verdict.notes


def test_the_same_base_agrees_and_lists_its_patches(config: Config, upstream: Upstream, llvm: Llvm) -> None:
    agreement, reason, notes = compared(config, upstream, llvm.patches[1], llvm.main[1])
    assert agreement is Agreement.AGREES
    assert reason == f"base {llvm.main[1][:12]} + 2 patches"
    assert [note.split(" ", 2)[2] for note in notes[1:]] == ["patch 1", "patch 2"]


def test_another_base_differs(config: Config, upstream: Upstream, llvm: Llvm) -> None:
    agreement, reason, notes = compared(config, upstream, llvm.patches[1], llvm.main[3])
    assert agreement is Agreement.DIFFERS
    assert reason == f"expected base {llvm.main[3][:12]}, found base {llvm.main[1][:12]} + 2 patches"
    assert "2 ahead, 2 behind" in notes[0]


def test_a_base_that_cannot_be_told_is_no_pass(config: Config, upstream: Upstream, llvm: Llvm) -> None:
    agreement, reason, _ = compared(config, upstream, C, llvm.main[3])
    assert agreement is Agreement.UNREADABLE
    assert "no clone at hand can tell the base of cccccccccccc" in reason


def test_the_distance_is_told_for_equal_policies_too(config: Config, upstream: Upstream, llvm: Llvm) -> None:
    Repo.at(config.root).write({"llvm_version.txt": llvm.main[0]})
    readings = read_pins(replace(config, pins=(PinSpec(name="x", file="llvm_version.txt"),)))
    (verdict,) = compare(readings, llvm.main[3], upstream=upstream).verdicts
    assert verdict.agreement is Agreement.DIFFERS
    assert "3 behind (3 days older)" in verdict.notes[0]
