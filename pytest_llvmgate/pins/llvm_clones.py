"""The clones of llvm-project at hand: the one that the configuration names, and submodules of it."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.config.user_paths import user_path
from pytest_llvmgate.errors import GateError, RepositoryError
from pytest_llvmgate.git.remotes import default_branch
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.upstream.llvm_clone import Clone, Upstream, open_clone


def find_upstream(config: Config, readings: Iterable[PinReading] = ()) -> Upstream:
    """The clones at hand: the one that ``[llvm] repository`` names, then submodules of llvm-project.

    Raises ``RepositoryError`` where the configuration names something that is no repository, and ``RevisionError``
    where its main branch is not there.
    """
    clones: list[Clone] = []
    if config.llvm.repository:
        path = user_path(config.llvm.repository, root=config.root, key="llvm.repository").resolve()
        if not path.is_dir():
            raise RepositoryError(
                f"expected a clone of llvm-project at {path}, found what is not a directory",
                where=f"{config.path}: [llvm] repository",
                hint="clone llvm-project there, or name the clone that you have",
            )
        clones.append(open_clone(Repository.open(path, bare=True), config.llvm.main))
    return Upstream(clones=(*clones, *_submodule_clones(config, readings)))


def _submodule_clones(config: Config, readings: Iterable[PinReading]) -> list[Clone]:
    gitlinks = [reading for reading in readings if reading.location.line is None and not reading.hops and reading.sha]
    if not gitlinks:
        return []
    repository = Repository.open(config.root)
    modules = repository.submodules()
    clones = []
    for reading in gitlinks:
        path = repository.relative(config.root / reading.location.path)
        stores = repository.submodule_stores(path, modules)
        clones += [open_clone(store, "") for store in stores[:1] if not store.is_shallow and default_branch(store)]
    return clones


def find_upstream_quietly(config: Config, readings: Iterable[PinReading] = ()) -> tuple[Upstream, str]:
    """:func:`find_upstream`, or no clones and the reason why."""
    try:
        return find_upstream(config, readings), ""
    except GateError as error:
        return Upstream(clones=()), error.problems[0].message
