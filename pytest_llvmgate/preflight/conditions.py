"""What conditions come to, as far as can be told: CMake's by its variables, the preprocessor's by LLVM's version."""

from __future__ import annotations

import itertools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.cmake.truth import truth

# -- CMake's ----------------------------------------------------------------------------------------------------------

_REFERENCE: Final = re.compile(r"^\$(?:\{(\w+)\}|(ENV\{\w+\}))$")
_OF_ENVIRONMENT: Final = "ENV{"
"""How a name of a variable of the environment begins."""
_NUMBERS: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9}){0,5})(?:git|rc\d*+|svn)?")
_COMPARISONS: Final[Mapping[str, Callable[[list[int], list[int]], bool]]] = {
    "LESS": operator.lt,
    "GREATER": operator.gt,
    "EQUAL": operator.eq,
    "LESS_EQUAL": operator.le,
    "GREATER_EQUAL": operator.ge,
}
_SAME: Final = frozenset({"STREQUAL", "PATH_EQUAL"})
_PLAIN_PATTERN: Final = re.compile(r"\^?\w++(?>(?:\|\w++)*)\$?")
"""A pattern that means the same in CMake's language of them and in Python's."""
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]+$|[A-Z][A-Z0-9]*_\w+|\w*_[A-Z0-9_]+")
"""A word that is rather a variable's name than text."""
UNDEFINED: Final = "no"
_ELSE: Final = "not ("
_JOINTS: Final = frozenset({"AND", "OR"})
_MOST_WORDS: Final = 300
"""Longer conditions are not read; nesting is bounded with it."""
_DEEP: Final = 8
"""Variables that are set from each other are followed that far."""


@dataclass(frozen=True)
class Meaning:
    """CMake's conditions, as far as they can be told (cmake-commands(7), "if", "Basic Expressions")."""

    values: Mapping[str, str]

    def of(self, condition: str, here: Mapping[str, str] | None = None) -> bool | None:
        """True, false, or None for what nobody can tell. The branch of an ``else()`` is written ``not (...)``.

        ``here`` are variables besides: what CMake's own are worth where the condition stands.
        """
        if here:
            return Meaning({**self.values, **here}).of(condition)
        negations = 0
        while condition.startswith(_ELSE) and condition.endswith(")"):
            condition, negations = condition[len(_ELSE) : -1], negations + 1
        value = self._of(condition.split())
        return value if value is None or negations % 2 == 0 else not value

    def _of(self, words: Sequence[str]) -> bool | None:
        depths = [*itertools.accumulate((word == "(") - (word == ")") for word in words)]
        joints = [at for at, word in enumerate(words) if word in _JOINTS and depths[at] == 0]
        kinds = {words[at] for at in joints}
        if len(words) > _MOST_WORDS or len(kinds) > 1 or min(depths, default=0) < 0:
            return None
        decides = "OR" in kinds
        values = [self._term(words[begin + 1 : end]) for begin, end in itertools.pairwise([-1, *joints, len(words)])]
        if decides in values:
            return decides
        return None if None in values else not decides

    def _term(self, words: Sequence[str]) -> bool | None:
        if words[:1] == ["NOT"]:
            value = self._term(words[1:])
            return None if value is None else not value
        if words[:1] == ["("] and words[-1] == ")":
            return self._of(words[1:-1])
        if words[:1] == ["DEFINED"] and len(words) == 2:
            return self._is_defined(words[1])
        if words[1:2] == ["IN_LIST"] and len(words) == 3 and self.values.get(words[2]) == "":
            return False
        if len(words) == 3:
            return self._compared(*words)
        return self._truth(words[0], 0) if len(words) == 1 else None

    def _is_defined(self, name: str) -> bool | None:
        told = self.values.get(defined(name))
        text = self.values.get(name) if told is None else None
        # An empty one may be defined, but for the environment's.
        is_absent = told == UNDEFINED or (text == "" and name.startswith(_OF_ENVIRONMENT))
        return True if text else False if is_absent else None

    def _compared(self, left: str, how: str, right: str) -> bool | None:
        """Numbers, versions and texts; None for what nobody can tell."""
        if how in _SAME:
            return self._is_same(left, right)
        if how == "MATCHES":
            is_told = self._knows(left) and _PLAIN_PATTERN.fullmatch(right)
            return re.search(right, self.literal(left)) is not None if is_told else None
        compare = _COMPARISONS.get(how.removeprefix("VERSION_"))
        texts = [self.literal(side) for side in (left, right)]
        sides = [_NUMBERS.fullmatch(text) for text in texts]
        if compare is None:
            return None
        if None in sides:  # a text is neither equal to a number, nor less or greater
            each = zip((left, right), texts, sides, strict=True)
            is_text = any(number is None and self._knows(side) and "$" not in text for side, text, number in each)
            return False if is_text and how in _COMPARISONS else None
        first, second = ([int(number) for number in side[1].split(".")] for side in sides if side)
        length = max(len(first), len(second))
        return compare(*([*number, *[0] * (length - len(number))] for number in (first, second)))

    def _is_same(self, left: str, right: str) -> bool | None:
        sides = left, right
        if not any(map(self._knows, sides)):
            return None
        texts = [self.literal(side) or ("" if _REFERENCE.match(side) else side) for side in sides]  # unset: a text
        unknown = (side for side in sides if not self._knows(side) and truth(side) is None)
        return None if any("$" in text for text in texts) or any(map(_VARIABLE.match, unknown)) else len({*texts}) == 1

    def _knows(self, text: str) -> bool:
        return _variable(text) in self.values

    def literal(self, text: str) -> str:
        """The value of a reference or of a variable; other text as it stands, and nothing for what has no value."""
        value = self.values.get(_variable(text), "" if _REFERENCE.match(text) else text)
        return self.values.get(_variable(value), value) if _REFERENCE.match(value) else value

    def _truth(self, text: str, depth: int) -> bool | None:
        if (constant := truth(text)) is not None:
            return constant
        if depth > _DEEP or not self._knows(text):
            return None
        return self._truth(self.values[_variable(text)], depth + 1)


def defined(name: str = "") -> str:
    """The condition that a variable is there; among the values of a :class:`Meaning`, that it is not
    (:data:`UNDEFINED`), or that nobody can tell.
    """
    return f"DEFINED {name}"


def _variable(text: str) -> str:
    """The variable that a reference or a bare word names."""
    match = _REFERENCE.match(text)
    return match[1] or match[2] if match else text


# -- the preprocessor's -----------------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(r"\bdefined\b\s*+(?:\(\s*+(?P<inside>\w++)\s*+\)|(?P<bare>\w++))|\w++|&&|\|\||[<>=!]=|\S")
_LONGEST: Final = 200
"""Longer conditions are nobody's on a version alone."""
_MAJOR: Final = frozenset({"LLVM_VERSION_MAJOR", "CLANG_VERSION_MAJOR"})
_UNKNOWN: Final = "?"
"""A word of which CMake knows nothing either."""
_FOR_CMAKE: Final = {
    "!": "NOT",
    "not": "NOT",
    "&&": "AND",
    "||": ") OR (",
    "(": "( (",
    ")": ") )",
    "==": "EQUAL",
    "<": "LESS",
    "<=": "LESS_EQUAL",
    ">": "GREATER",
    ">=": "GREATER_EQUAL",
}
"""How CMake says it. With all these parentheses ``&&`` binds more strongly than ``||``, which CMake's words do not."""


def holds_for(condition: str, major: int | None) -> bool | None:
    """What the preprocessor makes of a condition on LLVM's major version; None for what also hangs on anything else."""
    if len(condition) > _LONGEST:
        return None
    words = ["("]
    for match in _TOKEN.finditer(condition):
        word = match[0]
        if name := match["inside"] or match["bare"]:
            words.append("1" if name in _MAJOR else _UNKNOWN)
        elif word == "!=":
            words[-1:] = ["NOT", words[-1], "EQUAL"]
        elif word in _FOR_CMAKE or word in _MAJOR or (word.isascii() and word.isdigit()):
            words.append(_FOR_CMAKE.get(word, word))
        else:
            words.append(_UNKNOWN)
    values = {} if major is None else dict.fromkeys(_MAJOR, str(major))
    return Meaning(values).of(" ".join([*words, ")"]))
