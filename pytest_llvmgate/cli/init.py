"""``llvmgate init``: a first configuration file, from what the repository shows."""

from __future__ import annotations

import argparse
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.cli.arguments import add_clones, add_directory
from pytest_llvmgate.cmake.listfile import Command, parse
from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.layout import as_name, distinct_names
from pytest_llvmgate.config.load import CONFIG_NAME, find_config, load_config, shown
from pytest_llvmgate.config.settings import HopSpec, PinSpec, Policy
from pytest_llvmgate.config.toml_lines import quoted, written
from pytest_llvmgate.errors import EXIT_OK, GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.llvm.prefix import distribution_prefixes
from pytest_llvmgate.owners.by_tree import submodule_paths
from pytest_llvmgate.pins.build_options import FoundOption
from pytest_llvmgate.pins.bulk import clone_paths, expect_component
from pytest_llvmgate.pins.discover import Discovery, FoundPin, discover
from pytest_llvmgate.pins.places import Gap
from pytest_llvmgate.pins.tree_view import TreeView
from pytest_llvmgate.preflight.switched_off import switches_of
from pytest_llvmgate.upstream.whose import LLVM_PACKAGES
from pytest_llvmgate.wording import counted

_COMPONENT_OPTION: Final = re.compile(r"(?:^|_)(?:ENABLE|USE|WITH|BUILD)_?(STABLEHLO|MHLO|HLO|TORCH)$", re.IGNORECASE)
"""Options that turn a component off: worth an axis, because the component's pin may then not matter."""

_SWITCH: Final = re.compile(r"^.*(?:ENABLE|USE|WITH|BUILD|INCLUDE|INPUT)_|_(?:ENABLED|SUPPORT)$")
_BESIDE: Final = "conftest.py"
"""Where pytest loads it whatever file is named on its command line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_directory(parser)
    parser.add_argument("--print", action="store_true", help="print the file instead of writing it")
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")
    add_clones(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write ``llvmgate.toml`` in the repository's root and say what it rests on."""
    repository = Repository.open(arguments.directory.resolve())
    root = Path(repository.work_tree)
    path = root / CONFIG_NAME
    clones = clone_paths(arguments.clone)
    found = discover(repository, clones)
    paths = submodule_paths(root)
    found = _with_idle_clones(found, clones.keys() - {*paths, *map(posixpath.basename, paths)})
    if not found.project:
        found = replace(found, switches=switches_of(LLVM_PACKAGES, _listfiles(repository)))
    unseen = "" if found.pins else _untracked(repository)
    text = "\n".join(_first_config(root, found, unseen)) + "\n"
    if arguments.print:
        print(text, end="")
        return EXIT_OK
    existing = find_config(root)
    if existing is not None and not arguments.force:
        raise GateError(
            "there is a configuration already", where=shown(existing), hint="use --print to see a fresh one"
        )
    write_atomically(path, text)
    config = load_config(path)
    sizes = counted(len(config.pins), "pin"), counted(len(config.configurations), "configuration")
    print(f"wrote {shown(path)}: {', '.join(sizes)}")
    for line in _next_steps(found, has_pins=bool(config.pins), has_builds=bool(config.configurations)):
        print(line)
    if unseen:
        print(f"({unseen})")
    return EXIT_OK


def _with_idle_clones(found: Discovery, names: Iterable[str]) -> Discovery:
    """A gap for each clone that leads to no pin: told beside the pins, and refused where there is none."""
    gaps = list(found.gaps)
    for name in sorted(names):
        try:
            expect_component(name, [pin.spec for pin in found.pins])
        except GateError as error:
            if not found.pins:
                raise
            (problem,) = error.problems
            gaps.append(
                Gap(where=f"--clone {name}", message=f"{problem.message.removeprefix('--clone: ')} ({problem.hint})")
            )
    return replace(found, gaps=tuple(gaps))


def _untracked(repository: Repository) -> str:
    """What is said where nothing was found and git does not know of some files; empty where it knows all."""
    number = repository.run("ls-files", "-z", "--others", "--exclude-standard").count(b"\0")
    return f"not looked at: {counted(number, 'untracked file')}; git add what belongs to the project" if number else ""


def _next_steps(found: Discovery, *, has_pins: bool, has_builds: bool) -> Iterator[str]:
    """What to do with the file, in the order in which it is done."""
    for gap in found.gaps:
        yield f"undecided: {gap.where}: {gap.message}"
    if not has_builds:
        yield "No CMakeLists.txt begins a project here: nothing is built, the pins are all there is to gate."
    if not has_pins:
        yield "No LLVM commit was found here: add a [[pin]] where one is written, or name what is to be gated."
    plain = "".join(f"-o {name}= " for name in found.pytest_options) + (f"{CONFIG_NAME} " if found.tests else "")
    plain += "--noconftest " if found.tests == _BESIDE else ""
    name = "pinned" if has_pins else "COMMIT"
    if has_builds:
        tag = _leading_tag(found)
        yield f"Next: say in [llvm] where an LLVM comes from{f', and which commit {tag} is' if tag else ''}; then run"
    else:
        yield "Next:"
    if has_pins:
        yield "    llvmgate pins"
        yield f"    pytest --llvm-sha=pinned {plain}-k pins"
    if has_builds:
        yield "    llvmgate doctor" + ("" if has_pins else f" --llvm-sha={name}")
        yield f"    pytest --llvm-sha={name} {plain}".rstrip()
    yield from _remarks(found, has_builds=has_builds)


def _remarks(found: Discovery, *, has_builds: bool) -> Iterator[str]:
    """What explains the commands."""
    if has_builds and (installed := distribution_prefixes()):
        yield f"(installed here: {', '.join(map(str, installed))}; one is taken by"
        yield f""" prefix = "{installed[-1]}" with revision = "unrecorded", as packages record no commit)"""
    if found.pytest_options:
        yield f"(-o empties {' and '.join(found.pytest_options)} of the project's own, which may need other plugins)"
    if found.tests == _BESIDE:
        yield f"(with --noconftest, pytest does not load {_BESIDE} beside {CONFIG_NAME})"
    elif found.tests:
        yield f"(with {CONFIG_NAME} named, pytest does not load {found.tests} of the project's own tests)"


def _listfiles(repository: Repository) -> Mapping[str, Sequence[Command]]:
    view = TreeView(repository=repository)
    paths = [path for path in view.files if path.endswith(("CMakeLists.txt", ".cmake"))]
    return {path: [*parse(text)] for path, text in view.texts(paths)}


def _first_config(root: Path, found: Discovery, unseen: str) -> Iterator[str]:
    """The lines of a first configuration. Raises :class:`GateError` when there is nothing to gate."""
    has_cmake = bool(found.source)
    if not found.pins and not has_cmake and not found.gaps:
        raise GateError(
            "expected an LLVM downstream, found neither a CMakeLists.txt nor a known LLVM pin: no commit or tag of "
            f"LLVM's in {counted(found.looked, 'file')} whose name or content may hold one, and no submodule that "
            f"leads to one{unseen and f' ({unseen})'}",
            where=shown(root),
            hint="run this in the root of the project that builds against LLVM; what no reader knows is a [[pin]] "
            "with 'name', 'file' and 'pattern', what a component says is found with --clone NAME=DIR",
        )
    yield "# How a new LLVM is tried out before this project moves to it:"
    yield "#     pytest --llvm-sha=<commit>"
    if found.project:
        yield _comment(f"This looks like {found.project}: {found.evidence}.")
    axes = _axes_of(found.options) if has_cmake else {}
    yield from _pins(found.pins, axes)
    yield from _gaps(found.gaps)
    if has_cmake:
        yield from _llvm(root, found)
        yield from _axes(axes, found)
        yield from _build(found)
    else:
        yield ""
        yield "# There is no CMakeLists.txt of a project here: no builds, and the pins are all there is to gate."
        yield "# For a project that is built by CMake, [build] source names the directory of its CMakeLists.txt."


def _axes_of(options: Sequence[FoundOption]) -> Mapping[str, FoundOption]:
    """Axis name to the option that turns a component on and off; the first where several have the same name."""
    axes: dict[str, FoundOption] = {}
    for option in options:
        match = _COMPONENT_OPTION.search(option.name)
        if match or option.component:
            axes.setdefault(match[1].lower() if match else as_name(option.component), option)
    return axes


def _pins(pins: Sequence[FoundPin], axes: Mapping[str, FoundOption]) -> Iterator[str]:
    yield ""
    yield "# Where LLVM commits are written."
    if not pins:
        yield "# None was recognised: no LLVM commit or tag stands in the files whose name or content may hold one,"
        yield "# and no submodule leads to one. Add a [[pin]] with 'name', 'file' and, for an odd syntax, 'pattern'."
    for found in pins:
        spec = found.spec
        yield ""
        yield _comment(found.evidence)
        yield "[[pin]]"
        yield from _strings(spec, ("name", "component", "file", "reader", "key", "pattern"))
        if spec.through:
            yield f"through = {written([_hop(hop) for hop in spec.through])}"
        if spec.group:
            yield f"group = {quoted(spec.group)}"
        if spec.policy is not Policy.EQUAL:
            yield f"policy = {quoted(spec.policy)}"
            yield from _strings(spec, ("reason",))
        yield from (f'only = {{ {axis} = "on" }}' for axis in _axes_that_need(spec, axes))


def _gaps(gaps: Sequence[Gap]) -> Iterator[str]:
    """What was seen and not decided, each with the line that would add it."""
    if gaps:
        yield ""
        yield "# Seen and not taken up; what is a pin of this project, add:"
    for gap in gaps:
        yield _comment(f"    {gap.where}: {gap.message}")
        if gap.line_to_add:
            yield _comment(f"        {gap.line_to_add}")


def _axes_that_need(spec: PinSpec, axes: Mapping[str, FoundOption]) -> Sequence[str]:
    """The axis, if there is one, without which the pin's component is not built."""
    if spec.is_direct:
        return ()
    path = spec.component.replace("-", "_").lower()
    told = [axis for axis, option in axes.items() if option.component == spec.name]
    return told[:1] or [axis for axis, option in axes.items() if not option.component and axis in path][:1]


def _strings(spec: PinSpec, keys: Sequence[str]) -> Iterator[str]:
    yield from (f"{key} = {quoted(value)}" for key in keys if (value := getattr(spec, key)))


def _hop(hop: HopSpec) -> dict[str, str]:
    names = ("file", "repository", "reader", "key", "pattern", "url")
    return {name: value for name in names if (value := getattr(hop, name))}


def _llvm(root: Path, found: Discovery) -> Iterator[str]:
    yield ""
    yield "# Where an installed LLVM comes from. {sha}, {short}, {tag} and {flavour} are filled in."
    yield _comment(f"The path is relative to {root.name}/.")
    yield "[llvm]"
    yield 'supplier = "prefix"'
    yield f'prefix = "../llvm-install/{{sha}}{"/{flavour}" if found.follows_llvm else ""}"'
    if tag := _leading_tag(found):
        yield ""
        yield f"# Which commit that tag is: git ls-remote https://github.com/llvm/llvm-project '{tag}*'"
        yield "# [llvm.tags]"
        yield f'# {quoted(tag)} = "SHA"'


def _leading_tag(found: Discovery) -> str:
    """The tag of LLVM's that the leading pin says, where it says no commit."""
    return next((pin.tag for pin in found.pins), "")


def _axes(axes: Mapping[str, FoundOption], found: Discovery) -> Iterator[str]:
    yield ""
    yield "# The builds that have to work: every combination of these options."
    if found.follows_llvm:
        yield _comment(f"{found.follows_llvm} takes BUILD_SHARED_LIBS from LLVM: each needs an LLVM of its own.")
    if found.linkage:
        yield from _linkage_axis(found)
    else:
        yield "# No library of this project can be either static or shared: one build."
    if not found.linkage and not axes:
        yield "[[configuration]]"
        yield 'name = "release"'
    for name, option in axes.items():
        yield ""
        yield _comment(f"{option.where}: {option.summary}")
        yield f"[axes.{quoted(name) if '.' in name else name}]"
        yield f'on = {{ cmake = {{ {option.name} = "ON" }} }}'
        yield f'off = {{ cmake = {{ {option.name} = "OFF" }} }}'
    taken = {found.linkage, *found.switches, *(option.name for option in axes.values())}
    others = {one.name: one for one in found.options if one.name not in taken}
    if others:
        yield ""
        yield "# Other options of this project. Each that has to work either way is an axis, and doubles the builds:"
    names = list(distinct_names([*axes, *map(_axis_name, others)]))[len(axes) :]
    for option, axis in zip(others.values(), names, strict=True):
        yield _comment(f"    {option.where}: {option.summary or option.name} (default {option.default or 'OFF'})")
        yield _comment(f"    [axes.{axis}]")
        yield _comment(f'    on = {{ cmake = {{ {option.name} = "ON" }} }}')
        yield _comment(f'    off = {{ cmake = {{ {option.name} = "OFF" }} }}')


def _axis_name(option: str) -> str:
    """What an option is called as an axis: ``gpu`` for ``WOMBAT_ENABLE_GPU``."""
    return as_name((_SWITCH.sub("", option) or option).lower())


def _linkage_axis(found: Discovery) -> Iterator[str]:
    if found.linkage != "BUILD_SHARED_LIBS":
        yield _comment(f"No library of this project follows BUILD_SHARED_LIBS; {found.linkage} is its own option.")
    if not found.follows_llvm:
        yield _comment('With flavour = "shared" besides, shared is built on a shared LLVM, derived from archives.')
    yield "[axes.linkage]"
    for name, value in {"static": "OFF", "shared": "ON"}.items():
        flavour = f'flavour = "{name}", ' if found.follows_llvm else ""
        yield f'{name} = {{ {flavour}cmake = {{ {found.linkage} = "{value}" }} }}'


def _build(found: Discovery) -> Iterator[str]:
    build = found.build
    yield ""
    if build.note:
        yield _comment(f"{build.note}.")
    yield "[build]"
    if found.source not in {"", "."}:
        yield f"source = {quoted(found.source)}  # the directory of the top CMakeLists.txt"
    if build.targets:
        yield f"targets = {written(build.targets)}"
        yield "install = false  # needs all targets"
    else:
        yield "# targets = []  # all, if absent"
        yield "install = true"
        yield "# Run the installed tool, so that a library that is not installed is noticed."
    yield "# Commands as argument lists."
    tests = [["cmake", "--build", "{build}", "--target", target] for target in build.check]
    yield f"{'' if tests else '# '}check = {written(tests or [['{install}/bin/my-opt', '--version']])}"
    yield ""
    yield "[build.cmake]"
    for name, value in {"CMAKE_BUILD_TYPE": "Release", **build.cmake}.items():
        yield f"{name} = {quoted(value)}"
    yield from (f'{name} = "ON"  # without it, the project looks for no LLVM' for name in found.switches)
    yield from (f'{name} = "{{llvm}}"  # where the project wants to be told of LLVM' for name in found.llvm_paths)
    if found.is_for_old_cmakes:
        yield 'CMAKE_POLICY_VERSION_MINIMUM = "3.5"  # the project is for CMake before 3.5, which CMake 4 refuses'


def _comment(text: str) -> str:
    """One line of comment: a summary in CMake may have several, and control characters are no TOML."""
    kept = "".join(character if character.isprintable() else " " for character in text)
    return f"# {kept}".rstrip()
