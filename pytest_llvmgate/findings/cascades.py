"""Errors that follow from others: a name whose declaration failed, a class whose base is gone.

Compilers go on after an error, with the declaration left out. What they say later about the missing name is true and of
no use: one removed TableGen output was seen to make 332 of 360 errors. The source line that the compiler shows with an
error tells what that line would have declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.groups import Group, Key, Scan
from pytest_llvmgate.findings.parsers.programs import DUMP
from pytest_llvmgate.kinds.catalogue import (
    CMAKE_COMMAND_MISSING,
    CMAKE_ERROR,
    CMAKE_MODULE_MISSING,
    CMAKE_PACKAGE,
    CMAKE_TARGET_MISSING,
    COMPILER_BROKEN,
    COMPILER_CRASH,
    CRASH,
    GENERATED_HEADER_MISSING,
    GIT_ERROR,
    GIT_UNREACHABLE,
    HEADER_MISSING,
    IR_ERROR,
    LLVM_FATAL,
    LLVM_LINKED_TWICE,
    NETWORK,
    OUT_OF_DISK,
    OUT_OF_MEMORY,
    TABLEGEN,
    TOOL_ERROR,
    TOOL_MISSING,
    TOOL_OPTION,
    UNDEFINED_SYMBOL,
)
from pytest_llvmgate.kinds.facts import CLASS, FATE, FORM, NAME, OVERRIDES, PURE, PURE_AT, SCOPE, SUBMODULE, SYMBOL
from pytest_llvmgate.model import Location
from pytest_llvmgate.objects.cxx_names import last_name
from pytest_llvmgate.owners.llvms_names import is_llvms_include

_DECLARES: Final = (
    re.compile(r"\busing\s++(?P<said>[\w:]++)\s*+[=;]"),
    re.compile(r"^(?>.*?\btypedef\b)(?>[^;(]*+\(\s*+\*)(?P<said>\s*+\w++)\s*+\)"),
    re.compile(r"^(?>.*?\btypedef\b)(?P<said>[^;]*+);"),
    re.compile(
        r"\b(?:class|struct|enum(?: class)?|union)\s++(?:(?=[^\W_]*+_)\w++\s++)?(?P<said>\w++)\s*+"
        r"(?:final\s*+)?(?:[:{;]|$)"
    ),
    re.compile(r"^(?=\s*+[\w:<>,*&]++\s*+[\w*&])(?P<said>[\w:<>,\s*&]++)[=({;\[]"),
    re.compile(r"\bnamespace\s++(?P<said>\w++)\s*+="),
)
"""Each with what ends in the name that a line declares."""
_WORDS: Final = re.compile(r"\w++")
_BASES: Final = re.compile(r"\b(?:class|struct)\s+(?P<name>\w+)\s*(?:final\s*)?(?::(?!:)|$)")
_BASE_ALONE: Final = re.compile(r"^\s*:\s*(?:public\s+)?(?:[\w:]+<(?P<name>\w+)\b|(?:\w+::)*(?P<stem>\w+)Base<\s*$)")
"""A base clause on a line of its own. A base that takes the class itself as its argument names it; so do generated
bases of passes usually, where the argument is on the next line.
"""
OWN_CAUSES: Final = frozenset({"gone", "moved", "changed"})
"""Fates of what LLVM changed: such an error needs no other to explain it."""
_CLASS_BODY: Final = 300
"""Lines within which a member is taken to belong to the class above."""
_DEPENDENT: Final = frozenset(
    {"undeclared", "not-member", "override", "no-match", "convert", "syntax", "incomplete", "other", "abstract"}
)


@dataclass(slots=True, kw_only=True)
class _Broken:
    """What an error leaves undeclared in one file."""

    group: Group
    line: int
    """Of the log."""
    at: int
    """Line of the file."""
    names: frozenset[str]
    class_without_base: str = ""


@dataclass(kw_only=True)
class _Files:
    """Broken declarations by file (as printed)."""

    broken: dict[str, list[_Broken]] = field(default_factory=dict)

    def note(self, group: Group, event: Event) -> None:
        """Remember what the line of the event would have declared."""
        if event.place is None or not event.code:
            return
        names = declared_names(event.code)
        base = _BASES.search(event.code) or _BASE_ALONE.search(event.code)
        if not names and base is None:
            return
        entry = _Broken(
            group=group,
            line=event.line,
            at=event.place.line or 0,
            names=names,
            class_without_base=_class_of(base),
        )
        self.broken.setdefault(event.place.path, []).append(entry)

    def cause_of(self, group: Group, event: Event) -> Group | None:
        """The group from which this event follows."""
        if event.place is None:
            return None
        for entry in self.broken.get(event.place.path, ()):
            if entry.group is not group and entry.line < event.line and _follows(event, entry):
                return entry.group
        return None


def _class_of(base: re.Match[str] | None) -> str:
    return next((name for name in base.groupdict().values() if name), "") if base is not None else ""


def declared_names(code: str) -> frozenset[str]:
    """What a line of C++ declares, as far as one line tells."""
    said = (match["said"] for pattern in _DECLARES if (match := pattern.search(code)))
    return frozenset(words[-1] for each in said if (words := _WORDS.findall(each)))


def _is_members(name: str) -> bool:
    """Whether a name is written as members are: not as types, nor as the functions that fill, make and register."""
    return name[:1].islower() and _FREE.match(name) is None


_FREE: Final = re.compile(r"(?:populate|register|apply|create|load|initialize|make)[A-Z]")


def _follows(event: Event, broken: _Broken) -> bool:
    name = event.facts.get(NAME, "") or last_name(event.identifier)
    form = event.facts.get(FORM, "")
    if form in {"undeclared", "incomplete"} and name in broken.names:
        return True
    owner = broken.class_without_base
    if not owner or form not in _DEPENDENT:
        return False
    scope = event.facts.get(SCOPE, "")
    is_unqualified = form == "undeclared" and "::" not in event.identifier and _is_members(name)
    if is_unqualified or (form == "override" and not scope):  # nobody says whose; a class body is seldom longer
        return event.place is not None and 0 < (event.place.line or 0) - broken.at < _CLASS_BODY
    inside = any(f"{owner}::" in line for line in event.before)
    return inside or last_name(scope) == owner or re.search(rf"\b{re.escape(owner)}\b", event.message) is not None


def drop_follow_ons(scan: Scan) -> None:
    """Take out groups that follow from others as a whole, and count them there."""
    files = _Files()
    ordered = sorted(scan.groups.items(), key=lambda item: item[1].first.line)
    for _, group in ordered:
        if _is_compilers(group):
            for event in group.sites.values():
                files.note(group, event)
    for key, group in ordered:
        is_own = group.first.facts.get(FATE, "") in OWN_CAUSES
        if _is_compilers(group) and not is_own and (causes := _causes(files, group)):
            causes[0].follow_ons += group.count + group.follow_ons
            del scan.groups[key]
    _name_users_of_private(scan)
    _drop_of_directives(scan)
    _join_overrides(scan)
    _join_conversions(scan)
    _drop_dumps(scan)
    _drop_crashes(scan)
    _drop_of_refused_plugins(scan)
    _drop_of_programs(scan)
    _drop_of_llvm_config(scan)
    _join_absent_llvm(scan)
    _drop_of_cargo(scan)
    _drop_of_programs_to_be_built(scan)
    _drop_of_broken_fetches(scan)
    _drop_of_absent_directories(scan)
    _drop_of_failed_downloads(scan)
    _drop_right_behind(scan)
    _drop_of_unfit_llvm(scan)


_OF_VERSIONS: Final = frozenset({IR_ERROR, TOOL_ERROR, TOOL_OPTION, CRASH, LLVM_FATAL})
"""What a program of LLVM's says of input and options that were made for another version."""
_SOON: Final = 8
"""Lines between a warning that this LLVM does not serve and what comes of it."""


def _drop_of_unfit_llvm(scan: Scan) -> None:
    """Somebody warned that this LLVM is not of a version that serves; LLVM's next complaint bears that out."""
    for event in [event for event in scan.uncertain if event.kind == CMAKE_PACKAGE]:
        keys = [
            key
            for key, group in scan.groups.items()
            if group.kind in _OF_VERSIONS and 0 < group.first.line - event.line <= _SOON
        ]
        if keys and (cause := scan.add(event)) is not None:
            for key in keys:
                cause.follow_ons += scan.groups.pop(key).count


_BEHIND: Final = 3
"""Lines between an error and what the next program of the same command says of it."""


def _drop_right_behind(scan: Scan) -> None:
    """What a program complains about right behind another error of the same command follows from that."""
    before: Group | None = None
    for key, group in sorted(scan.groups.items(), key=lambda item: item[1].first.line):
        first = group.first
        is_next = before is not None and first.line - before.first.line <= _BEHIND and first.edge is before.first.edge
        if before is not None and is_next and group.kind == TOOL_ERROR and not first.certain:
            before.follow_ons += scan.groups.pop(key).count
            before.first.line = first.line  # a third one follows from the second
        else:
            before = group


_AFTER_PRIVATE: Final = 6
"""Lines between what older GCCs say of a private member and of its use."""


def _name_users_of_private(scan: Scan) -> None:
    """Older GCCs point at the private member's declaration, and say in an error of its own where it is used."""
    for key, group in list(scan.groups.items()):
        if group.first.facts.get(FORM) != "context":
            continue
        for event in group.sites.values():
            used = _said_before(scan, event)
            if used is not None and event.place is not None:
                used.frames = (event.place, *used.frames)
                scan.groups.pop(key, None)


def _said_before(scan: Scan, event: Event) -> Event | None:
    """The error on a private member in the lines in front."""
    privates = (group for group in scan.groups.values() if group.first.facts.get(FORM) == "private")
    sites = (site for group in privates for site in group.sites.values())
    return next((site for site in sites if 0 < event.line - site.line <= _AFTER_PRIVATE), None)


def _drop_of_directives(scan: Scan) -> None:
    """A header that refuses a macro (``#error``) does not declare what the macro asked for.

    Seen with ``GEN_PASS_CLASSES``: the base classes of all passes were missing, in the same units.
    """
    directives = [group for group in scan.groups.values() if group.first.facts.get(FORM) == "directive"]
    for key, group in list(scan.groups.items()):
        if group.first.facts.get(FORM) != "undeclared" or not all(map(_is_a_base, group.sites.values())):
            continue
        cause = next((one for one in directives if group.edges and group.edges.keys() <= one.edges.keys()), None)
        if cause is not None:
            cause.follow_ons += group.count + group.follow_ons
            del scan.groups[key]


def _is_a_base(event: Event) -> bool:
    return bool(_BASES.search(event.code) or _BASE_ALONE.search(event.code))


def _drop_of_absent_directories(scan: Scan) -> None:
    """A submodule that is not checked out has no targets and no commands either: ``third_party/pybind11`` explains
    that ``pybind11_add_module`` is unknown.
    """
    absent = {
        group.identifier.rstrip("/").rpartition("/")[2].lower(): group
        for group in scan.groups.values()
        if group.kind == CMAKE_MODULE_MISSING and not group.identifier.endswith(".cmake")
    }
    for key, group in list(scan.groups.items()):
        if group.kind not in {CMAKE_TARGET_MISSING, CMAKE_COMMAND_MISSING}:
            continue
        name = group.identifier.lower()
        cause = next((absent[one] for one in absent if len(one) > 2 and name.startswith(one)), None)
        if cause is not None:
            cause.follow_ons += group.count + group.follow_ons
            del scan.groups[key]


_DOWNLOAD: Final = re.compile(
    r"^(?:Failed to (?:clone repository|checkout tag|fetch|update submodules)|Build step for \S+ failed)", re.IGNORECASE
)
"""What CMake's ExternalProject and FetchContent say, one inside the other, when something cannot be downloaded."""
_DOWNLOADERS: Final = (NETWORK, GIT_UNREACHABLE, GIT_ERROR, OUT_OF_DISK)


def is_failed_download(group: Group) -> bool:
    """Whether CMake says that it could not download something."""
    return group.kind == CMAKE_ERROR and bool(_DOWNLOAD.match(group.first.message))


def _drop_of_failed_downloads(scan: Scan) -> None:
    """Git names the reason, and CMake complains once per level that it was called from: one cause."""
    complaints = [
        (key, group)
        for key, group in sorted(scan.groups.items(), key=lambda item: item[1].first.line)
        if is_failed_download(group)
    ]
    reasons = [group for group in scan.groups.values() if group.kind in _DOWNLOADERS]
    for key, group in complaints:
        cause = next((one for one in reasons if one.first.line < group.first.line), None)
        if cause is None:
            reasons.append(group)
            continue
        cause.follow_ons += group.count + group.follow_ons
        del scan.groups[key]


_DUMP_WITHIN: Final = 6
"""Lines between the word on a crash and its stack dump."""
_COMPILERS: Final = re.compile(
    r"^(?:clang|clang\+\+|flang|gcc|g\+\+|cc1|cc1plus|c\+\+|cl|icx|icpx)(?:[-+.]?\d.*|\.exe)?$"
)


def _drop_dumps(scan: Scan) -> None:
    """A stack dump follows from what is said in front of it, and names the program that crashed."""
    for event in [event for event in scan.uncertain if event.kind == CRASH and event.identifier == DUMP]:
        if (cause := _in_front(scan, event)) is not None:
            scan.uncertain.remove(event)
            _name_program(cause, event)
    for key, dump in [(key, group) for key, group in scan.groups.items() if key[:2] == (CRASH, DUMP)]:
        cause = _in_front(scan, dump.first)
        if cause is not None:
            cause.follow_ons += dump.count
            del scan.groups[key]
        elif dump.first.before:  # nobody says why: the last word before it may
            dump.first.message = dump.first.before[-1]
        _name_program(cause or dump, dump.first)
    for key, group in list(scan.groups.items()):  # llvm-as says that it does not verify, then why
        is_verdict = group.kind == IR_ERROR and group.identifier.endswith("does not verify as correct!")
        if is_verdict and any(
            other.kind == IR_ERROR and 0 < other.first.line - group.first.line <= 2 for other in scan.groups.values()
        ):
            del scan.groups[key]


def _in_front(scan: Scan, dump: Event) -> Group | None:
    """The group that has an event in the lines in front of the dump."""
    for group in scan.groups.values():
        if any(0 < dump.line - event.line <= _DUMP_WITHIN for event in group.samples):
            return group
    return None


def _name_program(cause: Group, dump: Event) -> None:
    """What the dump says of the command: whose crash it is, and of which input."""
    program, command = dump.facts.get("program", ""), dump.facts.get("command", "")
    facts = cause.first.facts
    if cause.kind not in {CRASH, TABLEGEN, IR_ERROR, LLVM_FATAL}:
        return
    facts["program"] = facts.get("program") or program
    facts.setdefault("command", command)
    if cause.kind == CRASH and _COMPILERS.match(program):
        cause.kind, facts["program"], facts["file"] = COMPILER_CRASH, program, _compiled(command)
    if cause.kind == TABLEGEN and cause.first.place is None and (path := _ending(command, ".td")):
        cause.first.place = Location(path=path)


def _compiled(command: str) -> str:
    return _ending(command, ".c", ".cc", ".cpp", ".cxx", ".cu", ".m", ".mm", ".f90")


def _ending(command: str, *ends: str) -> str:
    """The first word with one of these ends; empty where there is none."""
    return next((word for word in command.split() if word.endswith(ends)), "")


def _drop_of_refused_plugins(scan: Scan) -> None:
    """An option that a plugin would have registered is unknown when the plugin was refused."""
    not_clangs = [key for key, group in scan.groups.items() if group.first.facts.get("form") == "not-clang"]
    _name_missed_symbols(scan)
    for key in not_clangs[1:]:  # GCC refuses clang's options and clang's plugins for one reason
        scan.groups[not_clangs[0]].follow_ons += scan.groups.pop(key).count
    refused = [group for group in scan.groups.values() if group.first.facts.get("form") == "plugin"]
    for key, group in list(scan.groups.items()):
        if group.kind == TOOL_OPTION and (
            cause := next((one for one in refused if one.first.line < group.first.line), None)
        ):
            cause.follow_ons += group.count + group.follow_ons
            del scan.groups[key]


def _name_missed_symbols(scan: Scan) -> None:
    """A terminal may have wrapped what is said of a plugin: the symbol that it lacks then stands alone."""
    for group in [group for group in scan.groups.values() if group.first.facts.get(FORM) == "plugin"]:
        if group.first.facts.get(SYMBOL):
            continue
        for key, other in list(scan.groups.items()):
            if other.kind == UNDEFINED_SYMBOL and 0 < other.first.line - group.first.line <= _WRAPPED_INTO:
                group.first.facts[SYMBOL] = other.identifier.rstrip("'")
                group.identifier = f"{group.identifier}: {group.first.facts[SYMBOL]}"
                del scan.groups[key]
                break


_WRAPPED_INTO: Final = 3
"""Lines of a terminal that one message takes."""
_BUILTIN: Final = re.compile(
    r"^(?:std(?:def|arg|bool|int|align|io|lib)|limits|float|iso646|mm_malloc|\w*mmintrin|string|math|unistd|errno|assert|ctype"
    r"|time|signal|fcntl|pthread|inttypes|wchar|locale|features|sys/\w+|bits/\w+|gnu/stubs\S*)\.h$"
)


_IN_EVERY_LLVM: Final = frozenset(
    [
        "llvm/Config/llvm-config.h",
        "llvm/IR/Module.h",
        "llvm/IR/LLVMContext.h",
        "llvm/IR/Function.h",
        "llvm/IR/IRBuilder.h",
        "llvm-c/Core.h",
        "llvm/ADT/StringRef.h",
        "llvm/ADT/ArrayRef.h",
        "llvm/ADT/SmallVector.h",
        "llvm/ADT/STLExtras.h",
        "llvm/Support/raw_ostream.h",
        "llvm/Support/Casting.h",
        "clang/AST/Decl.h",
        "clang/AST/ASTContext.h",
        "clang/Basic/Version.h",
        "clang-c/Index.h",
        "mlir/IR/Operation.h",
        "mlir/IR/MLIRContext.h",
        "mlir/IR/BuiltinOps.h",
        "mlir/Pass/Pass.h",
        "mlir-c/IR.h",
    ]
)
"""Headers of LLVM 13 to 22 that have not moved: not to find them is to have no LLVM on the include path."""


def _drop_of_llvm_config(scan: Scan) -> None:
    """Without llvm-config no include directory is passed; a header that the compiler brings itself is no project's."""
    tool = next(
        (group for group in scan.groups.values() if group.kind == TOOL_MISSING and "llvm-config" in group.identifier),
        None,
    )
    for key, group in list(scan.groups.items()):
        if group.kind != HEADER_MISSING:
            continue
        if _BUILTIN.match(group.identifier):
            group.first.facts[FORM] = "builtin"
        elif tool is None and group.identifier in _IN_EVERY_LLVM:
            group.first.facts[FORM] = "none"
        elif tool is not None and tool.first.line < group.first.line and is_llvms_include(group.identifier):
            tool.follow_ons += group.count + group.follow_ons
            del scan.groups[key]


def _join_absent_llvm(scan: Scan) -> None:
    """That there is no LLVM is said by the script that looked for it, and by the shell that found no llvm-config."""
    absent = [
        (key, group)
        for key, group in sorted(scan.groups.items(), key=lambda item: item[1].first.line)
        if (group.kind == TOOL_MISSING and "llvm-config" in group.identifier)
        or (group.kind == CMAKE_PACKAGE and re.match(r"(?i)llvm(?:-config.*)?$", group.identifier))
    ]
    for key, group in absent[1:]:
        absent[0][1].follow_ons += group.count
        del scan.groups[key]


def _drop_of_cargo(scan: Scan) -> None:
    """That a build script failed is cargo's word; the script says why."""
    for key, group in list(scan.groups.items()):
        if group.kind == TOOL_ERROR and group.identifier.startswith("cargo: ") and len(scan.groups) > 1:
            del scan.groups[key]


def _drop_of_programs_to_be_built(scan: Scan) -> None:
    """A program that lies in a build directory is not there because the build failed."""
    for key, group in list(scan.groups.items()):
        if group.kind != TOOL_MISSING or not _IN_BUILD.search(group.first.message):
            continue
        cause = next((one for one in scan.groups.values() if one.first.line < group.first.line), None)
        if cause is not None:
            cause.follow_ons += group.count
            del scan.groups[key]


_IN_BUILD: Final = re.compile(
    r"(?:^|[\s/])(?:\./|[\w.-]{0,60}build[\w.-]{0,60}/)[^\s:]{1,400}: (?:No such file|not found)"
)


def _drop_of_broken_fetches(scan: Scan) -> None:
    """A fetch that broke off has not brought the commit: that it is not there says nothing of the pin."""
    failed = next((group for group in scan.groups.values() if group.kind == NETWORK), None)
    broken = failed.first if failed else next((event for event in scan.uncertain if event.kind == NETWORK), None)
    for key, group in list(scan.groups.items()):
        if failed is not None and _is_broken_transfer(group) and failed.first.line < group.first.line:
            failed.follow_ons += group.count
            del scan.groups[key]
            continue
        if broken is not None and group.kind == GIT_UNREACHABLE and broken.line < group.first.line:
            cause = scan.add(broken)
            if cause is not None:
                cause.follow_ons += group.count
                cause.first.facts.setdefault(SUBMODULE, group.first.facts.get(SUBMODULE, ""))
                del scan.groups[key]


_TRANSFER: Final = re.compile(
    r"\b(?:clone|fetch|fetch-pack|index-pack|packfile|early EOF|remote|submodule|hung up|unpack-objects)\b"
)


def _is_broken_transfer(group: Group) -> bool:
    """Whether git says, once more per level, that it could not get something."""
    return group.kind == GIT_ERROR and _TRANSFER.search(group.first.message) is not None


def _drop_of_programs(scan: Scan) -> None:
    """CMake without a build program, or with a compiler that is refused, has no compilers either."""
    causes = [group for group in scan.groups.values() if group.first.facts.get("sort") == "program"]
    for key, group in list(scan.groups.items()):
        if group.kind == COMPILER_BROKEN and group not in causes and causes and "CMAKE_" in group.identifier:
            causes[0].follow_ons += group.count + group.follow_ons
            del scan.groups[key]


_DEEPER: Final = (OUT_OF_MEMORY, OUT_OF_DISK, COMPILER_CRASH, LLVM_FATAL, LLVM_LINKED_TWICE, CRASH)
"""What one death of a program is called by several tools at once: the first of these is the reason."""


def _drop_crashes(scan: Scan) -> None:
    """A compiler without memory crashes, and says so in three voices: keep the one that knows why."""
    reasons: dict[str, Group] = {}
    for kind in _DEEPER:
        for key, group in [(key, group) for key, group in scan.groups.items() if group.kind == kind]:
            known = [reasons[name] for name in group.edges if name in reasons]
            is_other = bool(known) and (known[0].kind != kind or kind == COMPILER_CRASH)
            if group.edges and len(known) == len(group.edges) and is_other:
                known[0].follow_ons += group.count
                del scan.groups[key]
            else:
                for name in group.edges:
                    reasons.setdefault(name, group)


def _is_compilers(group: Group) -> bool:
    return FORM in group.first.facts and group.kind not in {
        HEADER_MISSING,
        GENERATED_HEADER_MISSING,
    }


def _causes(files: _Files, group: Group) -> list[Group]:
    """The causes of all sites; empty as soon as one site has none."""
    found = [files.cause_of(group, event) for event in group.sites.values()]
    if None in found:
        return []
    return [cause for cause in found if cause is not None]


# -- one conversion, many calls ---------------------------------------------------------------------------------------


def _join_conversions(scan: Scan) -> None:
    """A conversion that is gone breaks every call that relied on it: the calls are sites of that one cause.

    Seen with ``std::nullopt`` for an ``ArrayRef``: 219 of 348 errors, most of them about builders of operations.
    """
    conversions = [group for group in scan.groups.values() if group.first.facts.get(FORM) == "convert"]
    for key, group in list(scan.groups.items()):
        if group.first.facts.get(FORM) != "no-match":
            continue
        cause = next((found for found in conversions if _relied_on(group, found)), None)
        if cause is not None:
            cause.absorb(group)
            del scan.groups[key]


def _relied_on(group: Group, conversion: Group) -> bool:
    """Whether the calls pass the conversion's source type, or the compiler says that just this conversion lacks."""
    source, _, target = conversion.identifier.partition(" -> ")
    if "::" not in source:  # int and the like say nothing
        return False
    if source in _passed(group.first.message):
        return True
    return any(_is_missed(line, source, target) for sample in group.samples for line in sample.detail)


_PASSED: Final = re.compile(r"[(,] ?(?:const )?(?P<type>[\w:]++)(?:<[^,()]*+(?<=>))?[ &*]*+(?=[,)])")


@lru_cache(maxsize=1_000)
def _passed(message: str) -> frozenset[str]:
    """The types of arguments that a message lists. (A table, not an expression per pair: pairs may be thousands.)"""
    return frozenset(match["type"] for match in _PASSED.finditer(message))


def _is_missed(line: str, source: str, target: str) -> bool:
    """Whether the note says that nothing converts ``source`` to ``target``."""
    _, found, said = line.partition("no known conversion")
    _, begun, said = said.partition(" from '")
    said = said.removeprefix("const ")
    if not (found and begun and said.startswith(source)) or is_word(said, len(source)):
        return False
    _, begun, said = said.partition(" to '")
    at = said.find(target)
    return bool(begun) and at >= 0 and not is_word(said, at + len(target))


def is_word(text: str, at: int) -> bool:
    """Whether a letter, digit or underscore stands there; nothing stands outside of the text."""
    return text[at : at + 1].isalnum() or text[at : at + 1] == "_"


# -- one class, several complaints -------------------------------------------------------------------------------------


def _join_overrides(scan: Scan) -> None:
    """A class whose overrides override nothing and that is abstract now has one cause: the base class's interface.

    The override is the line to edit, so its group stays and takes the others.
    """
    for key, group in list(scan.groups.items()):
        if group.first.facts.get(FORM) != "abstract" or CLASS not in group.first.facts:
            continue
        related = list(_overrides_of(scan, group.first))
        if not related:
            continue
        (_, kept), *others = related
        pure = group.first.facts.get(PURE, "")
        kept.first.facts.update({PURE: pure, PURE_AT: group.first.facts.get(PURE_AT, "")})
        for other_key, other in [*others, (key, group)]:
            kept.follow_ons += other.count
            del scan.groups[other_key]
        if others:
            names = (last_name(member.identifier) for _, member in related)
            kept.first.facts[OVERRIDES] = ", ".join(dict.fromkeys(names))


def _overrides_of(scan: Scan, abstract: Event) -> Iterator[tuple[Key, Group]]:
    name = last_name(abstract.facts[CLASS])
    files = {place.path for place in _all_places(abstract)}
    for key, group in scan.groups.items():
        event = group.first
        if event.facts.get(FORM) != "override" or event.place is None or event.place.path not in files:
            continue
        scope = last_name(event.facts.get(SCOPE, ""))
        if scope in {"", name}:
            yield key, group


def _all_places(event: Event) -> Iterable[Location]:
    return [place for place in (event.place, *event.frames) if place is not None]
