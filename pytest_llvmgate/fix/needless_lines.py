"""Lines that are not needed any more: what LLVM no longer has, or declares otherwise, and nobody here speaks of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import offset_of
from pytest_llvmgate.fix.namespaces import LLVMS, namespace_at
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.statements import line_span
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.kinds.catalogue import API_REMOVED
from pytest_llvmgate.plain_file import read_plain

_WORD: Final = re.compile(rb"[A-Za-z_]\w*+")
_ALIAS: Final = re.compile(
    r"\s*+(?:using\s+(?P<alias>\w+)\s*=\s*[\w:]+|typedef\s+[\w:]+\s+(?P<type>\w+)|using\s+(?>(?:\w*+::)+)(?P<used>\w+))\s*;\s*"
)
_FORWARD: Final = re.compile(r"(?:\btemplate\s*<[^<>;{}]{0,200}>\s*)?\b(?:class|struct)\s+(?P<name>\w+)\s*;[ \t]*\n?")
_CONFLICT: Final = re.compile(
    r"conflicts with (?:target of using declaration|typedef of the same name|a previous declaration)"
    r"|using typedef-name '[^'\n]+' after|as different kind of (?:symbol|entity)|is ambiguous"
)
_SOURCES: Final = (".h", ".hh", ".hpp", ".cpp", ".cc", ".cxx", ".inc", ".td", ".c", ".def")


def words_in(copy: WorkingCopy) -> Counter[str]:
    """How often the downstream's own files say a word."""
    found: Counter[bytes] = Counter()
    for path in copy.root.rglob("*"):
        if path.suffix in _SOURCES and path.is_file():
            found.update(_WORD.findall(read_plain(path)))
    return Counter({word.decode(): count for word, count in found.items()})


@dataclass(frozen=True, kw_only=True)
class NeedlessLines(CureSearch):
    """Cures of one error by leaving out the line that it is about."""

    said: Callable[[str], int]
    """How often the downstream says a word."""

    def cures(self) -> Iterator[Cure]:
        """An alias of what is gone that nobody uses; a forward declaration of what LLVM declares as something else."""
        begin, end = line_span(self.text, self.place.line)
        line = self.text[begin:end]
        alias = _ALIAS.fullmatch(line) if self.trouble.kind == API_REMOVED else None
        name = next(filter(None, alias.groups()), "") if alias is not None else ""
        if name and self.said(name) == len(re.findall(rf"\b{name}\b", line)):
            yield self.cure(
                Edit(start=begin, end=min(end + 1, len(self.text)), text=""),
                source="LLVM's headers: it is gone, and nothing here uses the alias",
                what=f"{' '.join(line.split())} is dropped",
            )
        if _CONFLICT.search(self.trouble.message):
            yield from self._forward(begin, end)

    def _forward(self, begin: int, end: int) -> Iterator[Cure]:
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
