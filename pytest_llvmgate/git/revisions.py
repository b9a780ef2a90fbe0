"""From the text that names a commit to the one full SHA that it stands for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

from pytest_llvmgate.errors import RevisionError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.model import FULL_SHA
from pytest_llvmgate.printable import shell_word

_FULL: Final = re.compile(FULL_SHA)
_SHORT: Final = re.compile(r"[0-9a-f]{7,39}")
_REF_NAME: Final = re.compile(r"(?!.*(?:\.\.|//|@\{|\.lock$|/$|\.$))[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}")
"""A subset of what ``git check-ref-format`` allows that can be neither an option nor an expression."""

_REF_SPACES: Final = ("refs/tags/", "refs/heads/", "refs/remotes/origin/", "refs/remotes/")


def is_full_sha(text: str) -> bool:
    """Whether ``text`` is 40 lower-case hexadecimal digits."""
    return _FULL.fullmatch(text) is not None


def is_short_sha(text: str) -> bool:
    """Whether ``text`` is an abbreviated SHA, as short as git itself ever abbreviates."""
    return _SHORT.fullmatch(text) is not None


def is_sha(text: str) -> bool:
    """Whether ``text`` is a SHA, whole or abbreviated."""
    return is_full_sha(text) or is_short_sha(text)


def shortened(commit: str) -> str:
    """A commit for a line of text: twelve digits of a SHA, and a tag as it is (two of them may begin alike)."""
    return commit[:12] if is_full_sha(commit.lower()) else commit


def same_commit(one: str, other: str) -> bool:
    """Whether two texts name the same commit, as far as they go: a SHA and its abbreviation do, and equal names."""
    first, second = sorted((one.lower(), other.lower()), key=len)
    return bool(first) and (first == second or (is_short_sha(first) and is_sha(second) and second.startswith(first)))


def known_commits(text: str, shas: Iterable[str], names: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The commits that ``text`` names among known ones, without a repository: by a name of theirs, else by its SHA.

    ``names`` are pairs of a name and a full SHA. Several commits mean that the text does not tell which.
    """
    pairs = tuple(names)
    if named := frozenset(sha for name, sha in pairs if name == text):
        return named
    lowered = text.lower()
    if not is_sha(lowered):
        return frozenset()
    return frozenset(sha for sha in (*shas, *(sha for _, sha in pairs)) if sha.startswith(lowered))


def checked_revision(text: str, what: str = "commit") -> str:
    """``text`` trimmed and, where it is a SHA, in lower case; ``what`` it is to name, in words.

    Raises ``RevisionError`` for what can name no commit.
    """
    trimmed = text.strip()
    lowered = trimmed.lower()
    if is_sha(lowered):
        return lowered
    is_number = re.fullmatch(r"[0-9a-f]{41,}", lowered) is not None
    if _REF_NAME.fullmatch(trimmed) and not is_number:
        return trimmed
    raise RevisionError(
        f"the {what} has {len(trimmed)} hexadecimal digits, a SHA has 40" if is_number
        else f"the {what} {trimmed[:60]!r} is neither a SHA nor the name of a tag" if trimmed
        else f"expected a name of the {what}, found nothing",
        hint="give a full SHA of 40 hexadecimal digits, 7 or more of its digits, or a tag like llvmorg-22.1.8",
    )  # fmt: skip


def resolve(repository: Repository, text: str) -> str:
    """The one commit of ``repository`` that ``text`` names.

    Raises ``RevisionError``: for text that can name no commit, for a name that is unknown (with the nearest tags) and
    for one that names several commits (with their dates and titles).
    """
    name = checked_revision(text)
    commits = _commits_by_sha(repository, name) | _commits_by_ref(repository, name)
    if len(commits) == 1:
        return commits.pop()
    if commits:
        raise RevisionError(
            f"{name!r} names {len(commits)} commits in {repository.display}:\n{_listing(repository, commits)}",
            hint="give the full SHA",
        )
    raise _unknown(repository, name)


def _commits_by_sha(repository: Repository, name: str) -> set[str]:
    if is_full_sha(name):
        return set(repository.commits_named([name]).values())
    if not is_short_sha(name):
        return set()
    objects = repository.run("rev-parse", f"--disambiguate={name}").decode().split()
    return set(repository.commits_named(objects).values())


def _commits_by_ref(repository: Repository, name: str) -> set[str]:
    if name == "HEAD":
        return set(repository.commits_named([name]).values())
    if not _REF_NAME.fullmatch(name):
        return set()
    spaces = ("",) if name.startswith("refs/") else _REF_SPACES
    return set(repository.commits_named([f"{space}{name}" for space in spaces]).values())


def _listing(repository: Repository, commits: set[str]) -> str:
    output = repository.run("log", "--no-walk", "--date=short", "--format=  %H %ad %s", *sorted(commits))
    return output.decode("utf-8", "replace").rstrip()


def _unknown(repository: Repository, name: str) -> RevisionError:
    place = f"no commit {name!r} in {repository.display}"
    if is_sha(name):
        shallow = " (a shallow clone)" if repository.is_shallow else ""
        return RevisionError(f"{place}{shallow}", hint=f"git -C {shell_word(repository.display)} fetch, then try again")
    tags = repository.run("for-each-ref", "--format=%(refname:strip=2)", "refs/tags").decode("utf-8", "replace").split()
    near = difflib.get_close_matches(name, tags, n=5)
    hint = (
        f"tags with a similar name: {', '.join(near)}"
        if near
        else f"git -C {shell_word(repository.display)} fetch --tags"
    )
    return RevisionError(place, hint=hint)


def commit_dates(repository: Repository, shas: Iterable[str]) -> dict[str, int]:
    """Committer date of each commit, seconds since the epoch, in one process. Raises for one that is not there."""
    listing = repository.log_of(shas, "--format=%H %ct").decode()
    return {sha: int(when) for sha, when in (line.split(" ") for line in listing.splitlines())}
