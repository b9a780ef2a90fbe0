"""LLVM's history with commits that break a toy downstream, for rolls: real git, CMake and ninja, no compiler."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.processes import marked
from tests.support.toy import CMAKE_LISTS, LINKAGE, MAKE_CMAKE, NO_PREDICTIONS, make_llvm
from tests.unit.git_kit import Repo

CONFIG: Final = f"""\
[[pin]]
name = "llvm-project"
file = "utils/clone-mlir.sh"

[llvm]
supplier = "prefix"
prefix = "../prefixes/{{sha}}"
repository = "../llvm-project"
{LINKAGE}{NO_PREDICTIONS}"""
BREAK: Final = """\
if(TOY_LLVM_BREAKS)
  message(FATAL_ERROR "The dependency target \\"MLIRGone\\" of target \\"core\\" does not exist.")
endif()
"""


def day(number: int) -> str:
    """A date in January 2026."""
    return f"2026-01-{number:02}T12:00:00+00:00"


@dataclass
class RollWorld:
    """LLVM's clone, its installs, and a downstream that is on the first commit."""

    root: Path

    @property
    def llvm(self) -> Repo:
        return Repo.at(self.root / "llvm-project")

    @property
    def downstream(self) -> Repo:
        return Repo.at(self.root / "downstream")

    def commit_llvm(self, title: str, *, on: int, breaks: bool = False, body: str = "") -> str:
        """A commit of LLVM, with an install of it."""
        message = f"{title}\n\n{body}" if body else title
        file = {f"mlir/include/{on}.h": title}
        sha = self.llvm.commit(file, message=message, date=day(on))
        prefix = make_llvm(self.root / "prefixes" / sha, sha)
        if breaks:
            with (prefix / "lib/cmake/llvm/LLVMConfig.cmake").open("a") as stream:
                stream.write("set(TOY_LLVM_BREAKS ON)\n")
        return sha

    def pin(self, commit: str = "HEAD") -> str:
        """What the downstream's script says at a commit."""
        return self.downstream.git("show", f"{commit}:utils/clone-mlir.sh").split()[-4]

    def configure(self, extra: str, files: dict[str, str] | None = None) -> None:
        self.downstream.commit({"llvmgate.toml": CONFIG + extra, **(files or {})}, message="Configure", date=day(2))

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "pytest_llvmgate", "roll", "-C", str(self.downstream.path), *words]

    def roll(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run it as a user would."""
        return subprocess.run(self.command(*words), capture_output=True, text=True, check=False, env=environment())

    @property
    def outcome(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.downstream.path / ".llvmgate/roll/roll.json").read_text())
        return found

    @property
    def text(self) -> str:
        return (self.downstream.path / ".llvmgate/roll/pull-request.md").read_text()

    def untouched(self) -> list[str]:
        """What must not change, whatever a roll does: HEAD, the work tree."""
        run = self.downstream.git
        return [
            run("rev-parse", "HEAD"),
            run("branch", "--show-current"),
            run("status", "--porcelain"),
            run("stash", "list"),
        ]

    def branches(self) -> set[str]:
        return set(self.downstream.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split())


def killed_at(command: Sequence[str], step: str, delay: float) -> None:
    """Start a roll, and kill it so many seconds after it has told that it is at a step, the next step at the latest."""
    told: list[str] = []
    with marked() as mark:
        env = environment() | {name: text for name, text in mark.env.items() if text in mark.mark}
        # Without a buffer: a line that waits in one would be hidden from select.
        roll = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0, env=env)
        assert roll.stderr is not None
        for line in iter(roll.stderr.readline, b""):
            told.append(line.decode().split()[0])
            if told[-1] == step:
                break
        select.select([roll.stderr], [], [], delay)
        os.kill(roll.pid, signal.SIGKILL)
        roll.stderr.close()
        roll.wait()
        assert mark.gone(within=20.0)
    assert told[-1] == step, told


def environment() -> dict[str, str]:
    """With an identity for commits, whoever runs the tests."""
    who = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER") for what, text in _WHO.items()}
    outer = ("PYTEST_", "GITHUB_", "MAKEFLAGS")
    return {name: text for name, text in os.environ.items() if not name.startswith(outer)} | who


_WHO: Final = {"NAME": "Ada", "EMAIL": "ada@example.org"}


def make_world(root: Path) -> RollWorld:
    """LLVM has one commit, which the downstream is on."""
    Repo(root / "llvm-project")
    world = RollWorld(root)
    sha = world.commit_llvm("[mlir] Start", on=1)
    files = {
        "llvmgate.toml": CONFIG,
        "utils/clone-mlir.sh": f"cd llvm-project && git checkout {sha} && cd ..\n",
        "CMakeLists.txt": CMAKE_LISTS + BREAK,
        "make.cmake": MAKE_CMAKE,
        "pytest.ini": "[pytest]\n",
    }
    Repo(root / "downstream").commit(files, message="Start", date=day(1))
    return world
