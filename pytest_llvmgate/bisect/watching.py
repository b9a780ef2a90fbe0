"""The unattended search: one bounded step per call, from what is known to upstream's head.

A step is at most a few probes. While a change from passing to failing is known and not yet found, it is narrowed; only
then is a newer head looked at. So a history that grows faster than the machine builds does not keep a search from
ending. Once it is found, the commit that reverted or fixed it is tried: it may be the newest that passes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from pytest_llvmgate.bisect.bisection import Bisection, Mark
from pytest_llvmgate.bisect.judge import Judgement, Wanted, judge
from pytest_llvmgate.bisect.probing import ProbeRequest, ProbeResult
from pytest_llvmgate.bisect.supplied import find_supplied
from pytest_llvmgate.bisect.workers import ProbeCommand, Worker
from pytest_llvmgate.codec import dumps
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.gate.progress import forget
from pytest_llvmgate.gate.run_directory import DIRECTORY_NAME, Workspace, take_checkout
from pytest_llvmgate.gate.seal import load_sealed, write_sealed
from pytest_llvmgate.gate.start import resolve_candidate
from pytest_llvmgate.llvm.revision import PINNED
from pytest_llvmgate.pins.llvm_clones import find_upstream
from pytest_llvmgate.upstream.first_parent import Commit, Follower, History, followers, read_commits, read_history

_MOST_REMEMBERED: Final = 500

_ProbeOne = Callable[[str], ProbeResult]
"""Judges one full SHA."""


@dataclass(frozen=True, kw_only=True)
class JudgedCommit:
    """A commit that was judged."""

    commit: Commit
    mark: Mark
    reason: str
    signature: str
    """Equal for commits that cannot be judged for the same cause."""
    when: float
    """Seconds since the epoch."""
    build: int
    """Number of the probe, over all calls."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What the calls so far have learnt."""

    request: ProbeRequest
    seen: tuple[JudgedCommit, ...] = ()
    """In the order of judging."""
    builds: int = 0
    schema: Literal[1] = 1
    """A state of another is not read."""

    @property
    def latest(self) -> tuple[JudgedCommit, ...]:
        """The latest judgements first."""
        return tuple(sorted(self.seen, key=lambda seen: -seen.build))

    def with_seen(self, commit: Commit, judged: Judgement) -> Watched:
        """One more judgement, which replaces an earlier one of the same commit."""
        others = tuple(each for each in self.seen if each.commit.sha != commit.sha)[-_MOST_REMEMBERED:]
        number = self.builds + 1
        new = JudgedCommit(
            commit=commit,
            mark=judged.mark,
            reason=judged.reason,
            signature=judged.signature,
            when=time.time(),
            build=number,
        )
        return replace(self, seen=(*others, new), builds=number)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Where things stand."""

    pin: Commit
    head: Commit
    newest_passing: JudgedCommit | None
    """The newest commit known to pass everything."""
    earliest_failing: JudgedCommit | None
    """The oldest one known to fail after that."""
    between: int
    """Commits that may still be the first failing one; 1 when it is found, 0 where nothing fails."""
    head_seen: JudgedCommit | None
    followers: tuple[Follower, ...] = ()
    """Who reverted or fixed the first failing commit."""
    next: str = ""
    """Full SHA of the commit to judge now; empty where nothing is left to find out until upstream moves."""
    why: str = ""
    """Why that one."""


class Watch:
    """The watch of one downstream."""

    def __init__(self, config: Config, request: ProbeRequest) -> None:
        """Read what is known. Raises ``GateError`` without a clone of llvm-project."""
        self.config = config
        self.directory = config.root / DIRECTORY_NAME / "watch"
        Workspace(config.root, "").refuse_foreign()
        kept = _kept(config.root)
        self.state = kept if kept and kept.request == request else Watched(request=request)
        self._wanted = Wanted(llvm=request.is_about_llvm)
        self.history = _history(config)

    @classmethod
    def resumed(cls, config: Config) -> Watch | None:
        """The watch that earlier calls began; None where there was none. Raises as :meth:`__init__` does."""
        state = _kept(config.root)
        names = {each.name for each in config.configurations}
        return cls(config, state.request) if state and names.issuperset(state.request.configurations) else None

    # -- what to do ---------------------------------------------------------------------------------------------------

    def picture(self) -> Picture:
        """Where things stand, and what to judge next."""
        known = {each.commit.sha: each for each in self.state.seen}
        marks = {at: known[sha] for at, sha in enumerate(self.history.shas) if sha in known}
        passing = max((at for at, seen in marks.items() if seen.mark is Mark.GOOD), default=None)
        low = -1 if passing is None else passing
        failing = min((at for at, seen in marks.items() if seen.mark is Mark.BAD and at > low), default=None)
        ends = read_commits(self.history.repository, [self.history.good, self.history.bad])
        picture = Picture(
            pin=ends[0],
            head=ends[-1],
            newest_passing=marks[passing] if passing is not None else None,
            earliest_failing=marks[failing] if failing is not None else None,
            between=0 if failing is None else failing - low,
            head_seen=marks.get(self.history.size),
        )
        return self._with_next(picture, marks, passing, failing)

    def _with_next(
        self, picture: Picture, marks: dict[int, JudgedCommit], passing: int | None, failing: int | None
    ) -> Picture:
        if passing is None and 0 not in marks:
            return replace(picture, next=self.history.good, why="the pin has not been judged yet")
        if passing is not None and failing is not None:
            position = self._narrowing(marks, passing, failing)
            if position is not None:
                return replace(picture, next=self.history.shas[position], why="narrows the change down")
            if picture.earliest_failing and picture.between == 1:
                found = followers(self.history.repository, picture.earliest_failing.commit, self.history.bad)
                picture = replace(picture, followers=found)
        for follower in picture.followers:
            if follower.how != "relanded" and self.history.positions.get(follower.sha) not in {None, *marks}:
                return replace(picture, next=follower.sha, why=f"says that the first failing commit is {follower.how}")
        if picture.head_seen is None:
            return replace(picture, next=self.history.bad, why="upstream's head")
        if picture.head_seen.mark is Mark.SKIP and failing is None:
            return self._before_head(picture, marks)
        return picture

    def _narrowing(self, marks: dict[int, JudgedCommit], low: int, high: int) -> int | None:
        shas = self.history.shas[low : high + 1]
        supplied = find_supplied(self.config, shas, self.config.flavours_of(self.state.request.configurations))
        bisection = Bisection([1.0] * (high - low), cost=supplied.costs(shas))
        for at, seen in marks.items():
            if low < at < high:
                bisection.note(at - low, seen.mark, seen.signature)
        proposed = bisection.propose()
        return None if proposed is None else low + proposed

    def _before_head(self, picture: Picture, marks: dict[int, JudgedCommit]) -> Picture:
        """The head cannot be judged: go back from it in growing steps, as such stretches have an end."""
        back = 1
        while (at := self.history.size - back) > 0:
            if at not in marks:
                return replace(picture, next=self.history.shas[at], why="the head cannot be judged")
            if marks[at].mark is not Mark.SKIP:
                return picture
            back *= 2
        return picture

    # -- doing it -----------------------------------------------------------------------------------------------------

    def step(self, probe: _ProbeOne, *, probes: int = 1, tell: Callable[[str], None] = lambda _: None) -> Picture:
        """Judge at most ``probes`` commits. What is learnt is written at once. Returns where things stand then."""
        picture = self.picture()
        for _ in range(probes):
            if not picture.next:
                break
            (commit,) = read_commits(self.history.repository, [picture.next])
            tell(f"{commit}: {picture.why}")
            judged = judge(probe(commit.sha), self._wanted)
            tell(f"  {judged.mark}: {judged.reason}")
            if judged.machine:  # which says nothing about the commit: the next call tries again
                break
            self.state = self.state.with_seen(commit, judged)
            write_sealed(self.config.root, self.directory / "state.json", dumps(self.state))
            picture = self.picture()
        return picture

    def real_step(self, *, probes: int = 1, tell: Callable[[str], None] = lambda _: None) -> Picture:
        """:meth:`step` with builds. Raises ``BusyError`` where another gate is at work in the checkout."""
        workspace = Workspace(self.config.root, self.history.bad)
        workspace.prepare()
        with take_checkout(workspace):
            forget(workspace.progress)
            return self.step(self._build, probes=probes, tell=tell)

    def _build(self, sha: str) -> ProbeResult:
        command = ProbeCommand(
            config=self.config.path, request=self.state.request, processes=1, directory=self.directory / "probes"
        )
        worker = Worker(sha, command)
        try:
            return worker.result()
        finally:
            worker.stop()


def _kept(root: Path) -> Watched | None:
    """What this user's calls have kept: another state, which came with the tree, is none."""
    return load_sealed(Watched, root, root / DIRECTORY_NAME / "watch/state.json")


def _history(config: Config) -> History:
    """From the pin to upstream's head."""
    clone = find_upstream(config).first()
    pin, head = resolve_candidate(PINNED, config).sha, clone.repository.commit_at(clone.main)
    return History(clone.repository, (pin,)) if pin == head else read_history(clone.repository, pin, head)
