"""What the variables of a project's CMake files are worth in each configuration, as far as its files tell.

What cannot be told (a variable that a package or CMake itself may set) has no value here.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pytest_llvmgate.cmake.listfile import LISTFILE, Command
from pytest_llvmgate.cmake.truth import truth
from pytest_llvmgate.platform_facts import SYSTEM
from pytest_llvmgate.preflight.conditions import UNDEFINED, Meaning, defined
from pytest_llvmgate.preflight.guards import guarded
from pytest_llvmgate.upstream.whose import LLVM_PACKAGES

_NAME: Final = re.compile(r"\w+")
_MODULE: Final = re.compile(r"[\w-]+")
_BESIDE: Final = "${CMAKE_CURRENT_LIST_DIR}/"
"""What lies beside a module is in sight, or that module is read where both are installed."""
_MENTIONED: Final = re.compile(r"(?:-D)?(\w++)")
_DYNAMIC: Final = re.compile(r"\$\w*\{[^{}]*\}")
CONTROL: Final = frozenset({"if", "elseif", "else", "endif", "while", "endwhile"})
"""Commands that say what is done, and when."""
_ASK: Final = CONTROL | {"message"}
"""Commands that mention variables and give them no value."""
_GIVE: Final = frozenset({"set", "option", "cmake_dependent_option"})
_BRINGS: Final = frozenset({"find_package", "fetchcontent_declare", "fetchcontent_makeavailable"})
_GIVEN: Final = {f"{package}_DIR": "/llvm" for package in LLVM_PACKAGES}
"""CMake is told where LLVM's packages lie."""
_OF_LINUX: Final[Mapping[str, str]] = {
    **dict.fromkeys(("WIN32", "MSVC", "MSVC_IDE", "MINGW", "MSYS", "CYGWIN"), ""),
    **dict.fromkeys(("APPLE", "IOS", "XCODE", "ANDROID", "BSD", "EMSCRIPTEN"), ""),
    **dict.fromkeys(("CMAKE_SYSTEM_NAME", "CMAKE_HOST_SYSTEM_NAME"), "Linux"),
    "UNIX": "1",
}
"""What CMake says of the system, on Linux and for it (cmake-variables(7), "Variables that Describe the System")."""
_CROSS: Final = frozenset({"CMAKE_TOOLCHAIN_FILE", "CMAKE_SYSTEM_NAME"})
"""Who asks for one of these may build for another system."""
_SET_ELSEWHERE: Final = re.compile(
    r"""(?:CMAKE|CTEST|CPACK|LLVM|MLIR|CLANG|LLD|POLLY|FLANG|PROJECT|HAVE|BUILD_TESTING|ARG|ARGS|ARGC|ARGN|ARGV)(?:_|\d|$)
    |(?:C|CXX|LINKER|SUPPORTS|GLIBCXX|LIBCXX)_
    |(?:WIN32|WINCE|UNIX|LINUX|APPLE|IOS|ANDROID|MSVC\w*|MINGW|MSYS|CYGWIN|BSD|XCODE\w*|EMSCRIPTEN|BORLAND|WASI)$
    |\w+_VERSION(?:_(?:MAJOR|MINOR|PATCH|TWEAK|COUNT|STRING|SUFFIX|INFO))?$
    |\w+_(?:FOUND|DIRS?|ROOT|LIBRAR(?:Y|IES)|EXECUTABLE|POPULATED|IS_TOP_LEVEL|INCLUDES?|INTERP)$""",
    re.VERBOSE | re.IGNORECASE,
)
"""Variables of CMake's, of its modules and of packages, and what is mostly theirs: cmake-variables(7), and what
LLVM's HandleLLVMOptions finds out of compilers and linkers."""


@dataclass(frozen=True)
class Variables:
    """The variables of one project."""

    listfiles: Mapping[str, Sequence[Command]]
    """CMake files by their path below the project's root."""
    asked: Sequence[Mapping[str, str]]
    """The cache values of each configuration."""
    known: Mapping[str, str]
    """Variables that LLVM's CMake packages set."""
    directories: Collection[str]
    """Those that some file adds."""
    top: str = ""
    """The directory in which CMake begins."""

    def here(self, file: str) -> Mapping[str, str]:
        """What CMake's own variables say of the place of a file: whether the project is built on its own.

        Directories stand as if the root were that of the file system. What an included file is told hangs on who
        includes it.
        """
        home, _, name = file.rpartition("/")
        found = {"CMAKE_SOURCE_DIR": f"/{self.top}"}
        if top := self._projects.get(self.top):
            found["CMAKE_PROJECT_NAME"] = top
        if name != LISTFILE:
            return found
        found |= {"CMAKE_CURRENT_SOURCE_DIR": f"/{home}", "CMAKE_CURRENT_LIST_DIR": f"/{home}"}
        owner = home
        while owner and owner != self.top and owner not in self._projects:
            owner = posixpath.dirname(owner)
        if (own := self._projects.get(owner)) and f"{owner}/".startswith(self.top and f"{self.top}/"):
            is_top = "ON" if owner == self.top else "OFF"
            found |= {f"{each}_SOURCE_DIR": f"/{owner}" for each in ("PROJECT", own)}
            found |= {"PROJECT_NAME": own, "PROJECT_IS_TOP_LEVEL": is_top, f"{own}_IS_TOP_LEVEL": is_top}
        return found

    @cached_property
    def _projects(self) -> Mapping[str, str]:
        """The directories whose file begins a project, with its name."""
        begun = (
            (posixpath.dirname(file), command.words[0])
            for file, commands in self.listfiles.items()
            if posixpath.basename(file) == LISTFILE
            for command in commands
            if command.name == "project" and command.words
        )
        return {home: name for home, name in begun if "$" not in name}

    def _settled(self) -> Iterator[tuple[Command, tuple[str, ...]]]:
        """The commands with their conditions, but those which the place of a file decides."""
        for file, commands in self.listfiles.items():
            here = self.here(file)
            place = Meaning({})
            for command, guards in guarded(commands):
                decided = {guard: place.of(guard, here) for guard in guards}
                if False not in decided.values():
                    yield command, tuple(guard for guard in guards if decided[guard] is None)

    @cached_property
    def expected(self) -> Sequence[Mapping[str, str]]:
        """In each configuration, what holds as long as nobody changes a default."""
        own = self._values
        single = {name: next(iter(found)) for name, found in own.items() if len(found) == 1}
        settled = {name: value for name, value in single.items() if name in self._of_cache or self._stays(name)}
        known = dict.fromkeys(self._unset, "") | {name: value for name, value in self.known.items() if name not in own}
        return [{**self._system(each), **known, **settled, **_GIVEN, **each} for each in self.asked]

    @cached_property
    def certain(self) -> Sequence[Mapping[str, str]]:
        """What is certain in each configuration: what LLVM says, defaults, what is asked for, and what the project sets
        once and under no condition.
        """
        defaults: dict[str, set[str | None]] = {}
        own: dict[str, list[str | None]] = {}
        for command, around in self._settled():
            words = command.words
            is_absent = f"NOT {defined(*words[:1])}"
            is_default = command.name == "set" and is_absent in around
            guards = tuple(guard for guard in around if not (is_default and guard == is_absent))
            if command.name == "option" and words:
                defaults.setdefault(words[0], set()).add(None if guards else (*words, "OFF", "OFF", "OFF")[2])
            elif command.name == "set" and "CACHE" in words[1:] and "FORCE" not in words:
                is_told = words[2:3] == ("CACHE",) and not guards
                defaults.setdefault(words[0], set()).add(words[1] if is_told else None)
            elif is_default and len(words) == 2:
                defaults.setdefault(words[0], set()).add(None if guards else words[1])
                defaults[defined(words[0])] = {""}  # before that, who knows
            elif command.name == "set" and words:
                is_told = len(words) > 1 and not guards and not {"CACHE", "PARENT_SCOPE"} & {*words}
                own.setdefault(words[0], []).append(";".join(words[1:]) if is_told else None)
        settled = {name: next(iter(values)) if len(values) == 1 else None for name, values in defaults.items()}
        single = {name for name, values in own.items() if len(values) == 1 and defined(name) not in defaults}
        once = {name: own[name][0] if name in single and self._is_plain(name) else None for name in own}
        plain = {**dict.fromkeys(self._unset, ""), **self.known, **settled}
        absent = ({defined(name): UNDEFINED for name in self._unset - each.keys()} for each in self.asked)
        each_with = zip(self.asked, absent, strict=True)
        views = ({**self._system(each), **plain, **without, **_GIVEN, **each, **once} for each, without in each_with)
        return [{name: value for name, value in view.items() if value is not None} for view in views]

    def _system(self, asked: Mapping[str, str]) -> Mapping[str, str]:
        """What CMake's own variables say of the system that a configuration builds for, if that is this one."""
        if SYSTEM != "linux" or asked.keys() & _CROSS:
            return {}
        return {name: value for name, value in _OF_LINUX.items() if name not in self._values}

    @cached_property
    def _unset(self) -> Set[str]:
        """Variables that conditions ask for and that nothing else in sight so much as mentions. A package sets those
        that begin with its name, unless it is only looked for where they say so.
        """
        asked = {word for one in self._commands if one.name in _ASK for word in one.words}
        brings = {(one.words[0], around) for one, around in self._settled() if one.name in _BRINGS and one.words}
        # What LLVM's own set is known.
        packages = [(name.upper(), around) for name, around in brings if name not in LLVM_PACKAGES]
        names = (name for name in asked - self._values.keys() if _NAME.fullmatch(name) and truth(name) is None)
        own = (name for name in names if not _SET_ELSEWHERE.match(name) and not _is_of(name, packages))
        elsewhere = {
            word for one in self._commands if one.name in _GIVE for word in one.words[:1]
        }  # CMake is not there
        return {name for name in own if self._stays(name) or (name in elsewhere and self._is_plain(name))}

    def _stays(self, name: str) -> bool:
        """Whether nothing may set a variable but a ``set`` or ``option`` that spells it out."""
        return self._is_all_in_sight and self._is_plain(name)

    def _is_plain(self, name: str) -> bool:
        """Whether nothing may do so that is in sight, or read into the scope of what is: a directory has its own."""
        return self._reads_what_is_in_sight and name not in self._mentioned and not _is_made(name.upper(), self._made)

    @cached_property
    def _mentioned(self) -> Set[str]:
        """The names that commands mention, other than conditions and those that give such a name its value; not what is
        done where the name itself holds already.
        """
        found: set[str] = set()
        for command, around in self._settled():
            if command.name not in _ASK:
                mentions = command.words[:1] if command.name == "foreach" else command.words[command.name in _GIVE :]
                for word in mentions:
                    found.update({*_MENTIONED.findall(_DYNAMIC.sub(" ", word))}.difference(around))
        return found

    @cached_property
    def _made(self) -> Set[tuple[str, ...]]:
        """The constant parts of names that are put together, in capitals."""
        made: set[tuple[str, ...]] = set()
        for command in self._commands:
            if command.name == "cmake_parse_arguments":  # the prefix is the first word, or the third of PARSE_ARGV
                made.update((f"{word}_".upper(), "") for word in command.words[:3])
            elif command.name not in _ASK:
                parts = (_DYNAMIC.split(word.upper()) for word in command.words)
                made.update(tuple(each) for each in parts if len(each) > 1 and "".join(each).isidentifier())
        return made

    @property
    def _commands(self) -> Iterator[Command]:
        return (command for commands in self.listfiles.values() for command in commands)

    @cached_property
    def _is_all_in_sight(self) -> bool:
        """Whether what the project or a configuration has CMake read is among the files in sight: what is not may set
        any variable.
        """
        lists = (posixpath.join(directory, LISTFILE) for directory in self.directories)
        return self._reads_what_is_in_sight and all(name in self.listfiles for name in lists)

    @cached_property
    def _reads_what_is_in_sight(self) -> bool:
        """Whether all that is read by ``include`` is. A module without a path is CMake's or LLVM's."""
        names = {posixpath.basename(file).removesuffix(".in") for file in self.listfiles}
        given = [value for each in self.asked for name, value in each.items() if _is_listfile(name, value)]
        pairs = (pair for command in self._commands for pair in itertools.pairwise(command.words))
        scripts = {posixpath.basename(file) for word, file in pairs if word == "-P"}  # run apart, in a build
        lists = ((file, each) for file, each in self.listfiles.items() if posixpath.basename(file) not in scripts)
        for file, command in ((file, command) for file, commands in lists for command in commands):
            first = "".join(command.words[:1])
            if command.name == "load_cache" or (command.name == "set" and "${CMAKE_MATCH_" in first):
                return False
            if (
                command.name == "include"
                and (file.endswith(LISTFILE) or not first.startswith(_BESIDE))
                and (first.endswith(".cmake") or not _MODULE.fullmatch(first))
            ):
                given.append(first)
        return all(posixpath.basename(path) in names for path in given)

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
        for command, guards in self._settled():
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


def _is_of(name: str, packages: Iterable[tuple[str, Sequence[str]]]) -> bool:
    """Whether a variable has the name of a package, or the first word of it, ``IREE_X`` of ``IREECompiler``, and is not
    itself the condition on which that is looked for.
    """
    upper = name.upper()
    return any(
        name not in around and (upper.startswith(package) or package.startswith(upper.partition("_")[0]))
        for package, around in packages
    )
