"""The verdict on one terminal screen."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pytest_llvmgate.kinds.facts import NOT_FROM_THIS_BUMP
from pytest_llvmgate.model import BECAUSE, GROUPS, PINS_GROUP, Finding, Outcome, StageResult, Verdict
from pytest_llvmgate.printable import cleaned, shortened
from pytest_llvmgate.verdict.grid import grid
from pytest_llvmgate.verdict.provenance import carried, notes
from pytest_llvmgate.wording import counted, duration

_COLOURS: Final[Mapping[str, str]] = {"red": "31", "green": "32", "yellow": "33", "bold": "1", "dim": "2"}
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "passed": ("ok", "green"),
    "failed": ("FAILED", "red"),
    "skipped": ("-", "dim"),
    "held": ("held", "yellow"),
}
_CAUSES_SHOWN: Final = 3
_EVIDENCE_SHOWN: Final = 5
_GAP: Final = "  "
_MARGIN: Final = " " * 12
_NARROWEST: Final = 40
"""Columns. Below that, it is the terminal that breaks the lines."""


_Style = Callable[..., str]
"""A text, and the looks that it gets."""


def _coloured(text: str, *names: str) -> str:
    return f"\x1b[{';'.join(_COLOURS[name] for name in names)}m{text}\x1b[0m" if names else text


def _plain(text: str, *_: str) -> str:
    return text


def render(verdict: Verdict, *, width: int = 80, color: bool = False) -> Iterator[str]:
    """The lines of the summary: what was gated, the grid, why it failed, and the pattern.

    A line that goes to the log of a CI service passes through :func:`without_commands` after this.
    """
    for line in _lines(verdict, width=width, color=color):
        yield line.replace("\n", " ")  # a name with two lines, from a report, must not look like a verdict


def _lines(verdict: Verdict, *, width: int, color: bool) -> Iterator[str]:
    verdict, style = cleaned(verdict), _coloured if color else _plain
    yield from _head(verdict, width)
    yield ""
    yield from _groups(verdict, style, width)
    yield from _grid(verdict, style, width)
    yield from _causes(verdict, style, width)
    said = [f"held: {node}: {text}" if node else f"note: {text}" for node, text in notes(verdict)]
    yield from _paragraph([style(line, "yellow") for text in said for line in _wrapped(text, width, rest="      ")])
    bold = [style(line, "bold", "red") for text in verdict.patterns for line in _wrapped(text, width, rest="   ")]
    yield from _paragraph(bold)
    look = "red" if verdict.failed else "green" if verdict.passes else "yellow"
    yield from (style(line, look) for line in _wrapped(conclusion(verdict), width, rest="   "))


def _head(verdict: Verdict, width: int) -> Iterator[str]:
    yield f"candidate   {verdict.candidate.sha}" + (f"  {verdict.candidate.name}" if verdict.candidate.name else "")
    if verdict.baseline is None:
        is_read = any(result.group == PINS_GROUP for result in verdict.results)
        why = "no target branch with a readable pin" if is_read else "no pin here says what a target branch is on"
        unknown = f"unknown ({why}; name one with --llvm-baseline)"
        yield from _wrapped(unknown, width, first="baseline    ", rest=_MARGIN)
    elif verdict.baseline.sha == verdict.candidate.sha:
        yield "baseline    the same commit"
    else:
        yield f"baseline    {verdict.baseline.sha}" + (f"  {verdict.baseline.name}" if verdict.baseline.name else "")
    tree = verdict.downstream
    branch = f" ({tree.branch})" if tree.branch else ""
    state = " with uncommitted changes" if tree.dirty else ""
    yield f"downstream  {tree.commit[:12] or 'no commit yet'}{branch}{state}"
    tools = ", ".join(f"{name} {version}" for name, version in verdict.toolchain.items())
    if tools:
        yield from _wrapped(tools, width, first="tools       ", rest=_MARGIN)


def _groups(verdict: Verdict, style: _Style, width: int) -> Iterator[str]:
    """Pins and LLVM: one line each while all is well, one line per trouble otherwise."""
    for group in GROUPS:
        results = [result for result in verdict.results if result.group == group]
        bad = [result for result in results if result.outcome is not Outcome.PASSED and not result.is_held]
        for result in bad:
            text = f"{result.stage}: {result.reason}"
            yield from (style(line, "red") for line in _wrapped(text, width, first=f"{group:<12}", rest=_MARGIN))
        if results and not bad:
            names = ", ".join(_described(result) for result in results)
            first, *more = _wrapped(names, width, first=f"{group:<12}ok  ", rest=f"{_MARGIN}    ")
            yield first.replace("ok", style("ok", "green"), 1)
            yield from more
    yield ""


def _described(result: StageResult) -> str:
    origin = result.facts.get("origin", "")
    if result.is_held:
        return f"{result.stage} (held)"
    if not origin:
        return result.stage
    how = origin if origin.startswith("derived") else f"from {origin}"
    return f"{result.stage} {result.facts.get('version', '')} {how}"


def _grid(verdict: Verdict, style: _Style, width: int) -> Iterator[str]:
    """Configurations by stages; without the times where these would not fit."""
    if not verdict.configurations:
        return
    stages, table = grid(verdict)
    first = max(len("configuration"), *(len(name) for name, _ in table))
    for with_times in (True, False):
        rows = [[_cell(result, with_times=with_times) for result in results] for _, results in table]
        widths = [max(len(stage), *(len(row[column][0]) for row in rows)) for column, stage in enumerate(stages)]
        if first + sum(widths) + len(_GAP) * len(widths) <= width:
            break
    yield style(_GAP.join(map(str.ljust, ("configuration", *stages), (first, *widths))).rstrip(), "bold")
    for (name, _), row in zip(table, rows, strict=True):
        padded = [style(text.ljust(size), *look) for (text, look), size in zip(row, widths, strict=True)]
        yield _GAP.join([name.ljust(first), *padded]).rstrip()
    yield ""


def _cell(result: StageResult | None, *, with_times: bool) -> tuple[str, tuple[str, ...]]:
    if result is None:
        return "", ()
    word, look = _WORDS[result.state]
    if result.outcome is Outcome.SKIPPED or not with_times:
        return word, (look,)
    return "unchanged" if result.reused else f"{word} {duration(result.duration)}", (look,)


def _causes(verdict: Verdict, style: _Style, width: int) -> Iterator[str]:
    """The findings, most important first; and the failures that have none, by their reason."""
    several = len(verdict.configurations) > 1
    for number, finding in enumerate(verdict.findings[:_CAUSES_SHOWN], 1):
        yield from _cause(number, finding, style, width, several=several)
    more = len(verdict.findings) - _CAUSES_SHOWN
    if more > 0:
        yield f"... and {counted(more, 'more cause')}, in the logs (llvmgate explain LOG) and in the JSON verdict"
        yield ""
    explained = {result.node for result in verdict.failed if result.findings}
    rest = [each for each in verdict.failed if each.node not in explained and each.group not in GROUPS]
    texts = (f"{result.node}: {result.reason}" for result in rest)
    yield from _paragraph([style(line, "red") for text in texts for line in _wrapped(text, width, rest="   ")])


def _cause(number: int, finding: Finding, style: _Style, width: int, *, several: bool) -> Iterator[str]:
    places = f" [{', '.join(finding.configurations)}]" if several and finding.configurations else ""
    head = f"{number}. {finding.headline}{places}"
    yield from (style(line, "bold") for line in _wrapped(head, width, rest="   "))
    sites = f", {finding.sites} sites" if finding.sites > 1 else ""
    where = ", ".join(str(location) for location in finding.locations[:1])
    text = f"{finding.kind} in {finding.whose}{sites}{f': {where}' if where else ''}"
    yield from _wrapped(text, width, first="   ", rest="   ")
    if NOT_FROM_THIS_BUMP in finding.facts:
        yield style("   not from this bump: the baseline has it, too", "yellow")
    yield from (f"   | {line}"[: max(width, _NARROWEST)] for line in finding.evidence[:_EVIDENCE_SHOWN])
    for advice in finding.advice:
        yield from _wrapped(advice, width, first="   -> ", rest="      ")
    if finding.log:
        yield style(f"   log: {finding.log}{f':{finding.log_line}' if finding.log_line else ''}", "dim")
    yield ""


def _paragraph(lines: list[str]) -> list[str]:
    return [*lines, ""] if lines else []


def _wrapped(text: str, width: int, *, first: str = "", rest: str = "") -> Iterator[str]:
    """Lines of at most ``width`` columns, except for words that are longer: paths and commands are there to copy."""
    yield from textwrap.wrap(
        shortened(text),
        max(width, _NARROWEST),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def conclusion(verdict: Verdict) -> str:
    """The verdict in one sentence."""
    count = {outcome: sum(result.outcome is outcome for result in verdict.results) for outcome in Outcome}
    held = sum(result.is_held for result in verdict.results)
    rest = f", {held} held" if held else ""
    rest += f", {count[Outcome.SKIPPED]} skipped" if count[Outcome.SKIPPED] else ""
    short = carried(verdict)
    if verdict.failed:
        return f"{short} does not pass: {len(verdict.failed)} of {len(verdict.results)} failed{rest}"
    passed = f"{count[Outcome.PASSED]} of {len(verdict.results)}"
    if not verdict.passes:
        causes = dict.fromkeys(_outside(each) for each in verdict.undecided) or ["nothing was judged"]
        return f"{short} is undecided: {passed} passed{rest}; {'; '.join(causes)}"
    return f"{short} passes: {passed}{rest}"


def _outside(skipped: StageResult) -> str:
    """Why nothing can be said: what failed is not among the results, or the session ended before its end."""
    cause = skipped.facts[BECAUSE]
    if "::" not in cause:
        return cause
    return f"{cause} failed outside this selection{(skipped.reason or '').removeprefix(f'{cause} failed')}"
