"""What main's own run has said of the baseline, in a store: "not from this bump" then costs a pull request nothing.

``verdicts/<LLVM commit>.json`` in a store between machines (:mod:`pytest_llvmgate.llvm.store_places`) is the verdict of
the target branch on that commit; the newest counts. Only a run that is for no proposed change writes there, and main
itself, whose candidate is its baseline, reads nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_llvmgate.codec import dumps
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.ci_event import proposed_change
from pytest_llvmgate.git.remotes import is_ancestor
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.llvm.store_places import place
from pytest_llvmgate.model import LLVM_GROUP, PREFLIGHT_GROUP, Outcome, Revision, StageResult, Verdict
from pytest_llvmgate.scratch import scratch_directory
from pytest_llvmgate.verdict.assemble import configuration_infos
from pytest_llvmgate.verdict.joining import LARGEST, read_reports


@dataclass(frozen=True, kw_only=True)
class AtBaseline:
    """What is known of the baseline from elsewhere."""

    is_known: bool = False
    results: tuple[StageResult, ...] = ()
    """What was run there, how long it took, and what was found."""
    note: str = ""
    """In words, for the summary."""


def record_verdict(verdict: Verdict, store: str) -> str:
    """Keep a verdict of the main branch for those who propose changes; returns its name in the store.

    Raises :class:`GateError` in a run that is for such a change itself: nobody's word counts for his own case.
    """
    if why := proposed_change(os.environ):
        raise GateError(
            f"this runs for a change that is not merged ({why}): its verdict is nobody's baseline",
            hint="record in the workflow of the main branch alone",
        )
    if verdict.downstream.dirty or not verdict.downstream.commit:
        raise GateError("the verdict is of a tree with changes that no commit has", hint="record a clean checkout's")
    name = _name(verdict.candidate)
    place(store).write(name, dumps(verdict).encode("utf-8"))
    return name


def known_of_baseline(store: str, baseline: Revision | None, config: Config, repository: Repository) -> AtBaseline:
    """What a store, or a file with a verdict, says of the baseline. What it does not say is told in the note.

    Raises :class:`GateError` for a file that is no verdict, and for a store that is none.
    """
    if baseline is None:
        return AtBaseline(note=f"{store} was not asked: the baseline is unknown")
    with scratch_directory("verdict") as directory:
        path = Path(store).expanduser()
        if not path.is_file():
            path = directory / "verdict.json"
            kept = place(store)
            try:
                is_there = kept.read(_name(baseline), path, LARGEST)
            except GateError as error:
                return AtBaseline(note=f"the baseline's verdict could not be had: {error.problems[0].message}")
            if not is_there:
                return AtBaseline(note=f"{store} has no verdict of the baseline {baseline.short}")
        return _understood(read_reports([path]), store, baseline, config, repository)


def _understood(verdict: Verdict, store: str, baseline: Revision, config: Config, repository: Repository) -> AtBaseline:
    if verdict.candidate.sha != baseline.sha:
        return AtBaseline(
            note=f"{store} is of {verdict.candidate.short}, not of the baseline {baseline.short}: not used"
        )
    own = configuration_infos(config.configurations)
    same = {each.name for each in verdict.configurations if each in own} | {LLVM_GROUP, PREFLIGHT_GROUP}
    results = tuple(
        replace(each, detail="", facts={})
        for each in verdict.results
        if each.group in same and each.outcome is not Outcome.SKIPPED
    )
    return AtBaseline(is_known=True, results=results, note=_origin(verdict, baseline, repository))


def _origin(verdict: Verdict, baseline: Revision, repository: Repository) -> str:
    commit = verdict.downstream.commit[:12] or "an unknown commit"
    origin = f"what the baseline {baseline.short} has, too, is known from its verdict at {commit}"
    with suppress(GateError):
        if is_ancestor(repository, verdict.downstream.commit, "HEAD"):
            return origin
    return f"{origin}, which is not in this branch's history"


def _name(revision: Revision) -> str:
    return f"verdicts/{revision.sha}.json"
