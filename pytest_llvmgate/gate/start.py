"""Opening a session: everything that can be known to be wrong is said before the first stage."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.load import find_config, load_config
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import ConfigError, GateError
from pytest_llvmgate.gate.run_directory import DIRECTORY_NAME
from pytest_llvmgate.gate.session import Session
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.target_branch import branch_point
from pytest_llvmgate.git.worktree import source_state
from pytest_llvmgate.llvm.revision import PINNED, resolve_revision
from pytest_llvmgate.llvm.suppliers import knows_whose
from pytest_llvmgate.model import Revision
from pytest_llvmgate.pins.check import pinned
from pytest_llvmgate.pins.compare import Reference
from pytest_llvmgate.pins.read import check_specs, read_pins

_WHOSE: Final = (
    "the baseline was not built: an install that records no revision is the candidate's alone, "
    "unless llvm.prefix has {sha}, {short} or {tag}"
)


def open_config(start: Path, asked: str | Path | None = None) -> Config:
    """Find and load the configuration: ``asked`` if given, else the one of ``start`` or above.

    Raises :class:`GateError` where there is none, :class:`ConfigError` for what it says.
    """
    path = (start / asked) if asked else find_config(start)
    if path is None:
        raise GateError(
            "there is no llvmgate.toml and no [tool.llvmgate] in a pyproject.toml",
            where=str(start),
            hint="'llvmgate init' writes a first one; --config PATH (of pytest: --llvm-config) names another",
        )
    config = load_config(path.absolute())
    if problems := check_specs(config):
        raise ConfigError(tuple(problems))
    return config


def open_session(
    config: Config,
    *,
    llvm_sha: str,
    baseline: str | None = None,
    verdicts: str | None = None,
    reference: Reference = "candidate",
    rerun: bool = False,
    processes: int = 1,
    outputs: Sequence[str] = (),
) -> Session:
    """Resolve the candidate and the baseline and take stock of the working tree.

    ``verdicts`` names a store, or a file, with what the target branch's own run has said of the baseline;
    ``outputs`` names files that the session itself writes, relative to the working tree's top: they are no source.
    Raises a :class:`GateError` for a SHA that is none, for pins that do not tell one candidate, and for a directory
    that is no git work tree.
    """
    if not config.pins and not config.configurations:
        raise GateError(
            "nothing to gate: the configuration has no [[pin]] and no build",
            where=str(config.path),
            hint="add a [[pin]], and [build] or [axes.NAME] for what has to build; 'llvmgate init' writes both",
        )
    repository = Repository.open(config.root)
    _ = repository.work_tree  # a bare repository has nothing to build
    candidate = resolve_candidate(llvm_sha, config)
    before = resolve_revision(baseline, config) if baseline else _target_branch_pin(config, repository)
    known = None
    if verdicts and (before is None or before.sha != candidate.sha):
        from pytest_llvmgate.gate.baseline_verdict import known_of_baseline

        known = known_of_baseline(verdicts, before, config, repository)
    asked = bool(baseline) and not (known and known.is_known)
    return Session(
        config=config.path,
        candidate=candidate,
        downstream=repository.describe(),
        source_state=source_state(repository, exclude=(DIRECTORY_NAME, ".pytest_cache", *outputs)),
        baseline=before,
        runs_baseline=asked and knows_whose(config),
        at_baseline=known.results if known else (),
        notes=(*((known.note,) if known else ()), *((_WHOSE,) if asked and not knows_whose(config) else ())),
        reference=reference,
        rerun=rerun,
        processes=processes,
    )


def resolve_candidate(text: str, config: Config) -> Revision:
    """The candidate that ``text`` names; ``pinned`` means what the tree's direct pins say."""
    if text.strip() == PINNED:
        return resolve_revision(pinned(read_pins(config)), config)
    return resolve_revision(text, config)


def _target_branch_pin(config: Config, repository: Repository) -> Revision | None:
    """What the target branch is pinned to where this branch left it; None where that cannot be told."""
    if base := branch_point(repository):
        with suppress(GateError):  # the pin may not have been there yet, or be unreadable: no baseline then
            return resolve_revision(pinned(read_pins(config, commit=base)), config)
    return None
