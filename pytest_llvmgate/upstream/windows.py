"""Stretches of history that a later commit proves bad: from a commit to the one that took it back or mended it.

One ``git log`` of the range, read as a stream; the files are asked for afterwards and only of the commits that count.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.upstream.first_parent import DAY, Commit, changed_paths, read_commits, read_log
from pytest_llvmgate.upstream.reverts import Claims, Reference, bare_title, number_of, read_claims

_MOST_PATHS: Final = 400
"""Files that are kept of one commit: what touches more than that touches everything."""


@dataclass(frozen=True, kw_only=True)
class TellingCommit(Commit):
    """A commit, and what it says of others."""

    claims: Claims = field(default_factory=Claims)


class Proof(StrEnum):
    """How a window was closed."""

    REVERTED = "reverted"
    MENDED = "mended"
    """A later commit fixes the build and names the one that broke it."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """Commits between one that was bad and the one that proves it; the latter is good again."""

    start: int
    """Position of the bad commit in the range; 0 where it came before the range."""
    end: int
    """Position of the proof: the first commit that is not in the window."""
    culprit: str
    """Full SHA of the bad commit."""
    title: str
    """Its title."""
    proof: str
    """Full SHA of the commit that closed the window."""
    kind: Proof
    partial: bool = False
    """Only a part of the bad commit was taken back."""
    before: bool = False
    """The bad commit came before the range, so the range's own base has it too."""
    days: float = 0.0
    """From the bad commit to the proof, by committer dates."""
    paths: tuple[str, ...] = ()
    """The files at fault: of the bad commit, or of its mending."""

    def holds(self, position: int) -> bool:
        """Whether the commit at that position is in the window."""
        return self.start <= position < self.end


def window_between(
    commits: Sequence[TellingCommit], start: int, end: int, kind: Proof, older: Commit | None = None
) -> Window:
    """From the bad commit at one position, or an ``older`` one, to the proof at the other."""
    bad, proof = older or commits[start], commits[end]
    return Window(
        start=start,
        end=end,
        culprit=bad.sha,
        title=bad.title,
        proof=proof.sha,
        kind=kind,
        partial=proof.claims.partial,
        before=older is not None,
        days=max(0.0, (proof.when - bad.when) / DAY),
    )


def read_range(repository: Repository, base: str, head: str) -> tuple[TellingCommit, ...]:
    """The first-parent commits of ``base..head``, oldest first. Both are full SHAs."""
    log = read_log(repository, "--first-parent", "--reverse", f"{base}..{head}")
    return tuple(TellingCommit(**known, claims=read_claims(known["title"], body)) for known, body in log)


def find_windows(commits: Sequence[TellingCommit], repository: Repository | None = None) -> tuple[Window, ...]:
    """Every window of the range, in the order of their proofs.

    With the repository, reverts of commits before the range are known as such, and windows know their files.
    """
    finder = _Finder(commits)
    raw = [window for position in range(len(commits)) for window in finder.windows_closed_by(position)]
    if repository is None:
        return tuple(raw)
    older = _older(repository, [name for _, name in finder.unknown], commits)
    before = ((position, older[name]) for position, name in finder.unknown if name in older)
    raw += [window_between(commits, 0, position, Proof.REVERTED, bad) for position, bad in before]
    raw.sort(key=lambda window: window.end)
    return _with_paths(repository, raw)


class _Finder:
    """Follows what each commit says of earlier ones."""

    def __init__(self, commits: Sequence[TellingCommit]) -> None:
        self.commits = commits
        self._shas = sorted((commit.sha, position) for position, commit in enumerate(commits))
        self._titles: dict[str, list[int]] = {}
        self._numbers: dict[str, int] = {}
        for position, commit in enumerate(commits):
            self._titles.setdefault(bare_title(commit.title), []).append(position)
            if number := number_of(commit.title):
                self._numbers[number] = position
        self._undone: dict[int, set[int]] = {}
        """Position of a revert to the positions of what it took back."""
        self._landed: dict[int, int] = {}
        """Position of a commit to that of its latest reland."""
        self.unknown: list[tuple[int, str]] = []
        """Position of a revert and the SHA that it names, where that is not in the range."""

    def windows_closed_by(self, position: int) -> Iterator[Window]:
        """The windows that the commit there proves; what it brings back is noted. Ask in the order of the range."""
        claims = self.commits[position].claims
        if not claims:
            return
        for target in self._targets(claims.redoes, position):
            for original in self._undone.get(target, {target}):
                self._landed[original] = position
        for target in self._targets(claims.undoes, position):
            if target in self._undone:  # the revert of a revert brings back, and proves nothing
                self._landed |= dict.fromkeys(self._undone[target], position)
                continue
            self._undone.setdefault(position, set()).add(target)
            yield window_between(self.commits, self._landed.get(target, target), position, Proof.REVERTED)
        self.unknown += [(position, one.sha) for one in claims.undoes if one.sha and self._by_sha(one.sha) is None]
        for target in self._targets(claims.mends, position):
            if target not in self._undone:
                yield window_between(self.commits, target, position, Proof.MENDED)

    def _targets(self, references: Iterable[Reference], before: int) -> tuple[int, ...]:
        """The positions that are meant. Title and number say again what a SHA says, so a SHA that is known wins."""
        groups = itertools.groupby(sorted(references, key=_trust), key=_trust)
        for _, group in groups:
            found = [at for one in group if (at := self._position(one, before)) is not None]
            if found:
                return tuple(dict.fromkeys(found))
        return ()

    def _position(self, reference: Reference, before: int) -> int | None:
        if reference.sha:
            found = self._by_sha(reference.sha)
        elif reference.number:
            found = self._numbers.get(reference.number)
        else:
            earlier = self._titles.get(reference.title, [])
            at = bisect.bisect_left(earlier, before)
            found = earlier[at - 1] if at else None
        return found if found is not None and found < before else None

    def _by_sha(self, sha: str) -> int | None:
        at = bisect.bisect_left(self._shas, (sha, -1))
        near = self._shas[at : at + 2]
        fitting = [position for full, position in near if full.startswith(sha)]
        return fitting[0] if len(fitting) == 1 else None  # an ambiguous abbreviation names nothing


def _trust(reference: Reference) -> int:
    return 0 if reference.sha else 1 if reference.number else 2


def _older(repository: Repository, names: Iterable[str], commits: Sequence[Commit]) -> dict[str, Commit]:
    """Those names that are commits of the clone older than the range, and the commits."""
    found = repository.commits_named(names)
    known = {one.sha: one for one in read_commits(repository, tuple(found.values()))}
    return {name: known[sha] for name, sha in found.items() if known[sha].when < commits[0].when}


def _with_paths(repository: Repository, windows: Sequence[Window]) -> tuple[Window, ...]:
    at_fault = [window.proof if window.kind is Proof.MENDED or window.partial else window.culprit for window in windows]
    paths = changed_paths(repository, at_fault)
    pairs = zip(windows, at_fault, strict=True)
    return tuple(replace(window, paths=paths.get(sha, ())[:_MOST_PATHS]) for window, sha in pairs)
