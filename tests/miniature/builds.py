"""Building the miniature and its downstream by plain commands, as a script would: what the gate is compared with."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.miniature.culprits import CONFIGURATIONS, Culprit
from tests.miniature.git import git
from tests.miniature.history import Miniature

LLVM_OPTIONS: Final[Mapping[str, str]] = {
    "CMAKE_BUILD_TYPE": "Release",
    "LLVM_ENABLE_PROJECTS": "mlir",
    "LLVM_TARGETS_TO_BUILD": "host",
    "LLVM_ENABLE_ASSERTIONS": "ON",
    "LLVM_INCLUDE_TESTS": "OFF",
    # The downstream's tests need FileCheck, count, not and llvm-lit.
    "LLVM_INSTALL_UTILS": "ON",
}
FLAVOUR_OPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "static": {},
    "shared": {"BUILD_SHARED_LIBS": "ON"},
    "dylib": {"LLVM_BUILD_LLVM_DYLIB": "ON", "LLVM_LINK_LLVM_DYLIB": "ON"},
}
_FOREIGN: Final = ("MAKEFLAGS", "CFLAGS", "CXXFLAGS", "LDFLAGS", "DESTDIR", "NINJA_STATUS")


_QUOTES: Final = {0x2018: "'", 0x2019: "'"}
"""GCC's quotation marks in a UTF-8 locale."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """How a series of stages ended."""

    stage: str = ""
    """The stage that failed; empty where all passed."""
    log: str
    """What all stages printed."""
    seconds: Mapping[str, float]
    """Wall time of each stage that ran."""

    @property
    def passed(self) -> bool:
        """Whether all stages passed."""
        return not self.stage

    def shows(self, culprit: Culprit) -> bool:
        """Whether the log has the culprit's words, whatever quotes the compiler uses and wherever CMake wraps."""
        return culprit.about in " ".join(self.log.translate(_QUOTES).split())


class BuildError(AssertionError):
    """A build that a test relies on failed."""


def run_stages(stages: Mapping[str, Sequence[Sequence[str]]]) -> Run:
    """Run every stage's commands up to the first that fails."""
    environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    environment["LC_ALL"] = "C.UTF-8"
    log: list[str] = []
    seconds: dict[str, float] = {}
    for stage, commands in stages.items():
        started = time.monotonic()
        for command in commands:
            done = subprocess.run(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            log.append(f"+ {' '.join(command)}\n{done.stdout}")
            if done.returncode:
                return Run(stage=stage, log="".join(log), seconds={**seconds, stage: time.monotonic() - started})
        seconds[stage] = time.monotonic() - started
    return Run(log="".join(log), seconds=seconds)


def _defines(*tables: Mapping[str, str]) -> list[str]:
    return [f"-D{name}={value}" for table in tables for name, value in table.items()]


def checkout(miniature: Miniature, commit: str, directory: Path) -> Path:
    """A work tree at a commit (name or SHA), made or moved there; ninja then sees only what changed.

    A ``directory`` that exists may be a work tree of another miniature.
    """
    if (directory / ".git").exists():
        git(directory, "fetch", "-q", str(miniature.repository.resolve()), "main")
        git(directory, "checkout", "-q", "--detach", miniature.sha(commit))
    else:
        miniature.git("worktree", "add", "-q", "--detach", str(directory), miniature.sha(commit))
    return directory


def build_llvm(
    source: Path,
    build: Path,
    prefix: Path,
    flavour: str = "static",
    *,
    options: Mapping[str, str] | None = None,
    jobs: int = 2,
) -> Run:
    """Configure, build and install the LLVM of a work tree. A ``build`` that exists goes on from where it is."""
    if prefix.exists():
        shutil.rmtree(prefix)  # a header that is no more must not stay
    defines = _defines(LLVM_OPTIONS, FLAVOUR_OPTIONS[flavour], options or {}, {"CMAKE_INSTALL_PREFIX": str(prefix)})
    return run_stages(
        {
            "configure": [["cmake", "-G", "Ninja", "-S", str(source / "llvm"), "-B", str(build), *defines]],
            "build": [["ninja", "-C", str(build), f"-j{jobs}", "-k0"]],
            "install": [["ninja", "-C", str(build), "install"]],
        }
    )


def slow_compiler(directory: Path, seconds: float) -> dict[str, str]:
    """CMake cache values that make every compilation take longer: time to interrupt a build in."""
    script = directory / "slow-compiler"
    script.write_text(f'#!/bin/sh\nsleep {seconds}\nexec "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return {"CMAKE_C_COMPILER_LAUNCHER": str(script), "CMAKE_CXX_COMPILER_LAUNCHER": str(script)}


def supply(
    miniature: Miniature,
    commit: str,
    flavour: str,
    store: Path,
    *,
    options: Mapping[str, str] | None = None,
    jobs: int = 2,
) -> Path:
    """The prefix ``store/<sha>-<flavour>`` of a commit's LLVM, built where it is not there yet.

    Raises :class:`BuildError` where that LLVM does not build. Sources and build directory are removed afterwards.
    """
    prefix = store / f"{miniature.sha(commit)}-{flavour}"
    if prefix.exists():
        return prefix
    work = store / f"work-{prefix.name}"
    source = checkout(miniature, commit, work / "llvm-project")
    run = build_llvm(source, work / "build", work / "prefix", flavour, options=options, jobs=jobs)
    if not run.passed:
        raise BuildError(f"LLVM's {run.stage} failed:\n{run.log[-4000:]}")
    (work / "prefix").rename(prefix)  # everything in it is relative to itself
    miniature.git("worktree", "remove", "--force", str(source))
    shutil.rmtree(work)
    return prefix


def downstream_options(configuration: str) -> dict[str, str]:
    """The CMake cache values of one of the downstream's configurations."""
    options = CONFIGURATIONS[configuration]
    return {
        "CMAKE_BUILD_TYPE": "Release",
        "BUILD_SHARED_LIBS": "ON" if options["linkage"] == "shared" else "OFF",
        "TINYC_ENABLE_HLO": "ON" if options["mhlo"] == "on" else "OFF",
    }


def build_downstream(source: Path, build: Path, prefix: Path, configuration: str, *, jobs: int = 2) -> Run:
    """Configure, build, install (below ``build``) and check the downstream in a configuration, on ``prefix``'s LLVM."""
    install = build / "installed"
    where = {"MLIR_DIR": f"{prefix}/lib/cmake/mlir", "CMAKE_INSTALL_PREFIX": str(install)}
    defines = _defines(downstream_options(configuration), where)
    return run_stages(
        {
            "configure": [["cmake", "-G", "Ninja", "-S", str(source), "-B", str(build), *defines]],
            "build": [["ninja", "-C", str(build), f"-j{jobs}", "-k0"]],
            "install": [["ninja", "-C", str(build), "install"]],
            "check": [["ninja", "-C", str(build), "check-tinyc"], [f"{install}/bin/tiny-opt", "--version"]],
        }
    )
