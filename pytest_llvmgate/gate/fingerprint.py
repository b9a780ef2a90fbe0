"""All that a stage's outcome depends on, as one digest: equal means that there is nothing to do."""

from __future__ import annotations

import hashlib
import json
from typing import Final

from pytest_llvmgate.model import StageResult
from pytest_llvmgate.stages.commands import BuildContext
from pytest_llvmgate.stages.stage_plan import stage_module

_RECORD_VERSION: Final = "2"
"""Part of every fingerprint: raised when a stage comes to do other work."""


def fingerprint(stage: str, context: BuildContext, before: StageResult) -> str:
    """The digest of a stage's own inputs and of ``before``, the result of the stage that it stands on."""
    own = stage_module(stage).inputs(context)
    inputs = {"version": _RECORD_VERSION, "stage": stage, "before": before.fingerprint, **own}
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()
