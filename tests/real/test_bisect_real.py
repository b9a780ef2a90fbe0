"""One bisection with real builds of LLVM and of the downstream, and the probe under ``git bisect run``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.miniature import Miniature, create
from tests.miniature.downstream import TinyC, create_downstream

PLAN = (*("filler",) * 4, "header-moved", *("filler",) * 5)


@dataclass(frozen=True)
class Place:
    miniature: Miniature
    tinyc: TinyC
    cache: Path

    @property
    def environment(self) -> dict[str, str]:
        foreign = ("MAKEFLAGS", "PYTEST_ADDOPTS", "GITHUB_ACTIONS")
        kept = {name: value for name, value in os.environ.items() if name not in foreign}
        return kept | {"LLVMGATE_CACHE": str(self.cache)}

    def run(self, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(words, cwd=cwd, env=self.environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    directory = tmp_path_factory.mktemp("bisect")
    miniature = create(directory / "llvm-project", commits=PLAN)
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    return Place(miniature, create_downstream(directory, miniature, llvm=llvm), directory / "cache")


def test_the_culprit_is_found_by_real_builds_and_git_agrees(place: Place, tmp_path: Path) -> None:
    llvmgate = (sys.executable, "-m", "pytest_llvmgate")
    judged = ("--configuration", "static-mhlo_off", "--stage", "build")
    result = tmp_path / "result.json"
    done = place.run(*llvmgate, "bisect", *judged, "--json", str(result), cwd=place.tinyc.root)
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(result.read_text())
    assert data["first_bad"]["sha"] == place.miniature.sha("header-moved")
    assert data["last_good"]["sha"] == place.miniature.before("header-moved")
    assert data["hints"] == [{"sha": data["first_bad"]["sha"], "why": "the pickaxe"}]
    assert data["counts"]["probes"] == data["counts"]["llvm_builds"] == 4 < data["counts"]["naive_probes"]
    assert data["folded"] > 3  # ninja's dependency log of the good build was read
    root = place.tinyc.root / ".llvmgate"
    assert {line["mark"] for line in data["probes"]} == {"good", "bad"}
    assert all((place.tinyc.root / log).is_file() for line in data["probes"] for log in line["logs"])
    kept = sorted(path.parent.parent.name for path in root.glob("*/static-mhlo_off/build"))
    assert kept == sorted(sha[:12] for sha in (place.miniature.base, place.miniature.head))

    again = place.run(*llvmgate, "bisect", *judged, cwd=place.tinyc.root)
    assert "4 commits are judged already" in again.stderr
    assert "probe" not in again.stderr

    clone = place.miniature.repository
    start = ("git", "bisect", "start", "--first-parent", "--no-checkout")
    after = place.miniature.order[place.miniature.index("header-moved") + 1]
    place.run(*start, after, place.miniature.before("header-moved"), cwd=clone)
    bisected = place.run("git", "bisect", "run", *llvmgate, "probe", "-C", str(place.tinyc.root), *judged, cwd=clone)
    assert f"{place.miniature.sha('header-moved')} is the first bad commit" in bisected.stdout, bisected.stdout
