"""The miniature llvm-project and its downstream as repositories; that they build is for ``tests/real``."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Literal

import pytest

from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.pins.read import read_pins
from tests.miniature import (
    CARRIED_PATCH,
    CONFIGURATIONS,
    CULPRITS,
    DEFAULT_PLAN,
    FLAVOURS,
    SPECIALS,
    STAGES,
    Miniature,
    create,
    create_synthetic,
    expected,
    isolated,
    spread,
)
from tests.miniature.downstream import COMPONENT, LLVM_GITLINK, Pins, TinyC, create_downstream
from tests.miniature.edits import ConflictError, Edit, Move, Remark, Replace, Tree, inverses
from tests.miniature.git import git
from tests.miniature.history import TEMPLATE, edits_of

ALL = tuple(CONFIGURATIONS)
SHA = re.compile(r"[0-9a-f]{40}")


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    return create(tmp_path_factory.mktemp("miniature") / "llvm-project")


@pytest.fixture(scope="module")
def tinyc(tmp_path_factory: pytest.TempPathFactory, miniature: Miniature) -> TinyC:
    return create_downstream(tmp_path_factory.mktemp("downstream"), miniature)


# -- the repository ----------------------------------------------------------------------------------------------------


def test_has_a_few_dozen_commits_in_one_line(miniature: Miniature) -> None:
    assert 40 <= len(miniature.order) <= 80
    assert miniature.git("rev-list", "--merges", "main") == ""
    assert miniature.git("rev-list", "main").split() == list(reversed(miniature.order))


def test_same_steps_give_the_same_commits(
    tmp_path: Path, miniature: Miniature, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Somebody\n[init]\ndefaultBranch = other\n[core]\nautocrlf = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody else")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    again = create(tmp_path / "again", bare=True)
    assert again.order == miniature.order


def test_checkout_is_clean_and_at_the_newest_commit(miniature: Miniature) -> None:
    assert miniature.git("status", "--porcelain") == ""
    assert miniature.git("rev-parse", "HEAD") == miniature.head
    assert (miniature.repository / "llvm" / "CMakeLists.txt").is_file()


def test_every_special_commit_is_in_the_default_history_by_name(miniature: Miniature) -> None:
    assert set(miniature.commits) == {"initial", *SPECIALS}
    for name, sha in miniature.commits.items():
        assert miniature.sha(name) == miniature.sha(sha) == sha
        assert miniature.order[miniature.index(name)] == sha


def test_parent_of_a_commit(miniature: Miniature) -> None:
    assert miniature.before("header-moved") == miniature.git("rev-parse", miniature.commits["header-moved"] + "^")


def test_unknown_commit(miniature: Miniature) -> None:
    with pytest.raises(KeyError):
        miniature.sha("0" * 40)


def test_dates_go_forward_and_differ_from_the_authors(miniature: Miniature) -> None:
    pairs = [line.split() for line in miniature.git("log", "--reverse", "--format=%ct %at").splitlines()]
    committed = [int(pair[0]) for pair in pairs]
    assert committed == sorted(set(committed))
    assert all(int(pair[1]) < int(pair[0]) for pair in pairs)


def test_titles_name_a_pull_request(miniature: Miniature) -> None:
    titles = miniature.git("log", "--reverse", "--format=%s").splitlines()[1:]
    numbers = [re.search(r"\(#(\d{6})\)$", title) for title in titles]
    assert all(numbers)
    assert len({number[1] for number in numbers if number}) == len(titles)


@pytest.mark.parametrize(("name", "undone"), [(n, s.undoes) for n, s in SPECIALS.items() if s.undoes])
def test_undoing_restores_what_was_before(miniature: Miniature, name: str, undone: str) -> None:
    def changes(commit: str, *options: str) -> str:
        return miniature.git("diff", "-U0", "--no-prefix", *options, f"{commit}^", commit)

    lines = [line for line in changes(miniature.sha(undone), "-R").splitlines() if line[:1] in "+-"]
    assert lines == [line for line in changes(miniature.sha(name)).splitlines() if line[:1] in "+-"]


def test_reverts_name_the_commit_in_git_s_words(miniature: Miniature) -> None:
    message = miniature.git("log", "-1", "--format=%B", miniature.sha("api-changed-reverted"))
    culprit = miniature.sha("api-changed")
    title = miniature.git("log", "-1", "--format=%s", culprit)
    assert message.startswith(f'Revert "{title}" (#')
    assert f"\nThis reverts commit {culprit}.\n" in message
    assert re.search(r"^Reverts llvm/llvm-project#\d+$", message, re.MULTILINE)


def test_a_reland_reverts_the_revert(miniature: Miniature) -> None:
    message = miniature.git("log", "-1", "--format=%B", miniature.sha("api-changed-relanded"))
    assert message.startswith('Reapply "')
    assert f"This reverts commit {miniature.sha('api-changed-reverted')}." in message


@pytest.mark.parametrize("name", SPECIALS)
def test_messages_are_filled_in(miniature: Miniature, name: str) -> None:
    message = miniature.git("log", "-1", "--format=%B", miniature.sha(name))
    assert not re.search(r"#0\b|\{\w|\}\}|commit \.|\bafter \(", message)
    for sha in SHA.findall(message):
        assert sha in miniature.order


@pytest.mark.parametrize("names", [("no-such-step",), ("header-moved", "header-moved"), ("api-changed-reverted",)])
def test_impossible_plans_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=names[-1]):
        create(tmp_path / "repository", commits=names)


@pytest.mark.parametrize("name", SPECIALS)
def test_every_special_commit_can_stand_alone(name: str) -> None:
    plan = isolated(name, before=1, after=1)
    assert plan[-2:] == (name, "filler")
    assert len(set(plan)) == len(plan) - 1
    tree = Tree.read(TEMPLATE)
    for index, step in enumerate(plan, 1):
        tree.take_changes()
        for edit in edits_of(step, index):
            edit.apply(tree)
        assert tree.take_changes()


def test_carried_patch_applies_until_its_context_changes(miniature: Miniature, tmp_path: Path) -> None:
    (tmp_path / "carried.patch").write_text(CARRIED_PATCH)

    def applies(commit: str) -> bool:
        work = tmp_path / commit
        miniature.git("worktree", "add", "-q", "--detach", str(work), commit)
        done = subprocess.run(
            ["git", "apply", "--check", "../carried.patch"], cwd=work, capture_output=True, check=False
        )
        miniature.git("worktree", "remove", str(work))
        return done.returncode == 0

    assert applies(miniature.before("patch-context-changed"))
    assert not applies(miniature.sha("patch-context-changed"))


# -- the synthetic history ---------------------------------------------------------------------------------------------


def test_synthetic_history_has_what_was_planted(tmp_path: Path) -> None:
    synthetic = create_synthetic(tmp_path / "repository", 300, planted={100: "header-moved", 250: "target-renamed"})
    assert len(synthetic.order) == 300
    assert synthetic.index("header-moved") == 100
    assert synthetic.expected(synthetic.order[99], "static-mhlo_on").passes
    assert synthetic.expected(synthetic.order[100], "static-mhlo_on").culprits == ("header-moved",)
    assert synthetic.expected(synthetic.order[299], "static-mhlo_on").stage == "configure"


def test_synthetic_history_keeps_the_tree_small(tmp_path: Path) -> None:
    synthetic = create_synthetic(tmp_path / "repository", 400)
    files = synthetic.git("ls-tree", "-r", "--name-only", "main").splitlines()
    assert len(files) < 450
    assert set(synthetic.commits) == {"initial", *SPECIALS}


def test_spread_keeps_the_order() -> None:
    places = spread(("a", "b", "c"), 100)
    assert list(places.values()) == ["a", "b", "c"]
    assert list(places) == sorted(places)
    assert all(0 < place < 100 for place in places)


# -- the table and the oracle ------------------------------------------------------------------------------------------


def test_every_culprit_is_a_special_commit() -> None:
    assert set(CULPRITS) <= set(SPECIALS)


@pytest.mark.parametrize("name", CULPRITS)
def test_entry_is_consistent(name: str) -> None:
    culprit = CULPRITS[name]
    assert culprit.stage in STAGES
    assert set(culprit.flavours) <= set(FLAVOURS)
    assert bool(culprit.flavours) == (culprit.stage == "llvm") == (culprit.layer == "llvm")
    assert bool(culprit.phase) == bool(culprit.units) == (culprit.stage == "build")
    assert culprit.about == " ".join(culprit.about.split())
    shown = [configuration for configuration in ALL if culprit.concerns(configuration)]
    assert shown
    assert [c for c in ALL if expected((name,), c).culprits == (name,)] == shown
    assert [c for c in ALL if expected((name,), c).passes] == [c for c in ALL if c not in shown]


@pytest.mark.parametrize("name", CULPRITS)
def test_each_culprit_is_visible_where_it_comes(miniature: Miniature, name: str) -> None:
    before = {c: miniature.expected(miniature.before(name), c).culprits for c in ALL}
    shown = {c for c in ALL if name in miniature.expected(name, c).culprits}
    assert shown == {c for c in ALL if CULPRITS[name].concerns(c)}
    assert not any(name in culprits for culprits in before.values())


def test_windows_close_again(miniature: Miniature) -> None:
    assert miniature.active("patch-context-changed") == ()
    assert miniature.active("api-changed") == ("api-changed",)
    assert miniature.active("api-changed-reverted") == ()
    assert "api-changed" in miniature.active("api-changed-relanded")


def test_llvm_hides_everything() -> None:
    assert expected(("header-moved", "llvm-broken"), "static-mhlo_off").culprits == ("llvm-broken",)
    assert expected(("header-moved", "shared-llvm-broken"), "static-mhlo_off").culprits == ("header-moved",)
    assert expected(("header-moved", "shared-llvm-broken"), "shared-mhlo_off").stage == "llvm"


def test_a_flavour_fails_only_through_llvm() -> None:
    assert expected(("target-renamed",), "shared").passes
    assert expected(("shared-llvm-broken",), "shared").stage == "llvm"
    assert expected(("shared-llvm-broken",), "dylib").passes


def test_compile_errors_hide_the_link_that_needs_them() -> None:
    both = ("link-library-dropped", "api-renamed")
    assert expected(both, "shared-mhlo_on").culprits == ("api-renamed",)
    other = ("link-library-dropped", "header-moved")
    assert expected(other, "shared-mhlo_on").culprits == other


def test_generation_hides_what_waits_for_it() -> None:
    active = ("api-renamed", "header-moved", "td-renamed")
    assert expected(active, "static-mhlo_off").culprits == ("header-moved", "td-renamed")


# -- the downstream ----------------------------------------------------------------------------------------------------


def test_downstream_pins_the_first_commit(tinyc: TinyC, miniature: Miniature) -> None:
    script = (tinyc.root / "utils" / "clone-mlir.sh").read_text()
    assert SHA.findall(script) == [miniature.base]
    assert (tinyc.component / "build_tools" / "llvm_version.txt").read_text() == f"{miniature.base}\n"


def test_component_is_a_real_submodule(tinyc: TinyC) -> None:
    newest = tinyc.component_history[-1]
    assert git(tinyc.root, "ls-tree", "HEAD", COMPONENT).split()[:3] == ["160000", "commit", newest]
    assert git(tinyc.component, "rev-parse", "HEAD") == newest
    assert git(tinyc.root, "status", "--porcelain") == ""


def test_downstream_is_the_same_everywhere(tmp_path: Path, miniature: Miniature) -> None:
    llvm = {"supplier": "prefix", "prefix": "/opt/llvm/{sha}-{flavour}"}
    first = create_downstream(tmp_path / "a", miniature, llvm=llvm)
    assert create_downstream(tmp_path / "b", miniature, llvm=llvm).history == first.history


def test_pins_make_a_history(tmp_path: Path, miniature: Miniature) -> None:
    one, two, three = miniature.order[:3]
    pins = (Pins(llvm=one), Pins(llvm=two, component_llvm=one), Pins(llvm=three, component_llvm=two), Pins(llvm=three))
    tinyc = create_downstream(tmp_path, miniature, pins=pins)
    assert len(tinyc.history) == 4
    assert len(tinyc.component_history) == 3
    links = [git(tinyc.root, "rev-parse", f"{commit}:{COMPONENT}") for commit in tinyc.history]
    assert links == [tinyc.component_history[index] for index in (0, 0, 1, 2)]
    versions = [
        git(tinyc.component_origin, "show", f"{commit}:build_tools/llvm_version.txt")
        for commit in tinyc.component_history
    ]
    assert versions == [one, two, three]


def test_llvm_as_a_submodule(tmp_path: Path, miniature: Miniature) -> None:
    tinyc = create_downstream(tmp_path, miniature, style="gitlink")
    assert git(tinyc.root / LLVM_GITLINK, "rev-parse", "HEAD") == miniature.base
    assert not (tinyc.root / "utils").exists()
    assert f'file = "{LLVM_GITLINK}"' in tinyc.config.read_text()


def test_configurations_are_those_of_the_gate_s_file(tinyc: TinyC) -> None:
    config = load_config(tinyc.config)
    assert {c.name: dict(c.options) for c in config.configurations} == {c: dict(o) for c, o in CONFIGURATIONS.items()}
    assert set(config.flavours) <= set(FLAVOURS)


@pytest.mark.parametrize("style", ["script", "gitlink"])
def test_the_gate_reads_every_pin(tmp_path: Path, miniature: Miniature, style: Literal["script", "gitlink"]) -> None:
    pins = (Pins(llvm=miniature.order[1], component_llvm=miniature.base),)
    tinyc = create_downstream(tmp_path, miniature, pins=pins, style=style)
    readings = read_pins(load_config(tinyc.config))
    assert {reading.spec.name: reading.sha for reading in readings} == {
        "llvm-project": miniature.order[1],
        "docs": miniature.order[1],
        "mini-hlo": miniature.base,
    }


# -- edits -------------------------------------------------------------------------------------------------------------


def test_edits_undo_themselves() -> None:
    tree = Tree(files={"a": "one two\n", "b": "two\n"})
    edits: tuple[Edit, ...] = (Replace("two", "three", ("a", "b")), Move("b", "c"))
    for edit in edits:
        edit.apply(tree)
    assert tree.files == {"a": "one three\n", "c": "three\n"}
    for inverse in inverses(edits):
        inverse.apply(tree)
    assert tree.files == {"a": "one two\n", "b": "two\n"}
    assert tree.take_changes() == [("a", "one two\n"), ("b", "two\n"), ("c", None)]
    assert tree.take_changes() == []


def test_an_edit_that_does_not_fit_is_refused() -> None:
    tree = Tree(files={"a": "one\n"})
    with pytest.raises(ConflictError, match="does not say 'two'"):
        Replace("two", "three", ("a",)).apply(tree)
    with pytest.raises(ConflictError, match="b is not in the tree"):
        Move("b", "c").apply(tree)


def test_a_remark_replaces_the_one_before() -> None:
    tree = Tree(files={"CMakeLists.txt": "project(x)\n", "x.h": "int x;\n"})
    for text in ("first", "second"):
        Remark("CMakeLists.txt", text).apply(tree)
        Remark("x.h", text).apply(tree)
    assert tree["CMakeLists.txt"] == "project(x)\n# Reviewed: second\n"
    assert tree["x.h"] == "int x;\n// Reviewed: second\n"


def test_default_plan_is_made_of_steps() -> None:
    assert DEFAULT_PLAN.count("filler") >= 20
    assert len(set(DEFAULT_PLAN) - {"filler"}) == len(DEFAULT_PLAN) - DEFAULT_PLAN.count("filler")
