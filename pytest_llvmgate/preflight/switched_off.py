"""Which parts of a project no configuration builds: directories behind an option that is off, such as Python bindings.

A name that only such a part uses is no break of this build. What cannot be told (a variable that a package or CMake
itself may set) counts as built. An option that no file declares, sets or hands on is off, unless a configuration asks
for it: only who calls CMake could set it.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from pytest_llvmgate.cmake.listfile import LISTFILE, Command
from pytest_llvmgate.preflight.conditions import Meaning
from pytest_llvmgate.preflight.guards import guarded
from pytest_llvmgate.preflight.variables import CONTROL, Variables

_SOURCES: Final = (".c", ".cc", ".cpp", ".cxx", ".mm", ".cu")
_HERE: Final = re.compile(r"^\$\{CMAKE_CURRENT_(?:SOURCE|LIST)_DIR\}/?")
_TOP: Final = re.compile(r"^\$\{(?:CMAKE|PROJECT)_SOURCE_DIR\}/?")
_FIND_MODULE: Final = re.compile(r"(?:^|/)Find[^/]*\.cmake$")
_NAME: Final = re.compile(r"\w+")
_REFERENCE: Final = re.compile(r"\$\w*+\{[^{}]*+\}")
_BODIES: Final = frozenset({"function", "macro", "foreach", "while"})
_ENDS: Final = frozenset({"endfunction", "endmacro", "endforeach", "endwhile"})
_READ: Final = CONTROL | {"find_package", "message"}
"""Commands that set none of the variables that they are given by name."""
_LEAVE: Final = frozenset({"break", "continue", "return"})
_MOST_TIMES: Final = 16
"""One body is followed, each time with other words."""


@dataclass(frozen=True)
class BuiltParts:
    """What is built, in one configuration or all of several."""

    listfiles: Mapping[str, Sequence[Command]]
    """CMake files by their path below the project's root."""
    asked: Sequence[Mapping[str, str]] = ({},)
    """The cache values of each configuration."""
    known: Mapping[str, str] = field(default_factory=dict)
    """Variables that LLVM's CMake packages set."""
    top: str = ""
    """The directory in which CMake begins, below the project's root."""

    def off(self, file: str, guards: Sequence[str] = ()) -> str:
        """The condition behind which a use of ``file`` lies and that no configuration makes true; empty for none.

        ``guards`` are the conditions around the use itself, where the file is a CMake file.
        """
        apart = self._apart & {*_above(file)} if file.endswith((*_SOURCES, LISTFILE, ".cmake")) else ()
        if apart:
            return f"nothing leads to {min(apart)}"
        reasons = [view.off(file, guards) for view in self._views]
        return reasons[0] if reasons and all(reasons) else ""

    def holds(self, file: str, guards: Sequence[str], bound: Mapping[str, str] | None = None) -> bool:
        """Whether all conditions in a file are met in every configuration, as far as can be told; ``bound`` are the
        variables of a call or a loop.
        """
        here = {**self._variables.here(file), **(bound or {})}
        return all(meaning.of(guard, here) is True for meaning in self._sure for guard in guards)

    def said(self, word: str) -> str:
        """What a word of a command says in every configuration; itself where that cannot be told."""
        texts = {meaning.literal(word) for meaning in self._sure}
        return texts.pop() or word if len(texts) == 1 else word

    @cached_property
    def surely_run(self) -> Sequence[tuple[str, Command]]:
        """The commands that CMake comes to in every configuration, as far as can be told, with their files.

        What a function or macro of the project's does is done where it is called, with what it is called with; and a
        loop's body for each of its items, if it leaves out none.
        """
        return [*self._walk()]

    def _walk(self) -> Iterator[tuple[str, Command]]:
        waiting = [posixpath.join(self.top, LISTFILE)]
        seen = {*waiting}
        calls: dict[str, set[tuple[str, ...]]] = {}
        while waiting:
            file = waiting.pop()
            for place, command in self._performed(file, self.listfiles.get(file, ()), calls, {}):
                yield place, command
                more = [each for each in self._read_by(place, command) if each not in seen]
                seen.update(more)
                waiting += more

    def _performed(
        self, file: str, commands: Sequence[Command], calls: dict[str, set[tuple[str, ...]]], bound: Mapping[str, str]
    ) -> Iterator[tuple[str, Command]]:
        """The commands that surely run of a file or of a body in it, with what those do that they call. ``calls`` is
        with what bodies were followed; ``bound`` is what this one is called with, which ends where it is set anew.
        """
        written = {word for each in commands if each.name not in _READ for word in each.words} if bound else ()
        bound = {name: value for name, value in bound.items() if name not in written}
        for command, behind in self._come_to(file, commands, bound):
            if command.name == "foreach":
                body = [*_body(behind)]
                for item in () if any(each.name in _LEAVE for each in body) else self._items(command.words[1:]):
                    if _is_new(calls, f"{file}:{command.line}", (item, *bound.values())):
                        yield from self._performed(file, body, calls, {**bound, command.words[0]: item})
                continue
            yield file, command
            if command.name in self._bodies:
                home, (head, *body) = self._bodies[command.name]
                if _is_new(calls, command.name, command.words):
                    own = _arguments(head.words[1:], command.words)
                    if head.name == "macro":  # its arguments are no variables, but put into its text
                        body, own = [each.with_values(own) for each in body], {}
                    yield from self._performed(home, body, calls, {**bound, **own})
                if head.name == "macro" and any(each.name == "return" for each in body):  # it returns from here
                    return

    def _come_to(
        self, file: str, commands: Sequence[Command], bound: Mapping[str, str]
    ) -> Iterator[tuple[Command, Sequence[Command]]]:
        """The commands outside of bodies that surely run, as they are said there, each with those behind it."""
        depth = 0
        for at, (command, guards) in enumerate(guarded(commands)):
            is_within = depth > 0
            depth += (command.name in _BODIES) - (command.name in _ENDS)
            if is_within or command.name in CONTROL or (depth and command.name != "foreach"):
                continue
            if self.holds(file, guards, bound):
                if command.name == "return":
                    return
                yield command.with_values(bound), commands[at + 1 :]
            elif command.name == "return" and not self.off(file, guards):
                return

    def _items(self, words: Sequence[str]) -> Sequence[str]:
        """The items of a ``foreach``; none where they cannot be told."""
        ways = {"LISTS": "${{{}}}", "ITEMS": "{}"}
        items: list[str] = []
        way = "{}"
        for word in words[1:] if words[:1] == ("IN",) else words:
            if word in ways and words[0] == "IN":
                way = ways[word]
            else:
                items += self.said(way.format(word)).split(";")
        is_plain = words[:1] != ("RANGE",) and "ZIP_LISTS" not in words[:2] and not any("$" in item for item in items)
        return items if is_plain else ()

    def called(self, command: Command) -> Sequence[Command]:
        """The commands of the project's own function or macro that a command calls, with what it is called with."""
        if command.name not in self._bodies:
            return ()
        _, (head, *body) = self._bodies[command.name]
        values = _arguments(head.words[1:], command.words)
        return [each.with_values(values) for each in body]

    @cached_property
    def _bodies(self) -> Mapping[str, tuple[str, Sequence[Command]]]:
        """The project's own functions and macros, by name in lower case: the file, and the commands from the one that
        names it; not those that are defined twice.
        """
        found: dict[str, tuple[str, Sequence[Command]]] = {}
        twice: set[str] = set()
        for file, commands in self.listfiles.items():
            body: list[Command] = []
            for command in commands:
                if command.name in {"function", "macro"} and command.words:
                    name, body = command.words[0].lower(), [command]
                    twice.update({name} & found.keys())
                    found[name] = file, body
                elif command.name in {"endfunction", "endmacro"}:
                    body = []
                else:
                    body.append(command)
        return {name: body for name, body in found.items() if name not in twice}

    def _read_by(self, file: str, command: Command) -> Iterator[str]:
        """The files that a command makes CMake read."""
        home = posixpath.dirname(file)
        if command.name == "add_subdirectory" and command.words:
            places = [*self._meant(command.words[0], home)]
            yield from (f"{place}/{LISTFILE}" for place in places if len(places) == 1)
        elif command.name == "include" and command.words:
            name = command.words[0]
            modules = [each for each in self.listfiles if f"/{each}".endswith(f"/{name}.cmake")]
            if "$" not in name and len(modules) == 1 and not name.endswith(".cmake"):
                yield modules[0]
            elif name.endswith(".cmake"):
                yield from self._meant(name, home)

    def adds(self, directory: str) -> bool:
        """Whether some configuration may come to an ``add_subdirectory`` that leads to a directory."""
        return directory in self._ways and any(directory in view.reached(self.top) for view in self._views)

    @cached_property
    def _variables(self) -> Variables:
        return Variables(self.listfiles, self.asked, self.known, self._ways.keys(), self.top)

    @cached_property
    def _views(self) -> Sequence[_View]:
        here = self._variables.here
        return [_View(self.listfiles, self._ways, Meaning(values), here) for values in self._variables.expected]

    @cached_property
    def _sure(self) -> Sequence[Meaning]:
        return [Meaning(values) for values in self._variables.certain]

    @cached_property
    def _ways(self) -> Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]:
        """The ``add_subdirectory`` commands that lead to a directory: from which other, under which conditions."""
        ways: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for file, commands in self.listfiles.items():
            home = posixpath.dirname(file)
            for command, guards in guarded(commands):
                if command.name == "add_subdirectory" and command.words:
                    for target in [*self._meant(command.words[0], home)] or command.words[:1]:
                        ways.setdefault(target, []).append((home, guards))
        return ways

    @cached_property
    def _apart(self) -> Set[str]:
        """The directories that begin a project of their own to which nothing leads from where CMake begins: no
        ``add_subdirectory``, and no word that may be such a directory or a path into it.
        """
        begun = {
            posixpath.dirname(file)
            for file, commands in self.listfiles.items()
            if file.endswith(LISTFILE) and any(command.name == "project" for command in commands)
        }
        modules = (commands for file, commands in self.listfiles.items() if not file.endswith(LISTFILE))
        adds = (one for commands in modules for one in commands if one.name == "add_subdirectory")
        if self.top not in begun or any("$" in word for one in adds for word in one.words):
            return set()
        begun -= {"", *_above(self.top), *self._ways}
        ends: dict[str, set[str]] = {}
        for home in begun:
            for at in (0, *(slash.end() for slash in re.finditer("/", home))):
                ends.setdefault(home[at:], set()).add(home)
        led = {(home, by) for way, ways in self._ways.items() for home in begun & {*_above(way)} for by, _ in ways}
        for file, commands in self.listfiles.items():
            words = {part for command in commands for word in command.words for part in _REFERENCE.split(word)}
            led.update((home, file) for word in words for path in _above(word) for home in ends.get(path, ()))
        return begun - {home for home, by in led if not f"{by}/".startswith(f"{home}/")}

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
            if is_below and file.endswith(LISTFILE) and (not end or f"/{directory}".endswith(f"/{end}")):
                yield directory


def _is_new(calls: dict[str, set[tuple[str, ...]]], body: str, words: tuple[str, ...]) -> bool:
    """Whether a body is to be followed with some words, which are noted: not twice, nor too often."""
    before = calls.setdefault(body, set())
    is_new = words not in before and len(before) < _MOST_TIMES
    before.update((words,) if is_new else ())
    return is_new


def _body(commands: Iterable[Command]) -> Iterator[Command]:
    """The commands up to the end of the body that has begun before them."""
    depth = 1
    for command in commands:
        depth += (command.name in _BODIES) - (command.name in _ENDS)
        if not depth:
            return
        yield command


def _arguments(parameters: Sequence[str], words: Sequence[str]) -> Mapping[str, str]:
    """The variables of a call (cmake-language(7), "function")."""
    named = dict(itertools.zip_longest(parameters, words[: len(parameters)], fillvalue=""))
    numbered = {f"ARGV{at}": word for at, word in enumerate(words)}
    rest = {"ARGN": ";".join(words[len(parameters) :]), "ARGV": ";".join(words), "ARGC": str(len(words))}
    return {**named, **numbered, **rest}


def _above(path: str) -> Iterator[str]:
    """A relative path and the directories above it; of one that goes up, from there."""
    names = [name for name in path.split("/") if name not in {"", ".", ".."}]
    return itertools.accumulate(names, posixpath.join)


def switches_of(packages: Set[str], listfiles: Mapping[str, Sequence[Command]]) -> tuple[str, ...]:
    """The options, off by default, without which a project looks for none of ``packages``; empty where it does anyway,
    never does, or on a condition that no option meets. A find module is read by whoever calls it.
    """
    looks = {
        (file, guards): None
        for file, commands in listfiles.items()
        for command, guards in guarded(commands)
        if command.name == "find_package" and {*command.words[:1]} & packages and not _FIND_MODULE.search(file)
    }
    on: dict[str, str] = {}
    while looks:
        parts = BuiltParts(listfiles, [on])
        reasons = {look: reason for look in looks if (reason := parts.off(*look))}
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
    here: Callable[[str], Mapping[str, str]]
    """What CMake's own variables are worth in a file."""

    def off(self, file: str, guards: Sequence[str]) -> str:
        """As :meth:`BuiltParts.off`."""
        if file.rpartition("/")[2] == LISTFILE:
            if reason := self._false(file, guards):
                return reason
        elif not file.endswith(_SOURCES):  # a header may be included from anywhere
            return ""
        return self._unreached.get(self._home(file), "")

    def reached(self, top: str) -> Set[str]:
        """The directories to which no false condition bars the way from ``top``. What an included file adds may be
        added by whoever includes it.
        """
        included = {posixpath.dirname(file) for file in self.listfiles if not file.endswith(LISTFILE)}
        return self._from({top, *(home for home in included if posixpath.join(home, LISTFILE) not in self.listfiles)})

    def _from(self, begun: Set[str]) -> Set[str]:
        found = {*begun}
        while more := {
            directory
            for directory, ways in self.ways.items()
            if directory not in found and any(home in found and not self._bars(home, guards) for home, guards in ways)
        }:
            found |= more
        return found

    def _false(self, file: str, guards: Sequence[str]) -> str:
        return next((guard for guard in guards if self.meaning.of(guard, self.here(file)) is False), "")

    def _bars(self, home: str, guards: Sequence[str]) -> str:
        return self._false(posixpath.join(home, LISTFILE), guards)

    def _home(self, file: str) -> str:
        """The directory of the CMake file that is nearest to a file."""
        directory = posixpath.dirname(file)
        while directory and f"{directory}/{LISTFILE}" not in self.listfiles:
            directory = posixpath.dirname(directory)
        return directory

    @cached_property
    def _unreached(self) -> Mapping[str, str]:
        """Directories to which only false conditions lead, with one of those."""
        ways = [(directory, *way) for directory, ways in self.ways.items() for way in ways]
        barred = ((directory, self._bars(parent, guards)) for directory, parent, guards in reversed(ways))
        reasons = {directory: reason for directory, reason in barred if reason}
        first = next(reversed(reasons.values()), "")
        reached = self._from({parent for _, parent, _ in ways} - self.ways.keys())
        return {directory: reasons.get(directory, first) for directory in self.ways.keys() - reached}
