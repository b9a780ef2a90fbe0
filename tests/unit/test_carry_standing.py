"""What has become of carried patches: against real histories."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from git_kit import Repo

from pytest_llvmgate.carry.carried import Patch, read_carry
from pytest_llvmgate.carry.looking import Looked, look_at_component, look_at_llvm
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.git.repository import Repository
from tests.support.carries import carry
from tests.support.configs import load, problems

FILE = "mlir/lib/A.cpp"
LINES = [f"line {number}" for number in range(1, 31)]


HLO = "third_party/hlo"
ON_HLO = carry("ours.patch", more=f"component = '{HLO}'")


def text(**lines: str) -> str:
    """The file with some lines replaced (``l5="x"``)."""
    return "".join(f"{lines.get(f'l{number}', line)}\n" for number, line in enumerate(LINES, 1))


class World:
    """An upstream whose second commit breaks the project, and a patch that mends it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.llvm = Repo(path / "llvm-project")
        self.base = self.llvm.commit({FILE: text(), "llvm/CMakeLists.txt": "x\n"}, message="base")
        self.cause = self.llvm.commit({FILE: text(l5="broken")}, message="[mlir] Break it (#7)")
        self.repo = Repo(path / "repo")
        self.repo.commit({"llvm-sha.txt": f"{self.cause}\n"})
        self.patched = text(l5="mended")
        self.patch(self.patched)

    def patch(self, after: str, name: str = "ours.patch") -> None:
        """Write the change from HEAD to ``after`` as a patch of the project, as a plain diff."""
        self.llvm.write({FILE: after})
        diff = self.llvm.git("diff", "HEAD", "--", FILE)
        self.llvm.git("checkout", "-q", "--", FILE)
        self.repo.write({name: f"{diff}\n"})

    def upstream(self, after: str, message: str) -> str:
        return self.llvm.commit({FILE: after}, message=message)

    def config(self, carries: str = "") -> Config:
        pin = "[[pin]]\nname = 'llvm'\nfile = 'llvm-sha.txt'\n"
        llvm = "[llvm]\nsupplier = 'source'\nrepository = '../llvm-project'\n"
        return load(self.repo.path, f"{pin}{llvm}{carries or carry('ours.patch')}")

    def look(self, commit: str = "", carries: str = "") -> Looked:
        clone = Repository.open(self.llvm.path)
        found = look_at_llvm(self.config(carries), clone, commit or self.llvm.head, since=self.cause)
        return found[-1]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def state(looked: Looked) -> tuple[str, str]:
    (one,) = looked.standings
    return one.state.value, one.says


def test_a_patch_that_applies_is_needed(world: World) -> None:
    looked = world.look()
    assert (state(looked), looked.blocks, looked.notes) == (("applies", "applies"), (), ())


def test_a_conflict_names_the_hunk_and_who_changed_the_file(world: World) -> None:
    world.patch(text(l5="mended", l25="too"))
    new = world.upstream(text(l5="otherwise"), "[mlir] Change it")
    looked = world.look()
    assert state(looked) == (
        "conflicts",
        f"does not apply: 1 hunk in the way; last changed by {new[:12]} [mlir] Change it",
    )
    assert looked.standings[0].evidence == (
        f"ours.patch:5: hunk 1 of 2 of {FILE} does not apply: @@ -2,7 +2,7 @@ line 1",
    )
    assert len(looked.blocks) == 1


def test_what_of_a_patch_is_there_already_is_counted(world: World) -> None:
    world.patch(text(l5="mended", l25="too"))
    world.upstream(text(l5="otherwise", l25="too"), "[mlir] Half of it")
    assert "1 hunk in the way, 1 there already" in state(world.look())[1]


def test_the_same_change_under_another_commit_is_upstream_s(world: World) -> None:
    """Other changes around it since, so that it can neither be applied nor taken back."""
    same = world.upstream(world.patched, "[mlir] Mend it otherwise named")
    world.upstream(text(l4="more", l5="mended", l6="more"), "more")
    looked = world.look()
    assert state(looked) == (
        "upstream",
        f"upstream's {same[:12]} [mlir] Mend it otherwise named makes the same change",
    )
    assert looked.is_unneeded
    assert looked.notes[0].startswith("carry ours: ours.patch is needed no more: upstream's")


def test_a_change_that_came_with_others_is_there_already(world: World) -> None:
    world.upstream(text(l5="mended", l20="other"), "a squash")
    assert state(world.look()) == ("upstream", "the commit has the change already")


def test_what_upstream_took_back_again_is_still_needed(world: World) -> None:
    same = world.upstream(world.patched, "[mlir] Mend it")
    world.upstream(text(l5="broken"), f'Revert "[mlir] Mend it"\n\nThis reverts commit {same}.')
    assert state(world.look())[0] == "applies"


def test_a_patch_whose_cause_was_reverted_is_needed_no_more(world: World) -> None:
    revert = world.upstream(text(), f'Revert "[mlir] Break it (#7)"\n\nThis reverts commit {world.cause}.')
    looked = world.look(carries=carry("ours.patch", more=f"cause = '{world.cause[:12]}'"))
    assert state(looked)[0] == "cause-reverted"
    assert revert[:12] in state(looked)[1]


def test_a_cause_that_was_relanded_counts_again(world: World) -> None:
    revert = world.upstream(text(), f'Revert "[mlir] Break it (#7)"\n\nThis reverts commit {world.cause}.')
    world.upstream(text(l5="broken"), f'Reland "[mlir] Break it (#7)"\n\nThis reverts commit {revert}.')
    looked = world.look(carries=carry("ours.patch", more=f"cause = '{world.cause[:12]}'"))
    assert state(looked) == ("applies", "applies")


def test_a_carried_revert_is_dropped_when_upstream_reverts_too(world: World) -> None:
    mail = f'Subject: [PATCH] Revert "[mlir] Break it (#7)"\n\nThis reverts commit {world.cause}.\n---\n'
    world.patch(text())
    world.repo.write({"ours.patch": mail + (world.repo.path / "ours.patch").read_text()})
    revert = world.upstream(text(l1="and more"), f'Revert "[mlir] Break it"\n\nThis reverts commit {world.cause}.')
    assert state(world.look()) == ("upstream", f'upstream took it back, too: {revert[:12]} Revert "[mlir] Break it"')


def test_a_commit_that_the_configuration_names_is_upstream_s(world: World) -> None:
    new = world.upstream(text(l5="mended better"), "[mlir] Mend it better")
    assert state(world.look(carries=carry("ours.patch", more=f"upstream = '{new[:10]}'"))) == (
        "upstream",
        f"upstream has it since {new[:12]} [mlir] Mend it better",
    )


def test_a_patch_that_would_be_applied_twice_blocks(world: World) -> None:
    once = "one\none\none\none\none\none\none\none\n"
    world.llvm.commit({FILE: once}, message="repeated")
    world.patch(f"one\n{once}")
    world.upstream(f"one\n{once}", "[mlir] One more")
    looked = world.look()
    assert looked.standings[0].applies
    assert "applied once more" in looked.blocks[0]


def days_ago(count: int) -> str:
    return (datetime.date.today() - datetime.timedelta(days=count)).isoformat()


def test_an_unneeded_patch_is_an_error_past_its_date(world: World) -> None:
    world.upstream(world.patched, "[mlir] Mend it")
    before = world.look(carries=carry("ours.patch", until=days_ago(0)))
    after = world.look(carries=carry("ours.patch", until=days_ago(2)))
    assert (before.blocks, len(before.notes)) == ((), 1)
    assert after.blocks == ("its date has passed 2 days ago, and it is needed no more: drop llvmgate.toml:8",)


def test_a_needed_patch_past_its_date_is_a_note(world: World) -> None:
    until = days_ago(2)
    looked = world.look(carries=carry("ours.patch", until=until))
    assert (looked.blocks, looked.notes) == ((), (f"carry ours is 2 days past its date ({until}; nobody named)",))


def test_each_patch_is_tried_on_those_before_it(world: World) -> None:
    world.llvm.commit({FILE: world.patched}, message="for the diff")
    world.patch(text(l5="more"), "second.patch")
    assert world.look(world.cause, carry("second.patch")).standings[0].state == "conflicts"
    looked = world.look(world.cause, carry("ours.patch", "second.patch"))
    assert [one.state.value for one in looked.standings] == ["applies", "applies"]


# Forks


def test_a_fork_s_commits_are_its_patches(world: World) -> None:
    world.llvm.git("checkout", "-q", "-b", "ours", world.cause)
    tip = world.llvm.commit({FILE: world.patched}, message="Ours: mend it")
    world.llvm.git("checkout", "-q", "main")
    head = world.upstream(text(l5="broken", l20="other"), "other")
    world.repo.commit({"llvm-sha.txt": f"{tip}\n"})
    asked = carry(more="fork = 'main'")
    looked = world.look(head, asked)
    assert [(one.patch, one.state.value) for one in looked.standings] == [(f"{tip[:12]} Ours: mend it", "applies")]
    own = world.look(tip, asked)
    assert (own.standings, own.unknown, own.is_unneeded) == (
        (),
        "a commit of the fork's own, with what it carries",
        False,
    )


def test_a_merged_fork_is_one_patch(world: World) -> None:
    world.llvm.git("checkout", "-q", "-b", "ours", world.base)
    world.llvm.commit({"ours.txt": "x\n"}, message="Ours")
    world.llvm.git("merge", "-q", "-m", "merge", "main")
    tip = world.llvm.commit({FILE: world.patched}, message="Ours: mend it")
    world.repo.commit({"llvm-sha.txt": f"{tip}\n"})
    config = world.config(carry(more="fork = 'main'"))
    (patch,) = read_carry(config, config.carries[0], world.cause)
    assert (patch.name, patch.files) == (f"{world.cause[:12]}..{tip[:12]}", (FILE, "ours.txt"))


def test_a_fork_without_a_common_commit_is_told(world: World) -> None:
    world.llvm.git("checkout", "-q", "--orphan", "other")
    tip = world.llvm.commit({FILE: "x\n"}, message="another root")
    world.repo.commit({"llvm-sha.txt": f"{tip}\n"})
    looked = world.look(world.cause, carry(more="fork = 'main'"))
    assert f"{tip[:12]} and main have no common commit" in looked.blocks[0]


def test_a_branch_that_is_not_there_is_told(world: World) -> None:
    assert "no commit 'upstream/main'" in world.look(carries=carry(more="fork = 'upstream/main'")).blocks[0]


# Components


def component(world: World) -> Repo:
    return world.repo.add_submodule(world.llvm, HLO)


def test_a_component_s_patches_are_tried_on_its_checkout(world: World) -> None:
    component(world)
    (looked,) = look_at_component(world.config(ON_HLO), "third_party/hlo", world.cause)
    assert (looked.commit, state(looked)[0]) == (world.cause, "applies")


def test_a_component_s_main_line_may_have_it(world: World) -> None:
    checkout = component(world)
    world.upstream(world.patched, "Mend it")
    checkout.git("fetch", "-q")
    config = world.config(ON_HLO)
    (looked,) = look_at_component(config, HLO, world.cause, newest=True)
    assert state(looked)[0] == "upstream"


class Follower:
    """A component on LLVM's commit before the cause, with a patch that makes it follow that."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.repo = Repo(world.path / "hlo")
        self.repo.commit({"llvm-sha.txt": f"{world.base}\n", "h.cpp": "old\n"}, message="Start")
        self.checkout = world.repo.add_submodule(self.repo, HLO)
        world.repo.write({"ours.patch": "--- a/h.cpp\n+++ b/h.cpp\n@@ -1 +1 @@\n-old\n+new\n"})

    def commit(self, file: str, text: str) -> None:
        """The component moves, and the downstream with it."""
        self.repo.commit({file: text}, message="Move")
        self.checkout.git("pull", "-q")
        self.world.repo.git("add", HLO)

    def look(self) -> tuple[str, str]:
        pin = f"[[pin]]\nname = 'hlo'\ncomponent = '{HLO}'\nfile = 'llvm-sha.txt'\n"
        on = carry("ours.patch", more=f"component = '{HLO}'\ncause = '{self.world.cause}'")
        (looked,) = look_at_component(self.world.config(f"{pin}{on}"), HLO, self.world.llvm.head)
        return state(looked)


@pytest.fixture
def follower(world: World) -> Follower:
    return Follower(world)


def test_what_llvm_took_back_is_no_cause_for_a_component_s_patch(follower: Follower) -> None:
    assert follower.look()[0] == "applies"
    world = follower.world
    world.upstream(text(), f'Revert "[mlir] Break it (#7)"\n\nThis reverts commit {world.cause}.')
    assert follower.look()[0] == "cause-reverted"


def test_a_component_that_has_followed_in_its_own_way_needs_no_patch(follower: Follower) -> None:
    follower.commit("h.cpp", "other\n")
    assert follower.look()[0] == "conflicts"  # it is not where the cause is
    follower.commit("llvm-sha.txt", f"{follower.world.cause}\n")
    found, says = follower.look()
    assert (found, "has the cause" in says) == ("upstream", True)


@pytest.mark.parametrize("kind", ["absent", "directory", "unborn"])
def test_a_component_without_a_checkout_is_told(world: World, kind: str) -> None:
    if kind == "directory":
        world.repo.write({"third_party/hlo/x": "x"})
    if kind == "unborn":
        Repo(world.repo.path / "third_party/hlo")
    (looked,) = look_at_component(world.config(ON_HLO), "third_party/hlo", world.cause)
    assert looked.blocks[0].startswith("expected ")


def test_a_patch_of_a_submodule_s_files_is_told(world: World) -> None:
    world.llvm.commit(links={"third/sub": "1" * 40}, message="a submodule")
    world.repo.write({"ours.patch": "--- a/third/sub/x\n+++ b/third/sub/x\n@@ -1 +1 @@\n-a\n+b\n"})
    assert "third/sub is a submodule" in world.look().blocks[0]


def test_a_patch_behind_a_link_is_told(world: World) -> None:
    (world.llvm.path / "out").symlink_to("/tmp")
    world.llvm.git("add", "out")
    world.llvm.commit(message="a link")
    world.repo.write({"ours.patch": "--- /dev/null\n+++ b/out/x\n@@ -0,0 +1 @@\n+b\n"})
    assert "out is a symbolic link" in world.look().blocks[0]


def test_a_bad_patch_blocks_its_own_carry_alone(world: World) -> None:
    world.repo.write({"bad.patch": "no patch"})
    found = look_at_llvm(
        world.config(carry("bad.patch", name="bad") + carry("ours.patch")),
        Repository.open(world.llvm.path),
        world.cause,
    )
    assert [bool(one.blocks) for one in found] == [True, False]


def test_nothing_of_the_clone_changes(world: World) -> None:
    before = world.llvm.git("status", "--porcelain"), world.llvm.git("for-each-ref"), world.llvm.git("count-objects")
    world.look()
    after = world.llvm.git("status", "--porcelain"), world.llvm.git("for-each-ref"), world.llvm.git("count-objects")
    assert after == before


# The configuration and the command


def test_a_carry_has_patches_or_a_fork(cwd: Path) -> None:
    wrong = carry(name="neither") + carry("x", more="fork = 'main'", name="both") + carry("x", name="both")
    found = problems(cwd, wrong)
    assert [each.partition(": ")[2] for each in found] == [
        "carry[0]: a carry needs either 'patches' or 'fork'",
        "carry[1]: a carry needs either 'patches' or 'fork'",
        "carry[2].name: the name 'both' is taken by another carry",
    ]


def test_an_llvm_that_is_not_built_here_takes_no_patches(cwd: Path) -> None:
    (found,) = problems(cwd, f"[llvm]\nsupplier = 'prefix'\nprefix = '/x'\n{carry('x')}")
    assert "supplier 'prefix' takes LLVM as it is" in found


@pytest.mark.parametrize(("more", "says"), [([], "nothing is carried"), (["--json"], "[]")])
def test_nothing_carried_is_nothing_to_do(
    world: World, capsys: pytest.CaptureFixture[str], more: list[str], says: str
) -> None:
    world.config(carries="\n")
    assert main(["carry", "-C", str(world.repo.path), *more]) == 0
    assert capsys.readouterr().out.startswith(says)


def test_the_command_tells_each_patch_at_each_commit(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.config()
    assert main(["carry", "-C", str(world.repo.path)]) == 0
    world.upstream(world.patched, "Mend it")
    assert main(["carry", "-C", str(world.repo.path)]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[-4:-1] == [
        "ours on LLVM, until 2099-01-01: LLVM broke it",
        f"  on {world.cause[:12]}: ours.patch: applies",
        f"  on {world.llvm.head[:12]}: ours.patch: upstream's {world.llvm.head[:12]} Mend it makes the same change",
    ]


def test_title_and_message_of_a_mail_are_known(world: World) -> None:
    world.repo.write({"ours.patch": "From: me\nSubject: [PATCH 2/3] [mlir] A long\n title\n\nThe body.\n---\n x\n"})
    config = world.config()
    (patch,) = read_carry(config, config.carries[0])
    assert (patch.title, patch.message) == ("[mlir] A long title", "The body.")
    assert Patch(name="x", content=b"").title == ""


@pytest.mark.parametrize("how", ["git", "plain", "without the last newline", "without prefixes"])
def test_a_patch_of_any_make_is_found_upstream(world: World, how: str) -> None:
    patch = world.repo.path / "ours.patch"
    diff = patch.read_text()
    if how == "plain":
        diff = f"--- llvm/{FILE}\t2026-01-01\n+++ ours/{FILE}\t2026-01-01\n@@{diff.partition('@@')[2]}"
    if how == "without prefixes":
        diff = diff.replace(f"a/{FILE}", f"x/{FILE}").replace(f"b/{FILE}", f"x/{FILE}")
    patch.write_text(diff.rstrip("\n") if how == "without the last newline" else diff)
    assert world.look().standings[0].state == "applies"
    same = world.upstream(world.patched, "[mlir] Mend it otherwise named")
    world.upstream(text(l4="more", l5="mended", l6="more"), "more")
    assert state(world.look())[1] == f"upstream's {same[:12]} [mlir] Mend it otherwise named makes the same change"
