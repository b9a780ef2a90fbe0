"""The processes of a search: one per probe, each under a guard that ends it when the search ends, however it ends."""

from __future__ import annotations

import math
import os
import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.bisect.probing import ProbeRequest, ProbeResult
from pytest_llvmgate.codec import loads
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain_text, text_of
from pytest_llvmgate.process.memory import GIB, available_memory
from pytest_llvmgate.process.run import guarded

_LAST_LINES: Final = 4


@dataclass(frozen=True, kw_only=True)
class ProbeCommand:
    """What every probe of a search has in common."""

    config: Path
    """The configuration file."""
    request: ProbeRequest
    processes: int
    """Probes that may run side by side."""
    directory: Path
    """Where each leaves its result and what it printed."""
    baseline: str = ""
    """Full SHA that the findings are blamed against; empty for no blame."""

    def words(self, sha: str) -> list[str]:
        """The argument list. -P: the current directory offers no modules."""
        words = [sys.executable, "-P", "-m", "pytest_llvmgate", "probe", sha, "--config", str(self.config)]
        for name in self.request.configurations:
            words += ["--configuration", name]
        for stage in self.request.stages:
            words += ["--stage", stage]
        words += ["--processes", str(self.processes), "--record", str(self.record(sha))]
        return [*words, "--baseline", self.baseline] if self.baseline else words

    def record(self, sha: str) -> Path:
        """Where the probe of a commit leaves its result."""
        return self.directory / f"{sha[:12]}.json"

    def log(self, sha: str) -> Path:
        """What the probe of a commit printed."""
        return self.directory / f"{sha[:12]}.log"


class Worker:
    """One probe that runs."""

    def __init__(self, sha: str, command: ProbeCommand, *, keep_builds: bool = False) -> None:
        """Start it. Build trees that it makes go when it ends, unless they are to be kept. Raises ``OSError``."""
        self.sha = sha
        self._before = None if keep_builds else _builds_of(command.config.parent, sha)
        self.started = time.monotonic()
        self._command = command
        command.directory.mkdir(parents=True, exist_ok=True)
        command.record(sha).unlink(missing_ok=True)
        self._life = ExitStack()
        with command.log(sha).open("wb") as sink:
            started = guarded(command.words(sha), command.config.parent, os.environ, sink)
            self._process = self._life.enter_context(started)

    @property
    def has_ended(self) -> bool:
        """Whether there is a result to take."""
        return self._process.poll() is not None

    def result(self) -> ProbeResult:
        """What it found; for a probe that died, why."""
        self._process.wait()
        self.stop()
        seconds = time.monotonic() - self.started
        try:
            return loads(ProbeResult, read_plain_text(self._command.record(self.sha), LARGEST_MADE, errors="strict"))
        except (OSError, ValueError, RecursionError):
            said = last_words(self._command.log(self.sha))
            return ProbeResult(sha=self.sha, seconds=seconds, error=f"the probe {self._ending()}: {said}")

    def stop(self) -> None:
        """End it with all that it started.

        The trees that were not there before are removed; logs and records stay. What cannot be removed stays, too.
        """
        try:
            self._life.close()
        finally:
            before = self._before
            gone = () if before is None else _builds_of(self._command.config.parent, self.sha) - before
            for directory in gone:
                shutil.rmtree(directory, ignore_errors=True)

    def _ending(self) -> str:
        code = self._process.returncode
        return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"


def last_words(log: Path, count: int = _LAST_LINES) -> str:
    """The last lines of a log that are not blank, as one; empty where there is none."""
    lines = [line.strip() for line in text_of(log, LARGEST_MADE).splitlines() if line.strip()]
    return " | ".join(lines[-count:])


def free_memory() -> float:
    """GiB that new processes can have; infinite where the system does not tell."""
    available = available_memory()
    return math.inf if available is None else available / GIB


def _builds_of(root: Path, sha: str) -> frozenset[Path]:
    """The build and install trees of a commit in a downstream's run directory."""
    run = Workspace(root, sha).run
    return frozenset(path for path in (*run.glob("*/build"), *run.glob("*/install")) if path.is_dir())
