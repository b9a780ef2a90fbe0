"""A project's sources held against commits in a clone of llvm-project: nothing is checked out, and nothing built."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.owners.by_tree import Layers, find_layers
from pytest_llvmgate.preflight.gone_names import PreflightResult, run_preflight
from pytest_llvmgate.preflight.llvm_view import KnownLlvm, known_from_commit
from pytest_llvmgate.preflight.usage import Usage, scan
from pytest_llvmgate.surface.file_tree import DirectoryTree


@dataclass(frozen=True)
class PreflightAtCommits:
    """What preflight says of commits, one after the other, with ``baseline`` (a full SHA) as what was there before."""

    config: Config
    llvm: Repository
    baseline: str

    @cached_property
    def usage(self) -> Usage:
        """What the project uses of LLVM."""
        return scan(DirectoryTree(self.config.root), skip=self._layers.llvms)

    def result(self, commit: str) -> PreflightResult:
        """Of one commit, a full SHA. Raises ``RepositoryError`` where git lacks contents of it or of the baseline."""
        return run_preflight(
            DirectoryTree(self.config.root),
            candidate=known_from_commit(self.llvm, commit),
            baseline=self._before,
            layers=self._layers,
            usage=self.usage,
            wanted={each.name: each.values for each in self.config.configurations},
            top=self.config.top,
        )

    @cached_property
    def _before(self) -> KnownLlvm:
        return known_from_commit(self.llvm, self.baseline)

    @cached_property
    def _layers(self) -> Layers:
        return find_layers(self.config.root, self.config.components)
