"""What a program says right behind an error of another one."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.follow_ons.downloads import is_failed_download, may_explain
from pytest_llvmgate.findings.groups import Group, Key, Scan
from pytest_llvmgate.findings.parsers.absent import is_only_status
from pytest_llvmgate.findings.parsers.programs import CHAINED
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import FORM
from pytest_llvmgate.owners.llvms_names import is_llvms_name

_OF_VERSIONS: Final = frozenset({kinds.IR_ERROR, kinds.TOOL_ERROR, kinds.TOOL_OPTION, kinds.CRASH, kinds.LLVM_FATAL})
"""What a program of LLVM's says of input and options that were made for another version."""
_SOON: Final = 8
"""Lines between a warning that this LLVM does not serve and what comes of it."""


def drop(scan: Scan) -> None:
    """Take out what follows from the error in front."""
    _drop_syntax(scan)
    _drop_wrappers(scan)
    _drop_right_behind(scan)
    _name_exceptions(scan)
    _drop_chained(scan)
    _drop_of_unfit_llvm(scan)


def _drop_syntax(scan: Scan) -> None:
    """Syntax that is wrong in a line follows from the name of LLVM's that is gone, whichever is said first.

    Names of other code may be missed because the syntax is wrong.
    """
    wrong = [(key, one.first.place) for key, one in scan.groups.items() if one.form == "syntax"]
    named = {
        (event.place.path, event.place.line): group
        for group in (scan.groups.values() if wrong else ())
        if group.form == "not-member" and is_llvms_name(group.identifier)
        for event in group.sites.values()
        if event.place is not None
    }
    for key, place in wrong:
        if place is not None and len(scan.groups[key].sites) == 1:
            scan.attribute(key, to=named.get((place.path, place.line)))


def is_wrapper(group: Group) -> bool:
    """Whether all that is said is that something else failed, told by the form of the sentence."""
    return is_failed_download(group) or is_only_status(group.first.message)


def _drop_wrappers(scan: Scan) -> None:
    """Who only says that something failed follows from what was said before, or right behind."""
    causes = [group for _, group in scan.in_order() if not is_wrapper(group)]
    for key, group in [each for each in scan.in_order() if is_wrapper(each[1])]:
        told = [
            one
            for one in causes
            if one.first.line - group.first.line <= _BEHIND
            and may_explain(one, group)
            and _is_of_project(group.first, one.first)
        ]
        if told:
            scan.attribute(key, to=told[-1])
        else:
            causes.append(group)


def _drop_of_unfit_llvm(scan: Scan) -> None:
    """Somebody warned that this LLVM is not of a version that serves; LLVM's next complaint bears that out."""
    for event in [event for event in scan.uncertain if event.kind == kinds.CMAKE_PACKAGE]:
        keys = [
            key
            for key, group in scan.groups.items()
            if group.kind in _OF_VERSIONS and 0 < group.first.line - event.line <= _SOON
        ]
        if keys and (cause := scan.add(event)) is not None:
            for key in keys:
                scan.attribute(key, to=cause)


def _drop_chained(scan: Scan) -> None:
    """An exception that came of another one, as Python says: the first is the cause."""
    before: Group | None = None
    for key, group in scan.in_order():
        if group.kind != kinds.SCRIPT_ERROR:
            before = None
        elif before is not None and any(line.startswith(CHAINED) for line in before.samples[-1].detail):
            before.samples.append(group.first)
            scan.attribute(key, to=before)
        else:
            before = group


def _is_of_project(said: Event, before: Event) -> bool:
    """Whether both are of the same project of MSBuild, or of none."""
    projects = [_PROJECT.search(event.text) for event in (said, before)]
    return len({match[0] if match is not None else "" for match in projects}) == 1


_PROJECT: Final = re.compile(r"\[[^\[\]]++(?<=proj)\]$")


def _name_exceptions(scan: Scan) -> None:
    """What lit says of a suite's configuration ends in a traceback: the exception in it is the reason."""
    for group in [*scan.groups.values()]:
        head, found, _ = group.first.message.partition(", traceback: Traceback")
        if group.kind != kinds.TESTS_FAILED or not found:
            continue
        of_edge = {key: one.first for key, one in scan.groups.items() if one.first.edge is group.first.edge}
        said = [*scan.uncertain, *of_edge.values()]
        behind = [event for event in said if event.kind == kinds.SCRIPT_ERROR and event.line > group.first.line]
        if (reason := min(behind, key=lambda event: event.line, default=None)) is not None:
            group.facts[FORM] = "configuration"
            group.first.message = f"lit: {head.rpartition(': fatal: ')[2]}: {reason.message}"
            for key in [key for key, event in of_edge.items() if event is reason]:
                scan.attribute(key, to=group)


_BEHIND: Final = 3
"""Lines between an error and what the next program of the same command says of it."""


def _drop_right_behind(scan: Scan) -> None:
    """What a program complains about right behind another error of the same command follows from that."""
    last: tuple[Key, Group] | None = None
    for key, group in scan.in_order():
        if last is not None and _is_next(last[1].first, group.first):
            before_key, before = last
            if before.kind == kinds.SCRIPT_ERROR and group.kind == kinds.TOOL_ERROR:
                scan.attribute(before_key, to=group)  # which it quotes
            elif _is_word_on(before, group):
                scan.attribute(key, to=before)
                before.first.line = group.first.line  # a third one follows from the second
                continue
        last = (key, group)


def _is_next(before: Event, event: Event) -> bool:
    return event.line - before.line <= _BEHIND and event.edge is before.edge


def _is_word_on(before: Group, group: Group) -> bool:
    """Whether a program says no more than that another one failed, or what comes of bitcode that it cannot read."""
    if before.form == "version" and group.kind in _OF_VERSIONS:
        return True
    if group.kind == kinds.SCRIPT_ERROR:  # by a program that goes on to say what else it thinks
        return before.kind == kinds.SCRIPT_ERROR
    return group.kind == kinds.TOOL_ERROR and not group.first.certain
