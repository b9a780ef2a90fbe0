"""Rewrite rules, mined from replacements that others made: what varies becomes a hole, what does not stays.

A replacement is compared token by token. Around each difference the smallest piece is taken that holds whole brackets
and the name in question; arguments, operands and template arguments that stand on both sides become holes. A rule
counts for what it explains: one that a single place shows needs as its witness the commit that made the change, or one
that says that it follows it.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_llvmgate.fix.code_pieces import (
    KEYWORDS,
    Brackets,
    Piece,
    Token,
    is_text,
    matching_brackets,
    pieces_of,
    plain,
    words_of,
)
from pytest_llvmgate.fix.rewrite_rules import HOLE, Rule
from pytest_llvmgate.upstream.hunks import ChangedLines

_MOST_TOKENS: Final = 400
_LONGEST: Final = 80
"""Tokens of a rule's side: a longer one says more of its place than of the change."""
_NOT_HELD: Final = KEYWORDS | {"std"}
"""Words at which no name begins that a hole may stand for."""


def mine(
    found: Iterable[tuple[ChangedLines, str]], names: Iterable[str], *, trusted: frozenset[str] = frozenset()
) -> tuple[Rule, ...]:
    """Rules for code that mentions one of ``names`` (all last parts), the best first.

    ``found`` are replacements, each with its source; ``trusted`` the sources whose single example is enough.
    """
    wanted = frozenset(names)
    counts: Counter[tuple[str, str]] = Counter()
    sources: dict[tuple[str, str], str] = {}
    for replacement, source in found:
        for pair in dict.fromkeys(_rules_of(replacement, wanted)):
            counts[pair] += 1
            if pair not in sources or (source in trusted and sources[pair] not in trusted):
                sources[pair] = source
    kept = [
        pair for pair, count in counts.items() if (count > 1 or sources[pair] in trusted) and _is_sound(*pair, count)
    ]
    # What is spelled out in more detail is tried first, and what more places show.
    kept.sort(key=lambda pair: ("$*" in pair[0], -counts[pair], len(pair[0])))
    return tuple(Rule(before=old, after=new, source=sources[old, new], sites=counts[old, new]) for old, new in kept)


def _is_sound(before: str, after: str, count: int) -> bool:
    """Whether a rule says what became of something, rather than what stands there instead."""
    if ";" in after and ";" not in before:
        return False
    if not re.fullmatch(r"[\w:]+", before):
        return True
    # A name alone: it is renamed. What is more than a name needs several witnesses, and must not hold the name again.
    is_name = re.fullmatch(r"[\w:]+", after) is not None
    return (
        (is_name or count > 1)
        and before.split("::") != after.split("::")[-len(before.split("::")) :]
        and (is_name or before not in re.findall(r"\w+", after))
        and after not in KEYWORDS
    )


def _rules_of(replacement: ChangedLines, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    old, new = words_of(replacement.before), words_of(replacement.after)
    if not names & {word.text for word in old} or len(old) + len(new) > _MOST_TOKENS:
        return
    for (a, b), (c, d) in _Comparison(old, new, names).changes():
        if max(b - a, d - c) <= _LONGEST:
            before = replacement.before[old[a].start : old[b - 1].end]
            yield from _generalised(before, replacement.after[new[c].start : new[d - 1].end], names)


# -- the smallest piece that changed ----------------------------------------------------------------------------------


_Span = tuple[int, int]


class _Comparison:
    """Both sides, aligned: the changed places, each grown until brackets close and a name is inside."""

    def __init__(self, old: Sequence[Token], new: Sequence[Token], names: frozenset[str]) -> None:
        self._old, self._new, self._names = old, new, names
        texts = ([one.text for one in old], [one.text for one in new])
        self._blocks = difflib.SequenceMatcher(None, *texts, autojunk=False).get_opcodes()
        self._partners = (_partners(old), _partners(new))

    def changes(self) -> Iterator[tuple[_Span, _Span]]:
        """Each place once, in order."""
        done_old, done_new = 0, 0
        for tag, a, b, c, d in self._blocks:
            if tag == "equal" or (b <= done_old and d <= done_new):
                continue
            grown = self._grown(a, b, c, d)
            if grown is not None and grown[0][0] >= done_old and grown[1][0] >= done_new:
                done_old, done_new = grown[0][1], grown[1][1]
                yield grown

    def _grown(self, a: int, b: int, c: int, d: int) -> tuple[_Span, _Span] | None:
        for _ in range(2 * _LONGEST):
            left, right = self._wants(a, b, c, d)
            moved = self._right(b, d) if right else None
            if moved is not None:
                b, d = moved
            elif left or right:
                back = self._left(a, c)
                if back is None:
                    return None
                a, c = back
            else:
                return (a, b), (c, d)
        return None

    def _wants(self, a: int, b: int, c: int, d: int) -> tuple[bool, bool]:
        """Whether something is missing on the left, and on the right."""
        left = right = False
        for partners, start, stop in ((self._partners[0], a, b), (self._partners[1], c, d)):
            left = left or any(partners.get(at, at) < start for at in range(start, stop))
            right = right or any(partners.get(at, at) >= stop for at in range(start, stop))
        if left or right:
            return left, right
        sides = (self._old[a:b], self._new[c:d])
        if all(sides) and self._is_otherwise_qualified(a, c):
            return True, False
        if not all(sides):
            is_last = any(self._text(*one) in _ENDS for one in ((self._old, b), (self._new, d)))
            return is_last, not is_last
        if any(side[0].text in _OPEN_LEFT for side in sides):
            return True, False
        if any(side[-1].text in _OPEN_RIGHT for side in sides) or self._goes_on(b, d):
            return False, True
        return not self._names & {one.text for one in sides[0]}, False

    def _is_otherwise_qualified(self, a: int, c: int) -> bool:
        """``llvm::None`` to ``std::nullopt``: the last part alone says something else."""
        before = [[one.text for one in words[max(0, at - 2) : at]] for words, at in ((self._old, a), (self._new, c))]
        return any(one[-1:] == ["::"] for one in before) and before[0] != before[1]

    def _goes_on(self, b: int, d: int) -> bool:
        """A template argument list belongs to the name in front of it, as do arguments that change as well.

        What qualifies a name says nothing without it.
        """
        for words, at, partners in ((self._old, b, self._partners[0]), (self._new, d, self._partners[1])):
            if self._text(words, at) == "<" and at in partners:
                return True
        if self._text(self._old, b) == "::" == self._text(self._new, d):
            return True
        return self._text(self._old, b) == "(" == self._text(self._new, d) and self._inside(0, b) != self._inside(1, d)

    def _inside(self, side: int, at: int) -> list[str]:
        words = (self._old, self._new)[side]
        return [one.text for one in words[at : self._partners[side].get(at, at)]]

    @staticmethod
    def _text(words: Sequence[Token], at: int) -> str:
        return words[at].text if at < len(words) else ";"

    def _right(self, b: int, d: int) -> tuple[int, int] | None:
        for tag, i1, i2, j1, j2 in self._blocks:
            if tag == "equal" and i1 <= b < i2 and b - i1 == d - j1:
                return b + 1, d + 1
            if tag != "equal" and i1 <= b <= i2 and j1 <= d <= j2 and (b, d) != (i2, j2):
                return i2, j2
        return None

    def _left(self, a: int, c: int) -> tuple[int, int] | None:
        for tag, i1, i2, j1, j2 in self._blocks:
            if tag == "equal" and i1 < a <= i2 and a - i1 == c - j1:
                return a - 1, c - 1
            if tag != "equal" and i1 <= a <= i2 and j1 <= c <= j2 and (a, c) != (i1, j1):
                return i1, j1
        return None


_OPEN_LEFT: Final = frozenset({".", "->", "::", ",", "(", "<", "{", "[", "=", ")", ">", "]"})
"""What no piece of code begins with."""
_OPEN_RIGHT: Final = frozenset({".", "->", "::", ",", "="})
_ENDS: Final = frozenset({")", "]", "}", ">", ";", ","})


def _partners(words: Sequence[Token]) -> dict[int, int]:
    """Each bracket to the one that belongs to it."""
    found = matching_brackets(words)
    return found | {close: opening for opening, close in found.items()}


# -- what varies ------------------------------------------------------------------------------------------------------


def _generalised(before: str, after: str, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    old, new = pieces_of(before), pieces_of(after)
    shared = _shared(old, new, names)
    exact = _written(old, new, shared, rest=False)
    if exact is not None:
        yield exact
    loose = _written(old, new, shared, rest=True)
    if loose is not None and loose != exact:
        yield loose


def _shared(old: Sequence[Piece], new: Sequence[Piece], names: frozenset[str]) -> dict[tuple[str, ...], str]:
    """Arguments and names on both sides that have nothing of the change in them, each with its hole."""
    there = set(_parts(new))
    found: dict[tuple[str, ...], str] = {}
    for part in _parts(old):
        if part not in found and part in there and not names & set(part):
            found[part] = f"a{len(found) + 1}"
    if (
        len(old) > 1
        and _begins_name(old, 0)
        and (is_text(old[1], ".") or is_text(old[1], "->"))
        and not names & set(plain(old[:1]))
    ):
        found.setdefault(plain(old[:1]), "a0")  # whose member it is varies, whether or not it is still needed
    return found


def _parts(pieces: Sequence[Piece]) -> Iterator[tuple[str, ...]]:
    """What may become a hole: whole arguments, and names with their qualifiers."""
    for at, piece in enumerate(pieces):
        if isinstance(piece, Brackets):
            for argument in piece.arguments:
                if argument:
                    yield plain(argument)
                    yield from _parts(argument)
        elif _begins_name(pieces, at):
            yield from (plain(pieces[at:stop]) for stop in _name_stops(pieces, at))


def _begins_name(pieces: Sequence[Piece], at: int) -> bool:
    piece = pieces[at]
    if not isinstance(piece, Token) or not piece.is_name or piece.text in _NOT_HELD:
        return False
    before = pieces[at - 1] if at else None
    return not (isinstance(before, Token) and before.text in {".", "->", "::"})


def _name_stops(pieces: Sequence[Piece], at: int) -> list[int]:
    """Where the name that begins there may end, the longest first. What is called is the interface's, and stays."""
    stops = [at + 1]
    while stops[-1] + 1 < len(pieces) and is_text(pieces[stops[-1]], "::") and isinstance(pieces[stops[-1] + 1], Token):
        stops.append(stops[-1] + 2)
    return [stop for stop in reversed(stops) if not _is_called(pieces, stop - 1)]


def _is_called(pieces: Sequence[Piece], at: int) -> bool:
    after = pieces[at + 1] if at + 1 < len(pieces) else None
    return isinstance(after, Brackets) and after.opening in {"(", "<"}


def _written(
    old: Sequence[Piece], new: Sequence[Piece], shared: dict[tuple[str, ...], str], *, rest: bool
) -> tuple[str, str] | None:
    writer = _Writer(shared, _runs(old, new, shared) if rest else {})
    before = writer.write(old)
    known = set(writer.used)
    after = writer.write(new)
    if not set(writer.used) <= known or before == after:
        return None
    return _numbered(before, after)


def _numbered(before: str, after: str) -> tuple[str, str]:
    """Holes in the order in which they appear, so that equal rules are equal texts."""
    order: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        return f"${match[1]}{order.setdefault(match[2], f'{len(order) + 1}')}"

    return HOLE.sub(name, before), HOLE.sub(name, after)


def _runs(
    old: Sequence[Piece], new: Sequence[Piece], shared: dict[tuple[str, ...], str]
) -> dict[tuple[tuple[str, ...], ...], str]:
    """Arguments at the end of a list that stand in a row on both sides: any number of them may be there."""
    tails_old, tails_new = list(_tails(old, shared)), set(_tails(new, shared))
    return {tail: f"r{number}" for number, tail in enumerate(tails_old) if tail in tails_new}


def _tails(pieces: Sequence[Piece], shared: dict[tuple[str, ...], str]) -> Iterator[tuple[tuple[str, ...], ...]]:
    for piece in pieces:
        if not isinstance(piece, Brackets):
            continue
        texts = [plain(argument) for argument in piece.arguments]
        if piece.opening == "(":
            for start in range(len(texts)):
                for stop in range(len(texts), start, -1):
                    if all(text in shared for text in texts[start:stop]):
                        yield tuple(texts[start:stop])
        for argument in piece.arguments:
            yield from _tails(argument, shared)


class _Writer:
    """A side of a rule as text: holes for what is shared, everything else as the example has it."""

    def __init__(self, shared: dict[tuple[str, ...], str], runs: dict[tuple[tuple[str, ...], ...], str]) -> None:
        self._shared = shared
        self._runs = runs
        self.used: list[str] = []

    def write(self, pieces: Sequence[Piece]) -> str:
        """The pieces, spaced as they were (a line break counts as one blank)."""
        out: list[str] = []
        last = pieces[0].start if pieces else 0
        at = 0
        while at < len(pieces):
            piece = pieces[at]
            out.append(" " if piece.start > last else "")
            stop = at + 1
            if isinstance(piece, Brackets):
                out.append(self._group(piece))
            else:
                stop, written = self._name(pieces, at)
                out.append(written)
            last = pieces[stop - 1].end
            at = stop
        return "".join(out)

    def _name(self, pieces: Sequence[Piece], at: int) -> tuple[int, str]:
        for stop in _name_stops(pieces, at) if _begins_name(pieces, at) else ():
            if hole := self._hole(plain(pieces[at:stop])):
                return stop, hole
        piece = pieces[at]
        return at + 1, piece.text if isinstance(piece, Token) else ""

    def _hole(self, part: tuple[str, ...]) -> str:
        hole = self._shared.get(part)
        if hole is None:
            return ""
        self.used.append(hole)
        return f"${hole}"

    def _group(self, group: Brackets) -> str:
        texts = [plain(argument) for argument in group.arguments]
        out: list[str] = []
        at = 0
        while at < len(texts):
            run = self._run_at(texts, at) if group.opening == "(" else None
            if run is not None:
                self.used.append(self._runs[run])
                out.append(f"$*{self._runs[run]}")
                at += len(run)
                continue
            argument = group.arguments[at]
            out.append((self._hole(texts[at]) if argument else "") or self.write(argument))
            at += 1
        return f"{group.opening}{', '.join(out)}{group.closing}"

    def _run_at(self, texts: list[tuple[str, ...]], at: int) -> tuple[tuple[str, ...], ...] | None:
        for stop in range(len(texts), at, -1):
            run = tuple(texts[at:stop])
            if run in self._runs:
                return run
        return None
