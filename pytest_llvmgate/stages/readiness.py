"""The doctor: what this machine lacks of what the project's builds will ask for, said before the first is begun.

Asked are the tools themselves: programs are looked for where a build would, packages are found by CMake, settings are
read from LLVM's own package. Nothing is built.
"""

from __future__ import annotations

import itertools
import os
import posixpath
import re
import shlex
import shutil
import struct
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.listfile import LISTFILE, Command, too_old_a_minimum
from pytest_llvmgate.cmake.truth import is_false
from pytest_llvmgate.config.settings import Config, Configuration
from pytest_llvmgate.errors import GateError, ToolError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.llvm import shared
from pytest_llvmgate.llvm.exports import read_exports
from pytest_llvmgate.llvm.prefix import ToolchainPrefix
from pytest_llvmgate.llvm.relink import NO_DERIVING
from pytest_llvmgate.llvm.system_packages import packages_of
from pytest_llvmgate.model import Confidence, Finding
from pytest_llvmgate.objects.elf import SHT_DYNSYM, Elf
from pytest_llvmgate.owners.by_tree import Layers, find_layers, submodule_paths
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain
from pytest_llvmgate.preflight.asked_versions import refused_versions
from pytest_llvmgate.preflight.bindings import way_without, without_bindings
from pytest_llvmgate.preflight.build_facts import ToolchainFacts, check_toolchain
from pytest_llvmgate.preflight.llvm_view import KnownLlvm, known_from_prefix
from pytest_llvmgate.preflight.switched_off import BuiltParts
from pytest_llvmgate.preflight.usage import Usage, scan, unread_note
from pytest_llvmgate.preflight.variables import CONTROL
from pytest_llvmgate.printable import printable
from pytest_llvmgate.process.asking import ask
from pytest_llvmgate.process.memory import GIB, available_memory, fitting, needed
from pytest_llvmgate.stages.asked_packages import (
    COMPILERS,
    PYTHON,
    Answers,
    AskedPackage,
    Cmake,
    PythonModule,
    asked_packages,
    asked_python_modules,
    linked_targets,
)
from pytest_llvmgate.stages.build_tools import Tool, build_environment, find_tools, lacking_tools, release
from pytest_llvmgate.surface.file_tree import DirectoryTree
from pytest_llvmgate.surface.provided import Provided
from pytest_llvmgate.upstream.whose import LLVM_PACKAGES
from pytest_llvmgate.wording import counted, listed

_EACH: Final = GIB
"""Of memory, for a compiler at a file of an MLIR downstream."""
_ROOM: Final = 10 * GIB
"""Of disk, for a derived LLVM and the builds of a project of some hundred files."""
_PROGRAMS: Final = ("CMAKE_C_COMPILER", "CMAKE_CXX_COMPILER", "CMAKE_LINKER", "CMAKE_C_COMPILER_LAUNCHER")
_POLICY: Final = "CMAKE_POLICY_VERSION_MINIMUM"
_REFUSES: Final = 4
"""The major version of CMake since which there is an oldest policy."""
_SUPPORT: Final = "LLVMSupport"
_DYLIB: Final = re.compile(rb"\0(lib(?:LLVM|MLIR)(?:-[\d.]+)?\.so[.\d]*)\0")
_LINKS: Final = re.compile(r"link_libraries$|^add_")
_FLAGS: Final = re.compile(r"_FLAGS(?:_[A-Z]+)?$")
_PASTED: Final = re.compile(r"-(?:I|L|isystem)\s?\$\{\w*(?:SOURCE|BINARY|LIST)_DIR\}")
_OBJECTS: Final = "MLIR_INSTALL_AGGREGATE_OBJECTS"
_FROM: Final = frozenset({"URL", "GIT_REPOSITORY", "HG_REPOSITORY", "SVN_REPOSITORY"})
_LIT_SECONDS: Final = 30.0
_TESTS: Final = (".mlir", ".ll", ".td", ".test")
_DEBUG_ONLY: Final = re.compile(rb"RUN:(?:(?!RUN:)[^\n])*?\s--?debug-only\b")
_ASSERTS: Final = re.compile(rb"REQUIRES:(?:(?!REQUIRES:)[^\n])*?\basserts\b")
_LITS: Final = frozenset({"LLVM_EXTERNAL_LIT", "LLVM_DEFAULT_EXTERNAL_LIT"})
_PROGRAM: Final = re.compile(r"[a-z][\w.+-]*")
_KEYWORD: Final = re.compile(r"[A-Z][A-Z_]+")
_ENVIRONMENT: Final = re.compile(r"ENV\{(\w+)\}")
_NAMED: Final = re.compile(r"\$\{\w+\}")
_LINKER: Final = re.compile(r"-fuse-ld=([\w./+-]+)")


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """One thing that is missing or does not fit."""

    what: str
    cure: str = ""
    certain: bool = True
    """Whether a build cannot do without; else it is worth knowing."""

    def __str__(self) -> str:
        what = self.what if self.certain else f"note: {self.what}"
        return f"{what}\n    -> {self.cure}" if self.cure else what


@dataclass(frozen=True, kw_only=True)
class Examined:
    """An LLVM that the doctor looks at in the name of a flavour."""

    prefix: ToolchainPrefix
    is_to_be_shared: bool = False
    """The flavour is yet to be derived from it, with shared libraries."""

    def facts(self, known: ToolchainFacts | None) -> ToolchainFacts | None:
        """The settings that the flavour has, or will have."""
        if known is None or not self.is_to_be_shared:
            return known
        return replace(known, settings={**known.settings, "LLVM_ENABLE_SHARED_LIBS": True})


def examine(
    config: Config, installs: Mapping[str, Examined], cores: int, peaks: Sequence[int] = ()
) -> tuple[Complaint, ...]:
    """Everything that can be told. ``installs`` are the LLVMs that are there, by flavour; ``peaks`` are the bytes of
    memory that compilers took when the project was last built.
    """
    env = build_environment({})
    try:
        tools = find_tools(env)
    except ToolError as error:
        problem = error.problems[0]
        is_there = "found none" not in problem.message  # and too old: another one behind it on PATH mends nothing
        install = "" if is_there else packages_of(lacking_tools(env))
        return (Complaint(what=problem.message, cure=", or ".join(filter(None, (install, problem.hint)))),)
    layers = find_layers(config.root, config.components)
    usage = scan(DirectoryTree(config.root), skip=layers.llvms)
    found = [*_programs(config, env), *_too_new_a_cmake(config, usage, tools.cmake)]
    found += [Complaint(what=note, cure="make it readable", certain=False) for note in [unread_note(usage)] if note]
    found += _absent_submodules(layers, usage, _parts(config, usage, config.configurations))
    for flavour, examined in installs.items():
        prefix, known = examined.prefix, known_from_prefix(examined.prefix)
        own = [each for each in config.configurations if each.flavour == flavour]
        if (facts := examined.facts(known.facts)) is not None:
            for configuration in own:
                findings = check_toolchain(
                    facts, usage=usage, provided=known.provided, layers=layers, wanted=configuration.values
                )
                found += [_of_finding(finding, f"{configuration.name}: {finding.headline}") for finding in findings]
        found += _with_a_dylib(prefix, usage, is_shared=examined.is_to_be_shared)
        parts = _parts(config, usage, own, known.variables)
        found += _tests(config, parts, prefix, facts)
        cmake = Cmake(program=tools.cmake.path, prefix=prefix, values=own[0].cmake if own else {}, env=env)
        found += _missed(cmake, usage, parts, layers, provided=known.provided, with_notes=True)
    return (*dict.fromkeys(found), *_resources(config, cores, peaks))


def lacking(
    config: Config,
    flavour: str,
    prefix: ToolchainPrefix,
    known: KnownLlvm,
    *,
    usage: Usage,
    layers: Layers,
) -> tuple[Complaint, ...]:
    """What the gate's first look says besides the names and settings of LLVM: of programs, packages and disk.

    ``usage`` is what a look at the tree of ``layers`` has found.
    """
    env = build_environment({})
    own = [each for each in config.configurations if each.flavour == flavour]
    found = [
        *_programs(config, env),
        *_with_a_dylib(prefix, usage),
        *_absent_submodules(layers, usage, _parts(config, usage, own)),
    ]
    with suppress(ToolError):  # which the stage that needs them tells
        program = find_tools(env).cmake
        found += _too_new_a_cmake(config, usage, program)
        parts = _parts(config, usage, own, known.variables)
        cmake = Cmake(program=program.path, prefix=prefix, values=own[0].cmake if own else {}, env=env)
        found += _missed(cmake, usage, parts, layers, provided=known.provided)
    return (*dict.fromkeys(each for each in found if each.certain), *_disk(config))


def _parts(
    config: Config, usage: Usage, own: Sequence[Configuration], known: Mapping[str, str] | None = None
) -> BuiltParts:
    """What some configurations build, in the environment in which the builds are."""
    texts = (word for commands in usage.listfiles.values() for command in commands for word in command.words)
    named = {name for text in texts for name in _ENVIRONMENT.findall(text)}
    plain = build_environment({})
    environments = ({**plain, **each.env} for each in own)
    asked = [
        {**each.values, **{f"ENV{{{name}}}": env.get(name, "") for name in named}}
        for each, env in zip(own, environments, strict=True)
    ]
    return _knowing_programs(BuiltParts(usage.listfiles, asked or [{}], known or {}, config.top), plain)


def _of_finding(finding: Finding, what: str) -> Complaint:
    return Complaint(what=what, cure=finding.advice[0], certain=finding.confidence is Confidence.CERTAIN)


def _of_place(finding: Finding) -> Complaint:
    place = finding.locations[0]
    return _of_finding(finding, f"{finding.headline} ({place.path}:{place.line})")


def _programs(config: Config, env: Mapping[str, str]) -> Iterator[Complaint]:
    """Compilers and linkers that configurations name."""
    for configuration in config.configurations:
        for text in _named_programs(configuration):
            if "{" not in text and shutil.which(text, path=env.get("PATH")) is None:
                cure = packages_of([Path(text).name], Path(text).name.rpartition("-")[2])
                yield Complaint(what=f"a configuration asks for {text}, and there is no such program", cure=cure)


def _named_programs(configuration: Configuration) -> Iterator[str]:
    values = configuration.values
    yield from (values[name] for name in _PROGRAMS if values.get(name))
    for value in values.values():
        for linker in _LINKER.findall(value):
            yield linker if "/" in linker or linker.startswith("ld") else f"ld.{linker}"


def _too_new_a_cmake(config: Config, usage: Usage, cmake: Tool) -> Iterator[Complaint]:
    """A project for older CMakes only, and a newer one on this machine."""
    name = posixpath.join(config.top, LISTFILE)
    refused = too_old_a_minimum(usage.listfiles.get(name, ()))
    told = any(_POLICY in each.values or _POLICY in each.env for each in config.configurations) or _POLICY in os.environ
    version = release(cmake.version)
    if refused is not None and not told and version.major >= _REFUSES:
        yield Complaint(
            what=f"CMake {version} refuses projects for CMake before 3.5 ({name}:{refused.line})",
            cure=f'[build.cmake] {_POLICY} = "3.5", or an older CMake',
        )


def _blanks(root: Path, parts: BuiltParts) -> Iterator[Complaint]:
    """A checkout below a directory with a blank, and flags into which the project pastes a path of it."""
    if " " not in str(root):
        return
    for file, command in parts.surely_run:
        sets_flags = command.name in {"set", "string", "list"} and any(
            _FLAGS.search(word) for word in command.words[:2]
        )
        if sets_flags and any(_PASTED.search(word) for word in command.words[1:]):
            yield Complaint(
                what=f"the path of the checkout has a blank ({root}), and {file}:{command.line} puts a directory among "
                "flags: compilers will read it as two",
                cure="check out where no directory has a blank in its name, or use include_directories() there",
            )
            return


def _knowing_programs(parts: BuiltParts, env: Mapping[str, str]) -> BuiltParts:
    """The same parts, where conditions ask for what CMake's ``find_program`` finds on this machine."""
    found: dict[str, str] = {}
    for _, command in parts.surely_run:
        if command.name == "find_program" and (names := _program_names(parts, command)):
            place = _found(names, env)
            if place or not {*command.words} & {"PATHS", "HINTS"}:
                found.setdefault(command.words[0], place or f"{command.words[0]}-NOTFOUND")
    return replace(parts, known={**found, **parts.known}) if found else parts


def _knowing_compilers(parts: BuiltParts, cmake: Cmake) -> BuiltParts:
    """The same parts, where conditions ask which compilers CMake takes, if that is the same in all configurations."""
    each = (
        word for commands in parts.listfiles.values() for one in commands if one.name in CONTROL for word in one.words
    )
    named = {tuple(values.get(name) for name in _PROGRAMS) for values in parts.asked}
    if len(named) > 1 or not any(name in word for word in each for name in COMPILERS):
        return parts
    return replace(parts, known={**cmake.compilers(), **parts.known})


def _program_names(parts: BuiltParts, command: Command) -> Sequence[str]:
    """The names by which a ``find_program`` looks for a program."""
    said = [parts.said(word) for word in command.words[1:] if word not in {"NAMES", "NAMES_PER_DIR"}]
    first = itertools.takewhile(lambda word: not _KEYWORD.fullmatch(word), said)
    return [word for word in first if _PROGRAM.fullmatch(word)]


def _refusals(usage: Usage, parts: BuiltParts, prefix: ToolchainPrefix) -> Iterator[Complaint]:
    """Where the project's own CMake files say no: to what LLVM's packages set, or lack."""
    for file, command in parts.surely_run:
        words = command.words
        if command.name == "add_mlir_aggregate" and is_false(parts.known.get(_OBJECTS, "ON")):
            yield Complaint(
                what=f"{file}:{command.line} makes a library of the objects of LLVM's, which this install lacks",
                cure=f"build LLVM with {_OBJECTS}=ON, or leave that part out",
            )
        elif command.name == "message" and {*words[:1]} & {"FATAL_ERROR", "SEND_ERROR"}:
            said = (_NAMED.sub(lambda match: parts.said(match[0]), word) for word in words[1:])
            text = printable(" ".join(" ".join(said).split()))
            yield Complaint(
                what=f"CMake will {'stop' if words[0] == 'FATAL_ERROR' else 'fail'} at {file}:{command.line}: {text}"
            )
        elif command.name == "find_package" and {*words[:1]} & LLVM_PACKAGES and not usage.find_module(words):
            ways = {f"{words[0]}_DIR", f"{words[0]}_ROOT", "CMAKE_PREFIX_PATH"}
            given = all(ways & each.keys() for each in parts.asked)
            if "REQUIRED" in words and not given and (why := prefix.lacks(words[0])):
                yield Complaint(
                    what=f"{file}:{command.line} asks for {words[0]}; this LLVM {why}",
                    cure=packages_of([f"{words[0].lower()}-dev"], prefix.version)
                    or f"an LLVM with {words[0]}, or [build.cmake] {words[0]}_DIR",
                )


def _sought_programs(usage: Usage, parts: BuiltParts, cmake: Cmake) -> Iterator[Complaint]:
    """Programs that the project's CMake files, and the find modules that it brings, look for and that are not there."""
    looked = {each.words for _, each in parts.surely_run if each.name == "find_package" and each.words}
    modules = _modules(usage, looked)
    is_by_package = any(words[0] in LLVM_PACKAGES and not usage.find_module(words) for words in looked)
    run = [*parts.surely_run, *((name, each) for name in modules for each in usage.listfiles[name])]
    asks = [
        f"{file}:{each.line}" for file, each in run if each.name == "execute_process" and "llvm-config" in each.words
    ]
    if asks:
        yield from _other_llvm(", ".join(asks), ["llvm-config"], cmake)
    told: set[str] = set()
    for file, command in run:
        variable, *words = command.words or ("",)
        if command.name != "find_program" or variable in told or all(variable in each for each in parts.asked):
            continue
        names = _program_names(parts, command)
        if any(name.startswith("llvm-config") for name in names):
            told.add(variable)
            for complaint in _other_llvm(f"{file}:{command.line}", names, cmake):
                cure = f'[build.cmake] {variable} = "{{llvm}}/bin/llvm-config"'
                yield replace(complaint, cure=cure, certain=not is_by_package)
        elif names and ("REQUIRED" in words or file in modules) and not _found(names, cmake.env):
            yield Complaint(
                what=f"{file}:{command.line} looks for the program {' or '.join(names)}, and there is no such program",
                cure=packages_of(names[:1]),
                certain="REQUIRED" in words and not any("$" in word for word in words),
            )


def _modules(usage: Usage, looked: Iterable[tuple[str, ...]]) -> Sequence[str]:
    """The project's own find modules of packages that it requires, and of those that these look for."""
    waiting = [usage.find_module(words) for words in looked if "REQUIRED" in words]
    for file in waiting:
        packages = (each.words for each in usage.listfiles.get(file, ()) if each.name == "find_package" and each.words)
        waiting += [more for words in packages if (more := usage.find_module(words)) not in waiting]
    return [file for file in waiting if file]


def _found(names: Iterable[str], env: Mapping[str, str]) -> str:
    return next(filter(None, (shutil.which(name, path=env.get("PATH")) for name in names)), "")


def _other_llvm(place: str, names: Sequence[str], cmake: Cmake) -> Iterator[Complaint]:
    """Where an ``llvm-config`` is asked that is not the one of this LLVM: whoever does takes the LLVM that it is of."""
    found = _found(names, cmake.env)
    if not Path(found).resolve().is_relative_to(cmake.prefix.llvm_root.resolve()):
        yield Complaint(
            what=f"{place} takes LLVM from {found or 'an llvm-config'}, which is not of this one",
            cure=f'[build.env] PATH = "{cmake.prefix.llvm_root}/bin:..."',
        )


def _without_c(parts: BuiltParts, cmake: Cmake) -> Iterator[Complaint]:
    """A project of C++ alone, and an LLVM whose package tries the C compiler."""
    begun = {command.words: f"{file}:{command.line}" for file, command in parts.surely_run if command.name == "project"}
    has_c = any(command.name == "enable_language" and "C" in command.words for _, command in parts.surely_run)
    is_without = begun and not has_c and not any("C" in words or "CXX" not in words for words in begun)
    if is_without and not cmake.finds_llvm_without_c():
        yield Complaint(
            what=f"the project enables C++ alone ({next(iter(begun.values()))}), and LLVM's package tries C",
            cure="add C to the languages of project(), or enable_language(C) before LLVM is looked for",
        )


def _downloads(parts: BuiltParts) -> Iterator[Complaint]:
    """What CMake will fetch from the network (by FetchContent), where no configuration says where it lies."""
    declared: dict[str, str] = {}
    for file, command in parts.surely_run:
        words = command.words
        if command.name == "fetchcontent_declare" and words:  # who declares it first says what it is
            places = (there for word, there in itertools.pairwise(words) if word in _FROM)
            place = next(places, "") if "FIND_PACKAGE_ARGS" not in words else ""
            declared.setdefault(words[0].upper(), place and f"{words[0]} ({file}:{command.line}, {place})")
        elif command.name in {"fetchcontent_makeavailable", "fetchcontent_populate"}:
            for name in [each for each in map(str.upper, words) if declared.get(each)]:
                known = f"FETCHCONTENT_SOURCE_DIR_{name}"
                if not all(each.keys() & {known, "FETCHCONTENT_FULLY_DISCONNECTED"} for each in parts.asked):
                    yield Complaint(
                        what=f"CMake will download {printable(declared[name])}",
                        cure=f'where there is no network: [build.cmake] {known} = "DIR", with its sources',
                        certain=False,
                    )


def _tests(
    config: Config, parts: BuiltParts, prefix: ToolchainPrefix, facts: ToolchainFacts | None
) -> Iterator[Complaint]:
    """What the lit suite that the check asks for will miss."""
    asked = {word for command in config.build.check for word in command}
    has_own = False
    for file, command in parts.surely_run:
        words = command.words
        has_own |= command.name == "set" and bool({*words[:1]} & _LITS) and any(words[1:])
        if command.name in {"add_lit_target", "add_lit_testsuite"} and {*words[:1]} & asked:
            if not has_own:
                yield from _without_lit(parts, prefix, f"{file}:{command.line}")
            if facts is not None and not facts.settings.get("LLVM_ENABLE_ASSERTIONS", True):
                yield from _of_assertions(config.root, (config.root / file).parent)
            return


def _without_lit(parts: BuiltParts, prefix: ToolchainPrefix, where: str) -> Iterator[Complaint]:
    """``AddLLVM.cmake`` looks for a lit that is not installed, or finds one that is newer than this LLVM: each release
    of lit refuses what the one before had announced.
    """
    given = {each.get("LLVM_EXTERNAL_LIT", "") for each in parts.asked}
    newer = "" if "" in given else ", ".join(filter(None, (_newer_lit(each, prefix) for each in sorted(given))))
    if newer or ("" in given and not (prefix.llvm_root / "bin/llvm-lit").exists()):
        cure = f"pip install 'lit<{release(prefix.version).major + 1}'"
        yield Complaint(
            what=f"the check runs lit ({where}); {newer or 'this LLVM has no bin/llvm-lit'}",
            cure=cure if newer else f'{cure}, and [build.cmake] LLVM_EXTERNAL_LIT = "PATH/TO/lit"',
            certain=False,
        )


def _of_assertions(root: Path, directory: Path) -> Iterator[Complaint]:
    """Tests that run with an option which only an LLVM with assertions has (LLVM's ``lib/Support/Debug.cpp``)."""
    found = []
    for path in sorted(path for suffix in _TESTS for path in directory.rglob(f"*{suffix}")):
        with suppress(OSError):
            text = read_plain(path)
            if _DEBUG_ONLY.search(text) and not _ASSERTS.search(text):
                found.append(path.relative_to(root).as_posix())
    if found:
        yield Complaint(
            what="this LLVM, built without assertions, has no option -debug-only, with which "
            f"{counted(len(found), 'test')} of the check {'runs' if len(found) == 1 else 'run'}: {listed(found, 3)}",
            cure="an LLVM with LLVM_ENABLE_ASSERTIONS=ON, a line REQUIRES: asserts in them, or a [[hold]] that names "
            "them",
            certain=False,
        )


def _newer_lit(program: str, prefix: ToolchainPrefix) -> str:
    """That a lit is of a later release than the LLVM, in words; empty for another, and for what tells no version."""
    with suppress(OSError, subprocess.TimeoutExpired):
        version = ask([program, "--version"], seconds=_LIT_SECONDS).stdout.strip()
        if release(version).major > release(prefix.version).major:
            return f"{version} is newer than this LLVM, {prefix.version}, and may refuse its suites"
    return ""


def _absent_submodules(layers: Layers, usage: Usage, parts: BuiltParts) -> Iterator[Complaint]:
    """Submodules without their files. Those that the builds add, CMake will miss; of the others, who knows. One that
    ``.gitmodules`` alone names, and no gitlink, git does not bring.
    """
    absent = (layers.name(each.path) for each in layers.components if not (each.is_llvm or each.is_there))
    empty = [path for path in absent if path in submodule_paths(layers.root)]
    listfiles = {**usage.listfiles, **{f"{path}/{LISTFILE}": () for path in empty}}
    parts = replace(parts, listfiles=listfiles)
    used = {path for path in empty if parts.adds(path)}
    linked = {path for path in empty if _has_gitlink(layers.root, path)} if empty else set()
    for certain, brings in itertools.product((True, False), (True, False)):
        if names := [path for path in empty if ((path in used), (path in linked)) == (certain, brings)]:
            why = "are not checked out" if brings else "have no commit here, only a section of .gitmodules"
            command = "git submodule update --init" if brings else "git submodule add --force URL"
            yield Complaint(
                what=f"{'the builds take ' if certain else ''}submodules that {why}: {', '.join(names)}",
                cure=f"{command} {' '.join(map(shlex.quote, names))}",
                certain=certain,
            )


def _has_gitlink(root: Path, path: str) -> bool:
    """Whether the next commit would record a commit of a submodule; true where git does not tell."""
    try:
        repository = Repository.open(root)
        return repository.relative(root / path) in repository.index_gitlinks()
    except GateError:
        return True


def _absent_archives(prefix: ToolchainPrefix, usage: Usage) -> Iterator[Complaint]:
    """Archives that this LLVM names and that are not there. What the project names of them, its builds will miss."""
    absent = {library.name for library in read_exports(prefix.llvm_dir, prefix.llvm_root).values() if library.is_absent}
    used = {name for name in absent if name in usage.words}
    for names, certain in ((used, True), (absent - used, False)):
        if names:
            which = "the project links" if certain else "this LLVM names"
            yield Complaint(
                what=f"{which} archives of LLVM's that are not installed: {', '.join(sorted(names))}",
                cure=packages_of(sorted(names), prefix.version),
                certain=certain,
            )


def _with_a_dylib(prefix: ToolchainPrefix, usage: Usage, *, is_shared: bool = False) -> Iterator[Complaint]:
    """Libraries that the project links and that load all of LLVM, where it is also in a shared library per archive.

    They are what was linked with a dylib before the shared flavour was derived. ``is_shared``: it is yet to be.
    """
    known = {name: library for package in prefix.places for name, library in read_exports(*package).items()}
    if not (is_shared or (_SUPPORT in known and known[_SUPPORT].type == "SHARED")):
        return
    for name, library in known.items():
        if library.type != "SHARED" or library.location is None or not _is_linked(name, usage):
            continue
        if loaded := _DYLIB.search(_loaded_names(library.location)):
            yield Complaint(
                what=f"the project links {name}, which loads {loaded[1].decode()}: over an LLVM of shared libraries "
                "all of LLVM is in the process twice",
                cure=f"leave {name} out of the shared configurations, or {NO_DERIVING}",
            )


def _loaded_names(path: Path) -> bytes:
    """The strings of a shared library's dynamic section, among them what it loads; empty for another file."""
    try:
        return Elf(read_plain(path, LARGEST_MADE)).names(SHT_DYNSYM)
    except (OSError, ValueError, struct.error):
        return b""


def _is_linked(name: str, usage: Usage) -> bool:
    lines = {(use.file, use.line) for use in usage.words.get(name, ())}
    return any(
        _LINKS.search(command.name)
        and any((file, argument.line) in lines and argument.text == name for argument in command.arguments)
        for file in {file for file, _ in lines}
        for command in usage.listfiles.get(file, ())
    )


def _missed(
    cmake: Cmake,
    usage: Usage,
    parts: BuiltParts,
    layers: Layers,
    *,
    provided: Provided,
    with_notes: bool = False,
) -> Iterator[Complaint]:
    """What CMake will refuse or not find: this LLVM, archives, bindings, packages, Python modules.

    ``with_notes``: also targets that LLVM's own libraries link, and packages that the project looks for in its own way.
    """
    parts = _knowing_compilers(parts, cmake)
    yield from _refusals(usage, parts, cmake.prefix)
    yield from _blanks(layers.root, parts)
    yield from _sought_programs(usage, parts, cmake)
    yield from _without_c(parts, cmake)
    yield from _downloads(parts)
    yield from _absent_archives(cmake.prefix, usage)
    yield from map(_of_place, refused_versions(usage, parts, layers, cmake.prefix.version))
    for finding in without_bindings(usage, provided, parts, layers):
        yield replace(_of_place(finding), certain=True)
    asked = [each for each in asked_packages(usage, parts, layers) if with_notes or not each.module]
    modules = asked_python_modules(usage, parts, cmake.prefix)
    targets = sorted({*linked_targets(cmake.prefix)}) if with_notes else []
    answers = cmake.answers(asked, targets, modules)
    yield from _of_packages(asked, answers, cmake.prefix)
    if lacks := [name for name in targets if name in answers.absent]:
        yield Complaint(
            what=f"LLVM's own libraries link what CMake does not find: {', '.join(lacks)}",
            cure=packages_of(lacks, cmake.prefix.version),
            certain=False,
        )
    yield from _python_modules(modules, answers, way_without(parts))


def _python_modules(modules: Sequence[PythonModule], answers: Answers, otherwise: str) -> Iterator[Complaint]:
    if lacks := [module for module in modules if module.name in answers.absent]:
        there = {module: answers.found[module.name][0] for module in lacks if module.name in answers.found}
        names = (f"{each} ({there[each]} is there)" if each in there else str(each) for each in lacks)
        python = answers.found[PYTHON][1] or "the Python that CMake finds"
        yield Complaint(
            what=f"the project builds MLIR's Python bindings; Python has not what they take: {', '.join(names)}",
            cure=f"pip install {' '.join(each.requirement for each in lacks)} for {python}, or {otherwise}",
        )


def _of_packages(asked: Sequence[AskedPackage], answers: Answers, prefix: ToolchainPrefix) -> Iterator[Complaint]:
    if lacks := [each.name for each in asked if each.name in answers.absent and not each.module]:
        yield Complaint(
            what=f"the project requires what CMake does not find: {', '.join(lacks)}",
            cure=_how_to_have(lacks, prefix.version),
        )
    for package in asked:
        if package.module and package.name in answers.absent:
            yield Complaint(
                what=f"Find{package.name}.cmake looks for {package.name}, which CMake does not find by that alone",
                cure=_how_to_have([package.name], prefix.version),
                certain=False,
            )
    for package in asked:
        if lacks := [name for name in package.targets if name in answers.absent and package.name not in answers.absent]:
            which = ", ".join(filter(None, answers.found.get(package.name, ())))
            yield Complaint(
                what=f"the project links {', '.join(lacks)}, which the package {package.name} has not that CMake finds"
                f"{f' ({which})' if which else ''}",
                cure=f"install a version of {package.name} that has them, and name it in CMAKE_PREFIX_PATH",
            )


def _how_to_have(packages: Sequence[str], version: str) -> str:
    """The package manager's command for those that it is known to have, and what else to do for the others."""
    others = [name for name in packages if not packages_of([name])]
    elsewhere = f"install {', '.join(others)}, or name where it is in [build.cmake] CMAKE_PREFIX_PATH" if others else ""
    return "; ".join(filter(None, (packages_of(packages, version), elsewhere)))


# -- memory and disk --------------------------------------------------------------------------------------------------


def _resources(config: Config, cores: int, peaks: Sequence[int]) -> Iterator[Complaint]:
    there = available_memory()
    jobs = fitting(cores, _EACH, there, peaks)
    if there is not None and jobs < cores:
        largest = max(peaks, default=0)
        seen = f" (when this was last built, one compiler took {largest / GIB:.1f} GiB)" if largest > _EACH else ""
        yield Complaint(
            what=f"{there / GIB:.1f} GiB of memory are free: {jobs} of {cores} cores can compile at a time{seen}",
            cure=f"end what takes the memory, or have {needed(cores, _EACH, peaks) / GIB:.1f} GiB free",
            certain=False,
        )
    yield from _disk(config)


def _disk(config: Config) -> Iterator[Complaint]:
    free = shutil.disk_usage(config.root).free
    if free < _ROOM:
        yield Complaint(
            what=f"{free / GIB:.1f} GiB of disk are free at {config.root}; builds take {_ROOM // GIB}",
            cure="make room, or check the project out where there is some",
            certain=False,
        )


def found_installs(config: Config, at_hand: Iterable[tuple[str, ToolchainPrefix | None]]) -> Mapping[str, Examined]:
    """The installs that are there, by flavour; a flavour that is yet to be made is examined by the first other one."""
    there = {flavour: prefix for flavour, prefix in at_hand if prefix is not None}
    stand_in = next(iter(there.values()), None)
    if stand_in is None:
        return {}
    return {
        flavour: Examined(prefix=there[flavour])
        if flavour in there
        else Examined(prefix=stand_in, is_to_be_shared=shared.wanted(config, flavour))
        for flavour in config.flavours
    }
