"""``llvmgate pins``: every place where an LLVM commit is written, and whether they agree, now or in all history."""

from __future__ import annotations

import argparse

from pytest_llvmgate.cli.arguments import add_clones, add_json, add_project_arguments
from pytest_llvmgate.cli.output import show
from pytest_llvmgate.cli.project import discovered, open_project, terminal_width, use_color
from pytest_llvmgate.config.load import find_config
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import EXIT_OK, GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.bulk import clone_paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_project_arguments(parser)
    parser.add_argument("--llvm-sha", metavar="SHA", help="compare with this LLVM commit (default: with each other)")
    parser.add_argument("--baseline", metavar="REV", help="tell what moved since this commit of the project")
    parser.add_argument("--brief", action="store_true", help="no look around for what is odd besides")
    add_json(parser)
    history = parser.add_argument_group("history")
    history.add_argument("--history", action="store_true", help="when the pins moved and disagreed, in all history")
    history.add_argument("--revision", metavar="REV", default="HEAD", help="walk the history of REV (default: HEAD)")
    history.add_argument("--all", action="store_true", help="list every state, not only the last ones")
    add_clones(history)


def run(arguments: argparse.Namespace) -> int:
    """Print the table or the history; the exit code says whether the pins agree."""
    # Any option of history implies --history, rather than being ignored without it.
    if arguments.history or arguments.all or arguments.clone or arguments.revision != "HEAD":
        return _history(arguments)
    from pytest_llvmgate.pins.check import check_pins
    from pytest_llvmgate.pins.table import table

    config = open_project(arguments)
    candidate = None
    if arguments.llvm_sha is not None:
        from pytest_llvmgate.llvm.revision import resolve_revision

        candidate = resolve_revision(arguments.llvm_sha, config).sha
    report = check_pins(
        config,
        candidate,
        baseline=arguments.baseline,
        look_around=not arguments.brief,
    )
    if arguments.json:
        from pytest_llvmgate.pins.export import report_data

        show(arguments, report_data(report), ())
    else:
        print(table(report, terminal_width(), color=use_color()))
    return report.exit_code


def _history(arguments: argparse.Namespace) -> int:
    from pytest_llvmgate.chronicle.history import read_chronicle
    from pytest_llvmgate.chronicle.history_data import history_data
    from pytest_llvmgate.chronicle.history_text import render_history
    from pytest_llvmgate.chronicle.layouts import history_specs

    repository = Repository.open(arguments.directory.resolve(), bare=True)
    config = _history_config(repository, arguments)
    specs = history_specs(repository, config.pins if config else ())
    if not specs:
        raise GateError(f"found no LLVM pin in {repository.display}", hint="name the places in llvmgate.toml")
    clones = clone_paths(arguments.clone, specs)
    found = read_chronicle(repository, specs, revision=arguments.revision, clones=clones)
    show(arguments, history_data(found), render_history(found, every_state=arguments.all))
    return EXIT_OK


def _history_config(repository: Repository, arguments: argparse.Namespace) -> Config | None:
    """The configuration of a checkout, or what it shows; a bare repository has neither and shows it in its history."""
    if repository.root is None:
        return None
    if arguments.config or find_config(arguments.directory.resolve()):
        return open_project(arguments)
    try:
        return discovered(repository.root)
    except GateError:  # nothing now; there may have been something before
        return None
