"""What a diagnosis is told beforehand, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_llvmgate.config.settings import AdviceSpec
from pytest_llvmgate.model import Edges, Finding


@dataclass(frozen=True, kw_only=True)
class DiagnosisContext:
    """What is known of the stage whose log is read. Everything is optional; more knowledge gives sharper findings."""

    stage: str = ""
    """``configure``, ``build``, ``install``, ``check`` or ``llvm``; empty for a log of unknown origin."""
    source: Path | None = None
    """The downstream's root: locations inside it are given relative to it."""
    build: Path | None = None
    """The build directory: generated files are traced to their generator through its ``build.ninja``."""
    components: Mapping[str, str] = field(default_factory=dict)
    """Name of a component to its path, relative to ``source`` or absolute."""
    prefixes: tuple[Path, ...] = ()
    """The candidate's LLVM and MLIR installs, where successors and defining libraries are looked up."""
    baseline_prefixes: tuple[Path, ...] = ()
    """The baseline's installs: what did not change from there to the candidate is no break of an API."""
    clone: Path | None = None
    """A clone of llvm-project, for what no install is at hand of."""
    baseline_commit: str = ""
    """Full SHA, in ``clone``."""
    candidate_commit: str = ""
    configuration: str = ""
    log: str = ""
    """How findings name the log; a path is used where this is empty."""
    exit_code: int | None = None
    """The command's exit status, where it is known: zero means that nothing failed, whatever the log says."""
    advice: tuple[AdviceSpec, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ErrorLine:
    """A line of the log that states an error, without its colours and time stamp."""

    number: int
    """1-based line of the log."""
    text: str

    def __str__(self) -> str:
        return f"{self.number}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What a log says: the causes, the first error lines, and what the log cannot show."""

    findings: tuple[Finding, ...] = ()
    """Most important first."""
    error_lines: tuple[ErrorLine, ...] = ()
    """The first error lines in the order of the log."""
    hidden: tuple[str, ...] = ()
    """Sentences on what lies behind the failures: edges not reached, error limits, a log that ends early."""
    edges: Edges | None = None
    """Progress of the build that failed, or of the last one in the log."""
    lines: int = 0
    """Number of lines read."""
    errors: int = 0
    """Number of error messages in the log, before they were grouped."""
