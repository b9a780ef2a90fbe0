"""Which parts of a project no configuration builds: directories behind an option that is off, such as Python bindings.

A name that only such a part uses is no break of this build. What cannot be told (a variable that a package or CMake
itself may set) counts as built. An option that no file declares, sets or hands on is off, unless a configuration asks
for it: only who calls CMake could set it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pytest_llvmgate.cmake.listfile import Command
from pytest_llvmgate.cmake.truth import truth
from pytest_llvmgate.preflight.conditions import Meaning
from pytest_llvmgate.preflight.guards import cmake_guards, guarded

_LISTFILE: Final = "CMakeLists.txt"
_SOURCES: Final = (".c", ".cc", ".cpp", ".cxx", ".mm", ".cu")
_HERE: Final = re.compile(r"^\$\{CMAKE_CURRENT_(?:SOURCE|LIST)_DIR\}/?")
_TOP: Final = re.compile(r"^\$\{(?:CMAKE|PROJECT)_SOURCE_DIR\}/?")
_FIND_MODULE: Final = re.compile(r"(?:^|/)Find[^/]*\.cmake$")
_NAME: Final = re.compile(r"\w+")
_MENTIONED: Final = re.compile(r"(?:-D)?(\w++)")
_DYNAMIC: Final = re.compile(r"\$\w*\{[^{}]*\}")
_BODIES: Final = frozenset({"function", "macro", "foreach", "while"})
_ENDS: Final = frozenset({"endfunction", "endmacro", "endforeach", "endwhile"})
_CONDITIONS: Final = frozenset({"if", "elseif", "else", "endif", "while", "endwhile", "message"})
_GIVE: Final = frozenset({"set", "option", "cmake_dependent_option"})
_BRINGS: Final = frozenset({"find_package", "project", "fetchcontent_declare", "fetchcontent_makeavailable"})
_SET_ELSEWHERE: Final = re.compile(
    r"""(?:CMAKE|CTEST|CPACK|LLVM|MLIR|CLANG|LLD|POLLY|FLANG|PROJECT|HAVE|BUILD_TESTING|ARG|ARGS|ARGC|ARGN|ARGV)(?:_|\d|$)
    |(?:C|CXX|LINKER|SUPPORTS|GLIBCXX|LIBCXX)_
    |(?:WIN32|WINCE|UNIX|LINUX|APPLE|IOS|ANDROID|MSVC\w*|MINGW|MSYS|CYGWIN|BSD|XCODE\w*|EMSCRIPTEN|BORLAND|WASI)$
    |(?=\w+_VERSION)\w++$
    |\w+_(?:FOUND|DIRS?|ROOT|LIBRAR(?:Y|IES)|EXECUTABLE|POPULATED|IS_TOP_LEVEL|INCLUDES?|INTERP)$""",
    re.VERBOSE | re.IGNORECASE,
)
"""Variables of CMake's, of its modules and of packages, and what is mostly theirs: cmake-variables(7), and what
LLVM's HandleLLVMOptions finds out of compilers and linkers."""


@dataclass(frozen=True)
class BuiltParts:
    """What is built, in one configuration or all of several."""

    listfiles: Mapping[str, Sequence[Command]]
    """CMake files by their path below the project's root."""
    asked: Sequence[Mapping[str, str]] = ({},)
    """The cache values of each configuration."""
    known: Mapping[str, str] = field(default_factory=dict)
    """Variables that LLVM's CMake packages set."""

    def off(self, file: str, guards: Sequence[str] = ()) -> str:
        """The condition behind which a use of ``file`` lies and that no configuration makes true; empty for none.

        ``guards`` are the conditions around the use itself, where the file is a CMake file.
        """
        reasons = [view.off(file, guards) for view in self._views]
        return reasons[0] if reasons and all(reasons) else ""

    def holds(self, guards: Sequence[str]) -> bool:
        """Whether all conditions are met in every configuration, as far as can be told."""
        return all(meaning.of(guard) is True for meaning in self._sure for guard in guards)

    def surely_run(self, top: str) -> Iterator[tuple[str, Command]]:
        """The commands that CMake comes to in every configuration, as far as can be told, with their files.

        ``top`` is the file that it begins with. Bodies of functions and loops are left out.
        """
        waiting, seen = [top], {top}
        while waiting:
            file = waiting.pop()
            depth = 0
            for command, guards in guarded(self.listfiles.get(file, ())):
                depth += (command.name in _BODIES) - (command.name in _ENDS)
                if depth or command.name in _CONDITIONS - {"message"}:
                    continue
                if not self.holds(guards):
                    if command.name == "return" and not self.off(file, guards):
                        break
                    continue
                if command.name == "return":
                    break
                yield file, command
                more = [each for each in self._read_by(file, command) if each not in seen]
                seen.update(more)
                waiting += more

    def _read_by(self, file: str, command: Command) -> Iterator[str]:
        """The files that a command makes CMake read."""
        home = posixpath.dirname(file)
        if command.name == "add_subdirectory" and command.words:
            places = [*self._meant(command.words[0], home)]
            yield from (f"{place}/{_LISTFILE}" for place in places if len(places) == 1)
        elif command.name == "include" and command.words:
            name = command.words[0]
            modules = [each for each in self.listfiles if f"/{each}".endswith(f"/{name}.cmake")]
            if "$" not in name and len(modules) == 1 and not name.endswith(".cmake"):
                yield modules[0]
            elif name.endswith(".cmake"):
                yield from self._meant(name, home)

    @cached_property
    def _sure(self) -> Sequence[Meaning]:
        """What is certain in each configuration: what LLVM says, defaults, what is asked for, and what the project sets
        once and under no condition.
        """
        defaults: dict[str, set[str | None]] = {}
        own: dict[str, list[str | None]] = {}
        for commands in self.listfiles.values():
            for command, guards in guarded(commands):
                words = command.words
                if command.name == "option" and words:
                    defaults.setdefault(words[0], set()).add(None if guards else (*words, "OFF", "OFF", "OFF")[2])
                elif command.name == "set" and "CACHE" in words[1:] and "FORCE" not in words:
                    is_told = words[2:3] == ("CACHE",) and not guards
                    defaults.setdefault(words[0], set()).add(words[1] if is_told else None)
                elif command.name == "set" and words:
                    own.setdefault(words[0], []).append(words[1] if len(words) == 2 and not guards else None)
        settled = {name: next(iter(values)) if len(values) == 1 else None for name, values in defaults.items()}
        once = {name: values[0] if len(values) == 1 and self._stays(name) else None for name, values in own.items()}
        plain = {**dict.fromkeys(self._unset, ""), **self.known, **settled}
        views = ({**plain, **each, **once} for each in self.asked)
        return [Meaning({name: value for name, value in view.items() if value is not None}) for view in views]

    def adds(self, directory: str, top: str = "") -> bool:
        """Whether some configuration, which begins in the directory ``top``, may come to an ``add_subdirectory`` that
        leads to a directory.
        """
        return directory in self._ways and any(directory in view.reached(top) for view in self._views)

    @cached_property
    def _views(self) -> Sequence[_View]:
        own = self._values
        single = {name: next(iter(found)) for name, found in own.items() if len(found) == 1}
        settled = {name: value for name, value in single.items() if name in self._of_cache or self._stays(name)}
        known = dict.fromkeys(self._unset, "") | {name: value for name, value in self.known.items() if name not in own}
        return [_View(self.listfiles, self._ways, Meaning({**known, **settled, **each})) for each in self.asked]

    @cached_property
    def _ways(self) -> Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]:
        """The ``add_subdirectory`` commands that lead to a directory: from which other, under which conditions."""
        ways: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for file, commands in self.listfiles.items():
            home = posixpath.dirname(file)
            for command in commands:
                if command.name == "add_subdirectory" and command.words:
                    for target in [*self._meant(command.words[0], home)] or command.words[:1]:
                        ways.setdefault(target, []).append((home, cmake_guards(commands, command.line)))
        return ways

    def _meant(self, text: str, home: str) -> Iterator[str]:
        """The directories that an argument may mean: of a path with other variables every one with such an end."""
        if _TOP.match(text):
            home, text = "", _TOP.sub("", text)
        text = _HERE.sub("", text)
        if "$" not in text:
            yield posixpath.normpath(posixpath.join(home, text)).removeprefix("./").removeprefix(".")
            return
        end = text.rpartition("}")[2].strip("/")
        for file in self.listfiles:
            directory = posixpath.dirname(file)
            is_below = f"{directory}/".startswith(f"{home}/" if home else "") and directory != home
            if is_below and file.endswith(_LISTFILE) and (not end or f"/{directory}".endswith(f"/{end}")):
                yield directory

    @cached_property
    def _unset(self) -> Set[str]:
        """Variables that conditions ask for and that nothing else in sight so much as mentions. A package sets those
        that begin with its name.
        """
        asked = {word for one in self._commands if one.name in _CONDITIONS for word in one.words}
        packages = [word.upper() for one in self._commands if one.name in _BRINGS for word in one.words[:1]]
        names = (name for name in asked - self._values.keys() if _NAME.fullmatch(name) and truth(name) is None)
        own = (name for name in names if not _SET_ELSEWHERE.match(name) and not _is_of(name.upper(), packages))
        return {name for name in own if self._stays(name)}

    def _stays(self, name: str) -> bool:
        """Whether nothing may set a variable but a ``set`` or ``option`` that spells it out."""
        return self._is_all_in_sight and name not in self._mentioned and not _is_made(name.upper(), self._made)

    @cached_property
    def _mentioned(self) -> Set[str]:
        """The names that commands mention, other than conditions and those that give such a name its value."""
        found: set[str] = set()
        for command in self._commands:
            if command.name not in _CONDITIONS:
                for word in command.words[command.name in _GIVE :]:
                    found.update(_MENTIONED.findall(_DYNAMIC.sub(" ", word)))
        return found

    @cached_property
    def _made(self) -> Set[tuple[str, ...]]:
        """The constant parts of names that are put together, in capitals."""
        made: set[tuple[str, ...]] = set()
        for command in self._commands:
            if command.name == "cmake_parse_arguments":  # the prefix is the first word, or the third of PARSE_ARGV
                made.update((f"{word}_".upper(), "") for word in command.words[:3])
            elif command.name not in _CONDITIONS:
                parts = (_DYNAMIC.split(word.upper()) for word in command.words)
                made.update(tuple(each) for each in parts if len(each) > 1 and "".join(each).isidentifier())
        return made

    @property
    def _commands(self) -> Iterator[Command]:
        return (command for commands in self.listfiles.values() for command in commands)

    @cached_property
    def _is_all_in_sight(self) -> bool:
        """Whether what the project or a configuration has CMake read is among the files in sight: what is not may set
        any variable. A module without a path is CMake's or LLVM's.
        """
        names = {posixpath.basename(file).removesuffix(".in") for file in self.listfiles}
        given = [value for each in self.asked for name, value in each.items() if _is_listfile(name, value)]
        for command in self._commands:
            first = "".join(command.words[:1])
            if command.name == "load_cache" or (command.name == "set" and "${CMAKE_MATCH_" in first):
                return False
            if command.name == "include" and (first.endswith(".cmake") or not _NAME.fullmatch(first)):
                given.append(first)
        return all(posixpath.basename(path) in names for path in given) and all(
            posixpath.join(directory, _LISTFILE) in self.listfiles for directory in self._ways
        )

    @cached_property
    def _of_cache(self) -> Set[str]:
        """Variables that have a default, which whoever calls CMake may change."""
        gives = (one.words for one in self._commands if one.name == "option" or "CACHE" in one.words[1:])
        return {name for words in gives for name in words[:1]}

    @cached_property
    def _values(self) -> Mapping[str, set[str]]:
        """The values that the commands in sight give to variables: options and what else is set. One that is set on a
        condition only may as well be empty.
        """
        values: dict[str, set[str]] = {}
        surely: set[str] = {*self._of_cache}
        for commands in self.listfiles.values():
            for command, guards in guarded(commands):
                words = command.words
                if command.name == "option" and words:
                    values.setdefault(words[0], set()).add(words[2] if len(words) > 2 else "OFF")
                elif command.name == "set" and words:
                    values.setdefault(words[0], set()).add(words[1] if len(words) > 1 else "")
                    surely.update(() if guards else words[:1])
                elif command.name == "cmake_dependent_option" and words:
                    values.setdefault(words[0], set()).update(("ON", "OFF"))  # who knows
        return {name: found if name in surely else found | {""} for name, found in values.items()}


def _is_listfile(variable: str, value: str) -> bool:
    return value.endswith(".cmake") or variable == "CMAKE_TOOLCHAIN_FILE"


def _is_made(name: str, made: Iterable[tuple[str, ...]]) -> bool:
    """Whether a variable's name may be put together of constant parts with anything between them."""
    return any(
        name.startswith(parts[0]) and name.endswith(parts[-1]) and all(part in name for part in parts) for parts in made
    )


def _is_of(name: str, packages: Iterable[str]) -> bool:
    """Whether a variable has the name of a package, or the first word of it: ``IREE_X`` of ``IREECompiler``."""
    return any(name.startswith(package) or package.startswith(name.partition("_")[0]) for package in packages)


def switches_of(packages: Set[str], listfiles: Mapping[str, Sequence[Command]]) -> tuple[str, ...]:
    """The options, off by default, without which a project looks for none of ``packages``; empty where it does anyway,
    never does, or on a condition that no option meets. A find module is read by whoever calls it.
    """
    looks = [
        (file, cmake_guards(commands, command.line))
        for file, commands in listfiles.items()
        for command in commands
        if command.name == "find_package" and {*command.words[:1]} & packages and not _FIND_MODULE.search(file)
    ]
    on: dict[str, str] = {}
    while looks:
        reasons = {look: reason for look in looks if (reason := BuiltParts(listfiles, [on]).off(*look))}
        if len(reasons) < len(looks):
            break
        words = ((look, word) for look, reason in reasons.items() for word in _NAME.findall(reason) if word not in on)
        helps = (
            word for look, word in words if BuiltParts(listfiles, [{**on, word: "ON"}]).off(*look) != reasons[look]
        )
        option = next(helps, None)
        if option is None:
            return ()
        on[option] = "ON"
    return tuple(on)


@dataclass(frozen=True)
class _View:
    """What is built in one configuration."""

    listfiles: Mapping[str, Sequence[Command]]
    ways: Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]
    meaning: Meaning

    def off(self, file: str, guards: Sequence[str]) -> str:
        """As :meth:`BuiltParts.off`."""
        if file.rpartition("/")[2] == _LISTFILE:
            if reason := self._false(guards):
                return reason
        elif not file.endswith(_SOURCES):  # a header may be included from anywhere
            return ""
        return self._unreached.get(self._home(file), "")

    def reached(self, top: str) -> Set[str]:
        """The directories to which no false condition bars the way from ``top``. What an included file adds may be
        added by whoever includes it.
        """
        included = {posixpath.dirname(file) for file in self.listfiles if not file.endswith(_LISTFILE)}
        found = {top, *(home for home in included if f"{home}/{_LISTFILE}".lstrip("/") not in self.listfiles)}
        while more := {
            directory
            for directory, ways in self.ways.items()
            if directory not in found and any(home in found and not self._false(guards) for home, guards in ways)
        }:
            found |= more
        return found

    def _false(self, guards: Sequence[str]) -> str:
        return next((guard for guard in guards if self.meaning.of(guard) is False), "")

    def _home(self, file: str) -> str:
        """The directory of the CMake file that is nearest to a file."""
        directory = posixpath.dirname(file)
        while directory and f"{directory}/{_LISTFILE}" not in self.listfiles:
            directory = posixpath.dirname(directory)
        return directory

    @cached_property
    def _unreached(self) -> Mapping[str, str]:
        """Directories to which only false conditions lead, with one of those."""
        next_: dict[str, list[str]] = {}
        reasons: dict[str, str] = {}
        for directory, ways in self.ways.items():
            for parent, guards in ways:
                if reason := self._false(guards):
                    reasons.setdefault(directory, reason)
                else:
                    next_.setdefault(parent, []).append(directory)
        waiting = [*({parent for ways in self.ways.values() for parent, _ in ways} - self.ways.keys())]
        reached = set(waiting)
        while waiting:
            more = [directory for directory in next_.get(waiting.pop(), ()) if directory not in reached]
            reached.update(more)
            waiting += more
        first = next(iter(reasons.values()), "")
        return {directory: reasons.get(directory, first) for directory in self.ways.keys() - reached}
