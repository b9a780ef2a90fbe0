"""Calls of an operation's builder, which the compiler finds wrong inside of LLVM's own templates.

Either the operation got an optional attribute that nobody has yet, or a builder takes its arguments in another order.
mlir-tblgen writes ``/*optional*/`` in front of such a parameter, and a null attribute is what "not there" means
(OpDefinitionsGen.cpp). So the argument is known, wherever else the compiler only counts.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from pytest_llvmgate.fix.code_pieces import Brackets, Piece, first_list, is_text, sequences, span
from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.signatures import parameters, parameters_in, rearranged
from pytest_llvmgate.fix.statements import line_span, statement_at
from pytest_llvmgate.kinds.catalogue import API_CHANGED
from pytest_llvmgate.kinds.facts import NAME, SCOPE
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.surface.cxx_declarations import Declaration

_CANDIDATE: Final = re.compile(r"^(?P<file>/[^\s:]+\.inc):(?P<line>\d+):\d+: note:\s+candidate\b", re.MULTILINE)
_OPTIONAL: Final = "/*optional*/"
_BUILDER_AND_STATE: Final = 2
_MOST_OVERLOADS: Final = 12


@dataclass(frozen=True, kw_only=True)
class _Call:
    """A call that makes the operation."""

    arguments: Brackets
    before: int
    """Arguments in front of those that go to the builder behind its state."""
    is_located: bool = False
    """It is taken as one of a builder that knows the location itself."""


@dataclass(frozen=True, kw_only=True)
class OpBuilders(CureSearch):
    """Cures of one call of a builder."""

    def cures(self) -> Iterator[Cure]:
        """The arguments as the builder takes them that came for one that is gone; a null attribute besides."""
        operation = self.trouble.facts.get(SCOPE, "").rpartition("::")[2]
        if self.trouble.kind != API_CHANGED or not operation:
            return
        calls = [
            call
            for sequence in sequences(self.text, *statement_at(self.text, self.place.line, self.place.column))
            for call in _calls(sequence, operation)
        ]
        for before, after in itertools.islice(self._pairs(), _MOST_OVERLOADS):
            source = f"both builders: {before.where} and {after.where}"
            what = f"{operation}: the arguments in the order of {after.signature[:80]}"
            yield from self._of(calls, partial(_fitted, self.text, before, after), source=source, what=what)
        source = "the candidate's builders: the attribute is optional"
        for overload in itertools.islice(_overloads(self.trouble.about), _MOST_OVERLOADS):
            for number, name in _optional(overload):
                what = f"{operation}: /*{name}=*/nullptr"
                yield from self._of(calls, partial(_inserted, overload, number, name), source=source, what=what)

    def _of(
        self, calls: Sequence[_Call], edit: Callable[[_Call], Edit | None], *, source: str, what: str
    ) -> Iterator[Cure]:
        """Of all calls, taken as those of a builder that knows no location, and of one that knows it."""
        for is_located in (False, True):
            edits = [edit(call) for call in calls if call.is_located is is_located]
            yield self.cure(*filter(None, edits), source=source, what=what)

    def _pairs(self) -> Iterator[tuple[Declaration, Declaration]]:
        """What is gone of the builders, with what came."""
        baseline, candidate = self.difference.baseline, self.difference.candidate
        if baseline is None or candidate is None or self.trouble.facts.get(NAME) != "build":
            return
        old, new = (one.member(self.trouble.facts[SCOPE], "build") for one in (baseline, candidate))
        known = {one.signature for one in old} & {one.signature for one in new}
        yield from ((one, two) for one in old for two in new if not {one.signature, two.signature} & known)


def _fitted(text: str, before: Declaration, after: Declaration, call: _Call) -> Edit | None:
    old, new = ((parameters(one) or ())[_BUILDER_AND_STATE:] for one in (before, after))
    given = [argument for argument in call.arguments.arguments if argument][call.before :]
    written = [text[slice(*span(argument))] for argument in given]
    wanted = (
        rearranged(old, new, written) if sum(not one.is_optional for one in old) <= len(given) <= len(old) else None
    )
    if not given or wanted is None or wanted == written:
        return None
    return Edit(start=span(given[0])[0], end=span(given[-1])[1], text=", ".join(wanted))


def _overloads(about: str) -> Iterator[str]:
    """The builders that the compiler looked at, as they are declared."""
    for file, line in dict.fromkeys((one["file"], int(one["line"])) for one in _CANDIDATE.finditer(about)):
        with suppress(OSError):
            text = read_plain_text(Path(file))
            declared = text[slice(*line_span(text, line))]
            if _OPTIONAL in declared and "build(" in declared:
                yield declared


def _optional(declared: str) -> list[tuple[int, str]]:
    """Position and name of each optional parameter."""
    group = first_list(declared)
    if group is None:
        return []
    names = [one.name for one in parameters_in(declared, group)]
    places = [match.end() for match in re.finditer(re.escape(_OPTIONAL), declared)]
    starts = [argument[0].start for argument in group.arguments if argument]
    return [(starts.index(place), names[starts.index(place)]) for place in places if place in starts]


def _calls(sequence: tuple[Piece, ...], operation: str) -> Iterator[_Call]:
    """``create<Op>(loc, ...)``, ``replaceOpWithNewOp<Op>(op, ...)``, ``Op::create(builder, loc, ...)``."""
    for at, piece in enumerate(sequence):
        if not isinstance(piece, Brackets) or piece.opening != "(" or at < 2:
            continue
        before, further = sequence[at - 1], sequence[at - 2]
        if isinstance(before, Brackets) and before.opening == "<" and before.arguments:
            if is_text(before.arguments[0][-1], operation):
                yield _Call(arguments=piece, before=1)
                yield _Call(arguments=piece, before=0, is_located=True)
        elif at > 2 and is_text(before, "create") and is_text(further, "::") and is_text(sequence[at - 3], operation):
            yield _Call(arguments=piece, before=2)
            yield _Call(arguments=piece, before=1, is_located=True)


def _inserted(declared: str, number: int, name: str, call: _Call) -> Edit | None:
    """A null where the parameter is, if the call has one argument fewer than the overload needs."""
    group = first_list(declared)
    given = [argument for argument in call.arguments.arguments if argument]
    wanted = len(group.arguments) if group is not None else 0
    at = number - _BUILDER_AND_STATE + call.before
    if len(given) - call.before + _BUILDER_AND_STATE + 1 != wanted or not 0 < at <= len(given):
        return None
    end = span(given[at - 1])[1]
    return Edit(start=end, end=end, text=f", /*{name}=*/nullptr")
