"""The stage ``install``: what was built, in a prefix of its own."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.model import Outcome
from pytest_llvmgate.stages.commands import PASSED, BuildContext, StageReport, logged


def is_wanted(config: Config, configuration: Configuration) -> bool:
    return config.build.install


def inputs(context: BuildContext) -> Mapping[str, object]:
    return {"targets": context.config.build.install_targets}


def work(context: BuildContext) -> StageReport:
    """Install what was built into the configuration's own prefix."""
    if context.config.build.install_targets == ("install",):
        # Not ninja's "install" target: that depends on "all", also where only some targets are wanted.
        command = [context.tools.cmake.path, "--install", str(context.build_dir)]
    else:
        command = [context.tools.ninja.path, "-C", str(context.build_dir), "--", *context.config.build.install_targets]
    done = logged(context, "install", [command], timeout=context.config.timeouts.install)[-1]
    if done.ok:
        return PASSED
    return StageReport(outcome=Outcome.FAILED, reason=f"the install failed ({done.ending})", diagnose=True)
