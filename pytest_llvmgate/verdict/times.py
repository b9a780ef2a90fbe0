"""Durations in words."""

from __future__ import annotations


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
