"""C++ code as nested pieces: words, and bracketed groups with their arguments. Enough structure to rewrite calls.

A group is ``(...)``, ``[...]``, ``{...}`` or a template argument list, cut at its commas. What a ``<`` opens is told by
what follows: it counts as a bracket where a ``>`` closes it before anything that no template argument list holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*(?>(?:[^*]++|\*(?!/))*)(?:\*/|\Z))
      | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<word>[A-Za-z_]\w*)
      | (?P<number>\d[\w.']*)
      | (?P<sign>::|->|\.\.\.|<=|>=|==|!=|&&|\|\||\+=|-=|\+\+|--|.)""",
    re.VERBOSE | re.DOTALL,
)
KEYWORDS: Final = frozenset(
    """alignas alignof and asm auto bool break case catch char class co_await co_return co_yield concept const
    const_cast consteval constexpr constinit continue decltype default delete do double dynamic_cast else enum explicit
    export extern false float for friend goto if inline int long mutable namespace new noexcept not nullptr operator or
    private protected public register reinterpret_cast requires return short signed sizeof static static_assert
    static_cast struct switch template this throw true try typedef typeid typename union unsigned using virtual void
    volatile while""".split()  # noqa: SIM905 (a page of quotes)
)
"""Words that name nothing: C++20 [lex.key]."""
_OPERANDS: Final = frozenset(
    {"const_cast", "dynamic_cast", "false", "nullptr", "reinterpret_cast", "static_cast", "this", "true"}
)
"""Those that are a value, or begin one."""
_CLOSING: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}
_NO_TEMPLATE: Final = frozenset({";", "{", "}", "&&", "||", ")", "]", "=", "==", "!="})
_FARTHEST: Final = 200
"""Tokens after a ``<`` among which its ``>`` is looked for."""
_DEEPEST: Final = 60


@dataclass(frozen=True, slots=True)
class Token:
    """One token: a name, a number, a literal or a sign."""

    text: str
    start: int = 0
    end: int = 0

    @property
    def is_name(self) -> bool:
        """Whether it is an identifier (or a keyword)."""
        return self.text[:1].isalpha() or self.text[:1] == "_"

    @property
    def is_operand(self) -> bool:
        """Whether it is a word that is a value, or begins one."""
        return self.is_name and (self.text not in KEYWORDS or self.text in _OPERANDS)


@dataclass(frozen=True, slots=True)
class Brackets:
    """A bracketed list."""

    opening: str
    arguments: tuple[tuple[Piece, ...], ...]
    """Between commas; none for ``()``."""
    start: int = 0
    end: int = 0

    @property
    def closing(self) -> str:
        """The bracket at its end."""
        return _CLOSING[self.opening]


Piece = Token | Brackets


def is_text(piece: Piece, text: str) -> bool:
    """Whether a piece is that one token."""
    return isinstance(piece, Token) and piece.text == text


def words_of(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of a piece of C++ without blanks and comments; offsets are those in ``text``."""
    return [
        Token(match[0], match.start(), match.end())
        for match in _TOKEN.finditer(text, start, len(text) if end is None else end)
        if match.lastgroup != "skip"
    ]


def pieces_of(text: str, start: int = 0, end: int | None = None) -> tuple[Piece, ...]:
    """The pieces of a stretch of code. Brackets that do not match stay single words."""
    words = words_of(text, start, end)
    return tuple(_read(words, matching_brackets(words), 0, len(words)))


def first_list(text: str) -> Brackets | None:
    """The first ``(...)`` that is in no other brackets: of a declaration, its parameters."""
    return next((one for one in pieces_of(text) if isinstance(one, Brackets) and one.opening == "("), None)


def _read(words: Sequence[Token], closers: dict[int, int], at: int, stop: int, depth: int = 0) -> Iterator[Piece]:
    while at < stop:
        word, close = words[at], closers.get(at)
        if close is None or close >= stop or depth > _DEEPEST:
            yield word
        else:
            inside = tuple(_read(words, closers, at + 1, close, depth + 1))
            separator = ";" if word.text == "{" and any(is_text(one, ";") for one in inside) else ","
            yield Brackets(word.text, tuple(_cut(inside, separator)), word.start, words[close].end)
            at = close
        at += 1


def matching_brackets(words: Sequence[Token]) -> dict[int, int]:
    """Index of each opening bracket to that of its closing one; those of template argument lists, too."""
    found: dict[int, int] = {}
    waiting: list[int] = []
    for at, word in enumerate(words):
        if word.text in {"(", "[", "{"}:
            waiting.append(at)
        elif word.text in {")", "]", "}"}:
            if waiting and _CLOSING[words[waiting[-1]].text] == word.text:
                found[waiting.pop()] = at
        elif word.text == "<" and at and words[at - 1].is_name and (close := _template_end(words, at)):
            found[at] = close
    return found


def _template_end(words: Sequence[Token], at: int) -> int | None:
    depth, round_brackets = 0, 0
    for index in range(at, min(len(words), at + _FARTHEST)):
        text = words[index].text
        if text == "(":
            round_brackets += 1
        elif text == ")" and round_brackets:
            round_brackets -= 1
        elif text in _NO_TEMPLATE:
            return None
        elif text == "<":
            depth += 1
        elif text == ">" and not round_brackets:
            depth -= 1
            if not depth:
                return index
    return None


def _cut(pieces: Sequence[Piece], at: str) -> Iterator[tuple[Piece, ...]]:
    if not pieces:
        return
    current: list[Piece] = []
    for piece in pieces:
        if is_text(piece, at):
            yield tuple(current)
            current = []
        else:
            current.append(piece)
    if current or at == ",":
        yield tuple(current)


def plain(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """The tokens of pieces, without places: two stretches of code are the same when these are equal."""
    found: list[str] = []
    for piece in pieces:
        if isinstance(piece, Token):
            found.append(piece.text)
            continue
        found.append(piece.opening)
        for number, argument in enumerate(piece.arguments):
            found += [","] if number else []
            found += plain(argument)
        found.append(piece.closing)
    return tuple(found)


def span(pieces: Sequence[Piece]) -> tuple[int, int]:
    """Begin and end in the text."""
    return pieces[0].start, pieces[-1].end


def sequences(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[Piece, ...]]:
    """The pieces of a stretch of code, and the arguments of every group below, outermost first."""
    waiting = [pieces_of(text, start, end)]
    while waiting:
        current = waiting.pop(0)
        yield current
        for piece in current:
            if isinstance(piece, Brackets):
                waiting += piece.arguments
