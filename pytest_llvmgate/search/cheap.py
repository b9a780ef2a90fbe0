"""The cheap stages together: what each commit touches and what points at it, as weights."""

from __future__ import annotations

import time
from dataclasses import replace

from pytest_llvmgate.config.schema import Config
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.gate.workspace import Workspace
from pytest_llvmgate.llvm.revision import resolve_revision
from pytest_llvmgate.llvm.suppliers import at_hand
from pytest_llvmgate.model import Finding
from pytest_llvmgate.search.commits import History
from pytest_llvmgate.search.dependencies import Dependencies, find_dependencies
from pytest_llvmgate.search.hints import find_hints
from pytest_llvmgate.search.probe import LLVM_STAGE
from pytest_llvmgate.search.supplied import this_toolchain
from pytest_llvmgate.search.weights import Weighing, combine, shares_of, uniform


def weigh(config: Config, history: History, finding: Finding | None, node: str) -> Weighing:
    """The weights of a history's commits for a finding, or for any failure.

    ``node`` is where the bad end shows it, as ``group::stage``; empty for anywhere.
    """
    started = time.monotonic()
    group, _, stage = node.partition("::")
    kind = finding.kind if finding else ""
    try:
        depends = Dependencies() if group in {"", LLVM_STAGE} else _depends_on(config, history, group)
        shares, matter = shares_of(history.touched, depends.rate(LLVM_STAGE if group == LLVM_STAGE else stage, kind))
        hints = find_hints(config, history.repository, history.shas, finding) if finding else ()
    except GateError as error:  # no tools, a clone without all objects: a help less, and the search goes on
        without = f"without the cheap stages: {error.problems[0].message}"
        return replace(uniform(history.size), notes=(without,), seconds=time.monotonic() - started)
    return replace(combine(history.shas, shares, matter, hints), seconds=time.monotonic() - started)


def _depends_on(config: Config, history: History, group: str) -> Dependencies:
    """What the good end's build of a configuration read; nothing known where that build is not there."""
    build = Workspace(config.root, history.good).group(group) / "build"
    toolchain = this_toolchain()
    flavour = config.configuration(group).flavour
    prefix = at_hand(config, resolve_revision(history.good, config), flavour, lambda: toolchain)
    if prefix is None or not build.is_dir():
        return Dependencies()
    roots = dict.fromkeys((prefix.llvm_root, prefix.mlir_root))
    includes = [root / "include" for root in roots]
    return find_dependencies(build, includes, history.repository, history.good, ninja=toolchain.ninja)
