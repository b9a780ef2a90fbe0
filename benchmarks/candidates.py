"""What ``llvmgate candidates`` costs, and how right its reading of reverts is.

``python benchmarks/candidates.py time [--commits 10000] [--clone DIR]`` times the command in a cold process: on a
synthetic miniature of llvm-project, or on a range of that length of a real clone taken for llvm-project.

``python benchmarks/candidates.py reverts DIR...`` reads the whole history of clones and holds every window against the
diffs: a revert is confirmed where it is the exact inverse of the commit that it is said to take back (by
``git patch-id``), and plausible where both touch the same file.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the miniature is of the tests

from pytest_llvmgate.git.repository import Repository  # noqa: E402
from pytest_llvmgate.git.revisions import resolve  # noqa: E402
from pytest_llvmgate.upstream.first_parent import changed_paths  # noqa: E402
from pytest_llvmgate.upstream.windows import Proof, Window, find_windows, read_range  # noqa: E402

CONFIG = """\
[[pin]]
name = "llvm-project"
file = "pin.txt"
reader = "sha-file"

[llvm]
supplier = "prefix"
prefix = "/opt/llvm/{{sha}}"
repository = "{clone}"
"""


def time_command(commits: int, clone: Path | None, runs: int) -> None:
    """Print the least wall and processor time of some runs."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        upstream = clone or _synthetic(work / "llvm", commits)
        project = work / "project"
        base = _git(upstream, "rev-list", "--first-parent", f"--skip={commits - 1}", "-1", "HEAD")
        _write_project(project, upstream, base)
        command = [sys.executable, "-m", "pytest_llvmgate", "candidates", "--json"]
        costs = [_once(command, project) for _ in range(runs)]
        wall, cpu = (min(column) for column in zip(*costs, strict=True))
        print(f"{commits:,} commits of {upstream.name}: {wall:.2f} s wall, {cpu:.2f} s of processors, best of {runs}")


def _synthetic(directory: Path, commits: int) -> Path:
    from tests.miniature import create_synthetic

    return create_synthetic(directory, commits).repository


def _write_project(project: Path, upstream: Path, base: str) -> None:
    project.mkdir()
    (project / "pin.txt").write_text(f"{base}\n")
    (project / "llvmgate.toml").write_text(CONFIG.format(clone=upstream))
    source = project / "a.cpp"
    source.write_text('#include "mlir/IR/Builders.h"\n#include "mlir/Dialect/Linalg/IR/Linalg.h"\n')
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)


def _once(command: Sequence[str], cwd: Path) -> tuple[float, float]:
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            command, cwd=cwd, stdout=output, stderr=output, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if child.returncode not in {0, 1}:
            sys.exit(f"{' '.join(command)} failed:\n{output.read().decode()}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime


def check_reverts(clone: Path) -> None:
    """Print how many windows of a clone's whole history the diffs confirm."""
    repository = Repository.open(clone, bare=True)
    head = resolve(repository, "HEAD")
    root = repository.run("rev-list", "--first-parent", "--max-parents=0", head).decode().split()[-1]
    started = time.perf_counter()
    commits = read_range(repository, root, head)
    windows = find_windows(commits, repository)
    seconds = time.perf_counter() - started
    reverted = [window for window in windows if window.kind is Proof.REVERTED]
    exact = [window for window in reverted if _is_inverse(repository, window)]
    paths = changed_paths(repository, [sha for window in reverted for sha in (window.culprit, window.proof)])
    near = [one for one in reverted if set(paths.get(one.culprit, ())) & set(paths.get(one.proof, ()))]
    odd = [window for window in reverted if window not in near]
    print(
        f"{clone.parent.name}: {len(commits):,} commits, {len(windows)} windows in {seconds:.2f} s; {len(reverted)} of "
        f"reverts: {len(exact)} exact inverses, {len(near)} touch the same files, {len(odd)} touch none in common"
    )
    for window in odd:
        print(f"    {window.culprit[:12]} {window.title} <- {window.proof[:12]}")


def _is_inverse(repository: Repository, window: Window) -> bool:
    forward = repository.run("diff-tree", "-p", "--no-renames", f"{window.proof}^", window.proof)
    backward = repository.run("diff-tree", "-p", "--no-renames", window.culprit, f"{window.culprit}^")
    return bool(forward) and _patch_id(repository, forward) == _patch_id(repository, backward)


def _patch_id(repository: Repository, diff: bytes) -> bytes:
    return repository.run("patch-id", "--stable", stdin=diff).split(b" ")[0]


def _git(place: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(place), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    timed = commands.add_parser("time")
    timed.add_argument("--commits", type=int, default=10_000)
    timed.add_argument("--clone", type=Path)
    timed.add_argument("--runs", type=int, default=3)
    checked = commands.add_parser("reverts")
    checked.add_argument("clones", type=Path, nargs="+")
    return parser.parse_args()


def main() -> None:
    """Run what the command line asks for."""
    arguments = _arguments()
    if arguments.command == "time":
        time_command(arguments.commits, arguments.clone, arguments.runs)
    else:
        for clone in arguments.clones:
            check_reverts(clone)


if __name__ == "__main__":
    main()
