"""The patches that a configuration carries: files below its root, or the commits of a fork."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from pytest_llvmgate.carry.patch_files import LARGEST, FileChange, file_changes
from pytest_llvmgate.config.settings import CarrySpec, Config
from pytest_llvmgate.errors import GateError, SupplyError
from pytest_llvmgate.git.remotes import is_ancestor
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import resolve
from pytest_llvmgate.pins.check import pinned
from pytest_llvmgate.pins.llvm_clones import find_upstream
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.plain_file import read_plain
from pytest_llvmgate.printable import shell_word
from pytest_llvmgate.upstream.first_parent import Commit, read_log

_MOST_COMMITS: Final = 200
"""Of a fork; one with more is another project."""
_SUBJECT: Final = re.compile(r"^Subject:[ \t]*([^\n]{0,1000}(?:\n[ \t][^\n]{0,1000}){0,8})", re.MULTILINE)
_TAG: Final = re.compile(r"\s*\[[^\]\[]{0,60}\]\s*")
_MESSAGE_END: Final = re.compile(r"^(?:---|diff --git .*)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A carried patch."""

    name: str
    """As the configuration names the file; for a fork's commit, its short SHA and title."""
    content: bytes
    title: str = ""
    """Of the commit that it is made from; empty where nothing says."""
    message: str = ""
    """The rest of that commit's message."""
    commit: str = ""
    """Full SHA of the fork's commit; empty for a file."""

    @property
    def digest(self) -> str:
        """Of the content: a patch that was renamed is the same patch."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def changes(self) -> tuple[FileChange, ...]:
        """What it changes. Raises :class:`BadPatchError <pytest_llvmgate.carry.patch_files.BadPatchError>`."""
        return file_changes(self.content, self.name)

    @property
    def files(self) -> tuple[str, ...]:
        """The files that it changes. Raises as :attr:`changes` does."""
        return tuple(dict.fromkeys(path for change in self.changes for path in change.paths))


@dataclass(frozen=True, kw_only=True)
class Fork:
    """Where the patches of a fork come from."""

    repository: Repository
    base: str
    """Full SHA: where the pinned commit left upstream's branch."""
    tip: str
    """Full SHA of the pinned commit."""
    branch: str
    """Full SHA of upstream's branch."""


def llvm_patches(config: Config, sha: str) -> tuple[Patch, ...]:
    """The patches of LLVM, as the commit ``sha`` is to have them: every carry that names no component.

    Raises :class:`SupplyError` when one cannot be read.
    """
    return tuple(patch for carry in config.carries if not carry.component for patch in read_carry(config, carry, sha))


def component_carries(config: Config) -> tuple[CarrySpec, ...]:
    """The carries of components."""
    return tuple(carry for carry in config.carries if carry.component)


def read_carry(config: Config, carry: CarrySpec, sha: str = "") -> tuple[Patch, ...]:
    """The patches of one carry. A fork's are those that ``sha``, the commit that they go on, does not have yet.

    Raises :class:`SupplyError` with the place and what to do.
    """
    if carry.patches:
        return tuple(_from_file(config.root, name, config.where(carry.line)) for name in carry.patches)
    return _from_fork(_find_fork(config, carry), sha)


def _from_file(root: Path, name: str, where: str) -> Patch:
    try:
        content = read_plain(root / name, LARGEST)
    except OSError as error:
        why = error.strerror or error
        raise SupplyError(f"expected a patch at {name}, it cannot be read: {why}", where=where) from error
    title, message = _told(content)
    if content and not content.endswith(b"\n"):
        content += b"\n"  # which an editor has taken, and git asks for
    return Patch(name=name, content=content, title=title, message=message)


def _told(content: bytes) -> tuple[str, str]:
    """Title and message of a patch that git wrote as a mail (git-format-patch(1)); empty where it is a bare diff."""
    text = content[:65536].decode("utf-8", "replace").replace("\r\n", "\n")
    head = text[: end.start()] if (end := _MESSAGE_END.search(text)) else text
    subject = _SUBJECT.search(head)
    if subject is None:
        return "", ""
    title = " ".join(subject[1].split())
    while (tag := _TAG.match(title)) and tag[0].strip().upper().startswith("[PATCH"):
        title = title[tag.end() :]
    return title, head[subject.end() :].partition("\n\n")[2].strip()


# -- forks ------------------------------------------------------------------------------------------------------------


def _find_fork(config: Config, carry: CarrySpec) -> Fork:
    """Where a fork's patches come from. Raises :class:`SupplyError`."""
    where = config.where(carry.line)
    try:
        repository, tip = component_commit(config, carry.component) if carry.component else _llvm_pin(config)
        branch = resolve(repository, carry.fork)
        base = repository.merge_base(tip, branch)
    except GateError as error:
        problem = error.problems[0]
        raise SupplyError(f"carry {carry.name}: {problem.message}", where=where, hint=problem.hint) from error
    if not base:
        shallow = ", as the clone is shallow" if repository.is_shallow else ""
        raise SupplyError(
            f"carry {carry.name}: {tip[:12]} and {carry.fork} have no common commit{shallow}",
            where=where,
            hint=f"git -C {shell_word(repository.display)} fetch --unshallow"
            if shallow
            else "name in 'fork' the branch of upstream's that the fork was made from",
        )
    return Fork(repository=repository, base=base, tip=tip, branch=branch)


def component_commit(config: Config, path: str) -> tuple[Repository, str]:
    """The repository of a component and the commit that is built of it. Raises ``GateError``."""
    directory = config.root / path
    if not directory.is_dir() or not (directory / ".git").exists():
        there = "no checkout" if directory.is_dir() else "nothing"
        raise SupplyError(
            f"expected the checkout of a component at {path}, found {there}",
            hint=f"git submodule update --init {shell_word(path)}; the project's own files are changed, not carried",
        )
    repository = Repository.open(directory)
    head = repository.head()
    if not head:
        raise SupplyError(f"expected a commit in {path}, found a repository without any", hint="commit something there")
    return repository, head


def _llvm_pin(config: Config) -> tuple[Repository, str]:
    readings = read_pins(config)
    tip = pinned(readings)
    return find_upstream(config, readings).holder_of(tip).repository, tip


def is_own(config: Config, carry: CarrySpec, sha: str) -> bool:
    """Whether the commit ``sha`` is the fork's own, which has what it carries. Raises :class:`SupplyError`."""
    return bool(carry.fork and sha) and _is_own(_find_fork(config, carry), sha)


def _is_own(fork: Fork, sha: str) -> bool:
    return fork.repository.has_commit(sha) and not is_ancestor(fork.repository, sha, fork.branch)


def _from_fork(fork: Fork, sha: str) -> tuple[Patch, ...]:
    repository = fork.repository
    if sha and _is_own(fork, sha):
        return ()
    merges = repository.run("rev-list", "--merges", "--max-count=1", f"{fork.base}..{fork.tip}").split()
    if merges:
        return _whole(fork)
    commits = [*read_log(repository, "--reverse", f"--max-count={_MOST_COMMITS + 1}", f"{fork.base}..{fork.tip}")]
    if len(commits) > _MOST_COMMITS:
        raise SupplyError(
            f"expected at most {_MOST_COMMITS} commits on top of {fork.base[:12]}, found more",
            hint="name in 'fork' the branch of upstream's that the fork was made from",
        )
    found = (_of_commit(repository, Commit(**known), message) for known, message in commits)
    return tuple(patch for patch in found if patch.content)  # an empty commit changes nothing


def _whole(fork: Fork) -> tuple[Patch, ...]:
    """All that a fork has, as one patch: where it was merged, single commits say too little."""
    diff = _diff(fork.repository, fork.base, fork.tip)
    name = f"{fork.base[:12]}..{fork.tip[:12]}"
    return (Patch(name=name, content=diff, commit=fork.tip),) if diff else ()


def _of_commit(repository: Repository, commit: Commit, message: str) -> Patch:
    diff, name = _diff(repository, f"{commit.sha}^", commit.sha), f"{commit.short} {commit.title}"
    return Patch(name=name, content=diff, title=commit.title, message=message.strip(), commit=commit.sha)


def _diff(repository: Repository, old: str, new: str) -> bytes:
    form = ("--full-index", "--no-renames", "--binary", "--no-ext-diff", "--no-textconv")
    return repository.run("diff", *form, old, new, "--")
