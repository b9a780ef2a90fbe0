"""The stage ``confirm``: every library linked for real as a shared one, and held against the prediction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.kinds.catalogue import LINKCHECK_DISAGREEMENT
from pytest_llvmgate.model import Outcome
from pytest_llvmgate.stages import linkcheck_stage
from pytest_llvmgate.stages.commands import PASSED, BuildContext, StageReport

_NAME: Final = "confirm"


def is_wanted(config: Config, configuration: Configuration) -> bool:
    return config.linkcheck.confirm and linkcheck_stage.is_wanted(config, configuration)


def inputs(context: BuildContext) -> Mapping[str, object]:
    return {}


def work(context: BuildContext) -> StageReport:
    """Link every library for real, without compiling; fail when the linker and the prediction disagree."""
    from pytest_llvmgate.linkcheck.shared_tree import SharedTreeError
    from pytest_llvmgate.stages.predicted_links import log_text, predict_links

    try:
        result = predict_links(linkcheck_stage.as_shared(context), confirm=True)
    except SharedTreeError as error:
        return StageReport(outcome=Outcome.SKIPPED, reason=f"cannot be told: {error.problems[0].message}")
    write_atomically(context.log(_NAME), log_text(result))
    real = result.confirmation
    if real is None or real.agrees:
        return PASSED
    reason = f"the linker disagrees with the prediction: {len(real.missed)} symbols missed, {len(real.false)} false"
    findings = tuple(finding for finding in result.findings if finding.kind == LINKCHECK_DISAGREEMENT)
    return StageReport(outcome=Outcome.FAILED, reason=reason, findings=findings)
