"""Which tests a stage's log lists as failed, whether they are all that failed in it, and whether any ran at all.

A command that runs lit or ctest ends with a list of its failed tests. Where each failed command, and each failed edge
of a build in it, has such a list, the lists say everything; otherwise something failed that is no test.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_llvmgate.findings.parsers.tests import LISTED, TEST_NAME

_MOST: Final = 2000
"""Tests that are named; more are no agreed exception."""
_LONGEST: Final = 2000
"""Characters of a line that are looked at."""

# CTest's, GoogleTest's and unittest's words for it, all three of which end with 0; and for tests that ran.
_NO_TEST: Final = re.compile(r"No tests were found!!!|\[  PASSED  \] 0 tests\.|Ran 0 tests in ")
_SOME_TEST: Final = re.compile(r"\d+% tests passed, |\[  PASSED  \] [1-9]|Ran [1-9]\d* tests? in |  Passed *: *[1-9]")
# lit's summary: https://llvm.org/docs/CommandGuide/lit.html#test-status-results
_DISCOVERED: Final = re.compile(r"Total Discovered Tests: (\d+)")
_LEFT_OUT: Final = re.compile(r"  (?:Excluded|Skipped|Unsupported) *: *(\d+)")


@dataclass(kw_only=True)
class FailedTests:
    """What the log of one command says."""

    names: list[str] = field(default_factory=list)
    runs: int = 0
    """Of lit or ctest, that end with a list."""
    edges: int = 0
    """Failed edges of ninja."""
    missing: int = 0
    """Tests that a list announces and does not name."""
    none_found: str = ""
    """The words of a runner that found no test."""
    has_run: bool = False
    """Another has run some."""
    discovered: int = 0
    """Tests that lit has found."""
    left_out: int = 0
    """Of these, the ones that it did not run."""

    @property
    def are_all(self) -> bool:
        """Nothing else has failed."""
        return self.runs > 0 and self.edges <= self.runs and self.missing <= 0 and len(self.names) <= _MOST

    @property
    def ran_none(self) -> str:
        """How the log says that no test ran; empty where it does not."""
        if self.has_run:
            return ""
        if 0 < self.discovered <= self.left_out:
            return f"lit left out all {self.discovered} tests"
        return self.none_found


def read_failed_tests(log: Path, commands: Iterable[str]) -> tuple[FailedTests, ...]:
    """What the log says for each command, which stands before its output as ``$ command``."""
    expected = [f"$ {command}" for command in commands]
    found: list[FailedTests] = []
    current = FailedTests()
    is_list = is_new = False
    with log.open(encoding="utf-8", errors="replace") as stream:
        for line in (raw[:_LONGEST].rstrip("\r\n") for raw in stream):
            if len(found) < len(expected) and line == expected[len(found)][:_LONGEST]:
                current, is_list, is_new = FailedTests(), False, True
                found.append(current)
                continue
            if (match := LISTED.match(line)) is not None:
                current.missing += int(match["count"])
                current.runs += is_new
                is_list, is_new = True, False
            elif line.startswith("The following tests FAILED"):
                current.runs += 1
                is_list = True
            elif is_list and line.startswith((" ", "\t")) and (named := TEST_NAME.match(line)):
                current.names.append(named["name"])
                current.missing -= 1
            else:
                is_list = is_list and not line.strip()
                is_new = is_new or line.startswith("Testing Time:")
                current.edges += line.startswith("FAILED: ")
                _count_runs(line, current)
    return tuple(found)


def _count_runs(line: str, tests: FailedTests) -> None:
    if _NO_TEST.match(line):
        tests.none_found = line
    elif _SOME_TEST.match(line):
        tests.has_run = True
    elif match := _DISCOVERED.match(line):
        tests.discovered += int(match[1])
    elif match := _LEFT_OUT.match(line):
        tests.left_out += int(match[1])
