"""``llvmgate probe``: judge one commit of LLVM, for people and for ``git bisect run``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from pytest_llvmgate.cli.arguments import add_subject_arguments
from pytest_llvmgate.cli.project import open_subject
from pytest_llvmgate.errors import GateError

if TYPE_CHECKING:
    from pytest_llvmgate.bisect.judge import Judgement
    from pytest_llvmgate.config.settings import Config

_GOOD: Final = 0
_BAD: Final = 1
_SKIP: Final = 125
_ABORT: Final = 129
"""``git bisect run`` takes 1 to 124, 126 and 127 for bad; only above 127 does it stop (git-bisect(1))."""


def add_judging_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is judged, and how; ``bisect`` has the same."""
    add_subject_arguments(parser)
    parser.add_argument(
        "--unrelated",
        choices=("good", "bad", "skip"),
        default="skip",
        help="what another failure than the one looked for means (default: skip, as it may hide it)",
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sha", nargs="?", metavar="COMMIT", help="default: what git bisect has checked out here")
    add_judging_arguments(parser)
    parser.add_argument("--finding", metavar="CLASS:ID", help="only this finding is bad (default: any failure)")
    parser.add_argument("--record", metavar="FILE", type=Path, help="write the complete result as JSON")
    parser.add_argument("--baseline", metavar="SHA", default="", help=argparse.SUPPRESS)
    parser.add_argument("--processes", type=int, default=0, help=argparse.SUPPRESS)
    # A typing mistake must not make commits bad.
    parser.error = _refuse  # type: ignore[method-assign]


def _refuse(message: str) -> NoReturn:
    print(f"llvmgate probe: error: {message} (llvmgate probe --help)", file=sys.stderr)
    raise SystemExit(_ABORT)


def run(arguments: argparse.Namespace) -> int:
    """Print the judgement; the exit code is what ``git bisect run`` understands."""
    try:
        return _run(arguments)
    except GateError as error:
        print(f"llvmgate probe: {error}", file=sys.stderr)
    except Exception as error:  # Python's own exit code, 1, would blame an innocent commit
        print(f"llvmgate probe: internal error: {type(error).__name__}: {error}", file=sys.stderr)
    return _ABORT


def _run(arguments: argparse.Namespace) -> int:
    from pytest_llvmgate.bisect.bisection import Mark
    from pytest_llvmgate.bisect.judge import Wanted, judge, parse_finding
    from pytest_llvmgate.bisect.probing import run_probe, select_request
    from pytest_llvmgate.codec import dumps, write_atomically

    config = open_subject(arguments)
    request = select_request(config, tuple(arguments.configuration), tuple(arguments.stage))
    kind, identifier = parse_finding(arguments.finding) if arguments.finding else ("", "")
    wanted = Wanted(kind=kind, identifier=identifier, unrelated=Mark(arguments.unrelated), llvm=request.is_about_llvm)
    sha = arguments.sha or _checked_out(config)
    result = run_probe(config, sha, request, baseline=arguments.baseline, processes=arguments.processes)
    if arguments.record:
        write_atomically(arguments.record.absolute(), dumps(result))
    return _tell(result.sha, judge(result, wanted))


def _tell(sha: str, judgement: Judgement) -> int:
    print(f"{sha[:12]} {judgement.mark}: {judgement.reason}")
    return {"good": _GOOD, "bad": _BAD}.get(judgement.mark.value, _SKIP)


def _checked_out(config: Config) -> str:
    """The commit that git bisect wants judged: ``BISECT_HEAD`` (``--no-checkout``) or ``HEAD`` of the clone here."""
    from pytest_llvmgate.git.repository import Repository

    repository = Repository.open(Path.cwd(), bare=True)
    if repository.root is not None and config.root.is_relative_to(repository.root.resolve()):
        raise GateError(
            "no commit is given, and this directory is the downstream's, not a clone of llvm-project",
            hint="name a commit, or run in the clone: git bisect run llvmgate probe -C DOWNSTREAM",
        )
    moving = repository.commit_at("BISECT_HEAD")
    return moving or repository.head()
