"""What JUnit files carry besides outcomes: the properties that ``llvmgate report`` and CI dashboards read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest

from pytest_llvmgate.codec import to_plain
from pytest_llvmgate.gate.session import Session
from pytest_llvmgate.model import StageResult
from pytest_llvmgate.plugin.option_names import JUNIT_PROPERTIES
from pytest_llvmgate.verdict import junit_names as names

_IN_SUITE: Final = "testsuite"
_PLACES: Final = ("testcase", _IN_SUITE)


def properties(session: Session, result: StageResult) -> list[tuple[str, object]]:
    """The properties of one testcase, besides those that are known at collection."""
    found: dict[str, str] = {
        names.CANDIDATE: session.candidate.sha,
        names.GROUP: result.group,
        names.LOG: result.log,
        names.REUSED: "true" if result.reused else "",
        names.EDGES: f"{result.edges.finished}/{result.edges.total}/{result.edges.failed}" if result.edges else "",
        names.FACTS: json.dumps(_short_facts(result)) if _short_facts(result) else "",
        # Lossless, so that merged reports name the same causes; only failures have any.
        names.FINDINGS: json.dumps(to_plain(result.findings), ensure_ascii=False) if result.findings else "",
    }
    return [(name, value) for name, value in found.items() if value]


def _short_facts(result: StageResult) -> dict[str, str]:
    return {name: value for name, value in result.facts.items() if value and "\n" not in value}


def complete(config: pytest.Config, session: Session, order: Sequence[str], toolchain: Mapping[str, str]) -> None:
    """Add the session's properties to the suite and put the testcases in the order of collection.

    ``record_testsuite_property`` does nothing under xdist, and its workers finish in any order: the file should not
    show how many there were. ``order`` lists nodes as ``group::stage``.
    """
    from _pytest.junitxml import xml_key

    xml: Any = config.stash.get(xml_key, None)
    if xml is None:
        return
    found = {
        names.CANDIDATE: session.candidate.sha,
        names.CANDIDATE_NAME: session.candidate.name,
        names.BASELINE: session.baseline.sha if session.baseline else "",
        names.DOWNSTREAM: session.downstream.commit,
        names.DOWNSTREAM_BRANCH: session.downstream.branch,
        names.DOWNSTREAM_DIRTY: "true" if session.downstream.dirty else "",
        **{names.TOOLCHAIN + name: version for name, version in toolchain.items()},
    }
    for name, value in found.items():
        if value:
            xml.add_global_property(name, value)
    position = {node: index for index, node in enumerate(order)}
    reporters = getattr(xml, "node_reporters_ordered", [])  # private to pytest; without it the order is the workers'
    reporters.sort(key=lambda reporter: position.get(_node(reporter.to_xml()), len(position)))
    if config.getini(JUNIT_PROPERTIES) == _IN_SUITE:
        for reporter in reporters:
            _move_to_suite(reporter.to_xml(), xml)


def check_options(config: pytest.Config) -> None:
    """Raise ``pytest.UsageError`` for an unknown place of properties."""
    place = config.getini(JUNIT_PROPERTIES)
    if place not in _PLACES:
        raise pytest.UsageError(
            f"{config.inipath}: {JUNIT_PROPERTIES}: expected {' or '.join(map(repr, _PLACES))}, found {place!r}"
        )


def _move_to_suite(testcase: Any, xml: Any) -> None:
    """Name the testcase's properties in the suite instead.

    The schema of Jenkins' xunit plugin, which refuses what it does not know, has properties in suites only.
    """
    found = testcase.find("properties")
    if found is None or _node(testcase) == "":
        return
    testcase.remove(found)
    prefix = names.in_suite(testcase.get("classname", ""), testcase.get("name", ""))
    for entry in found:
        xml.add_global_property(prefix + entry.get("name"), entry.get("value"))


def _node(testcase: Any) -> str:
    """``group::stage`` of a testcase's XML element; pytest has forgotten the node id by now."""
    group = testcase.find(f"properties/property[@name='{names.GROUP}']")
    return f"{group.get('value')}::{testcase.get('name')}" if group is not None else ""
