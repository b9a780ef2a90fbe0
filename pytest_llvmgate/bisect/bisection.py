"""The search itself: which commits to judge next, and what the answers say. No builds, no git, no clock.

Positions 0 to ``n`` stand for the commits of a first-parent history, oldest first; the change from good to bad is
looked for between two of them. Every position has a *weight*, how likely it is to be the first bad one. A commit that
touches nothing the downstream depends on weighs next to nothing, one that the pickaxe points at weighs much. So the
cheap stages only ever decide what is judged first: the answer is always two judgements, one on each side, and a weight
that was wrong costs some more of them and never the truth.

What is judged next is the position of the greatest expected information for its cost (Shannon's entropy of the split;
greedy weight balancing stays within two questions of the best tree: P. J. Bayer, "Improved bounds on the cost of
optimal and balanced binary search trees", MIT, 1975).
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final

SAME_FAILURE_SPAN: Final = 32
"""Between two commits this near to each other that cannot be judged for the same reason, none is expected to be."""
LEAST_WEIGHT: Final = 1e-4
"""The weight, beside 1 for a commit that may matter, of one that cannot: it is judged last, and still is."""


_WORTH_IT: Final = 0.75
"""Of an even share: the chance that a stretch needs for one more probe beside those that run."""


class Mark(StrEnum):
    """What judging a position said."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"
    """Nothing: it cannot be judged."""


@dataclass(frozen=True, kw_only=True)
class SuspectRange:
    """What the marks say so far."""

    low: int
    """The last position known to be good before the change."""
    high: int
    """The first position known to be bad after it."""

    @property
    def is_exact(self) -> bool:
        """The change is one commit."""
        return self.high == self.low + 1

    @property
    def culprits(self) -> range:
        """The positions that may have made the change."""
        return range(self.low + 1, self.high + 1)


def _alike(_: int) -> float:
    return 1.0


class Bisection:
    """The marks of some positions, the range that they leave, and what to judge next."""

    def __init__(self, weights: Sequence[float], *, cost: Callable[[int], float] = _alike) -> None:
        """Position ``n = len(weights)`` is bad and position 0 good, which the caller has made sure of.

        ``weights[i]`` is that of position ``i + 1`` and above 0; ``cost`` is what judging a position takes, above 0.
        Where the marks show several changes, the one that led to the bad end is meant.
        """
        self.size = len(weights)
        self.reweigh(weights, cost)
        self._marks: dict[int, Mark] = {0: Mark.GOOD, self.size: Mark.BAD}
        self._reasons: dict[int, str] = {}
        self._skipped: list[int] = []
        self.answer = SuspectRange(low=0, high=self.size)

    def reweigh(self, weights: Sequence[float], cost: Callable[[int], float]) -> None:
        """Take other weights and costs from now on; the marks stay."""
        if len(weights) != self.size or min(weights, default=0) <= 0:
            raise ValueError(f"expected a weight above 0 for each of {max(1, self.size)} positions")
        self._weights, self._sums, self._cost = weights, [0.0, *accumulate(weights)], cost

    def note(self, position: int, mark: Mark, reason: str = "") -> None:
        """Take a judgement. ``reason`` says why a position cannot be judged, in words that a same cause shares."""
        self.forget(position)
        self._marks[position] = mark
        if mark is Mark.SKIP:
            insort(self._skipped, position)
            self._reasons[position] = reason
        self.answer = self._changes()

    def forget(self, position: int) -> None:
        """Take back that a position cannot be judged, so that it is proposed again."""
        if self._marks.get(position) is Mark.SKIP:
            del self._marks[position]
            self._skipped.remove(position)

    def _changes(self) -> SuspectRange:
        good = sorted(position for position, mark in self._marks.items() if mark is Mark.GOOD)
        bad = sorted(position for position, mark in self._marks.items() if mark is Mark.BAD)
        if not good or not bad or good[0] > bad[-1]:
            raise ValueError("the marks show no change from good to bad")
        low = good[bisect_left(good, bad[-1]) - 1]
        return SuspectRange(low=low, high=bad[bisect_left(bad, low)])

    # -- what is left -------------------------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        """Nothing is left to judge: the answer is one commit, or as narrow a range as can be."""
        return not any(True for _ in self._open(self.answer.low, self.answer.high))

    @property
    def unjudged(self) -> tuple[int, ...]:
        """The positions within the answer that were tried and cannot be judged."""
        low, high = bisect_left(self._skipped, self.answer.low + 1), bisect_left(self._skipped, self.answer.high)
        return tuple(self._skipped[low:high])

    @property
    def assumed(self) -> tuple[int, ...]:
        """The positions within the answer that were not tried, as they lie between two with the same trouble."""
        low, high = self.answer.low, self.answer.high
        return tuple(p for p in range(low + 1, high) if p not in self._marks and self._is_assumed(p))

    def remaining(self) -> float:
        """Judgements that are still expected to be needed: the entropy of what is left, and one to make sure."""
        low, high = self.answer.low, self.answer.high
        mass = self._mass(low, high)
        parts = (self._weights[position - 1] / mass for position in self.answer.culprits)
        entropy = -sum(part * math.log2(part) for part in parts if part > 0)
        return max(entropy, 0.0 if self.is_done else 1.0)

    def is_decided(self, position: int) -> bool:
        """Whether the answer no longer depends on this position."""
        return not self.answer.low < position < self.answer.high

    def _open(self, low: int, high: int) -> Iterator[int]:
        """The positions strictly between that can still be judged."""
        for position in range(low + 1, high):
            if position not in self._marks and not self._is_assumed(position):
                yield position

    def _is_assumed(self, position: int) -> bool:
        """Whether the nearest skips on both sides have the same trouble, with no judgement in between."""
        index = bisect_left(self._skipped, position)
        if index in {0, len(self._skipped)}:
            return False
        before, after = self._skipped[index - 1], self._skipped[index]
        low, high = self.answer.low, self.answer.high
        inside = low < before and after < high and after - before <= SAME_FAILURE_SPAN
        return inside and bool(self._reasons[before]) and self._reasons[before] == self._reasons[after]

    def _mass(self, low: int, high: int) -> float:
        return self._sums[high] - self._sums[low]

    # -- what to judge ------------------------------------------------------------------------------------------------

    def propose(self, running: Collection[int] = ()) -> int | None:
        """The position to judge next, besides those that are being judged; none when nothing is left.

        It is the best of the heaviest stretch between them that has one left. Beside others, only where the answer may
        well lie: a probe that is likely to be needless costs an LLVM.
        """
        taken = [position for position in running if not self.is_decided(position)]
        least = _WORTH_IT * self._mass(self.answer.low, self.answer.high) / (len(taken) + 1) if taken else 0.0
        edges = sorted({self.answer.low, *taken, self.answer.high})
        stretches = sorted(pairwise(edges), key=lambda ends: -self._mass(*ends))
        for low, high in stretches:
            if self._mass(low, high) < least:
                break
            best = self._best(low, high)
            if best is not None:
                return best
        return None

    def _best(self, low: int, high: int) -> int | None:
        """The position strictly between with the most to gain for its cost; the middle one of equals."""
        mass = self._mass(low, high)
        skips = self.unjudged
        middle = (low + high) / 2
        best: tuple[float, float] | None = None
        chosen = None
        for position in self._open(low, high):
            share = self._mass(low, position) / mass
            score = _entropy(share) * _testable(position, skips) / self._cost(position)
            rank = (score, -abs(position - middle))
            if best is None or rank > best:
                best, chosen = rank, position
        return chosen


def _entropy(share: float) -> float:
    """Bits that a question with that chance of a yes answers. Never quite 0, so that every position has its turn."""
    if not 0 < share < 1:
        return 1e-12
    return max(1e-12, -share * math.log2(share) - (1 - share) * math.log2(1 - share))


def _testable(position: int, skips: Sequence[int]) -> float:
    """The chance that a position can be judged: small beside one that could not, the smaller the more there were."""
    if not skips:
        return 1.0
    index = bisect_left(skips, position)
    distance = min(abs(position - skip) for skip in skips[max(0, index - 1) : index + 1])
    return distance / (distance + len(skips))
