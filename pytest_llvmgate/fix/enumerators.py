"""Enumerators whose enumeration became a scoped one: ``CGFT_ObjectFile`` is ``CodeGenFileType::ObjectFile`` now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.statements import line_span
from pytest_llvmgate.kinds.catalogue import API_REMOVED
from pytest_llvmgate.kinds.facts import NAME, SCOPE
from pytest_llvmgate.objects.cxx_names import last_name
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.llvm_surface import Surface

_WORDS: Final = re.compile(r"[A-Z][a-z0-9]*|[A-Z]+(?![a-z])")


@dataclass(frozen=True, kw_only=True)
class Enumerators(CureSearch):
    """Cures of one error by the enumerations of the candidate."""

    def cures(self) -> Iterator[Cure]:
        """The enumerator by its scoped name, where one enumeration is meant."""
        name, scope = self.trouble.facts.get(NAME, ""), self.trouble.facts.get(SCOPE, "")
        candidate = self.difference.candidate
        if self.trouble.kind != API_REMOVED or candidate is None or not re.fullmatch(r"[A-Za-z]\w+", name):
            return
        found = {one.qualified: one for one in self._of_its_enumeration(name, candidate)}
        found = found or {one.qualified: one for one in _by_the_spelling(name, scope, candidate)}
        if len(found) != 1:
            return
        ((qualified, declared),) = found.items()
        begin, end = line_span(self.text, self.place.line)
        front = _front(qualified, self.text)
        edits = tuple(
            Edit(start=match.start(), end=match.end(), text=f"{front}{last_name(declared.owner)}::{declared.name}")
            for match in re.compile(rf"(?<![\w:.>])(?:\w+::){{0,5}}{re.escape(name)}\b").finditer(self.text, begin, end)
        )
        if edits:
            yield self.cure(
                *edits, source=f"the candidate's {declared.where}: a scoped enumeration", what=f"{name} -> {qualified}"
            )

    def _of_its_enumeration(self, name: str, candidate: Surface) -> Iterator[Declaration]:
        """The baseline's enumerator, in the enumeration of the same name that is scoped now."""
        baseline = self.difference.baseline
        for old in baseline.declarations(name) if baseline is not None else ():
            if old.form == "enumerator" and baseline is not None:
                there = [one for one in baseline.declared_in(old.file) if one.form == "enum" and one.line <= old.line]
                owner = max(there, key=lambda one: one.line, default=None)
                if owner is not None:
                    yield from (one for one in _scoped(candidate, owner.name) if _is_short_for(name, one.name))


def _scoped(candidate: Surface, enumeration: str) -> Iterator[Declaration]:
    """The enumerators of a scoped enumeration."""
    for owner in candidate.declarations(enumeration):
        if owner.form == "enum" and owner.is_definition:
            for one in candidate.declared_in(owner.file):
                if one.form == "enumerator" and one.owner == owner.qualified:
                    yield one


def _by_the_spelling(name: str, scope: str, candidate: Surface) -> Iterator[Declaration]:
    """``CGFT_X`` by the first letters of ``CodeGenFileType``; ``StringLiteral::X`` as ``StringLiteralKind::X``."""
    start, _, short = name.partition("_")
    for spelled in (short, name):
        for one in candidate.declarations(spelled) if spelled else ():
            if one.form != "enumerator" or not one.owner:
                continue
            owner = last_name(one.owner)
            letters = "".join(word[0] for word in _WORDS.findall(owner))
            of_letters = spelled == short and len(start) > 1 and letters == start.upper()
            if of_letters or (
                scope and spelled == name and owner != last_name(scope) and owner.startswith(last_name(scope))
            ):
                yield one


def _is_short_for(old: str, new: str) -> bool:
    """``CGFT_ObjectFile`` and ``ObjectFile``, ``lang_cxx`` and ``CXX``."""
    return old == new or re.sub(r"^[A-Za-z]+_", "", old).lower() == new.lower()


def _front(qualified: str, text: str) -> str:
    """The namespaces in front of an enumeration, but for those that the text is in or uses."""
    parts = qualified.split("::")[:-2]
    while parts and re.search(rf"\bnamespace (?:\w+::)*{re.escape(parts[0])}\b", text):
        parts = parts[1:]
    return "".join(f"{part}::" for part in parts)
