"""lit and FileCheck."""

# ruff: noqa: ARG002  (all parsers share one interface)
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pytest_llvmgate.findings.events import Event, LineParser, View
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.kinds.catalogue import FILECHECK, TESTS_FAILED
from pytest_llvmgate.kinds.facts import TEST
from pytest_llvmgate.model import Location

_CHECK: Final = re.compile(
    r"^(?P<path>[^\s:][^:]*):(?P<line>\d+):(?P<column>\d+): error: (?P<prefix>[\w.{}-]+): (?P<what>(?:\w+ "
    r")?(?:expected string not found|excluded string found|is not on the (?:line after|same line)|.*string).*)$"
)
LISTED: Final = re.compile(
    r"^(?P<sort>Fail(?:ed|ing)|Timed Out|Unresolved|Unexpectedly Passed|Unexpected Passing) Tests \((?P<count>\d+)\):"
)
"""As LLVM prints it, and did before LLVM 11."""
_PROGRESS: Final = re.compile(
    r"^(?P<code>FAIL|TIMEOUT|UNRESOLVED|XPASS): (?P<test>[^\n:]{1,120} :: .{1,300}?)(?: \(\d+ of \d+\))?$"
)
TEST_NAME: Final = re.compile(r"^\s+(?:\d+ - )?(?P<name>\S.{0,120}? :: .{1,300}?|\S{1,300})\s*+(?:\(.{0,200}\))?$")
"""A test in a list: a suite's name may have blanks; ctest gives its reason in brackets."""


class LitParser(LineParser):
    """lit's lists of failed tests, and FileCheck's mismatches."""

    name = "lit"
    markers = (
        "Tests (", "FAIL: ", "TIMEOUT: ", "XPASS: ", "UNRESOLVED: ", "string not found", "excluded string",
        "string found", "is not on the", "fatal: unable to parse", "lit/", "The following tests FAILED",
    )  # fmt: skip

    def parse(self, text: str, view: View) -> Event | None:
        if match := LISTED.match(text):
            return Event(
                kind=TESTS_FAILED, identifier="list", message=text, room=100_000, facts={"sort": match["sort"]}
            )
        if match := _PROGRESS.match(text):
            return Event(
                kind=TESTS_FAILED, identifier=match["test"], message=text, certain=False, facts={TEST: match["test"]}
            )
        if text.startswith("The following tests FAILED"):
            return Event(kind=TESTS_FAILED, identifier="list", message=text, room=100_000)
        if match := _CHECK.match(text):
            place = Location(path=match["path"], line=int(match["line"]), column=int(match["column"]))
            return filecheck_event(place, f"{match['prefix']}: {match['what']}")
        if match := re.match(r"^\S+: \S*lit/\w+\.py:\d+: (?P<severity>fatal|error): (?P<message>.*)", text):
            return Event(
                kind=TESTS_FAILED,
                identifier=normalise(match["message"]),
                message=text,
                certain=match["severity"] == "fatal",
            )
        return None

    def continues(self, event: Event, text: str) -> bool:
        """The list is indented; FileCheck shows lines, carets and notes."""
        if event.kind == FILECHECK:
            return text[:1] in {" ", "\t", "/", "#", ";", "^", "<"} or ": note: " in text or ":" not in text[:1]
        return text.startswith((" ", "\t"))

    def finish(self, event: Event) -> Sequence[Event]:
        """One event per test of the list; FileCheck's mismatches know the line that they are about."""
        if event.kind == FILECHECK:
            event.code = expected_line(event.detail)
        if event.identifier != "list":
            return (event,)
        names = [match["name"] for line in event.detail if (match := TEST_NAME.match(line))]
        return [
            Event(kind=TESTS_FAILED, identifier=name, message=name, line=event.line, text=event.text, edge=event.edge,
                  facts={TEST: name})
            for name in names
        ]  # fmt: skip


def filecheck_event(place: Location, message: str) -> Event:
    """A mismatch: one cause for each line of a test file that expects something."""
    return Event(kind=FILECHECK, identifier=f"{place.path}:{place.line}", message=message, place=place)


def expected_line(detail: Sequence[str]) -> str:
    """The line of the test file, which FileCheck shows first, without the comment's characters."""
    first = next(iter(detail), "")
    return " ".join(first.strip().lstrip("/#;*!").split())
