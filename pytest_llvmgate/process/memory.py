"""How many cores and how much memory there are: what builds at once must fit, or the kernel ends a compiler."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Final

GIB: Final = 1 << 30
MIB: Final = 1 << 20
_TOTAL: Final = re.compile(r"(?m)^MemTotal:\s+(\d+) kB")
_LINE: Final = re.compile(r"(?m)^MemAvailable:\s+(\d+) kB")


def own_cores() -> int:
    """The cores that this process may use, affinity masks included, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def available_memory(*, proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Bytes that can be used without swapping: the system's, or what the control groups leave; None where unknown.

    Sources: proc(5), ``MemAvailable``; the kernel's "Control Group v2", ``memory.max`` and ``memory.current``.
    """
    found = _system(proc)
    for directory in _groups(proc, cgroup):
        limit, used = _number(directory / "memory.max"), _number(directory / "memory.current")
        if limit is not None and used is not None:
            left = max(0, limit - used)
            found = left if found is None else min(found, left)
    return found


def total_memory(*, proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Bytes that the machine has, or that the control groups allow; None where unknown (proc(5), ``MemTotal``)."""
    limits = [_number(directory / "memory.max") for directory in _groups(proc, cgroup)]
    known = [each for each in (_system(proc, _TOTAL), *limits) if each is not None]
    return min(known, default=None)


def _system(proc: Path, line: re.Pattern[str] = _LINE) -> int | None:
    with suppress(OSError):
        if match := line.search((proc / "meminfo").read_text(encoding="ascii", errors="replace")):
            return int(match[1]) * 1024
    return None


def _groups(proc: Path, cgroup: Path) -> list[Path]:
    """The control group of this process and those above it, as far as they are to be seen."""
    with suppress(OSError):
        for line in (proc / "self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("0::"):
                own = cgroup / line[3:].lstrip("/")
                return [each for each in (own, *own.parents) if each.is_relative_to(cgroup)]
    return []


def _number(path: Path) -> int | None:
    """The content; None for ``max``, and where there is no such file."""
    with suppress(OSError, ValueError):
        return int(path.read_text(encoding="ascii"))
    return None


def fitting(wanted: int, each: int, available: int | None, peaks: Sequence[int] = ()) -> int:
    """As many of ``wanted`` as fit into the memory at so many bytes each, and one at least.

    ``peaks`` are the bytes that some of them are known to take.
    """
    if available is None:
        return wanted
    return max(1, bisect_right(list(accumulate(_largest(wanted, each, peaks))), available))


def needed(wanted: int, each: int, peaks: Sequence[int] = ()) -> int:
    """The bytes that so many take at the same time, when the largest of them happen to."""
    return sum(_largest(wanted, each, peaks))


def _largest(wanted: int, each: int, peaks: Sequence[int]) -> list[int]:
    known = sorted((max(each, peak) for peak in peaks), reverse=True)[:wanted]
    return known + [each] * (wanted - len(known))
