"""The commands of one configuration: configure, build, install and check, each with its complete log."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.file_api import write_query
from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.load import fill
from pytest_llvmgate.config.settings import BuildSpec, Configuration, Timeouts
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.model import Edges, Finding, Outcome
from pytest_llvmgate.process.run import Completed, OnOutput, describe_command, run
from pytest_llvmgate.stages.build_tools import Tools
from pytest_llvmgate.stages.effective import Deviation, deviations, graph_identity
from pytest_llvmgate.stages.ninja_progress import NinjaProgress
from pytest_llvmgate.stages.sharing import begin_build, facts_of_build, launchers

_ARGUMENTS_FILE: Final = "llvmgate-cmake-arguments.txt"
IDENTITY: Final = "identity"
"""Key in a configure record's facts: the digest of what CMake generated."""
_NOT_FOUND: Final = 127


@dataclass(frozen=True, kw_only=True)
class BuildContext:
    """Everything that the stages of one configuration work with."""

    configuration: Configuration
    spec: BuildSpec
    source: Path
    """The directory of the top CMakeLists.txt."""
    directory: Path
    """The configuration's own directory in the run directory."""
    prefix: ToolchainPrefix
    tools: Tools
    env: Mapping[str, str]
    timeouts: Timeouts
    jobs: int | None
    """Parallel jobs for ninja; None leaves it to ninja."""
    on_progress: Callable[[Edges], None]
    store: Path
    """Where configurations tell each other of their objects."""

    @property
    def build_dir(self) -> Path:
        """CMake's binary directory."""
        return self.directory / "build"

    @property
    def install_dir(self) -> Path:
        """The install prefix of the downstream."""
        return self.directory / "install"

    def log(self, stage: str) -> Path:
        """The complete log of a stage."""
        return self.directory / "logs" / f"{stage}.log"

    @property
    def placeholders(self) -> Mapping[str, str]:
        """What ``{build}``, ``{install}``, ``{llvm}``, ``{mlir}`` and ``{source}`` stand for."""
        return {
            "build": str(self.build_dir),
            "install": str(self.install_dir),
            "llvm": str(self.prefix.llvm_root),
            "mlir": str(self.prefix.mlir_root),
            "source": str(self.source),
        }


@dataclass(frozen=True, kw_only=True)
class StageReport:
    """What a stage's commands did; the gate makes a record of it."""

    outcome: Outcome
    reason: str = ""
    deviations: tuple[Deviation, ...] = ()
    edges: Edges | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    """What the stage found out by itself."""
    diagnose: bool = False
    """The log holds the cause."""


PASSED: Final = StageReport(outcome=Outcome.PASSED)


def configure(context: BuildContext) -> StageReport:
    """Run CMake, then compare what it made with what the configuration asks for."""
    arguments = cmake_arguments(context)
    env = launchers(
        context.spec, store=context.store, build_dir=context.build_dir, prefix=context.prefix, env=_environment(context)
    )
    _forget_other_arguments(context, [*arguments, *(f"{name}={value}" for name, value in env.items())])
    context.build_dir.mkdir(parents=True, exist_ok=True)
    write_query(context.build_dir)
    command = [context.tools.cmake.path, "-S", str(context.source), "-B", str(context.build_dir), *arguments]
    done = logged(context, "configure", [command], timeout=context.timeouts.configure, env=env)[-1]
    if not done.ok:
        return StageReport(outcome=Outcome.FAILED, reason=f"CMake failed ({done.ending})", diagnose=True)
    found = deviations(
        asked=asked_values(context),
        build_dir=context.build_dir,
        output=context.log("configure").read_text(encoding="utf-8", errors="replace"),
        prefix=context.prefix,
    )
    if found:
        return StageReport(outcome=Outcome.FAILED, reason=_summary(found), deviations=found)
    return StageReport(outcome=Outcome.PASSED, facts={IDENTITY: graph_identity(context.build_dir, context.directory)})


def build(context: BuildContext) -> StageReport:
    """Run ninja over the targets; every edge that can run does (``-k 0``), so that all failures are seen at once."""
    progress = NinjaProgress(context.on_progress)
    command = [context.tools.ninja.path, "-C", str(context.build_dir), "-k", "0"]
    command += ["-j", str(context.jobs)] if context.jobs else []
    command += ["--", *context.spec.targets] if context.spec.targets else []
    begin_build(context.build_dir)
    done = logged(context, "build", [command], timeout=context.timeouts.build, on_output=progress.feed)[-1]
    edges, facts = progress.edges, facts_of_build(context.build_dir)
    if done.ok:
        return StageReport(outcome=Outcome.PASSED, edges=edges, facts=facts)
    reason = f"the build failed ({done.ending})"
    if edges:
        reason = f"{edges.failed} of {edges.total} edges failed, {edges.not_reached} were not reached"
        reason += f" ({done.ending})" if done.timed_out or done.returncode < 0 else ""
    return StageReport(outcome=Outcome.FAILED, reason=reason, edges=edges, facts=facts, diagnose=True)


def install(context: BuildContext) -> StageReport:
    """Install what was built into the configuration's own prefix."""
    if context.spec.install_targets == ("install",):
        # Not ninja's "install" target: that depends on "all", also where only some targets are wanted.
        command = [context.tools.cmake.path, "--install", str(context.build_dir)]
    else:
        command = [context.tools.ninja.path, "-C", str(context.build_dir), "--", *context.spec.install_targets]
    done = logged(context, "install", [command], timeout=context.timeouts.install)[-1]
    if done.ok:
        return PASSED
    return StageReport(outcome=Outcome.FAILED, reason=f"the install failed ({done.ending})", diagnose=True)


def check(context: BuildContext) -> StageReport:
    """Run every check command, also after one has failed."""
    commands = [[fill(word, context.placeholders) for word in command] for command in context.spec.check]
    results = logged(context, "check", commands, timeout=context.timeouts.check)
    failed = [done for done in results if not done.ok]
    if not failed:
        return PASSED
    first = failed[0]
    more = f", and {len(failed) - 1} more of {len(results)} commands" if len(failed) > 1 else ""
    reason = f"{_named(first)} failed ({first.ending}){more}"
    if first.returncode == _NOT_FOUND and shutil.which(first.command[0], path=context.env.get("PATH")) is None:
        reason = f"check command not found: {first.command[0]}{more}"
    return StageReport(outcome=Outcome.FAILED, reason=reason, diagnose=True)


def same_build(configuration: Configuration, other: Configuration, report: StageReport) -> StageReport:
    """The failure of a configuration whose build turned out to be another configuration's, edge for edge."""
    axes = [axis for axis, option in configuration.options.items() if other.options.get(axis) != option]
    reason = f"CMake made the same build as for {other.name}: {' and '.join(axes) or 'its options'} changed nothing"
    deviation = Deviation(
        message=reason,
        hint="the option has no effect in this project: correct its CMake values, or remove it from the axis",
    )
    return StageReport(outcome=Outcome.FAILED, reason=reason, deviations=(deviation,), facts=report.facts)


def asked_values(context: BuildContext) -> Mapping[str, str]:
    """The cache values that the configuration asks for, without types, placeholders filled."""
    values = context.configuration.cmake.items()
    return {name.partition(":")[0]: fill(value, context.placeholders) for name, value in values}


def cmake_arguments(context: BuildContext) -> list[str]:
    """The arguments that make the configuration: generator, LLVM, install prefix and cache values."""
    defaults = {
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_INSTALL_PREFIX": str(context.install_dir),
        "CMAKE_MAKE_PROGRAM": context.tools.ninja.path,
        "CMAKE_EXPORT_COMPILE_COMMANDS": "ON",
        "LLVM_DIR": str(context.prefix.llvm_dir),
    }
    if context.prefix.mlir_dir:
        defaults["MLIR_DIR"] = str(context.prefix.mlir_dir)
    asked = {name: fill(value, context.placeholders) for name, value in context.configuration.cmake.items()}
    plain = {name.partition(":")[0] for name in asked}
    values = {name: value for name, value in defaults.items() if name not in plain} | asked
    return ["-G", "Ninja", *(f"-D{name}={value}" for name, value in values.items())]


def _forget_other_arguments(context: BuildContext, arguments: Sequence[str]) -> None:
    """CMake's cache remembers values that nobody asks for any more: with other arguments it starts afresh."""
    remembered = context.build_dir / _ARGUMENTS_FILE
    text = "".join(f"{argument}\n" for argument in arguments)
    if not remembered.is_file() or remembered.read_text(encoding="utf-8") != text:
        (context.build_dir / "CMakeCache.txt").unlink(missing_ok=True)
        shutil.rmtree(context.build_dir / "CMakeFiles", ignore_errors=True)
    write_atomically(remembered, text)


def logged(
    context: BuildContext,
    stage: str,
    commands: Sequence[Sequence[str]],
    *,
    timeout: float,
    on_output: OnOutput | None = None,
    env: Mapping[str, str] | None = None,
) -> list[Completed]:
    """Run commands one after the other into the stage's log, each under a line that says what it is."""
    log = context.log(stage)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    env = {**_environment(context), **(env or {})}
    results = []
    for command in commands:
        with log.open("a", encoding="utf-8") as sink:
            sink.write(f"$ {describe_command(command)}\n")
        cwd = context.build_dir
        results.append(run(command, cwd=cwd, env=env, log=log, timeout=timeout, on_output=on_output))
    return results


def _environment(context: BuildContext) -> dict[str, str]:
    own = {name: fill(value, context.placeholders) for name, value in context.configuration.env.items()}
    return dict(context.env) | own


def _named(done: Completed) -> str:
    name = describe_command(done.command)
    return name if len(name) <= 80 else name[:77] + "..."


def _summary(found: Sequence[Deviation]) -> str:
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"CMake did not make what was asked for: {found[0].message}{more}"
