"""Code that LLVM's own class had a member for, which it still has: ``f->addFnAttr(ArgMemOnly)`` by that member.

In the baseline's header the member's whole body is what the downstream wrote out: so the two meant the same there. What
became of the names in it, LLVM has followed in the member.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.rewrite_rules import Rule, matches
from pytest_llvmgate.fix.signatures import parameters
from pytest_llvmgate.fix.statements import statement_at
from pytest_llvmgate.kinds.catalogue import API_REMOVED
from pytest_llvmgate.kinds.facts import NAME
from pytest_llvmgate.objects.cxx_names import names_a_class
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.heirs import is_leaving, same_to_callers

_MOST_FILES: Final = 12
_ONE_CALL: Final = re.compile(r"(?:return )?(?P<call>(?P<called>[A-Za-z_]\w*)\((?P<given>[\w:, ]*)\));")
"""A body that calls one member, with names alone."""
_QUALIFIED: Final = re.compile(r"(?<![\w:])(?=[A-Z]\w*::)")


@dataclass(frozen=True, kw_only=True)
class OwnShorthands(CureSearch):
    """Cures of one error by members of LLVM's that do what the code at the place did."""

    def cures(self) -> Iterator[Cure]:
        """By each member whose body is that code."""
        name = self.trouble.facts.get(NAME, "")
        baseline, candidate = self.difference.baseline, self.difference.candidate
        if self.trouble.kind != API_REMOVED or baseline is None or candidate is None or not name.isidentifier():
            return
        place = statement_at(self.text, self.place.line, self.place.column)
        called = set(re.findall(r"\b\w+(?=\()", self.text[slice(*place)]))
        files = [one for one in baseline.mentioning(name) if one in candidate.headers and one.endswith(".h")]
        for declared in (one for file in files[:_MOST_FILES] for one in baseline.declared_in(file)):
            body = _ONE_CALL.fullmatch(declared.body)
            if body is None or body["called"] not in called or not re.search(rf"\b{name}\b", body["given"]):
                continue
            now = candidate.member(declared.owner, declared.name) if names_a_class(declared.owner) else ()
            kept = [one for one in now if same_to_callers(one) == same_to_callers(declared)]
            if not kept or is_leaving(kept[0], candidate) or not baseline.member(declared.owner, body["called"]):
                continue
            for rule in _rules(declared, body["call"], body["given"]):
                edits = self.pointed_at(tuple(matches(rule, self.text, *place)))
                yield self.cure(*edits, source=rule.source, what=str(rule))


def _rules(declared: Declaration, call: str, given: str) -> Iterator[Rule]:
    """The written out form, with and without LLVM's namespace; none where a name in it is only the class's own."""
    holes = [one.name for one in parameters(declared) or ()]
    words = [one for one in re.split(r", ?", given) if "::" not in one]
    if "virtual" in declared.signature or sorted(words) != sorted(holes):
        return
    held = re.sub(rf"\b({'|'.join(holes)})\b(?!::)", r"$\1", call) if holes else call
    source = f"LLVM's own header: {declared.name} did that at {declared.where}"
    space = declared.owner.partition("::")[0]
    for before in dict.fromkeys((held, _QUALIFIED.sub(f"{space}::", held))):
        after = f"$self.{declared.name}({', '.join(f'${one}' for one in holes)})"
        yield Rule(before=f"$self.{before}", after=after, source=source)
