"""Errors that probably follow from another in the same units, where no line of code proves it.

A compiler goes on after an error with something left out. An error that leaves much out (a header that refuses a macro,
a base class that is not there, a type that is not known) makes others behind it: what is seen only in units in which
such an error is seen, and always behind it, is counted with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.fates import KINDS, OWN_CAUSES
from pytest_llvmgate.findings.groups import Group, Key, Scan, unit_of
from pytest_llvmgate.kinds.facts import BEFORE, FATE, FORM, NAMES, SCOPE
from pytest_llvmgate.objects.cxx_names import last_name, names_a_class
from pytest_llvmgate.owners.file_owners import is_in_llvm_install
from pytest_llvmgate.owners.llvms_names import mentions_llvms_name

_TYPE_LOST: Final = re.compile(
    r"(?:no template named|unknown (?:class|type) name|expected (?:class|template|unqualified)[- ]?name"
    r"|does not name a (?:template )?type|has not been declared|no type named|is not a (?:class|template|type)"
    r"|base class has incomplete type|data member or base class)"
)


def drop(scan: Scan) -> None:
    """Count what probably follows with its cause, and take it out of the causes."""
    _join_of_headers(scan)
    _drop_of_corrections(scan)
    ordered = scan.in_order()
    causes = [group for _, group in ordered if _leaves_out(group)]
    deeper = [group for group in causes if _explains_lost_types(group)]
    for key, group in ordered:
        if group.kind not in KINDS or not (_may_follow(group) or _is_of_lost_type(group, causes)):
            continue
        able = deeper if _leaves_out(group) else causes
        cause = next((one for one in able if one is not group and _is_before(one, group)), None)
        if cause is not None:
            scan.attribute(key, to=cause, probably=True)
            causes, deeper = ([one for one in each if one is not group] for each in (causes, deeper))


_FEW_UNITS: Final = 3
"""Units whose errors in one header belong together."""


def _join_of_headers(scan: Scan) -> None:
    """What is refused in one header of the project's, in the same several units, is one change: it declares there
    something that LLVM declares otherwise now.
    """
    found: dict[tuple[str, frozenset[str]], list[Key]] = {}
    for key, group in scan.in_order():
        if group.kind in KINDS and len(group.units) >= _FEW_UNITS and _is_of_a_header(group) and _may_follow(group):
            path = group.first.place.path if group.first.place is not None else ""
            found.setdefault((path, frozenset(group.units)), []).append(key)
    for keys in found.values():
        keys.sort(key=lambda key: (not _is_ambiguous_type(scan.groups[key]), not _leaves_out(scan.groups[key])))
        first = scan.groups[keys[0]]
        names = dict.fromkeys(scan.groups[key].identifier for key in keys if _is_ambiguous_type(scan.groups[key]))
        if len(names) > 1:
            first.facts[NAMES] = ", ".join(names)
        scan.join(keys)


def _is_of_a_header(group: Group) -> bool:
    """Whether it begins in a file that the units include, and that is not LLVM's."""
    place = group.first.place
    if place is None or is_in_llvm_install(place.path):
        return False
    return bool(group.first.includes) or place.path.endswith((".h", ".hpp", ".hh"))


def _drop_of_corrections(scan: Scan) -> None:
    """Clang goes on with the name that it proposes: what it says of that call's arguments is of no use."""
    corrected = [
        event
        for group in scan.groups.values()
        if group.form in {"undeclared", "not-member"}
        for event in group.sites.values()
        if "; did you mean" in event.message
    ]
    proposals = _proposals(corrected)
    for key, group in list(scan.groups.items()):
        form, events = group.form, group.sites.values()
        is_of_calls = form in {"other", "convert", "no-match"} and all(
            any(_is_of_call(event, one) for one in corrected) for event in events
        )
        is_own = group.facts.get(FATE, "") in OWN_CAUSES and BEFORE in group.facts
        if is_of_calls or (not is_own and all(_is_of_proposal(event, proposals) for event in events)):
            del scan.groups[key]


def _proposals(corrected: Sequence[Event]) -> dict[tuple[str, str], int]:
    """The names that the compiler took instead, each with its file, and the line of the log where it first did so."""
    found: dict[tuple[str, str], int] = {}
    for event in corrected:
        if (proposed := _PROPOSED.search(event.message)) is None:
            continue
        for where in (unit_of(event), event.place.path if event.place is not None else ""):
            told = (where, last_name(proposed["name"]))
            found[told] = min(event.line, found.get(told, event.line))
    return found


def _is_of_proposal(event: Event, proposals: Mapping[tuple[str, str], int]) -> bool:
    """Whether an error is about the name that the compiler took, further down in the file, or about members."""
    if event.place is None:
        return False
    told = [(event.place.path, word) for word in re.findall(r"\w+", event.message)]
    told += [(unit_of(event), last_name(event.facts.get(SCOPE, "")))]
    return any(proposals.get(each, event.line) < event.line for each in told)


_PROPOSED: Final = re.compile(r"; did you mean ['\u2018](?P<name>[\w:]++)")


def _is_of_call(event: Event, corrected: Event) -> bool:
    """Whether an error is about the arguments of the call that was corrected: in its line or the next ones."""
    one, other = event.place, corrected.place
    if one is None or other is None or one.path != other.path or event.line <= corrected.line:
        return False
    return 0 <= (one.line or 0) - (other.line or 0) <= _LINES_OF_A_CALL


_LINES_OF_A_CALL: Final = 3


def _is_ambiguous_type(group: Group) -> bool:
    """A type that the project declares, and LLVM declares elsewhere now."""
    return group.form == "ambiguous" and names_a_class(group.identifier)


def _leaves_out(group: Group) -> bool:
    """Whether the compiler goes on without something that much else needs."""
    form = group.form
    if _explains_lost_types(group):
        return True
    return form in {"undeclared", "not-member", "base"} and bool(_TYPE_LOST.search(group.first.message))


def _explains_lost_types(group: Group) -> bool:
    """Whether it is the reason even of other errors that leave something out."""
    return _is_directive(group) or _is_ambiguous_type(group)


def _is_directive(group: Group) -> bool:
    return group.form == "directive"


_NEVER_FOLLOW: Final = frozenset({"directive", "unqualified", "standard", "target", "mixed", "handed", "taken"})


def _may_follow(group: Group) -> bool:
    """Whether nothing says that the error is a cause of its own: no change of LLVM, and no name of LLVM's."""
    facts = group.facts
    form = facts.get(FORM, "")
    if facts.get(FATE, "") in OWN_CAUSES or form in _NEVER_FOLLOW:
        return False
    if facts.get(FATE, "") in {"unchanged", "foreign"}:
        return True
    if form in {"undeclared", "override", "abstract", "syntax", "other", "incomplete"}:
        return not mentions_llvms_name(group.identifier)
    return not mentions_llvms_name(f"{facts.get(SCOPE, '')} {group.identifier}")


_INCOMPLETE: Final = re.compile(r"incomplete (?:return |result )?type '(?P<type>[^']++)'")


def _is_of_lost_type(group: Group, causes: Sequence[Group]) -> bool:
    """Whether all that is said is that a type is incomplete which another error has left so."""
    match = _INCOMPLETE.search(group.first.message)
    if match is None:
        return False
    lost = {name for cause in causes for name in (cause.identifier, *cause.facts.get(NAMES, "").split(", "))}
    return last_name(match["type"]) in {last_name(name) for name in lost}


def _is_before(cause: Group, group: Group) -> bool:
    """Whether the cause is seen in all units of the group, and in front of it; one unit alone proves little."""
    if not group.units or len(group.units) > len(cause.units):
        return False
    if not all(unit in cause.units and cause.units[unit] < line for unit, line in group.units.items()):
        return False
    if len(group.units) > 1 or _is_near(cause, group) or _is_ambiguous_type(cause):
        return True
    # What all such units lack would be missed in all of them; and where the code is shown, it would prove it.
    is_name = group.form == "undeclared" and not _leaves_out(group)
    return _is_directive(cause) and not group.first.code and (not is_name or len(cause.units) == 1)


def _is_near(cause: Group, group: Group) -> bool:
    """Of one unit: the same file, behind the error that leaves a type out, or about that very type."""
    lost = last_name(cause.identifier)
    if lost in _words(group.first.message) or _is_next(cause, group.first):
        return True
    if not (lost.endswith("Base") or "class" in cause.first.message):
        return False
    places = {event.place.path for event in cause.sites.values() if event.place is not None}
    return all(event.place is not None and event.place.path in places for event in group.sites.values())


_NEXT: Final = 4
"""Lines of a log, and of a file, in which what a line would have declared is used for the first time."""


def _is_next(cause: Group, event: Event) -> bool:
    """Whether a name is missed right behind a declaration that was left out, where the code is not shown."""
    place = event.place
    if place is None or event.code or event.form != "undeclared":
        return False
    return any(
        one.place is not None
        and one.place.path == place.path
        and 0 < event.line - one.line <= _NEXT
        and 0 <= (place.line or 0) - (one.place.line or 0) <= _NEXT
        for one in cause.samples
    )


@lru_cache(maxsize=10_000)
def _words(text: str) -> frozenset[str]:
    """The words of a text. (A table: pairs of causes and errors may be millions.)"""
    return frozenset(re.findall(r"\w+", text))
