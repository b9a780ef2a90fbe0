"""The gate on the demo: a real MLIR downstream, a real LLVM 22.1.8, and the breaks that each branch is known for.

One workspace serves all tests, as a maintainer would use it: switching branches rebuilds what changed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_llvmgate.demo import create_demo
from pytest_llvmgate.demo.branches import LLVM_22
from pytest_llvmgate.model import GROUPS

_NOT_OURS = ("MAKEFLAGS", "PYTEST_ADDOPTS", "GITHUB_ACTIONS", "GITHUB_BASE_REF")


@dataclass(frozen=True)
class Gate:
    """The demo's downstream, and the gate in it."""

    root: Path

    def switch(self, branch: str) -> None:
        subprocess.run(["git", "checkout", "-q", "--recurse-submodules", branch], cwd=self.root, check=True)

    def run(self, *arguments: str) -> tuple[int, str]:
        env = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
        command = [sys.executable, "-m", "pytest", f"--llvm-sha={LLVM_22}", *arguments]
        done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def verdict(self) -> dict[str, Any]:
        text = (self.root / ".llvmgate" / LLVM_22[:12] / "verdict.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        return found

    def outcomes(self) -> dict[str, str]:
        return {f"{each['group']}::{each['stage']}": each["outcome"] for each in self.verdict()["results"]}


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    return Gate(create_demo(tmp_path_factory.mktemp("demo") / "workspace").downstream)


def test_good_passes_in_all_four_configurations(gate: Gate) -> None:
    gate.switch("good")
    code, output = gate.run("-n", "auto")
    assert code == 0, output
    assert set(gate.outcomes().values()) == {"passed"}
    assert len(gate.outcomes()) == 22
    assert any("agree: every library links" in note for note in gate.verdict()["notes"])


def test_an_unchanged_tree_is_not_built_again(gate: Gate) -> None:
    code, output = gate.run()
    assert code == 0, output
    assert all(each["reused"] for each in gate.verdict()["results"] if each["group"] not in GROUPS)


def test_pins_that_disagree_are_told_without_a_build(gate: Gate) -> None:
    gate.switch("pins-disagree")
    code, output = gate.run("-k", "pins")
    assert code == 1
    assert gate.outcomes() == {"pins::llvm-project": "passed", "pins::mini-mhlo": "failed"}
    assert "third_party/mini-mhlo/build_tools/llvm_version.txt:1" in output


def test_a_missing_link_library_breaks_only_the_shared_build_with_mhlo(gate: Gate) -> None:
    gate.switch("shared-breaks")
    code, output = gate.run("-n", "auto")
    assert code == 1
    failed = {node for node, outcome in gate.outcomes().items() if outcome == "failed"}
    assert failed == {"shared-mhlo_on::build", "static-mhlo_on::linkcheck"}
    assert "build breaks only with linkage=shared and mhlo=on" in output
    finding = gate.verdict()["findings"][0]
    assert (finding["kind"], finding["layer"], finding["component"]) == ("shared-link", "component", "mini-mhlo")
    assert "MhloShapeUtils" in finding["headline"]
    assert finding["locations"][0]["path"] == "third_party/mini-mhlo/lib/IR/CMakeLists.txt"
    assert (
        "linkcheck of static-mhlo_on predicted what shared-mhlo_on could not link: MhloDialect"
        in (gate.verdict()["notes"])
    )


def test_an_api_change_breaks_only_what_uses_it(gate: Gate) -> None:
    gate.switch("api-breaks")
    code, output = gate.run("--llvm-pins=agree", "-n", "auto")
    assert code == 1
    failed = {node for node, outcome in gate.outcomes().items() if outcome == "failed"}
    assert failed == {"static-mhlo_on::build", "shared-mhlo_on::build"}
    assert "build breaks only with mhlo=on" in output
    finding = gate.verdict()["findings"][0]
    assert finding["layer"] == "component"
    assert "populateExpandTanhPattern" in finding["headline"]
    assert finding["locations"][0]["path"] == "third_party/mini-mhlo/lib/Transforms/LegalizeToArith.cpp"
    assert sorted(finding["configurations"]) == ["shared-mhlo_on", "static-mhlo_on"]
