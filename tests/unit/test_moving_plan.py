from __future__ import annotations

import datetime
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from git_kit import git
from project_kit import HLO, OWN, World, clone_script

from pytest_llvmgate.config.settings import Config, Configuration, Hold, Policy
from pytest_llvmgate.moving.checklist import Plan, make_plan, render_plan
from pytest_llvmgate.upstream.llvm_clone import Upstream

TODAY = datetime.date(2026, 1, 27)
CONFIGURATIONS = tuple(
    Configuration(name=f"hlo_{option}", options={"hlo": option}, flavour="default") for option in ("on", "off")
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def config(world: World, **changes: object) -> Config:
    pins = (OWN, replace(HLO, only={"hlo": ("on",)}))
    return replace(world.config, pins=pins, configurations=CONFIGURATIONS, **changes)  # type: ignore[arg-type]


def plan(world: World, number: int, **changes: object) -> Plan:
    return make_plan(config(world, **changes), world.llvm[number - 1], upstream=world.upstream, today=TODAY)


def shown(found: Plan) -> str:
    return "\n".join(render_plan(found))


def test_a_component_that_has_the_candidate(world: World) -> None:
    found = plan(world, 3)
    assert [one.pin for one in found.components if one.exact] == ["stablehlo"]
    text = shown(found)
    assert f"# Move to LLVM {world.llvm[2][:12]}" in text
    assert f"- [ ] llvm-project: `{world.llvm[0][:12]}` in `utils/clone-mlir.sh:2`" in text
    assert f"`{world.on[3][:12]}` of 2026-01-04 carries the candidate" in text
    assert "- wait for no pin: hlo_on, hlo_off" in text
    assert f"`llvmgate bump {world.llvm[2]}`" in text
    assert "## Holds" not in text


def test_a_component_that_has_not_got_there(world: World) -> None:
    found = plan(world, 9)
    assert [one.pin for one in found.late] == ["stablehlo"]
    text = shown(found)
    assert f"its main line pins {world.llvm[5][:12]} since 2026-01-07 (20 days)" in text
    assert "- wait for no pin: hlo_off" in text
    assert "- wait for stablehlo: hlo_on" in text
    assert "`git -C third_party/stablehlo fetch`" in text
    assert "when the component arrives" in text


def test_the_proposed_hold_is_one(world: World) -> None:
    lines = shown(plan(world, 9)).splitlines()
    start = lines.index("  ```toml")
    text = "\n".join(line[2:] for line in lines[start + 1 : lines.index("  ```", start)])
    (hold,) = tomllib.loads(text)["hold"]
    assert hold["configurations"] == {"hlo": ["on"]}
    assert hold["until"] == datetime.date(2026, 2, 24)


def test_a_pin_that_matters_to_all_is_held_by_name(world: World) -> None:
    found = make_plan(replace(config(world), pins=(OWN, HLO)), world.llvm[8], upstream=Upstream(clones=()), today=TODAY)
    assert 'pins = ["stablehlo"]' in shown(found)
    assert "- wait for no pin: none" in shown(found)


def test_a_pin_that_cannot_be_read_is_waited_for(world: World) -> None:
    gone = replace(OWN, name="docs", file="docs/gone.sh")
    text = shown(make_plan(replace(config(world), pins=(OWN, gone)), world.llvm[2], upstream=world.upstream))
    assert "- wait for no pin: none" in text
    assert "- wait for docs: hlo_on, hlo_off" in text


def test_a_pin_that_bump_leaves_is_named_with_what_moves_it(world: World) -> None:
    world.repo.commit({"docs/build.sh": clone_script("d" * 40)})
    odd = replace(OWN, name="docs", file="docs/build.sh")
    text = shown(make_plan(replace(config(world), pins=(OWN, odd)), world.llvm[2], upstream=world.upstream))
    assert "docs: said something else before, so `bump` leaves it (`bump --apart` moves it, too)" in text
    assert "--apart" not in shown(plan(world, 3))


def test_everything_there_already(world: World) -> None:
    found = plan(world, 1)
    assert [one.pin for one in found.components if one.has_arrived] == ["stablehlo"]
    text = shown(found)
    assert "- [x] llvm-project" in text
    assert "- [x] **stablehlo**" in text
    assert "llvmgate bump" not in text


def test_holds_that_exist_are_told(world: World) -> None:
    holds = (
        Hold(until=datetime.date(2026, 2, 1), reason="waits", pins=("stablehlo",), line=4),
        Hold(until=datetime.date(2026, 1, 1), reason="waited", pins=("stablehlo",), line=9, owner="@ada"),
    )
    text = shown(plan(world, 1, holds=holds))
    assert "- held until 2026-02-01 (5 days left): waits (llvmgate.toml:4)" in text
    assert "- the hold in llvmgate.toml:9 expired 26 days ago (2026-01-01; @ada): waited" in text


def test_an_advisory_component_is_nobodys_worry(world: World) -> None:
    relaxed = replace(HLO, policy=Policy.ADVISORY)
    found = make_plan(replace(config(world), pins=(OWN, relaxed)), world.llvm[8], upstream=world.upstream)
    assert [one.pin for one in found.components] == ["stablehlo"]
    assert found.late == ()
    text = shown(found)
    assert "(policy advisory)" in text
    assert "- **stablehlo** (`third_party/stablehlo`" in text
    assert "(advisory: it need not follow)" in text
    assert "## Holds" not in text


def test_a_submodule_that_is_not_initialised_comes_first(world: World, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(world.repo.path), "fresh")
    fresh = replace(config(world), path=tmp_path / "fresh/llvmgate.toml")
    text = shown(make_plan(fresh, world.llvm[2], upstream=world.upstream, today=TODAY))
    assert "stablehlo: cannot be read (the submodule third_party/stablehlo is not initialised" in text
    assert "stablehlo: `git submodule update --init third_party/stablehlo`" in text


def test_a_clone_of_the_component_that_is_named(world: World) -> None:
    late = world.move_component(9, on_day=20)
    found = make_plan(
        config(world),
        world.llvm[8],
        upstream=world.upstream,
        clones={"stablehlo": world.component.path},
        today=TODAY,
    )
    assert found.components[0].exact is not None
    assert found.components[0].exact.commit == late


def test_what_a_pull_request_names_stays_text_in_the_checklist(world: World) -> None:
    found = plan(world, 9)
    (late,) = found.late
    hostile = replace(
        late, pin="stable@hlo", path="x`![](https://a.example/b.png)`", problem="see <img src=//a.example>"
    )
    text = shown(replace(found, components=(hostile,)))
    assert "**stable@\u200bhlo** (`x'![](https://a.example/b.png)'` at" in text
    assert "see &lt;img src=//a.example&gt;" in text
