"""A rewrite rule: a pattern of code with holes, and what takes its place.

In a pattern, ``$a`` stands for one argument, for an operand (``b``, ``state.builder``, ``f(x)``) in front of ``.`` or
``->``, or for a name; ``$*a`` for any number of arguments. Everything else stands for itself, white space apart::

    $b.create<$T>($*args)  ->  $T::create($b, $*args)

An operand may be reached in the other way, too: of ``p->create<T>(l)`` that rule makes ``T::create(*p, l)``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pytest_llvmgate.fix.code_pieces import Brackets, Piece, Token, is_text, pieces_of, plain, sequences, span
from pytest_llvmgate.fix.statements import without_statement

HOLE: Final = re.compile(r"\$(\*?)(\w+)")
_HOLE_WORD: Final = re.compile(r"^(hole|rest)__(\w+)__$")
_LITERAL: Final = "\"'0123456789"
_REACHED: Final = frozenset({".", "->"})
_ACCESS: Final = _REACHED | {"::"}
_QUALIFIED: Final = re.compile(r"(?:llvm|mlir|std)::|!")
"""What takes the place of a name with its namespaces."""
_NAMESPACES: Final = re.compile(r"(?<![\w:])(?:::)?(?>(?:(?:llvm|mlir)::)+)\Z|(?<![\w:>])::\Z")
_FARTHEST: Final = 40


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What to put for what, and who says so."""

    before: str
    after: str
    source: str
    """Where it comes from: a commit, or where LLVM documents it."""
    sites: int = 1
    """In how many places of the source it was seen."""
    is_documented: bool = False
    needs_header: str = ""
    """A header that the new form needs, where the old one did not."""

    @cached_property
    def pattern(self) -> tuple[Piece, ...]:
        """``before``, read."""
        return pieces_of(_with_words(self.before))

    @cached_property
    def reached_otherwise(self) -> str | None:
        """``after`` where the operand in front is a pointer and the rule's is none, or the other way round."""
        name = _operand_in_front(self.pattern)
        if not name:
            return None
        sign, other, taken = ("->", ".", "&") if is_text(self.pattern[1], "->") else (".", "->", "*")
        after = re.sub(rf"\${name}\b{re.escape(sign)}", f"\0{other}", self.after)
        if re.search(rf"\${name}\b(?:[\[(<.]|->|::)", after):
            return None
        after = re.sub(rf"\${name}\b", f"{taken}${name}", after)
        return re.sub(r"\*&|&\*", "", after).replace("\0", f"${name}")

    @property
    def is_name(self) -> bool:
        """Whether it is about a name alone, wherever that stands."""
        return re.fullmatch(r"[\w:]+", self.before) is not None

    @cached_property
    def words(self) -> frozenset[str]:
        """The names that the pattern spells out: a place without them needs no look."""
        return _spelled_out(self.before)

    @property
    def new_words(self) -> frozenset[str]:
        """The names that only its other side spells out."""
        return _spelled_out(self.after) - self.words

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"


def _spelled_out(side: str) -> frozenset[str]:
    return frozenset(re.findall(r"[A-Za-z_]\w*", HOLE.sub(" ", side)))


def _with_words(pattern: str) -> str:
    return HOLE.sub(lambda match: f"{'rest' if match[1] else 'hole'}__{match[2]}__", pattern)


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One replacement in one text."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Sequence[Edit]) -> tuple[str, list[tuple[int, int]]]:
    """``text`` after edits that do not overlap, and where each of them stands then, in their order."""
    out, at, shift = [], 0, 0
    spans: dict[int, tuple[int, int]] = {}
    for number, edit in sorted(enumerate(edits), key=lambda one: (one[1].start, one[1].end)):
        out += [text[at : edit.start], edit.text]
        at = edit.end
        spans[number] = (edit.start + shift, edit.start + shift + len(edit.text))
        shift += len(edit.text) - (edit.end - edit.start)
    return "".join([*out, text[at:]]), [spans[number] for number in range(len(edits))]


def matches(rule: Rule, text: str, start: int, end: int, *, is_members: bool = False) -> Iterator[Edit]:
    """Every place in ``text[start:end]`` that the rule rewrites, outermost first; members' too, if it is about them."""
    for there in sequences(text, start, end):
        sequence = [piece for piece in there if not is_text(piece, "template")]  # ``b.template create<T>()``
        at = 0
        while at < len(sequence):
            # A name that LLVM itself renamed is that one as a member, too.
            is_anybodys = is_members or (rule.is_documented and rule.is_name)
            match = _match_at(rule.pattern, sequence, at, is_anybodys=is_anybodys)
            if match is None:
                at += 1
                continue
            first, stop, holes = match
            begin, finish = span(sequence[first:stop])
            is_other = first < at and not is_text(sequence[at], _text(rule.pattern[1]))
            after = rule.reached_otherwise if is_other else rule.after
            begin = _with_namespaces(text, begin) if first == at and _QUALIFIED.match(rule.after) else begin
            is_foreign = text[:begin].endswith("::") and _QUALIFIED.match(rule.after) and begin == sequence[first].start
            if after is not None and not is_foreign and not _is_done_twice(rule.before, after, text, holes):
                new = _filled(after, text, holes) or without_statement(text, begin, finish)
                yield Edit(start=begin, end=finish, text=_apart(text, begin, finish, new))
            at = stop


_Holes = dict[str, tuple[Piece, ...]]


def _with_namespaces(text: str, begin: int) -> int:
    """Where a name begins with LLVM's namespaces in front of it: what has others takes their place as well."""
    found = _NAMESPACES.search(text, max(0, begin - _FARTHEST), begin)
    return found.start() if found else begin


def _is_done_twice(before: str, after: str, text: str, holes: _Holes) -> bool:
    """Whether what may do something, as all but names and what is got of them, would be done more often than it was."""
    said, there = (Counter(match[2] for match in HOLE.finditer(side)) for side in (after, before))
    told = (text[slice(*span(holes[name]))] for name in said - there if holes.get(name))
    return any(re.search(r"[(=]|\+\+|--", re.sub(r"\b[gG]et\w*+\(\)", "", one)) for one in told)


def _match_at(
    pattern: Sequence[Piece], pieces: Sequence[Piece], at: int, *, is_anybodys: bool
) -> tuple[int, int, _Holes] | None:
    """First and last index, and what the holes stand for. An operand in front may begin before ``at``."""
    holes: _Holes = {}
    if name := _operand_in_front(pattern):
        if at == 0 or _text(pieces[at]) not in _REACHED:
            return None
        first = _operand_start(pieces, at)
        if first == at:
            return None
        holes[name] = tuple(pieces[first:at])
        stop = _match(pattern[2:], pieces, at + 1, holes)
        return None if stop is None else (first, stop, holes)
    stop = _match(pattern, pieces, at, holes)
    if stop is None or not (is_anybodys or _stands_alone(pattern, pieces, at)):
        return None
    return at, stop, holes


def _stands_alone(pattern: Sequence[Piece], pieces: Sequence[Piece], at: int) -> bool:
    """A name at the pattern's beginning is no member of something else, nor qualified otherwise."""
    first = pattern[0]
    if not isinstance(first, Token) or not first.is_name or not at:
        return True
    before = pieces[at - 1]
    is_member = _text(before) in _REACHED
    return not is_member or _is_result(pieces, at - 1)


def _is_result(pieces: Sequence[Piece], at: int) -> bool:
    """Whether ``->`` stands behind the parameters of a lambda, or of a function that is ``auto`` in front."""
    parameters, name, front = ([None] * 3 + list(pieces[:at]))[-1:-4:-1]
    is_lambda = isinstance(name, Brackets) and name.opening == "["
    is_function = front is not None and is_text(front, "auto") and isinstance(name, Token) and name.is_name
    return is_text(pieces[at], "->") and isinstance(parameters, Brackets) and (is_lambda or is_function)


def _text(piece: Piece) -> str:
    return piece.text if isinstance(piece, Token) else ""


def _operand_in_front(pattern: Sequence[Piece]) -> str:
    if len(pattern) > 1 and _text(pattern[1]) in _REACHED:
        return _hole(pattern[0], "hole")
    return ""


def _operand_start(pieces: Sequence[Piece], end: int) -> int:
    """Where the operand begins that ends before ``end``: ``a.b(c)->d[e]`` is one."""
    at = end
    while at > 0:
        piece = pieces[at - 1]
        if isinstance(piece, Brackets):
            if piece.opening == "{" and (at < 2 or not isinstance(pieces[at - 2], Token)):
                break
            at -= 1
            if piece.opening in {"(", "["} and at and _ends_operand(pieces[at - 1]):
                continue
            if piece.opening in {"<", "{"}:
                continue
        elif piece.is_operand or piece.text[:1] in _LITERAL:
            at -= 1
        else:
            break
        if at and isinstance(pieces[at - 1], Token) and pieces[at - 1].text in _ACCESS:  # type: ignore[union-attr]
            at -= 1
            continue
        break
    return at


def _ends_operand(piece: Piece) -> bool:
    if isinstance(piece, Brackets):
        return piece.opening in {"<", "(", "["}
    return piece.is_operand


def _hole(piece: Piece, sort: str) -> str:
    match = _HOLE_WORD.match(piece.text) if isinstance(piece, Token) else None
    return match[2] if match and match[1] == sort else ""


def _match(pattern: Sequence[Piece], pieces: Sequence[Piece], at: int, holes: _Holes) -> int | None:
    """Where the match ends, or ``None``. Fills in the holes."""
    for index, wanted in enumerate(pattern):
        if at >= len(pieces):
            return None
        if name := _hole(wanted, "hole"):
            stop = _name_end(pieces, at, followed=pattern[index + 1 :])
            if stop == at or not _bind(holes, name, tuple(pieces[at:stop])):
                return None
            at = stop
            continue
        if not _same(wanted, pieces[at], holes):
            return None
        at += 1
    return at


def _name_end(pieces: Sequence[Piece], at: int, followed: Sequence[Piece]) -> int:
    """A hole in a row of pieces stands for a name with its qualifiers, or for one other piece."""
    stop = at + 1
    first = pieces[at]
    if isinstance(first, Token) and not (first.is_name or first.text[:1] in _LITERAL or first.text == "::"):
        return at
    wanted = followed[0] if followed else None
    while stop + 1 < len(pieces) and is_text(pieces[stop], "::") and not (wanted is not None and is_text(wanted, "::")):
        stop += 2
    return stop


def _same(wanted: Piece, piece: Piece, holes: _Holes) -> bool:
    if isinstance(wanted, Token) or isinstance(piece, Token):
        return isinstance(wanted, Token) and isinstance(piece, Token) and wanted.text == piece.text
    return wanted.opening == piece.opening and _same_arguments(wanted.arguments, piece.arguments, holes)


def _same_arguments(wanted: Sequence[tuple[Piece, ...]], given: Sequence[tuple[Piece, ...]], holes: _Holes) -> bool:
    """Argument by argument; ``$*rest`` takes what the arguments behind it leave."""
    for index, argument in enumerate(wanted):
        if len(argument) == 1 and (name := _hole(argument[0], "rest")):
            behind = len(wanted) - index - 1
            if len(given) < index + behind:
                return False
            taken = given[index : len(given) - behind]
            if not _bind(holes, name, _joined(taken)):
                return False
            rest = given[len(given) - behind :] if behind else ()
            return _same_arguments(wanted[index + 1 :], rest, holes)
        if index >= len(given) or not _same_argument(argument, given[index], holes):
            return False
    return len(given) == len(wanted)


def _joined(arguments: Sequence[tuple[Piece, ...]]) -> tuple[Piece, ...]:
    """The pieces of several arguments in a row; only their places are looked at."""
    return tuple(piece for argument in arguments for piece in argument)


def _same_argument(wanted: tuple[Piece, ...], given: tuple[Piece, ...], holes: _Holes) -> bool:
    if len(wanted) == 1 and (name := _hole(wanted[0], "hole")):
        return bool(given) and _bind(holes, name, given)
    if name := _operand_in_front(wanted):
        for at in range(1, len(given)):
            if is_text(given[at], _text(wanted[1])) and _operand_start(given, at) == 0:
                tried = dict(holes)
                if _bind(tried, name, given[:at]) and _match(wanted[1:], given, at, tried) == len(given):
                    holes.update(tried)
                    return True
        return False
    return _match(wanted, given, 0, holes) == len(given)


def _bind(holes: _Holes, name: str, pieces: tuple[Piece, ...]) -> bool:
    if name in holes:
        return plain(holes[name]) == plain(pieces)
    holes[name] = pieces
    return True


def _apart(text: str, begin: int, end: int, new: str) -> str:
    """With a blank where a name would grow together with the one beside it: ``Value *v`` to ``ValuePtr v``."""
    front = " " if begin and _grows(text[begin - 1], new[:1]) else ""
    return f"{front}{new}{' ' if _grows(new[-1:], text[end : end + 1]) else ''}"


def _grows(one: str, other: str) -> bool:
    return bool(one and other) and all(char.isalnum() or char == "_" for char in (one, other))


def _filled(after: str, text: str, holes: _Holes) -> str:
    """The replacement, with what stood there in place of the holes."""

    def put(match: re.Match[str]) -> str:
        pieces = holes.get(match[2], ())
        said = text[slice(*span(pieces))] if pieces else "\0"
        is_reached = match.string.startswith((".", "->"), match.end())
        return f"({said})" if is_reached and _operand_start(pieces, len(pieces)) else said

    # A list of arguments that is empty takes the comma beside it along.
    return re.sub(r",\s*\0|\0\s*,\s*|\0", "", HOLE.sub(put, after))
