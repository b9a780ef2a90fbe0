"""What has become of a carried patch on another commit: whether it applies, and whether upstream still needs it.

Evidence is that the change is in the tree already, that a commit of upstream's makes the same change (git-patch-id(1)),
or that one says that it takes back what the patch takes back, or what made the patch necessary. What a commit says
counts only where nothing later takes that back (:mod:`pytest_llvmgate.upstream.reverts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pytest_llvmgate.carry.applying import PatchError, applies, apply_patch, check_target, index_of
from pytest_llvmgate.carry.carried import Patch
from pytest_llvmgate.config.settings import CarrySpec
from pytest_llvmgate.errors import GateError, SupplyError
from pytest_llvmgate.git.remotes import is_ancestor
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import resolve
from pytest_llvmgate.upstream.first_parent import (
    Commit,
    Follower,
    changed_paths,
    commit_before,
    followers,
    read_commits,
)
from pytest_llvmgate.upstream.patch_ids import patch_id, patch_ids
from pytest_llvmgate.upstream.reverts import bare_title, read_claims
from pytest_llvmgate.wording import counted

_MOST_COMMITS: Final = 3000
"""Of the files that a patch changes: what is compared with it."""
_PICKED: Final = re.compile(r"\(cherry[- ]picked from commit ([0-9a-f]{7,40})\)")


class PatchState(StrEnum):
    """What is to be done about a patch."""

    APPLIES = "applies"
    CONFLICTS = "conflicts"
    UPSTREAM = "upstream"
    """The commit has the change: drop it."""
    CAUSE_REVERTED = "cause-reverted"
    """Upstream took back what made it necessary: drop it."""
    BAD = "bad"
    """It is no patch that may be applied."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A patch on a commit."""

    carry: str
    """The name of its carry."""
    patch: str
    state: PatchState
    applies: bool
    """It can be applied, whether or not it is needed."""
    says: str
    """One sentence."""
    commit: str = ""
    """The commit of upstream's that makes it unnecessary, or that is in the way: full SHA."""
    evidence: tuple[str, ...] = ()
    """The hunks that are in the way."""
    files: tuple[str, ...] = ()
    """Where they are."""
    is_of_fork: bool = False
    """It is a commit, not a file."""
    is_same_change: bool = False
    """The commit of upstream's changes the very same lines."""

    @property
    def is_needed(self) -> bool:
        """Nothing says that it is not."""
        return self.state in {PatchState.APPLIES, PatchState.CONFLICTS, PatchState.BAD}


@dataclass(frozen=True, kw_only=True)
class LaterHistory:
    """What upstream did up to a commit."""

    repository: Repository
    head: str
    """Full SHA."""

    def find(self, sha: str) -> Commit | None:
        """The commit of that SHA, whole or short, where it is in it."""
        try:
            full = resolve(self.repository, sha)
            if is_ancestor(self.repository, full, self.head):
                return next(iter(read_commits(self.repository, [full])), None)
        except GateError:
            pass
        return None

    def last_word(self, commit: Commit) -> Follower | None:
        """What was said last of it: taken back, or brought back."""
        said = [each for each in followers(self.repository, commit, self.head) if each.how != "fixed"]
        return said[-1] if said else None


@dataclass(frozen=True, kw_only=True)
class LlvmOfComponent:
    """LLVM as a component is concerned by it: a patch may be there because of a commit of LLVM's."""

    history: LaterHistory
    """Up to the candidate."""
    of_component: str
    """The LLVM commit that the component says it is on: full SHA; empty where that cannot be told."""


def standings(
    repository: Repository,
    candidate: str,
    carries: Iterable[tuple[CarrySpec, Sequence[Patch]]],
    *,
    since: str = "",
    llvm: LlvmOfComponent | None = None,
) -> tuple[Standing, ...]:
    """Every patch on the commit ``candidate`` (a full SHA of the repository), each on those before it.

    ``since``: full SHA of the commit that the patches are known to be needed on; what came later is searched. ``llvm``:
    where the repository is a component's.
    """
    history = LaterHistory(repository=repository, head=candidate)
    found: list[Standing] = []
    with index_of(repository, candidate) as own:
        for carry, patches in carries:
            for patch in patches:
                search = _Search(history, patch, carry, since, llvm)
                found.append(_standing(search, own))
    return tuple(found)


def _standing(search: _Search, own: Repository) -> Standing:
    patch = search.patch
    try:
        head = search.history.head
        check_target(patch, search.history.repository, head)
        why, was_there = search.why_unneeded(), applies(patch.content, own.place, "--cached", "--reverse")
        if not apply_patch(patch, own.place, head[:12], index=True):
            return why or search.says(PatchState.UPSTREAM, "the commit has the change already")
        if why is not None and (was_there or not why.is_same_change):  # else it has come, and gone again
            return replace(why, applies=True)
        return search.says(PatchState.APPLIES, "applies", applies=True)
    except PatchError as error:
        return why or search.followed() or search.in_the_way(error)
    except SupplyError as error:
        return search.says(PatchState.BAD, str(error.problems[0]))


@dataclass(frozen=True)
class _Search:
    """Looks for what makes a patch unnecessary, in the history up to the candidate."""

    history: LaterHistory
    patch: Patch
    carry: CarrySpec
    since: str
    llvm: LlvmOfComponent | None

    def says(
        self, state: PatchState, text: str, *, applies: bool = False, commit: Commit | Follower | None = None
    ) -> Standing:
        """The answer."""
        return Standing(
            carry=self.carry.name,
            patch=self.patch.name,
            state=state,
            applies=applies,
            says=text,
            commit=commit.sha if commit else "",
            is_of_fork=bool(self.patch.commit),
        )

    def in_the_way(self, error: PatchError) -> Standing:
        changed = self._touching(1)
        by = changed[0] if changed else None
        who = f"; last changed by {by.short} {by.title}" if by else ""
        count = len(error.evidence)
        there = f", {error.there} there already" if error.there else ""
        text = f"does not apply: {counted(count, 'hunk')} in the way{there}{who}"
        return replace(self.says(PatchState.CONFLICTS, text, commit=by), evidence=error.evidence, files=error.files)

    # -- what upstream did --------------------------------------------------------------------------------------------

    def why_unneeded(self) -> Standing | None:
        """What makes it unnecessary; ``None`` where nothing says so."""
        return self._named() or self._of_cause() or self._same_change()

    def _named(self) -> Standing | None:
        """The change of upstream's that it is made from, as the configuration or the message names it."""
        named = [self.carry.upstream, *_PICKED.findall(self.patch.message)]
        for sha in filter(None, named):
            commit = self.history.find(sha)
            if commit and not self._taken_back(commit):
                return self.says(
                    PatchState.UPSTREAM, f"upstream has it since {commit.short} {commit.title}", commit=commit
                )
        return None

    def _of_cause(self) -> Standing | None:
        """Whether upstream took back the commit that made it necessary. A carried revert names that commit itself."""
        cause, history = self._cause
        if cause and (last := self._reverted(cause, history)):
            text = f"upstream took back its cause {cause.short}: {last.sha[:12]} {last.title}"
            return self.says(PatchState.CAUSE_REVERTED, text, commit=last)
        for reference in read_claims(self.patch.title, self.patch.message).undoes:
            undone = self.history.find(reference.sha) if reference.sha else None
            if undone and (last := self._reverted(undone, self.history)):
                text = f"upstream took it back, too: {last.sha[:12]} {last.title}"
                return self.says(PatchState.UPSTREAM, text, commit=last)
        return None

    def followed(self) -> Standing | None:
        """Whether the component is on an LLVM that has the cause: it has come to terms with it in its own way."""
        cause, history = self._cause
        on = self.llvm.of_component if self.llvm else ""
        if cause is None or history is self.history or not (on and is_ancestor(history.repository, cause.sha, on)):
            return None
        text = f"it is on LLVM {on[:12]}, which has the cause {cause.short}, and the patch fits no more"
        return self.says(PatchState.UPSTREAM, text)

    @property
    def _cause(self) -> tuple[Commit | None, LaterHistory]:
        """The commit that the configuration names as the cause: upstream's, or, of a component's patch, LLVM's."""
        for history in (self.history, self.llvm.history) if self.llvm else (self.history,):
            if self.carry.cause and (cause := history.find(self.carry.cause)):
                return cause, history
        return None, self.history

    def _reverted(self, commit: Commit, history: LaterHistory) -> Follower | None:
        last = history.last_word(commit)
        return last if last and last.how == "reverted" else None

    def _same_change(self) -> Standing | None:
        """A commit of upstream's with the same patch-id, or with the same title over the same files."""
        commits = {commit.sha: commit for commit in self._touching(_MOST_COMMITS)}
        if not commits:
            return None
        files = set(self.patch.files)
        changed = changed_paths(self.history.repository, commits)
        alike = [sha for sha, paths in changed.items() if set(paths) == files]
        same, how = commits.get(self._with_patch_id(alike)), "makes the same change"
        is_same_change = same is not None
        if same is None and self.patch.title:
            title = bare_title(self.patch.title)
            same = next((commit for commit in commits.values() if bare_title(commit.title) == title), None)
            how = "has the same title and changes the same files"
        if same is None or same.sha == self.patch.commit or self._taken_back(same):
            return None
        found = self.says(PatchState.UPSTREAM, f"upstream's {same.short} {same.title} {how}", commit=same)
        return replace(found, is_same_change=is_same_change)

    def _with_patch_id(self, commits: Sequence[str]) -> str:
        """The one of the commits whose patch-id is the patch's; empty where none is."""
        repository = self.history.repository
        own = patch_id(repository, b"".join(change.whole for change in self.patch.changes)) if commits else ""
        return patch_ids(repository, commits).get(own, "") if own else ""

    def _touching(self, most: int) -> tuple[Commit, ...]:
        """The commits since the patch was needed that change a file of it, the newest first."""
        files = [path for path in self.patch.files if path]
        repository, head = self.history.repository, self.history.head
        words = ("rev-list", "--no-merges", f"--max-count={most}", f"{self._start()}..{head}", "--", *files)
        return read_commits(repository, repository.run(*words).decode().split())

    def _start(self) -> str:
        """Where the search begins, a fork's where it left upstream: LLVM's whole history has half a million commits."""
        repository, head, commit = self.history.repository, self.history.head, self.patch.commit
        base = self.since or (repository.merge_base(commit, head) if commit else "")
        return base or commit_before(repository, head, _MOST_COMMITS)

    def _taken_back(self, commit: Commit) -> bool:
        last = self.history.last_word(commit)
        is_revert = bool(
            read_claims(commit.title, "").undoes
        )  # whose reland says of what that took back that it is there
        return last is not None and last.how == ("relanded" if is_revert else "reverted")
