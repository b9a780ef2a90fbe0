"""From a plan (names of steps) to a git repository that holds the miniature llvm-project with that history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from tests.miniature import culprits
from tests.miniature.edits import ConflictError, Edit, Tree, inverses
from tests.miniature.fillers import FILLERS, filler
from tests.miniature.git import FastImport, Signature, git, init
from tests.miniature.specials import SPECIALS, Special

TEMPLATE: Final = Path(__file__).with_name("llvm-project")
"""The tree of the first commit."""
_EPOCH: Final = int(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp())
_INTERVAL: Final = 1800
"""Seconds between two commits; ten thousand take seven months."""
_PEOPLE: Final = ("Grace Example", "Alan Example", "Barbara Example", "Edsger Example", "Frances Example")

STEPS: Final = ("filler", *(f"filler:{kind}" for kind in FILLERS), *SPECIALS)
"""What a plan is made of."""

_F: Final = "filler"
DEFAULT_PLAN: Final[tuple[str, ...]] = (
    *(_F, _F, _F, "api-deprecated", _F),
    # Windows that open and close again.
    *("llvm-broken", _F, _F, "llvm-fixed", _F, "version-bumped", _F),
    *("shared-llvm-broken", _F, "shared-llvm-fixed", _F),
    *("api-changed", _F, _F, "api-changed-reverted", _F),
    *("hlo-link-library-dropped", _F, "hlo-link-library-restored", _F),
    *("install-broken", "install-fixed", _F, "patch-context-changed", _F),
    # From here on breaks stay, those that hide others last: each is visible where it comes.
    *("behaviour-changed", _F, "library-renamed", _F, "link-library-dropped", _F),
    *("hlo-api-renamed", _F, "hlo-header-moved", _F, "api-changed-relanded", "api-renamed", _F),
    *("api-removed", _F, "header-moved", "accessors-removed", _F),
    *("td-renamed", _F, "tablegen-flag-removed", _F, "target-renamed", _F, _F),
)
"""The steps after the first commit of the default history."""


@dataclass(frozen=True, kw_only=True)
class Miniature:
    """A git repository with the miniature llvm-project, and what is known about its commits."""

    repository: Path
    """The directory that git works in: a work tree at the newest commit, or a bare repository."""
    plan: tuple[str, ...]
    """``initial`` and then the steps, as many as commits."""
    order: tuple[str, ...]
    """The SHAs of ``main``, oldest first."""

    @cached_property
    def commits(self) -> Mapping[str, str]:
        """The named commits of the plan, with ``initial``: name to SHA."""
        return {step: sha for step, sha in zip(self.plan, self.order, strict=True) if not step.startswith("filler")}

    @cached_property
    def _positions(self) -> Mapping[str, int]:
        return {sha: index for index, sha in enumerate(self.order)}

    @property
    def base(self) -> str:
        """The oldest commit, on which the downstream is green."""
        return self.order[0]

    @property
    def head(self) -> str:
        """The newest commit."""
        return self.order[-1]

    def sha(self, commit: str) -> str:
        """The SHA of a commit given by name or SHA. Raises ``KeyError``."""
        return self.commits[commit] if commit in self.commits else self.order[self._positions[commit]]

    def index(self, commit: str) -> int:
        """The position in :attr:`order` of a commit given by name or SHA. Raises ``KeyError``."""
        return self._positions[self.sha(commit)]

    def before(self, commit: str) -> str:
        """The SHA of the parent of a commit given by name or SHA."""
        index = self.index(commit)
        assert index > 0, "the first commit has no parent"
        return self.order[index - 1]

    def active(self, commit: str) -> tuple[str, ...]:
        """The names of the culprits that are in effect at a commit, in the order in which they came."""
        return self._active[self.index(commit)]

    @cached_property
    def _active(self) -> tuple[tuple[str, ...], ...]:
        states: list[tuple[str, ...]] = []
        state: tuple[str, ...] = ()
        for step in self.plan:
            state = active_after(state, step)
            states.append(state)
        return tuple(states)

    def expected(self, commit: str, configuration: str) -> culprits.Expected:
        """What building the downstream in a configuration (or ``flavour``'s LLVM) at a commit comes to."""
        return culprits.expected(self.active(commit), configuration)

    def git(self, *arguments: str) -> str:
        """Run git in the repository, and return what it prints."""
        return git(self.repository, *arguments)


def active_after(state: tuple[str, ...], step: str) -> tuple[str, ...]:
    """The culprits in effect after ``step``, where ``state`` were in effect before."""
    special = SPECIALS.get(step)
    if special is None:
        return state
    if special.undoes:
        return tuple(name for name in state if name != special.undoes)
    name = special.redoes or step
    return (*state, name) if name in culprits.CULPRITS else state


def isolated(*names: str, before: int = 2, after: int = 2) -> tuple[str, ...]:
    """A plan in which the named steps, each with what it needs before it, stand between a few fillers.

    ``create(directory, commits=isolated("header-moved"))`` is green up to that commit and red from there on.
    """
    steps: list[str] = []
    for name in names:
        steps += (*_needs(name), name)
    return (*(_F,) * before, *dict.fromkeys(steps), *(_F,) * after)


def _needs(name: str) -> list[str]:
    special = SPECIALS[name]
    direct = [need for need in (special.undoes, special.redoes, *special.needs) if need]
    return [step for need in direct for step in (*_needs(need), need)]


def create(directory: Path, *, commits: Sequence[str] = DEFAULT_PLAN, bare: bool = False) -> Miniature:
    """Write the miniature llvm-project with a history into ``directory``, which is made.

    ``commits`` are the steps after the first commit (see :data:`STEPS`); a special one may come once. The same steps
    give the same SHAs on every machine. Raises ``ValueError`` where a step is unknown or cannot come at its place.
    """
    plan = ("initial", *commits)
    init(directory, bare=bare)
    # As GitHub serves it: single commits, and filters.
    git(directory, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(directory, "config", "uploadpack.allowFilter", "true")
    with FastImport(directory) as stream:
        _Writer(stream).write(plan)
    if not bare:
        git(directory, "reset", "-q", "--hard")
    order = tuple(git(directory, "rev-list", "--first-parent", "--reverse", "main").splitlines())
    return Miniature(repository=directory, plan=plan, order=order)


def create_synthetic(
    directory: Path, n: int = 10_000, *, planted: Mapping[int, str] | None = None, bare: bool = True
) -> Miniature:
    """Write a history of ``n`` commits, fillers but for those planted: position (1 is after the first) to step.

    Without ``planted``, the special steps of the default plan are spread evenly. Every commit is a whole miniature
    that builds as its plan says.
    """
    if planted is None:
        planted = spread((step for step in DEFAULT_PLAN if step != _F), n)
    return create(directory, commits=[planted.get(position, _F) for position in range(1, n)], bare=bare)


def spread(steps: Iterable[str], n: int) -> dict[int, str]:
    """Positions for ``steps`` in a history of ``n`` commits, evenly and in their order."""
    names = tuple(steps)
    return {(index + 1) * n // (len(names) + 1): name for index, name in enumerate(names)}


class _Writer:
    """Writes commit after commit, and remembers what later ones refer to."""

    def __init__(self, stream: FastImport) -> None:
        self._stream = stream
        self._tree = Tree.read(TEMPLATE)
        self._shas: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._numbers: dict[str, int] = {}

    def write(self, plan: Sequence[str]) -> None:
        for index, step in enumerate(plan):
            self._write_step(index, step)

    def _write_step(self, index: int, step: str) -> None:
        number = 100_000 + 3 * index
        if step in SPECIALS:
            self._write_special(index, step, number)
        elif step in STEPS:
            commit = filler(step, index)
            self._commit(index, f"{commit.title} (#{number})\n", commit.edits)
        elif step == "initial" and index == 0:
            self._commit(index, "Initial import of the monorepo\n", ())
            self._stream.tag("llvmorg-99-init")
        else:
            raise ValueError(f"{step!r} is no step of a history")

    def _write_special(self, index: int, step: str, number: int) -> None:
        if step in self._shas:
            raise ValueError(f"{step!r} comes twice")
        special = SPECIALS[step]
        for need in _needs(step):
            if need not in self._shas:
                raise ValueError(f"{step!r} needs {need!r} before it")
        title = f"{self._title(special)} (#{number})"
        body = f"\n{self._fill(special, special.body)}\n" if special.body else ""
        try:
            self._commit(index, f"{title}\n{body}", edits_of(step, index))
        except ConflictError as error:
            raise ConflictError(f"{step!r} cannot be commit {index} of this history: {error}") from error
        self._shas[step], self._titles[step], self._numbers[step] = self._stream.sha(), title, number
        if special.tag:
            self._stream.tag(special.tag)

    def _title(self, special: Special) -> str:
        if special.title:
            return self._fill(special, special.title)
        if special.undoes:
            return f'Revert "{self._titles[special.undoes]}"'
        return f'Reapply "{self._titles[special.redoes]}"'

    def _fill(self, special: Special, text: str) -> str:
        other = special.undoes or special.redoes
        sha = self._shas.get(other, "")
        undone = next((self._shas[name] for name in special.needs if SPECIALS[name].undoes == other), "")
        return text.format(sha=sha, short=sha[:12], pr=self._numbers.get(other, 0), undone=undone)

    def _commit(self, index: int, message: str, edits: Iterable[Edit]) -> None:
        for edit in edits:
            edit.apply(self._tree)
        name = _PEOPLE[index % len(_PEOPLE)]
        email = f"{name.partition(' ')[0].lower()}@example.org"
        committed = _EPOCH + index * _INTERVAL
        # Review takes a while, and not always the same.
        authored = committed - 3600 * (1 + index * 7 % 30)
        self._stream.commit(
            author=Signature(name=name, email=email, time=authored),
            committer=Signature(name="GitHub", email="noreply@github.com", time=committed),
            message=message,
        )
        for path, text in self._tree.take_changes():
            if text is None:
                self._stream.remove(path)
            else:
                self._stream.write(path, text, executable=path in self._tree.executables)


def edits_of(step: str, index: int) -> tuple[Edit, ...]:
    """What a step changes as commit ``index`` of a history."""
    if step == "initial":
        return ()
    if step not in SPECIALS:
        return filler(step, index).edits
    special = SPECIALS[step]
    if special.undoes:
        return inverses(SPECIALS[special.undoes].edits)
    return SPECIALS[special.redoes].edits if special.redoes else special.edits
