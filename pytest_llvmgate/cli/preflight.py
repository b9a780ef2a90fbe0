"""``llvmgate preflight``: which names of LLVM this project uses that a candidate no longer has."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO
from pytest_llvmgate.preflight.gone_names import PreflightResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options and arguments."""
    parser.add_argument("candidate", help="an LLVM install, a directory with llvm-project's source, or a commit")
    parser.add_argument(
        "--baseline", metavar="LLVM", help="the LLVM that the project is on today, given in the same way"
    )
    parser.add_argument("--llvm-repo", type=Path, metavar="DIR", help="a clone of llvm-project, for commits")
    parser.add_argument("--source", type=Path, default=Path(), metavar="DIR", help="the downstream (default: here)")
    parser.add_argument("--component", type=Path, action="append", default=[], metavar="DIR", help=_COMPONENT_HELP)
    parser.add_argument("-D", dest="define", action="append", default=[], metavar="NAME=VALUE", help=_DEFINE_HELP)
    parser.add_argument("--tablegen", action="store_true", help="also run the candidate's mlir-tblgen over .td files")
    parser.add_argument("--jobs", "-j", type=int, default=2, metavar="N", help="TableGen runs at a time (default: 2)")
    parser.add_argument("--json", action="store_true", help="print the complete result as JSON")


_COMPONENT_HELP = "a directory that is another project's code; submodules are known without this"
_DEFINE_HELP = "a cache value that a configuration asks for, to be held against the toolchain's settings"


def run(arguments: argparse.Namespace) -> int:
    """Do the work and return the exit code."""
    from pytest_llvmgate.owners.by_tree import find_layers
    from pytest_llvmgate.preflight.gone_names import component_views, run_preflight
    from pytest_llvmgate.preflight.llvm_view import find_llvm, renames_between
    from pytest_llvmgate.surface.file_tree import DirectoryTree

    root: Path = arguments.source.resolve()
    candidate = find_llvm(arguments.candidate, arguments.llvm_repo)
    baseline = find_llvm(arguments.baseline, arguments.llvm_repo) if arguments.baseline else None
    layers = find_layers(root, arguments.component)
    result = run_preflight(
        DirectoryTree(root),
        candidate=candidate,
        baseline=baseline,
        components=list(component_views(layers)),
        renames=renames_between(arguments.llvm_repo, baseline, candidate),
        layers=layers,
        skip=layers.llvms,
        wanted={"": dict(_define(text) for text in arguments.define)},
        tablegen_jobs=arguments.jobs if arguments.tablegen else 0,
    )
    if arguments.json:
        from pytest_llvmgate.codec import dumps

        sys.stdout.write(dumps(result))
    else:
        print("\n".join(_report(result)))
    return EXIT_VERDICT_NO if result.fails else EXIT_OK


def _define(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.partition(":")[0], value


def _report(result: PreflightResult) -> Iterable[str]:
    """The result for people."""
    for finding in result.findings:
        place = f"{finding.locations[0]}: " if finding.locations else ""
        owner = f" [{finding.component}]" if finding.component else ""
        yield f"{place}{finding.headline}{owner}"
        yield from (f"    {line}" for line in finding.evidence)
        yield from (f"    -> {line}" for line in finding.advice)
    yield from (f"note: {note}" for note in result.notes)
    against = f" (baseline: {result.baseline})" if result.baseline else ""
    tablegen = ""
    if result.tablegen is not None:
        run = result.tablegen
        tablegen = f"; {len(run.failures)} of {run.calls} TableGen runs fail, {run.seconds:.1f} s"
    yield (
        f"{len(result.findings)} findings in {result.files} files and {result.names} names of LLVM against "
        f"{result.candidate}{against}; {result.seconds:.2f} s{tablegen}"
    )
