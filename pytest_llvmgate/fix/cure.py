"""What may mend one place."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_llvmgate.fix.rewrite_rules import Edit, Rule


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
