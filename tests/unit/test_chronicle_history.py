from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from git_kit import A, B, Repo, git
from project_kit import HLO, OWN, VERSION, World, clone_script, day

from pytest_llvmgate.chronicle.history import Chronicle, gaps, median, median_gap, read_chronicle, windows
from pytest_llvmgate.chronicle.history_data import history_data
from pytest_llvmgate.chronicle.history_text import render_history
from pytest_llvmgate.chronicle.layouts import history_specs
from pytest_llvmgate.config.settings import HopSpec, PinSpec, Policy
from pytest_llvmgate.errors import GateError, RepositoryError, RevisionError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import same_commit
from pytest_llvmgate.pins import bulk
from pytest_llvmgate.pins.bulk import NO_CLONE, NO_COMMIT, BulkReader, clone_paths
from pytest_llvmgate.pins.readers import read_with
from pytest_llvmgate.pins.titles import claimed_commits, named_commits


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.move(3, component=None, on_day=5, title="Bump LLVM alone")
    made.move(3, component=3, on_day=8, title="Bump the component")
    made.move(6, component=6, on_day=12, title=f"Bump LLVM to {made.llvm[4][:12]}")
    return made


def history(world: World, *specs: PinSpec, **options: object) -> Chronicle:
    repository = Repository.open(world.repo.path)
    return read_chronicle(repository, specs or (OWN, HLO), **options)  # type: ignore[arg-type]


def said(found: Chronicle) -> list[tuple[str, ...]]:
    return [tuple(state.pins[name].text for name in found.names if name in state.pins) for state in found.states]


def test_every_state_of_the_pins_in_order(world: World) -> None:
    found = history(world)
    llvm = world.llvm
    assert said(found) == [(llvm[0], llvm[0]), (llvm[2], llvm[0]), (llvm[2], llvm[2]), (llvm[5], llvm[5])]
    assert [state.title for state in found.states][:2] == ["start", "Bump LLVM alone"]
    assert found.commits == 4
    assert found.states[0].pins["stablehlo"].links == (world.on[1],)


def test_commits_that_change_no_pin_are_no_states(world: World) -> None:
    script = clone_script(world.llvm[5])
    world.repo.commit({"utils/clone-mlir.sh": f"# a comment\n{script}", "x": "1"}, date=day(13))
    assert len(history(world).states) == 4


def test_moves_of_the_own_pin(world: World) -> None:
    found = history(world)
    assert [found.said(state) for state in found.bumps] == [world.llvm[0], world.llvm[2], world.llvm[5]]
    assert gaps(found) == [3.0, 7.0]
    assert median_gap(found) == 5.0
    assert [found.resolvable(state) for state in found.bumps] == [True, True, True]


def test_a_time_of_disagreement(world: World) -> None:
    (window,) = windows(history(world))
    assert (window.pins, window.days, window.bumps) == (("stablehlo",), 3.0, 1)
    assert window.start.title == "Bump LLVM alone"
    assert window.end is not None
    assert window.end.title == "Bump the component"


def test_a_disagreement_that_lasts(world: World) -> None:
    world.move(9, component=None, on_day=20)
    world.repo.commit({"x": "1"}, date=day(25))
    window = windows(history(world))[-1]
    assert window.end is None
    assert window.days == 5.0


def test_a_component_that_replaces_another_in_disagreement_is_one_time(world: World) -> None:
    world.move(9, component=None, on_day=20)
    world.repo.git("mv", "third_party/stablehlo", "third_party/mlir-hlo")
    world.repo.commit(date=day(22))
    second = replace(HLO, name="mlir-hlo", component="third_party/mlir-hlo")
    window = windows(history(world, OWN, HLO, second))[-1]
    assert window.pins == ("stablehlo", "mlir-hlo")
    assert window.start.when < window.until


def test_an_ignored_pin_has_no_history(world: World) -> None:
    found = history(world, OWN, replace(HLO, policy=Policy.IGNORE))
    assert found.names == ("llvm-project",)


def test_the_places_of_a_pin_over_time(world: World) -> None:
    world.repo.git("mv", "utils/clone-mlir.sh", "utils/clone.sh")
    world.repo.commit({"utils/clone.sh": clone_script(world.llvm[6])}, date=day(20))
    found = history(world, replace(OWN, file="utils/clone.sh"), OWN)
    assert [found.said(state) for state in found.bumps][-2:] == [world.llvm[5], world.llvm[6]]
    assert found.names == ("llvm-project",)


def test_without_a_clone_of_the_component_the_rest_is_still_told(world: World) -> None:
    world.repo.git("clone", "-q", str(world.repo.path), str(world.path / "bare"))
    repository = Repository.open(world.path / "bare")
    found = read_chronicle(repository, [OWN, HLO])
    assert {pin.missing for state in found.states for pin in state.pins.values()} == {"", NO_CLONE}
    assert windows(found) == ()
    named = read_chronicle(repository, [OWN, HLO], clones={"stablehlo": world.component.path})
    assert said(named) == said(history(world))


def test_a_component_commit_that_was_never_fetched(world: World) -> None:
    world.repo.commit(links={"third_party/stablehlo": A}, date=day(20))
    assert history(world).states[-1].pins["stablehlo"].missing == NO_CLONE


def test_a_file_that_names_no_one_commit(world: World) -> None:
    world.repo.commit({"utils/clone-mlir.sh": "make\n"}, date=day(20))
    found = history(world)
    assert found.states[-1].pins["llvm-project"].missing == NO_COMMIT
    assert found.said(found.states[-1]) == ""


def test_gitlinks_of_llvm_itself(tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    for sha, date in ((A, day(1)), (B, day(2))):
        repo.commit(links={"externals/llvm-project": sha, "llvm": sha}, date=date)
    deep = PinSpec(name="deep", file="externals/llvm-project", reader="gitlink")
    top = PinSpec(name="top", component="llvm")
    found = read_chronicle(Repository.open(tmp_path), [deep, top])
    assert said(found) == [(A, A), (B, B)]
    assert found.leading == ("deep", "top")


def test_a_component_in_a_component(world: World) -> None:
    inner = Repo(world.path / "inner")
    inner.commit({"hash.txt": A})
    world.component.add_submodule(inner, "deep")
    world.on[10] = world.component.commit(date=day(20))
    world.move(6, component=10, on_day=21)
    spec = PinSpec(name="inner", component="third_party/stablehlo/deep", file="hash.txt")
    clones = {"third_party/stablehlo/deep": inner.path}
    last = history(world, OWN, spec, clones=clones).states[-1]
    assert (last.pins["inner"].text, last.pins["inner"].links) == (A, (world.on[10], inner.head))


def test_a_file_that_names_the_next_repositorys_commit(world: World) -> None:
    hop = HopSpec(file="hlo-hash.txt", repository="../stablehlo")
    spec = PinSpec(name="hlo", file=VERSION, through=(hop,))
    world.repo.commit({"hlo-hash.txt": world.on[3]}, date=day(20))
    world.repo.commit({"hlo-hash.txt": world.on[6][:10]}, date=day(21))
    found = history(world, OWN, spec)
    assert [state.pins["hlo"].text for state in found.states[-2:]] == [world.llvm[2], world.llvm[5]]
    assert found.states[-1].pins["hlo"].links == (world.on[6],)


def test_a_revision_other_than_head(world: World) -> None:
    assert len(history(world, revision=world.first).states) == 1
    with pytest.raises(RevisionError):
        history(world, revision="no-such-branch")


def test_no_specs_no_states(world: World) -> None:
    found = read_chronicle(Repository.open(world.repo.path), [])
    assert (found.states, found.bumps, median_gap(found)) == ((), (), None)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (A, A, True),
        (A, A[:7], True),
        (A[:6], A, False),
        (A, B, False),
        ("", A, False),
        ("V1", "v1", True),
        (A, A.upper(), True),
        ("llvmorg-18.1", "llvmorg-18.1.8", False),
        (A[:9], A[:7], True),
        ("release-1", "release-1", True),
        ("deadbeef", "deadbeef-dirty", False),
    ],
)
def test_abbreviations_name_the_same_commit(one: str, other: str, expected: bool) -> None:
    assert same_commit(one, other) is expected
    assert same_commit(other, one) is expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Bump LLVM to llvm/llvm-project@5e8f8f1 (#12)", ("5e8f8f1",)),
        ("Update to 20240603", ()),
        ("Deadbeef feedback defaced", ()),
        ("a1b2c3d and a1b2c3d", ("a1b2c3d",)),
        ("a1b2c3", ()),
    ],
)
def test_what_looks_like_a_commit_in_prose(title: str, expected: tuple[str, ...]) -> None:
    assert named_commits(title) == expected


def test_clones_by_name() -> None:
    assert clone_paths(["third_party/x/=.."]) == {"third_party/x": Path("..")}
    with pytest.raises(GateError, match="expected NAME=DIRECTORY, found 'x'"):
        clone_paths(["x"])


def test_the_history_as_text(world: World) -> None:
    shown = "\n".join(render_history(history(world)))
    assert "llvm-project: 3 LLVM commits in 4 first-parent commits, 2026-01-02 to 2026-01-12" in shown
    assert "moved every 5.0 days (median; the longest pause was 7 days)" in shown
    assert "stablehlo: at 3 of those moves, equal at 2, different at 1" in shown
    assert "1 time in which pins disagreed, 3 days in all:" in shown
    assert "differs: stablehlo" in shown


def test_a_history_without_a_pin_speaks_of_none(world: World) -> None:
    shown = "\n".join(render_history(history(world, PinSpec(name="llvm-project", file="nowhere.txt"))))
    assert "no LLVM commit was ever pinned" in shown
    assert "one pin" not in shown


def test_a_history_without_disagreement_as_text(world: World) -> None:
    shown = "\n".join(render_history(history(world, OWN), every_state=True))
    assert "There is one pin, so nothing that it could disagree with." in shown
    assert "All 3 states:" in shown


def test_an_empty_history_as_text(world: World) -> None:
    shown = "\n".join(render_history(read_chronicle(Repository.open(world.repo.path), [])))
    assert "no LLVM commit was ever pinned in 4 first-parent commits" in shown


def test_the_history_as_json(world: World) -> None:
    data = json.loads(json.dumps(history_data(history(world))))
    assert (data["bumps"], data["mismatched_bumps"], data["resolvable_bumps"]) == (3, 1, 3)
    assert data["windows"][0]["pins"] == ["stablehlo"]
    assert data["states"][1]["differing"] == ["stablehlo"]


@pytest.mark.parametrize(("values", "expected"), [([3], 3), ([1, 2], 1.5), ([5, 1, 3], 3), ([4, 1, 3, 2], 2.5)])
def test_the_median(values: list[float], expected: float) -> None:
    assert median(values) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Bump LLVM to 1a2b3c4d5e6f", ["1a2b3c4d5e6f"]),
        ("Integrate LLVM at llvm/llvm-project@1a2b3c4d5e6f (#12)", ["1a2b3c4d5e6f"]),
        ("Integrates/llvm@1a2b3c4", ["1a2b3c4"]),
        ("Bump to https://github.com/llvm/llvm-project/commit/1a2b3c4d5e6f", ["1a2b3c4d5e6f"]),
        ("Integrate StableHLO at openxla/stablehlo@1a2b3c4", []),
        ("Integrate Torch-MLIR to llvm/torch-mlir@1a2b3c4", []),
        ("Update LLVM to 1a2b3c4 and openxla/stablehlo@2b3c4d5", ["1a2b3c4"]),
        ('Revert "Bump LLVM to 1a2b3c4"', []),
        ("[llvm] Cherry-pick 1a2b3c4", ["1a2b3c4"]),
        ("Cherry pick 1a2b3c4 for llvm-project", []),
        ("Drop revert on LLVM 1a2b3c4", []),
        ("Bump LLVM", []),
    ],
)
def test_what_a_title_claims_to_pin(title: str, expected: list[str]) -> None:
    assert list(claimed_commits(title, {"mhlo"})) == expected


def test_a_title_that_names_a_component() -> None:
    assert claimed_commits("Integrate openxla/stablehlo@1a2b3c4", {"stablehlo"}) == ("1a2b3c4",)


def test_a_shallow_clone_says_so(world: World, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{world.repo.path}", "cut")
    history = read_chronicle(Repository.open(tmp_path / "cut"), [OWN])
    assert history.is_shallow
    assert next(iter(render_history(history))).startswith("(a shallow clone")
    assert history_data(history)["is_shallow"] is True


def test_before_the_first_commit_there_is_no_history(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "new")
    with pytest.raises(RepositoryError, match="has no commit yet"):
        read_chronicle(Repository.open(repo.path), [OWN])


def test_versions_of_a_file_that_differ_in_commits_alone_are_read_once_and_say_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "wombat")
    lines = "LLVM_REPO=https://github.com/llvm/llvm-project\n: ${LLVM_VERSION:=%s}\nWALLABY_COMMIT=%s\n"
    said = [(A, B), (B, A), (B, B), ("llvmorg-18.1.0-rc1", A), ("llvmorg-19.1.0", B)]
    commits = [repo.commit({"build.sh": lines % pair}) for pair in said]
    read: list[str] = []
    monkeypatch.setattr(bulk, "read_with", lambda *words: read.append(words[1]) or read_with(*words))
    found = BulkReader(repository=Repository.open(repo.path)).read(PinSpec(name="x", file="build.sh"), commits)
    assert [found[commit].text for commit in commits] == [llvm for llvm, _ in said]
    assert len(read) == 3  # two SHAs, the same twice, a tag and a SHA


def test_a_pattern_that_names_a_commit_is_matched_against_the_files_own_text(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "wombat")
    commit = repo.commit({"x.txt": f"if {A}\nthen {B}\n"})
    spec = PinSpec(name="x", file="x.txt", reader="regex", pattern=rf"if {A}\nthen (?P<sha>\w+)")
    assert BulkReader(repository=Repository.open(repo.path)).read(spec, [commit])[commit].text == B


def test_the_history_is_walked_once_for_submodules_and_pins(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    walks: list[str] = []
    run = Repository.run

    def counted(self: Repository, *words: str, **options: object) -> bytes:
        if words[0] == "log" and "--first-parent" in words:
            walks.append(words[-1])
        return run(self, *words, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Repository, "run", counted)
    repository = Repository.open(world.repo.path)
    assert len(read_chronicle(repository, history_specs(repository, (OWN, HLO))).bumps) == 3
    assert len(walks) == 1
