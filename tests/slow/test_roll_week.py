"""A week of rolls on the miniature, with real builds: breaks, reverts, a component that lags, cures, kills."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.miniature import Miniature, create
from tests.miniature.downstream import COMPONENT, TinyC, create_downstream
from tests.miniature.git import git
from tests.support.rolled import environment, killed_at

_F = "filler"
PLAN = (_F, _F, "api-changed", _F, "api-changed-reverted", _F, _F, _F, "header-moved", _F, "hlo-api-renamed", _F, _F)
HOLD = '\n[[hold]]\npins = ["mini-hlo"]\nuntil = 2099-01-01\nreason = "it follows when it can"\n'
PATCH = "patches/third_party-mini-hlo-{}.patch"
SHARED = 'shared = { flavour = "shared", cmake = { BUILD_SHARED_LIBS = "ON" } }\n'


@dataclass
class Week:
    miniature: Miniature
    tinyc: TinyC

    def upstream_at(self, index: int) -> str:
        """LLVM's main moves."""
        sha = self.miniature.order[index]
        self.miniature.git("checkout", "-q", "--detach")
        self.miniature.git("branch", "-f", "main", sha)
        return sha

    def component_to(self, sha: str, edit: tuple[str, str, str] | None = None) -> None:
        """The component integrates an LLVM (with an edit of a file), and the user's clone of it is fetched."""
        origin = self.tinyc.component_origin
        if edit:
            path, old, new = origin / edit[0], *edit[1:]
            assert old in path.read_text()
            path.write_text(path.read_text().replace(old, new))
        (origin / "build_tools/llvm_version.txt").write_text(f"{sha}\n")
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        git(origin, *who, "commit", "-q", "-a", "-m", f"Integrate LLVM at {sha[:12]}")
        git(self.tinyc.component, "-c", "protocol.file.allow=always", "fetch", "-q", "origin")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "pytest_llvmgate", "roll", "-C", str(self.tinyc.root), *words]

    def roll(self, *words: str) -> int:
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False, env=environment())
        print(done.stdout, done.stderr)
        return done.returncode

    @property
    def outcome(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.tinyc.root / ".llvmgate/roll/roll.json").read_text())
        return found

    @property
    def text(self) -> str:
        return (self.tinyc.root / ".llvmgate/roll/pull-request.md").read_text()

    def titles(self) -> list[str]:
        return git(self.tinyc.root, "log", "--reverse", "--format=%s", f"main..{self.outcome['branch']}").splitlines()

    def configure(self, more: str) -> None:
        self.tinyc.config.write_text(self.tinyc.config.read_text() + more)
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        git(self.tinyc.root, *who, "commit", "-q", "-a", "-m", "Configure")

    def merge(self) -> None:
        """A person, or a workflow, merges the branch."""
        root = self.tinyc.root
        git(root, "merge", "-q", "--ff-only", self.outcome["branch"])
        git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "update", COMPONENT)

    def state(self) -> list[str]:
        root = self.tinyc.root
        return [
            git(root, "rev-parse", "HEAD"),
            git(root, "status", "--porcelain"),
            git(root, "branch", "--show-current"),
        ]


@pytest.fixture
def week(tmp_path: Path, clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> Week:
    monkeypatch.setenv("CCACHE_DIR", str(tmp_path / "ccache"))
    miniature = create(tmp_path / "llvm-project", commits=PLAN)
    source = {"supplier": "source", "repository": str(miniature.repository)}
    tinyc = create_downstream(tmp_path / "downstream", miniature, llvm=source)
    tinyc.config.write_text(tinyc.config.read_text().replace(SHARED, ""))
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    git(tinyc.root, *who, "commit", "-q", "-a", "-m", "Static builds will do")
    return Week(miniature, tinyc)


def monday(week: Week) -> None:
    """Two harmless commits."""
    sha = week.upstream_at(2)
    week.component_to(sha)
    assert week.roll() == 0
    assert week.outcome["candidate"] == sha
    assert week.titles() == [f"Bump LLVM to {sha[:12]}"]
    week.merge()
    assert week.roll() == 5  # and nothing newer


def tuesday(week: Week) -> None:
    """An interface has changed; the component was quick and carries that alone."""
    sha = week.upstream_at(4)
    week.component_to(sha)
    before = week.state()
    assert week.roll("--fix", "never") == 1
    assert [one["sha"] for one in week.outcome["tried"]] == [sha]
    assert week.state() == before


def wednesday(week: Week) -> None:
    """It was taken back. The component lags behind that, so there is nothing to move to until it has moved."""
    sha = week.upstream_at(6)
    assert week.roll("--fix", "never") == 5
    assert "mini-hlo carries" in week.outcome["says"]
    week.component_to(sha)
    assert week.roll() == 0
    assert week.outcome["candidate"] == sha
    week.merge()


def thursday(week: Week) -> None:
    """The machine goes down in every step."""
    sha = week.upstream_at(8)
    week.component_to(sha)
    before = week.state()
    for step, delay in (("begin", 0.0), ("bump", 0.1), ("run", 0.0), ("gate-1", 0.5), ("gate-1", 8.0)):
        killed_at(week.command(), step, delay)
        assert week.state() == before
    assert week.roll() == 0
    assert week.outcome["candidate"] == sha
    week.merge()


def friday(week: Week) -> None:
    """A header has moved, which others have followed; a person has to look at that."""
    sha = week.upstream_at(10)
    week.component_to(sha)
    before = week.state()
    for step, delay in (("fix", 1.0), ("gate-2", 1.0)):
        killed_at(week.command(), step, delay)
        assert week.state() == before
    assert week.roll() == 6
    bump, *cures = week.titles()
    assert bump == f"Bump LLVM to {sha[:12]}"
    assert [cure.startswith("Follow LLVM: ") for cure in cures] == [True]
    assert "SliceAnalysis.h" in week.text
    assert week.miniature.sha("header-moved")[:12] in week.text  # who did it
    assert week.state() == before
    week.merge()


def saturday(week: Week) -> None:
    """What the component uses has another name now. It lags, and is held for that: a patch is carried."""
    week.configure(HOLD)
    sha = week.upstream_at(12)
    before = week.state()
    for step, delay in (("fix", 1.0), ("gate-2", 1.0)):
        killed_at(week.command(), step, delay)
        assert week.state() == before
    assert week.roll() == 6
    assert week.titles() == [f"Bump LLVM to {sha[:12]}", f"Carry a patch on {COMPONENT}"]
    assert week.miniature.sha("hlo-api-renamed")[:12] in week.text
    week.merge()
    patch = week.tinyc.root / PATCH.format(sha[:12])
    assert "+  auto encoding = sparse_tensor::getLevelType(" in patch.read_text()


def sunday(week: Week) -> None:
    """The component has come along in its own words. What was carried goes."""
    sha = week.upstream_at(13)
    edit = ("getSparseTensorEncoding(op->getType());", "getLevelType(op->getType()); // was an encoding")
    week.component_to(sha, ("lib/Transforms/Densify.cpp", *edit))
    before = week.state()
    killed_at(week.command(), "carry", 0.1)
    assert week.state() == before
    assert week.roll() == 0
    assert week.titles() == [f"Bump LLVM to {sha[:12]}", "Drop carried patches that are needed no more"]
    week.merge()
    assert not list((week.tinyc.root / "patches").glob("*"))
    assert "[[carry]]" not in week.tinyc.config.read_text()


def test_a_week_of_rolls(week: Week) -> None:
    for day in (monday, tuesday, wednesday, thursday, friday, saturday, sunday):
        day(week)
