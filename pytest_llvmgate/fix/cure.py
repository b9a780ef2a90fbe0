"""What may mend one place, and what looks for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_llvmgate.fix.expressions import offset_of
from pytest_llvmgate.fix.includes import new_include
from pytest_llvmgate.fix.rewrite_rules import Edit, Rule
from pytest_llvmgate.fix.statements import line_span
from pytest_llvmgate.fix.unit_check import ErrorPlace, Trouble
from pytest_llvmgate.surface.entity_fates import SurfaceDifference


@dataclass(frozen=True, kw_only=True)
class Cure:
    """Edits of one file that may mend one place, and who says so."""

    path: str
    edits: tuple[Edit, ...]
    source: str
    """``LLVM 0123456789ab: its own users``, ``mlir.llvm.org/...``, ``the candidate's headers``."""
    what: str
    """The rule, or what was done, in one line."""
    rule: Rule | None = None
    is_documented: bool = False
    """LLVM itself says so."""


@dataclass(frozen=True, kw_only=True)
class CureSearch:
    """What looks for cures of one error: what became of LLVM, the error, its place, and the file's text."""

    difference: SurfaceDifference
    trouble: Trouble
    place: ErrorPlace
    text: str

    def cure(self, *edits: Edit, source: str, what: str, header: str = "") -> Cure:
        """Edits of the file that may mend the place, and the header that they need; without any, there is none."""
        include = new_include(self.text, header) if edits else ()
        return Cure(path=self.place.path, edits=(*edits, *include), source=source, what=what)

    def on_line(self, pattern: str, new: str) -> tuple[Edit, ...]:
        """What matches on the place's line, with ``new`` in its place."""
        found = re.compile(pattern).finditer(self.text, *line_span(self.text, self.place.line))
        return tuple(Edit(start=match.start(), end=match.end(), text=new) for match in found)

    def pointed_at(self, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
        """Where the compiler points at one of several, that one."""
        at = offset_of(self.text, self.place)
        return tuple(edit for edit in edits if self.place.column and edit.start <= at < edit.end) or edits
