"""Tests that failed: a finding per test file whose output differs, one for all that failed without a known reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from pytest_llvmgate.findings import texts
from pytest_llvmgate.findings.case import MOST_EVIDENCE, MOST_LOCATIONS, Case, evidence
from pytest_llvmgate.findings.group_findings import finding_of
from pytest_llvmgate.findings.groups import Group
from pytest_llvmgate.findings.responsibility import LLVMS_TESTS, layer_of, located_of
from pytest_llvmgate.kinds.catalogue import FILECHECK, TESTS_FAILED, kind_of
from pytest_llvmgate.kinds.facts import TEST, TESTS
from pytest_llvmgate.model import Finding, Layer
from pytest_llvmgate.wording import counted

_MOST_DRIFTS: Final = 12
"""Test files that get a finding of their own where FileCheck is not satisfied."""
TEST_KINDS: Final = frozenset({TESTS_FAILED, FILECHECK})


def tests_of(case: Case, groups: Sequence[Group], explained: Iterable[str]) -> list[Finding]:
    """One finding per test file whose output differs; tests that failed for no reason that is known are another."""
    drift = [group for group in groups if group.kind == FILECHECK]
    listed = {group.facts[TEST]: group for group in groups if _is_test(group)}
    found = [finding_of(case, group) for group in groups if group.kind == TESTS_FAILED and not _is_test(group)]
    found += _drifts(case, drift)
    known = {*explained, *(test for group in drift for test in group.tests)}
    left = {name: group for name, group in listed.items() if name not in known}
    if left and (known or not (drift or found)):
        found.append(_failed_tests(case, left))
    return found


def _is_test(group: Group) -> bool:
    return group.kind == TESTS_FAILED and TEST in group.facts


def _drifts(case: Case, groups: Sequence[Group]) -> list[Finding]:
    """A finding for each test file, by its first line that is not met; beyond a screenful, one for all the rest."""
    files: dict[str, list[Group]] = {}
    for group in sorted(groups, key=_check_line):
        files.setdefault(_test_name(case, group), []).append(group)
    names = sorted(files)
    found = [_drift(case, name, files[name]) for name in names[:_MOST_DRIFTS]]
    if rest := [group for name in names[_MOST_DRIFTS:] for group in files[name]]:
        more = _drift(case, FILECHECK, rest)
        count = len(names) - _MOST_DRIFTS
        headline = f"{count} more test file{'s expect' if count > 1 else ' expects'} output that the tools do not print"
        found.append(replace(more, identifier=FILECHECK, headline=headline))
    return found


def _check_line(group: Group) -> tuple[str, int]:
    place = group.first.place
    return ("", 0) if place is None else (place.path, place.line or 0)


def _test_name(case: Case, group: Group) -> str:
    """The test file as lit calls it, which is the same on every machine; else what its path tells."""
    if test := next(iter(group.tests), ""):
        return test.rpartition(" :: ")[2]
    path = case.paths.location(group.first.place)[0].path if group.first.place is not None else ""
    is_absolute = path.startswith("/") or ":" in path
    below = re.split(r"/tests?/", path)
    return path if not is_absolute else below[-1] if below[1:] else path.rpartition("/")[2]


def _drift(case: Case, name: str, groups: Sequence[Group]) -> Finding:
    first = groups[0]
    located = [item for group in groups for item in located_of(case, group)]
    locations = tuple(dict.fromkeys(place for place, _ in located))
    layer, component = layer_of(case, first, located[0][1] if located else None)
    expected = texts.shorten(first.first.code or first.first.message)
    tests = dict.fromkeys(test for group in groups for test in group.tests)
    place = f" ({locations[0]})" if locations else ""
    excludes = "excluded string" in first.first.message
    verb = "expects that the tools do not print this" if excludes else "expects output that the tools do not print"
    return Finding(
        kind=FILECHECK,
        identifier=f"{name}: {expected}",
        headline=f"The test {name} {verb} (any more): {expected}{place}",
        layer=layer,
        component=component,
        locations=locations[:MOST_LOCATIONS],
        evidence=evidence(first.first),
        log=case.log,
        log_line=first.first.line,
        sites=max(1, len(locations)),
        configurations=case.configurations,
        advice=(kind_of(FILECHECK).advice,),
        facts={TESTS: ", ".join(list(tests)[:50])} if tests else {},
    )


def _failed_tests(case: Case, tests: dict[str, Group]) -> Finding:
    first = next(iter(tests.values()))
    names = tuple(tests)
    more = ", ..." if len(names) > 3 else ""
    return Finding(
        kind=TESTS_FAILED,
        identifier="tests",
        headline=f"{counted(len(names), 'test')} failed: {', '.join(names[:3])}{more}",
        layer=Layer.LLVM if case.context.stage == "llvm" or all(map(LLVMS_TESTS.match, names)) else Layer.DOWNSTREAM,
        evidence=(first.first.text, *first.first.detail[:4], *names[: MOST_EVIDENCE - 5]),
        log=case.log,
        log_line=first.first.line,
        sites=len(names),
        configurations=case.configurations,
        advice=(kind_of(TESTS_FAILED).advice,),
        facts={TESTS: ", ".join(names[:50])},
    )
