"""``llvmgate fix --build DIR``: mend what an LLVM bump broke, as others did it, each edit checked by the compiler."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_llvmgate.carry.offers import FIX_OUTPUT
from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO, GateError

if TYPE_CHECKING:
    from pytest_llvmgate.fix.fixing import FixRequest
    from pytest_llvmgate.fix.outcome import FixOutcome
    from pytest_llvmgate.fix.working_copy import WorkingCopy

_BRANCH: Final = "llvmgate-fix"
OUTCOME: Final = "outcome.json"
"""What ``llvmgate brief`` reads, beside the patches."""
SCHEMA: Final = 1
"""Version of the JSON form."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "log", metavar="LOG", nargs="?", type=Path, help="the log of --build: only what failed is checked"
    )
    add_place_arguments(parser)
    parser.add_argument(
        "--configuration",
        action="append",
        default=[],
        metavar="NAME",
        help="of the gate's last session: only this configuration (default: all red ones); repeatable",
    )
    parser.add_argument(
        "--source", type=Path, metavar="DIR", help="the checkout of --build (default: as the build directory says)"
    )
    parser.add_argument(
        "--write",
        nargs="?",
        const=_BRANCH,
        metavar="BRANCH",
        help=f"commit the edits to a new branch (default: {_BRANCH})",
    )
    parser.add_argument(
        "--output", type=Path, metavar="DIR", help=f"where patches go (default: {FIX_OUTPUT} beside what was built)"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    parser.add_argument(
        "--seconds", type=float, default=3600.0, metavar="N", help="stop trying after so long (default: 3600)"
    )
    parser.add_argument(
        "-j", dest="jobs", type=int, default=0, metavar="N", help="units looked at side by side (default: a core each)"
    )
    known = parser.add_argument_group("what is known besides")
    known.add_argument(
        "--llvm",
        action="append",
        default=[],
        type=Path,
        metavar="PREFIX",
        help="the candidate's install (default: as the build directory says)",
    )
    known.add_argument(
        "--baseline-llvm", action="append", default=[], type=Path, metavar="PREFIX", help="the install that works"
    )
    known.add_argument(
        "--llvm-repository", type=Path, metavar="DIR", help="a clone of llvm-project: how LLVM's own users were changed"
    )
    known.add_argument("--baseline", default="", metavar="SHA", help="an LLVM commit that works (full SHA)")
    known.add_argument("--candidate", default="", metavar="SHA", help="the LLVM commit to move to (full SHA)")
    known.add_argument(
        "--sibling",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="a clone of a project that may have been there before; besides [update] siblings",
    )
    known.add_argument("--until", default="", metavar="DATE", help="what siblings did later does not count")


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``-C`` and ``--build``: where what failed was built."""
    parser.add_argument(
        "-C",
        dest="directory",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="the checkout that was gated (default: here)",
    )
    parser.add_argument(
        "--build",
        type=Path,
        metavar="DIR",
        help="a build directory, configured with the candidate (default: what the gate's last session left red)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Try, report, and write what was asked for. 0: every unit compiles; 1: something is left."""
    from pytest_llvmgate.fix.fix_text import report
    from pytest_llvmgate.fix.several_builds import fix_builds
    from pytest_llvmgate.fix.working_copy import WorkingCopy

    requests, place, checkout = _requests(arguments)
    if not requests:
        _say("the gate's last session left no configuration that failed")
        return EXIT_OK
    first, output = requests[0], arguments.output or place
    if arguments.write:
        from pytest_llvmgate.fix.cure_commits import check_branch
        from pytest_llvmgate.git.repository import Repository

        check_branch(Repository.open(checkout), arguments.write)  # told now, not after an hour
    with tempfile.TemporaryDirectory(prefix="llvmgate-fix-") as scratch:
        copy = WorkingCopy.make(first.source, first.build, Path(scratch) / "tree", checkout=checkout)
        outcome = fix_builds(requests, copy, seconds=arguments.seconds, say=_say, save=lambda: _save(copy, output))
        written = _write(copy, outcome, requests, output)
        print(json.dumps(_plain(copy, outcome, requests), indent=1) if arguments.json else report(outcome))
        sys.stdout.flush()
        for line in written:
            _say(line)
        if arguments.write:
            _commit(copy, outcome, arguments.write)
    return EXIT_OK if outcome.is_whole else EXIT_VERDICT_NO


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _requests(arguments: argparse.Namespace) -> tuple[list[FixRequest], Path, Path]:
    """What is to be mended, where what is made goes, and the user's checkout."""
    from pytest_llvmgate.fix.requests import request_of_build, requests_of_run, with_options

    if arguments.build is not None:
        requests = [request_of_build(arguments.build, arguments.source, arguments.log)]
        place, checkout = arguments.build.resolve() / FIX_OUTPUT, requests[0].source
    else:
        from pytest_llvmgate.fix.red_builds import last_red_run
        from pytest_llvmgate.gate.start import open_config

        if arguments.log is not None or arguments.source is not None:
            raise GateError("a log and --source belong to a build directory", hint="name it with --build")
        config = open_config(arguments.directory.resolve())
        red = last_red_run(config, arguments.configuration)
        requests, place, checkout = requests_of_run(red, config), red.directory / FIX_OUTPUT, config.root
    shas = (arguments.baseline.lower(), arguments.candidate.lower())
    if any(shas) and not (all(shas) and arguments.llvm_repository):
        raise GateError("--llvm-repository, --baseline and --candidate belong together")
    more = {
        "llvm": arguments.llvm,
        "baseline_llvm": arguments.baseline_llvm,
        "siblings": arguments.sibling,
        "until": arguments.until,
        "history": (arguments.llvm_repository, *shas) if arguments.llvm_repository else None,
        "jobs": arguments.jobs,
    }
    return [with_options(request, **more) for request in requests], place, checkout


def _save(copy: WorkingCopy, output: Path) -> None:
    """Patches of what is mended so far: whatever ends the run, they are there."""
    output.mkdir(parents=True, exist_ok=True)
    for owner in ("", *copy.submodules):
        path = _patch_file(copy, owner, output)
        if patch := copy.patch(owner):
            write_atomically(path, patch)
        else:
            path.unlink(missing_ok=True)  # an earlier run's


def _patch_file(copy: WorkingCopy, owner: str, output: Path) -> Path:
    return output / f"{(owner or copy.checkout.name).replace('/', '-')}.patch"


def _write(copy: WorkingCopy, outcome: FixOutcome, requests: Sequence[FixRequest], output: Path) -> list[str]:
    """Patches, one for the downstream and one for each component, and the outcome; sentences about them."""
    from pytest_llvmgate.gate.seal import write_sealed

    _save(copy, output)
    write_sealed(output, output / OUTCOME, json.dumps(_plain(copy, outcome, requests), indent=1))
    said = []
    for owner in ("", *copy.submodules):
        path = _patch_file(copy, owner, output)
        table = path.with_suffix(".carry.toml")
        table.unlink(missing_ok=True)
        if not (patch := copy.patch(owner)):
            continue
        said.append(f"patch: git -C {copy.checkout / owner} apply {path}")
        if owner:
            from pytest_llvmgate.fix.component_patches import as_mail, carry_table

            causes = [cause for cause in outcome.causes if any(copy.owner_of(one.path) == owner for one in cause.kept)]
            write_atomically(path, as_mail(patch, causes))
            file = f"patches/{path.name}"
            table.write_text(carry_table(owner, file, causes, datetime.date.today()), encoding="utf-8")
            said.append(f"  until {owner} has it: copy it to {file}, and add the table in {table} to the configuration")
    return said


def _plain(copy: WorkingCopy, outcome: FixOutcome, requests: Sequence[FixRequest]) -> dict[str, Any]:
    from pytest_llvmgate.codec import to_plain

    patches = {owner or ".": patch for owner in ("", *copy.submodules) if (patch := copy.patch(owner))}
    plain = to_plain(outcome)
    assert isinstance(plain, dict)  # noqa: S101 (a dataclass)
    return {
        "schema": SCHEMA,
        "source": str(copy.checkout),
        "requests": to_plain(requests),
        **plain,
        "patches": patches,
    }


def _commit(copy: WorkingCopy, outcome: FixOutcome, branch: str) -> None:
    from pytest_llvmgate.fix.cure_commits import commit_cures

    titles = commit_cures(copy, outcome, branch)
    for title in titles:
        _say(f"commit on {branch}: {title}")
    if titles:
        _say(f"take them: git -C {copy.checkout} merge --ff-only {branch}")
