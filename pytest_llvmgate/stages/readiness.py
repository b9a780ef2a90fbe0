"""The doctor: what this machine lacks of what the project's builds will ask for, said before the first is begun.

Asked are the tools themselves: programs are looked for where a build would, packages are found by CMake in a project of
two lines, settings are read from LLVM's own package. Nothing is built.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.llvm.exports import private, read_exports
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.llvm.system_packages import packages_of
from pytest_llvmgate.model import Confidence, Finding
from pytest_llvmgate.owners.by_tree import find_layers
from pytest_llvmgate.preflight.build_facts import check_toolchain
from pytest_llvmgate.preflight.guards import cmake_guards
from pytest_llvmgate.preflight.llvm_view import known_from_prefix
from pytest_llvmgate.preflight.switched_off import BuiltParts
from pytest_llvmgate.preflight.usage import Usage, scan
from pytest_llvmgate.process.memory import GIB, available_memory, fitting
from pytest_llvmgate.stages.build_tools import build_environment, find_tools
from pytest_llvmgate.surface.file_tree import DirectoryTree

_EACH: Final = GIB
"""Of memory, for a compiler at a file of an MLIR downstream."""
_ROOM: Final = 10 * GIB
"""Of disk, for a derived LLVM and the builds of a project of some hundred files."""
_TIMEOUT: Final = 120.0
_LLVM_S: Final = frozenset({"LLVM", "MLIR", "Clang", "LLD"})
_NAME: Final = re.compile(r"\w[\w.+-]*")
_SAID: Final = re.compile(r"^-- llvmgate-absent: (\S+)$", re.MULTILINE)
_PROGRAMS: Final = ("CMAKE_C_COMPILER", "CMAKE_CXX_COMPILER", "CMAKE_LINKER", "CMAKE_C_COMPILER_LAUNCHER")
_LINKER: Final = re.compile(r"-fuse-ld=([\w./+-]+)")


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One thing that is missing or does not fit."""

    what: str
    cure: str = ""
    certain: bool = True
    """Whether a build cannot do without; else it is worth knowing."""

    def __str__(self) -> str:
        return f"{self.what}\n    -> {self.cure}" if self.cure else self.what


def examine(config: Config, installs: Mapping[str, ToolchainPrefix], cores: int) -> tuple[Complaint, ...]:
    """Everything that can be told. ``installs`` are the LLVMs that are there, by flavour."""
    env = build_environment({})
    try:
        tools = find_tools(env)
    except ToolError as error:
        problem = error.problems[0]
        install = packages_of(["cmake", "ninja", "compiler"])
        return (Complaint(what=problem.message, cure=install or problem.hint or ""),)
    layers = find_layers(config.root, [config.root / pin.component for pin in config.pins if pin.component])
    skip = [layers.name(component.path) for component in layers.components if component.is_llvm]
    usage = scan(DirectoryTree(config.root), skip=skip)
    found = [*_programs(config, env)]
    for flavour, prefix in installs.items():
        own = [each for each in config.configurations if each.flavour == flavour]
        known = known_from_prefix(prefix)
        if known.facts is not None:
            for configuration in own:
                values = {name.partition(":")[0]: value for name, value in configuration.cmake.items()}
                facts = check_toolchain(known.facts, usage=usage, provided=known.provided, layers=layers, wanted=values)
                found += [_of_finding(finding, configuration.name) for finding in facts]
        found += _absent_archives(prefix)
        asked = [dict(each.cmake) for each in own] or [{}]
        cmake = _Cmake(program=tools.cmake.path, prefix=prefix, values=asked[0], env=env)
        found += _packages(usage, BuiltParts(usage.listfiles, asked, known.variables), cmake)
    return (*dict.fromkeys(found), *_resources(config, cores))


def _of_finding(finding: Finding, configuration: str) -> Complaint:
    cure = "; ".join(finding.advice[:1])
    return Complaint(
        what=f"{configuration}: {finding.headline}", cure=cure, certain=finding.confidence is Confidence.CERTAIN
    )


def _programs(config: Config, env: Mapping[str, str]) -> Iterator[Complaint]:
    """Compilers and linkers that configurations name."""
    for configuration in config.configurations:
        for text in _named_programs(configuration):
            if "{" not in text and shutil.which(text, path=env.get("PATH")) is None:
                cure = packages_of([Path(text).name], Path(text).name.rpartition("-")[2])
                yield Complaint(what=f"a configuration asks for {text}, and there is no such program", cure=cure)


def _named_programs(configuration: Configuration) -> Iterator[str]:
    values = {name.partition(":")[0]: value for name, value in configuration.cmake.items()}
    yield from (values[name] for name in _PROGRAMS if values.get(name))
    for value in values.values():
        for linker in _LINKER.findall(value):
            yield linker if "/" in linker or linker.startswith("ld") else f"ld.{linker}"


def _absent_archives(prefix: ToolchainPrefix) -> Iterator[Complaint]:
    names = sorted(
        library.name for library in read_exports(prefix.llvm_dir, prefix.llvm_root).values() if library.is_absent
    )
    if names:
        yield Complaint(
            what=f"this LLVM names archives that are not installed: {', '.join(names)}",
            cure=packages_of(names, prefix.version),
            certain=False,
        )


# -- packages, as CMake finds them ------------------------------------------------------------------------------------


def _packages(usage: Usage, built: BuiltParts, cmake: _Cmake) -> Iterator[Complaint]:
    """Packages that the project requires in what is built, and those that this LLVM's own libraries link."""
    required = sorted({*_required(usage, built)})
    targets = sorted({*_linked_targets(cmake.prefix)})
    absent = cmake.absent(required, targets)
    if lacks := [name for name in required if name in absent]:
        yield Complaint(
            what=f"the project requires what CMake does not find: {', '.join(lacks)}",
            cure=packages_of(lacks, cmake.prefix.version),
        )
    if lacks := [name for name in targets if name in absent]:
        yield Complaint(
            what=f"LLVM's own libraries link what CMake does not find: {', '.join(lacks)}",
            cure=packages_of(lacks, cmake.prefix.version),
            certain=False,
        )


def _required(usage: Usage, built: BuiltParts) -> Iterator[str]:
    for file, commands in usage.listfiles.items():
        if not file.endswith("CMakeLists.txt"):
            continue
        for command in commands:
            words = command.words
            if command.name != "find_package" or "REQUIRED" not in words or words[0] in _LLVM_S:
                continue
            guards = cmake_guards(commands, command.line)
            # Behind a condition that nobody can tell, it may well not be asked for.
            if _NAME.fullmatch(words[0]) and not guards and not built.off(file, guards) and "/" not in file:
                yield words[0]


def _linked_targets(prefix: ToolchainPrefix) -> Iterator[str]:
    for library in read_exports(prefix.llvm_dir, prefix.llvm_root).values():
        for entry in library.links:
            name = private(entry) or entry
            if "::" in name and "$" not in name:
                yield name


@dataclass(frozen=True, kw_only=True)
class _Cmake:
    """CMake as a configuration runs it."""

    program: str
    prefix: ToolchainPrefix
    values: Mapping[str, str]
    env: Mapping[str, str]

    def absent(self, packages: Sequence[str], targets: Sequence[str]) -> frozenset[str]:
        """Those of the names that CMake does not find; none where it cannot be asked."""
        if not packages and not targets:
            return frozenset()
        with tempfile.TemporaryDirectory(prefix="llvmgate-doctor-") as directory:
            lines = [*_probe(packages, targets)]
            Path(directory, "CMakeLists.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
            carried = [f"-D{name}={value}" for name, value in self.values.items() if "{" not in value]
            command = [self.program, "-G", "Ninja", "-S", directory, "-B", f"{directory}/b"]
            command += [f"-DLLVM_DIR={self.prefix.llvm_dir}", *carried]
            try:
                done = subprocess.run(
                    command,
                    env=self.env,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    timeout=_TIMEOUT,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                return frozenset()
        return frozenset(_SAID.findall(done.stdout)) if done.returncode == 0 else frozenset()


def _probe(packages: Sequence[str], targets: Sequence[str]) -> Iterator[str]:
    yield "cmake_minimum_required(VERSION 3.20)\nproject(llvmgate_doctor C CXX)\nfind_package(LLVM QUIET CONFIG)"
    say = "  message(STATUS llvmgate-absent:\\ {0})\nendif()"
    for name in packages:
        yield f"find_package({name} QUIET)\nif(NOT {name}_FOUND)\n{say.format(name)}"
    for name in targets:
        yield f"if(NOT TARGET {name})\n{say.format(name)}"


# -- memory and disk --------------------------------------------------------------------------------------------------


def _resources(config: Config, cores: int) -> Iterator[Complaint]:
    there = available_memory()
    jobs = fitting(cores, _EACH, there)
    if there is not None and jobs < cores:
        yield Complaint(
            what=f"{there / GIB:.1f} GiB of memory are free: {jobs} of {cores} cores can compile at a time",
            cure="end what takes the memory, or take a machine with a GiB for each core",
            certain=False,
        )
    free = shutil.disk_usage(config.root).free
    if free < _ROOM:
        yield Complaint(
            what=f"{free / GIB:.1f} GiB of disk are free at {config.root}; builds take {_ROOM // GIB}",
            cure="make room, or build elsewhere (the run directory .llvmgate may be a link)",
            certain=False,
        )


def found_installs(
    config: Config, at_hand: Iterable[tuple[str, ToolchainPrefix | None]]
) -> Mapping[str, ToolchainPrefix]:
    """The installs that are there, by flavour; a flavour that is yet to be made is examined by the first other one."""
    there = {flavour: prefix for flavour, prefix in at_hand if prefix is not None}
    stand_in = next(iter(there.values()), None)
    if stand_in is None:
        return {}
    return {flavour: there.get(flavour, stand_in) for flavour in config.flavours}
