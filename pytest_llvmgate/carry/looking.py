"""All carries of a project, looked at on a commit of LLVM and on the components as they stand."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pytest_llvmgate.carry.carried import Patch, component_carries, component_commit, is_own, read_carry
from pytest_llvmgate.carry.standing import LaterHistory, LlvmOfComponent, PatchState, Standing, standings
from pytest_llvmgate.config.settings import CarrySpec, Config
from pytest_llvmgate.config.user_paths import user_path
from pytest_llvmgate.errors import GateError, SupplyError
from pytest_llvmgate.git.remotes import default_branch
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import resolve
from pytest_llvmgate.pins.llvm_clones import find_upstream
from pytest_llvmgate.pins.read import read_pins


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One carry on one commit."""

    carry: CarrySpec
    where: str
    """``file:line`` of the carry."""
    commit: str
    """Full SHA that its patches go on; empty where there is none to look at."""
    standings: tuple[Standing, ...] = ()
    problem: str = ""
    """Why nothing can be said: it cannot be read, or the commit is not at hand."""
    unknown: str = ""
    """Why nobody looked, where that is no fault."""

    @property
    def days_left(self) -> int:
        """Until its date; negative after it."""
        return (self.carry.until - datetime.date.today()).days

    @property
    def blocks(self) -> tuple[str, ...]:
        """Why the commit cannot be gated with it."""
        found = [self.problem] if self.problem else []
        for one in self.standings:
            if one.state in {PatchState.CONFLICTS, PatchState.BAD}:
                found.append(f"{one.patch}: {one.says}" if one.patch not in one.says else one.says)
            elif one.state is PatchState.UPSTREAM and one.applies:
                found.append(f"{one.patch}: {one.says}, and it would be applied once more: drop it")
        if not found and self.days_left < 0 and self.is_unneeded:
            found.append(f"its date has passed {-self.days_left} days ago, and it is needed no more: drop {self.where}")
        return tuple(found)

    @property
    def is_unneeded(self) -> bool:
        """No patch of it is needed any more."""
        return not self.problem and not self.unknown and not any(one.is_needed for one in self.standings)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of it in every verdict."""
        name, notes = f"carry {self.carry.name}", []
        if not self.problem and not self.unknown and not self.standings:
            notes.append(f"{name}: nothing is left to carry: drop {self.where}")
        gone = [one for one in self.standings if not one.is_needed]
        notes += [f"{name}: {one.patch} is needed no more: {one.says}: drop it in {self.where}" for one in gone]
        if self.days_left < 0:
            whom = ", ".join(filter(None, (self.carry.owner, self.carry.issue))) or "nobody named"
            notes.append(f"{name} is {-self.days_left} days past its date ({self.carry.until}; {whom})")
        return tuple(notes)


def look_at_all(config: Config, candidate: str, *, since: str = "") -> Iterator[Looked]:
    """Every carry with LLVM's commit ``candidate``: LLVM's on that, a component's on what is built of it."""
    yield from look_at_llvm(config, repository_with(config, candidate), candidate, since=since)
    for path in dict.fromkeys(carry.component for carry in component_carries(config)):
        yield from look_at_component(config, path, candidate)


def look_at_llvm(
    config: Config, repository: Repository | None, candidate: str, *, since: str = ""
) -> tuple[Looked, ...]:
    """The carries of LLVM on the commit ``candidate``; ``repository``: one that has it, where one is at hand."""
    carries = [carry for carry in config.carries if not carry.component]
    return tuple(_look(config, carries, repository, candidate, since=since))


def look_at_component(config: Config, path: str, candidate: str, *, newest: bool = False) -> tuple[Looked, ...]:
    """The carries of one component on what is built of it, with LLVM's commit ``candidate``.

    ``newest``: on the newest commit of its main line.
    """
    carries = [carry for carry in config.carries if carry.component == path]
    try:
        repository, commit = component_commit(config, path)
        if newest and (main := default_branch(repository)):
            commit = resolve(repository, main)
    except GateError as error:
        problem = str(error.problems[0] if isinstance(error, SupplyError) else error)
        return tuple(Looked(carry=each, where=config.where(each.line), commit="", problem=problem) for each in carries)
    llvm = _llvm_of(config, path, candidate, is_newest=newest) if any(carry.cause for carry in carries) else None
    return tuple(_look(config, carries, repository, commit, llvm=llvm))


def _llvm_of(config: Config, path: str, candidate: str, *, is_newest: bool) -> LlvmOfComponent | None:
    """LLVM's history up to the candidate, where a clone at hand has it; what the component says it is on."""
    clone = repository_with(config, candidate) if candidate else None
    if clone is None:
        return None
    said = [one.sha for one in read_pins(config) if one.hops and one.hops[0].where.path == path and one.sha]
    known = said[0] if said and not is_newest and clone.has_commit(said[0]) else ""
    return LlvmOfComponent(history=LaterHistory(repository=clone, head=candidate), of_component=known)


def repository_with(config: Config, sha: str) -> Repository | None:
    """A repository on this machine that has the LLVM commit, the one that LLVM is built from first."""
    found: list[Repository] = []
    with suppress(GateError):
        address = config.llvm.source.repository
        if address and "://" not in address:
            found.append(Repository.open(user_path(address, root=config.root, key="llvm.source.repository"), bare=True))
    with suppress(GateError):
        found += [clone.repository for clone in find_upstream(config, read_pins(config)).clones]
    return next((repository for repository in found if repository.has_commit(sha)), None)


def _look(
    config: Config,
    carries: Iterable[CarrySpec],
    repository: Repository | None,
    commit: str,
    *,
    since: str = "",
    llvm: LlvmOfComponent | None = None,
) -> Iterator[Looked]:
    read: list[tuple[CarrySpec, Sequence[Patch]]] = []
    problems: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for carry in carries:
        try:
            patches = read_carry(config, carry, commit)
            if not patches and is_own(config, carry, commit):
                unknown[carry.name] = "a commit of the fork's own, with what it carries"
        except SupplyError as error:
            patches = ()
            problems[carry.name] = str(error.problems[0])
        read.append((carry, patches))
    nobody = "" if repository else "no clone at hand has the commit: whether it applies is seen when LLVM is patched"
    known = standings(repository, commit, read, since=since, llvm=llvm) if repository else ()
    for carry, _ in read:
        yield Looked(
            carry=carry,
            where=config.where(carry.line),
            commit=commit,
            standings=tuple(one for one in known if one.carry == carry.name),
            problem=problems.get(carry.name, ""),
            unknown=unknown.get(carry.name, nobody),
        )
