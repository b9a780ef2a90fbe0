"""The stage ``configure``: CMake, and whether it made what was asked for."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.compile_commands import read_compile_commands
from pytest_llvmgate.cmake.file_api import write_query
from pytest_llvmgate.codec import dumps, write_atomically
from pytest_llvmgate.config.load import fill
from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.model import NOTE, Finding, Outcome
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain_text
from pytest_llvmgate.stages.commands import (
    LINK_POOL,
    BuildContext,
    StageReport,
    cmake_arguments,
    configuration_environment,
    logged,
)
from pytest_llvmgate.stages.effective import deviation, deviations, graph_identity
from pytest_llvmgate.stages.object_sharing import launchers, start_servers

CONFIGURE: Final = "configure"
IDENTITY: Final = "identity"
"""Key in a configure record's facts: the digest of what CMake generated."""
_ARGUMENTS_FILE: Final = "llvmgate-cmake-arguments.txt"
_BUILD_VARIABLES: Final = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "CMAKE_PREFIX_PATH", "PATH")


def is_wanted(config: Config, configuration: Configuration) -> bool:
    return True


def inputs(context: BuildContext) -> Mapping[str, object]:
    return {
        "source": context.source_state,
        "root": str(context.config.root),
        "cmake": dict(context.configuration.cmake),
        "farm": context.config.build.jobs is not None,
        "env": dict(context.configuration.env),
        "tools": context.tools,
        "platform": platform.platform(),
        "machine-env": _machine_variables(),
        "llvm": dumps(context.prefix),
    }


def work(context: BuildContext) -> StageReport:
    """Run CMake, then compare what it made with what the configuration asks for."""
    from pytest_llvmgate.preflight.build_facts import read_toolchain, rtti_note

    arguments = cmake_arguments(context)
    env = launchers(
        context.config.build,
        store=context.store,
        build_dir=context.build_dir,
        prefix=context.prefix,
        env=configuration_environment(context),
    )
    start_servers(context.config.build, configuration_environment(context))  # CMake itself compiles, too
    arguments = ["-S", str(context.source), *arguments]
    asked = [
        *arguments,
        *(f"{name}={value}" for name, value in {**_machine_variables(), **env}.items() if name != "PATH"),
    ]
    remembered = _forget_what_was_found(context, asked)
    context.build_dir.mkdir(parents=True, exist_ok=True)
    write_query(context.build_dir)
    command = [context.tools.cmake.path, "-B", str(context.build_dir), *arguments]
    done = logged(context, CONFIGURE, [command], timeout=context.config.timeouts.configure, env=env)[-1]
    if context.links and not _has_pool_of_links(context):
        return StageReport(outcome=Outcome.FAILED, reason=_NO_POOL, findings=(deviation(_NO_POOL, _OWN),))
    if not done.ok:
        return StageReport(outcome=Outcome.FAILED, reason=f"CMake failed ({done.ending})", diagnose=True)
    write_atomically(remembered, _as_text(asked))
    found = deviations(
        asked=asked_values(context),
        build_dir=context.build_dir,
        output=read_plain_text(context.log(CONFIGURE), LARGEST_MADE),
        prefix=context.prefix,
    )
    if found:
        return StageReport(outcome=Outcome.FAILED, reason=_summary(found), findings=found)
    facts = {IDENTITY: graph_identity(context.build_dir, context.directory)}
    has_rtti = read_toolchain(context.prefix.llvm_dir).settings.get("LLVM_ENABLE_RTTI", True)
    note = "" if has_rtti else rtti_note(read_compile_commands(context.build_dir))
    return StageReport(outcome=Outcome.PASSED, facts=facts | ({NOTE: note} if note else {}))


_NO_POOL: Final = "the project has job pools of its own, and CMake then leaves out the one that holds the links"
_OWN: Final = "name the project's pool for links: CMAKE_JOB_POOL_LINK in [build] cmake"


def _has_pool_of_links(context: BuildContext) -> bool:
    """Whether ninja knows the pool that links are in: CMAKE_JOB_POOLS counts only without the property JOB_POOLS."""
    files = (context.build_dir / "build.ninja", context.build_dir / "CMakeFiles/rules.ninja")
    text = "".join(read_plain_text(path, LARGEST_MADE) for path in files if path.is_file())
    return f"pool = {LINK_POOL}\n" not in text or f"pool {LINK_POOL}\n" in text


def same_build(configuration: Configuration, other: Configuration, report: StageReport) -> StageReport:
    """The failure of a configuration whose build turned out to be another configuration's, edge for edge."""
    axes = [axis for axis, option in configuration.options.items() if other.options.get(axis) != option]
    reason = f"CMake made the same build as for {other.name}: {' and '.join(axes) or 'its options'} changed nothing"
    hint = "the option has no effect in this project: correct its CMake values, or remove it from the axis"
    return StageReport(outcome=Outcome.FAILED, reason=reason, findings=(deviation(reason, hint),), facts=report.facts)


def asked_values(context: BuildContext) -> Mapping[str, str]:
    """The cache values that the configuration asks for, without types, placeholders filled."""
    values = context.configuration.cmake.items()
    return {name.partition(":")[0]: fill(value, context.placeholders) for name, value in values}


def _machine_variables() -> dict[str, str]:
    return {name: os.environ.get(name, "") for name in _BUILD_VARIABLES}


def _forget_what_was_found(context: BuildContext, asked: Sequence[str]) -> Path:
    """Have CMake start afresh where it was asked otherwise, or has failed: it keeps what it has found and been told.

    A package that was too old stays the one, and so does a compiler, whatever the environment says since; and it takes
    no other source directory, which a component's first carried patch makes of it. Objects are
    kept: ninja knows which it can use. Answers the file for what was asked, which is written when CMake has succeeded.
    """
    remembered = context.build_dir / _ARGUMENTS_FILE
    if not remembered.is_file() or read_plain_text(remembered, LARGEST_MADE, errors="strict") != _as_text(asked):
        (context.build_dir / "CMakeCache.txt").unlink(missing_ok=True)
        for directory in (context.build_dir / "CMakeFiles").glob("[0-9]*"):  # what it knows of compilers
            shutil.rmtree(directory, ignore_errors=True)
    remembered.unlink(missing_ok=True)
    return remembered


def _as_text(asked: Sequence[str]) -> str:
    return "".join(f"{each}\n" for each in asked)


def _summary(found: Sequence[Finding]) -> str:
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"CMake did not make what was asked for: {found[0].headline}{more}"
