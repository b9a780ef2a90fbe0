"""What a name is called now, told by LLVM's headers and by the compiler: another name, owner, or way to reach it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from pytest_llvmgate.fix.code_pieces import KEYWORDS
from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import offset_of
from pytest_llvmgate.fix.namespaces import namespace_at, reached_through, speaks_of
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.signatures import fitted_calls, other_access
from pytest_llvmgate.fix.statements import case_at, line_span, statement_at, without_statement
from pytest_llvmgate.kinds.catalogue import API_CHANGED, API_REMOVED
from pytest_llvmgate.kinds.facts import COMPILER_SUGGESTS, NAME, SCOPE
from pytest_llvmgate.objects.cxx_names import last_name, names_a_class
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.entity_fates import SAME_WORDS, Fate, FateAnswer
from pytest_llvmgate.surface.likeness import is_narrower, keeps_its_words, words_of
from pytest_llvmgate.surface.successors import NEAREST

_MOST_OVERLOADS: Final = 4
_NEAR: Final = 4000
"""Characters before a place in which its variable is declared."""
_POINTER: Final = re.compile(r"is a pointer; did you mean to use '->'|maybe you meant to use '->'")
_NO_POINTER: Final = re.compile(r"is not a pointer; did you mean to use '\.'|base operand of '->' has non-pointer type")


@dataclass(frozen=True, kw_only=True)
class NamesNow(CureSearch):
    """Cures of one error by what the headers of two LLVMs say."""

    def cures(self) -> Iterator[Cure]:
        """The likeliest first."""
        yield from self._reached_otherwise()
        name, scope = self.trouble.facts.get(NAME, ""), self.trouble.facts.get(SCOPE, "")
        if self.trouble.kind not in {API_REMOVED, API_CHANGED} or not re.fullmatch(r"[A-Za-z_]\w*", name):
            return
        answer = self.difference.of_name(name, scope)
        if answer.after is not None and not self._may_be(name, answer.after.qualified):
            answer = replace(answer, after=None)
        if self.trouble.kind == API_REMOVED:
            yield from self._of_its_enumeration(name, scope, answer)
            yield from self._accessor(name, scope)
            yield from self._without_label(name, scope, answer.fate)
            yield from self._out_of_its_class(name, scope, answer.after)
        yield from self._of_its_only_owner(name, scope)
        if answer.after is not None and answer.after.name != name and self._is_told(name, answer):
            is_asked = answer.after.form == "function" and answer.before is None
            yield from self._renamed(
                name, answer.after.name, f"the candidate's {answer.after.where}", is_asked=is_asked
            )
        yield from self._as_the_compiler_says(name, scope)
        yield from self._without_option(name, scope, answer.fate)
        if self.trouble.kind == API_CHANGED:
            yield from self._fitted(name, scope)

    def _of_its_enumeration(self, name: str, scope: str, answer: FateAnswer) -> Iterator[Cure]:
        """``CGFT_ObjectFile`` as ``CodeGenFileType::ObjectFile``, where one scoped enumeration is meant."""
        after = answer.after
        if after is None or after.form not in {"enum", "enumerator"} or answer.others or answer.how == NEAREST:
            return  # of an enumeration's values, those that are alike are others
        shown = _shown(after, self.text)
        of_scope = rf"(?<![\w:.>])(?:\w+::){{0,5}}{re.escape(last_name(scope))}::{re.escape(name)}\b"
        anywhere = rf"(?<![\w:.>])(?:\w+::){{0,5}}{re.escape(name)}\b"
        edits = (self.on_line(of_scope, shown) if scope else ()) or self.on_line(anywhere, shown)
        source = f"the candidate's {after.where}: a scoped enumeration"
        yield self.cure(*edits, source=source, what=f"{name} -> {after.qualified}")

    def _may_be(self, name: str, other: str) -> bool:
        """Whether another name may stand at the place: where something is reached through it, it has to lead there."""
        through, candidate = reached_through(name, self.text, self.place), self.difference.candidate
        if not through or candidate is None:
            return True
        return candidate.definition_of(other) is not None or bool(candidate.declarations(through, other))

    def _is_told(self, name: str, answer: FateAnswer) -> bool:
        """Whether more than a likeness shows what became of a name: both LLVMs, or its own words."""
        after = answer.after
        if after is None or after.form in {"enum", "enumerator"} or self._has_rival(name, after):
            return False
        if answer.fate in {Fate.UNKNOWN, Fate.FOREIGN}:
            return answer.how == SAME_WORDS or self._is_of_its_words(name, after.name, answer.fate)
        says_less = set(words_of(after.name)) < set(words_of(name))  # ``isFloat`` holds of more than ``isFloat8E5M2``
        return answer.fate in {Fate.MOVED, Fate.GONE} and not (answer.how == NEAREST and says_less)

    def _renamed(self, name: str, new: str, source: str, *, is_asked: bool = False) -> Iterator[Cure]:
        """``is_asked``: what was a variable may be got of a function now."""
        edits = self.pointed_at(self.on_line(rf"\b{re.escape(name)}\b", new)) if new != name else ()
        if is_asked:
            calls = [replace(one, text=f"{new}()") for one in edits if not self.text.startswith("(", one.end)]
            yield self.cure(*calls, source=source, what=f"{name} -> {new}()")
        yield self.cure(*edits, source=source, what=f"{name} -> {new}")

    def _has_rival(self, name: str, after: Declaration) -> bool:
        """Whether another new member says the same and more, or this one less: nobody can tell then which is meant."""
        baseline, candidate = self.difference.baseline, self.difference.candidate
        if candidate is None or after.is_free:
            return False
        now = {one.name for one in candidate.members(after.owner) if one.form == after.form}
        old = {one.name for one in baseline.members(after.owner)} if baseline is not None else set[str]()
        came = now - old - {after.name}
        is_one_of_some = after.name.startswith(name) and any(one.startswith(name) for one in came)
        return is_one_of_some or is_narrower(name, after.name, (old or came) - {name})

    def _accessor(self, name: str, scope: str) -> Iterator[Cure]:
        is_reached = re.search(
            rf"(?:\.|->)\s*{re.escape(name)}\b", self.text[slice(*line_span(self.text, self.place.line))]
        )
        if not is_reached or not names_a_class(scope) or not name[:1].islower() or name.startswith("get"):
            return
        # ``true_value`` has had ``getTrueValue`` since.
        accessor = "get" + "".join(f"{part[:1].upper()}{part[1:]}" for part in name.split("_"))
        candidate = self.difference.candidate
        is_known = candidate is not None and candidate.definition_of(scope) is not None
        if candidate is None or not is_known or candidate.member(scope, accessor):
            yield from self._renamed(name, accessor, "MLIR: accessors are called getX since LLVM 16")

    def _without_label(self, name: str, scope: str, fate: Fate) -> Iterator[Cure]:
        """``case X:`` of an enumerator that is gone, where no other value comes there: the label, or all of it.

        Of an enumeration of LLVM's that lacks it, that is so whatever the baseline had.
        """
        is_lacking = fate in {Fate.UNKNOWN, Fate.FOREIGN} and scope.startswith(("clang::", "llvm::"))
        begin, end = line_span(self.text, self.place.line)
        is_label = re.fullmatch(rf"\s*case (?:\w+::){{0,5}}{re.escape(name)}\s*:\s*", self.text[begin:end]) is not None
        if not is_label or not (fate is Fate.GONE or is_lacking):
            return
        is_below = re.match(r"(?:case\b|default\s*:)", self.text[end + 1 :].lstrip()) is not None
        whole = (begin, end) if is_below else case_at(self.text, self.place.line) if self._is_narrowed(name) else None
        if whole is not None:
            yield self.cure(
                Edit(start=begin, end=min(whole[1] + 1, len(self.text)), text=""),
                source="LLVM's headers: the enumerator is gone",
                what=f"case {name}: is dropped",
            )

    def _is_narrowed(self, name: str) -> bool:
        """Whether its enumeration lost the enumerator and got none: what came might be what it is called now."""
        baseline, candidate = self.difference.baseline, self.difference.candidate
        if baseline is None or candidate is None:
            return False
        owners = [(one.file, one.owner) for one in baseline.declarations(name) if one.form == "enumerator"]
        for file, owner in owners[:1]:
            old, new = (
                {one.name for one in surface.declared_in(file) if one.form == "enumerator" and one.owner == owner}
                for surface in (baseline, candidate)
            )
            return bool(new) and new < old
        return False

    def _without_option(self, name: str, scope: str, fate: Fate) -> Iterator[Cure]:
        """``options.x = y;`` of an option that LLVM does not have any more, where nothing took its place."""
        begin, end = line_span(self.text, self.place.line)
        option = rf"\s*[\w.()>-]{{1,80}}(?:\.|->){re.escape(name)}\s*=[^=;{{}}][^;{{}}]*;\s*"
        is_set = re.fullmatch(option, self.text[begin:end])
        if is_set and fate is Fate.GONE and last_name(scope).endswith("Options"):
            left = without_statement(self.text, begin, end)
            yield self.cure(
                Edit(start=begin, end=end if left else min(end + 1, len(self.text)), text=left),
                source="LLVM's headers: the option is gone",
                what=f"{last_name(scope)}::{name} is not set",
            )

    def _out_of_its_class(self, name: str, scope: str, after: Declaration | None) -> Iterator[Cure]:
        """``Class::name`` that lies outside of the class now, with the header that declares it."""
        owner = after.owner if after is not None and after.name == name else ""
        if after is None or not owner or f"::{owner}".endswith(f"::{scope}") or names_a_class(owner):
            return
        qualified = rf"(?<![\w:])(?:\w+::){{0,5}}{re.escape(last_name(scope))}::{re.escape(name)}\b"
        yield self.cure(
            *self.on_line(qualified, f"{owner}::{name}"),
            header=after.file,
            source=f"the candidate's {after.where}",
            what=f"{scope}::{name} -> {owner}::{name}",
        )

    def _as_the_compiler_says(self, name: str, scope: str) -> Iterator[Cure]:
        """Its suggestion, where that is the same name qualified, or a name that LLVM has only now."""
        new = self.trouble.facts.get(COMPILER_SUGGESTS, "").removeprefix("::")
        last = last_name(new)
        if not re.fullmatch(r"(?:\w+::){0,4}\w+", new) or new == name or last in KEYWORDS:
            return
        is_new = self.difference.of_name(last, scope).fate is Fate.NEW and self.difference.is_whole
        is_told = last == name or is_new
        is_told = is_told or self._is_of_its_words(name, last, self.difference.of_name(name, scope).fate)
        if is_told and self._may_be(name, new):
            source = "the compiler's suggestion" + (", new in LLVM" if is_new else "")
            # It is meant for the whole of a qualified name.
            qualified = (
                rf"(?<![\w:.>])(?:\w+::){{0,5}}{re.escape(name)}\b" if "::" in new else rf"\b{re.escape(name)}\b"
            )
            yield self.cure(*self.pointed_at(self.on_line(qualified, new)), source=source, what=f"{name} -> {new}")

    def _is_of_its_words(self, name: str, new: str, fate: Fate) -> bool:
        """Whether a name that says the same and more may be what became of one that the baseline has not."""
        candidate, begin = self.difference.candidate, re.match(r"[a-z]+", name)
        if candidate is None or begin is None or fate not in {Fate.UNKNOWN, Fate.FOREIGN}:
            return False
        others = candidate.words_from(begin[0]) - {name, new}
        return keeps_its_words(name, new) and not is_narrower(name, new, others)

    def _of_its_only_owner(self, name: str, scope: str) -> Iterator[Cure]:
        """A name that one other namespace has, and no other one; ``Class::name`` where one other class has it."""
        candidate, is_member = self.difference.candidate, names_a_class(scope)
        declared = candidate.declarations(name) if candidate is not None else ()
        owners = {one.owner for one in declared if one.form != "macro"}
        owner = owners.pop() if len(owners) == 1 else ""
        if candidate is None or not owner or owner == scope or names_a_class(owner) != is_member or scope == "std":
            return
        if is_member and candidate.has_class(scope):
            yield self.cure(
                *self.on_line(rf"(?<![\w.>]){re.escape(last_name(scope))}(?=::{re.escape(name)}\b)", last_name(owner)),
                source="the candidate's headers: no other class has it",
                what=f"{last_name(scope)}::{name} -> {owner}::{name}",
            )
        around = namespace_at(self.text, offset_of(self.text, self.place))
        is_open = around == owner or re.search(rf"\busing namespace (?:::)?{re.escape(owner)}\s*;", self.text)
        is_there = not is_open and self._may_be(name, f"{owner}::{name}")  # else it is found there without
        if not is_member and "operator" not in owner and is_there:
            shown = owner.removeprefix("mlir::") if speaks_of("mlir", self.text) else owner
            edits = self.on_line(rf"(?<![\w:.>])(?:\w+::){{0,4}}{re.escape(name)}\b", f"{shown}::{name}")
            if all(self.text[edit.start : edit.end] != edit.text for edit in edits):
                yield self.cure(*edits, source="the candidate's headers", what=f"{name} -> {owner}::{name}")

    def _reached_otherwise(self) -> Iterator[Cure]:
        """What is returned became a pointer, or is none any more: the compiler tells."""
        is_pointer = _POINTER.search(self.trouble.about) is not None
        if not self.place.column or not (is_pointer or _NO_POINTER.search(self.trouble.about)):
            return
        edit = other_access(self.text, offset_of(self.text, self.place), is_pointer=is_pointer)
        if edit is not None:
            what = ". -> ->" if is_pointer else "-> -> ."
            held = () if is_pointer else self._held_by_reference(edit.start)
            yield self.cure(edit, *held, source="the compiler: whether it is a pointer", what=what)

    def _held_by_reference(self, end: int) -> tuple[Edit, ...]:
        """``auto p = x.f()`` of what ``f`` returns by reference now: through a copy nothing is reached."""
        name, candidate = re.search(r"(?<![\w.>])\w+\Z", self.text[:end]), self.difference.candidate
        if candidate is None:
            return ()
        declared = rf"(?P<type>\b(?:const )?auto (?:const )?){name[0]} ?=(?P<value>[^;=]*)" if name else "(?!)"
        for match in [*re.finditer(declared, self.text[max(0, end - _NEAR) : end])][-1:]:
            calls = "|".join(re.findall(r"\b\w++(?=\()", match["value"])) or "(?!)"
            returned = re.compile(rf"&\s?(?:\w+::)?(?:{calls})\(")
            if any(returned.search(one.signature) for each in calls.split("|") for one in candidate.declarations(each)):
                at = max(0, end - _NEAR) + match.start("type")
                return (Edit(start=at, end=at + len(match["type"]), text="auto &"),)
        return ()

    def _fitted(self, name: str, scope: str) -> Iterator[Cure]:
        """Calls with the arguments that are still asked for, in today's order.

        Of an argument that does not convert, the compiler names the types: whose it is, the statement's calls tell.
        """
        start, end = statement_at(self.text, self.place.line, self.place.column)
        called = dict.fromkeys(re.findall(r"\b([A-Za-z_]\w*+)\(", self.text[start:end]))
        for one, where in ((name, scope), *((other, "") for other in called if other != name)):
            for before, after in self._overloads(one, where):
                yield self.cure(
                    *fitted_calls(self.text, start, end, before, after),
                    source=f"both declarations: {before.where} and {after.where}",
                    what=f"{one}(...): the arguments that {after.signature[:80]} takes",
                )

    def _overloads(self, name: str, scope: str) -> Iterator[tuple[Declaration, Declaration]]:
        """What is gone of a name, and what has come for it in the same class or namespace."""
        baseline, candidate = self.difference.baseline, self.difference.candidate
        if baseline is None or candidate is None or name in {"build", "create", "get"}:
            return
        old, new = (one.named(name, scope) for one in (baseline, candidate))
        for before in _only(old, new)[:_MOST_OVERLOADS]:
            yield from ((before, after) for after in _only(new, old)[:_MOST_OVERLOADS] if after.owner == before.owner)


def _shown(declared: Declaration, text: str) -> str:
    """An enumeration, or an enumerator with its own, behind the namespaces that the text is not in and does not use."""
    parts = declared.qualified.split("::")
    own = 1 if declared.form == "enum" else 2
    while len(parts) > own and speaks_of(parts[0], text):
        parts = parts[1:]
    return "::".join(parts)


def _only(these: Iterable[Declaration], others: Iterable[Declaration]) -> list[Declaration]:
    known = {one.signature for one in others}
    return [one for one in these if one.form == "function" and one.signature not in known]
