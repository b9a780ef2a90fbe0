"""Which parsers a line concerns, found with few substring searches per line.

Parsers declare markers, some hundred in all. Searching a line for each of them would be most of the time spent on a
log. Every marker therefore hangs on a *gate*, a shorter text inside of it that several share: a line, or a whole block,
without any gate has no marker either. Lines of the form ``file:line:column: error: message``, which are most errors,
are remembered by their message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_llvmgate.findings.events import Parser

_GATES: Final = (
    "rror", "ndef", "not ", "atal", "ld: ", "ymbol", "emory", "illed", "No s", "o such f", "***", "ninja: ", "FAIL",
    "did n", "hared ", "ERROR", "LNK", "nknown ", "nre", "UNRE", "bort", "xce", "patch", "ool", "Bus", "imed",
)  # fmt: skip
_LOCATED: Final = re.compile(r"^(?:[^:\s]|:[\\/])+:\d+:\d+: (?:fatal )?error: ")
_MOST_REMEMBERED: Final = 50_000


class Router:
    """From a line to the parsers to ask."""

    def __init__(self, parsers: Sequence[Parser]) -> None:
        routes: dict[str, list[tuple[str, int]]] = {}
        for index, parser in enumerate(parsers):
            for marker in parser.markers:
                gate = next((gate for gate in _GATES if gate in marker), marker)
                routes.setdefault(gate, []).append((marker, index))
        self._parsers = tuple(parsers)
        self._routes = tuple(routes.items())
        self._gates = tuple(gate.encode() for gate in routes)
        self._remembered: dict[str, list[Parser]] = {}
        self._of_undefined = [
            parser for parser in parsers if any("ndefined ref" in marker for marker in parser.markers)
        ]

    def candidates(self, line: str) -> list[Parser]:
        """The parsers that have a marker in the line, in their order."""
        match = _LOCATED.match(line) if "error: " in line else None
        if match is None:
            return self._of_undefined if "ndefined reference to" in line else self._search(line)
        message = line[match.end() - 9 :]  # with ": error: ", which some markers begin with
        found = self._remembered.get(message)
        if found is None:
            found = self._search(line)
            if len(self._remembered) < _MOST_REMEMBERED:
                self._remembered[message] = found
        return found

    def _search(self, line: str) -> list[Parser]:
        found: set[int] = set()
        for gate, routes in self._routes:
            if gate in line:
                found.update(index for marker, index in routes if marker in line)
        return [self._parsers[index] for index in sorted(found)]

    def concerns(self, block: bytes) -> bool:
        """Whether any line of the block could concern a parser."""
        return any(gate in block for gate in self._gates)
