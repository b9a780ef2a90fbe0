"""What the baseline's own headers say of a name that is gone: advice, a body that only hands on, an alias, its heir.

While a name was on its way out, LLVM mostly kept it for a release or two: as a function that calls the new one, as an
alias, with a deprecation's text. To write what it stood for in its place changes nothing. Where LLVM renamed at once,
the header still tells: the new name has the old one's body, or its place, signature and comment.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.code_pieces import KEYWORDS, Token, pieces_of, words_of
from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import offset_of
from pytest_llvmgate.fix.includes import new_include
from pytest_llvmgate.fix.namespaces import speaks_of
from pytest_llvmgate.fix.rewrite_rules import Rule, matches
from pytest_llvmgate.fix.signatures import parameters
from pytest_llvmgate.fix.statements import statement_at
from pytest_llvmgate.kinds.catalogue import API_CHANGED, API_REMOVED
from pytest_llvmgate.kinds.facts import NAME, SCOPE
from pytest_llvmgate.objects.cxx_names import last_name, names_a_class
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.entity_fates import SurfaceDifference
from pytest_llvmgate.surface.likeness import is_narrower
from pytest_llvmgate.surface.likeness import words_of as words_in
from pytest_llvmgate.surface.llvm_surface import Surface

_ADVICE: Final = re.compile(
    r"(?i:deprecated)\b[^;{}]{0,200}?\b[Uu]se:?\s{1,9}(?:///?\s{0,9})?(?:the\s)?[`'\"]?(?P<name>(?:\w+::){0,4}\w+)"
)
"""In a deprecation's text: ``Use X instead``."""
_FIX_IT: Final = re.compile(r'DEPRECATED\((?:\s*+"[^"\n]*+")++,\s*+"(?P<name>\w++)(?:\(\))?"\s*+\)')
_MOST_OVERLOADS: Final = 6
_IS_CONSTANT: Final = re.compile(r"(?:return\b\s*+)?+(?:[\w:]++\(\)|\w++|\{\}|\"\")?+\s*+;?")
"""A body that says nothing of what it is for."""
_VIEW: Final = re.compile(r"^return\b[^;]{0,40}[{(](?P<data>\w+)\(\), (?P<size>\w+)\(\)[)}];$")
_NEVER: Final = re.compile(r"llvm_unreachable\b|report_fatal_error\b")
"""A body of what is there only so that old code compiles."""
_SHORT: Final = 4
"""Letters of a name that says too little for itself."""
_NOWHERE: Final = "\0"
_NO_MATTER: Final = re.compile(r"\[\[[^\[\]]*\]\]|\b(?:inline|constexpr)\b|\s")
"""In a signature, to who calls the function."""
_BINDS_FIRST: Final = frozenset({"::", ".", "->"})
"""Signs that leave an expression whole wherever it is put."""
_ASKED: Final = 12
"""Members of a class that is gone by which its heir is looked for: the longest names."""
_NEARLY_ALL: Final = 0.8
"""Share of a class's members, 0 to 1, that its heir has."""
_FEW: Final = 2
"""Members that are too few to tell a class by."""
_ALIKE: Final = 0.6
"""Likeness, 0 to 1, of names or comments from which on two functions that stand at the same place are one."""


@dataclass(frozen=True, kw_only=True)
class OwnWords(CureSearch):
    """Cures of one error by what the baseline's header says of the name."""

    def cures(self) -> Iterator[Cure]:
        """The likeliest first."""
        name, scope = self.trouble.facts.get(NAME, ""), self.trouble.facts.get(SCOPE, "")
        baseline, candidate = self.difference.baseline, self.difference.candidate
        if self.trouble.kind not in {API_REMOVED, API_CHANGED} or not re.fullmatch(r"[A-Za-z_]\w*", name):
            return
        if baseline is None or candidate is None:
            return
        before = baseline.named(name, scope)
        before = before or tuple(one for one in baseline.declarations(name) if one.is_free)
        there = {_plain(one) for one in candidate.declarations(name)}
        for declared in [one for one in before if _plain(one) not in there][:_MOST_OVERLOADS]:
            for rule in self._rules(declared, baseline, candidate):
                yield from self._by(rule)

    def _rules(self, declared: Declaration, baseline: Surface, candidate: Surface) -> Iterator[Rule]:
        name = declared.name
        if self.trouble.kind == API_REMOVED:
            said = baseline.said_of(declared)
            for match in (*_FIX_IT.finditer(said), *_ADVICE.finditer(said)):
                yield _rule(name, match["name"], f"LLVM's own words at {declared.where}: use {match['name']}")
        if self.trouble.kind == API_REMOVED and (heir := _heir(declared, baseline, candidate)) is not None:
            new = heir.name if heir.owner == declared.owner or names_a_class(heir.owner) else heir.qualified
            source = f"both headers: {declared.where} and {heir.where} are one but for the name"
            yield _rule(name, new, source, heir.file if heir.form == "class" else "")
        yield from self._as_the_body_says(declared)
        yield from _of_a_view(declared, baseline, candidate)
        if stands_for := _stands_for(declared):
            yield _rule(name, stands_for, f"LLVM's own header: what it stood for at {declared.where}")

    def _by(self, rule: Rule) -> Iterator[Cure]:
        edits = tuple(matches(rule, self.text, *statement_at(self.text, self.place.line, self.place.column)))
        at = offset_of(self.text, self.place)
        edits = tuple(edit for edit in edits if edit.start <= at < edit.end) or edits
        is_twice = any(rule.after.count(hole) > 1 for hole in set(re.findall(r"\$\w+", rule.after)))
        if is_twice:
            # What is written twice is done twice: harmless for names alone.
            edits = tuple(edit for edit in edits if self.text.count("(", edit.start, edit.end) == 1)
        if edits:
            known = None if is_twice else rule
            yield Cure(
                path=self.place.path,
                edits=(*edits, *new_include(self.text, rule.needs_header)),
                source=rule.source,
                what=str(rule),
                rule=known,
                is_documented=True,
            )

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
            now = [one for one in candidate.member(owner, word.text) if not _NEVER.match(one.body)]
            is_offered = known[0].form != "variable" and {_plain(one) for one in known} & {_plain(one) for one in now}
            reached = f"$self{self.sign}" if self.sign else f"{last_name(owner)}::"
            return f"{reached}{word.text}" if is_offered else _NOWHERE
        is_named = self.space and after in {"(", "::", "<"}
        if is_named and any(one.owner == self.space for one in candidate.declarations(word.text)):
            return f"{self.space}::{word.text}"
        return word.text


def _rule(before: str, after: str, source: str, header: str = "") -> Rule:
    return Rule(before=before, after=after, source=source, is_documented=True, needs_header=header)


def _plain(declared: Declaration) -> str:
    return declared.qualified + _NO_MATTER.sub("", re.sub(r"\bvirtual\b", "", declared.signature))


def _stands_for(declared: Declaration) -> str:
    """Of ``using A = b::C;`` it is ``b::C``, of ``A = C`` in an enumeration ``C``; empty for what takes arguments."""
    if declared.form in {"macro", "enumerator"}:
        is_value = declared.form == "enumerator" and not declared.body.isidentifier()
        return "" if is_value else declared.body
    match = re.fullmatch(rf"using {re.escape(declared.name)} = (?P<what>[\w:]+)", declared.signature)
    match = match or re.fullmatch(rf"typedef (?P<what>[\w:]+) {re.escape(declared.name)}", declared.signature)
    return match["what"] if match else ""


def _of_a_view(declared: Declaration, baseline: Surface, candidate: Surface) -> Iterator[Rule]:
    """``getArgs()``, ``getNumArgs()`` and ``getArg(i)``, of which ``ArrayRef<T> arguments()`` was made."""
    for view in baseline.members(declared.owner) if names_a_class(declared.owner) else ():
        made, wanted = _VIEW.search(view.body), parameters(declared) or ()
        if made is None or "ArrayRef<" not in view.signature or not candidate.member(declared.owner, view.name):
            continue
        given = ", ".join(f"${one.name}" for one in wanted)
        part = {made["data"]: ".data()", made["size"]: ".size()"}.get(declared.name, "")
        if len(wanted) == 1 and made["data"].startswith(declared.name):
            part = f"[{given}]"
        for sign in (".", "->") if part else ():
            source = f"LLVM's own header: what {view.name} was made of at {view.where}"
            yield _rule(f"$self{sign}{declared.name}({given})", f"$self{sign}{view.name}(){part}", source)


# -- the heir ---------------------------------------------------------------------------------------------------------


def _heir(declared: Declaration, baseline: Surface, candidate: Surface) -> Declaration | None:
    """What only the candidate has in that class or namespace, and is the same function but for its name.

    It has the signature and the same body; or its name says the same and more; or it stands between the same neighbours
    and is called or described alike.
    """
    if declared.form == "class" and not declared.file.endswith(".inc"):  # classes of operations are too much alike
        return _class_heir(declared, baseline, candidate)
    if declared.form not in {"function", "enumerator", "variable"}:
        return None
    old, new = (_beside(declared, one) for one in (baseline, candidate))
    known = {one.name for one in old}
    shape = _shape(declared)
    new = tuple(one for one in new if not _NEVER.match(one.body))
    heirs = [one for one in new if one.form == declared.form and one.name not in known and _shape(one) == shape]
    if declared.body and not _IS_CONSTANT.fullmatch(declared.body) and "virtual" not in declared.signature:
        now = {one.name for one in new}
        twins = (one for one in old if one.name in now and one.name != declared.name and _shape(one) == shape)
        if twin := next((one for one in twins if one.body == declared.body), None):
            return twin
    by_body = {
        one.name: one for one in heirs if declared.body and _without(one, one.body) == _without(declared, declared.body)
    }
    if len(by_body) == 1:
        return next(iter(by_body.values()))
    called = {one.name: one for one in heirs if _says_more(declared.name, one.name)}
    if len(called) == 1:
        return next(iter(called.values()))
    at_place = _at_its_place(declared, old, new)
    others = {one.name for one in old} - {declared.name}
    same = {
        one.name: one
        for one in heirs
        if one.name == at_place
        and not is_narrower(declared.name, one.name, others)
        and _is_like(declared, one, baseline, candidate)
    }
    return next(iter(same.values())) if len(same) == 1 else None


def _class_heir(declared: Declaration, baseline: Surface, candidate: Surface) -> Declaration | None:
    """The one class that only the candidate has, with nearly all members of the one that is gone, or its base has."""
    functions = (one.name for one in baseline.members(declared.qualified) if one.form == "function")
    members = {name for name in functions if name.isidentifier() and name != declared.name}
    asked = sorted(members, key=lambda one: (-len(one), one))[:_ASKED]
    votes: Counter[str] = Counter()
    for name in asked if len(asked) > _FEW else ():
        votes.update({one.owner for one in candidate.declarations(name) if names_a_class(one.owner)})
    found = []
    for owner, count in votes.items():
        defined = candidate.definition_of(owner) if 3 * count >= len(asked) else None
        if defined is not None and baseline.definition_of(owner) is None:
            theirs = {one.name for each in candidate.lineage(owner) for one in candidate.members(each)}
            found += [defined] if len(members & theirs) >= _NEARLY_ALL * len(members) else []
    return found[0] if len(found) == 1 else None


def _says_more(old: str, new: str) -> bool:
    """``addAttributeAtIndex`` after ``addAttribute``: the old name, and words behind it."""
    words = words_in(old)
    return words_in(new)[: len(words)] == words and len(old) > _SHORT


def _beside(declared: Declaration, surface: Surface) -> tuple[Declaration, ...]:
    """What the class or, in that header, the namespace declares."""
    there = surface.members(declared.owner) if names_a_class(declared.owner) else ()
    return there or tuple(one for one in surface.declared_in(declared.file) if one.owner == declared.owner)


def _shape(declared: Declaration) -> str:
    return _NO_MATTER.sub("", _without(declared, declared.signature))


def _without(declared: Declaration, text: str) -> str:
    return re.sub(rf"\b{re.escape(declared.name)}\b", "", text)


def _at_its_place(declared: Declaration, old: Sequence[Declaration], new: Sequence[Declaration]) -> str:
    """The name between the same neighbours; empty where something else came or went there."""
    names, now = (list(dict.fromkeys(one.name for one in these)) for these in (old, new))
    at = names.index(declared.name) if declared.name in names else len(names)
    for kind, first, last, start, end in difflib.SequenceMatcher(None, names, now, autojunk=False).get_opcodes():
        if kind == "replace" and first <= at < last:
            return now[start + at - first] if last - first == end - start else ""
    return ""


def _is_like(one: Declaration, other: Declaration, baseline: Surface, candidate: Surface) -> bool:
    shared = {word for word in words_in(one.name) if len(word) > 3} & set(words_in(other.name))
    if shared or difflib.SequenceMatcher(None, one.name.lower(), other.name.lower()).ratio() > _ALIKE:
        return True
    said, now = _comment(baseline.said_of(one)), _comment(candidate.said_of(other))
    return bool(said) and difflib.SequenceMatcher(None, said, now).ratio() > _ALIKE


def _comment(said: str) -> list[str]:
    return re.findall(r"\w+", " ".join(line for line in said.split("\n") if line.lstrip().startswith(("//", "*"))))
