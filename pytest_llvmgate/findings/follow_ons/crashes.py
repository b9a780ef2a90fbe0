"""A program that died: its stack dump, what its callers say, and the plugin that it refused before."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.groups import Group, Scan
from pytest_llvmgate.findings.parsers.compiler_messages import normalise
from pytest_llvmgate.findings.parsers.programs import DUMP
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.model import Location

_DUMP_WITHIN: Final = 6
"""Lines between the word on a crash and its stack dump."""
_COMPILERS: Final = re.compile(
    r"^(?:clang|clang\+\+|flang|gcc|g\+\+|cc|cc1|cc1plus|c\+\+|cl|icx|icpx)(?:[-+.]?\d.*|\.exe)?$"
)


def drop(scan: Scan) -> None:
    """Keep one word on each death of a program: the one that knows why."""
    _blame_programs_under_test(scan)
    _drop_dumps(scan)
    _drop_mismatches(scan)
    _drop_crashes(scan)
    _drop_of_refused_plugins(scan)


def _blame_programs_under_test(scan: Scan) -> None:
    """A program that finds no memory in a single test has asked for too much: not the machine's fault."""
    for group in scan.groups.values():
        is_own = (
            group.kind == kinds.OUT_OF_MEMORY
            and len(group.tests) == 1
            and all(fact.TEST in event.facts and _OWN_WORD.search(event.message) for event in group.sites.values())
        )
        if is_own:
            group.kind, group.identifier = kinds.CRASH, normalise(group.first.message)


_OWN_WORD: Final = re.compile(r"^LLVM ERROR: out of memory|std::bad_alloc")
"""What a program says itself when an allocation fails, be it for a size that makes no sense."""


def _drop_mismatches(scan: Scan) -> None:
    """FileCheck misses what a program would have printed that crashed before, in the same test."""
    dead = [group for group in scan.groups.values() if group.kind == kinds.CRASH and group.tests]
    for key, group in scan.of_kind(kinds.FILECHECK):
        cause = next((one for one in dead if group.tests and group.tests.keys() <= one.tests.keys()), None)
        scan.attribute(key, to=cause)


def _is_dump(event: Event) -> bool:
    return event.kind == kinds.CRASH and re.match(rf"{DUMP}(?:$| in | of )", event.identifier) is not None


def _drop_dumps(scan: Scan) -> None:
    """A stack dump follows from what is said in front of it, and names the program that crashed."""
    for event in [event for event in scan.uncertain if _is_dump(event)]:
        if (cause := _in_front(scan, event)) is not None:
            scan.uncertain.remove(event)
            _name_program(cause, event)
    for key, dump in [(key, group) for key, group in scan.groups.items() if _is_dump(group.first)]:
        cause = _in_front(scan, dump.first)
        if cause is not None:
            scan.attribute(key, to=cause)
        elif dump.first.before and _COMMAND_SHOWN.match(dump.first.before[-1]):
            dump.first.before = ()
        elif dump.first.before:  # nobody says why: the last word before it may
            dump.first.message = dump.first.before[-1]
        _name_program(cause or dump, dump.first)
    _drop_faint_words(scan)


def _drop_faint_words(scan: Scan) -> None:
    """LLVM's plea for a report, and the shell's word on a signal, say less than what names the function or the reason.

    So they count only for tests in which nothing else tells of a crash.
    """
    faint = [(key, group) for key, group in scan.groups.items() if _is_faint(group) and group.tests]
    told = [
        group
        for group in scan.groups.values()
        if group.kind in {kinds.CRASH, kinds.LLVM_FATAL} and not _is_faint(group)
    ]
    for key, group in faint:
        group.tests = {test: None for test in group.tests if not any(test in one.tests for one in told)}
        if not group.tests:
            scan.attribute(key, to=told[0])


def _is_faint(group: Group) -> bool:
    return _is_dump(group.first) and not group.identifier.startswith(f"{DUMP} in ")


def _in_front(scan: Scan, dump: Event) -> Group | None:
    """The group that has an event in the lines in front of the dump."""
    for group in scan.groups.values():
        if group.kind in {kinds.FILECHECK, kinds.TESTS_FAILED} or (group.kind == kinds.CRASH and _is_dump(group.first)):
            continue
        if any(0 < dump.line - event.line <= _DUMP_WITHIN for event in group.samples):
            return group
    return None


_COMMAND_SHOWN: Final = re.compile(r"\+ |\$ |RUN: at line|# RUN: |# executed command")
"""A shell, or lit, shows what it will run: no word on a crash."""


def _name_program(cause: Group, dump: Event) -> None:
    """What the dump says of the command: whose crash it is, and of which input."""
    program, command = dump.facts.get("program", ""), dump.facts.get("command", "")
    facts = cause.facts
    if cause.kind not in {kinds.CRASH, kinds.TABLEGEN, kinds.IR_ERROR, kinds.LLVM_FATAL}:
        return
    facts["program"] = facts.get("program") or program
    facts.setdefault("command", command)
    if cause.kind == kinds.CRASH and _COMPILERS.match(program):
        cause.kind, facts["program"] = kinds.COMPILER_CRASH, program
        facts["file"] = _ending(command, ".c", ".cc", ".cpp", ".cxx", ".cu", ".m", ".mm", ".f90")
    if cause.kind == kinds.TABLEGEN and cause.first.place is None and (path := _ending(command, ".td")):
        cause.first.place = Location(path=path)


def _ending(command: str, *ends: str) -> str:
    """The first word with one of these ends; empty where there is none."""
    return next((word for word in command.split() if word.endswith(ends)), "")


def _drop_of_refused_plugins(scan: Scan) -> None:
    """An option that a plugin would have registered is unknown when the plugin was refused."""
    not_clangs = [key for key, group in scan.groups.items() if group.form == "not-clang"]
    _name_missed_symbols(scan)
    for key in not_clangs[1:]:  # GCC refuses clang's options and clang's plugins for one reason
        scan.attribute(key, to=scan.groups[not_clangs[0]])
    refused = [group for group in scan.groups.values() if group.form == "plugin"]
    for key, group in scan.of_kind(kinds.TOOL_OPTION):
        scan.attribute(key, to=next((one for one in refused if one.first.line < group.first.line), None))


def _name_missed_symbols(scan: Scan) -> None:
    """A terminal may have wrapped what is said of a plugin: the symbol that it lacks then stands alone."""
    for group in [group for group in scan.groups.values() if group.form == "plugin"]:
        if group.facts.get(fact.SYMBOL):
            continue
        for key, other in scan.of_kind(kinds.UNDEFINED_SYMBOL):
            if 0 < other.first.line - group.first.line <= _WRAPPED_INTO:
                group.facts[fact.SYMBOL] = other.identifier.rstrip("'")
                group.identifier = f"{group.identifier}: {group.facts[fact.SYMBOL]}"
                del scan.groups[key]
                break


_WRAPPED_INTO: Final = 3
"""Lines of a terminal that one message takes."""
_DEEPER: Final = (
    kinds.OUT_OF_MEMORY,
    kinds.OUT_OF_DISK,
    kinds.COMPILER_CRASH,
    kinds.LLVM_FATAL,
    kinds.LLVM_LINKED_TWICE,
    kinds.CRASH,
)
"""What one death of a program is called by several tools at once: the first of these is the reason."""


def _drop_crashes(scan: Scan) -> None:
    """A compiler without memory crashes, and says so in three voices: keep the one that knows why."""
    reasons: dict[str, Group] = {}
    alone = [key for key, group in scan.groups.items() if group.kind == kinds.COMPILER_CRASH and not group.edges]
    alone.sort(key=lambda key: not scan.groups[key].facts.keys() & {fact.ASSERTION, fact.FORM})
    for key in alone[1:]:
        scan.attribute(key, to=scan.groups[alone[0]])
    for kind in _DEEPER:
        for key, group in scan.of_kind(kind):
            known = [reasons[name] for name in group.edges if name in reasons]
            is_other = bool(known) and (known[0].kind != kind or kind == kinds.COMPILER_CRASH)
            if group.edges and len(known) == len(group.edges) and is_other:
                scan.attribute(key, to=known[0])
            else:
                for name in group.edges:
                    reasons.setdefault(name, group)
