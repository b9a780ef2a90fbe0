"""Following a ninja build by its status lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pytest_llvmgate.model import Edges

# NINJA_STATUS="[%f/%t] " (finished and total edges), at a line's start: ninja's manual, "Environment variables".
_STATUS: Final = re.compile(rb"^\[(\d+)/(\d+)\] ", re.MULTILINE)
_NEXT: Final = re.compile(rb"^(?:\[\d+/\d+\]|ninja: build stopped:) ", re.MULTILINE)
"""After an edge's output: the next edge's, or ninja's own last word."""
_FAILED: Final = re.compile(rb"^FAILED: ", re.MULTILINE)
_MOST: Final = 1 << 18
"""Bytes of one edge's output that are kept."""


class NinjaProgress:
    """Feed it output as it arrives; ``edges`` is always the latest state."""

    def __init__(self, on_change: Callable[[Edges], None], on_failure: Callable[[bytes], None] | None = None) -> None:
        """``on_failure`` gets the whole output of each edge that failed, once that is over."""
        self._on_change = on_change
        self._on_failure = on_failure
        self._partial = b""
        self._edge = b""
        self.edges: Edges | None = None

    def feed(self, chunk: bytes) -> None:
        """Take a piece of output; pieces may end anywhere."""
        text = self._partial + chunk
        whole, newline, self._partial = text.rpartition(b"\n")
        if not newline:
            return
        if self._on_failure is not None:
            self._follow_edges(whole + newline, self._on_failure)
        failed = (self.edges.failed if self.edges else 0) + len(_FAILED.findall(whole))
        statuses = _STATUS.findall(whole)
        if statuses:
            finished, total = map(int, statuses[-1])
            self.edges = Edges(finished=finished, total=total, failed=failed)
        elif self.edges is not None:
            self.edges = Edges(finished=self.edges.finished, total=self.edges.total, failed=failed)
        if self.edges is not None:
            self._on_change(self.edges)

    def _follow_edges(self, lines: bytes, on_failure: Callable[[bytes], None]) -> None:
        start = 0
        for match in _NEXT.finditer(lines):
            self._edge = (self._edge + lines[start : match.start()])[:_MOST]
            if _FAILED.search(self._edge):
                on_failure(self._edge)
            self._edge, start = b"", match.start()
        self._edge = (self._edge + lines[start:])[:_MOST]
