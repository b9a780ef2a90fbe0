"""A local revert over the miniature LLVM's history: needed, reverted upstream, too, needed again after the reland."""

from __future__ import annotations

import datetime

import pytest

from pytest_llvmgate.carry.carried import Patch
from pytest_llvmgate.carry.standing import Standing, standings
from pytest_llvmgate.config.settings import CarrySpec
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.upstream.taken_back import taken_back
from tests.miniature import Miniature, create
from tests.miniature.git import git

PLAN = (
    *("filler", "api-changed", "filler", "api-changed-reverted", "filler"),
    *("api-changed-relanded", "filler", "llvm-broken", "filler", "llvm-fixed"),
)
CARRY = CarrySpec(name="ours", reason="r", until=datetime.date(2099, 1, 1), patches=("ours.patch",))


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    return create(tmp_path_factory.mktemp("carry") / "llvm-project", commits=PLAN)


def local_revert(miniature: Miniature, step: str) -> Patch:
    sha = miniature.sha(step)
    title = git(miniature.repository, "log", "-1", "--format=%s", sha).strip()
    diff = git(miniature.repository, "diff", sha, f"{sha}^")
    return Patch(
        name="ours.patch",
        content=f"{diff}\n".encode(),
        title=f'Revert "{title}"',
        message=f"This reverts commit {sha}.",
    )


def on(miniature: Miniature, sha: str) -> Standing:
    patch = local_revert(miniature, "api-changed")
    (found,) = standings(Repository.open(miniature.repository), sha, [(CARRY, [patch])], since=miniature.base)
    return found


@pytest.mark.parametrize(
    ("step", "state", "applies"),
    [
        ("api-changed", "applies", True),
        ("api-changed-reverted", "upstream", False),
        ("api-changed-relanded", "applies", True),
        ("llvm-fixed", "applies", True),
    ],
)
def test_a_local_revert_follows_what_upstream_does(miniature: Miniature, step: str, state: str, applies: bool) -> None:
    found = on(miniature, miniature.sha(step))
    assert (found.state.value, found.applies) == (state, applies), found.says


def test_what_upstream_took_back_is_named(miniature: Miniature) -> None:
    revert = miniature.sha("api-changed-reverted")
    assert on(miniature, revert).says.startswith(f"upstream took it back, too: {revert[:12]} ")


@pytest.mark.parametrize(
    ("pin", "proofs"),
    [
        ("api-changed", {"api-changed-reverted"}),
        ("api-changed-reverted", set()),
        ("llvm-broken", {"llvm-fixed"}),
        ("llvm-fixed", set()),
    ],
)
def test_later_commits_are_told_of_the_pins_that_have_the_break(
    miniature: Miniature, pin: str, proofs: set[str]
) -> None:
    repository = Repository.open(miniature.repository)
    told = taken_back(repository, miniature.sha(pin), miniature.head)
    assert {one.proof for one in told} == {miniature.sha(step) for step in proofs}
