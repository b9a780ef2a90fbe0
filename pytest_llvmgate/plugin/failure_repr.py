"""A failure that survives xdist, gives JUnit a short message and points annotations at the user's own file.

pytest offers no public way to make one, so its private representation classes are used here and nowhere else. Checked
with pytest 8.2 to 9.2.
"""

from __future__ import annotations

from pathlib import Path

from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from pytest_llvmgate.model import StageResult
from pytest_llvmgate.printable import for_log


class StageFailure(Exception):  # noqa: N818 - it is the failure of a stage, not an error of the gate
    """A stage failed; carries its result."""

    def __init__(self, result: StageResult) -> None:
        super().__init__(result.reason)
        self.result = result


def failure_repr(result: StageResult, path: Path, line: int) -> ReprExceptionInfo:
    """How pytest shows a failed stage: its detail as the text, its reason as the message.

    ``path`` and ``line`` are where the stage is configured; a finding's own place is better and wins.
    """
    place, number = str(path), line
    for finding in result.findings[:1]:
        for location in finding.locations[:1]:
            place, number = for_log(location.path), location.line or 1
    text, reason = for_log(result.detail or result.reason), for_log(result.reason)
    return ReprExceptionInfo(
        reprtraceback=ReprTraceback([ReprEntryNative([f"{text}\n"])], None, style="native"),
        reprcrash=ReprFileLocation(place, number, reason),
    )
