"""A page for whoever mends one cause, person or program: everything that is known, and how to try in seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.fix.fix_outcome import Cause
from pytest_llvmgate.fix.fixing import FixRequest
from pytest_llvmgate.kinds.facts import CULPRIT, CULPRIT_DATE, CULPRIT_TITLE, MIGRATION, NAME, SCOPE
from pytest_llvmgate.model import Location
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.surface.entity_fates import SurfaceDifference
from pytest_llvmgate.upstream.migrations import Migration
from pytest_llvmgate.wording import counted

_AROUND: Final = 6
"""Lines of the project's code on either side of a place."""
_MOST_PLACES: Final = 5
_MOST_HUNKS: Final = 12


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What is told of one cause."""

    title: str
    kind: str
    identifier: str
    error: tuple[str, ...]
    """Lines of the compiler."""
    places: Mapping[str, str]
    """``file:line`` to the code around."""
    before: str
    """The declaration at the baseline; empty where that is not known."""
    after: str
    """What the candidate has instead."""
    culprit: str
    """Commit, date and title; empty where it is not known."""
    message: str
    """The culprit's whole message."""
    examples: tuple[str, ...]
    """How others did it, the culprit's own changes first: each as lines of a diff."""
    tried: tuple[Mapping[str, str], ...]
    """``what`` was tried, from which ``source``, and what the compiler ``said``."""
    mended: int
    left: int
    blocks: int
    """Units that do not compile because of it."""
    verify: str
    """A shell command that says within seconds whether a fix compiles."""


def brief_of(
    cause: Cause,
    request: FixRequest,
    *,
    difference: SurfaceDifference,
    examples: tuple[Migration, ...] = (),
    message: str = "",
) -> Brief:
    """Put together what is known of a cause."""
    finding = cause.finding
    name, scope = finding.facts.get(NAME, ""), finding.facts.get(SCOPE, "")
    answer = difference.of_name(name, scope) if re.fullmatch(r"~?\w+", name) else None
    sha = finding.facts.get(CULPRIT, "")
    shown = tuple("\n".join(one.lines()) for one in examples[:_MOST_HUNKS])
    return Brief(
        title=finding.headline,
        kind=finding.kind,
        identifier=finding.identifier,
        error=finding.evidence,
        places=dict(_places(finding.locations, request.source)),
        before=f"{answer.before.where}: {answer.before.signature}" if answer and answer.before else "",
        after=f"{answer.after.where}: {answer.after.signature}" if answer and answer.after else "",
        culprit=f"{sha} ({finding.facts.get(CULPRIT_DATE, '')}) {finding.facts.get(CULPRIT_TITLE, '')}" if sha else "",
        message=message,
        examples=shown or ((finding.facts[MIGRATION],) if MIGRATION in finding.facts else ()),
        tried=tuple({"what": one.what, "source": one.source, "said": one.said} for one in cause.refused),
        mended=len(cause.kept),
        left=cause.left,
        blocks=cause.blocks,
        verify=cause.verify,
    )


def _places(locations: tuple[Location, ...], source: Path) -> Iterator[tuple[str, str]]:
    for location in locations[:_MOST_PLACES]:
        file = (source / location.path).resolve()  # a log may name any
        if location.line is None or not file.is_relative_to(source.resolve()):
            continue
        try:
            lines = read_plain_text(file).split("\n")
        except OSError:
            continue
        first = max(0, location.line - 1 - _AROUND)
        shown = lines[first : location.line + _AROUND]
        yield (
            f"{location.path}:{location.line}",
            "\n".join(
                f"{'>' if number == location.line else ' '} {number:5} {line}"
                for number, line in enumerate(shown, first + 1)
            ),
        )


def as_markdown(brief: Brief) -> str:
    """The page as people read it."""
    return "\n".join(_page(brief)) + "\n"


def _page(brief: Brief) -> Iterator[str]:
    yield f"# {brief.title}"
    yield ""
    left = f"{counted(brief.left, 'place')} left in {counted(brief.blocks, 'unit')}"
    yield f"`{brief.kind}`: {left}, {brief.mended} mended."
    yield from _block("The error", "\n".join(brief.error))
    for place, code in brief.places.items():
        yield from _block(place, code)
    if brief.before or brief.after:
        yield from _block(
            "Declarations", f"before: {brief.before or 'not known'}\nnow:    {brief.after or 'nothing of it'}"
        )
    if brief.culprit:
        yield from _block("The commit of LLVM that did it", f"{brief.culprit}\n\n{brief.message}".strip())
    for number, example in enumerate(brief.examples):
        yield from _block("How others did it" if not number else "", example, language="diff")
    if brief.tried:
        yield from _section("What was tried")
        for one in brief.tried:
            yield f"- `{one['what']}` (from {one['source']}): {one['said'] or 'the same errors stood there'}"
    yield from _block("How to try a fix in seconds", brief.verify, language="console")


def _section(title: str) -> Iterator[str]:
    if title:
        yield ""
        yield f"## {title}"
    yield ""


def _block(title: str, text: str, *, language: str = "text") -> Iterator[str]:
    if not text:
        return
    yield from _section(title)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    yield f"{fence}{language}"
    yield text
    yield fence


def file_name(number: int, brief: Brief) -> str:
    """A name that says what it is about and sorts as the causes do: no character of it is the log's."""
    about = re.sub(r"[^A-Za-z0-9]+", "-", brief.identifier).strip("-")[:60]
    return f"{number:02}-{brief.kind}-{about}"
