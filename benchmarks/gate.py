"""What the gate costs, side by side with what it stands for, in one run.

    python benchmarks/gate.py startup [--runs 15]
        pytest in an empty directory, with the plugin and without it (no --llvm-sha): target < 5 ms apart.
    python benchmarks/gate.py overhead DOWNSTREAM --configuration static-mhlo_off [--runs 3]
        one configuration from nothing, by the gate and by a bare script of the very commands that the gate's logs show:
        target <= 1.02 of its wall time.
    python benchmarks/gate.py unchanged DOWNSTREAM [--runs 5]
        all configurations again with nothing changed: target < 3 s for four.

DOWNSTREAM is a checkout with an llvmgate.toml, e.g. the demo's. Figures are medians of wall seconds; runs alternate, so
that a machine that slows down slows both sides down.
"""

from __future__ import annotations

import argparse
import os
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar


def seconds(command: Sequence[str], cwd: Path, *, codes: Sequence[int] = (0,)) -> float:
    started = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    if done.returncode not in codes:
        sys.exit(f"{shlex.join(command)} ended with {done.returncode}:\n{done.stdout.decode()}{done.stderr.decode()}")
    return time.perf_counter() - started


def processor_seconds() -> float:
    """What all processes that have ended so far have used."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def with_processor(work: Callable[[], float]) -> Callable[[], tuple[float, float]]:
    """Wall seconds and processor seconds of some work."""

    def measured() -> tuple[float, float]:
        before = processor_seconds()
        wall = work()
        return wall, processor_seconds() - before

    return measured


Figure = TypeVar("Figure")


def alternate(runs: int, *sides: Callable[[], Figure]) -> list[list[Figure]]:
    figures: list[list[Figure]] = [[] for _ in sides]
    for _ in range(runs):
        for side, measured in zip(sides, figures, strict=True):
            measured.append(side())
    return figures


def pytest_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", *arguments]


def startup(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        empty = Path(name)
        (empty / "pytest.ini").write_text("[pytest]\n")
        # Only the plugin in question: others would add their own noise.
        env_free = ["-p", "no:cacheprovider", "-q"]
        with_plugin = pytest_command(*env_free, "-p", "pytest_llvmgate.plugin.entry")
        without = pytest_command(*env_free)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        for command in (with_plugin, without):
            seconds(command, empty, codes=(5,))
        on, off = alternate(
            runs,
            with_processor(lambda: seconds(with_plugin, empty, codes=(5,))),
            with_processor(lambda: seconds(without, empty, codes=(5,))),
        )
    compare("pytest with the plugin", on, "pytest without it", off)


def overhead(downstream: Path, configuration: str, runs: int) -> None:
    # The predictions are work that the script does not do.
    gate = pytest_command("--llvm-sha=pinned", "-q", "-k", f"{configuration} and not linkcheck")
    shutil.rmtree(downstream / ".llvmgate", ignore_errors=True)
    seconds(gate, downstream)
    logs = next(downstream.glob(f".llvmgate/*/{configuration}/logs"))
    text = [(logs / f"{stage}.log").read_text() for stage in ("configure", "build", "install", "check")]
    commands = [line[2:] for log in text for line in log.splitlines() if line.startswith("$ ")]
    own = logs.parent

    def bare() -> float:
        with tempfile.TemporaryDirectory() as name:
            script = "\n".join(["set -e", *(command.replace(str(own), name) for command in commands)])
            return seconds(["sh", "-c", script], downstream)

    def gated() -> float:
        shutil.rmtree(downstream / ".llvmgate")
        return seconds(gate, downstream)

    ours, theirs = alternate(runs, with_processor(gated), with_processor(bare))
    compare("the gate", ours, "a bare script", theirs)


def compare(name: str, ours: Sequence[tuple[float, float]], other: str, theirs: Sequence[tuple[float, float]]) -> None:
    """Both sides, and how they stand to each other pair by pair: a neighbour's load is in both of a pair."""
    for index, what in enumerate(("wall", "processor")):
        pairs = [(mine[index], its[index]) for mine, its in zip(ours, theirs, strict=True)]
        report(f"{name}, {what}", [mine for mine, _ in pairs])
        report(f"{other}, {what}", [its for _, its in pairs])
        ratio = statistics.median(mine / its for mine, its in pairs)
        apart = statistics.median(mine - its for mine, its in pairs)
        print(f"{what}, pair by pair (median): ratio {ratio:.3f}, {apart * 1000:.1f} ms apart")


def unchanged(downstream: Path, runs: int) -> None:
    gate = pytest_command("--llvm-sha=pinned", "-q")
    seconds(gate, downstream)
    (figures,) = alternate(runs, lambda: seconds(gate, downstream))
    report("all configurations, nothing changed", figures)


def report(name: str, figures: Sequence[float]) -> None:
    print(f"{name}: median {statistics.median(figures):.3f} s, from {min(figures):.3f} to {max(figures):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("startup")
    start.add_argument("--runs", type=int, default=15)
    over = commands.add_parser("overhead")
    over.add_argument("downstream", type=Path)
    over.add_argument("--configuration", default="static-mhlo_off")
    over.add_argument("--runs", type=int, default=3)
    same = commands.add_parser("unchanged")
    same.add_argument("downstream", type=Path)
    same.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.command == "startup":
        startup(arguments.runs)
    elif arguments.command == "overhead":
        overhead(arguments.downstream.resolve(), arguments.configuration, arguments.runs)
    else:
        unchanged(arguments.downstream.resolve(), arguments.runs)


if __name__ == "__main__":
    main()
