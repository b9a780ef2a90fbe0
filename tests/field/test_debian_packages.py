"""Real downstreams of LLVM, as Debian has them, through the whole gate, from what ``init`` writes.

Their sources come from the package manager when the test runs; nothing of them is kept here. What is edited in the
configuration is where the LLVM comes from, as anybody has to, and what makes a build shorter.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import require
from tests.support.toy import git

SHAS = {
    "13.0.1": "75e33f71c2dae584b13a7d1186ae0a038ba98838",
    "14.0.6": "f28c006a5895fc0e329fe15fead81e37457cb1d1",
    "15.0.6": "088f33605d8a61ff519c580a71b1dd57d16a03f8",
}
_PACKAGES = {
    "castxml": "libclang-{0}-dev",
    "dynarmic": "libboost-dev libfmt-dev libxbyak-dev libzydis-dev robin-map-dev zlib1g-dev",
    "oclgrind": "libclang-{0}-dev clang-{0} libreadline-dev libedit-dev",
}
"""Besides llvm-N-dev: what a project's builds take, by Debian's names."""
_SETTINGS = {
    # Half of it; Debian has no Catch2 of the version that its tests take; what is tested is not the optimiser.
    "dynarmic": """DYNARMIC_FRONTENDS = "A32"
DYNARMIC_TESTS = "OFF"
CMAKE_CXX_FLAGS_RELEASE = "-O0 -DNDEBUG"
"""
}
"""What a project's builds are asked for besides, in [build.cmake]."""


@dataclass(frozen=True)
class Gated:
    """How a project fared on an LLVM."""

    returncode: int
    output: str
    verdict: dict[str, Any]

    @property
    def outcomes(self) -> dict[str, str]:
        return {f"{each['group']}::{each['stage']}": each["outcome"] for each in self.verdict["results"]}

    @property
    def findings(self) -> list[dict[str, Any]]:
        return [finding for each in self.verdict["results"] for finding in each["findings"]]


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("apt-get")
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module", params=sorted(_PACKAGES))
def project(request: pytest.FixtureRequest, downloads: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The upstream sources of a package in a repository of their own."""
    name: str = request.param
    command = ["apt-get", "source", "--tar-only", "-qq", name]
    done = subprocess.run(command, cwd=downloads, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"apt-get source {name}: {done.stderr}\n(it takes a line deb-src in the sources)")
    (archive,) = downloads.glob(f"{name}_*.orig.tar.*")
    directory = tmp_path_factory.mktemp("project") / name
    with tarfile.open(archive) as tar:
        tar.extractall(downloads / name, filter="data")
    (top,) = (downloads / name).iterdir()
    shutil.move(top, directory)
    git(directory, "init", "-q", "-b", "main")
    git(directory, "add", "--all", "--force")
    git(directory, "commit", "-q", "-m", "The sources as they were released")
    return directory


def gate(project: Path, version: str) -> Gated:
    """The gate on Debian's LLVM of a version, from ``init`` on."""
    major = version.partition(".")[0]
    prefix = Path("/usr/lib", f"llvm-{major}")
    if not (prefix / "lib/cmake" / ("clang" if "clang" in _PACKAGES[project.name] else "llvm")).is_dir():
        names = f"llvm-{major}-dev {_PACKAGES[project.name].format(major)}"
        pytest.fail(f"apt-get install {names} cmake g++")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "LLVMGATE_"))}
    run = [sys.executable, "-m"]
    subprocess.run([*run, "pytest_llvmgate", "init", "--force"], cwd=project, env=env, check=True)
    file = project / "llvmgate.toml"
    supplied = f'prefix = "{prefix}"\nrevision = "unrecorded"\n[llvm.tags]\n"llvmorg-{version}" = "{SHAS[version]}"\n'
    text = re.sub(r'^prefix = ".*"\n', supplied, file.read_text(), count=1, flags=re.MULTILINE)
    file.write_text(text + _SETTINGS.get(project.name, ""))
    verdict = project.parent / f"{version}.json"
    command = [*run, "pytest", f"--llvm-sha=llvmorg-{version}", f"--llvm-json={verdict}", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    return Gated(done.returncode, done.stdout + done.stderr, json.loads(verdict.read_text()))


_OWN = {"castxml": "14.0.6", "dynarmic": "14.0.6", "oclgrind": "13.0.1"}
_NEXT = {"castxml": "15.0.6", "dynarmic": "15.0.6", "oclgrind": "14.0.6"}
_BUILDS = {"castxml": {"release"}, "dynarmic": {"static", "shared"}, "oclgrind": {"release"}}
_BREAKS = {
    "castxml": {},
    "dynarmic": {},
    "oclgrind": {
        ("api-removed", "llvm::CallInst::getNumArgOperands"): {
            "src/core/WorkItemBuiltins.cpp",
            "src/plugins/Uninitialized.cpp",
        }
    },
}
"""What the next LLVM breaks: each cause with the files that do not compile."""


def test_on_the_llvm_that_it_was_written_for_all_passes(project: Path) -> None:
    gated = gate(project, _OWN[project.name])
    assert gated.returncode == 0, gated.output
    stages = {"configure", "build", "install"}
    wanted = {"preflight::default", *(f"{name}::{stage}" for name in _BUILDS[project.name] for stage in stages)}
    assert gated.outcomes.items() >= dict.fromkeys(wanted, "passed").items()
    predicted = "linkcheck of static and the build of shared agree: every library links"
    assert (predicted in " ".join(gated.output.split())) is ("shared" in _BUILDS[project.name])


def test_on_the_next_llvm_just_what_breaks_is_told(project: Path) -> None:
    gated = gate(project, _NEXT[project.name])
    breaks = _BREAKS[project.name]
    assert {(each["kind"], each["identifier"]) for each in gated.findings} == set(breaks), gated.output
    assert (gated.returncode == 0) is not bool(breaks)
    for files in breaks.values():
        log = (project / f".llvmgate/{SHAS[_NEXT[project.name]][:12]}/release/logs/build.log").read_text()
        wrong = {Path(path).name for path in re.findall(r"^(\S+\.cpp):\d+:\d+: error:", log, re.MULTILINE)}
        assert wrong == {Path(file).name for file in files}
