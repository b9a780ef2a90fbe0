"""A component that has not reached the candidate, and the patch that fix has found for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from project_kit import HLO, OWN, World

from pytest_llvmgate.cli.main import main
from pytest_llvmgate.config.load import load_config

PATCH = "--- a/other.txt\n+++ b/other.txt\n@@ -1 +1 @@\n-1\n+mended\n"
CONFIG = f"""\
[[pin]]
name = "{OWN.name}"
file = "{OWN.file}"
[[pin]]
name = "{HLO.name}"
component = "{HLO.component}"
file = "{HLO.file}"
[llvm]
supplier = "source"
repository = "../llvm-project"
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.checkout.git("checkout", "-q", world.on[1] + "~0")
    world.checkout.commit({"other.txt": "1\n"}, message="ours")
    world.repo.git("add", HLO.component)
    world.repo.commit({"llvmgate.toml": CONFIG}, message="configure")
    return world


def bump(world: World, capsys: pytest.CaptureFixture[str]) -> str:
    main(["bump", "-C", str(world.repo.path), world.llvm[8], "--no-components"])
    return capsys.readouterr().out


def leave(world: World, text: str) -> Path:
    place = world.repo.path / ".llvmgate" / world.llvm[8][:12] / "llvmgate-fix"
    place.mkdir(parents=True)
    (place / "third_party-stablehlo.patch").write_text(text)
    return place / "third_party-stablehlo.patch"


def test_a_patch_that_applies_is_offered_as_a_carry(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    file = leave(world, PATCH)
    out = bump(world, capsys)
    name = f"patches/third_party-stablehlo-{world.llvm[8][:12]}.patch"
    assert f"  cp {file} {name}" in out
    table = out[out.index("  [[carry]]") :].partition("\n\n")[0]
    (world.repo.path / "llvmgate.toml").write_text(f"{CONFIG}\n{table}\n")
    (carry,) = load_config(world.repo.path / "llvmgate.toml").carries
    assert (carry.component, carry.patches) == (HLO.component, (name,))


@pytest.mark.parametrize("text", [PATCH.replace("-1", "-2"), "", "--- a/.git/x\n+++ b/.git/x\n@@ -1 +1 @@\n-1\n+2\n"])
def test_one_that_does_not_is_not(world: World, capsys: pytest.CaptureFixture[str], text: str) -> None:
    leave(world, text)
    assert "[[carry]]" not in bump(world, capsys)


def test_a_component_that_is_carried_already_is_not_offered_again(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    leave(world, PATCH)
    table = f"[[carry]]\nname='x'\nreason='r'\nuntil=2099-01-01\ncomponent='{HLO.component}'\npatches=['x']\n"
    (world.repo.path / "llvmgate.toml").write_text(f"{CONFIG}{table}")
    assert "can be carried" not in bump(world, capsys)
