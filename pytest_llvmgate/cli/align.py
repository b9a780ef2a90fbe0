"""``llvmgate align``: LLVM commits that several projects share, and the skew between them."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_llvmgate.chronicle.history import Chronicle
from pytest_llvmgate.chronicle.layouts import own_history, project_name
from pytest_llvmgate.chronicle.side_by_side import align, alignment_data, render_alignment
from pytest_llvmgate.cli.arguments import add_json, add_llvm_clone
from pytest_llvmgate.cli.output import show
from pytest_llvmgate.config.load import find_config, load_config
from pytest_llvmgate.errors import EXIT_OK, GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.discover import discover_pins
from pytest_llvmgate.upstream.llvm_clone import upstream_at


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repositories", metavar="REPO", nargs="+", type=Path, help="checkouts or clones, two or more")
    add_llvm_clone(parser, ", for exact dates")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what the projects share."""
    if len(arguments.repositories) < 2:
        raise GateError(
            "expected two or more repositories, found one", hint="llvmgate align ../onnx-mlir ../torch-mlir"
        )
    histories = dict(_history(path) for path in arguments.repositories)
    if len(histories) < len(arguments.repositories):
        raise GateError("two of the repositories are the same project", hint="give one checkout of each")
    alignment = align(histories, upstream_at(arguments.llvm_repository))
    show(arguments, alignment_data(alignment), render_alignment(alignment))
    return EXIT_OK


def _history(path: Path) -> tuple[str, Chronicle]:
    repository = Repository.open(path.resolve(), bare=True)
    config_path = find_config(path.resolve()) if repository.root else None
    if config_path:
        pins = load_config(config_path).pins
    else:
        pins = tuple(found.spec for found in discover_pins(repository)) if repository.root else ()
    return project_name(repository), own_history(repository, pins)
