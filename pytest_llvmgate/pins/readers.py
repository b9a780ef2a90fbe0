"""Readers: from a file's text to the LLVM commits that its syntax says are written there.

A reader knows one syntax. It skips comments and prose, and it finds places, not only values, so that a pin can be shown
with its line and be rewritten in place. ``gitlink`` is no reader of text: see :mod:`pytest_llvmgate.pins.tree`.

A package adds readers with an entry point in the group ``pytest_llvmgate.readers`` that names a :class:`Reader` (or a
list of them); a project's own code calls :func:`register`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from functools import cache, lru_cache, partial
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate import user_expression
from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.revisions import is_full_sha, same_commit
from pytest_llvmgate.pins.syntax.found import (
    RELEASE,
    REVISION,
    TAG,
    TAG_PREFIX,
    VERSION,
    Document,
    Found,
    Span,
    commits,
    is_commit,
    releases_of,
)
from pytest_llvmgate.upstream.whose import is_bare_commit_name, is_llvm_name, is_llvm_url, is_mlir_name

GITLINK: Final = "gitlink"
"""The reader's name for a pin that is no text but a submodule's entry in the tree."""
ENTRY_POINTS: Final = "pytest_llvmgate.readers"

SEARCHED: Final = "?"
"""The name of a pin that nobody has written down: a file is tried, to see whether it holds any."""
GENERATED: Final = {
    "MODULE.bazel.lock": "bazel mod deps",
    "flake.lock": "nix flake update",
    "Cargo.lock": "cargo update",
    "uv.lock": "uv lock",
    "poetry.lock": "poetry lock",
    "pixi.lock": "pixi update",
    "conan.lock": "conan lock create",
    "package-lock.json": "npm install",
}
"""Files that a tool writes, and its command. What such a file says, another says first: it leads nobody."""

_INTERPRETER: Final = re.compile(r"#!\s*\S*/(?:env\s+(?:-S\s+)?)?(?P<name>(?:ba|da|k|z)?sh|python[0-9.]*)\b")
_COMMENT: Final = re.compile(r"^[ \t]*[#;][^\n]*", re.MULTILINE)
_ONLY_A_RELEASE: Final = re.compile(rf"(?:llvm[- ]|v)?(?P<release>{RELEASE.pattern})(?:\.0)?", re.IGNORECASE)
"""What packs LLVM may count its own versions behind, which begin anew with each: ``22.1.8.0``."""
_TEMPLATE: Final = re.compile(r"(?<=[^/])\.(?:in|template|tmpl|tpl|j2|jinja2?|mustache|erb|example|sample|dist)$")
"""What is added to the name of a file that another is made from, by filling in or by hand."""
_SOURCES_TEXT: Final = (
    "c cc cpp cxx h hh hpp hxx inc def td s S asm m mm cu cuh ll bc mir mlir test f90 patch diff html htm svg csv tsv "
    "css po bib ipynb lit expected out log"
)
SOURCES: Final = frozenset(_SOURCES_TEXT.split())
"""Suffixes of what is compiled, compared or drawn. Any other text may be where a commit is written."""
_KEPT: Final = 256
"""Texts whose document stays: pins, gaps and other projects' commits of one file are looked for one after the other."""

_ReadText = Callable[[str, PinSpec], Iterable[Found]]
"""A reader's work: every commit in a file's text. The spec carries ``key`` and ``pattern``."""


@dataclass(frozen=True, kw_only=True)
class Mention(Found):
    """A commit that a file names, and exactly where."""

    line: int
    """1-based."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One syntax in which LLVM commits are written."""

    name: str
    summary: str
    """What it reads, for the reference and for error messages."""
    read: _ReadText
    file_pattern: str = ""
    """Regular expression for the names of files that imply this reader."""
    document: Callable[[str], Document] | None = None
    """The same syntax for whoever looks for commits of other projects, too; none where nothing else is to be found."""
    needs: str = ""
    """The pin's key without which it cannot work: ``key`` or ``pattern``."""

    def mentions(self, text: str, spec: PinSpec) -> tuple[Mention, ...]:
        """The commits that ``text`` names, in the order of the file.

        Raises ``GateError`` where the reader fails, or names a place at which its commit does not stand: another
        package's reader may, and what stands at the place is replaced by a bump.
        """
        return self._found(text, lambda: self.read(text, spec))

    def releases(self, text: str, said: Collection[str]) -> tuple[Mention, ...]:
        """The versions under LLVM's name or in names of its files (``llvm-22.1.8.obj``) whose tag is one of ``said``.

        None in pages, whose blocks show what programs print, too.
        """
        document = self.parsed(text) if self.name != "markdown" else Document()
        return self._found(text, lambda: releases_of(document, said))

    def parsed(self, text: str) -> Document:
        """The text's document; an empty one where the syntax has none."""
        return self.document(text) if self.document else Document()

    def _found(self, text: str, work: Callable[[], Iterable[Found]]) -> tuple[Mention, ...]:
        try:
            found = sorted(work(), key=lambda one: one.start)
        except Exception as error:
            raise GateError(f"the reader {self.name!r} failed: {type(error).__name__}: {error}") from error
        found = [one for one in found if not _is_of_its_own_case(text, one)]
        for span in (span for one in found for span in (one, *one.checksums)):
            if not span.text or span.start < 0 or not text.startswith(span.text, span.start):
                raise GateError(f"the reader {self.name!r} found {span.text[:40]!r} where it does not stand")
        return tuple(_placed(text, found))


_ABOVE: Final = 2000
"""Characters above a release in which the condition stands that it is written below."""
_EQUALS: Final = (
    r"(?:(?<![!<>=~])={{1,3}}|\b(?:STR|VERSION_)?EQUAL|-eq|\bcase|\bis)[ \t(]*[\"']?(?:llvmorg-|v)?{number}(?![\w.])"
)


def _is_of_its_own_case(text: str, one: Found) -> bool:
    """Whether a release stands in the branch that is taken for it: there nothing but that release can be meant."""
    number = one.text.removeprefix(TAG_PREFIX)
    if VERSION.fullmatch(number) is None:
        return False
    *above, own = text[max(0, one.start - _ABOVE) : one.start].split("\n")
    depth = len(own) - len(own.lstrip())
    shallower = (line for line in reversed(above) if line.strip() and len(line) - len(line.lstrip()) < depth)
    condition = next(shallower, "")
    is_one = re.match(r"[ \t}]*(?:el|else[ \t]+)?(?:if|seif|ifeq|case|when)\b", condition)
    return is_one is not None and re.search(_EQUALS.format(number=re.escape(number)), condition) is not None


_FIELDS: Final = tuple(field.name for field in dataclass_fields(Found))


def _placed(text: str, found: Iterable[Found]) -> Iterator[Mention]:
    """The mentions with their lines; ``found`` is in the order of the file."""
    line, at = 1, 0
    for one in found:
        line, at = line + text.count("\n", at, one.start), one.start
        fields = {name: getattr(one, name) for name in _FIELDS}
        yield Mention(**fields, line=line)


def said_by(mentions: Iterable[Mention]) -> list[Mention]:
    """A mention of each commit that is named: an abbreviation beside the commit in full says the same."""
    first: dict[str, Mention] = {}
    for mention in mentions:
        first.setdefault(mention.says.lower(), mention)
    full = [text for text in first if is_full_sha(text)]
    short = {text for text in first if not is_full_sha(text) and any(same_commit(text, sha) for sha in full)}
    return [one for text, one in first.items() if text not in short]


def rewrite(text: str, changes: Iterable[tuple[Span, str]]) -> str:
    """``text`` with the spans replaced, and nothing else changed."""
    for span, new in sorted(changes, key=lambda change: change[0].start, reverse=True):
        text = text[: span.start] + new + text[span.start + len(span.text) :]
    return text


def _sha_file(text: str, spec: PinSpec) -> Iterator[Found]:
    """The one word of every line that is no comment: such a file holds one line with one SHA, or LLVM's release."""
    lines = list(re.finditer(r"^[\ufeff \t]*([^\s#/;][^\s#;]*)([ \t]+[^\s#;][^\n]*)?", text, re.MULTILINE))
    alone = [line for line in lines if not line[2]] if any(line[2] for line in lines) else lines
    for line in alone:
        if is_commit(line[1]):
            yield Found(text=line[1], start=line.start(1))
        elif _holds_llvms_release(spec.file) and (number := _ONLY_A_RELEASE.fullmatch(line[1])):
            start = line.start(1) + number.start("release")
            yield Found(text=number["release"], start=start, prefix=TAG_PREFIX, only_tags=True)


def is_llvm_file(path: str) -> bool:
    """Whether a file that holds nothing but a commit holds LLVM's: its name, or its directory's, says so."""
    parent = PurePosixPath(path).parent.name
    return _is_named_for_llvm(path) or is_llvm_url(f"x/{parent}", parent)


def _holds_llvms_release(path: str) -> bool:
    """The same of a release: ``llvm/python-version`` has one of another's, as anything may be called 4.0.1."""
    return _is_named_for_llvm(path) or (is_llvm_file(path) and is_bare_commit_name(stem_of(path)))


def _is_named_for_llvm(path: str) -> bool:
    return is_llvm_name(stem_of(path)) or is_mlir_name(stem_of(path))


def stem_of(path: str) -> str:
    """A file's name without what every list or lock has."""
    name = PurePosixPath(path).name
    return name.rpartition(".")[0] if name.endswith((".txt", ".lock")) else name


def _regex(text: str, spec: PinSpec) -> Iterator[Found]:
    for match in user_expression.found(spec.pattern, text, lines=True):
        if match["sha"] and (REVISION.fullmatch(match["sha"]) or TAG.fullmatch(match["sha"])):
            yield Found(text=match["sha"], start=match.start("sha"))


def _is_trusted(spec: PinSpec) -> bool:
    """Whether the file is known to hold LLVM's commit: the configuration says so, or its name does."""
    if spec.name != SEARCHED:
        return True
    stem = spec.file.rpartition("/")[2].partition(".")[0]
    return is_llvm_name(stem) or is_mlir_name(stem)


@lru_cache(maxsize=_KEPT)
def _document_of(function: str, text: str) -> Document:
    """What the syntax's function, ``module.name``, makes of a text; the module is imported when it is needed."""
    import importlib

    module, _, name = function.partition(".")
    document: Document = getattr(importlib.import_module(f"pytest_llvmgate.pins.syntax.{module}"), name)(text)
    return document


def _syntax(name: str, function: str, summary: str, file_pattern: str) -> Reader:
    """The reader of a syntax whose module has a function from a text to its ``Document``."""
    document = partial(_document_of, function)

    def read(text: str, spec: PinSpec) -> list[Found]:
        return _named(document(text), spec.key, trusted=_is_trusted(spec))

    return Reader(name=name, summary=summary, read=read, document=document, file_pattern=file_pattern)


def _named(document: Document, key: str, *, trusted: bool) -> list[Found]:
    """What the key names: a variable, where there is one, else the directory of the checkout that is meant."""
    found = list(commits(document, key, trusted=trusted))
    return found if found or not key else list(commits(document, f"{key}.checkout"))


_SCRIPT: Final = _syntax(
    "git-checkout",
    "scripts.read",
    "`git checkout <commit>`, a variable, or what is fetched, in a shell script; `key` names the directory or the "
    "variable, where a script has several",
    r".*\.(?:sh|bash|zsh|bashrc|csh|ksh|in|ebuild)|(?:PKG|APK)BUILD",
)
_page: Final = partial(_document_of, "code_blocks.read")


def _in_page(text: str, spec: PinSpec) -> list[Found]:
    from pytest_llvmgate.pins.syntax.prose import commits_in_prose

    return _named(_page(text), spec.key, trusted=True) or ([] if spec.key else list(commits_in_prose(text)))


BUILT_IN: Final = (
    Reader(
        name="sha-file",
        summary="a text file that holds nothing but a commit, or, named for LLVM, a release",
        read=_sha_file,
        file_pattern=r"(?i)(?>.*(?:version|hash|commit|revision|sha))[^/]*\.txt|.*[._-](?:sha|commit|hash|revision|versions?)"
        r"|[^.]*(?:version|hash|commit|revision)",
    ),
    _syntax(
        "lock-list",
        "lock_list.read",
        "a list of `<commit> <path>` lines, as `git submodule status` prints it",
        r"(?i)(?>[^/]*(?:commits?|submodules?|revisions?|hashes|pins|tpls))[^/.]*(?:\.(?:lock|txt|list|lst))?",
    ),
    _SCRIPT,
    replace(
        _SCRIPT,
        name="shell-variable",
        summary="the same: `LLVM_COMMIT=<commit>` in a shell script; `key` names the variable",
    ),
    replace(
        _SCRIPT,
        name="dockerfile",
        summary="`ARG` and `ENV` of a Dockerfile, or `git checkout` and archives in its `RUN`",
        file_pattern=r"(?i)(?:.*[._-])?(?:Dockerfile|Containerfile)(?:[._-].*)?",
    ),
    _syntax(
        "starlark",
        "nested.starlark",
        '`LLVM_COMMIT = "<commit>"` in Bazel files and Python (Conan, Spack), with the SHA-256 beside it',
        r".*\.(?:bzl|bazel|star|py|gn|gni|bzlmod)|WORKSPACE|BUILD|DEPS|BUCK|TARGETS",
    ),
    _syntax(
        "json",
        "nested.json",
        "a string in a JSON file (`flake.lock`, too); `key` is the dotted path or its end",
        r".*\.jsonc?|MODULE\.bazel\.lock|flake\.lock",
    ),
    _syntax(
        "cmake",
        "cmake_text.read",
        "`GIT_TAG`, `URL` or `REF` of a fetched llvm-project, or `set(LLVM_COMMIT <commit>)`",
        r"CMakeLists\.txt|.*\.cmake(?:\.in)?",
    ),
    _syntax(
        "nix", "nested.nix", "`rev` of a fetched llvm-project, or another attribute, in a Nix expression", r".*\.nix"
    ),
    _syntax(
        "makefile",
        "makefile.read",
        "`LLVM_COMMIT := <commit>` in a makefile, or what its recipes check out",
        r"(?i)(?:.*\.)?(?:GNU|BSD)?Makefile(?:\..*)?|.*\.(?:mk|mak|make)|justfile",
    ),
    _syntax(
        "windows",
        "windows_scripts.read",
        "variables and `git checkout <commit>` in batch files and PowerShell",
        r"(?i).*\.(?:bat|cmd|ps1|psm1)",
    ),
    _syntax(
        "program",
        "program.read",
        "strings in programs (Rust, Go, Kotlin, TypeScript, Zig, ...), as build scripts have them",
        r".*\.(?:rs|go|kts?|m?js|ts|zig|zon|swift|java|scala|cs)",
    ),
    _syntax(
        "xml",
        "xml_text.read",
        '`<project name="llvm-project" revision="<commit>"/>` in a manifest of the tool `repo`',
        r".*\.(?:xml|nuspec|props|csproj)",
    ),
    _syntax(
        "key-value",
        "key_value.read",
        "`llvm_commit: <commit>` or `LLVM_COMMIT = <commit>` in YAML, TOML, ini, `.wrap` and env files, in "
        "lists of versions, and the shell commands of CI files",
        r"(?i).*\.(?:ya?ml|toml|ini|cfg|env|properties|wrap)|opam"
        r"|(?!CMakeLists).*\.txt|\.env"
        r"|[^/]*(?:versions?|deps|dependencies|pins|revisions?|hashes|commits?)|Jenkinsfile[^/]*|requirements[^/]*\.(?:txt|in)",
    ),
    Reader(
        name="markdown",
        summary="shell commands in code blocks of Markdown, reStructuredText and AsciiDoc, or the sentence that asks",
        read=_in_page,
        document=_page,
        file_pattern=r".*\.(?:md|markdown|rst|adoc)",
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


def readers_for(spec: PinSpec) -> tuple[Reader, ...]:
    """The readers of a pin's file: the one that the pin names, else those that the file's name implies."""
    named = find_reader(spec.reader) if spec.reader else None
    return (named,) if named else implied_readers(spec.file)


def implied_readers(path: str) -> tuple[Reader, ...]:
    """The readers that a file's name implies, to be tried in this order; of a template, those of what it is for.

    What has a suffix that nobody knows is read as lines of keys and values, and for the URLs in it.
    """
    name = path.rpartition("/")[2]
    inner = _TEMPLATE.sub("", name)
    fitting = (_fitting(inner) if inner != name else ()) or _fitting(name)
    if not fitting:
        _load_entry_points()
        fitting = _fitting(name)
    is_strange = not fitting and "." in name and name.rpartition(".")[2] not in SOURCES
    return (_registry["key-value"],) if is_strange else fitting


def _fitting(name: str) -> tuple[Reader, ...]:
    return tuple(reader for reader in _registry.values() if _fits(reader.file_pattern, name))


def readers_of(path: str, text: str) -> tuple[Reader, ...]:
    """The readers that a file's name implies, or that its content does: one commit alone, or the first line."""
    if is_commit(_COMMENT.sub("", text).strip()):
        return (_registry["sha-file"],)
    first = _INTERPRETER.match(text) if "." not in path.rpartition("/")[2] else None
    named = implied_readers(path)
    if named or first is None:
        return named
    found = find_reader("starlark" if first["name"].startswith("python") else "git-checkout")
    return (found,) if found else ()


@lru_cache(maxsize=65536)
def _fits(pattern: str, name: str) -> bool:
    return bool(pattern) and re.fullmatch(pattern, name) is not None


def read_with(readers: Iterable[Reader], text: str, spec: PinSpec) -> tuple[str, tuple[Mention, ...]]:
    """The mentions of the first reader that finds any, and its name; an empty name where none does."""
    distinct = {reader.read: reader for reader in reversed(list(readers))}  # two names of one reader find the same
    answers = ((reader.name, reader.mentions(text, spec)) for reader in reversed(distinct.values()))
    return next((answer for answer in answers if answer[1]), ("", ()))
