"""CMake's own language, read as far as names and lines go: commands with their arguments, each with its line.

The grammar is that of cmake-language(7): line and bracket comments, quoted, unquoted and bracket arguments, nested
parentheses. Nothing is evaluated; ``${VARIABLES}`` and generator expressions stay as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

_LONGEST: Final = 1 << 14
"""Characters that the values of variables add to a command."""
_REFERENCE: Final = re.compile(r"\$\{(\w++)\}")
_TOKEN: Final = re.compile(
    r"""(?P<newline>\n)
      | (?P<blank>[ \t\r;]+)
      | (?P<bracket_comment>\#\[(?P<level>=*+)\[.*?(?:\](?P=level)\]|\Z))
      | (?P<comment>\#[^\n]*)
      | (?P<bracket>\[(?P<equals>=*+)\[.*?(?:\](?P=equals)\]|\Z))
      | (?P<quoted>"(?>(?:\\.|[^"\\]++)*)(?:"|\Z))
      | (?P<open>\()
      | (?P<close>\))
      | (?P<word>(?>(?:\\.|\$\([^()\s"\#\\;]*+\)|"(?>(?:\\.|[^"\\]++)*)(?:"|\Z)|[^\s()\#"\\;]++)+))
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Argument:
    """One argument of a command."""

    text: str
    """Without quotes or brackets. A parenthesis inside of a command's is an argument of its own."""
    line: int
    """1-based."""


@dataclass(frozen=True)
class Command:
    """One command invocation."""

    name: str
    """In lower case: CMake's command names do not tell case."""
    line: int
    """1-based line of the name."""
    end_line: int
    """Line of the closing parenthesis."""
    arguments: tuple[Argument, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The texts of the arguments."""
        return tuple(argument.text for argument in self.arguments)

    def with_values(self, values: Mapping[str, str]) -> Command:
        """The same command where variables have values; an argument that is one alone may be several then."""
        references = sum(argument.text.count("${") for argument in self.arguments)
        if not values or not references or references * max(map(len, values.values())) > _LONGEST:
            return self  # doubled in every call, what is said has no end
        put = [Argument(part, argument.line) for argument in self.arguments for part in _put(argument.text, values)]
        return replace(self, arguments=tuple(put))


def _put(text: str, values: Mapping[str, str]) -> Sequence[str]:
    whole = _REFERENCE.fullmatch(text)
    if whole and whole[1] in values:
        return [part for part in values[whole[1]].split(";") if part]
    return [_REFERENCE.sub(lambda match: values.get(match[1], match[0]), text)]


def parse(text: str) -> Iterator[Command]:
    """The commands of a CMake file in order. What is no command (a stray word) is skipped, as an editor would."""
    tokens = _tokens(text)
    name, name_line = "", 0
    for kind, value, line in tokens:
        if kind == "word":
            name, name_line = value, line
        elif kind == "open" and name:
            arguments, end_line = _arguments(tokens, line)
            yield Command(name.lower(), name_line, end_line, tuple(arguments))
            name = ""


def _arguments(tokens: Iterator[tuple[str, str, int]], line: int) -> tuple[list[Argument], int]:
    """Consume the tokens up to the parenthesis that closes the command; the arguments and that one's line."""
    arguments: list[Argument] = []
    depth = 1
    end_line = line
    for kind, value, end_line in tokens:
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if depth == 0:
            break
        if kind in {"word", "open", "close"}:
            arguments.append(Argument(value, end_line))
        elif kind in {"quoted", "bracket"}:
            arguments.append(Argument(_inside(kind, value), end_line))
    return arguments, end_line


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and line of everything that means something."""
    line = 1
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        value = match[0]
        if kind in {"word", "quoted", "bracket", "open", "close"}:
            yield kind, value, line
        line += value.count("\n")


def _inside(kind: str, value: str) -> str:
    if kind == "quoted":
        return value[1:-1]
    edge = value.index("[", 1) + 1
    return value[edge:-edge]


LISTFILE: Final = "CMakeLists.txt"
"""The CMake file of a directory."""


def is_listfile(name: str) -> bool:
    """Whether a file of that name is CMake's: a directory's, or a module."""
    return name == LISTFILE or name.endswith(".cmake")


_OLDEST_POLICY: Final = (3, 5)
"""CMake 4 refuses a project that is for older ones only, unless CMAKE_POLICY_VERSION_MINIMUM is set."""
_VERSIONS: Final = re.compile(r"(\d{1,4})\.(\d{1,4})(?:[.\d]{0,20}\.\.\.(\d{1,4})\.(\d{1,4}))?")


def too_old_a_minimum(commands: Iterable[Command]) -> Command | None:
    """The ``cmake_minimum_required`` that CMake 4 refuses."""
    for command in commands:
        if command.name == "cmake_minimum_required":
            match = _VERSIONS.match(" ".join(command.words).upper().partition("VERSION ")[2])
            least = (int(match[3] or match[1]), int(match[4] or match[2])) if match else _OLDEST_POLICY
            return command if least < _OLDEST_POLICY else None
    return None
