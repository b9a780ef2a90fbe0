"""linkcheck of a static configuration, where the shared one stands on a shared LLVM: a break that only that has.

LLVM's libraries pass on less when they are shared. A project over a static LLVM then links what it lacks by accident,
and a look at that LLVM alone tells nothing; a look over the shared flavour's install tells it as its build does.
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

from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.linkcheck.prediction import LinkcheckResult, run_linkcheck
from pytest_llvmgate.linkcheck.shared_tree import LinkcheckOptions
from pytest_llvmgate.llvm.prefix import read_prefix
from tests.miniature import Miniature, create
from tests.miniature.builds import FLAVOUR_OPTIONS, LLVM_OPTIONS, checkout, run_stages, supply
from tests.miniature.downstream import create_downstream
from tests.miniature.history import isolated

CULPRIT = "hlo-link-library-dropped"
LACKS = {("HloTransforms", "mlir::sparse_tensor::getSparseTensorEncoding(llvm::StringRef)")}


@dataclass(frozen=True, kw_only=True)
class Gated:
    """The gate's run on the commit."""

    miniature: Miniature
    results: dict[str, dict[str, Any]]
    """By node."""
    said: str
    build: Path
    """The build directory of the static configuration."""


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Gated:
    directory = tmp_path_factory.mktemp("predict")
    miniature = create(directory / "llvm-project", commits=isolated(CULPRIT))
    downstream = create_downstream(directory, miniature)
    sha = miniature.sha(CULPRIT)
    for flavour in ("static", "shared"):
        supply(miniature, CULPRIT, flavour, directory / "prefixes")
    command = [sys.executable, "-m", "pytest", f"--llvm-sha={sha}", "--llvm-json=../verdict.json"]
    command += ["--llvm-pins=agree", "-k", "mhlo_on or llvm", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=downstream.root, env=os.environ, capture_output=True, text=True, check=False, timeout=400
    )
    path = directory / "verdict.json"
    assert path.is_file(), done.stdout + done.stderr
    results = json.loads(path.read_text())["results"]
    return Gated(
        miniature=miniature,
        results={f"{each['group']}::{each['stage']}": each for each in results},
        said=" ".join(done.stdout.split()),
        build=downstream.root / ".llvmgate" / sha[:12] / "static-mhlo_on/build",
    )


def demangled(result: LinkcheckResult) -> set[tuple[str, str]]:
    missing = ((link.target, each.symbol) for link in result.links if link.is_refused for each in link.missing)
    return {(target, result.names[symbol]) for target, symbol in missing}


def test_it_is_predicted_and_the_shared_build_agrees(gated: Gated) -> None:
    assert gated.results["static-mhlo_on::build"]["outcome"] == "passed"
    linkcheck = gated.results["static-mhlo_on::linkcheck"]
    assert linkcheck["outcome"] == "failed"
    assert linkcheck["reason"] == (
        "as a shared build over a shared LLVM, HloTransforms would not link (1 undefined symbol)"
    )
    assert gated.results["shared-mhlo_on::build"]["outcome"] == "failed"
    assert "linkcheck of static-mhlo_on predicted what shared-mhlo_on could not link: HloTransforms" in gated.said


def test_a_look_at_the_static_llvm_alone_does_not_tell_it(gated: Gated, tmp_path: Path) -> None:
    assert demangled(run_linkcheck(gated.build, scratch=tmp_path)) == set()


def test_an_llvm_that_is_configured_and_not_built_tells_it(gated: Gated, tmp_path: Path) -> None:
    source = checkout(gated.miniature, CULPRIT, tmp_path / "llvm-project")
    options = {**LLVM_OPTIONS, **FLAVOUR_OPTIONS["shared"]}
    words = ["cmake", "-G", "Ninja", "-S", str(source / "llvm"), "-B", str(tmp_path / "llvm")]
    run = run_stages({"configure": [[*words, *(f"-D{name}={value}" for name, value in options.items())]]})
    assert run.passed, run.log
    over = read_prefix(tmp_path / "llvm")
    result = run_linkcheck(gated.build, scratch=tmp_path / "scratch", options=LinkcheckOptions(over=over))
    assert demangled(result) == LACKS
    assert [each.target_name for each in result.suggestions["HloTransforms"]] == ["MLIRSparseTensorDialect"]
    with pytest.raises(ToolError, match="configured and not built"):
        run_linkcheck(gated.build, scratch=tmp_path / "s", options=LinkcheckOptions(over=over, confirm=True))
