"""What came of mending: every finding with what was done about it, what is left first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_llvmgate.fix.rewrite_rules import Rule
from pytest_llvmgate.fix.trials import Kept, Refused
from pytest_llvmgate.kinds.facts import NAMES
from pytest_llvmgate.model import Finding
from pytest_llvmgate.objects.cxx_names import last_name


@dataclass(frozen=True, kw_only=True)
class Cause:
    """One finding, with what was done about it."""

    finding: Finding
    kept: tuple[Kept, ...] = ()
    refused: tuple[Refused, ...] = ()
    left: int = 0
    """Places at which it still stands."""
    blocks: int = 0
    """Units that it still keeps from compiling."""
    verify: str = ""
    """A command for a shell that compiles one of its units, in seconds, without making anything."""

    @property
    def is_cured(self) -> bool:
        """Edits were made, and no place is left."""
        return bool(self.kept) and not self.left


@dataclass(kw_only=True)
class FileCures:
    """What was found in files that no compiler reads, with what was done about it."""

    kept: list[Kept] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    found: dict[tuple[str, str], Finding] = field(default_factory=dict)
    """All that was to be mended."""
    left: frozenset[tuple[str, str]] = frozenset()
    """Keys of the findings that still stand."""

    def causes(self) -> list[Cause]:
        """Each finding with its edits."""
        return [
            Cause(
                finding=finding,
                kept=tuple(one for one in self.kept if one.cause == key),
                refused=tuple(one for one in self.refused if one.cause == key),
                left=int(key in self.left),
            )
            for key, finding in self.found.items()
        ]


@dataclass(frozen=True, kw_only=True)
class FixOutcome:
    """What came of it."""

    causes: tuple[Cause, ...]
    """What is left first, by how many units it blocks."""
    units: int
    """Translation units that did not compile, or were suspected."""
    green: int
    """Those that compile now."""
    rules: tuple[Rule, ...] = ()
    """What was mined."""
    compilations: int = 0
    seconds: float = 0.0
    is_out_of_time: bool = False
    broken: tuple[str, ...] = ()
    """Units that nobody suspected and that do not compile with the edits."""
    unseen: tuple[str, ...] = ()
    """Objects that failed and were not looked at: time was up, or no unit of the build makes them."""

    @property
    def is_whole(self) -> bool:
        """Every unit was looked at and compiles, and nothing else is left."""
        is_left = self.broken or self.unseen or any(cause.left for cause in self.causes)
        return self.green == self.units and not is_left


def in_order(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """What is left first, by how many units it blocks."""
    return tuple(sorted(causes, key=lambda one: (one.is_cured, -one.blocks, -one.left)))


def unnamed(cause: tuple[str, str], kept: Sequence[Kept]) -> Cause:
    """A cause that only showed behind others and is mended already."""
    kind, identifier = cause
    finding = Finding(kind=kind, identifier=identifier, headline=f"{identifier}: it showed behind a mended error")
    return Cause(finding=finding, kept=tuple(one for one in kept if one.cause == cause))


class Canonical:
    """Which finding an error belongs to: a diagnosis joins errors, and calls what they are about by another name."""

    def __init__(self, known: Mapping[tuple[str, str], Finding]) -> None:
        self._known = known
        self._by_name: dict[tuple[str, str], tuple[str, str]] = {}
        self._by_word: dict[str, tuple[str, str]] = {}
        """Behind a mended error the same name is told in another way: by its last part, whatever is said of it."""
        self._by_place: dict[tuple[str, int], tuple[str, str]] = {}
        for key, finding in known.items():
            for name in finding.facts.get(NAMES, "").split(", "):
                self._by_name.setdefault((finding.kind, name), key)
            self._by_word.setdefault(last_name(key[1]), key)
            for location in finding.locations:
                self._by_place.setdefault((location.path, location.line or 0), key)

    def __call__(self, cause: tuple[str, str], place: tuple[str, int]) -> tuple[str, str]:
        """The finding's key; the cause itself where nothing is known of it."""
        if cause in self._known:
            return cause
        by_name = self._by_name.get((cause[0], cause[1].rpartition("::")[2]))
        return by_name or self._by_place.get(place) or self._by_word.get(last_name(cause[1])) or cause
