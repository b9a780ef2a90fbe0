"""Callbacks of type converters: what they return for "none", and who is asked for a block's arguments since LLVM 21."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pytest_llvmgate.fix.code_pieces import plain
from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import calls_in, offset_of
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.statements import (
    FUNCTIONS,
    code_of,
    nodes_around,
    nodes_below,
    nodes_of,
    statement_at,
    without_statement,
)
from pytest_llvmgate.kinds.facts import NAME
from pytest_llvmgate.objects.cxx_names import last_name

_OF_ARGUMENTS: Final = "addArgumentMaterialization"
_OF_SOURCES: Final = "addSourceMaterialization"
_HANDLES: Final = frozenset({"Value", "Type", "Attribute"})
"""Of these, null is "none" to whom a callback returns it; of a number it would be a number."""
_GIVEN_ON: Final = re.compile(
    r"from (?:returned value of type )?'(?:const )?(?:std::)?optional<(?P<given>[\w:]+)>'(?: [({]aka '[^'\n]+'[)}])?"
    r" to (?:function return type |non-scalar type )?'(?P<wanted>[\w:]+)'"
)
_OPTIONAL: Final = re.compile(r"(?<![\w:])(?>(?:\w++::){0,3})[oO]ptional<\s*+(?P<of>[\w:]++)\s*+>")
_NONE: Final = re.compile(r"return (?P<none>std::nullopt|(?:llvm::)?None);")


@dataclass(frozen=True, kw_only=True)
class CallbackReturns(CureSearch):
    """Cures of one error by the type that a callback returns."""

    def cures(self) -> Iterator[Cure]:
        """Every callback of the statement: the handle itself, and a null one for none."""
        if self.trouble.facts.get(NAME) == _OF_ARGUMENTS:
            yield from self._of_sources()
        match = _GIVEN_ON.search(self.trouble.message)
        kind = last_name(match["given"]) if match is not None else ""
        if match is None or kind not in _HANDLES or last_name(match["wanted"]) != kind or self.trouble.is_here:
            return
        edits = [edit for one in self._callbacks() for edit in _returning_a_handle(one, kind)]
        source, what = "the compiler: what a callback returns now", f"callbacks of std::optional<{kind}> -> {kind}"
        yield self.cure(*edits, source=source, what=what)

    def _of_sources(self) -> Iterator[Cure]:
        """Sources are asked for arguments, too: dropped where the same is one already, left where another might be."""
        around = next(nodes_around(self.text, offset_of(self.text, self.place), FUNCTIONS), None)
        if around is None:
            return
        calls = list(calls_in(self.text, around.start_byte, around.end_byte))
        sources = {plain((group,)) for name, group in calls if name.text == _OF_SOURCES}
        for name, group in calls:
            start, end = statement_at(self.text, self.place.line, self.place.column)
            if name.text != _OF_ARGUMENTS or not start <= name.start < end:
                continue
            source = "LLVM 21, DialectConversion.h: block arguments are materialized as sources"
            if plain((group,)) in sources:
                edit = Edit(start=start, end=end, text=without_statement(self.text, start, end))
                yield self.cure(edit, source=source, what=f"{_OF_ARGUMENTS}(...) is dropped: a source does the same")
            elif not sources:
                edit = Edit(start=name.start, end=name.end, text=_OF_SOURCES)
                yield self.cure(edit, source=source, what=f"{_OF_ARGUMENTS} -> {_OF_SOURCES}")

    def _callbacks(self) -> Iterator[Any]:
        """The lambdas that are written in the statement, and the lambdas and functions that it names."""
        start, end = statement_at(self.text, self.place.line, self.place.column)
        named = set(re.findall(r"\w+", self.text[start:end]))
        for node in (one for one in nodes_of(self.text) if one.type in FUNCTIONS):
            holder = node.parent if node.type == "lambda_expression" else node.child_by_field_name("declarator")
            name = holder.child_by_field_name("declarator") if holder is not None else None
            is_named = code_of(name) in named
            if is_named or (node.type == "lambda_expression" and start <= node.start_byte < end):
                yield node


def _returning_a_handle(function: Any, kind: str) -> Iterator[Edit]:
    body = function.child_by_field_name("body")
    head = function.text[: body.start_byte - function.start_byte].decode("latin-1") if body is not None else ""
    returned = [one for one in _OPTIONAL.finditer(head) if last_name(one["of"]) == kind]
    if len(returned) != 1:
        return
    at = function.start_byte + returned[0].start()
    yield Edit(start=at, end=at + len(returned[0][0]), text=returned[0]["of"])
    for node in nodes_below(body, but=FUNCTIONS):
        none = _NONE.fullmatch(code_of(node)) if node.type == "return_statement" else None
        if none is not None:
            at = node.start_byte + none.start("none")
            yield Edit(start=at, end=at + len(none["none"]), text=f"{returned[0]['of']}()")
