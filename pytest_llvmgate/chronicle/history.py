"""The pins of a project over its whole history: when they moved, when they disagreed and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pytest_llvmgate.chronicle.walking import Moment, modules_ever, walk
from pytest_llvmgate.config.settings import PinSpec, Policy
from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git.gitmodules import Submodule
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import resolve, same_commit
from pytest_llvmgate.pins.bulk import ABSENT, BulkPin, BulkReader
from pytest_llvmgate.pins.leading import is_own, leaders
from pytest_llvmgate.upstream.first_parent import DAY


@dataclass(frozen=True, kw_only=True)
class PinState(Moment):
    """The pins at a commit that changed one of them."""

    pins: Mapping[str, BulkPin]
    """Name to what it said; a pin that the state did not have is not in it."""


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A time in which some pin disagreed with the project's own, without a break."""

    pins: tuple[str, ...]
    """The pins that disagreed in it, in the order in which they began to."""
    start: PinState
    end: PinState | None
    """The state that ended it; ``None`` while it lasts."""
    until: int
    """When it ended, or the history's last commit."""
    bumps: int
    """Moves of the project's own pin that happened in it, the one that began it included."""

    @property
    def days(self) -> float:
        """Its length."""
        return (self.until - self.start.when) / DAY


@dataclass(frozen=True, kw_only=True)
class Chronicle:
    """Every state of the pins, oldest first."""

    names: tuple[str, ...]
    """All pins, the project's own first."""
    leading: tuple[str, ...]
    """The pins that speak for the project."""
    states: tuple[PinState, ...]
    commits: int
    """Length of the first-parent history that was walked."""
    latest: int
    """Committer date of its newest commit."""
    is_shallow: bool = False
    """The clone's history is cut off: what was before its oldest commit cannot be told."""

    @property
    def bumps(self) -> tuple[PinState, ...]:
        """The states that moved the project's own pin, the first included."""
        moved, before = [], ""
        for state in self.states:
            own = self.said(state)
            if own and not same_commit(own, before or "-"):
                moved.append(state)
            before = own or before
        return tuple(moved)

    def said(self, state: PinState) -> str:
        """What the project's own pin said; empty where it had none that could be read."""
        texts = (state.pins[name].text for name in self.leading if name in state.pins)
        return next(filter(None, texts), "")

    def differing(self, state: PinState) -> tuple[str, ...]:
        """The pins that disagree with the project's own."""
        own = self.said(state)
        if not own:
            return ()
        return tuple(name for name, pin in state.pins.items() if pin.text and not same_commit(pin.text, own))

    def resolvable(self, state: PinState) -> bool:
        """Whether there is a second pin that could be read, so that agreement can be told."""
        texts = [name for name, pin in state.pins.items() if pin.text]
        return bool(self.said(state)) and len(texts) > 1


def read_chronicle(
    repository: Repository,
    specs: Sequence[PinSpec],
    *,
    revision: str = "HEAD",
    clones: Mapping[str, Path] | None = None,
) -> Chronicle:
    """Walk the first-parent history of ``revision``.

    Several specs of one name are the pin's places over time (a submodule that moved); the first that a state has
    counts. Raises ``RevisionError`` for a revision that is not there, ``RepositoryError`` before the first commit.
    """
    if revision == "HEAD" and not repository.head():
        raise RepositoryError(f"{repository.display} has no commit yet, so no history")
    head = resolve(repository, revision)
    wanted = [spec for spec in specs if spec.policy is not Policy.IGNORE]
    now = repository.submodules(commit=head)
    ever = modules_ever(repository, head, watched(wanted, now))
    walked = walk(repository, head, watched(wanted, ever))
    reader = BulkReader(repository=repository, clones=clones or {}, entries=walked.entries)
    columns = [(spec.name, reader.read(spec, [one.commit for one in walked.moments])) for spec in wanted]
    states = [
        PinState(commit=one.commit, when=one.when, title=one.title, pins=_row(one.commit, columns))
        for one in walked.moments
    ]
    changed = tuple(_changes(states))
    readable = {name for state in changed for name, pin in state.pins.items() if pin.text}
    # Places where others write their commit, and this project never did, must not keep a component from leading.
    own = leaders((one for one in wanted if one.name in readable), spec=lambda one: one, own=is_own)
    leading = tuple(dict.fromkeys(spec.name for spec in own))
    there = {name for state in changed for name in state.pins}
    names = tuple(dict.fromkeys([*leading, *(spec.name for spec in wanted if spec.name in there)]))
    return Chronicle(
        names=names,
        leading=leading or names,
        states=changed,
        commits=walked.count,
        latest=walked.latest,
        is_shallow=repository.is_shallow,
    )


def watched(specs: Iterable[PinSpec], modules: Iterable[Submodule]) -> Iterator[str]:
    """The paths of the repository itself whose change may change a pin, given all submodules that it ever had."""
    paths = [module.path for module in modules]
    for spec in specs:
        file = spec.through[0].file if spec.through else spec.file
        path = "/".join(filter(None, (spec.component, file))).rstrip("/")
        yield path
        yield from (above for above in paths if path.startswith(f"{above}/"))


def _row(commit: str, columns: Iterable[tuple[str, Mapping[str, BulkPin]]]) -> dict[str, BulkPin]:
    row: dict[str, BulkPin] = {}
    for name, column in columns:
        pin = column[commit]
        if name not in row and pin.missing != ABSENT:
            row[name] = pin
    return row


def _changes(states: Iterable[PinState]) -> Iterator[PinState]:
    """The states whose pins differ from the one before: a touched path need not have changed a pin."""
    before: Mapping[str, BulkPin] | None = None
    for state in states:
        if state.pins != before and (state.pins or before):
            yield state
        before = state.pins


def windows(history: Chronicle) -> tuple[Disagreement, ...]:
    """Every time in which pins disagreed, in order. A component that replaces another in it makes no new one."""
    found: list[Disagreement] = []
    moved = {state.commit for state in history.bumps}
    run: list[PinState] = []
    for state in history.states:
        if history.differing(state):
            run.append(state)
        elif run:
            found.append(_window(history, run, state, moved))
            run = []
    return tuple(found + ([_window(history, run, None, moved)] if run else []))


def _window(history: Chronicle, run: list[PinState], end: PinState | None, moved: set[str]) -> Disagreement:
    return Disagreement(
        pins=tuple(dict.fromkeys(name for state in run for name in history.differing(state))),
        start=run[0],
        end=end,
        until=end.when if end else history.latest,
        bumps=sum(state.commit in moved for state in run),
    )


def gaps(history: Chronicle) -> list[float]:
    """Days between successive moves of the project's own pin."""
    return [(later.when - earlier.when) / DAY for earlier, later in pairwise(history.bumps)]


def median_gap(history: Chronicle) -> float | None:
    """The median of :func:`gaps`; ``None`` with fewer than two moves."""
    found = gaps(history)
    return median(found) if found else None


def median(values: Iterable[float]) -> float:
    """The middle of at least one value (the module ``statistics`` takes longer to import than a history to read)."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
