"""Values that no longer convert to what LLVM takes: given as what is asked for, where one way to do so is known.

The compiler names both types. A pointer to what is asked for is dereferenced, an object's address is taken; a class
that is made explicitly is made so; what a few LLVM types hand out is asked of them, as LLVM's own users were changed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.fix.cure import Cure, CureSearch
from pytest_llvmgate.fix.expressions import argument_at, operands_at, value_at
from pytest_llvmgate.fix.namespaces import speaks_of
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.signatures import parameters
from pytest_llvmgate.kinds.facts import NAME
from pytest_llvmgate.objects.cxx_names import last_name, without_template_arguments
from pytest_llvmgate.surface.cxx_declarations import Declaration

_TYPE: Final = r"'(?P<{0}>[^'\n]+)'(?: [({{]aka '(?P<{0}_aka>[^'\n]+)'[)}}])?"
_A, _B = _TYPE.format("given"), _TYPE.format("wanted")
_OF_ARGUMENT: Final = (
    re.compile(rf"no known conversion from {_A} to {_B} for (?P<number>\d+)(?:st|nd|rd|th) argument"),
    re.compile(rf"no known conversion for argument (?P<number>\d+) from {_A} to {_B}"),
)
_OF_VALUE: Final = (
    re.compile(rf"cannot initialize an? (?:\w++ ){{1,6}}of type {_B} with an [lr]value of type {_A}"),
    re.compile(rf"no viable conversion from (?:returned value of type )?{_A} to (?:function return type )?{_B}"),
    re.compile(rf"assigning to {_B} from incompatible type {_A}"),
    re.compile(rf"cannot convert {_A} to {_B}"),
    re.compile(rf"could not convert '[^'\n]+' from {_A} to {_B}"),
    re.compile(rf"conversion from {_A} to non-scalar type {_B} requested"),
    re.compile(rf"reference of type {_B} from (?:expression|an [lr]value) of type {_A}"),
    re.compile(rf"reference to type {_B} cannot bind to a value of unrelated type {_A}"),
    re.compile(rf"reference to type {_B} could not bind to an [lr]value of type {_A}"),
)
_OPERATOR: Final = re.compile(
    r"(?:invalid operands to binary expression|no match for 'operator[^'\n]{1,3}' \(operand types are) ?\(?"
    r"'(?P<left>[^'\n]+)'(?: [({]aka '[^'\n]+'[)}])? and '(?P<right>[^'\n]+)'|no viable overloaded '(?P<sum>\+=)'"
)
_STRINGS_OF_LLVM: Final = frozenset({"StringRef", "Triple", "Twine"})
_EXPLICIT: Final = re.compile(r"explicit constructor is not a candidate")
_OWNER: Final = re.compile(r"(?P<kind>unique_ptr|shared_ptr|IntrusiveRefCntPtr)<(?P<of>[^<>,]++)(?:,.{0,500})?>$")
_MAKERS: Final = {
    "unique_ptr": "std::make_unique",
    "shared_ptr": "std::make_shared",
    "IntrusiveRefCntPtr": "llvm::makeIntrusiveRefCnt",
}
_MOST: Final = 4
_SIMPLE: Final = re.compile(r"[\w.:>\-]+(?:\([^()]*\))?")
"""What an operator in front or behind may stand at without brackets."""


@dataclass(frozen=True, kw_only=True)
class _Known:
    """How LLVM's own users were changed where they gave one type and another one is taken now."""

    given: str
    wanted: str
    """Last parts, both as a regular expression; a ``*`` is part of the type."""
    written: str
    """``$x`` is the value, ``$t`` the type that is wanted."""
    source: str
    value: str = ".+"
    """Which values it is about."""


_DEBUG_INFO: Final = "llvm.org/docs/RemoveDIsDebugInfo: instructions are inserted by iterators"
_LEVELS: Final = "LLVM 19, GreedyPatternRewriteDriver.h: regions are simplified by levels"
_STRINGS: Final = "LLVM, {}: a string is asked for by str()"
_KNOWN: Final = (
    _Known(given="bool", wanted="GreedySimplifyRegionLevel", written="$t::Disabled", source=_LEVELS, value="false"),
    _Known(given="bool", wanted="GreedySimplifyRegionLevel", written="$t::Aggressive", source=_LEVELS, value="true"),
    _Known(given=r"Instruction \*", wanted="iterator|InsertPosition", written="$x->getIterator()", source=_DEBUG_INFO),
    _Known(given="iterator", wanted=r"Instruction \*", written="&*$x", source=_DEBUG_INFO),
    _Known(given="Align", wanted=r"(?:unsigned |long )*(?:int|long|unsigned)|u?int(?:32|64)_t|size_t",
           written="$x.value()", value=r".+(?<!\.value\(\))",
           source="LLVM 15, Alignment.h: an alignment says its value()"),
    _Known(given="StringRef", wanted="string|basic_string", written="$x.str()", source=_STRINGS.format("StringRef.h")),
    _Known(given="Twine", wanted="string|basic_string", written="$x.str()", source=_STRINGS.format("Twine.h")),
    _Known(given="Triple", wanted="string|basic_string|StringRef|Twine", written="$x.str()",
           source="LLVM 21, Module.h: the target triple is a Triple"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Conversions(CureSearch):
    """Cures of one error by the types that it names."""

    def cures(self) -> Iterator[Cure]:
        """The likeliest first."""
        if not self.trouble.is_here or not self.place.column:
            return
        yield from self._beside_an_operator()
        is_value = any(pattern.search(self.trouble.message) for pattern in _OF_VALUE)
        # What the notes say of arguments then is about those of constructors.
        patterns = _OF_VALUE if is_value else (*_OF_VALUE, *_OF_ARGUMENT)
        found = [match for pattern in patterns for match in pattern.finditer(self.trouble.about)]
        for match in found[: 2 * _MOST]:
            number = match.groupdict().get("number")
            where = argument_at(self.text, self.place, int(number)) if number else value_at(self.text, self.place)
            if where is None:
                continue
            value = self.text[slice(*where)]
            types = [[one for one in (match[side], match[f"{side}_aka"]) if one] for side in ("given", "wanted")]
            for given, wanted in itertools.product(*types):
                is_reference = "&" in match["wanted"] or "reference" in match[0]
                for new, source in self._written(value, _plain(given), _plain(wanted), is_reference=is_reference):
                    yield self.cure(
                        Edit(start=where[0], end=where[1], text=new),
                        source=source,
                        what=f"{_short(value)} -> {_short(new)}",
                    )

    def _beside_an_operator(self) -> Iterator[Cure]:
        """``stream << name`` and ``string += name``: what the standard library has no operator for is made a string."""
        match = _OPERATOR.search(self.trouble.message)
        operands = operands_at(self.text, self.place) if match is not None else ()
        for where, side in zip(operands, ("left", "right"), strict=False):
            is_sum = match is not None and match["sum"] and side == "right"
            if is_sum or (match is not None and _last(match[side] or "") in _STRINGS_OF_LLVM):
                value = self.text[slice(*where)]
                yield self.cure(
                    Edit(start=where[0], end=where[1], text=f"{_bracketed(value)}.str()"),
                    source=_STRINGS.format("StringRef.h"),
                    what=f"{_short(value)} -> {_short(_bracketed(value))}.str()",
                )

    def _written(self, value: str, given: str, wanted: str, *, is_reference: bool) -> Iterator[tuple[str, str]]:
        yield from self._as_known(value, given, wanted)
        is_new = value.startswith("new ")
        yield from _owned(value, wanted) if is_new else _reached(value, given, wanted, is_reference=is_reference)
        yield from self._made(value, given, wanted)

    def _as_known(self, value: str, given: str, wanted: str) -> Iterator[tuple[str, str]]:
        for known in _KNOWN:
            types = re.fullmatch(known.given, _last(given)) and re.fullmatch(known.wanted, _last(wanted))
            if types and re.fullmatch(known.value, value, re.DOTALL):
                new = known.written.replace("$x", _bracketed(value)).replace("$t", self._qualified(wanted))
                yield new, known.source

    def _made(self, value: str, given: str, wanted: str) -> Iterator[tuple[str, str]]:
        """By an explicit constructor: of the one class of LLVM's that is asked for, where it takes one argument so."""
        candidate, name = self.difference.candidate, without_template_arguments(wanted)
        last = last_name(name)
        if candidate is None or "*" in wanted or "<" in wanted or not last[:1].isupper() or value.startswith("{"):
            return
        if "constructor" in self.trouble.message and self.trouble.facts.get(NAME) == last:
            return  # of what is made there already, a copy
        own = [one for one in candidate.declarations(last, name) if last_name(one.owner) == last]
        own = [one for one in own if one.form == "function" and _may_take(one, given)]
        is_explicit = _EXPLICIT.search(self.trouble.about) or any(one.signature.startswith("explicit") for one in own)
        if len({one.owner for one in own}) == 1 and is_explicit:
            yield f"{self._qualified(name)}({value})", f"the candidate's {own[0].where}: made explicitly"

    def _qualified(self, name: str) -> str:
        """With its namespace, where the text does not use that."""
        candidate = self.difference.candidate
        if "::" in name or candidate is None:
            return name
        owners = {one.owner for one in candidate.declarations(name) if one.is_definition}
        owner = next(iter(owners)) if len(owners) == 1 else ""
        return name if not owner or speaks_of(owner, self.text) else f"{owner}::{name}"


def _may_take(constructor: Declaration, given: str) -> bool:
    """What is no pointer makes nothing that is made of one."""
    taken = parameters(constructor) or ()
    is_pointer = "*" in given or "[" in given or "nullptr" in given
    return bool(taken) and (is_pointer or "*" not in taken[0].type)


def _reached(value: str, given: str, wanted: str, *, is_reference: bool) -> Iterator[tuple[str, str]]:
    """By address or through a pointer."""
    source = "the compiler: whether a pointer is taken"
    given, wanted = _last(given), _last(wanted)
    owner = _OWNER.search(given)
    if wanted == f"{given} *":
        yield (value[1:].strip() if value.startswith("*") else f"&{_bracketed(value)}"), source
    elif given == f"{wanted} *" and is_reference:  # a copy of what was pointed to is another object
        yield (value[1:].strip() if value.startswith("&") else f"*{_bracketed(value)}"), source
    elif owner and _last(owner["of"]) == wanted:
        yield f"*{_bracketed(value)}", source
    elif owner and f"{_last(owner['of'])} *" == wanted:
        yield f"{_bracketed(value)}.get()", source


def _owned(value: str, wanted: str) -> Iterator[tuple[str, str]]:
    """``new T(...)`` where what owns it is taken now."""
    owner, made = (
        _OWNER.search(wanted),
        re.fullmatch(r"new\s+(?P<type>[\w:]+(?:<[^()]*>)?)\s*(?P<given>\(.*\))?", value, re.DOTALL),
    )
    if owner and made:
        maker = _MAKERS[owner["kind"]]
        yield f"{maker}<{made['type']}>{made['given'] or '()'}", f"the compiler: a {owner['kind']} is taken"


def _plain(written: str) -> str:
    """A type without ``const``, references and what elaborates it."""
    return " ".join(re.sub(r"\b(?:const|class|struct|enum)\b|&", " ", written).replace("*", " * ").split())


def _last(written: str) -> str:
    return re.sub(r"(?:\b\w+)?::", "", _plain(written))


def _bracketed(value: str) -> str:
    return value if _SIMPLE.fullmatch(value) else f"({value})"


def _short(text: str) -> str:
    return " ".join(text.split())[:80]
