"""The verdict as one self-contained HTML file: no network, no scripts from elsewhere, works from a disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP
from pytest_llvmgate.model import (
    GROUPS,
    HELD,
    NOTE,
    Finding,
    Outcome,
    StageResult,
    Verdict,
)
from pytest_llvmgate.printable import cleaned, printable
from pytest_llvmgate.verdict.grid import grid
from pytest_llvmgate.verdict.provenance import remarks, saved
from pytest_llvmgate.verdict.terminal import conclusion
from pytest_llvmgate.verdict.times import duration

_STYLE: Final = """
:root { color-scheme: light dark; --ok: #1a7f37; --bad: #cf222e; --held: #9a6700; --dim: #6e7781; --line: #d0d7de88; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; display: block; max-width: 100%; overflow-x: auto; }
th, td { text-align: left; padding: .3rem .9rem .3rem 0; vertical-align: top; }
tr + tr td { border-top: 1px solid var(--line); }
code, pre { font: 13px/1.45 ui-monospace, monospace; } h1, h3, p, li, summary { overflow-wrap: anywhere; }
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
    verdict = cleaned(verdict)
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
    logs = {} if root is None else dict(_read_logs(verdict, root))
    yield from _grid(verdict, logs)
    yield from _groups(verdict)
    yield from _notes(verdict)
    if verdict.findings:
        yield "<h2>Causes</h2>"
        for number, finding in enumerate(verdict.findings, 1):
            yield from _finding(number, finding, logs)
    yield from _durations(verdict)
    yield from _facts(verdict)
    yield from _logs(verdict, logs)


def _grid(verdict: Verdict, logs: Mapping[str, Log]) -> Iterator[str]:
    if not verdict.configurations:
        return
    table = grid(verdict)
    yield f"<table><tr><th>configuration</th>{''.join(f'<th>{stage}</th>' for stage in table.stages)}</tr>"
    for name, results in table.rows:
        row = "".join(_cell(result, logs) for result in results)
        yield f"<tr><td><code>{escape(name)}</code></td>{row}</tr>"
    yield "</table>"


def _cell(result: StageResult | None, logs: Mapping[str, Log]) -> str:
    if result is None:
        return "<td></td>"
    state = "held" if result.is_held else str(result.outcome)
    text = "unchanged" if result.reused else f"{state} {duration(result.duration)}"
    shown = "not run" if result.outcome is Outcome.SKIPPED else text
    linked = f'<a href="#{_anchor(result)}">{shown}</a>' if result.log in logs else shown
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


def _finding(number: int, finding: Finding, logs: Mapping[str, Log]) -> Iterator[str]:
    """A cause; ``logs`` are those that the page shows."""
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
    log = logs.get(finding.log)
    if log is not None and finding.log_line and finding.log_line <= len(log.lines):
        place = f"{log.anchor}-{finding.log_line}"
        yield f'<p><a href="#{place}">{escape(finding.log)}:{finding.log_line}</a></p>'
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


class Log(NamedTuple):
    """The log of a failed stage."""

    anchor: str
    lines: list[str]


def _read_logs(verdict: Verdict, root: Path) -> Iterator[tuple[str, Log]]:
    """The logs of failed stages that are there to be read, by their paths."""
    for result in verdict.results:
        if result.outcome is Outcome.FAILED and result.log:
            with suppress(OSError):
                text = (root / result.log).read_text(encoding="utf-8", errors="replace")
                yield (
                    result.log,
                    Log(_anchor(result), [printable(line) for line in text.removesuffix("\n").split("\n")]),
                )


def _logs(verdict: Verdict, logs: Mapping[str, Log]) -> Iterator[str]:
    """The head of each, and the surroundings of every line that looks like an error, or that a cause is read from."""
    if logs:
        yield "<h2>Logs</h2>"
    for path, log in logs.items():
        causes = {each.log_line - 1 for each in verdict.findings if each.log == path and each.log_line}
        text = "".join(_log_lines(log, causes))
        # A browser unfolds what a link leads into, and not what it leads to.
        yield f'<details><summary><code>{escape(path)}</code></summary><pre id="{log.anchor}">{text}</pre></details>'


def _log_lines(log: Log, causes: AbstractSet[int]) -> Iterator[str]:
    lines = log.lines
    errors = {number for number, line in enumerate(lines) if _ERROR_LINE.search(line)} | causes
    near = {each for error in errors for each in range(error - _LOG_CONTEXT, error + _LOG_CONTEXT + 1)}
    wanted = sorted(number for number in near | set(range(_LOG_HEAD)) if 0 <= number < len(lines))
    kept = sorted({*wanted[:_LOG_MOST], *(number for number in causes if number < len(lines))})
    before = -1
    for number in kept:
        if number != before + 1:
            yield f'<span class="line dim">... {number - before - 1} lines ...</span>'
        text = escape(lines[number])
        body = f"<mark>{text}</mark>" if number in errors else text
        anchor = f"{log.anchor}-{number + 1}"
        yield f'<span class="line" id="{anchor}"><span class="number">{number + 1:>6}</span> {body}</span>'
        before = number
    if before + 1 < len(lines):
        yield f'<span class="line dim">... {len(lines) - before - 1} lines ...</span>'


def _anchor(result: StageResult) -> str:
    return escape(f"log-{result.group}-{result.stage}", quote=True)
