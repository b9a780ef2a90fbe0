"""A group of events as a finding: its headline, places, layer, evidence and first advice."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.findings import texts
from pytest_llvmgate.findings.case import MOST_LOCATIONS, Case, evidence
from pytest_llvmgate.findings.events import SUMMARY
from pytest_llvmgate.findings.groups import Group, is_of_the_standard, lacks_of_std
from pytest_llvmgate.findings.layers import edge_owner, source_file
from pytest_llvmgate.findings.responsibility import OF_AN_API, UNITS, layer_of, located_of, owner_of
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.kinds.description import Family
from pytest_llvmgate.model import Finding, Layer, Location
from pytest_llvmgate.objects.cxx_names import names_a_class
from pytest_llvmgate.owners.file_owners import is_in_llvm_install
from pytest_llvmgate.owners.llvms_names import is_llvms_name, mentions_llvms_name
from pytest_llvmgate.owners.standard_names import is_of_posix


def finding_of(case: Case, group: Group) -> Finding:
    """One finding; what only the place tells (whose header is refused) is noted in the group."""
    if group.kind == kinds.CMAKE_MODULE_MISSING and group.identifier.startswith("/"):
        group.identifier = case.paths.location(Location(path=group.identifier))[0].path
        if case.paths.source and group.identifier.startswith("/"):
            group.facts[fact.SORT] = "outside"
    located = located_of(case, group)
    owner = owner_of(case, group, located)
    layer, component = layer_of(case, group, owner)
    locations = tuple(dict.fromkeys(place for place, _ in located))
    is_compilers = kind_of(group.kind).family is Family.COMPILER and fact.FORM in group.facts
    if layer is Layer.LLVM and is_compilers and not _is_of_llvms_build(case, group):
        layer, component, locations = _refused_header(case, group, locations)
    if (
        layer is Layer.LLVM
        and group.kind == kinds.TABLEGEN
        and any(case.paths.location(include)[1].is_users for include in group.first.includes)
    ):
        group.facts[fact.FORM], layer = "refused", Layer.MACHINE
    _take_from_llvm(group, layer)
    is_llvms_api = layer is Layer.LLVM and kind_of(group.kind).subject in OF_AN_API
    return Finding(
        kind=kinds.COMPILE_ERROR if is_llvms_api else group.kind,
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
        locations=locations[:MOST_LOCATIONS],
        evidence=evidence(group.first),
        log=case.log,
        log_line=group.first.line,
        sites=max(1, len(locations)) if locations else group.count,
        configurations=case.configurations,
        confidence=texts.confidence(group),
        advice=texts.advice(group, layer=layer, component=component, in_gate=bool(case.context.stage)),
        facts=_facts_of(group),
    )


def _facts_of(group: Group) -> dict[str, str]:
    """What the first error says, and how much there is of it."""
    facts = {key: value for key, value in group.facts.items() if value and key != SUMMARY}
    if group.kind == kinds.LIBRARY_MISSING:
        facts[fact.LINKED] = ", ".join(dict.fromkeys(edge.linked_target for edge in group.edges.values()))
    if group.edges:
        facts[fact.FAILED_EDGES] = str(len(group.edges))
    if group.follow_ons:
        facts[fact.FOLLOW_ON_ERRORS] = str(group.follow_ons)
    if group.probable:
        facts[fact.PROBABLY_FOLLOW] = str(group.probable)
    return facts


def _is_of_llvms_build(case: Case, group: Group) -> bool:
    """Whether what was compiled is LLVM's own; where nothing tells, a relative path of LLVM's tree does."""
    place = group.first.place
    if place is not None and place.path.endswith((".h", ".hpp")) and not _INCLUDED.search(place.path):
        return True  # a header beside the sources: nobody else includes it
    if case.context.stage == "llvm" or group.first.edge is not None:
        owner = edge_owner(case.paths, group.first.edge)
        return owner is None or owner.layer is Layer.LLVM
    outermost = group.first.includes[-1] if group.first.includes else group.first.place
    return (
        outermost is not None
        and outermost.path.endswith(UNITS)
        and case.paths.owner(outermost.path).layer is Layer.LLVM
    )


_INCLUDED: Final = re.compile(
    r"(?:^|/)(?:include|lib(?:32|64)?/clang/\d[^/]*)/|(?:^|/)(?:llvm|mlir|clang|lld)(?:-c)?/[A-Z][^/]*/[^/]+$"
)


def _refused_header(
    case: Case, group: Group, locations: tuple[Location, ...]
) -> tuple[Layer, str, tuple[Location, ...]]:
    """LLVM's own header is refused in a unit of the project's: too old a standard, or headers of two LLVMs."""
    first = group.first
    is_std = lacks_of_std(first.identifier, first.facts)
    users = [case.paths.location(include) for include in first.includes]
    compiled = source_file(first.edge.command) if first.edge is not None else ""
    own = [place for place, whose in users if whose.is_users] or (
        [Location(path=case.paths.owner(compiled).path)] if compiled else []
    )
    if group.kind in {kinds.WARNING_AS_ERROR, kinds.API_DEPRECATED}:  # LLVM's own build asks for no such strictness
        first.facts[fact.FORM], group.kind = "in-llvm", kinds.WARNING_AS_ERROR
        return Layer.DOWNSTREAM, "", (*own, *locations)
    if is_std:
        standard = re.search(r"-std=\S+", first.edge.command) if first.edge is not None else None
        first.facts.update(
            {
                fact.FORM: "standard",
                fact.REASON: standard[0] if standard else f"std::{first.facts.get(fact.NAME, '')} is not in it",
            }
        )
        group.identifier, group.kind = f"std::{first.facts.get(fact.NAME, '')}", kinds.API_REMOVED
        return Layer.DOWNSTREAM, "", (*own, *locations)
    scope = first.facts.get(fact.SCOPE, "")
    if first.facts[fact.FORM] == "not-member" and scope and not is_llvms_name(scope):
        return Layer.DOWNSTREAM, "", (*locations, *own)  # a template of LLVM's asks for a member of the user's class
    is_name = first.facts[fact.FORM] in {"not-member", "undeclared"}
    is_systems = is_of_posix(first.identifier)  # uid_t: a header that is configured for another system
    if is_name and not is_systems and not is_llvms_name(scope):
        return Layer.LLVM, "", locations  # uint8_t: an include that LLVM lacks for this compiler
    first.facts[fact.FORM] = "mixed" if is_name and not is_systems else "refused"
    group.kind = kinds.COMPILE_ERROR
    return Layer.MACHINE, "", (*locations, *own)


def _take_from_llvm(group: Group, layer: Layer) -> None:
    """What is missed of the standard library, or in a class of others, is gone from no API of LLVM's."""
    is_users = layer in {Layer.DOWNSTREAM, Layer.COMPONENT}
    if is_users and is_of_the_standard(group) and group.kind in {kinds.API_REMOVED, kinds.COMPILE_ERROR}:
        group.kind = kinds.HEADER_NOT_INCLUDED  # a header no longer comes along
        group.facts[fact.FORM] = "std-header"
        group.facts.setdefault(fact.NAMES, group.identifier)
    elif group.kind == kinds.API_REMOVED and _is_of_anothers_class(group):
        group.kind = kinds.COMPILE_ERROR
    elif is_users and group.kind == kinds.API_REMOVED and _is_asked_by_llvm(group):
        group.kind, group.facts[fact.FORM] = kinds.API_CHANGED, "asked"


def _is_asked_by_llvm(group: Group) -> bool:
    """Whether a template in LLVM's header misses a member of what it is given, and no LLVM is known to have had it.

    Projects put their own classes into namespaces below MLIR's; what is in that itself is LLVM's.
    """
    facts, first = group.facts, group.first
    scope = facts.get(fact.SCOPE, "")
    is_member = facts.get(fact.FORM) == "not-member" and names_a_class(scope) and scope.count("::") > 1
    is_in_llvm = first.place is not None and is_in_llvm_install(first.place.path)
    return is_member and is_in_llvm and bool(first.frames) and fact.BEFORE not in facts


def _is_of_anothers_class(group: Group) -> bool:
    """Whether the class that lacks a member says by its namespace that it is none of LLVM's, and no LLVM tells more."""
    facts = group.facts
    scope = facts.get(fact.SCOPE, "")
    is_member = facts.get(fact.FORM) in {"not-member", "members"}
    is_class = scope.startswith("std::") or ("::" in scope and names_a_class(scope))
    return is_member and is_class and fact.FATE not in facts and not mentions_llvms_name(group.first.message)
