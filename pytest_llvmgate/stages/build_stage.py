"""The stage ``build``: ninja over the targets."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.model import DEPRECATED, Outcome
from pytest_llvmgate.stages.commands import BuildContext, StageReport, configuration_environment, logged
from pytest_llvmgate.stages.deprecations import as_fact, read_deprecations
from pytest_llvmgate.stages.ninja_progress import NinjaProgress
from pytest_llvmgate.stages.object_sharing import begin_build, facts_of_build, start_servers


def is_wanted(config: Config, configuration: Configuration) -> bool:
    return True


def inputs(context: BuildContext) -> Mapping[str, object]:
    return {"targets": context.config.build.targets}


def work(context: BuildContext) -> StageReport:
    """Run ninja over the targets; every edge that can run does (``-k 0``), so that all failures are seen at once."""
    progress = NinjaProgress(context.on_progress, context.on_failed_edge)
    command = [context.tools.ninja.path, "-C", str(context.build_dir), "-k", "0"]
    command += ["-j", str(context.jobs)] if context.jobs else []
    command += ["--", *context.config.build.targets] if context.config.build.targets else []
    start_servers(context.config.build, configuration_environment(context))
    begin_build(context.build_dir)
    done = logged(context, "build", [command], timeout=context.config.timeouts.build, on_output=progress.feed)[-1]
    edges = progress.edges
    found = read_deprecations(context.log("build"), llvm=context.prefix.roots, source=context.root)
    facts = {**facts_of_build(context.build_dir), DEPRECATED: as_fact(found)}
    if done.ok:
        return StageReport(outcome=Outcome.PASSED, edges=edges, facts=facts)
    reason = f"the build failed ({done.ending})"
    if edges:
        reason = f"{edges.failed} of {edges.total} edges failed, {edges.not_reached} were not reached"
        reason += f" ({done.ending})" if done.timed_out or done.returncode < 0 else ""
    return StageReport(outcome=Outcome.FAILED, reason=reason, edges=edges, facts=facts, diagnose=True)
