"""Where to look for a group's errors, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_llvmgate.findings import generated_files, texts
from pytest_llvmgate.findings.case import Case
from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.groups import Group
from pytest_llvmgate.findings.layers import Paths, edge_owner, is_in_llvms_build, within_edge
from pytest_llvmgate.findings.parsers.absent import is_about_code, is_about_the_machine
from pytest_llvmgate.findings.parsers.programs import LIBRARY_GONE
from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.kinds.description import Family, Subject, Whose
from pytest_llvmgate.kinds.facts import BY, FILE, FORM, NAME, PROGRAM, SORT, SUBMODULE
from pytest_llvmgate.llvm.system_packages import is_system_s
from pytest_llvmgate.model import Layer, Location
from pytest_llvmgate.owners.file_owners import Owner, is_in_llvm_install, is_of_the_system

OF_AN_API: Final = frozenset({Subject.DECLARATION, Subject.TYPE})
"""Classes that say something of LLVM's API to its users; in LLVM's own code they are plain errors."""


def located_of(case: Case, group: Group) -> list[tuple[Location, Owner]]:
    """Where to look, for each site: the place itself, or the first frame that is the user's, where it is LLVM's."""
    by_cmake = kind_of(group.kind).family is Family.CMAKE
    return [
        _users_place(case.paths, event, by_cmake=by_cmake) for event in group.sites.values() if event.place is not None
    ]


def _users_place(paths: Paths, event: Event, *, by_cmake: bool) -> tuple[Location, Owner]:
    assert event.place is not None  # noqa: S101 (the caller looked)
    if (made := generated_files.source_place(paths, event)) is not None:
        return paths.location(made[0])
    candidates = [paths.location(place, by_cmake=by_cmake) for place in event.trail]
    own, owner = candidates[0]
    for place, whose in candidates:
        if whose.is_users and not _is_made(place, whose):
            return place, whose
    for place, whose in (paths.location(note) for note in _noted_places(event)):
        if whose.is_users and not _is_made(place, whose):
            return place, whose
    if owner.layer is Layer.LLVM and not owner.system:
        return own, owner  # nothing of the user's was instantiated: the header itself is refused
    for place, whose in (paths.location(include) for include in event.includes):
        if (whose.is_users and not _is_made(place, whose)) or (
            whose.layer is Layer.LLVM and place.path.endswith(UNITS)
        ):
            return place, whose  # LLVM's own unit, which a header of the system's does not serve
    return own, owner


UNITS: Final = (".c", ".cc", ".cpp", ".cxx", ".C")
"""Ends of files that are compiled, and not included."""
_CANDIDATE: Final = re.compile(
    r"^(?P<path>(?:[A-Za-z]:)?[^:\n]+):(?P<line>\d+):\d+: note: +(?:candidate|no known conversion)"
)


def _noted_places(event: Event) -> Iterator[Location]:
    """Declarations that the compiler's notes point at: a lambda of the user's that LLVM's template calls in vain."""
    for line in event.detail:
        if match := _CANDIDATE.match(line):
            yield Location(path=match["path"].replace("\\", "/"), line=int(match["line"]))


def _is_made(place: Location, owner: Owner) -> bool:
    return owner.generated or generated_files.is_generated(place.path)


def owner_of(case: Case, group: Group, located: Sequence[tuple[Location, Owner]]) -> Owner | None:
    """Whose the first place is, else the failed command; ``None`` where nothing tells."""
    if located and located[0][0].path.endswith("cmake_install.cmake"):
        named = re.search(r"\"(/[^\"]+)\"", group.first.message)
        return case.paths.owner(named[1]) if named else located[0][1]
    if located:
        return within_edge(located[0][1], group.first.edge)
    said = _ABSOLUTE.search(group.first.message) if kind_of(group.kind).family is Family.CMAKE else None
    return case.paths.owner(said[0], by_cmake=True) if said is not None else edge_owner(case.paths, group.first.edge)


_ABSOLUTE: Final = re.compile(r"(?<=^File )/\S++")
"""What CMake misses, where it does not say which listfile asks for it."""


def layer_of(case: Case, group: Group, owner: Owner | None) -> tuple[Layer, str]:  # noqa: PLR0911 (one by one)
    """The layer, and the component's name where it is one: whose it is to mend."""
    whose = texts.variant(group).whose or kind_of(group.kind).whose
    is_strangers = not case.context.stage  # a gate's machine is known to build the project
    if (
        whose is Whose.MACHINE
        or _is_environment(group)
        or _is_of_systems_header(case, group)
        or (is_strangers and _is_installed_library(group))
    ):
        return Layer.MACHINE, ""
    if case.context.stage == "llvm":
        return Layer.LLVM, ""
    if whose is Whose.CHECKOUT:
        return _checkout(case, group)
    if (whose_file := _of_a_file(case, group)) is not None:
        return whose_file
    if group.tests and all(LLVMS_TESTS.match(test) for test in group.tests):
        return Layer.LLVM, ""
    if whose in {Whose.PROGRAM, Whose.INPUT}:
        runs = edge_owner(case.paths, group.first.edge)
        is_of_llvms_build = runs is not None and runs.layer is Layer.LLVM
        is_llvms = whose is Whose.PROGRAM and (is_of_llvms_build or _is_llvms_tool(group))
        return (Layer.LLVM if is_llvms else Layer.DOWNSTREAM), ""
    if owner is not None and owner.layer is Layer.LLVM and (caller := _of_a_cut_call(group)) is not None:
        return caller, ""
    if owner is None or owner.layer is Layer.UNKNOWN or owner.system:
        return _layer_without_owner(case, group, owner, whose), ""
    return owner.layer, owner.component


def _layer_without_owner(case: Case, group: Group, owner: Owner | None, whose: Whose) -> Layer:
    is_cut = owner is None and (group.kind == kinds.CMAKE_PACKAGE or kind_of(group.kind).subject in OF_AN_API)
    if whose is Whose.DOWNSTREAM or is_cut:  # where it stands is cut off: people show logs of their own
        return Layer.DOWNSTREAM
    if owner is not None and owner.system and kind_of(group.kind).family is Family.COMPILER:
        return Layer.MACHINE
    return layer_of_words(case, group.first.message)


def layer_of_words(case: Case, said: str) -> Layer:
    """Whose it is, where no file and no command tells.

    What a gate's machine lacks is said in words of its own. A stranger's machine is not known to build anything: what
    speaks of no code says that the tools on it do not fit together.
    """
    if case.context.stage:
        return Layer.MACHINE if is_about_the_machine(said) else Layer.UNKNOWN
    return Layer.DOWNSTREAM if is_about_code(said) else Layer.MACHINE


def _is_of_systems_header(case: Case, group: Group) -> bool:
    """Whether a header is missed by one of the system's, whoever includes that."""
    place = group.first.place
    return group.kind == kinds.HEADER_MISSING and place is not None and case.paths.owner(place.path).system


def _is_installed_library(group: Group) -> bool:
    """Whether a library is missed that is installed rather than built: one of another name than LLVM's, or at run time
    one with a version, which a build's own has not.
    """
    if group.kind == kinds.LIBRARY_MISSING:
        return group.form == "absent"
    gone = LIBRARY_GONE.search(group.first.message) if group.kind == kinds.LOADER else None
    return gone is not None and re.search(r"^LLVM|\.so\.\d", gone[0]) is not None


def _of_a_file(case: Case, group: Group) -> tuple[Layer, str] | None:
    """The owner of a library that is not there, or not position-independent, where it lies outside of the project."""
    facts = group.facts
    if group.kind == kinds.LINK_ERROR and FILE in facts:
        owner = case.paths.owner(facts[FILE])
        is_machines = owner.layer is Layer.UNKNOWN or is_of_the_system(owner.path)
        return (Layer.MACHINE, "") if is_machines else (owner.layer, owner.component)
    path = facts.get(NAME, "") if group.kind == kinds.BUILD_FILE_MISSING else ""
    if not path.startswith("/") or not path.endswith((".a", ".so", ".dylib")):
        return (Layer.LLVM, "") if path and is_in_llvms_build(facts.get(BY, "")) else None
    if case.paths.owner(path).layer not in {Layer.LLVM, Layer.MACHINE}:
        return None
    facts[FORM] = "installed"  # an install lacks a part
    return Layer.MACHINE, ""


LLVMS_TESTS: Final = re.compile(r"(?:LLVM|MLIR|Clang|lld|Polly|Flang|BOLT|Clang Tools|lldb-\w+)(?:-Unit)? :: ")
"""Tests of LLVM's own suites."""


def _of_a_cut_call(group: Group) -> Layer | None:
    """Whose the call is of a CMake module of LLVM's that the log does not show: of installed ones, never LLVM's own."""
    places = [place.path for place in group.first.trail]
    is_modules = bool(places) and all(re.search(r"(?:^|/)cmake/(?:\w+/)?\w+\.cmake$", path) for path in places)
    if not is_modules or kind_of(group.kind).family is not Family.CMAKE:
        return None
    return Layer.DOWNSTREAM if places[1:] and is_in_llvm_install(f"/{places[0]}") else Layer.UNKNOWN


UTILITIES: Final = frozenset(
    {"FileCheck", "count", "not", "split-file", "llvm-lit", "yaml-bench", "lit", "FileCheck;not"}
)


def is_of_python_bindings(target: str) -> bool:
    """Whether the target is one of those that MLIR's Python bindings are made of."""
    return target.startswith(("MLIRPythonSources", "MLIRPythonExtension", "MLIRPythonCAPI"))


def _is_environment(group: Group) -> bool:
    """An install that lacks parts, or is not there: nothing that an edit of code would mend."""
    if group.kind == kinds.CMAKE_PACKAGE:
        # Another LLVM is the project's to ask for; another nanobind is the machine's to have.
        sort = group.facts.get(SORT)
        return sort != "unfit" and (sort != "version" or not _LLVM_PACKAGES.match(group.identifier))
    if group.kind == kinds.SCRIPT_ERROR:
        return _NOT_THERE.search(group.identifier) is not None
    if is_system_s(group.identifier):
        return group.kind == kinds.CMAKE_TARGET_MISSING
    is_part = group.identifier in UTILITIES or is_of_python_bindings(group.identifier)
    return group.kind == kinds.CMAKE_TARGET_MISSING and is_part


_NOT_THERE: Final = re.compile(
    r"ModuleNotFoundError|No module named|No such file or directory|PermissionError|Permission denied"
)
_LLVM_PACKAGES: Final = re.compile(r"(?i)(?:LLVM|MLIR|Clang|LLD|Flang)$")
_LLVM_TOOLS: Final = re.compile(
    r"^(?:mlir|llvm)-[\w-]+$|^(?:opt|llc|lli|clang|clang\+\+|FileCheck|lld|ld\.lld|not|count)(?:-\d+)?$"
)


def _is_llvms_tool(group: Group) -> bool:
    """Whether the program that failed is one of LLVM's own, rather than the project's, which calls LLVM."""
    program = group.facts.get(PROGRAM, "")
    if not program and group.first.edge is not None:
        program = re.split(r"&& ", group.first.edge.command)[-1].partition(" ")[0].rpartition("/")[2]
    return _LLVM_TOOLS.match(program) is not None


def _checkout(case: Case, group: Group) -> tuple[Layer, str]:
    """A submodule that cannot be had, or is empty, is that component's; everything else the downstream's."""
    path = group.facts.get(SUBMODULE, "")
    if group.kind == kinds.CMAKE_MODULE_MISSING:
        path = case.paths.owner(f"{group.identifier}/CMakeLists.txt", by_cmake=True).component
    name = path.rpartition("/")[2]
    return (Layer.COMPONENT, name) if name and not name.startswith("llvm") else (Layer.DOWNSTREAM, "")
