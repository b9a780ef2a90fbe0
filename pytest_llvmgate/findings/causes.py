"""Groups of events to findings: one per root cause, with its headline, places, layer, evidence and first advice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pytest_llvmgate.findings import changes, excerpts, fates, generated_files, links
from pytest_llvmgate.findings.case import MOST_LOCATIONS, Case
from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.events import SUMMARY
from pytest_llvmgate.findings.follow_ons import configuring, neighbours, probable, proven
from pytest_llvmgate.findings.group_findings import finding_of
from pytest_llvmgate.findings.groups import Group, Key, Scan
from pytest_llvmgate.findings.known_llvms import known_llvms
from pytest_llvmgate.findings.layers import Paths
from pytest_llvmgate.findings.lit_findings import TEST_KINDS, tests_of
from pytest_llvmgate.findings.responsibility import UTILITIES, is_of_python_bindings
from pytest_llvmgate.findings.unrecognised import is_failed, unexplained
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.kinds.description import Family
from pytest_llvmgate.model import Finding, Layer
from pytest_llvmgate.objects.cxx_names import function_name
from pytest_llvmgate.owners.file_owners import is_in_llvm_install
from pytest_llvmgate.owners.llvms_names import is_llvms_symbol


def findings_of(scan: Scan, context: DiagnosisContext, log: str) -> tuple[Finding, ...]:
    """All findings of a scanned log, unranked."""
    if context.exit_code == 0:
        return ()
    paths = Paths.of(context, scan)
    case = Case(scan=scan, paths=paths, context=context, log=log)
    _use_uncertain(case)
    difference = known_llvms(context).difference
    fates.judge(scan, difference)
    proven.drop(scan)
    fates.join_lost_includes(scan, difference)
    generated_files.join_unqualified(scan)
    generated_files.mark_stale(scan, paths)
    generated_files.mark_ill_formed(scan, paths)
    changes.join(scan)
    probable.drop(scan)
    changes.join_headers(scan)
    configuring.drop(scan)
    _join_utilities(scan)
    _join_duplicates(scan)
    groups = list(scan.groups.values())
    undefined = _unexplained_symbols(scan, [group for group in groups if group.kind in links.KINDS])
    groups = [group for group in scan.groups.values() if group.kind not in links.KINDS]
    tests = [group for group in groups if group.kind in TEST_KINDS]
    rest = [group for group in groups if group.kind not in TEST_KINDS]
    found = _join_same_places(_join_headers([(group, finding_of(case, group)) for group in rest]))
    end = "\n".join(scan.tail)
    found += links.findings(case, undefined, program=_linked_program(scan), said=end)
    found += tests_of(case, tests, [test for group in rest for test in group.tests])
    found += unexplained(case, has_other=bool(found))
    return tuple(found)


def _unexplained_symbols(scan: Scan, undefined: list[Group]) -> list[Group]:
    """Undefined symbols without those of a link that passes over a library of another architecture."""
    ignored = [
        event
        for event in scan.uncertain
        if event.form in _PASSED_OVER or (event.kind == kinds.LLVM_LINKED_TWICE and undefined)
    ]
    known = [group for group in scan.groups.values() if _explains_symbols(group)]
    for event in ignored:
        if not known and undefined and (group := scan.add(event)) is not None:
            known.append(group)
    is_any = bool(known) and known[0].form != "architecture"
    explained = {group for group in undefined if known and (is_any or not is_llvms_symbol(group.identifier))}
    for group in explained:
        known[0].count_follower(group)
    return [group for group in undefined if group not in explained]


_PASSED_OVER: Final = frozenset({"architecture", "lto"})
"""Forms of libraries that a linker does not read: what is in them is missed."""


def _explains_symbols(group: Group) -> bool:
    """A library of another architecture; an llvm-config that printed no libraries."""
    is_config = group.kind == kinds.TOOL_OPTION and group.identifier.startswith("llvm-config")
    return is_config or group.form in _PASSED_OVER


def _linked_program(scan: Scan) -> str:
    """The program that link.exe's last word names: its other lines do not."""
    named = (
        event.facts[fact.PROGRAM]
        for event in scan.uncertain
        if event.facts.get(SUMMARY) and event.facts.get(fact.PROGRAM)
    )
    return re.split(r"[\\/]", next(named, ""))[-1].removesuffix(".exe")


def _use_uncertain(case: Case) -> None:
    """Messages that prove nothing by themselves explain a failure that is known and not explained otherwise.

    That something failed is no explanation, and neither is that it could not be downloaded: why is what git says.
    """
    scan = case.scan
    is_told = any(not event.facts.get(SUMMARY) for event in scan.uncertain)
    if not (scan.groups or scan.failed_edges or scan.edges or is_told or "succeeded" in scan.marks):
        said = excerpts.absence(scan) or excerpts.rejected(scan)
        if said is not None:
            scan.uncertain.append(said)
    explained = not all(map(neighbours.is_wrapper, scan.groups.values()))
    if explained or not is_failed(scan, case.context):
        return
    for event in scan.uncertain:
        if not event.facts.get(SUMMARY):
            scan.add(event)
            if event.edge is not None:
                event.edge.explained = True


def _join_utilities(scan: Scan) -> None:
    """What an install of LLVM lacks as a whole is missed from everywhere at once: one cause each."""
    _join_targets(scan, "FileCheck", UTILITIES.__contains__, least=2)
    _join_targets(scan, "MLIRPythonSources", is_of_python_bindings, least=1)


def _join_duplicates(scan: Scan) -> None:
    """Files that define one symbol twice mostly share more: one cause for all that two of them share."""
    shared: dict[str, list[Key]] = {}
    for key, group in scan.groups.items():
        if group.kind == kinds.DUPLICATE_SYMBOL and (files := group.facts.get(fact.LIBRARY)):
            shared.setdefault(files, []).append(key)
    for keys in shared.values():
        names = [function_name(key[1]) for key in keys]
        scan.join(keys).facts[fact.NAMES] = ", ".join(dict.fromkeys(names))


def _join_targets(scan: Scan, name: str, belongs: Callable[[str], bool], *, least: int) -> None:
    """Make one group, called ``name``, of the missing targets that belong together."""
    missing = [
        key for key, group in scan.groups.items() if group.kind == kinds.CMAKE_TARGET_MISSING and belongs(key[1])
    ]
    if len(missing) < least:
        return
    first = scan.groups[missing[0]]
    names = [scan.groups[key].identifier for key in missing]
    scan.join(missing).identifier = name
    if len(names) > 1:
        first.facts[fact.NAMES] = ", ".join(names)


def _join_same_places(findings: Iterable[Finding]) -> list[Finding]:
    """Calls in a template fail once for each operation that it is instantiated with: one line, one cause."""
    found: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        is_call = finding.kind == kinds.API_CHANGED and finding.facts.get(fact.FORM) == "no-match" and finding.locations
        key = (
            (finding.facts[fact.NAME], finding.locations)
            if is_call and fact.NAME in finding.facts
            else (len(found), finding.key)
        )
        known = found.get(key)
        found[key] = finding if known is None else _with_more(known, finding)
    return list(found.values())


def _join_headers(made: Sequence[tuple[Group, Finding]]) -> list[Finding]:
    """LLVM's headers, where they are refused at all, are at one line after another: one setting is the cause.

    A standard that is too old is the whole project's; a compiler that does not take a header, each header's. And what
    is wrong in a header of LLVM's or the machine's behind another error of the same unit follows from that; behind a
    standard that is too old so does what is wrong elsewhere, as LLVM's headers declare no more than a part then, and
    what is wrong in these in front of it.
    """
    found: dict[tuple[str, object], list[tuple[Group, Finding]]] = {}
    begins: dict[str, tuple[int, Group]] = {}
    for group, _ in made:
        for unit, line in group.units.items():
            both = (begins.get(unit, (line, group)), (line, group))
            begins[unit] = min(both, key=lambda one: (one[1].form != "standard", one[0]))
    for number, (group, finding) in enumerate(made):
        form = finding.facts.get(fact.FORM, "")
        cause = _first_of_all(group, begins) if _may_follow_first(group, finding, begins) else None
        if cause is not None:
            cause.count_follower(group, probably=True)
            continue
        header = group.first.place.path if form == "refused" and group.first.place is not None else ""
        key = (form, header) if form == "standard" or header else ("", number)
        found.setdefault(key, []).append((group, finding))
    return [_of_all(same) for same in found.values()]


def _may_follow_first(group: Group, finding: Finding, begins: Mapping[str, tuple[int, Group]]) -> bool:
    """Whether a compiler's error lies in an installed header, through no code of the user's, or in headers that need
    a newer standard than all its units are compiled with.
    """
    place = group.first.place
    is_compilers = kind_of(finding.kind).family is Family.COMPILER and fact.FORM in finding.facts
    if not is_compilers or place is None or finding.kind == kinds.HEADER_MISSING:
        return False
    if all(unit in begins and begins[unit][1].form == "standard" for unit in group.units):
        is_behind = all(line > begins[unit][0] for unit, line in group.units.items())
        return fact.BEFORE not in finding.facts and (is_behind or is_in_llvm_install(place.path))
    return finding.layer is Layer.MACHINE or (is_in_llvm_install(place.path) and finding.layer is not Layer.DOWNSTREAM)


def _first_of_all(group: Group, begins: Mapping[str, tuple[int, Group]]) -> Group | None:
    """The error that stands in front in each unit; ``None`` if this is the first one of some unit."""
    firsts = [begins[unit][1] for unit in group.units if unit]
    return firsts[0] if firsts and len(firsts) == len(group.units) and group not in firsts else None


def _of_all(made: Sequence[tuple[Group, Finding]]) -> Finding:
    """The first finding, with the places, names and edges of all."""
    group, first = made[0]
    if len(made) == 1:
        probable = {fact.PROBABLY_FOLLOW: str(group.probable)} if group.probable else {}
        return replace(first, facts={**first.facts, **probable})
    locations = tuple(dict.fromkeys(place for _, finding in made for place in finding.locations))
    edges = {output for group, _ in made for output in group.edges}
    facts = {
        **first.facts,
        fact.NAMES: ", ".join(list(dict.fromkeys(finding.identifier for _, finding in made))[:40]),
        fact.FAILED_EDGES: str(len(edges) or ""),
        fact.FOLLOW_ON_ERRORS: str(sum(group.follow_ons for group, _ in made) or ""),
        fact.PROBABLY_FOLLOW: str(sum(group.probable for group, _ in made) or ""),
    }
    return replace(
        first,
        facts={key: value for key, value in facts.items() if value},
        locations=locations[:MOST_LOCATIONS],
        sites=max(len(locations), *(finding.sites for _, finding in made), 1),
    )


def _with_more(first: Finding, other: Finding) -> Finding:
    names = [*first.facts.get(fact.ALSO, "").split(", "), other.identifier]
    also = [name for name in names if name]
    base = first.headline.partition(" (and ")[0].replace(f" ({first.locations[0]})", "")
    headline = f"{base} (and {len(also)} more at the same place) ({first.locations[0]})"
    return replace(first, headline=headline, facts={**first.facts, fact.ALSO: ", ".join(also[:40])})
