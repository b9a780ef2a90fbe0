"""What JUnit files carry besides outcomes: the properties that ``llvmgate report`` and CI dashboards read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pytest_llvmgate.gate.session import Session
from pytest_llvmgate.model import StageResult


def properties(session: Session, result: StageResult) -> list[tuple[str, object]]:
    """The properties of one testcase, besides those that are known at collection."""
    found: dict[str, object] = {
        "candidate": session.candidate.sha,
        "group": result.group,
        "log": result.log,
        "reused": "true" if result.reused else "",
        "edges": f"{result.edges.finished}/{result.edges.total}" if result.edges else "",
    }
    return [(f"llvmgate.{name}", value) for name, value in found.items() if value]


def suite_properties(config: pytest.Config, session: Session, toolchain: Mapping[str, str]) -> None:
    """Add the session's properties to the suite; ``record_testsuite_property`` does nothing under xdist."""
    from _pytest.junitxml import xml_key

    xml: Any = config.stash.get(xml_key, None)
    if xml is None:
        return
    found = {
        "candidate": session.candidate.sha,
        "candidate-name": session.candidate.name,
        "baseline": session.baseline.sha if session.baseline else "",
        "downstream": session.downstream.commit,
        "downstream-dirty": "true" if session.downstream.dirty else "",
        **{f"toolchain.{name}": version for name, version in toolchain.items()},
    }
    for name, value in found.items():
        if value:
            xml.add_global_property(f"llvmgate.{name}", value)
