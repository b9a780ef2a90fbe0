"""What is to be mended: a build directory that the user names, or those that the gate's last session left red."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_llvmgate.cmake.cache_entries import cache_if_any, read_cache
from pytest_llvmgate.config.load import find_config, load_config
from pytest_llvmgate.config.settings import Config, sibling_paths
from pytest_llvmgate.errors import GateError, SupplyError
from pytest_llvmgate.findings import DiagnosisContext
from pytest_llvmgate.fix.fixing import FixRequest
from pytest_llvmgate.fix.red_builds import RedRun, of_log
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.llvm.revision import clone_path
from pytest_llvmgate.llvm.suppliers import at_hand
from pytest_llvmgate.model import CARRY_GROUP, RUN_DIRECTORY
from pytest_llvmgate.stages.build_tools import build_environment, find_tools


def request_of_build(build: Path, source: Path | None, log: Path | None) -> FixRequest:
    """What a build directory and a log say. Raises ``GateError`` where they do not."""
    build = build.resolve()
    home = cache_if_any(build).get("CMAKE_HOME_DIRECTORY")
    if source is None and home is None:
        raise GateError("no CMake says here where the sources are", where=str(build), hint="name them with --source")
    checkout = (source or Path(home.value if home else "")).resolve()
    if not checkout.is_dir():
        raise GateError("expected a directory, found none", where=str(checkout), hint="name the checkout with --source")
    path = find_config(checkout)
    request = _of(build, checkout, load_config(path) if path is not None else None)
    if log is None:
        return request
    context = DiagnosisContext(source=checkout, build=build, prefixes=request.prefixes)
    return replace(request, suspects=of_log(log, context))


def requests_of_run(run: RedRun, config: Config) -> list[FixRequest]:
    """One for each red configuration, with everything that the gate knew."""
    verdict, baseline = run.verdict, run.verdict.baseline
    clone = clone_path(config) if config.llvm.repository else None
    has_history = clone is not None and clone.is_dir() and baseline is not None
    return [
        replace(
            _of(red.build, _built_tree(red.build, config.root), config),
            configuration=red.configuration,
            suspects=red.suspects,
            baseline_prefixes=_baseline(config, run, red.flavour),
            clone=clone if has_history else None,
            baseline=baseline.sha if baseline is not None and has_history else "",
            candidate=verdict.candidate.sha if has_history else "",
        )
        for red in run.builds
    ]


def _built_tree(build: Path, root: Path) -> Path:
    """Where components carry patches, the gate builds a copy of the checkout."""
    source = Path(read_cache(build)["CMAKE_HOME_DIRECTORY"].value)
    inside = source.relative_to(root).parts if source.is_relative_to(root) else ()
    return root.joinpath(*inside[:4]) if inside[:1] == (RUN_DIRECTORY,) and inside[2:3] == (CARRY_GROUP,) else root


def _of(build: Path, source: Path, config: Config | None) -> FixRequest:
    cache = cache_if_any(build)
    packages = [Path(cache[name].value) for name in ("LLVM_DIR", "MLIR_DIR") if name in cache]
    top = Repository.open(source).work_tree  # the project may be one of several in a repository
    below = source.relative_to(top) if source.is_relative_to(top) else Path()
    return FixRequest(
        source=top,
        build=build,
        prefixes=tuple(dict.fromkeys(path.parents[2] for path in packages if path.is_dir())),
        siblings=sibling_paths(config) if config else (),
        components=tuple((pin.name, str(below / pin.component)) for pin in config.pins if pin.component)
        if config
        else (),
    )


def _baseline(config: Config, run: RedRun, flavour: str) -> tuple[Path, ...]:
    """The baseline's install, where one is at hand: with it, what LLVM changed is known, and not only what fails."""
    baseline = run.verdict.baseline
    if baseline is None or baseline.sha == run.verdict.candidate.sha:
        return ()
    environment = build_environment({})
    try:
        prefix = at_hand(config, baseline, flavour, lambda: find_tools(environment).toolchain(environment))
    except (SupplyError, GateError):
        return ()
    return prefix.roots if prefix is not None else ()


def with_options(
    request: FixRequest,
    *,
    llvm: Sequence[Path],
    baseline_llvm: Sequence[Path],
    siblings: Collection[Path],
    history: tuple[Path, str, str] | None,
    jobs: int,
) -> FixRequest:
    """The request with what the user says besides; that counts before what was found."""
    clone, baseline, candidate = history or (request.clone, request.baseline, request.candidate)
    return replace(
        request,
        prefixes=tuple(dict.fromkeys(path.absolute() for path in llvm)) or request.prefixes,
        baseline_prefixes=tuple(path.absolute() for path in baseline_llvm) or request.baseline_prefixes,
        siblings=(*request.siblings, *(path.resolve() for path in siblings)),
        clone=clone,
        baseline=baseline,
        candidate=candidate,
        jobs=jobs,
    )
