"""``llvmgate preflight``: which names of LLVM this project uses that a candidate no longer has."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from pytest_llvmgate.cli.arguments import add_llvm_clone, add_prediction_arguments, directory, given_layers
from pytest_llvmgate.cli.output import show, told
from pytest_llvmgate.cmake.presets import preset_values
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO, GateError
from pytest_llvmgate.preflight.gone_names import PreflightResult, component_views, run_preflight
from pytest_llvmgate.preflight.llvm_view import find_llvm, renames_between
from pytest_llvmgate.surface.file_tree import DirectoryTree
from pytest_llvmgate.wording import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("candidate", help="an LLVM install, a directory with llvm-project's source, or a commit")
    parser.add_argument(
        "--baseline", metavar="LLVM", help="the LLVM that the project is on today, given in the same way"
    )
    add_llvm_clone(parser, ", for commits")
    parser.add_argument(
        "--source", type=directory, default=Path(), metavar="DIR", help="the downstream (default: here)"
    )
    parser.add_argument(
        "-D", dest="define", type=_define, action="append", default=[], metavar="NAME=VALUE", help=_DEFINE_HELP
    )
    parser.add_argument("--tablegen", action="store_true", help="also run the candidate's mlir-tblgen over .td files")
    add_prediction_arguments(parser, "TableGen runs")


_DEFINE_HELP = "a cache value that a configuration asks for, to be held against the toolchain's settings"


def run(arguments: argparse.Namespace) -> int:
    root: Path = arguments.source.resolve()
    candidate = find_llvm(arguments.candidate, arguments.llvm_repository)
    baseline = find_llvm(arguments.baseline, arguments.llvm_repository) if arguments.baseline else None
    layers = given_layers(root, arguments.component)
    asked = dict(arguments.define)
    result = run_preflight(
        DirectoryTree(root),
        candidate=candidate,
        baseline=baseline,
        components=list(component_views(layers)),
        renames=renames_between(arguments.llvm_repository, baseline, candidate),
        layers=layers,
        wanted={"": asked} | {name: {**values, **asked} for name, values in preset_values(root).items()},
        tablegen_jobs=arguments.jobs if arguments.tablegen else 0,
    )
    if not result.files:
        raise GateError("expected the sources of a downstream, found no file to check", where=str(root))
    show(arguments, result, _report(result))
    return EXIT_VERDICT_NO if result.fails else EXIT_OK


def _define(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, found {text!r}")
    return name.partition(":")[0], value


def _report(result: PreflightResult) -> Iterable[str]:
    """The result for people."""
    yield from told(result.findings)
    yield from (f"note: {note}" for note in result.notes)
    against = f" (baseline: {result.baseline})" if result.baseline else ""
    tablegen = ""
    if result.tablegen is not None:
        run = result.tablegen
        tablegen = f"; {len(run.failures)} of {run.calls} TableGen runs fail, {run.seconds:.1f} s"
    yield (
        f"{counted(len(result.findings), 'finding')} in {counted(result.files, 'file')} and "
        f"{counted(result.names, 'name')} of LLVM against "
        f"{result.candidate}{against}; {result.seconds:.2f} s{tablegen}"
    )
