"""What a gone header, target, library, option or declaration is called in the candidate, as advice."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.fates import fate_of
from pytest_llvmgate.findings.known_llvms import KnownLlvms, known_llvms
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.kinds.description import Subject
from pytest_llvmgate.model import Finding, Layer
from pytest_llvmgate.objects.cxx_names import last_name, names_a_class
from pytest_llvmgate.owners.llvms_names import is_llvms_name
from pytest_llvmgate.surface.cxx_declarations import Declaration
from pytest_llvmgate.surface.entity_fates import ELSEWHERE, HAS_NOW, Fate, FateAnswer
from pytest_llvmgate.surface.heirs import spelled_otherwise
from pytest_llvmgate.surface.known_changes import CHANGES, is_gone_for_good, moved_header
from pytest_llvmgate.surface.likeness import is_sibling
from pytest_llvmgate.surface.successors import NEAREST, Successors
from pytest_llvmgate.surface.tool_options import options_of

_MOST_TOLD: Final = 3
"""Successors that are told of one finding."""
_MOST_LOOKUPS: Final = 40
"""Findings for which a successor is looked up: enough for a screen, bounded in time."""


@dataclass(frozen=True, kw_only=True)
class Substitute:
    """What takes the place of something that is gone."""

    name: str
    where: str = ""
    """``file:line`` in the candidate, as one would include the file."""
    text: str = ""
    """The declaration."""
    how: str = ""
    """Why it is believed to be the successor: ``moved``, ``the nearest name`` ..."""
    of: str = ""
    """Of several names that went, the one that it is for."""

    def sentence(self) -> str:
        """One line of advice."""
        at = f" ({self.where})" if self.where else ""
        whose = f"for {self.of}: " if self.of else ""
        shown = f": {self.text}" if self.text else ""
        return f"In the candidate: {self.name}{at}, {whose}{self.how}{shown}"


def add_successors(findings: tuple[Finding, ...], context: DiagnosisContext) -> tuple[Finding, ...]:
    """The rule: give each finding whose subject is gone its likely successors in the candidate."""
    llvms = known_llvms(context)
    if llvms.difference.candidate is None:
        return tuple(_with_doubt(finding, _with_history(finding)) for finding in findings)
    return tuple(
        _with_successors(finding, llvms) if number < _MOST_LOOKUPS else finding
        for number, finding in enumerate(findings)
    )


def _with_history(finding: Finding, told: Collection[str] = ()) -> Finding:
    """What LLVM's release notes say of the names, where no LLVM is there to ask, or tells of others alone.

    ``told`` are the names of which more is known already; an empty one stands for all.
    """
    if "" in told:
        return finding
    kind, subject = kind_of(finding.kind), finding.identifier
    if kind.subject is Subject.HEADER and (moved := moved_header(subject)):
        useless = kind.advice if is_gone_for_good(subject) else ""  # it sends one to look for a new place
        return replace(finding, advice=(moved, *(one for one in finding.advice if one != useless)))
    scope = _SCOPES.get(kind.subject) or finding.facts.get(fact.SCOPE) or _SCOPES.get(finding.facts.get(fact.FORM), "")
    source, converts, _ = subject.partition(" -> ")
    every = {finding.facts.get(fact.NAME) or subject, *finding.facts.get(fact.NAMES, "").split(", ")} - {""}
    every = {last_name(source)} if converts and last_name(source) in CHANGES else every
    last = every - set(told)
    names = {f"{scope}::{name}" for name in last} | (last if not scope or is_llvms_name(scope) else set())
    known = {last_name(name): CHANGES[name] for name in sorted(names) if name in CHANGES}
    said = tuple(f"{name}: {sentence}" if len(every) > 1 else sentence for name, sentence in known.items())
    if not said and (proposed := _same_elsewhere(finding)):
        said = (f"The compiler knows {proposed}: if that is meant, say so, or name its namespace.",)
    is_api = kind.subject in {Subject.DECLARATION, Subject.COMMAND, Subject.TABLEGEN} or finding.layer is Layer.LLVM
    is_api |= scope.startswith("std::")  # what took the place of a class of LLVM's
    return replace(finding, advice=(*said, *finding.advice)) if said and is_api else finding


_SCOPES: Final[Mapping[object, str]] = {Subject.TABLEGEN: "TableGen", "override": "override"}
"""What is known of a class of TableGen's is nothing of C++, and of an override nothing of another function."""


def _same_elsewhere(finding: Finding) -> str:
    """What the compiler proposes that is called the same, in another namespace; empty for none."""
    proposed, name = finding.facts.get(fact.COMPILER_SUGGESTS, ""), last_name(finding.identifier)
    owner = proposed.rpartition("::")[0]  # a class's member of that name is another class's
    return proposed if owner and not names_a_class(owner) and last_name(proposed) == name else ""


def _with_doubt(finding: Finding, known: Finding) -> Finding:
    """What a namespace of LLVM's seems to lack may be there still, where no history and no LLVM tells that it went."""
    scope = finding.facts.get(fact.SCOPE, "")
    is_missed = finding.kind == kinds.API_REMOVED and finding.facts.get(fact.FORM) == "not-member"
    if known is not finding or not is_missed or names_a_class(scope) or not is_llvms_name(scope):
        return known
    step = "Look whether this LLVM still declares it (--llvm PREFIX tells): then its header has to be included."
    return replace(finding, advice=(*finding.advice, step))


def _with_successors(finding: Finding, llvms: KnownLlvms) -> Finding:
    is_others = finding.facts.get(fact.FORM) in _NOT_LOOKED_FOR or finding.facts.get(fact.SCOPE, "").startswith("std::")
    find = None if is_others else _FINDERS.get(kind_of(finding.kind).subject)
    found = list(find(finding, llvms)) if find is not None else []
    sure = [one for one in found if one.how != NEAREST]
    if (known := _with_history(finding, told={one.of for one in sure})) is not finding:
        finding = known  # no guess, as what is near is where the history does not name it
        found = sure or [one for one in found if last_name(one.name) in re.findall(r"\w+", known.advice[0])]
    if not found:
        return finding
    found = sorted(found, key=lambda one: one.how == NEAREST)[:_MOST_TOLD]
    facts = {fact.SUCCESSOR: found[0].name, **({fact.SUCCESSOR_AT: found[0].where} if found[0].where else {})}
    return replace(
        finding,
        advice=(*(successor.sentence() for successor in found), *finding.advice),
        facts={**finding.facts, **facts},
    )


_NOT_LOOKED_FOR: Final = frozenset({"standard", "absent", "unqualified", "taken", "handed", "asked"})
"""Forms of what is missed that is not LLVM's: of the standard library, to be installed, or the project's own; and of
errors that say already what LLVM has.
"""


# -- headers, CMake, options ------------------------------------------------------------------------------------------


def _header(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    return header_successors(finding.facts.get(fact.NAME) or finding.identifier, llvms)


def header_successors(name: str, llvms: KnownLlvms) -> list[Substitute]:
    """Where a header, or a file that TableGen includes, is in the candidate."""
    answer = llvms.difference.of_header(name)
    if answer.fate is Fate.UNCHANGED:
        return [Substitute(name=name, how="it is there: the include path lacks the install's include directory")]
    found = (*([answer.after] if answer.after else []), *answer.others)
    return [Substitute(name=one.name, how=answer.how if not number else "or") for number, one in enumerate(found)]


def _target(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    return [Substitute(name=one.name, how=one.how) for one in llvms.targets.of_library(finding.identifier)]


def _command(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    name = finding.identifier.lower()
    if name in llvms.provided.commands:
        file = llvms.provided.command_files.get(name, "")
        return [Substitute(name=name, where=file, how=f"include({file.removesuffix('.cmake')}) before its first use")]
    return [
        Substitute(name=one.name, where=llvms.provided.command_files.get(one.name, ""), how=one.how)
        for one in llvms.commands.of_name(name, limit=2)
    ]


def _option(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    known = options_of(llvms.prefixes, finding.facts.get(fact.TOOL, ""))
    found = Successors(new=frozenset(), all=known).of_name(finding.facts.get(fact.OPTION, ""), limit=2)
    return [Substitute(name=one.name, how="the nearest option") for one in found]


def _tablegen(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    name = finding.facts.get(fact.NAME, "")
    if name.endswith(".td"):
        return header_successors(name, llvms)
    candidate = llvms.difference.candidate
    if candidate is None or not re.fullmatch(r"\w+", name):
        return []
    return [
        Substitute(name=name, where=found.where, text=found.signature, how=f'include "{found.file}"')
        for found in candidate.records(name)
        if found.name == name
    ]


# -- declarations -----------------------------------------------------------------------------------------------------


def _declaration(finding: Finding, llvms: KnownLlvms) -> Iterable[Substitute]:
    """Same name elsewhere, the class's own members, or the nearest name."""
    name, scope, form = (finding.facts.get(key, "") for key in (fact.NAME, fact.SCOPE, fact.FORM))
    if name == "build" and scope:
        return _builders(scope, llvms)
    return _OF_FORM.get(form, _by_name)(finding, llvms)


def _by_name(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    name, scope, form = (finding.facts.get(key, "") for key in (fact.NAME, fact.SCOPE, fact.FORM))
    answer = fate_of(llvms.difference, form, name, scope)
    found = (*([answer.after] if answer.after is not None else []), *answer.others)
    if not scope and len({one.owner for one in found}) > 1:  # nothing tells whose is meant
        found = ()
    if form == "private":  # that it is there, and private, is what the compiler says
        found = tuple(one for one in found if one.name != name)
    if (not found or answer.how in {ELSEWHERE, NEAREST, HAS_NOW, ""}) and (proposed := _proposed(finding, llvms)):
        return proposed
    if not found and answer.before is not None and answer.before.form == "macro" and answer.before.body:
        return [Substitute(name=answer.before.body, how=f"what {name} stood for")]
    if not found and form == "private":
        return _instead_of_private(finding, llvms)
    return [_replacement(one, answer, is_first=not number) for number, one in enumerate(found)]


def _instead_of_private(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    """The function that reads a member; static ones that make an object whose constructor is not for everyone."""
    candidate = llvms.difference.candidate
    if candidate is None:
        return []
    name, scope = last_name(finding.identifier), finding.facts.get(fact.SCOPE, "")
    read = spelled_otherwise(name, scope, candidate) if scope else None
    if read is not None and read.form == "function" and read.name.startswith("get"):
        found, how = [read], "which reads it"
    else:
        makes = re.compile(rf"\bstatic\b.*\b{re.escape(name)}\b.*\s[*&]?\w+\(")
        owner = scope if last_name(scope) == name else finding.identifier  # GCC names the constructor itself
        made = (one for one in candidate.members(owner) if one.form == "function")
        found, how = [one for one in made if makes.match(one.signature.partition(")")[0])], "which makes one"
    return [Substitute(name=one.qualified, where=one.where, text=one.signature, how=how) for one in found[:2]]


def _proposed(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    """What the compiler proposes, where it is no chance: the same name elsewhere, or one that only this LLVM has."""
    name, proposed = last_name(finding.identifier), finding.facts.get(fact.COMPILER_SUGGESTS, "")
    if not proposed or finding.kind != kinds.API_REMOVED:
        return []
    scope = finding.facts.get(fact.SCOPE, "")
    owner = proposed.rpartition("::")[0] or scope
    before, now = (
        one.declarations(last_name(proposed), owner) if one is not None else ()
        for one in (llvms.difference.baseline, llvms.difference.candidate)
    )
    is_new = llvms.difference.is_whole and bool(now) and not before and owner.startswith(scope)
    is_new &= not is_sibling(name, last_name(proposed))
    is_same = proposed.lower() == f"std::{name.lower()}"
    return [Substitute(name=proposed, how="as the compiler proposes")] if is_new or is_same else []


def _replacement(declared: Declaration, answer: FateAnswer, *, is_first: bool) -> Substitute:
    same_owner = answer.fate in {Fate.UNCHANGED, Fate.CHANGED} or answer.how in {HAS_NOW, NEAREST}
    same_owner = same_owner or declared.form == "enumerator"  # of a scoped enumeration: its name is said with it
    return Substitute(
        name=declared.qualified if same_owner and not declared.is_free else declared.name,
        where=declared.where,
        text=declared.signature,
        how=answer.how if is_first and answer.how else HAS_NOW,
    )


def _members(finding: Finding, llvms: KnownLlvms) -> Iterable[Substitute]:
    """What has taken the place of each member that went, and of which."""
    names = finding.facts.get(fact.NAMES, "").split(", ")
    for name in names[:_MOST_LOOKUPS]:
        alone = replace(finding, facts={**finding.facts, fact.FORM: "not-member", fact.NAME: name})
        for found in _by_name(alone, llvms)[:1]:
            yield found if len(names) == 1 else replace(found, of=name)


def _enumerators(finding: Finding, llvms: KnownLlvms) -> Iterable[Substitute]:
    """What each is called now, as far as one can be told; the enumeration once for all others."""
    for name in finding.facts.get(fact.NAMES, "").split(", "):
        answer = llvms.difference.of_name(name, finding.facts.get(fact.SCOPE, ""))
        if answer.after is not None and answer.after.form == "enumerator":
            yield Substitute(name=answer.after.qualified, where=answer.after.where, how=f"for {name}")


_NAMESPACE: Final = re.compile(r"::?mlir::|::llvm::")
_BUILDER: Final = re.compile(r"^OpBuilder &\w+, OperationState &\w+(?:, ?)?")


def _builders(scope: str, llvms: KnownLlvms) -> list[Substitute]:
    """The builders that an operation has now, without those that every operation has."""
    found, candidate = [], llvms.difference.candidate
    now = () if candidate is None else candidate.named("build", scope) or candidate.named("build", last_name(scope))
    for declared in now:
        parameters = declared.signature.partition("(")[2].rpartition(")")[0]
        text = _BUILDER.sub("", _NAMESPACE.sub("", parameters))
        found.append(Substitute(name=f"{scope}::build", where=declared.where, text=text, how="a builder it has"))
    useful = [
        one for one in found if "ArrayRef<NamedAttribute>" not in one.text and "TypeRange resultTypes" not in one.text
    ]
    return useful or found


def _conversions(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    """Members of the class that return what it used to convert to."""
    source, _, target = finding.identifier.partition(" -> ")
    wanted, candidate = target.rpartition("::")[2], llvms.difference.candidate
    if candidate is None or last_name(source) == wanted or not re.fullmatch(r"\w+", wanted):
        return []
    written_down = re.compile(rf"explicit (?:constexpr )?{wanted}\((?:[^,()]|\(\))+\)")
    if made := [one for one in candidate.members(target) if written_down.match(one.signature)]:
        how = "which has to be written down"
        return [Substitute(name=target, where=one.where, text=one.signature, how=how) for one in made[:2]]
    if not re.fullmatch(r"[\w:]+", source):
        return []
    found = [
        one
        for one in candidate.members(source)
        if re.match(rf"(?:[\w:]+\s)*{wanted}\s+{re.escape(one.name)}\(\)\s*const", one.signature)
    ]
    return [
        Substitute(name=f"{source}::{one.name}()", where=one.where, how=f"a member that returns {target}")
        for one in sorted(found, key=lambda one: wanted not in one.name)[:2]
    ]


def _pure(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    """What has to be overridden now, where the compiler's notes say it."""
    where, names = finding.facts.get(fact.PURE_AT, ""), finding.facts.get(fact.PURE, "")
    if not names:
        return _by_name(finding, llvms)
    return [Substitute(name=names, where=where, how="must be implemented now")] if where else []


def _definition(finding: Finding, llvms: KnownLlvms) -> list[Substitute]:
    """The header that defines a class of which only a declaration was seen."""
    name, candidate = finding.facts.get(fact.NAME, ""), llvms.difference.candidate
    found = candidate.definition_of(name) if candidate is not None and re.fullmatch(r"\w+", name) else None
    if candidate is None or found is None or not found.is_definition:
        return []
    return [
        Substitute(name=f'#include "{candidate.to_include(found.file)}"', where=found.where, how="which defines it")
    ]


_OF_FORM: Final[dict[str, Callable[[Finding, KnownLlvms], Iterable[Substitute]]]] = {
    "convert": _conversions,
    "override": _pure,
    "abstract": _pure,
    "enumerators": _enumerators,
    "members": _members,
}
_FINDERS: Final[dict[Subject, Callable[[Finding, KnownLlvms], Iterable[Substitute]]]] = {
    Subject.HEADER: _header,
    Subject.TYPE: _definition,
    Subject.DECLARATION: _declaration,
    Subject.TARGET: _target,
    Subject.COMMAND: _command,
    Subject.LIBRARY: _target,
    Subject.OPTION: _option,
    Subject.TABLEGEN: _tablegen,
}
