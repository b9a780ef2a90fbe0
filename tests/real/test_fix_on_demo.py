"""The demo's red branches become green by ``llvmgate fix``: a real MLIR project, LLVM 22.1.8, and the gate's word."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_llvmgate.demo import create_demo
from pytest_llvmgate.demo.branches import LLVM_22, SUBMODULE
from tests.unit.git_kit import Repo

_NOT_OURS = ("MAKEFLAGS", "PYTEST_ADDOPTS", "GITHUB_ACTIONS", "GITHUB_BASE_REF", "CI")
CONFIGURATION = "static-mhlo_on"
EXAMPLE = "void a(P &patterns) {{\n  {0}(patterns{1});\n}}\n\nvoid b(P &more) {{\n  math::{0}(more{1});\n}}\n"


@dataclass(frozen=True)
class Demo:
    """The demo's downstream on one branch, gated in one configuration."""

    root: Path

    def switch(self, branch: str) -> None:
        subprocess.run(["git", "checkout", "-q", "--recurse-submodules", branch], cwd=self.root, check=True)

    def run(self, *words: str) -> tuple[int, str]:
        env = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
        command = [sys.executable, "-m", *words]
        done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def gate(self) -> tuple[int, str]:
        return self.run("pytest", f"--llvm-sha={LLVM_22}", "--llvm-pins=agree", "-k", CONFIGURATION)

    def fix(self, *options: str) -> tuple[int, str]:
        return self.run("pytest_llvmgate", "fix", *options)

    @property
    def patch(self) -> Path:
        """What is to be changed in the component."""
        return self.root / ".llvmgate" / LLVM_22[:12] / "llvmgate-fix" / f"{SUBMODULE.replace('/', '-')}.patch"

    def apply(self) -> None:
        subprocess.run(["git", "apply", self.patch], cwd=self.root / SUBMODULE, check=True)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(create_demo(tmp_path_factory.mktemp("demo") / "workspace").downstream)


def test_a_library_that_a_shared_build_would_miss_is_linked(demo: Demo) -> None:
    demo.switch("shared-breaks")
    code, output = demo.gate()
    assert code == 1, output
    code, output = demo.fix()
    assert code == 0, output
    assert "+  LINK_LIBS PUBLIC MhloShapeUtils" in demo.patch.read_text()
    demo.apply()
    code, output = demo.gate()
    assert code == 0, output
    subprocess.run(["git", "checkout", "-q", "."], cwd=demo.root / SUBMODULE, check=True)


def test_a_function_that_is_gone_is_mended_as_a_sibling_did_it(demo: Demo, tmp_path: Path) -> None:
    """The new function lies in another namespace, which the headers tell."""
    demo.switch("api-breaks")
    code, output = demo.gate()
    assert code == 1, output
    repo = Repo(tmp_path / "other")
    repo.commit({"a.cpp": EXAMPLE.format("populateExpandTanhPattern", "")}, message="Expand tanh")
    repo.commit({"a.cpp": EXAMPLE.format("populateExpansionPatterns", ', {"tanh"}')}, message="Bump LLVM")
    code, output = demo.fix("--sibling", str(tmp_path / "other"))
    assert code == 0, output
    assert '+    math::populateExpansionPatterns(patterns, {"tanh"});' in demo.patch.read_text()
    demo.apply()
    code, output = demo.gate()
    assert code == 0, output
