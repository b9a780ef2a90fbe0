"""Forward declarations of what LLVM declares otherwise now: not needed, and in conflict with its headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import offset_of
from pytest_llvmgate.fix.namespaces import LLVMS, namespace_at
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.statements import line_span

_FORWARD: Final = re.compile(r"(?:\btemplate\s*<[^<>;{}]{0,200}>\s*)?\b(?:class|struct)\s+(?P<name>\w+)\s*;[ \t]*\n?")
_CONFLICT: Final = re.compile(
    r"conflicts with (?:target of using declaration|typedef of the same name|a previous declaration)"
    r"|using typedef-name '[^'\n]+' after|as different kind of (?:symbol|entity)|is ambiguous"
)


@dataclass(frozen=True, kw_only=True)
class ForwardDeclarations(CureSearch):
    """Cures of one error by leaving out the declaration that it is about."""

    def cures(self) -> Iterator[Cure]:
        """Of what LLVM declares as something else, in one of its namespaces."""
        if not _CONFLICT.search(self.trouble.message):
            return
        begin, end = line_span(self.text, self.place.line)
        candidate = self.difference.candidate
        is_llvms = namespace_at(self.text, offset_of(self.text, self.place)).partition("::")[0] in LLVMS
        start = self.text.rfind("\n", 0, max(begin - 1, 0)) + 1  # template parameters stand on the line above
        for match in _FORWARD.finditer(self.text, start, min(end + 1, len(self.text))) if is_llvms else ():
            is_known = candidate is not None and bool(candidate.declarations(match["name"]))
            if is_known and match.start("name") >= begin:
                yield self.cure(
                    Edit(start=match.start(), end=match.end(), text=""),
                    source="LLVM's headers: they declare it otherwise",
                    what=f"the forward declaration of {match['name']} is dropped",
                )
