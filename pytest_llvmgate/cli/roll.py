"""``llvmgate roll``: the newest LLVM that passes as a branch of its own, with the text for its pull request."""

from __future__ import annotations

import argparse
import re
from typing import Final

from pytest_llvmgate.cli.arguments import add_json, add_path, add_project_arguments, whole
from pytest_llvmgate.cli.output import show
from pytest_llvmgate.cli.project import open_subject, tell
from pytest_llvmgate.errors import GateError

_WORKERS: Final = re.compile(r"auto|logical|[0-9]{1,3}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sha", metavar="SHA", nargs="?", default="", help="the candidate (default: newest that passes)")
    add_project_arguments(parser)
    parser.add_argument("--base", metavar="BRANCH", default="", help="the branch that a detached HEAD stands for")
    parser.add_argument("--branch", metavar="NAME", default="", help="the branch to leave (default: that of [roll])")
    parser.add_argument("--now", action="store_true", help="whatever the cadence says, and whatever is in flight")
    parser.add_argument("--together", action="store_true", help="only what every sibling of [update] was on, too")
    parser.add_argument("--tries", type=whole, default=6, metavar="N", help="gate at most N candidates (default: 6)")
    parser.add_argument("-n", dest="workers", metavar="N", default="0", help="configurations side by side (default: 0)")
    parser.add_argument("--fix", choices=("review", "never"), help="as [roll] fix, which it overrides")
    parser.add_argument("--restart", action="store_true", help="forget what earlier rolls of the same commit came to")
    add_path(parser, "--page", "where the status page goes (default: .llvmgate/roll)", "PATH")
    add_json(parser, "the outcome")


def run(arguments: argparse.Namespace) -> int:
    """Roll, leave a branch and a text, and say so. The exit code says which of four endings it was."""
    from pytest_llvmgate.cli.bisect import terminating
    from pytest_llvmgate.config.layout import BRANCH
    from pytest_llvmgate.config.settings import FixRule
    from pytest_llvmgate.roll.outcome_files import write_outcome
    from pytest_llvmgate.roll.rolling import Roll, RollRequest

    if not _WORKERS.fullmatch(arguments.workers):
        raise GateError(f"-n: expected a number, or auto, found {arguments.workers!r}")
    if arguments.branch and not re.fullmatch(BRANCH.pattern, arguments.branch):
        raise GateError(f"--branch: expected {BRANCH.form}, found {arguments.branch!r}")
    asked = RollRequest(
        sha=arguments.sha,
        base=arguments.base,
        branch=arguments.branch,
        is_now=arguments.now,
        together=arguments.together,
        tries=arguments.tries,
        workers=arguments.workers,
        fix=FixRule(arguments.fix) if arguments.fix else None,
        is_restart=arguments.restart,
    )
    with terminating():
        roll = Roll(open_subject(arguments), asked, tell)
        rolled = roll.run()
        data = write_outcome(roll, rolled, arguments.page and arguments.page.absolute())
    branch = [f"  {data['title']}", f"  git push origin {data['branch']}"] if data["branch"] else []
    show(arguments, data, [f"{data['ending']}: {data['says']}", *branch, f"  text: {data['text']}"])
    return rolled.ending.exit_code
