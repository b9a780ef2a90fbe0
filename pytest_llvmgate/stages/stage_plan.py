"""Which stages a session has, in which order, and what each stands on. Told by the configuration alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pytest_llvmgate.config.settings import Config, Configuration, PredictionPolicy, SupplierKind
from pytest_llvmgate.model import CONFIGURATION_STAGES, LLVM_GROUP, PINS_GROUP, PREFLIGHT_GROUP

SYNTAX: Final = "syntax"
LINKCHECK: Final = "linkcheck"
CONFIRM: Final = "confirm"

NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    SYNTAX: ("configure",),
    "build": (SYNTAX, "configure"),
    LINKCHECK: ("build",),
    CONFIRM: ("build",),
    "install": ("build",),
    "check": ("install", "build"),
}
"""What a stage stands on: the first of these that the configuration has."""

_TRUE_WORDS: Final = frozenset({"1", "ON", "YES", "TRUE", "Y"})
"""What CMake takes for true in any letter case (cmake-language(7), ``if(<constant>)``)."""


def configuration_stages(config: Config, configuration: Configuration) -> tuple[str, ...]:
    """The stages that a configuration has."""
    predicts = config.linkcheck.enabled and is_static(configuration)
    absent = {
        "install": not config.build.install,
        "check": not config.build.check,
        SYNTAX: not config.syntax.enabled,
        LINKCHECK: not predicts,
        CONFIRM: not (predicts and config.linkcheck.confirm),
    }
    return tuple(stage for stage in CONFIGURATION_STAGES if not absent.get(stage))


def all_nodes(config: Config) -> Iterator[str]:
    """Every stage of a project as ``group::stage``, in the order of collection."""
    yield from (f"{PINS_GROUP}::{pin.name}" for pin in config.pins)
    for group in flavour_groups(config):
        yield from (f"{group}::{flavour}" for flavour in config.flavours)
    for configuration in config.configurations:
        yield from (f"{configuration.name}::{stage}" for stage in configuration_stages(config, configuration))


def flavour_groups(config: Config) -> tuple[str, ...]:
    """The groups with one stage per flavour, in the order of collection.

    preflight comes first where LLVM is built here: it needs the candidate's sources only.
    """
    if config.llvm.supplier is SupplierKind.SOURCE:
        return PREFLIGHT_GROUP, LLVM_GROUP
    return LLVM_GROUP, PREFLIGHT_GROUP


def is_static(configuration: Configuration) -> bool:
    """Whether a configuration builds static libraries, as far as its own cache values tell."""
    values = {name.partition(":")[0]: value for name, value in configuration.cmake.items()}
    return values.get("BUILD_SHARED_LIBS", "OFF").upper() not in _TRUE_WORDS


def linkcheck_policy(config: Config) -> PredictionPolicy:
    """What a predicted break does: fails where a configuration builds shared libraries, is reported elsewhere."""
    if config.linkcheck.policy is not None:
        return config.linkcheck.policy
    builds_shared = any(not is_static(each) for each in config.configurations)
    return PredictionPolicy.FAIL if builds_shared else PredictionPolicy.REPORT
