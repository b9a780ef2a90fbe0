"""The stage ``syntax``: every translation unit by ``-fsyntax-only``, before any code is generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import CompileCommand, read_compile_commands
from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.model import Outcome
from pytest_llvmgate.preflight import syntax_check
from pytest_llvmgate.stages.commands import BuildContext, StageReport, logged
from pytest_llvmgate.stages.ninja_progress import NinjaProgress

_NAME: Final = "syntax"


def is_wanted(config: Config, configuration: Configuration) -> bool:
    return config.syntax.enabled


def inputs(context: BuildContext) -> Mapping[str, object]:
    return {"precompile": context.config.syntax.precompile}


def work(context: BuildContext) -> StageReport:
    """Make the generated headers, then have the compiler look at every unit; all failures are seen at once."""
    inputs = syntax_check.inputs_of(context.build_dir, context.config.build.targets, ninja=context.tools.ninja.path)
    targets = syntax_check.generated_targets(context.build_dir, inputs)
    if targets:
        command = [context.tools.ninja.path, "-k", "0", *_jobs(context), "--", *targets]
        done = logged(context, _NAME, [command], timeout=context.config.timeouts.build)[-1]
        if not done.ok:
            reason = f"generated headers could not be made ({done.ending}), so no unit was checked"
            return StageReport(outcome=Outcome.FAILED, reason=reason, diagnose=True)
    units = syntax_check.units_among(read_compile_commands(context.build_dir, ninja=context.tools.ninja.path), inputs)
    return _check(context, units)


def _check(context: BuildContext, units: Sequence[CompileCommand]) -> StageReport:
    directory = context.directory / _NAME
    directory.mkdir(parents=True, exist_ok=True)
    header = _precompiled(context, units, directory) if context.config.syntax.precompile else None
    progress = NinjaProgress(context.on_progress, context.on_failed_edge)
    checks = syntax_check.write_checks(units, directory, header=header)
    command = [context.tools.ninja.path, "-f", str(checks), "-k", "0"]
    command += _jobs(context)
    # A log of its own: that the generated headers could be made needs no words any more.
    done = logged(context, _NAME, [command], timeout=context.config.timeouts.build, on_output=progress.feed)[-1]
    if done.ok:
        return StageReport(outcome=Outcome.PASSED, edges=progress.edges)
    failed = progress.edges.failed if progress.edges else 0
    reason = f"{failed} of {len(units)} translation units do not compile"
    reason += f" ({done.ending})" if done.timed_out or not failed else ""
    return StageReport(outcome=Outcome.FAILED, reason=reason, edges=progress.edges, diagnose=True)


def _precompiled(context: BuildContext, units: Sequence[CompileCommand], directory: Path) -> Path | None:
    """The header that clang puts in front; None where it cannot be made, which is no failure: it only saves time."""
    wanted = syntax_check.precompile_command(units, directory)
    if wanted is None:
        return None
    command, made = wanted
    made.unlink(missing_ok=True)
    done = logged(context, f"{_NAME}-header", [command], timeout=context.config.timeouts.build)[-1]
    return made if done.ok and made.is_file() else None


def _jobs(context: BuildContext) -> list[str]:
    return ["-j", str(context.jobs)] if context.jobs else []
