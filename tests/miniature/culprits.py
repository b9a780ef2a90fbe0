"""The table of culprits: what each special commit does to the miniature downstream, and an oracle made of it.

The oracle answers for any set of culprits in effect, so that a search over thousands of commits has a judge that costs
nothing. ``python -m tests.miniature.verify`` compares it with real builds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

CONFIGURATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    f"{linkage}-mhlo_{mhlo}": {"linkage": linkage, "mhlo": mhlo}
    for linkage in ("static", "shared")
    for mhlo in ("on", "off")
}
"""The downstream's configurations, by the names that its ``llvmgate.toml`` gives them, with their options."""

FLAVOURS: Final = ("static", "shared", "dylib")
"""The kinds of LLVM build."""

STAGES: Final = ("llvm", "configure", "build", "check")
"""Where a culprit shows, in the order in which one hides the next. (``install`` shows none.)"""


@dataclass(frozen=True, kw_only=True)
class Culprit:
    """What a commit breaks, taken by itself."""

    stage: str
    kind: str
    """The class of the finding."""
    identifier: str
    """What the finding is about; where there are several (an accessor of every operation), one of them."""
    about: str
    """Text that the error lines of the log contain, with plain quotation marks and single blanks."""
    layer: str
    """Whose file the failing edge is in: ``llvm``, ``component`` or ``downstream``."""
    only: Mapping[str, str] = field(default_factory=dict)
    """Axis to the option that it needs to show; empty: every configuration."""
    flavours: tuple[str, ...] = ()
    """The LLVM flavours that it breaks, where the stage is ``llvm``."""
    phase: str = ""
    """Within a build: ``generate``, ``compile`` or ``link``."""
    units: tuple[str, ...] = ()
    """Within a build: the downstream's libraries and tools that it breaks."""
    static_units: tuple[str, ...] = ()
    """The same with static libraries, where that differs."""

    def concerns(self, configuration: str) -> bool:
        """Whether it shows in a configuration, if nothing hides it; or breaks a flavour."""
        if self.stage == "llvm":
            return CONFIGURATIONS.get(configuration, {}).get("linkage", configuration) in self.flavours
        options = CONFIGURATIONS.get(configuration)
        return options is not None and all(options[axis] == option for axis, option in self.only.items())


_ALL: Final[Mapping[str, str]] = {}
_HLO: Final[Mapping[str, str]] = {"mhlo": "on"}
_SHARED: Final[Mapping[str, str]] = {"linkage": "shared"}

CULPRITS: Final[Mapping[str, Culprit]] = {
    "llvm-broken": Culprit(
        stage="llvm",
        flavours=FLAVOURS,
        kind="api-removed",
        identifier="flushAllStreams",
        about="'flushAllStreams' was not declared in this scope",
        layer="llvm",
    ),
    "shared-llvm-broken": Culprit(
        stage="llvm",
        flavours=("shared",),
        kind="shared-link",
        identifier="LLVMAnalysis -> llvm",
        about="undefined reference to `llvm::isELF(llvm::StringRef)'",
        layer="llvm",
    ),
    "install-broken": Culprit(
        stage="llvm",
        flavours=FLAVOURS,
        kind="cmake-error",
        identifier='file INSTALL cannot find "CREDITS.TXT": No such file or directory.',
        about="CREDITS.TXT",
        layer="llvm",
    ),
    "api-changed": Culprit(
        stage="build",
        phase="compile",
        units=("TinyTransforms",),
        only=_ALL,
        kind="api-changed",
        identifier="tile",
        about="no matching function for call to 'tile(mlir::Operation*&, int)'",
        layer="downstream",
    ),
    "hlo-link-library-dropped": Culprit(
        stage="build",
        phase="link",
        units=("HloTransforms",),
        only={**_SHARED, **_HLO},
        kind="shared-link",
        identifier="HloTransforms -> mlir::sparse_tensor",
        about="undefined reference to `mlir::sparse_tensor::getSparseTensorEncoding(llvm::StringRef)'",
        layer="component",
    ),
    "behaviour-changed": Culprit(
        stage="check",
        only=_ALL,
        kind="filecheck",
        identifier="Dialect/ops.mlir: CHECK-NEXT: %0 = arith.constant {value = 3} : tensor<4xi32>",
        about="TINYC :: Dialect/ops.mlir",
        layer="downstream",
    ),
    "library-renamed": Culprit(
        stage="build",
        phase="link",
        units=("TinyAnalysis",),
        static_units=("tiny-opt",),
        only=_ALL,
        kind="library-missing",
        identifier="MLIRLinalgAnalysis",
        about="cannot find -lMLIRLinalgAnalysis",
        layer="downstream",
    ),
    "link-library-dropped": Culprit(
        stage="build",
        phase="link",
        units=("TinyTransforms",),
        only=_SHARED,
        kind="shared-link",
        identifier="TinyTransforms -> mlir::tensor",
        about="undefined reference to `mlir::tensor::getRank(llvm::StringRef)'",
        layer="downstream",
    ),
    "hlo-header-moved": Culprit(
        stage="build",
        phase="compile",
        units=("HloDialect",),
        only=_HLO,
        kind="header-missing",
        identifier="mlir/Dialect/SparseTensor/IR/Enums.h",
        about="mlir/Dialect/SparseTensor/IR/Enums.h: No such file or directory",
        layer="component",
    ),
    "hlo-api-renamed": Culprit(
        stage="build",
        phase="compile",
        units=("HloTransforms",),
        only=_HLO,
        kind="api-removed",
        identifier="mlir::sparse_tensor::getSparseTensorEncoding",
        about="'getSparseTensorEncoding' is not a member of 'mlir::sparse_tensor'",
        layer="component",
    ),
    "api-removed": Culprit(
        stage="build",
        phase="compile",
        units=("TinyConversion",),
        only=_ALL,
        kind="api-removed",
        identifier="mlir::PatternRewriter::create",
        about="'class mlir::PatternRewriter' has no member named 'create'",
        layer="downstream",
    ),
    "api-renamed": Culprit(
        stage="build",
        phase="compile",
        units=("TinyTransforms",),
        only=_ALL,
        kind="api-removed",
        identifier="mlir::applyPatternsAndFoldGreedily",
        about="'applyPatternsAndFoldGreedily' is not a member of 'mlir'",
        layer="downstream",
    ),
    "header-moved": Culprit(
        stage="build",
        phase="compile",
        units=("TinyAnalysis",),
        only=_ALL,
        kind="header-missing",
        identifier="mlir/Analysis/SliceAnalysis.h",
        about="mlir/Analysis/SliceAnalysis.h: No such file or directory",
        layer="downstream",
    ),
    "accessors-removed": Culprit(
        stage="build",
        phase="compile",
        units=("TinyConversion", "TinyHloConversion"),
        only=_ALL,
        kind="api-removed",
        identifier="mlir::tiny::AddOp::lhs",
        about="has no member named 'lhs'",
        layer="downstream",
    ),
    "td-renamed": Culprit(
        stage="build",
        phase="generate",
        units=("TinyDialect",),
        only=_ALL,
        kind="tablegen",
        identifier="Variable not defined: 'NoSideEffect'",
        about="Variable not defined: 'NoSideEffect'",
        layer="downstream",
    ),
    "tablegen-flag-removed": Culprit(
        stage="build",
        phase="generate",
        units=("TinyDialect",),
        only=_ALL,
        kind="tool-option",
        identifier="mlir-tblgen -gen-struct-attr-decls",
        about="Unknown command line argument '-gen-struct-attr-decls'",
        layer="downstream",
    ),
    "target-renamed": Culprit(
        stage="configure",
        only=_ALL,
        kind="cmake-target-missing",
        identifier="MLIRTosa",
        about='dependency target "MLIRTosa" of target "obj.TinyConversion" does not exist',
        layer="downstream",
    ),
}
"""By the name of the commit."""

_LIBRARIES: Final[Mapping[str, tuple[str, ...]]] = {
    "TinyDialect": (),
    "TinyAnalysis": (),
    "TinyRuntime": (),
    "TinyTransforms": ("TinyDialect",),
    "TinyConversion": ("TinyDialect",),
    "HloDialect": (),
    "HloTransforms": ("HloDialect",),
    "TinyHloConversion": ("HloDialect", "HloTransforms", "TinyDialect"),
}
"""The downstream's libraries, and what each links of them."""

_OF_HLO: Final = ("HloDialect", "HloTransforms", "TinyHloConversion")
_TOOL: Final = "tiny-opt"
_WITHOUT_GENERATED_CODE: Final = frozenset({"TinyAnalysis", "TinyRuntime"})
"""The libraries that do not wait until all code is generated."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """How a configuration ends."""

    stage: str = ""
    """The stage that fails; empty where everything passes."""
    culprits: tuple[str, ...] = ()
    """The culprits that show there; others in effect are hidden."""

    @property
    def passes(self) -> bool:
        """Whether everything passes."""
        return not self.stage


def expected(active: Iterable[str], configuration: str) -> Expected:
    """How a configuration ends where the ``active`` culprits are in effect.

    ``configuration`` may also be a flavour: then it is about the LLVM build alone.
    """
    relevant = {name: CULPRITS[name] for name in active if CULPRITS[name].concerns(configuration)}
    for stage in STAGES:
        here = {name: culprit for name, culprit in relevant.items() if culprit.stage == stage}
        if stage == "llvm" and "llvm-broken" in here:
            here = {name: here[name] for name in here if name != "install-broken"}
        if here:
            return Expected(stage=stage, culprits=tuple(_visible(here, configuration)))
    return Expected()


def _visible(here: Mapping[str, Culprit], configuration: str) -> Iterable[str]:
    """The culprits of one stage that no other one of them hides."""
    static = configuration.startswith("static")
    for name, culprit in here.items():
        units = culprit.static_units if static and culprit.static_units else culprit.units
        others = [other for other in here.values() if other is not culprit]
        if not culprit.phase or any(_is_reached(unit, culprit.phase, others, configuration) for unit in units):
            yield name


def _is_reached(unit: str, phase: str, others: Iterable[Culprit], configuration: str) -> bool:
    """Whether ninja, going on as far as it can, comes to generating for, compiling or linking a unit."""
    if unit in _OF_HLO and not configuration.endswith("on"):
        return False
    generating = any(other.phase == "generate" for other in others)
    if phase == "generate":
        return True
    needed = {unit, *(_LIBRARIES if unit == _TOOL else _closure(unit))}
    if generating and not needed <= _WITHOUT_GENERATED_CODE:
        return False
    return phase == "compile" or not any(_hides_link(other, unit, needed) for other in others)


def _hides_link(other: Culprit, unit: str, needed: set[str]) -> bool:
    """Whether a unit that needs others is not linked: one of them is not compiled, or itself not linked."""
    broken = needed & set(other.units)
    return bool(broken) and (other.phase == "compile" or (other.phase == "link" and unit not in broken))


def _closure(unit: str) -> set[str]:
    direct = set(_LIBRARIES[unit])
    return direct.union(*(_closure(other) for other in direct))
