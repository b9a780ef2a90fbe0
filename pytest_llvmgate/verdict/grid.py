"""Configurations by stages: the table that every rendering shows in its own way."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llvmgate.model import CONFIGURATION_STAGES, StageResult, Verdict


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Rows are configurations, columns are the stages that any of them has."""

    stages: tuple[str, ...]
    rows: tuple[tuple[str, tuple[StageResult | None, ...]], ...]
    """A configuration's name, and per stage its result; None where the configuration has no such stage."""


def grid(verdict: Verdict) -> Grid:
    """The table of a verdict."""
    cells = {result.node: result for result in verdict.results}
    ran = {result.stage for result in verdict.results}
    stages = tuple(stage for stage in CONFIGURATION_STAGES if stage in ran)
    rows = tuple(
        (info.name, tuple(cells.get(f"{info.name}::{stage}") for stage in stages)) for info in verdict.configurations
    )
    return Grid(stages=stages, rows=rows)
