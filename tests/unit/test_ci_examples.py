"""The examples for Jenkins and GitLab: the shell of their steps works on a real checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from pytest_llvmgate.cli.main import main
from tests.support.toy import CONFIG, OTHER_SHA, SHA, commit, git, make_llvm, make_workspace
from tests.support.web_server import Server

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


AXES = """
[llvm]
supplier = "prefix"
prefix = "/opt/llvm"
[axes.linkage]
static = { flavour = "static" }
shared = { flavour = "shared" }
[axes.stablehlo]
on = { cmake = { STABLEHLO = "ON" } }
off = { cmake = { STABLEHLO = "OFF" } }
"""


def test_gitlabs_lists_are_those_that_matrix_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "llvmgate.toml").write_text(AXES)
    assert main(["matrix", "-C", str(tmp_path), "--gitlab"]) == 0
    printed = json.loads(capsys.readouterr().out)
    text = (CI / "gitlab-ci.yml").read_text(encoding="utf-8")
    jobs = re.findall(r"- JOB_NAME: (\S+)\n +JOB_NODES: (.*)\n", text)
    assert jobs == [(job["JOB_NAME"], job["JOB_NODES"]) for job in (*printed["llvms"], *printed["builds"])]
    assert printed["first"] in next(gitlab("pins"))


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
        ("llvm", {"JOB_NAME": "llvm-default", "JOB_NODES": "llvmgate.toml::llvm::default"}),
        ("build", {"JOB_NAME": "a", "JOB_NODES": "llvmgate.toml::static-mhlo_off"}),
    ):
        text = "mkdir -p verdict store\n" + "\n".join(gitlab(job))
        done = shell(downstream, text, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
    done = shell(downstream, "\n".join(gitlab("verdict")))
    assert done.returncode == 1, "three configurations have no result"
    assert "no result" in done.stdout
    assert (downstream / "code-quality.json").read_text().startswith("[")


def test_gitlabs_main_records_what_a_merge_request_reads(downstream: Path, server: Server) -> None:
    (downstream / "llvmgate.toml").write_text(CONFIG.replace('"../llvm"', '"../llvm-{short}"'))
    (downstream / "break-core").touch()
    service = {"GITLAB_CI": "true", "CI": "true", "CI_PROJECT_DIR": str(downstream), "CI_DEFAULT_BRANCH": "main"}
    main = service | {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "LLVMGATE_STORE_TOKEN": "secret-word"}
    request = service | {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    }
    one = {"JOB_NAME": "a", "JOB_NODES": "llvmgate.toml::static-mhlo_off", "LLVMGATE_VERDICTS": server.url}
    build = "\n".join(["mkdir -p verdict store", *gitlab("build")])

    move(downstream, OTHER_SHA)
    assert shell(downstream, build, **main, **one).returncode == 1
    done = shell(downstream, "\n".join(gitlab("baseline")), **main, **one)
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.put == [f"/verdicts/{OTHER_SHA}.json"]

    git(downstream, "checkout", "-q", "-b", "change")
    move(downstream, SHA)
    server.credentials.clear()
    done = shell(downstream, build, **request, **one)
    assert (done.returncode, "not from this bump: the baseline has it, too" in done.stdout) == (1, True), done.stdout
    assert server.credentials == {""}
    done = shell(downstream, "\n".join(gitlab("baseline")), **request, **one)
    assert done.returncode != 0
    assert len(server.put) == 1, "a merge request records nothing"


def move(downstream: Path, sha: str) -> None:
    """Another LLVM in the pin, with an install of it."""
    make_llvm(downstream.parent / f"llvm-{sha[:12]}", sha)
    script = downstream / "utils/clone-mlir.sh"
    script.write_text(script.read_text().replace(SHA, sha).replace(OTHER_SHA, sha))
    commit(downstream, f"Move to {sha[:7]}")
