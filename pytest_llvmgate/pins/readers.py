"""Readers: from a file's text to the LLVM commits that its syntax says are written there.

A reader knows one syntax. It skips comments and prose, and it finds places, not only values, so that a pin can be shown
with its line and be rewritten in place. ``gitlink`` is no reader of text: see :mod:`pytest_llvmgate.pins.tree`.

A package adds readers with an entry point in the group ``pytest_llvmgate.readers`` that names a :class:`Reader` (or a
list of them); a project's own code calls :func:`register`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.pins.syntax.found import REVISION, Document, Found, Span, commits, is_commit

GITLINK: Final = "gitlink"
"""The reader's name for a pin that is no text but a submodule's entry in the tree."""
ENTRY_POINTS: Final = "pytest_llvmgate.readers"

ReadText = Callable[[str, PinSpec], Iterable[Found]]
"""A reader's work: every commit in a file's text. The spec carries ``key`` and ``pattern``."""


@dataclass(frozen=True, kw_only=True)
class Mention(Found):
    """A commit that a file names, and exactly where."""

    line: int
    """1-based."""
    column: int
    """1-based, in characters."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One syntax in which LLVM commits are written."""

    name: str
    summary: str
    """What it reads, for the reference and for error messages."""
    read: ReadText
    file_pattern: str = ""
    """Regular expression for the names of files that imply this reader."""
    needs: str = ""
    """The pin's key without which it cannot work: ``key`` or ``pattern``."""

    def mentions(self, text: str, spec: PinSpec) -> tuple[Mention, ...]:
        """The commits that ``text`` names, in the order of the file.

        Raises ``GateError`` where the reader fails, or names a place at which its commit does not stand: another
        package's reader may, and what stands at the place is replaced by a bump.
        """
        try:
            found = sorted(self.read(text, spec), key=lambda one: one.start)
        except Exception as error:
            raise GateError(f"the reader {self.name!r} failed: {type(error).__name__}: {error}") from error
        for span in (span for one in found for span in (one, *one.checksums)):
            if not span.text or span.start < 0 or not text.startswith(span.text, span.start):
                raise GateError(f"the reader {self.name!r} found {span.text[:40]!r} where it does not stand")
        return tuple(_placed(text, found))


def _placed(text: str, found: Iterable[Found]) -> Iterator[Mention]:
    """The mentions with line and column; ``found`` is in the order of the file."""
    line, at = 1, 0
    for one in found:
        line, at = line + text.count("\n", at, one.start), one.start
        column = one.start - text.rfind("\n", 0, one.start)
        yield Mention(text=one.text, start=one.start, checksums=one.checksums, line=line, column=column)


def rewrite(text: str, changes: Iterable[tuple[Span, str]]) -> str:
    """``text`` with the spans replaced, and nothing else changed."""
    for span, new in sorted(changes, key=lambda change: change[0].start, reverse=True):
        text = text[: span.start] + new + text[span.start + len(span.text) :]
    return text


def _sha_file(text: str, _spec: PinSpec) -> Iterator[Found]:
    """The first word of every line that is no comment: such a file holds one line with one SHA."""
    for match in re.finditer(r"^[\ufeff \t]*([^\s#/;][^\s#;]*)", text, re.MULTILINE):
        if is_commit(match[1]):
            yield Found(text=match[1], start=match.start(1))


def _regex(text: str, spec: PinSpec) -> Iterator[Found]:
    for match in re.finditer(spec.pattern, text, re.MULTILINE):
        if match["sha"] and REVISION.fullmatch(match["sha"]):
            yield Found(text=match["sha"], start=match.start("sha"))


def _git_checkout(text: str, spec: PinSpec) -> Iterator[Found]:
    from pytest_llvmgate.pins.syntax import checkout, shell

    return checkout.checkouts(shell.commands(text), directory=spec.key)


def _variables(text: str, spec: PinSpec) -> Iterator[Found]:
    from pytest_llvmgate.pins.syntax import checkout, shell

    return commits(checkout.variables(shell.commands(text)), spec.key)


def _dockerfile(text: str, spec: PinSpec) -> Iterable[Found]:
    return list(_variables(text, spec)) or _git_checkout(text, spec)


def _markdown(text: str, spec: PinSpec) -> Iterator[Found]:
    from pytest_llvmgate.pins.syntax import checkout, shell
    from pytest_llvmgate.pins.syntax.code_blocks import code_blocks

    done: list[checkout.Checkout] = []
    for block in code_blocks(text):
        if REVISION.search(block.text) is None:  # documentation is long, and most of it names no commit
            continue
        script = list(shell.commands(block.text))
        done += (replace(one, found=one.found.moved(block.start)) for one in checkout.all_checkouts(script))
        yield from (found.moved(block.start) for found in commits(checkout.variables(script), spec.key))
    yield from checkout.chosen(done, directory=spec.key)  # of the whole page: each block may be of another project


def _assignments(module: str) -> ReadText:
    """The reader of a syntax whose module has ``read(text) -> Document``; imported when it is needed."""

    def read(text: str, spec: PinSpec) -> Iterator[Found]:
        import importlib

        document: Document = importlib.import_module(f"pytest_llvmgate.pins.syntax.{module}").read(text)
        return commits(document, spec.key)

    return read


BUILT_IN: Final = (
    Reader(
        name="sha-file",
        summary="a text file that holds nothing but a commit",
        read=_sha_file,
        file_pattern=r"(?i).*(?:version|hash|commit|revision|sha)[^/]*\.txt|.*[._-](?:sha|commit|hash|revision|versions)",
    ),
    Reader(
        name="git-checkout",
        summary="`git checkout <commit>` in a shell script; `key` names the directory, where a script has several",
        read=_git_checkout,
        file_pattern=r".*\.(?:sh|bash)",
    ),
    Reader(
        name="shell-variable",
        summary="`LLVM_COMMIT=<commit>` in a shell script",
        read=_variables,
        file_pattern=r".*\.(?:sh|bash)",
    ),
    Reader(
        name="dockerfile",
        summary="`ARG` and `ENV` of a Dockerfile, or `git checkout` in its `RUN`",
        read=_dockerfile,
        file_pattern=r"(?:.*[.-])?(?:Dockerfile|Containerfile)(?:[.-].*)?",
    ),
    Reader(
        name="starlark",
        summary='`LLVM_COMMIT = "<commit>"` in Bazel files and Python, with the SHA-256 beside it',
        read=_assignments("starlark"),
        file_pattern=r".*\.(?:bzl|bazel|star|py)|WORKSPACE|BUILD|DEPS",
    ),
    Reader(
        name="json",
        summary="a string in a JSON file; `key` is the dotted path or its end",
        read=_assignments("json_text"),
        file_pattern=r".*\.jsonc?|MODULE\.bazel\.lock",
    ),
    Reader(
        name="cmake",
        summary="`GIT_TAG` of a fetched llvm-project, or `set(LLVM_COMMIT <commit>)`",
        read=_assignments("cmake_text"),
        file_pattern=r"CMakeLists\.txt|.*\.cmake",
    ),
    Reader(
        name="nix",
        summary="`rev` of a fetched llvm-project, or another attribute, in a Nix expression",
        read=_assignments("nix"),
        file_pattern=r".*\.nix",
    ),
    Reader(
        name="key-value",
        summary="`llvm_commit: <commit>` or `LLVM_COMMIT = <commit>` in YAML, TOML, ini and env files",
        read=_assignments("key_value"),
        file_pattern=r".*\.(?:ya?ml|toml|ini|cfg|env|properties|conf)|\.env",
    ),
    Reader(
        name="markdown",
        summary="shell commands in the code blocks of Markdown and reStructuredText",
        read=_markdown,
        file_pattern=r".*\.(?:md|markdown|rst)",
    ),
    Reader(
        name="regex",
        summary="the group `sha` of the regular expression `pattern`: the last resort",
        read=_regex,
        needs="pattern",
    ),
)

_registry: dict[str, Reader] = {reader.name: reader for reader in BUILT_IN}


def register(reader: Reader) -> None:
    """Add a reader (or replace one of the same name)."""
    _registry[reader.name] = reader


@cache
def _load_entry_points() -> None:
    """Add the readers of installed packages, once. They never replace one that is there."""
    from importlib.metadata import entry_points

    for entry in entry_points(group=ENTRY_POINTS):
        blame = f"correct or uninstall the package that provides {entry.value}"
        try:
            loaded = entry.load()
        except Exception as error:
            message = f"the entry point {entry.name!r} in the group {ENTRY_POINTS} cannot be loaded: {error}"
            raise GateError(message, hint=blame) from error
        for reader in loaded if isinstance(loaded, list | tuple) else [loaded]:
            if not isinstance(reader, Reader):
                message = f"the entry point {entry.name!r} in the group {ENTRY_POINTS} is no Reader: {reader!r:.80}"
                raise GateError(message, hint=blame)
            _registry.setdefault(reader.name, reader)


def reader_names() -> tuple[str, ...]:
    """Every name that a pin's ``reader`` may have."""
    _load_entry_points()
    return (GITLINK, *_registry)


def find_reader(name: str) -> Reader | None:
    """The reader of that name. Other packages are asked for it where none is built in."""
    if name not in _registry:
        _load_entry_points()
    return _registry.get(name)


def implied_readers(path: str) -> tuple[Reader, ...]:
    """The readers that a file's name implies, to be tried in this order."""
    name = PurePosixPath(path).name
    fitting = tuple(reader for reader in _registry.values() if _fits(reader, name))
    if not fitting:
        _load_entry_points()
        fitting = tuple(reader for reader in _registry.values() if _fits(reader, name))
    return fitting


def _fits(reader: Reader, name: str) -> bool:
    return bool(reader.file_pattern) and re.fullmatch(reader.file_pattern, name) is not None


def read_with(readers: Iterable[Reader], text: str, spec: PinSpec) -> tuple[str, tuple[Mention, ...]]:
    """The mentions of the first reader that finds any, and its name; an empty name where none does."""
    answers = ((reader.name, reader.mentions(text, spec)) for reader in readers)
    return next((answer for answer in answers if answer[1]), ("", ()))
