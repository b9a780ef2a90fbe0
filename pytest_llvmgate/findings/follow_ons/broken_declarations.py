"""Errors behind a declaration that failed: a name that it would have declared, a class whose base is gone.

Compilers go on after an error, with the declaration left out. What they say later about the missing name is true and of
no use: one removed TableGen output was seen to make 332 of 360 errors. The source line that the compiler shows with an
error tells what that line would have declared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.fates import OWN_CAUSES
from pytest_llvmgate.findings.groups import Group, Scan, unit_of
from pytest_llvmgate.kinds.catalogue import GENERATED_HEADER_MISSING, HEADER_MISSING
from pytest_llvmgate.kinds.facts import FATE, FORM, NAME, SCOPE
from pytest_llvmgate.objects.cxx_names import last_name
from pytest_llvmgate.owners.file_owners import is_in_llvm_install
from pytest_llvmgate.owners.llvms_names import is_llvms_name

_DECLARES: Final = (
    re.compile(r"\busing\s++(?P<said>[\w:]++)\s*+[=;]"),
    re.compile(r"^(?>.*?\btypedef\b)(?>[^;(]*+\(\s*+\*)(?P<said>\s*+\w++)\s*+\)"),
    re.compile(r"^(?>.*?\btypedef\b)(?P<said>[^;]*+);"),
    re.compile(
        r"\b(?:class|struct|enum(?: class)?|union)\s++(?:(?=[^\W_]*+_)\w++\s++)?(?P<said>\w++)\s*+"
        r"(?:final\s*+)?(?:[:{;]|$)"
    ),
    re.compile(r"^(?=\s*+[\w:<>,*&]++\s*+[\w*&])(?P<said>[\w:<>,\s*&]++)[=({;\[]"),
    re.compile(r"\bnamespace\s++(?P<said>\w++)\s*+="),
)
"""Each with what ends in the name that a line declares."""
_WORDS: Final = re.compile(r"\w++")
_BASES: Final = re.compile(r"\b(?:class|struct)\s+(?P<name>\w+)\s*(?:final\s*)?(?::(?!:)|$)")
_BASE_ALONE: Final = re.compile(
    r"^\s*:\s*(?:public\s+)?(?:[\w:]+<(?P<name>\w+)\b(?!::)|(?:\w+::)*(?P<stem>\w+)Base<\s*$)"
)
"""A base clause on a line of its own. A base that takes the class itself as its argument names it; so do generated
bases of passes usually, where the argument is on the next line.
"""
_FUNCTION_BODY: Final = 60
"""Lines within which a variable is taken to be the one that was declared above."""
_CLASS_BODY: Final = 300
"""Lines within which a member is taken to belong to the class above."""
_DEPENDENT: Final = frozenset(
    {"undeclared", "not-member", "override", "no-match", "convert", "syntax", "incomplete", "other", "abstract"}
)


@dataclass(slots=True, kw_only=True)
class _Broken:
    """What an error leaves undeclared in one file."""

    group: Group
    line: int
    """Of the log."""
    at: int
    """Line of the file."""
    names: frozenset[str]
    class_without_base: str = ""


@dataclass(kw_only=True)
class _Files:
    """Broken declarations."""

    broken: dict[str, list[_Broken]] = field(default_factory=dict)
    """By file, as printed."""
    by_name: dict[str, list[_Broken]] = field(default_factory=dict)
    """By what they would have declared: a header's members are missed in the files that include it."""

    def note(self, group: Group, event: Event) -> None:
        """Remember what the line of the event would have declared."""
        if event.place is None or not event.code:
            return
        names = declared_names(event.code)
        base = _BASES.search(event.code) or _BASE_ALONE.search(event.code)
        if not names and base is None:
            return
        entry = _Broken(
            group=group, line=event.line, at=event.place.line or 0, names=names, class_without_base=_class_of(base)
        )
        self.broken.setdefault(event.place.path, []).append(entry)
        for name in names:
            self.by_name.setdefault(name, []).append(entry)

    def cause_of(self, group: Group, event: Event) -> Group | None:
        """The group from which this event follows."""
        if event.place is None:
            return None
        for entry in self.broken.get(event.place.path, ()):
            if entry.group is not group and entry.line < event.line and _follows(event, entry):
                return entry.group
        unit, name = unit_of(event), event.facts.get(NAME, "")
        is_own = event.form == "not-member" and not is_llvms_name(event.identifier)  # a class of the project's
        for entry in self.by_name.get(name, ()) if event.form == "undeclared" or is_own else ():
            if entry.group is not group and entry.group.units.get(unit, event.line) < event.line:
                return entry.group
        return None


def drop(scan: Scan) -> None:
    """Take out what follows from declarations that the compiler left out."""
    _drop_of_left_out_names(scan)
    _drop_of_lost_types(scan)
    _drop_of_lambdas(scan)
    _name_users_of_private(scan)
    _drop_of_directives(scan)


def _drop_of_left_out_names(scan: Scan) -> None:
    files = _Files()
    ordered = scan.in_order()
    for _, group in ordered:
        if _is_compilers(group):
            for event in group.sites.values():
                files.note(group, event)
    for key, group in ordered:
        is_own = group.facts.get(FATE, "") in OWN_CAUSES
        if _is_compilers(group) and not is_own and (causes := _causes(files, group)):
            scan.attribute(key, to=causes[0])


def _drop_of_lost_types(scan: Scan) -> None:
    """GCC takes for an int what has a type that it does not know: such a function overrides nothing, no call fits."""
    lost = [group for group in scan.groups.values() if group.form in {"undeclared", "not-member"}]
    sites = [(site.place, group, site) for group in lost for site in group.sites.values()]
    at = {(place.path, place.line or 0): (group, site) for place, group, site in sites if place is not None}
    for key, group in list(scan.groups.items()):
        if at and group.form in _TAKES_AN_INT and _INT.search(group.first.message):
            causes = [_type_of(event, at) for event in group.sites.values()]
            scan.attribute(key, to=causes[0] if None not in causes else None)


def _drop_of_lambdas(scan: Scan) -> None:
    """No call takes a lambda in which there is an error: what stands behind the call's beginning, and is said first."""
    ordered = scan.in_order()
    calls = [(key, group) for key, group in ordered if _takes_a_lambda(group)]
    sites: dict[str, list[tuple[Event, Group]]] = {}
    for _, group in ordered if calls else ():
        for site in group.sites.values():
            sites.setdefault(site.place.path if site.place is not None else "", []).append((site, group))
    for key, group in calls:
        within = [_within(event, group, sites) for event in group.sites.values()]
        scan.attribute(key, to=within[0] if None not in within else None)


_LAMBDA: Final = re.compile(r"\(lambda at |<lambda\(")


def _takes_a_lambda(group: Group) -> bool:
    """Whether it is a call, of nothing that LLVM changed, that is given one."""
    if group.form not in {"no-match", "convert"} or group.facts.get(FATE, "") in OWN_CAUSES:
        return False
    return any(_LAMBDA.search(line) for event in group.samples for line in event.detail)


def _within(event: Event, own: Group, sites: Mapping[str, Sequence[tuple[Event, Group]]]) -> Group | None:
    """The group of an error in an argument of the call that the event is about: of ``sites``, by file."""
    begin = _position(event)
    for site, group in sites.get(event.place.path, ()) if event.place is not None else ():
        is_behind = group is not own and site.line < event.line and _position(site) > begin
        if is_behind and unit_of(site) == unit_of(event):
            return group
    return None


def _position(event: Event) -> tuple[int, int]:
    return (event.place.line or 0, event.place.column or 0) if event.place is not None else (0, 0)


_TAKES_AN_INT: Final = frozenset({"override", "no-declaration", "no-match", "convert", "other"})
_INT: Final = re.compile(r"[(,] ?(?:const )?int ?&?[,)]")
_LINES_OF_PARAMETERS: Final = 5


def _type_of(event: Event, lost: Mapping[tuple[str, int], tuple[Group, Event]]) -> Group | None:
    """The lost type of a parameter or a variable that it is about; in LLVM's templates, any that is lost above."""
    path, line = (event.place.path, event.place.line or 0) if event.place is not None else ("", 0)
    is_in_llvm = is_in_llvm_install(path)
    is_of_function = not is_in_llvm and event.form in {"override", "no-declaration"}
    lines = range(line, line + _LINES_OF_PARAMETERS) if is_of_function else range(line - 1, line - _FUNCTION_BODY, -1)
    near = lost.values() if is_in_llvm else [lost[path, one] for one in lines if (path, one) in lost]
    for group, site in near:
        # a variable that is declared an int is one
        names = set() if re.search(r"\bint\b", site.code) else declared_names(site.code)
        is_used = event.form == "no-match" if is_in_llvm else not names.isdisjoint(_WORDS.findall(event.code))
        if (is_of_function or is_used) and group.units.get(unit_of(event), event.line) < event.line:
            return group
    return None


def _class_of(base: re.Match[str] | None) -> str:
    return next((name for name in base.groupdict().values() if name), "") if base is not None else ""


def declared_names(code: str) -> frozenset[str]:
    """What a line of C++ declares, as far as one line tells."""
    said = (match["said"] for pattern in _DECLARES if (match := pattern.search(code)))
    return frozenset(words[-1] for each in said if (words := _WORDS.findall(each)))


def _is_members(name: str) -> bool:
    """Whether a name is written as members are: not as types, nor as the functions that fill, make and register."""
    return name[:1].islower() and _FREE.match(name) is None


_FREE: Final = re.compile(r"(?:populate|register|apply|create|load|initialize|make)[A-Z]")


def _follows(event: Event, broken: _Broken) -> bool:
    name = event.facts.get(NAME, "") or last_name(event.identifier)
    form = event.form
    if form in {"undeclared", "incomplete"} and name in broken.names:
        return True
    owner = broken.class_without_base
    if not owner or form not in _DEPENDENT:
        return False
    scope = event.facts.get(SCOPE, "")
    is_unqualified = form == "undeclared" and "::" not in event.identifier and _is_members(name)
    if is_unqualified or (form == "override" and not scope):  # nobody says whose; a class body is seldom longer
        return event.place is not None and 0 < (event.place.line or 0) - broken.at < _CLASS_BODY
    inside = any(f"{owner}::" in line for line in event.before)
    return inside or last_name(scope) == owner or re.search(rf"\b{re.escape(owner)}\b", event.message) is not None


def _is_compilers(group: Group) -> bool:
    return FORM in group.facts and group.kind not in {HEADER_MISSING, GENERATED_HEADER_MISSING}


def _causes(files: _Files, group: Group) -> list[Group]:
    """The causes of all sites; empty as soon as one site has none."""
    found = [cause for event in group.sites.values() if (cause := files.cause_of(group, event)) is not None]
    return found if len(found) == len(group.sites) else []


_AFTER_PRIVATE: Final = 6
"""Lines between what older GCCs say of a private member and of its use."""


def _name_users_of_private(scan: Scan) -> None:
    """Older GCCs point at the private member's declaration, and say in an error of its own where it is used."""
    for key, group in list(scan.groups.items()):
        if group.form != "context":
            continue
        for event in group.sites.values():
            used = _said_before(scan, event)
            if used is not None and event.place is not None:
                used.frames = (event.place, *used.frames)
                scan.groups.pop(key, None)


def _said_before(scan: Scan, event: Event) -> Event | None:
    """The error on a private member in the lines in front."""
    privates = (group for group in scan.groups.values() if group.form == "private")
    sites = (site for group in privates for site in group.sites.values())
    return next((site for site in sites if 0 < event.line - site.line <= _AFTER_PRIVATE), None)


def _drop_of_directives(scan: Scan) -> None:
    """A header that refuses a macro (``#error``) does not declare what the macro asked for.

    Seen with ``GEN_PASS_CLASSES``: the base classes of all passes were missing, in the same units.
    """
    directives = [group for group in scan.groups.values() if group.form == "directive"]
    for key, group in list(scan.groups.items()):
        if group.form != "undeclared" or not all(map(_is_a_base, group.sites.values())):
            continue
        cause = next((one for one in directives if group.edges and group.edges.keys() <= one.edges.keys()), None)
        scan.attribute(key, to=cause)


def _is_a_base(event: Event) -> bool:
    return bool(_BASES.search(event.code) or _BASE_ALONE.search(event.code))
