"""The verdict as one self-contained HTML file: no network, no scripts from elsewhere, works from a disk."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP
from pytest_llvmgate.model import GROUPS, RUN_DIRECTORY, Outcome, StageResult, Verdict
from pytest_llvmgate.page import page
from pytest_llvmgate.verdict.grid import grid
from pytest_llvmgate.verdict.provenance import notes
from pytest_llvmgate.verdict.terminal import conclusion

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
    logs = {} if root is None else {each.log: _shown(each, lines, verdict) for each, lines in _read_logs(verdict, root)}
    state = "failed" if verdict.failed else "passed" if verdict.passes else "held"
    stages, rows = grid(verdict)
    times = (result for result in verdict.results if result.duration >= 0.1 and not result.reused)
    return page(
        "verdict",
        verdict=verdict,
        word=_STATES[state],
        state=state,
        conclusion=conclusion(verdict),
        stages=stages,
        rows=rows,
        groups=[result for result in verdict.results if result.group in GROUPS],
        notes=[f"{node}: {text}" if node else text for node, text in notes(verdict)],
        not_new=NOT_FROM_THIS_BUMP,
        times=sorted(times, key=lambda each: -each.duration),
        logs=logs,
    )


def _read_logs(verdict: Verdict, root: Path) -> Iterator[tuple[StageResult, list[str]]]:
    """The failed stages whose logs are there to be read, with the lines of these."""
    for result in verdict.results:
        if result.outcome is Outcome.FAILED and (path := _log_below(root, result.log)) is not None:
            with suppress(OSError), path.open("rb") as stream:
                text = stream.read(_LOG_BYTES).decode("utf-8", "replace")
                yield result, text.removesuffix("\n").split("\n")


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


def _shown(failed: StageResult, lines: list[str], verdict: Verdict) -> Mapping[str, object]:
    """The head of a log, and the surroundings of every line that looks like an error, or that a cause is read from."""
    causes = {each.log_line - 1 for each in verdict.findings if each.log == failed.log and each.log_line}
    errors = {number for number, line in enumerate(lines) if _ERROR_LINE.search(line)} | causes
    kept = _kept(lines, errors, causes)
    shown = [
        {
            "gap": number - before - 1,
            "number": number + 1,
            "text": lines[number][:_LINE_MOST],
            "is_error": number in errors,
        }
        for before, number in itertools.pairwise([-1, *kept])
    ]
    rest = len(lines) - 1 - max(kept, default=-1)
    return {"anchor": f"log-{failed.group}-{failed.stage}", "lines": shown, "count": len(lines), "rest": rest}


def _kept(lines: list[str], errors: AbstractSet[int], causes: AbstractSet[int]) -> list[int]:
    near = {each for error in errors for each in range(error - _LOG_CONTEXT, error + _LOG_CONTEXT + 1)}
    wanted = sorted(number for number in near | set(range(_LOG_HEAD)) if 0 <= number < len(lines))
    return sorted({*wanted[:_LOG_MOST], *(number for number in causes if 0 <= number < len(lines))})
