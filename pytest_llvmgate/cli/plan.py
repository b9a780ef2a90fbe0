"""``llvmgate plan``: the way to another LLVM commit, as a checklist."""

from __future__ import annotations

import argparse

from pytest_llvmgate.cli.arguments import add_clones, add_project_arguments
from pytest_llvmgate.cli.project import open_project
from pytest_llvmgate.errors import EXIT_OK
from pytest_llvmgate.llvm.revision import resolve_revision
from pytest_llvmgate.moving.checklist import make_plan, render_plan
from pytest_llvmgate.pins.bulk import clone_paths
from pytest_llvmgate.pins.llvm_clones import find_upstream
from pytest_llvmgate.pins.read import read_pins


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_project_arguments(parser)
    parser.add_argument("sha", metavar="SHA", help="the LLVM commit: a SHA, or a tag where a clone or table knows it")
    add_clones(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the checklist in Markdown."""
    config = open_project(arguments)
    candidate = resolve_revision(arguments.sha, config).sha
    upstream = find_upstream(config, read_pins(config))
    plan = make_plan(config, candidate, upstream=upstream, clones=clone_paths(arguments.clone, config.pins))
    for line in render_plan(plan):
        print(line)
    return EXIT_OK
