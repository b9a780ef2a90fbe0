"""Handing stages to xdist's workers: a configuration is one worker's, its stages in order, nothing is retried.

pytest-xdist's own ``--dist loadgroup`` and ``loadscope`` do not serve: grouping by mark stopped working with pytest 9
(pytest-dev/pytest-xdist#1386), larger groups go first, and after a crash the item that brought a worker down is given
to the next one.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.core_pool import usable_cores
from pytest_llvmgate.gate.past_runs import past_durations
from pytest_llvmgate.gate.start import open_config
from pytest_llvmgate.model import GROUPS, LLVM_GROUP, PREFLIGHT_GROUP
from pytest_llvmgate.plugin.option_names import ACTIVE
from pytest_llvmgate.stages.linkcheck_stage import is_static

_GROUP_PARTS: Final = 2
_FLAVOUR_PARTS: Final = 3
_FIRST: Final = (float("inf"), float("inf"))
_NO_STAGE: Final = -1.0
"""The cost of the downstream's own tests: they need builds that others make, and come last."""


class GateScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist's scheduler is untyped to us
    """One unit of work per configuration and per LLVM flavour, in the order of collection but for what took longest.

    Pins and LLVM stay first, the cheap before the dear. Configurations that others may take objects from go before
    these. Of the rest, one that was never timed goes before those that were, and these by what they took last, so that
    the longest does not start when all else is done.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self.config.option.loadscopereorder = False  # the order of cost, not of the number of tests
        active: Any = config.pluginmanager.get_plugin(ACTIVE)
        gate: Config = active.config
        known = past_durations(gate.root)
        self._durations = {each.name: known.get(each.name, float("inf")) for each in gate.configurations}
        self._ranks = sharing_ranks(gate)

    def _assign_work_unit(self, node: Any) -> None:
        first = next(iter(self.workqueue))
        if not _is_common(first):
            self.workqueue.move_to_end(max(self.workqueue, key=self._cost), last=False)
        super()._assign_work_unit(node)

    def _cost(self, scope: str) -> tuple[float, float]:
        """How soon a unit is begun: by what others take from it, then by its seconds; the first one of equals."""
        if _is_common(scope):
            return _FIRST
        name = scope.rpartition("::")[2]
        return -self._ranks.get(name, 0), self._durations.get(name, _NO_STAGE)

    def _split_scope(self, nodeid: str) -> str:
        parts = nodeid.split("::")
        count = _FLAVOUR_PARTS if parts[1:2] in ([LLVM_GROUP], [PREFLIGHT_GROUP]) else _GROUP_PARTS
        return "::".join(parts[:count])

    def remove_node(self, node: Any) -> str | None:
        """Take a worker out. The item that it died in counts as done: it would only bring the next one down."""
        workload = self.assigned_work[node]
        for unit in workload.values():
            for nodeid, completed in unit.items():
                if not completed:
                    unit[nodeid] = True
                    self._hand_over(node)
                    return str(nodeid)
        del self.assigned_work[node]
        return None

    def _hand_over(self, node: Any) -> None:
        """Offer what the worker leaves to the others."""
        workload = self.assigned_work.pop(node)
        left = {scope: unit for scope, unit in workload.items() if not all(unit.values())}
        self.workqueue.update(left)
        for other in self.assigned_work:
            self._reschedule(other)


def _is_common(scope: str) -> bool:
    """Whether a unit is of the pins, of LLVM or of the preflight: what configurations stand on."""
    return scope.split("::")[1:2] in ([group] for group in GROUPS)


def sharing_ranks(config: Config) -> dict[str, int]:
    """How many others a configuration may take objects from, by the order of options in each axis.

    ``off`` may take what ``on`` has compiled, and not the reverse; static and shared ones take from each other.
    """
    if not config.build.share_objects:
        return {}
    axes = [axis for axis in config.axes if not _is_of_linkage(config, axis)]
    return {
        each.name: sum(config.axes[axis].index(each.options[axis]) for axis in axes if axis in each.options)
        for each in config.configurations
    }


def _is_of_linkage(config: Config, axis: str) -> bool:
    """Whether the options of an axis are static ones and shared ones."""
    kinds: dict[str, set[bool]] = {}
    for each in config.configurations:
        kinds.setdefault(each.options.get(axis, ""), set()).add(is_static(each))
    return all(len(kind) == 1 for kind in kinds.values()) and len(set().union(*kinds.values())) > 1


def worker_count(config: pytest.Config) -> int | None:
    """Workers for ``-n auto``: one per configuration, at most two per core; None leaves it to xdist.

    More workers than cores, because they share one pool of cores: while one links or waits, another compiles.
    """
    try:
        gate = open_config(config.invocation_params.dir, config.getoption("llvm_config"))
    except GateError:
        return None  # said properly a moment later, by pytest_configure
    return max(1, min(len(gate.configurations), 2 * usable_cores(gate.root)))
