"""The words of findings: the sentences of :mod:`pytest_llvmgate.kinds`, filled in with what a log says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pytest_llvmgate.findings.groups import Group
from pytest_llvmgate.findings.lines import plain_quotes
from pytest_llvmgate.findings.parsers.compiler_messages import hidden_overloads, meant_overload, unconverted
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.kinds.description import PLAIN_HEADLINE, Variant
from pytest_llvmgate.llvm.system_packages import is_system_s
from pytest_llvmgate.model import Confidence, Layer, Location
from pytest_llvmgate.objects.cxx_names import bare_type, enclosing_call, function_name, last_name, names_a_class
from pytest_llvmgate.owners.file_owners import belongs_elsewhere
from pytest_llvmgate.owners.llvms_names import is_llvms_library, is_llvms_name, is_llvms_symbol
from pytest_llvmgate.owners.standard_names import header_of
from pytest_llvmgate.wording import listed


def headline(group: Group, *, layer: Layer, component: str, place: Location | None, in_gate: bool = True) -> str:
    """One sentence for the group.

    What a gate sees of LLVM's own code accuses the commit; in a stranger's log the machine or the settings may be at
    fault with which that LLVM is built.
    """
    text = _template(group).format_map(_values(group, place))
    if layer is not Layer.LLVM or component:
        return text
    return f"LLVM itself is broken: {text}" if in_gate else f"In LLVM's own code: {text}"


def _template(group: Group) -> str:
    """The sentence of the form that the message has, else that of the kind."""
    form = variant(group)
    if not form.headline:
        return kind_of(group.kind).headline
    source, _, target = group.identifier.partition(" -> ")
    tells_more = fact.NAME in group.facts and source != target  # X to X: a temporary where a reference is asked
    return PLAIN_HEADLINE if form.needs_name and not tells_more else form.headline


def variant(group: Group) -> Variant:
    """What the form of the group's message says otherwise than its kind."""
    facts = group.facts
    return kind_of(group.kind).variants.get(facts.get(fact.FORM) or facts.get(fact.SORT, ""), _NO_VARIANT)


_NO_VARIANT: Final = Variant()


def _may_be_elsewhere(facts: Mapping[str, str]) -> bool:
    """Whether a name may be missed where it never was: neither do two LLVMs show that it went, nor lacks it a class."""
    return fact.BEFORE not in facts if fact.FATE in facts else not names_a_class(facts.get(fact.SCOPE, ""))


def _values(group: Group, place: Location | None) -> dict[str, str]:
    event = group.first
    facts = event.facts
    by, pure, names = facts.get(fact.BY, ""), facts.get(fact.PURE, ""), facts.get(fact.NAMES, "")
    source, _, target = group.identifier.partition(" -> ")
    program = facts.get(fact.PROGRAM, "")
    edge = event.edge.description or event.edge.output if event.edge else ""
    return {
        "id": short_symbol(group.identifier) if group.kind == kinds.DUPLICATE_SYMBOL else group.identifier,
        "message": shorten(
            f"assertion '{facts[fact.ASSERTION]}' failed" if facts.get(fact.ASSERTION) else event.message
        ),
        "at": f" ({place})" if place else "",
        "tests": _in_tests(tuple(group.tests)),
        "in_edge": f" ({edge})" if edge else "",
        "by": f" (needed by '{by}')" if by else "",
        "by_name": by,
        "targets": ", ".join(f"'{name}'" for name in names.split(", ")) if names else f"'{group.identifier}'",
        "program": f"'{program}'" if program else "A program",
        "in_call": _in_call(group, target),
        "submodule": f" (submodule {facts[fact.SUBMODULE]})" if facts.get(fact.SUBMODULE) else "",
        "file": f" ({facts[fact.FILE]})" if facts.get(fact.FILE) else "",
        "reason": f": {shorten(facts[fact.REASON])}" if facts.get(fact.REASON) else "",
        "pure": f": {pure} must be implemented now" if pure else "",
        "overrides": facts.get(fact.OVERRIDES) or group.identifier,
        "names": names,
        "is_gone_from": "is not in" if _may_be_elsewhere(facts) else "is gone from",
        "source": source,
        "target": target,
        "missing": f": '{short_symbol(facts[fact.SYMBOL])}' is not found" if facts.get(fact.SYMBOL) else "",
        "symbol_name": short_symbol(facts.get(fact.SYMBOL, "")),
        "to_file": f" to {facts[fact.FILE]}" if facts.get(fact.FILE) else "",
        "repository": f" (repository {facts[fact.REPOSITORY]})" if facts.get(fact.REPOSITORY) else "",
        "compiling": _compiling(facts),
        "includer": facts.get(fact.NO_LONGER_INCLUDED_BY, ""),
        "some_names": _some(names),
        "quoted_names": _quoted(names),
        "from_scope": f" from '{facts[fact.SCOPE]}'" if facts.get(fact.SCOPE) else "",
        "are": "are" if ", " in names else "is",
        "target_name": facts.get(fact.VERSION, ""),
        "tool_name": program or "A tool",
        "place_file": place.path.rpartition("/")[2] if place else "",
        "source_name": facts.get(fact.REASON, "") or "a .td file",
        **{key: facts.get(key, "") for key in _PLAIN},
        "name": facts.get(fact.NAME) or group.identifier,
    }


_OF_A_RESULT: Final = re.compile(r" in (?:return|initiali[sz]ation|assignment)$")
"""GCC's words for what is no argument: old ones point at the end of the call whose result does not convert."""


def _in_call(group: Group, target: str) -> str:
    """The function of LLVM's that all the places call with what does not convert, as their source lines show it."""
    if _OF_A_RESULT.search(group.first.message):
        return ""
    called = {enclosing_call(event.code, event.place.column) for event in group.samples if event.place is not None}
    name = called.pop() if len(called) == 1 else ""
    return f" in a call of '{name}'" if is_llvms_symbol(name) and last_name(name) != last_name(target) else ""


_PLAIN: Final = ("scope", "enumeration", "dialect", "interface", "tool", "option", "version", "generated", "library")


def _in_tests(names: Sequence[str]) -> str:
    if len(names) > 1:
        return f" (in {len(names)} tests)"
    return f" (in the test {names[0].rpartition(' :: ')[2]})" if names else ""


def _quoted(names: str) -> str:
    """Names in quotes, as many as fit."""
    return listed((f"'{name}'" for name in names.split(", ")), _SHOWN_NAMES)


_SHOWN_NAMES: Final = 6


def _few(names: str) -> str:
    return listed(names.split(", "), _SHOWN_NAMES)


def _some(names: str) -> str:
    """The first of several names, and how many more there are."""
    first, *others = names.split(", ")
    return f"'{first}'" + (f" and {len(others)} more names" if others else "")


def _compiling(facts: Mapping[str, str]) -> str:
    program, file = facts.get(fact.PROGRAM, ""), facts.get(fact.FILE, "")
    said = f" ({program}" if program else ""
    said += f" compiling {file}" if said and file else ""
    said += ")" if said else ""
    return said + (f": assertion '{facts[fact.ASSERTION]}' failed" if facts.get(fact.ASSERTION) else "")


def shorten(message: str, limit: int = 160) -> str:
    """A message that fits into a headline: long words lose their middle first, then it does; its end is the reason."""
    text = " ".join(message.split())
    if len(text) <= limit:
        return text
    text = " ".join(word if len(word) <= _LONGEST_WORD else f"{word[:16]}...{word[-16:]}" for word in text.split())
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2 - 2]}...{text[-(limit // 2 - 1) :]}"


_LONGEST_WORD: Final = 48


def short_symbol(symbol: str) -> str:
    """A symbol that fits into a headline: a function without its parameters' types, a mangled name demangled."""
    name = symbol.partition("@@")[0]
    if name.startswith(("_Z", "__Z")):
        name = f"_{name.lstrip('_')}"  # macOS puts another underscore in front

        from pytest_llvmgate.objects.demangle import demangle

        name = demangle([name])[name]
    if " for " in name or "(" not in name or name.endswith("()"):
        return name
    return f"{function_name(name)}(...)"


def confidence(group: Group) -> Confidence:
    """How far the message alone proves the cause."""
    return variant(group).confidence or kind_of(group.kind).confidence


def advice(group: Group, *, layer: Layer, component: str, in_gate: bool = True) -> tuple[str, ...]:
    """What to do, as far as the class alone tells."""
    facts = group.facts
    own = variant(group).advice or kind_of(group.kind).advice
    filled = {
        "{target_name}": facts.get(fact.VERSION, ""),
        "{headers}": _few(facts.get(fact.HEADER, "")),
        "{std_headers}": _standard_headers(group),
        "{id}": group.identifier,
        "{settings}": _settings(group),
    }
    for field, text in filled.items():
        own = own.replace(field, text)
    own = _to_ask_for(group) or own
    steps = [own] if own else []
    if group.kind == kinds.API_DEPRECATED and (match := _DEPRECATED.search(group.first.message)):
        steps.insert(0, f"LLVM says of it: {match['why']}")
    steps = [*_of_notes(group), *steps]
    if layer is Layer.MACHINE and (environment := _of_environment(group)):
        steps = [environment]
    elif facts.get(fact.FORM) == "not-pic" and (layer is Layer.LLVM or is_llvms_library(facts.get(fact.LIBRARY, ""))):
        steps = ["Build LLVM with LLVM_ENABLE_PIC=ON, or link libLLVM.so."]
    elif layer is Layer.LLVM:
        steps = [*steps, _OF_A_COMMIT if in_gate else _OF_LLVMS_BUILD]
    elif layer is Layer.COMPONENT and component and group.kind != kinds.CMAKE_MODULE_MISSING:
        steps.append(belongs_elsewhere(component))
    return tuple(steps)


def _of_notes(group: Group) -> list[str]:
    """What the compiler's notes show of the declaration that does not fit."""
    detail, name = group.first.detail, group.facts.get(fact.NAME, "")
    said: tuple[str, ...] = ()
    if group.form == "no-match":
        said = (_nearest_overload(detail, name) or _candidate(detail, name),)
    elif group.form == "convert":
        said = (_argument(detail), _explicitly(detail, name))
    elif group.form == "override":
        said = (_other_parameters(detail),)
    return [text for text in said if text]


_DEFINED_IN: Final = re.compile(r"is defined in header '<(?P<header>[\w.]{1,60})>'")


def _standard_headers(group: Group) -> str:
    """The headers of the standard library that declare what is missed, as GCC names them or as they are known."""
    said = (_DEFINED_IN.search(plain_quotes(line)) for event in group.samples for line in event.detail)
    named = [match["header"] for match in said if match is not None]
    named += map(header_of, group.facts.get(fact.NAMES, group.identifier).split(", "))
    headers = [f"<{header}>" for header in dict.fromkeys(named) if header]
    return f": {listed(headers, _SHOWN_NAMES)}" if headers else ""


_OF_A_COMMIT: Final = "The failing code is LLVM's own: choose another commit; in a bisection, skip this one."
_OF_LLVMS_BUILD: Final = (
    "The failing code is LLVM's own, not the project's: look at the compiler, the settings and the changes with which "
    "this LLVM is built, and whether all its parts are of one revision; or take another release of it."
)
_DEPRECATED: Final = re.compile(r"(?:is deprecated|declared deprecated): (?P<why>(?>(?:(?! \[-W).)+))")
_SETTING: Final = re.compile(r"(?<![\w-])(?:-D)?([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9])\b")


def _settings(group: Group) -> str:
    """Where to say it: the variables that the message itself names, else LLVM's usual ones."""
    named = list(dict.fromkeys(_SETTING.findall(group.first.message)))[:3]
    if not named and group.identifier.lower() in {"llvm", "mlir", "clang"}:
        named = [f"{group.identifier}_DIR" if group.identifier in {"LLVM", "MLIR", "Clang"} else "LLVM_DIR"]
    return f" ({', '.join(named)})" if named else ""


def _to_ask_for(group: Group) -> str:
    """The version to write where an LLVM of the major that is asked for was refused; empty where none was."""
    facts = group.facts
    major = facts.get(fact.VERSION, "").partition(".")[0]
    there = re.search(rf"(?<![\w.]){re.escape(major)}\.\d++", facts.get(fact.REASON, "")) if major else None
    if facts.get(fact.SORT) != "version" or there is None or group.identifier not in {"LLVM", "MLIR", "Clang"}:
        return ""
    if f"{facts[fact.VERSION]}.".startswith(f"{there[0]}."):
        return ""  # refused for another reason: it is of another architecture, say
    return (
        f"In find_package, ask for {there[0]}: LLVM takes a request for its own major and minor version only, and from "
        "18 on the first release of each major is N.1."
    )


def _of_environment(group: Group) -> str:
    """What of the machine has to be another; empty where nothing is known besides the kind's own advice."""
    facts = group.facts
    if group.kind == kinds.CMAKE_TARGET_MISSING and is_system_s(group.identifier):
        package = group.identifier.partition("::")[0]
        return (
            f"CMake found no {package}, or one of another version without this target: install one that has it, "
            "and name it in CMAKE_PREFIX_PATH. This is the environment, not an API."
        )
    if group.kind == kinds.CMAKE_TARGET_MISSING:
        is_python = group.identifier.startswith("MLIRPython")
        lacks, option = (
            ("Python bindings", "MLIR_ENABLE_BINDINGS_PYTHON")
            if is_python
            else ("test utilities", "LLVM_INSTALL_UTILS")
        )
        return f"LLVM's {lacks} are not in this install: build it with {option}=ON."
    if facts.get(fact.FORM) == "not-pic":
        return (
            "Link the shared library of the same package (projects have an option for that, often *_SHARED_LIBS), or "
            "an archive that is compiled with -fPIC: this is the machine's archive, not an API."
        )
    if facts.get(fact.SORT) == "version":
        return f"Install a {group.identifier} of the version that is asked for: this is the environment, not an API."
    return ""


_ARGUMENT: Final = re.compile(
    r"^(?:.*/include/)?(?P<place>[^:\n]{1,400}:\d++):\d++: (?:note|error): {1,3}(?:in passing|initializing) "
    r"argument (?P<at>\d++) of '(?P<signature>[^']++)'"
)


def _argument(detail: Sequence[str]) -> str:
    """Of which function what does not convert is an argument."""
    said = next((match for line in detail if (match := _ARGUMENT.search(plain_quotes(line)))), None)
    if said is None:
        return ""
    return f"It is argument {said['at']} of '{function_name(said['signature'])}' ({said['place']})."


def _other_parameters(detail: Sequence[str]) -> str:
    """Which parameter of an override is of another type than that of the function that it is to override."""
    said = meant_overload([one for one in hidden_overloads(detail) if one.number])
    if said is None:
        return ""
    place = f"{said.file.rpartition('/include/')[2]}:{said.line}"
    return f"Parameter {said.number} of '{said.name}' is '{said.wanted}' ({place}), not '{said.own}'."


_EXPLICIT: Final = re.compile(
    r"^(?:.*/include/)?(?P<place>[^:\n]{1,400}:\d++):\d++: note: "
    r"(?P<what>explicit (?:constructor|conversion function)) (?:is not a candidate|was not considered)"
)


def _explicitly(detail: Sequence[str], name: str) -> str:
    """That the conversion is there for who writes it down, where the compiler shows it."""
    said = next((match for line in detail if (match := _EXPLICIT.search(line))), None)
    return f"It has to be written down, as '{name}(...)': the {said['what']} is at {said['place']}." if said else ""


_CANDIDATE: Final = re.compile(r" note: candidate: '(?P<signature>[^']{1,300})'")


def _candidate(detail: Sequence[str], name: str) -> str:
    """The first declaration of LLVM's name that GCC offers, where the number of arguments is the matter."""
    offered = (match["signature"] for line in detail if (match := _CANDIDATE.search(plain_quotes(line))))
    named = ((one, function_name(one)) for one in offered)
    found = next((one for one, full in named if is_llvms_name(full) and last_name(full) == name), "")
    return f"This LLVM has '{found}'." if found else ""


_STANDARD: Final = re.compile(r"^[^:\n]{0,400}/(?:c\+\+/(?:v1|\d+)|VC/Tools/MSVC|msvc)/")


def _nearest_overload(detail: Sequence[str], name: str) -> str:
    """What the overload lacks that takes the most of the arguments, in the compiler's words; empty if none says so.

    That a class can be copied is no overload that was meant, and neither are the standard library's operators, which
    the compiler lists for every use of ``<<``.
    """
    best, said = 0, ""
    for line in detail:
        missed = unconverted(line)
        if missed is not None and missed.argument > best and not _STANDARD.search(line):
            source, target, at = missed
            if last_name(bare_type(target)) not in {name, "nullptr_t"}:
                best, said = at, f"The nearest overload takes a '{target}' as argument {at}, not a '{source}'."
    return said
