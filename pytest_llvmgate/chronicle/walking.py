"""The first-parent history of a repository, walked once: which commits changed some paths, and what stood there then.

git lists every commit (``--sparse``) and the changes of those paths alone (``--raw``). So one process tells what would
else take one to count, one to find the moves and one per path to look it up at each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.git.gitmodules import Submodule
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.bulk import Entry, modules_in, read_once

GITMODULES: Final = ".gitmodules"
_PLAIN: Final = re.compile(r"[ !#-\[\]-~]+")
"""A path that git prints as it is."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A commit that changed one of the paths."""

    commit: str
    when: int
    """Committer date, seconds since the epoch: when it reached the branch."""
    title: str


@dataclass(frozen=True, kw_only=True)
class Walk:
    """What was seen on the way to a commit, oldest first."""

    paths: frozenset[str]
    moments: tuple[Moment, ...]
    count: int
    """All commits, whatever they changed."""
    latest: int
    """Committer date of the last one."""
    changes: Mapping[str, Mapping[str, Entry]]
    """Path to commit to what that commit put there."""
    _entries: dict[str, Mapping[str, Entry]] = field(default_factory=dict, repr=False, compare=False)

    def entries(self, path: str) -> Mapping[str, Entry] | None:
        """What stood at ``path`` at each of the moments where there was anything; ``None`` for a path not watched."""
        if not self.watches(path) or _PLAIN.fullmatch(path) is None:
            return None
        if path not in self._entries:
            self._entries[path] = dict(self._carried(self.changes.get(path, {})))
        return self._entries[path]

    def watches(self, path: str) -> bool:
        """Whether changes of ``path`` were listed: with a directory, all that lies in it is."""
        while path and path not in self.paths:
            path = path.rpartition("/")[0]
        return bool(path)

    def _carried(self, changes: Mapping[str, Entry]) -> Iterator[tuple[str, Entry]]:
        now = Entry("", "")
        for moment in self.moments:
            now = changes.get(moment.commit, now)
            if now.sha:
                yield moment.commit, now


_WALKS: Final[dict[tuple[Path, str], Walk]] = {}
"""The last walk from a commit, whose ancestors never change: in a long history each takes tenths of a second."""


def walk(repository: Repository, head: str, paths: Iterable[str]) -> Walk:
    """The walk to ``head`` that watches the paths; others may be watched, too."""
    wanted = frozenset(filter(None, paths)) | {GITMODULES}
    known = _WALKS.get((repository.git_dir, head))
    if known is None:
        known = _WALKS[repository.git_dir, head] = _walked(repository, head, wanted, "--sparse")
    elif not all(map(known.watches, wanted)):
        again = _walked(repository, head, wanted | known.paths)
        known = _WALKS[repository.git_dir, head] = replace(again, count=known.count, latest=known.latest)
    return known


def _walked(repository: Repository, head: str, paths: frozenset[str], *more: str) -> Walk:
    words = ("--first-parent", "--diff-merges=first-parent", "--reverse", "--no-renames", "--raw", "--no-abbrev")
    hidden = "--ignore-submodules=none"  # .gitmodules may say `ignore = all`, and then git hides their moves
    output = repository.run(
        "log", *words, hidden, *more, "--format=%H%x00%ct%x00%s", head, "--", *sorted(paths)
    ).decode("utf-8", "replace")
    moments: list[Moment] = []
    changes: dict[str, dict[str, Entry]] = {}
    commit, when, title, count = "", "0", "", 0
    for line in output.split("\n"):
        if line.startswith(":"):
            meta, _, path = line.partition("\t")
            _, mode, _, sha, status = meta.split(" ")
            if not moments or moments[-1].commit != commit:
                moments.append(Moment(commit=commit, when=int(when), title=title))
            changes.setdefault(path, {})[commit] = Entry(mode, "" if status == "D" else sha)
        elif line:
            commit, when, title = line.split("\0", 2)
            count += 1
    return Walk(paths=paths, moments=tuple(moments), count=count, latest=int(when), changes=changes)


def modules_ever(repository: Repository, head: str, paths: Iterable[str] = ()) -> tuple[Submodule, ...]:
    """Every submodule that the first-parent history of ``head`` has had, the newest first.

    ``paths``: what else is going to be looked for in that history, so that it need not be walked again for them.
    """
    walked = _WALKS.get((repository.git_dir, head)) or walk(repository, head, paths)
    versions = walked.changes.get(GITMODULES, {})
    modules: dict[str, Submodule] = {}
    blobs = [entry.sha for entry in reversed(list(versions.values())) if entry.sha]
    for version in read_once(repository, blobs, modules_in):
        for module in version:
            modules.setdefault(module.path, module)
    return tuple(modules.values())
