"""The reports of several runs that share the configurations, as one verdict."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import loads
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.model import BECAUSE, GROUPS, SCHEMA_VERSION, ConfigurationInfo, Outcome, StageResult, Verdict
from pytest_llvmgate.verdict.agreement import agreement
from pytest_llvmgate.verdict.assemble import expect_one, merged_findings
from pytest_llvmgate.verdict.junit_reading import read_junit
from pytest_llvmgate.verdict.pattern import patterns

_NO_RESULT: Final = "no result: no report has this stage; its job died, or was never started"
LARGEST: Final = 64 << 20
"""Bytes of a report."""
_MOST_PARTS: Final = 1_000_000
"""Marks of JSON or XML, each of which takes some hundred bytes of memory; 500 configurations have 150,000."""


def read_reports(
    paths: Sequence[Path], expected: Iterable[str] = (), plan: Iterable[ConfigurationInfo] = ()
) -> Verdict:
    """Join JSON verdicts and JUnit files.

    A stage that several have (pins are in every job of a matrix) counts as failed if it failed in any of them. What is
    ``expected`` (``group::stage``) and in no report is without a result, so that the whole cannot pass; ``plan`` says
    what a configuration is that nobody has reported on. Raises :class:`GateError` for files that are neither, or are
    of different candidates or commits of the downstream.
    """
    verdicts = [_read(path) for path in paths]
    expect_one("candidate", {verdict.candidate.sha: path for verdict, path in zip(verdicts, paths, strict=True)})
    commits = {each.downstream.commit: path for each, path in zip(verdicts, paths, strict=True)}
    expect_one("downstream commit", {commit: path for commit, path in commits.items() if commit})
    results = tuple(_with_missing([result for verdict in verdicts for result in verdict.results], expected))
    configurations = _configurations(verdicts, paths, plan)
    first = verdicts[0]
    return Verdict(
        candidate=next((each.candidate for each in verdicts if each.candidate.name), first.candidate),
        baseline=next((each.baseline for each in verdicts if each.baseline), None),
        downstream=next((each.downstream for each in verdicts if each.downstream.commit), first.downstream),
        configurations=configurations,
        results=results,
        toolchain={name: value for each in reversed(verdicts) for name, value in each.toolchain.items()},
        patterns=patterns(configurations, results),
        findings=merged_findings(results),
        notes=_notes(verdicts, agreement(configurations, results)),
    )


def _read(path: Path) -> Verdict:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)  # once: it may be a pipe
        if len(data) > LARGEST:
            raise GateError(f"this verdict has more than {LARGEST >> 20} MiB", where=str(path))
        is_json = data[:64].removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")
        if sum(data.count(mark) for mark in (b"{[," if is_json else b"<=")) > _MOST_PARTS:
            raise GateError(f"this verdict has more than {_MOST_PARTS:,} parts", where=str(path))
        if not is_json:
            return read_junit(path, data)
        verdict = loads(Verdict, data.decode("utf-8-sig"))
    except FileNotFoundError:
        raise GateError(
            "there is no such file", where=str(path), hint="pytest --llvm-sha=SHA --junitxml=FILE writes one"
        ) from None
    except OSError as error:
        raise GateError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise GateError(
            f"this is no verdict of the gate: {error}", where=str(path), hint="write it with: pytest --llvm-json=FILE"
        ) from error
    if not verdict.results:
        raise GateError("this verdict has no result of any stage", where=str(path), hint="join files of whole sessions")
    if verdict.schema != SCHEMA_VERSION:
        raise GateError(
            f"expected a verdict of schema {SCHEMA_VERSION}, found {verdict.schema}",
            where=str(path),
            hint="make and read reports with one version of pytest-llvmgate",
        )
    return verdict


def _with_missing(results: Sequence[StageResult], expected: Iterable[str]) -> Iterator[StageResult]:
    """One result per stage: a result beats a skip, a failure a pass, and one that is not held one that is."""
    by_node: dict[str, StageResult] = {}
    for result in results:
        if _badness(result) > _badness(by_node.setdefault(result.node, result)):
            by_node[result.node] = result
    yield from by_node.values()
    for node in expected:
        if node not in by_node:
            group, _, stage = node.partition("::")
            facts = {BECAUSE: node}  # of which nobody knows how it failed: the verdict is undecided
            yield StageResult(group=group, stage=stage, outcome=Outcome.SKIPPED, reason=_NO_RESULT, facts=facts)


def _badness(result: StageResult) -> tuple[int, bool]:
    return (Outcome.SKIPPED, Outcome.PASSED, Outcome.FAILED).index(result.outcome), not result.is_held


def _configurations(
    verdicts: Sequence[Verdict], paths: Sequence[Path], plan: Iterable[ConfigurationInfo]
) -> tuple[ConfigurationInfo, ...]:
    known: dict[str, ConfigurationInfo] = {}
    for verdict, path in zip(verdicts, paths, strict=True):
        for each in verdict.configurations:
            if known.setdefault(each.name, each) != each:
                raise GateError(
                    f"the configuration {each.name!r} is another one than in the files before",
                    where=str(path),
                    hint="join reports of one configuration file",
                )
    in_order = {each.name: each for each in plan if each.name not in GROUPS}
    return tuple((in_order | known).values())


def _notes(verdicts: Sequence[Verdict], fresh: Iterable[str]) -> tuple[str, ...]:
    """Every note once; what linkcheck and the real links say of each other is told anew, of all machines."""
    own = [note for verdict in verdicts for note in verdict.notes if not note.startswith("linkcheck of ")]
    return tuple(dict.fromkeys((*own, *fresh)))
