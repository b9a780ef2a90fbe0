"""The gate, killed at random: no process survives, no entry of the cache is corrupt, and the next run goes on.

``LLVMGATE_KILLS`` is the number of kills (default 12), ``LLVMGATE_KILL_SEED`` chooses when and what (default 3).
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_llvmgate.llvm.prefix_cache import Cache
from pytest_llvmgate.llvm.upkeep import ItemKind, faults, items
from tests.miniature import Miniature, create
from tests.miniature.downstream import TinyC, create_downstream
from tests.support.processes import Marked, marked

KILLS = int(os.environ.get("LLVMGATE_KILLS", "12"))
SEED = int(os.environ.get("LLVMGATE_KILL_SEED", "3"))
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
VICTIMS = ("controller", "worker", "compiler")
GONE_WITHIN = 60.0
"""Seconds; moments on an idle machine. What is left over never goes."""
MARKS = {"worker": ("sys.stdin.readline()",), "compiler": ("cc1plus", "/bin/ld ")}
"""What is in the command lines of a kind of process."""


@pytest.fixture(scope="module")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    return create(tmp_path_factory.mktemp("miniature") / "llvm-project", commits=("filler",))


def command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    return ""


def choose(wanted: str, controller: int, mark: Marked) -> int:
    """A process of the kind; the controller where there is none of it right now."""
    words = MARKS.get(wanted, ())
    return next((pid for pid in mark.alive() if any(word in command_of(pid) for word in words)), controller)


def start(tinyc: TinyC, mark: Marked, *more: str) -> subprocess.Popen[str]:
    """The gate, with two workers."""
    env = {name: value for name, value in mark.env.items() if not name.startswith(("PYTEST_", "GITHUB_"))}
    # Pytest itself removes at a session's end what other sessions have left in a shared place, however long that takes.
    env["PYTEST_DEBUG_TEMPROOT"] = str(tinyc.root.parent)
    command = [sys.executable, "-m", "pytest", "-n2", "--llvm-sha=pinned", "--llvm-pins=agree", *more]
    return subprocess.Popen(
        command, cwd=tinyc.root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def corrupt(cache: Cache) -> list[str]:
    """Entries that are torn or not as they were made."""
    return [f"{item.key}: {fault}" for item in items(cache) for fault in faults(item)]


def test_random_kills(miniature: Miniature, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("CCACHE_DIR", str(tmp_path / "ccache"))
    values = {"supplier": "source", "repository": str(miniature.repository)}
    tinyc = create_downstream(tmp_path, miniature, llvm=values)
    cache, chance = Cache(tmp_path / "cache"), random.Random(SEED)
    told = []
    for number in range(KILLS):
        kind, signalled = chance.choice(VICTIMS), chance.choice(SIGNALS)
        told.append(round_of(tinyc, kind, signalled, chance.uniform(0.5, 9.0)))
        found = corrupt(cache)
        assert not found, f"kill {number}, {told[-1]}: {found}"
        if told[-1].endswith("exit 0"):  # all was done before the kill: begin anew
            shutil.rmtree(tinyc.root / ".llvmgate")
            shutil.rmtree(cache.root / "entries")
    print("\n".join(told))
    with marked() as mark:
        last = start(tinyc, mark)
        output = last.communicate(timeout=900)[0]
        assert last.returncode == 0, output[-4000:]
        assert mark.gone(within=GONE_WITHIN)
    assert not corrupt(cache)
    # A kill while something is removed leaves it in the trash, for the next prune.
    assert {item.kind for item in items(cache)} - {ItemKind.LEFTOVER} == {ItemKind.ENTRY}
    (verdict,) = (tinyc.root / ".llvmgate").glob("*/verdict.json")
    assert {each["outcome"] for each in json.loads(verdict.read_text())["results"]} == {"passed"}


def round_of(tinyc: TinyC, kind: str, signalled: signal.Signals, after: float) -> str:
    """Start, kill and see that nothing is left; what was done, in words."""
    with marked() as mark:
        gate = start(tinyc, mark)
        with suppress(subprocess.TimeoutExpired):
            gate.wait(after)
        victim = choose(kind, gate.pid, mark)
        with suppress(ProcessLookupError):
            os.kill(victim, signalled)
        if victim != gate.pid:  # the session goes on without it; not for long here
            with suppress(subprocess.TimeoutExpired):
                gate.wait(2.0)
            with suppress(ProcessLookupError):
                gate.kill()
        began = time.monotonic()
        with suppress(subprocess.TimeoutExpired):
            gate.communicate(timeout=GONE_WITHIN)
        assert mark.gone(within=GONE_WITHIN), [command_of(pid) for pid in mark.alive()]
        took = time.monotonic() - began
        target = kind if victim != gate.pid or kind == "controller" else f"controller (no {kind})"
        return f"{signalled.name} to {target} after {after:.1f} s, gone in {took:.1f} s, exit {gate.returncode}"
