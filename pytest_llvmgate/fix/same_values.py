"""Rules with an enumerator, where the code has its value instead: ``0`` for ``AttributeList::ReturnIndex``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from pytest_llvmgate.fix.code_pieces import Brackets, sequences, span
from pytest_llvmgate.fix.rewrite_rules import Rule
from pytest_llvmgate.fix.statements import functions_around
from pytest_llvmgate.surface.entity_fates import SurfaceDifference
from pytest_llvmgate.surface.enumerations import enumerator_value, integer

_ENUMERATOR: Final = re.compile(r"(?<=[(\s])(?P<scope>\w+(?:::\w+){0,4})::(?P<name>\w+)(?=[,)])")
"""A whole argument of a rule."""


@dataclass(frozen=True, kw_only=True)
class SameValues:
    """The arguments of a stretch of code that stand for an enumerator."""

    difference: SurfaceDifference
    text: str
    start: int
    end: int

    def of(self, rule: Rule) -> Iterator[Rule]:
        """The rule as the code spells it, where that has the value, or a variable that has nothing else."""
        for match in _ENUMERATOR.finditer(rule.before):
            value = self._value(match["scope"], match["name"])
            for written in self._arguments() if value is not None else ():
                if written != match[0] and self._is_that(written, value, match[0]):
                    before = f"{rule.before[: match.start()]}{written}{rule.before[match.end() :]}"
                    yield replace(rule, before=before, source=f"{rule.source}, of {match[0]}")

    def _value(self, scope: str, name: str) -> int | None:
        """Of an enumerator that converts to a number."""
        for surface in (self.difference.baseline, self.difference.candidate):
            if surface is None:
                continue
            for declared in surface.declarations(name, scope):
                if (value := enumerator_value(declared, surface)) is not None:
                    return value
        return None

    def _arguments(self) -> list[str]:
        found = (
            self.text[slice(*span(argument))]
            for sequence in sequences(self.text, self.start, self.end)
            for piece in sequence
            if isinstance(piece, Brackets) and piece.opening == "("
            for argument in piece.arguments
            if argument
        )
        return list(dict.fromkeys(found))

    def _is_that(self, written: str, value: int | None, enumerator: str) -> bool:
        """Whether an argument, or the variable that it is, stands for the enumerator."""
        if written.isidentifier():
            written = self._initial(written)
        return integer(written) == value or written.endswith(f"::{enumerator}") or written == enumerator

    def _initial(self, name: str) -> str:
        """What a local variable is made with, where it never gets anything else; else nothing."""
        function = next(functions_around(self.text, self.start), None)
        body = function.child_by_field_name("body") if function is not None else None
        inside = body.text.decode("latin-1") if body is not None else ""
        word = re.escape(name)
        made = re.findall(rf"[\w>]\s+{word}\s?(?:=\s?([^;,{{}}()]{{1,80}})|\{{([^;,{{}}()]{{1,80}})\}});", inside)
        writes = re.findall(rf"(?:\+\+|--|&)\s?{word}\b|\b{word}\s?(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=)|\{{)", inside)
        is_left = len(made) == len(writes) == 1 and (
            re.search(rf"\bconst(?:expr)?\b[^;{{}}()]{{0,80}}\b{word}\s?[={{]", inside) is not None
            or _is_given_to_one(word, inside)
        )
        return "".join(made[0]).strip() if is_left else ""


def _is_given_to_one(word: str, inside: str) -> bool:
    """Whether a variable stands nowhere but in calls of one function: another one might write to it."""
    takers = re.findall(rf"\b(\w{{1,80}})\s?\((?:[^();]{{0,200}},)?\s?{word}\s?[,)]", inside)
    return len(set(takers)) == 1 and len(takers) + 1 == len(re.findall(rf"\b{word}\b", inside))
