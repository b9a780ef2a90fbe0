"""``llvmgate status``: how old the pinned LLVM is, and whether an update is due."""

from __future__ import annotations

import argparse
from pathlib import Path

from pytest_llvmgate.chronicle.age import read_status, render_status, status_data
from pytest_llvmgate.cli.arguments import add_json, add_project_arguments, add_several
from pytest_llvmgate.cli.output import show
from pytest_llvmgate.cli.project import open_project
from pytest_llvmgate.config.load import shown
from pytest_llvmgate.pins.llvm_clones import find_upstream
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.upstream.taken_back import Warned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_project_arguments(parser)
    add_several(parser, "--in-flight", "TITLE", "the title or branch of an open update")
    page = "write the status page: FILE.html, .md or .json, or a directory for all three (repeatable)"
    add_several(parser, "--page", "PATH", page, Path)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the state; the exit code says whether something is due."""
    config = open_project(arguments)
    readings = read_pins(config)
    upstream = find_upstream(config, readings)
    status = read_status(
        config, readings=readings, upstream=upstream, titles=list(filter(str.strip, arguments.in_flight))
    )
    reverts: tuple[Warned, ...] = ()
    if upstream.clones:
        from pytest_llvmgate.candidates.revert_warnings import find_quietly

        reverts = find_quietly(config)
    written: list[Path] = []
    if arguments.page:
        from pytest_llvmgate.roll.status_forms import write_page
        from pytest_llvmgate.roll.status_page import status_page

        page = status_page(config, status=status, reverts=reverts)
        for path in arguments.page:
            written += write_page(page, path.absolute())
    lines = [*render_status(status)]
    lines += [f"  {one.how} since: {one.culprit[:12]} {one.title} (llvmgate reverts)" for one in reverts]
    lines += [f"  wrote {shown(file)}" for file in written]
    show(arguments, status_data(status) | {"reverts": reverts}, lines)
    return status.exit_code
