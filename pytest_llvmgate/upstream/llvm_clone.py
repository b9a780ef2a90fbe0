"""What a clone of llvm-project can tell: merge bases with main, carried patches, distances, dates.

Without a clone nothing here is guessed; the callers say what they cannot know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import GateError, RepositoryError
from pytest_llvmgate.git.remotes import default_branch, is_ancestor
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import commit_dates, is_full_sha, resolve
from pytest_llvmgate.remembered import remembered
from pytest_llvmgate.upstream.first_parent import Commit, read_log
from pytest_llvmgate.upstream.whose import OFFICIAL, hosted_name, is_llvm_url

MOST_PATCHES: Final = 50
"""Patches listed of a fork; more make a list that nobody reads."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """Where a commit leaves upstream's main."""

    sha: str
    """The newest commit of main in its history."""
    patches: tuple[Commit, ...] = ()
    """What it carries on top, oldest first; of very many the newest."""
    count: int = 0
    """Number of all patches."""

    def __str__(self) -> str:
        count = self.count
        return self.sha[:12] if not count else f"base {self.sha[:12]} + {count} patch{'es' if count > 1 else ''}"


@dataclass(frozen=True, kw_only=True)
class Distance:
    """How far one commit is from another."""

    ahead: int
    """Commits that it has and the other has not."""
    behind: int
    days: float
    """Days between the two committer dates; negative where it is the older one."""

    def __str__(self) -> str:
        parts = [f"{self.ahead} ahead"] if self.ahead else []
        parts += [f"{self.behind} behind"] if self.behind else []
        days = f"{abs(self.days):.0f} days {'older' if self.days < 0 else 'newer'}"
        return f"{', '.join(parts) or 'the same history'} ({days})"


@dataclass(frozen=True)
class Clone:
    """A clone of llvm-project (or of a fork that has upstream's main too)."""

    repository: Repository
    main: str
    """The ref that is upstream's main; empty where the clone shows none: a fork's main is another."""

    def base(self, sha: str) -> Base | None:
        """Where ``sha`` leaves main; ``None`` where the clone cannot tell (no common history, cut off)."""
        base = self.repository.merge_base(sha, self.main) if self.main else ""
        if not base:
            return None
        patches = read_log(self.repository, "--reverse", f"--max-count={MOST_PATCHES}", f"{base}..{sha}")
        count = int(self.repository.run("rev-list", "--count", f"{base}..{sha}"))
        return Base(sha=base, patches=tuple(Commit(**known) for known, _ in patches), count=count)

    def date(self, sha: str) -> int:
        """Committer date, seconds since the epoch."""
        return int(self.repository.run("log", "-1", "--format=%ct", sha))

    def dates(self, shas: Iterable[str]) -> dict[str, int]:
        """Committer date of each of ``shas`` that the clone has."""
        return commit_dates(self.repository, self.repository.commits_named(shas).values())


@dataclass(frozen=True)
class Upstream:
    """The clones of llvm-project at hand, the most trusted first."""

    clones: tuple[Clone, ...]

    def clone_with(self, *shas: str) -> Clone | None:
        """The first clone that has all these commits; ``None`` where none has."""
        return next((one for one in self.clones if all(one.repository.has_commit(sha) for sha in shas)), None)

    def first(self, instead: str = "") -> Clone:
        """The most trusted clone. Raises ``RepositoryError``, with what may be done ``instead`` of having one."""
        if not self.clones:
            raise RepositoryError(
                "there is no clone of llvm-project at hand",
                hint=f'name one in the configuration: [llvm] repository = "../llvm-project"{instead}',
            )
        return self.clones[0]

    def holder_of(self, pin: str) -> Clone:
        """The first clone that has the pinned commit. Raises ``RepositoryError``."""
        if (found := self.clone_with(pin)) or not self.clones:
            return found or self.first()
        known = ", ".join(clone.repository.display for clone in self.clones)
        raise RepositoryError(f"the pinned commit {pin[:12]} is not in {known}", hint="git fetch there, then try again")

    @remembered
    def base(self, sha: str) -> Base | None:
        """Where ``sha`` leaves upstream's main; ``None`` where no clone can tell."""
        clone = self.clone_with(sha)
        return clone.base(sha) if clone else None

    def distance(self, sha: str, other: str) -> Distance | None:
        """How far ``sha`` is from ``other``; ``None`` where no clone has both."""
        clone = self.clone_with(sha, other)
        if clone is None:
            return None
        counts = clone.repository.run("rev-list", "--left-right", "--count", f"{sha}...{other}").split()
        days = (clone.date(sha) - clone.date(other)) / 86400
        return Distance(ahead=int(counts[0]), behind=int(counts[1]), days=days)

    def date(self, sha: str) -> int | None:
        """Committer date of ``sha``; ``None`` where no clone has it."""
        clone = self.clone_with(sha)
        return clone.date(sha) if clone else None

    def dates(self, shas: Iterable[str]) -> dict[str, int]:
        """Committer date of each of ``shas`` that some clone has, in two processes per clone."""
        wanted, found = [sha for sha in shas if is_full_sha(sha)], dict[str, int]()
        for clone in self.clones:
            missing = [sha for sha in wanted if sha not in found]
            found |= clone.dates(missing) if missing else {}
        return found

    def is_on_main(self, sha: str) -> bool | None:
        """Whether ``sha`` is on upstream's main; ``None`` where no clone can tell."""
        clone = self.clone_with(sha)
        if clone is None:
            whole = [one for one in self.clones if one.main and not one.repository.is_shallow]
            return False if whole and len(whole) == len(self.clones) else None
        return is_ancestor(clone.repository, sha, clone.main) if clone.main else None


def open_clone(repository: Repository, main: str) -> Clone:
    """A clone whose main branch is ``main``, or recognised. Raises ``GateError`` where none can be."""
    ref = resolve(repository, main) if main else default_branch(repository)
    if ref is None:
        raise GateError(
            f"the clone {repository.display} has no main branch that could be recognised",
            hint='name it in the configuration: [llvm] main = "..."',
        )
    return Clone(repository, ref if main or not _is_of_fork(repository, ref) else "")


def _is_of_fork(repository: Repository, ref: str) -> bool:
    """Whether a remote-tracking branch comes from a fork of llvm-project on some host."""
    name = ref.removeprefix("refs/remotes/").partition("/")[0]
    listing = repository.run("config", "--get-all", f"remote.{name}.url", ok=(0, 1)).decode("utf-8", "replace")
    return any(is_llvm_url(url) and hosted_name(url) not in {None, OFFICIAL} for url in listing.splitlines()[:1])


def upstream_at(directory: Path | None) -> Upstream:
    """The clone of llvm-project in ``directory``, or none. Raises ``RepositoryError`` where there is no repository."""
    if directory is None:
        return Upstream(clones=())
    return Upstream(clones=(open_clone(Repository.open(directory, bare=True), ""),))
