"""``llvmgate matrix``: the jobs of a CI service, one per configuration or packed on a number of machines."""

from __future__ import annotations

import argparse
import json
from typing import Any

from pytest_llvmgate.cli.arguments import add_project_arguments, whole
from pytest_llvmgate.cli.project import open_subject
from pytest_llvmgate.codec import to_plain
from pytest_llvmgate.errors import EXIT_OK, GateError
from pytest_llvmgate.gate.job_matrix import job_matrix
from pytest_llvmgate.gate.past_runs import past_durations


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_project_arguments(parser)
    parser.add_argument("--shards", metavar="N", type=whole, help="pack the configurations on N machines")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--github", action="store_true", help="print the value of GitHub's strategy.matrix, one line")
    form.add_argument(
        "--github-output", action="store_true", help="print first, llvms and builds as lines for a step's GITHUB_OUTPUT"
    )
    form.add_argument(
        "--gitlab", action="store_true", help="print first, llvms and builds for GitLab's parallel.matrix, as JSON"
    )
    form.add_argument("--json", action="store_true", help="print everything as JSON (the default)")


def run(arguments: argparse.Namespace) -> int:
    """Print the jobs."""
    config = open_subject(arguments)
    if not config.configurations:
        raise GateError("the configuration has nothing to build", where=str(config.path), hint="add [build] and axes")
    matrix = job_matrix(config, past_durations(config.root), arguments.shards)
    if arguments.github:
        print(json.dumps({"include": [_for_github(job) for job in to_plain(matrix.builds)]}))
    elif arguments.github_output:
        print(f"first={' '.join(matrix.first.nodes)}")
        print(f"llvms={json.dumps({'include': [_for_github(job) for job in to_plain(matrix.llvms)]})}")
        print(f"builds={json.dumps({'include': [_for_github(job) for job in to_plain(matrix.builds)]})}")
    elif arguments.gitlab:
        lists = {"llvms": matrix.llvms, "builds": matrix.builds}
        jobs = {name: [_for_gitlab(job) for job in to_plain(of_kind)] for name, of_kind in lists.items()}
        print(json.dumps({"first": " ".join(matrix.first.nodes), **jobs}, indent=1))
    else:
        print(json.dumps(to_plain(matrix), indent=1))
    return EXIT_OK


def _for_github(job: dict[str, Any]) -> dict[str, Any]:
    """Values of a matrix are text and numbers."""
    words = {name: " ".join(job[name]) for name in ("nodes", "flavours", "configurations")}
    # As actions/download-artifact takes a pattern: the LLVMs that other jobs have left.
    artifacts = f"llvmgate-llvm-@({'|'.join(job['flavours'])})"
    return {"name": job["name"], **words, "artifacts": artifacts, "minutes": round(job["seconds"] / 60, 1)}


def _for_gitlab(job: dict[str, Any]) -> dict[str, str]:
    """Variables of a job; GitLab has names in capitals by custom."""
    return {"JOB_NAME": job["name"], "JOB_NODES": " ".join(job["nodes"])}
