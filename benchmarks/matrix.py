"""All configurations by the gate with ``-n auto``, side by side with a serial script of the same commands.

    python benchmarks/matrix.py DOWNSTREAM [--runs 2] [--ccache]

DOWNSTREAM is a checkout with an llvmgate.toml whose LLVM is at hand, e.g. the demo's. Sides, each from nothing:

    first       a bare script of the first configuration alone
    script      a bare script of all configurations, one after the other, every build with all cores
    once        the same, with the launcher by which configurations share objects: every unit compiled once, all linked
    gate        pytest -n auto, without what the script does not do (pins, preflight, linkcheck)

The script's commands are those of the gate's own logs. With ``--ccache`` all sides go through ccache, empty at the
start of each. Printed are medians of wall and processor seconds, how busy the cores were, and the gate's memory peak.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.gate import processor_seconds

CORES: Final = len(os.sched_getaffinity(0))
STAGES: Final = ("configure", "build", "install", "check")
GATE: Final = [sys.executable, "-m", "pytest", "--llvm-sha=pinned", "-q", "-n", "auto"]
SELECTION: Final = "not linkcheck and not preflight and not pins"
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Figure:
    wall: float
    processor: float

    @property
    def busy(self) -> float:
        return self.processor / self.wall / CORES


class Script:
    """The commands of a downstream's configurations, as the gate's logs show them."""

    def __init__(self, downstream: Path) -> None:
        self.downstream = downstream
        (verdict,) = downstream.glob(".llvmgate/*/verdict.json")
        self.run = verdict.parent
        self.names = [each["name"] for each in json.loads(verdict.read_text())["configurations"]]
        self.commands = {name: self._of(name) for name in self.names}
        self.launchers = {name: self._launchers(name) for name in self.names}

    def _of(self, name: str) -> list[str]:
        texts = [(self.run / name / "logs" / f"{stage}.log").read_text() for stage in STAGES]
        lines = [line[2:] for text in texts for line in text.splitlines() if line.startswith("$ ")]
        return [" ".join(word for word in line.split() if not word.startswith("-j")) for line in lines]

    def _launchers(self, name: str) -> list[str]:
        text = (self.run / name / "build/llvmgate-cmake-arguments.txt").read_text()
        return [line for line in text.splitlines() if line.startswith("CMAKE_") and "_COMPILER_LAUNCHER=" in line]

    def text(self, names: list[str], *, once: bool) -> str:
        lines = ["set -e"]
        for name in names:
            exports = [f"export {shlex.quote(line)}" for line in self.launchers[name]] if once else []
            lines += [*exports, *self.commands[name]]
        return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("downstream", type=Path)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--ccache", action="store_true")
    arguments = parser.parse_args()
    downstream = arguments.downstream.resolve()
    with tempfile.TemporaryDirectory(prefix="llvmgate-matrix-") as scratch:
        os.environ |= {"CCACHE_DIR": f"{scratch}/ccache", "CCACHE_BASEDIR": str(downstream), "CCACHE_NOHASHDIR": "1"}
        if not arguments.ccache:
            os.environ["CCACHE_DISABLE"] = "1"
        measure(downstream, Path(scratch), arguments.runs, ccache=arguments.ccache)


def measure(downstream: Path, scratch: Path, runs: int, *, ccache: bool) -> None:
    clean(downstream, scratch)
    gate(downstream)
    script = Script(downstream)
    plain = {f"CMAKE_{each}_COMPILER_LAUNCHER": "ccache" for each in ("C", "CXX")} if ccache else {}
    sides: dict[str, Callable[[], None]] = {
        "first": lambda: shell(script.text(script.names[:1], once=False), downstream, plain),
        "script": lambda: shell(script.text(script.names, once=False), downstream, plain),
        "once": lambda: shell(script.text(script.names, once=True), downstream, {}),
        "gate": lambda: gate(downstream),
    }
    figures: dict[str, list[Figure]] = {name: [] for name in sides}
    peak = 0
    for _ in range(runs):
        for name, side in sides.items():
            clean(downstream, scratch)
            make_room(script)
            with Memory() as memory:
                figures[name].append(timed(side))
            peak = max(peak, memory.peak) if name == "gate" else peak
    report(figures, peak, script.names)


def make_room(script: Script) -> None:
    """What the gate makes before it configures, and the script would not."""
    for name in script.names:
        (script.run / name / "build").mkdir(parents=True, exist_ok=True)


def clean(downstream: Path, scratch: Path) -> None:
    shutil.rmtree(downstream / ".llvmgate", ignore_errors=True)
    shutil.rmtree(scratch / "ccache", ignore_errors=True)


def gate(downstream: Path) -> None:
    run([*GATE, "-k", SELECTION], downstream, {})


def shell(text: str, downstream: Path, env: dict[str, str]) -> None:
    run(["sh", "-c", text], downstream, env)


def run(command: list[str], cwd: Path, env: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{shlex.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def timed(side: Callable[[], None]) -> Figure:
    before, started = processor_seconds(), time.monotonic()
    side()
    return Figure(time.monotonic() - started, processor_seconds() - before)


class Memory(threading.Thread):
    """The most that all processes below this one held at once, in bytes; shared pages count for each."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._end = threading.Event()

    def __enter__(self) -> Memory:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self.join()

    def run(self) -> None:
        while not self._end.wait(0.2):
            self.peak = max(self.peak, self._now())

    @staticmethod
    def _now() -> int:
        parents, sizes = {}, {}
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError, ValueError):
                fields = (path / "stat").read_text().rpartition(")")[2].split()
                parents[int(path.name)], sizes[int(path.name)] = int(fields[1]), int(fields[21]) * PAGE
        total = 0
        for pid, size in sizes.items():
            above = pid
            while above in parents and above != os.getpid():
                above = parents[above]
            total += size if above == os.getpid() and pid != above else 0
        return total


def report(figures: dict[str, list[Figure]], peak: int, names: list[str]) -> None:
    print(f"{len(names)} configurations, {CORES} cores, load {os.getloadavg()[0]:.1f}; the first is {names[0]}")
    wall = {name: statistics.median(each.wall for each in all_) for name, all_ in figures.items()}
    for name, all_ in figures.items():
        processor = statistics.median(each.processor for each in all_)
        busy = statistics.median(each.busy for each in all_)
        print(f"{name:<8} {wall[name]:7.1f} s wall {processor:7.1f} s processor, cores busy {busy:4.0%}")
    for other in ("script", "once", "first"):
        print(f"gate / {other}: {wall['gate'] / wall[other]:.2f}")
    print(f"gate, memory peak {peak / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()
