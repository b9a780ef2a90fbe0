"""What a repository shows of its LLVM pins and build options, for a first configuration file.

Known projects are recognised by their layout; everything else by what the formats themselves show. Every proposal says
on which evidence it rests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_llvmgate.cmake.listfile import too_old_a_minimum
from pytest_llvmgate.config.layout import as_name, distinct_names
from pytest_llvmgate.config.settings import Config, PinSpec
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import shortened
from pytest_llvmgate.model import Location
from pytest_llvmgate.pins import build_options
from pytest_llvmgate.pins.build_options import FoundOption
from pytest_llvmgate.pins.components import Clones, below, file_ways, submodule_ways
from pytest_llvmgate.pins.known import Build, Project, Relaxed, recognised
from pytest_llvmgate.pins.leading import is_own
from pytest_llvmgate.pins.places import CONSUMERS, Gap, Place, TreePins, look_at, rank, tool
from pytest_llvmgate.pins.read import first_path, read_pins
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.pins.syntax.found import TAG_PREFIX
from pytest_llvmgate.pins.tree_view import TreeView
from pytest_llvmgate.upstream.whose import LLVM, repository_name

_README: Final = re.compile(r"(?:^|/)README[^/]*$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class FoundPin:
    """A pin to propose, and why."""

    spec: PinSpec
    evidence: str
    tag: str = ""
    """The tag of LLVM's that it says, where it says one."""


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """Everything found."""

    pins: tuple[FoundPin, ...]
    options: tuple[FoundOption, ...]
    gaps: tuple[Gap, ...] = ()
    """What was seen and could not be decided."""
    looked: int = 0
    """How many files were read."""
    source: str = "."
    """The directory of the top CMakeLists.txt; empty where there is none."""
    linkage: str = "BUILD_SHARED_LIBS"
    """The option that makes the project's libraries static or shared; empty where it has none."""
    tests: str = ""
    """What of the project's own a plain ``pytest`` loads before the gate's tests."""
    pytest_options: tuple[str, ...] = ()
    """Settings of the project's pytest configuration that may ask for plugins which are not installed."""
    project: str = ""
    """The known project that this is, or is a fork of."""
    evidence: str = ""
    """What it was recognised by."""
    build: Build = field(default_factory=Build)
    """How that project is built, as far as its CMake files bear it out."""
    switches: tuple[str, ...] = ()
    """Options, off by default, without which it looks for no LLVM."""
    is_for_old_cmakes: bool = False
    """CMake 4 refuses it as it is."""
    llvm_paths: tuple[str, ...] = ()
    """Cache variables of its own in which it wants to be told where LLVM is installed."""
    follows_llvm: Location | None = None
    """Where ``BUILD_SHARED_LIBS`` is taken from LLVM's own setting, whatever is passed."""


def discover(repository: Repository, clones: Mapping[str, Path] | None = None) -> Discovery:
    """Look at the index, the submodules, the files that hold commits, and the CMake options.

    ``clones``: where the commits of components are at hand, by their name or path.
    """
    view = TreeView(repository=repository)
    found = recognised(set(view.paths))
    project = found[0] if found else None
    pins, seen = _found_pins(view, project, clones or {})
    source = build_options.cmake_source(view)
    commands = build_options.top_commands(view, source)
    options = tuple(build_options.options(view, [pin.spec for pin in pins if not is_own(pin.spec)]))
    return Discovery(
        pins=pins,
        gaps=tuple(seen.gaps),
        looked=seen.looked,
        options=options,
        project=project.name if project else "",
        evidence=f"it has {' and '.join(found[1])}" if found else "",
        build=build_options.borne_out(view, project.build) if project else Build(),
        source=source,
        linkage=build_options.linkage_option(options, view, source),
        is_for_old_cmakes=too_old_a_minimum(commands) is not None,
        llvm_paths=tuple(build_options.llvm_paths(commands)),
        follows_llvm=build_options.follows_llvm(view),
        tests=_own_tests(view),
        pytest_options=tuple(_pytest_options(view)),
    )


def _own_tests(view: TreeView) -> str:
    """The project's own conftest.py or pytest configuration that a plain ``pytest`` would load first."""
    names = ("conftest.py", "pytest.ini", "tests/conftest.py", "test/conftest.py")
    found = next((path for path in names if path in view.paths), "")
    if found or "pyproject.toml" not in view.paths:
        return found
    return "pyproject.toml" if "[tool.pytest" in (view.content("pyproject.toml") or "") else ""


_PYTEST_SECTION: Final = re.compile(r"^\[(?:tool[:.])?pytest\b[^\n]*\n(?>(?:(?!\[[\w:.\"-]+\]).*\n?)*)", re.MULTILINE)
_PLUGINS_WANTED: Final = re.compile(r"^(addopts|required_plugins)[ \t]*=", re.MULTILINE)


def _pytest_options(view: TreeView) -> Iterable[str]:
    """Those of the first file that pytest would take for its configuration, in pytest's order."""
    for path in ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"):
        section = _PYTEST_SECTION.search(view.content(path) or "") if path in view.paths else None
        if section:
            return dict.fromkeys(_PLUGINS_WANTED.findall(section[0]))
    return ()


def discover_pins(repository: Repository, clones: Mapping[str, Path] | None = None) -> tuple[FoundPin, ...]:
    """The pins of :func:`discover` alone, without a look at how the project is built."""
    view = TreeView(repository=repository)
    found = recognised(set(view.paths))
    return _found_pins(view, found[0] if found else None, clones or {})[0]


def _found_pins(
    view: TreeView, project: Project | None, clones: Mapping[str, Path]
) -> tuple[tuple[FoundPin, ...], TreePins]:
    seen = look_at(view)
    known = list(_known_pins(view, project))
    pins = [pin for pin in known if is_own(pin.spec)]
    places = {(pin.spec.file, pin.spec.key) for pin in pins} | {(pin.spec.file, "") for pin in pins}
    for place in seen.own:
        if (place.file, place.key) not in places and (place.file, "") not in places:
            tag = place.says if place.says.startswith(TAG_PREFIX) else ""
            pins.append(FoundPin(spec=_named(place, first=not pins), evidence=_seen_at(place), tag=tag))
    pins += [pin for pin in known if not is_own(pin.spec)]
    at_hand = Clones(view.repository.work_tree, clones)
    inside = list(_component_pins(view, seen, project, at_hand, pins))
    if inside and seen.own and not known and all(rank(place)[0] >= CONSUMERS for place in seen.own):
        tools = [place for place in seen.own if place.says.startswith(TAG_PREFIX) and not _README.search(place.file)]
        seen.gaps += [tool(place, "LLVM comes through a component") for place in tools]
        files = {place.file for place in tools}
        pins = [_beside(pin) for pin in pins if pin.spec.file not in files]
    pins += inside
    names = distinct_names(pin.spec.name for pin in pins)
    return tuple(replace(pin, spec=replace(pin.spec, name=name)) for pin, name in zip(pins, names, strict=True)), seen


def _known_pins(view: TreeView, project: Project | None) -> Iterator[FoundPin]:
    """The pins of a known project, each in the first layout that the tree has."""
    done: set[str] = set()
    for spec in project.pins if project else ():
        if spec.name in done or first_path(spec) not in view.paths:
            continue
        (reading,) = read_pins(Config(path=view.repository.work_tree / "llvmgate.toml", pins=(spec,)))
        if reading.problem is None or spec.through:
            done.add(spec.name)
            yield FoundPin(spec=spec, evidence=_evidence(reading))


def _evidence(reading: PinReading) -> str:
    if reading.problem:
        return (
            f"{reading.problem.message} ({reading.problem.hint})" if reading.problem.hint else reading.problem.message
        )
    return f"{reading.location} names {reading.short}"


def _named(place: Place, *, first: bool) -> PinSpec:
    """The first is the project's LLVM; the others are called after their files."""
    return replace(place.spec, name=LLVM if first else as_name(PurePosixPath(place.file).stem, "duplicate"))


def _beside(pin: FoundPin) -> FoundPin:
    """A pin of an image or a test of a project that takes its own LLVM through a component: another by design.

    But for the page on which a project says what it needs itself.
    """
    if _README.search(pin.spec.file):
        return pin
    group = pin.spec.group or as_name(PurePosixPath(pin.spec.file).stem)
    return replace(pin, spec=replace(pin.spec, group=group))


def _seen_at(place: Place) -> str:
    where = f"{place.file}:{place.line}" if place.line else f"the submodule {place.file}"
    return f"{where} names {shortened(place.says)}"


def _component_pins(
    view: TreeView, seen: TreePins, project: Project | None, clones: Clones, given: Sequence[FoundPin]
) -> Iterator[FoundPin]:
    """The pins inside submodules, then those behind files that name another project's commit."""
    done = {pin.spec.component for pin in given if pin.spec.component}
    done |= {hop.repository for pin in given for hop in pin.spec.through}
    for path, url, way in submodule_ways(view, clones):
        relaxed = project.relaxed.get(repository_name(path)) if project else None
        if way and path not in done:
            known = way.known_only or way.evidence.startswith("the ")
            evidence = way.evidence if known else f"{path}/{way.evidence}"
            name = as_name(repository_name(path) or repository_name(url), "component")
            spec = replace(below(path, way.spec), name=name)
            yield FoundPin(spec=_relaxed(spec, relaxed), evidence=evidence)
    for component, way in file_ways(seen, clones):
        name = component if isinstance(component, str) else component.name
        if way.spec.through[0].repository not in done:
            relaxed = project.relaxed.get(name) if project else None
            spec = replace(way.spec, name=as_name(repository_name(name).lower(), "component"))
            yield FoundPin(spec=_relaxed(spec, relaxed), evidence=way.evidence)


def _relaxed(spec: PinSpec, relaxed: Relaxed | None) -> PinSpec:
    return replace(spec, policy=relaxed.policy, reason=relaxed.reason) if relaxed else spec
