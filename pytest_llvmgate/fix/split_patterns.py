"""Patterns that match and rewrite in two functions, where LLVM asks for ``matchAndRewrite`` alone (since LLVM 21).

LLVM's own ``matchAndRewrite`` called the one and, where it succeeded, the other: the pattern has that written out now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pytest_llvmgate.fix.code_pieces import first_list
from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import offset_of
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.signatures import Parameter, parameters_in
from pytest_llvmgate.fix.statements import CLASSES, code_of, nodes_around, nodes_below

_BOTH: Final = "matchAndRewrite"
_PARTS: Final = frozenset({"match", "rewrite", _BOTH})
_OVERRIDES_NOTHING: Final = re.compile(r"marked '(?:override|final)'")
_MARK: Final = re.compile(r"(?<!\s)\s*+\b(?:override|final)\b")


@dataclass(frozen=True, kw_only=True)
class SplitPatterns(CureSearch):
    """Cures of one pattern."""

    def cures(self) -> Iterator[Cure]:
        """Both functions stay, virtual as they were; what LLVM calls is written behind the second one."""
        around = next(nodes_around(self.text, offset_of(self.text, self.place), CLASSES), None)
        if around is None or _OVERRIDES_NOTHING.search(self.trouble.message) is None:
            return
        found = [one for one in nodes_below(around) if one.type == "function_declarator"]
        named = [(code_of(one.child_by_field_name("declarator")), one) for one in found]
        parts = sorted((one for one in named if one[0] in _PARTS), key=lambda one: one[0])
        if [name for name, _ in parts] != ["match", "rewrite"]:
            return
        match, rewrite = (one for _, one in parts)
        written = self._as_llvm_called_them(match, rewrite)
        if written:
            end = rewrite.parent.end_byte
            yield self.cure(
                *_own(match),
                *_own(rewrite),
                Edit(start=end, end=end, text=written),
                source="LLVM 20, PatternMatch.h: what matchAndRewrite did for a pattern of two functions",
                what="match(...) and rewrite(...) are called by matchAndRewrite(...)",
            )

    def _as_llvm_called_them(self, match: Any, rewrite: Any) -> str:
        """The function of both; empty where a parameter has no name by which it could be handed on."""
        asked, given = self._parameters(match), self._parameters(rewrite)
        returned = match.parent.child_by_field_name("type")
        if len(asked) != 1 or len(given) < 2 or returned is None or not all(one.name for one in given):
            return ""
        behind = _MARK.sub("", code_of(rewrite).rpartition(")")[2])
        indent = " " * rewrite.parent.start_point[1]
        listed = code_of(rewrite.child_by_field_name("parameters"))
        lines = (
            f"{code_of(returned)} {_BOTH}{listed}{behind} override {{",
            f"  {code_of(returned)} matched = match({given[0].name});",
            "  if (matched.succeeded())",
            f"    rewrite({', '.join(one.name for one in given)});",
            "  return matched;",
            "}",
        )
        return "".join(f"\n{indent}{line}" for line in lines)

    def _parameters(self, declarator: Any) -> tuple[Parameter, ...]:
        listed = code_of(declarator.child_by_field_name("parameters"))
        group = first_list(listed)
        return parameters_in(listed, group) if group is not None else ()


def _own(declarator: Any) -> Iterator[Edit]:
    """Without the mark that it overrides; a class that derives may still do that."""
    start = declarator.parent.start_byte
    if not code_of(declarator.parent).startswith("virtual"):
        yield Edit(start=start, end=start, text="virtual ")
    for match in _MARK.finditer(code_of(declarator)):
        at = declarator.start_byte
        yield Edit(start=at + match.start(), end=at + match.end(), text="")
