"""Numbers, days and durations as words, one way for all texts."""

from __future__ import annotations

import datetime
from collections.abc import Iterable


def counted(count: int, noun: str, several: str = "") -> str:
    """A number with its noun: ``1 pin``, ``2 pins``; ``several`` where an s does not make the plural."""
    return f"{count:,} {noun if count == 1 else several or f'{noun}s'}"


def listed(names: Iterable[object], most: int) -> str:
    """The first ``most`` names with commas between them, and how many more there are."""
    known = list(map(str, names))
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more


def day(when: float) -> str:
    """The date of a time in seconds since the epoch, in UTC."""
    return datetime.datetime.fromtimestamp(when, datetime.UTC).date().isoformat()


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3:25 min``, ``1:02 h``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return (
        f"{int(seconds) // 60}:{int(seconds) % 60:02d} min"
        if seconds < 3600
        else f"{minutes // 60}:{minutes % 60:02d} h"
    )
