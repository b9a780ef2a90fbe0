"""The tree that is built where components carry patches: a copy of the checkout, below the run directory.

The checkout itself is never touched. The copy is a repository of its own with the same objects, so that what a build
asks git has the same answers; LLVM, where it is a submodule, is linked. Files keep their times, and a patched file that
comes out as before is as old as before: what has not changed is not built again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_llvmgate.codec import dumps
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.gate.seal import read_sealed, write_sealed
from pytest_llvmgate.git import process
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.model import CARRY_GROUP
from pytest_llvmgate.plain_file import read_plain

if TYPE_CHECKING:
    from pytest_llvmgate.carry.carried import Patch

# What patches take is imported where there are some: most projects carry none.

_TREE: Final = "tree"
_STATE: Final = "tree.json"


@dataclass(frozen=True, kw_only=True)
class CarriedTree:
    """What is built in place of the checkout."""

    root: Path
    """Stands for the downstream's root."""
    digest: str
    """Of the patches; empty without any."""


def carried_tree(config: Config, workspace: Workspace, source_state: str) -> CarriedTree:
    """The tree to build: the checkout itself where no component carries a patch.

    ``source_state`` is the digest of the checkout. Raises :class:`SupplyError` where a patch cannot be applied.
    """
    if not any(carry.component for carry in config.carries):
        return CarriedTree(root=config.root, digest="")
    from pytest_llvmgate.carry.carried import component_carries, component_commit, read_carry

    carries = component_carries(config)
    commits = {path: component_commit(config, path) for path in dict.fromkeys(carry.component for carry in carries)}
    patches = [
        (carry.component, patch)
        for carry in carries
        for patch in read_carry(config, carry, commits[carry.component][1])
    ]
    digest = hashlib.sha256("\n".join(f"{on} {patch.digest}" for on, patch in patches).encode()).hexdigest()
    repository = Repository.open(config.root)
    directory = workspace.group(CARRY_GROUP)
    below = repository.relative(config.root)
    made = dumps({"source_state": source_state, "digest": digest})
    with workspace.exclusive(CARRY_GROUP):
        if read_sealed(config.root, directory / _STATE) != made or not (directory / _TREE).is_dir():
            (directory / _STATE).unlink(missing_ok=True)
            _make(config, repository, directory, patches, commits)
            write_sealed(config.root, directory / _STATE, made)
    return CarriedTree(root=directory / _TREE / below, digest=digest)


def _make(
    config: Config,
    repository: Repository,
    directory: Path,
    patches: Sequence[tuple[str, Patch]],
    commits: Mapping[str, tuple[Repository, str]],
) -> None:
    from pytest_llvmgate.carry.applying import check_target
    from pytest_llvmgate.git.tree_copy import copy_tree

    new, old = directory / f"{_TREE}.new", directory / _TREE
    shutil.rmtree(new, ignore_errors=True)
    llvm = {repository.relative(config.root / pin.file) for pin in config.pins if pin.is_direct and pin.file}
    copy_tree(repository, new, without=llvm, with_git=True)
    for path in llvm & repository.index_gitlinks().keys():
        (new / path).rmdir()
        (new / path).symlink_to(repository.work_tree / path)
    below = repository.relative(config.root)
    for component, patch in patches:
        checkout, commit = commits[component]
        check_target(patch, checkout, commit)
        _apply(patch, new / below / component, f"{component} {commit[:12]}")
    for each in {Path(below, component, path) for component, patch in patches for path in patch.files}:
        _keep_time(old / each, new / each)
    shutil.rmtree(old, ignore_errors=True)
    new.rename(old)


def _apply(patch: Patch, directory: Path, target: str) -> None:
    from pytest_llvmgate.carry.applying import apply_patch

    for path in patch.files:
        if any(parent.is_symlink() for parent in (directory / path).parents if parent.is_relative_to(directory)):
            raise SupplyError(f"expected a change of files, found that {path} lies behind a link", where=patch.name)
    apply_patch(patch, process.at(directory), target)


def _keep_time(old: Path, new: Path) -> None:
    """A patched file that comes out as before is as old as before."""
    try:
        if read_plain(old) == read_plain(new):
            os.utime(new, ns=(old.stat().st_atime_ns, old.stat().st_mtime_ns))
    except OSError:  # it was not there, or is not there now
        pass
