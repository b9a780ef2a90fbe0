"""A diagnosis as one screen of text: the causes that matter, then one line for each of the others."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_llvmgate.findings.context import Diagnosis
from pytest_llvmgate.kinds.facts import FOLLOW_ON_ERRORS, PROBABLY_FOLLOW
from pytest_llvmgate.model import Finding, Layer
from pytest_llvmgate.printable import cleaned, printable_line, shortened
from pytest_llvmgate.wording import counted

SHOWN_IN_FULL: Final = 5
"""Findings with places, evidence and advice; the rest have one line each."""
MOST_LINES: Final = 15
"""Further findings that get a line."""
_EVIDENCE: Final = 2
_LAYERS: Final = {
    Layer.LLVM: "LLVM",
    Layer.COMPONENT: "component",
    Layer.DOWNSTREAM: "downstream",
    Layer.MACHINE: "machine",
    Layer.UNKNOWN: "unknown layer",
}


def render(diagnosis: Diagnosis, name: str, *, width: int = 80) -> Iterator[str]:
    """The lines of the screen."""
    diagnosis = cleaned(diagnosis)
    yield summary(diagnosis, shortened(printable_line(name)))
    for number, finding in enumerate(diagnosis.findings[:SHOWN_IN_FULL], 1):
        yield ""
        yield from _in_full(finding, number, width)
    rest = diagnosis.findings[SHOWN_IN_FULL:]
    if rest:
        yield ""
        for number, finding in enumerate(rest[:MOST_LINES], SHOWN_IN_FULL + 1):
            yield _cut(f"{number}. [{_owner(finding)}] {finding.headline}", width)
        if len(rest) > MOST_LINES:
            yield f"... and {len(rest) - MOST_LINES} more (--json shows all)"
    if diagnosis.hidden:
        yield ""
        for sentence in diagnosis.hidden:
            yield from _wrapped(sentence, "hidden: ", width)


def summary(diagnosis: Diagnosis, name: str) -> str:
    """One line: from how many lines to how many causes."""
    if not diagnosis.findings:
        return f"{name}: {diagnosis.lines:,} lines, no failure found{' in what is there' if diagnosis.hidden else ''}"
    causes = counted(len(diagnosis.findings), "cause")
    return f"{name}: {counted(diagnosis.lines, 'line')}, {counted(diagnosis.errors, 'error')}, {causes}"


def _in_full(finding: Finding, number: int, width: int) -> Iterator[str]:
    yield from _wrapped(finding.headline, f"{number}. ", width)
    yield "   " + ", ".join(_marks(finding))
    if len(finding.locations) > 1 or (finding.locations and str(finding.locations[0]) not in finding.headline):
        yield from _wrapped(_places(finding), "   at ", width)
    for line in _telling(finding):
        yield _cut(f"   | {line}", width)
    for step in finding.advice[:4]:
        yield from _wrapped(step, "   -> ", width)


def _marks(finding: Finding) -> Iterator[str]:
    yield finding.kind
    yield _owner(finding)
    if finding.sites > 1:
        yield f"{finding.sites} places"
    if FOLLOW_ON_ERRORS in finding.facts:
        yield _followers(finding.facts[FOLLOW_ON_ERRORS], "more error", "follow from it")
    if PROBABLY_FOLLOW in finding.facts:
        yield _followers(finding.facts[PROBABLY_FOLLOW], "error", "probably follow in the same units")
    if finding.log_line is not None:
        yield f"line {finding.log_line}"
    if len(finding.configurations) > 1:
        yield f"in {', '.join(finding.configurations)}"


def _followers(number: str, what: str, how: str) -> str:
    return f"{counted(int(number), what)} {how.replace('follow', 'follows') if number == '1' else how}"


def _owner(finding: Finding) -> str:
    return f"component {finding.component}" if finding.component else _LAYERS[finding.layer]


def _places(finding: Finding) -> str:
    shown = ", ".join(str(location) for location in finding.locations[:3])
    return f"{shown}, ..." if len(finding.locations) > 3 else shown


def _telling(finding: Finding) -> Sequence[str]:
    """The lines of evidence that state the error, not what leads to it; without the place, which is named above."""
    lines = [line for line in finding.evidence if "rror" in line or "ndefined" in line] or list(finding.evidence)
    code = [line for line in finding.evidence if _CODE.match(line)]
    told = [_PLACE.sub("", line).strip() for line in lines[: 1 if code else _EVIDENCE]]
    return [*told, *(line.strip() for line in code[:1])]


_PLACE: Final = re.compile(r"^\S+?:\d+:(?:\d+:)? (?=(?:fatal )?error)")
_CODE: Final = re.compile(r"^\s*\d+ \| ")


def _wrapped(text: str, head: str, width: int) -> Iterator[str]:
    yield from textwrap.wrap(
        shortened(text),
        width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."
