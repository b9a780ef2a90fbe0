"""Applying carried patches: in a work tree of our own, or to the index of a repository of our own. Never the user's.

A patch whose change is there already is left out; one that neither applies nor is there is an error that says which
hunks are in the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.carry.carried import Patch
from pytest_llvmgate.carry.patch_files import BadPatchError, FileChange
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.git import process
from pytest_llvmgate.git.borrowed_objects import borrow_objects
from pytest_llvmgate.git.commits import tree_of_index
from pytest_llvmgate.git.process import GitFailure
from pytest_llvmgate.git.repository import EntryKind, Repository
from pytest_llvmgate.scratch import scratch_directory

_MOST_HUNKS: Final = 64
"""That are tried one by one, to say which do not apply."""
_APPLY: Final = ("apply", "--whitespace=nowarn")


class PatchError(SupplyError):
    """A carried patch does not apply."""

    def __init__(
        self, message: str, *, patch: str, files: tuple[str, ...], evidence: tuple[str, ...], hint: str, there: int = 0
    ) -> None:
        super().__init__(message, where=patch, hint=hint)
        self.patch = patch
        self.files = files
        self.evidence = evidence
        """The hunks that do not apply, by file and line of the patch, or what git said."""
        self.there = there
        """How many of its hunks are there already, each looked at by itself."""


def apply_patch(patch: Patch, place: Sequence[str], target: str, *, index: bool = False) -> bool:
    """Apply a patch to the work tree of ``place`` (options by which git finds it), or to its index alone.

    ``target`` is what it goes on, in words. False when the change is there already. Raises :class:`PatchError`, and
    :class:`BadPatchError <pytest_llvmgate.carry.patch_files.BadPatchError>` before git sees the patch.
    """
    _ = patch.changes
    where = ("--cached",) if index else ()
    try:
        process.run([*_APPLY, *where, "-"], place=place, stdin=patch.content)
    except GitFailure as error:
        if "corrupt patch" in error.stderr:
            raise BadPatchError(f"git takes it for no patch: {error.problems[0].message}", where=patch.name) from error
        if not applies(patch.content, place, *where, "--reverse"):
            raise _no_longer(patch, place, where, target, error) from error
        return False
    return True


def applies(content: bytes, place: Sequence[str], *options: str) -> bool:
    """Whether git would take it there; with ``--cached --reverse``, whether the index has the change."""
    try:
        process.run([*_APPLY, "--check", *options, "-"], place=place, stdin=content)
    except GitFailure:
        return False
    return True


def _no_longer(
    patch: Patch, place: Sequence[str], where: tuple[str, ...], target: str, error: GitFailure
) -> PatchError:
    files = tuple(dict.fromkeys(re.findall(r"(?m)^error: (?:patch failed: )?([^\s:]+)(?::\d+|: )", error.stderr)))
    said = tuple(line for line in error.stderr.splitlines() if line.startswith("error:"))
    hunks, there = _conflicts(patch, place, where)
    return PatchError(
        f"the carried patch {patch.name} does not apply to {target}",
        patch=patch.name,
        files=files,
        evidence=hunks or said,
        there=there,
        hint=f"rebase {patch.name} onto {target}, or drop it from its [[carry]]",
    )


def _conflicts(patch: Patch, place: Sequence[str], where: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """The hunks that do not apply, each tried by itself, with the lines that they look for; how many are there."""
    every = [(change, number) for change in patch.changes for number in range(len(change.hunks))]
    bad, there = [], 0
    for change, number in every[:_MOST_HUNKS]:
        alone = change.alone(number)
        if applies(alone, place, *where):
            continue
        if applies(alone, place, *where, "--reverse"):
            there += 1
        else:
            bad.append(_described(patch, change, number))
    return tuple(bad), there


def _described(patch: Patch, change: FileChange, number: int) -> str:
    line, lines = change.hunks[number]
    head = lines[0].decode("utf-8", "replace").strip()
    return f"{patch.name}:{line}: hunk {number + 1} of {len(change.hunks)} of {change.path} does not apply: {head}"


@contextmanager
def index_of(repository: Repository, commit: str) -> Iterator[Repository]:
    """A repository of our own, with the commit in its index, that borrows the objects of the one that has it."""
    with scratch_directory("carry") as directory:
        own = Repository.at(directory)
        process.run(["init", "--quiet", "--bare", "--template=", "--", str(directory)])
        borrow_objects(own.git_dir, repository.common_dir)
        own.run("read-tree", commit)
        yield own


@contextmanager
def patched(repository: Repository, commit: str, patches: Sequence[Patch]) -> Iterator[tuple[Repository, str]]:
    """The tree of a commit with patches applied, in a repository of our own. Raises as :func:`apply_patch` does."""
    with index_of(repository, commit) as own:
        for patch in patches:
            check_target(patch, repository, commit)
            apply_patch(patch, own.place, commit[:12], index=True)
        yield own, tree_of_index(own)


def check_target(patch: Patch, repository: Repository, commit: str) -> None:
    """Raise ``BadPatchError`` for a patch of a submodule's files, or of what lies behind a link."""
    names = {name for path in patch.files for name in (path, *map(str, PurePosixPath(path).parents)) if name != "."}
    for path, entry in repository.entries(sorted(names), commit=commit).items():
        if entry.kind is EntryKind.GITLINK:
            raise BadPatchError(
                f"expected a change of files, found that {path} is a submodule",
                where=patch.name,
                hint=f'patch it by a carry of its own: component = ".../{path}"',
            )
        if entry.kind is EntryKind.LINK:
            raise BadPatchError(f"expected a change of files, found that {path} is a symbolic link", where=patch.name)
