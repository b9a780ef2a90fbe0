"""What a roll has done so far, on disk after every step: so that one that was interrupted goes on where it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.codec import dumps
from pytest_llvmgate.config.settings import Config, FixRule
from pytest_llvmgate.config.user_paths import ROLL_TREE
from pytest_llvmgate.gate.seal import load_sealed, write_sealed
from pytest_llvmgate.git.repository import Repository


@dataclass(frozen=True, kw_only=True)
class RollStep:
    """Something that was done to a candidate, and is not done again."""

    name: str
    commit: str
    """Full SHA of the commit that the tree stands at afterwards."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One candidate."""

    sha: str
    steps: tuple[RollStep, ...] = ()
    mark: Mark | None = None
    """What it came to; None while it is at work."""
    reason: str = ""
    is_mended: bool = False
    """It passes with what ``llvmgate fix`` did."""
    causes: tuple[str, ...] = ()
    """Headlines of what broke, the most important first."""

    def done(self, name: str) -> RollStep | None:
        """The step of that name, where it was done."""
        return next((step for step in self.steps if step.name == name), None)


@dataclass(frozen=True, kw_only=True)
class RollState:
    """All candidates of one base."""

    base: str
    """Full SHA of the downstream's commit that is rolled from."""
    settings: str = ""
    """Whatever else the outcome depends on."""
    attempts: tuple[Attempt, ...] = ()
    schema: Literal[1] = 1
    """One of another is not read."""

    def attempt(self, sha: str) -> Attempt:
        """What was done to a candidate so far."""
        return next((one for one in self.attempts if one.sha == sha), Attempt(sha=sha))

    def with_attempt(self, attempt: Attempt) -> RollState:
        """The same with one candidate's attempt put in its place."""
        others = tuple(one for one in self.attempts if one.sha != attempt.sha)
        return replace(self, attempts=(*others, attempt))


@dataclass(frozen=True)
class RollPlace:
    """Where a roll keeps everything: below the run directory of the checkout."""

    top: Path
    """The top of the user's work tree."""

    @property
    def tree(self) -> Path:
        """The roll's own work tree."""
        return self.top.joinpath(*ROLL_TREE)

    @property
    def directory(self) -> Path:
        """What a roll leaves: its outcome, texts, logs."""
        return self.tree.parents[1]

    def of(self, sha: str) -> Path:
        """Logs, verdicts and briefs of a candidate."""
        return self.directory / "candidates" / sha[:12]

    def log(self, sha: str, name: str) -> Path:
        """What a step of a candidate printed."""
        return self.of(sha) / "logs" / f"{name}.log"

    def verdict(self, sha: str, number: int) -> Path:
        """What the gate said the first or the second time."""
        return self.of(sha) / f"verdict-{number}.json"

    def briefs(self, sha: str) -> Path:
        """The directory of a page for each cause that is left."""
        return self.of(sha) / "briefs"

    @property
    def state(self) -> Path:
        """The state of a roll that is at work, or was."""
        return self.directory / "state.json"

    @property
    def outcome(self) -> Path:
        """What the last roll came to, for machines."""
        return self.directory / "roll.json"

    def load(self, base: str, settings: str) -> RollState:
        """What is known of the same base; nothing where there is none, or not one that this user's gate wrote."""
        fresh = RollState(base=base, settings=settings)
        state = load_sealed(RollState, self.top, self.state) or fresh
        return state if (state.base, state.settings) == (fresh.base, fresh.settings) else fresh

    def save(self, state: RollState) -> None:
        """Write it, atomically."""
        write_sealed(self.top, self.state, dumps(state))


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all candidates of a roll have in common."""

    config: Config
    """Of the user's checkout."""
    repository: Repository
    place: RollPlace
    branch: str
    """The branch that is rolled."""
    baseline: str
    """The pin: full SHA."""
    fix: FixRule
    workers: str
    """As pytest-xdist's ``-n`` takes it."""
    tell: Callable[[str], None]
