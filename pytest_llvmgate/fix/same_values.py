"""Rules with an enumerator, where the code has its value instead: ``0`` for ``AttributeList::ReturnIndex``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from pytest_llvmgate.fix.code_pieces import Brackets, sequences, span
from pytest_llvmgate.fix.rewrite_rules import Rule
from pytest_llvmgate.fix.statements import FUNCTIONS, nodes_around, nodes_below
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
        function = next(nodes_around(self.text, self.start, FUNCTIONS), None)
        below = nodes_below(function) if function is not None else ()
        named = [one for one in below if one.type == "identifier" and one.text == name.encode("latin-1")]
        made = [one.parent for one in named if one == one.parent.child_by_field_name("declarator")]
        value = made[0].child_by_field_name("value") if len(made) == 1 else None
        if value is None:
            return ""
        is_constant = any(one.text in {b"const", b"constexpr"} for one in made[0].parent.children)
        # Given to several functions, one of them might write to it.
        takers = {_taker(one) for one in named if one.parent != made[0]}
        return value.text.decode("latin-1").strip("{} ") if is_constant or (len(takers) == 1 and all(takers)) else ""


def _taker(argument: Any) -> str:
    """The function that is given an argument; empty for what is none."""
    call = argument.parent.parent if argument.parent.type == "argument_list" else None
    called = call.child_by_field_name("function") if call is not None else None
    return re.findall(r"\w+|$", called.text.decode("latin-1"))[-2:][0] if called is not None else ""
