"""The verdict as Markdown: for a pull request's comment, a step summary, a tracking issue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_llvmgate.model import (
    CONFIGURATION_STAGES,
    GROUPS,
    HELD,
    NOT_FROM_THIS_BUMP,
    NOTE,
    Finding,
    Outcome,
    StageResult,
    Verdict,
)
from pytest_llvmgate.verdict.terminal import conclusion, duration

_MARKS: Final = {Outcome.PASSED: "✅", Outcome.FAILED: "❌", Outcome.SKIPPED: "⚪"}
_EVIDENCE_SHOWN: Final = 20
_LIMIT: Final = 900_000
"""Bytes. GitHub drops a step summary of more than 1 MiB whole (GitHub Docs, "Adding a job summary")."""


def render(verdict: Verdict) -> str:
    """The whole verdict, cut off with a remark where it would be too long for GitHub."""
    text = "\n".join(_lines(verdict)) + "\n"
    encoded = text.encode()
    if len(encoded) <= _LIMIT:
        return text
    kept = encoded[:_LIMIT].decode(errors="ignore").rpartition("\n")[0]
    return kept + "\n\n*Cut off here; the JSON verdict and the JUnit file have the rest.*\n"


def _lines(verdict: Verdict) -> Iterator[str]:
    mark = _MARKS[Outcome.FAILED if verdict.failed else Outcome.PASSED]
    name = f" ({verdict.candidate.name})" if verdict.candidate.name else ""
    yield f"## {mark} LLVM `{verdict.candidate.short}`{_text(name)}"
    yield ""
    yield f"{_text(conclusion(verdict))}  "
    yield from (f"**{_text(sentence)}**  " for sentence in verdict.patterns)
    yield ""
    yield from _grid(verdict)
    yield from _groups(verdict)
    yield from _notes(verdict)
    for number, finding in enumerate(verdict.findings, 1):
        yield from _finding(number, finding)
    yield from _unexplained(verdict)
    yield from _facts(verdict)


def _grid(verdict: Verdict) -> Iterator[str]:
    if not verdict.configurations:
        return
    cells = {result.node: result for result in verdict.results}
    ran = {result.stage for result in verdict.results}
    stages = [stage for stage in CONFIGURATION_STAGES if stage in ran]
    yield _row(["configuration", *stages])
    yield _row(["---"] * (len(stages) + 1))
    for info in verdict.configurations:
        yield _row([f"`{info.name}`", *(_cell(cells.get(f"{info.name}::{stage}")) for stage in stages)])
    yield ""


def _cell(result: StageResult | None) -> str:
    if result is None:
        return ""
    mark = _mark(result)
    if result.outcome is Outcome.SKIPPED:
        return mark
    return f"{mark} {'unchanged' if result.reused else duration(result.duration)}"


def _mark(result: StageResult) -> str:
    return "🟡" if result.is_held else _MARKS[result.outcome]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _groups(verdict: Verdict) -> Iterator[str]:
    """Pins and LLVM, one line each."""
    for result in verdict.results:
        if result.group in GROUPS:
            reason = f": {_text(result.reason)}" if result.reason else ""
            yield f"- {_mark(result)} {result.group} `{result.stage}`{reason}"
            if result.outcome is Outcome.FAILED and result.detail:
                yield from _folded("details", result.detail.splitlines())
    yield ""


def _notes(verdict: Verdict) -> Iterator[str]:
    notes = [f"- {_text(result.facts[NOTE])}" for result in verdict.results if NOTE in result.facts]
    notes += [f"- 🟡 `{each.node}`: {_text(each.facts[HELD])}" for each in verdict.results if each.is_held]
    notes += [f"- {_text(note)}" for note in verdict.notes]
    yield from dict.fromkeys(notes)
    if notes:
        yield ""


def _finding(number: int, finding: Finding) -> Iterator[str]:
    yield f"### {number}. {_text(finding.headline)}"
    yield ""
    layer = f"{finding.layer} {finding.component}".strip()
    sites = f", {finding.sites} sites" if finding.sites > 1 else ""
    yield f"{finding.kind} in {_text(layer)}{sites}; in {', '.join(f'`{name}`' for name in finding.configurations)}"
    if NOT_FROM_THIS_BUMP in finding.facts:
        yield "- not from this bump: the baseline has it, too"
    yield from (f"- `{location}`" for location in finding.locations[:5])
    yield from (f"- **{_text(advice)}**" for advice in finding.advice)
    yield ""
    yield from _folded("evidence", finding.evidence[:_EVIDENCE_SHOWN])
    if finding.log:
        yield f"log: `{finding.log}{f':{finding.log_line}' if finding.log_line else ''}`"
        yield ""


def _unexplained(verdict: Verdict) -> Iterator[str]:
    for result in verdict.failed:
        if not result.findings and result.group not in GROUPS:
            yield f"### {result.node}: {_text(result.reason)}"
            yield ""
            yield from _folded("details", result.detail.splitlines())


def _facts(verdict: Verdict) -> Iterator[str]:
    yield f"candidate `{verdict.candidate.sha}`  "
    if verdict.baseline:
        yield f"baseline `{verdict.baseline.sha}`  "
    if verdict.downstream.commit:
        state = " with uncommitted changes" if verdict.downstream.dirty else ""
        yield f"downstream `{verdict.downstream.commit}`{state}  "
    if verdict.toolchain:
        yield ", ".join(f"{name} {_text(version)}" for name, version in verdict.toolchain.items())


def _folded(title: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    fence = "`" * max(3, 1 + max(_longest_run("`", line) for line in lines))
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield f"{fence}text"
    yield from lines
    yield fence
    yield ""
    yield "</details>"
    yield ""


def _longest_run(character: str, text: str) -> int:
    longest = current = 0
    for each in text:
        current = current + 1 if each == character else 0
        longest = max(longest, current)
    return longest


def _text(text: str) -> str:
    """Text from a log or a commit, so that it stays text: no HTML, no mentions, no table cells."""
    for character, escaped in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("|", "\\|"),
        ("@", "@\u200b"),
        ("\n", " "),
    ):
        text = text.replace(character, escaped)
    return text
