"""Enumerations that became scoped ones: whose an enumerator was, and what it is called now.

``CGFT_ObjectFile`` is ``CodeGenFileType::ObjectFile``, ``clang::NoLinkage`` one of ``clang::Linkage``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_llvmgate.objects.cxx_names import last_name
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.llvm_surface import Surface

_WORDS: Final = re.compile(r"[A-Z][a-z0-9]*|[A-Z]+(?![a-z])")


def enumeration_of(declared: Declaration, surface: Surface) -> Declaration | None:
    """The enumeration that an enumerator is of, or that a name is; of any other declaration ``None``."""
    if declared.form not in {"enumerator", "enum"}:
        return None
    there = [one for one in surface.declared_in(declared.file) if one.form == "enum" and one.line <= declared.line]
    found = max(there, key=lambda one: one.line, default=None)
    return found if found is not None and declared.owner in {found.owner, found.qualified} else None


def enumerators_of(enumeration: Declaration, surface: Surface) -> list[Declaration]:
    """Those of one enumeration: they follow it."""
    there = surface.declared_in(enumeration.file)
    behind = there[there.index(enumeration) + 1 :]
    return list(itertools.takewhile(lambda one: one.form == "enumerator", behind))


def heirs_of(old: Declaration, baseline: Surface, candidate: Surface) -> list[Declaration]:
    """What the header has got with all enumerators of an enumeration: ``CodeGenOptLevel`` for ``CodeGenOpt::Level``."""
    known = {one.qualified for one in baseline.declared_in(old.file)}
    names = [one.name for one in enumerators_of(old, baseline)]
    return [
        one
        for one in candidate.declared_in(old.file)
        if one.form == "enum" and one.is_definition and one.qualified not in known and names
        if _has_all(names, [each.name for each in enumerators_of(one, candidate)])
    ]


def _has_all(old: Sequence[str], new: Sequence[str]) -> bool:
    return all(any(is_short_for(name, other) for other in new) for name in old)


def scoped_now(old: Declaration, baseline: Surface, candidate: Surface) -> Iterator[tuple[Declaration, Declaration]]:
    """Scoped enumerations of the candidate that took the place of an enumerator's, each with what it is called there.

    Where nothing there is called alike, the enumeration stands for it.
    """
    enumeration = enumeration_of(old, baseline)
    if enumeration is None:
        return
    same = [one for one in candidate.declarations(enumeration.name) if one.form == "enum" and one.is_definition]
    same = [one for one in same if one.owner == enumeration.owner] or same
    for heir in heirs_of(enumeration, baseline, candidate) or same:
        every = _scoped(heir, candidate)
        alike = [one for one in every if is_short_for(old.name, one.name, heir.name)]
        is_new = bool(every) and old.owner != heir.qualified
        yield from ((heir, one) for one in alike or [heir][:is_new])


def by_spelling(name: str, scope: str, candidate: Surface) -> Iterator[Declaration]:
    """``CGFT_X`` by the first letters of ``CodeGenFileType``, ``StringLiteral::X`` as ``StringLiteralKind::X``.

    ``XLinkage`` is of ``Linkage``, where its namespace has such a scoped enumeration.
    """
    start, _, short = name.partition("_")
    for spelled in (short, name):
        for one in candidate.declarations(spelled) if spelled else ():
            if one.form != "enumerator" or not one.owner:
                continue
            owner = last_name(one.owner)
            letters = "".join(word[0] for word in _WORDS.findall(owner))
            of_letters = spelled == short and len(start) > 1 and letters == start.upper()
            if of_letters or (
                scope and spelled == name and owner != last_name(scope) and owner.startswith(last_name(scope))
            ):
                yield one
    last = next(reversed(_WORDS.findall(name)), name)
    for heir in candidate.declarations(last, scope) if scope and last != name else ():
        every = _scoped(heir, candidate) if heir.form == "enum" and heir.owner == scope else []
        alike = [one for one in every if is_short_for(name, one.name, heir.name)]
        yield from alike or [heir][: len(every)]


def _scoped(enumeration: Declaration, surface: Surface) -> list[Declaration]:
    """The enumerators of a scoped enumeration; of another one none."""
    return [one for one in enumerators_of(enumeration, surface) if one.owner == enumeration.qualified]


def is_short_for(old: str, new: str, enumeration: str = "") -> bool:
    """``CGFT_ObjectFile`` and ``ObjectFile``, ``lang_cxx`` and ``CXX``, ``WeakLinkage`` and ``Linkage::Weak``."""
    bare = re.sub(r"^[A-Za-z]+_", "", old).lower()
    return old == new or new.lower() in {bare, bare.removesuffix(enumeration.lower())}
