"""The reusable workflow: the shell of its steps works on a real checkout, and it keeps its promises."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.support.toy import OTHER_SHA, SHA, commit, make_workspace

ROOT: Final = Path(__file__).parents[2]
WORKFLOWS: Final = sorted((ROOT / ".github/workflows").glob("*.yml"))
BUMP: Final = (ROOT / ".github/workflows/llvm-bump.yml").read_text(encoding="utf-8")
_CHANGES_PYTEST: Final = ("MAKEFLAGS", "PYTEST_ADDOPTS", "GITHUB_ACTIONS", "GITHUB_BASE_REF")


def script(step: str) -> str:
    """The shell of the step with that name."""
    _, _, rest = BUMP.partition(f"- name: {step}\n")
    body = rest.partition("\n\n")[0]
    block = re.search(r"^ +run: (?:\|\n)?(.*)", body, re.MULTILINE | re.DOTALL)
    assert block is not None, f"no step {step!r} with a shell"
    return textwrap.dedent(block[1])


@dataclass(frozen=True)
class Runner:
    """A machine of GitHub's, as far as the steps notice."""

    downstream: Path
    temp: Path

    def run(self, step: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run a step's shell as GitHub does ("bash --noprofile --norc -eo pipefail")."""
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script(step)]
        return subprocess.run(
            command, cwd=self.downstream, env=self._env(inputs), capture_output=True, text=True, check=False
        )

    def _env(self, inputs: Mapping[str, str]) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if name not in _CHANGES_PYTEST}
        env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
        env |= {
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }
        return env | {"LLVM_SHA": "pinned", "CONFIG": "llvmgate.toml", "SELECT": "", "WORKERS": "0"} | inputs

    @property
    def output(self) -> Path:
        return self.temp / "output"

    @property
    def summary(self) -> Path:
        return self.temp / "summary.md"


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    (tmp_path / "temp").mkdir()
    return Runner(make_workspace(tmp_path), tmp_path / "temp")


def test_the_candidate_is_what_the_tree_is_pinned_to(runner: Runner) -> None:
    done = runner.run("Name the candidate")
    assert done.returncode == 0, done.stderr
    assert outputs(runner) == {"sha": SHA, "selection": "e3b0c44298fc", "directory": "."}


def test_a_candidate_that_is_given_is_taken_as_a_name_and_nothing_else(runner: Runner) -> None:
    done = runner.run("Name the candidate", LLVM_SHA=f"{OTHER_SHA}\nother=$(touch made)")
    assert done.returncode == 0, done.stderr
    assert outputs(runner)["sha"] == f"{OTHER_SHA}othertouchmade"
    assert not (runner.downstream / "made").exists()


def outputs(runner: Runner) -> dict[str, str]:
    """What the step hands to later ones."""
    return dict(line.split("=", 1) for line in runner.output.read_text().splitlines())


def test_another_selection_has_another_cache_of_llvms(runner: Runner) -> None:
    assert runner.run("Name the candidate", SELECT="static").returncode == 0
    first = outputs(runner)["selection"]
    runner.output.unlink()
    assert runner.run("Name the candidate", SELECT="shared").returncode == 0
    assert outputs(runner)["selection"] != first
    assert BUMP.count("steps.candidate.outputs.selection }}") == 1


def test_a_configuration_below_a_subdirectory_has_its_logs_kept(runner: Runner) -> None:
    (runner.downstream / "sub").mkdir()
    (runner.downstream / "llvmgate.toml").rename(runner.downstream / "sub/llvmgate.toml")
    assert runner.run("Name the candidate", CONFIG="sub/llvmgate.toml", LLVM_SHA=SHA).returncode == 0
    assert outputs(runner)["directory"] == "sub"
    assert "${{ steps.candidate.outputs.directory }}/.llvmgate/*/*/logs" in BUMP


@pytest.mark.parametrize("between", [" ", "\n", "\n  ", "\n\n"])
def test_lists_may_have_line_breaks(runner: Runner, between: str) -> None:
    words = between.join(["one", "two", "three"])
    for step, variable, program in (
        ("Check out submodules", "SUBMODULES", "git"),
        ("Install the gate, ccache and what the build needs", "PACKAGES", "sudo"),
    ):
        tools = runner.temp / f"bin-{program}"
        tools.mkdir()
        for name in ("git", "sudo", "python"):
            (tools / name).write_text(f'#!/bin/sh\nprintf "%s|" "$@" >> {runner.temp}/{program}\n')
            (tools / name).chmod(0o755)
        path = f"{tools}:{os.environ['PATH']}"
        runner.run(step, PATH=path, REQUIREMENT="x", GITHUB_PATH="/dev/null", **{variable: words})
        assert "|one|two|three|" in (runner.temp / program).read_text()


def test_nothing_is_installed_that_is_not_pinned() -> None:
    block = BUMP.partition("      requirement:\n")[2].partition("      packages:")[0]
    assert "required: true" in block
    page = (ROOT / "docs/github-actions.md").read_text(encoding="utf-8")
    calls = page.count("    uses: OWNER/pytest-llvmgate/")
    assert calls == len(re.findall(r"requirement: pytest-llvmgate\[tools\] @ git\+https://\S+@[0-9a-f]{40}", page))


def test_the_downstreams_own_tests_write_nothing_for_later_steps(runner: Runner) -> None:
    (runner.downstream / "conftest.py").write_text(
        "import os\nassert not {'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_OUTPUT'} & os.environ.keys()\n"
    )
    assert runner.run("Run the gate", GITHUB_ENV="/dev/null", GITHUB_PATH="/dev/null").returncode == 0


def test_a_configuration_that_is_broken_stops_the_workflow(runner: Runner) -> None:
    (runner.downstream / "llvmgate.toml").write_text("[[pin]\n")
    done = runner.run("Name the candidate")
    assert done.returncode != 0
    assert "llvmgate.toml:1" in done.stderr


def test_the_gate_passes_and_the_summary_says_so(runner: Runner) -> None:
    done = runner.run("Run the gate")
    assert done.returncode == 0, done.stdout
    kept = {path.name for path in (runner.temp / "llvmgate").iterdir()}
    assert kept == {"llvmgate.xml", "llvmgate.json", "llvmgate.html"}
    assert f"LLVM `{SHA[:12]}`" in runner.summary.read_text()


def test_a_no_is_in_the_summary_too(runner: Runner) -> None:
    (runner.downstream / "break-mhlo").touch()
    commit(runner.downstream, "Break")
    assert runner.run("Run the gate", SELECT="mhlo_on").returncode == 1
    assert "static-mhlo_on" in runner.summary.read_text()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(workflow: Path) -> None:
    used = re.findall(r"uses: (.+)$", workflow.read_text(encoding="utf-8"), re.MULTILINE)
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", one)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_do_nothing_that_it_does_not_ask_for(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    assert re.search(r"^permissions: \{\}$", text, re.MULTILINE)
    assert re.findall(r"^ +(\w[\w-]*): write$", text, re.MULTILINE) == []
    assert re.findall(r"^  pull_request_target:", text, re.MULTILINE) == []


def test_inputs_reach_no_shell_but_through_the_environment() -> None:
    steps = BUMP.partition("    steps:\n")[2].split("\n\n")
    scripts = [step.partition("run: ")[2] for step in steps if " run: " in step]
    assert len(scripts) >= 3
    assert [one for one in scripts if "${{" in one] == []


def test_every_input_is_documented() -> None:
    inputs = re.findall(r"^      ([\w-]+):\n        description: ", BUMP, re.MULTILINE)
    page = (ROOT / "docs/github-actions.md").read_text(encoding="utf-8")
    assert "llvm-sha" in inputs
    assert [name for name in inputs if f"| `{name}` |" not in page] == []
