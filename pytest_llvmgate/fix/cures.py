"""What could mend one error: edits by rules, by what took a name's place, and by the header that declares a name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pytest_llvmgate.fix.added_arguments import AddedArguments
from pytest_llvmgate.fix.callback_returns import CallbackReturns
from pytest_llvmgate.fix.conversions import Conversions
from pytest_llvmgate.fix.cure import Cure
from pytest_llvmgate.fix.documented_rules import DOCUMENTED
from pytest_llvmgate.fix.expressions import offset_of
from pytest_llvmgate.fix.includes import new_include, replaced_include
from pytest_llvmgate.fix.lessons import Lessons
from pytest_llvmgate.fix.member_forms import MemberForms
from pytest_llvmgate.fix.names_now import NamesNow
from pytest_llvmgate.fix.namespaces import reached_through
from pytest_llvmgate.fix.op_builders import OpBuilders
from pytest_llvmgate.fix.own_words import OwnWords
from pytest_llvmgate.fix.pass_bases import PassBases
from pytest_llvmgate.fix.pointees import Pointees
from pytest_llvmgate.fix.rewrite_rules import Edit, Rule, matches
from pytest_llvmgate.fix.split_patterns import SplitPatterns
from pytest_llvmgate.fix.statements import line_of, record_part_at, statement_at
from pytest_llvmgate.fix.types_now import TypesNow
from pytest_llvmgate.fix.unit_check import ErrorPlace, Trouble
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.kinds.catalogue import API_CHANGED, API_REMOVED, HEADER_MISSING, HEADER_NOT_INCLUDED
from pytest_llvmgate.kinds.facts import NAME, SCOPE
from pytest_llvmgate.objects.cxx_names import last_name, names_a_class
from pytest_llvmgate.surface.entity_fates import Fate, SurfaceDifference
from pytest_llvmgate.surface.known_changes import header_of_today
from pytest_llvmgate.surface.llvm_surface import Surface
from pytest_llvmgate.surface.successors import NEAREST

_MOST_CURES: Final = 12
"""Cures that are tried at one place."""
_COMMON: Final = frozenset({"get", "is"})
"""Members that are LLVM's in LLVM's own classes only."""
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_UNKNOWN_TYPE: Final = re.compile(r"incomplete type|forward declaration of|undeclared|not declared|unknown type name")
_MISSED: Final = re.compile(r"forward declaration of '(?:(?:class|struct) )?(?P<name>[\w:]+)'")
_TD_FILE: Final = re.compile(r"(?i)could not find include file ['\"]([^'\"]+)['\"]")
_ON_THE_WAY: Final = re.compile(
    r"^(?:[^\n]*\b(?:in instantiation of|required from)\b[^\n]*|[ \d]*\|[^\n]*)$", re.MULTILINE
)
_LLVMS: Final = frozenset({"llvm", "mlir", "clang", "llvm-c", "mlir-c", "clang-c"})
_TD_NAME: Final = re.compile(r"(?:not defined:? |find class |class ')'?(\w+)'")
_BY_HEADERS: Final = (
    SplitPatterns, CallbackReturns, OpBuilders, OwnWords, NamesNow, MemberForms, Conversions,
    AddedArguments, TypesNow,
)  # fmt: skip
"""What looks into both LLVMs' headers and the compiler's words, in this order."""


@dataclass(kw_only=True)
class Cabinet:
    """Everything that is known to help."""

    lessons: Lessons | None = None
    difference: SurfaceDifference = field(default_factory=SurfaceDifference)
    copy: WorkingCopy | None = None
    """Where the whole of the downstream is looked through: for bases of passes, and for who uses a name."""
    proven: dict[str, Rule] = field(default_factory=dict)
    """Rules that have mended a place already, by their text: tried first."""

    def cures(self, trouble: Trouble, text: str) -> Iterator[Cure]:
        """What may mend one error in ``text``, the likeliest first; none twice."""
        place, seen = trouble.place, set[tuple[Edit, ...]]()
        for cure in self._all(trouble, place, text) if place is not None else ():
            if cure.edits and cure.edits not in seen:
                seen.add(cure.edits)
                yield cure
            if len(seen) >= _MOST_CURES:
                return

    def _all(self, trouble: Trouble, place: ErrorPlace, text: str) -> Iterator[Cure]:
        if trouble.kind == HEADER_MISSING:
            header = trouble.facts.get(NAME) or trouble.identifier
            yield from self._as_others_include(header, place, text)
            yield from self._moved(header, place, text, "#include", "headers")
            return
        if place.path.endswith(".td"):
            yield from self._in_tablegen(trouble, place, text)
            return
        if self._bases is not None:
            yield from self._bases.cures(trouble, place, text)
        if trouble.kind == HEADER_NOT_INCLUDED:
            yield from self._defining_header(trouble, place, text)
        yield from Pointees(difference=self.difference, trouble=trouble, place=place, text=text).cures()
        yield from self._by_rules(self._rules(trouble, place, text), trouble, place, text)
        for told in _BY_HEADERS:
            yield from told(difference=self.difference, trouble=trouble, place=place, text=text).cures()
        if trouble.kind == API_REMOVED or _UNKNOWN_TYPE.search(trouble.about):
            yield from self._defining_header(trouble, place, text)
        if self.lessons is not None:
            yield from self._by_rules(self.lessons.further(trouble, place, text), trouble, place, text)

    def _rules(self, trouble: Trouble, place: ErrorPlace, text: str) -> list[Rule]:
        """The likeliest first. Of what a single name became, LLVM's own word counts before that of others."""
        of_llvm = {word for rule in DOCUMENTED for word in rule.words}
        taught = list(self.lessons.about(trouble, place, text)) if self.lessons is not None else []
        mined = [rule for rule in taught if rule.before not in of_llvm]
        overruled = [rule for rule in taught if rule.before in of_llvm]
        return list(dict.fromkeys((*self.proven.values(), *mined, *DOCUMENTED, *overruled)))

    @cached_property
    def _bases(self) -> PassBases | None:
        return PassBases(copy=self.copy) if self.copy is not None else None

    # -- rules --------------------------------------------------------------------------------------------------------

    def _by_rules(self, rules: Iterable[Rule], trouble: Trouble, place: ErrorPlace, text: str) -> Iterator[Cure]:
        is_td = place.path.endswith(".td")
        start, end = record_part_at(text, place.line) if is_td else statement_at(text, place.line, place.column)
        there = set(_WORD.findall(text[start:end]))
        # Of what is gone the notes only show the code around, and lines on the way to a template only lead there.
        told = trouble.message if trouble.kind == API_REMOVED else _ON_THE_WAY.sub("", trouble.about)
        about = set(_WORD.findall(f"{trouble.identifier} {told} {' '.join(trouble.facts.values())}"))
        pointed = _line_words(text, place) if trouble.is_here else set()
        scope, candidate = trouble.facts.get(SCOPE, ""), self.difference.candidate
        is_foreign = names_a_class(scope) and candidate is not None and not candidate.has_class(scope)
        for rule in rules:
            # A rule has to speak of what the compiler complains about, not only of what stands near it.
            if not rule.words <= there or not _is_about(rule, about, pointed):
                continue
            if is_foreign and rule.words <= _COMMON:
                continue
            # A call that does not fit is pointed at where it begins; what does not fit may stand on any of its lines.
            is_anywhere = trouble.kind == API_CHANGED
            found = matches(rule, text, start, end, is_members=self._is_members(rule, trouble))
            lines = ((edit, line_of(text, edit.start), line_of(text, edit.end)) for edit in found)
            edits = tuple(edit for edit, first, last in lines if is_anywhere or first <= place.line <= last)
            if edits:
                yield Cure(
                    path=place.path,
                    edits=(*_outermost(edits), *new_include(text, rule.needs_header)),
                    source=rule.source,
                    what=str(rule),
                    rule=rule,
                )

    def _is_members(self, rule: Rule, trouble: Trouble) -> bool:
        """Whether a call by a call is one of members: of the class that lacks the old one and has the new one."""
        name, scope, candidate = trouble.facts.get(NAME, ""), trouble.facts.get(SCOPE, ""), self.difference.candidate
        old, new = re.match(rf"{re.escape(name)}\(", rule.before), re.match(r"(\w+)\(", rule.after)
        if trouble.kind != API_REMOVED or candidate is None or not names_a_class(scope) or old is None or new is None:
            return False
        return bool(candidate.member(scope, new[1]))

    # -- TableGen -----------------------------------------------------------------------------------------------------

    def _in_tablegen(self, trouble: Trouble, place: ErrorPlace, text: str) -> Iterator[Cure]:
        """A file that moved, a name that is defined in a file that no longer comes along, and what rules say."""
        if missing := _TD_FILE.search(trouble.message):
            yield from self._moved(missing[1], place, text, "include", "files")
            return
        yield from self._by_rules(self._rules(trouble, place, text), trouble, place, text)
        candidate, named = self.difference.candidate, _TD_NAME.search(trouble.message)
        if candidate is None or named is None:
            return
        for file in list(dict.fromkeys(one.file for one in candidate.records(named[1]) if one.name == named[1]))[:2]:
            yield Cure(
                path=place.path, edits=new_include(text, file, word="include"), source="the candidate's files",
                what=f'include "{file}", which defines {named[1]}',
            )  # fmt: skip

    # -- headers ------------------------------------------------------------------------------------------------------

    def _as_others_include(self, header: str, place: ErrorPlace, text: str) -> Iterator[Cure]:
        for new, source in self.lessons.headers(header) if self.lessons is not None else ():
            what = f'#include "{header}" -> "{new}"'
            yield Cure(path=place.path, edits=replaced_include(text, header, new), source=source, what=what)

    def _moved(self, file: str, place: ErrorPlace, text: str, word: str, those: str) -> Iterator[Cure]:
        """What ``file`` is called now, in the language whose word for including is ``word``."""
        answer = self.difference.of_header(file)
        if answer.after is None and answer.fate in {Fate.GONE, Fate.UNKNOWN}:
            yield from self._dropped(file, place, text, word)
        baseline = self.difference.baseline
        is_known = baseline is not None and file in baseline.headers  # so it can be told what it defined
        if place.path.endswith(".td") and answer.how == NEAREST and not is_known:
            return  # a likeness alone is no evidence
        for found in (*([answer.after] if answer.after is not None else []), *answer.others):
            yield Cure(
                path=place.path, edits=replaced_include(text, file, found.name),
                source=f"the candidate's {those}, {answer.how or NEAREST}",
                what=f'{word} "{file}" -> "{found.name}"',
            )  # fmt: skip

    def _dropped(self, file: str, place: ErrorPlace, text: str, word: str) -> Iterator[Cure]:
        """What a header of LLVM's had is in the standard library now, or nowhere: then what was used of it shows."""
        top = file.partition("/")[0]
        candidate = self.difference.candidate
        if top not in _LLVMS or candidate is None or not any(one.startswith(f"{top}/") for one in candidate.headers):
            return
        today = header_of_today(file)
        standard = today if today.startswith("<") else ""
        yield Cure(
            path=place.path, edits=replaced_include(text, file, standard),
            source="the candidate's headers: it is gone",
            what=f'{word} "{file}" -> {standard or "none"}',
        )  # fmt: skip

    def _defining_header(self, trouble: Trouble, place: ErrorPlace, text: str) -> Iterator[Cure]:
        name, candidate = trouble.facts.get(NAME) or trouble.identifier, self.difference.candidate
        last = name.rpartition("::")[2]
        if candidate is None or not re.fullmatch(r"[A-Za-z_]\w{2,}", last):
            return
        scope = trouble.facts.get(SCOPE, "") if trouble.kind != HEADER_NOT_INCLUDED else ""
        if names_a_class(scope):
            return
        shown = re.search(rf"\b{last}::(?P<through>\w+)", trouble.about) if not trouble.is_here else None
        through = shown["through"] if shown is not None else reached_through(last, text, place)
        if through and candidate.definition_of(last) is None:  # a namespace: what is meant is in it, not of its name
            last, scope = through, f"{scope}::{last}".removeprefix("::")
        found = [one for one in candidate.declarations(last, scope) if one.is_definition or one.form != "class"]
        missed = _MISSED.search(trouble.about)  # of several classes of one name, the one that is declared there
        if missed and last_name(missed["name"]) == last:
            found = [one for one in found if one.qualified == missed["name"]]
        headers = [candidate.to_include(one.file) for one in found if "(" not in one.owner] or _pasting(last, candidate)
        for header in list(dict.fromkeys(headers))[:2]:
            yield Cure(
                path=place.path, edits=new_include(text, header), source="the candidate's headers",
                what=f'#include "{header}", which declares {last}',
            )  # fmt: skip


def _pasting(name: str, surface: Surface) -> list[str]:
    """Headers whose macros make names of this form: ``DW_TAG_##NAME = ID``, by the longest beginning that one has."""
    for end in [match.end() for match in re.finditer("_", name)][::-1]:
        paste = re.compile(rb"(?<![:\w])" + name[:end].encode() + rb"[ ]?##")
        if found := [one for one in surface.mentioning(name[:end])[:_MOST_CURES] if paste.search(surface.content(one))]:
            return found
    return []


def _is_about(rule: Rule, about: Collection[str], pointed: Collection[str]) -> bool:
    """Whether one of the rule's names is among the compiler's words, or begins one: ``nullopt`` and ``nullopt_t``."""
    names = {word for word in rule.words if len(word) > 3 or len(rule.words) == 1}
    return any(word in pointed or any(said.startswith(word) for said in about) for word in names)


def _outermost(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Of edits that overlap, the one around the others: those inside are met in the next round."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.start, -one.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return tuple(kept)


def _line_words(text: str, place: ErrorPlace) -> set[str]:
    """The word that the compiler points at."""
    if not place.column:
        return set()
    match = re.compile(r"(?>(?:::|->|[.\s]){0,20})([A-Za-z_]\w*+)").match(text, offset_of(text, place))
    return {match[1]} if match else set()
