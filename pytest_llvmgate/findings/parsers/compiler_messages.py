"""What C++ compilers say about changed APIs, reduced to a class and an identifier.

The shapes follow the message catalogues of GCC (``cp/*.cc``), clang (``DiagnosticSemaKinds.td``) and MSVC (the C2xxx
pages). Patterns expect apostrophes for quotes.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from pytest_llvmgate.findings.lines import first_group, plain_quotes
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.objects.cxx_names import (
    bare_type,
    function_name,
    last_name,
    names_a_class,
    without_template_arguments,
)
from pytest_llvmgate.owners.llvms_names import is_llvms_include, is_llvms_name, is_llvms_symbol, version_included


@dataclass(frozen=True, kw_only=True)
class MessageShape:
    """A classified message."""

    kind: str
    identifier: str
    name: str = ""
    """The last part of the identifier, without template arguments: what to search for."""
    scope: str = ""
    """The namespace or class that was expected to have it."""
    form: str = ""
    """Which shape matched: ``not-member``, ``no-match`` ..."""
    follow_on: bool = False


@dataclass(frozen=True, kw_only=True)
class _Rule:
    form: str
    kind: str
    pattern: re.Pattern[str]
    follow_on: bool = False


def _rule(form: str, kind: str, *patterns: str, follow_on: bool = False) -> _Rule:
    """A rule; ``N`` and ``S`` in a pattern stand for the quoted name and scope."""
    text = "|".join(f"(?:{pattern})" for pattern in patterns)
    return _Rule(form=form, kind=kind, pattern=re.compile(_number(text)), follow_on=follow_on)


def _number(text: str) -> str:
    """Give every quoted N, S, A or B a group with a distinct name: the number that :func:`_quotations` gives."""
    counter = iter(range(1000))
    text = re.sub(r"'([NSAB])'", lambda match: f"'(?P<{match[1]}{next(counter)}>\0\\d{{1,6}})'", text)
    return text.replace(".*", ".{0,300}")  # a search tries every place: what it looks through there has to end


_RULES: Final = (
    _rule("deprecated", kinds.API_DEPRECATED, r"'N' is deprecated.*\[-Werror", r"'N': was declared deprecated"),
    _rule(
        "undeclared",
        kinds.COMPILE_ERROR,
        r"implicit declaration of function 'N'",
        r"call to undeclared (?:library )?function 'N'",
        r"'N' undeclared \(first use",
    ),
    _rule("warning", kinds.WARNING_AS_ERROR, r"\[-Werror[=,]", r"\[-Wfatal-errors\]", r"warning treated as error"),
    _rule(
        "not-member",
        kinds.API_REMOVED,
        r"'N' is not a member of 'S'",
        r"'N' has not been declared in 'S'",
        r"'S' has no member named 'N'",
        r"no (?:member|type|template)(?: named)? 'N' in (?:namespace )?'S'",
        r"'N' in (?:namespace |class |struct )?'S' does not name a (?:template )?type",
        r"'N': is not a member of 'S'",
        r"no member named 'N' in the global namespace",
        r"using declaration '?'N'.* no members? matching",
    ),
    _rule(
        "undeclared",
        kinds.API_REMOVED,
        r"'N' was not declared in this scope",
        r"'N' has not been declared",
        r"'N' does not name a (?:template )?type",
        r"'N' is not a class, namespace,? or enumeration",
        r"'N' is not a (?:namespace-name|template|class|type)",
        r"use of undeclared identifier 'N'",
        r"unknown (?:type|class|template) name 'N'",
        r"no (?:type|template|namespace) named 'N'",
        r"expected namespace name",
        r"there are no arguments to 'N' that depend on a template parameter",
        r"'N': (?:undeclared identifier|identifier not found|is not a class or namespace name)",
        r"'N': (?:a )?(?:namespace|class) with this name does not exist",
        r"'N': unknown override specifier",
        r"'N' was not declared",
        r"member initializer 'N' does not name a non-static data member or base class",
        r"type 'N' is not a (?:direct |virtual )*base of",
    ),
    _rule("undepended", kinds.HEADER_MISSING, r"^module \S{1,300} does not depend on a module exporting 'N'"),
    _rule(
        "override",
        kinds.API_CHANGED,
        r"'N' marked 'override',? but does not override",
        r"'N' marked 'final',? but is not virtual",
        r"only virtual member functions can be marked '(?:override|final)'",
        r"non-virtual member function marked '(?:override|final)' hides virtual member function",
        r"'N': method with override specifier 'override' did not override",
        r"conflicting return type specified for 'N'",
        r"virtual function 'N' has a different return type",
        r"overriding 'N'",
        r"virtual function 'N' cannot have",
        r"declaration of 'N' overrides a 'final' function",
    ),
    _rule(
        "abstract",
        kinds.API_CHANGED,
        r"invalid new-expression of abstract class type 'N'",
        r"allocating an object of abstract class type 'N'",
        r"cannot (?:declare|allocate).* (?:of|to be of|an object of) abstract (?:class )?type 'N'",
        r"(?:variable|field|parameter|return) type 'N' is an abstract class",
        r"'N': cannot instantiate abstract class",
    ),
    _rule(
        "no-declaration",
        kinds.API_CHANGED,
        r"no declaration matches 'N'",
        r"out-of-line (?:definition|declaration) of 'N' does not match any declaration in 'S'",
        r"'N': overloaded member function not found in 'S'",
        r"no (?:'N'|\S{1,300}) member function declared in class 'S'",
    ),
    _rule(
        "no-match",
        kinds.API_CHANGED,
        r"no matching function for call to 'N'",
        r"no matching (?:member function for call to|constructor for initialization of|conversion for \S+ cast to) 'N'",
        r"too (?:few|many) (?:template )?arguments (?:to|for|provided to) (?!function call).*?'N'",
        r"too (?:few|many) arguments to function call",
        r"which does not have a default constructor",
        r"wrong number of template arguments",
        r"no match for 'N'",
        r"invalid operands to binary expression",
        r"candidate template ignored",
        r"'N': (?:no (?:matching )?overloaded function|function does not take|none of the \d+ overloads)",
        r"'N': cannot convert argument \d+ from",
        r"no instance of (?:overloaded )?function",
    ),
    _rule(
        "convert",
        kinds.API_CHANGED,
        r"could not convert '.*' from 'A' to 'B'",
        r"cannot convert (?:from )?'A' to 'B'",
        r"conversion from (?:returned value of type )?'A' to (?:non-scalar type |function return type )?'B'",
        r"cannot initialize .* of type 'B' with .* of type 'A'",
        r"assigning to 'B' from incompatible type 'A'",
        r"no matching conversion for \S+ cast from 'A' to 'B'",
        r"static_cast from 'A' to 'B'",
        r"cannot bind .* of type 'B' to .* of type 'A'",
        r"reference to type 'B' (?:cannot|could not) bind to .* type 'A'",
        r"invalid (?:static_cast|cast|const_cast|initialization).*?type 'A'",
        r"binding reference of type 'B' to value of type 'A'",
        r"no viable overloaded '='",
    ),
    _rule(
        "private",
        kinds.API_CHANGED,
        r"'N' is (?:private|protected)(?: within this context|$)",
        r"'N' is a (?:private|protected) member of 'S'",
        r"calling a (?:private|protected) (?:constructor|destructor) of class 'N'",
        r"'N': cannot access (?:private|protected)",
    ),
    _rule(
        "deleted",
        kinds.API_CHANGED,
        r"use of deleted function 'N'",
        r"call to (?:implicitly-)?deleted .*? of 'N'",
        r"attempt(?:ing)? to (?:use|reference) a deleted function",
    ),
    _rule(
        "ambiguous",
        kinds.API_CHANGED,
        r"call of overloaded 'N' is ambiguous",
        r"(?:call|reference|conversion) (?:to|from) 'N' .*?is ambiguous",
        r"'N': ambiguous",
        r"request for member 'N' is ambiguous",
        r"ambiguous overload for 'N'",
    ),
    _rule(
        "incomplete",
        kinds.HEADER_NOT_INCLUDED,
        r"invalid use of incomplete type 'N'",
        r"incomplete type 'N' (?:used|named) in nested name specifier",
        r"member access into incomplete type 'N'",
        r"(?:variable|field|aggregate|object|allocation|subscript|argument).* incomplete type '?'N'",
        r"implicit instantiation of undefined (?:template|member) 'N'",
        r"invalid application of 'sizeof' to (?:an )?incomplete type 'N'",
        r"use of undefined type 'N'",
    ),
    _rule(
        "const",
        kinds.API_CHANGED,
        r"passing 'S' as 'this' argument discards qualifiers",
        r"'this' argument to member function 'N' has type 'S', but function is not marked const",
        r"'N': cannot convert 'this' pointer from 'S'",
    ),
    _rule("base", kinds.API_REMOVED, r"^expected (?:template-name|class-name|class name|type-specifier)(?: before|$)"),
    _rule(
        "static-assert",
        kinds.API_CHANGED,
        r"static (?:assertion|_assert) failed(?: due to requirement)?:? '?N?",
        r"static_assert failed",
    ),
    _rule(
        "constant",
        kinds.API_CHANGED,
        r"case value '.*' not in enumerated type 'N'",
        r"enumeration value 'N' not handled",
    ),
    _rule(
        "redefinition",
        kinds.COMPILE_ERROR,
        r"redefinition of (?:default argument.*)?'N'",
        r"conflicting types for 'N'",
        r"typedef redefinition with different types",
        r"'N' (?:conflicts with|redeclared|was already declared)",
        r"conflicting declaration 'N'",
    ),
    _rule(
        "syntax",
        kinds.COMPILE_ERROR,
        r"^expected ",
        r"^template argument \d+ is invalid",
        r"^stray '",
        r"^extraneous ",
        r"^unknown override",
        r"invalid type in declaration",
        r"^variable or field '.*' declared void",
        r"^cannot deduce",
        r"^unable to deduce",
        r"^type/value mismatch",
        r"^parse error",
        r"^missing template arguments",
        r"must have .* type|required from",
        r"^syntax error",
        r"has initializer but incomplete type",
        r"^no return statement|^non-void|^could not build module ",
        r"cannot be implicitly captured|is not captured$|^reference to local \w+ '.*' declared in enclosing",
        r"^inconsistent deduction for|cannot be used as a function$",
        follow_on=True,
    ),
    _rule("context", kinds.COMPILE_ERROR, r"^within this context$"),
)

_HEADER: Final = re.compile(
    r"^(?:fatal error: )?(?:'(?P<a>[^']+)' file not found|(?P<b>\S[^:]*?): No such file or directory"
    r"|Cannot open include file: '(?P<c>[^']+)'|could not find file '(?P<d>[^']+)')"
)


_STANDS_FOR: Final = re.compile(
    r"'(?:typename [^']*+|(?!u?int)\w*_type)' (?:\(|\{)aka '([^']*+)'[)}]"
    r"|'\w++' (?:\(|\{)aka '((?:llvm|mlir|clang)::[\w:]++)'[)}]"
)
"""What a template calls a type that its user has given it, and what a user calls one of LLVM's."""
_ALIAS: Final = re.compile(r" ?(?:\(aka '[^']*'\)|\{aka '[^']*'\})")


_DIRECTIVE: Final = re.compile(
    r"(?:#error )?\"?([A-Z][A-Z0-9_]{3,}) (?:is|was|has been) (?:now )?(?:deprecated|removed|gone|no longer)\b"
)
"""The word of a header's own ``#error`` about a macro that its user has defined."""


_OF_UNKNOWN_TYPE: Final = re.compile(
    r"which is of non-class type '(?:int|auto)'|'->' has non-pointer type 'int'|^use of 'auto' "
    r"|<expression error>|<type error>"
)
"""What a compiler says of a variable whose type it could not tell, because of an error before."""
_QUOTATION: Final = re.compile(r"(?<!\w)'((?>(?:[^']++|'(?![ ,;:()\].]|$))*))('|$)")
"""From an apostrophe to the one that is followed by what can follow a quotation."""
_KEPT: Final = frozenset({"override", "final", "this", "sizeof", "=", "const"})
"""Quoted words that rules name."""


def _quotations(message: str) -> tuple[str, list[str]]:
    """The message with a number for each quotation, and the quotations.

    A rule then looks at some words, and never through a name of thousands of characters, once for every place in it.
    """
    quoted: list[str] = []

    def number(match: re.Match[str]) -> str:
        if not match[2] or match[1] in _KEPT or not match[1]:
            return match[0]
        quoted.append(match[1])
        return f"'\0{len(quoted) - 1}'"

    return _QUOTATION.sub(number, message), quoted


def plainly(message: str) -> str:
    """A message with the types that its user knows, in place of what a template calls them, and no aliases' types."""
    return (
        _ALIAS.sub("", _STANDS_FOR.sub(lambda match: f"'{match[1] or match[2]}'", message))
        if "aka '" in message
        else message
    )


class Unconverted(NamedTuple):
    """What a note says not to convert."""

    source: str
    target: str
    argument: int
    """Of the call, counted from 1; 0 where the note does not say which."""


@lru_cache(maxsize=20_000)
def unconverted(note: str) -> Unconverted | None:
    """What does not convert, as clang, GCC and MSVC say it; ``None`` for a note on something else."""
    match = _UNCONVERTED.search(plainly(plain_quotes(note))) if "no known conversion" in note else None
    if match is None:
        return None
    source, target = (match[name] or match[f"{name}2"] for name in ("source", "target"))
    return Unconverted(source, target, int(match["at"] or match["at2"] or 0))


_UNCONVERTED: Final = re.compile(
    r"no known conversion (?:for argument (?P<at>\d{1,9}) )?from (?:'(?P<source>[^']{1,1000}+)'|(?P<source2>\S++))"
    r"(?: \{aka '[^']*+'\})? to (?:'(?P<target>[^']{1,1000}+)'|(?P<target2>\S++))"
    r"(?:.{0,400}? for (?P<at2>\d{1,9})\w\w argument)?"
)


class HiddenOverload(NamedTuple):
    """A virtual function that is hidden by one of the same name, which overrides nothing."""

    file: str
    line: int
    name: str
    number: int
    """Of the parameter that is of another type, from 1; 0 where there are more or fewer of them."""
    wanted: str
    """Its type in the hidden function."""
    own: str


_HIDDEN: Final = re.compile(
    r"^(?P<file>[^:\n]{1,400}):(?P<line>\d{1,9}):\d++: note: hidden overloaded virtual function '(?P<name>[^']++)' "
    r"declared here: (?:type mismatch at (?P<number>\d{1,9})\w\w parameter \('(?P<wanted>[^']++)'.{0,300}? vs "
    r"'(?P<own>[^']++)'|different number of parameters)"
)


def hidden_overloads(notes: Iterable[str]) -> list[HiddenOverload]:
    """What clang says to be hidden by a function that is to override something."""
    found = (_HIDDEN.match(plain_quotes(note)) for note in notes)
    return [
        HiddenOverload(
            one["file"], int(one["line"]), one["name"], int(one["number"] or 0), one["wanted"] or "", one["own"] or ""
        )
        for one in found
        if one is not None
    ]


def meant_overload(
    found: Sequence[HiddenOverload], is_called_alike: Callable[[HiddenOverload], bool] = lambda _: False
) -> HiddenOverload | None:
    """Which of several is to be overridden: whose parameter is called alike, where that is known, or is most alike."""
    meant = [one for one in found if is_called_alike(one)] or list(found)
    best = max(map(_likeness, meant), default=0.0)
    alike = [one for one in meant if _likeness(one) == best]
    return alike[0] if len(alike) == 1 else None


def _likeness(hidden: HiddenOverload) -> float:
    """How much alike both types are spelled, 0 to 1."""
    return difflib.SequenceMatcher(None, hidden.wanted, hidden.own).ratio() if hidden.number else 0.0


@lru_cache(maxsize=20_000)
def classify(message: str) -> MessageShape:
    """The class and identifier of a compiler's error message (with plain quotes)."""
    message = plainly(message)
    if match := _HEADER.match(message):
        return header(first_group(match))
    if match := _DIRECTIVE.match(message):
        return MessageShape(kind=kinds.API_REMOVED, identifier=match[1], name=match[1], form="directive")
    if _OF_UNKNOWN_TYPE.search(message):
        return MessageShape(kind=kinds.COMPILE_ERROR, identifier=normalise(message), form="syntax", follow_on=True)
    words, quoted = _quotations(message)
    for rule in _RULES:
        if match := rule.pattern.search(words):
            return _shape(rule, match, message, quoted)
    if name := missed_of_c_api(message):
        return MessageShape(kind=kinds.API_REMOVED, identifier=name, name=name, form="undeclared")
    return MessageShape(
        kind=kinds.COMPILE_ERROR, identifier=normalise(message.partition(", did you mean: ")[0]), form="other"
    )


_C_API: Final = re.compile(r"(?<!\w)(?:C\.)?(?P<name>LLVM[A-Z][a-z]\w++|clang_[a-z]\w++)(?!:)")
_MISSES: Final = re.compile(
    r"(?i)\b(?:undefined|undeclared|unresolved|unbound|unknown|cannot find|can't find|could not|not found|not defined"
    r"|not in scope|not a member|has no|no (?:field|member|property|such)|does not (?:exist|contain))\b"
)


def missed_of_c_api(message: str) -> str:
    """The function of LLVM's C API that a message, of whatever language, says to be missed; else empty."""
    name = _C_API.search(message)
    return name["name"] if name is not None and _MISSES.search(message) else ""


def header(name: str) -> MessageShape:
    """A header that the compiler did not find."""
    if name.endswith((".pb.h", ".capnp.h")):
        return MessageShape(kind=kinds.GENERATED_HEADER_MISSING, identifier=name, name=name, form="by-protoc")
    if directory := version_included(name)[0]:  # one cause, however many headers are asked for below it
        return MessageShape(kind=kinds.HEADER_MISSING, identifier=directory, name=name, form="versioned")
    kind = kinds.GENERATED_HEADER_MISSING if name.endswith(".inc") else kinds.HEADER_MISSING
    return MessageShape(kind=kind, identifier=name, name=name, form="header" if is_llvms_include(name) else "another")


_MACRO: Final = re.compile(r"(?!_?(?:LLVM|MLIR|CLANG|LLD|GEN|GET|DEBUG)_)[A-Z_][A-Z0-9]*_[A-Z0-9_]*$")
"""A name that is written as macros are, and not as LLVM's."""


def _shape(rule: _Rule, match: re.Match[str], message: str, quoted: Sequence[str]) -> MessageShape:
    found: dict[str, str] = {}
    for group, text in match.groupdict().items():
        if text is not None:
            found.setdefault(group[0], quoted[int(text[1:])])
    if "A" in found and "B" in found:
        identifier = f"{bare_type(found['A'])} -> {bare_type(found['B'])}"
        return MessageShape(kind=rule.kind, identifier=identifier, name=last_name(found["B"]), form=rule.form)
    if "N" not in found:
        return MessageShape(kind=rule.kind, identifier=normalise(message), form=rule.form, follow_on=rule.follow_on)
    if rule.form == "no-match" and (conversion := _conversion(found["N"])):
        return conversion
    name = function_name(found["N"])
    scope = bare_type(found.get("S", ""))
    qualified = name if not scope or name.startswith(f"{scope}::") else f"{scope}::{name}"
    is_others = rule.form == "undeclared" and _MACRO.match(qualified) is not None
    is_of_c_api = rule.form == "undeclared" and is_llvms_symbol(qualified)  # in C, every name says whose it is
    owner = scope or qualified.rpartition("::")[0]
    is_member = rule.form == "undeclared" and is_llvms_name(owner) and names_a_class(owner)
    return MessageShape(
        kind=kinds.COMPILE_ERROR if is_others else kinds.API_REMOVED if is_of_c_api else rule.kind,
        identifier=qualified or normalise(message),
        name=last_name(qualified),
        scope=owner,
        form="not-member" if is_member else rule.form,
        follow_on=rule.follow_on,
    )


def _conversion(signature: str) -> MessageShape | None:
    """A constructor that takes no such argument is a conversion that is gone: ``A::A(const B&)`` as ``B -> A``."""
    name, _, arguments = without_template_arguments(signature).partition("(")
    owner, _, last = name.rpartition("::")
    argument = arguments.removesuffix(")")
    if not owner or last_name(owner) != last or not argument or "," in argument:
        return None
    source = bare_type(argument)
    return MessageShape(kind=kinds.API_CHANGED, identifier=f"{source} -> {owner}", name=last, form="convert")


_PATHS: Final = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?>(?:[/\\][\w.+@~-]++){2,})")
_NUMBERS: Final = re.compile(r"\b(?:0x[0-9a-fA-F]+|\d{2,})\b")


def normalise(message: str) -> str:
    """A message as an identifier: the same on every machine and at every line."""
    text = _PATHS.sub(_base_name, _ALIAS.sub("", message))
    text = _NUMBERS.sub("N", text)
    return " ".join(text.split())[:200]


def _base_name(match: re.Match[str]) -> str:
    return re.split(r"[/\\]", match[0])[-1]
