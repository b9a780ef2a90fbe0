"""What a commit has that later ones say was wrong: they take it back, or mend the build that it broke."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.upstream.first_parent import changed_paths, commit_before
from pytest_llvmgate.upstream.patch_ids import patch_ids
from pytest_llvmgate.upstream.windows import Proof, TellingCommit, Window, find_windows, read_range, window_between

_BEFORE: Final = 3000
"""Commits before the one that is asked about whose titles and numbers are known; older ones are known by their SHA."""
_ALIKE: Final = 200
"""Commits, and files, that are compared where a message does not say what it takes back."""


@dataclass(frozen=True, kw_only=True)
class Warned:
    """Something that a commit has and a later one says was wrong."""

    culprit: str
    """Full SHA of what the commit has."""
    title: str
    proof: str
    """Full SHA of the commit that takes it back or mends it."""
    proof_title: str
    proof_when: int
    """Committer date, seconds since the epoch."""
    how: str
    """``reverted`` or ``mended``."""
    days: float
    """From the one to the other."""
    is_partial: bool = False
    paths: tuple[str, ...] = ()
    """The files at fault."""
    used: tuple[str, ...] = ()
    """Those of them that a project uses itself."""
    carried: str = ""
    """The patch by which that project takes it back itself."""
    relanded: str = ""
    """Full SHA of a still later commit that brings it back."""

    @property
    def key(self) -> str:
        """What it is remembered by."""
        return f"{self.culprit[:16]}-{self.proof[:16]}"


def taken_back(repository: Repository, commit: str, head: str) -> Iterator[Warned]:
    """What ``commit`` has that those after it up to ``head`` say was wrong, along first parents. Both are full SHAs."""
    commits = read_range(repository, commit_before(repository, commit, _BEFORE), head)
    at = next((at for at, one in enumerate(commits) if one.sha == commit), -1)
    windows = [each for each in find_windows(commits, repository) if each.holds(max(at, 0)) and each.end > at]
    windows += _unnamed(repository, commits, at, {each.proof for each in windows})
    yield from (_described(window, commits) for window in windows)


def _unnamed(repository: Repository, commits: Sequence[TellingCommit], at: int, known: Container[str]) -> list[Window]:
    """Windows of commits that take back something without a name that is known: told by what they change."""
    silent = [one for one in commits[at + 1 :] if one.claims.undoes and not one.claims.redoes and one.sha not in known]
    alike = [one.sha for one in silent[-_ALIKE:]]
    inverse = {sha: identifier for identifier, sha in patch_ids(repository, alike, reverse=True).items()}
    files = changed_paths(repository, inverse)
    wanted = sorted({path for paths in files.values() for path in paths})
    if not wanted or at < 0:
        return []
    span = f"{commits[0].sha}..{commits[at].sha}"
    touching = repository.run("rev-list", "--first-parent", f"--max-count={_ALIKE}", span, "--", *wanted[:_ALIKE])
    there = patch_ids(repository, touching.decode().split())
    positions = {one.sha: position for position, one in enumerate(commits)}
    pairs = ((positions.get(there.get(identifier, "")), sha) for sha, identifier in inverse.items())
    return [
        replace(window_between(commits, start, positions[sha], Proof.REVERTED), partial=False, paths=files[sha])
        for start, sha in pairs
        if start is not None
    ]


def _described(window: Window, commits: Sequence[TellingCommit]) -> Warned:
    proof = commits[window.end]
    return Warned(
        culprit=window.culprit,
        title=window.title,
        proof=proof.sha,
        proof_title=proof.title,
        proof_when=proof.when,
        how=window.kind.value,
        days=window.days,
        is_partial=window.partial,
        paths=window.paths,
        relanded=_relanded(window.culprit, window.title, proof, commits[window.end + 1 :]),
    )


def _relanded(culprit: str, title: str, proof: TellingCommit, later: Iterable[TellingCommit]) -> str:
    """The last of ``later`` that says that it brings the commit back; empty where nothing takes effect any more."""
    names = (culprit, proof.sha)
    there = ""
    for commit in later:
        if any(one.means(names, title) for one in commit.claims.redoes):
            there = commit.sha
        elif there and any(one.means((there, *names), title) for one in commit.claims.undoes):
            there = ""
    return there
