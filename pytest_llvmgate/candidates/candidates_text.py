"""Ranked candidates as a table, as JSON, and as Markdown for an update issue."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.candidates.gathering import Ranking
from pytest_llvmgate.candidates.newest import Newest
from pytest_llvmgate.candidates.points import Candidate, Reason
from pytest_llvmgate.markdown_text import plain_text as _text
from pytest_llvmgate.upstream.windows import Window
from pytest_llvmgate.wording import day

SCHEMA: Final = 1
"""Version of the JSON form; raised when a reader of the old form would misread the new one."""
_LLVM: Final = "https://github.com/llvm/llvm-project/commit/"
_WORDS: Final = {Mark.GOOD: "passed", Mark.BAD: "failed", Mark.SKIP: "could not be judged"}


def render_text(ranking: Ranking, *, count: int, width: int = 100, newest: Newest | None = None) -> Iterator[str]:
    """For a terminal."""
    yield from _overview(ranking)
    for number, one in enumerate(ranking.candidates[:count], start=1):
        yield ""
        title = one.commit.title
        head = f"{number:2}  {one.commit.short}  {day(one.commit.when)}  +{one.position + 1:<6,} {one.points:6.1f}  "
        yield head + textwrap.shorten(title, max(20, width - len(head)), placeholder=" ...")
        for reason in _shown_reasons(one):
            yield from textwrap.wrap(
                f"{(f'{reason.points:+6.1f}' if reason.points else '      ')}  {reason.text}",
                width,
                initial_indent="      ",
                subsequent_indent=" " * 14,
                break_long_words=False,
            )
    if len(ranking.candidates) > count:
        yield f"\n({len(ranking.candidates) - count} more: --count)"
    if newest is not None:
        yield ""
        yield from _newest_lines(newest)
    yield from (f"note: {note}" for note in ranking.notes)
    if chosen := _chosen(ranking, newest):
        yield f"\nnext: llvmgate plan {chosen[:12]}; pytest --llvm-sha={chosen}"


def _chosen(ranking: Ranking, newest: Newest | None) -> str:
    return newest.found.sha if newest and newest.found else ranking.best.commit.sha if ranking.best else ""


def _overview(ranking: Ranking) -> Iterator[str]:
    yield (
        f"pinned: {ranking.pin[:12]}; after it, main has {ranking.commits:,} commits in {ranking.days:.0f} days, "
        f"up to {ranking.head[:12]}"
    )
    yield (
        f"  reverts and mended builds prove {ranking.windows} stretches of it bad; "
        f"{ranking.relevant_windows} of them touch what is used or built here"
    )
    heard = [*ranking.components, *ranking.siblings]
    yield f"  asked besides: {', '.join(dict.fromkeys(heard)) or 'nobody (--sibling DIR, [update] siblings)'}"


def _shown_reasons(one: Candidate) -> Sequence[Reason]:
    """The weightiest first; what weighs nothing at all is still worth its line."""
    return sorted(one.reasons, key=lambda reason: -abs(reason.points))


def _newest_lines(newest: Newest) -> Iterator[str]:
    yield "tried:"
    for one in newest.tried:
        yield f"  {one.commit.short}  +{one.position + 1:<6,} {_WORDS[one.mark]}: {one.reason}"
    if newest.found is None:
        yield "none of them passes"
        return
    more = "" if newest.is_complete else " (so far: --tries lets more be tried)"
    yield f"the newest that passes: {newest.found.sha} {newest.found.title}{more}"
    if newest.first_failing is not None:
        span = f"{newest.found.short}..{newest.first_failing.short}"
        yield f"  {newest.first_failing.short} fails; what broke it: llvmgate bisect {span}"


# -- JSON ---------------------------------------------------------------------------------------------------------


def ranking_data(ranking: Ranking, *, count: int, newest: Newest | None = None) -> dict[str, Any]:
    """The answer as plain values."""
    names = ("pin", "head", "commits", "windows", "relevant_windows", "siblings", "components", "notes")
    data: dict[str, Any] = {
        "schema": SCHEMA,
        **{name: getattr(ranking, name) for name in names},
        "base": ranking.base.sha,
        "patches": len(ranking.base.patches),
        "days": round(ranking.days, 1),
        "candidates": [_candidate_data(number, one) for number, one in enumerate(ranking.candidates[:count], start=1)],
    }
    return data | ({"newest_that_passes": _newest_data(newest)} if newest is not None else {})


def _candidate_data(number: int, one: Candidate) -> dict[str, Any]:
    return {
        "rank": number,
        "sha": one.commit.sha,
        "title": one.commit.title,
        "date": day(one.commit.when),
        "commits_ahead": one.position + 1,
        "days_ahead": round(one.ahead_days, 1),
        "points": round(one.points, 1),
        "reasons": [
            {"kind": reason.kind.value, "points": round(reason.points, 1), "text": reason.text}
            for reason in one.reasons
        ],
        "adopted_by": [
            {"project": each.project, "commit": each.commit, "patches": each.patches} for each in one.adoptions
        ],
        "components": [
            {"name": each.component, "commit": each.commit, "current": each.is_current} for each in one.carried
        ],
        "windows": [_window_data(window) for window in one.windows],
        "verdict": None if one.recorded is None else ("passed" if one.recorded.passes else "failed"),
        "verdict_is_of_this_tree": one.recorded.same_tree if one.recorded else None,
        "preflight": None if one.preflight is None else len(one.preflight),
    }


def _window_data(window: Window) -> dict[str, Any]:
    return {
        "bad": window.culprit,
        "title": window.title,
        "proof": window.proof,
        "kind": window.kind.value,
        "partial": window.partial,
        "before_the_pin": window.before,
        "days": round(window.days, 1),
    }


def _newest_data(newest: Newest) -> dict[str, Any]:
    return {
        "sha": newest.found.sha if newest.found else None,
        "title": newest.found.title if newest.found else None,
        "first_failing": newest.first_failing.sha if newest.first_failing else None,
        "complete": newest.is_complete,
        "tried": [{"sha": one.commit.sha, "mark": one.mark.value, "reason": one.reason} for one in newest.tried],
    }


# -- Markdown -----------------------------------------------------------------------------------------------------


def render_markdown(ranking: Ranking, *, count: int, newest: Newest | None = None) -> Iterator[str]:
    """For an update issue."""
    yield "## Candidates for the next LLVM update"
    yield ""
    yield (
        f"Pinned: {_commit(ranking.pin)}. LLVM's main has {ranking.commits:,} commits after it "
        f"({ranking.days:.0f} days), up to {_commit(ranking.head)}. Reverts and mended "
        f"builds prove {ranking.windows} stretches bad, {ranking.relevant_windows} of them in what matters here."
    )
    shown = ranking.candidates[:count]
    if shown:
        yield ""
        yield "| # | commit | date | after the pin | points | why |"
        yield "|--:|---|---|--:|--:|---|"
    for number, one in enumerate(shown, start=1):
        why = "<br>".join(_text(reason.text) for reason in _shown_reasons(one))
        yield (
            f"| {number} | {_commit(one.commit.sha)} {_text(one.commit.title)} | {day(one.commit.when)} "
            f"| {one.position + 1:,} | {one.points:.0f} | {why} |"
        )
    if newest is not None:
        yield ""
        yield from _newest_markdown(newest)
    if ranking.notes:
        yield ""
        yield from (f"- {_text(note)}" for note in ranking.notes)
    yield from _steps(ranking, newest)


def _newest_markdown(newest: Newest) -> Iterator[str]:
    yield "### The newest that passes"
    yield ""
    if newest.found is None:
        yield "None of the commits that were tried passes."
    else:
        yield f"{_commit(newest.found.sha)} {_text(newest.found.title)}"
    yield ""
    for one in newest.tried:
        yield f"- {_commit(one.commit.sha)} {_WORDS[one.mark]}: {_text(one.reason)}"


def _steps(ranking: Ranking, newest: Newest | None) -> Iterator[str]:
    chosen = _chosen(ranking, newest)
    if not chosen:
        return
    yield ""
    yield f"- [ ] see the way there: `llvmgate plan {chosen[:12]}`"
    yield f"- [ ] try it: `pytest --llvm-sha={chosen}`"
    yield f"- [ ] move the pins: `llvmgate bump {chosen}`"


def _commit(sha: str) -> str:
    return f"[`{sha[:12]}`]({_LLVM}{sha})"
