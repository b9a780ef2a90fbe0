"""Configurations by stages: the table that every rendering shows in its own way."""

from __future__ import annotations

from pytest_llvmgate.model import CONFIGURATION_STAGES, StageResult, Verdict

Row = tuple[str, tuple[StageResult | None, ...]]
"""A configuration's name, and per stage its result; None where the configuration has no such stage."""


def grid(verdict: Verdict) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """The table of a verdict: columns are the stages that any configuration has, rows are configurations."""
    cells = {result.node: result for result in verdict.results}
    ran = {result.stage for result in verdict.results}
    stages = tuple(stage for stage in CONFIGURATION_STAGES if stage in ran)
    rows = tuple(
        (info.name, tuple(cells.get(f"{info.name}::{stage}") for stage in stages)) for info in verdict.configurations
    )
    return stages, rows
