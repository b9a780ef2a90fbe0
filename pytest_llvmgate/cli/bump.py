"""``llvmgate bump``: make every pin of the project say another LLVM commit."""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from typing import TextIO

from pytest_llvmgate.carry.offers import find_offers
from pytest_llvmgate.cli.arguments import add_clones, add_project_arguments
from pytest_llvmgate.cli.output import is_exact
from pytest_llvmgate.cli.project import open_project, terminal_width, use_color
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import EXIT_OK, GateError, RevisionError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import is_short_sha
from pytest_llvmgate.llvm.revision import resolve_revision
from pytest_llvmgate.moving.moves import Bump, apply_bump, diff, prepare_bump
from pytest_llvmgate.pins.bulk import clone_paths
from pytest_llvmgate.pins.check import check_pins
from pytest_llvmgate.pins.llvm_clones import find_upstream
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.pins.syntax.found import REVISION, TAG_PREFIX, VERSION, is_fork_tag
from pytest_llvmgate.pins.table import table
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain_text
from pytest_llvmgate.printable import in_ci
from pytest_llvmgate.process.run import describe_command
from pytest_llvmgate.scratch import scratch_directory
from pytest_llvmgate.stages.after_bump import declared_commands, run_commands


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_project_arguments(parser)
    parser.add_argument("sha", metavar="SHA", help="the LLVM commit: a SHA, or a tag where a clone or table knows it")
    parser.add_argument("--dry-run", action="store_true", help="print the change as a diff and write nothing")
    parser.add_argument(
        "--group", metavar="NAME", default="", help="move the pins of this group (default: the project's)"
    )
    parser.add_argument(
        "--apart", action="store_true", help="move the pins that differed from the leading one before, too"
    )
    parser.add_argument("--no-components", action="store_true", help="leave the components' gitlinks alone")
    parser.add_argument("--no-run", action="store_true", help="do not run the commands of [bump] run afterwards")
    parser.add_argument("--sha256", metavar="HEX", help="SHA-256 of the commit's .tar.gz, for checksums beside a pin")
    add_clones(parser)


def run(arguments: argparse.Namespace) -> int:
    """Change the pins (or show the change). The exit code says whether all pins agree afterwards."""
    config = open_project(arguments)
    candidate, tag = _candidate(arguments.sha, config)
    change = prepare_bump(
        config,
        candidate,
        upstream=find_upstream(config, read_pins(config)),
        checksum=_checked(arguments.sha256),
        components=not arguments.no_components,
        clones=clone_paths(arguments.clone, config.pins),
        tag=tag,
        group=arguments.group,
        apart=arguments.apart,
    )
    if arguments.dry_run:
        return _show(change)
    left = apply_bump(change, Repository.open(config.root))
    for edit in change.edits:
        print(f"rewrote {edit.path}")
    for link in change.links:
        print(f"moved {link.path} from {link.before[:12]} to {link.after[:12]}: {link.why}")
    if change.is_empty:
        print("nothing to change")
    _print_remarks((*change.remarks, *left), sys.stdout)
    if arguments.group:
        return EXIT_OK
    for offer in find_offers(config, read_pins(config), candidate, {link.path: link.after for link in change.links}):
        print(f"\n{offer.component} can be carried at {offer.commit[:12]} with the patch that llvmgate fix has found:")
        print(f"  cp {offer.patch} {offer.file}")
        print(textwrap.indent(offer.as_toml(), "  "))
    if not arguments.no_run:
        _run_commands(config, candidate)
    report = check_pins(config, None if is_short_sha(candidate) else candidate, look_around=False)
    print()
    print(table(report, terminal_width(), color=use_color(), offer_bump=False))
    return report.exit_code


def _show(change: Bump) -> int:
    for line in diff(change):
        print(line)
    _print_remarks(change.remarks, sys.stderr)
    if in_ci() and not (change.is_empty or is_exact()):
        note = "a CI service reads this, so git apply does not take it; write it to a file: --dry-run > FILE"
        _print_remarks((note,), sys.stderr)
    return EXIT_OK


def _run_commands(config: Config, candidate: str) -> None:
    """What has to follow the pins. Raises ``GateError`` where a command fails."""
    declared = declared_commands(config)
    _print_remarks((declared.note,) if declared.note else (), sys.stdout)
    with scratch_directory("bump") as scratch:
        log = scratch / "log"
        done = run_commands(declared.commands, config.root, candidate, log=log, timeout=config.timeouts.regenerate)
        for one in done:
            print(f"ran {describe_command(one.command)}")
        if done and not done[-1].ok:
            print(read_plain_text(log, LARGEST_MADE), end="", file=sys.stderr)
            raise GateError(
                f"{describe_command(done[-1].command)} failed ({done[-1].ending}); the pins have moved",
                where=str(config.path),
                hint="mend it and run it again, or bump --no-run",
            )


def _candidate(text: str, config: Config) -> tuple[str, str]:
    """The candidate's SHA and tag. What nothing resolves will do where pins are written so: as tags, or abbreviated."""
    if VERSION.fullmatch(text):  # as recipes and release archives write it
        text = TAG_PREFIX + text
    try:
        revision = resolve_revision(text, config)
    except RevisionError:
        readings = read_pins(config)
        is_tag = text.startswith(TAG_PREFIX) and (REVISION.fullmatch(text) or is_fork_tag(text))
        if is_tag and any(one.is_tag for one in readings):
            return text, text
        if is_short_sha(text) and any(is_short_sha(one.text) or (one.is_tag and not one.only_tags) for one in readings):
            return text.lower(), ""
        raise
    return revision.sha, revision.name if revision.name.startswith(TAG_PREFIX) else ""


def _print_remarks(remarks: tuple[str, ...], stream: TextIO) -> None:
    for remark in remarks:
        print(f"note: {remark}", file=stream)


def _checked(digest: str | None) -> str | None:
    if digest is not None and not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise GateError(f"--sha256: expected 64 lower-case hexadecimal digits, found {digest!r}")
    return digest
