"""The verdict as Markdown: for a pull request's comment, a step summary, a tracking issue."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP
from pytest_llvmgate.markdown_text import code_span as _code
from pytest_llvmgate.markdown_text import plain_text as _text
from pytest_llvmgate.model import GROUPS, Finding, Outcome, StageResult, Verdict
from pytest_llvmgate.printable import cleaned
from pytest_llvmgate.verdict.grid import grid
from pytest_llvmgate.verdict.provenance import notes
from pytest_llvmgate.verdict.terminal import conclusion
from pytest_llvmgate.wording import duration

_MARKS: Final = {"passed": "✅", "failed": "❌", "skipped": "⚪", "held": "🟡"}
_EVIDENCE_SHOWN: Final = 20
_FOLD_LIMIT: Final = 20_000
"""Bytes of one log excerpt."""
_LIMIT: Final = 900_000
"""Bytes. GitHub drops a step summary of more than 1 MiB whole (GitHub Docs, "Adding a job summary")."""


def render(verdict: Verdict, *, limit: int = _LIMIT) -> str:
    """The whole verdict, with a remark instead of the last causes where it would be too long for GitHub."""
    verdict = cleaned(verdict)
    head, facts = _block(_head(verdict)), _block(_facts(verdict))
    size = len(head.encode()) + len(facts.encode())
    blocks = []
    unexplained = [result for result in verdict.failed if not result.findings and result.group not in GROUPS]
    causes = [*itertools.starmap(_finding, enumerate(verdict.findings, 1)), *map(_unexplained, unexplained)]
    for block in map(_block, causes):
        size += len(block.encode())
        if size > limit:
            blocks.append("*Cut off here; the JSON verdict and the JUnit file have the rest.*\n\n")
            break
        blocks.append(block)
    return "".join((head, *blocks, facts))


def _block(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _head(verdict: Verdict) -> Iterator[str]:
    mark = "✅" if verdict.passes else "❌" if verdict.failed else "⚪"
    name = f" ({_text(verdict.candidate.name)})" if verdict.candidate.name else ""
    yield f"## {mark} LLVM {_code(verdict.candidate.short)}{name}"
    yield ""
    yield f"{_text(conclusion(verdict))}  "
    yield from (f"**{_text(sentence)}**  " for sentence in verdict.patterns)
    yield ""
    yield from _grid(verdict)
    yield from _groups(verdict)
    yield from _notes(verdict)


def _grid(verdict: Verdict) -> Iterator[str]:
    if not verdict.configurations:
        return
    stages, rows = grid(verdict)
    yield _row(["configuration", *map(_text, stages)])
    yield _row(["---"] * (len(stages) + 1))
    for name, results in rows:
        yield _row([_code(name).replace("|", "\\|"), *map(_cell, results)])
    yield ""


def _cell(result: StageResult | None) -> str:
    if result is None:
        return ""
    mark = _MARKS[result.state]
    if result.outcome is Outcome.SKIPPED:
        return mark
    return f"{mark} {'unchanged' if result.reused else duration(result.duration)}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _groups(verdict: Verdict) -> Iterator[str]:
    """Pins and LLVM, one line each."""
    for result in verdict.results:
        if result.group in GROUPS:
            reason = f": {_text(result.reason)}" if result.reason else ""
            yield f"- {_MARKS[result.state]} {_text(result.group)} {_code(result.stage)}{reason}"
            if result.outcome is Outcome.FAILED and result.detail:
                yield from _folded("details", result.detail.splitlines())
    yield ""


def _notes(verdict: Verdict) -> Iterator[str]:
    said = notes(verdict)
    yield from (f"- 🟡 {_code(node)}: {_text(text)}" if node else f"- {_text(text)}" for node, text in said)
    if said:
        yield ""


def _finding(number: int, finding: Finding) -> Iterator[str]:
    yield f"### {number}. {_text(finding.headline)}"
    yield ""
    sites = f", {finding.sites} sites" if finding.sites > 1 else ""
    yield f"{_text(finding.kind)} in {_text(finding.whose)}{sites}; in {', '.join(map(_code, finding.configurations))}"
    if NOT_FROM_THIS_BUMP in finding.facts:
        yield "- not from this bump: the baseline has it, too"
    yield from (f"- {_code(str(location))}" for location in finding.locations[:5])
    yield from (f"- **{_text(advice)}**" for advice in finding.advice)
    yield ""
    yield from _folded("evidence", finding.evidence[:_EVIDENCE_SHOWN])
    if finding.log:
        yield f"log: {_code(f'{finding.log}:{finding.log_line}' if finding.log_line else finding.log)}"
        yield ""


def _unexplained(result: StageResult) -> Iterator[str]:
    yield f"### {_text(result.node)}: {_text(result.reason)}"
    yield ""
    yield from _folded("details", result.detail.splitlines())


def _facts(verdict: Verdict) -> Iterator[str]:
    yield f"candidate {_code(verdict.candidate.sha)}  "
    if verdict.baseline:
        yield f"baseline {_code(verdict.baseline.sha)}  "
    if verdict.downstream.commit:
        state = " with uncommitted changes" if verdict.downstream.dirty else ""
        yield f"downstream {_code(verdict.downstream.commit)}{state}  "
    if verdict.toolchain:
        yield ", ".join(_text(f"{name} {version}") for name, version in verdict.toolchain.items())


def _folded(title: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    lines = list(_first_bytes(lines))
    fence = "`" * max([3, *(1 + len(run) for line in lines for run in re.findall("`+", line))])
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield f"{fence}text"
    yield from lines
    yield fence
    yield ""
    yield "</details>"
    yield ""


def _first_bytes(lines: Iterable[str]) -> Iterator[str]:
    left = _FOLD_LIMIT
    for line in lines:
        left -= len(line.encode())
        if left < 0:
            yield "..."
            return
        yield line
