"""``llvmgate watch``: one bounded step towards the newest LLVM that passes and the commit that breaks; for cron."""

from __future__ import annotations

import argparse

from pytest_llvmgate.cli.arguments import add_path, add_subject_arguments
from pytest_llvmgate.cli.project import open_subject, tell
from pytest_llvmgate.errors import EXIT_OK, GateError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_subject_arguments(parser)
    parser.add_argument("--probes", type=int, default=1, metavar="N", help="at most N probes now (default: 1)")
    add_path(parser, "--output", "where the status page goes (default: .llvmgate/watch)")


def run(arguments: argparse.Namespace) -> int:
    """Do a step, write the pages and say where things stand."""
    from pytest_llvmgate.bisect.probing import select_request
    from pytest_llvmgate.bisect.watch_data import sentences
    from pytest_llvmgate.bisect.watching import Watch
    from pytest_llvmgate.cli.bisect import terminating
    from pytest_llvmgate.roll.status_forms import write_page
    from pytest_llvmgate.roll.status_page import status_page

    if arguments.probes < 0:
        raise GateError(f"--probes: expected 0 or more, found {arguments.probes}")
    config = open_subject(arguments)
    watch = Watch(config, select_request(config, tuple(arguments.configuration), tuple(arguments.stage)))
    with terminating():
        picture = watch.real_step(probes=arguments.probes, tell=tell) if arguments.probes else watch.picture()
    page = status_page(config, watched=(picture, watch.state))
    write_page(page, (arguments.output or watch.directory).absolute())
    for sentence in (*sentences(picture), *(f"The pinned LLVM has {line}" for line in page.reverts)):
        print(sentence)
    return EXIT_OK
