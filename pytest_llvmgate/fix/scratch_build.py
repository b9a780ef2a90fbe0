"""A build directory of the copy's own: for what only CMake or a generator can agree with."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.cache_entries import cache_if_any, read_cache
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.linkcheck.shared_tree import command_from_cache
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain_text
from pytest_llvmgate.preflight.syntax_check import generated_targets, inputs_of
from pytest_llvmgate.process.environment import command_environment
from pytest_llvmgate.process.run import run

_MINUTES: Final = 10
_LEAST: Final = 1.0
NINJA_FILE: Final = "build.ninja"
_LINKAGE: Final = "BUILD_SHARED_LIBS"


@dataclass(frozen=True, kw_only=True)
class ScratchBuild:
    """The copy, configured as the user's build directory was."""

    copy: WorkingCopy
    build: Path
    """The user's."""
    directory: Path
    jobs: int = 0
    """For ninja; 0 leaves it to ninja."""
    until: float = math.inf
    """Of ``time.monotonic()``: when whatever runs then is stopped."""

    def command(self) -> list[str]:
        """The CMake command, without directory and linkage. Raises ``ToolError`` where it was never configured."""
        return [
            self.copy.there(word) for word in command_from_cache(read_cache(self.build), self.build, self.directory)
        ]

    def configure(self) -> str:
        """Configure; empty where that succeeds, else what CMake printed."""
        linkage = read_cache(self.build).get(_LINKAGE)
        command = [*self.command(), "-B", str(self.directory)]
        command += [f"-D{_LINKAGE}={linkage.value}"] if linkage is not None else []
        return "" if self._does(command) else read_plain_text(self._log, LARGEST_MADE) or "CMake came to no end"

    def make_generated(self) -> bool:
        """Make the generated headers; whether that succeeded, in time. Raises ``ToolError`` without ninja."""
        ninja = ninja_of(self.build)
        targets = generated_targets(self.directory, inputs_of(self.directory, (), ninja=ninja))
        if not targets:
            return True
        jobs = ["-j", str(self.jobs)] if self.jobs else []
        return self._does([ninja, "-C", str(self.directory), "-k", "0", *jobs, "--", *targets])

    @property
    def _log(self) -> Path:
        return self.directory.with_suffix(".log")

    def _does(self, command: Sequence[str]) -> bool:
        self._log.unlink(missing_ok=True)
        environment = {**command_environment(), "LC_ALL": "C"}
        seconds = max(_LEAST, min(60.0 * _MINUTES, self.until - time.monotonic()))
        return run(command, cwd=self.copy.root, env=environment, log=self._log, timeout=seconds).ok


def ninja_of(build: Path) -> str:
    """The ninja that a build directory was configured for."""
    entry = cache_if_any(build).get("CMAKE_MAKE_PROGRAM")
    return entry.value if entry is not None and Path(entry.value).is_file() else "ninja"


def used_files(build: Path) -> frozenset[str] | None:
    """What ninja reads or makes for all of a build directory; ``None`` where another generator made it, for any file.

    Raises ``ToolError`` where ninja cannot tell.
    """
    return inputs_of(build, (), ninja=ninja_of(build)) if (build / NINJA_FILE).is_file() else None


def compilers_of(build: Path) -> frozenset[str]:
    """The compilers of a build directory, as its compile commands name them."""
    cache = cache_if_any(build)
    return frozenset(cache[name].value for name in ("CMAKE_C_COMPILER", "CMAKE_CXX_COMPILER") if name in cache)
