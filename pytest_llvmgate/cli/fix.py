"""``llvmgate fix --build DIR``: mend what an LLVM bump broke, as others did it, each edit checked by the compiler."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_llvmgate.carry.offers import FIX_OUTPUT, as_toml
from pytest_llvmgate.cli import arguments as options
from pytest_llvmgate.cli.project import open_subject, tell
from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO, GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.printable import shell_word
from pytest_llvmgate.scratch import scratch_directory

if TYPE_CHECKING:
    from pytest_llvmgate.fix.cure_commits import Extra
    from pytest_llvmgate.fix.fix_outcome import FixOutcome
    from pytest_llvmgate.fix.fixing import FixRequest
    from pytest_llvmgate.fix.working_copy import WorkingCopy

_BRANCH: Final = "llvmgate-fix"
OUTCOME: Final = "outcome.json"
"""What ``llvmgate brief`` reads, beside the patches."""
SCHEMA: Final = 1
"""Version of the JSON form."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "log", metavar="LOG", nargs="?", type=Path, help="the log of --build: only what failed is checked"
    )
    add_place_arguments(parser)
    only = "of the gate's last session: only this configuration (default: all red ones); repeatable"
    options.add_several(parser, "--configuration", "NAME", only)
    options.add_path(
        parser, "--source", "the checkout of --build (default: as the build directory says)", kind=options.directory
    )
    parser.add_argument(
        "--write",
        nargs="?",
        const=_BRANCH,
        metavar="BRANCH",
        help=f"commit the edits to a new branch (default: {_BRANCH})",
    )
    parser.add_argument(
        "--carry",
        action="store_true",
        help="with --write: for each component that is mended, a commit that carries its patch",
    )
    options.add_path(parser, "--output", f"where patches go (default: {FIX_OUTPUT} beside what was built)")
    options.add_json(parser, "the outcome")
    parser.add_argument(
        "--seconds",
        type=options.positive,
        default=3600.0,
        metavar="N",
        help="stop trying after so long (default: 3600)",
    )
    parser.add_argument(
        "-j",
        dest="jobs",
        type=options.whole,
        default=0,
        metavar="N",
        help="units looked at side by side (default: a core each)",
    )
    known = parser.add_argument_group("what is known besides")
    options.add_several(
        known, "--llvm", "PREFIX", "the candidate's install (default: as the build directory says)", options.directory
    )
    options.add_several(known, "--baseline-llvm", "PREFIX", "the install that works", options.directory)
    options.add_llvm_history(known, ": how LLVM's own users were changed", "to move to")
    options.add_siblings(known)


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare ``-C``, ``--config`` and ``--build``: where what failed was built."""
    options.add_project_arguments(parser)
    build = "a build directory, configured with the candidate (default: what the gate's last session left red)"
    options.add_path(parser, "--build", build, kind=options.directory)


def run(arguments: argparse.Namespace) -> int:
    """Try, report, and write what was asked for. 0: every unit compiles; 1: something is left."""
    from pytest_llvmgate.fix.fix_text import report
    from pytest_llvmgate.fix.several_builds import fix_builds
    from pytest_llvmgate.fix.working_copy import WorkingCopy

    if arguments.carry and not arguments.write:
        raise GateError("--carry belongs to --write: it is a commit")
    requests, place, checkout = _requests(arguments)
    if not requests:
        tell("the gate's last session left no configuration that failed")
        return EXIT_OK
    first, output = requests[0], arguments.output or place
    if arguments.write:
        from pytest_llvmgate.fix.cure_commits import check_branch

        check_branch(Repository.open(checkout), arguments.write)  # told now, not after an hour
    with scratch_directory("fix") as scratch:
        copy = WorkingCopy.make(first.source, first.build, scratch / "tree", checkout=checkout)
        outcome = fix_builds(requests, copy, seconds=arguments.seconds, say=tell, save=lambda: _save(copy, output))
        written = _write(copy, outcome, requests, output)
        print(json.dumps(_plain(copy, outcome, requests), indent=1) if arguments.json else report(outcome))
        sys.stdout.flush()
        for line in written:
            tell(line)
        if arguments.write:
            extras = _carries(copy, outcome, arguments, first.candidate) if arguments.carry else ()
            _commit(copy, outcome, arguments.write, extras)
    return EXIT_OK if outcome.is_whole else EXIT_VERDICT_NO


def _requests(arguments: argparse.Namespace) -> tuple[list[FixRequest], Path, Path]:
    """What is to be mended, where what is made goes, and the user's checkout."""
    from pytest_llvmgate.fix.requests import request_of_build, requests_of_run, with_options

    if arguments.build is not None:
        requests = [request_of_build(arguments.build, arguments.source, arguments.log)]
        place, checkout = arguments.build.resolve() / FIX_OUTPUT, requests[0].source
    else:
        from pytest_llvmgate.fix.red_builds import last_red_run

        if arguments.log is not None or arguments.source is not None:
            raise GateError("a log and --source belong to a build directory", hint="name it with --build")
        config = open_subject(arguments)
        red = last_red_run(config, arguments.configuration)
        requests, place = requests_of_run(red, config), red.directory / FIX_OUTPUT
        checkout = Repository.open(config.root).work_tree
    more = {
        "llvm": arguments.llvm,
        "baseline_llvm": arguments.baseline_llvm,
        "siblings": arguments.sibling,
        "history": options.llvm_history(arguments, clone_alone=True),
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
    from pytest_llvmgate.fix.component_patches import component_patches
    from pytest_llvmgate.gate.seal import write_sealed

    _save(copy, output)
    write_sealed(output, output / OUTCOME, json.dumps(_plain(copy, outcome, requests), indent=1))
    said = []
    of_components = {one.component: one for one in component_patches(copy, outcome)}
    for owner in ("", *copy.submodules):
        path = _patch_file(copy, owner, output)
        table = path.with_suffix(".carry.toml")
        table.unlink(missing_ok=True)
        if copy.patch(owner):
            said.append(f"patch: git -C {shell_word(str(copy.checkout / owner))} apply {shell_word(str(path))}")
        if patch := of_components.get(owner):
            write_atomically(path, patch.mail)
            file = f"patches/{path.name}"
            write_atomically(table, f"{as_toml(patch.carry(file))}\n")
            said.append(f"  until {owner} has it: copy it to {file}, and add the table in {table} to the configuration")
    return said


def _plain(copy: WorkingCopy, outcome: FixOutcome, requests: Sequence[FixRequest]) -> dict[str, Any]:
    from pytest_llvmgate.codec import to_plain

    patches = {owner or ".": patch for owner in ("", *copy.submodules) if (patch := copy.patch(owner))}
    plain = to_plain(outcome)
    assert isinstance(plain, dict)  # noqa: S101 (a dataclass)
    return {"schema": SCHEMA, "source": str(copy.checkout), "requests": to_plain(requests), **plain, "patches": patches}


def _carries(copy: WorkingCopy, outcome: FixOutcome, arguments: argparse.Namespace, candidate: str) -> Sequence[Extra]:
    """What carries the components' patches; nothing, and a sentence, where the configuration cannot."""
    from pytest_llvmgate.fix.component_patches import as_carries, component_patches
    from pytest_llvmgate.gate.start import open_config

    config = open_config(copy.checkout) if arguments.build and not arguments.config else open_subject(arguments)
    try:
        return list(as_carries(list(component_patches(copy, outcome)), config, candidate))
    except GateError as error:
        tell(f"not carried: {error}")
        return ()


def _commit(copy: WorkingCopy, outcome: FixOutcome, branch: str, extras: Sequence[Extra]) -> None:
    from pytest_llvmgate.fix.cure_commits import commit_cures

    titles = commit_cures(copy, outcome, branch, extras)
    for title in titles:
        tell(f"commit on {branch}: {title}")
    if titles:
        tell(f"take them: git -C {shell_word(str(copy.checkout))} merge --ff-only {branch}")
