"""What a configuration file means, as frozen dataclasses. ``shapes`` and ``load`` turn TOML into these."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
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
    """Where the clone comes from, for the command that makes it."""


@dataclass(frozen=True, kw_only=True)
class PinSpec:
    """A place where the user says an LLVM commit is written."""

    name: str
    file: str = ""
    """Path of the file or gitlink, relative to the component (or the downstream). Empty: the component's gitlink."""
    reader: str = ""
    """Name of the reader; empty means the one that the path implies."""
    component: str = ""
    """Path of the component's gitlink or vendored directory, relative to the downstream's root."""
    key: str = ""
    """Name of the variable or key, for the readers that need one."""
    pattern: str = ""
    """Regular expression with a group named ``sha``, for the reader ``regex``."""
    through: tuple[HopSpec, ...] = ()
    """The files, each naming the next repository's commit, that lead to the pin; ``file`` lies in the last one."""
    group: str = ""
    """Pins of another group than the project's own (empty) are another LLVM by design: they agree with each other."""
    policy: Policy = Policy.EQUAL
    reason: str = ""
    until: datetime.date | None = None
    only: Selector = field(default_factory=dict)
    """The configurations affected when this pin disagrees."""
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
    """The flavours that these wheels serve; empty means all."""
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class SourceSpec:
    """How LLVM is built from source."""

    repository: str = ""
    """A local clone, relative to the configuration file, or a URL; empty means ``llvm.repository``."""
    cmake: Mapping[str, str] = field(default_factory=dict)
    """Cache values of every flavour, over the defaults."""
    targets: tuple[str, ...] = ()
    """Targets to build and install with what consumers need besides; empty means everything."""
    components: tuple[str, ...] = ()
    """``LLVM_DISTRIBUTION_COMPONENTS``, literally."""
    launcher: Launcher = AUTO
    store: str = ""
    """A store between machines, a directory or a URL, that is asked before anything is built."""
    flavours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Flavour to cache values, over the built-in ones of that name."""


@dataclass(frozen=True, kw_only=True)
class LlvmSpec:
    """How a candidate becomes a toolchain prefix."""

    supplier: SupplierKind | None = None
    revision: RevisionRule = RevisionRule.RECORDED
    prefix: str = ""
    """Template of the install's path with ``{sha}``, ``{short}`` and ``{flavour}``."""
    wheels: tuple[WheelSet, ...] = ()
    source: SourceSpec = field(default_factory=SourceSpec)
    archive: str = ""
    """Template of the URL or path of an archive of the install."""
    checksum: str = ""
    """Template of the URL or path of the file with its SHA-256; empty means that there is none."""
    sha256: Mapping[str, str] = field(default_factory=dict)
    """Commit or tag to the SHA-256 of its archive."""
    platform: str = ""
    """What ``{platform}`` stands for; empty means the machine's, e.g. ``linux-x86_64``."""
    derive: bool = True
    """Whether the flavour ``shared`` may be made of the static one's archives, where nobody supplies it."""
    repository: str = ""
    """A clone of llvm-project, for resolving short SHAs and tags; relative to the configuration file."""
    main: str = ""
    """The branch of that clone that is LLVM's main; empty means the one that its remotes suggest."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tag name to full SHA, where no clone is at hand."""

    @property
    def tagged(self) -> tuple[tuple[str, str], ...]:
        """Every tag that the file itself gives a commit for, with that full SHA."""
        return (*self.tags.items(), *((each.tag, each.revision) for each in self.wheels if each.tag))


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
    """The directory with the top CMakeLists.txt, relative to the configuration file."""
    cmake: Mapping[str, str] = field(default_factory=dict)
    """Cache values of every configuration."""
    env: Mapping[str, str] = field(default_factory=dict)
    launcher: Launcher = AUTO
    jobs: int | None = None
    """Compilers at once, where a farm compiles; None means the machine's cores."""
    share_objects: bool = True
    """Whether a configuration takes over objects of another one that are shown to be the same."""
    targets: tuple[str, ...] = ()
    """Targets to build; empty means CMake's default target ``all``."""
    install: bool = True
    install_targets: tuple[str, ...] = ("install",)
    check: tuple[tuple[str, ...], ...] = ()
    """Commands as argument lists, with ``{build}``, ``{install}``, ``{llvm}``, ``{mlir}`` and ``{source}``."""


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
    """None: fail where a configuration builds shared libraries, report elsewhere."""
    llvm: str = "auto"
    """Which LLVM the shared build is looked at over, besides the configuration's own: ``auto`` for the one of a flavour
    that is built with BUILD_SHARED_LIBS, if there is one; ``shared`` for a guess at it otherwise; ``as-configured`` for
    none."""
    confirm: bool = False
    """Whether a further stage links everything for real, without compiling."""


@dataclass(frozen=True, kw_only=True)
class PreflightSpec:
    """The check for names of LLVM that the candidate no longer has."""

    enabled: bool = True
    policy: PredictionPolicy | None = None
    """None: fail where the baseline is at hand to compare with, report elsewhere."""
    tablegen: bool = False
    """Whether the candidate's mlir-tblgen is run over the downstream's .td files as well."""


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
    """Whether clang is given a precompiled header of what many units include."""


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
    """``kind:identifier``: only failures of these causes."""
    tests: tuple[str, ...] = ()
    """Names of lit's or ctest's: only failures of these tests."""
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
    """Path of the component below the downstream's root; empty for LLVM."""
    patches: tuple[str, ...] = ()
    """Files, relative to the configuration file, applied in this order."""
    fork: str = ""
    """In place of files: the branch of upstream's above which the pinned commit's own commits are the patches."""
    cause: str = ""
    """The commit of upstream's that made it necessary."""
    upstream: str = ""
    """The commit of upstream's that brings the same change."""
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
    """In words, e.g. ``weekly``, ``twice a month``, ``every 10 days``."""
    siblings: tuple[str, ...] = ()
    """Clones of projects whose choice of an LLVM commit counts, relative to the configuration file."""


@dataclass(frozen=True, kw_only=True)
class BumpSpec:
    """What else has to change when the pins move."""

    run: tuple[tuple[str, ...], ...] = ()
    """Commands as argument lists, with ``{sha}``, ``{short}`` and ``{source}``, that write files of the repository."""


class FixRule(StrEnum):
    """What a roll may change besides pins and what follows them."""

    REVIEW = "review"
    """What ``llvmgate fix`` can mend; a person looks at it before it is merged."""
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class RollSpec:
    """How the unattended roll goes about it."""

    branch: str = "llvm-roll-{short}"
    """Name of the branch that it leaves, with ``{short}`` or ``{sha}``."""
    fix: FixRule = FixRule.REVIEW


@dataclass(frozen=True, kw_only=True)
class AdviceSpec:
    """The downstream's own word on a message: if this, see that."""

    match: str
    """Regular expression, searched in a finding's headline, identifier and evidence."""
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

    @property
    def flavours(self) -> tuple[str, ...]:
        """The kinds of LLVM build that the configurations need, in order of first use."""
        return tuple(dict.fromkeys(configuration.flavour for configuration in self.configurations))


def sibling_paths(config: Config) -> tuple[Path, ...]:
    """The clones that ``[update] siblings`` names, relative to the project's root."""
    return tuple(user_path(text, root=config.root, key="update.siblings").resolve() for text in config.update.siblings)
