"""The text of a roll's pull request: what moved, what was adapted and why, what is held, and the gate's verdict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.markdown_text import code_span, plain_text
from pytest_llvmgate.model import Verdict
from pytest_llvmgate.roll.roll_state import Attempt
from pytest_llvmgate.roll.rolling import Rolled, RollEnding
from pytest_llvmgate.roll.status_page import carry_line, hold_lines
from pytest_llvmgate.upstream.first_parent import read_log
from pytest_llvmgate.verdict import markdown

_MOST: Final = 60_000
"""Bytes: GitHub takes 65,536 characters of a pull request's text."""
_MOST_CAUSES: Final = 3


def title(rolled: Rolled) -> str:
    """Of the pull request, or of an issue that says why there is none."""
    sha = rolled.attempt.sha[:12] if rolled.attempt else rolled.baseline[:12]
    return {
        RollEnding.CLEAN: f"Bump LLVM to {sha}",
        RollEnding.MENDED: f"Bump LLVM to {sha} (with adaptations)",
        RollEnding.BLOCKED: f"LLVM cannot move past {rolled.baseline[:12]}",
        RollEnding.NOTHING: f"LLVM stays at {rolled.baseline[:12]}",
    }[rolled.ending]


def body(rolled: Rolled, config: Config, verdict: Verdict | None, briefs: Path | None = None) -> str:
    """The text, in Markdown."""
    parts = [*_head(rolled), *_moved(rolled, Repository.open(config.root)), *_notes(rolled)]
    parts += [*_tried(rolled), *_exceptions(config)]
    if briefs is not None and briefs.is_dir():
        parts += ["", "A page for each cause that is left:", ""]
        parts += [f"- {code_span(path.relative_to(briefs).as_posix())}" for path in sorted(briefs.rglob("*.md"))]
    text = "\n".join(parts).strip() + "\n"
    if verdict is not None:
        text += f"\n{markdown.render(verdict, limit=max(2000, _MOST - len(text.encode())))}"
    return text


def _head(rolled: Rolled) -> Iterator[str]:
    yield plain_text(rolled.says) + "."
    if rolled.ending is RollEnding.MENDED:
        yield ""
        yield "**It does not pass by moving the pins alone: look at the adaptations before it is merged.**"


def _moved(rolled: Rolled, repository: Repository) -> Iterator[str]:
    """The branch's commits with their words."""
    if not rolled.commit:
        return
    yield from ("", "### What it does", "")
    for known, text in read_log(repository, "--reverse", f"{rolled.base}..{rolled.commit}"):
        yield f"- {code_span(known['sha'][:12])} {plain_text(known['title'])}"
        yield from (f"  {plain_text(line)}  " for line in text.splitlines() if line.strip())


def _notes(rolled: Rolled) -> Iterator[str]:
    notes = [note for step in (rolled.attempt.steps if rolled.attempt else ()) for note in step.notes]
    if not notes or rolled.ending is RollEnding.BLOCKED:
        return
    yield from ("", "### To be looked at", "")
    yield from (f"- {plain_text(note)}" for note in dict.fromkeys(notes))


def _tried(rolled: Rolled) -> Iterator[str]:
    """The candidates that do not pass, with what broke."""
    others = [one for one in rolled.tried if one.mark is not None and (not rolled.branch or one != rolled.attempt)]
    if rolled.narrowed:
        yield from ("", *(f"- {plain_text(why)}" for why in rolled.narrowed))
    if not others:
        return
    yield from ("", "### Candidates that were tried besides", "") if rolled.branch else ("", "### Tried", "")
    for one in others:
        yield f"- {code_span(one.sha[:12])} {one.mark}: {plain_text(one.reason)}"
        yield from (f"  - {plain_text(cause)}" for cause in _causes(one))


def _causes(attempt: Attempt) -> Iterator[str]:
    yield from attempt.causes[:_MOST_CAUSES]
    if len(attempt.causes) > _MOST_CAUSES:
        yield f"and {len(attempt.causes) - _MOST_CAUSES} more"


def _exceptions(config: Config) -> Iterator[str]:
    if config.holds:
        yield from ("", "### Holds", "", *(f"- {plain_text(line)}" for line in hold_lines(config)))
    if config.carries:
        yield from ("", "### Carried patches", "", *(f"- {plain_text(carry_line(one))}" for one in config.carries))
