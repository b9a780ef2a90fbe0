"""``llvmgate report a.xml b.json [--markdown | --json | ...]``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pytest_llvmgate.cli.arguments import add_path
from pytest_llvmgate.cli.output import tell_service
from pytest_llvmgate.cli.project import tell, terminal_width
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO
from pytest_llvmgate.model import Verdict
from pytest_llvmgate.plugin.option_names import FORMS
from pytest_llvmgate.stages.stage_plan import all_nodes
from pytest_llvmgate.verdict import markdown, terminal
from pytest_llvmgate.verdict.assemble import configuration_infos
from pytest_llvmgate.verdict.forms import render
from pytest_llvmgate.verdict.github import workflow_commands
from pytest_llvmgate.verdict.joining import read_reports


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="JUnit files or JSON verdicts of the gate")
    add_path(parser, "--config", "this project's configuration: what nobody reported on is no pass", "PATH")
    record = "keep the verdict as its LLVM's baseline, for pull requests (main branch only)"
    parser.add_argument("--record", metavar="STORE", help=record)
    choice = parser.add_mutually_exclusive_group()
    for form, what in FORMS.items():
        choice.add_argument(f"--{form}", dest="form", action="store_const", const=form, help=f"print {what}")


def run(arguments: argparse.Namespace) -> int:
    """Print the merged verdict; exit code 1 when it is a no."""
    verdict = _read(arguments)
    if arguments.record:
        from pytest_llvmgate.gate.baseline_verdict import record_verdict

        tell(f"recorded {record_verdict(verdict, arguments.record)} in {arguments.record}")
    if arguments.form:
        print(render(arguments.form, verdict, Path.cwd()), end="")
    else:
        print("\n".join(terminal.render(verdict, width=terminal_width(), color=sys.stdout.isatty())))
        if os.environ.get("GITHUB_ACTIONS") == "true":
            _tell_github(verdict)
    return EXIT_OK if verdict.passes else EXIT_VERDICT_NO


def _tell_github(verdict: Verdict) -> None:
    """One set of annotations and one summary, of all jobs that have reported."""
    tell_service(workflow_commands(verdict))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as stream:
            stream.write(markdown.render(verdict))


def _read(arguments: argparse.Namespace) -> Verdict:
    if arguments.config is None:
        return read_reports(arguments.files)
    config = load_config(arguments.config.absolute())
    return read_reports(arguments.files, tuple(all_nodes(config)), configuration_infos(config.configurations))
