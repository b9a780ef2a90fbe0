"""What the two LLVMs say of an error's entity: whether LLVM changed at all, and how.

What did not change in LLVM is no break of its API: then the error follows from another, or the header that declares the
name no longer comes along, or the machine's LLVM is not the one that is meant.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from pytest_llvmgate.findings import callees
from pytest_llvmgate.findings.groups import Group, Scan
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.objects.cxx_names import last_name, names_a_class
from pytest_llvmgate.owners.llvms_names import NAMESPACES, is_llvms_macro, is_llvms_name
from pytest_llvmgate.surface.cxx_declarations import Declaration, can_parse
from pytest_llvmgate.surface.entity_fates import CHANGES, Fate, FateAnswer, SurfaceDifference
from pytest_llvmgate.surface.llvm_surface import Surface

OWN_CAUSES: Final = frozenset(fate.value for fate in CHANGES)
"""As findings have them: an error of what LLVM changed needs no other to explain it."""
_MOST_ASKED: Final = 300
"""Entities that are asked for; in the order of the log."""
_SECONDS: Final = 30.0
"""After which no further ones are asked: what is not asked is said as the log has it."""
KINDS: Final = frozenset({kinds.API_REMOVED, kinds.API_CHANGED, kinds.HEADER_NOT_INCLUDED, kinds.COMPILE_ERROR})
"""Of errors that are about something declared."""
_OF_INSTALLS: Final = "llvm/Config/llvm-config.h"
"""A header that LLVM's own configure makes."""
_SUBJECT_FORMS: Final = frozenset(
    {"not-member", "undeclared", "incomplete", "private", "no-match", "deleted", "const", "returns"}
)


def judge(scan: Scan, difference: SurfaceDifference) -> None:
    """Note each entity's fate, and make of what did not change what it is."""
    callees.name_owners(scan, difference)
    if not difference.is_whole:
        return
    started = time.process_time()
    callees.name_callees(scan, difference)
    for group in _asked(scan):
        if time.process_time() - started > _SECONDS:
            break
        _note(group, _as_member(group, difference) or _answer(group, difference))
    for group in scan.groups.values():
        if group.kind == kinds.HEADER_MISSING:
            group.facts[fact.FATE] = difference.of_header(group.identifier).fate.value


def join_lost_includes(scan: Scan, difference: SurfaceDifference) -> None:
    """What is still there as it was, and follows from nothing, is missed where a header does not bring it any more."""
    if not difference.is_whole:
        _note_what_is_there(scan, difference)
        return
    included = []
    for group in _asked(scan):
        if group.facts.get(fact.FATE) == Fate.UNCHANGED.value:
            answer = _answer(group, difference)
            if _is_usable(group, answer, difference):
                included.append((group, answer))
    _not_included(scan, included, difference)


def _note_what_is_there(scan: Scan, difference: SurfaceDifference) -> None:
    """With the candidate alone: what it declares outside of any class is not gone, its header is not included."""
    if difference.candidate is None or not can_parse():
        return
    for group in _asked(scan):
        facts = group.facts
        if group.form == "incomplete":
            _note_that_none_defines_it(group, difference.candidate)
            continue
        if group.kind != kinds.API_REMOVED or facts.get(fact.FORM) not in {"undeclared", "not-member"}:
            continue
        if enumeration := _answer(group, difference).enumeration:
            facts[fact.ENUMERATION] = enumeration
            continue
        scopes = {facts[fact.SCOPE].lstrip(":")} if facts.get(fact.SCOPE) else NAMESPACES
        if _is_namespace(group):
            scopes = {f"{outer}::{group.identifier}" for outer in NAMESPACES}
        there = [one for one in difference.candidate.declarations(facts.get(fact.NAME, "")) if one.owner in scopes]
        if there and not any(map(names_a_class, scopes)):
            _say_where_it_is(group, there[0], difference.candidate)
    _join_of_one_header(scan)


def _say_where_it_is(group: Group, declared: Declaration, candidate: Surface) -> None:
    group.kind = kinds.HEADER_NOT_INCLUDED
    header = candidate.to_include(declared.file)
    group.facts.update({fact.FORM: "there", fact.AFTER: _shown(declared), fact.HEADER: header})


def _join_of_one_header(scan: Scan) -> None:
    """What one header declares that is not included is one cause in each file that misses it.

    Namespaces that a file misses together came with one that included the headers of all of them.
    """
    found: dict[tuple[str, str], list[Group]] = {}
    for _, group in scan.in_order():
        if group.form == "there" and group.first.place is not None:
            header = "" if _is_namespace(group) else group.facts[fact.HEADER]
            found.setdefault((header, group.first.place.path), []).append(group)
    for groups in found.values():
        if len(groups) > 1:
            _join(scan, groups, named="")


def _note_that_none_defines_it(group: Group, candidate: Surface) -> None:
    """A class that the project declares for itself, and that no header of an install knows any more, is gone. Sources
    alone do not tell: their TableGen files define more.
    """
    scope, _, name = group.identifier.rpartition("::")
    if is_llvms_name(group.identifier) and _OF_INSTALLS in candidate.headers and not candidate.mentioning(name):
        group.kind = kinds.API_REMOVED
        group.facts.update({fact.FORM: "not-member", fact.NAME: name, fact.SCOPE: scope})


def _asked(scan: Scan) -> Iterator[Group]:
    wanted = [group for _, group in scan.in_order() if group.kind in KINDS and group.form in _SUBJECT_FORMS]
    yield from wanted[:_MOST_ASKED]


def _answer(group: Group, difference: SurfaceDifference) -> FateAnswer:
    facts = group.facts
    name, scope = facts.get(fact.NAME, ""), facts.get(fact.SCOPE, "")
    if facts.get(fact.FORM) == "undeclared" and not is_llvms_name(group.identifier) and not _is_namespace(group):
        scope = ""  # of a name alone, whose the caller expects it to be is not said
    return fate_of(difference, facts.get(fact.FORM, ""), name, scope)


def _is_namespace(group: Group) -> bool:
    """Whether what is not declared is a namespace, in which the source line wants a name."""
    return bool(group.identifier) and group.facts.get(fact.SCOPE) == group.identifier


def fate_of(difference: SurfaceDifference, form: str, name: str, scope: str) -> FateAnswer:
    """The fate of what a message of the form ``form`` is about: of a call that fits no declaration, what is called."""
    return (difference.of_call if form == "no-match" else difference.of_name)(name, scope)


def _as_member(group: Group, difference: SurfaceDifference) -> FateAnswer | None:
    """A free function that is a member of its first argument now: all that has the name takes one argument less."""
    event, name = group.first, group.facts.get(fact.NAME, "")
    given = _arguments(event.code, name)
    if event.form != "undeclared" or "::" in group.identifier or given < _LEAST_GIVEN:
        return None
    declared = difference.candidate.declarations(name) if difference.candidate is not None else ()
    if not all(names_a_class(one.owner) for one in declared):
        return None
    member = next((one for one in declared if _arguments(one.signature, name) == given - 1), None)
    return (
        FateAnswer(fate=Fate.MOVED, after=member, how="a member of its first argument") if member is not None else None
    )


_LEAST_GIVEN: Final = 2
"""Arguments of a call whose first one may be the object: members without any are called in classes of the project's."""


def _arguments(text: str, name: str) -> int:
    """How many arguments (or parameters) the call (or declaration) of ``name`` has; -1 where it does not end here."""
    at = text.find(f"{name}(")
    depth, commas, first = 0, 0, at + len(name) + 1
    for index in range(first, len(text) if at >= 0 else 0):
        char = text[index]
        if char == ")" and depth == 0:
            return commas + bool(text[first:index].strip())
        depth += (char in "([{<") - (char in ")]}>")
        commas += char == "," and depth == 0
    return -1


def _note(group: Group, answer: FateAnswer) -> None:
    facts = group.facts
    if answer.fate is Fate.UNKNOWN:
        return
    fate = answer.fate
    is_missed = facts.get(fact.FORM) != "no-match"  # else it is there: a class of the project's in that namespace
    if fate is Fate.FOREIGN and is_missed and (is_llvms_name(group.identifier) or is_llvms_macro(group.identifier)):
        fate = Fate.GONE  # before either of the two, or it was never LLVM's; in any case the code asks LLVM for it
    facts[fact.FATE] = fate.value
    if answer.enumeration:
        facts[fact.ENUMERATION] = answer.enumeration
    if answer.before is not None and answer.is_a_change:
        facts[fact.BEFORE], group.declared_in = _shown(answer.before), answer.before.file
    if answer.after is not None and answer.is_a_change:
        facts[fact.AFTER] = _shown(answer.after)
    if fate in {Fate.UNCHANGED, Fate.FOREIGN} and group.kind == kinds.API_REMOVED:
        group.kind = kinds.COMPILE_ERROR


def _shown(declared: Declaration) -> str:
    text = f"#define {declared.name} {declared.body}" if declared.form == "macro" else declared.signature
    return f"{text or declared.qualified} ({declared.where})"


def _is_usable(group: Group, answer: FateAnswer, difference: SurfaceDifference) -> bool:
    """Whether including a header would be enough: no member, whose class is what matters."""
    form = group.form
    declared = answer.after
    if declared is None or form not in {"undeclared", "not-member", "incomplete"}:
        return False
    if form == "undeclared" and difference.candidate is not None and not group.facts.get(fact.SCOPE):
        all_of_it = difference.candidate.declarations(declared.name)
        others = {one.owner for one in all_of_it if last_name(one.owner) != declared.name}  # no constructors
        return not any(map(names_a_class, others))
    return declared.is_free


def _not_included(scan: Scan, included: list[tuple[Group, FateAnswer]], difference: SurfaceDifference) -> None:
    """What is still there as it was is missed because a header does not come along any more: one cause per header."""
    if (candidate := difference.candidate) is None:
        return
    headers = {_header(answer, candidate) for _, answer in included}
    lost = difference.lost_includes(sorted(headers)) if headers else {}
    by_edge: dict[str, list[Group]] = {}
    for group, answer in included:
        header = _header(answer, candidate)
        edge = lost.get(header)
        if edge is None and group.form != "incomplete":  # nothing shows that it came along before
            if answer.after is not None and (
                is_llvms_name(group.identifier) or _is_namespace(group) or answer.after.form == "enumerator"
            ):
                _say_where_it_is(group, answer.after, candidate)
            continue
        group.kind = kinds.HEADER_NOT_INCLUDED
        group.facts.update({fact.FATE: Fate.UNCHANGED.value, fact.AFTER: _shown(answer.after) if answer.after else ""})
        group.facts[fact.HEADER] = header
        if edge is not None:
            group.facts.update({fact.NO_LONGER_INCLUDED_BY: edge[0], fact.FORM: "lost", fact.NAMES: group.identifier})
            by_edge.setdefault(edge[0], []).append(group)
    for includer, groups in by_edge.items():
        _join(scan, groups, named=f"what {includer} included")
    _join_of_one_header(scan)


def _header(answer: FateAnswer, candidate: Surface) -> str:
    return candidate.to_include(answer.after.file) if answer.after is not None else ""


def _join(scan: Scan, groups: list[Group], *, named: str) -> None:
    first = scan.join([key for key, group in scan.in_order() if group in groups])
    headers = dict.fromkeys(group.facts[fact.HEADER] for group in groups)
    names = dict.fromkeys(group.identifier for group in groups)
    first.facts[fact.NAMES] = ", ".join(names)
    first.facts[fact.HEADER] = ", ".join(headers)
    if len(groups) > 1 and named:
        first.identifier = named
