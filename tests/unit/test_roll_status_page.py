"""The status page: what is on it, in which forms, and that it is whole where something cannot be told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.gate.seal import write_sealed
from tests.support.carries import carry
from tests.support.rolled import CONFIG, RollWorld, make_world
from tests.unit.git_kit import Repo


@pytest.fixture
def world(tmp_path: Path, clean_environment: None) -> RollWorld:
    return make_world(tmp_path)


def page(world: RollWorld, *more: str) -> dict[str, Any]:
    """Written as JSON, and read."""
    path = world.root / "page.json"
    main(["status", "-C", str(world.downstream.path), "--page", str(path), *more])
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def rolled(world: RollWorld, **more: Any) -> None:
    """What a roll left."""
    tried = [
        {"sha": sha * 40, "date": f"2026-01-0{number}", "verdict": mark, "reason": f"{mark} it is"}
        for number, (sha, mark) in enumerate((("b", "bad"), ("a", "good")), 1)
    ]
    outcome = {"ending": "clean", "says": "llvm-roll-aaaa moves LLVM", "tried": tried, **more}
    path = world.downstream.path / ".llvmgate/roll/roll.json"
    write_sealed(world.downstream.path, path, json.dumps(outcome, indent=1))


def test_a_directory_gets_all_forms_and_a_name_the_one_it_ends_in(
    world: RollWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    (world.root / "public").mkdir()
    words = ("--page", str(world.root / "public"), "--page", str(world.root / "llvm.md"))
    main(["status", "-C", str(world.downstream.path), *words])
    assert {path.name for path in (world.root / "public").iterdir()} == {"status.html", "status.json", "status.md"}
    assert (world.root / "llvm.md").read_text() == (world.root / "public/status.md").read_text()
    assert world.pin()[:12] in (world.root / "public/status.html").read_text()
    assert capsys.readouterr().out.count("  wrote ") == 4


def test_another_ending_is_refused(world: RollWorld, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "-C", str(world.downstream.path), "--page", str(world.root / "page.pdf")]) == 4
    assert "page.pdf" in capsys.readouterr().err


def test_where_nobody_has_looked_it_says_so(world: RollWorld) -> None:
    found = page(world)
    assert found["recent"] == {"failed": None, "succeeded": None}
    assert (found["watch"], found["roll"]) == (None, None)
    main(["status", "-C", str(world.downstream.path), "--page", str(world.root / "page.md")])
    assert "Nobody has looked" in (world.root / "page.md").read_text()


def test_what_the_last_roll_tried_tells_what_works(world: RollWorld) -> None:
    rolled(world)
    recent = page(world)["recent"]
    assert recent["failed"] == [{"sha1": "b" * 40, "date": "2026-01-01"}, 1]
    assert recent["succeeded"] == [{"sha1": "a" * 40, "date": "2026-01-02"}, 2]
    main(["status", "-C", str(world.downstream.path), "--page", str(world.root / "page.md")])
    text = (world.root / "page.md").read_text()
    assert "aaaaaaaaaaaa passes" in text
    assert "bbbbbbbbbbbb fails: bad it is" in text


def test_what_somebody_else_left_as_a_rolls_outcome_is_not_believed(world: RollWorld) -> None:
    rolled(world)
    path = world.downstream.path / ".llvmgate/roll/roll.json"
    path.write_text(path.read_text().replace("moves LLVM", "moves <b>more</b>"))
    assert page(world)["roll"] is None


def test_holds_carries_and_siblings_are_on_it_with_their_dates(world: RollWorld) -> None:
    hold = '[[hold]]\nconfigurations = "linkage=shared"\nuntil = 2030-01-01\nreason = "waits"\nowner = "@ada"\n'
    patch = carry("patches/ours.patch", name="ours")
    text = CONFIG.replace('supplier = "prefix"\nprefix = "../prefixes/{sha}"', 'supplier = "source"') + hold + patch
    sibling = Repo(world.root / "circt")
    sibling.commit({"utils/clone-mlir.sh": f"cd llvm-project && git checkout {world.pin()} && cd ..\n"})
    text += '\n[update]\nsiblings = ["../circt", "../nobody"]\n'
    world.downstream.commit({"llvmgate.toml": text, "patches/ours.patch": "no patch\n"})
    found = page(world)
    assert found["holds"] == [{"until": "2030-01-01", "reason": "waits"}]
    assert [one["name"] for one in found["carries"]] == ["ours"]
    assert found["siblings"][0].startswith(f"circt: {world.pin()[:12]}, for ")
    assert "nobody" in found["siblings"][1]
    main(["status", "-C", str(world.downstream.path), "--page", str(world.root / "page.md")])
    shown = (world.root / "page.md").read_text()
    assert "waits (@ada" in shown.replace("\\", "").replace("\u200b", "")
    assert "until 2099-01-01" in shown
