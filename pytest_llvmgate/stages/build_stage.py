"""The stage ``build``: ninja over the targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_llvmgate.cmake.file_api import read_codemodel
from pytest_llvmgate.cmake.listfile import LISTFILE, parse
from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.model import DEPRECATED, Outcome
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.process.asking import ask
from pytest_llvmgate.stages.commands import BuildContext, StageReport, configuration_environment, logged
from pytest_llvmgate.stages.deprecations import as_fact, read_deprecations
from pytest_llvmgate.stages.effective import deviation
from pytest_llvmgate.stages.ninja_progress import NinjaProgress, edges_to_do
from pytest_llvmgate.stages.object_sharing import begin_build, facts_of_build, start_servers


def is_wanted(config: Config, configuration: Configuration) -> bool:
    return True


def inputs(context: BuildContext) -> Mapping[str, object]:
    return {"targets": context.config.build.targets}


def work(context: BuildContext) -> StageReport:
    """Run ninja over the targets; every edge that can run does (``-k 0``), so that all failures are seen at once."""
    env = configuration_environment(context)
    command = [context.tools.ninja.path, "-C", str(context.build_dir), "-k", "0"]
    command += ["-j", str(context.jobs)] if context.jobs else []
    command += ["--", *context.config.build.targets] if context.config.build.targets else []
    every, compiles = edges_to_do(command, env)
    if every.total:
        context.on_progress(every, compiles)
    progress = NinjaProgress(context.on_progress, context.on_failed_edge, compiles=compiles)
    start_servers(context.config.build, env)
    begin_build(context.build_dir)
    done = logged(context, "build", [command], timeout=context.config.timeouts.build, on_output=progress.feed)[-1]
    edges = progress.edges
    found = read_deprecations(context.log("build"), llvm=context.prefix.roots, source=context.root)
    facts = {**facts_of_build(context.build_dir), DEPRECATED: as_fact(found)}
    if done.ok and edges is None and _holds_no_command(context):
        return StageReport(outcome=Outcome.FAILED, reason=_NOTHING, findings=(deviation(_NOTHING, _WHY_NOTHING),))
    if done.ok:
        return StageReport(outcome=Outcome.PASSED, edges=edges, facts=facts)
    reason = f"the build failed ({done.ending})"
    if edges:
        reason = f"{edges.failed} of {edges.total} edges failed, {edges.not_reached} were not reached"
        reason += f" ({done.ending})" if done.timed_out or done.returncode < 0 else ""
    return StageReport(outcome=Outcome.FAILED, reason=reason, edges=edges, facts=facts, diagnose=True)


_NOTHING: Final = "nothing was built: with this LLVM and these options, what is asked for holds no command"
_WHY_NOTHING: Final = (
    "no target of the project is part of it: look for conditions around add_subdirectory and for EXCLUDE_FROM_ALL, or "
    "name what has to be built in [build] targets"
)


def _holds_no_command(context: BuildContext) -> bool:
    """Whether ninja has nothing to do for the targets, ever, in place of nothing any more.

    A build of nothing says nothing about the candidate. A project of headers alone has no more than that to build.
    """
    asked = [context.tools.ninja.path, "-C", str(context.build_dir), "-t", "commands", *context.config.build.targets]
    answer = ask(asked, seconds=context.config.timeouts.build)
    return answer.returncode == 0 and not answer.stdout.strip() and not _has_headers_alone(context)


def _has_headers_alone(context: BuildContext) -> bool:
    """CMake tells of no INTERFACE library without sources; LLVM's packages bring targets without a command."""
    model = read_codemodel(context.build_dir)
    lists = (directory / LISTFILE for directory in model.directories)
    commands = (command for path in lists if path.is_file() for command in parse(read_plain_text(path)))
    makes = any(each.name == "add_library" and "INTERFACE" in each.words[1:2] for each in commands)
    return makes and {target.type for target in model.targets} <= {"INTERFACE_LIBRARY", "UTILITY"}
