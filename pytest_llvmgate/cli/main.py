"""``llvmgate``: dispatch to the sub-commands.

A sub-command is a module with ``add_arguments(parser)`` and ``run(arguments) -> int``. Only the module asked for is
imported, so that ``llvmgate pins`` does not pay for what ``llvmgate bisect`` needs. What takes half a second to import
is imported when it runs: help, and a word on a wrong option, need not wait for it.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Final

from pytest_llvmgate import __version__
from pytest_llvmgate.cli.output import guarded_output
from pytest_llvmgate.errors import EXIT_COMMAND_LINE, EXIT_INTERRUPTED, EXIT_USAGE, GateError
from pytest_llvmgate.platform_facts import expect_command
from pytest_llvmgate.plugin.option_names import JSON_FORMS
from pytest_llvmgate.standard_streams import EXIT_UNREAD, abandon, open_what_is_closed

COMMANDS: Final = {
    "init": ("pytest_llvmgate.cli.init", "write a first configuration file for this repository"),
    "demo": ("pytest_llvmgate.cli.demo", "make a workspace with a small MLIR compiler to try the gate on"),
    "pins": ("pytest_llvmgate.cli.pins", "where LLVM commits are written here, and whether they agree"),
    "status": ("pytest_llvmgate.cli.status", "how old the pinned LLVM is, and whether an update is due"),
    "align": ("pytest_llvmgate.cli.align", "LLVM commits that several projects share, and the skew between them"),
    "bump": ("pytest_llvmgate.cli.bump", "make every pin say another LLVM commit"),
    "carry": ("pytest_llvmgate.cli.carry", "what has become of the carried patches on other commits"),
    "plan": ("pytest_llvmgate.cli.plan", "the way to another LLVM commit as a checklist, with who waits for whom"),
    "doctor": ("pytest_llvmgate.cli.doctor", "what this machine lacks of what the builds will ask for"),
    "preflight": ("pytest_llvmgate.cli.preflight", "names of LLVM that this project uses and a candidate lacks"),
    "linkcheck": ("pytest_llvmgate.cli.linkcheck", "predict the link failures of a shared build from a static one"),
    "sharing": ("pytest_llvmgate.cli.sharing", "which objects configurations shared, and why not the others"),
    "explain": ("pytest_llvmgate.cli.explain", "from a build's log to the causes that matter"),
    "fix": ("pytest_llvmgate.cli.fix", "mend what a bump broke as others did it, each edit checked by the compiler"),
    "brief": ("pytest_llvmgate.cli.brief", "a page per cause for whoever mends what fix has left"),
    "bisect": ("pytest_llvmgate.cli.bisect", "which LLVM commit broke it, judged by the gate"),
    "probe": ("pytest_llvmgate.cli.probe", "judge one LLVM commit; made for git bisect run"),
    "reverts": ("pytest_llvmgate.cli.revert_radar", "later LLVM commits that take back what the pinned one has"),
    "watch": ("pytest_llvmgate.cli.watch", "one bounded step of an unattended search, for cron: JSON, Markdown, HTML"),
    "roll": ("pytest_llvmgate.cli.roll", "the newest LLVM that passes, as a branch and a pull request's text"),
    "candidates": ("pytest_llvmgate.cli.candidates", "LLVM commits to move to next, ranked, with the reasons"),
    "cache": (
        "pytest_llvmgate.cli.cache",
        "the machine's cache of LLVM installs: list, key, prune, verify, push, pull",
    ),
    "matrix": ("pytest_llvmgate.cli.matrix", "the jobs of a CI service: one per configuration, or packed on machines"),
    "report": ("pytest_llvmgate.cli.report", "join the reports of several runs into one verdict"),
    "schema": ("pytest_llvmgate.cli.schema", "print the JSON schema of the configuration file"),
}
"""Name to module and summary, in the order in which help lists them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``llvmgate`` with ``argv`` (default: the process's own) and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    open_what_is_closed()
    name = words[0] if words and words[0] in COMMANDS else None
    try:
        if name is not None:
            expect_command(name)  # before its module is imported, which may ask for what is not there
        parser = _parser(only=name)
        arguments = parser.parse_args(words)
    except (GateError, OSError) as error:  # of a place that may not even be looked at, say
        return _complaint(str(name), *_in_words(error))
    if name is None:
        parser.print_help()
        return EXIT_COMMAND_LINE
    is_patch = name == "bump" and arguments.dry_run
    is_json = getattr(arguments, "json", False) or getattr(arguments, "form", None) in JSON_FORMS
    with guarded_output(as_json=is_json, verbatim=is_patch):
        return _run(name, arguments)


def _run(name: str, arguments: argparse.Namespace) -> int:
    code = EXIT_UNREAD
    try:
        code = _load(name).run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (head, less) has seen enough; what it has not waited for is no yes
        abandon(sys.stdout)
    except KeyboardInterrupt:
        return _complaint(name, "interrupted", EXIT_INTERRUPTED)
    except Exception as error:
        return _complaint(name, *_in_words(error))
    return code


def _in_words(error: Exception) -> tuple[str, int]:
    """What an error says to a user, and its exit code."""
    if isinstance(error, GateError):
        return str(error), error.exit_code
    if isinstance(error, OSError):  # a full disk, a directory that cannot be written
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}", EXIT_USAGE
    from pytest_llvmgate.gate.trouble import as_gate_error

    return str(as_gate_error(error)), EXIT_USAGE


def _complaint(name: str, text: str, code: int) -> int:
    try:
        sys.stdout.flush()
    except OSError:  # which is, then, what the complaint is about
        abandon(sys.stdout)
    print(f"llvmgate {name}: {text}", file=sys.stderr)
    return code


def _parser(*, only: str | None) -> argparse.ArgumentParser:
    """The parser: every command with its summary, and the arguments of the one that is asked for."""
    parser = argparse.ArgumentParser(prog="llvmgate", description="The pre-merge gate for LLVM/MLIR downstreams.")
    parser.add_argument("--version", action="version", version=f"pytest-llvmgate {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for name, (_, summary) in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == only:
            _load(name).add_arguments(sub)
            parser.error = sub.error  # type: ignore[method-assign]  # an unknown option, too, is the command's business
    return parser


def _load(name: str) -> ModuleType:
    return importlib.import_module(COMMANDS[name][0])
