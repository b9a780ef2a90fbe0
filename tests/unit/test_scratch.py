"""What killed processes have left in the directory for temporary files is removed, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_llvmgate import scratch
from pytest_llvmgate.scratch import scratch_directory

USER = """
import os, sys, time
from pytest_llvmgate.scratch import scratch_root
print(scratch_root(), flush=True)
sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for temporary files in which nothing is young."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(scratch, "_OF_THIS", {})
    monkeypatch.setattr(scratch, "_YOUNG", 0.0)
    return tmp_path


@pytest.fixture
def other(place: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses a directory; which one is its first line."""
    env = {**os.environ, "TMPDIR": str(place)}
    words = [sys.executable, "-c", USER]
    with subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def line(process: subprocess.Popen[str]) -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().strip())


def next_run() -> None:
    with scratch_directory("x"):
        pass


def test_what_a_killed_process_left_is_removed(other: subprocess.Popen[str]) -> None:
    left = line(other)
    (left / "tree").mkdir(mode=0o500)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert left.is_dir()
    next_run()
    assert not left.exists()


def test_what_a_process_uses_stays_and_goes_with_it(other: subprocess.Popen[str]) -> None:
    used = line(other)
    next_run()
    assert used.is_dir()
    other.communicate("\n")
    assert not used.exists()


def test_what_is_young_may_be_of_somebody_who_has_not_locked_it_yet(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "_YOUNG", 600.0)
    young = Path(tempfile.mkdtemp(prefix="llvmgate-process-"))
    next_run()
    assert young.is_dir()


def test_what_is_not_proved_to_be_ones_own_stays(place: Path) -> None:
    (place / "kept").mkdir()
    (place / "llvmgate-process-link").symlink_to(place / "kept", target_is_directory=True)
    (place / "llvmgate-process-file").touch()
    os.mkfifo(place / "llvmgate-process-pipe")
    (place / "llvmgate-process-open").mkdir(mode=0o755)
    (place / "llvmgate-process-a.b").mkdir(mode=0o700)
    (place / "llvmgate-0").mkdir(mode=0o700)
    before = {path.name for path in place.iterdir()}
    next_run()
    assert {path.name for path in place.iterdir()} >= before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes what is another user's")
def test_another_users_stays(place: Path) -> None:
    (place / "llvmgate-process-theirs").mkdir(mode=0o700)
    os.chown(place / "llvmgate-process-theirs", 54321, 54321)
    next_run()
    assert (place / "llvmgate-process-theirs").is_dir()


def test_links_are_not_followed_when_it_is_removed(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "file").touch()
    (place / "llvmgate-process-old").mkdir(mode=0o700)
    (place / "llvmgate-process-old/objects").symlink_to(outside, target_is_directory=True)
    next_run()
    assert not (place / "llvmgate-process-old").exists()
    assert (outside / "file").exists()
