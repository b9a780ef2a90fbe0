"""The names of JUnit properties: written by the plugin, read by ``llvmgate report`` and by dashboards."""

from __future__ import annotations

from typing import Final

CANDIDATE: Final = "candidate"
CANDIDATE_NAME: Final = "candidate-name"
BASELINE: Final = "baseline"
DOWNSTREAM: Final = "downstream-commit"
DOWNSTREAM_BRANCH: Final = "downstream-branch"
DOWNSTREAM_DIRTY: Final = "downstream-dirty"
TOOLCHAIN: Final = "toolchain."
"""Prefix: ``toolchain.cmake``."""

STAGE: Final = "stage"
GROUP: Final = "group"
CONFIGURATION: Final = "configuration"
FLAVOUR: Final = "flavour"
AXIS: Final = "axis."
"""Prefix: ``axis.linkage``."""
LOG: Final = "log"
REUSED: Final = "reused"
EDGES: Final = "edges"
"""``finished/total/failed`` of the build."""
FACTS: Final = "facts"
"""JSON: what a stage notes, e.g. a pin's SHA, file and line."""
FINDINGS: Final = "findings"
"""JSON: the findings of a failed stage."""


def in_suite(classname: str, name: str) -> str:
    """The prefix of a testcase's properties where the suite has them."""
    return f"{classname}::{name}::"
