"""``llvmgate bisect``: which LLVM commit broke it, judged by the gate."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_llvmgate.cli.arguments import add_several, whole
from pytest_llvmgate.cli.probe import add_judging_arguments
from pytest_llvmgate.cli.project import open_subject, tell
from pytest_llvmgate.errors import GateError

if TYPE_CHECKING:
    from pytest_llvmgate.bisect.bisection import Mark
    from pytest_llvmgate.bisect.outcome import Report
    from pytest_llvmgate.bisect.whole_search import SearchRequest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "range", nargs="?", default="", metavar="GOOD..BAD", help="default: from the pin to upstream's head"
    )
    add_judging_arguments(parser)
    group = parser.add_argument_group("what is looked for")
    group.add_argument("--finding", metavar="CLASS:ID", help="this finding (default: the first that BAD shows)")
    group.add_argument("--any", action="store_true", help="any failure of the downstream is bad")
    group.add_argument("--over", metavar="TAG,TAG,...", default="", help="judge these, in this order, not a history")
    group = parser.add_argument_group("how")
    group.add_argument("-n", type=whole, default=1, metavar="K", help="probe K commits at a time (default: 1)")
    group.add_argument("--memory", type=float, default=2.0, metavar="GIB", help="free memory for one more at a time")
    group.add_argument("--limit", type=int, default=0, metavar="N", help="at most N probes in this run")
    group.add_argument("--no-cheap", action="store_true", help="halve, without asking the cheap stages")
    add_several(group, "--skip", "SHA", "a commit not to be tried; repeats")
    group.add_argument("--restart", action="store_true", help="forget what an earlier run of this search has judged")
    group = parser.add_argument_group("output")
    group.add_argument("--json", metavar="FILE", help="write the result as JSON ('-': standard output)")
    group.add_argument("--log", metavar="FILE", type=Path, help="write the log, which --replay reads")
    group.add_argument("--replay", metavar="FILE", type=Path, help="take the verdicts of a log (also git bisect's)")


def run(arguments: argparse.Namespace) -> int:
    """Print the result; the exit code says how the search ended (see the documentation)."""
    from pytest_llvmgate.bisect.whole_search import Bisect

    config = open_subject(arguments)
    bisect = Bisect(config, _asked(arguments, config), tell=tell)
    try:
        with terminating():
            report = bisect.run()
    except KeyboardInterrupt:
        tell("what was judged is kept: the same command goes on from here")
        raise
    _write(arguments, report)
    return report.exit_code


def _asked(arguments: argparse.Namespace, config: Any) -> SearchRequest:
    from pytest_llvmgate.bisect.bisection import Mark
    from pytest_llvmgate.bisect.drive import Aim
    from pytest_llvmgate.bisect.judge import parse_finding
    from pytest_llvmgate.bisect.probing import select_request
    from pytest_llvmgate.bisect.whole_search import SearchRequest

    good, bad = parse_range(arguments.range)
    if arguments.over and arguments.range:
        raise GateError("--over names the commits itself: expected no GOOD..BAD beside it")
    aim = Aim(
        finding=parse_finding(arguments.finding) if arguments.finding else None,
        any_failure=arguments.any,
        unrelated=Mark(arguments.unrelated),
        count=max(1, arguments.n),
        memory=arguments.memory,
        limit=max(0, arguments.limit),
    )
    return SearchRequest(
        request=select_request(config, tuple(arguments.configuration), tuple(arguments.stage)),
        good=good,
        bad=bad,
        over=tuple(part.strip() for part in arguments.over.split(",") if part.strip()),
        aim=aim,
        cheap=not arguments.no_cheap,
        said=_said(arguments),
        restart=arguments.restart,
    )


def parse_range(text: str) -> tuple[str, str]:
    """The two ends of ``GOOD..BAD``; an empty one is the default. Raises ``GateError``."""
    good, dots, bad = text.strip().partition("..")
    if text.strip() and (not dots or bad.startswith(".")):
        raise GateError(
            f"expected GOOD..BAD, found {text!r}", hint=f"{text.strip('.')}.. searches up to upstream's head"
        )
    return good.strip(), bad.strip()


def _said(arguments: argparse.Namespace) -> tuple[tuple[str, Mark], ...]:
    from pytest_llvmgate.bisect.bisection import Mark
    from pytest_llvmgate.bisect.state import read_log
    from pytest_llvmgate.git.revisions import is_full_sha, is_short_sha

    replayed = read_log(arguments.replay) if arguments.replay else ()
    for text in arguments.skip:
        if not (is_full_sha(text.lower()) or is_short_sha(text.lower())):
            raise GateError(f"--skip: expected 7 to 40 hexadecimal digits, found {text!r}")
    return (*replayed, *((text.lower(), Mark.SKIP) for text in arguments.skip))


@contextmanager
def terminating() -> Iterator[None]:
    """Let SIGTERM end a search as Ctrl-C does: probes are ended, and what was learnt is kept."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _write(arguments: argparse.Namespace, report: Report) -> None:
    from pytest_llvmgate.bisect.outcome import log_lines, report_data, report_lines
    from pytest_llvmgate.codec import write_atomically

    text = json.dumps(report_data(report), indent=1) + "\n"
    if arguments.log:
        write_atomically(arguments.log.absolute(), "".join(f"{line}\n" for line in log_lines(report)))
    if arguments.json == "-":
        sys.stdout.write(text)
        return
    if arguments.json:
        write_atomically(Path(arguments.json).absolute(), text)
    for line in report_lines(report):
        print(line)
