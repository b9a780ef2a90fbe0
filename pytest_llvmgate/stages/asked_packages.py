"""Packages that a project's builds will ask CMake for, and what CMake answers in a project of a few lines."""

from __future__ import annotations

import posixpath
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Final

from pytest_llvmgate.cmake.listfile import Command
from pytest_llvmgate.llvm.exports import private, read_exports
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.owners.by_tree import Layers
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.preflight.guards import guarded
from pytest_llvmgate.preflight.switched_off import BuiltParts
from pytest_llvmgate.preflight.usage import Usage
from pytest_llvmgate.process.asking import ask
from pytest_llvmgate.scratch import scratch_directory
from pytest_llvmgate.upstream.whose import LLVM_PACKAGES

_TIMEOUT: Final = 120.0
_PLAIN: Final = re.compile(r"[\w.+-]+")
_TARGET: Final = re.compile(r"(\w+)::\w+")
_ABSENT: Final = re.compile(r"^-- llvmgate-absent: (\S+)$", re.MULTILINE)
_FOUND: Final = re.compile(r"^-- llvmgate-found: (\S++) \[([^]\n]*+)\] \[([^]\n]*+)\]$", re.MULTILINE)
_BINDINGS: Final = "mlir_configure_python_dev_packages"
_IMPORTED: Final = re.compile(r'-c "import (\w++);(?:print\((\1\.\w*cmake_dir)\(\))?')
_FROM_PYTHON: Final = re.compile(r"^import (\w++); ?print\(\1\.get_cmake_dir\(\)")
_VERSION: Final = re.compile(r"find_package\((\w++) (\d++\.[\d.]++) ")
PYTHON: Final = "Python3"
"""The CMake package of Python."""
COMPILERS: Final = tuple(f"CMAKE_{each}_COMPILER_{what}" for each in ("C", "CXX") for what in ("ID", "VERSION"))
"""Variables that say which compilers CMake takes."""
_PREFIX_PATH: Final = "CMAKE_PREFIX_PATH"


@dataclass(frozen=True, kw_only=True)
class AskedPackage:
    """A package that the project requires."""

    name: str
    words: tuple[str, ...] = ()
    """What else its ``find_package`` says, where that can be told."""
    targets: tuple[str, ...] = ()
    """What the project links of it."""
    is_of_python: bool = False
    """The project asks Python for the module of that name where its CMake package is."""
    module: str = ""
    """Where the project's own find module is, which may look for it in other ways, too; empty: CMake itself does."""


@dataclass(frozen=True, kw_only=True)
class PythonModule:
    """A module of Python that LLVM's CMake looks for."""

    name: str
    directory: str = ""
    """The function that says where its CMake package is."""
    version: str = ""
    """Which that package has to be compatible with."""

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()

    @property
    def requirement(self) -> str:
        """What pip is asked for: packages of CMake are compatible within a major version, or longer."""
        return f"{self.name}~={self.version}" if self.version else self.name


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What CMake says."""

    absent: frozenset[str] = frozenset()
    """Packages and targets that are not there."""
    found: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Version and directory of packages."""

    def __or__(self, other: Answers) -> Answers:
        """What both say."""
        return Answers(absent=self.absent | other.absent, found={**self.found, **other.found})


def asked_packages(usage: Usage, built: BuiltParts, layers: Layers) -> tuple[AskedPackage, ...]:
    """The packages that CMake surely requires, by itself or by the project's own find modules."""
    linked = [*_linked(usage, built, layers)]
    texts = (word for commands in usage.listfiles.values() for command in commands for word in command.words)
    from_python = {name for text in texts for name in _FROM_PYTHON.findall(text)}
    asked = {}
    for file, command in built.surely_run:
        words = command.words
        if command.name != "find_package" or "REQUIRED" not in words or words[0] in LLVM_PACKAGES:
            continue
        is_component_s = layers.of(layers.root / file)[1]
        is_of_python = words[0] in from_python
        is_own = not is_of_python and _is_own(usage, built, layers, words)
        if is_component_s or not _PLAIN.fullmatch(words[0]) or is_own:
            continue
        # What stands behind REQUIRED are components, as behind COMPONENTS
        said = ("COMPONENTS" if word == "REQUIRED" else word for word in words[1:] if word != "QUIET")
        rest = [word for word in said if _PLAIN.fullmatch(word)]
        targets = dict.fromkeys(name for name in linked if name.partition("::")[0] == words[0])
        module = usage.find_module(words)
        asked[words[0]] = AskedPackage(
            name=words[0],
            words=tuple(rest),
            targets=tuple(targets),
            is_of_python=is_of_python,
            module=str(layers.root / posixpath.dirname(module)) if module else "",
        )
    return tuple(asked.values())


def _is_own(usage: Usage, built: BuiltParts, layers: Layers, words: Sequence[str]) -> bool:
    """Whether the project may bring the package itself, or say where it lies."""
    name = words[0]
    files = {f"{name}Config.cmake", f"{name.lower()}-config.cmake"}
    if any(file.rpartition("/")[2] in files for file in usage.own_files):
        return True
    places = {f"{name}_DIR", f"{name}_ROOT", _PREFIX_PATH}
    own = (file for file in usage.listfiles if not file.endswith(".in") and not layers.of(layers.root / file)[1])
    return any(
        _sets(command, places) and not built.off(file, guards)
        for file in own
        for command, guards in guarded(usage.listfiles[file])
    )


def _sets(command: Command, names: set[str]) -> bool:
    words = command.words
    at = {"set": 0, "list": 1}.get(command.name, len(words))
    return len(words) > at + 1 and words[at] in names


def _linked(usage: Usage, built: BuiltParts, layers: Layers) -> Iterator[str]:
    """Targets of packages that the project's own targets link, in what is built and under no condition."""
    for file, commands in usage.listfiles.items():
        if layers.of(layers.root / file)[1] or not file.endswith("CMakeLists.txt") or built.off(file):
            continue
        for command, guards in guarded(commands):
            if not guards and command.name.startswith(("target_link_libraries", "add_")):
                yield from (word for word in command.words if _TARGET.fullmatch(word) and word not in usage.declared)


def asked_python_modules(usage: Usage, built: BuiltParts, prefix: ToolchainPrefix) -> tuple[PythonModule, ...]:
    """Python modules that LLVM's CMake looks for in the name of a project that builds MLIR's Python bindings."""
    for file, commands in usage.listfiles.items():
        for command, guards in guarded(commands):
            if command.name == _BINDINGS and not built.off(file, guards):
                module = (prefix.mlir_dir or prefix.llvm_dir) / "MLIRDetectPythonEnv.cmake"
                text = read_plain_text(module) if module.is_file() else ""
                versions = dict(_VERSION.findall(text))
                places = dict.fromkeys(name for name, _ in _IMPORTED.findall(text))
                places |= {name: place for name, place in _IMPORTED.findall(text) if place}
                return tuple(
                    PythonModule(name=name, directory=place or "", version=versions.get(name, "") if place else "")
                    for name, place in places.items()
                )
    return ()


def linked_targets(prefix: ToolchainPrefix) -> Iterator[str]:
    """Targets of packages that LLVM's own libraries link."""
    for library in read_exports(prefix.llvm_dir, prefix.llvm_root).values():
        for entry in library.links:
            name = private(entry) or entry
            if "::" in name and "$" not in name:
                yield name


@dataclass(frozen=True, kw_only=True)
class Cmake:
    """CMake as a configuration runs it."""

    program: str
    prefix: ToolchainPrefix
    values: Mapping[str, str]
    env: Mapping[str, str]

    def finds_llvm_without_c(self) -> bool:
        """Whether LLVM's package can be found in a project of C++ alone; true where CMake cannot be asked."""
        done = self._configured(["project(llvmgate_doctor CXX)", "find_package(LLVM REQUIRED CONFIG)"], ())
        return done is None or done.returncode == 0

    def compilers(self) -> Mapping[str, str]:
        """What CMake's own variables say of the compilers that it takes; nothing where it cannot be asked."""
        told = (f'message(STATUS "llvmgate-found: {name} [${{{name}}}] []")' for name in COMPILERS)
        done = self._configured(["project(llvmgate_doctor C CXX)", *told], self._carried)
        return {name: value for name, value, _ in _FOUND.findall(done.stdout)} if done is not None else {}

    @property
    def _carried(self) -> Sequence[str]:
        return [f"-D{name}={value}" for name, value in self.values.items() if "{" not in value]

    def _configured(self, lines: Iterable[str], values: Iterable[str]) -> subprocess.CompletedProcess[str] | None:
        """What CMake makes of a project of these lines."""
        with scratch_directory("doctor") as directory:
            text = "\n".join(["cmake_minimum_required(VERSION 3.20)", *lines, ""])
            (directory / "CMakeLists.txt").write_text(text, encoding="utf-8")
            command = [self.program, "-G", "Ninja", "-S", str(directory), "-B", f"{directory}/b"]
            command += [f"-DLLVM_DIR={self.prefix.llvm_dir}", *values]
            try:
                return ask(command, env=self.env, seconds=_TIMEOUT)
            except (OSError, subprocess.TimeoutExpired):
                return None

    def answers(
        self, packages: Sequence[AskedPackage], targets: Sequence[str] = (), modules: Sequence[PythonModule] = ()
    ) -> Answers:
        """Which packages, targets and Python modules CMake finds; nothing where it cannot be asked."""
        own = [each for each in packages if each.module]
        parts = [([each for each in packages if not each.module], targets, ()), ([], (), modules)]
        parts = [part for part in [*parts, *(([each], (), ()) for each in own)] if any(part)]
        if not parts:
            return Answers()
        done = self._configured([*_probe(packages, targets), *_python_probe(modules)], self._carried)
        if done is None:
            return Answers()
        if done.returncode != 0:  # one of them fails alone
            return reduce(or_, (self.answers(*part) for part in parts), Answers()) if len(parts) > 1 else Answers()
        found = {name: (version, place) for name, version, place in _FOUND.findall(done.stdout)}
        return Answers(absent=frozenset(_ABSENT.findall(done.stdout)), found=found)


def _probe(packages: Sequence[AskedPackage], targets: Sequence[str]) -> Iterator[str]:
    yield "project(llvmgate_doctor C CXX)\nfind_package(LLVM QUIET CONFIG)"
    absent = "if(NOT {1})\n  message(STATUS llvmgate-absent:\\ {0})\nendif()"
    for package in packages:
        name = package.name
        if package.is_of_python:
            yield _PLACE.format(name=name)
        yield f"set(CMAKE_MODULE_PATH [==[{package.module}]==])"
        yield f"find_package({name} {' '.join(package.words)} QUIET)\n{absent.format(name, f'{name}_FOUND')}"
        yield f'message(STATUS "llvmgate-found: {name} [${{{name}_VERSION}}] [${{{name}_DIR}}]")'
        yield from (absent.format(target, f"TARGET {target}") for target in package.targets)
    for name in targets:  # who links it has to look for it, if LLVM's own package does not
        yield f"if(NOT TARGET {name})\n  find_package({name.partition('::')[0]} QUIET)\nendif()"
        yield absent.format(name, f"TARGET {name}")


_PLACE: Final = """\
find_package(Python3 QUIET COMPONENTS Interpreter)
execute_process(
  COMMAND ${{Python3_EXECUTABLE}} -c "import {name}; print({name}.get_cmake_dir(), end='')"
  OUTPUT_VARIABLE {name}_DIR ERROR_QUIET)"""
_MODULE: Final = """\
execute_process(
  COMMAND ${{Python3_EXECUTABLE}} -c "import {name}; print({place}, end='')"
  RESULT_VARIABLE result OUTPUT_VARIABLE place ERROR_QUIET)
if(NOT result EQUAL 0)
  message(STATUS llvmgate-absent:\\ {name})
endif()
"""
_COMPATIBLE: Final = """\
file(GLOB versions ${{place}}/*onfigVersion.cmake ${{place}}/*onfig-version.cmake)
foreach(version ${{versions}})
  set(PACKAGE_FIND_VERSION {version})
  set(PACKAGE_FIND_VERSION_MAJOR {major})
  unset(PACKAGE_VERSION_COMPATIBLE)
  include(${{version}})
  message(STATUS "llvmgate-found: {name} [${{PACKAGE_VERSION}}] [${{place}}]")
  if(NOT PACKAGE_VERSION_COMPATIBLE)
    message(STATUS llvmgate-absent:\\ {name})
  endif()
endforeach()
"""
"""As find_package() asks a version file; the package's own file would want more found before it."""


def _python_probe(modules: Sequence[PythonModule]) -> Iterator[str]:
    if modules:
        yield f"find_package({PYTHON} QUIET COMPONENTS Interpreter)"
        yield f'message(STATUS "llvmgate-found: {PYTHON} [${{{PYTHON}_VERSION}}] [${{{PYTHON}_EXECUTABLE}}]")'
    for module in modules:
        name = module.name
        yield _MODULE.format(name=name, place=f"{module.directory}()" if module.directory else "''")
        if module.version:
            yield _COMPATIBLE.format(name=name, version=module.version, major=module.version.partition(".")[0])
