"""A component that lags behind LLVM: the roll carries what ``fix`` found for it until it has come along.

Real git, CMake, ninja and compiler.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import CarrySpec
from tests.support.fixable import HEADER
from tests.support.rolled import CONFIG, day, killed_at, make_world
from tests.unit.git_kit import Repo

HLO = "third_party/hlo"
PINS = f"""
[[pin]]
name = "hlo"
component = "{HLO}"
file = "llvm-sha.txt"

[[hold]]
pins = ["hlo"]
until = 2099-01-01
reason = "it follows when it can"

[build]
install = false
"""
SHARED = 'shared = { cmake = { BUILD_SHARED_LIBS = "ON" } }\n'
LISTS = """\
cmake_minimum_required(VERSION 3.20)
project(toy LANGUAGES CXX)
find_package(LLVM REQUIRED CONFIG)
message(STATUS "Using LLVMConfig.cmake in: ${LLVM_DIR}")
include_directories(${LLVM_DIR}/../../../include)
option(BUILD_SHARED_LIBS "" OFF)
add_library(core OBJECT core.cpp third_party/hlo/h.cpp)
"""
UNIT = '#include "mlir/Builders.h"\nbool {0}() {{ return mlir::applyPatterns{1}Greedily(1, 2); }}\n'
OLD, NEW = "AndFold", ""


class Lagging:
    """A downstream with a component, both on LLVM's first commit; the second renames a function that both use."""

    def __init__(self, root: Path) -> None:
        self.world = world = make_world(root)
        self.header(world.pin(), HEADER.replace("PatternsGreedily", "PatternsAndFoldGreedily"))
        self.origin = Repo(root / "hlo")
        self.origin.commit({"llvm-sha.txt": f"{world.pin()}\n", "h.cpp": UNIT.format("h", OLD)}, date=day(1))
        files = {"CMakeLists.txt": LISTS, "core.cpp": "int core;\n"}
        self.checkout = world.downstream.add_submodule(self.origin, HLO)
        world.downstream.commit({"llvmgate.toml": CONFIG.replace(SHARED, "") + PINS, **files}, date=day(2))

    def header(self, sha: str, text: str) -> None:
        path = self.world.root / "prefixes" / sha / "include/mlir/Builders.h"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def llvm_moves(self, on: int) -> str:
        sha = self.world.commit_llvm(f"[mlir] Number {on}", on=on)
        self.header(sha, HEADER)
        return sha

    def component_moves(self, sha: str, on: int, unit: str) -> str:
        files = {"llvm-sha.txt": f"{sha}\n", "h.cpp": unit}
        commit = self.origin.commit(files, message=f"Integrate LLVM at {sha[:12]}", date=day(on))
        self.checkout.git("fetch", "-q", "origin")
        return commit

    def titles(self) -> list[str]:
        branch = self.world.outcome["branch"]
        return self.world.downstream.git("log", "--reverse", "--format=%s", f"main..{branch}").splitlines()

    def merge(self) -> None:
        self.world.downstream.git("merge", "-q", "--ff-only", self.world.outcome["branch"])
        self.world.downstream.git("submodule", "--quiet", "update", HLO)

    def carries(self, name: str = "llvmgate.toml") -> tuple[CarrySpec, ...]:
        return load_config(self.world.downstream.path / name).carries


@pytest.fixture
def lagging(tmp_path: Path, clean_environment: None) -> Lagging:
    return Lagging(tmp_path)


def test_a_lagging_component_is_carried_until_it_has_come_along(lagging: Lagging) -> None:
    world = lagging.world
    second = lagging.llvm_moves(2)
    before = world.untouched()
    done = world.roll()
    assert done.returncode == 6, done.stderr
    assert lagging.titles() == [f"Bump LLVM to {second[:12]}", f"Carry a patch on {HLO}"]
    assert "### Carried patches" in world.text
    assert str(world.root) not in world.text.partition("\n## ")[0], "paths of this machine are nobody's business"
    assert world.untouched() == before
    assert lagging.checkout.git("status", "--porcelain") == ""
    lagging.merge()
    (carry,) = lagging.carries()
    assert carry.component == HLO

    third = lagging.llvm_moves(3)  # still carried
    assert world.roll("--now").returncode == 0, world.text
    assert lagging.titles() == [f"Bump LLVM to {third[:12]}"]
    lagging.merge()

    fourth = lagging.llvm_moves(4)
    commit = lagging.component_moves(fourth, 4, UNIT.format("h", NEW))
    done = world.roll("--now")
    assert done.returncode == 0, done.stderr
    assert lagging.titles() == [f"Bump LLVM to {fourth[:12]}", "Drop carried patches that are needed no more"]
    assert "### Carried patches" not in world.text
    lagging.merge()
    assert lagging.carries() == ()
    assert world.downstream.git("rev-parse", f"HEAD:{HLO}") == commit
    assert not list((world.downstream.path / "patches").glob("*"))


def test_a_configuration_of_another_name_is_mended_by(lagging: Lagging) -> None:
    world = lagging.world
    world.downstream.git("mv", "llvmgate.toml", "gate.toml")
    world.downstream.commit(message="Another name", date=day(2))
    lagging.llvm_moves(2)
    done = world.roll("--config", str(world.downstream.path / "gate.toml"))
    assert done.returncode == 6, done.stderr
    lagging.merge()
    assert [carry.component for carry in lagging.carries("gate.toml")] == [HLO]


def test_what_cannot_be_mended_has_a_page(lagging: Lagging) -> None:
    world = lagging.world
    world.downstream.git("mv", "llvmgate.toml", "gate.toml")
    world.downstream.commit(
        {"core.cpp": UNIT.format("core", "Anyhow").replace("Greedily", "")}, message="Another name", date=day(2)
    )
    lagging.llvm_moves(2)
    done = world.roll("--config", str(world.downstream.path / "gate.toml"))
    assert done.returncode == 1, done.stderr
    assert "A page for each cause that is left:" in world.text
    assert world.branches() == {"main"}


@pytest.mark.parametrize(("step", "delay"), [("fix", 2.0), ("gate-2", 0.5)])
def test_killed_while_it_carries(lagging: Lagging, step: str, delay: float) -> None:
    world = lagging.world
    second = lagging.llvm_moves(2)
    before = world.untouched()
    killed_at(world.command(), step, delay)
    assert world.untouched() == before
    assert world.roll().returncode == 6
    assert lagging.titles() == [f"Bump LLVM to {second[:12]}", f"Carry a patch on {HLO}"]
    assert world.untouched() == before
    assert world.branches() == {"main", world.outcome["branch"]}


def test_killed_while_it_drops_what_it_carried(lagging: Lagging) -> None:
    world = lagging.world
    lagging.llvm_moves(2)
    assert world.roll().returncode == 6
    lagging.merge()
    third = lagging.llvm_moves(3)
    lagging.component_moves(third, 3, UNIT.format("h", NEW))
    before = world.untouched()
    killed_at(world.command("--now"), "carry", 0.1)
    assert world.untouched() == before
    assert world.roll("--now").returncode == 0
    assert lagging.titles() == [f"Bump LLVM to {third[:12]}", "Drop carried patches that are needed no more"]
