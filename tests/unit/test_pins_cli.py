"""The pin commands as a user runs them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from git_kit import A, B, Repo
from project_kit import CONFIG, World, clone_script, day

from pytest_llvmgate.cli.main import main

WEEKLY = f'{CONFIG}\n[update]\ncadence = "weekly"\n'


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    made.repo.commit({"llvmgate.toml": WEEKLY}, date=day(2))
    monkeypatch.chdir(made.repo.path)
    return made


def test_pins_that_agree(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pins"]) == 0
    shown = capsys.readouterr().out
    assert f"LLVM pins against the direct pin {world.llvm[0]}" in shown
    assert "through third_party/stablehlo" in shown


def test_pins_that_disagree(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.repo.write({"utils/clone-mlir.sh": clone_script(world.llvm[2])})
    assert main(["pins"]) == 1
    assert f"all at once: llvmgate bump {world.llvm[2]}" in capsys.readouterr().out


def test_pins_against_a_candidate(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pins", "--llvm-sha", world.llvm[2][:10]]) == 1
    shown = capsys.readouterr().out
    assert f"against the candidate {world.llvm[2]}" in shown
    assert "2 behind (2 days older)" in shown


def test_pins_as_json(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pins", "--json", "--llvm-sha", world.llvm[2]]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["agrees"] is False
    own, hlo = data["pins"]
    assert (own["name"], own["file"], own["line"], own["reader"]) == (
        "llvm-project",
        "utils/clone-mlir.sh",
        2,
        "git-checkout",
    )
    assert hlo["hops"][0]["commit"] == world.on[1]
    assert hlo["agreement"] == "differs"


def test_pins_without_a_configuration_are_recognised(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    (world.repo.path / "llvmgate.toml").unlink()
    assert main(["pins", "--brief"]) == 0
    captured = capsys.readouterr()
    assert "2 pins were recognised" in captured.err
    assert "stablehlo" in captured.out


def test_a_repository_without_pins(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = Repo(tmp_path / "empty")
    empty.commit()
    assert main(["pins", "-C", str(empty.path)]) == 4
    assert "found no LLVM pin in" in capsys.readouterr().err


def test_a_configuration_without_pins(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.repo.write({"llvmgate.toml": '[update]\ncadence = "weekly"\n'})
    assert main(["pins"]) == 4
    assert "names no pin" in capsys.readouterr().err


def test_outside_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pins", "-C", str(tmp_path)]) == 4
    assert "is not in a git repository" in capsys.readouterr().err


def test_a_sha_that_is_none(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pins", "--llvm-sha", ";rm -rf"]) == 4
    assert "neither a SHA" in capsys.readouterr().err


def test_history(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.move(3, component=None, on_day=5)
    assert main(["pins", "--history", "--all"]) == 0
    shown = capsys.readouterr().out
    assert "llvm-project: 2 LLVM commits" in shown


def test_history_as_json(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pins", "--history", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bumps"] == 1


def test_history_of_a_bare_clone(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world.repo.git("clone", "-q", "--bare", str(world.repo.path), str(tmp_path / "bare.git"))
    arguments = ["pins", "-C", str(tmp_path / "bare.git"), "--history"]
    assert main([*arguments, "--clone", f"stablehlo={world.component.path}"]) == 0
    assert "equal at 1" in capsys.readouterr().out


def test_history_without_any_pin(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = Repo(tmp_path / "empty")
    empty.commit()
    assert main(["pins", "-C", str(empty.path), "--history"]) == 0
    assert "no LLVM commit was ever pinned in 1 first-parent commits" in capsys.readouterr().out


def test_bump_as_a_diff_changes_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bump", world.llvm[2], "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert f"+cd llvm-project && git checkout {world.llvm[2]} && cd .." in shown
    assert f"+Subproject commit {world.on[3]}" in shown
    assert world.repo.git("status", "--porcelain") == ""


def test_bump_moves_everything(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bump", world.llvm[2][:12]]) == 0
    shown = capsys.readouterr().out
    assert "rewrote utils/clone-mlir.sh" in shown
    assert "moved third_party/stablehlo" in shown
    assert main(["pins", "--llvm-sha", world.llvm[2]]) == 0


def test_bump_that_leaves_a_component_behind_says_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bump", world.llvm[8]]) == 1
    assert "note: stablehlo: no commit of third_party/stablehlo carries the candidate" in capsys.readouterr().out


def test_bump_to_an_abbreviation_that_nothing_resolves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = Repo(tmp_path / "project")
    pin = '[[pin]]\nname = "llvm-project"\nfile = "x.sh"\n'
    project.commit({"llvmgate.toml": pin, "x.sh": "git -C llvm-project checkout llvmorg-18.1.8\n"})
    main(["bump", "-C", str(project.path), "cb2f0d0a5f14"])
    assert (project.path / "x.sh").read_text() == "git -C llvm-project checkout cb2f0d0a5f14\n"
    assert "agrees" in capsys.readouterr().out


def test_bump_to_where_it_is(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bump", world.llvm[0]]) == 0
    assert "nothing to change" in capsys.readouterr().out


def test_bump_with_a_checksum_that_is_none(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bump", world.llvm[2], "--sha256", "xyz"]) == 4
    assert "expected 64 lower-case hexadecimal digits" in capsys.readouterr().err


def test_plan(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", world.llvm[2]]) == 0
    assert "carries the candidate" in capsys.readouterr().out


def test_status(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 1
    assert "weekly: an update is due since" in capsys.readouterr().out
    assert main(["status", "--json", "--in-flight", f"LLVM {world.llvm[2]}"]) == 0
    assert json.loads(capsys.readouterr().out)["in_flight"][0]["llvm"] == world.llvm[2]


@pytest.mark.parametrize("title", ["", " "])
def test_a_title_of_an_empty_variable_is_none(title: str, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--in-flight", title]) == 1
    assert "in flight:" not in capsys.readouterr().out


def test_align(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.repo.git("rm", "-q", "llvmgate.toml")
    arguments = ["align", str(world.repo.path), str(world.component.path)]
    assert main(arguments) == 0
    assert f"The newest LLVM commit that all could use: {world.llvm[0]}" in capsys.readouterr().out
    assert main([*arguments, "--json", "--llvm-repository", str(world.llvm_repo.path)]) == 0
    assert json.loads(capsys.readouterr().out)["exact_dates"] is True


def test_align_needs_two_projects(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["align", "."]) == 4
    assert main(["align", str(world.repo.path), str(world.repo.path)]) == 4
    assert "the same project" in capsys.readouterr().err


def test_a_baseline_that_is_not_there(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pins", "--baseline", "nonsense"]) == 4
    assert "no commit 'nonsense'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--all"], ["--revision", "main"], ["--clone", "stablehlo=."]])
def test_options_of_history_imply_it(world: World, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(["pins", *words]) == 0
    assert "first-parent commits" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["$(touch ran)", "`touch ran`", "a;touch ran", "a&touch ran", "it's;touch ran", "a b"])
@pytest.mark.parametrize("words", [["pins"], ["bump", "--dry-run", "1" * 40], ["plan", "1" * 40]])
def test_a_command_that_is_advised_names_what_a_change_has_named_and_runs_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, words: list[str]
) -> None:
    repo = Repo(tmp_path / "project")
    config = f"""
        [[pin]]
        name = "own"
        file = "v.txt"
        reader = "sha-file"
        [[pin]]
        name = "link"
        file = "llvm-{name}"
        reader = "gitlink"
        [[pin]]
        name = "component"
        component = "{name}"
        file = "v.txt"
        reader = "sha-file"
        [[pin]]
        name = "through"
        file = "v.txt"
        reader = "sha-file"
        through = [{{ file = "v.txt", repository = "../{name}", url = "https://example.org/{name}" }}]
    """
    repo.commit({"v.txt": A, "llvmgate.toml": config}, links={f"llvm-{name}": B, name: B})
    monkeypatch.chdir(repo.path)
    main(words)
    shown = [line.strip() for line in capsys.readouterr().out.splitlines()]
    commands = [line.partition("   (")[0] for line in shown if line.startswith(("git ", "curl "))]
    assert commands or words[0] != "pins"
    for line in commands:
        subprocess.run(["bash", "-c", f"git() {{ :; }}; {line}"], cwd=tmp_path, capture_output=True, check=False)
    assert not (tmp_path / "ran").exists()
