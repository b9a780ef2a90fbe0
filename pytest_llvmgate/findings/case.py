"""What the builders of findings work with, and what each of them says of a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.groups import Scan
from pytest_llvmgate.findings.layers import Paths

MOST_LOCATIONS: Final = 20
"""Places of a finding that are kept."""
MOST_EVIDENCE: Final = 24
"""Lines of the log that are kept with a finding."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a builder of findings works with."""

    scan: Scan
    paths: Paths
    context: DiagnosisContext
    log: str

    @property
    def configurations(self) -> tuple[str, ...]:
        """The configuration whose log it is, if it is one's."""
        return (self.context.configuration,) if self.context.configuration else ()


def evidence(event: Event) -> tuple[str, ...]:
    """The lines in front, the message, and the first lines behind it, as they were printed."""
    lines = [*event.before[-8:], event.text, *event.detail]
    kept = [line.rstrip() for line in lines if line.strip()]
    return tuple(kept[:MOST_EVIDENCE])
