"""Under which conditions a line of a file counts: ``#if`` around an include, ``if()`` around a CMake command.

A use that is guarded is no break: the code has already provided for both sides. Include guards are no conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.cmake.listfile import Command

_DIRECTIVE: Final = re.compile(
    r"^[ \t]*#[ \t]*(?P<word>if|ifdef|ifndef|elif|elifdef|elifndef|else|endif|define)\b(?P<rest>.*)$"
)
_COMMENT: Final = re.compile(r"//.*$|/\*.*?(?:\*/|$)")
_CONTINUED: Final = re.compile(r"^(?>(?:[^\n]*+(?<=\\)\n)+)[^\n]*+", re.MULTILINE)
_BLOCK_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ELSEWHERE: Final = (
    r"(?:defined\s{0,4}\(?\s{0,4})?(?:_MSC_VER|_WIN32|WIN32|__CYGWIN__|__MINGW32__|_AIX)"
    r"(?:\s{0,4}\)|\s{0,4}[<>=]=?\s{0,4}\d+)?"
)
_NEVER: Final = re.compile(rf"^{_ELSEWHERE}$")
"""Conditions that no compiler meets on a system where the gate works."""
_ALWAYS: Final = re.compile(
    rf"^(?:__cplusplus|__GNUC__|__clang__|NDEBUG|!?defined\(?\s*(?:__GNUC__|__clang__)\)?"
    rf"|(?:!\s?|not \(){_ELSEWHERE}\)?)$"
)
"""Conditions on the compiler and platform: they say nothing of LLVM's version."""


def include_guards(text: str, line: int) -> tuple[str, ...]:
    """Conditions around ``line`` (1-based) of a C++ or PDLL file, outermost first; ``comment`` for a commented line."""
    if _is_commented(text, line):
        return ("comment",)
    stack: list[list[str]] = []
    lines = _CONTINUED.sub(_joined, text.replace("\r", "")).split("\n")
    guard = _include_guard(lines)
    for number, content in enumerate(lines[: line - 1]):
        match = _DIRECTIVE.match(content)
        if match is None or match["word"] == "define":
            continue
        condition = "" if number == guard else _COMMENT.sub("", match["rest"]).strip()
        word = match["word"]
        if condition and word.endswith("ndef"):
            condition = f"!defined({condition})"
        elif condition and word == "elifdef":
            condition = f"defined({condition})"
        _turn(stack, "elseif" if word.startswith("elif") else word.removesuffix("ndef").removesuffix("def"), condition)
    return tuple(condition for block in stack for condition in block if condition and not _ALWAYS.match(condition))


def _joined(lines: re.Match[str]) -> str:
    """Lines that a backslash joins as one, and as many empty ones behind it as keep the count."""
    return " ".join(lines[0].replace("\\\n", " ").split()) + "\n" * lines[0].count("\n")


def _turn(stack: list[list[str]], word: str, condition: str) -> None:
    """Follow one directive, or one command. What holds in a branch is all of its block's entry: neither of the
    conditions before it, and its own.
    """
    if word == "if":
        stack.append([condition])
    elif stack and word in {"elseif", "else"}:
        last = stack[-1].pop() if stack[-1] else ""
        stack[-1] += [f"not ({last})"] if last else []
        stack[-1] += [condition] if word == "elseif" else []
    elif stack and word == "endif":
        stack.pop()


def _include_guard(lines: Sequence[str]) -> int:
    """Index of the line that opens the file's include guard, or -1."""
    first: tuple[int, str] | None = None
    for number, content in enumerate(lines[:200]):
        match = _DIRECTIVE.match(content)
        if match is None:
            continue
        name = match["rest"].strip().strip("!").removeprefix("defined").strip("() \t")
        if first is None:
            if match["word"] not in {"ifndef", "if"}:
                return -1
            first = (number, name)
        else:
            return first[0] if match["word"] == "define" and name.split()[:1] == [first[1]] else -1
    return -1


def _is_commented(text: str, line: int) -> bool:
    """Whether the line begins inside a ``/* */`` comment."""
    if "/*" not in text:
        return False
    start = sum(len(content) + 1 for content in text.split("\n")[: line - 1])
    return any(match.start() < start < match.end() for match in _BLOCK_COMMENT.finditer(text))


def cmake_guards(commands: Sequence[Command], line: int) -> tuple[str, ...]:
    """Conditions of the ``if()`` blocks around ``line`` of a CMake file, outermost first."""
    found: tuple[str, ...] = ()
    for command, guards in guarded(commands):
        if command.line > line:
            break
        found = guards
    return found


def guarded(commands: Iterable[Command]) -> Iterator[tuple[Command, tuple[str, ...]]]:
    """Each command of a CMake file with the conditions around it, outermost first."""
    stack: list[list[str]] = []
    for command in commands:
        _turn(stack, command.name, " ".join(command.words))
        yield command, tuple(condition for block in stack for condition in block)


_VERSION: Final = re.compile(
    r"(LLVM|MLIR|CLANG)(_?\d|_(\w{0,20}_)?(VERSION|VER\b|MAJOR))|HAVE_LLVM\s{0,4}[<>=]|VERSION_(LESS|GREATER|EQUAL)"
    r"|(LLVM|MLIR)_INCLUDE_TESTS|HAVE_(LLVM|MLIR|CLANG)_\w{1,80}_H\b"
)
"""Conditions on LLVM's version, on whether this LLVM comes with the libraries of its own tests, or on a header of it
that a configure step looked for: ``HAVE_X_H`` is what AC_CHECK_HEADERS defines.
"""


def provides_for(guards: Sequence[str], name: str) -> str:
    """The condition that makes a use of ``name`` harmless: it asks for the name itself, or for LLVM's version, or it is
    never met here.
    """
    header = re.escape(PurePosixPath(name).stem.upper())
    for guard in guards:
        asks = (
            "__has_include" in guard
            or _VERSION.search(guard)
            or re.search(rf"\bHAVE_(\w{{1,80}}_)?{header}_H\b", guard)
            or re.search(rf"\b(TARGET|COMMAND)\s+\"?{re.escape(name)}\b", guard)
        )
        never = "||" not in guard and any(_NEVER.match(term.strip()) for term in guard.split("&&"))
        if asks or never or guard in {"comment", "0", "not (1)"}:
            return guard
    return ""
