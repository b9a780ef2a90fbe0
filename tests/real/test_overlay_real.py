"""The cheap stage that runs a failing command on other commits' headers, on a build of the miniature that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.bisect.overlay import find_overlay_hints
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.diagnose import diagnose
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.git.repository import Repository
from tests.miniature import create
from tests.miniature.builds import build_downstream, supply
from tests.miniature.culprits import CULPRITS
from tests.miniature.downstream import create_downstream

CONFIGURATION = "static-mhlo_off"
PLAN = (*("filler",) * 5, "api-changed", "filler", "filler", "td-renamed", *("filler",) * 4)


@pytest.mark.parametrize(
    ("name", "scope", "why"),
    [
        # With an LLVM at hand, the compiler's notes say whose function it is.
        ("api-changed", "mlir::linalg::", "the syntax of Tile.cpp"),
        ("td-renamed", "", "tablegen of TinyOps.td"),
    ],
)
def test_the_culprit_from_the_bad_end_alone(tmp_path: Path, name: str, scope: str, why: str) -> None:
    miniature = create(tmp_path / "llvm-project", commits=PLAN)
    config = load_config(create_downstream(tmp_path / "tinyc", miniature).config)
    points = miniature.order[: miniature.index(name) + 3]
    workspace = Workspace(config.root, points[-1])
    prefix = supply(miniature, points[-1], "static", tmp_path / "store")
    build = workspace.group(CONFIGURATION) / "build"
    done = build_downstream(config.root, build, prefix, CONFIGURATION)
    log = workspace.log(CONFIGURATION, "build")
    log.parent.mkdir(parents=True)
    log.write_text(done.log)
    context = DiagnosisContext(stage="build", source=config.root, build=build, prefixes=(prefix,), exit_code=1)
    key = (CULPRITS[name].kind, f"{scope}{CULPRITS[name].identifier}")
    finding = next(each for each in diagnose(log, context=context).findings if each.key == key)
    hints = find_overlay_hints(
        config, Repository.open(miniature.repository), points, finding, f"{CONFIGURATION}::build", roots=(prefix,)
    )
    assert [(hint.sha, hint.why) for hint in hints] == [(miniature.sha(name), why)]
