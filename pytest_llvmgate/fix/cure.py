"""What may mend one place, and what looks for it."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llvmgate.fix.rewrite_rules import Edit, Rule
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

    def cure(self, *edits: Edit, source: str, what: str) -> Cure:
        """Edits of the file that may mend the place."""
        return Cure(path=self.place.path, edits=edits, source=source, what=what)
