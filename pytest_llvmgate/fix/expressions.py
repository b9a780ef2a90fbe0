"""The expression that a compiler speaks of: an argument of the call there, or what is assigned or returned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pytest_llvmgate.fix.code_pieces import Brackets, Piece, Token, is_text, sequences, span
from pytest_llvmgate.fix.statements import line_span, statement_at
from pytest_llvmgate.fix.unit_check import ErrorPlace

Span = tuple[int, int]
_OPERATORS: Final = frozenset(
    {"+", "-", "*", "/", "%", "<", ">", "==", "!=", "<=", ">=", "&&", "||", "&", "|", "^", "+=", "-=", "=", "?", ":",
     ";", ",", "return"}
)  # fmt: skip

_MAKERS: Final = frozenset({"make_unique", "make_shared"})


def offset_of(text: str, place: ErrorPlace) -> int:
    """Where the compiler points, in the text; the line's begin where it names no column."""
    begin, end = line_span(text, place.line)
    return min(begin + max(place.column - 1, 0), end)


def call_at(text: str, place: ErrorPlace) -> tuple[Token, Brackets] | None:
    """The call that the compiler points at: by its name, its bracket, or else the smallest one around."""
    at = offset_of(text, place)
    calls = list(calls_in(text, *statement_at(text, place.line, place.column)))
    exact = [one for one in calls if one[0].start == at or one[1].start == at]
    around = [one for one in calls if one[0].start <= at < one[1].end]
    return min(exact or around, key=lambda one: one[1].end - one[1].start, default=None)


def calls_in(text: str, start: int, end: int) -> Iterator[tuple[Token, Brackets]]:
    """Names with their lists of arguments; template arguments may stand between."""
    for sequence in sequences(text, start, end):
        for at, piece in enumerate(sequence):
            if not (isinstance(piece, Brackets) and piece.opening == "("):
                continue
            before = sequence[at - 1] if at else None
            if isinstance(before, Brackets) and before.opening == "<" and at > 1:
                before = sequence[at - 2]
            if isinstance(before, Token) and before.is_name:
                yield before, piece


def makings_in(text: str, start: int, end: int) -> Iterator[tuple[Token, Brackets]]:
    """Classes with what makes one of them otherwise than by a call: ``T x(a)``, ``T x{a}``, ``make_unique<T>(a)``."""
    for sequence in sequences(text, start, end):
        for kind, name, piece in zip(sequence, sequence[1:], sequence[2:], strict=False):
            is_maker = isinstance(kind, Token) and kind.text in _MAKERS
            made = name.arguments[0][-1] if is_maker and isinstance(name, Brackets) and name.arguments else kind
            is_named = made is not kind or (isinstance(name, Token) and name.is_name)
            if isinstance(piece, Brackets) and piece.opening in {"(", "{"} and is_named:
                yield from ((one, piece) for one in (made,) if isinstance(one, Token) and one.is_name)


def argument_at(text: str, place: ErrorPlace, number: int) -> Span | None:
    """Begin and end of the argument with that number (from 1) of the call at a place."""
    call = call_at(text, place)
    given = call[1].arguments if call is not None else ()
    return span(given[number - 1]) if 0 < number <= len(given) and given[number - 1] else None


def operands_at(text: str, place: ErrorPlace) -> tuple[Span, ...]:
    """Begin and end of what stands on either side of the operator at a place; none where there is no operator."""
    at = offset_of(text, place)
    for sequence in sequences(text, *statement_at(text, place.line, place.column)):
        for index, piece in enumerate(sequence):
            if piece.start != at or not index or not _is_operator(piece):
                continue
            first = index + 1
            while first < len(sequence) and _is_operator(sequence[first]):
                first += 1  # a shift is two signs
            ends = _is_end if is_text(piece, "+=") else _is_operator
            start = next((n for n in range(index, 0, -1) if ends(sequence[n - 1])), 0)
            stop = next((n for n in range(first, len(sequence)) if ends(sequence[n])), len(sequence))
            if start < index and first < stop:
                return span(sequence[start:index]), span(sequence[first:stop])
    return ()


def _is_end(piece: Piece) -> bool:
    return is_text(piece, ";") or is_text(piece, ",")


def _is_operator(piece: Piece) -> bool:
    return isinstance(piece, Token) and piece.text in _OPERATORS


def value_at(text: str, place: ErrorPlace) -> Span | None:
    """The argument, initializer or assigned value that begins at a place or is around it, else what follows."""
    at = offset_of(text, place)
    calls = calls_in(text, *statement_at(text, place.line, place.column))
    given = next((group.arguments for _, group in calls if group.start == at), ())
    if len(given) == 1 and given[0] and is_text(given[0][0], "new"):
        return span(given[0])  # GCC points at the call
    values = [one for one in _values(text, *statement_at(text, place.line, place.column)) if one[1] > at]
    found = [one for one in values if one[0] == at] or [one for one in values if one[0] <= at]
    return min(found, key=lambda one: one[1] - one[0]) if found else _assigned(text, place, at)


def _values(text: str, start: int, end: int) -> Iterator[Span]:
    for sequence in sequences(text, start, end):
        for at, piece in enumerate(sequence):
            if isinstance(piece, Token) and piece.text in {"=", "return"}:
                yield from _until_end(sequence[at + 1 :])
            elif isinstance(piece, Brackets):
                yield from (span(argument) for argument in piece.arguments if argument)


def _assigned(text: str, place: ErrorPlace, at: int) -> Span | None:
    """What stands behind the next ``=``, or behind the ``return`` that is pointed at."""
    for sequence in sequences(text, *statement_at(text, place.line, place.column)):
        for index, piece in enumerate(sequence):
            if isinstance(piece, Token) and piece.text in {"=", "return"} and piece.end > at:
                return next(_until_end(sequence[index + 1 :]), None)
    return None


def _until_end(pieces: Sequence[Piece]) -> Iterator[Span]:
    ending = {";", ",", "="}
    stop = next((n for n, one in enumerate(pieces) if isinstance(one, Token) and one.text in ending), len(pieces))
    if stop:
        yield span(pieces[:stop])
