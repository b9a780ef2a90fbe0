"""What a downstream uses of LLVM by name, found in its files: includes, CMake words, tablegen flags.

One pass of regular expressions over thousands of files; lines and conditions are looked up afterwards, for the few
names that turn out to be gone.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pytest_llvmgate.cmake import listfile
from pytest_llvmgate.include_lines import INCLUDE, included
from pytest_llvmgate.preflight.guards import cmake_guards, include_guards
from pytest_llvmgate.surface.file_tree import SourceTree
from pytest_llvmgate.wording import listed

_CPP: Final = (".h", ".hpp", ".hh", ".hxx", ".inc", ".c", ".cc", ".cpp", ".cxx", ".def", ".inl", ".mm", ".cu", ".ipp")
_TD: Final = (".td", ".pdll")
_SOURCE_ROOT: Final = re.compile(r"^(?:llvm|mlir|clang|lld)/include/(?=.)")
_WORD: Final = re.compile(r"^(?:obj\.)?[A-Za-z][\w.-]*$")
_GENERATOR: Final = re.compile(r"^--?(gen-[\w-]+)")
_COMPONENT_CALLS: Final = frozenset({"llvm_map_components_to_libnames", "llvm_config", "llvm_expand_pseudo_components"})
_REFERENCE: Final = re.compile(r"\$\{(\w+)\}")
_KEYWORD: Final = re.compile(r"^[A-Z][A-Z0-9_]+$")
_DECLARES: Final = re.compile(
    r"^(\w{0,40}(add|declare)_\w{0,40}(library|executable|tool|dialect|target|sources|extension|modules)|add_tablegen"
    r"|function|macro|set|option)$"
)
_NAMES_NOTHING_OF_LLVMS: Final = frozenset({"export", "install", "message", "project"})
"""Commands whose words are the project's own targets, or no targets: ``install(EXPORT MLIRTargets)``."""


class NameKind(StrEnum):
    """What a name is the name of."""

    HEADER = "header"
    LIBRARY = "library"
    COMPONENT = "component"
    COMMAND = "command"
    MODULE = "module"
    GENERATOR = "generator"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a name."""

    file: str
    """Relative to the tree."""
    line: int
    guards: tuple[str, ...] = ()
    """Conditions around it, outermost first."""


_SHOWN: Final = 5
_CONFIG: Final = frozenset({"CONFIG", "NO_MODULE"})
"""Words of ``find_package`` for which it reads no find module."""


@dataclass
class Usage:
    """Names used in a tree, with the files that use them."""

    files: int = 0
    """Number of files that were looked at."""
    includes: dict[str, list[str]] = field(default_factory=dict)
    """Included path to the files that include it."""
    words: dict[str, list[Use]] = field(default_factory=dict)
    """Bare words in CMake files: possible targets."""
    components: dict[str, list[Use]] = field(default_factory=dict)
    """LLVM components, in lower case."""
    commands: dict[str, list[Use]] = field(default_factory=dict)
    modules: dict[str, list[Use]] = field(default_factory=dict)
    generators: dict[str, list[Use]] = field(default_factory=dict)
    declared: set[str] = field(default_factory=set)
    """Targets and commands that the tree declares itself."""
    own_files: frozenset[str] = frozenset()
    """All files of the tree."""
    unread: tuple[str, ...] = ()
    """Files and directories that could not be read: nothing is known of what they use."""
    listfiles: dict[str, tuple[listfile.Command, ...]] = field(default_factory=dict)

    def find_module(self, words: Sequence[str]) -> str:
        """The project's own find module that a ``find_package`` with these words reads; empty for none."""
        name = f"/Find{words[0]}.cmake"
        return "" if _CONFIG & {*words} else next((file for file in self.listfiles if f"/{file}".endswith(name)), "")


def scan(tree: SourceTree, *, skip: Sequence[str] = ()) -> Usage:
    """Everything that ``tree`` uses by name. ``skip`` are directories that are left out (other components)."""
    usage = Usage()
    prefixes = tuple(f"{directory.rstrip('/')}/" for directory in skip)
    names = [name for name in tree.names(()) if not name.startswith(prefixes)]
    usage.own_files = frozenset(names)
    code = [name for name in names if name.endswith(_CPP + _TD)]
    cmake = [name for name in names if name.endswith((".cmake", "CMakeLists.txt", ".cmake.in"))]
    unread = dict.fromkeys((*(name for name in names if name.endswith("/")), *code, *cmake))
    for name, data in tree.read(code):
        unread.pop(name, None)
        usage.files += 1
        for path in dict.fromkeys(map(_include_path, included(data))):
            usage.includes.setdefault(path, []).append(name)
    for name, data in tree.read(cmake):
        unread.pop(name, None)
        usage.files += 1
        commands = tuple(listfile.parse(data.decode("utf-8", "replace")))
        usage.listfiles[name] = commands
        variables = _of_components(commands)
        for command in commands:
            if command.name not in _NAMES_NOTHING_OF_LLVMS:
                _note_command(usage, name, command, variables)
    usage.unread = tuple(unread)
    return usage


def unread_note(usage: Usage) -> str:
    """What could not be read, as a sentence; empty for nothing."""
    shown = listed(usage.unread, _SHOWN)
    return f"could not be read, so that nothing is said of what it uses: {shown}" if shown else ""


def _include_path(path: str) -> str:
    """A path as it is looked for: ``a//b.h`` and ``a/./b.h`` are ``a/b.h``."""
    return posixpath.normpath(path) if "//" in path or "/./" in path else path


def _of_components(commands: Iterable[listfile.Command]) -> Set[str]:
    """The variables in which a file keeps LLVM's components: those that it hands to what takes some."""
    found = {"LLVM_LINK_COMPONENTS"}
    for command in commands:
        words = command.words
        if command.name in _COMPONENT_CALLS or "LINK_COMPONENTS" in words:
            begin = words.index("LINK_COMPONENTS") + 1 if "LINK_COMPONENTS" in words else 0
            own = itertools.takewhile(lambda word: not _KEYWORD.match(word), words[begin:])
            found.update(match[1] for match in map(_REFERENCE.fullmatch, own) if match)
    return found


def _note_command(usage: Usage, file: str, command: listfile.Command, variables: Set[str]) -> None:
    usage.commands.setdefault(command.name, []).append(Use(file, command.line))
    arguments = command.arguments
    if _DECLARES.match(command.name) and arguments:
        usage.declared.add(arguments[0].text)
        usage.declared.add(arguments[0].text.lower())
    if command.name in {"include", "find_package"} and arguments:
        usage.modules.setdefault(arguments[0].text, []).append(Use(file, arguments[0].line))
        return
    components = command.name in _COMPONENT_CALLS
    if command.name in {"set", "list"}:
        components = any(argument.text in variables for argument in arguments[:2])
    for position, argument in enumerate(arguments):
        text = argument.text
        if text == "LINK_COMPONENTS":
            components = True
        elif components and _KEYWORD.match(text) and command.name.startswith("add_"):
            components = False
        elif generator := _GENERATOR.match(text):
            usage.generators.setdefault(generator[1], []).append(Use(file, argument.line))
        elif _WORD.match(text) and (position or command.name.startswith("target_")):
            into, key = (usage.components, text.lower()) if components else (usage.words, text)
            into.setdefault(key, []).append(Use(file, argument.line))


def as_installed(path: str) -> str:
    """The path below an install's ``include/`` of a header that may be included from the top of llvm-project.

    Projects that build LLVM along, Bazel's above all, write ``mlir/include/mlir/IR/Builders.h``.
    """
    return _SOURCE_ROOT.sub("", path)


def include_uses(tree: SourceTree, wanted: Mapping[str, Iterable[str]]) -> dict[str, tuple[Use, ...]]:
    """Line and conditions of every include of the paths in ``wanted`` (path to the files that include it)."""
    files = dict.fromkeys(file for users in wanted.values() for file in users)
    texts = {name: data.decode("utf-8", "replace") for name, data in tree.read(files)}
    return {
        path: tuple(use for file in users if file in texts for use in _includes_of(file, texts[file], path))
        for path, users in wanted.items()
    }


def _includes_of(file: str, text: str, path: str) -> Iterator[Use]:
    for match in INCLUDE.finditer(text):
        if _include_path(match["name"][1:-1]) != path:
            continue
        line = text.count("\n", 0, match.start()) + 1
        yield Use(file, line, include_guards(text, line))


def with_cmake_guards(usage: Usage, uses: Iterable[Use]) -> tuple[Use, ...]:
    """The uses with the ``if()`` conditions around them."""
    return tuple(Use(use.file, use.line, cmake_guards(usage.listfiles.get(use.file, ()), use.line)) for use in uses)
