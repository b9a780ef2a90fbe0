"""The configurations of a project as jobs for several machines: what a CI service fans out over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.model import CARRY_GROUP, LLVM_GROUP, PINS_GROUP, PREFLIGHT_GROUP
from pytest_llvmgate.stages.stage_plan import flavour_groups

_MOST: Final = 256
"""Jobs that GitHub makes of one matrix (GitHub Docs, "Usage limits")."""
_GUESS: Final = 600.0
"""Seconds of a configuration that was never gated here, where none was."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one machine does."""

    name: str
    nodes: tuple[str, ...]
    """Arguments for pytest: what of the configuration file is run."""
    flavours: tuple[str, ...] = ()
    """The LLVMs that it needs."""
    configurations: tuple[str, ...] = ()
    seconds: float = 0.0
    """As long as this took when it was last gated here, else as the others did."""


@dataclass(frozen=True, kw_only=True)
class JobMatrix:
    """Three steps, each of which waits for the one before."""

    first: Job
    """What fails in a minute, before any other machine is rented."""
    llvms: tuple[Job, ...]
    """One per flavour."""
    builds: tuple[Job, ...]


def job_matrix(config: Config, durations: Mapping[str, float], shards: int | None = None) -> JobMatrix:
    """One job per configuration, or ``shards`` jobs that take about equally long.

    ``durations`` are seconds by configuration. Raises :class:`GateError` for more jobs than a matrix may have.
    """
    file = config.path.name
    groups = flavour_groups(config)
    preflight_is_first = groups[0] == PREFLIGHT_GROUP  # it needs no LLVM
    first = [(PINS_GROUP, config.pins), (CARRY_GROUP, config.carries), (PREFLIGHT_GROUP, preflight_is_first)]
    before = [f"{file}::{group}" for group, is_there in first if is_there]
    of_llvms = groups[1:] if preflight_is_first else groups
    seconds = _estimates(config, durations)
    packs = _packed(config.configurations, seconds, shards)
    if len(packs) > _MOST:
        raise GateError(
            f"{len(packs)} configurations are more jobs than a matrix may have ({_MOST})",
            where=str(config.path),
            hint=f"pack them: llvmgate matrix --shards {_MOST}",
        )
    return JobMatrix(
        first=Job(name=PINS_GROUP, nodes=tuple(before)),
        llvms=tuple(
            Job(
                name=f"{LLVM_GROUP}-{flavour}",
                nodes=tuple(f"{file}::{group}::{flavour}" for group in of_llvms),
                flavours=(flavour,),
            )
            for flavour in config.flavours
        ),
        builds=tuple(_job(file, pack, seconds, number) for number, pack in enumerate(packs, 1)),
    )


def _estimates(config: Config, durations: Mapping[str, float]) -> Mapping[str, float]:
    known = [durations[each.name] for each in config.configurations if each.name in durations]
    usual = sum(known) / len(known) if known else _GUESS
    return {each.name: durations.get(each.name, usual) for each in config.configurations}


def _packed(
    configurations: Sequence[Configuration], seconds: Mapping[str, float], shards: int | None
) -> list[list[Configuration]]:
    """The longest first, each to the machine that is done first (Graham's LPT rule: at most a third over the best)."""
    if shards is None:
        return [[each] for each in configurations]
    packs: list[list[Configuration]] = [[] for _ in range(min(shards, len(configurations)))]
    loads = [0.0] * len(packs)
    for each in sorted(configurations, key=lambda one: -seconds[one.name]):
        least = loads.index(min(loads))
        packs[least].append(each)
        loads[least] += seconds[each.name]
    return [sorted(pack, key=lambda one: one.index) for pack in packs]


def _job(file: str, pack: Sequence[Configuration], seconds: Mapping[str, float], number: int) -> Job:
    return Job(
        name=pack[0].name if len(pack) == 1 else f"shard-{number}",
        nodes=tuple(f"{file}::{each.name}" for each in pack),
        flavours=tuple(dict.fromkeys(each.flavour for each in pack)),
        configurations=tuple(each.name for each in pack),
        seconds=sum(seconds[each.name] for each in pack),
    )
