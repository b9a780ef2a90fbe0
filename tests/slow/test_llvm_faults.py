"""What the machine can do to a build of LLVM: a full disk, a cache that cannot be written, a compiler that is killed,
a kill while it is installed, a clock that jumps. Said as such, nothing corrupt, taken up afterwards.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.manifest import MARKER
from pytest_llvmgate.llvm.prefix_cache import Cache
from pytest_llvmgate.llvm.source import BrokenLlvmError
from pytest_llvmgate.llvm.upkeep import ItemKind, faults, items
from tests.miniature import Miniature, create
from tests.slow.test_llvm_source import PROGRAM, TARGETS, ask, config, whole
from tests.support.processes import marked, wait_for


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    return create(tmp_path_factory.mktemp("miniature") / "llvm-project", commits=("filler",))


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CCACHE_DISABLE", "1")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a megabyte and a half."""
    place = tmp_path / "cache"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "llvmgate", place], check=False)
    if mounted.returncode:
        pytest.skip("this user cannot mount a small file system")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_a_full_disk(miniature: Miniature, tmp_path: Path, small_disk: Path) -> None:
    asked = config(tmp_path, miniature)
    with pytest.raises(SupplyError) as caught:
        ask(asked, miniature.base, "static")
    assert not isinstance(caught.value, BrokenLlvmError), "it is not LLVM's fault"
    said = str(caught.value)
    assert "the disk is full" in said or "No space left on device" in said, said
    assert not [fault for item in items(Cache(small_disk)) for fault in faults(item)]
    subprocess.run(["mount", "-o", "remount,size=2g", small_disk], check=True)
    assert ask(asked, miniature.base, "static").origin.startswith("source (")
    assert whole(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount")
def test_a_cache_that_is_read_only(miniature: Miniature, tmp_path: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=2g", small_disk], check=True)
    asked = config(tmp_path, miniature, TARGETS)
    first = ask(asked, miniature.base, "static")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    again = ask(asked, miniature.base, "static")
    assert (again.origin, again.prefix) == ("source (from the cache)", first.prefix)
    with pytest.raises(SupplyError, match="cannot be written: Read-only file system"):
        ask(asked, miniature.order[-1], "static")


def test_a_compiler_that_the_kernel_ends(miniature: Miniature, tmp_path: Path) -> None:
    """As the out-of-memory killer does it: cc1plus gets SIGKILL, and the driver says so."""
    asked = config(tmp_path, miniature, f"source.launcher = 'none'\n{TARGETS}")
    command = [sys.executable, "-c", PROGRAM, str(asked.path), miniature.base]
    with marked() as mark:
        gate = subprocess.Popen(
            command, env=mark.env, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

        def compilers() -> list[int]:
            return [pid for pid in mark.alive() if b"cc1plus" in _command(pid)]

        killed = 0
        while gate.poll() is None and not killed:
            for pid in compilers()[:1]:
                # Not while CMake still tries out the compiler.
                if b"/building/" in _command(pid) and b"CMakeScratch" not in _command(pid):
                    os.kill(pid, 9)
                    killed = pid
        output = gate.communicate(timeout=120)[0].decode()
        assert mark.gone(within=20)
    if not killed or gate.returncode == 0:
        pytest.skip("no compiler was caught at work")
    assert "was not ready: the machine has run out of memory (build)" in output
    assert ask(asked, miniature.base, "static").origin == "source (an interrupted build, taken up)"
    assert whole(tmp_path)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_a_kill_during_the_install(miniature: Miniature, tmp_path: Path) -> None:
    asked = config(tmp_path, miniature, TARGETS)
    command = [sys.executable, "-c", PROGRAM, str(asked.path), miniature.base]
    with marked() as mark:
        gate = subprocess.Popen(command, env=mark.env, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL)
        assert wait_for(lambda: any((tmp_path / "cache/building").glob("*/stage/**/*")), 120)
        gate.kill()
        gate.wait()
        assert mark.gone(within=20)
    assert not list((tmp_path / "cache").glob(f"entries/*/{MARKER}"))
    assert {item.kind for item in items(Cache(tmp_path / "cache"))} <= {ItemKind.BUILDING, ItemKind.LEFTOVER}
    assert ask(asked, miniature.base, "static").origin == "source (an interrupted build, taken up)"
    assert whole(tmp_path)


def test_a_clock_that_jumps(miniature: Miniature, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Back by a year while it is built: an entry is none the worse, and what it saves is no negative time."""
    asked = config(tmp_path, miniature, TARGETS)
    times = iter([2e9, 2e9, *[2e9 - 3e7] * 100])
    monkeypatch.setattr("pytest_llvmgate.llvm.prefix_cache.time.time", lambda: next(times))
    ask(asked, miniature.base, "static")
    monkeypatch.undo()
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    again = ask(asked, miniature.base, "static")
    assert again.origin == "source (from the cache)"
    assert again.saved >= 0.0
    assert whole(tmp_path)
