"""What earlier sessions tell: how long each configuration takes, and how much memory its compilers."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pytest_llvmgate.codec import parse_json
from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.gate.run_directory import DIRECTORY_NAME
from pytest_llvmgate.gate.seal import read_sealed
from pytest_llvmgate.model import PEAKS, Edges
from pytest_llvmgate.process.memory import MIB

_LONGEST: Final = "build"
"""The stage without whose time there is no saying how long it will take."""
_MINUTE: Final = 60.0
_KEPT: Final = 64
"""Verdicts of which stays what they tell: a session asks for its workers, its pool, its order and its progress."""


@dataclass(frozen=True, kw_only=True)
class _PastRun:
    """What one verdict tells."""

    timed: Mapping[str, float]
    """Seconds by stage (``group::stage``). One that was not run again keeps those of the run that is on record."""
    edges: Mapping[str, int]
    """Of its ninja, by stage."""
    peaks: tuple[int, ...]
    """Bytes of memory that compilers took."""


def past_durations(root: Path) -> dict[str, float]:
    """Seconds by group: of all its stages that are known."""
    found: dict[str, float] = {}
    for node, seconds in past_stages(root).items():
        group = node.partition("::")[0]
        found[group] = found.get(group, 0.0) + seconds
    return found


def past_stages(root: Path) -> dict[str, float]:
    """Seconds by stage (``group::stage``), of the latest verdict of any candidate that has run it."""
    return dict(ChainMap(*(dict(run.timed) for run in _newest_first(root))))


def past_edges(root: Path) -> dict[str, int]:
    """Edges by stage, of the latest verdict of any candidate that has run it."""
    return dict(ChainMap(*(dict(run.edges) for run in _newest_first(root))))


def past_peaks(root: Path) -> list[int]:
    """Bytes of memory that compilers took in the builds of the latest verdict that tells; empty where none does."""
    return next((list(run.peaks) for run in _newest_first(root) if run.peaks), [])


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


def _newest_first(root: Path) -> Iterator[_PastRun]:
    found = {}
    for path in (root / DIRECTORY_NAME).glob("*/verdict.json"):
        with suppress(OSError):  # another process may clean up
            found[path] = path.lstat()
    for path in sorted(found, key=lambda each: -found[each].st_mtime):
        with suppress(ValueError, RecursionError, RepositoryError):
            yield _told(root, path, (found[path].st_ino, found[path].st_mtime_ns, found[path].st_size))


@lru_cache(maxsize=_KEPT)
def _told(root: Path, path: Path, _state: tuple[int, ...]) -> _PastRun:
    """What a verdict tells, read again when the file is another one. Raises as what reads and parses it does."""
    verdict = parse_json(read_sealed(root, path) or "{}")
    results = verdict.get("results", ()) if isinstance(verdict, dict) else ()
    mappings = [result for result in results if isinstance(result, dict)]
    return _PastRun(timed=dict(_timed(mappings)), edges=dict(_edges(mappings)), peaks=tuple(_peaks(mappings)))


def _timed(results: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, float]]:
    for result in results:
        if result.get("outcome") != "skipped":
            with suppress(KeyError, TypeError, ValueError):
                yield f"{result['group']}::{result['stage']}", float(result["duration"])


def _edges(results: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, int]]:
    for result in results:
        with suppress(KeyError, TypeError, ValueError):
            yield f"{result['group']}::{result['stage']}", int(result["edges"]["total"])


def _peaks(results: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    for result in results:
        with suppress(KeyError, TypeError, ValueError):
            yield from [int(peak) * MIB for peak in parse_json(result["facts"][PEAKS])]
