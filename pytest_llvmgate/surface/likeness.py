"""Which name of today a name of yesterday most likely became: ranked by how much of it survives."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

_WORD: Final = re.compile(r"MLIR|LLVM|CAPI|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SAME: Final = {"ops": "dialect"}
"""Words that LLVM used for the same thing at different times: MLIRGPUOps became MLIRGPUDialect."""
_OF_MEMBERS: Final = {"lower": "insensitive"}
"""Likewise in members: StringRef's find_lower became find_insensitive in LLVM 13."""
_THRESHOLD: Final = 0.6
_TELLING: Final = 4
"""Letters of a word that says something."""
_SPELLING: Final = 0.8
"""Likeness of letters from which on two names differ in spelling only."""
_STEM: Final = 0.8
"""Share of the shorter word, 0 to 1, from which on it begins as the longer one does by no chance."""
_WORD_ALIKE: Final = 0.7
"""Below that, two words share letters by chance: ``record`` and ``vector`` do."""


def words_of(name: str) -> tuple[str, ...]:
    """The words that a CamelCase, snake_case or path name is made of, in lower case."""
    return tuple(_SAME.get(word.lower(), word.lower()) for word in _WORD.findall(name))


def most_similar(name: str, candidates: Iterable[str], *, limit: int = 3) -> tuple[str, ...]:
    """Up to ``limit`` candidates that could be ``name``'s successor, the most likely first; empty when none is close.

    Whole words count more than letters: MLIRTosa is nearer to MLIRTosaDialect than to MLIRTosTa.
    """
    wanted = words_of(name)
    scored = sorted(
        (-_score(name, wanted, candidate), len(candidate), candidate) for candidate in candidates if candidate != name
    )
    return tuple(candidate for score, _, candidate in scored[:limit] if -score >= _THRESHOLD)


def is_narrower(old: str, new: str, others: Iterable[str]) -> bool:
    """``addParamAttr`` is no ``addAttr``: a word more by which a class tells its members (``others``) apart."""
    words, now = set(words_of(old)), set(words_of(new))
    if not words < now:
        return False  # before the others are looked at: a class may have thousands
    return any(word in now - words and len(word) > 1 for other in others for word in words_of(other))


_VERB: Final = re.compile(r"add|create|disable|enable|erase|find|get|has|insert|is|pop|push|remove|reset|set")


def is_other_verb(old: str, new: str) -> bool:
    """Whether one of two names says to do what the other does not: ``setX`` and ``getX``."""
    first, now = (next(iter(words_of(name)), "") for name in (old, new))
    return first != now and all(map(_VERB.fullmatch, (first, now)))


def is_sibling(old: str, new: str) -> bool:
    """``createSCCPPass`` and ``createKCFIPass``: alike by how a whole family begins and ends, and by nothing else."""
    words, now = _as_written(old), _as_written(new)
    count = len(words)
    for end in (0, -1):
        while words and now and _is_one_word(words[end], now[end]):
            del words[end], now[end]
    is_family = bool(words and now) and len(words) < count
    return is_family and difflib.SequenceMatcher(None, "".join(words), "".join(now)).ratio() < _WORD_ALIKE


def _is_one_word(word: str, other: str) -> bool:
    """``optimize`` and ``optimizer`` are one, and ``generalize`` and ``generalization``."""
    if word.endswith("s") and other.endswith("s"):
        word, other = word[:-1], other[:-1]
    short, long = sorted((word, other), key=len)
    shared = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
    return word == other or (shared >= _TELLING and (shared == len(short) or shared > _STEM * len(short)))


def is_said_otherwise(old: str, new: str) -> bool:
    """``hasParamAttribute`` and ``hasParamAttr``: word by word the same, but for how it is spelled; a plural is not."""
    words, now = _as_written(old), _as_written(new)
    return len(words) == len(now) and all(
        _is_one_word(word, other) and f"{word}s" != other and f"{other}s" != word
        for word, other in zip(words, now, strict=True)
    )


def keeps_its_words(old: str, new: str) -> bool:
    """Whether one name says what the other does, and more: all of its words in their order, from the first one on."""
    words, now = _as_written(old), _as_written(new)
    rest = iter(now)
    is_so = all(any(_is_one_word(word, other) for other in rest) for word in words)
    return is_so and bool(words) and _is_one_word(words[0], now[0])


def _as_written(name: str) -> list[str]:
    """Its words, where Op and Ops are two, but members that LLVM called by the case of letters are by its absence."""
    return [_OF_MEMBERS.get(word.lower(), word.lower()) for word in _WORD.findall(name)]


def _score(name: str, wanted: tuple[str, ...], candidate: str) -> float:
    offered = words_of(candidate)
    shared = sum(1 for word in set(wanted) if word in offered)
    words = 2 * shared / (len(set(wanted)) + len(set(offered)) or 1)
    # Every word kept and more added (a split or a more exact name) is the usual renaming in LLVM.
    bonus = 0.15 if shared == len(set(wanted)) else 0.0
    letters = difflib.SequenceMatcher(None, name, candidate).ratio()
    return max(0.6 * words + 0.4 * letters + bonus, letters if letters > _SPELLING else 0.0)
