"""A full disk: said as such, and nothing but the stage is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gated import Gated


@pytest.fixture(params=["24k", "48k", "96k"])
def small_disk(gated: Gated, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A file system for the run directory that is full after a few pages, at different moments of a stage."""
    directory = gated.root / ".llvmgate"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={request.param}", "tmpfs", str(directory)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    yield directory
    subprocess.run(["umount", "--lazy", directory], check=False)


def test_a_full_disk_fails_the_stage_in_plain_words(gated: Gated, small_disk: Path) -> None:
    result = gated.run("--llvm-sha=pinned", "-k", "pins or static-mhlo_on")
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] >= 1
    assert outcomes["failed"] >= 1
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    assert "Traceback" not in result.stdout.str()
    assert "disk" in result.stdout.str().lower() or "no space left" in result.stdout.str().lower()


def test_with_room_again_the_next_run_goes_on(gated: Gated, small_disk: Path) -> None:
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on")
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    gated.run("--llvm-sha=pinned", "-k", "static-mhlo_on").assert_outcomes(passed=4, deselected=14)
