"""Show the gate at work: make the demo's workspace and gate three of its branches on a real LLVM.

Usage: ``python tools/demo.py DIR`` with pytest-llvmgate, CMake and Ninja installed. Ends with 0 when every branch ended
as its description says, which for two of the three means that the gate says no.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PASSES: Final = 0
SAYS_NO: Final = 1


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One branch of the demo, and how its gate ends."""

    branch: str
    story: str
    arguments: tuple[str, ...] = ()
    exit_code: int


SCENES: Final = (
    Scene(
        branch="good",
        story="the pins agree; four configurations configure, build, install and pass their checks",
        exit_code=PASSES,
    ),
    Scene(
        branch="pins-disagree",
        story="the component is on another LLVM: said within a second, nothing is built",
        arguments=("-k", "pins"),
        exit_code=SAYS_NO,
    ),
    Scene(
        branch="shared-breaks",
        story="a library is missing from a link line: static archives hide it, shared libraries do not",
        arguments=("-k", "mhlo_on"),
        exit_code=SAYS_NO,
    ),
)


def main(directory: Path) -> int:
    """Play every scene; the exit code says whether all ended as they should."""
    _run([sys.executable, "-m", "pytest_llvmgate", "demo", str(directory)], cwd=Path.cwd())
    downstream = directory.resolve() / "abacus"
    surprises = [scene.branch for scene in SCENES if not _play(scene, downstream)]
    if surprises:
        print(f"\nnot as expected: {', '.join(surprises)}", flush=True)
        return 1
    print(f"\nall three branches ended as they should; go on in {downstream}", flush=True)
    return 0


def _play(scene: Scene, downstream: Path) -> bool:
    print(f"\n--- {scene.branch}: {scene.story}\n", flush=True)
    _run(["git", "checkout", "--quiet", "--recurse-submodules", scene.branch], cwd=downstream)
    gate = [sys.executable, "-m", "pytest", "--llvm-sha=llvmorg-22.1.8", *scene.arguments]
    print(f"$ {shlex.join(['pytest', *gate[3:]])}", flush=True)
    return subprocess.run(gate, cwd=downstream, check=False).returncode == scene.exit_code


def _run(command: list[str], *, cwd: Path) -> None:
    print(f"$ {shlex.join(command)}", flush=True)
    subprocess.run(command, cwd=cwd, check=True)


if __name__ == "__main__":
    sys.exit(main(Path(*sys.argv[1:2])))
