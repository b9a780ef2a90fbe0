"""``llvmgate init``: a first configuration file, from what the repository shows."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.load import CONFIG_NAME, load_config, shown
from pytest_llvmgate.errors import EXIT_OK, GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.discover import Discovery, FoundOption, FoundPin, discover

_COMPONENT_OPTION = re.compile(r"(?:^|_)(?:ENABLE|USE|WITH|BUILD)_?(STABLEHLO|MHLO|HLO|TORCH)$", re.IGNORECASE)
"""Options that turn a component off: worth an axis, because the component's pin may then not matter."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--print", action="store_true", help="print the file instead of writing it")
    parser.add_argument("--force", action="store_true", help="overwrite an existing file")


def run(arguments: argparse.Namespace) -> int:
    """Write ``llvmgate.toml`` in the repository's root and say what it rests on."""
    repository = Repository.open(Path.cwd())
    root = Path(repository.work_tree)
    path = root / CONFIG_NAME
    text = "\n".join(first_config(root, discover(repository))) + "\n"
    if arguments.print:
        print(text, end="")
        return EXIT_OK
    if path.exists() and not arguments.force:
        raise GateError("there is a configuration already", where=shown(path), hint="use --print to see a fresh one")
    write_atomically(path, text)
    config = load_config(path)
    print(f"wrote {shown(path)}: {len(config.pins)} pins, {len(config.configurations)} configurations")
    print("Next: say in [llvm] where an LLVM comes from, then run")
    print("    llvmgate pins")
    print("    pytest --llvm-sha=pinned")
    return EXIT_OK


def first_config(root: Path, found: Discovery) -> Iterator[str]:
    """The lines of a first configuration. Raises :class:`GateError` when there is nothing to gate."""
    has_cmake = (root / "CMakeLists.txt").is_file()
    if not found.pins and not has_cmake:
        raise GateError(
            "expected an LLVM downstream, found neither a CMakeLists.txt nor a known LLVM pin",
            where=shown(root),
            hint="run this in the root of the project that builds against LLVM",
        )
    yield "# How a new LLVM is tried out before this project moves to it:"
    yield "#     pytest --llvm-sha=<commit>"
    axes = [(_axis_name(option), option) for option in found.options if _COMPONENT_OPTION.search(option.name)]
    yield from _pins(found.pins, [name for name, _ in axes])
    if has_cmake:
        yield from _llvm(root)
        yield from _axes(axes, found.options)
        yield from _build()


def _pins(pins: Sequence[FoundPin], axes: Sequence[str]) -> Iterator[str]:
    yield ""
    yield "# Where LLVM commits are written."
    if not pins:
        yield "# None was recognised. Add a [[pin]] with 'name', 'file' and, for an unusual syntax, a 'pattern'."
    for found in pins:
        spec = found.spec
        yield ""
        yield f"# {found.evidence}"
        yield "[[pin]]"
        yield f'name = "{spec.name}"'
        yield from (
            f'{key} = "{value}"' for key in ("component", "file", "reader", "key") if (value := getattr(spec, key))
        )
        matching = [axis for axis in axes if not spec.is_direct and axis in spec.component.replace("-", "_").lower()]
        yield from (f'only = {{ {axis} = "on" }}' for axis in matching)


def _llvm(root: Path) -> Iterator[str]:
    yield ""
    yield "# Where an installed LLVM comes from. {sha}, {short}, {tag} and {flavour} are filled in."
    yield "[llvm]"
    yield 'supplier = "prefix"'
    yield f'prefix = "../llvm-install/{{sha}}"  # relative to {root.name}/'


def _axes(axes: Sequence[tuple[str, FoundOption]], options: Sequence[FoundOption]) -> Iterator[str]:
    yield ""
    yield "# The builds that have to work: every combination of these options."
    yield "[axes.linkage]"
    yield 'static = { cmake = { BUILD_SHARED_LIBS = "OFF" } }'
    yield 'shared = { cmake = { BUILD_SHARED_LIBS = "ON" } }'
    for name, option in axes:
        yield ""
        yield f"[axes.{name}]  # {option.where}: {option.summary}"
        yield f'on = {{ cmake = {{ {option.name} = "ON" }} }}'
        yield f'off = {{ cmake = {{ {option.name} = "OFF" }} }}'
    others = [option for option in options if option not in [known for _, known in axes]]
    if others:
        yield ""
        yield "# Other options that could be axes:"
        yield from (f"#   {option.name} (default {option.default or 'unset'}), {option.where}" for option in others)


def _axis_name(option: FoundOption) -> str:
    match = _COMPONENT_OPTION.search(option.name)
    return match[1].lower() if match else option.name.lower()


def _build() -> Iterator[str]:
    yield ""
    yield "[build]"
    yield "# targets = []  # all, if absent"
    yield "install = true"
    yield "# Commands as argument lists; run the installed tool, so that a library that is not installed is noticed."
    yield '# check = [["{install}/bin/my-opt", "--version"], ["cmake", "--build", "{build}", "--target", "check-my"]]'
    yield ""
    yield "[build.cmake]"
    yield 'CMAKE_BUILD_TYPE = "Release"'
