"""The gate, ``llvmgate fix`` and ``llvmgate brief`` on the roll's tree, each as the process that a user would start."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.bisect.judge import Judgement, Wanted, judge
from pytest_llvmgate.bisect.probing import ProbeResult
from pytest_llvmgate.bisect.workers import last_words
from pytest_llvmgate.codec import loads
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.model import Verdict
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain_text
from pytest_llvmgate.process.run import Completed, run
from pytest_llvmgate.roll.roll_state import Setting

_LONGEST: Final = 7 * 86400.0
"""Seconds. The stages have time-outs of their own."""
_FIX: Final = "fix"
_LAST_LINES: Final = 6
_FOREIGN: Final = ("PYTEST_", "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_")
"""Of the environment: what is meant for another pytest, or tells of the change that the roll itself runs for."""
_BASE: Final = "GITHUB_BASE_REF"
"""Of those that name the branch a change starts from (:mod:`pytest_llvmgate.git.ci_event`), the first."""


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The roll's tree, and how it is gated."""

    config: Config
    """The configuration in the tree."""
    sha: str
    """The candidate: full SHA."""
    setting: Setting


def gate(bench: Bench, number: int) -> Verdict:
    """Gate the tree as it stands. Raises ``GateError`` where the gate comes to no verdict."""
    verdict = bench.setting.place.verdict(bench.sha, number)
    verdict.unlink(missing_ok=True)
    done = _run(bench, _gate_command(bench, verdict), f"gate-{number}")
    try:
        return loads(Verdict, read_plain_text(verdict, LARGEST_MADE, errors="strict"))
    except (OSError, ValueError, RecursionError):
        log = bench.setting.place.log(bench.sha, f"gate-{number}")
        raise GateError(
            f"the gate came to no verdict ({done.ending}): {last_words(log, _LAST_LINES)}",
            where=str(log),
            hint="mend that, and run the roll again: it goes on",
        ) from None


def _gate_command(bench: Bench, verdict: Path) -> list[str]:
    words = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", f"--rootdir={bench.config.root}"]
    words += ["-o", "addopts=", "-o", "required_plugins="]  # of the project's own, which may need other plugins
    words += ["-n", bench.setting.workers] if bench.setting.workers != "0" else []
    words += [f"--llvm-sha={bench.sha}", f"--llvm-config={bench.config.path}", f"--llvm-json={verdict}"]
    return [*words, str(bench.config.path)]


def judged(verdict: Verdict) -> Judgement:
    """What a verdict means for a candidate: held failures excuse, trouble of the machine says nothing."""
    results = tuple(each for each in verdict.results if not each.is_held)
    found = judge(ProbeResult(sha=verdict.candidate.sha, results=results), Wanted())
    if found.mark is Mark.GOOD and not verdict.passes:
        return replace(found, mark=Mark.BAD, reason="undecided: not every stage ran")
    return found


def mend(bench: Bench, branch: str) -> str:
    """Let ``llvmgate fix`` commit to ``branch`` what it can of what the last gate left red; its last words.

    What it mends in a component becomes a carried patch, since a commit there is not the downstream's to make.
    """
    _run(bench, _llvmgate(bench, ["fix", "--write", branch, "--carry"]), _FIX)
    return last_words(bench.setting.place.log(bench.sha, _FIX), _LAST_LINES)


def briefs(bench: Bench) -> None:
    """Write a page for each cause that ``llvmgate fix`` has left."""
    directory = bench.setting.place.briefs(bench.sha)
    _run(bench, _llvmgate(bench, ["brief", "--output", str(directory)]), "brief")


def _llvmgate(bench: Bench, words: Sequence[str]) -> list[str]:
    return [sys.executable, "-P", "-m", "pytest_llvmgate", *words, f"--config={bench.config.path}"]


def _run(bench: Bench, command: Sequence[str], name: str) -> Completed:
    log = bench.setting.place.log(bench.sha, name)
    log.unlink(missing_ok=True)
    env = {key: value for key, value in os.environ.items() if not key.startswith(_FOREIGN)}
    env[_BASE] = bench.setting.branch
    return run(command, cwd=bench.config.root, env=env, log=log, timeout=_LONGEST)
