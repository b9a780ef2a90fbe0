"""Following a ninja build by its status lines."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from pytest_llvmgate.model import Edges
from pytest_llvmgate.process.asking import ask

# NINJA_STATUS="[%f/%t] " (finished and total edges), at a line's start: ninja's manual, "Environment variables".
_STATUS: Final = re.compile(rb"^\[(\d+)/(\d+)\] ", re.MULTILINE)
_NEXT: Final = re.compile(rb"^(?:\[\d+/\d+\]|ninja: build stopped:) ", re.MULTILINE)
"""After an edge's output: the next edge's, or ninja's own last word."""
_FAILED: Final = re.compile(rb"^FAILED: ", re.MULTILINE)
_COMPILE: Final = re.compile(rb"^\[\d+/\d+\] Building \w+ object ", re.MULTILINE)
"""As CMake's generator describes them: in a build of LLVM's kind they take nearly all of the time."""
_MOST: Final = 1 << 18
"""Bytes of one edge's output that are kept."""
_SECONDS: Final = 30.0
"""For ninja to say what it would do."""

OnProgress = Callable[[Edges, Edges | None], None]
"""Gets all edges, and of those that compile how many are done; None where it is not known how many there are."""


def edges_to_do(command: Sequence[str], env: Mapping[str, str]) -> tuple[Edges, Edges]:
    """What a build, given as ninja's command, will do: all edges, those that compile; none where ninja is silent."""
    said = b""
    with suppress(OSError, subprocess.TimeoutExpired):
        said = ask([command[0], "-n", *command[1:]], seconds=_SECONDS, env=env).stdout.encode()
    every, compiling = (len(pattern.findall(said)) for pattern in (_STATUS, _COMPILE))
    return Edges(finished=0, total=every), Edges(finished=0, total=compiling)


class NinjaProgress:
    """Feed it output as it arrives; ``edges`` is always the latest state."""

    def __init__(
        self,
        on_change: OnProgress,
        on_failure: Callable[[bytes], None] | None = None,
        *,
        compiles: Edges | None = None,
    ) -> None:
        """``on_failure`` gets the whole output of each edge that failed, once that is over; ``compiles`` are those that
        compile, as :func:`edges_to_do` has them.
        """
        self._compiles = compiles if compiles and compiles.total else None
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
        if self._compiles is not None:
            compiled = self._compiles.finished + len(_COMPILE.findall(whole))
            self._compiles = Edges(finished=compiled, total=max(compiled, self._compiles.total))
        if self.edges is not None:
            self._on_change(self.edges, self._compiles)

    def _follow_edges(self, lines: bytes, on_failure: Callable[[bytes], None]) -> None:
        start = 0
        for match in _NEXT.finditer(lines):
            self._edge = (self._edge + lines[start : match.start()])[:_MOST]
            if _FAILED.search(self._edge):
                on_failure(self._edge)
            self._edge, start = b"", match.start()
        self._edge = (self._edge + lines[start:])[:_MOST]
