"""The result model: plain frozen dataclasses that every room shares and that serialise to JSON.

Workers, caches, reports and ``llvmgate report`` read the same records, so a field added here appears everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

FULL_SHA: Final = r"[0-9a-f]{40}"
"""Regular expression of a commit's whole name."""

SCHEMA_VERSION: Final = 1
"""Version of the JSON form of :class:`Verdict`; raised when a reader of the old form would misread the new one."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One row of :data:`STAGES`; its work stands in the module ``stages/<name>_stage.py``."""

    name: str
    needs: tuple[str, ...] = ()
    """What it stands on: the first of these that the configuration has; LLVM itself where there is none."""
    is_prediction: bool = False
    """It foretells another build, so its word is no verdict on this one."""
    is_beside: bool = False
    """No other stage stands on it: a search leaves it out unless it is asked for."""


STAGES: Final = (
    Stage(name="regenerate", is_beside=True),
    Stage(name="configure"),
    Stage(name="syntax", needs=("configure",), is_beside=True),
    Stage(name="build", needs=("syntax", "configure")),
    Stage(name="linkcheck", needs=("build",), is_prediction=True, is_beside=True),
    Stage(name="confirm", needs=("build",), is_prediction=True, is_beside=True),
    Stage(name="install", needs=("build",)),
    Stage(name="check", needs=("install", "build")),
)
"""The stages that a configuration can have, in the order in which they are run and shown."""
CONFIGURATION_STAGES: Final = tuple(stage.name for stage in STAGES)

PINS_GROUP: Final = "pins"
CARRY_GROUP: Final = "carry"
LLVM_GROUP: Final = "llvm"
PREFLIGHT_GROUP: Final = "preflight"
RUN_DIRECTORY: Final = ".llvmgate"
"""In the downstream's root: everything that the gate makes in a checkout."""
GROUPS: Final = (PINS_GROUP, CARRY_GROUP, LLVM_GROUP, PREFLIGHT_GROUP)
"""The groups of stages that belong to no configuration."""
TAKEN: Final = "taken"
"""Key in a build's facts: how many objects were taken over from other configurations."""
SAVED: Final = "saved"
"""Key in a result's facts: seconds that a build's taking over, or the LLVM cache, saved."""
SAVED_OF: Final = "saved-of"
"""Key in a build's facts: of how many objects that were taken over it is known what compiling them takes."""
NOT_SHARED: Final = "not-shared"
"""Key in a build's facts, JSON: the reasons why units were compiled that might have been taken over, with counts."""
PEAKS: Final = "peaks"
"""Key in a build's facts, JSON: MiB of memory that the compilers took, the largest first."""
WAS_THERE: Final = "was-there"
"""Key in the facts of an LLVM: nothing had to be made or fetched for it."""
NOTE: Final = "note"
"""Key in a result's facts: a sentence for the summary, although the stage passed."""
BECAUSE: Final = "because"
"""Key in a skipped result's facts: the node of the failure for which it was skipped."""
CARRIED: Final = "carried"
"""Key in a carry's facts: how many patches it puts on LLVM."""
DEPRECATED: Final = "deprecated"
"""Key in a build's facts, JSON: the deprecated names of LLVM that it uses, with places."""
FAILED_TESTS: Final = "failed-tests"
"""Key in a result's facts, JSON: the tests that failed, where nothing else has."""
FAILED_COMMANDS: Final = "failed-commands"
"""Key in the facts of a stage of several commands: how many of them failed."""
HELD: Final = "held"
"""Key in a result's facts: the excuse of a failure that an agreed exception covers."""


class Outcome(StrEnum):
    """How a stage ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """A prerequisite failed, so the stage says nothing about the candidate."""


class Layer(StrEnum):
    """Whose code or machine a failure belongs to."""

    LLVM = "llvm"
    COMPONENT = "component"
    DOWNSTREAM = "downstream"
    MACHINE = "machine"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure a finding is of its cause."""

    CERTAIN = "certain"
    LIKELY = "likely"
    GUESS = "guess"


@dataclass(frozen=True, kw_only=True)
class Location:
    """A place in a file."""

    path: str
    """Relative to the downstream's root where it lies inside, else absolute; always with forward slashes."""
    line: int | None = None
    """1-based."""
    column: int | None = None
    """1-based."""

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One root cause of a failure: what, where, in whose layer, the evidence, and what to do.

    Two findings are *the same finding* when ``kind`` and ``identifier`` are equal (see :attr:`key`).
    """

    kind: str
    """The class of the failure, e.g. ``shared-link``: see :mod:`pytest_llvmgate.kinds.catalogue`."""
    identifier: str
    """What it is about, normalised: a symbol, header, target or message. No paths of one machine, no line numbers."""
    headline: str
    """One sentence."""
    layer: Layer = Layer.UNKNOWN
    component: str = ""
    """Name of the component, where ``layer`` is ``component``."""
    locations: tuple[Location, ...] = ()
    """Where to look, the most useful first."""
    evidence: tuple[str, ...] = ()
    """Verbatim lines of the log, with context."""
    log: str = ""
    """The log that the evidence is from, relative to the run directory's parent (or as the user named it)."""
    log_line: int | None = None
    """1-based line of the first piece of evidence in ``log``."""
    sites: int = 1
    """Number of places that show this cause."""
    configurations: tuple[str, ...] = ()
    """Names of the configurations that show it."""
    confidence: Confidence = Confidence.LIKELY
    advice: tuple[str, ...] = ()
    """What to do, one step per entry."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What else is known, e.g. ``culprit``: see :mod:`pytest_llvmgate.kinds.facts`."""

    @property
    def whose(self) -> str:
        """The layer, with the component's name: ``component stablehlo``."""
        return f"{self.layer} {self.component}".strip()

    @property
    def key(self) -> tuple[str, str]:
        """Identity of the finding over configurations, candidates and machines."""
        return (self.kind, self.identifier)


@dataclass(frozen=True, kw_only=True)
class Edges:
    """Progress of a ninja build, in edges."""

    finished: int
    total: int
    failed: int = 0

    @property
    def not_reached(self) -> int:
        """Edges that never ran because something before them failed."""
        return max(0, self.total - self.finished)


@dataclass(frozen=True, kw_only=True)
class StageResult:
    """What one stage did; one test of the session, one record in the run directory."""

    group: str
    """``pins``, ``carry``, ``llvm`` or the name of a configuration: the second part of the node id."""
    stage: str
    """The pin's or carry's name, the flavour, or one of :data:`CONFIGURATION_STAGES`: the third part of the node id."""
    outcome: Outcome
    reason: str = ""
    """One line: why it failed or was skipped; empty when it passed."""
    detail: str = ""
    """The text under a failure: tables, first error lines, what to do."""
    findings: tuple[Finding, ...] = ()
    log: str = ""
    """The stage's complete log, relative to the downstream's root; empty where there is none."""
    started: float = 0.0
    """Seconds since the epoch."""
    duration: float = 0.0
    """Seconds of wall time."""
    processor: float = 0.0
    """Seconds of processor time, that of its commands and all their processes included."""
    reused: bool = False
    """Nothing had changed since the recorded run, which is what this repeats."""
    fingerprint: str = ""
    """Digest of everything that the outcome depends on."""
    session: str = ""
    """The session in which it ran."""
    edges: Edges | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_held(self) -> bool:
        """It failed, and an agreed exception covers that."""
        return self.outcome is Outcome.FAILED and HELD in self.facts

    @property
    def state(self) -> str:
        """The outcome, or ``held``."""
        return "held" if self.is_held else self.outcome

    @property
    def node(self) -> str:
        """``group::stage``: the node id without its file."""
        return f"{self.group}::{self.stage}"


@dataclass(frozen=True, kw_only=True)
class ConfigurationInfo:
    """What a report needs to know of a configuration."""

    name: str
    flavour: str
    options: Mapping[str, str]
    """Axis name to option name."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """An LLVM commit."""

    sha: str
    """40 lower-case hexadecimal digits."""
    name: str = ""
    """The tag or text that it was resolved from, where that says more than the SHA."""

    @property
    def short(self) -> str:
        """The first twelve digits, as git abbreviates in a repository of LLVM's size."""
        return self.sha[:12]

    def __str__(self) -> str:
        return f"{self.short} ({self.name})" if self.name else self.short


@dataclass(frozen=True, kw_only=True)
class Downstream:
    """The project under the gate, as its working tree stands."""

    root: str
    commit: str = ""
    """Full SHA of HEAD; empty before the first commit."""
    branch: str = ""
    dirty: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the gate says of a candidate."""

    candidate: Revision
    downstream: Downstream
    configurations: tuple[ConfigurationInfo, ...]
    results: tuple[StageResult, ...]
    baseline: Revision | None = None
    toolchain: Mapping[str, str] = field(default_factory=dict)
    """Tool name to version line: cmake, ninja, c++, ..."""
    patterns: tuple[str, ...] = ()
    """Sentences that say which axis values explain the failures."""
    findings: tuple[Finding, ...] = ()
    """All findings, merged over configurations, most important first."""
    notes: tuple[str, ...] = ()
    """Sentences about the run as a whole."""
    schema: int = SCHEMA_VERSION

    @property
    def failed(self) -> tuple[StageResult, ...]:
        """The stages that failed and that no hold excuses, in order."""
        return tuple(each for each in self.results if each.outcome is Outcome.FAILED and not each.is_held)

    @property
    def undecided(self) -> tuple[StageResult, ...]:
        """The stages that were skipped for a failure that is not among the results: deselected, or in another run."""
        known = {each.node for each in self.results if each.outcome is Outcome.FAILED}
        skipped = [each for each in self.results if each.outcome is Outcome.SKIPPED and BECAUSE in each.facts]
        return tuple(each for each in skipped if each.facts[BECAUSE] not in known)

    @property
    def passes(self) -> bool:
        """Nothing has failed, as far as that can be told from the results, and something has passed."""
        something = any(each.outcome is Outcome.PASSED or each.is_held for each in self.results)
        return something and not self.failed and not self.undecided
