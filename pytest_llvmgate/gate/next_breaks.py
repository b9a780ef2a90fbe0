"""Deprecated names of LLVM that a project uses and that the baseline did not deprecate: the breaks of a later move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pytest_llvmgate.model import DEPRECATED, StageResult
from pytest_llvmgate.stages.deprecations import Deprecations, from_fact, joined
from pytest_llvmgate.wording import counted

_SHOWN: Final = 8


def next_breaks(results: Iterable[StageResult], baseline: Iterable[StageResult]) -> Iterator[str]:
    """One sentence per name that is deprecated now; ``baseline`` has the results of the baseline's builds, if any.

    Without them nobody knows which are new, and nothing is said.
    """
    before = [from_fact(result.facts[DEPRECATED]) for result in baseline if DEPRECATED in result.facts]
    if not before:
        return
    known = joined(*before)
    now = joined(*(from_fact(result.facts.get(DEPRECATED, "")) for result in results))
    new = {key: places for key, places in now.items() if key not in known}
    yield from _sentences(new)


def _sentences(new: Deprecations) -> Iterator[str]:
    ranked = sorted(new.items(), key=lambda item: (-len(item[1]), item[0]))
    for key, places in ranked[:_SHOWN]:
        name, _, text = key.partition(": ")
        others = len(places) - 1
        more = f" and {counted(others, 'more place')}" if others else ""
        yield f"deprecated now: {name} at {places[0]}{more}{f' ({text})' if text else ''}"
    if len(ranked) > _SHOWN:
        yield f"deprecated now: {len(ranked) - _SHOWN} more names of LLVM (facts of the builds in the JSON verdict)"
