"""The verdict as one self-contained HTML file: no network, no scripts from elsewhere, works from a disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Final

from pytest_llvmgate.model import (
    GROUPS,
    HELD,
    NOT_FROM_THIS_BUMP,
    NOTE,
    Finding,
    Outcome,
    StageResult,
    Verdict,
)
from pytest_llvmgate.verdict.grid import grid
from pytest_llvmgate.verdict.llvm_notes import remarks, saved
from pytest_llvmgate.verdict.terminal import conclusion, duration

_STYLE: Final = """
:root { color-scheme: light dark; --ok: #1a7f37; --bad: #cf222e; --held: #9a6700; --dim: #6e7781; --line: #d0d7de88; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .3rem .9rem .3rem 0; vertical-align: top; }
tr + tr td { border-top: 1px solid var(--line); }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .7rem; border: 1px solid var(--line); }
.passed { color: var(--ok); } .failed { color: var(--bad); font-weight: 600; } .held { color: var(--held); }
.skipped, .dim { color: var(--dim); }
.finding { border-left: 3px solid var(--bad); padding-left: 1rem; margin: 1.2rem 0; }
.advice { font-weight: 600; } mark { background: #ffd33d66; color: inherit; }
.bar { background: #0969da66; height: .7rem; }
.line { display: block; } .number { color: var(--dim); user-select: none; }
"""
_STATES: Final = {"failed": "does not pass", "passed": "passes", "held": "is undecided"}
_ERROR_LINE: Final = re.compile(r"\berror\b|FAILED:|undefined reference|undefined symbol", re.IGNORECASE)
_LOG_HEAD: Final = 40
_LOG_CONTEXT: Final = 12
_LOG_MOST: Final = 1500
"""Lines of one log that the page shows; the rest is in the file itself."""


def render(verdict: Verdict, *, root: Path | None = None) -> str:
    """The page. With ``root``, the downstream's root, the logs of failed stages are shown, error lines marked."""
    title = f"LLVM {verdict.candidate.short}: {_STATES[_state(verdict)]}"
    body = "\n".join(_body(verdict, root))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _state(verdict: Verdict) -> str:
    """A key of :data:`_STATES`, which is also the class that colours it."""
    return "failed" if verdict.failed else "passed" if verdict.passes else "held"


def _body(verdict: Verdict, root: Path | None) -> Iterator[str]:
    state = _state(verdict)
    yield f"<h1>LLVM <code>{verdict.candidate.short}</code> {escape(verdict.candidate.name)}</h1>"
    yield f'<p class="{state}">{escape(conclusion(verdict))}</p>'
    for sentence in verdict.patterns:
        yield f'<p class="failed">{escape(sentence)}</p>'
    yield from _grid(verdict)
    yield from _groups(verdict)
    yield from _notes(verdict)
    if verdict.findings:
        yield "<h2>Causes</h2>"
        for number, finding in enumerate(verdict.findings, 1):
            yield from _finding(number, finding)
    yield from _durations(verdict)
    yield from _facts(verdict)
    if root is not None:
        yield from _logs(verdict, root)


def _grid(verdict: Verdict) -> Iterator[str]:
    if not verdict.configurations:
        return
    table = grid(verdict)
    yield f"<table><tr><th>configuration</th>{''.join(f'<th>{stage}</th>' for stage in table.stages)}</tr>"
    for name, results in table.rows:
        row = "".join(map(_cell, results))
        yield f"<tr><td><code>{escape(name)}</code></td>{row}</tr>"
    yield "</table>"


def _cell(result: StageResult | None) -> str:
    if result is None:
        return "<td></td>"
    state = "held" if result.is_held else str(result.outcome)
    text = "unchanged" if result.reused else f"{state} {duration(result.duration)}"
    shown = "not run" if result.outcome is Outcome.SKIPPED else text
    linked = f'<a href="#{_anchor(result)}">{shown}</a>' if result.outcome is Outcome.FAILED and result.log else shown
    return f'<td class="{state}" title="{escape(result.reason)}">{linked}</td>'


def _groups(verdict: Verdict) -> Iterator[str]:
    results = [result for result in verdict.results if result.group in GROUPS]
    if not results:
        return
    yield "<table>"
    for result in results:
        state = "held" if result.is_held else str(result.outcome)
        yield (
            f"<tr><td>{result.group}</td><td><code>{escape(result.stage)}</code></td>"
            f'<td class="{state}">{state}</td><td>{escape(result.reason or result.facts.get("origin", ""))}</td></tr>'
        )
    yield "</table>"
    for result in results:
        if result.outcome is Outcome.FAILED and result.detail:
            yield f"<details><summary>{escape(result.node)}</summary><pre>{escape(result.detail)}</pre></details>"


def _notes(verdict: Verdict) -> Iterator[str]:
    notes = [result.facts[NOTE] for result in verdict.results if NOTE in result.facts]
    notes += [f"{result.node}: {result.facts[HELD]}" for result in verdict.results if result.is_held]
    yield from (
        f'<p class="held">{escape(note)}</p>' for note in dict.fromkeys((*notes, *remarks(verdict), *verdict.notes))
    )


def _finding(number: int, finding: Finding) -> Iterator[str]:
    layer = f"{finding.layer} {finding.component}".strip()
    sites = f", {finding.sites} sites" if finding.sites > 1 else ""
    yield f'<div class="finding" id="cause-{number}"><h3>{number}. {escape(finding.headline)}</h3>'
    where = ", ".join(finding.configurations)
    yield f'<p class="dim">{escape(finding.kind)} in {escape(layer)}{sites}; {escape(where)}; {finding.confidence}</p>'
    if NOT_FROM_THIS_BUMP in finding.facts:
        yield '<p class="held">not from this bump: the baseline has it, too</p>'
    yield "<ul>" + "".join(f"<li><code>{escape(str(place))}</code></li>" for place in finding.locations[:10]) + "</ul>"
    yield from (f'<p class="advice">{escape(advice)}</p>' for advice in finding.advice)
    if finding.evidence:
        yield f"<pre>{escape(chr(10).join(finding.evidence))}</pre>"
    yield "</div>"


def _durations(verdict: Verdict) -> Iterator[str]:
    ran = [result for result in verdict.results if result.duration >= 0.1 and not result.reused]
    seconds = saved(verdict)
    if not ran and not seconds:
        return
    yield "<h2>Time</h2>"
    if seconds:
        yield f"<p>The LLVM cache saved {duration(seconds)}.</p>"
    longest = max((result.duration for result in ran), default=1.0)
    yield "<table>"
    for result in sorted(ran, key=lambda each: -each.duration):
        width = max(1, round(300 * result.duration / longest))
        yield (
            f"<tr><td><code>{escape(result.node)}</code></td><td>{duration(result.duration)}</td>"
            f'<td><div class="bar" style="width:{width}px"></div></td></tr>'
        )
    yield "</table>"


def _facts(verdict: Verdict) -> Iterator[str]:
    tree = verdict.downstream
    facts: Mapping[str, str] = {
        "candidate": verdict.candidate.sha,
        "baseline": verdict.baseline.sha if verdict.baseline else "unknown",
        "downstream": f"{tree.commit} {tree.branch}{' with uncommitted changes' if tree.dirty else ''}",
        **verdict.toolchain,
    }
    rows = "".join(_row(name, text) for name, text in facts.items())
    yield f"<h2>What was gated</h2><table>{rows}</table>"


def _row(name: str, text: str) -> str:
    return f"<tr><td>{escape(name)}</td><td><code>{escape(text)}</code></td></tr>"


def _logs(verdict: Verdict, root: Path) -> Iterator[str]:
    """The logs of failed stages: the head, and the surroundings of every line that looks like an error."""
    failed = [result for result in verdict.results if result.outcome is Outcome.FAILED and result.log]
    if failed:
        yield "<h2>Logs</h2>"
    for result in failed:
        try:
            lines = (root / result.log).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        shown = "".join(_log_lines(result, lines))
        summary = f"<summary><code>{escape(result.log)}</code></summary>"
        yield f'<details id="{_anchor(result)}">{summary}<pre>{shown}</pre></details>'


def _log_lines(result: StageResult, lines: list[str]) -> Iterator[str]:
    errors = {number for number, line in enumerate(lines) if _ERROR_LINE.search(line)}
    near = {each for error in errors for each in range(error - _LOG_CONTEXT, error + _LOG_CONTEXT + 1)}
    kept = sorted(number for number in near | set(range(_LOG_HEAD)) if 0 <= number < len(lines))[:_LOG_MOST]
    before = -1
    for number in kept:
        if number != before + 1:
            yield f'<span class="line dim">... {number - before - 1} lines ...</span>'
        text = escape(lines[number])
        body = f"<mark>{text}</mark>" if number in errors else text
        anchor = f"{_anchor(result)}-{number + 1}"
        yield f'<span class="line" id="{anchor}"><span class="number">{number + 1:>6}</span> {body}</span>'
        before = number
    if before + 1 < len(lines):
        yield f'<span class="line dim">... {len(lines) - before - 1} lines ...</span>'


def _anchor(result: StageResult) -> str:
    return escape(f"log-{result.group}-{result.stage}", quote=True)
