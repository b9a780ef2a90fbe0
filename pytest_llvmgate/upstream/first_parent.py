"""The first-parent history between two commits of llvm-project, and what became of one of them later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from pytest_llvmgate.errors import RevisionError
from pytest_llvmgate.git.remotes import is_ancestor
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import is_full_sha
from pytest_llvmgate.upstream.reverts import Claims, Reference, bare_title, number_of, read_claims

DAY: Final = 86400.0
"""Seconds."""
SEPARATOR: Final = "\x1f"
_RECORD: Final = "\x1e"
FIELDS: Final = SEPARATOR.join(("%H", "%aI", "%cI", "%an", "%s"))
"""What git is asked for, for :func:`fields_of`."""
_FORMAT: Final = _RECORD + FIELDS
_MOST_FOLLOWERS: Final = 200
"""Later commits that mention a commit and are read; a number such as #42 may be mentioned for other reasons."""


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit as reports name it."""

    sha: str
    date: str = ""
    """The author's date, ISO 8601; empty where it is not known."""
    committed: str = ""
    """The committer's date, ISO 8601."""
    author: str = ""
    title: str

    @property
    def short(self) -> str:
        """The first twelve digits."""
        return self.sha[:12]

    @cached_property
    def when(self) -> int:
        """The committer's date in seconds since the epoch; 0 where it is not known."""
        return int(datetime.fromisoformat(self.committed).timestamp()) if self.committed else 0

    def __str__(self) -> str:
        return f"{self.short} ({self.date[:10]}) {self.title}"


@dataclass(frozen=True, kw_only=True)
class Follower:
    """A later commit that took a commit back, or mends what it broke."""

    sha: str
    date: str
    """The author's date, ISO 8601."""
    title: str
    how: str
    """``reverted``, ``relanded`` or ``fixed``."""


@dataclass(frozen=True)
class History:
    """The commits from a good one (position 0) to a bad one, along first parents."""

    repository: Repository
    shas: tuple[str, ...]
    note: str = ""
    """Where the history does not start at the commit that was asked for: why."""

    @property
    def good(self) -> str:
        """The oldest commit."""
        return self.shas[0]

    @property
    def bad(self) -> str:
        """The newest commit."""
        return self.shas[-1]

    @property
    def size(self) -> int:
        """The number of commits that may have made the change."""
        return len(self.shas) - 1

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """SHA to position."""
        return {sha: position for position, sha in enumerate(self.shas)}

    def commit(self, sha: str) -> Commit:
        """A commit of this clone."""
        return next(iter(read_commits(self.repository, [sha])))

    @cached_property
    def touched(self) -> tuple[tuple[str, ...], ...]:
        """The files that each commit touches, by position; nothing for position 0. Some 1,500 commits a second."""
        if self.size < 1:
            return ((),)
        requests = "".join(f"{sha}\n" for sha in self.shas[1:]).encode()
        # -m with --first-parent: a merge shows what it brings to its first parent.
        output = self.repository.run(
            *("log", "--no-walk=unsorted", "--stdin", "-z", "--name-only", "--no-renames", "-m", "--first-parent"),
            *(f"--format={_RECORD}%H",),
            stdin=requests,
        )
        found = dict(_files_by_commit(output.decode("utf-8", "surrogateescape")))
        return ((), *(found.get(sha, ()) for sha in self.shas[1:]))


def _files_by_commit(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for record in text.split(_RECORD)[1:]:
        sha, _, rest = record.partition("\0")
        yield sha.strip(), tuple(name.strip("\n") for name in rest.split("\0") if name.strip("\n"))


def read_history(repository: Repository, good: str, bad: str) -> History:
    """The commits between two full SHAs. Raises ``RevisionError`` where there is no way from one to the other.

    A good commit that lies on another line (a fork's, with carried patches) stands for the commit where its line left.
    """
    _check_order(repository, good, bad)
    line = repository.run("rev-list", "--first-parent", "--ancestry-path", "--reverse", f"{good}..{bad}")
    shas = line.decode().split()
    if shas and _first_parent(repository, shas[0]) == good:
        return History(repository, (good, *shas))
    base = repository.merge_base(good, bad)
    if not base:
        raise RevisionError(f"{good[:12]} and {bad[:12]} have no common history", hint="name two commits of one branch")
    base = _on_first_parents(repository, base, bad)
    line = repository.run("rev-list", "--first-parent", "--reverse", f"{base}..{bad}")
    note = f"{good[:12]} is not on the first-parent line of {bad[:12]}; the search starts at {base[:12]}, where it left"
    return History(repository, (base, *line.decode().split()), note)


def _check_order(repository: Repository, good: str, bad: str) -> None:
    if good == bad:
        raise RevisionError(f"nothing to search: the good and the bad commit are both {good[:12]}")
    for sha in (good, bad):
        if not repository.has_commit(sha):
            raise RevisionError(
                f"no commit {sha} in {repository.display}", hint=f"git -C {repository.display} fetch, then try again"
            )
    if is_ancestor(repository, bad, good):
        raise RevisionError(
            f"{bad[:12]} comes before {good[:12]}: expected GOOD..BAD, the older commit first",
            hint=f"for the commit that mended something: ask for {bad[:12]}..{good[:12]} and what is bad there",
        )


def _first_parent(repository: Repository, sha: str) -> str:
    return repository.commit_at(f"{sha}^1")


def _on_first_parents(repository: Repository, base: str, bad: str) -> str:
    """The newest commit on the first-parent line of ``bad`` that is in the history of ``base``, or ``base`` itself."""
    oldest = repository.run("rev-list", "--first-parent", "--reverse", f"{base}..{bad}").decode().split()
    return (_first_parent(repository, oldest[0]) if oldest else "") or base


def read_commits(repository: Repository, shas: Sequence[str]) -> tuple[Commit, ...]:
    """What is known of commits, in their order, in one git process."""
    if not shas:
        return ()
    stdin = "".join(f"{sha}\n" for sha in shas if is_full_sha(sha)).encode()
    output = repository.run("log", "--no-walk=unsorted", "--stdin", "-s", f"--format={_FORMAT}", stdin=stdin)
    return tuple(Commit(**fields_of(record)) for record in _records(output, 5))


def _records(output: bytes, fields: int) -> Iterator[list[str]]:
    """The fields of each record; only the last one may hold a separator, which nobody keeps out of a message."""
    for record in output.decode("utf-8", "replace").split(_RECORD)[1:]:
        yield record.rstrip("\n").split(SEPARATOR, fields - 1)


def fields_of(record: Sequence[str]) -> dict[str, str]:
    """The values of :data:`FIELDS` by the names that :class:`Commit` has for them."""
    return dict(zip(("sha", "date", "committed", "author", "title"), record, strict=True))


def followers(repository: Repository, commit: Commit, head: str) -> tuple[Follower, ...]:
    """Which commits up to ``head`` say that they revert, bring back or fix ``commit``, oldest first."""
    number = number_of(commit.title)
    words = [commit.sha[:10], bare_title(commit.title)[:60], *([f"#{number}"] if number else [])]
    output = repository.run(
        *("log", "--reverse", "--fixed-strings", f"--max-count={_MOST_FOLLOWERS}", "-s"),
        *(f"--grep={word}" for word in words),
        f"--format={_FORMAT}{SEPARATOR}%b",
        f"{commit.sha}..{head}",
    )
    found = []
    undone: list[str] = []
    for sha, date, _, _, title, body in _records(output, 6):
        if how := _relation(read_claims(title, body), commit, number, undone):
            found.append(Follower(sha=sha, date=date, title=title, how=how))
            undone += [sha] if how == "reverted" else []
    return tuple(found)


def _relation(claims: Claims, commit: Commit, number: str, undone: Sequence[str]) -> str:
    def names(references: Sequence[Reference]) -> bool:
        return any(_is_reference_to(each, commit, number, undone) for each in references)

    if names(claims.undoes):
        return "reverted"
    if names(claims.redoes):
        return "relanded"
    return "fixed" if names(claims.mends) else ""


def _is_reference_to(reference: Reference, commit: Commit, number: str, undone: Sequence[str]) -> bool:
    """Whether it names the commit, or one that took it back (which a reland reverts)."""
    if reference.sha:
        return any(sha.startswith(reference.sha) for sha in (commit.sha, *undone))
    if reference.number:
        return reference.number == number
    return bool(reference.title) and reference.title == bare_title(commit.title)
