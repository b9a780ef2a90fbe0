"""Running pytest inside a test, on the toy downstream."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.toy import SHA, commit, git

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Gated:
    """The toy downstream, and pytest in it."""

    pytester: pytest.Pytester
    root: Path
    candidate: str = SHA

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in this process: no start-up to pay."""
        return self.pytester.runpytest_inprocess(*arguments)

    def spawn(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in a process of its own, for what needs one (xdist, signals)."""
        return self.pytester.runpytest_subprocess(*arguments)

    def configure(self, text: str) -> None:
        """Replace the configuration file."""
        (self.root / "llvmgate.toml").write_text(text)
        commit(self.root, "Configure the gate")

    def git(self, *arguments: str) -> str:
        """Run git in the downstream."""
        return git(self.root, *arguments)

    def log(self, group: str, stage: str, sha: str = SHA) -> Path:
        """The log of a stage."""
        return self.root / ".llvmgate" / sha[:12] / group / "logs" / f"{stage}.log"
