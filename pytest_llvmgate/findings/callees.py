"""Whose declaration an error is about that names none: what the compiler's notes and the source line show of it.

That an argument or a result does not convert is the change of the function that takes or returns it, where that has
changed; the types say nothing of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.groups import Group, Scan
from pytest_llvmgate.findings.parsers.compiler import LLVMS_NOTE
from pytest_llvmgate.findings.parsers.compiler_messages import plainly, unconverted
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import FORM, NAME, SCOPE
from pytest_llvmgate.objects.cxx_names import bare_type, last_name, without_template_arguments
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.entity_fates import Fate, SurfaceDifference
from pytest_llvmgate.surface.llvm_surface import Surface

_POINTED_AT: Final = re.compile(
    r"candidate\b|'[^']*+' (?:declared here|has been (?:explicitly )?marked deleted here)"
    r"|passing argument to parameter\b|(?:in passing|initializing) argument \d"
)
_LONGEST: Final = 8
"""Lines of a declaration, from its name to a parameter."""
_MOST_HEADERS: Final = 12
_MOST_CALLS: Final = 4
"""Calls of a source line that are looked up."""
_CALL: Final = re.compile(r"(?<![\w~])([A-Za-z_]\w{2,})(?=\()")
_QUOTED: Final = re.compile(r"'([^']++)'")
_FORMS: Final = frozenset({"convert", "other", "no-match"})


def name_owners(scan: Scan, difference: SurfaceDifference) -> None:
    """Note whose the candidates of a call are, where the call does not say it."""
    for group in scan.groups.values():
        facts = group.facts
        if facts.get(FORM) not in {"no-match", "deleted", "const"} or facts.get(SCOPE) or not facts.get(NAME):
            continue
        owners = {one.owner for one in _pointed_at(group.first.detail, difference) if one.name == facts[NAME]}
        if len(owners) == 1 and (owner := owners.pop()):
            facts[SCOPE] = owner
            if last_name(owner) != facts[NAME]:
                group.identifier = f"{owner}::{facts[NAME]}"


def name_callees(scan: Scan, difference: SurfaceDifference) -> None:
    """Make what does not convert, or cannot be used as it is, an error about the function that changed."""
    found = {(group.kind, group.identifier): key for key, group in scan.groups.items()}
    for key, group in scan.in_order():
        if group.form not in _FORMS or group.kind not in {kinds.API_CHANGED, kinds.COMPILE_ERROR}:
            continue
        told = _callee(group, difference)
        if told is None or told[0].name == group.facts.get(NAME):
            continue
        callee, form = told
        group.kind, group.identifier = kinds.API_CHANGED, callee.qualified
        group.facts.update({FORM: form, NAME: callee.name, SCOPE: callee.owner})
        known = found.setdefault((group.kind, group.identifier), key)
        if known != key:
            scan.join([known, key])


def _callee(group: Group, difference: SurfaceDifference) -> tuple[Declaration, str] | None:
    """The one function that all places are about, and the form of what it does now."""
    takes = {one.qualified: one for event in group.samples for one in _taking(event, difference)}
    if len(takes) == 1 and group.facts[FORM] == "convert":
        return next(iter(takes.values())), "no-match"
    told = [list(_returning(event, difference)) for event in group.sites.values() if event.code]
    returns = {one.qualified: one for these in told for one in these}
    return (next(iter(returns.values())), "returns") if len(returns) == 1 and all(told) else None


def _pointed_at(lines: Iterable[str], difference: SurfaceDifference) -> Iterator[Declaration]:
    """The functions of the candidate at whose declarations notes point."""
    if (candidate := difference.candidate) is None:
        return
    for line in lines:
        if " note: " in line and (match := LLVMS_NOTE.match(line)) and _POINTED_AT.match(match["said"]):
            at, there = int(match["line"]), candidate.declared_in(match["file"])
            near = [one for one in there if one.form == "function" and 0 <= at - one.line <= _LONGEST]
            if near:
                yield max(near, key=lambda one: one.line)


def _taking(event: Event, difference: SurfaceDifference) -> Iterator[Declaration]:
    """The function that takes another type now, of which an argument does not convert."""
    for one in _pointed_at(event.detail, difference):
        answer = difference.of_name(one.name, one.owner)
        types = re.findall(r"\w++", event.facts.get(NAME, ""))[-1:]
        if answer.fate is Fate.CHANGED and answer.before is not None and types:
            is_asked = re.compile(rf"\b{re.escape(types[0])}\b")
            if is_asked.search(one.signature) and not is_asked.search(answer.before.signature.partition("(")[2]):
                yield one


def _returning(event: Event, difference: SurfaceDifference) -> Iterator[Declaration]:
    """The functions called in the source line that return a type of the message, which they did not before."""
    before, after = difference.baseline, difference.candidate
    if before is None or after is None:
        return
    said = "" if event.form == "no-match" else event.message
    refused = (missed.source for line in event.detail if (missed := unconverted(line)) is not None)
    quoted = {bare_type(one) for one in (*_QUOTED.findall(plainly(said)), *refused)}
    types = [re.sub(r"\b(?:llvm|mlir|clang)::", "", one) for one in sorted(quoted) if re.fullmatch(r"[\w:]++", one)]
    for name in list(dict.fromkeys(_CALL.findall(event.code)))[:_MOST_CALLS] if types else ():
        for one in _declared_with(name, types, after):
            now = [each for each in types if _returns(one, each)]
            old = before.named(name, one.owner) if now else ()
            if old and not all(any(_returns(each, told) for each in old) for told in now):
                yield one


def _declared_with(name: str, types: Iterable[str], surface: Surface) -> Iterator[Declaration]:
    """The functions of a name that headers declare which mention one of the types, too."""
    mentioned = {file for each in types for file in surface.mentioning(each.partition("::")[0])}
    files = sorted(mentioned.intersection(surface.mentioning(name)), key=len)[:_MOST_HEADERS]
    return (one for file in files for one in surface.declared_in(file) if one.name == name)


def _returns(declared: Declaration, name: str) -> bool:
    result = without_template_arguments(declared.signature.partition(f"{declared.name}(")[0])
    return (
        declared.form == "function" and re.search(rf"(?<![\w:<])(?:\w+::)*{re.escape(name)}[ *&]*$", result) is not None
    )
