"""The cheap stages together: what each commit touches and what points at it, as weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_llvmgate.bisect.dependencies import Dependencies, find_dependencies
from pytest_llvmgate.bisect.hints import find_hints
from pytest_llvmgate.bisect.overlay import find_overlay_hints
from pytest_llvmgate.bisect.probing import LLVM_STAGE
from pytest_llvmgate.bisect.supplied import this_toolchain
from pytest_llvmgate.bisect.weights import Hint, Weighing, combine, shares_of, uniform
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.run_directory import Workspace
from pytest_llvmgate.llvm.revision import resolve_revision
from pytest_llvmgate.llvm.suppliers import at_hand
from pytest_llvmgate.model import Finding
from pytest_llvmgate.upstream.first_parent import History


def weigh(config: Config, history: History, finding: Finding | None, node: str) -> Weighing:
    """The weights of a history's commits for a finding, or for any failure.

    ``node`` is where the bad end shows it, as ``group::stage``; empty for anywhere.
    """
    group, _, stage = node.partition("::")
    kind = finding.kind if finding else ""
    try:
        depends = Dependencies() if group in {"", LLVM_STAGE} else _depends_on(config, history, group)
        shares, matter = shares_of(history.touched, depends.rate(LLVM_STAGE if group == LLVM_STAGE else stage, kind))
        hints = _hints(config, history, finding, node) if finding else ()
    except GateError as error:  # no tools, a clone without all objects: the search goes on without these hints
        without = f"without the cheap stages: {error.problems[0].message}"
        return replace(uniform(history.size), notes=(without,))
    return combine(history.shas, shares, matter, hints)


def _hints(config: Config, history: History, finding: Finding, node: str) -> tuple[Hint, ...]:
    """What points at a commit; a compiler is run for that only where nothing else does."""
    found = find_hints(config, history.repository, history.shas, finding)
    group = node.partition("::")[0]
    if found or group in {"", LLVM_STAGE}:
        return found
    try:
        roots, ninja = _installs(config, history.shas[-1], group), this_toolchain().ninja
    except GateError:
        return ()
    return find_overlay_hints(config, history.repository, history.shas, finding, node, roots=roots, ninja=ninja)


def _depends_on(config: Config, history: History, group: str) -> Dependencies:
    """What the good end's build of a configuration read; nothing known where that build is not there."""
    build = Workspace(config.root, history.good).group(group) / "build"
    roots = _installs(config, history.good, group)
    if not roots or not build.is_dir():
        return Dependencies()
    includes = [root / "include" for root in roots]
    return find_dependencies(build, includes, history.repository, history.good, ninja=this_toolchain().ninja)


def _installs(config: Config, sha: str, group: str) -> tuple[Path, ...]:
    """Where a commit's LLVM and MLIR are installed for a configuration; empty where they are not there."""
    prefix = at_hand(config, resolve_revision(sha, config), config.configuration(group).flavour, this_toolchain)
    return () if prefix is None else prefix.roots
