"""Failures that no parser recognised: the output itself, and that it is not understood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from pytest_llvmgate.findings import excerpts, texts
from pytest_llvmgate.findings.case import MOST_EVIDENCE, Case
from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.events import MAKE_TARGET, SUMMARY, Edge, Event
from pytest_llvmgate.findings.group_findings import finding_of
from pytest_llvmgate.findings.groups import Group, Scan
from pytest_llvmgate.findings.layers import edge_owner, stops_in_llvms_build
from pytest_llvmgate.findings.parsers.absent import is_bare_status
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.findings.responsibility import layer_of_words
from pytest_llvmgate.kinds.catalogue import INTERRUPTED, OUT_OF_MEMORY, UNRECOGNISED
from pytest_llvmgate.kinds.facts import COMMAND
from pytest_llvmgate.model import Confidence, Finding, Layer


def is_failed(scan: Scan, context: DiagnosisContext) -> bool:
    """Whether anything proves that what the log shows has failed."""
    if context.exit_code is not None:
        return context.exit_code != 0
    if scan.groups or scan.failed_edges or scan.marks & {"stopped", "failed"}:
        return True
    if any(SUMMARY in event.facts for event in scan.uncertain):
        return True
    edges = scan.edges
    passed = "succeeded" in scan.marks or (edges is not None and not edges.not_reached)
    return bool(scan.uncertain) and not passed


def unexplained(case: Case, *, has_other: bool) -> list[Finding]:
    """Failed edges in whose output no parser saw an error: their own output, and that it is not understood."""
    silent = [edge for edge in case.scan.failed_edges if not edge.explained and not _is_outer(edge, case.scan)]
    if has_other and silent and silent[-1].is_cut:
        silent.pop()  # the log ends before its output does, which is said elsewhere
    if silent:
        return [_unrecognised_edges(case, edges) for edges in _alike(silent)]
    if has_other:
        return []
    tail = tuple(line for line in case.scan.tail if line.strip())[-MOST_EVIDENCE:]
    if case.scan.marks & {"interrupted", "cancelled"}:
        end = Event(kind=INTERRUPTED, identifier="interrupted", message="", line=case.scan.lines, before=tail[-3:])
        return [finding_of(case, Group(kind=end.kind, identifier=end.identifier, first=end))]
    is_excerpt = case.scan.edges is None and "succeeded" not in case.scan.marks  # of no build that tells how it went
    stopped = next((event for event in case.scan.uncertain if event.facts.get(MAKE_TARGET)), None)
    said = excerpts.complaint(tail, plainly=is_excerpt)
    if not said and stopped is None:
        said = excerpts.wrapper(tail, plainly=is_excerpt)
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
            layer=_layer_of(case, said or (stopped.text if stopped else "")),
            evidence=tail,
            log=case.log,
            log_line=case.scan.lines,
            configurations=case.configurations,
            confidence=Confidence.GUESS,
        )
    ]


def _layer_of(case: Case, said: str) -> Layer:
    """Nobody's that is known where nothing is said, or no more than that something failed."""
    if case.context.stage == "llvm" or stops_in_llvms_build(case.scan, 0):
        return Layer.LLVM
    if not said or is_bare_status(said):
        return Layer.UNKNOWN
    return layer_of_words(case, said)


def _is_outer(edge: Edge, scan: Scan) -> bool:
    """An external project's step fails because an edge of the build inside of it failed."""
    return "Performing" in edge.description and len(scan.failed_edges) > 1


def _alike(edges: Iterable[Edge]) -> list[list[Edge]]:
    """Edges with the same first words of output together."""
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(_words(edge), []).append(edge)
    return list(found.values())


def _words(edge: Edge) -> str:
    """The line of the output that most looks like the reason: one that complains, else the last."""
    lines = [line for line in edge.tail if line.strip() and ": note:" not in line and "warning:" not in line]
    if not lines:
        return f"exit status {edge.exit_code}" if edge.exit_code is not None else "no output"
    return normalise(excerpts.complaint(lines, plainly=True) or lines[-1])


_KILLED: Final = frozenset({137, -9})
"""Exit status of a program that was killed, in a shell's and in Python's way of counting."""


def _unrecognised_edges(case: Case, edges: Sequence[Edge]) -> Finding:
    first = edges[0]
    owner = edge_owner(case.paths, first)
    what = first.description or first.output
    status = f" with exit status {first.exit_code}" if first.exit_code is not None else ""
    more = f", and {len(edges) - 1} more like it" if len(edges) > 1 else ""
    output = tuple(line for line in first.tail if line.strip())
    found = Finding(
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
    if first.exit_code not in _KILLED or output:
        return found
    return replace(  # without a word: on a build machine that is almost always the kernel, for want of memory
        found,
        kind=OUT_OF_MEMORY,
        identifier="memory",
        headline=f"'{what}' was killed{status}, most likely because the machine ran out of memory",
        layer=Layer.MACHINE,
        component="",
        confidence=Confidence.LIKELY,
        advice=("Look into the kernel's log (dmesg) for the OOM killer, and run fewer jobs at once.",),
        facts={},
    )
