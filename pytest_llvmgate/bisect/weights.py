"""How likely each commit is to be the one: what it touches against what the downstream depends on, and hints.

Nothing here decides anything: a weight only says what is judged first (see :mod:`bisection`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.bisect.bisection import LEAST_WEIGHT

_HINT: Final = 3.0
"""Weight of all hints together, where all other commits together weigh 1: most are right, and one probe on each side
of a commit shows it."""
_FOLDED: Final = 2 * LEAST_WEIGHT
"""Weights up to this one stand for: it cannot matter."""


@dataclass(frozen=True, kw_only=True)
class Hint:
    """A commit that a cheap stage points at."""

    sha: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Weighing:
    """The weights of the commits after the good end, and where they are from."""

    weights: tuple[float, ...]
    """Of position 1 and on."""
    matter: tuple[tuple[str, ...], ...] = ()
    """The files that each commit touches and the downstream depends on, by position from 0; empty where unknown."""
    hints: tuple[Hint, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def folded(self) -> int:
        """Commits that touch nothing the downstream depends on."""
        return sum(1 for files in self.matter[1:] if not files)

    def touched(self, position: int) -> tuple[str, ...]:
        """The files of a commit that matter."""
        return self.matter[position] if position < len(self.matter) else ()

    def summary(self) -> str:
        """One line."""
        total = len(self.weights)
        parts = [f"{total} commits"]
        if self.matter:
            parts.append(f"{total - self.folded} of them touch what the build depends on")
        parts += [f"{hint.sha[:12]} is pointed at by {hint.why}" for hint in self.hints[:3]]
        parts += [f"{len(self.hints) - 3} more are pointed at"] if len(self.hints) > 3 else []
        return "; ".join([*parts, *self.notes])


def uniform(size: int) -> Weighing:
    """Every commit alike."""
    return Weighing(weights=(1.0,) * size)


def combine(
    points: Sequence[str],
    shares: Sequence[float],
    matter: Sequence[tuple[str, ...]],
    hints: Sequence[Hint],
) -> Weighing:
    """Weights from what each position's files come to (0 to 1) and from hints."""
    base = [max(LEAST_WEIGHT, share) for share in shares[1:]]
    total = sum(base)
    positions = {sha: position for position, sha in enumerate(points)}
    inside = [hint for hint in hints if positions.get(hint.sha, 0) > 0]
    for hint in inside:
        base[positions[hint.sha] - 1] += _HINT * total / len(inside)
    return Weighing(weights=tuple(base), matter=tuple(matter), hints=tuple(inside))


def shares_of(
    touched: Sequence[Sequence[str]], share: Callable[[str], float]
) -> tuple[list[float], list[tuple[str, ...]]]:
    """The largest share of each commit's files, and the files that matter, by position."""
    known: dict[str, float] = {}
    shares: list[float] = []
    matter: list[tuple[str, ...]] = []
    for files in touched:
        rated = [(known.setdefault(file, share(file)), file) for file in files]
        shares.append(max((rate for rate, _ in rated), default=LEAST_WEIGHT))
        matter.append(tuple(file for rate, file in rated if rate > _FOLDED))
    return shares, matter
