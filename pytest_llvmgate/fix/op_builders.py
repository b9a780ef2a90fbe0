"""Calls of an operation's builder, which the compiler finds wrong inside of LLVM's own templates.

Either the operation got an optional attribute that nobody has yet, or a builder takes its arguments in another order.
mlir-tblgen writes ``/*optional*/`` in front of such a parameter, and a null attribute is what "not there" means
(OpDefinitionsGen.cpp). So the argument is known, wherever else the compiler only counts.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.fix.code_pieces import Brackets, Piece, first_list, is_text, sequences, span
from pytest_llvmgate.fix.cure import Cure
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.signatures import parameters, parameters_in, rearranged
from pytest_llvmgate.fix.statements import statement_at
from pytest_llvmgate.fix.unit_check import ErrorPlace, Trouble
from pytest_llvmgate.kinds.facts import NAME, SCOPE
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.entity_fates import SurfaceDifference

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


def null_attributes(trouble: Trouble, place: ErrorPlace, text: str) -> Iterator[Cure]:
    """The call with a null attribute where one overload has an optional one more than the call."""
    operation = trouble.facts.get(SCOPE, "").rpartition("::")[2]
    if not operation:
        return
    calls = list(_calls_at(place, text, operation))
    for at, overload in enumerate(_overloads(trouble.about)):
        if at >= _MOST_OVERLOADS:
            return
        for (number, name), is_located in itertools.product(_optional(overload), (False, True)):
            those = [call for call in calls if call.is_located is is_located]
            edits = tuple(edit for call in those if (edit := _inserted(call, overload, number, name)) is not None)
            if edits:
                yield Cure(
                    path=place.path, edits=edits, source="the candidate's builders: the attribute is optional",
                    what=f"{operation}: /*{name}=*/nullptr",
                )  # fmt: skip


def builders_of_today(difference: SurfaceDifference, trouble: Trouble, place: ErrorPlace, text: str) -> Iterator[Cure]:
    """The call with its arguments as the builder takes them that came for one that is gone."""
    scope = trouble.facts.get(SCOPE, "")
    operation = scope.rpartition("::")[2]
    if difference.baseline is None or difference.candidate is None or trouble.facts.get(NAME) != "build":
        return
    old, new = (one.member(scope, "build") for one in (difference.baseline, difference.candidate))
    known = {one.signature for one in old} & {one.signature for one in new}
    calls = list(_calls_at(place, text, operation))
    pairs = ((before, after) for before in old for after in new if not {before.signature, after.signature} & known)
    for (before, after), is_located in itertools.product(itertools.islice(pairs, _MOST_OVERLOADS), (False, True)):
        those = [call for call in calls if call.is_located is is_located]
        edits = tuple(edit for call in those if (edit := _fitted(text, call, before, after)) is not None)
        if edits:
            yield Cure(
                path=place.path, edits=edits, source=f"both builders: {before.where} and {after.where}",
                what=f"{operation}: the arguments in the order of {after.signature[:80]}",
            )  # fmt: skip


def _fitted(text: str, call: _Call, before: Declaration, after: Declaration) -> Edit | None:
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
    files: dict[str, list[str]] = {}
    for file, line in dict.fromkeys((one["file"], int(one["line"])) for one in _CANDIDATE.finditer(about)):
        if file not in files:
            files[file] = _lines(Path(file))
        declared = files[file][line - 1] if line <= len(files[file]) else ""
        if _OPTIONAL in declared and "build(" in declared:
            yield declared


def _lines(file: Path) -> list[str]:
    try:
        return read_plain_text(file).split("\n")
    except OSError:
        return []


def _optional(declared: str) -> list[tuple[int, str]]:
    """Position and name of each optional parameter."""
    group = first_list(declared)
    if group is None:
        return []
    names = [one.name for one in parameters_in(declared, group)]
    places = [match.end() for match in re.finditer(re.escape(_OPTIONAL), declared)]
    starts = [argument[0].start for argument in group.arguments if argument]
    return [(starts.index(place), names[starts.index(place)]) for place in places if place in starts]


def _calls_at(place: ErrorPlace, text: str, operation: str) -> Iterator[_Call]:
    for sequence in sequences(text, *statement_at(text, place.line, place.column)):
        yield from _calls(sequence, operation)


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


def _inserted(call: _Call, declared: str, number: int, name: str) -> Edit | None:
    """A null where the parameter is, if the call has one argument fewer than the overload needs."""
    group = first_list(declared)
    given = [argument for argument in call.arguments.arguments if argument]
    wanted = len(group.arguments) if group is not None else 0
    at = number - _BUILDER_AND_STATE + call.before
    if len(given) - call.before + _BUILDER_AND_STATE + 1 != wanted or not 0 < at <= len(given):
        return None
    end = span(given[at - 1])[1]
    return Edit(start=end, end=end, text=f", /*{name}=*/nullptr")
