"""Following a ninja build by its status lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pytest_llvmgate.model import Edges

# NINJA_STATUS="[%f/%t] " (finished and total edges), at a line's start: ninja's manual, "Environment variables".
_STATUS: Final = re.compile(rb"^\[(\d+)/(\d+)\] ", re.MULTILINE)
_FAILED: Final = re.compile(rb"^FAILED: ", re.MULTILINE)


class NinjaProgress:
    """Feed it output as it arrives; ``edges`` is always the latest state."""

    def __init__(self, on_change: Callable[[Edges], None]) -> None:
        self._on_change = on_change
        self._partial = b""
        self.edges: Edges | None = None

    def feed(self, chunk: bytes) -> None:
        """Take a piece of output; pieces may end anywhere."""
        text = self._partial + chunk
        whole, newline, self._partial = text.rpartition(b"\n")
        if not newline:
            return
        failed = (self.edges.failed if self.edges else 0) + len(_FAILED.findall(whole))
        statuses = _STATUS.findall(whole)
        if statuses:
            finished, total = map(int, statuses[-1])
            self.edges = Edges(finished=finished, total=total, failed=failed)
        elif self.edges is not None:
            self.edges = Edges(finished=self.edges.finished, total=self.edges.total, failed=failed)
        if self.edges is not None:
            self._on_change(self.edges)
