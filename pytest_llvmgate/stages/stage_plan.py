"""Which stages a session has, in which order, and what each stands on. Told by the configuration alone."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from pytest_llvmgate.config.settings import Config, Configuration, SupplierKind
from pytest_llvmgate.model import CARRY_GROUP, CONFIGURATION_STAGES, LLVM_GROUP, PINS_GROUP, PREFLIGHT_GROUP, STAGES

if TYPE_CHECKING:
    from pytest_llvmgate.stages.commands import BuildContext, StageReport


class StageModule(Protocol):
    """What the module of a stage has. What its work alone needs is imported when it works."""

    def is_wanted(self, config: Config, configuration: Configuration) -> bool:
        """Whether a configuration has this stage."""

    def inputs(self, context: BuildContext) -> Mapping[str, object]:
        """What the outcome depends on besides the stage below."""

    def work(self, context: BuildContext) -> StageReport:
        """Do it."""


@cache
def stage_module(stage: str) -> StageModule:
    """The module of a configuration's stage."""
    return cast("StageModule", importlib.import_module(f"pytest_llvmgate.stages.{stage}_stage"))


def configuration_stages(config: Config, configuration: Configuration) -> tuple[str, ...]:
    """The stages that a configuration has."""
    return tuple(stage for stage in CONFIGURATION_STAGES if stage_module(stage).is_wanted(config, configuration))


def needed_stage(config: Config, configuration: Configuration, stage: str) -> str | None:
    """The stage that another stands on; None where that is LLVM itself."""
    there = configuration_stages(config, configuration)
    needs = next(row.needs for row in STAGES if row.name == stage)
    return next((needed for needed in needs if needed in there), None)


def all_nodes(config: Config) -> Iterator[str]:
    """Every stage of a project as ``group::stage``, in the order of collection."""
    yield from (f"{PINS_GROUP}::{pin.name}" for pin in config.pins)
    yield from (f"{CARRY_GROUP}::{carry.name}" for carry in config.carries)
    for group in flavour_groups(config):
        yield from (f"{group}::{flavour}" for flavour in config.flavours)
    for configuration in config.configurations:
        yield from (f"{configuration.name}::{stage}" for stage in configuration_stages(config, configuration))


def flavour_groups(config: Config) -> tuple[str, ...]:
    """The groups with one stage per flavour, in the order of collection.

    preflight comes first where LLVM is built here: it needs the candidate's sources only.
    """
    if not config.preflight.enabled:
        return (LLVM_GROUP,)
    if config.llvm.supplier is SupplierKind.SOURCE:
        return PREFLIGHT_GROUP, LLVM_GROUP
    return LLVM_GROUP, PREFLIGHT_GROUP
