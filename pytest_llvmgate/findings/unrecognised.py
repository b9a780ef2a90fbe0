"""Failures that no parser recognised: the output itself, and that it is not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pytest_llvmgate.findings import excerpts, texts
from pytest_llvmgate.findings.case import MOST_EVIDENCE, Case
from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.events import MAKE_TARGET, MAKE_WHY, SUMMARY, Edge, Event
from pytest_llvmgate.findings.groups import Scan
from pytest_llvmgate.findings.layers import edge_owner
from pytest_llvmgate.findings.parsers.absent import is_about_the_machine, is_only_status
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.findings.responsibility import layer_of_words
from pytest_llvmgate.kinds.catalogue import INTERRUPTED, OUT_OF_MEMORY, UNRECOGNISED, kind_of
from pytest_llvmgate.kinds.facts import COMMAND
from pytest_llvmgate.model import Confidence, Finding, Layer


def is_failed(scan: Scan, context: DiagnosisContext) -> bool:
    """Whether anything proves that what the log shows has failed."""
    if context.exit_code is not None:
        return context.exit_code != 0
    if scan.groups or scan.failed_edges or scan.marks & {"stopped", "failed"} or _summaries(scan):
        return True
    edges = scan.edges
    passed = "succeeded" in scan.marks or (edges is not None and not edges.not_reached)
    return bool(scan.uncertain) and not passed


def _summaries(scan: Scan) -> list[Event]:
    return [event for event in scan.uncertain if event.facts.get(SUMMARY)]


def unexplained(case: Case, *, has_other: bool) -> list[Finding]:
    """Failed edges in whose output no parser saw an error: their own output, and that it is not understood."""
    silent = [edge for edge in case.scan.failed_edges if not edge.explained and not _is_outer(edge, case.scan)]
    if has_other and silent and silent[-1].is_cut:
        silent.pop()  # the log ends before its output does, which is said elsewhere
    if silent:
        return [_unrecognised_edges(case, edges) for edges in _alike(silent)]
    if has_other:
        return []
    if case.scan.marks & {"interrupted", "cancelled"}:
        return [_interrupted(case)]
    tail = tuple(line for line in case.scan.tail if line.strip())[-MOST_EVIDENCE:]
    is_excerpt = case.scan.edges is None and "succeeded" not in case.scan.marks  # of no build that tells how it went
    stopped = next((event for event in _summaries(case.scan) if event.facts.get(MAKE_TARGET)), None)
    said = excerpts.complaint(_told(case.scan, tail), plainly=is_excerpt)
    if not said:
        said = excerpts.in_front(case.scan, stopped.line) if stopped else excerpts.wrapper(tail, plainly=is_excerpt)
    if not is_failed(case.scan, case.context) and not (said and is_excerpt):
        return []
    last = said or (stopped.facts[MAKE_TARGET] if stopped else tail[-1] if tail else "")
    verb = "says" if said else "stops at" if stopped else "ends with"
    words = f"it {verb} '{texts.shorten(last)}'" if last else "it printed nothing"
    return [
        Finding(
            kind=UNRECOGNISED,
            identifier=normalise(last) if last else "no output",
            headline=f"The command failed, and nothing in its log is recognised as the reason: {words}",
            layer=_layer_of(case, said, stopped),
            evidence=tail,
            log=case.log,
            log_line=case.scan.lines,
            configurations=case.configurations,
            confidence=Confidence.GUESS,
        )
    ]


def _layer_of(case: Case, said: str, stopped: Event | None) -> Layer:
    """Nobody's that is known where nothing is said, unless make says that a program is not there."""
    if case.context.stage == "llvm":
        return Layer.LLVM
    if stopped is not None and _NO_PROGRAM.search(stopped.facts[MAKE_WHY]):
        return Layer.MACHINE
    if not said or (is_only_status(said) and not is_about_the_machine(said)):
        return Layer.UNKNOWN
    return layer_of_words(case, said)


_NO_PROGRAM: Final = re.compile(r" 12[67]$")
"""The statuses of a shell that finds no program, or none that can run; the word in front is each language's own."""


def _told(scan: Scan, tail: Sequence[str]) -> Sequence[str]:
    """Lines without those that only sum up what stands elsewhere."""
    sums = {event.text for event in _summaries(scan)}
    return [line for line in tail if line not in sums]


def _interrupted(case: Case) -> Finding:
    return Finding(
        kind=INTERRUPTED,
        identifier="interrupted",
        headline=kind_of(INTERRUPTED).headline,
        layer=Layer.MACHINE,
        evidence=tuple(line for line in case.scan.tail if line.strip())[-3:],
        log=case.log,
        log_line=case.scan.lines,
        configurations=case.configurations,
        confidence=Confidence.CERTAIN,
        advice=(kind_of(INTERRUPTED).advice,),
    )


def _is_outer(edge: Edge, scan: Scan) -> bool:
    """An external project's step fails because an edge of the build inside of it failed."""
    return "Performing" in edge.description and len(scan.failed_edges) > 1


def _alike(edges: Iterable[Edge]) -> list[list[Edge]]:
    """Edges with the same first words of output together."""
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(_words(edge), []).append(edge)
    return list(found.values())


_COMPLAINT: Final = re.compile(
    r"error|fail|invalid|illegal|cannot|can't|unable|bad |missing|unexpected|abort|E\d{3,}", re.IGNORECASE
)


def _words(edge: Edge) -> str:
    """The line of the output that most looks like the reason: one that complains, else the last."""
    lines = [line for line in edge.tail if line.strip() and ": note:" not in line and "warning:" not in line]
    if not lines:
        return f"exit status {edge.exit_code}" if edge.exit_code is not None else "no output"
    said = next((line for line in lines if _COMPLAINT.search(line) and not is_only_status(line)), "")
    return normalise(said or excerpts.before_status(lines) or lines[-1])


_KILLED: Final = frozenset({137, -9})
"""Exit status of a program that was killed, in a shell's and in Python's way of counting."""


def _killed(case: Case, edges: Sequence[Edge]) -> Finding:
    """Killed without a word: on a build machine that is almost always the kernel, for want of memory."""
    first = edges[0]
    return Finding(
        kind=OUT_OF_MEMORY,
        identifier="memory",
        headline=f"'{first.description or first.output}' was killed (exit status {first.exit_code}),"
        " most likely because the machine ran out of memory",
        layer=Layer.MACHINE,
        evidence=(f"FAILED: {' '.join(first.outputs)}", first.command[:400]),
        log=case.log,
        log_line=first.line,
        sites=len(edges),
        configurations=case.configurations,
        advice=("Look into the kernel's log (dmesg) for the OOM killer, and run fewer jobs at once.",),
    )


def _unrecognised_edges(case: Case, edges: Sequence[Edge]) -> Finding:
    first = edges[0]
    if first.exit_code in _KILLED and not any(line.strip() for line in first.tail):
        return _killed(case, edges)
    owner = edge_owner(case.paths, first)
    what = first.description or first.output
    status = f" with exit status {first.exit_code}" if first.exit_code is not None else ""
    more = f", and {len(edges) - 1} more like it" if len(edges) > 1 else ""
    output = tuple(line for line in first.tail if line.strip())
    return Finding(
        kind=UNRECOGNISED,
        identifier=_words(first),
        headline=f"'{what}' failed{status}{more}, for a reason that is not recognised: "
        + (f"'{texts.shorten(_words(first))}'" if output else "it printed nothing"),
        layer=Layer.LLVM if case.context.stage == "llvm" else owner.layer if owner else Layer.UNKNOWN,
        component=owner.component if owner else "",
        evidence=output[:MOST_EVIDENCE] or (f"FAILED: {' '.join(first.outputs)}", first.command[:400]),
        log=case.log,
        log_line=first.line,
        sites=len(edges),
        configurations=case.configurations,
        confidence=Confidence.GUESS,
        facts={COMMAND: first.command[:2000]} if first.command else {},
    )
