"""The outcome as a report: what is left first, by what it blocks, then what was done and by whose example."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pytest_llvmgate.fix.fix_outcome import Cause, FixOutcome
from pytest_llvmgate.wording import counted, listed

_MOST_REFUSED = 3


def report(outcome: FixOutcome) -> str:
    """Lines for a terminal."""
    return "\n".join(_lines(outcome))


def _lines(outcome: FixOutcome) -> Iterator[str]:
    cured = [cause for cause in outcome.causes if cause.is_cured]
    left = [cause for cause in outcome.causes if not cause.is_cured]
    places = sum(len(cause.kept) for cause in outcome.causes)
    yield (
        f"{len(cured)} of {len(outcome.causes)} causes cured at {places} places; {outcome.green} of"
        f" {outcome.units} units that failed compile now ({outcome.compilations} compilations, {outcome.seconds:.0f} s)"
    )
    if outcome.is_out_of_time:
        yield "time was up before everything was tried (--seconds)"
    if outcome.unseen:
        yield f"not looked at: {counted(len(outcome.unseen), 'object')}: {listed(outcome.unseen, _MOST_REFUSED)}"
    for path in outcome.broken:
        yield f"{path} compiled before and does not with these edits: do not take them unseen"
    if left:
        yield ""
        yield "Left for you, first what blocks most (llvmgate brief writes a page for each):"
    for cause in left:
        yield from _left(cause)
    if cured:
        yield ""
        yield "Cured, each edit compiled:"
    for cause in cured:
        yield from _cured(cause)


def _left(cause: Cause) -> Iterator[str]:
    done = f"; {len(cause.kept)} more mended" if cause.kept else ""
    yield f"  {cause.finding.headline}"
    yield f"    {counted(cause.left, 'place')} in {counted(cause.blocks, 'unit')}{done}"
    tried = list(dict.fromkeys((one.what, one.said) for one in cause.refused))
    for what, said in tried[:_MOST_REFUSED]:
        yield f"    tried: {what}"
        yield f"      but: {said or 'the same errors stand there'}"


def _cured(cause: Cause) -> Iterator[str]:
    yield f"  {cause.finding.headline}"
    edits = Counter((one.what, one.source) for one in cause.kept)
    for (what, source), count in edits.most_common():
        yield f"    {counted(count, 'place')}: {what}"
        yield f"      from {source}"
