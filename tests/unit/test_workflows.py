"""The reusable workflow: the shell of its steps works on a real checkout, and it keeps its promises."""

from __future__ import annotations

import json
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

from tests.support.hostile_git import Trap
from tests.support.rolled import make_world
from tests.support.toy import CONFIG, OTHER_SHA, SHA, commit, git, make_llvm, make_workspace

ROOT: Final = Path(__file__).parents[2]
WORKFLOWS: Final = sorted((ROOT / ".github/workflows").glob("*.yml"))
BUMP: Final = (ROOT / ".github/workflows/llvm-bump.yml").read_text(encoding="utf-8")
MATRIX: Final = (ROOT / ".github/workflows/llvm-matrix.yml").read_text(encoding="utf-8")
ROLL: Final = (ROOT / ".github/workflows/llvm-roll.yml").read_text(encoding="utf-8")
WATCH: Final = (ROOT / ".github/workflows/llvm-watch.yml").read_text(encoding="utf-8")
_CHANGES_PYTEST: Final = (
    *("MAKEFLAGS", "PYTEST_ADDOPTS", "GITHUB_ACTIONS", "GITHUB_BASE_REF", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH"),
    "GITHUB_HEAD_REF",
)


def script(step: str, workflow: str = BUMP) -> str:
    """The shell of the step with that name."""
    _, _, rest = workflow.partition(f"- name: {step}\n")
    body = rest.partition("\n\n")[0]
    block = re.search(r"^ +run: (?:\|\n)?(.*)", body, re.MULTILINE | re.DOTALL)
    assert block is not None, f"no step {step!r} with a shell"
    return textwrap.dedent(block[1])


@dataclass(frozen=True)
class Runner:
    """A machine of GitHub's, as far as the steps notice."""

    downstream: Path
    temp: Path

    def run(self, step: str, workflow: str = BUMP, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run a step's shell as GitHub does ("bash --noprofile --norc -eo pipefail")."""
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script(step, workflow)]
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
        asked = {"LLVM_SHA": "pinned", "CONFIG": "llvmgate.toml", "SELECT": "", "WORKERS": "0", "VERDICTS": ""}
        return env | asked | inputs

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
    page += (ROOT / "docs/ci/github/llvm.yml").read_text(encoding="utf-8")
    calls = page.count("    uses: OWNER/pytest-llvmgate/")
    assert calls == len(re.findall(r"requirement: pytest-llvmgate\[tools\] @ git\+https://\S+@[0-9a-f]{40}", page)) >= 5


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


def test_what_main_said_is_asked_for_where_a_store_is_named(runner: Runner) -> None:
    (runner.downstream / "llvmgate.toml").write_text(CONFIG.replace('"../llvm"', '"../llvm-{short}"'))
    (runner.downstream / "break-core").touch()
    script = runner.downstream / "utils/clone-mlir.sh"
    for sha in (OTHER_SHA, SHA):  # main, then the change
        make_llvm(runner.downstream.parent / f"llvm-{sha[:12]}", sha)
        script.write_text(script.read_text().replace(SHA, sha).replace(OTHER_SHA, sha))
        commit(runner.downstream, f"Move to {sha}")
        store = str(runner.temp / "store") if sha == SHA else ""
        done = runner.run("Run the gate", SELECT="static-mhlo_off", VERDICTS=store, GITHUB_BASE_REF="main")
        assert done.returncode == 1, done.stdout
        assert ("not from this bump: the baseline has it, too" in done.stdout) is (sha == SHA)
        verdict = [str(runner.temp / "llvmgate/llvmgate.json"), "--record", str(runner.temp / "store")]
        subprocess.run([sys.executable, "-m", "pytest_llvmgate", "report", *verdict], check=False)
        git(runner.downstream, "checkout", "-q", "-B", "change")


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
    assert re.findall(r"^  pull_request_target:", text, re.MULTILINE) == []
    writers = [job for job in jobs(text).values() if re.search(r": write\b", job)]
    assert len(writers) == (workflow.name == "llvm-roll.yml")
    for job in writers:
        assert not re.search(r"actions/checkout|\bpip\b|setup-python|llvmgate [a-z]|pytest |submodule", job)


def jobs(workflow: str) -> dict[str, str]:
    """The jobs of a workflow, by name, as text."""
    body = workflow.partition("\njobs:\n")[2]
    parts = re.split(r"^  (\w+):\n", body, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_inputs_reach_no_shell_but_through_the_environment(workflow: Path) -> None:
    steps = workflow.read_text(encoding="utf-8").partition("    steps:\n")[2].split("\n\n")
    scripts = [step.partition("run: ")[2] for step in steps if " run: " in step]
    scripts = [one.partition("        env:\n")[0] for one in scripts]
    assert scripts
    assert [one for one in scripts if "${{" in one] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_input_is_documented(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    inputs = re.findall(r"^      ([\w-]+):\n        description: ", text, re.MULTILINE)
    page = (ROOT / "docs/github-actions.md").read_text(encoding="utf-8")
    assert ("workflow_call" in text) == bool(inputs)
    assert [name for name in inputs if f"| `{name}` |" not in page] == []


# Several machines: every step's shell on what the one before has left


def test_the_jobs_are_planned(runner: Runner) -> None:
    done = runner.run("Plan", MATRIX, SHARDS="")
    assert done.returncode == 0, done.stderr
    planned = outputs(runner)
    assert planned["first"] == "llvmgate.toml::pins"
    assert [job["nodes"] for job in json.loads(planned["llvms"])["include"]] == ["llvmgate.toml::llvm::default"]
    builds = json.loads(planned["builds"])["include"]
    assert len(builds) == 4
    assert builds[0]["artifacts"] == "llvmgate-llvm-@(default)"
    runner.output.unlink()
    assert runner.run("Plan", MATRIX, SHARDS="2").returncode == 0
    assert len(json.loads(outputs(runner)["builds"])["include"]) == 2


def every_job(runner: Runner, *, but: str = "") -> None:
    """What the jobs of the matrix leave, each in the artifact of its name."""
    assert runner.run("Plan", MATRIX, SHARDS="").returncode == 0
    planned = outputs(runner)
    first = {"name": "plan", "nodes": planned["first"]}
    rows = [("Run what comes first", first)]
    rows += [("Supply LLVM", job) for job in json.loads(planned["llvms"])["include"]]
    rows += [("Run the gate", job) for job in json.loads(planned["builds"])["include"]]
    for step, job in rows:
        if job["name"] != but:
            runner.run(step, MATRIX, NODES=job["nodes"], LLVMGATE_CACHE=str(runner.temp / "cache"))
            (runner.temp / "verdicts").mkdir(exist_ok=True)
            (runner.temp / "llvmgate").rename(runner.temp / "verdicts" / f"llvmgate-verdict-{job['name']}")


def test_the_machines_verdicts_become_one(runner: Runner) -> None:
    every_job(runner)
    done = runner.run("Join the verdicts", MATRIX, EVENT="pull_request", GITHUB_ACTIONS="true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{SHA[:12]} passes: 18 of 18" in done.stdout, done.stdout
    assert runner.summary.read_text().count("LLVM `") == 1
    assert not (runner.temp / "baseline").exists()


def test_a_machine_that_died_is_no_result(runner: Runner) -> None:
    every_job(runner, but="shared-mhlo_on")
    done = runner.run("Join the verdicts", MATRIX, EVENT="pull_request")
    assert done.returncode == 1
    assert "no result" in done.stdout


def test_no_machine_at_all(runner: Runner) -> None:
    done = runner.run("Join the verdicts", MATRIX, EVENT="pull_request")
    assert done.returncode == 1
    assert "::error title=llvmgate::no job has left a verdict" in done.stdout


def test_what_the_verdicts_are_joined_of_holds_no_file_of_the_checkout() -> None:
    """A ``.llvmgate/a/b/logs/llvmgate.json`` in the change would be the verdict of a job that was refused."""
    joined = re.findall(r"name: llvmgate-verdict-\S+(?: \S+)*\n +path: (.*)\n", MATRIX)
    assert len(joined) == 3
    assert set(joined) == {"${{ runner.temp }}/llvmgate"}


def test_main_leaves_what_pull_requests_compare_with(runner: Runner) -> None:
    (runner.downstream / "break-mhlo").touch()
    commit(runner.downstream, "Break")
    every_job(runner)
    done = runner.run("Join the verdicts", MATRIX, EVENT="push", GITHUB_ACTIONS="true")
    assert done.returncode == 1
    assert (runner.temp / f"baseline/verdicts/{SHA}.json").is_file()
    assert done.stdout.count("::error ") == len(set(re.findall(r"^::error .*", done.stdout, re.MULTILINE))) > 0


# The night


def test_watch_clones_llvm_once_and_judges_a_commit_each_night(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    world.configure("")
    newest = world.commit_llvm("[mlir] One", on=2)
    world.llvm.path.rename(tmp_path / "upstream")
    (tmp_path / "temp").mkdir()
    runner = Runner(world.downstream.path, tmp_path / "temp")
    github = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{tmp_path / 'upstream'}.insteadOf"}
    github["GIT_CONFIG_VALUE_0"] = "https://github.com/llvm/llvm-project.git"
    for _ in range(2):  # a runner that stays has it already in the second night
        done = runner.run("Fetch LLVM's history", WATCH, REPOSITORY="../llvm-project", **github)
        assert done.returncode == 0, done.stderr
        done = runner.run("Watch", WATCH, PROBES="1")
        assert done.returncode == 0, done.stdout + done.stderr
    assert {path.suffix for path in (runner.temp / "watch").glob("status.*")} == {".html", ".json", ".md"}
    known = json.loads((runner.temp / "watch/status.json").read_text())
    assert known["recent"]["succeeded"][0]["sha1"] == newest
    assert newest[:12] in runner.summary.read_text()


# The roll: two jobs, and what one may hand to the other


@pytest.fixture
def rolled(runner: Runner) -> Runner:
    """A downstream on a server, a bundle with a roll's branch, and GitHub's program as far as it is asked."""
    git(runner.downstream.parent, "clone", "-q", "--bare", str(runner.downstream), "server/owner/name")
    leave(runner, "llvm-roll-abc")
    gh = runner.temp / "bin/gh"
    gh.parent.mkdir()
    gh.write_text(f'#!/bin/sh\necho "$@" >> {runner.temp}/gh\ncase "$1 $2" in "pr list") echo 0;; esac\n')
    gh.chmod(0o755)
    return runner


def leave(runner: Runner, branch: str, path: str = "utils/clone-mlir.sh") -> None:
    """What the job ``roll`` uploads."""
    start = git(runner.downstream, "rev-parse", "HEAD")
    git(runner.downstream, "checkout", "-q", "-b", branch)
    (runner.downstream / path).parent.mkdir(parents=True, exist_ok=True)
    (runner.downstream / path).write_text("changed\n")
    commit(runner.downstream, "Bump LLVM")
    kept = runner.temp / "roll"
    kept.mkdir(exist_ok=True)
    git(runner.downstream, "bundle", "create", "-q", str(kept / "roll.bundle"), f"{start}..refs/heads/{branch}")
    title = "Bump LLVM\u001b[31m to \n abc"
    (kept / "roll.json").write_text(json.dumps({"branch": branch, "title": title}))
    (kept / "pull-request.md").write_text("text")


def propose(runner: Runner, code: str = "0") -> subprocess.CompletedProcess[str]:
    path = f"{runner.temp}/bin:{os.environ['PATH']}"
    server = f"file://{runner.downstream.parent}/server"
    step = "Push the branch and open the pull request"
    start = git(runner.downstream, "rev-parse", "main")
    return runner.run(step, ROLL, PATH=path, GH_REPO="owner/name", SERVER=server, BASE="main", START=start, CODE=code)


def server_branches(runner: Runner) -> str:
    return git(runner.downstream.parent / "server/owner/name", "for-each-ref", "--format=%(refname:short)")


def test_a_roll_becomes_a_branch_and_a_pull_request(rolled: Runner) -> None:
    done = propose(rolled)
    assert done.returncode == 0, done.stderr
    assert "llvm-roll-abc" in server_branches(rolled).split()
    asked = (rolled.temp / "gh").read_text()
    assert "pr create --head llvm-roll-abc --base main --title Bump LLVM[31m to  abc --body-file " in asked


def test_what_a_person_has_to_review_is_a_draft(rolled: Runner) -> None:
    assert propose(rolled, "6").returncode == 0
    assert "--draft" in (rolled.temp / "gh").read_text()


@pytest.mark.parametrize("branch", ["main", "--force", "llvm-roll/../main", "llvm-roll;touch x", "llvm-roll a", "x"])
def test_a_roll_pushes_no_other_branch(rolled: Runner, branch: str) -> None:
    outcome = rolled.temp / "roll/roll.json"
    outcome.write_text(json.dumps({"branch": branch, "title": "x"}))
    before = server_branches(rolled)
    done = propose(rolled)
    assert done.returncode != 0
    assert server_branches(rolled) == before
    assert not (rolled.temp / "gh").exists()


@pytest.mark.parametrize(
    "path", [".github/workflows/new.yml", ".gitlab-ci.yml", "ci/Jenkinsfile", ".circleci/config.yml"]
)
def test_a_roll_changes_nothing_that_runs_with_rights(rolled: Runner, path: str) -> None:
    git(rolled.downstream, "checkout", "-q", "main")
    leave(rolled, "llvm-roll-evil", path)
    done = propose(rolled)
    assert done.returncode == 1
    assert "::error::the roll changes what CI runs" in done.stdout
    assert "llvm-roll-evil" not in server_branches(rolled)


def test_a_roll_that_nobody_can_compare_with_the_main_branch_is_not_pushed(rolled: Runner) -> None:
    git(rolled.downstream, "checkout", "-q", "--orphan", "llvm-roll-orphan")
    (rolled.downstream / ".github/workflows").mkdir(parents=True)
    (rolled.downstream / ".github/workflows/new.yml").touch()
    commit(rolled.downstream, "Bump LLVM")
    kept = rolled.temp / "roll"
    git(rolled.downstream, "bundle", "create", "-q", str(kept / "roll.bundle"), "refs/heads/llvm-roll-orphan")
    (kept / "roll.json").write_text(json.dumps({"branch": "llvm-roll-orphan", "title": "x"}))
    assert propose(rolled).returncode != 0
    assert "llvm-roll-orphan" not in server_branches(rolled)


def test_a_roll_takes_nothing_that_runs_with_rights_back_to_an_older_state(rolled: Runner) -> None:
    tree = rolled.downstream
    git(tree, "checkout", "-q", "main")
    old = git(tree, "rev-parse", "HEAD")
    (tree / ".github/workflows").mkdir(parents=True, exist_ok=True)
    (tree / ".github/workflows/ci.yml").write_text("mended\n")
    commit(tree, "Mend a workflow")
    git(tree, "push", "-q", str(tree.parent / "server/owner/name"), "main")
    git(tree, "checkout", "-q", old)
    leave(rolled, "llvm-roll-old")
    done = propose(rolled)
    assert done.returncode == 1
    assert "::error::the roll changes what CI runs" in done.stdout


def test_a_repository_that_the_roll_leaves_beside_its_files_has_nothing_run(rolled: Runner) -> None:
    trap = Trap(rolled.temp / "trap")
    left = rolled.temp / "roll/repository.git"
    git(rolled.temp, "init", "-q", "--bare", str(left))
    trap.set_in(left, how="config")
    with (left / "config").open("a") as stream:
        stream.write(f'[url "ext::{trap.script} "]\n\tinsteadOf = file://\n')
    assert propose(rolled).returncode == 0
    assert trap.ran == ""


@pytest.mark.parametrize("name", ["roll.json", "roll.bundle", "pull-request.md"])
def test_a_roll_hands_over_files_and_no_links(rolled: Runner, name: str) -> None:
    path = rolled.temp / "roll" / name
    path.rename(rolled.temp / "moved")
    path.symlink_to(rolled.temp / "moved")
    done = propose(rolled)
    assert done.returncode == 1
    assert f"::error::expected a file {name}" in done.stdout
    assert "llvm-roll-abc" not in server_branches(rolled)


@pytest.mark.parametrize(("code", "is_fine"), [(0, True), (6, True), (5, True), (1, False), (4, False)])
def test_the_roll_hands_over_commits_and_text(runner: Runner, code: int, is_fine: bool) -> None:
    tool = runner.temp / "bin/llvmgate"
    tool.parent.mkdir()
    tool.write_text(
        '#!/bin/sh\ntest -z "$GITHUB_OUTPUT" || exit 9\nmkdir -p .llvmgate/roll\n'
        "git branch llvm-roll-abc $(git commit-tree -p HEAD -m x HEAD^{tree})\n"
        'echo \'{"branch": "llvm-roll-abc"}\' > .llvmgate/roll/roll.json\n'
        f"echo text > .llvmgate/roll/pull-request.md\nexit {code}\n"
    )
    tool.chmod(0o755)
    path = f"{tool.parent}:{os.path.dirname(sys.executable)}:{os.environ['PATH']}"  # noqa: PTH120
    done = runner.run("Roll", ROLL, PATH=path, NOW="true", TRIES="3")
    assert (done.returncode == 0) is is_fine, done.stderr
    assert outputs(runner)["code"] == str(code)
    assert (runner.temp / "roll/roll.bundle").is_file() is (code in {0, 6})


@pytest.mark.parametrize("file", [*WORKFLOWS, *sorted((ROOT / "docs/ci").rglob("*"))], ids=str)
def test_python_imports_nothing_from_the_checkout(file: Path) -> None:
    """``-m`` and ``-c`` look into the current directory first: a ``venv.py`` of a change would run."""
    if file.is_file():
        assert re.findall(r"\bpython3? +(?!-I)(?:-\w+ +)*-[cm]\b.*", file.read_text(encoding="utf-8")) == []
