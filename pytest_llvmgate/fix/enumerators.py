"""Enumerators whose enumeration became a scoped one: ``CGFT_ObjectFile`` is ``CodeGenFileType::ObjectFile`` now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.namespaces import speaks_of
from pytest_llvmgate.kinds.catalogue import API_REMOVED
from pytest_llvmgate.kinds.facts import NAME, SCOPE
from pytest_llvmgate.objects.cxx_names import last_name
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.enumerations import by_spelling, heirs_of, scoped_now
from pytest_llvmgate.surface.llvm_surface import Surface


@dataclass(frozen=True, kw_only=True)
class Enumerators(CureSearch):
    """Cures of one error by the enumerations of the candidate."""

    def cures(self) -> Iterator[Cure]:
        """The enumerator by its scoped name, where one enumeration is meant."""
        name, scope = self.trouble.facts.get(NAME, ""), self.trouble.facts.get(SCOPE, "")
        candidate = self.difference.candidate
        if self.trouble.kind != API_REMOVED or candidate is None or not re.fullmatch(r"[A-Za-z]\w+", name):
            return
        found = {one.qualified: one for one in self._of_its_enumeration(name, scope, candidate)}
        found = found or {one.qualified: one for one in by_spelling(name, scope, candidate)}
        if len(found) != 1:
            return
        ((qualified, declared),) = found.items()
        shown = _shown(declared, self.text)
        of_scope = rf"(?<![\w:.>])(?:\w+::){{0,5}}{re.escape(last_name(scope))}::{re.escape(name)}\b"
        anywhere = rf"(?<![\w:.>])(?:\w+::){{0,5}}{re.escape(name)}\b"
        edits = (self.on_line(of_scope, shown) if scope else ()) or self.on_line(anywhere, shown)
        source = f"the candidate's {declared.where}: a scoped enumeration"
        yield self.cure(*edits, source=source, what=f"{name} -> {qualified}")

    def _of_its_enumeration(self, name: str, scope: str, candidate: Surface) -> Iterator[Declaration]:
        """The baseline's enumerator, or enumeration, in what is a scoped enumeration now."""
        baseline = self.difference.baseline
        if baseline is None:
            return
        for old in baseline.declarations(name, scope):
            if old.form == "enum":
                yield from heirs_of(old, baseline, candidate)
            elif old.form == "enumerator":
                yield from (one for _, one in scoped_now(old, baseline, candidate) if one.form == "enumerator")


def _shown(declared: Declaration, text: str) -> str:
    """An enumeration, or an enumerator with its own, behind the namespaces that the text is not in and does not use."""
    parts = declared.qualified.split("::")
    own = 1 if declared.form == "enum" else 2
    while len(parts) > own and speaks_of(parts[0], text):
        parts = parts[1:]
    return "::".join(parts)
