"""A bisection from end to end: what the command and a library's user call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from pytest_llvmgate.bisect.bisection import Mark
from pytest_llvmgate.bisect.cheap import weigh
from pytest_llvmgate.bisect.drive import Aim, Launch, Outline, Running, Search, SearchEnding, Wait
from pytest_llvmgate.bisect.outcome import Report, probe_lines
from pytest_llvmgate.bisect.probing import ProbeRequest
from pytest_llvmgate.bisect.state import SearchState, Step, save_state
from pytest_llvmgate.bisect.supplied import Supplied, find_supplied
from pytest_llvmgate.bisect.weights import Weighing, uniform
from pytest_llvmgate.bisect.workers import ProbeCommand, Worker, free_memory
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import RevisionError
from pytest_llvmgate.gate.core_pool import open_pool, usable_cores
from pytest_llvmgate.gate.progress import activities, forget
from pytest_llvmgate.gate.run_directory import Workspace, take_checkout
from pytest_llvmgate.gate.seal import load_sealed
from pytest_llvmgate.gate.start import open_session, resolve_candidate
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.llvm.revision import PINNED
from pytest_llvmgate.model import Finding
from pytest_llvmgate.pins.llvm_clones import find_upstream
from pytest_llvmgate.upstream.first_parent import Commit, History, followers, read_commits, read_history

_CULPRITS_TOLD: Final = 100
_STATE: Final = "state.json"
_STILL_AT_IT: Final = 30.0
"""Seconds between two words about probes that run."""

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class SearchRequest:
    """What the user asks for."""

    request: ProbeRequest
    good: str = PINNED
    """A commit as the user names it; ``pinned`` for the pin."""
    bad: str = ""
    """Empty: the head of upstream's main in the clone."""
    over: tuple[str, ...] = ()
    """Instead of a history: these commits or tags, in this order."""
    aim: Aim = field(default_factory=Aim)
    cheap: bool = True
    """Whether cheap stages say what is judged first."""
    said: tuple[tuple[str, Mark], ...] = ()
    """What a log or the command line says of commits (7 to 40 digits)."""
    restart: bool = False


class Bisect:
    """One bisection of one downstream. ``launch`` and ``wait`` are for tests and for people with another judge."""

    def __init__(self, config: Config, asked: SearchRequest, *, tell: Tell = lambda _: None) -> None:
        """Resolve the ends, and read the history between them. Raises ``GateError``."""
        self.config = config
        self.asked = asked
        self.tell = tell
        upstream = find_upstream(config)
        self._clone = (
            next(iter(upstream.clones), None) if asked.over
            else upstream.first("; or say what is to be tried: --over TAG,TAG,...")
        )  # fmt: skip
        self.history = self._read_history(self._clone.repository) if self._clone and not asked.over else None
        self.points = self._points()
        session = open_session(config, llvm_sha=self.points[-1])
        self.state = self._seeded(
            SearchState(
                good=self.points[0], bad=self.points[-1], request=asked.request, source_state=session.source_state
            )
        )

    # -- the commits --------------------------------------------------------------------------------------------------

    def _read_history(self, repository: Repository) -> History:
        good = resolve_candidate(self.asked.good or PINNED, self.config).sha
        bad = resolve_candidate(self.asked.bad, self.config).sha if self.asked.bad else self._head
        return read_history(repository, good, bad)

    @cached_property
    def _head(self) -> str:
        clone = self._clone
        return clone.repository.commit_at(clone.main) if clone else ""

    def _points(self) -> tuple[str, ...]:
        """The commits to judge: all of the history, or those that are listed or that an LLVM is supplied for."""
        history = self.history
        if history is None:
            points = tuple(resolve_candidate(text, self.config).sha for text in self.asked.over)
            if len(set(points)) < max(2, len(points)):
                raise RevisionError("--over needs two or more different commits, the oldest first")
            return points
        supplied = self._supplied(history.shas)
        if supplied.makes_any:
            return history.shas
        middle = tuple(sha for sha in history.shas[1:-1] if supplied.has(sha))
        return (history.good, *middle, history.bad)

    def _supplied(self, shas: Sequence[str]) -> Supplied:
        return find_supplied(self.config, shas, self.config.flavours_of(self.asked.request.configurations))

    def _describe_all(self, shas: Sequence[str]) -> dict[str, Commit]:
        names = dict(zip(self.points, self.asked.over, strict=True)) if self.asked.over else {}
        found: dict[str, Commit] = {}
        if self._clone is not None:
            present = self._clone.dates(shas)
            found = {each.sha: each for each in read_commits(self._clone.repository, [s for s in shas if s in present])}
        return {sha: found.get(sha) or Commit(sha=sha, title=names.get(sha, "")) for sha in shas}

    def _describe(self, sha: str) -> str:
        return str(self._describe_all([sha])[sha]).replace("()", "").strip()

    # -- the state ----------------------------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The state file."""
        return self.state.directory(self.config.root) / _STATE

    def _seeded(self, state: SearchState) -> SearchState:
        """What an interrupted run left, and what the user says."""
        if not self.asked.restart:
            state = load_sealed(SearchState, self.config.root, state.directory(self.config.root) / _STATE) or state
        for text, mark in self.asked.said:
            matching = [sha for sha in self.points if sha.startswith(text)]
            if len(matching) != 1:
                self.tell(f"ignored: {text} is no commit of this range")
                continue
            state = state.with_step(Step(sha=matching[0], said=mark))
        return state

    def _save(self, state: SearchState) -> None:
        self.state = state
        save_state(self.config.root, self.path, state)

    # -- the search ---------------------------------------------------------------------------------------------------

    def run(self, launch: Launch | None = None, wait: Wait | None = None) -> Report:
        """Search. Raises ``GateError``; what was learnt is in the state file."""
        if self.history is not None and self.history.note:
            self.tell(self.history.note)
        if self.state.steps:
            self.tell(f"{len(self.state.steps)} commits are judged already ({self.path})")
        with self._real() if launch is None or wait is None else nullcontext((launch, wait)) as (start, waiting):
            return self._search(start, waiting)

    def _search(self, launch: Launch, wait: Wait) -> Report:
        started = time.monotonic()
        search = Search(
            points=self.points,
            state=self.state,
            aim=self.asked.aim,
            launch=launch,
            wait=wait,
            supplied=self._supplied(self.points),
            weigh=self._weigh if self.asked.cheap else None,
            on_state=self._save,
            tell=self.tell,
            describe=self._describe,
            free_memory=free_memory,
            flavours={each.name: each.flavour for each in self.config.configurations},
        )
        outline = search.run()
        self._save(search.state)
        return self._report(outline, time.monotonic() - started)

    @contextmanager
    def _real(self) -> Iterator[tuple[Launch, Wait]]:
        """Probes as processes, the checkout's lock, and one pool of cores for all of them."""
        workspace = Workspace(self.config.root, self.points[-1])
        workspace.prepare()
        count = self.asked.aim.count
        with ExitStack() as stack:
            stack.enter_context(take_checkout(workspace))
            forget(workspace.progress)
            if count > 1:
                stack.enter_context(open_pool(workspace.core_pool, usable_cores(self.config.root)))
            directory = self.state.directory(self.config.root)
            ends = {self.points[0], self.points[-1]}

            def launch(sha: str, request: ProbeRequest, baseline: str) -> Running:
                command = ProbeCommand(
                    config=self.config.path, request=request, processes=count, directory=directory, baseline=baseline
                )
                return Worker(sha, command, keep_builds=sha in ends)

            yield launch, lambda running: self._wait(running, workspace)

    def _wait(self, running: Sequence[Running], workspace: Workspace) -> Running:
        """The first that ends; now and then a word on what the others do."""
        told = time.monotonic()
        while True:
            for worker in running:
                if worker.has_ended:
                    return worker
            time.sleep(0.05)
            if time.monotonic() - told > _STILL_AT_IT:
                told = time.monotonic()
                for activity in activities(workspace.progress):
                    self.tell(f"  ... {activity}")

    def _weigh(self, finding: Finding | None, node: str) -> Weighing:
        if self.history is None or len(self.points) != len(self.history.shas):
            return uniform(len(self.points) - 1)
        return weigh(self.config, self.history, finding, node)

    # -- the result ---------------------------------------------------------------------------------------------------

    def _report(self, outline: Outline, seconds: float) -> Report:
        low, high = self.points[outline.low], self.points[outline.high]
        shas = self._between(low, high)
        if outline.ending is SearchEnding.FOUND and len(shas) > 1:
            # Two neighbours among what is supplied are no neighbours in the history.
            outline = replace(outline, ending=SearchEnding.RANGE)
        told = [*shas[:_CULPRITS_TOLD], low, high, self.points[0], self.points[-1]]
        known = self._describe_all(list(dict.fromkeys([*told, *(step.sha for step in self.state.steps)])))
        is_found = outline.ending is SearchEnding.FOUND and self._clone is not None and bool(known[high].date)
        return Report(
            outline=outline,
            good=known[self.points[0]],
            bad=known[self.points[-1]],
            last_good=known[low],
            first_bad=known[high],
            culprits=tuple(known[sha] for sha in shas[:_CULPRITS_TOLD]),
            culprit_count=len(shas),
            touched=outline.weighing.touched(outline.high),
            followers=followers(self._clone.repository, known[high], self._head) if is_found and self._clone else (),
            lines=probe_lines(self.state, outline, known),
            commits=self.history.size if self.history else len(self.points) - 1,
            flavours=len(self.config.flavours_of(self.asked.request.configurations)),
            seconds=seconds,
            notes=(self.history.note,) if self.history and self.history.note else (),
        )

    def _between(self, low: str, high: str) -> tuple[str, ...]:
        """The commits that may have made the change, those included that no LLVM is supplied for."""
        shas = self.history.shas if self.history else self.points
        return shas[shas.index(low) + 1 : shas.index(high) + 1]
