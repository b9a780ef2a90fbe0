"""The demo's workspace, once it is made, and what to try in it."""

from __future__ import annotations

import shlex
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.demo import branches
from pytest_llvmgate.demo.branches import Branch

_INTRODUCTION: Final = f"""\
abacus, a small compiler on MLIR, and its component mini-mhlo are in
    {{directory}}

What you need: CMake, Ninja, a C++17 compiler, and once about 330 MB of Python wheels per LLVM version.
The candidate is LLVM 22.1.8, {branches.LLVM_22}.
"""


@dataclass(frozen=True)
class DemoWorkspace:
    """The repositories of a demo."""

    directory: Path

    @property
    def downstream(self) -> Path:
        """The checkout in which the gate is run."""
        return self.directory / branches.DOWNSTREAM

    def instructions(self) -> str:
        """What to try, with the exact commands."""
        parts = [
            _INTRODUCTION.format(directory=self.directory),
            f"    cd {shlex.quote(str(self.downstream))}\n",
            *(_section(branch) for branch in branches.BRANCHES),
        ]
        return "\n".join(parts)


def _section(branch: Branch) -> str:
    commands = (f"git checkout --recurse-submodules {branch.name}", *branch.commands)
    story = textwrap.fill(branch.shows, width=100)
    return f"{branch.name}\n{textwrap.indent(story, '  ')}\n\n{textwrap.indent(chr(10).join(commands), '    ')}\n"
