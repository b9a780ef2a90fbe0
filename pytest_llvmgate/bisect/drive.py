"""Driving a search: probes are started and stopped, their results kept, until nothing is left to judge."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import reduce
from typing import Final, Protocol

from pytest_llvmgate.bisect.bisection import Bisection, Mark
from pytest_llvmgate.bisect.judge import NOT_RUN, Judgement, Wanted, judge, show_findings
from pytest_llvmgate.bisect.probing import LLVM_STAGE, ProbeRequest, ProbeResult
from pytest_llvmgate.bisect.state import SearchState, Step, judged_step
from pytest_llvmgate.bisect.supplied import Supplied
from pytest_llvmgate.bisect.weights import Weighing, uniform
from pytest_llvmgate.model import Finding
from pytest_llvmgate.wording import duration

_MOST_MACHINE_TROUBLE: Final = 3
"""Probes in a row that the machine spoils before the search stops: the next one would fare no better."""

_NOT_JUDGED: Final = Judgement(mark=Mark.SKIP, reason="not judged")


class Running(Protocol):
    """A probe that runs, or one that a test pretends."""

    sha: str

    @property
    def has_ended(self) -> bool:
        """Whether there is a result to take."""

    def result(self) -> ProbeResult:
        """What it found."""

    def stop(self) -> None:
        """End it."""


Launch = Callable[[str, ProbeRequest, str], Running]
"""Starts a probe: a full SHA, what is asked for, and the commit that findings are blamed against (or an empty text)."""
Wait = Callable[[Sequence[Running]], Running]


class SearchEnding(StrEnum):
    """How a search ended."""

    FOUND = "found"
    """One commit: it is bad, and its parent is good."""
    RANGE = "range"
    """Several commits, as those between cannot be judged."""
    NOT_BAD = "not-bad"
    """The bad end does not show what is looked for."""
    ALREADY_BAD = "already-bad"
    """The good end shows it, too."""
    UNTESTABLE = "untestable"
    """An end cannot be judged."""
    STOPPED = "stopped"
    """The machine kept failing, or the probes that were allowed are used up. It goes on with the same command."""


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What is looked for, and how."""

    finding: tuple[str, str] | None = None
    """Class and identifier; None takes what the bad end shows."""
    any_failure: bool = False
    unrelated: Mark = Mark.SKIP
    count: int = 1
    """Probes at a time."""
    memory: float = 2.0
    """GiB that must be free for one more probe beside another."""
    limit: int = 0
    """Probes that may be run now; 0: as many as it takes."""


@dataclass(frozen=True, kw_only=True)
class Outline:
    """What a search came to."""

    ending: SearchEnding
    wanted: Wanted
    finding: Finding | None
    """As the bad end shows it."""
    low: int
    high: int
    reason: str
    weighing: Weighing
    stopped: int
    """Probes that were stopped as they had become needless."""
    assumed: tuple[int, ...] = ()
    """Positions taken for broken since both neighbours are, for the same cause."""
    also: tuple[Finding, ...] = ()
    """What else the bad end shows."""


@dataclass(kw_only=True, eq=False)
class Search:
    """One search over ``points``, full SHAs from the good one to the bad one."""

    points: tuple[str, ...]
    state: SearchState
    aim: Aim
    launch: Launch
    wait: Wait
    supplied: Supplied
    weigh: Callable[[Finding | None, str], Weighing] | None
    """Asked once, when the ends are judged, for the finding and the node that shows it."""
    on_state: Callable[[SearchState], None]
    tell: Callable[[str], None]
    describe: Callable[[str], str]
    free_memory: Callable[[], float]
    flavours: Mapping[str, str]
    """Those of the configurations, by name."""
    begun: int = 0
    stopped: int = 0
    _running: list[Running] = field(default_factory=list)
    _machine_trouble: int = 0
    _tried_again: set[int] = field(default_factory=set)
    _wanted: Wanted = field(default_factory=Wanted)
    _finding: Finding | None = None
    _also: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        self._positions = {sha: position for position, sha in enumerate(self.points)}
        self._weighing = uniform(len(self.points) - 1)

    def run(self) -> Outline:
        """Search. Whatever ends this, no probe is left running, and the state is what has been learnt."""
        try:
            return self._judge_ends() or self._narrow()
        finally:
            for worker in self._running:
                worker.stop()
            self._running = []

    # -- the two ends -------------------------------------------------------------------------------------------------

    def _judge_ends(self) -> Outline | None:
        """Probe the bad end, settle what is looked for, and make sure that the good end has not got it."""
        bad, good = self.points[-1], self.points[0]
        whole = self.state.request
        self._wanted = Wanted(unrelated=self.aim.unrelated, llvm=whole.is_about_llvm)
        asked = [bad] if self.aim.count < 2 else [bad, good]
        self._settle(asked, whole)
        step = self.state.step(bad)
        candidates = self._candidates(step)
        if step is None or not candidates:
            judged = self._judgement(bad) or _NOT_JUDGED
            ending = (
                SearchEnding.UNTESTABLE if judged.mark is Mark.SKIP and not judged.unrelated else SearchEnding.NOT_BAD
            )
            return self._outline(ending, f"{self.describe(bad)}: {judged.reason}")
        for wanted, finding in candidates:
            self._wanted, self._finding = wanted, finding
            self._also = tuple(each for _, each in candidates if each is not None and each is not finding)
            outline = self._judge_good(good)
            if outline is None or outline.ending is not SearchEnding.ALREADY_BAD:
                return outline
        return outline

    def _candidates(self, step: Step | None) -> list[tuple[Wanted, Finding | None]]:
        """What may be looked for, as the bad end has it; nothing where it does not show it."""
        if step is None:
            return []
        if step.result is None:
            kind, identifier = self.aim.finding or ("", "")
            wanted = replace(self._wanted, kind=kind, identifier=identifier)
            return [(wanted, None)] if step.said is Mark.BAD else []
        shown = show_findings(step.result.results)
        if not self.aim.any_failure:
            asked = [(finding, nodes) for finding, nodes in shown if self._is_asked(finding, nodes)]
            own = [(self._for_finding(finding, nodes, step.result), finding) for finding, nodes in asked]
            if own or self.aim.finding is not None:
                return [*own]
        if judge(step.result, self._wanted).mark is not Mark.BAD:
            return []
        return [(self._wanted, None)]

    def _is_asked(self, finding: Finding, nodes: Sequence[str]) -> bool:
        """Whether it may be what is looked for. That LLVM itself is broken is so only where the user says it."""
        if self.aim.finding is not None:
            return finding.key == self.aim.finding
        return self._wanted.llvm or not nodes[0].startswith(f"{LLVM_STAGE}::")

    def _for_finding(self, finding: Finding, nodes: Sequence[str], result: ProbeResult) -> Wanted:
        """One place that shows it is enough, as further ones would only cost: the one that shows the least besides."""
        kind, identifier = finding.key
        shown = {each.node: frozenset(other.key for other in each.findings) for each in result.results}
        node = min(nodes, key=lambda name: len(shown[name]))
        is_llvm = node.startswith(f"{LLVM_STAGE}::")
        beside = shown[node] - {finding.key}
        return replace(self._wanted, kind=kind, identifier=identifier, nodes=(node,), beside=beside, llvm=is_llvm)

    def _judge_good(self, good: str) -> Outline | None:
        self._settle([good], self._focus())
        judged = self._judgement(good) or _NOT_JUDGED
        if judged.mark is Mark.GOOD:
            return None
        ending = SearchEnding.ALREADY_BAD if judged.mark is Mark.BAD else SearchEnding.UNTESTABLE
        return self._outline(ending, f"{self.describe(good)}: {judged.reason}")

    def _focus(self) -> ProbeRequest:
        """What has to be asked at every commit to see whether it shows what is looked for."""
        if not self._wanted.nodes:
            return self.state.request
        group, _, stage = self._wanted.nodes[0].partition("::")
        if group == LLVM_STAGE:
            names = self.state.request.configurations
            first = next((name for name in names if self.flavours.get(name) == stage), names[0])
            return ProbeRequest(configurations=(first,), stages=(LLVM_STAGE,))
        return ProbeRequest(configurations=(group,), stages=(stage,))

    def _settle(self, shas: Iterable[str], request: ProbeRequest) -> None:
        """Probe those of some commits that nothing is known of, side by side as far as is asked for."""
        known = {sha: self._judgement(sha) for sha in shas}
        open_ones = [sha for sha, judged in known.items() if judged is None or judged.machine]
        while open_ones or self._running:
            while open_ones and self._has_room():
                self._start(open_ones.pop(0), request)
            self._take(self.wait(self._running))

    # -- between them -------------------------------------------------------------------------------------------------

    def _narrow(self) -> Outline:
        bisection = self._bisection()
        self._note_known(bisection)
        while True:
            self._stop_decided(bisection)
            if self._machine_trouble >= _MOST_MACHINE_TROUBLE:
                return self._outline(SearchEnding.STOPPED, self._trouble(), bisection)
            self._fill(bisection)
            if not self._running:
                if self._is_used_up() or not self._try_again(bisection):
                    break
                continue
            self._learn(bisection, self._take(self.wait(self._running)))
        if not bisection.is_done:
            return self._outline(SearchEnding.STOPPED, f"{self.begun} probes were allowed, and are used up", bisection)
        ending = SearchEnding.FOUND if bisection.answer.is_exact else SearchEnding.RANGE
        return self._outline(ending, "", bisection)

    def _try_again(self, bisection: Bisection) -> bool:
        """Once more what only the machine has spoilt, where that is all that keeps the answer from being narrower."""
        spoilt = []
        for position in bisection.unjudged:
            judged = self._judgement(self.points[position])
            if judged is not None and judged.machine and position not in self._tried_again:
                spoilt.append(position)
        for position in spoilt:
            bisection.forget(position)
        self._tried_again.update(spoilt)
        return bool(spoilt)

    def _bisection(self) -> Bisection:
        if self.weigh is not None:
            node = self._wanted.nodes[0] if self._wanted.nodes else ""
            self._weighing = self.weigh(self._finding, node)
        self.tell(self._weighing.summary())
        cost = self.supplied.costs(self.points)
        return Bisection(self._weighing.weights, cost=cost)

    def _note_known(self, bisection: Bisection) -> None:
        """What an interrupted run, a log, or a search for another finding has left."""
        for position, sha in enumerate(self.points[1:-1], 1):
            known = self._judgement(sha)
            if known is not None and not known.machine:
                bisection.note(position, known.mark, known.signature)
            elif not self.supplied.has(sha):
                bisection.note(position, Mark.SKIP, "no LLVM")

    def _fill(self, bisection: Bisection) -> None:
        running = [self._positions[worker.sha] for worker in self._running]
        while self._has_room() and not self._is_used_up():
            position = bisection.propose(running)
            if position is None:
                return
            self._announce(bisection, position)
            self._start(self.points[position], self._focus())
            running.append(position)

    def _has_room(self) -> bool:
        busy = len(self._running)
        return busy == 0 or (busy < self.aim.count and self.free_memory() >= self.aim.memory)

    def _is_used_up(self) -> bool:
        return bool(self.aim.limit) and self.begun >= self.aim.limit

    def _stop_decided(self, bisection: Bisection) -> None:
        for worker in list(self._running):
            if bisection.is_decided(self._positions[worker.sha]):
                worker.stop()
                self._running.remove(worker)
                self.stopped += 1
                self.tell(f"stopped {worker.sha[:12]}: it is decided")

    def _learn(self, bisection: Bisection, sha: str) -> None:
        judged = self._judgement(sha) or Judgement(mark=Mark.SKIP, reason=NOT_RUN)
        self._machine_trouble = self._machine_trouble + 1 if judged.machine else 0
        if judged.mark is Mark.BAD and self._learn_where(sha):
            self._note_known(bisection)
        bisection.note(self._positions[sha], judged.mark, judged.signature)
        known = [result.sha for result in self.state.probes]
        bisection.reweigh(self._weighing.weights, self.supplied.costs(self.points, known))

    def _learn_where(self, sha: str) -> bool:
        """Where a finding shows that was only named: then that stage is enough, and what fails later is no matter."""
        step = self.state.step(sha)
        if self._wanted.is_any or self._wanted.nodes or step is None or step.result is None:
            return False
        for finding, nodes in show_findings(step.result.results):
            if finding.key == self._wanted.key:
                self._wanted = self._for_finding(finding, nodes, step.result)
                self._finding = finding
        return bool(self._wanted.nodes)

    def _start(self, sha: str, request: ProbeRequest) -> None:
        baseline = self.points[0] if sha == self.points[-1] else ""
        self.begun += 1
        self._running.append(self.launch(sha, request, baseline))

    def _take(self, worker: Running) -> str:
        """Keep the result of a probe that ended, and say what it means."""
        self._running.remove(worker)
        result = worker.result()
        self.state = self.state.with_step(Step(sha=worker.sha, result=result))
        self.on_state(self.state)
        judged = judge(result, self._wanted)
        word = "unrelated" if judged.unrelated else judged.mark.value
        self.tell(f"  {word}: {worker.sha[:12]} ({duration(result.seconds)}): {judged.reason}")
        return worker.sha

    def _judgement(self, sha: str) -> Judgement | None:
        """What is known of a commit; None for one that nothing is known of, or too little."""
        step = self.state.step(sha)
        if step is None:
            return None
        judged = judged_step(step, self._wanted)
        return None if judged.reason == NOT_RUN and judged.unrelated else judged

    # -- what is told -------------------------------------------------------------------------------------------------

    def _announce(self, bisection: Bisection, position: int) -> None:
        answer = bisection.answer
        remaining = bisection.remaining()
        seconds = self._seconds_each() * remaining / max(1, self.aim.count)
        estimate = f"about {math.ceil(remaining)} more probes" + (f", {duration(seconds)}" if seconds else "")
        left = answer.high - answer.low
        self.tell(f"probe {self.begun + 1}: {self.describe(self.points[position])}")
        self.tell(f"  {left} commits left, {estimate}")

    def _seconds_each(self) -> float:
        """What a probe has taken lately: half the weight on the last one."""
        took = [result.seconds for result in self.state.probes] or [0.0]
        return reduce(lambda average, seconds: (average + seconds) / 2, took)

    def _trouble(self) -> str:
        last = self._judgement(self.state.steps[-1].sha)
        return f"{_MOST_MACHINE_TROUBLE} probes in a row could not be judged for reasons of the machine: " + (
            last.reason if last else ""
        )

    def _outline(self, ending: SearchEnding, reason: str, bisection: Bisection | None = None) -> Outline:
        return Outline(
            ending=ending,
            wanted=self._wanted,
            finding=self._finding,
            low=bisection.answer.low if bisection else 0,
            high=bisection.answer.high if bisection else len(self.points) - 1,
            reason=reason,
            weighing=self._weighing,
            stopped=self.stopped,
            assumed=bisection.assumed if bisection else (),
            also=self._also,
        )
