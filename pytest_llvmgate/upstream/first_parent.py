"""The first-parent history between two commits of llvm-project, and what became of one of them later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from pytest_llvmgate.errors import RevisionError
from pytest_llvmgate.git.remotes import is_ancestor
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import is_full_sha
from pytest_llvmgate.printable import shell_word
from pytest_llvmgate.upstream.reverts import Claims, bare_title, number_of, read_claims

DAY: Final = 86400.0
"""Seconds."""
SEPARATOR: Final = "\x1f"
_FIELDS: Final = {"sha": "%H", "date": "%aI", "committed": "%cI", "author": "%an", "title": "%s"}
FORMAT: Final = SEPARATOR.join(_FIELDS.values())
"""What git is asked for, for :func:`fields_of`."""
_RECORD: Final = "\x1e"
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
class Follower(Commit):
    """A later commit that took a commit back, or mends what it broke."""

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

    @cached_property
    def touched(self) -> tuple[tuple[str, ...], ...]:
        """The files that each commit touches, by position; nothing for position 0."""
        found = changed_paths(self.repository, self.shas[1:])
        return ((), *(found.get(sha, ()) for sha in self.shas[1:]))


def changed_paths(repository: Repository, shas: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The files that each commit changed, against its first parent, in one process. Some 1,500 commits a second."""
    words = ("-z", "--name-only", "--no-renames", "--diff-merges=first-parent", f"--format={_RECORD}%H")
    output = repository.log_of(shas, *words).decode("utf-8", "surrogateescape")
    records = (record.split("\0") for record in output.split(_RECORD)[1:])
    return {sha: tuple(name.lstrip("\n") for name in names if name.strip("\n")) for sha, *names in records}


def read_history(repository: Repository, good: str, bad: str) -> History:
    """The commits between two full SHAs. Raises ``RevisionError`` where there is no way from one to the other.

    A good commit that lies on another line (a fork's, with carried patches) stands for the commit where its line left.
    """
    _check_order(repository, good, bad)
    shas = repository.run("rev-list", "--first-parent", "--reverse", f"{good}..{bad}").decode().split()
    base = repository.commit_at(f"{shas[0]}^1")
    if not base:
        raise RevisionError(f"{good[:12]} and {bad[:12]} have no common history", hint="name two commits of one branch")
    if base == good:
        return History(repository, (good, *shas))
    note = f"{good[:12]} is not on the first-parent line of {bad[:12]}; the search starts at {base[:12]}, where it left"
    return History(repository, (base, *shas), note)


def commit_before(repository: Repository, commit: str, count: int) -> str:
    """Full SHA of the commit so many first parents before another one; the first of all where there are fewer."""
    back = repository.run("rev-list", "--first-parent", f"--skip={count}", "--max-count=1", commit).decode().strip()
    return back or repository.run("rev-list", "--first-parent", commit).decode().split()[-1]


def _check_order(repository: Repository, good: str, bad: str) -> None:
    if good == bad:
        raise RevisionError(f"nothing to search: the good and the bad commit are both {good[:12]}")
    for sha in (good, bad):
        if not repository.has_commit(sha):
            raise RevisionError(
                f"no commit {sha} in {repository.display}",
                hint=f"git -C {shell_word(repository.display)} fetch, then try again",
            )
    if is_ancestor(repository, bad, good):
        raise RevisionError(
            f"{bad[:12]} comes before {good[:12]}: expected GOOD..BAD, the older commit first",
            hint=f"for the commit that mended something: ask for {bad[:12]}..{good[:12]} and what is bad there",
        )


def read_commits(repository: Repository, shas: Sequence[str]) -> tuple[Commit, ...]:
    """What is known of commits, in their order, in one git process."""
    output = repository.log_of(filter(is_full_sha, shas), "-s", "-z", f"--format={FORMAT}").decode("utf-8", "replace")
    return tuple(Commit(**fields_of(record)) for record in output.split("\0") if record)


def fields_of(record: str) -> dict[str, str]:
    """The values of :data:`FORMAT` by the names that :class:`Commit` has for them. A title may hold a separator."""
    return dict(zip(_FIELDS, record.split(SEPARATOR, len(_FIELDS) - 1), strict=True))


def read_log(repository: Repository, *words: str) -> Iterator[tuple[dict[str, str], str]]:
    """Each commit that ``git log`` with these words selects: what :func:`fields_of` has, and the rest of the message.

    Read as a stream. Raises ``GitFailure``.
    """
    for record in repository.records("log", "-z", "-s", f"--format={FORMAT}{SEPARATOR}%b", *words, "--"):
        *known, body = record.decode("utf-8", "replace").split(SEPARATOR, len(_FIELDS))
        yield dict(zip(_FIELDS, known, strict=True)), body


def followers(repository: Repository, commit: Commit, head: str) -> tuple[Follower, ...]:
    """Which commits up to ``head`` say that they revert, bring back or fix ``commit``, oldest first."""
    number = number_of(commit.title)
    words = [commit.sha[:10], bare_title(commit.title)[:60], *([f"#{number}"] if number else [])]
    chosen = ("--reverse", "--fixed-strings", f"--max-count={_MOST_FOLLOWERS}", *(f"--grep={word}" for word in words))
    found = []
    names = [commit.sha]
    """Its own, and of what took it back: a reland reverts that."""
    for known, body in read_log(repository, *chosen, f"{commit.sha}..{head}"):
        if how := _relation(read_claims(known["title"], body), names, commit.title):
            found.append(Follower(**known, how=how))
            names += [known["sha"]] if how == "reverted" else []
    return tuple(found)


def _relation(claims: Claims, names: Sequence[str], title: str) -> str:
    said = {"reverted": claims.undoes, "relanded": claims.redoes, "fixed": claims.mends}
    return next((how for how, references in said.items() if any(each.means(names, title) for each in references)), "")
