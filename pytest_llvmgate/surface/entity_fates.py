"""What became of a name from one LLVM to another: gone, moved, changed, no longer included, or still what it was.

The difference of two surfaces decides. With one surface alone, or none, the answer is weaker and says so: what is not
in the candidate may be gone, or may never have been LLVM's.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from pytest_llvmgate.objects.cxx_names import last_name, names_a_class
from pytest_llvmgate.owners.llvms_names import NAMESPACES, is_llvms_include
from pytest_llvmgate.surface.cxx_declarations import Declaration, can_parse
from pytest_llvmgate.surface.enumerations import by_spelling, enumeration_of, heirs_of, scoped_now
from pytest_llvmgate.surface.heirs import advised_names, called_by, heir_of, spelled_otherwise
from pytest_llvmgate.surface.likeness import is_narrower, is_other_verb, is_sibling, words_of
from pytest_llvmgate.surface.llvm_surface import Surface
from pytest_llvmgate.surface.successors import NEAREST, Successor, Successors

_NAMESPACES: Final = NAMESPACES | {"std"}
_SIBLINGS: Final = NAMESPACES - {"llvm"}
"""Projects that share nothing but LLVM."""
HAS_NOW: Final = "what it has now"
"""What is said of a declaration that has the very name: nothing shows that it took the place of another one."""
ELSEWHERE: Final = "the same name elsewhere"
SAME_WORDS: Final = "the same words"
_SCOPED: Final = "the scoped enumeration's"
_TELLING: Final = 10
"""Letters of a name that nobody gives to a member of an unrelated class by chance."""
_ASKED: Final = 8
"""Declarations of a gone header that are looked for elsewhere."""


class Fate(StrEnum):
    """What became of an entity."""

    GONE = "gone"
    MOVED = "moved"
    """It has another name, owner or file."""
    CHANGED = "changed"
    """Its signature is another one."""
    UNCHANGED = "unchanged"
    NEW = "new"
    """Only the candidate has it."""
    FOREIGN = "foreign"
    """Neither LLVM has it: the project's own, or another library's."""
    UNKNOWN = "unknown"


CHANGES: Final = frozenset({Fate.GONE, Fate.MOVED, Fate.CHANGED})
"""Fates of what LLVM changed: code that uses the entity has to follow."""


@dataclass(frozen=True, kw_only=True)
class FateAnswer:
    """The fate of one entity, with the declarations that show it."""

    fate: Fate
    before: Declaration | None = None
    after: Declaration | None = None
    """What takes its place, where that is known."""
    how: str = ""
    """How ``after`` relates to it: ``the same name elsewhere``."""
    others: tuple[Declaration, ...] = ()
    """Further declarations of the candidate that may be meant."""
    enumeration: str = ""
    """Of an enumerator: the enumeration of the candidate that it belongs to, else the baseline's."""

    @property
    def is_a_change(self) -> bool:
        """LLVM changed it."""
        return self.fate in CHANGES


UNKNOWN: Final = FateAnswer(fate=Fate.UNKNOWN)


@dataclass(kw_only=True)
class SurfaceDifference:
    """Two LLVMs, of which either may be missing."""

    baseline: Surface | None = None
    candidate: Surface | None = None
    renames: Mapping[str, str] = field(default_factory=dict)
    """Headers renamed, as git saw it."""
    _answers: dict[tuple[str, str], FateAnswer] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Both LLVMs are known, so that what did not change can be told."""
        return self.baseline is not None and self.candidate is not None and can_parse()

    @property
    def _now(self) -> Surface:
        """The candidate, where the caller has looked that it is known."""
        assert self.candidate is not None  # noqa: S101 (see there)
        return self.candidate

    @property
    def _then(self) -> Surface:
        """The baseline, likewise."""
        assert self.baseline is not None  # noqa: S101 (see there)
        return self.baseline

    # -- headers ------------------------------------------------------------------------------------------------------

    def of_header(self, header: str) -> FateAnswer:
        """The fate of a file that is included."""
        after = self.candidate
        if after is None:
            return UNKNOWN
        if header in after.headers:
            return FateAnswer(fate=Fate.UNCHANGED, after=_file(header))
        if not is_llvms_include(header) and (self.baseline is None or header not in self.baseline.headers):
            return FateAnswer(fate=Fate.FOREIGN)
        return self._of_gone_header(header)

    def _of_gone_header(self, header: str) -> FateAnswer:
        """By what it declared, by git and LLVM's habits, by what is left of it, or else by the nearest name."""
        votes, asked = self._votes(header)
        best, count = votes.most_common(1)[0] if votes else ("", 0)
        found: tuple[Successor, ...] = ()
        how = "which declares what it declared"
        if 2 * count <= asked:
            near = self._successors(header).of_header(header)
            found = tuple(one for one in near if self._may_stand_for(one, header))
            how = "which declares what is left of it"
        is_told = bool(found) and found[0].how != NEAREST
        if not is_told and 2 * count > votes.total():
            after, others = _file(best), tuple(_file(one.name) for one in found)
        elif found:
            after, how, others = _file(found[0].name), found[0].how, tuple(_file(one.name) for one in found[1:])
        else:
            return FateAnswer(fate=Fate.GONE, before=_file(header))
        return FateAnswer(fate=Fate.MOVED, before=_file(header), after=after, how=how, others=others)

    def _may_stand_for(self, found: Successor, header: str) -> bool:
        """A likeness of names alone is chance where the one declares nothing of what the other declared."""
        if found.certain:
            return True
        if self.baseline is None or header not in self.baseline.headers:  # a file of records is called like them
            first = words_of(_stem(header))[:1]
            return found.how != NEAREST or not header.endswith(".td") or words_of(_stem(found.name))[:1] == first
        before, after = self._then.declared_in(header), self._now.declared_in(found.name)
        return not before or not {one.name for one in before}.isdisjoint(one.name for one in after)

    def _successors(self, header: str) -> Successors:
        """A header that the baseline lacks as well went earlier: to where need not be new."""
        after = self.candidate.headers if self.candidate is not None else frozenset()
        before = self.baseline.headers if self.baseline is not None and header in self.baseline.headers else after
        return Successors(new=after - before, all=after, renames=self.renames)

    def _votes(self, header: str) -> tuple[Counter[str], int]:
        """Headers by how much of what a gone one declared they declare now, and of how much that was asked."""
        if self.baseline is None or self.candidate is None or not header.endswith((".h", ".hpp", ".td")):
            return Counter(), 0
        forms = {"class", "enum", "function", "alias", "def"}
        asked = [one for one in self.baseline.declared_in(header) if one.form in forms]
        asked = [one for one in asked if one.is_definition or one.form != "class"][:_ASKED]
        votes: Counter[str] = Counter()
        for one in asked:
            there = self.candidate.named_as(one)
            votes.update({each.file for each in there if each.is_definition or each.form != "class"})
        return votes, len(asked)

    # -- declarations -------------------------------------------------------------------------------------------------

    def of_name(self, name: str, scope: str = "") -> FateAnswer:
        """The fate of a declaration; ``scope`` is the class or namespace that was expected to have it."""
        key = (scope, name)
        if key not in self._answers:
            self._answers[key] = self._of_name(name, scope) if re.fullmatch(r"~?\w+", name) else UNKNOWN
        return self._answers[key]

    def of_call(self, name: str, scope: str = "") -> FateAnswer:
        """The fate of what is called: of a class, its constructors."""
        called = f"{scope}::{name}".removeprefix("::")
        defined = self.candidate.definition_of(called) if self.candidate is not None else None
        if defined is not None and defined.form == "class" and last_name(scope) != name:
            return self.of_name(name, defined.qualified)
        return self.of_name(name, scope)

    def _of_name(self, name: str, scope: str) -> FateAnswer:
        if self.candidate is None or not can_parse():
            return UNKNOWN
        after = self.candidate.named(name, scope)
        if self.baseline is None and after:
            return FateAnswer(fate=Fate.UNKNOWN, after=after[0], how=HAS_NOW, others=tuple(after[1:4]))
        if self.baseline is None:
            return self._replaced(name, scope, fate=Fate.UNKNOWN, before=())
        before = self.baseline.named(name, scope)
        if not scope:
            before, after = _alike(before, after)
            there = {one.qualified for one in after}
            if lost := tuple(one for one in before if one.qualified not in there):
                before, after = lost, ()  # what is still there would be found
        if not before:
            return FateAnswer(fate=Fate.NEW, after=after[0]) if after else self._without_scope(name, scope)
        if after:
            return _compared(before, after)
        return self._replaced(name, scope or before[0].owner, fate=Fate.GONE, before=before)

    def _without_scope(self, name: str, scope: str) -> FateAnswer:
        """Neither has it there. A name whose scope is a guess of the compiler's is looked for without."""
        if scope and scope not in _NAMESPACES and not self._now.has_class(scope):
            owner = self.of_name(scope.rpartition("::")[2], scope.rpartition("::")[0])
            if owner.is_a_change:
                return replace(owner, how=f"the fate of {scope}")
        if (enumerator := self._of_enumeration(name, scope, Fate.FOREIGN, ())) is not None:
            return enumerator
        spelled = spelled_otherwise(name, scope, self._now) if scope not in {"", "std"} else None
        return FateAnswer(fate=Fate.FOREIGN, after=spelled, how=SAME_WORDS if spelled is not None else "")

    def _replaced(self, name: str, scope: str, *, fate: Fate, before: Sequence[Declaration]) -> FateAnswer:
        """The same name elsewhere, else the nearest name of the same owner."""
        first = before[0] if before else None
        if (enumerator := self._of_enumeration(name, scope, fate, before)) is not None:
            return enumerator
        elsewhere = self._elsewhere(name, scope, before)
        moved = Fate.MOVED if fate is Fate.GONE else fate
        heir = self._heir(name, scope, before) if not elsewhere or names_a_class(scope) else None
        if heir is not None:
            return FateAnswer(fate=moved, before=first, after=heir[0], how=heir[1])
        if elsewhere:
            return FateAnswer(fate=moved, before=first, after=elsewhere[0], how=ELSEWHERE, others=elsewhere[1:3])
        near = self._nearest(name, scope)
        return FateAnswer(fate=fate, before=first, after=near[0] if near else None, how=NEAREST if near else "")

    def _heir(self, name: str, scope: str, before: Sequence[Declaration]) -> tuple[Declaration, str] | None:
        """What the headers themselves show to have taken its place, and how."""
        known = before[:_ASKED] if self.baseline is not None else ()
        renamed = (
            (heir_of(one, self._then, self._now), f"which is what {one.where} was, but for the name") for one in known
        )
        asked = ((called_by(one, self._now), f"which {one.where} did nothing but ask") for one in known)
        for one, how in itertools.chain((self._advised(each, scope) for each in known), renamed, asked):
            if one is not None and not self._now.is_private(one):
                return one, how
        spelled = spelled_otherwise(name, scope, self._now)
        return (spelled, SAME_WORDS) if spelled is not None and not self._now.is_private(spelled) else None

    def _advised(self, gone: Declaration, scope: str) -> tuple[Declaration | None, str]:
        for advised in advised_names(gone, self._then):
            owner, _, last = advised.rpartition("::")
            for each in [owner] if owner else [scope or gone.owner, *sorted(_NAMESPACES)]:
                if there := self._now.member(each, last) or self._now.declarations(last, each):
                    return there[0], f"as LLVM's own words at {gone.where} advise"
        return None, ""

    def _of_enumeration(self, name: str, scope: str, fate: Fate, before: Sequence[Declaration]) -> FateAnswer | None:
        """Of an enumerator: what it is called now, or the enumeration that lacks it."""
        if not before or self.baseline is None:
            now = list(by_spelling(name, scope, self._now))
            if len({one.qualified for one in now}) != 1:
                return None
            whose = now[0].owner if now[0].form == "enumerator" else now[0].qualified
            return FateAnswer(fate=fate, after=now[0], how=_SCOPED, enumeration=whose)
        enumeration = enumeration_of(before[0], self.baseline)
        if enumeration is None:
            return None
        if before[0].form == "enum":
            heirs = heirs_of(enumeration, self._then, self._now)
            how = "an enumeration with the same enumerators"
            return FateAnswer(fate=Fate.MOVED, before=before[0], after=heirs[0], how=how) if len(heirs) == 1 else None
        called = {one.qualified: (heir, one) for heir, one in scoped_now(before[0], self._then, self._now)}
        if called:
            (heir, after), *others = called.values()
            how = _SCOPED if after.form == "enumerator" else "a scoped enumeration with others now"
            return FateAnswer(
                fate=Fate.MOVED, before=before[0], after=after, how=how, enumeration=heir.qualified,
                others=tuple(one for _, one in others),
            )  # fmt: skip
        return FateAnswer(fate=fate, before=before[0], enumeration=enumeration.qualified)

    def _elsewhere(self, name: str, scope: str, before: Sequence[Declaration]) -> tuple[Declaration, ...]:
        """Free functions first; a member of an unrelated class is not what became of a member."""
        then = self.baseline.declarations(name) if self.baseline is not None else ()
        known = {(one.qualified, one.file) for one in then}
        found = [one for one in self._now.declarations(name) if (one.qualified, one.file) not in known]
        if not known:
            found = [one for one in found if one.is_free or one.form in {"class", "enum"}]
        forms = {one.form for one in before}
        if forms:  # what was a class is no enumerator now
            found = [one for one in found if _sort_of(one.form) in map(_sort_of, forms)]
            found = [one for one in found if one.is_free or _sort_of(one.form) != "type"]
        if (root := scope.partition("::")[0]) in _SIBLINGS:  # what was clang's is not MLIR's now
            found = [one for one in found if one.owner.partition("::")[0] not in _SIBLINGS - {root}]
        words = {part.lower() for part in scope.split("::")} - _NAMESPACES
        found.sort(
            key=lambda one: (not one.is_free, not any(word in one.file.lower() for word in words), len(one.file))
        )
        distinct: dict[str, Declaration] = {}
        for one in found:
            distinct.setdefault(one.qualified, one)
        was_member = names_a_class(scope) or (bool(before) and not before[0].is_free)
        owners = {one.owner for one in found}
        is_only = len(owners) == 1 and bool(known) and len(name) >= _TELLING and owners.pop().startswith(f"{root}::")
        return tuple(
            one
            for one in distinct.values()
            if not was_member or _may_replace_member(one, scope) or (is_only and one.form == "function")
        )

    def _nearest(self, name: str, scope: str) -> tuple[Declaration, ...]:
        """What the candidate alone has of the same owner, spelled alike: a class's members, a namespace's functions."""
        is_class = names_a_class(scope)
        offered = {one.name for one in self._now.visible_members(scope)} if is_class else self._functions_like(name)
        beside = offered if is_class else set()
        are_new = is_class and self.baseline is not None  # else another of a family was there before as well
        if are_new:
            beside = {one.name for one in self._then.visible_members(scope)}
            offered = offered - beside
        alike = [
            one
            for one in offered - {name}
            if len(one) > 2
            and one[0].isupper() == name[0].isupper()  # a type is no function
            and not is_narrower(name, one, (other for other in beside if other not in {name, one}))
            and not is_other_verb(name, one)
            and (are_new or not (is_sibling(name, one) or (is_class and set(words_of(one)) < set(words_of(name)))))
        ]
        longer = sorted((other for other in alike if is_class and len(name) > 4 and other.startswith(name)), key=len)
        for other in (*difflib.get_close_matches(name, alike, n=3, cutoff=0.72), *longer):
            found = tuple(one for one in self._now.named(other, scope) if not self._now.is_private(one))
            if found:
                return found[:1]
        return ()

    def _functions_like(self, name: str) -> set[str]:
        """Identifiers that begin with the same word; nothing for names too short to be told by their spelling."""
        start = re.match(r"[a-z]+", name)
        if start is None or len(name) < 6 or self.candidate is None:
            return set()
        known = self.baseline.words_from(start[0]) if self.baseline is not None else frozenset()
        return set(self.candidate.words_from(start[0]) - known)

    # -- includes -----------------------------------------------------------------------------------------------------

    def lost_includes(self, headers: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Header to the include that no longer brings it: who stopped to include, and what.

        Of all headers that stopped to include, the one that brought most of ``headers`` counts.
        """
        if self.baseline is None or self.candidate is None:
            return {}
        lost = [
            (name, dropped)
            for name in sorted(self.baseline.headers & self.candidate.headers)
            for dropped in set(self.baseline.included_by(name)) - set(self.candidate.included_by(name))
            if dropped in self.candidate.headers
        ]
        brought = {
            edge: (self.baseline.reached_from([edge[1]]) - self.candidate.reached_from([edge[0]])) & set(headers)
            for edge in lost
        }
        all_of: dict[str, set[str]] = {}
        for (includer, _), these in brought.items():
            all_of.setdefault(includer, set()).update(these)
        found: dict[str, tuple[str, str]] = {}
        for edge in sorted(brought, key=lambda one: (-len(all_of[one[0]]), one[0], -len(brought[one]))):
            for header in brought[edge]:
                found.setdefault(header, edge)
        return found


def _sort_of(form: str) -> str:
    """Types have one use, values and functions another."""
    return "type" if form in {"class", "enum", "alias", "typedef", "using"} else form


def _alike(
    before: tuple[Declaration, ...], after: tuple[Declaration, ...]
) -> tuple[tuple[Declaration, ...], tuple[Declaration, ...]]:
    """Of a name without a scope: what can be used without one; else the members that both have, which did not go."""
    free_before, free_after = (tuple(one for one in found if one.is_free) for found in (before, after))
    if free_before or free_after:
        return free_before, free_after
    shared = {one.qualified for one in before} & {one.qualified for one in after}
    kept = tuple(one for one in before if one.qualified in shared)
    return (kept, kept) if kept else (before, after)


def _compared(before: Sequence[Declaration], after: Sequence[Declaration]) -> FateAnswer:
    old = {_normal(one) for one in before}
    new = {_normal(one) for one in after}
    if old == new:
        return FateAnswer(fate=Fate.UNCHANGED, before=before[0], after=after[0])
    lost = next((one for one in before if _normal(one) not in new), before[0])
    fresh = [one for one in after if _normal(one) not in old] or list(after)
    fresh = [one for one in fresh if not _is_copying(one)] or fresh
    if not old - new:  # everything that was there still is
        return FateAnswer(fate=Fate.UNCHANGED, before=before[0], after=after[0], others=tuple(fresh[:2]))
    if all(one.is_free for one in before) and len({one.file for one in before}) > _FEW_FILES:
        return FateAnswer(fate=Fate.UNCHANGED, before=before[0])  # each header has its own: one may not be included
    kind = lost.signature
    near = max(fresh, key=lambda one: difflib.SequenceMatcher(None, kind, one.signature).quick_ratio())
    return FateAnswer(
        fate=Fate.CHANGED, before=lost, after=near, how=f"which was '{kind or lost.form}', its signature now"
    )


_FEW_FILES: Final = 3
"""Headers in which overloads of one free function are declared together."""


def _is_copying(declared: Declaration) -> bool:
    """Whether it copies or moves the class itself: nothing that takes the place of another constructor."""
    return re.search(rf"\b{declared.name}\((?:const )?(?:[\w:]+::)?{declared.name} ?&", declared.signature) is not None


def _normal(declared: Declaration) -> str:
    """A signature without what does not matter to a caller; a class is its name and its bases."""
    if declared.form == "class":
        return f"{declared.qualified}:{','.join(declared.bases)}" if declared.is_definition else declared.qualified
    text = re.sub(
        r"\[\[[^\[\]]*+\]\]|\b(?:inline|constexpr|static|virtual|explicit|override|final)\b", "", declared.signature
    )
    return declared.qualified + re.sub(r"[\s:]|llvm::|mlir::", "", text)


def _may_replace_member(declared: Declaration, scope: str) -> bool:
    """Whether it is of a class of that name, or of a namespace around it; classes are not all written in capitals."""
    is_same = declared.owner.rpartition("::")[2] == scope.rpartition("::")[2]
    return is_same or declared.owner in {"", *_NAMESPACES} or scope.startswith(f"{declared.owner}::")


def _stem(header: str) -> str:
    return header.rpartition("/")[2].partition(".")[0]


def _file(name: str) -> Declaration:
    return Declaration(form="header", name=name, file=name, line=1)
