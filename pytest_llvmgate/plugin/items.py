"""The tree of tests: the configuration file, its groups (pins, llvm, one per configuration), their stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.gate.held import with_hold
from pytest_llvmgate.gate.runner import Runner
from pytest_llvmgate.gate.trouble import as_gate_error
from pytest_llvmgate.model import CARRY_GROUP, HELD, LLVM_GROUP, PINS_GROUP, PREFLIGHT_GROUP, Outcome, StageResult
from pytest_llvmgate.plugin.failure_repr import StageFailure, failure_repr
from pytest_llvmgate.plugin.junit_writing import properties
from pytest_llvmgate.printable import cleaned, for_log
from pytest_llvmgate.stages.stage_plan import configuration_stages, flavour_groups
from pytest_llvmgate.verdict import junit_names as names

Work = Callable[[], StageResult]
_StageRow = tuple[str, int, Work, Mapping[str, str]]
"""What :meth:`StageItem.of` takes: name, line of the configuration file, work, properties for JUnit."""


class GateFile(pytest.File):
    """The configuration file."""

    runner: Runner

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, runner: Runner) -> GateFile:
        """The file's node, with the runner that its tests drive."""
        node: GateFile = cls.from_parent(parent, path=path)
        node.runner = runner
        return node

    def collect(self) -> Iterator[pytest.Collector]:
        """Groups in the order of cost: pins, LLVM, configurations."""
        try:
            return iter(list(self._groups()))
        except Exception as error:
            raise self.CollectError(str(as_gate_error(error))) from error

    def _groups(self) -> Iterator[pytest.Collector]:
        config, runner = self.runner.config, self.runner
        for group, tables, of in ((PINS_GROUP, config.pins, runner.pin), (CARRY_GROUP, config.carries, runner.carry)):
            if tables:
                stages = [(each.name, each.line, partial(of, each.name), {names.STAGE: group}) for each in tables]
                yield GateGroup.of(self, group, stages)
        works = {LLVM_GROUP: runner.llvm, PREFLIGHT_GROUP: runner.preflight}
        for group in flavour_groups(config) if config.configurations else ():
            flavours = {each: {names.STAGE: group, names.FLAVOUR: each} for each in config.flavours}
            stages = [(name, 1, partial(works[group], name), known) for name, known in flavours.items()]
            yield GateGroup.of(self, group, stages)
        for configuration in config.configurations:
            yield GateGroup.of(self, configuration.name, list(self._stages(config, configuration)))

    def _stages(self, config: Config, configuration: Configuration) -> Iterator[_StageRow]:
        axes = {names.AXIS + axis: option for axis, option in configuration.options.items()}
        known = {names.CONFIGURATION: configuration.name, names.FLAVOUR: configuration.flavour, **axes}
        for stage in configuration_stages(config, configuration):
            work = partial(self.runner.ensure, configuration, stage)
            yield stage, configuration.line, work, {names.STAGE: stage, **known}


class GateGroup(pytest.Collector):
    """``pins``, ``llvm``, ``preflight``, or a configuration."""

    stages: Sequence[_StageRow]

    @classmethod
    def of(cls, parent: GateFile, name: str, stages: Sequence[_StageRow]) -> GateGroup:
        """The group's node, with what its tests do."""
        node: GateGroup = cls.from_parent(parent, name=name)
        node.stages = stages
        return node

    def collect(self) -> Iterator[pytest.Item]:
        """One test per stage, in the order in which each needs the one before it."""
        for stage in self.stages:
            yield StageItem.of(self, *stage)


class StageItem(pytest.Item):
    """One stage: one test."""

    work: Work
    line: int
    result: StageResult | None = None

    @classmethod
    def of(cls, parent: GateGroup, name: str, line: int, work: Work, properties: Mapping[str, str]) -> StageItem:
        """The test's node."""
        node: StageItem = cls.from_parent(parent, name=name)
        node.work = work
        node.line = line
        node.user_properties += properties.items()
        if node.config.pluginmanager.hasplugin("timeout"):
            node.add_marker(pytest.mark.timeout(0))  # stages have time-outs of their own, told in the configuration
        return node

    @property
    def group(self) -> str:
        """The second part of the node id."""
        return self.parent.name if self.parent else ""

    @property
    def gate(self) -> GateFile:
        """The configuration file's node."""
        gate = self.getparent(GateFile)
        if gate is None:
            raise LookupError(self.nodeid)  # StageItems are made below a GateFile only
        return gate

    def runtest(self) -> None:
        """Bring the stage up to date and say how it stands."""
        self.result = cleaned(self._result())
        self.user_properties += properties(self.gate.runner.session, self.result)
        if self.result.outcome is Outcome.SKIPPED:
            raise pytest.skip.Exception(for_log(self.result.reason), _use_item_location=True)
        if self.result.is_held:
            pytest.xfail(for_log(f"{self.result.facts[HELD]} [{self.result.reason}]"))
        if self.result.outcome is Outcome.FAILED:
            raise StageFailure(self.result)

    def _result(self) -> StageResult:
        """Whatever goes wrong on the way, the machine's refusals and the gate's own defects included, is a result."""
        try:
            return with_hold(self.work(), self.gate.runner.config)
        except Exception as error:
            return self.gate.runner.recorder.failed(self.group, self.name, as_gate_error(error))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """A stage's failure in the gate's words; anything else is a defect of the gate and keeps its traceback."""
        if isinstance(excinfo.value, StageFailure):
            return failure_repr(excinfo.value.result, self.path, self.line)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The place in the configuration file that asks for this test; pytest counts lines from 0."""
        return self.path, max(0, self.line - 1), f"{self.group}::{self.name}"
