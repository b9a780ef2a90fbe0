"""What a configuration file says, as frozen dataclasses. ``shapes`` and ``load`` turn TOML into these.

What a key means is said once, in ``layout``; here stand the types, the defaults, and what only the code has to know.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Final

from pytest_llvmgate.config.user_paths import user_path


class Policy(StrEnum):
    """What agreement means for a pin."""

    EQUAL = "equal"
    """The pin is the candidate."""
    SAME_BASE = "same-base"
    """The pin's merge base with upstream's main is the candidate's: carried patches are allowed."""
    ADVISORY = "advisory"
    """A disagreement is reported and does not fail."""
    IGNORE = "ignore"
    """The pin is listed and not compared."""


class SupplierKind(StrEnum):
    """Where toolchain prefixes come from."""

    PREFIX = "prefix"
    WHEELS = "wheels"
    SOURCE = "source"
    ARCHIVE = "archive"


Launcher = tuple[str, ...]
"""The words before every compile command: a program with its arguments, or one of the two below alone."""
AUTO: Final[Launcher] = ("auto",)
"""ccache, else sccache, where one is on PATH."""
NO_LAUNCHER: Final[Launcher] = ("none",)


class RevisionRule(StrEnum):
    """What is required of the revision that an LLVM install carries."""

    RECORDED = "recorded"
    UNRECORDED = "unrecorded"
    """Accept an install that names no revision. One that names another revision is refused all the same."""


Selector = Mapping[str, tuple[str, ...]]
"""Axis name to the options meant; empty means every configuration."""


@dataclass(frozen=True, kw_only=True)
class HopSpec:
    """A file that names the commit of another repository, which then holds the pin (or the next hop)."""

    file: str
    """Path of the file in the repository that the hops before it have led to."""
    repository: str
    """A local clone of the repository that the commit belongs to, relative to the configuration file."""
    reader: str = ""
    key: str = ""
    pattern: str = ""
    url: str = ""

    @property
    def finder(self) -> PinSpec:
        """The file as a pin to read: the commit in it is another repository's."""
        return PinSpec(name="", file=self.file, reader=self.reader, key=self.key, pattern=self.pattern)


@dataclass(frozen=True, kw_only=True)
class PinSpec:
    """A place where the user says an LLVM commit is written."""

    name: str
    file: str = ""
    """Path of the file or gitlink, relative to the component (or the downstream). Empty: the component's gitlink."""
    reader: str = ""
    component: str = ""
    key: str = ""
    pattern: str = ""
    through: tuple[HopSpec, ...] = ()
    group: str = ""
    """Pins of another group than the project's own (empty) are another LLVM by design: they agree with each other."""
    policy: Policy = Policy.EQUAL
    reason: str = ""
    until: datetime.date | None = None
    only: Selector = field(default_factory=dict)
    line: int = 0
    """Line of the table in the configuration file."""

    @property
    def is_direct(self) -> bool:
        """Written in the downstream itself."""
        return not self.component and not self.through


@dataclass(frozen=True, kw_only=True)
class WheelSet:
    """Python wheels that together carry one LLVM."""

    revision: str
    requirements: tuple[str, ...]
    tag: str = ""
    flavours: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class SourceSpec:
    """How LLVM is built from source."""

    repository: str = ""
    cmake: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    launcher: Launcher = AUTO
    store: str = ""
    flavours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LlvmSpec:
    """How a candidate becomes a toolchain prefix."""

    supplier: SupplierKind | None = None
    revision: RevisionRule = RevisionRule.RECORDED
    prefix: str = ""
    wheels: tuple[WheelSet, ...] = ()
    source: SourceSpec = field(default_factory=SourceSpec)
    archive: str = ""
    checksum: str = ""
    sha256: Mapping[str, str] = field(default_factory=dict)
    platform: str = ""
    derive: bool = True
    repository: str = ""
    main: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def tagged(self) -> tuple[tuple[str, str], ...]:
        """Every tag that the file itself gives a commit for, with that full SHA."""
        return (*self.tags.items(), *((each.tag, each.revision) for each in self.wheels if each.tag))

    def tag_of(self, sha: str) -> str:
        """The first of these tags that a commit has; empty for none."""
        return next((tag for tag, known in self.tagged if known == sha), "")


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One choice of an option per axis: a named set of CMake cache values."""

    name: str
    options: Mapping[str, str]
    flavour: str
    cmake: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    index: int = 0
    """Position among the configurations of the file, from 0."""
    line: int = 0
    """Line of the first option that made it."""

    @property
    def values(self) -> dict[str, str]:
        """The cache values by their variables alone: ``BUILD_SHARED_LIBS`` for ``BUILD_SHARED_LIBS:BOOL``."""
        return {name.partition(":")[0]: value for name, value in self.cmake.items()}

    def selected_by(self, only: Selector) -> bool:
        """Whether every axis named in ``only`` has one of the options named."""
        return all(self.options.get(axis) in options for axis, options in only.items())


@dataclass(frozen=True, kw_only=True)
class BuildSpec:
    """What is built of the downstream, and how."""

    source: str = "."
    cmake: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    launcher: Launcher = AUTO
    jobs: int | None = None
    share_objects: bool = True
    targets: tuple[str, ...] = ()
    install: bool = True
    install_targets: tuple[str, ...] = ("install",)
    check: tuple[tuple[str, ...], ...] = ()


class PredictionPolicy(StrEnum):
    """What a predicted failure does to the stage that predicts it."""

    FAIL = "fail"
    REPORT = "report"
    """The stage passes and the summary tells."""


@dataclass(frozen=True, kw_only=True)
class LinkcheckSpec:
    """The prediction of shared-library link failures from static builds."""

    enabled: bool = True
    policy: PredictionPolicy | None = None
    llvm: str = "auto"
    confirm: bool = False


@dataclass(frozen=True, kw_only=True)
class PreflightSpec:
    """The check for names of LLVM that the candidate no longer has."""

    enabled: bool = True
    policy: PredictionPolicy | None = None
    tablegen: bool = False


class StopAfter(StrEnum):
    """The cheap stage whose failure leaves out the dear ones."""

    PREFLIGHT = "preflight"
    """Nothing is configured or built on an LLVM for which preflight has failed."""
    NOTHING = "nothing"
    """What a compiler says is wanted besides."""


@dataclass(frozen=True, kw_only=True)
class GateSpec:
    """How far a session goes."""

    stop_after: StopAfter = StopAfter.NOTHING


@dataclass(frozen=True, kw_only=True)
class SyntaxSpec:
    """The check of every translation unit without code generation."""

    enabled: bool = False
    precompile: bool = False


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds after which a stage is stopped and fails."""

    llvm: float = 4 * 3600.0
    regenerate: float = 900.0
    configure: float = 900.0
    build: float = 4 * 3600.0
    install: float = 900.0
    check: float = 3600.0


@dataclass(frozen=True, kw_only=True)
class Hold:
    """An agreed, expiring exception: these configurations, pins or stages may fail until a date."""

    until: datetime.date
    reason: str
    configurations: Selector = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    owner: str = ""
    issue: str = ""
    line: int = 0

    @property
    def is_of_parts(self) -> bool:
        """It covers causes or tests, and the rest of their stages stays required."""
        return bool(self.findings or self.tests)


@dataclass(frozen=True, kw_only=True)
class CarrySpec:
    """Patches that are applied to LLVM, or to a component, before anything is built of it."""

    name: str
    reason: str
    until: datetime.date
    """After this day, one that is not needed any more is an error."""
    component: str = ""
    patches: tuple[str, ...] = ()
    fork: str = ""
    cause: str = ""
    upstream: str = ""
    owner: str = ""
    issue: str = ""
    line: int = 0

    @property
    def on(self) -> str:
        """What is patched, in words."""
        return self.component or "LLVM"


@dataclass(frozen=True, kw_only=True)
class UpdateSpec:
    """How often the project means to move to a newer LLVM."""

    cadence: str = ""
    siblings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BumpSpec:
    """What else has to change when the pins move."""

    run: tuple[tuple[str, ...], ...] = ()


class FixRule(StrEnum):
    """What a roll may change besides pins and what follows them."""

    REVIEW = "review"
    """What ``llvmgate fix`` can mend; a person looks at it before it is merged."""
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class RollSpec:
    """How the unattended roll goes about it."""

    branch: str = "llvm-roll-{short}"
    fix: FixRule = FixRule.REVIEW


@dataclass(frozen=True, kw_only=True)
class AdviceSpec:
    """The downstream's own word on a message: if this, see that."""

    match: str
    text: str
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that the user wrote."""

    path: Path
    """The configuration file."""
    pins: tuple[PinSpec, ...] = ()
    llvm: LlvmSpec = field(default_factory=LlvmSpec)
    build: BuildSpec = field(default_factory=BuildSpec)
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    configurations: tuple[Configuration, ...] = ()
    gate: GateSpec = field(default_factory=GateSpec)
    timeouts: Timeouts = field(default_factory=Timeouts)
    linkcheck: LinkcheckSpec = field(default_factory=LinkcheckSpec)
    preflight: PreflightSpec = field(default_factory=PreflightSpec)
    syntax: SyntaxSpec = field(default_factory=SyntaxSpec)
    holds: tuple[Hold, ...] = ()
    carries: tuple[CarrySpec, ...] = ()
    advice: tuple[AdviceSpec, ...] = ()
    update: UpdateSpec = field(default_factory=UpdateSpec)
    bump: BumpSpec = field(default_factory=BumpSpec)
    roll: RollSpec = field(default_factory=RollSpec)

    @property
    def root(self) -> Path:
        """The downstream's root: the directory of the configuration file."""
        return self.path.parent

    @property
    def top(self) -> str:
        """The directory in which CMake begins, below the root; one that nothing is in where it lies elsewhere."""
        top = (self.root / self.build.source).resolve()
        return top.relative_to(self.root).as_posix().removeprefix(".") if top.is_relative_to(self.root) else "/"

    @property
    def components(self) -> tuple[str, ...]:
        """Where the components lie that pins name, relative to the root."""
        return tuple(dict.fromkeys(pin.component for pin in self.pins if pin.component))

    @property
    def named_components(self) -> dict[str, str]:
        """Name of each component, as findings call it, to where it lies."""
        return {PurePath(path).name: path for path in self.components}

    def where(self, line: int) -> str:
        """``file:line`` of a table, for messages; the file alone where the line is not known."""
        return f"{self.path.name}:{line}" if line else self.path.name

    def configuration(self, name: str) -> Configuration:
        """The configuration of that name. Raises ``KeyError``."""
        for configuration in self.configurations:
            if configuration.name == name:
                return configuration
        raise KeyError(name)

    def flavours_of(self, names: Iterable[str]) -> list[str]:
        """The kinds of LLVM build that the configurations of these names need."""
        return sorted({self.configuration(name).flavour for name in names})

    @property
    def flavours(self) -> tuple[str, ...]:
        """The kinds of LLVM build that the configurations need, in order of first use."""
        return tuple(dict.fromkeys(configuration.flavour for configuration in self.configurations))


def sibling_paths(config: Config) -> tuple[Path, ...]:
    """The clones that ``[update] siblings`` names, relative to the project's root."""
    return tuple(user_path(text, root=config.root, key="update.siblings").resolve() for text in config.update.siblings)
