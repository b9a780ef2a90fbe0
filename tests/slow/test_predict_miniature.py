"""linkcheck of a static configuration, where the shared one stands on a shared LLVM: a break that only that has.

LLVM's libraries pass on less when they are shared. A project over a static LLVM then links what it lacks by accident,
and a look at that LLVM alone tells nothing; a look over the shared flavour's install tells it as its build does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.miniature import create
from tests.miniature.builds import supply
from tests.miniature.downstream import create_downstream
from tests.miniature.history import isolated

CULPRIT = "hlo-link-library-dropped"


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """The gate's verdict on the commit, by node; the notes are under ``notes``."""
    directory = tmp_path_factory.mktemp("predict")
    miniature = create(directory / "llvm-project", commits=isolated(CULPRIT))
    downstream = create_downstream(directory, miniature)
    for flavour in ("static", "shared"):
        supply(miniature, CULPRIT, flavour, directory / "prefixes")
    command = [sys.executable, "-m", "pytest", f"--llvm-sha={miniature.sha(CULPRIT)}", "--llvm-json=../verdict.json"]
    command += ["--llvm-pins=agree", "-k", "mhlo_on or llvm", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=downstream.root, env=os.environ, capture_output=True, text=True, check=False, timeout=400
    )
    path = directory / "verdict.json"
    assert path.is_file(), done.stdout + done.stderr
    text = json.loads(path.read_text())
    return {f"{each['group']}::{each['stage']}": each for each in text["results"]} | {"said": {"text": done.stdout}}


def test_it_is_predicted_and_the_shared_build_agrees(verdict: dict[str, dict[str, object]]) -> None:
    assert verdict["static-mhlo_on::build"]["outcome"] == "passed"
    linkcheck = verdict["static-mhlo_on::linkcheck"]
    assert linkcheck["outcome"] == "failed"
    assert (
        linkcheck["reason"] == "as a shared build over a shared LLVM, HloTransforms would not link (1 undefined symbol)"
    )
    assert verdict["shared-mhlo_on::build"]["outcome"] == "failed"
    said = " ".join(str(verdict["said"]["text"]).split())
    assert "linkcheck of static-mhlo_on predicted what shared-mhlo_on could not link: HloTransforms" in said
