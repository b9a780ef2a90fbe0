"""One change of an interface, and all the calls and overrides that relied on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.groups import Group, Key, Scan
from pytest_llvmgate.findings.parsers.compiler_messages import unconverted
from pytest_llvmgate.kinds.facts import CLASS, OVERRIDES, PURE, PURE_AT, SCOPE
from pytest_llvmgate.objects.cxx_names import is_word, last_name


def drop(scan: Scan) -> None:
    """Join what one change of an interface broke."""
    _join_overrides(scan)
    _join_conversions(scan)
    _join_of_incomplete(scan)


def _join_of_incomplete(scan: Scan) -> None:
    """A call that takes a class which is only declared there: the header that defines it has the overload as well.

    Seen with ``wrap`` and ``unwrap``, of which each header has its own for the C API's ``LLVMOpaqueX``.
    """
    incomplete = {last_name(group.identifier): group for group in scan.groups.values() if group.form == "incomplete"}
    for key, group in list(scan.groups.items()) if incomplete else ():
        types = {last_name(name).removeprefix("LLVMOpaque") for name in _passed(group.first.message)}
        cause = next((incomplete[name] for name in sorted(types) if name in incomplete), None)
        if group.form == "no-match" and cause is not None and group.units.keys() <= cause.units.keys():
            scan.attribute(key, to=cause)


def _join_conversions(scan: Scan) -> None:
    """A conversion that is gone breaks every call that relied on it: the calls are sites of that one cause.

    Seen with ``std::nullopt`` for an ``ArrayRef``: 219 of 348 errors, most of them about builders of operations.
    """
    conversions = [group for group in scan.groups.values() if group.form == "convert"]
    for key, group in list(scan.groups.items()):
        if group.form != "no-match":
            continue
        cause = next((found for found in conversions if _relied_on(group, found)), None)
        if cause is not None:
            cause.absorb(group)
            del scan.groups[key]


def _relied_on(group: Group, conversion: Group) -> bool:
    """Whether the calls pass the conversion's source type, or the compiler says that just this conversion lacks."""
    source, _, target = conversion.identifier.partition(" -> ")
    if "::" not in source:  # int and the like say nothing
        return False
    if source in _passed(group.first.message):
        return True
    return any(_is_missed(line, source, target) for sample in group.samples for line in sample.detail)


_PASSED: Final = re.compile(r"[(,] ?(?:const )?(?P<type>[\w:]++)(?:<[^,()]*+(?<=>))?[ &*]*+(?=[,)])")


@lru_cache(maxsize=1_000)
def _passed(message: str) -> frozenset[str]:
    """The types of arguments that a message lists. (A table, not an expression per pair: pairs may be thousands.)"""
    return frozenset(match["type"] for match in _PASSED.finditer(message))


def _is_missed(line: str, source: str, target: str) -> bool:
    """Whether the note says that nothing converts ``source`` to ``target``."""
    missed = unconverted(line)
    said = missed.source.removeprefix("const ") if missed is not None else ""
    if missed is None or not said.startswith(source) or is_word(said, len(source)):
        return False
    at = missed.target.find(target)
    return at >= 0 and not is_word(missed.target, at + len(target))


def _join_overrides(scan: Scan) -> None:
    """A class whose overrides override nothing and that is abstract now has one cause: the base class's interface.

    The override is the line to edit, so its group stays and takes the others.
    """
    for key, group in list(scan.groups.items()):
        if group.form != "abstract":
            continue
        related = list(_overrides_of(scan, group.first))
        if not related:
            continue
        (_, kept), *others = related
        pure = group.facts.get(PURE, "")
        kept.facts.update({PURE: pure, PURE_AT: group.facts.get(PURE_AT, "")} if pure else {})
        for other in (*(each for each, _ in others), key):
            scan.attribute(other, to=kept)
        if others:
            names = (last_name(member.identifier) for _, member in related)
            kept.facts[OVERRIDES] = ", ".join(dict.fromkeys(names))


def _overrides_of(scan: Scan, abstract: Event) -> Iterator[tuple[Key, Group]]:
    name = last_name(abstract.facts.get(CLASS, abstract.identifier))
    files = {place.path for place in abstract.trail}
    for key, group in scan.groups.items():
        places = {event.place.path for event in group.sites.values() if event.place is not None}
        if group.form == "override" and not places.isdisjoint(files):
            scope = last_name(group.facts.get(SCOPE, ""))
            if not scope or scope == name:
                yield key, group
