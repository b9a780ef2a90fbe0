"""Who took a name's place, by the headers alone: what a deprecation advises, an alias, the same function.

While a name was on its way out, LLVM mostly kept it for a release or two, with a deprecation's text or a body that
calls the new one. Where LLVM renamed at once, the header still tells: the new name has the old one's body, or its
place, signature and comment.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from pytest_llvmgate.objects.cxx_names import names_a_class
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.enumerations import enumeration_of, enumerators_of
from pytest_llvmgate.surface.likeness import is_narrower, is_said_otherwise, is_sibling, words_of
from pytest_llvmgate.surface.llvm_surface import Surface

_ADVICE: Final = re.compile(
    r"(?i:deprecated)\b[^;{}]{0,200}?\b[Uu]se:?\s{1,9}(?:///?\s{0,9})?(?:the\s)?[`'\"]?(?P<name>(?:\w+::){0,4}\w+)"
)
"""In a deprecation's text: ``Use X instead``."""
_FIX_IT: Final = re.compile(r'DEPRECATED\((?>(?:\s*+"[^"\n]*+")+),\s*+"(?P<name>\w++)(?:\(\))?"\s*+\)')
_IS_CONSTANT: Final = re.compile(r"(?>(?:return\b\s*+)?)(?>(?:[\w:]++\(\)|\w++|\{\}|\"\")?)\s*+;?")
"""A body that says nothing of what it is for."""
_NEVER: Final = re.compile(r"llvm_unreachable\b|report_fatal_error\b")
"""A body of what is there only so that old code compiles."""
_SHORT: Final = 4
"""Letters of a name that says too little for itself."""
_NO_MATTER: Final = re.compile(r"\[\[[^\[\]]*\]\]|\b(?:inline|constexpr)\b|\s")
"""In a signature, to who calls the function."""
_PARAMETER: Final = re.compile(
    r"(?<=[*&>\w])(?: |(?<=[*&]))[A-Za-z_]\w*+(?: ?= ?[^,()]{0,200}+(?:\([^()]*+\))?)?(?=[,)])"
)
"""The name of a parameter, and what stands for it where the caller gives nothing."""
_LEAVING: Final = re.compile(r"(?i)\bdeprecated\b|\bwill be removed\b")
_FORWARDS: Final = re.compile(r"return (?:this->)?(?P<name>[A-Za-z_]\w{3,}+)\([\w, ]*+\)(?:\.\w++(?:\(\))?)?;")
"""A body that only asks another function."""
_ASKED: Final = 12
"""Members of a class that is gone by which its heir is looked for: the longest names."""
_ABBREVIATED: Final = 3
"""Letters of a word that may stand for a longer one."""
_NEARLY_ALL: Final = 0.8
"""Share of a class's members, 0 to 1, that its heir has."""
_FEW: Final = 2
"""Members that are too few to tell a class by."""
_ALIKE: Final = 0.6
"""Likeness, 0 to 1, of names or comments from which on two functions that stand at the same place are one."""


def advised_names(declared: Declaration, surface: Surface) -> tuple[str, ...]:
    """What LLVM's own words at a declaration say to use instead, as they write it."""
    said = surface.said_of(declared)
    return tuple(dict.fromkeys(match["name"] for match in (*_FIX_IT.finditer(said), *_ADVICE.finditer(said))))


def stands_for(declared: Declaration) -> str:
    """Of ``using A = b::C;`` it is ``b::C``, of ``A = C`` in an enumeration ``C``; empty for what takes arguments."""
    if declared.form in {"macro", "enumerator"}:
        is_value = declared.form == "enumerator" and not declared.body.isidentifier()
        return "" if is_value else declared.body
    match = re.fullmatch(rf"using {re.escape(declared.name)} = (?P<what>[\w:]+)", declared.signature)
    match = match or re.fullmatch(rf"typedef (?P<what>[\w:]+) {re.escape(declared.name)}", declared.signature)
    return match["what"] if match else ""


def heir_of(declared: Declaration, baseline: Surface, candidate: Surface) -> Declaration | None:
    """What only the candidate has in that class or namespace, and is the same function but for its name.

    It has the signature and the same body; or its name says the same and more; or it stands between the same neighbours
    and is called or described alike.
    """
    if declared.form == "class":
        is_generated = declared.file.endswith(".inc")  # classes of operations are too much alike
        return (_operation_heir if is_generated else _class_heir)(declared, baseline, candidate)
    if declared.form not in {"function", "enumerator", "variable"}:
        return None
    enumeration = enumeration_of(declared, baseline)
    old, new = (_beside(declared, enumeration, one) for one in (baseline, candidate))
    known = {one.name for one in old}
    shape = _shape(declared)
    new = tuple(one for one in new if not is_never_called(one))
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
    others = known - {declared.name}
    called = {one.name: one for one in heirs if _says_more(declared.name, one.name, others)}
    if len(called) == 1:
        return next(iter(called.values()))
    at_place = _at_its_place(declared, old, new)
    same = {
        one.name: one
        for one in heirs
        if one.name == at_place
        and not is_narrower(declared.name, one.name, others)
        and _is_like(declared, one, baseline, candidate)
    }
    return next(iter(same.values())) if len(same) == 1 else _inherited_heir(declared, candidate)


def _inherited_heir(declared: Declaration, candidate: Surface) -> Declaration | None:
    """The function of the class or of a base that does the same: the base may have taken it over for all."""
    if declared.form != "function" or _IS_CONSTANT.fullmatch(declared.body) or not names_a_class(declared.owner):
        return None
    there = [
        one for one in candidate.visible_members(declared.owner) if one.body.replace("this->", "") == declared.body
    ]
    alike = (one for one in there if one.signature.startswith("auto ") or _shape(one) == _shape(declared))
    return next(alike, None)


def _class_heir(declared: Declaration, baseline: Surface, candidate: Surface) -> Declaration | None:
    """The one class that only the candidate has, with nearly all members of the one that is gone, or its base has."""
    functions = (one.name for one in baseline.members(declared.qualified) if one.form == "function")
    members = {name for name in functions if name.isidentifier() and name != declared.name}
    asked = set(sorted(members, key=lambda one: (-len(one), one))[:_ASKED])
    declaring = Counter(file for name in asked if len(asked) > _FEW for file in candidate.declaring(name))
    votes: Counter[str] = Counter()
    for file in (one for one, count in declaring.items() if 3 * count >= len(asked)):
        named = {(one.owner, one.name) for one in candidate.declared_in(file) if one.name in asked}
        known = {one.owner for one in baseline.declared_in(file)} if named else set()
        votes.update(owner for owner, _ in named if names_a_class(owner) and owner not in known)
    found = []
    for owner, count in votes.items():
        if 3 * count >= len(asked) and _has_nearly_all(members, owner, candidate) and not baseline.definition_of(owner):
            found += [one for one in (candidate.definition_of(owner),) if one is not None]
    if len(found) != 1:
        return None
    words = set(words_of(declared.name))  # ThreadPool is StdThreadPool, which is to be called DefaultThreadPool
    others = (one for one in candidate.declared_in(found[0].file) if stands_for(one) == found[0].name)
    return next((one for one in others if words <= set(words_of(one.name))), found[0])


def _operation_heir(declared: Declaration, baseline: Surface, candidate: Surface) -> Declaration | None:
    """The one operation that came for one of the same operands and nearly the same name."""
    old, new = (
        {one.name: one for one in surface.declared_in(declared.file) if one.form == "class" and one.is_definition}
        for surface in (baseline, candidate)
    )
    came = [one for name, one in new.items() if name not in old and one.owner == declared.owner]
    for is_called in (_is_word_by_word, str.endswith):
        heirs = [one for one in came if is_called(one.name, declared.name)]
        if heirs:
            same = _operands(declared, baseline) == _operands(heirs[0], candidate)
            is_alone = len(heirs) == 1 and not is_narrower(declared.name, heirs[0].name, old)
            return heirs[0] if is_alone and same else None
    return None


def _is_word_by_word(new: str, old: str) -> bool:
    """``ReduceProductOp`` is ``ReduceProdOp``: no word more, and each of them begins as the other."""
    words, now = words_of(old), words_of(new)
    return len(words) == len(now) and all(
        one == other or (len(one) >= _ABBREVIATED and other.startswith(one))
        for one, other in zip(words, now, strict=True)
    )


def _operands(operation: Declaration, surface: Surface) -> set[str]:
    return {one.name for one in surface.members(operation.qualified) if one.name.endswith("Mutable")}


def _has_nearly_all(members: set[str], owner: str, surface: Surface) -> bool:
    """Itself or by its bases, which are looked for only where they are needed."""
    missing, may_miss = set(members), (1 - _NEARLY_ALL) * len(members)
    for each in surface.lineage(owner):
        missing -= {one.name for one in surface.members(each)}
        if len(missing) <= may_miss:
            return True
    return False


def called_by(declared: Declaration, surface: Surface) -> Declaration | None:
    """What a function did nothing but ask, where ``surface`` has it."""
    match = _FORWARDS.fullmatch(declared.body)
    there = surface.named(match["name"], declared.owner) if match is not None else ()
    return there[0] if there and there[0].name != declared.name and not is_leaving(there[0], surface) else None


def is_leaving(declared: Declaration, surface: Surface) -> bool:
    """Whether LLVM says of it that it is not to be used any more."""
    return is_never_called(declared) or _LEAVING.search(surface.said_of(declared)) is not None


def _says_more(old: str, new: str, others: Iterable[str]) -> bool:
    """``addAttributeAtIndex`` after ``addAttribute``: the old name, and words behind it, or new ones in between."""
    words, now = words_of(old), words_of(new)
    rest = iter(now)
    is_longer = now[: len(words)] == words or (
        all(word in rest for word in words) and not is_narrower(old, new, others)
    )
    return is_longer and len(old) > _SHORT


def _beside(declared: Declaration, enumeration: Declaration | None, surface: Surface) -> tuple[Declaration, ...]:
    """What the class or, in that header, the namespace declares; of an enumeration, its own enumerators alone."""
    if enumeration is not None:
        alike = (one for one in surface.declared_in(declared.file) if one.form == "enum")
        alike = (one for one in alike if one.qualified == enumeration.qualified)
        return tuple(each for one in alike for each in enumerators_of(one, surface))
    there = surface.members(declared.owner) if names_a_class(declared.owner) else ()
    return there or tuple(one for one in surface.declared_in(declared.file) if one.owner == declared.owner)


def _shape(declared: Declaration) -> str:
    return _NO_MATTER.sub("", _PARAMETER.sub("", _without(declared, declared.signature)))


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
    shared = {word for word in words_of(one.name) if len(word) > 3} & set(words_of(other.name))
    is_alike = shared or difflib.SequenceMatcher(None, one.name.lower(), other.name.lower()).ratio() > _ALIKE
    if is_alike and not is_sibling(one.name, other.name):
        return True
    said, now = _comment(baseline.said_of(one)), _comment(candidate.said_of(other))
    return bool(said) and difflib.SequenceMatcher(None, said, now).ratio() > _ALIKE


def _comment(said: str) -> list[str]:
    return re.findall(r"\w+", " ".join(line for line in said.split("\n") if line.lstrip().startswith(("//", "*"))))


def spelled_otherwise(name: str, owner: str, surface: Surface) -> Declaration | None:
    """What the class or namespace has of the same words: ``starts_with`` for ``startswith``, ``getX`` for ``X``."""
    bare = _letters(name)
    if names_a_class(owner):
        others = [one for one in surface.visible_members(owner) if one.name != name]
        spelled = (one for one in others if _letters(one.name) == bare)
        return next(spelled, None) or next((one for one in others if is_said_otherwise(name, one.name)), None)
    front = f"{name[:1].upper()}{name[1:]}"
    for other in (f"get{front}", f"{name[3:4].lower()}{name[4:]}" if name.startswith("get") else ""):
        for one in surface.declarations(other, owner) if other and owner else ():
            return one
    return None


def _letters(name: str) -> str:
    return name.replace("_", "").lower().removeprefix("get")


def is_never_called(declared: Declaration) -> bool:
    """Whether its body is there only so that old code compiles."""
    return _NEVER.match(declared.body) is not None


def same_to_callers(declared: Declaration) -> str:
    """A declaration without what does not matter to who calls it, to be compared."""
    return declared.qualified + _NO_MATTER.sub("", re.sub(r"\bvirtual\b", "", declared.signature))
