"""One failure of configuring, told by CMake in several messages: joined, each with its places."""

from __future__ import annotations

import posixpath
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.groups import Group, Key, Scan
from pytest_llvmgate.kinds.catalogue import CMAKE_ERROR, CMAKE_PACKAGE, CONFIGURE_ERROR, SOURCE_MISSING, kind_of
from pytest_llvmgate.kinds.description import Family
from pytest_llvmgate.kinds.facts import NAMES, SORT
from pytest_llvmgate.model import Location
from pytest_llvmgate.owners.file_owners import is_llvms_module

_LEAST: Final = 3
"""Sources of other directories that are missing at once, so that what is missing is the directory."""
_SHALLOWEST: Final = 3
"""Parts of a path below which two files have something to do with each other."""


def drop(scan: Scan) -> None:
    """Join what one failure made CMake say."""
    _drop_cut(scan)
    _drop_probes(scan)
    _drop_consequences(scan)
    _join_calls(scan)
    _join_sentences(scan)
    _join_sources(scan)


def _drop_cut(scan: Scan) -> None:
    """The last message of an excerpt may break off: what begins as another at the same place is that one again."""
    said = [(key, group) for key, group in scan.groups.items() if kind_of(group.kind).family is Family.CMAKE]
    by_place: dict[Location | None, list[Group]] = {}
    for _, group in said:
        by_place.setdefault(group.first.place, []).append(group)
    for key, group in said:
        if group.first.place is None or group.first.frames:
            continue
        whole = next((other for other in by_place[group.first.place] if _begins_as(group.first, other.first)), None)
        if whole is not None:
            whole.absorb(scan.groups.pop(key))
            return


def _drop_probes(scan: Scan) -> None:
    """What does not compile when a configure script tries something out explains what the script says at the end."""
    verdict = next((group for group in scan.groups.values() if group.kind in {CONFIGURE_ERROR, CMAKE_PACKAGE}), None)
    for key, group in list(scan.groups.items()):
        place = group.first.place
        if verdict is not None and place is not None and place.path.rpartition("/")[2].startswith("conftest"):
            scan.attribute(key, to=verdict)


def _begins_as(cut: Event, whole: Event) -> bool:
    return cut.line > whole.line and whole.message.startswith(cut.message.rstrip(" .-"))


def _drop_consequences(scan: Scan) -> None:
    """What CMake says because it did not come to the end of the listfile, or of a target's sources."""
    said = [(key, group) for key, group in scan.groups.items() if kind_of(group.kind).family is Family.CMAKE]
    causes = [group for _, group in said if not group.first.follow_on]
    for key, group in said:
        if group.first.follow_on and causes:
            scan.attribute(key, to=causes[0])


def _join_calls(scan: Scan) -> None:
    """One call of a CMake function of LLVM's may fail at several lines inside of it: one cause, the first of them.

    Unless one says that the target exists already: then the others are about LLVM's target of that name.
    """
    calls: dict[Location, list[Key]] = {}
    for key, group in sorted(scan.groups.items(), key=lambda item: (not _exists(item[1]), item[1].first.line)):
        caller = _caller(group.first) if kind_of(group.kind).family is Family.CMAKE else None
        if caller is not None:
            calls.setdefault(caller, []).append(key)
    for keys in calls.values():
        first = scan.groups[keys[0]]
        for key in keys[1:]:
            if _exists(first) or scan.groups[key].kind == first.kind == CMAKE_ERROR:
                scan.attribute(key, to=first)


def _exists(group: Group) -> bool:
    return group.facts.get(SORT) == "exists"


def _caller(event: Event) -> Location | None:
    """The line of the project's that calls what fails inside of LLVM's modules."""
    if event.place is None or not is_llvms_module(event.place.path):
        return None
    return next((frame for frame in event.frames if not is_llvms_module(frame.path)), None)


def _join_sentences(scan: Scan) -> None:
    """``message(SEND_ERROR ...)`` once per sentence: one text, in the lines of a listfile that follow each other."""
    kept: Group | None = None
    last: Location | None = None
    for key, group in scan.in_order():
        place = _place(group)
        if kept is not None and place is not None and _is_next(place, last) and kept.first.frames == group.first.frames:
            kept.first.detail += [group.first.text, *group.first.detail]
            kept.absorb(scan.groups.pop(key))
        else:
            kept = group
        last = place


def _is_next(place: Location, last: Location | None) -> bool:
    return last is not None and place.path == last.path and (place.line or 0) - (last.line or 0) == 1


def _place(group: Group) -> Location | None:
    """The line of a listfile that said it in CMake's general words; ``None`` for what has a meaning of its own."""
    is_plain = (group.kind == CMAKE_ERROR or group.facts.get(SORT) == "unfit") and len(group.sites) == 1
    return group.first.place if is_plain else None


def _join_sources(scan: Scan) -> None:
    """Sources that several listfiles take from one directory elsewhere, and none of them is there."""
    missing = [(key, group) for key, group in scan.groups.items() if group.kind == SOURCE_MISSING]
    elsewhere = [group for _, group in missing if _is_elsewhere(group)]
    if len({_listfile(group.first) for group in elsewhere}) < _LEAST:
        return
    root = posixpath.commonpath([posixpath.dirname(group.identifier) for group in elsewhere])
    if root.count("/") < _SHALLOWEST:
        return
    lists = tuple({f"{posixpath.dirname(_listfile(group.first))}/" for group in elsewhere})
    taken = [key for key, group in missing if _is_elsewhere(group) or _listfile(group.first).startswith(lists)]
    first = scan.groups[taken[0]]
    first.facts[NAMES] = ", ".join(posixpath.basename(scan.groups[key].identifier) for key in taken[:40])
    first.facts[SORT] = "directory"
    scan.join(taken).identifier = root


def _is_elsewhere(group: Group) -> bool:
    """Whether the source does not lie where the listfile does that lists it."""
    directory = posixpath.dirname(group.identifier)
    listed = posixpath.dirname(_listfile(group.first))
    return directory.startswith("/") and bool(listed) and not f"{directory}/".endswith(f"/{listed}/")


def _listfile(event: Event) -> str:
    """The project's listfile: the outermost call."""
    place = event.frames[-1] if event.frames else event.place
    return place.path if place is not None else ""
