"""Enumerators whose enumeration became a scoped one: ``CGFT_ObjectFile`` is ``CodeGenFileType::ObjectFile`` now."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.namespaces import speaks_of
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
        found = {one.qualified: one for one in self._of_its_enumeration(name, scope, candidate)}
        found = found or {one.qualified: one for one in _by_the_spelling(name, scope, candidate)}
        if len(found) != 1:
            return
        ((qualified, declared),) = found.items()
        shown = f"{_front(qualified, self.text)}{last_name(declared.owner)}::{declared.name}"
        if declared.form == "enum":
            shown = f"{_front(f'{declared.owner}::_::_', self.text)}{declared.name}"
        begin, end = line_span(self.text, self.place.line)
        of_scope = rf"(?<![\w:.>])(?:\w+::){{0,5}}{re.escape(last_name(scope))}::{re.escape(name)}\b"
        anywhere = rf"(?<![\w:.>])(?:\w+::){{0,5}}{re.escape(name)}\b"
        there = list(re.compile(of_scope).finditer(self.text, begin, end)) if scope else []
        edits = tuple(
            Edit(start=match.start(), end=match.end(), text=shown)
            for match in there or re.compile(anywhere).finditer(self.text, begin, end)
        )
        if edits:
            yield self.cure(
                *edits, source=f"the candidate's {declared.where}: a scoped enumeration", what=f"{name} -> {qualified}"
            )

    def _of_its_enumeration(self, name: str, scope: str, candidate: Surface) -> Iterator[Declaration]:
        """The baseline's enumerator, or enumeration, in what is a scoped enumeration now."""
        baseline = self.difference.baseline
        for old in baseline.declarations(name, scope) if baseline is not None else ():
            assert baseline is not None  # noqa: S101 (there are none without)
            there = [one for one in baseline.declared_in(old.file) if one.form == "enum" and one.line <= old.line]
            owner = max(there, key=lambda one: one.line, default=None)
            if owner is None or old.form not in {"enumerator", "enum"}:
                continue
            heirs = _heirs(owner, baseline, candidate)
            yield from heirs if old.form == "enum" else ()
            if old.form == "enumerator":
                same = [one for one in candidate.declarations(owner.name) if one.form == "enum" and one.is_definition]
                every = [(heir, one) for heir in heirs or same for one in _enumerators(candidate, heir)]
                yield from (one for heir, one in every if one.owner == heir.qualified and _is_short_for(name, one.name))


def _heirs(old: Declaration, baseline: Surface, candidate: Surface) -> list[Declaration]:
    """What the header has got with all enumerators of an enumeration: ``CodeGenOptLevel`` for ``CodeGenOpt::Level``."""
    known = {one.qualified for one in baseline.declared_in(old.file)}
    names = [one.name for one in _enumerators(baseline, old)]
    return [
        one
        for one in candidate.declared_in(old.file)
        if one.form == "enum" and one.is_definition and one.qualified not in known and names
        if _has_all(names, [each.name for each in _enumerators(candidate, one)])
    ]


def _has_all(old: Sequence[str], new: Sequence[str]) -> bool:
    return all(any(_is_short_for(name, other) for other in new) for name in old)


def _enumerators(surface: Surface, enumeration: Declaration) -> list[Declaration]:
    """Those of one enumeration: they follow it."""
    there = surface.declared_in(enumeration.file)
    behind = there[there.index(enumeration) + 1 :]
    return list(itertools.takewhile(lambda one: one.form == "enumerator", behind))


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
    while parts and speaks_of(parts[0], text):
        parts = parts[1:]
    return "".join(f"{part}::" for part in parts)
