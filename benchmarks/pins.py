"""What reading pins costs: ``python benchmarks/pins.py CHECKOUT [--clone NAME=DIR] [--runs 7]``.

CHECKOUT is a checkout of a downstream (onnx-mlir, torch-mlir, ...) with its components' submodules initialised, or a
bare clone (then only the history is measured). Side by side in one run:

* ``llvmgate pins`` in a cold process, against ``git status`` and against the interpreter's bare start;
* ``llvmgate pins --history``, against the loop that a shell script would be: one ``git show`` per commit and pin;
* the digest of the work tree that the gate takes, against ``git status``.

The least of several runs counts (a busy machine only ever adds); processor time is the processes' own and their
children's. Memory is the peak of the process, its git children apart.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llvmgate.chronicle.history import read_chronicle
from pytest_llvmgate.chronicle.layouts import history_specs
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.bulk import clone_paths

STATE = "import sys; from pathlib import Path; from pytest_llvmgate.git.repository import Repository as R; "
STATE += "from pytest_llvmgate.git.worktree import source_state; print(source_state(R.open(Path(sys.argv[1]))))"


@dataclass(frozen=True)
class Cost:
    """The least of several runs."""

    wall: float
    cpu: float
    memory: float
    """Megabytes."""


def measure(command: Sequence[str], runs: int) -> Cost:
    """Run a command several times."""
    costs = [_once(command) for _ in range(runs)]
    return Cost(*(min(column) for column in zip(*costs, strict=True)))


def _once(command: Sequence[str]) -> tuple[float, float, float]:
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"})
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if child.returncode not in {0, 1}:
            sys.exit(f"{' '.join(command)} failed:\n{output.read().decode()}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def naive_history(repository: Repository, clones: dict[str, Path]) -> Callable[[], int]:
    """The loop of a shell script over the same commits and pins, for comparison."""
    specs = history_specs(repository, ())
    states = read_chronicle(repository, specs, clones=clones).states
    place = ["-C", str(repository.root or repository.git_dir)]

    def run() -> int:
        count = 0
        for state in states:
            for name, pin in state.pins.items():
                spec = next(one for one in specs if one.name == name)
                wheres = [(place, f"{state.commit}:{spec.component or spec.file}")]
                if pin.links and (clone := clones.get(spec.component.rpartition("/")[2])):
                    wheres.append((["-C", str(clone)], f"{pin.links[0]}:{spec.file}"))
                for where, what in wheres:
                    subprocess.run(["git", *where, "show", what], capture_output=True, check=False)
                    count += 1
        return count

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--clone", action="append", default=[], metavar="NAME=DIR")
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    path = arguments.checkout.resolve()
    repository = Repository.open(path, bare=True)
    clones = [word for name in arguments.clone for word in ("--clone", name)]
    llvmgate = [sys.executable, "-m", "pytest_llvmgate"]
    rows = [("python, nothing imported", measure([sys.executable, "-I", "-c", "pass"], arguments.runs))]
    if repository.root:
        rows.append(("git status", measure(["git", "-C", str(path), "status", "--porcelain"], arguments.runs)))
        rows.append(("digest of the work tree", measure([sys.executable, "-c", STATE, str(path)], arguments.runs)))
        rows.append(("llvmgate pins --brief", measure([*llvmgate, "pins", "-C", str(path), "--brief"], arguments.runs)))
        rows.append(("llvmgate pins", measure([*llvmgate, "pins", "-C", str(path)], arguments.runs)))
    history = measure([*llvmgate, "pins", "-C", str(path), "--history", *clones], arguments.runs)
    rows.append(("llvmgate pins --history", history))
    print(f"{'':28}{'wall':>9}{'cpu':>9}{'memory':>10}")
    for name, cost in rows:
        print(f"{name:28}{cost.wall:8.3f}s{cost.cpu:8.3f}s{cost.memory:7.0f} MB")
    started = time.perf_counter()
    shown = naive_history(repository, clone_paths(arguments.clone))()
    wall = time.perf_counter() - started
    ratio = wall / history.wall
    print(f"{'one git show per pin':28}{wall:8.3f}s   ({shown} of them: {ratio:.1f} times the history above)")


if __name__ == "__main__":
    main()
