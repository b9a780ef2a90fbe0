"""The LLVMs that a diagnosis may ask: the candidate's, the baseline's, both, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.surface.entity_fates import SurfaceDifference
from pytest_llvmgate.surface.header_files import CommittedHeaders
from pytest_llvmgate.surface.llvm_surface import Surface, surface_of_commit, surface_of_install
from pytest_llvmgate.surface.provided import Provided, index_install, packages_of
from pytest_llvmgate.surface.successors import Successors, git_renames


@dataclass(frozen=True, kw_only=True)
class KnownLlvms:
    """What can be asked. Everything is read when it is asked for: a log without findings reads nothing."""

    difference: SurfaceDifference = field(default_factory=SurfaceDifference)
    prefixes: tuple[Path, ...] = ()
    """The candidate's installs."""

    @cached_property
    def provided(self) -> Provided:
        """Libraries, targets and CMake commands of the candidate's install."""
        return index_install(packages_of(self.prefixes), ask_tools=False)

    @property
    def targets(self) -> Successors:
        """Successors among libraries and programs."""
        return Successors(new=frozenset(), all=self.provided.libraries | self.provided.programs)

    @property
    def commands(self) -> Successors:
        """Successors among CMake's functions and macros."""
        return Successors(new=frozenset(), all=self.provided.commands)


def known_llvms(context: DiagnosisContext) -> KnownLlvms:
    """The LLVMs of a context: directories that exist, and commits that the clone has."""
    installed = _existing(context.prefixes)
    is_other = set(_existing(context.baseline_prefixes)) != set(installed)  # an LLVM does not differ from itself
    baseline = _of_install(context.baseline_prefixes) if is_other else None
    candidate = _of_install(context.prefixes)
    renames: Mapping[str, str] = {}
    if context.clone is not None and context.baseline_commit != context.candidate_commit:
        baseline = baseline or _of_commit(context.clone, context.baseline_commit)
        candidate = candidate or _of_commit(context.clone, context.candidate_commit)
        renames = _renames(context.clone, context.baseline_commit, context.candidate_commit)
    difference = SurfaceDifference(baseline=baseline, candidate=candidate, renames=renames)
    return KnownLlvms(difference=difference, prefixes=installed)


def _existing(prefixes: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(path for path in prefixes if path.is_dir()))


def _of_install(prefixes: tuple[Path, ...]) -> Surface | None:
    there = _existing(prefixes)
    return surface_of_install(there) if there else None


@lru_cache(maxsize=4)
def _of_commit(clone: Path, commit: str) -> Surface | None:
    try:
        repository = Repository.open(clone, bare=True)
        return surface_of_commit(CommittedHeaders(repository, commit)) if repository.has_commit(commit) else None
    except RepositoryError:
        return None


@lru_cache(maxsize=4)
def _renames(clone: Path, baseline: str, candidate: str) -> Mapping[str, str]:
    try:
        return git_renames(Repository.open(clone, bare=True), baseline, candidate) if baseline and candidate else {}
    except RepositoryError:
        return {}
