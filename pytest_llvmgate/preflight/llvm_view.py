"""An LLVM to check against, as preflight needs it: an install, a source directory, or a commit in a clone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pytest_llvmgate.errors import RevisionError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import resolve
from pytest_llvmgate.llvm.prefix import ToolchainPrefix, package_variables, read_prefix
from pytest_llvmgate.preflight.build_facts import ToolchainFacts, read_toolchain
from pytest_llvmgate.surface.file_tree import DirectoryTree, GitTree
from pytest_llvmgate.surface.provided import Provided, index_install, index_source
from pytest_llvmgate.surface.successors import git_renames


@dataclass(frozen=True, kw_only=True)
class KnownLlvm:
    """What is known of one LLVM."""

    provided: Provided
    facts: ToolchainFacts | None = None
    """Settings; only an install has them."""
    tblgen: Path | None = None
    """mlir-tblgen, where it is installed."""
    include_dirs: tuple[Path, ...] = ()
    commit: str = ""
    """Full SHA, where it was read from a clone."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What its CMake packages set; only an install has them."""


def known_from_prefix(prefix: ToolchainPrefix) -> KnownLlvm:
    """What an install offers."""
    name = f"LLVM {prefix.version}".strip()
    tblgen = next((path for root in prefix.roots if (path := root / "bin/mlir-tblgen").is_file()), None)
    return KnownLlvm(
        provided=index_install([each for each in (prefix.llvm_dir, prefix.mlir_dir) if each], label=name),
        facts=read_toolchain(prefix.llvm_dir, label=name),
        tblgen=tblgen,
        include_dirs=tuple(root / "include" for root in prefix.roots),
        variables=_variables(prefix),
    )


def _variables(prefix: ToolchainPrefix) -> Mapping[str, str]:
    of_mlir = package_variables(prefix.mlir_dir / "MLIRConfig.cmake") if prefix.mlir_dir else {}
    return {**package_variables(prefix.llvm_dir / "LLVMConfig.cmake"), **of_mlir}


def known_from_commit(repository: Repository, commit: str, *, tree: str = "") -> KnownLlvm:
    """What a commit of llvm-project offers once it is built; nothing is checked out. ``commit`` is a full SHA.

    ``tree`` is looked at instead where the commit is built with patches. Raises :class:`RepositoryError` where git
    lacks contents.
    """
    provided = index_source(GitTree(repository, tree or commit))
    return KnownLlvm(provided=replace(provided, label=f"LLVM {commit[:12]}"), commit=commit)


def find_llvm(text: str, clone: Path | None) -> KnownLlvm:
    """The LLVM that a user names: a directory (an install, or llvm-project's source), or a commit of ``clone``.

    Raises :class:`RevisionError` for text that is neither, and what the readers of installs and clones raise.
    """
    directory = Path(text)
    if directory.is_dir():
        if (directory / "llvm" / "CMakeLists.txt").is_file():
            return KnownLlvm(provided=index_source(DirectoryTree(directory)))
        return known_from_prefix(read_prefix(directory.resolve()))
    if clone is None:
        raise RevisionError(
            f"{text!r} is no directory, and there is no clone of llvm-project to look for a commit in",
            hint="give an install prefix, or a commit together with --llvm-repository",
        )
    repository = Repository.open(clone, bare=True)
    return known_from_commit(repository, resolve(repository, text))


def renames_between(clone: Path | None, baseline: KnownLlvm | None, candidate: KnownLlvm) -> Mapping[str, str]:
    """Headers that git saw renamed, where both LLVMs are commits of ``clone``; empty otherwise."""
    if clone is None or baseline is None or not baseline.commit or not candidate.commit:
        return {}
    return git_renames(Repository.open(clone, bare=True), baseline.commit, candidate.commit)
