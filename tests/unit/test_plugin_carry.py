"""Carries in a session: a test each, and a component that is built as patched while the checkout stays as it is."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

from pytest_llvmgate.cli.main import main
from tests.support.carries import carry
from tests.support.gated import Gated
from tests.support.toy import CMAKE_LISTS, CONFIG, SHA, git

HLO = "third_party/hlo"
BROKEN = 'message(FATAL_ERROR "The dependency target MLIRGone does not exist.")\n'
PATCH = f'--- a/hlo.cmake\n+++ b/hlo.cmake\n@@ -1 +1 @@\n-{BROKEN}+message(STATUS "mended")\n'
ON_HLO = carry("mend.patch", name="mend", more=f"component = '{HLO}'")


@pytest.fixture
def component(gated: Gated, tmp_path: Path) -> Path:
    """The toy has a component that does not configure."""
    origin = tmp_path / "hlo"
    origin.mkdir()
    (origin / "hlo.cmake").write_text(BROKEN)
    git(origin, "init", "-q", "-b", "main")
    git(origin, "add", "--all")
    git(origin, "commit", "-q", "-m", "Start")
    gated.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(origin), HLO)
    (gated.root / "CMakeLists.txt").write_text(f"{CMAKE_LISTS}include({HLO}/hlo.cmake)\n")
    (gated.root / "mend.patch").write_text(PATCH)
    gated.configure(f"{CONFIG}{ON_HLO}")
    return gated.root / HLO


def results(gated: Gated) -> dict[str, dict[str, object]]:
    verdict = json.loads((gated.root / f".llvmgate/{SHA[:12]}/verdict.json").read_text())
    return {f"{each['group']}::{each['stage']}": each for each in verdict["results"]}


def test_a_component_is_built_as_patched(gated: Gated, component: Path) -> None:
    before = gated.git("status", "--porcelain"), git(component, "status", "--porcelain")
    result = gated.run("--llvm-sha=pinned", "-k", "carry or static-mhlo_on", "-v", "--no-header")
    result.assert_outcomes(passed=5, deselected=14)
    result.stdout.fnmatch_lines(["llvmgate.toml::carry::mend PASSED*", "carry       ok  mend"])
    assert (component / "hlo.cmake").read_text() == BROKEN
    assert (gated.git("status", "--porcelain"), git(component, "status", "--porcelain")) == before


def test_without_the_carry_it_is_built_as_it_is(gated: Gated, component: Path) -> None:
    gated.configure(CONFIG)
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on").assert_outcomes(failed=1, skipped=3, deselected=14)


def test_a_carry_that_is_added_later_is_built_as_well(gated: Gated, component: Path) -> None:
    gated.configure(CONFIG)
    assert gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on").ret == 1
    gated.configure(f"{CONFIG}{ON_HLO}")
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on").assert_outcomes(passed=4, deselected=15)


def test_nothing_is_built_again_while_the_patch_stays(gated: Gated, component: Path) -> None:
    for _ in range(2):
        gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    assert results(gated)["static-mhlo_on::build"]["reused"]


def test_another_patch_is_another_build(gated: Gated, component: Path) -> None:
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    (gated.root / "mend.patch").write_text(PATCH.replace('"mended"', '"mended otherwise"'))
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    assert not results(gated)["static-mhlo_on::configure"]["reused"]
    assert "mended otherwise" in gated.log("static-mhlo_on", "configure").read_text()


def test_a_patch_that_does_not_apply_is_one_failure(gated: Gated, component: Path) -> None:
    (gated.root / "mend.patch").write_text(PATCH.replace("MLIRGone", "MLIROther"))
    result = gated.run("--llvm-sha=pinned", "-k", "carry or static-mhlo_on")
    result.assert_outcomes(failed=1, skipped=4, deselected=14)
    found = results(gated)
    assert found["carry::mend"]["findings"][0]["kind"] == "patch-failed"  # type: ignore[index]
    assert str(found["static-mhlo_on::configure"]["reason"]).startswith("carry::mend failed")


@pytest.mark.parametrize("path", ["../../x", "/etc/x", ".git/hooks/post-checkout", "out/x"])
def test_a_hostile_patch_writes_nothing(gated: Gated, component: Path, tmp_path: Path, path: str) -> None:
    (component / "out").symlink_to(tmp_path)
    git(component, "add", "out")
    git(component, "commit", "-q", "-m", "A link")
    (gated.root / "mend.patch").write_text(f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n")
    before = set(tmp_path.iterdir())
    gated.run("--llvm-sha=pinned", "-k", "carry or static-mhlo_on").assert_outcomes(failed=1, skipped=4, deselected=14)
    assert set(tmp_path.iterdir()) - before <= {tmp_path / "cache"}


def test_what_is_there_already_is_a_note(gated: Gated, component: Path) -> None:
    (component / "hlo.cmake").write_text('message(STATUS "mended")\n')
    git(component, "commit", "-q", "-a", "-m", "Mend it")
    gated.git("add", HLO)
    gated.git("commit", "-q", "-m", "Move")
    result = gated.run("--llvm-sha=pinned", "-k", "carry or static-mhlo_on")
    result.assert_outcomes(passed=5, deselected=14)
    result.stdout.fnmatch_lines(["note: carry mend: mend.patch is needed no more: *"])


def test_workers_build_the_same_tree(gated: Gated, component: Path) -> None:
    gated.spawn("--llvm-sha=pinned", "-n2", "-k", "carry or static").assert_outcomes(passed=9)


def test_the_copy_answers_what_a_build_asks_git(gated: Gated, component: Path) -> None:
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    tree = gated.root / f".llvmgate/{SHA[:12]}/carry/tree"
    for place in (".", HLO):
        heads = [
            subprocess.run(["git", "rev-parse", "HEAD"], cwd=top / place, capture_output=True, text=True, check=True)
            for top in (gated.root, tree)
        ]
        assert heads[0].stdout == heads[1].stdout


@pytest.mark.parametrize("state", ["detached", "dirty", "unborn"])
def test_any_state_of_the_checkout_will_do(gated: Gated, component: Path, state: str) -> None:
    if state == "detached":
        gated.git("checkout", "-q", "--detach")
    if state == "dirty":
        with (gated.root / "CMakeLists.txt").open("a") as lists:
            lists.write('message(STATUS "mine, too")\n')
    if state == "unborn":
        gated.git("update-ref", "-d", "HEAD")
    before = gated.git("status", "--porcelain"), (component / "hlo.cmake").read_text()
    gated.run("--llvm-sha=pinned", "-k", "carry or static-mhlo_on").assert_outcomes(passed=5, deselected=14)
    assert (gated.git("status", "--porcelain"), (component / "hlo.cmake").read_text()) == before
    assert ("mine, too" in gated.log("static-mhlo_on", "configure").read_text()) is (state == "dirty")


def test_a_change_of_one_s_own_in_the_way_of_a_patch_is_told(gated: Gated, component: Path) -> None:
    (component / "hlo.cmake").write_text("# mine\n")
    result = gated.run("--llvm-sha=pinned", "-k", "carry or static-mhlo_on")
    result.assert_outcomes(passed=1, failed=1, skipped=3, deselected=14)
    assert "the carried patch mend.patch does not apply to third_party/hlo" in result.stdout.str()
    assert (component / "hlo.cmake").read_text() == "# mine\n"


def test_a_shallow_component_will_do(gated: Gated, component: Path, tmp_path: Path) -> None:
    git(tmp_path / "hlo", "commit", "-q", "--allow-empty", "-m", "Later")
    shutil.rmtree(component)
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{tmp_path / 'hlo'}", str(component))
    gated.run("--llvm-sha=pinned", "-k", "carry or static-mhlo_on").assert_outcomes(passed=5, deselected=14)


@pytest.mark.parametrize(("is_needed", "told"), [(True, "fails without it"), (False, "passes without it: drop it")])
def test_a_probe_tells_whether_it_passes_without(
    gated: Gated, component: Path, capsys: pytest.CaptureFixture[str], is_needed: bool, told: str
) -> None:
    if not is_needed:
        (component / "hlo.cmake").write_text("\n")
        (gated.root / "mend.patch").write_text(
            '--- a/hlo.cmake\n+++ b/hlo.cmake\n@@ -1 +1 @@\n-\n+message(STATUS "x")\n'
        )
        git(component, "commit", "-q", "-a", "-m", "Mended otherwise")
        gated.git("commit", "-q", "-a", "-m", "Move")
    assert main(["carry", "-C", str(gated.root), "--probe", "mend"]) == (0 if is_needed else 1)
    assert f"  the gate {told}" in capsys.readouterr().out


def test_a_probe_of_a_carry_that_is_none_is_told(
    gated: Gated, component: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["carry", "-C", str(gated.root), "--probe", "mind"]) == 4
    assert "no carry is named 'mind': expected one of mend" in capsys.readouterr().err


def test_a_probe_waits_for_no_gate_that_is_at_work(
    gated: Gated, component: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gated.run("--llvm-sha=pinned", "-k", "pins")
    with FileLock(gated.root / ".llvmgate/lock"):
        assert main(["carry", "-C", str(gated.root), "--probe", "mend"]) == 4
    assert "another gate is at work in this checkout" in capsys.readouterr().err
