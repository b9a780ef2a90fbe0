"""Which LLVM commits to take next: everything at hand is put together and ranked. Nothing is fetched.

A clone of llvm-project gives the range and its reverts; siblings and components what others chose; the run directory
what the gate has said before; preflight, on git's objects, what of the downstream's names would be gone.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field as filled
from pathlib import Path
from typing import Any, Final

from pytest_llvmgate.candidates.points import Adoption, Candidate, Carried, Field, Recorded, rank
from pytest_llvmgate.candidates.used_parts import UsedParts, find_used_parts
from pytest_llvmgate.chronicle.carriers import component_history
from pytest_llvmgate.chronicle.history import Chronicle, PinState
from pytest_llvmgate.chronicle.layouts import own_history, project_name
from pytest_llvmgate.config.settings import Config, Policy, sibling_paths
from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.gate.run_directory import DIRECTORY_NAME
from pytest_llvmgate.gate.seal import load_sealed
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import is_full_sha, resolve, same_commit
from pytest_llvmgate.model import GROUPS, Confidence, Downstream, Outcome, StageResult, Verdict
from pytest_llvmgate.pins.check import pinned
from pytest_llvmgate.pins.llvm_clones import find_upstream
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.preflight.at_commits import PreflightAtCommits
from pytest_llvmgate.surface.file_tree import GitTree
from pytest_llvmgate.upstream.first_parent import DAY, Commit
from pytest_llvmgate.upstream.llvm_clone import Base, Clone, upstream_at
from pytest_llvmgate.upstream.windows import find_windows, read_range

_MOST_FORK_COMMITS: Final = 40
"""Commits of forks whose base is looked up for one project: the newest."""
_MOST_PREFLIGHTS: Final = 3
"""Times the number asked for: a commit that preflight pushes down makes room for the next."""
_SHORT: Final = 12
"""Digits of a candidate's directory (see gate.workspace)."""
_OLD_CLONE: Final = 7.0
"""Days after which the clone's newest commit is worth a remark."""


@dataclass(frozen=True, kw_only=True)
class CandidateRequest:
    """What is asked for."""

    config: Config
    llvm: Path | None = None
    """A clone of llvm-project; None means the one that the configuration knows."""
    head: str = ""
    """The newest commit to look at; empty means the clone's main."""
    siblings: tuple[Path, ...] = ()
    """Clones of other projects, besides those of the configuration."""
    clones: Mapping[str, Path] = filled(default_factory=dict)
    """Component path, or its last part, to a clone of it."""
    preflights: int = 3
    """How many of the best are held against the sources; 0 for none."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The answer."""

    pin: str
    """Full SHA of the commit that the downstream is on."""
    base: Base
    """Where that leaves upstream's main."""
    head: str
    commits: int
    """Length of the range."""
    days: float
    """Days from the pin's commit to the newest."""
    windows: int
    """Stretches that a later commit proves bad."""
    relevant_windows: int
    """Those of them that touch what is used here, or any build."""
    candidates: tuple[Candidate, ...]
    """Best first."""
    field: Field
    """What was ranked, for who wants to go on searching in it."""
    siblings: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> Candidate | None:
        """The first that the gate has not said no to."""
        return next((one for one in self.candidates if not one.is_known_bad), None)


def find_candidates(request: CandidateRequest) -> Ranking:
    """Rank the commits of upstream's main after the pin.

    Raises ``RepositoryError`` without a clone of llvm-project that has the pin, ``GateError`` where the pins disagree,
    ``RevisionError`` for a head that is not there.
    """
    config = request.config
    readings = read_pins(config)
    pin = pinned(readings)
    clone, base, head = range_after(pin, request, readings)
    commits = read_range(clone.repository, base.sha, head)
    windows = find_windows(commits, clone.repository)
    gathered = _Gathered(request, readings, clone, {one.sha for one in commits}, commits[0].when if commits else 0)
    project = PreflightAtCommits(config, clone.repository, pin)
    field_ = Field(
        commits=commits,
        base_when=clone.date(base.sha),
        windows=windows,
        used=used_parts_of(project, head) if commits else UsedParts(),
        **gathered.known(),
    )
    candidates = _with_preflight(field_, project, request.preflights) if commits else ()
    return Ranking(
        pin=pin,
        base=base,
        head=head,
        commits=len(commits),
        days=(commits[-1].when - field_.base_when) / DAY if commits else 0.0,
        windows=len(windows),
        relevant_windows=sum(weight > 0 for weight in field_.weights),
        candidates=candidates,
        field=field_,
        siblings=tuple(gathered.siblings),
        components=tuple(gathered.components),
        notes=(*gathered.notes, *_notes(base, commits, clone)),
    )


def range_after(pin: str, request: CandidateRequest, readings: Iterable[PinReading]) -> tuple[Clone, Base, str]:
    """The clone that has the pin, where the pin leaves upstream's main, and the newest commit to look at (full SHA).

    Raises ``RepositoryError`` where there is no such clone or no such place, ``RevisionError`` for a head that is not
    there.
    """
    upstream = upstream_at(request.llvm) if request.llvm else find_upstream(request.config, readings)
    clone = upstream.holder_of(pin)
    base = clone.base(pin)
    if base is None:
        raise RepositoryError(
            f"{pin[:12]} and {clone.main} have no common history in {clone.repository.display}",
            hint="is the clone shallow? git fetch --unshallow",
        )
    return clone, base, resolve(clone.repository, request.head or clone.main)


def _notes(base: Base, commits: Sequence[Commit], clone: Clone) -> Iterator[str]:
    if base.patches:
        yield f"the pin is no commit of LLVM's main: {base}; distances count from the base"
    if not commits:
        yield f"{clone.main} of {clone.repository.display} has nothing newer than the pin: git fetch there"
        return
    age = (time.time() - commits[-1].when) / DAY
    if age > _OLD_CLONE:
        yield f"the newest commit looked at is {age:.0f} days old: git fetch in {clone.repository.display}"


# -- what others chose, and what the gate said --------------------------------------------------------------------


@dataclass
class _Gathered:
    """What speaks for or against commits of the range."""

    _request: CandidateRequest
    _readings: Sequence[PinReading]
    _clone: Clone
    _commits: Collection[str]
    """Full SHAs."""
    _since: int
    """When the first of them was committed."""
    siblings: list[str] = filled(default_factory=list)
    """Names of the projects whose histories were read."""
    components: list[str] = filled(default_factory=list)
    notes: list[str] = filled(default_factory=list)

    def known(self) -> dict[str, Any]:
        """By the names that a :class:`Field` has for it."""
        ways = {"adoptions": self._adoptions, "carried": self._carried, "recorded": self._recorded}
        return {name: gather() for name, gather in ways.items()} if self._commits else {}

    def _adoptions(self) -> dict[str, tuple[Adoption, ...]]:
        config = self._request.config
        paths = sibling_paths(config)
        found: dict[str, tuple[Adoption, ...]] = {}
        distinct = dict.fromkeys([*paths, *(path.resolve() for path in self._request.siblings)])
        with ThreadPoolExecutor(max_workers=4) as pool:  # their time is git's
            histories = list(pool.map(read_sibling, distinct))
        for name, history in histories:
            self.siblings.append(name)
            for llvm, state, patches in self._moves(history):
                adoption = Adoption(project=name, commit=state.commit, patches=patches)
                others = [one for one in found.get(llvm, ()) if one.project != name]
                found[llvm] = (*others, adoption)
        return found

    def _carried(self) -> dict[str, tuple[Carried, ...]]:
        found: dict[str, tuple[Carried, ...]] = {}
        repository = Repository.open(self._request.config.root)
        for reading in self._readings:
            if not reading.hops or reading.hops[0].what != "gitlink" or reading.spec.policy is Policy.IGNORE:
                continue
            self.components.append(reading.name)
            now = {reading.sha: reading.hops[0].commit} if reading.sha in self._commits else {}
            history = component_history(reading, repository=repository, clones=self._request.clones)
            if isinstance(history, str):
                self.notes.append(f"{reading.name}: {history}")
                moves: dict[str, str] = {}
            else:
                moves = {llvm: state.commit for llvm, state, patches in self._moves(history) if not patches}
            for llvm, commit in (moves | now).items():
                carried = Carried(component=reading.name, commit=commit, is_current=llvm in now)
                found[str(llvm)] = (*found.get(str(llvm), ()), carried)
        return found

    def _moves(self, history: Chronicle) -> Iterator[tuple[str, PinState, int]]:
        """The commits of the range that a project was on, its own commit, and how many patches it carries on them."""
        elsewhere: list[tuple[str, PinState]] = []
        for state in history.bumps:
            said = history.said(state)
            fitting = [said] if is_full_sha(said) else [sha for sha in self._commits if same_commit(said, sha)]
            full = fitting[0] if len(fitting) == 1 else said
            if full in self._commits:
                yield full, state, 0
            elif is_full_sha(said) and state.when >= self._since:
                elsewhere.append((said, state))
        for said, state in elsewhere[-_MOST_FORK_COMMITS:]:
            base = self._clone.base(said) if self._clone.repository.has_commit(said) else None
            if base is not None and base.sha in self._commits:
                yield base.sha, state, len(base.patches)

    def _recorded(self) -> dict[str, Recorded]:
        root = self._request.config.root
        now = Repository.open(root).describe()
        verdicts = read_verdicts(root)
        pairs = [(verdict.candidate.sha, _recorded(verdict, now)) for verdict in verdicts]
        told = {sha: recorded for sha, recorded in pairs if recorded is not None and sha in self._commits}
        return self._probed(root) | told

    def _probed(self, root: Path) -> dict[str, Recorded]:
        """What the stages of probes left that were no whole session (a bisection's). Nothing tells of which tree."""
        by_name = {sha[:_SHORT]: sha for sha in self._commits}
        found: dict[str, Recorded] = {}
        for directory in (root / DIRECTORY_NAME).glob("*"):
            sha = by_name.get(directory.name)
            if sha is not None and (recorded := _of_records(root, directory)) is not None:
                found[sha] = recorded
        return found


def read_sibling(path: Path) -> tuple[str, Chronicle]:
    """Name and history of another project's own pin. Raises ``RepositoryError`` where there is no repository."""
    repository = Repository.open(path, bare=True)
    return project_name(repository), own_history(repository)


def read_verdicts(root: Path) -> Iterator[Verdict]:
    """The verdicts that earlier sessions left below the downstream's root; torn ones are left out."""
    for path in sorted((root / DIRECTORY_NAME).glob("*/verdict.json")):
        if (verdict := load_sealed(Verdict, root, path)) is not None:
            yield verdict


def _of_records(root: Path, directory: Path) -> Recorded | None:
    """What the records of configurations below a candidate's directory come to; ``None`` where nothing was built."""
    paths = sorted(directory.glob("*/records/*.json"))
    results = [result for path in paths if (result := load_sealed(StageResult, root, path)) is not None]
    failed = [each.node for each in results if each.outcome is Outcome.FAILED and _is_about_the_commit(each)]
    built = [each.group for each in results if each.outcome is Outcome.PASSED and each.stage == "build"]
    if not failed and not built:
        return None
    return Recorded(passes=not failed, text=", ".join(failed or built), same_tree=False)


def _is_about_the_commit(failed: StageResult) -> bool:
    """A configuration's failure is; LLVM's own is where it did not build, and not where it could not be had."""
    return failed.group not in GROUPS or (failed.group == "llvm" and bool(failed.findings))


def _recorded(verdict: Verdict, now: Downstream) -> Recorded | None:
    """What a verdict says of its candidate; ``None`` where it did not get as far as a build."""
    same_tree = bool(now.commit) and verdict.downstream.commit == now.commit
    same_tree = same_tree and not verdict.downstream.dirty and not now.dirty
    if not verdict.passes:
        if not verdict.failed:
            return None
        first = verdict.failed[0]
        more = f" and {len(verdict.failed) - 1} more" if verdict.failed[1:] else ""
        return Recorded(passes=False, text=f"{first.node}{more}", same_tree=same_tree)
    built = [each.group for each in verdict.results if each.stage == "build" and each.outcome is Outcome.PASSED]
    return Recorded(passes=True, text=", ".join(built), same_tree=same_tree) if built else None


# -- the downstream's sources -------------------------------------------------------------------------------------


def used_parts_of(project: PreflightAtCommits, head: str) -> UsedParts:
    """What of llvm-project the project uses, as the commit ``head`` has it."""
    return find_used_parts(project.usage, GitTree(project.llvm, head))


def _with_preflight(field_: Field, preflight: PreflightAtCommits, count: int) -> tuple[Candidate, ...]:
    """Rank, hold the best against the sources, and rank again until the best have all been held against them.

    What the pin has is what was there before.
    """
    done: dict[str, tuple[str, ...]] = {}
    ranked = rank(field_)
    while len(done) < count * _MOST_PREFLIGHTS:
        best = [one.commit.sha for one in ranked if not one.is_known_bad][:count]
        missing = [sha for sha in best if sha not in done]
        if not missing:
            break
        for sha in missing:
            gone = [one for one in preflight.result(sha).findings if one.confidence is not Confidence.GUESS]
            done[sha] = tuple(one.headline for one in gone)
        ranked = rank(field_, done)
    return ranked
