"""Errors that probably follow from another in the same units, where no line of code proves it.

A compiler goes on after an error with something left out. An error that leaves much out (a header that refuses a macro,
a base class that is not there, a type that is not known) makes others behind it: what is seen only in units in which
such an error is seen, and always behind it, is counted with it.
"""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.findings.cascades import OWN_CAUSES
from pytest_llvmgate.findings.groups import Group, Scan
from pytest_llvmgate.kinds.catalogue import API_CHANGED, API_REMOVED, COMPILE_ERROR, HEADER_NOT_INCLUDED
from pytest_llvmgate.kinds.facts import FATE, FORM, SCOPE
from pytest_llvmgate.objects.cxx_names import last_name

_KINDS: Final = frozenset({API_REMOVED, API_CHANGED, COMPILE_ERROR, HEADER_NOT_INCLUDED})
_LLVM: Final = re.compile(r"(?:^|[ (<,*&])(?:::)?(?:llvm|mlir|clang|lld)::")
_TYPE_LOST: Final = re.compile(
    r"(?:no template named|unknown (?:class|type) name|expected (?:class|template|unqualified)[- ]?name"
    r"|does not name a (?:template )?type|has not been declared|no type named|is not a (?:class|template|type)"
    r"|base class has incomplete type)"
)


def attach(scan: Scan) -> None:
    """Count what probably follows with its cause, and take it out of the causes."""
    causes = sorted((group for group in scan.groups.values() if _leaves_out(group)), key=lambda group: group.first.line)
    for key, group in sorted(scan.groups.items(), key=lambda item: item[1].first.line):
        if group.kind not in _KINDS or not _may_follow(group):
            continue
        cause = next((one for one in causes if one is not group and _is_before(one, group)), None)
        if cause is not None:
            cause.probable += group.count + group.follow_ons + group.probable
            del scan.groups[key]
            causes = [one for one in causes if one is not group]


def _leaves_out(group: Group) -> bool:
    """Whether the compiler goes on without something that much else needs."""
    form = group.first.facts.get(FORM, "")
    if form == "directive":
        return True
    return form in {"undeclared", "not-member"} and bool(_TYPE_LOST.search(group.first.message))


def _may_follow(group: Group) -> bool:
    """Whether nothing says that the error is a cause of its own: no change of LLVM, and no name of LLVM's."""
    facts = group.first.facts
    form = facts.get(FORM, "")
    if facts.get(FATE, "") in OWN_CAUSES or form in {"directive", "unqualified", "standard", "target", "mixed"}:
        return False
    if facts.get(FATE, "") in {"unchanged", "foreign"}:
        return True
    if form in {"undeclared", "override", "abstract", "syntax", "other", "incomplete"}:
        return not _LLVM.search(group.identifier)
    return not _LLVM.search(f"{facts.get(SCOPE, '')} {group.identifier}")


def _is_before(cause: Group, group: Group) -> bool:
    """Whether the cause is seen in all units of the group, and in front of it; one unit alone proves little."""
    if not group.units or len(group.units) > len(cause.units):
        return False
    if not all(unit in cause.units and cause.units[unit] < line for unit, line in group.units.items()):
        return False
    is_directive = cause.first.facts.get(FORM) == "directive"
    if _leaves_out(group) and not is_directive:
        return False
    if len(group.units) > 1 or _is_near(cause, group):
        return True
    # What all such units lack would be missed in all of them; and where the code is shown, it would prove it.
    is_name = group.first.facts.get(FORM) == "undeclared" and not _leaves_out(group)
    return is_directive and not group.first.code and (not is_name or len(cause.units) == 1)


def _is_near(cause: Group, group: Group) -> bool:
    """Of one unit: the same file, behind the error that leaves a type out, or about that very type."""
    lost = last_name(cause.identifier)
    if re.search(rf"\b{re.escape(lost)}\b", group.first.message):
        return True
    places = {event.place.path for event in cause.sites.values() if event.place is not None}
    is_base = lost.endswith("Base") or "class" in cause.first.message
    return is_base and all(event.place is not None and event.place.path in places for event in group.sites.values())
