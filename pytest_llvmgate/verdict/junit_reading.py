"""Reading a JUnit file of the gate back into a verdict."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from pytest_llvmgate import model
from pytest_llvmgate.codec import said
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.verdict import junit_names as names
from pytest_llvmgate.verdict.assemble import expect_one

_LONGEST: Final = 10 * 365 * 86400
"""Seconds; no stage takes ten years."""
_NAME: Final = itemgetter(0)
_WANTED: Final = "expected a file that pytest --junitxml wrote, whole"


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One testcase of the gate."""

    result: model.StageResult
    candidate: str
    configuration: model.ConfigurationInfo | None


def read_junit(path: Path, data: bytes) -> model.Verdict:
    """The verdict that a JUnit file tells, whose content is ``data``.

    Raises :class:`GateError` for what is none, or holds no test of the gate.
    """
    suites = [(suite, sorted(_pairs(suite), key=_NAME)) for suite in _suites(path, data)]
    try:
        known = [_case(each, _properties(each, pairs)) for suite, pairs in suites for each in suite]
    except ValueError as error:  # a time that is no number
        raise GateError(f"this is no JUnit XML of pytest: {error}", where=str(path), hint=_WANTED) from error
    cases = [case for case in known if case is not None]
    if not cases:
        raise GateError(
            "expected tests of the gate in this JUnit file, found none",
            where=str(path),
            hint="write it with: pytest --llvm-sha=SHA --junitxml=FILE",
        )
    expect_one("candidate", {case.candidate: path for case in cases})
    found = {name: value for _, pairs in suites for name, value in pairs}
    return model.Verdict(
        candidate=model.Revision(sha=cases[0].candidate, name=found.get(names.CANDIDATE_NAME, "")),
        baseline=model.Revision(sha=found[names.BASELINE]) if found.get(names.BASELINE) else None,
        downstream=model.Downstream(
            root="",
            commit=found.get(names.DOWNSTREAM, ""),
            branch=found.get(names.DOWNSTREAM_BRANCH, ""),
            dirty=names.DOWNSTREAM_DIRTY in found,
        ),
        configurations=tuple({each.name: each for case in cases if (each := case.configuration)}.values()),
        results=tuple(case.result for case in cases),
        toolchain={name: value for name, value in _below(names.TOOLCHAIN, found).items() if value},
    )


def _suites(path: Path, data: bytes) -> Iterator[Any]:
    import xml.etree.ElementTree as ET

    from junitparser import JUnitXmlError, xunit2

    try:
        root: Any = xunit2.JUnitXml.fromstring(data)
    except (ET.ParseError, JUnitXmlError, ValueError, LookupError) as error:  # the last two: an unknown encoding
        raise GateError(f"this is no JUnit XML: {error}", where=str(path), hint=_WANTED) from error
    yield from [root] if isinstance(root, xunit2.TestSuite) else root


def _pairs(element: Any) -> Iterator[tuple[str, str]]:
    from junitparser import Properties

    for group in element.iterchildren(Properties):  # TestCase.properties() is junitparser 5's
        for item in group:
            yield str(item.name), str(item.value)


def _properties(testcase: Any, of_suite: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """A testcase's properties: its own, or those that the suite, whose are sorted, keeps for it."""
    if own := dict(_pairs(testcase)):
        return own
    prefix = names.in_suite(testcase.classname or "", testcase.name or "")
    at, those = bisect_left(of_suite, prefix, key=_NAME), {}
    while at < len(of_suite) and of_suite[at][0].startswith(prefix):
        those[of_suite[at][0].removeprefix(prefix)] = of_suite[at][1]
        at += 1
    return those


def _case(testcase: Any, found: Mapping[str, str]) -> _Case | None:
    """The gate's view of a testcase; None for the downstream's own tests."""
    if names.CANDIDATE not in found or names.STAGE not in found:
        return None
    outcome, reason, detail = _outcome(testcase)
    told = said(dict[str, Any], found.get(names.FACTS, ""), {})
    facts = {name: str(value) for name, value in told.items()}  # another version may have numbers
    if model.HELD in facts:  # pytest writes an expected failure as a skip
        outcome = model.Outcome.FAILED
    name = found.get(names.CONFIGURATION)
    info = (
        model.ConfigurationInfo(name=name, flavour=found.get(names.FLAVOUR, ""), options=_below(names.AXIS, found))
        if name
        else None
    )
    result = model.StageResult(
        group=found.get(names.GROUP, name or ""),
        stage=testcase.name or found[names.STAGE],
        outcome=outcome,
        reason=reason,
        detail=detail,
        findings=said(tuple[model.Finding, ...], found.get(names.FINDINGS, ""), ()),  # without: its text still tells
        log=found.get(names.LOG, ""),
        duration=_seconds(testcase.time),
        reused=names.REUSED in found,
        edges=_edges(found.get(names.EDGES, "")),
        facts=facts,
    )
    return _Case(result=result, candidate=found[names.CANDIDATE], configuration=info)


def _below(prefix: str, found: Mapping[str, str]) -> Mapping[str, str]:
    """The properties whose names begin so, by the rest of their names."""
    return {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}


def _seconds(time: Any) -> float:
    """A testcase's time; 0 for one that none can have taken: negative, endless, no number at all.

    Raises ``ValueError`` for what is no number in the first place.
    """
    seconds = float(time or 0.0)
    return seconds if 0 <= seconds <= _LONGEST else 0.0


def _outcome(testcase: Any) -> tuple[model.Outcome, str, str]:
    from junitparser import Skipped

    for entry in testcase.result:
        if isinstance(entry, Skipped):
            return model.Outcome.SKIPPED, entry.message or "", ""
        return model.Outcome.FAILED, entry.message or "", entry.text or ""
    return model.Outcome.PASSED, "", ""


def _edges(text: str) -> model.Edges | None:
    numbers = text.split("/")
    if len(numbers) != 3 or not all(number.isdecimal() and len(number) < 10 for number in numbers):
        return None
    finished, total, failed = map(int, numbers)
    return model.Edges(finished=finished, total=total, failed=failed)
