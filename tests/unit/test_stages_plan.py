"""A stage is a row and a module: nothing else lists them."""

from __future__ import annotations

from pathlib import Path

from pytest_llvmgate import stages
from pytest_llvmgate.model import CONFIGURATION_STAGES, STAGES
from pytest_llvmgate.stages.stage_plan import stage_module


def test_every_row_has_a_module_with_the_three_functions() -> None:
    for row in STAGES:
        module = stage_module(row.name)
        assert all(callable(getattr(module, name)) for name in ("is_wanted", "inputs", "work"))


def test_every_stage_module_of_a_configuration_has_a_row() -> None:
    modules = {path.stem.removesuffix("_stage") for path in Path(stages.__path__[0]).glob("*_stage.py")}
    # preflight belongs to a flavour of LLVM, not to a configuration.
    assert modules - {"preflight"} == set(CONFIGURATION_STAGES)


def test_a_stage_stands_on_earlier_ones_only() -> None:
    for index, row in enumerate(STAGES):
        assert set(row.needs) <= set(CONFIGURATION_STAGES[:index])
