"""``llvmgate brief --build DIR``: a page per cause for whoever mends what ``llvmgate fix`` left."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_llvmgate.carry.offers import FIX_OUTPUT
from pytest_llvmgate.cli.arguments import add_path
from pytest_llvmgate.cli.fix import OUTCOME, add_place_arguments
from pytest_llvmgate.cli.project import open_subject, tell
from pytest_llvmgate.codec import parse_json
from pytest_llvmgate.errors import EXIT_OK, GateError

if TYPE_CHECKING:
    from pytest_llvmgate.fix.briefs import Brief
    from pytest_llvmgate.fix.fix_outcome import Cause
    from pytest_llvmgate.fix.fixing import FixRequest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_place_arguments(parser)
    add_path(parser, "--output", "where the pages go (default: beside the patches)")
    parser.add_argument("--json", action="store_true", help="write JSON instead of Markdown")
    parser.add_argument("--all", action="store_true", help="also causes of which nothing is left")


def run(arguments: argparse.Namespace) -> int:
    """Write the pages and print their names. Nothing is asked of any service."""
    from pytest_llvmgate.codec import to_plain, write_atomically
    from pytest_llvmgate.fix.briefs import as_markdown, file_name

    place = _place(arguments)
    causes, request = _outcome(place)
    output = arguments.output or place / "briefs"
    output.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in causes if arguments.all or not one.is_cured]
    if not wanted:
        tell("llvmgate fix has left nothing to mend: there is no page to write")
    for number, brief in enumerate(_briefs(wanted, request), 1):
        path = output / f"{file_name(number, brief)}.{'json' if arguments.json else 'md'}"
        write_atomically(path, json.dumps(to_plain(brief), indent=1) if arguments.json else as_markdown(brief))
        print(path)
    return EXIT_OK


def _place(arguments: argparse.Namespace) -> Path:
    """Where ``llvmgate fix`` has left what it made."""
    if arguments.build is not None:
        build: Path = arguments.build
        return build / FIX_OUTPUT
    from pytest_llvmgate.fix.red_builds import last_run

    return last_run(open_subject(arguments).root) / FIX_OUTPUT


def _outcome(place: Path) -> tuple[list[Cause], FixRequest]:
    """What this user's ``llvmgate fix`` left there, which names files to show. Raises ``GateError``."""
    from pytest_llvmgate.codec import from_plain
    from pytest_llvmgate.fix.fix_outcome import Cause
    from pytest_llvmgate.fix.fixing import FixRequest
    from pytest_llvmgate.gate.seal import read_sealed

    path = place / OUTCOME
    text = read_sealed(place, path)
    if text is None:
        raise GateError(
            "expected the outcome of your llvmgate fix, found none", where=str(path), hint="run llvmgate fix first"
        )
    try:
        known = parse_json(text)
        return [from_plain(Cause, one) for one in known["causes"]], from_plain(FixRequest, known["requests"][0])
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise GateError(
            f"the outcome cannot be read: {error}", where=str(path), hint="run llvmgate fix first"
        ) from None


def _briefs(causes: list[Cause], request: FixRequest) -> list[Brief]:
    from pytest_llvmgate.findings import DiagnosisContext
    from pytest_llvmgate.findings.known_llvms import known_llvms
    from pytest_llvmgate.fix.briefs import brief_of
    from pytest_llvmgate.kinds.facts import CULPRIT
    from pytest_llvmgate.upstream.migrations import MigrationSearch, message_of

    context = DiagnosisContext(
        prefixes=request.prefixes, baseline_prefixes=request.baseline_prefixes, clone=request.clone,
        baseline_commit=request.baseline, candidate_commit=request.candidate,
    )  # fmt: skip
    search = MigrationSearch(clone=request.clone, siblings=request.siblings, deadline=time.monotonic() + 60.0)
    difference = known_llvms(context).difference
    return [
        brief_of(
            cause,
            request,
            difference=difference,
            examples=search.of(cause.finding),
            message=message_of(request.clone, cause.finding.facts.get(CULPRIT, "")),
        )
        for cause in causes
    ]
