"""The pins as text: the table, and below it how to mend what does not agree."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from pytest_llvmgate.errors import Problem
from pytest_llvmgate.pins.compare import Agreement, Notice, PinReport, PinVerdict
from pytest_llvmgate.printable import cleaned

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
_HELD_COLOR: Final = "33"
_HEADINGS: Final = ("pin", "LLVM commit", "verdict", "where")


def table(report: PinReport, width: int = 80, *, color: bool = False, offer_bump: bool = True) -> str:
    """Every pin with its commit, verdict and place; then, per pin that fails or is odd, why and what to do.

    ``offer_bump``: name the command that moves them all, which is not done where it has just run.

    Lines stay within ``width`` but for paths and commands, which are never broken.
    """
    report = cleaned(report)
    lines = [_title(report), "", *_rows(report, width, color)]
    for verdict in report.verdicts:
        notes = list(_notes(verdict, report, width))
        if notes:
            lines += ["", *notes]
    if offer_bump and report.expected and any(verdict.agreement is Agreement.DIFFERS for verdict in report.verdicts):
        lines += ["", f"  all at once: llvmgate bump {report.expected}"]
    for notice in report.notices:
        lines += ["", *_remark(f"note: {notice.pin}: " if notice.pin else "note: ", notice, width)]
    for held in report.expired:
        lines += ["", *_wrapped(held.complaint(), width, first="  ", then="    ")]
    return "\n".join(lines)


def _title(report: PinReport) -> str:
    if report.expected is None:
        return "LLVM pins: no direct pin could be read to compare the others with"
    if report.reference == "candidate":
        return f"LLVM pins against the candidate {report.expected}"
    speaker = report.speaker
    if speaker is not None and not speaker.is_direct:
        component = speaker.spec.component or speaker.hops[0].where.path
        return (
            f"LLVM pins against {report.expected}, which the component {component} is on (no pin is the project's own)"
        )
    return f"LLVM pins against the direct pin {report.expected}"


def _rows(report: PinReport, width: int, color: bool) -> Iterator[str]:
    cells = [_HEADINGS, *(_cells(verdict, report) for verdict in report.verdicts)]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    indent = 2 + sum(widths) + 2 * len(widths)
    fits = all(indent + len(place) <= width for verdict in report.verdicts for place in _places(verdict))
    heading = [text.ljust(size) for text, size in zip(_HEADINGS[:3], widths, strict=True)]
    yield "  " + "  ".join([*heading, *(_HEADINGS[3:] if fits else ())]).rstrip()
    for verdict, row in zip(report.verdicts, cells[1:], strict=True):
        first, *others = _places(verdict)
        padded = [text.ljust(size) for text, size in zip(row[:3], widths, strict=True)]
        if color:
            code = _HELD_COLOR if report.is_held(verdict) else _COLORS[verdict.agreement]
            padded[2] = f"\x1b[{code}m{padded[2]}\x1b[0m"
        yield "  " + "  ".join([*padded, *([first] if fits else ())]).rstrip()
        gap = " " * (indent if fits else 6)
        yield from (f"{gap}{place}" for place in (others if fits else (first, *others)))


def _cells(verdict: PinVerdict, report: PinReport) -> tuple[str, str, str, str]:
    reading = verdict.reading
    word = "held" if report.is_held(verdict) else _WORDS[verdict.agreement]
    return reading.name, reading.short or "-", word, str(reading.location)


def _places(verdict: PinVerdict) -> list[str]:
    """The pin's place, then the hops that led there, the nearest first."""
    reading = verdict.reading
    return [str(reading.location), *(f"through {hop}" for hop in reversed(reading.hops))]


def _hold_note(verdict: PinVerdict, report: PinReport) -> str:
    """What its hold says of a pin, if it has one; expired ones are told at the end."""
    held = report.holds.get(verdict.reading.name)
    if held is None or held.expired:
        return ""
    return held.excuse() if verdict.fails else held.farewell()


def _notes(verdict: PinVerdict, report: PinReport, width: int) -> Iterator[str]:
    reading = verdict.reading
    is_silent = verdict.agreement in {Agreement.AGREES, Agreement.IGNORED}
    if not is_silent:
        yield from _wrapped(f"{reading.name}: {verdict.reason}", width, first="  ", then="    ")
        yield from (f"    {step}" for step in verdict.fix)
    elif verdict.reason or verdict.notes:
        yield from _wrapped(f"{reading.name}: {verdict.reason or verdict.agreement}", width, first="  ", then="    ")
    hold = _hold_note(verdict, report)
    if hold:
        yield from _wrapped(f"{reading.name}: {hold}", width, first="  ", then="    ")
    for note in verdict.notes:
        yield from _wrapped(note, width, first="    ", then="      ")
    for warning in reading.warnings:
        yield from _remark(f"{reading.name}: note: ", warning, width)


def _remark(begin: str, said: Problem | Notice, width: int) -> Iterator[str]:
    where = f" ({said.where})" if said.where else ""
    yield from _wrapped(f"{begin}{said.message}{where}", width, first="  ", then="    ")
    if said.hint:
        yield f"    {said.hint}"


def _wrapped(text: str, width: int, *, first: str, then: str) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=first,
        subsequent_indent=then,
        break_long_words=False,
        break_on_hyphens=False,
    )
