"""The newest commit that passes: a search over clean commits only, with the gate as the judge.

A break that stays makes everything after it fail, and one that was taken back lies in a window; so among the commits
outside of windows, what passes mostly comes before what fails, and halving finds the border. Where that is not so, the
answer is still a commit that passed, only perhaps not the newest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.candidates.points import Field, taint
from pytest_llvmgate.upstream.first_parent import Commit

_CLEAN: Final = 0.25
"""Taint below which a commit is tried."""

Judge = Callable[[str], tuple[Mark, str]]
"""From a full SHA to what the gate says of it, and why."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A commit that was judged."""

    commit: Commit
    position: int
    mark: Mark
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Newest:
    """What the search came to."""

    found: Commit | None
    """The newest that passed; ``None`` where none did."""
    tried: tuple[Tried, ...] = ()
    first_failing: Commit | None = None
    """The oldest that failed after it."""
    is_complete: bool = True
    """No clean commit is left between the two that could have been tried."""


def find_newest(
    field_: Field,
    judge: Judge,
    *,
    tries: int,
    tell: Callable[[str], None] = lambda _: None,
    among: Collection[str] | None = None,
) -> Newest:
    """Ask ``judge`` at most ``tries`` times. What the gate has said before, for the same tree, is not asked again.

    ``among``: full SHAs besides which nothing comes into question.
    """
    search = _NewestSearch(field_, among)
    tried: list[Tried] = []
    while len(tried) < tries and (position := search.next()) is not None:
        commit = field_.commits[position]
        tell(f"trying {commit.short} {commit.title}")
        mark, reason = judge(commit.sha)
        tried.append(Tried(commit=commit, position=position, mark=mark, reason=reason))
        search.answer(position, mark)
        tell(f"  {mark}: {reason}")
    good, bad = search.good, search.bad
    return Newest(
        found=field_.commits[good] if good is not None else None,
        tried=tuple(tried),
        first_failing=field_.commits[bad] if bad is not None else None,
        is_complete=search.next() is None,
    )


class _NewestSearch:
    """Which position to judge next."""

    def __init__(self, field_: Field, among: Collection[str] | None = None) -> None:
        recorded = {
            at: field_.recorded[commit.sha].passes
            for at, commit in enumerate(field_.commits)
            if commit.sha in field_.recorded and field_.recorded[commit.sha].same_tree
        }
        passing = [at for at, passes in recorded.items() if passes]
        self.good: int | None = max(passing, default=None)
        failing = [at for at, passes in recorded.items() if not passes and at > self._low]
        self.bad: int | None = min(failing, default=None)
        sums = taint(field_)
        clean = [at for at, total in enumerate(sums) if total < _CLEAN] or range(len(sums))
        self._clean = [at for at in clean if among is None or field_.commits[at].sha in among]
        self._preferred = {at for at, commit in enumerate(field_.commits) if commit.sha in field_.spoken_for}
        self._skipped: set[int] = set()

    @property
    def _low(self) -> int:
        return -1 if self.good is None else self.good

    def next(self) -> int | None:
        """The position to judge now; ``None`` when nothing is left to ask."""
        open_ = [at for at in self._clean if at > self._low and at not in self._skipped]
        if self.bad is None:
            return open_[-1] if open_ else None
        open_ = [at for at in open_ if at < self.bad]
        return _nearest_to_middle(open_, self._preferred) if open_ else None

    def answer(self, position: int, mark: Mark) -> None:
        """Take note of a judgement."""
        if mark is Mark.GOOD:
            self.good = position
        elif mark is Mark.BAD:
            self.bad = position
        else:
            self._skipped.add(position)


def _nearest_to_middle(positions: Sequence[int], preferred: Iterable[int]) -> int:
    """The middle one, or a preferred one of the middle half: a commit that others use too is worth more."""
    quarter = len(positions) // 4
    central = positions[quarter : len(positions) - quarter]
    wanted = set(preferred).intersection(central)
    middle = positions[len(positions) // 2]
    return min(wanted, key=lambda at: (abs(at - middle), -at)) if wanted else middle
