"""The verdict as one self-contained HTML file: no network, no scripts from elsewhere, works from a disk."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP
from pytest_llvmgate.model import GROUPS, RUN_DIRECTORY, Finding, Outcome, StageResult, Verdict
from pytest_llvmgate.page import page
from pytest_llvmgate.verdict.grid import grid
from pytest_llvmgate.verdict.provenance import notes
from pytest_llvmgate.verdict.terminal import conclusion
from pytest_llvmgate.wording import duration

_STATES: Final = {"failed": "does not pass", "passed": "passes", "held": "is undecided"}
_ERROR_LINE: Final = re.compile(r"\berror\b|FAILED:|undefined reference|undefined symbol", re.IGNORECASE)
_LOG_HEAD: Final = 40
_LOG_CONTEXT: Final = 12
_LOG_MOST: Final = 1500
"""Lines of one log that the page shows; the rest is in the file itself."""
_LOG_BYTES: Final = 64 << 20
"""Of one log that are read."""
_LINE_MOST: Final = 4_000
"""Characters of one line of a log."""


def render(verdict: Verdict, *, root: Path | None = None) -> str:
    """The page. With ``root``, the downstream's root, the logs of failed stages are shown, error lines marked."""
    logs = {} if root is None else dict(_read_logs(verdict, root))
    state = "failed" if verdict.failed else "passed" if verdict.passes else "held"
    stages, rows = grid(verdict)
    return page(
        "verdict",
        short=verdict.candidate.short,
        name=verdict.candidate.name,
        word=_STATES[state],
        state=state,
        conclusion=conclusion(verdict),
        patterns=verdict.patterns,
        stages=stages,
        rows=[(name, [_cell(result, logs) for result in results]) for name, results in rows],
        groups=[_group(result) for result in verdict.results if result.group in GROUPS],
        notes=[f"{node}: {text}" if node else text for node, text in notes(verdict)],
        causes=[_cause(finding, logs) for finding in verdict.findings],
        times=_times(verdict),
        facts=list(_facts(verdict).items()),
        logs=[_shown(path, log, verdict) for path, log in logs.items()],
    )


def _state(result: StageResult) -> str:
    return "held" if result.is_held else str(result.outcome)


def _cell(result: StageResult | None, logs: Mapping[str, Log]) -> Mapping[str, str] | None:
    if result is None:
        return None
    text = "unchanged" if result.reused else f"{_state(result)} {duration(result.duration)}"
    return {
        "state": _state(result),
        "reason": result.reason,
        "anchor": _anchor(result) if result.log in logs else "",
        "text": "not run" if result.outcome is Outcome.SKIPPED else text,
    }


def _group(result: StageResult) -> Mapping[str, str]:
    return {
        "group": result.group,
        "stage": result.stage,
        "node": result.node,
        "state": _state(result),
        "text": result.reason or result.facts.get("origin", ""),
        "detail": result.detail if result.outcome is Outcome.FAILED else "",
    }


def _cause(finding: Finding, logs: Mapping[str, Log]) -> Mapping[str, object]:
    """A cause; ``logs`` are those that the page shows."""
    log = logs.get(finding.log)
    is_shown = log is not None and finding.log_line and finding.log_line <= len(log.lines)
    return {
        "finding": finding,
        "layer": finding.whose,
        "is_old": NOT_FROM_THIS_BUMP in finding.facts,
        "anchor": f"{log.anchor}-{finding.log_line}" if log is not None and is_shown else "",
    }


def _times(verdict: Verdict) -> list[Mapping[str, object]]:
    ran = [result for result in verdict.results if result.duration >= 0.1 and not result.reused]
    longest = max((result.duration for result in ran), default=1.0)
    return [
        {
            "node": result.node,
            "time": duration(result.duration),
            "width": max(1, round(300 * (result.duration / longest))),
        }
        for result in sorted(ran, key=lambda each: -each.duration)
    ]


def _facts(verdict: Verdict) -> Mapping[str, str]:
    tree = verdict.downstream
    return {
        "candidate": verdict.candidate.sha,
        "baseline": verdict.baseline.sha if verdict.baseline else "unknown",
        "downstream": f"{tree.commit} {tree.branch}{' with uncommitted changes' if tree.dirty else ''}",
        **verdict.toolchain,
    }


class Log(NamedTuple):
    """The log of a failed stage."""

    anchor: str
    lines: list[str]


def _read_logs(verdict: Verdict, root: Path) -> Iterator[tuple[str, Log]]:
    """The logs of failed stages that are there to be read, by their paths."""
    for result in verdict.results:
        if result.outcome is Outcome.FAILED and (path := _log_below(root, result.log)) is not None:
            with suppress(OSError), path.open("rb") as stream:
                text = stream.read(_LOG_BYTES).decode("utf-8", "replace")
                yield result.log, Log(_anchor(result), text.removesuffix("\n").split("\n"))


def _log_below(root: Path, name: str) -> Path | None:
    """The log that a result names; None unless it is a file below the run directory.

    Results come from JUnit files, too, and so from whoever made these: no name of theirs leads anywhere else, not by
    an absolute path, not by ``..``, not by a link.
    """
    parts = PurePosixPath(name).parts
    if parts[:1] != (RUN_DIRECTORY,) or ".." in parts or "\0" in name:
        return None
    path = root.absolute() / name
    try:
        return path if path.resolve().is_relative_to(root.resolve() / RUN_DIRECTORY) and path.is_file() else None
    except (OSError, RuntimeError):  # names that are too long, links in a circle
        return None


def _shown(path: str, log: Log, verdict: Verdict) -> Mapping[str, object]:
    """The head of a log, and the surroundings of every line that looks like an error, or that a cause is read from."""
    causes = {each.log_line - 1 for each in verdict.findings if each.log == path and each.log_line}
    errors = {number for number, line in enumerate(log.lines) if _ERROR_LINE.search(line)} | causes
    kept = _kept(log.lines, errors, causes)
    lines = [
        {
            "gap": number - before - 1,
            "number": number + 1,
            "text": log.lines[number][:_LINE_MOST],
            "is_error": number in errors,
        }
        for before, number in itertools.pairwise([-1, *kept])
    ]
    return {"path": path, "anchor": log.anchor, "lines": lines, "rest": len(log.lines) - 1 - max(kept, default=-1)}


def _kept(lines: list[str], errors: AbstractSet[int], causes: AbstractSet[int]) -> list[int]:
    near = {each for error in errors for each in range(error - _LOG_CONTEXT, error + _LOG_CONTEXT + 1)}
    wanted = sorted(number for number in near | set(range(_LOG_HEAD)) if 0 <= number < len(lines))
    return sorted({*wanted[:_LOG_MOST], *(number for number in causes if 0 <= number < len(lines))})


def _anchor(result: StageResult) -> str:
    return f"log-{result.group}-{result.stage}"
