"""What could mend one error: edits by rules, by what took a name's place, and by the header that declares a name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.fix.documented_rules import DOCUMENTED
from pytest_llvmgate.fix.includes import new_include, replaced_include
from pytest_llvmgate.fix.rewrite_rules import Edit, Rule, matches
from pytest_llvmgate.fix.statements import line_of, line_span, statement_at
from pytest_llvmgate.fix.unit_check import Place, Trouble
from pytest_llvmgate.kinds.catalogue import API_CHANGED, API_REMOVED, HEADER_MISSING, HEADER_NOT_INCLUDED
from pytest_llvmgate.kinds.facts import NAME, SCOPE
from pytest_llvmgate.surface.entity_fates import Fate, SurfaceDifference

_MOST_CURES: Final = 12
"""Cures that are tried at one place."""
_WORD: Final = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, kw_only=True)
class Cure:
    """Edits of one file that may mend one place, and who says so."""

    path: str
    edits: tuple[Edit, ...]
    source: str
    """``LLVM 0123456789ab: its own users``, ``mlir.llvm.org/...``, ``the candidate's headers``."""
    what: str
    """The rule, or what was done, in one line."""
    rule: Rule | None = None


@dataclass(kw_only=True)
class Cabinet:
    """Everything that is known to help."""

    mined: tuple[Rule, ...] = ()
    difference: SurfaceDifference = field(default_factory=SurfaceDifference)
    proven: dict[str, Rule] = field(default_factory=dict)
    """Rules that have mended a place already, by their text: tried first."""

    def cures(self, trouble: Trouble, text: str) -> Iterator[Cure]:
        """What may mend one error in ``text``, the likeliest first; none twice."""
        place, seen = trouble.place, set[tuple[Edit, ...]]()
        if place is None:
            return
        for number, cure in enumerate(self._all(trouble, place, text)):
            if number >= _MOST_CURES:
                return
            if cure.edits and cure.edits not in seen:
                seen.add(cure.edits)
                yield cure

    def _all(self, trouble: Trouble, place: Place, text: str) -> Iterator[Cure]:
        if trouble.kind == HEADER_MISSING:
            yield from self._moved_header(trouble, place, text)
            return
        if trouble.kind == HEADER_NOT_INCLUDED:
            yield from self._defining_header(trouble, place, text)
        rules = dict.fromkeys((*self.proven.values(), *self.mined, *DOCUMENTED))
        yield from self._by_rules(rules, trouble, place, text)
        if trouble.kind in {API_REMOVED, API_CHANGED}:
            yield from self._by_name(trouble, place, text)
            yield from self._defining_header(trouble, place, text)

    # -- rules --------------------------------------------------------------------------------------------------------

    def _by_rules(self, rules: Iterable[Rule], trouble: Trouble, place: Place, text: str) -> Iterator[Cure]:
        start, end = statement_at(text, place.line, place.column)
        there = set(_WORD.findall(text[start:end]))
        about = set(_WORD.findall(f"{trouble.identifier} {trouble.about} {' '.join(trouble.facts.values())}"))
        for rule in rules:
            # A rule has to speak of what the compiler complains about, not only of what stands near it.
            if not rule.words <= there or not _is_about(rule, about, _line_words(text, place)):
                continue
            # A call that does not fit is pointed at where it begins; what does not fit may stand on any of its lines.
            is_anywhere = trouble.kind == API_CHANGED
            edits = tuple(
                edit for edit in matches(rule, text, start, end) if is_anywhere or _touches(text, edit, place)
            )
            if edits:
                yield Cure(
                    path=place.path,
                    edits=(*_outermost(edits), *new_include(text, rule.needs_header)),
                    source=rule.source,
                    what=str(rule),
                    rule=rule,
                )

    # -- the candidate's own names ------------------------------------------------------------------------------------

    def _by_name(self, trouble: Trouble, place: Place, text: str) -> Iterator[Cure]:
        name, scope = trouble.facts.get(NAME, ""), trouble.facts.get(SCOPE, "")
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            return
        accessor = f"get{name[:1].upper()}{name[1:]}"
        is_member = scope.rpartition("::")[2][:1].isupper() and name[:1].islower() and not name.startswith("get")
        if is_member and trouble.kind == API_REMOVED:
            yield from self._renamed(place, text, name, accessor, "MLIR: accessors are called getX since LLVM 16")
        yield from self._in_its_namespace(place, text, name, scope)
        answer = self.difference.of_name(name, scope)
        after = answer.after
        if after is None or after.name == name or answer.fate not in {Fate.MOVED, Fate.GONE}:
            return
        if name.lower() in after.name.lower() or after.name.lower() in name.lower():
            yield from self._renamed(place, text, name, after.name, f"the candidate's {after.where}")

    def _in_its_namespace(self, place: Place, text: str, name: str, scope: str) -> Iterator[Cure]:
        """A function or class of that name that lies in another namespace, where there is only one."""
        candidate = self.difference.candidate
        if candidate is None or scope.rpartition("::")[2][:1].isupper():
            return
        owners = {one.owner for one in candidate.declarations(name) if one.form != "macro"}
        owner = next(iter(owners)) if len(owners) == 1 else ""
        if not owner or owner == scope or owner.rpartition("::")[2][:1].isupper():
            return
        shown = owner.removeprefix("mlir::") if re.search(r"\b(?:using )?namespace mlir\b", text) else owner
        begin, end = line_span(text, place.line)
        edits = tuple(
            Edit(start=match.start(), end=match.end(), text=f"{shown}::{name}")
            for match in re.compile(rf"(?<![\w:.>])(?:\w+::){{0,4}}{re.escape(name)}\b").finditer(text, begin, end)
        )
        if edits and all(text[edit.start : edit.end] != edit.text for edit in edits):
            yield Cure(
                path=place.path, edits=edits, source="the candidate's headers", what=f"{name} -> {owner}::{name}"
            )

    def _renamed(self, place: Place, text: str, name: str, new: str, source: str) -> Iterator[Cure]:
        edits = _on_line(text, place, name, new)
        if edits:
            yield Cure(path=place.path, edits=edits, source=source, what=f"{name} -> {new}")

    # -- headers ------------------------------------------------------------------------------------------------------

    def _moved_header(self, trouble: Trouble, place: Place, text: str) -> Iterator[Cure]:
        header = trouble.facts.get(NAME) or trouble.identifier
        answer = self.difference.of_header(header)
        for found in (*([answer.after] if answer.after is not None else []), *answer.others):
            edits = replaced_include(text, header, found.name)
            yield Cure(
                path=place.path, edits=edits, source=f"the candidate's headers, {answer.how or 'the nearest name'}",
                what=f'#include "{header}" -> "{found.name}"',
            )  # fmt: skip

    def _defining_header(self, trouble: Trouble, place: Place, text: str) -> Iterator[Cure]:
        name, candidate = trouble.facts.get(NAME) or trouble.identifier, self.difference.candidate
        last = name.rpartition("::")[2]
        if candidate is None or not re.fullmatch(r"[A-Za-z_]\w{2,}", last):
            return
        scope = trouble.facts.get(SCOPE, "") if trouble.kind != HEADER_NOT_INCLUDED else ""
        if scope.rpartition("::")[2][:1].isupper():
            return
        found = [one for one in candidate.declarations(last, scope) if one.is_definition or one.form != "class"]
        for header in list(dict.fromkeys(one.file.removesuffix(".inc") for one in found if "(" not in one.owner))[:2]:
            yield Cure(
                path=place.path, edits=new_include(text, header), source="the candidate's headers",
                what=f'#include "{header}", which declares {last}',
            )  # fmt: skip


def _is_about(rule: Rule, about: Collection[str], pointed: Collection[str]) -> bool:
    """Whether one of the rule's names is among the compiler's words, or begins one: ``nullopt`` and ``nullopt_t``."""
    names = {word for word in rule.words if len(word) > 3 or len(rule.words) == 1}
    return any(word in pointed or any(said.startswith(word) for said in about) for word in names)


def _touches(text: str, edit: Edit, place: Place) -> bool:
    return line_of(text, edit.start) <= place.line <= line_of(text, edit.end)


def _outermost(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Of edits that overlap, the one around the others: those inside are met in the next round."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.start, -one.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return tuple(kept)


def _line_words(text: str, place: Place) -> set[str]:
    """The word that the compiler points at."""
    begin, end = line_span(text, place.line)
    if not place.column:
        return set()
    match = re.compile(r"(?:::|->|[.\s]){0,20}+([A-Za-z_]\w*+)").match(text, min(begin + place.column - 1, end))
    return {match[1]} if match else set()


def _on_line(text: str, place: Place, name: str, new: str) -> tuple[Edit, ...]:
    """The name on that line, as a whole word; where the compiler points at one of several, that one."""
    begin, end = line_span(text, place.line)
    found = [
        Edit(start=match.start(), end=match.end(), text=new)
        for match in re.compile(rf"\b{re.escape(name)}\b").finditer(text, begin, end)
    ]
    pointed = [edit for edit in found if place.column and edit.start <= begin + place.column - 1 < edit.end]
    return tuple(pointed or found)
