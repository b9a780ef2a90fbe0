"""Which LLVMs preflight compares: installs where they are at hand, else commits, read straight from git's objects.

The names that a commit has in git are a superset of those of its install (what was not built, was not installed): so
an installed candidate is never held against a baseline of names from git, which would find things gone that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_llvmgate.carry.applying import patched
from pytest_llvmgate.carry.carried import Patch, llvm_patches
from pytest_llvmgate.config.settings import Config, SupplierKind
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import GateError, SupplyError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.llvm.flavours import options
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.llvm.prefix_cache import Cache
from pytest_llvmgate.llvm.source_tree import Sources, is_url, object_store
from pytest_llvmgate.model import Revision
from pytest_llvmgate.preflight.build_facts import planned_toolchain
from pytest_llvmgate.preflight.llvm_view import KnownLlvm, known_from_commit, known_from_prefix
from pytest_llvmgate.surface.successors import git_renames


@dataclass(frozen=True, kw_only=True)
class ComparisonRequest:
    """What preflight is asked about."""

    config: Config
    root: Path
    """Of the tree that is built."""
    flavour: str
    candidate: Revision
    baseline: Revision | None = None
    candidate_install: ToolchainPrefix | None = None
    """None where it is yet to be built."""
    baseline_install: ToolchainPrefix | None = None
    log: Path
    timeout: float
    """Seconds for fetching what git does not have."""
    on_wait: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Two LLVMs, known in comparable ways."""

    candidate: KnownLlvm
    baseline: KnownLlvm | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    """Headers that git saw renamed."""
    seen_in: str = "install"
    """``install``, or ``git``: how the candidate's names are known."""


def compare(asked: ComparisonRequest) -> Compared:
    """The candidate and the baseline. Raises :class:`GateError` when not even the candidate can be looked at."""
    installed = known_from_prefix(asked.candidate_install) if asked.candidate_install else None
    baseline = known_from_prefix(asked.baseline_install) if asked.baseline_install else None
    if installed and (baseline or asked.baseline is None):
        return Compared(candidate=installed, baseline=baseline)
    address = _address(asked.config)
    try:
        if installed and is_url(address):  # LLVM's sources are not fetched for this alone
            return Compared(candidate=installed)
        return _from_git(asked, installed, baseline)
    except GateError:
        if installed is None:
            raise
        return Compared(candidate=installed)


def _from_git(asked: ComparisonRequest, installed: KnownLlvm | None, baseline: KnownLlvm | None) -> Compared:
    """Names from git's objects; what only an install has (mlir-tblgen, settings) from there, if it is there."""
    patches = llvm_patches(asked.config, asked.candidate.sha) if _is_built_here(asked.config) else ()
    with _repository(asked, asked.candidate) as repository:
        candidate = _known(repository, asked.candidate, patches)
    candidate = replace(installed, provided=candidate.provided, commit=candidate.commit) if installed else candidate
    if candidate.facts is None and _is_built_here(asked.config):
        chosen = options(asked.config.llvm.source, asked.flavour)
        candidate = replace(
            candidate, facts=planned_toolchain(chosen, label=f"LLVM {asked.candidate.short} as planned")
        )
    renames: Mapping[str, str] = {}
    if baseline is None and asked.baseline is not None:
        with suppress(GateError), _repository(asked, asked.baseline) as repository:
            baseline = _known_at_baseline(repository, asked.baseline, patches)
            if repository.has_commit(asked.candidate.sha):
                renames = git_renames(repository, asked.baseline.sha, asked.candidate.sha)
    if installed and baseline is None:
        return Compared(candidate=installed)
    return Compared(candidate=candidate, baseline=baseline, renames=renames, seen_in="git")


def _address(config: Config) -> str:
    """Where LLVM's commits are: a path or, for an LLVM that is built here, perhaps a URL; empty for nowhere."""
    return (config.llvm.source.repository if _is_built_here(config) else "") or config.llvm.repository


def _is_built_here(config: Config) -> bool:
    return config.llvm.supplier is SupplierKind.SOURCE


@contextmanager
def _repository(asked: ComparisonRequest, revision: Revision) -> Iterator[Repository]:
    """A repository that has the commit: for LLVMs that are built here the one that they are built from."""
    address = _address(asked.config)
    if not address:
        raise SupplyError("there is no clone of llvm-project to look into", hint="set llvm.repository to one")
    asked.log.parent.mkdir(parents=True, exist_ok=True)
    sources = Sources(
        address=address,
        root=asked.config.root,
        sha=revision.sha,
        log=asked.log,
        timeout=asked.timeout,
        on_wait=asked.on_wait,
    )
    with object_store(sources, Cache(cache_root())) as objects:
        yield Repository.at(objects.parent)


def _known(repository: Repository, revision: Revision, patches: Sequence[Patch]) -> KnownLlvm:
    if not patches:
        return known_from_commit(repository, revision.sha)
    with patched(repository, revision.sha, patches) as (own, tree):
        return known_from_commit(own, revision.sha, tree=tree)


def _known_at_baseline(repository: Repository, revision: Revision, patches: Sequence[Patch]) -> KnownLlvm:
    """The patches are the candidate's: those that the baseline was built with may have been others."""
    try:
        return _known(repository, revision, patches)
    except SupplyError:
        return _known(repository, revision, ())
