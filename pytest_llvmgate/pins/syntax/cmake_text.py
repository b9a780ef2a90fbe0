"""CMake: what ``set`` gives a variable, and the ``GIT_TAG`` (or vcpkg's ``REF``) of a fetched project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from pytest_llvmgate.cmake.listfile import Argument, Command, parse
from pytest_llvmgate.pins.syntax.found import VERSION, Document, Span, is_commit
from pytest_llvmgate.upstream.whose import LLVM_PACKAGES, is_llvm_name, words_of

_REFERENCE: Final = re.compile(r"\$\{([A-Za-z0-9_.-]+)\}")
_FETCHED: Final = frozenset(
    {"GIT_TAG", "URL", "URL_HASH", "GIT_REPOSITORY", "GITHUB_REPOSITORY", "GITLAB_REPOSITORY", "REPO", "REF", "SHA512"}
)
"""Keywords of FetchContent_Declare, ExternalProject_Add, CPMAddPackage and vcpkg_from_github whose value is one
argument."""
_NAMES_REPOSITORY: Final = frozenset({"GITHUB_REPOSITORY", "GITLAB_REPOSITORY", "REPO"})
"""Keywords whose value is ``owner/name``."""
_ALGORITHM: Final = re.compile(r"SHA(?:256|512)=")
"""Before the digest of a URL_HASH."""
_ASKS: Final = frozenset({"find", "require", "check", "set", "unset"})
_SAME_AS: Final = {"SHA512": "URL_HASH"}


def read(text: str) -> Document:
    """All assignments of a CMake file."""
    document = Document()
    lines = [0, *(match.end() for match in re.finditer(r"\n", text))]
    for scope, command in enumerate(parse(text), start=1):
        in_scope = 0 if command.name == "set" else scope
        if _only_downloads(command):
            document.partial.add(scope)
        starts = {argument: text.find(argument.text, lines[argument.line - 1]) for argument in command.arguments}
        for argument, start in starts.items():
            document.mention([scope], argument.text, start)
        if command.name == "find_package" and command.arguments and command.arguments[0].text in LLVM_PACKAGES:
            asked = [Span(text=one.text, start=starts[one]) for one in command.arguments[1:2] if starts[one] >= 0]
            document.versions += [one for one in asked if VERSION.fullmatch(one.text)]
        for name, argument in _pairs(command):
            if name.rpartition(".")[2] in _NAMES_REPOSITORY:
                document.speak([scope], f"https://github.com/{argument.text}")
            if starts[argument] >= 0:
                document.as_tags.update([name] if name == command.name else ())
                reference = _REFERENCE.fullmatch(argument.text)
                value = reference[1] if reference else _ALGORITHM.sub("", argument.text, count=1)
                start = starts[argument] + (0 if reference else len(argument.text) - len(value))
                document.assign(name, value, start, scope=in_scope, refers=reference is not None)
    return document


def _takes_llvm(command: str) -> bool:
    """Whether a project's own function of that name gets the LLVM that it is given: ``setup_llvm(22.1.8)``."""
    return is_llvm_name(command) and _ASKS.isdisjoint(words_of(command))


def _only_downloads(command: Command) -> bool:
    """Whether what is fetched is built by nothing that the command says: headers, data, a tool's sources."""
    words = [argument.text for argument in command.arguments]
    return "DOWNLOAD_ONLY" in words and not any("add_subdirectory" in word for word in words)


def _pairs(command: Command) -> Iterator[tuple[str, Argument]]:
    arguments = command.arguments
    if command.name == "set" and len(arguments) > 1:
        yield arguments[0].text, arguments[1]
        return
    if (
        arguments
        and _takes_llvm(command.name)
        and (VERSION.fullmatch(arguments[0].text) or is_commit(arguments[0].text))
    ):
        yield command.name, arguments[0]
    for keyword, value in pairwise(arguments):
        if keyword.text in _FETCHED:
            first = arguments[1] if arguments[0].text == "NAME" and len(arguments) > 1 else arguments[0]
            yield f"{first.text}.{_SAME_AS.get(keyword.text, keyword.text)}", value
