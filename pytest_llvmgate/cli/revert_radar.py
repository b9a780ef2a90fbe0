"""``llvmgate reverts``: later LLVM commits that take back what the pinned one has, and that this project uses."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from pytest_llvmgate.candidates.revert_warnings import Warnings, find_warnings, unseen
from pytest_llvmgate.cli.arguments import add_json, add_path, add_project_arguments
from pytest_llvmgate.cli.output import show
from pytest_llvmgate.cli.project import open_project
from pytest_llvmgate.codec import to_plain
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.model import RUN_DIRECTORY
from pytest_llvmgate.printable import shell_word
from pytest_llvmgate.upstream.taken_back import Warned
from pytest_llvmgate.wording import day, listed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_project_arguments(parser)
    parser.add_argument("--head", metavar="REV", default="", help="the newest commit to look at (default: LLVM's main)")
    parser.add_argument("--all", action="store_true", help="also what an earlier run has told")
    add_path(parser, "--state", f"what was told before (default: {RUN_DIRECTORY}/reverts.json)", "FILE")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what is new; the exit code says whether there is anything new."""
    config = open_project(arguments)
    warnings = find_warnings(config, head=arguments.head)
    if arguments.state is None:
        Workspace(config.root, warnings.pin).prepare()
    state = arguments.state or config.root / RUN_DIRECTORY / "reverts.json"
    with unseen(state.absolute(), warnings.found) as new:
        shown = warnings.found if arguments.all else new
        show(arguments, _data(warnings, shown, new), _lines(warnings, shown, new))
    return EXIT_VERDICT_NO if new else EXIT_OK


def _lines(warnings: Warnings, shown: Sequence[Warned], new: Sequence[Warned]) -> Iterator[str]:
    known = len(warnings.found) - len(new)
    told = f", {known} of them told before" if known else ""
    yield (
        f"LLVM {warnings.pin[:12]}: of {warnings.commits} commits after it, {len(warnings.found)} take back or mend "
        f"what it has and this project uses{told}; {warnings.elsewhere} elsewhere"
    )
    for one in shown:
        yield ""
        yield from _described(one, warnings)


def _described(one: Warned, warnings: Warnings) -> Iterator[str]:
    part = "partly " if one.is_partial else ""
    yield f"{part}{one.how} after {one.days:.0f} days: {one.culprit[:12]} {one.title}"
    yield f"  by {one.proof[:12]} of {day(one.proof_when)}: {one.proof_title}"
    yield f"  used here: {listed(one.used, 3)}"
    if one.relanded:
        yield f"  brought back by {one.relanded[:12]}"
    if one.carried:
        yield f"  carried here: {one.carried}"
    else:
        yield f"  -> move to {one.proof[:12]} or later, or carry it: llvmgate.toml, with the patch of"
        yield f"     git -C {shell_word(str(warnings.clone))} format-patch -1 --stdout {one.proof[:12]}"


def _data(warnings: Warnings, shown: Sequence[Warned], new: Sequence[Warned]) -> dict[str, Any]:
    keys = {one.key for one in new}
    return {
        "schema": 1,
        "pin": warnings.pin,
        "head": warnings.head,
        "commits": warnings.commits,
        "elsewhere": warnings.elsewhere,
        "reverts": [{**to_plain(one), "is_new": one.key in keys} for one in shown],
    }
