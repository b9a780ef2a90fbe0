"""Pointers that do not say what they lead to: a call that asks for the type is told by who made the pointer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.code_pieces import span, words_of
from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import call_at
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.statements import FUNCTIONS, nodes_around

_TYPED: Final = re.compile(
    r"(?P<behind>LLVMBuild)(?:Load|(?:InBounds|Struct)?GEP|Call|Invoke)|LLVMConst(?:InBounds)?GEP"
    r"|Create(?:Load|(?:InBounds|Struct|Const\w+)?GEP\w*)"
)
"""What LLVM 14 (in C++) and LLVM 16 (in C, under a name with a 2) ask the type for."""
_MADE: Final = (
    (r"\bAllocaInst \* (?:const )?{0}\b|{0} = [^=;]*\bCreateAlloca \(", "{0}->getAllocatedType()"),
    (r"\b(?:GlobalVariable|GlobalValue|Function) \* (?:const )?{0}\b", "{0}->getValueType()"),
    (r"(?<![.>] ){0} = LLVMBuild(?:Array)?Alloca \(", "LLVMGetAllocatedType({0})"),
    (r"(?<![.>] ){0} = LLVM(?:Add|GetNamed)(?:Global|Function) \(", "LLVMGlobalGetValueType({0})"),
)
"""How a variable is declared or made (tokens with blanks between), and what says then what type it leads to."""
_GIVEN: Final = r"(?<![.>] )\b{0} = |(?<!&) & {0}\b|\w {0} [,)]"
"""Whatever may give a variable of C a value."""
_SOURCE: Final = "https://llvm.org/docs/OpaquePointers.html: a pointer does not say what it leads to"


@dataclass(frozen=True, kw_only=True)
class Pointees(CureSearch):
    """Cures of one call that lacks a type."""

    def cures(self) -> Iterator[Cure]:
        """The call with the type in front of the pointer, which is the first argument, or the one behind a builder."""
        call = call_at(self.text, self.place) if self.trouble.is_here else None
        match = _TYPED.fullmatch(call[0].text) if call is not None else None
        if call is None or match is None:
            return
        name, group = call
        at = 1 if match["behind"] else 0
        pointer = self.text[slice(*span(group.arguments[at]))] if len(group.arguments) > at else ""
        kind = self._pointee(pointer, name.start) if pointer.isidentifier() else ""
        begin = span(group.arguments[at])[0] if kind else 0
        edits = [Edit(start=begin, end=begin, text=f"{kind}, ")] if kind else []
        if edits and name.text.startswith("LLVM"):
            edits.append(Edit(start=name.end, end=name.end, text="2"))
        yield self.cure(*edits, source=_SOURCE, what=f"{name.text}({pointer}): {kind}")

    def _pointee(self, pointer: str, offset: int) -> str:
        """What tells the type, where all that the function makes the variable of says it in the same way."""
        node = next(nodes_around(self.text, offset, FUNCTIONS), None)
        said = " ".join(one.text for one in words_of(self.text, node.start_byte, node.end_byte)) if node else ""
        given = len(re.findall(_GIVEN.format(pointer), said))
        ways = [
            way.format(pointer)
            for pattern, way in _MADE
            if (found := re.findall(pattern.format(pointer), said)) and (len(found) >= given or "->" in way)
        ]
        return ways[0] if len(ways) == 1 else ""
