"""Groups of events to findings: one per root cause, with its headline, places, layer, evidence and first advice."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_llvmgate.findings import (
    cascades,
    changes,
    configure_follow_ups,
    excerpts,
    fates,
    followers,
    generated_files,
    links,
    texts,
)
from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.events import MAKE_TARGET, SUMMARY, Edge, Event
from pytest_llvmgate.findings.groups import Group, Scan
from pytest_llvmgate.findings.known_llvms import known_llvms
from pytest_llvmgate.findings.layers import Paths, edge_owner, source_file, within_edge
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.kinds.catalogue import (
    API_CHANGED,
    API_REMOVED,
    BUILD_FILE_MISSING,
    CMAKE_MODULE_MISSING,
    CMAKE_PACKAGE,
    CMAKE_TARGET_MISSING,
    COMPILE_ERROR,
    FILECHECK,
    INTERRUPTED,
    LIBRARY_MISSING,
    LINK_ERROR,
    LLVM_LINKED_TWICE,
    OUT_OF_MEMORY,
    SCRIPT_ERROR,
    TESTS_FAILED,
    TOOL_OPTION,
    UNRECOGNISED,
    kind_of,
)
from pytest_llvmgate.kinds.description import Family, Subject, Whose
from pytest_llvmgate.kinds.facts import (
    ALSO,
    COMMAND,
    FAILED_EDGES,
    FILE,
    FOLLOW_ON_ERRORS,
    FORM,
    LINKED,
    NAME,
    NAMES,
    PROBABLY_FOLLOW,
    PROGRAM,
    REASON,
    SCOPE,
    SORT,
    SUBMODULE,
    TEST,
    TESTS,
)
from pytest_llvmgate.llvm.system_packages import is_system_s
from pytest_llvmgate.model import Confidence, Finding, Layer, Location
from pytest_llvmgate.owners.file_owners import Owner, is_in_llvm_install, is_of_the_system
from pytest_llvmgate.owners.llvms_names import is_llvms_name, is_llvms_symbol
from pytest_llvmgate.wording import counted

_MOST_LOCATIONS: Final = 20
_MOST_EVIDENCE: Final = 24
_MOST_DRIFTS: Final = 12
"""Test files that get a finding of their own where FileCheck is not satisfied."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a builder of findings works with."""

    scan: Scan
    paths: Paths
    context: DiagnosisContext
    log: str


def findings_of(scan: Scan, context: DiagnosisContext, log: str) -> tuple[Finding, ...]:
    """All findings of a scanned log, unranked."""
    if context.exit_code == 0:
        return ()
    paths = Paths.of(context, scan)
    case = Case(scan=scan, paths=paths, context=context, log=log)
    _use_uncertain(case)
    difference = known_llvms(context).difference
    fates.judge(scan, difference)
    cascades.drop_follow_ons(scan)
    fates.join_lost_includes(scan, difference)
    generated_files.join_unqualified(scan)
    generated_files.mark_stale(scan, paths)
    generated_files.mark_ill_formed(scan, paths)
    changes.join(scan)
    followers.attach(scan)
    configure_follow_ups.join(scan)
    _join_utilities(scan)
    groups = list(scan.groups.values())
    undefined = _unexplained_symbols(scan, [group for group in groups if group.kind in links.KINDS])
    groups = [group for group in scan.groups.values() if group.kind not in links.KINDS]
    tests = [group for group in groups if group.kind in _TEST_KINDS]
    rest = [group for group in groups if group.kind not in _TEST_KINDS]
    found = _join_same_places(_join_headers([(group, _finding(case, group)) for group in rest]))
    end = "\n".join(scan.tail)
    found += links.findings(case.paths, undefined, log, context, program=_linked_program(scan), said=end)
    found += _tests(case, tests, [test for group in rest for test in group.tests])
    found += _unexplained(case, has_other=bool(found))
    return tuple(found)


def _unexplained_symbols(scan: Scan, undefined: list[Group]) -> list[Group]:
    """Undefined symbols without those of a link that passes over a library of another architecture."""
    ignored = [
        event
        for event in scan.uncertain
        if event.facts.get(FORM) == "architecture" or (event.kind == LLVM_LINKED_TWICE and undefined)
    ]
    known = [group for group in scan.groups.values() if _explains_symbols(group)]
    for event in ignored:
        if not known and undefined and (group := scan.add(event)) is not None:
            known.append(group)
    is_any = bool(known) and known[0].first.facts.get(FORM) != "architecture"
    explained = {group for group in undefined if known and (is_any or not is_llvms_symbol(group.identifier))}
    for group in explained:
        known[0].follow_ons += group.count
    return [group for group in undefined if group not in explained]


def _explains_symbols(group: Group) -> bool:
    """A library of another architecture; an llvm-config that printed no libraries."""
    is_config = group.kind == TOOL_OPTION and group.identifier.startswith("llvm-config")
    return is_config or group.first.facts.get(FORM) == "architecture"


def _linked_program(scan: Scan) -> str:
    """The program that link.exe's last word names: its other lines do not."""
    named = (event.facts[PROGRAM] for event in scan.uncertain if event.facts.get(SUMMARY) and event.facts.get(PROGRAM))
    return re.split(r"[\\/]", next(named, ""))[-1].removesuffix(".exe")


def is_failed(scan: Scan, context: DiagnosisContext) -> bool:
    """Whether anything proves that what the log shows has failed."""
    if context.exit_code is not None:
        return context.exit_code != 0
    if scan.groups or scan.failed_edges or scan.marks & {"stopped", "failed"} or _summaries(scan):
        return True
    edges = scan.edges
    passed = "succeeded" in scan.marks or (edges is not None and not edges.not_reached)
    return bool(scan.uncertain) and not passed and edges is None


def _summaries(scan: Scan) -> list[Event]:
    return [event for event in scan.uncertain if event.facts.get(SUMMARY)]


def _use_uncertain(case: Case) -> None:
    """Messages that prove nothing by themselves explain a failure that is known and not explained otherwise.

    That something could not be downloaded is no explanation: why is what git says.
    """
    scan = case.scan
    is_told = any(not event.facts.get(SUMMARY) for event in scan.uncertain)
    if not (scan.groups or scan.failed_edges or scan.edges or is_told or "succeeded" in scan.marks):
        said = excerpts.absence(scan)
        if said is not None:
            scan.uncertain.append(said)
    explained = not all(map(cascades.is_failed_download, scan.groups.values()))
    if explained or not is_failed(scan, case.context):
        return
    for event in scan.uncertain:
        if not event.facts.get(SUMMARY):
            scan.add(event)
            if event.edge is not None:
                event.edge.explained = True


def _join_utilities(scan: Scan) -> None:
    """What an install of LLVM lacks as a whole is missed from everywhere at once: one cause each."""
    _join_targets(scan, "FileCheck", _UTILITIES.__contains__, least=2)
    _join_targets(scan, "MLIRPythonSources", _is_of_python_bindings, least=1)


def _join_targets(scan: Scan, name: str, belongs: Callable[[str], bool], *, least: int) -> None:
    """Make one group, called ``name``, of the missing targets that belong together."""
    missing = [key for key, group in scan.groups.items() if group.kind == CMAKE_TARGET_MISSING and belongs(key[1])]
    if len(missing) < least:
        return
    first = scan.groups[missing[0]]
    names = [scan.groups[key].identifier for key in missing]
    scan.join(missing).identifier = name
    if len(names) > 1:
        first.first.facts[NAMES] = ", ".join(names)


def _is_of_python_bindings(target: str) -> bool:
    return target.startswith(("MLIRPythonSources", "MLIRPythonExtension", "MLIRPythonCAPI"))


# -- one group --------------------------------------------------------------------------------------------------------


def _finding(case: Case, group: Group) -> Finding:
    if group.kind == CMAKE_MODULE_MISSING and group.identifier.startswith("/"):
        group.identifier = case.paths.location(Location(path=group.identifier))[0].path
    located = _located(case, group)
    owner = _owner(case, group, located)
    layer, component = _layer(case, group, owner)
    locations = tuple(dict.fromkeys(place for place, _ in located))
    is_compilers = kind_of(group.kind).family is Family.COMPILER and FORM in group.first.facts
    if layer is Layer.LLVM and is_compilers and not _is_of_llvms_build(case, group):
        layer, component, locations = _refused_header(case, group, locations)
    facts = {key: value for key, value in group.first.facts.items() if value and key != SUMMARY}
    if group.kind == LIBRARY_MISSING:
        facts[LINKED] = ", ".join(dict.fromkeys(edge.linked_target for edge in group.edges.values()))
    if group.edges:
        facts[FAILED_EDGES] = str(len(group.edges))
    if group.follow_ons:
        facts[FOLLOW_ON_ERRORS] = str(group.follow_ons)
    if group.probable:
        facts[PROBABLY_FOLLOW] = str(group.probable)
    is_llvms_api = layer is Layer.LLVM and kind_of(group.kind).subject in _OF_AN_API
    return Finding(
        kind=COMPILE_ERROR if is_llvms_api else group.kind,
        identifier=group.identifier,
        headline=texts.headline(
            group,
            layer=layer,
            component=component,
            place=locations[0] if locations else None,
            in_gate=bool(case.context.stage),
        ),
        layer=layer,
        component=component,
        locations=locations[:_MOST_LOCATIONS],
        evidence=evidence(group.first),
        log=case.log,
        log_line=group.first.line,
        sites=max(1, len(locations)) if locations else group.count,
        configurations=_configurations(case),
        confidence=texts.confidence(group),
        advice=texts.advice(group, layer=layer, component=component, in_gate=bool(case.context.stage)),
        facts=facts,
    )


def _join_same_places(findings: Iterable[Finding]) -> list[Finding]:
    """Calls in a template fail once for each operation that it is instantiated with: one line, one cause."""
    found: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        is_call = finding.kind == API_CHANGED and finding.facts.get(FORM) == "no-match" and finding.locations
        key = (
            (finding.facts[NAME], finding.locations) if is_call and NAME in finding.facts else (len(found), finding.key)
        )
        known = found.get(key)
        found[key] = finding if known is None else _with_more(known, finding)
    return list(found.values())


def _join_headers(made: Sequence[tuple[Group, Finding]]) -> list[Finding]:
    """LLVM's headers, where they are refused at all, are at one line after another: one setting is the cause.

    A standard that is too old is the whole project's; a compiler that does not take a header, each header's. And what
    is wrong in a header of LLVM's behind another error of the same unit follows from that.
    """
    found: dict[tuple[str, object], list[tuple[Group, Finding]]] = {}
    begins: dict[str, tuple[int, Group]] = {}
    for group, _ in made:
        for unit, line in group.units.items():
            begins[unit] = min(begins.get(unit, (line, group)), (line, group), key=operator.itemgetter(0))
    for number, (group, finding) in enumerate(made):
        form = finding.facts.get(FORM, "")
        if _is_in_llvms_header(group, finding) and (cause := _first_of_all(group, begins)) is not None:
            cause.probable += group.count + group.follow_ons + group.probable
            continue
        header = group.first.place.path if form == "refused" and group.first.place is not None else ""
        key = (form, header) if form == "standard" or header else ("", number)
        found.setdefault(key, []).append((group, finding))
    return [_of_all(same) for same in found.values()]


def _is_in_llvms_header(group: Group, finding: Finding) -> bool:
    """Whether a compiler's error lies in an installed header of LLVM's, through no code of the user's."""
    place = group.first.place
    is_compilers = kind_of(finding.kind).family is Family.COMPILER and FORM in finding.facts
    return (
        is_compilers and place is not None and is_in_llvm_install(place.path) and finding.layer is not Layer.DOWNSTREAM
    )


def _first_of_all(group: Group, begins: Mapping[str, tuple[int, Group]]) -> Group | None:
    """The error that stands in front in each unit; ``None`` if this is the first one of some unit."""
    firsts = [begins[unit][1] for unit in group.units if unit]
    return firsts[0] if firsts and len(firsts) == len(group.units) and group not in firsts else None


def _of_all(made: Sequence[tuple[Group, Finding]]) -> Finding:
    """The first finding, with the places, names and edges of all."""
    group, first = made[0]
    if len(made) == 1:
        probable = {PROBABLY_FOLLOW: str(group.probable)} if group.probable else {}
        return replace(first, facts={**first.facts, **probable})
    locations = tuple(dict.fromkeys(place for _, finding in made for place in finding.locations))
    edges = {output for group, _ in made for output in group.edges}
    facts = {
        **first.facts,
        NAMES: ", ".join(list(dict.fromkeys(finding.identifier for _, finding in made))[:40]),
        FAILED_EDGES: str(len(edges) or ""),
        FOLLOW_ON_ERRORS: str(sum(group.follow_ons for group, _ in made) or ""),
        PROBABLY_FOLLOW: str(sum(group.probable for group, _ in made) or ""),
    }
    return replace(
        first,
        facts={key: value for key, value in facts.items() if value},
        locations=locations[:_MOST_LOCATIONS],
        sites=max(len(locations), *(finding.sites for _, finding in made), 1),
    )


def _with_more(first: Finding, other: Finding) -> Finding:
    names = [*first.facts.get(ALSO, "").split(", "), other.identifier]
    also = [name for name in names if name]
    base = first.headline.partition(" (and ")[0].replace(f" ({first.locations[0]})", "")
    headline = f"{base} (and {len(also)} more at the same place) ({first.locations[0]})"
    return replace(first, headline=headline, facts={**first.facts, ALSO: ", ".join(also[:40])})


def _is_of_llvms_build(case: Case, group: Group) -> bool:
    """Whether what was compiled is LLVM's own; where nothing tells, a relative path of LLVM's tree does."""
    if case.context.stage == "llvm" or group.first.edge is not None:
        owner = edge_owner(case.paths, group.first.edge)
        return owner is None or owner.layer is Layer.LLVM
    outermost = group.first.includes[-1] if group.first.includes else group.first.place
    return (
        outermost is not None
        and outermost.path.endswith(_SOURCES)
        and case.paths.owner(outermost.path).layer is Layer.LLVM
    )


_SOURCES: Final = (".c", ".cc", ".cpp", ".cxx", ".C")


def _refused_header(
    case: Case, group: Group, locations: tuple[Location, ...]
) -> tuple[Layer, str, tuple[Location, ...]]:
    """LLVM's own header is refused in a unit of the project's: too old a standard, or headers of two LLVMs."""
    first = group.first
    is_std = first.facts.get(SCOPE, "") == "std" or first.identifier.startswith("std::")
    users = [case.paths.location(include) for include in first.includes]
    compiled = source_file(first.edge.command) if first.edge is not None else ""
    own = [place for place, whose in users if whose.is_users] or (
        [Location(path=case.paths.owner(compiled).path)] if compiled else []
    )
    if is_std:
        standard = re.search(r"-std=\S+", first.edge.command) if first.edge is not None else None
        first.facts.update(
            {FORM: "standard", REASON: standard[0] if standard else f"std::{first.facts.get(NAME, '')} is not in it"}
        )
        group.identifier, group.kind = f"std::{first.facts.get(NAME, '')}", API_REMOVED
        return Layer.DOWNSTREAM, "", (*own, *locations)
    scope = first.facts.get(SCOPE, "")
    if first.facts[FORM] == "not-member" and scope and not is_llvms_name(scope):
        return Layer.DOWNSTREAM, "", (*locations, *own)  # a template of LLVM's asks for a member of the user's class
    is_name = first.facts[FORM] in {"not-member", "undeclared"}
    if is_name and not is_llvms_name(first.facts.get(SCOPE, "")):
        return Layer.LLVM, "", locations  # uint8_t: an include that LLVM lacks for this compiler
    first.facts[FORM] = "mixed" if is_name else "refused"
    group.kind = COMPILE_ERROR
    return Layer.MACHINE, "", (*locations, *own)


_OF_AN_API: Final = frozenset({Subject.DECLARATION, Subject.TYPE})
"""Classes that say something of LLVM's API to its users; in LLVM's own code they are plain errors."""


def _located(case: Case, group: Group) -> list[tuple[Location, Owner]]:
    """Where to look, for each site: the place itself, or the first frame that is the user's, where it is LLVM's."""
    by_cmake = kind_of(group.kind).family is Family.CMAKE
    return [
        _users_place(case.paths, event, by_cmake=by_cmake) for event in group.sites.values() if event.place is not None
    ]


def _users_place(paths: Paths, event: Event, *, by_cmake: bool) -> tuple[Location, Owner]:
    assert event.place is not None  # noqa: S101 (the caller looked)
    if (made := generated_files.source_place(paths, event)) is not None:
        return paths.location(made[0])
    candidates = [paths.location(place, by_cmake=by_cmake) for place in (event.place, *event.frames)]
    own, owner = candidates[0]
    for place, whose in candidates:
        if whose.is_users and not _is_made(place, whose):
            return place, whose
    for place, whose in (paths.location(note) for note in _noted_places(event)):
        if whose.is_users and not _is_made(place, whose):
            return place, whose
    if owner.layer is Layer.LLVM and not owner.system:
        return own, owner  # nothing of the user's was instantiated: the header itself is refused
    for place, whose in (paths.location(include) for include in event.includes):
        if whose.is_users and not _is_made(place, whose):
            return place, whose
    return own, owner


_CANDIDATE: Final = re.compile(
    r"^(?P<path>(?:[A-Za-z]:)?[^:\n]+):(?P<line>\d+):\d+: note: +(?:candidate|no known conversion)"
)


def _noted_places(event: Event) -> Iterator[Location]:
    """Declarations that the compiler's notes point at: a lambda of the user's that LLVM's template calls in vain."""
    for line in event.detail:
        if match := _CANDIDATE.match(line):
            yield Location(path=match["path"].replace("\\", "/"), line=int(match["line"]))


def _is_made(place: Location, owner: Owner) -> bool:
    return owner.generated or generated_files.is_generated(place.path)


def _owner(case: Case, group: Group, located: Sequence[tuple[Location, Owner]]) -> Owner | None:
    if located and located[0][0].path.endswith("cmake_install.cmake"):
        named = re.search(r"\"(/[^\"]+)\"", group.first.message)
        return case.paths.owner(named[1]) if named else located[0][1]
    if located:
        return within_edge(located[0][1], group.first.edge)
    return edge_owner(case.paths, group.first.edge)


def _layer(case: Case, group: Group, owner: Owner | None) -> tuple[Layer, str]:  # noqa: PLR0911 (one by one)
    whose = texts.variant(group).whose or kind_of(group.kind).whose
    if whose is Whose.MACHINE or _is_environment(group):
        return Layer.MACHINE, ""
    if case.context.stage == "llvm":
        return Layer.LLVM, ""
    if whose is Whose.CHECKOUT:
        return _checkout(case, group)
    if (whose_file := _of_a_file(case, group)) is not None:
        return whose_file
    if group.tests and all(_LLVMS_TESTS.match(test) for test in group.tests):
        return Layer.LLVM, ""
    if whose in {Whose.PROGRAM, Whose.INPUT}:
        is_llvms = whose is Whose.PROGRAM and _is_llvms_tool(group)
        return (Layer.LLVM if is_llvms else Layer.DOWNSTREAM), ""
    if owner is not None and owner.layer is Layer.LLVM and (caller := _of_a_cut_call(group)) is not None:
        return caller, ""
    if owner is None or owner.layer is Layer.UNKNOWN or owner.system:
        is_cut = owner is None and (group.kind == CMAKE_PACKAGE or kind_of(group.kind).subject in _OF_AN_API)
        is_users = whose is Whose.DOWNSTREAM or is_cut  # where it stands is cut off: people show logs of their own
        return (Layer.DOWNSTREAM if is_users else Layer.UNKNOWN), ""
    return owner.layer, owner.component


def _of_a_file(case: Case, group: Group) -> tuple[Layer, str] | None:
    """The owner of a library that is not there, or not position-independent, where it lies outside of the project."""
    facts = group.first.facts
    if group.kind == LINK_ERROR and FILE in facts:
        owner = case.paths.owner(facts[FILE])
        is_machines = owner.layer is Layer.UNKNOWN or (owner.is_users and is_of_the_system(owner.path))
        return (Layer.MACHINE, "") if is_machines else (owner.layer, owner.component)
    path = facts.get(NAME, "") if group.kind == BUILD_FILE_MISSING else ""
    if not path.startswith("/") or not path.endswith((".a", ".so", ".dylib")):
        return None
    if case.paths.owner(path).layer not in {Layer.LLVM, Layer.MACHINE}:
        return None
    facts[FORM] = "installed"  # an install lacks a part
    return Layer.MACHINE, ""


_LLVMS_TESTS: Final = re.compile(r"(?:LLVM|MLIR|Clang|lld|Polly|Flang|BOLT|Clang Tools|lldb-\w+)(?:-Unit)? :: ")
"""Tests of LLVM's own suites."""


def _of_a_cut_call(group: Group) -> Layer | None:
    """Whose the call is of a CMake module of LLVM's that the log does not show: of installed ones, never LLVM's own."""
    places = [place.path for place in (group.first.place, *group.first.frames) if place is not None]
    is_modules = all(re.search(r"(?:^|/)cmake/(?:\w+/)?\w+\.cmake$", path) for path in places)
    if not is_modules or kind_of(group.kind).family is not Family.CMAKE:
        return None
    return Layer.DOWNSTREAM if places[1:] and is_in_llvm_install(f"/{places[0]}") else Layer.UNKNOWN


_UTILITIES: Final = frozenset(
    {"FileCheck", "count", "not", "split-file", "llvm-lit", "yaml-bench", "lit", "FileCheck;not"}
)


def _is_environment(group: Group) -> bool:
    """An install that lacks parts, or is not there: nothing that an edit of code would mend."""
    if group.kind == CMAKE_PACKAGE:
        # Another LLVM is the project's to ask for; another nanobind is the machine's to have.
        return group.first.facts.get(SORT) != "version" or not _LLVM_PACKAGES.match(group.identifier)
    if group.kind == SCRIPT_ERROR:
        return _NOT_THERE.search(group.identifier) is not None
    if is_system_s(group.identifier):
        return group.kind == CMAKE_TARGET_MISSING
    is_part = group.identifier in _UTILITIES or _is_of_python_bindings(group.identifier)
    return group.kind == CMAKE_TARGET_MISSING and is_part


_NOT_THERE: Final = re.compile(r"ModuleNotFoundError|No such file or directory|PermissionError|Permission denied")
_LLVM_PACKAGES: Final = re.compile(r"(?i)(?:LLVM|MLIR|Clang|LLD|Flang)$")

_LLVM_TOOLS: Final = re.compile(
    r"^(?:mlir|llvm)-[\w-]+$|^(?:opt|llc|lli|clang|clang\+\+|FileCheck|lld|ld\.lld|not|count)(?:-\d+)?$"
)


def _is_llvms_tool(group: Group) -> bool:
    """Whether the program that failed is one of LLVM's own, rather than the project's, which calls LLVM."""
    program = group.first.facts.get(PROGRAM, "")
    if not program and group.first.edge is not None:
        program = re.split(r"&& ", group.first.edge.command)[-1].partition(" ")[0].rpartition("/")[2]
    return _LLVM_TOOLS.match(program) is not None


def _checkout(case: Case, group: Group) -> tuple[Layer, str]:
    """A submodule that cannot be had, or is empty, is that component's; everything else the downstream's."""
    path = group.first.facts.get(SUBMODULE, "")
    if group.kind == CMAKE_MODULE_MISSING:
        path = case.paths.owner(f"{group.identifier}/CMakeLists.txt", by_cmake=True).component
    name = path.rpartition("/")[2]
    return (Layer.COMPONENT, name) if name and not name.startswith("llvm") else (Layer.DOWNSTREAM, "")


def evidence(event: Event) -> tuple[str, ...]:
    """The lines in front, the message, and the first lines behind it, as they were printed."""
    lines = [*event.before[-8:], event.text, *event.detail]
    kept = [line.rstrip() for line in lines if line.strip()]
    return tuple(kept[:_MOST_EVIDENCE])


# -- tests ------------------------------------------------------------------------------------------------------------

_TEST_KINDS: Final = frozenset({TESTS_FAILED, FILECHECK})


def _tests(case: Case, groups: Sequence[Group], explained: Iterable[str]) -> list[Finding]:
    """One finding per test file whose output differs; tests that failed for no reason that is known are another."""
    drift = [group for group in groups if group.kind == FILECHECK]
    listed = {group.first.facts[TEST]: group for group in groups if _is_test(group)}
    found = [_finding(case, group) for group in groups if group.kind == TESTS_FAILED and not _is_test(group)]
    found += _drifts(case, drift)
    known = {*explained, *(test for group in drift for test in group.tests)}
    left = {name: group for name, group in listed.items() if name not in known}
    if left and (known or not (drift or found)):
        found.append(_failed_tests(case, left))
    return found


def _is_test(group: Group) -> bool:
    return group.kind == TESTS_FAILED and TEST in group.first.facts


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
    located = [item for group in groups for item in _located(case, group)]
    locations = tuple(dict.fromkeys(place for place, _ in located))
    layer, component = _layer(case, first, located[0][1] if located else None)
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
        locations=locations[:_MOST_LOCATIONS],
        evidence=evidence(first.first),
        log=case.log,
        log_line=first.first.line,
        sites=max(1, len(locations)),
        configurations=_configurations(case),
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
        layer=Layer.LLVM if case.context.stage == "llvm" or all(map(_LLVMS_TESTS.match, names)) else Layer.DOWNSTREAM,
        evidence=(first.first.text, *first.first.detail[:4], *names[: _MOST_EVIDENCE - 5]),
        log=case.log,
        log_line=first.first.line,
        sites=len(names),
        configurations=_configurations(case),
        advice=(kind_of(TESTS_FAILED).advice,),
        facts={TESTS: ", ".join(names[:50])},
    )


def _configurations(case: Case) -> tuple[str, ...]:
    return (case.context.configuration,) if case.context.configuration else ()


# -- what no parser recognised ----------------------------------------------------------------------------------------


def _unexplained(case: Case, *, has_other: bool) -> list[Finding]:
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
    tail = tuple(line for line in case.scan.tail if line.strip())[-_MOST_EVIDENCE:]
    is_excerpt = case.scan.edges is None and "succeeded" not in case.scan.marks  # of no build that tells how it went
    stopped = next((event for event in _summaries(case.scan) if event.facts.get(MAKE_TARGET)), None)
    said = excerpts.complaint(_told(case.scan, tail), plainly=is_excerpt)
    if not is_failed(case.scan, case.context) and not (said and is_excerpt):
        return []
    if stopped is not None and not said:
        said = excerpts.in_front(case.scan, stopped.line)
    last = said or (stopped.facts[MAKE_TARGET] if stopped else tail[-1] if tail else "")
    verb = "says" if said else "stops at" if stopped else "ends with"
    words = f"it {verb} '{last.strip()[:100]}'" if last else "it printed nothing"
    return [
        Finding(
            kind=UNRECOGNISED,
            identifier=normalise(last) if last else "no output",
            headline=f"The command failed, and nothing in its log is recognised as the reason: {words}",
            layer=Layer.LLVM if case.context.stage == "llvm" else Layer.UNKNOWN,
            evidence=tail,
            log=case.log,
            log_line=case.scan.lines,
            configurations=_configurations(case),
            confidence=Confidence.GUESS,
        )
    ]


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
        configurations=_configurations(case),
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
    return normalise(next((line for line in lines if _COMPLAINT.search(line)), lines[-1]))


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
        configurations=_configurations(case),
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
        evidence=output[:_MOST_EVIDENCE] or (f"FAILED: {' '.join(first.outputs)}", first.command[:400]),
        log=case.log,
        log_line=first.line,
        sites=len(edges),
        configurations=_configurations(case),
        confidence=Confidence.GUESS,
        facts={COMMAND: first.command[:2000]} if first.command else {},
    )
