from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from git_kit import Repo
from project_kit import CONFIG, World, clone_script, day

from pytest_llvmgate.candidates.gathering import CandidateRequest, Ranking, find_candidates, read_verdicts
from pytest_llvmgate.candidates.points import Candidate, ReasonKind, Recorded
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.codec import dumps
from pytest_llvmgate.config.settings import Config, LlvmSpec, UpdateSpec
from pytest_llvmgate.errors import GateError, RepositoryError, RevisionError
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.gate.seal import write_sealed
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.worktree import source_state
from pytest_llvmgate.model import Downstream, Finding, Outcome, Revision, StageResult, Verdict

HEADER = "mlir/include/mlir/IR/Thing.h"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Made once: some forty git processes."""
    world = World(tmp_path_factory.mktemp("world"))
    world.repo.commit({"llvmgate.toml": CONFIG, ".gitignore": "/.llvmgate/\n"}, date=day(2))
    return world


@pytest.fixture
def world(made: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A copy of it, to do with as a test likes."""
    world = copy.copy(made)
    world.path = tmp_path / "world"
    shutil.copytree(made.path, world.path, symlinks=True)
    world.llvm_repo, world.component = Repo.at(world.path / "llvm-project"), Repo.at(world.path / "stablehlo")
    world.repo = Repo.at(world.path / "repo")
    world.checkout = Repo.at(world.repo.path / "third_party/stablehlo")
    monkeypatch.chdir(world.repo.path)
    return world


def find(world: World, config: Config | None = None, **more: object) -> Ranking:
    return find_candidates(CandidateRequest(config=config or world.config, **{"preflights": 0, **more}))  # type: ignore[arg-type]


def at(ranking: Ranking, sha: str) -> Candidate:
    return next(one for one in ranking.candidates if one.commit.sha == sha)


def record(world: World, number: int, *results: StageResult, commit: str | None = None, dirty: bool = False) -> None:
    """Leave the verdict of a session on LLVM's commit of that number."""
    sha = world.llvm[number - 1]
    workspace = Workspace(root=world.repo.path, candidate=sha)
    workspace.prepare()
    downstream = Downstream(root="", commit=world.repo.head if commit is None else commit, dirty=dirty)
    verdict = Verdict(candidate=Revision(sha=sha), downstream=downstream, configurations=(), results=results)
    write_sealed(workspace.root, workspace.verdict, dumps(verdict))


BUILT = StageResult(group="static", stage="build", outcome=Outcome.PASSED)
BROKEN = StageResult(group="static", stage="build", outcome=Outcome.FAILED, reason="it broke")


# -- what is put together -----------------------------------------------------------------------------------------


def test_the_range_starts_after_the_pin(world: World) -> None:
    ranking = find(world)
    assert (ranking.pin, ranking.commits, ranking.days) == (world.llvm[0], 8, 8.0)
    assert world.llvm[0] not in [one.commit.sha for one in ranking.candidates]


def test_commits_that_the_component_carries(world: World) -> None:
    ranking = find(world)
    assert ranking.components == ("stablehlo",)
    assert at(ranking, world.llvm[2]).carried[0].commit == world.on[3]
    assert at(ranking, world.llvm[5]).carried[0].commit == world.on[6]
    assert not at(ranking, world.llvm[8]).carried


def test_the_commit_that_the_gitlink_s_component_pins(world: World) -> None:
    world.move(1, component=3, on_day=9)
    (carried,) = at(find(world), world.llvm[2]).carried
    assert carried.is_current


def test_siblings_are_asked_those_of_the_configuration_too(world: World) -> None:
    others = []
    for name, number in (("one", 4), ("two", 5)):
        other = Repo(world.path / name)
        other.commit({"utils/clone-mlir.sh": clone_script(world.llvm[number - 1])}, date=day(6))
        others.append(other.path)
    config = replace(world.config, update=UpdateSpec(siblings=("../one",)))
    ranking = find(world, config, siblings=(others[1], others[0]))
    assert ranking.siblings == ("one", "two")
    assert [one.project for one in at(ranking, world.llvm[3]).adoptions] == ["one"]
    assert [one.project for one in at(ranking, world.llvm[4]).adoptions] == ["two"]


def test_a_sibling_on_a_fork_speaks_for_the_base_of_its_patches(world: World) -> None:
    llvm = world.llvm_repo
    llvm.git("checkout", "-q", "-b", "fork", world.llvm[6])
    patched = llvm.commit(message="carried patch", date=day(10))
    llvm.git("checkout", "-q", "main")
    other = Repo(world.path / "iree")
    other.commit({"utils/clone-mlir.sh": clone_script(patched)}, date=day(11))
    (adoption,) = at(find(world, siblings=(other.path,)), world.llvm[6]).adoptions
    assert adoption.patches == 1


def test_a_sibling_s_abbreviation_is_spelled_out(world: World) -> None:
    other = Repo(world.path / "other")
    other.commit({"utils/clone-mlir.sh": clone_script(world.llvm[3][:12])}, date=day(6))
    assert at(find(world, siblings=(other.path,)), world.llvm[3]).adoptions


def test_verdicts_of_earlier_sessions(world: World) -> None:
    record(world, 4, BUILT)
    record(world, 5, BROKEN, BUILT)
    ranking = find(world)
    assert at(ranking, world.llvm[3]).recorded is not None
    assert ranking.candidates[0].commit.sha == world.llvm[3]
    assert at(ranking, world.llvm[4]).is_known_bad
    assert ranking.candidates[-1].commit.sha == world.llvm[4]


def test_a_verdict_that_built_nothing_says_nothing(world: World) -> None:
    record(world, 4, StageResult(group="pins", stage="llvm-project", outcome=Outcome.PASSED))
    assert all(one.recorded is None for one in find(world).candidates)


@pytest.mark.parametrize(("commit", "dirty"), [("ab" * 20, False), (None, True), ("", False)])
def test_a_verdict_of_another_tree_is_told_apart(world: World, commit: str | None, dirty: bool) -> None:
    record(world, 4, BUILT, commit=commit, dirty=dirty)
    recorded = at(find(world), world.llvm[3]).recorded
    assert recorded is not None
    assert not recorded.same_tree


def test_torn_verdicts_are_left_out(world: World) -> None:
    record(world, 4, BUILT)
    record(world, 5, BUILT)
    Workspace(root=world.repo.path, candidate=world.llvm[4]).verdict.write_text('{"candidate":', encoding="utf-8")
    assert [verdict.candidate.sha for verdict in read_verdicts(world.repo.path)] == [world.llvm[3]]


def test_what_a_bisection_s_probes_left(world: World) -> None:
    for number, result in ((4, BUILT), (5, BROKEN)):
        Workspace(root=world.repo.path, candidate=world.llvm[number - 1]).write_record(result)
    torn = Workspace(root=world.repo.path, candidate=world.llvm[6]).record("static", "build")
    torn.parent.mkdir(parents=True)
    torn.write_text("{", encoding="utf-8")
    ranking = find(world)
    good, bad = at(ranking, world.llvm[3]).recorded, at(ranking, world.llvm[4]).recorded
    assert (good, bad) == (
        Recorded(passes=True, text="static", same_tree=False),
        Recorded(passes=False, text="static::build", same_tree=False),
    )
    assert [one.recorded for one in ranking.candidates if one.recorded] == [good, bad]


@pytest.mark.parametrize("findings", [(), (Finding(kind="api-removed", identifier="x", headline="x"),)])
def test_an_llvm_that_does_not_build_is_bad_and_one_that_cannot_be_had_is_unknown(
    world: World, findings: tuple[Finding, ...]
) -> None:
    failed = StageResult(group="llvm", stage="static", outcome=Outcome.FAILED, findings=findings)
    Workspace(root=world.repo.path, candidate=world.llvm[3]).write_record(failed)
    recorded = [one.recorded.text for one in find(world).candidates if one.recorded]
    assert recorded == (["llvm::static"] if findings else [])


def used_header(world: World) -> tuple[str, str, str]:
    """LLVM changes a header that the downstream includes, and takes that back: before, bad, and good commit."""
    before = world.llvm_repo.commit({HEADER: "int a;\n", "mlir/CMakeLists.txt": ""}, message="add", date=day(11))
    bad = world.llvm_repo.commit({HEADER: "int b;\n"}, message="rename", date=day(12))
    good = world.llvm_repo.commit(
        {HEADER: "int a;\n"}, message=f'Revert "rename"\n\nThis reverts commit {bad}.', date=day(14)
    )
    world.repo.commit({"lib/a.cpp": "#include <mlir/IR/Thing.h>\n"}, message="use it", date=day(12))
    return before, bad, good


def test_a_window_in_what_the_downstream_includes(world: World) -> None:
    _, bad, _ = used_header(world)
    other = Repo(world.path / "other")
    other.commit({"utils/clone-mlir.sh": clone_script(bad)}, date=day(15))
    ranking = find(world, siblings=(other.path,))
    assert (ranking.windows, ranking.relevant_windows) == (1, 1)
    (reason,) = [each for each in at(ranking, bad).reasons if each.kind is ReasonKind.WINDOW]
    assert reason.points == -40.0
    assert reason.text.endswith(f"it touches {HEADER}, used here")


def test_preflight_counts_what_is_gone(world: World) -> None:
    base, _, _ = used_header(world)
    world.repo.commit({"utils/clone-mlir.sh": clone_script(base)}, message="Bump", date=day(13))
    world.llvm_repo.git("rm", "-q", HEADER)
    gone = world.llvm_repo.commit(message="remove the header", date=day(20))
    best = at(find(world, preflights=3), gone)
    assert best.preflight is not None
    (gone,) = best.preflight
    assert "mlir/IR/Thing.h" in gone
    assert all(one.preflight is None for one in find(world).candidates)


# -- what cannot be answered --------------------------------------------------------------------------------------


def test_without_a_clone_of_llvm(world: World) -> None:
    with pytest.raises(RepositoryError, match="no clone of llvm-project") as caught:
        find(world, replace(world.config, llvm=LlvmSpec()))
    assert "[llvm] repository" in str(caught.value)


def test_a_clone_that_lacks_the_pin(world: World, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other-llvm")
    other.commit()
    with pytest.raises(RepositoryError, match="is not in"):
        find(world, llvm=other.path)


def test_a_pin_without_common_history(world: World) -> None:
    world.llvm_repo.git("checkout", "-q", "--orphan", "elsewhere")
    lost = world.llvm_repo.commit(message="unrelated", date=day(3))
    world.llvm_repo.git("checkout", "-q", "main")
    world.repo.commit({"utils/clone-mlir.sh": clone_script(lost)}, date=day(13))
    with pytest.raises(RepositoryError, match="no common history"):
        find(world)


def test_pins_that_disagree(world: World) -> None:
    world.repo.commit({"utils/clone-mlir.sh": "nothing to read\n"}, date=day(13))
    with pytest.raises(GateError, match="do not say which LLVM commit"):
        find(world)


def test_a_head_that_is_not_there(world: World) -> None:
    with pytest.raises(RevisionError, match="no commit 'v9'"):
        find(world, head="v9")


def test_a_head_ends_the_range(world: World) -> None:
    assert find(world, head=world.llvm[3]).commits == 3


def test_nothing_newer_than_the_pin(world: World) -> None:
    ranking = find(world, head=world.llvm[0])
    assert (ranking.commits, ranking.candidates, ranking.best) == (0, (), None)
    assert "has nothing newer than the pin" in ranking.notes[0]


def test_a_pin_on_a_fork_counts_from_its_base(world: World) -> None:
    world.llvm_repo.git("checkout", "-q", "-b", "fork", world.llvm[1])
    patched = world.llvm_repo.commit(message="carried patch", date=day(10))
    world.llvm_repo.git("checkout", "-q", "main")
    world.repo.commit({"utils/clone-mlir.sh": clone_script(patched)}, date=day(13))
    ranking = find(world)
    assert ranking.commits == 7
    assert f"base {world.llvm[1][:12]} + 1 patch" in ranking.notes[0]


def test_a_component_whose_history_cannot_be_read_is_noted(world: World) -> None:
    ranking = find(world, clones={"stablehlo": world.llvm_repo.path})  # which is another project
    assert any(note.startswith("stablehlo: ") for note in ranking.notes)


# -- the command --------------------------------------------------------------------------------------------------


def test_as_text(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["candidates"]) == 0
    shown = capsys.readouterr().out
    assert f"pinned: {world.llvm[0][:12]}; after it, main has 8 commits in 8 days" in shown
    assert f" 1  {world.llvm[5][:12]}  2026-01-06  +5" in shown
    assert "stablehlo pins exactly this" in shown
    assert f"next: llvmgate plan {world.llvm[5][:12]}; pytest --llvm-sha={world.llvm[5]}" in shown
    assert "days old: git fetch in" in shown


def test_as_json(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    record(world, 4, BROKEN)
    assert main(["candidates", "--json", "--count", "99"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == 1
    assert (data["pin"], data["head"], data["commits"]) == (world.llvm[0], world.llvm[8], 8)
    ranks = [one["rank"] for one in data["candidates"]]
    assert ranks == list(range(1, len(ranks) + 1))
    by_sha = {one["sha"]: one for one in data["candidates"]}
    assert by_sha[world.llvm[3]]["verdict"] == "failed"
    assert by_sha[world.llvm[5]]["components"] == [{"name": "stablehlo", "commit": world.on[6], "current": False}]
    for one in data["candidates"]:
        assert one["points"] == pytest.approx(sum(reason["points"] for reason in one["reasons"]), abs=0.3)
    assert "newest_that_passes" not in data


def test_as_markdown(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.llvm_repo.commit(message="ping @everyone | [x](http://y) `z`", date=day(10))
    assert main(["candidates", "--markdown"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("## Candidates for the next LLVM update\n")
    assert f"[`{world.llvm[5][:12]}`](https://github.com/llvm/llvm-project/commit/{world.llvm[5]})" in shown
    assert "@everyone" not in shown
    assert "\\| \\[x\\](http:\u200b//y) \\`z\\`" in shown
    assert f"- [ ] move the pins: `llvmgate bump {world.llvm[5]}`" in shown


def test_nothing_to_move_to_is_a_no(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["candidates", "--head", world.llvm[0]]) == 1
    assert "next:" not in capsys.readouterr().out


def test_where_all_that_is_known_failed_the_answer_is_no(world: World) -> None:
    for number in range(2, 10):
        record(world, number, BROKEN)
    assert main(["candidates"]) == 1


def test_bad_numbers(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["candidates", "--count", "0"])
    assert "--count: expected a whole number above 0, found '0'" in capsys.readouterr().err


def test_a_sibling_that_is_no_repository(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["candidates", "--sibling", "nowhere"]) == 4
    assert "nowhere: expected a directory, found none" in capsys.readouterr().err


def test_fewer_are_shown_than_there_are(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    main(["candidates", "--count", "2"])
    shown = capsys.readouterr().out
    assert " 3  " not in shown
    assert "more: --count)" in shown


def test_nothing_to_build_cannot_be_tried(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["candidates", "--newest-that-passes"]) == 4
    assert "nothing to build" in capsys.readouterr().err


def test_the_repository_is_left_as_it_was(world: World) -> None:
    before = source_state(Repository.open(world.repo.path))
    main(["candidates"])
    assert source_state(Repository.open(world.repo.path)) == before
