"""What the baseline's own headers say of a name that is gone: advice, a body that only hands on, an alias, its heir.

While a name was on its way out, LLVM mostly kept it for a release or two: as a function that calls the new one, as an
alias, with a deprecation's text. To write what it stood for in its place changes nothing. Where LLVM renamed at once,
the header still tells: the new name has the old one's body, or its place, signature and comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_llvmgate.fix.code_pieces import KEYWORDS, Token, pieces_of, words_of
from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import call_at
from pytest_llvmgate.fix.namespaces import speaks_of
from pytest_llvmgate.fix.rewrite_rules import Rule, matches
from pytest_llvmgate.fix.signatures import parameters
from pytest_llvmgate.fix.statements import statement_at
from pytest_llvmgate.kinds.catalogue import API_CHANGED, API_REMOVED
from pytest_llvmgate.kinds.facts import FORM, NAME, SCOPE
from pytest_llvmgate.objects.cxx_names import last_name, names_a_class
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.entity_fates import SurfaceDifference
from pytest_llvmgate.surface.heirs import advised_names, heir_of, is_never_called, same_to_callers, stands_for
from pytest_llvmgate.surface.llvm_surface import Surface

_MOST_OVERLOADS: Final = 6
_NOWHERE: Final = "\0"
_BINDS_FIRST: Final = frozenset({"::", ".", "->"})
"""Signs that leave an expression whole wherever it is put."""


@dataclass(frozen=True, kw_only=True)
class OwnWords(CureSearch):
    """Cures of one error by what the baseline's header says of the name."""

    def cures(self) -> Iterator[Cure]:
        """The likeliest first."""
        name, scope = self.trouble.facts.get(NAME, ""), self.trouble.facts.get(SCOPE, "")
        baseline, candidate = self.difference.baseline, self.difference.candidate
        if baseline is None or candidate is None:
            return
        if self.trouble.kind not in {API_REMOVED, API_CHANGED} or self.trouble.facts.get(FORM) == "convert":
            # Of an argument that does not convert, the types are told: whose argument it is, the call tells.
            call = call_at(self.text, self.place) if self.trouble.is_here else None
            name = call[0].text if call is not None else ""
            owners = {one.owner for one in baseline.declarations(name)} if name else set()
            scope = owners.pop() if len(owners) == 1 else ""
            name = name if scope else ""
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            return
        before = baseline.named(name, scope)
        before = before or tuple(one for one in baseline.declarations(name) if one.is_free)
        there = {same_to_callers(one) for one in candidate.declarations(name)}
        for declared in [one for one in before if same_to_callers(one) not in there][:_MOST_OVERLOADS]:
            for rule in self._rules(declared, baseline, candidate):
                yield from self._by(rule)

    def _rules(self, declared: Declaration, baseline: Surface, candidate: Surface) -> Iterator[Rule]:
        name = declared.name
        if self.trouble.kind == API_REMOVED:
            for advised in advised_names(declared, baseline):
                yield _rule(name, advised, f"LLVM's own words at {declared.where}: use {advised}")
        if self.trouble.kind == API_REMOVED and (heir := heir_of(declared, baseline, candidate)) is not None:
            new = heir.name if heir.owner == declared.owner or names_a_class(heir.owner) else heir.qualified
            source = f"both headers: {declared.where} and {heir.where} are one but for the name"
            is_elsewhere = heir.form == "class" and heir.file != declared.file
            yield _rule(name, new, source, heir.file if is_elsewhere else "")
        yield from self._as_the_body_says(declared)
        if meant := stands_for(declared):
            yield _rule(name, meant, f"LLVM's own header: what it stood for at {declared.where}")

    def _by(self, rule: Rule) -> Iterator[Cure]:
        edits = tuple(matches(rule, self.text, *statement_at(self.text, self.place.line, self.place.column)))
        edits = self.pointed_at(edits)
        is_twice = any(rule.after.count(hole) > 1 for hole in set(re.findall(r"\$\w+", rule.after)))
        if is_twice:
            # What is written twice is done twice: harmless for names alone.
            edits = tuple(edit for edit in edits if self.text.count("(", edit.start, edit.end) == 1)
        cure = self.cure(*edits, header=rule.needs_header, source=rule.source, what=str(rule))
        yield replace(cure, rule=None if is_twice else rule, is_documented=True)

    # -- a body that hands on -----------------------------------------------------------------------------------------

    def _as_the_body_says(self, declared: Declaration) -> Iterator[Rule]:
        """``bool isNull() { return isZero(); }``: the call, written as the function's own body does it."""
        body = re.fullmatch(r"(?:return\b\s*)?(?P<what>[^;{}]{1,200});", declared.body)
        wanted = parameters(declared) or ()
        holes = [one.name for one in wanted]
        if body is None or not all(holes) or not declared.name.isidentifier() or declared.form != "function":
            return
        is_class, last = names_a_class(declared.owner), last_name(declared.owner)
        is_member = is_class and not declared.signature.startswith("static ")
        source = f"LLVM's own header: what {declared.name} did at {declared.where}"
        space = declared.owner.partition("::")[0]
        space = "" if speaks_of(space, self.text) else space
        for front, sign in (("$self.", "."), ("$self->", "->")) if is_member else ((f"{last}::", ""), ("", "")):
            writer = _Written(declared=declared, holes=holes, sign=sign, space=space, difference=self.difference)
            written = writer.of(body["what"])
            given = len(wanted)
            while written:
                yield _rule(f"{front}{declared.name}({', '.join(f'${one}' for one in holes[:given])})", written, source)
                given -= 1
                if given < 0 or not wanted[given].is_optional:
                    break
                written = re.sub(rf"\${holes[given]}\b", wanted[given].default.replace("\\", r"\\"), written)


@dataclass(frozen=True, kw_only=True)
class _Written:
    """A body as it is written outside of its function: ``$self`` for the object, holes for the parameters."""

    declared: Declaration
    holes: Sequence[str]
    sign: str
    """How members of the object are reached; empty for a function without one."""
    space: str
    """The namespace that has to be named; empty where the text uses it."""
    difference: SurfaceDifference

    def of(self, body: str) -> str:
        """Empty where nothing is handed on to what the candidate has."""
        found, words = list[str](), words_of(body)
        for at, word in enumerate(words):
            around = [words[near].text if 0 <= near < len(words) else "" for near in (at - 1, at + 1)]
            found += [body[words[at - 1].end : word.start] if at else "", self._word(word, *around)]
        text = "".join(found).replace("*(&$self)", "$self").replace("(&$self)->", "$self.")
        if "reinterpret_cast" in body:  # of what only the class knows
            return ""
        is_itself = self.declared.name in {word.text for word in words} - {last_name(self.declared.owner)}
        is_itself = is_itself and len(self.holes) == body.count(",") + 1
        if is_itself or _NOWHERE in text or not re.search(r"[\w>]\(|::", text):
            return ""
        signs = {one.text for one in pieces_of(body) if isinstance(one, Token) and not one.is_name}
        return f"({text})" if signs - _BINDS_FIRST else text

    def _word(self, word: Token, before: str, after: str) -> str:
        if word.text == "this" and self.sign:
            is_object = before == "*" or after == "->" or (before in {"(", ","} and after in {")", ","})
            written = "$self" if self.sign == "->" else "(&$self)"
            return written if is_object else _NOWHERE  # what lies behind an object is known to its class alone
        if before in {".", "->", "::"} or not word.is_name or word.text in KEYWORDS:
            return word.text
        if word.text in self.holes:
            return f"${word.text}" if before in {"(", ","} and after in {")", ","} else f"(${word.text})"
        owner, candidate = self.declared.owner, self.difference.candidate
        assert self.difference.baseline is not None and candidate is not None  # noqa: S101, PT018 (the caller looked)
        is_own = names_a_class(owner) and word.text != last_name(owner) and after != "::"
        if is_own and (known := self.difference.baseline.member(owner, word.text)):
            # What only the class itself can reach was private mostly: a field.
            now = [one for one in candidate.member(owner, word.text) if not is_never_called(one)]
            is_kept = {same_to_callers(one) for one in known} & {same_to_callers(one) for one in now}
            is_offered = known[0].form != "variable" and is_kept
            reached = f"$self{self.sign}" if self.sign else f"{last_name(owner)}::"
            return f"{reached}{word.text}" if is_offered else _NOWHERE
        is_named = self.space and after in {"(", "::", "<"}
        if is_named and any(one.owner == self.space for one in candidate.declarations(word.text)):
            return f"{self.space}::{word.text}"
        return word.text


def _rule(before: str, after: str, source: str, header: str = "") -> Rule:
    return Rule(before=before, after=after, source=source, is_documented=True, needs_header=header)
