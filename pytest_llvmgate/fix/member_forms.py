"""Members that are reached in another way: a field by its accessors, a function as a member or outside of the class."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.added_arguments import TOO_FEW
from pytest_llvmgate.fix.code_pieces import Token, sequences, span
from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import call_at, calls_in
from pytest_llvmgate.fix.rewrite_rules import Edit, Rule, matches
from pytest_llvmgate.fix.signatures import parameters
from pytest_llvmgate.fix.statements import statement_at
from pytest_llvmgate.kinds.facts import NAME, SCOPE
from pytest_llvmgate.objects.cxx_names import last_name, names_a_class
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.llvm_surface import Surface

_PRIVATE: Final = re.compile(
    r"'(?P<name>\w+)' is a (?:private|protected) member of '(?P<scope>[\w:]+)'"
    r"|'(?:[^'\n]*[^\w:'\n])?(?P<owner>[\w:]+)::(?P<member>\w+)' is (?:private|protected) within this context"
)

_QUALIFIED: Final = re.compile(r"(?<![\w:])(?:::)?(?>(?:\w++::){1,5})\Z")


@dataclass(frozen=True, kw_only=True)
class MemberForms(CureSearch):
    """Cures of one error by what the candidate's class has, or what lies outside of it."""

    def cures(self) -> Iterator[Cure]:
        """The likeliest first."""
        candidate = self.difference.candidate
        private = _PRIVATE.search(self.trouble.message)
        name, scope = self.trouble.facts.get(NAME, ""), self.trouble.facts.get(SCOPE, "")
        if private is not None:
            name, scope = private["name"] or private["member"], private["scope"] or private["owner"]
        if candidate is None:
            return
        call = call_at(self.text, self.place) if TOO_FEW.search(self.trouble.about) and self.trouble.is_here else None
        if call is not None and self.text[: call[0].start].endswith((".", "->")):
            yield from self._outside(call[0].text, candidate)
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            return
        if names_a_class(scope) and candidate.has_class(scope):
            yield from self._by_accessors(name, scope, candidate)
            if not candidate.member(scope, name):
                yield from self._of_what_it_refers_to(name, scope, candidate)
                yield from self._outside(name, candidate)
        elif private is None and not names_a_class(scope):
            yield from self._as_a_member(name, candidate)

    def _by_accessors(self, name: str, scope: str, candidate: Surface) -> Iterator[Cure]:
        """``x.name = y`` by ``x.setName(y)``; ``x.name`` by ``x.getName()``, ``x.isName()`` or ``x.name()``."""
        title = name.strip("_")[:1].upper() + name.strip("_")[1:]
        for accessor in (f"set{title}", f"get{title}", f"is{title}"):
            found = candidate.member(scope, accessor)
            for sign in (".", "->") if found else ():
                before, after = f"$x{sign}{name}", f"$x{sign}{accessor}()"
                if accessor.startswith("set"):
                    yield from self._assigned(name, accessor, sign, f"the candidate's {found[0].where}")
                else:
                    yield from self._rewritten(before, after, f"the candidate's {found[0].where}")

    def _of_what_it_refers_to(self, name: str, scope: str, candidate: Surface) -> Iterator[Cure]:
        """``entry.f()`` of a ``FileEntryRef`` by ``entry.getFileEntry().f()``: LLVM hands on the reference now."""
        referred = scope.removesuffix("Ref")
        accessor = f"get{last_name(referred)}"
        found = candidate.member(scope, accessor) if referred != scope else ()
        if found and candidate.member(referred, name):
            after = f"$x.{accessor}().{name}($*a)"
            yield from self._rewritten(f"$x.{name}($*a)", after, f"the candidate's {found[0].where}")

    def _assigned(self, name: str, setter: str, sign: str, source: str) -> Iterator[Cure]:
        start, end = statement_at(self.text, self.place.line, self.place.column)
        for sequence in sequences(self.text, start, end):
            words = [piece.text if isinstance(piece, Token) else "" for piece in sequence]
            for at in range(1, len(words) - 2):
                if words[at - 1 : at + 2] == [sign, name, "="]:
                    stop = words.index(";", at) if ";" in words[at:] else len(words)
                    first, last = span(sequence[at + 2 : stop])
                    new = f"{setter}({self.text[first:last]})"
                    edit = Edit(start=sequence[at].start, end=last, text=new)
                    yield self.cure(edit, source=source, what=f"{name} = ... -> {setter}(...)")

    def _outside(self, name: str, candidate: Surface) -> Iterator[Cure]:
        """``x.f(y)`` as ``ns::f(x, y)``, where the class has no such member any more and a namespace got it."""
        call = call_at(self.text, self.place)
        count = (
            1 + len([one for one in call[1].arguments if one]) if call is not None and call[0].text == name else None
        )
        before = self._before(name)
        scope = self.trouble.facts.get(SCOPE, "")
        is_older = names_a_class(scope) and not any(one.owner == scope for one in before)
        known = set() if is_older else {(one.qualified, one.signature) for one in before}
        owners = {
            one.owner: one
            for one in candidate.declarations(name)
            if one.form == "function" and one.is_free and (one.qualified, one.signature) not in known
            if one.owner.partition("::")[0] in {"llvm", self.trouble.facts.get(SCOPE, one.owner).partition("::")[0]}
            if count is None or _takes(one, count)
        }
        if len(owners) == 1:
            ((owner, declared),) = owners.items()
            called = f"{owner}::{name}" if owner else name
            for sign, value in ((".", "$x"), ("->", "*$x"), ("->", "$x")):
                yield from self._rewritten(
                    f"$x{sign}{name}($*a)",
                    f"{called}({value}, $*a)",
                    f"the candidate's {declared.where}",
                    declared.file,
                )

    def _as_a_member(self, name: str, candidate: Surface) -> Iterator[Cure]:
        """``f(x, y)`` as ``x.f(y)``, where no namespace has the function any more and a class got it."""
        before, now = self._before(name), candidate.declarations(name)
        was_free = any(one.form == "function" and one.is_free for one in before)
        is_free = any(one.form == "function" and one.is_free for one in now)
        got = {one.qualified for one in now if names_a_class(one.owner)} - {one.qualified for one in before}
        if not was_free or is_free or not got:
            return
        source = f"the candidate's {next(one.where for one in now if one.qualified in got)}"
        start, end = statement_at(self.text, self.place.line, self.place.column)
        for called, group in calls_in(self.text, start, end):
            given = [self.text[slice(*span(one))] for one in group.arguments if one]
            front = _QUALIFIED.search(self.text, start, called.start)
            for sign in (".", "->") if called.text == name and given else ():
                new = f"{given[0]}{sign}{name}({', '.join(given[1:])})"
                edit = Edit(start=front.start() if front else called.start, end=group.end, text=new)
                yield self.cure(edit, source=source, what=f"{name}(x, ...) -> x{sign}{name}(...)")

    def _before(self, name: str) -> tuple[Declaration, ...]:
        return self.difference.baseline.declarations(name) if self.difference.baseline is not None else ()

    def _rewritten(self, before: str, after: str, source: str, header: str = "") -> Iterator[Cure]:
        rule = Rule(before=before, after=after, source=source)
        edits = tuple(matches(rule, self.text, *statement_at(self.text, self.place.line, self.place.column)))
        yield self.cure(*edits[:1], header=header, source=source, what=str(rule))


def _takes(declared: Declaration, count: int) -> bool:
    """Whether a function can be given so many arguments."""
    wanted = parameters(declared)
    return wanted is not None and sum(not one.is_optional for one in wanted) <= count <= len(wanted)
