"""The pins as text: the table, and below it how to mend what does not agree."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from pytest_llvmgate.errors import Problem
from pytest_llvmgate.pins.compare import Agreement, PinReport, PinVerdict

_WORDS: Final = {
    Agreement.AGREES: "agrees",
    Agreement.DIFFERS: "DIFFERS",
    Agreement.UNREADABLE: "UNREADABLE",
    Agreement.ADVISORY: "advisory",
    Agreement.IGNORED: "ignored",
}
_COLORS: Final = {
    Agreement.AGREES: "32",
    Agreement.DIFFERS: "31;1",
    Agreement.UNREADABLE: "31;1",
    Agreement.ADVISORY: "33",
    Agreement.IGNORED: "2",
}
_HEADINGS: Final = ("pin", "LLVM commit", "verdict", "where")


def table(report: PinReport, width: int = 80, *, color: bool = False) -> str:
    """Every pin with its commit, verdict and place; then, per pin that fails or is odd, why and what to do.

    Lines stay within ``width`` but for paths and commands, which are never broken.
    """
    lines = [_title(report), "", *_rows(report, width, color)]
    for verdict in report.verdicts:
        notes = list(_notes(verdict, width))
        if notes:
            lines += ["", *notes]
    return "\n".join(lines)


def _title(report: PinReport) -> str:
    if report.expected is None:
        return "LLVM pins: no direct pin could be read to compare the others with"
    if report.reference == "candidate":
        return f"LLVM pins against the candidate {report.expected}"
    return f"LLVM pins against the direct pin {report.expected}"


def _rows(report: PinReport, width: int, color: bool) -> Iterator[str]:
    cells = [_HEADINGS, *(_cells(verdict) for verdict in report.verdicts)]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    indent = 2 + sum(widths) + 2 * len(widths)
    fits = all(indent + len(place) <= width for verdict in report.verdicts for place in _places(verdict))
    heading = [text.ljust(size) for text, size in zip(_HEADINGS[:3], widths, strict=True)]
    yield "  " + "  ".join([*heading, *(_HEADINGS[3:] if fits else ())]).rstrip()
    for verdict, row in zip(report.verdicts, cells[1:], strict=True):
        first, *others = _places(verdict)
        padded = [text.ljust(size) for text, size in zip(row[:3], widths, strict=True)]
        padded[2] = _paint(padded[2], verdict.agreement, color)
        yield "  " + "  ".join([*padded, *([first] if fits else ())]).rstrip()
        gap = " " * (indent if fits else 6)
        yield from (f"{gap}{place}" for place in (others if fits else (first, *others)))


def _cells(verdict: PinVerdict) -> tuple[str, str, str, str]:
    reading = verdict.reading
    return reading.name, reading.short or "-", _WORDS[verdict.agreement], str(reading.location)


def _places(verdict: PinVerdict) -> list[str]:
    """The pin's place, then the hops that led there, the nearest first."""
    reading = verdict.reading
    return [str(reading.location), *(f"through {hop}" for hop in reversed(reading.hops))]


def _paint(text: str, agreement: Agreement, color: bool) -> str:
    return f"\x1b[{_COLORS[agreement]}m{text}\x1b[0m" if color else text


def _notes(verdict: PinVerdict, width: int) -> Iterator[str]:
    reading = verdict.reading
    is_silent = verdict.agreement in {Agreement.AGREES, Agreement.IGNORED}
    if not is_silent:
        yield from _wrapped(f"{reading.name}: {verdict.reason}", width, first="  ", then="    ")
        yield from (f"    {step}" for step in verdict.fix)
    for warning in reading.warnings:
        yield from _warning(reading.name, warning, width)


def _warning(name: str, warning: Problem, width: int) -> Iterator[str]:
    where = f" ({warning.where})" if warning.where else ""
    yield from _wrapped(f"{name}: note: {warning.message}{where}", width, first="  ", then="    ")
    if warning.hint:
        yield f"    {warning.hint}"


def _wrapped(text: str, width: int, *, first: str, then: str) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    )
