"""What the work of a stage is given and what it answers, and how its commands run into its log."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.load import fill
from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.model import Edges, Finding, Outcome
from pytest_llvmgate.process.run import Completed, OnOutput, run
from pytest_llvmgate.stages.build_tools import Tools
from pytest_llvmgate.stages.ninja_progress import OnProgress

InstallOf = Callable[[str], ToolchainPrefix | None]
"""The candidate's install of another flavour, where it can be had."""


@dataclass(frozen=True, kw_only=True)
class BuildContext:
    """Everything that the stages of one configuration work with."""

    config: Config
    configuration: Configuration
    root: Path
    """Of the tree that is built: the downstream's, or of a copy in which components are patched."""
    source_state: str
    """Digest of that tree."""
    source: Path
    """The directory of the top CMakeLists.txt."""
    directory: Path
    """The configuration's own directory in the run directory."""
    prefix: ToolchainPrefix
    tools: Tools
    env: Mapping[str, str]
    jobs: int | None
    """Parallel jobs for ninja; None leaves it to ninja."""
    links: int | None
    """Links at once, which have a pool of their own then; None leaves them among the jobs."""
    on_progress: OnProgress
    on_failed_edge: Callable[[bytes], None]
    """Gets what a failed edge of ninja has printed."""
    store: Path
    """Where configurations tell each other of their objects."""
    install_of: InstallOf

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
    edges: Edges | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    """What the stage found out by itself."""
    diagnose: bool = False
    """The log holds the cause."""


LINK_POOL: Final = "llvmgate_links"
PASSED: Final = StageReport(outcome=Outcome.PASSED)


def cmake_arguments(context: BuildContext) -> list[str]:
    """The arguments that make the configuration: generator, LLVM, install prefix and cache values."""
    defaults = {
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_INSTALL_PREFIX": str(context.install_dir),
        "CMAKE_MAKE_PROGRAM": context.tools.ninja.path,
        "CMAKE_EXPORT_COMPILE_COMMANDS": "ON",
        **{f"{name}_DIR": str(path) for name, path in context.prefix.packages.items()},
    }
    if context.links:
        defaults |= {"CMAKE_JOB_POOLS": f"{LINK_POOL}={context.links}", "CMAKE_JOB_POOL_LINK": LINK_POOL}
    asked = {name: fill(value, context.placeholders) for name, value in context.configuration.cmake.items()}
    plain = {name.partition(":")[0] for name in asked}
    values = {name: value for name, value in defaults.items() if name not in plain} | asked
    return ["-G", "Ninja", *(f"-D{name}={value}" for name, value in values.items())]


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
    log, cwd = context.log(stage), context.build_dir
    log.unlink(missing_ok=True)
    env = {**configuration_environment(context), **(env or {})}
    return [
        run(command, cwd=cwd, env=env, log=log, timeout=timeout, on_output=on_output, is_named=True)
        for command in commands
    ]


def configuration_environment(context: BuildContext) -> dict[str, str]:
    """The environment of the builds with the configuration's own variables."""
    own = {name: fill(value, context.placeholders) for name, value in context.configuration.env.items()}
    return dict(context.env) | own
