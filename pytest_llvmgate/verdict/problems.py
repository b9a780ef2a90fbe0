"""The verdict as a list of problems at places of the repository, as services show them: one per cause, one per failure
without a cause.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.model import Finding, Location, StageResult, Verdict

STAGE_FAILED: Final = "stage-failed"
"""The class of a failure that no cause was found for."""
_CONFIGURATION: Final = "llvmgate.toml"


@dataclass(frozen=True, kw_only=True)
class ReportedProblem:
    """One of them."""

    kind: str
    """A kind of finding, or :data:`STAGE_FAILED`."""
    message: str
    """Several lines."""
    place: Location
    """In the repository: where nothing else is known, the gate's configuration."""
    fingerprint: str
    """The same for the same problem in another run, whatever the candidate, the line and the machine."""
    excused: bool
    """A hold covers it."""


def problems(verdict: Verdict) -> Iterator[ReportedProblem]:
    """Causes first, in the verdict's order."""
    held = {result.group for result in verdict.results if result.is_held}
    for finding in verdict.findings:
        yield ReportedProblem(
            kind=finding.kind,
            message=_message(finding, verdict),
            place=_place(finding),
            fingerprint=_digest(finding.kind, finding.identifier),
            excused=bool(finding.configurations) and held.issuperset(finding.configurations),
        )
    for result in verdict.results:
        if result.outcome == "failed" and not result.findings:
            yield ReportedProblem(
                kind=STAGE_FAILED,
                message=f"{result.node}: {result.reason}",
                place=_own_place(result),
                fingerprint=_digest(STAGE_FAILED, result.node),
                excused=result.is_held,
            )


def _message(finding: Finding, verdict: Verdict) -> str:
    """What it is, where it shows, and what to do: a line each."""
    where = ", ".join(finding.configurations)
    lines = [finding.headline, f"in {where}" if where and len(verdict.configurations) > 1 else "", *finding.advice]
    return "\n".join(filter(None, lines))


def _place(finding: Finding) -> Location:
    """The first place inside the downstream: services show the repository's own files alone."""
    return next(filter(_is_inside, finding.locations), Location(path=_CONFIGURATION, line=1))


def _is_inside(location: Location) -> bool:
    path = PurePosixPath(location.path)
    is_absolute = path.is_absolute() or location.path[1:2] == ":"
    return bool(path.parts) and not is_absolute and ".." not in path.parts and path.parts[0] != ".llvmgate"


def _own_place(result: StageResult) -> Location:
    line = result.facts.get("line", "")
    place = Location(path=result.facts.get("file", ""), line=int(line) if line.isdecimal() and len(line) < 9 else None)
    return place if _is_inside(place) else Location(path=_CONFIGURATION, line=1)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
