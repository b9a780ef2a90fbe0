"""Texts that make a badly built expression slow, made from the expression itself, and the measure of how slow.

For every repetition in an expression: what leads to it, then many of what it repeats, then something that does not fit.
For every beginning: many beginnings, each of which a search tries.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final

from tests.expressions.listing import Expression

LENGTHS: Final = (24, 250, 1_000, 4_000, 16_000)
"""Characters. Four times as long may take four times the time; a square would take sixteen times. What grows
exponentially shows with the first."""
STEEPEST: Final = 1.3
"""The greatest allowed exponent of time over length."""
_NOTICEABLE: Final = 0.002
"""Seconds of processor time for the longest text, below which nothing is wrong, whatever its growth."""
_HOPELESS: Final = 0.03
"""Seconds for a text that is not the longest: at 1 microsecond per character even 4,000 characters take 0.004."""
_REPRESENTATIVES: Final = " aA0_'\":;,.()<>[]{}/\\-|&*#=!@$%~^+`\t\nerz9"
_CLASSES: Final = {
    sre.CATEGORY_DIGIT: "0",
    sre.CATEGORY_NOT_DIGIT: "a",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_WORD: "a",
    sre.CATEGORY_NOT_WORD: " ",
}
_REPEATS: Final = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def steepness(expression: Expression) -> tuple[float, str]:
    """The worst exponent over all attacks, and a description of the attack; 0 when all are too fast to tell."""
    worst, how = 0.0, ""
    for attack in attacks(expression.pattern):
        exponent = growth(expression, attack)
        for _ in range(3 if exponent > STEEPEST else 0):  # a busy machine makes steep what is not; never the other way
            exponent = min(exponent, growth(expression, attack))
        if exponent > worst:
            worst, how = exponent, repr(attack)
        if worst > STEEPEST:
            break
    return worst, how


def growth(expression: Expression, attack: tuple[str, str, str]) -> float:
    """How the time grows with the text: the exponent between the last two lengths. A hopeless one ends it early."""
    times = [_seconds(expression, _text(expression.pattern, attack, LENGTHS[0]))]
    for longer in LENGTHS[1:]:
        if times[-1] > _HOPELESS:
            return 9.0
        times.append(_seconds(expression, _text(expression.pattern, attack, longer)))
    if times[-1] < _NOTICEABLE:
        return 0.0
    return _exponent(times)


def _exponent(times: list[float]) -> float:
    from math import log

    return log(times[-1] / max(times[-2], 1e-7)) / log(LENGTHS[-1] / LENGTHS[-2])


def _text(pattern: re.Pattern[Any], attack: tuple[str, str, str], length: int) -> Any:
    before, pump, after = attack
    text = before + pump * max(1, length // len(pump)) + after
    return text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text


def _seconds(expression: Expression, text: Any) -> float:
    """The least processor time of three tries (fewer when one is long): other programs make some tries longer."""
    pattern = expression.pattern
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        if expression.is_anchored:
            (pattern.fullmatch if expression.uses == {"fullmatch"} else pattern.match)(text)
        elif expression.uses <= {"search"}:
            pattern.search(text)
        else:
            for _each in pattern.finditer(text):
                pass
        best = min(best, time.process_time() - start)
        if best < _NOTICEABLE / 4 or best > 0.1:
            break
    return best


def attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Before, pump, after; each once."""
    raw = pattern.pattern
    text = raw.decode("latin-1") if isinstance(raw, bytes) else raw
    tree = _parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(raw, bytes) else pattern.flags)
    seen = set()
    whole = _sample(tree)
    tails = ("\n", "\x01", whole[-12:] + "\x01")
    for before, pump in (*_pumps(tree, ""), *(("", piece) for piece in _heads(whole))):
        for after in tails:
            attack = (before, pump, after)
            if pump and attack not in seen:
                seen.add(attack)
                yield attack


def _heads(whole: str) -> Iterator[str]:
    """Beginnings of what fits, each of which a search has to try: all of it, without its end, its first half."""
    for end in (len(whole), len(whole) - 1, len(whole) // 2):
        yield whole[:end]


def _pumps(tree: Any, before: str) -> Iterator[tuple[str, str]]:  # noqa: C901 - one branch per kind of node
    """By repetition: what leads to it, and what it repeats; also its beginning together with what leads to it."""
    for kind, value in tree:
        if kind in _REPEATS:
            low, high, body = value
            if high > 20:
                bodies = [_sample(body), *_alternatives(body)]
                for pump in bodies:
                    yield before, pump
                    yield "", pump
                yield "", before[-40:] + bodies[0]
            yield from _pumps(body, before)
            before += _sample(body) * min(low, 4)
        elif kind is sre.SUBPATTERN:
            yield from _pumps(value[3], before)
            before += _sample(value[3])
        elif kind is sre.ATOMIC_GROUP:
            yield from _pumps(value, before)
            before += _sample(value)
        elif kind is sre.BRANCH:
            for branch in value[1]:
                yield from _pumps(branch, before)
            before += _sample(value[1][0])
        elif kind in {sre.ASSERT, sre.ASSERT_NOT}:
            yield from _pumps(value[1], before)
        else:
            before += _sample([(kind, value)])


def _alternatives(body: Any) -> Iterator[str]:
    """Other samples of a repetition's body: for a single class of characters, several of its members."""
    items = list(body)
    while len(items) == 1 and items[0][0] is sre.SUBPATTERN:
        items = list(items[0][1][3])
    if len(items) == 1 and items[0][0] is sre.IN:
        yield from [character for character in _REPRESENTATIVES if _is_in(character, items[0][1])][:12]
    elif len(items) == 1 and items[0][0] in {sre.ANY, sre.NOT_LITERAL}:
        yield from " a'(0"
    elif len(items) == 1 and items[0][0] is sre.BRANCH:
        yield from (_sample(branch) for branch in items[0][1][1])


def _sample(tree: Any) -> str:
    """A short text that fits (lookarounds and groups named again aside)."""
    return "".join(_one(kind, value) for kind, value in tree)


def _one(kind: Any, value: Any) -> str:  # noqa: PLR0911 - one per kind of node
    if kind is sre.LITERAL:
        return chr(value)
    if kind in {sre.ANY, sre.NOT_LITERAL}:
        return "a" if value != ord("a") else "b"
    if kind is sre.IN:
        return next((each for each in "a0 _" + _REPRESENTATIVES if _is_in(each, value)), _first(value))
    if kind is sre.BRANCH:
        return _sample(value[1][0])
    if kind is sre.SUBPATTERN:
        return _sample(value[3])
    if kind is sre.ATOMIC_GROUP:
        return _sample(value)
    if kind in _REPEATS:
        return _sample(value[2]) * max(1 if value[1] > 20 else 0, min(value[0], 40))
    return ""


def _first(items: Any) -> str:
    for kind, value in items:
        if kind is sre.LITERAL:
            return chr(value)
        if kind is sre.RANGE:
            return chr(value[0])
    return "\x02"


def _is_in(character: str, items: Any) -> bool:
    code, negated, found = ord(character), False, False
    for kind, value in items:
        if kind is sre.NEGATE:
            negated = True
        elif kind is sre.LITERAL:
            found = found or code == value
        elif kind is sre.RANGE:
            found = found or value[0] <= code <= value[1]
        elif kind is sre.CATEGORY:
            sample = _CLASSES.get(value, "")
            found = found or _fits(character, sample)
    return found is not negated


def _fits(character: str, sample: str) -> bool:
    """Whether the character is of the category that ``sample`` stands for."""
    if sample == "0":
        return character.isdigit()
    if sample == " ":
        return character.isspace()
    return character.isalnum() or character == "_"
