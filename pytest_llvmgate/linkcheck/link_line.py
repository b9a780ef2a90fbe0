"""A link's command line, understood: which files it takes, in which order, under which rules.

Follows the compiler driver's and GNU ld's documented options (ld(1)); lld and mold take the same ones. Only what
changes which symbols are defined is interpreted; everything else is carried along untouched.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from pytest_llvmgate.objects.archive import MAGIC, THIN_MAGIC
from pytest_llvmgate.objects.elf import ELF_MAGIC
from pytest_llvmgate.plain_file import open_plain

_QUOTING: Final = re.compile(r"[\\'\"]")
_SCRIPT_LIMIT: Final = 1 << 16
_SCRIPT_COMMAND: Final = re.compile(r"\b(GROUP|INPUT|AS_NEEDED)\b")
_SCRIPT_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SCRIPT_WORD: Final = re.compile(r"[^\s(),;]+")
# LLVM's main branch has a suffix of its own: libMLIRIR.so.23.0git.
_SHARED_NAME: Final = re.compile(r"\.so(\.\d[\w.+-]{0,60})?$")


@dataclass(frozen=True, slots=True)
class LinkInput:
    """One file on a link line."""

    path: Path
    """Absolute; for a library that was not found, the name as written (``-lMLIRTosa``)."""
    whole: bool = False
    """Every member of the archive is taken (``--whole-archive``)."""
    found: bool = True

    @property
    def is_shared(self) -> bool:
        """Whether the name is one of a shared library."""
        return _SHARED_NAME.search(self.path.name) is not None


@dataclass(slots=True)
class LinkRules:
    """What a link line says about how symbols are treated."""

    no_undefined: bool = False
    """``-z defs``: an undefined symbol in a shared library is an error."""
    gc_sections: bool = False
    exclude_libs: bool = False
    """``--exclude-libs,ALL``: what comes from archives is not exported."""
    version_scripts: tuple[Path, ...] = ()
    export_dynamic: bool = False
    tolerates_undefined: bool = False
    """``--unresolved-symbols=ignore-all`` and its like, or ``-z undefs``."""


@dataclass(frozen=True)
class LinkLine:
    """A parsed link line."""

    inputs: tuple[LinkInput, ...]
    rules: LinkRules
    directories: tuple[Path, ...] = ()
    """``-L``, in order."""


@dataclass
class _Parser:
    """The state that a link line builds up from left to right."""

    cwd: Path
    system_directories: Sequence[Path]
    directories: list[Path] = field(default_factory=list)
    inputs: list[LinkInput] = field(default_factory=list)
    whole: bool = False
    static: bool = False
    rules: LinkRules = field(default_factory=LinkRules)

    def add_library(self, name: str) -> None:
        path = find_library(name, [*self.directories, *self.system_directories], prefer_static=self.static)
        if path is None:
            self.inputs.append(LinkInput(Path(f"-l{name}"), found=False))
            return
        self.file(path)

    def file(self, path: Path) -> None:
        for real in _expand_script(path, (*self.directories, *self.system_directories)):
            self.inputs.append(LinkInput(real, whole=self.whole, found=real.is_file()))


def parse_link_line(words: Iterable[str], *, cwd: Path, system_directories: Sequence[Path] = ()) -> LinkLine:
    """Understand the words of a link line (without the compiler's name); relative paths are taken from ``cwd``."""
    parser = _Parser(cwd=cwd, system_directories=system_directories)
    stream = iter(words)
    for word in stream:
        _driver_word(parser, word, stream)
    return LinkLine(
        inputs=tuple(parser.inputs),
        rules=parser.rules,
        directories=tuple(parser.directories),
    )


def split_words(fragments: Iterable[str]) -> list[str]:
    """The words of command-line fragments as CMake's File API gives them (shell quoting, ninja's ``$`` resolved)."""
    words: list[str] = []
    for fragment in fragments:
        if not _QUOTING.search(fragment):  # nearly all of them, and shlex is slow
            words.extend(fragment.split())
            continue
        try:
            words.extend(shlex.split(fragment))
        except ValueError:  # an unbalanced quote: take it as it is
            words.extend(fragment.split())
    return words


_TAKES_VALUE: Final = frozenset({"-o", "-x", "-T", "-u", "-z", "-arch", "-target", "--sysroot", "-isysroot", "-h"})


def _driver_word(parser: _Parser, word: str, stream: Iterator[str]) -> None:
    """One word as the compiler driver takes it."""
    if word.startswith("-Wl,"):
        _linker_words(parser, iter(word[4:].split(",")))
    elif word == "-Xlinker":
        _linker_words(parser, iter((next(stream, ""),)))
    elif word in {"-L", "-l"}:
        _driver_word(parser, word + next(stream, ""), stream)
    elif word.startswith("-L"):
        parser.directories.append(parser.cwd / word[2:])
    elif word.startswith("-l"):
        parser.add_library(word[2:])
    elif word.startswith("-"):
        _other_option(parser, word, stream)
    else:
        parser.file(parser.cwd / word)


def _other_option(parser: _Parser, word: str, stream: Iterator[str]) -> None:
    if word == "-rdynamic":
        parser.rules.export_dynamic = True
    elif word == "-z":
        _keyword(parser, next(stream, ""))
    elif word in _TAKES_VALUE:
        next(stream, "")


_SWITCHES: Final = {
    "gc-sections": ("gc_sections", True),
    "no-gc-sections": ("gc_sections", False),
    "no-undefined": ("no_undefined", True),
    "export-dynamic": ("export_dynamic", True),
    "E": ("export_dynamic", True),
    "warn-unresolved-symbols": ("tolerates_undefined", True),
    "noinhibit-exec": ("tolerates_undefined", True),
}
_STATES: Final = {
    "whole-archive": ("whole", True),
    "no-whole-archive": ("whole", False),
    "Bstatic": ("static", True),
    "static": ("static", True),
    "Bdynamic": ("static", False),
}


def _linker_words(parser: _Parser, stream: Iterator[str]) -> None:
    """Words that the driver hands to the linker."""
    for word in stream:
        if not word.startswith("-"):
            parser.file(parser.cwd / word)
            continue
        name, _, value = word.lstrip("-").partition("=")
        if name in _SWITCHES:
            setattr(parser.rules, *_SWITCHES[name])
        elif name in _STATES:
            setattr(parser, *_STATES[name])
        else:
            _linker_option(parser, name, value, stream)


def _linker_option(parser: _Parser, name: str, value: str, stream: Iterator[str]) -> None:
    """A linker option that takes a value, after ``=`` or as the next word."""
    if name == "z":
        _keyword(parser, next(stream, ""))
    elif name == "exclude-libs":
        parser.rules.exclude_libs = "ALL" in (value or next(stream, ""))
    elif name == "version-script":
        parser.rules.version_scripts += (parser.cwd / (value or next(stream, "")),)
    elif name == "unresolved-symbols":
        parser.rules.tolerates_undefined = (value or next(stream, "")).startswith("ignore")
    elif name in {"rpath", "rpath-link", "soname", "h", "dynamic-linker", "plugin-opt", "plugin", "m", "Map", "o"}:
        if not value:
            next(stream, "")
    elif name.startswith("l") and len(name) > 1:
        parser.add_library(name[1:])


def _keyword(parser: _Parser, keyword: str) -> None:
    if keyword in {"defs", "undefs"}:
        parser.rules.no_undefined = keyword == "defs"


def find_library(name: str, directories: Sequence[Path], *, prefer_static: bool = False) -> Path | None:
    """What ``-l<name>`` finds: per directory the shared library before the archive, as ld(1) says."""
    if name.startswith(":"):
        names: tuple[str, ...] = (name[1:],)
    else:
        names = (f"lib{name}.a",) if prefer_static else (f"lib{name}.so", f"lib{name}.a")
    for directory in directories:
        for candidate in names:
            path = directory / candidate
            if path.is_file():
                return path
    return None


@cache
def _expand_script(path: Path, directories: tuple[Path, ...]) -> tuple[Path, ...]:
    """``path``, or the files that it names where it is a linker script such as libc.so (``GROUP``, ``INPUT``)."""
    try:
        with open_plain(path) as stream:
            head = stream.read(len(MAGIC))
            if not head or head.startswith(ELF_MAGIC) or head in {MAGIC, THIN_MAGIC}:
                return (path,)
            text = (head + stream.read(_SCRIPT_LIMIT)).decode("utf-8", "replace")
    except OSError:
        return (path,)
    if not _SCRIPT_COMMAND.search(text):
        return (path,)
    return tuple(_script_files(text, path.parent, directories)) or (path,)


def _script_files(text: str, home: Path, directories: Sequence[Path]) -> Iterator[Path]:
    text = _SCRIPT_COMMENT.sub(" ", text)
    start = _SCRIPT_COMMAND.search(text)
    for word in _SCRIPT_WORD.findall(text[start.start() :] if start else ""):
        if word.startswith("-l"):
            found = find_library(word[2:], (home, *directories))
            if found:
                yield found
        elif "/" in word or _SHARED_NAME.search(word) or word.endswith(".a"):
            path = home / word
            beside = next((place / word for place in directories if (place / word).is_file()), path)
            yield path if path.is_file() else beside
