"""What all processes of one session agree on. Made once, by the controller, and handed to the workers as JSON."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path

from pytest_llvmgate.model import Downstream, Revision, StageResult
from pytest_llvmgate.pins.compare import Reference


@dataclass(frozen=True, kw_only=True)
class Session:
    """One run of the gate."""

    config: Path
    """The configuration file."""
    candidate: Revision
    downstream: Downstream
    source_state: str
    """Digest of the downstream's working tree, submodules included."""
    baseline: Revision | None = None
    runs_baseline: bool = False
    """Whether a stage that fails is run on the baseline as well, to tell what this bump brought from what was there."""
    at_baseline: tuple[StageResult, ...] = ()
    """What the target branch's own run has recorded of the baseline."""
    reference: Reference = "candidate"
    """What pins are compared with: the candidate, or each other (to try a candidate on a tree that is not bumped)."""
    rerun: bool = False
    """Run every stage, whatever is recorded."""
    processes: int = 1
    """Processes that build at the same time."""
    identifier: str = field(default_factory=lambda: uuid.uuid4().hex)
    notes: tuple[str, ...] = ()
    """Remarks for the summary."""
