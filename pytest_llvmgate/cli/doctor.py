"""``llvmgate doctor``: what this machine lacks of what the project's builds will ask for."""

from __future__ import annotations

import argparse

from pytest_llvmgate.cli.arguments import add_path, add_project_arguments
from pytest_llvmgate.cli.project import open_subject
from pytest_llvmgate.config.settings import Config, SupplierKind
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO, GateError
from pytest_llvmgate.model import Revision


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_project_arguments(parser)
    parser.add_argument(
        "--llvm-sha", default="pinned", metavar="SHA", help="the LLVM commit to gate (default: what the pins say)"
    )
    add_path(parser, "--llvm", "an install to examine in place of the configuration's")


def run(arguments: argparse.Namespace) -> int:
    from pytest_llvmgate.gate.past_runs import past_peaks
    from pytest_llvmgate.gate.start import resolve_candidate
    from pytest_llvmgate.llvm.prefix import ToolchainPrefix, read_prefix
    from pytest_llvmgate.llvm.suppliers import at_hand
    from pytest_llvmgate.process.memory import own_cores
    from pytest_llvmgate.stages.readiness import examine, found_installs

    config = open_subject(arguments)
    there: list[tuple[str, ToolchainPrefix | None]]
    if arguments.llvm:
        prefix = read_prefix(arguments.llvm.resolve())
        there = [(flavour, prefix) for flavour in config.flavours[:1]]  # from which the others may be derived
        which = ""
    else:
        candidate = resolve_candidate(arguments.llvm_sha, config)
        which = candidate.short
        there = [(flavour, at_hand(config, candidate, flavour, trusted=True)) for flavour in config.flavours]
    installs = found_installs(config, there)
    complaints = examine(config, installs, own_cores(), past_peaks(config.root))
    for complaint in complaints:
        print(complaint)
    if not installs:
        print(f"the LLVM {which} is not there yet: what depends on it can be told once it is, or with --llvm DIR")
        if config.llvm.supplier is SupplierKind.PREFIX and (why := _why_absent(config, candidate)):
            print(why)
    serious = sum(complaint.certain for complaint in complaints)
    nothing = "nothing is missing" if installs else "besides, nothing is missing"
    print(f"{serious} of {len(complaints)} complaints would stop a build" if complaints else nothing)
    return EXIT_VERDICT_NO if serious else EXIT_OK


def _why_absent(config: Config, candidate: Revision) -> str:
    """What is wrong with the install that ``[llvm] prefix`` names, which nobody but the user makes."""
    from pytest_llvmgate.llvm.from_prefix import installed
    from pytest_llvmgate.llvm.prefix import verify_revision

    flavour = next(iter(config.flavours), None)
    if flavour is None:  # no configuration is to be built on it
        return ""
    try:
        prefix = installed(config, candidate, flavour)
        verify_revision(prefix, candidate.sha, config.llvm.revision, name=candidate.name, tagged=config.llvm.tagged)
    except GateError as error:
        return str(error)
    return ""
