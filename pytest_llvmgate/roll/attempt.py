"""One candidate in the roll's tree: pins, what follows them, the gate, cures, the gate again; a commit for each.

Every step begins from the commit that the one before it left, and is written down when it is done. So whatever stops a
roll, at whatever moment, the next one puts the tree back to the last such commit and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.codec import dumps
from pytest_llvmgate.config.settings import Config, FixRule
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.seal import load_sealed, write_sealed
from pytest_llvmgate.gate.start import open_config
from pytest_llvmgate.git.commits import commit_changes, commit_of_branch, remove_branch
from pytest_llvmgate.git.linked_tree import linked_tree
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.model import Verdict
from pytest_llvmgate.moving.moves import apply_bump, prepare_bump
from pytest_llvmgate.pins.check import check_pins
from pytest_llvmgate.pins.llvm_clones import find_upstream_quietly
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.process.run import describe_command
from pytest_llvmgate.roll.dropped_carries import drop_carries
from pytest_llvmgate.roll.gating import Bench, briefs, gate, judged, mend
from pytest_llvmgate.roll.roll_state import Attempt, RollState, RollStep, Setting
from pytest_llvmgate.stages.after_bump import declared_commands, run_commands

_CURES: Final = "llvmgate/unfinished-roll"
"""The branch to which ``llvmgate fix`` commits; it is gone when a step ends."""
_SHOWN: Final = 12
_BEGIN: Final = "begin"


class Candidates:
    """Attempts candidates, and remembers what became of them."""

    def __init__(self, setting: Setting, state: RollState) -> None:
        self.setting = setting
        self.state = state

    def judge(self, sha: str) -> tuple[Mark, str]:
        """What becomes of a candidate, and why: asked once, whatever happens in between.

        Raises ``GateError`` for what is about the machine or the project, not about the candidate.
        """
        known = self.state.attempt(sha)
        ended = known if known.mark else _Attempting(self, known).run()
        assert ended.mark is not None  # noqa: S101 - it has ended
        return ended.mark, ended.reason

    def save(self, attempt: Attempt) -> None:
        """Write down where an attempt is."""
        self.state = self.state.with_attempt(attempt)
        self.setting.place.save(self.state)


class _Attempting:
    """The steps of one candidate."""

    def __init__(self, candidates: Candidates, attempt: Attempt) -> None:
        self._candidates = candidates
        self._setting = candidates.setting
        self.attempt = attempt
        self._tree: Repository | None = None

    # -- what is done, in this order ----------------------------------------------------------------------------------

    def run(self) -> Attempt:
        self._step(_BEGIN, self._begin)
        self._step("bump", self._bump)
        if problem := self._pins_apart():
            return self._end(Mark.BAD, problem)
        self._step("run", self._run_commands)
        if self._config.carries:
            self._step("carry", self._drop_carries)
        verdict = self._gate(1)
        found = judged(verdict)
        if found.mark is not Mark.BAD or self._setting.fix is FixRule.NEVER:
            return self._end(found.mark, found.reason, verdict)
        gated = self.attempt.done("gate-1")
        if gated and self._step("fix", self._fix).commit == gated.commit:  # nothing was mended
            briefs(self._bench)
            return self._end(Mark.BAD, found.reason, verdict)
        again = self._gate(2)
        found = judged(again)
        if found.mark is Mark.BAD:
            briefs(self._bench)
        return self._end(found.mark, found.reason, verdict, is_mended=found.mark is Mark.GOOD)

    def _step(self, name: str, work: Callable[[], RollStep]) -> RollStep:
        if done := self.attempt.done(name):
            return done
        self._setting.tell(f"  {name}")
        self._back_to(self.attempt.steps[-1].commit if self.attempt.steps else self._candidates.state.base)
        step = work()
        self.attempt = replace(self.attempt, steps=(*self.attempt.steps, step))
        self._candidates.save(self.attempt)
        return step

    def _end(self, mark: Mark, reason: str, verdict: Verdict | None = None, *, is_mended: bool = False) -> Attempt:
        causes = tuple(finding.headline for finding in verdict.findings[:_SHOWN]) if verdict else ()
        self.attempt = replace(self.attempt, mark=mark, reason=reason, is_mended=is_mended, causes=causes)
        self._candidates.save(self.attempt)
        return self.attempt

    # -- the tree -----------------------------------------------------------------------------------------------------

    def _back_to(self, commit: str) -> None:
        """Whatever a killed step left is gone afterwards, but for what git ignores: builds go on where they were."""
        setting = self._setting
        llvm = {
            setting.repository.relative(setting.config.root / one.location.path)
            for one in read_pins(setting.config)
            if one.location.line is None and not one.hops
        }
        self._tree = linked_tree(setting.repository, setting.place.tree, commit, without=llvm)

    @property
    def tree(self) -> Repository:
        """The roll's tree, where the last step left it."""
        if self._tree is None:
            self._back_to(self.attempt.steps[-1].commit)
        assert self._tree is not None  # noqa: S101 - it was made
        return self._tree

    @property
    def _config(self) -> Config:
        """The configuration as the tree has it."""
        relative = self._setting.config.path.relative_to(self._setting.place.top)
        return open_config(self.tree.work_tree, str(relative))

    @property
    def _bench(self) -> Bench:
        return Bench(config=self._config, sha=self.attempt.sha, setting=self._setting)

    # -- the steps ----------------------------------------------------------------------------------------------------

    def _begin(self) -> RollStep:
        return RollStep(name=_BEGIN, commit=self._candidates.state.base)

    def _bump(self) -> RollStep:
        config, sha = self._config, self.attempt.sha
        upstream, _ = find_upstream_quietly(config, read_pins(config, repository=self.tree))
        change = prepare_bump(config, sha, upstream=upstream)
        left = apply_bump(change, self.tree)
        moved = [f"- {link.path}: {link.before[:12]} -> {link.after[:12]}, {link.why}" for link in change.links]
        far = upstream.distance(sha, self._setting.baseline)
        told = f"From {self._setting.baseline} to {sha}{f': {far}' if far else ''}."
        message = "\n".join([f"Bump LLVM to {sha[:12]}", "", told, *(["", *moved] if moved else [])])
        commit = commit_changes(self.tree, f"{message}\n")
        if not commit:
            raise GateError(f"the pins say {sha[:12]} already, or none of them can be moved")
        return RollStep(name="bump", commit=commit, notes=(*change.remarks, *left))

    def _pins_apart(self) -> str:
        """Why the pins would fail the gate, which nothing that is built could change; empty where they would not."""
        report = check_pins(self._config, self.attempt.sha, look_around=False)
        bad = [one for one in report.verdicts if one.fails and not report.is_held(one)]
        if not bad:
            return ""
        first = bad[0].reading
        return f"pins::{first.name}: says {first.short or 'nothing that can be read'}"

    def _run_commands(self) -> RollStep:
        config = self._config
        declared = declared_commands(config, self._candidates.state.base)
        log = self._setting.place.log(self.attempt.sha, "run")
        log.unlink(missing_ok=True)
        timeout = config.timeouts.regenerate
        done = run_commands(declared.commands, config.root, self.attempt.sha, log=log, timeout=timeout)
        if done and not done[-1].ok:
            raise GateError(
                f"{describe_command(done[-1].command)} failed ({done[-1].ending})",
                where=str(log),
                hint="[bump] run has to work for a roll",
            )
        lines = [f"  {describe_command(one.command)}" for one in done]
        return self._committed("run", "Regenerate what follows LLVM's pin\n\nWith", lines)

    def _drop_carries(self) -> RollStep:
        gone = drop_carries(self._config, self.attempt.sha, self._setting.baseline)
        lines = [f"- {line}" for line in gone]
        return self._committed("carry", "Drop carried patches that are needed no more\n", lines)

    def _committed(self, name: str, title: str, lines: Sequence[str]) -> RollStep:
        """A step whose changes are committed, if it has made any; ``lines`` tell what was done."""
        commit = commit_changes(self.tree, "\n".join([title, *lines, ""])) if lines else ""
        return RollStep(name=name, commit=commit or self.tree.head())

    def _gate(self, number: int) -> Verdict:
        """The gate on the tree as the last step left it; interrupted on the way, it goes on by its own records."""
        name = f"gate-{number}"
        path = self._setting.place.verdict(self.attempt.sha, number)
        done = self.attempt.done(name)
        if done and (known := load_sealed(Verdict, self._setting.place.top, path)):
            return known
        self._setting.tell(f"  {name}")
        commit = done.commit if done else self.attempt.steps[-1].commit
        self._back_to(commit)
        verdict = gate(self._bench, number)
        if (found := judged(verdict)).machine:
            raise GateError(f"the machine is in the way: {found.reason}", hint="the next roll goes on from here")
        write_sealed(self._setting.place.top, path, dumps(verdict))
        if not done:
            self.attempt = replace(self.attempt, steps=(*self.attempt.steps, RollStep(name=name, commit=commit)))
            self._candidates.save(self.attempt)
        return verdict

    def _fix(self) -> RollStep:
        repository, start = self._setting.repository, self.tree.head()
        remove_branch(repository, _CURES)
        told = mend(self._bench, _CURES)
        commit = commit_of_branch(repository, _CURES) or start
        remove_branch(repository, _CURES)
        # Where something was mended, its commits say what was done.
        return RollStep(name="fix", commit=commit, notes=(told,) if commit == start else ())
