"""The examples for Jenkins and GitLab: the shell of their steps works on a real checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.toy import SHA, git, make_workspace

CI: Final = Path(__file__).parents[2] / "docs/ci"
_NOT_OURS: Final = ("MAKEFLAGS", "PYTEST_ADDOPTS", "GITHUB_ACTIONS", "GITHUB_BASE_REF", "GITHUB_EVENT_NAME")


@pytest.fixture
def downstream(tmp_path: Path) -> Path:
    """A checkout in which the virtual environment of the example is there already."""
    root = make_workspace(tmp_path)
    programs = root / ".venv/bin"
    programs.mkdir(parents=True)
    for name in ("pytest", "llvmgate", "cmake", "ninja"):
        if (found := Path(sys.executable).parent / name).exists():
            (programs / name).symlink_to(found)
    for stub in (programs / "pip", tmp_path / "stubs/python3", tmp_path / "stubs/apt-get"):
        stub.parent.mkdir(exist_ok=True)
        stub.write_text("#!/bin/sh\n")
        stub.chmod(0o755)
    (root / ".gitignore").write_text(".venv\nverdict*\nstore\n*.xml\n*.sarif\n*.md\n*.json\n")
    return root


def shell(directory: Path, text: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a step as the services do: the first command that fails ends it."""
    env = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
    env["PATH"] = os.pathsep.join([str(directory.parent / "stubs"), str(Path(sys.executable).parent), env["PATH"]])
    env |= {"LLVMGATE_REQUIREMENT": "x", "LLVMGATE_CACHE": str(directory.parent / "cache")} | variables
    return subprocess.run(["bash", "-ec", text], cwd=directory, env=env, capture_output=True, text=True, check=False)


def jenkins(stage: str) -> str:
    """The shell of a stage."""
    text = (CI / "Jenkinsfile").read_text(encoding="utf-8")
    found = re.search(rf"stage\('{stage}'\).*?sh '''\n(.*?)'''", text, re.DOTALL)
    assert found is not None
    return textwrap.dedent(found[1])


def test_jenkins_runs_the_pins_first(downstream: Path) -> None:
    done = shell(downstream, jenkins("Pins"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_jenkins_gates_and_the_main_branch_alone_writes_the_store(downstream: Path) -> None:
    store = downstream.parent / "store"
    gate = jenkins("Gate").replace("-n auto ", "-k static-mhlo_off ")
    asked = {"ARCHITECTURE": "s390x", "LLVMGATE_STORE": str(store), "BRANCH_IS_PRIMARY": "true"}
    proposed = shell(downstream, gate, CHANGE_ID="7", **asked)
    assert proposed.returncode == 0, proposed.stdout + proposed.stderr
    assert not store.exists()
    assert {"junit.xml", "verdict.json", "llvmgate.sarif", "comment.md"} <= {path.name for path in downstream.iterdir()}
    main = shell(downstream, gate, CHANGE_ID="", **asked)
    assert main.returncode == 0, main.stdout + main.stderr
    assert [path.name for path in store.rglob("*.json")] == [f"{SHA}.json"]


def gitlab(job: str) -> Iterator[str]:
    """The commands of a job."""
    text = (CI / "gitlab-ci.yml").read_text(encoding="utf-8")
    body = re.search(rf"^{job}:\n((?:  .*\n|\n)*)", text, re.MULTILINE)
    assert body is not None
    script = re.search(r"^  script:\n((?:    - .*\n)+)", body[1], re.MULTILINE)
    assert script is not None
    yield from re.findall(r"^    - (.*)$", script[1], re.MULTILINE)


def test_gitlabs_jobs_take_no_verdict_from_the_change(downstream: Path) -> None:
    refuses = re.search(r"^    - (test -z .*?)  #", (CI / "gitlab-ci.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert refuses is not None
    assert shell(downstream, refuses[1]).returncode == 0
    (downstream / "verdict").mkdir()
    (downstream / "verdict/forged.json").touch()
    git(downstream, "add", "--force", "verdict")
    assert shell(downstream, refuses[1]).returncode == 1


def test_gitlabs_jobs_hand_on_what_the_next_needs(downstream: Path) -> None:
    for job, variables in (
        ("pins", {}),
        ("llvm", {"FLAVOUR": "default"}),
        ("build", {"JOB_NAME": "a", "JOB_NODES": "llvmgate.toml::static-mhlo_off"}),
    ):
        text = "mkdir -p verdict store\n" + "\n".join(gitlab(job))
        if job == "llvm":
            text = text.replace(' "llvmgate.toml::preflight::$FLAVOUR"', "")  # which the toy has turned off
        done = shell(downstream, text, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
    done = shell(downstream, "\n".join(gitlab("verdict")))
    assert done.returncode == 1, "three configurations have no result"
    assert "no result" in done.stdout
    assert (downstream / "code-quality.json").read_text().startswith("[")
