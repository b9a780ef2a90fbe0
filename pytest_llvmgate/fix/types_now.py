"""Types that follow LLVM's: of functions that override one of LLVM's, and of variables that hold what one returns."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_llvmgate.findings.parsers.compiler_messages import hidden_overloads, meant_overload
from pytest_llvmgate.fix.code_pieces import Brackets, Token, first_list, pieces_of, sequences, span
from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import offset_of
from pytest_llvmgate.fix.namespaces import LLVMS, speaks_of
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.signatures import Parameter, declared_at, parameters, parameters_in
from pytest_llvmgate.fix.statements import line_span, statement_at
from pytest_llvmgate.kinds.catalogue import API_CHANGED
from pytest_llvmgate.surface.cxx_declarations import Declaration

_INITIALIZED: Final = re.compile(
    r"\s*+(?>(?:const\s++)?)(?P<type>(?>(?:\w++::){0,5})\w++(?:<[^;=(){}]{0,200}>)?)\s++\w++\s*+="
)
_CONVERSION: Final = re.compile(
    r"(?:no viable conversion from|conversion from|cannot convert|cannot initialize a variable of type"
    r"|no known conversion from) (?:returned value of type )?'(?P<a>[^'\n]+)'(?: \(aka '[^'\n]+'\))?"
    r" (?:to non-scalar type|to|with an (?:r|l)value of type) '(?P<b>[^'\n]+)'"
)
_A_VALUE: Final = re.compile(
    r"(?:with type '(?:const )?auto \*(?:const)?' has incompatible initializer of type '(?P<auto>[^'\n*]+)'"
    r"|unable to deduce '(?:const )?auto ?\*'"
    r"|(?:no viable conversion from|cannot convert) '(?P<value>[^'\n*]+)'(?: \(aka '[^'\n]+'\))? to"
    r" '(?:const )?(?P<of>[^'\n*]+) ?\*'"
    r")"
)
_POINTER_TO: Final = re.compile(
    r"(?:\bconst\s+)?\b(?P<type>(?:\w+::){0,5}\w+)(?:\s+const)?\s*(?P<sign>\*\s*)(?:const\s+)?(?P<name>\w+)(?=\s*=[^=])"
)
_OVERRIDE: Final = re.compile(r"marked '(?:override|final)'")
_DEFINED_OTHERWISE: Final = re.compile(
    r"note: type of (?P<number>\d+)(?:st|nd|rd|th) parameter of member declaration does not match definition"
    r" \('(?P<type>[^'\n]+)'"
)
_CALLBACK: Final = re.compile(
    r"from '[^'\n]*\blambda\b[^'\n]*' to (?:'\w[\w:]*' [({]aka )?"
    r"'[^'\n<]*function(?:_ref)?<(?P<called>[^'\n]+)>(?: ?&&?)?'"
)
_END: Final = re.compile("[{;]")
_BEHIND_PARAMETERS: Final = frozenset({"const", "override", "final", "noexcept", ";", "=", "{", ":"})


@dataclass(frozen=True, kw_only=True)
class TypesNow(CureSearch):
    """Cures of one error by the types that both LLVMs declare."""

    def cures(self) -> Iterator[Cure]:
        """The likeliest first."""
        yield from self._as_hidden()
        yield from self._as_declared()
        yield from self._as_called_back()
        yield from self._no_pointer()
        if self.trouble.kind != API_CHANGED and not _OVERRIDE.search(self.trouble.message):
            return
        yield from self._as_overridden()
        yield from self._as_returned()

    # -- functions ----------------------------------------------------------------------------------------------------

    def _as_overridden(self) -> Iterator[Cure]:
        """A function of the name and the types that one of LLVM's had, given those that it has now."""
        baseline, candidate = self.difference.baseline, self.difference.candidate
        declared = self._declared()
        if baseline is None or candidate is None or declared is None:
            return
        name, group = declared
        new = [one for one in candidate.declarations(name) if one.form == "function"]
        known = {(one.owner, one.signature) for one in new}
        for before in baseline.declarations(name):
            old = parameters(before)
            if (before.owner, before.signature) in known or not _alike(parameters_in(self.text, group), old or ()):
                continue
            for after in (one for one in new if one.owner == before.owner):
                source = f"both declarations: {before.where} and {after.where}"
                yield from self._with_parameters_of(after, group, source)

    def _as_hidden(self) -> Iterator[Cure]:
        """The parameters of the base's function, which the compiler points at."""
        declared = self._declared()
        if declared is None:
            return
        name, group = declared
        ours = parameters_in(self.text, group)
        bases = {one: declared_at(one.file, one.line, name) for one in hidden_overloads(self.trouble.about.split("\n"))}
        meant = meant_overload([*bases], lambda one: _is_called_alike(ours, bases[one], one.number))
        base = bases[meant] if meant is not None else None
        if meant is not None and base is not None:
            source = f"the candidate's {base.where}, which it overrides"
            yield from self._with_parameters_of(base, group, source, meant.number)

    def _with_parameters_of(self, base: Declaration, group: Brackets, source: str, other: int = 0) -> Iterator[Cure]:
        """Ours where they are the same, by our names; ``other`` is the one that is not, whatever it is called."""
        wanted = parameters(base)
        if wanted is None:
            return
        ours = list(parameters_in(self.text, group))
        is_as_long = len(ours) == len(wanted)
        written, before = list[str](), [_written(one) for one in ours]
        for number, parameter in enumerate(wanted, 1):
            theirs = replace(parameter, written=self._in_namespace(parameter, base.owner.partition("::")[0]))
            kept = next((one for one in ours if _types_alike(one, parameter)), None)
            if is_as_long:
                own = ours[number - 1]
                is_same = _types_alike(own, parameter) and number != other  # what is called alike may be our own type
                kept = own if is_same else replace(own, written=theirs.written)
            written.append(_written(kept or theirs))
            if kept in ours and not is_as_long:
                del ours[: ours.index(kept) + 1]
        edit = Edit(start=group.start, end=group.end, text=f"({', '.join(written)})")
        edits = [edit] if written != before else []
        yield self.cure(*edits, source=source, what=f"{base.name}: the parameters of {base.qualified}")

    def _as_called_back(self) -> Iterator[Cure]:
        """A lambda with the parameters that LLVM calls it with now, as the compiler names the type."""
        match = _CALLBACK.search(self.trouble.about)
        called = first_list(match["called"]) if match is not None else None
        given = self._lambda() if called is not None else None
        if match is None or called is None or given is None:
            return
        ours, wanted = parameters_in(self.text, given), parameters_in(match["called"], called)
        written = self._called_with(ours, wanted)
        if written is not None:
            yield self.cure(
                Edit(start=given.start, end=given.end, text=f"({', '.join(written)})"),
                source="the compiler: what it is called with now",
                what=f"a lambda of ({', '.join(one.written for one in wanted)})",
            )

    def _lambda(self) -> Brackets | None:
        """The parameters of the first lambda from the place on, in its statement."""
        _, stop = statement_at(self.text, self.place.line, self.place.column)
        for sequence in sequences(self.text, offset_of(self.text, self.place), stop):
            for front, behind in itertools.pairwise(sequence):
                if isinstance(front, Brackets) and front.opening == "[" and isinstance(behind, Brackets):
                    return behind if behind.opening == "(" else None
        return None

    def _called_with(self, ours: Sequence[Parameter], wanted: Sequence[Parameter]) -> list[str] | None:
        """What came is left without a name; ``None`` where one of ours is not among the wanted ones."""
        written, rest = list[str](), list(ours)
        for parameter in wanted:
            is_ours = rest and (_types_alike(rest[0], parameter) or "auto" in rest[0].type)
            written.append(_written(rest.pop(0)) if is_ours else self._in_namespace(parameter, *LLVMS))
        return None if rest else written

    def _as_declared(self) -> Iterator[Cure]:
        """A definition with the type that its declaration has since."""
        match, declared = _DEFINED_OTHERWISE.search(self.trouble.about), self._declared()
        if match is None or declared is None:
            return
        ours = parameters_in(self.text, declared[1])
        at = int(match["number"]) - 1
        if at < len(ours) and declared[1].arguments[at]:
            edit = Edit(
                start=span(declared[1].arguments[at])[0],
                end=span(declared[1].arguments[at])[1],
                text=_written(replace(ours[at], written=match["type"])),
            )
            yield self.cure(edit, source="the class's own declaration", what=f"{declared[0]}: a {match['type']}")

    def _in_namespace(self, parameter: Parameter, *namespaces: str) -> str:
        """A type as it is written outside of that one of LLVM's namespaces that has it, where the text uses it not."""
        candidate, match = self.difference.candidate, re.match(r"(?:const\s+)?(\w+)(?!\w|::)", parameter.written)
        unused = [one for one in namespaces if not speaks_of(one, self.text)]
        if candidate is None or match is None or not unused:
            return parameter.written
        owners = {one.owner for one in candidate.declarations(match[1])}
        front = next((f"{one}::" for one in unused if one in owners), "")
        return f"{parameter.written[: match.start(1)]}{front}{parameter.written[match.start(1) :]}"

    def _declared(self) -> tuple[str, Brackets] | None:
        """The function that is declared or defined at the place."""
        start, _ = line_span(self.text, self.place.line)
        if _OVERRIDE.search(self.trouble.message):  # it may point behind the parameters
            start = max(self.text.rfind(mark, 0, start) for mark in ";{}") + 1
        end = _END.search(self.text, start)
        pieces = pieces_of(self.text, start, end.end() if end else len(self.text))
        for at, piece in enumerate(pieces[1:], 1):
            before = pieces[at - 1]
            if isinstance(piece, Brackets) and piece.opening == "(" and isinstance(before, Token) and before.is_name:
                behind = pieces[at + 1] if at + 1 < len(pieces) else None
                is_body = isinstance(behind, Brackets) and behind.opening == "{"
                if behind is None or is_body or (isinstance(behind, Token) and behind.text in _BEHIND_PARAMETERS):
                    return before.text, piece
        return None

    # -- variables ----------------------------------------------------------------------------------------------------

    def _no_pointer(self) -> Iterator[Cure]:
        """``T *name = f();`` where ``f`` returns a ``T`` now: what was handed on by pointer is a value."""
        match = _A_VALUE.search(self.trouble.message)
        statement = statement_at(self.text, self.place.line, self.place.column)
        found = _POINTER_TO.search(self.text, *statement) if match is not None else None
        if match is None or found is None or (match["of"] and _last(match["of"]) != _last(match["value"])):
            return
        kind = found["type"]
        yield self.cure(
            Edit(start=found.start(), end=found.end("sign"), text=f"{kind} "),
            source="the compiler: what is returned is no pointer any more",
            what=f"{' '.join(found[0].split())} -> {kind} {found['name']}",
        )

    def _as_returned(self) -> Iterator[Cure]:
        """``Old name = f();`` where ``f`` returns another type now, which does not convert."""
        match = _CONVERSION.search(self.trouble.message)
        if match is None:
            return
        start, end = statement_at(self.text, self.place.line, self.place.column)
        found = _INITIALIZED.match(self.text, start, end)
        if found is None or found["type"] in {"auto", "return"}:
            return
        types = (match["a"], match["b"])
        there = [one for one in types if _last(one) == _last(found["type"])]
        others = [one for one in types if _last(one) != _last(found["type"])]
        if len(there) != 1 or len(others) != 1 or "(" in others[0] or others[0].endswith(("*", "&")):
            return
        front = there[0].removesuffix(found["type"])  # as it may be left out here
        for new in dict.fromkeys((others[0].removeprefix(front), others[0])):
            yield self.cure(
                Edit(start=found.start("type"), end=found.end("type"), text=new),
                source="the compiler: what is returned now",
                what=f"{found['type']} -> {new}",
            )


def _is_called_alike(ours: Sequence[Parameter], base: Declaration | None, number: int) -> bool:
    theirs = parameters(base) or () if base is not None else ()
    names = [one[number - 1].name for one in (theirs, ours) if 0 < number <= len(one)]
    return all(names) and len(names) > 1 and (names[0].startswith(names[1]) or names[1].startswith(names[0]))


def _types_alike(one: Parameter, other: Parameter) -> bool:
    return _last("".join(one.type)) == _last("".join(other.type))


def _written(parameter: Parameter) -> str:
    sign = "" if parameter.written.endswith(("&", "*")) else " "
    return f"{parameter.written}{sign}{parameter.name}".strip()


def _last(written: str) -> str:
    """``mlir::FailureOr<X>`` without what is qualified in front."""
    return re.sub(r"(?:\b\w+)?::", "", written).replace(" ", "")


def _alike(ours: Sequence[Parameter], old: Sequence[Parameter]) -> bool:
    return len(ours) == len(old) and all(_types_alike(one, other) for one, other in zip(ours, old, strict=True))
