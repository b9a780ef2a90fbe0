"""What earlier sessions tell: how long each configuration takes, and how much memory its compilers."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import said
from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.gate.run_directory import DIRECTORY_NAME
from pytest_llvmgate.gate.seal import load_sealed
from pytest_llvmgate.model import PEAKS, Edges, Outcome, StageResult
from pytest_llvmgate.process.memory import MIB

_LONGEST: Final = "build"
"""The stage without whose time there is no saying how long it will take."""
_MINUTE: Final = 60.0
_KEPT: Final = 64
"""Verdicts of which stays what they tell: a session asks for its workers, its pool, its order and its progress."""


@dataclass(frozen=True, kw_only=True)
class _PastVerdict:
    """What of a verdict is read here. A stage that was not run again keeps the time of the run that is on record."""

    results: tuple[StageResult, ...] = ()


def past_durations(root: Path) -> dict[str, float]:
    """Seconds by group: of all its stages that are known."""
    found: dict[str, float] = {}
    for node, seconds in past_stages(root).items():
        group = node.partition("::")[0]
        found[group] = found.get(group, 0.0) + seconds
    return found


def past_stages(root: Path) -> dict[str, float]:
    """Seconds by stage (``group::stage``), of the latest verdict of any candidate that has run it."""
    ran = ((each for each in run if each.outcome is not Outcome.SKIPPED) for run in _newest_first(root))
    return dict(ChainMap(*({each.node: each.duration for each in run} for run in ran)))


def past_edges(root: Path) -> dict[str, int]:
    """Edges by stage, of the latest verdict of any candidate that has run it."""
    return dict(ChainMap(*({each.node: each.edges.total for each in run if each.edges} for run in _newest_first(root))))


def past_peaks(root: Path) -> list[int]:
    """Bytes of memory that compilers took in the builds of the latest verdict that tells; empty where none does."""
    return next(filter(None, map(_peaks, _newest_first(root))), [])


def expected(
    seconds: Mapping[str, float], before: Mapping[str, int], now: Mapping[str, Edges], built: Container[str]
) -> dict[str, float]:
    """Seconds that stages will take, of those that they took last: with so many edges ``before``, and so many ``now``.

    A build after a small change is a part of a whole one, and what one configuration has to do again, the next has,
    about, if it is ``built`` already, too.
    """
    parts = {node: min(1.0, edges.total / before[node]) for node, edges in now.items() if before.get(node)}
    usual: dict[str, float] = {}
    for node, part in parts.items():
        stage = node.partition("::")[2]
        usual[stage] = max(part, usual.get(stage, 0.0))
    as_others = {node: usual.get(node.partition("::")[2], 1.0) for node in seconds if node in built}
    return {node: taken * parts.get(node, as_others.get(node, 1.0)) for node, taken in seconds.items()}


def time_left(
    left: Mapping[str, float],
    to_do: Iterable[str],
    processes: int,
    running: Container[str] = (),
    at_least: Container[str] = (),
) -> str:
    """In words, how long the stages ``to_do`` will take; empty where next to nothing is known.

    ``left`` has the seconds for each that can be told, ``running`` are those that have begun: one that takes longer
    than ever will end nobody knows when. Of those in ``at_least`` only what they have done so far tells: what is cheap,
    sources that are generated, comes first in a build. Stages of a group come one after the other, groups side by side
    on so many processes.
    """
    groups: dict[str, float] = {}
    unknown = False
    for node in to_do:
        group, _, stage = node.partition("::")
        groups[group] = groups.get(group, 0.0) + left.get(node, 0.0)
        unknown |= node in at_least or (node not in left and (stage == _LONGEST or node in running))
    seconds = max([sum(groups.values()) / max(1, processes), *groups.values()])
    if unknown:  # a lower bound: never rounded up
        return f"; at least {seconds // _MINUTE:.0f} min left" if seconds >= _MINUTE else ""
    if seconds <= 0:
        return ""
    return f"; about {round(seconds / _MINUTE)} min left" if seconds >= _MINUTE else "; less than 1 min left"


def _newest_first(root: Path) -> Iterator[tuple[StageResult, ...]]:
    found = {}
    for path in (root / DIRECTORY_NAME).glob("*/verdict.json"):
        with suppress(OSError):  # another process may clean up
            found[path] = path.lstat()
    for path in sorted(found, key=lambda each: -found[each].st_mtime):
        with suppress(RepositoryError):
            yield _results(root, path, (found[path].st_ino, found[path].st_mtime_ns, found[path].st_size))


@lru_cache(maxsize=_KEPT)
def _results(root: Path, path: Path, _state: tuple[int, ...]) -> tuple[StageResult, ...]:
    """What a verdict tells, read again when the file is another one; nothing for one that is none of ours."""
    verdict = load_sealed(_PastVerdict, root, path)
    return verdict.results if verdict is not None else ()


def _peaks(run: Iterable[StageResult]) -> list[int]:
    return [peak * MIB for result in run for peak in said(list[int], result.facts.get(PEAKS, ""), [])]
