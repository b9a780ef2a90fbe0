"""The unattended roll, from the checkout as it is to a branch, a text, or the reasons why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.candidates.gathering import CandidateRequest, Ranking, find_candidates
from pytest_llvmgate.candidates.newest import find_newest
from pytest_llvmgate.chronicle.age import read_status
from pytest_llvmgate.config.load import fill
from pytest_llvmgate.config.settings import Config, FixRule
from pytest_llvmgate.errors import EXIT_OK, EXIT_VERDICT_NO
from pytest_llvmgate.gate.seal import load_sealed
from pytest_llvmgate.gate.start import resolve_candidate
from pytest_llvmgate.git.commits import branch_exists, commit_of_branch, make_branch
from pytest_llvmgate.git.linked_tree import remove_linked_tree
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.llvm.revision import PINNED, resolve_revision
from pytest_llvmgate.model import Verdict
from pytest_llvmgate.pins.llvm_clones import find_upstream_quietly
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.roll.attempt import Candidates
from pytest_llvmgate.roll.beginning import checked_base, only_roll
from pytest_llvmgate.roll.choosing import choice
from pytest_llvmgate.roll.roll_state import Attempt, RollPlace, RollState, Setting

_EXIT_NOTHING: Final = 5
"""Nothing to do, as pytest says it of a session without tests."""
_EXIT_REVIEW: Final = 6
"""A branch is there, and a person has to look at what mended it."""


class RollEnding(StrEnum):
    """What a roll comes to."""

    NOTHING = "nothing-to-do"
    CLEAN = "clean"
    """A branch that passes with nothing but pins moved and what follows them."""
    MENDED = "needs-review"
    """A branch that passes with what ``llvmgate fix`` did."""
    BLOCKED = "blocked"
    """No candidate passes."""

    @property
    def exit_code(self) -> int:
        """Of ``llvmgate roll``."""
        codes = {RollEnding.NOTHING: _EXIT_NOTHING, RollEnding.CLEAN: EXIT_OK, RollEnding.MENDED: _EXIT_REVIEW}
        return codes.get(self, EXIT_VERDICT_NO)


@dataclass(frozen=True, kw_only=True)
class RollRequest:
    """What a user asks for."""

    sha: str = ""
    """The candidate, as text that names a commit; empty: choose one."""
    base: str = ""
    """The branch to roll; empty: the one that is checked out."""
    branch: str = ""
    """Name of the branch to leave, with ``{short}`` or ``{sha}``; empty: the configuration's."""
    is_now: bool = False
    """Whatever the cadence says, and whatever is in flight."""
    together: bool = False
    """Only what every sibling was on."""
    tries: int = 6
    """Candidates gated at most."""
    workers: str = "0"
    fix: FixRule | None = None
    """None: the configuration's."""
    is_restart: bool = False
    """Forget what earlier rolls of the same base came to."""


@dataclass(frozen=True, kw_only=True)
class Rolled:
    """The outcome."""

    ending: RollEnding
    says: str
    """In one sentence."""
    base: str
    """Full SHA that was rolled from."""
    base_branch: str
    baseline: str
    """The pin before: full SHA."""
    branch: str = ""
    """The branch that was left; empty where there is none."""
    attempt: Attempt | None = None
    """The candidate that it moves to; where it is blocked, the newest that was tried."""
    tried: tuple[Attempt, ...] = ()
    """All candidates of this base, newest attempt last."""
    narrowed: tuple[str, ...] = ()
    """What narrowed the choice down."""

    @property
    def commit(self) -> str:
        """Full SHA of the branch's end; empty where there is none."""
        return self.attempt.steps[-1].commit if self.branch and self.attempt and self.attempt.steps else ""


class Roll:
    """One roll of one checkout."""

    def __init__(self, config: Config, asked: RollRequest, tell: Callable[[str], None]) -> None:
        """Look at the checkout. Raises ``GateError`` for one that a roll cannot begin from."""
        self.config, self.asked = config, asked
        self.repository = Repository.open(config.root)
        self.place = RollPlace(self.repository.work_tree)
        branch, self.base = checked_base(config, self.repository, asked.base)
        self.setting = Setting(
            config=config,
            repository=self.repository,
            place=self.place,
            branch=branch,
            baseline=resolve_candidate(PINNED, config).sha,
            fix=asked.fix or config.roll.fix,
            workers=asked.workers,
            tell=tell,
        )

    def run(self) -> Rolled:
        """Roll. Raises ``GateError`` for what is about the machine or the checkout; the next roll goes on then."""
        with only_roll(self.place, self.base):
            if not self.asked.sha and not self.asked.is_now and (reason := self._not_yet()):
                return self._rolled(RollEnding.NOTHING, reason)
            return self._among_candidates()

    def verdict(self, rolled: Rolled) -> Verdict | None:
        """The last verdict on the candidate."""
        if rolled.attempt is None:
            return None
        paths = [self.place.verdict(rolled.attempt.sha, one) for one in (2, 1) if rolled.attempt.done(f"gate-{one}")]
        return next((known for path in paths if (known := load_sealed(Verdict, self.place.top, path))), None)

    # -- choosing -----------------------------------------------------------------------------------------------------

    def _not_yet(self) -> str:
        """Why now is not the time; empty where it is."""
        readings = read_pins(self.config)
        status = read_status(self.config, readings=readings, upstream=find_upstream_quietly(self.config, readings)[0])
        if status.in_flight:
            return f"an update is in flight: {status.in_flight[0].where}"
        if status.due_in is not None and status.due_in > 0:
            return f"{status.cadence}: the next update is due in {status.due_in:.0f} days"
        return ""

    def _among_candidates(self) -> Rolled:
        candidates = Candidates(self.setting, self._known())
        if self.asked.sha:
            sha = resolve_revision(self.asked.sha, self.config).sha
            if sha == self.setting.baseline:
                return self._rolled(RollEnding.NOTHING, f"the pins say {sha[:12]} already")
            self.setting.tell(f"trying {sha[:12]}")
            mark, reason = self._judge(candidates, sha)
            self.setting.tell(f"  {mark}: {reason}")
            return self._ended(candidates, sha)
        ranking = find_candidates(CandidateRequest(config=self.config, preflights=0))
        if not ranking.commits:
            return self._rolled(RollEnding.NOTHING, "; ".join(ranking.notes) or "LLVM has nothing newer than the pin")
        return self._newest(candidates, ranking)

    def _newest(self, candidates: Candidates, ranking: Ranking) -> Rolled:
        among, narrowed = choice(self.config, ranking, read_pins(self.config), together=self.asked.together)
        if among is not None and not among:
            return self._rolled(RollEnding.NOTHING, f"nothing can be shared: {'; '.join(narrowed)}", narrowed)
        found = find_newest(
            ranking.field,
            lambda sha: self._judge(candidates, sha),
            tries=self.asked.tries,
            tell=self.setting.tell,
            among=among,
        )
        sha = found.found.sha if found.found else next((one.commit.sha for one in found.tried), "")
        if not sha:
            why = "; ".join(narrowed) or "every commit after the pin lies in a stretch that was proved bad"
            return self._rolled(RollEnding.NOTHING, f"no candidate is left: {why}", narrowed)
        return replace(self._ended(candidates, sha), narrowed=narrowed)

    def _judge(self, candidates: Candidates, sha: str) -> tuple[Mark, str]:
        branch = self._branch_for(sha)
        there = commit_of_branch(self.repository, branch)
        if there and all(step.commit != there for step in candidates.state.attempt(sha).steps):
            raise branch_exists(branch)
        return candidates.judge(sha)

    def _branch_for(self, sha: str) -> str:
        """The branch that a roll to this candidate leaves."""
        return fill(self.asked.branch or self.config.roll.branch, {"short": sha[:12], "sha": sha})

    def _known(self) -> RollState:
        """What earlier rolls of the same base came to, as far as their commits are still there."""
        state = self.place.load(self.base, f"fix {self.setting.fix}")
        if self.asked.is_restart:
            return replace(state, attempts=())
        there = [
            one
            for one in state.attempts
            if one.mark is not Mark.SKIP and all(self.repository.has_commit(step.commit) for step in one.steps)
        ]
        return replace(state, attempts=tuple(there))

    # -- ending -------------------------------------------------------------------------------------------------------

    def _ended(self, candidates: Candidates, sha: str) -> Rolled:
        attempt = candidates.state.attempt(sha)
        tried = candidates.state.attempts
        if attempt.mark is not Mark.GOOD:
            blocked = self._rolled(RollEnding.BLOCKED, f"{sha[:12]}: {attempt.reason}")
            return replace(blocked, attempt=attempt, tried=tried)
        branch = self._branch_for(sha)
        if commit_of_branch(self.repository, branch) != attempt.steps[-1].commit:
            make_branch(self.repository, branch, attempt.steps[-1].commit)
        remove_linked_tree(self.repository, self.place.tree)
        ending = RollEnding.MENDED if attempt.is_mended else RollEnding.CLEAN
        rolled = self._rolled(ending, f"{branch} moves LLVM to {sha[:12]}")
        return replace(rolled, branch=branch, attempt=attempt, tried=tried)

    def _rolled(self, ending: RollEnding, says: str, narrowed: tuple[str, ...] = ()) -> Rolled:
        return Rolled(
            ending=ending,
            says=says,
            base=self.base,
            base_branch=self.setting.branch,
            baseline=self.setting.baseline,
            narrowed=narrowed,
        )
