"""Outputs of failed edges that say nothing new, counted instead of read.

A log of a hundred thousand errors has a few hundred different ones. Once a message has led to the same group many times
in a row, and that group keeps no more places, an edge in whose output there are only such messages cannot add a cause:
what it adds is a number. This begins so late in a log that ordinary ones never come here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.findings.groups import MOST_SITES, SAMPLES, Group

LEARN_AFTER: Final = 3_000
"""Errors of a log after which outcomes are noted."""
_SURE: Final = 20
"""Times in a row that a message had the same outcome."""
_MOST_MESSAGES: Final = 20_000
_ERROR: Final = ": error: "
_REQUIRED: Final = "   required from"
_PLACE: Final = re.compile(r"((?:[A-Za-z]:)?[^:\n]+:\d+):\d+:")

Outcome = Group | None
"""The group that an error was counted in; ``None`` for one that repeats what was said of the same line."""


@dataclass(slots=True)
class _Habit:
    outcome: Outcome
    times: int = 1


@dataclass(slots=True)
class Habits:
    """What each message led to."""

    _of: dict[str, _Habit] = field(default_factory=dict)

    def learn(self, text: str, outcome: Outcome) -> None:
        """The printed line ``text`` was an error with that outcome."""
        message = text.partition(_ERROR)[2]
        habit = self._of.get(message)
        if habit is not None and habit.outcome is outcome:
            habit.times += 1
        elif habit is not None:
            habit.outcome, habit.times = outcome, 1
        elif message and len(self._of) < _MOST_MESSAGES:
            self._of[message] = _Habit(outcome)

    def is_idle(self) -> bool:
        """Whether nothing was learned yet."""
        return not self._of

    def outcomes(self, lines: list[str]) -> list[Outcome] | None:
        """What the errors among the lines of one output lead to; ``None`` where any line may be something new."""
        found: list[Outcome] = []
        seen: set[str] = set()
        entry = ""
        for line in lines:
            if line[:1] == " ":
                if "rror" in line:
                    return None
            elif _ERROR in line:
                habit, place = self._habit(line), entry or _place(line)
                if habit is None or not place or (habit.outcome is None) is not (place in seen):
                    return None
                found.append(habit.outcome)
                seen.add(place)
                entry = ""
            elif _REQUIRED in line:
                entry = _place(line)
            elif not _belongs_to_an_error(line):
                return None
        return found

    def _habit(self, line: str) -> _Habit | None:
        """What the error is sure to lead to, where that adds nothing but a number."""
        habit = self._of.get(line.partition(_ERROR)[2])
        if habit is None or habit.times < _SURE:
            return None
        group = habit.outcome
        keeps_more = group is not None and (len(group.sites) < MOST_SITES or len(group.samples) < SAMPLES)
        return None if keeps_more else habit


def _place(line: str) -> str:
    """File and line in front of a message, or of the place from which a template was required."""
    match = _PLACE.match(line)
    return match[1] if match else ""


def _belongs_to_an_error(line: str) -> bool:
    if ": note: " in line:
        return True
    if "rror" in line:
        return line.endswith(" generated.")
    return (
        not line
        or (line[-1:] == ":" and ": In " in line)
        or line.startswith("In file included from")
        or ": warning: " in line
        or line in {"compilation terminated.", "compilation terminated due to -Wfatal-errors."}
    )
