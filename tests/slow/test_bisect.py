"""Searches with real builds of LLVM: classes of culprits, a stretch that does not build, an interruption, a watch.

All share one ccache, as on a real machine.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.miniature import Miniature, create
from tests.miniature.downstream import create_downstream
from tests.support.processes import marked, wait_for

_F = "filler"
PLAN = (
    *("api-deprecated", _F, _F, _F, _F),
    *("link-library-dropped", _F, _F, "behaviour-changed", _F, "llvm-broken", _F, "api-removed", _F, "llvm-fixed"),
    *(_F,) * 3,
)
LLVMGATE = (sys.executable, "-m", "pytest_llvmgate")


@dataclass(frozen=True)
class Place:
    miniature: Miniature
    root: Path
    env: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*LLVMGATE, *arguments], cwd=self.root, env=self.env, capture_output=True, text=True, check=False
        )

    def search(self, code: int, *arguments: str) -> dict[str, object]:
        done = self.run("bisect", "--json", "-", *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        found: dict[str, object] = json.loads(done.stdout)
        return found

    def is_culprit(self, data: dict[str, object], name: str) -> bool:
        first, last = data["first_bad"], data["last_good"]
        assert isinstance(first, dict)
        assert isinstance(last, dict)
        return (first["sha"], last["sha"]) == (self.miniature.sha(name), self.miniature.before(name))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    directory = tmp_path_factory.mktemp("bisect")
    miniature = create(directory / "llvm-project", commits=PLAN)
    llvm = {"supplier": "source", "repository": str(miniature.repository)}
    root = create_downstream(directory, miniature, llvm=llvm).root
    own = {"LLVMGATE_CACHE": str(directory / "cache"), "CCACHE_DIR": str(directory / "ccache")}
    foreign = ("MAKEFLAGS", "PYTEST_ADDOPTS", "GITHUB_ACTIONS")
    return Place(miniature, root, {key: text for key, text in os.environ.items() if key not in foreign} | own)


def test_a_change_of_behaviour_is_found_by_the_check(place: Place) -> None:
    bad = place.miniature.order[place.miniature.index("llvm-broken") - 1]
    data = place.search(0, f"..{bad}", "--configuration", "static-mhlo_off")
    assert place.is_culprit(data, "behaviour-changed")


def test_a_dropped_link_library_is_found_in_the_shared_build_two_at_a_time(place: Place) -> None:
    bad = place.miniature.sha("behaviour-changed")
    data = place.search(0, f"..{bad}", "-n", "2", "--configuration", "shared-mhlo_off", "--stage", "build")
    assert place.is_culprit(data, "link-library-dropped")


def test_inside_a_stretch_where_llvm_does_not_build_the_range_is_honest(place: Place) -> None:
    finding = "api-removed:mlir::PatternRewriter::create"
    data = place.search(125, "--finding", finding, "--configuration", "static-mhlo_off", "--stage", "build")
    miniature = place.miniature
    start, end = miniature.index("llvm-broken"), miniature.index("llvm-fixed")
    culprits = data["culprits"]
    assert isinstance(culprits, list)
    assert [commit["sha"] for commit in culprits] == list(miniature.order[start : end + 1])


def test_what_broke_llvm(place: Place) -> None:
    bad = place.miniature.order[place.miniature.index("api-removed")]
    data = place.search(0, f"..{bad}", "--configuration", "static-mhlo_off", "--stage", "llvm")
    assert place.is_culprit(data, "llvm-broken")
    followers = data["followers"]
    assert isinstance(followers, list)
    assert [each["how"] for each in followers] == ["fixed"]


def test_terminated_in_the_middle_of_an_llvm_build_and_taken_up(place: Place, tmp_path: Path) -> None:
    cold = {"LLVMGATE_CACHE": str(tmp_path / "cache"), "CCACHE_DIR": str(tmp_path / "ccache")}
    words = (*LLVMGATE, "bisect", "--any", "--configuration", "static-mhlo_off", "--stage", "build", "--restart")
    bad = f"..{place.miniature.sha('behaviour-changed')}"
    with marked() as mark:
        running = subprocess.Popen(
            [*words, bad], cwd=place.root, env=place.env | mark.env | cold, stderr=subprocess.DEVNULL
        )
        assert wait_for(lambda: len(list((tmp_path / "cache/building").glob("*/build/**/*.o"))) > 5, 60)
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 130
        assert mark.gone(within=15)
    left = len(list((tmp_path / "cache/building").glob("*/build/**/*.o")))
    assert left > 5
    done = subprocess.run(
        [*words, bad], cwd=place.root, env=place.env | cold, capture_output=True, text=True, check=False
    )
    # The shared build alone shows the other change: nothing fails here.
    assert done.returncode == 1, done.stdout + done.stderr


def test_a_watch_with_real_builds(place: Place, tmp_path: Path) -> None:
    words = ("watch", "--configuration", "static-mhlo_off", "--output", str(tmp_path))
    for _ in range(12):
        done = place.run(*words)
        assert done.returncode == 0, done.stderr
        if "Nothing to do" in done.stdout:
            break
    data = json.loads((tmp_path / "status.json").read_text())
    assert data["recent"]["failed"][0]["sha1"] == place.miniature.sha("behaviour-changed")
    assert data["recent"]["succeeded"][0]["sha1"] == place.miniature.before("behaviour-changed")
    assert data["watch"]["is_found"]
