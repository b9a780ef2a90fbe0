"""How much memory there is, and how many jobs fit into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_llvmgate.process.memory import GIB, available_memory, fitting, needed


def machine(directory: Path, meminfo: str, groups: dict[str, tuple[str, int]] | None = None) -> dict[str, Path]:
    proc, cgroup = directory / "proc", directory / "cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(meminfo)
    if groups is not None:
        (proc / "self/cgroup").write_text("1:name=systemd:/x\n0::/user/job\n")
        for name, (limit, used) in groups.items():
            (cgroup / name).mkdir(parents=True, exist_ok=True)
            (cgroup / name / "memory.max").write_text(f"{limit}\n")
            (cgroup / name / "memory.current").write_text(f"{used}\n")
    return {"proc": proc, "cgroup": cgroup}


MEMINFO = "MemTotal:       16000000 kB\nMemFree:          100000 kB\nMemAvailable:    8000000 kB\n"


def test_what_the_system_says(tmp_path: Path) -> None:
    assert available_memory(**machine(tmp_path, MEMINFO)) == 8_000_000 * 1024


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"user/job": ("max", 5)}, 8_000_000 * 1024),
        ({"user/job": ("3000", 1000)}, 2000),
        ({"user/job": ("max", 1000), "user": ("5000", 1500)}, 3500),
        ({"user/job": ("1000", 2000)}, 0),
    ],
)
def test_control_groups_leave_less(tmp_path: Path, groups: dict[str, tuple[str, int]], expected: int) -> None:
    assert available_memory(**machine(tmp_path, MEMINFO, groups)) == expected


def test_nobody_says(tmp_path: Path) -> None:
    assert available_memory(proc=tmp_path, cgroup=tmp_path) is None
    assert available_memory(**machine(tmp_path, "MemTotal: 5 kB\n")) is None


def test_this_machine() -> None:
    found = available_memory()
    assert found is None or 0 < found < 1 << 50


@pytest.mark.parametrize(("available", "expected"), [(None, 8), (100 * GIB, 8), (5 * GIB, 2), (0, 1)])
def test_what_fits(available: int | None, expected: int) -> None:
    assert fitting(8, 2 * GIB, available) == expected


@pytest.mark.parametrize(
    ("peaks", "free", "expected"),
    [
        ((3, 1, 1), 8, 6),  # 3 and five of the usual size
        ((3, 3, 3), 8, 2),
        ((3, 3, 3, 3, 3, 3, 3, 3, 3), 24, 8),
        ((9,), 8, 1),
        ((0,), 8, 8),
    ],
)
def test_the_largest_that_were_seen_may_run_at_once(peaks: tuple[int, ...], free: int, expected: int) -> None:
    sizes = [peak * GIB for peak in peaks]
    assert fitting(8, GIB, free * GIB, sizes) == expected
    assert (needed(8, GIB, sizes) <= free * GIB) is (expected == 8)
