"""Handing stages to xdist's workers: a configuration is one worker's, its stages in order, nothing is retried.

pytest-xdist's own ``--dist loadgroup`` and ``loadscope`` do not serve: grouping by mark stopped working with pytest 9
(pytest-dev/pytest-xdist#1386), larger groups go first, and after a crash the item that brought a worker down is given
to the next one.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling

from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.core_pool import usable_cores
from pytest_llvmgate.gate.stage_plan import LLVM_GROUP, PREFLIGHT_GROUP
from pytest_llvmgate.gate.start import open_config

_GROUP_PARTS: Final = 2
_FLAVOUR_PARTS: Final = 3


class GateScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist's scheduler is untyped to us
    """One unit of work per configuration and per LLVM flavour, in the order of collection."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self.config.option.loadscopereorder = False  # the order of cost, not of the number of tests

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


def worker_count(config: pytest.Config) -> int | None:
    """Workers for ``-n auto``: one per configuration, at most two per core; None leaves it to xdist.

    More workers than cores, because they share one pool of cores: while one links or waits, another compiles.
    """
    try:
        gate = open_config(config.invocation_params.dir, config.getoption("llvm_config"))
    except GateError:
        return None  # said properly a moment later, by pytest_configure
    return max(1, min(len(gate.configurations), 2 * usable_cores()))
