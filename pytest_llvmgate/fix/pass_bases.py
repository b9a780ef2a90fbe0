"""Base classes of passes, which LLVM 22 no longer generates all at once.

``GEN_PASS_CLASSES`` made a class ``XBase`` for every pass of a TableGen file, mostly in a header that all passes share.
What takes its place is asked for by each pass: ``#define GEN_PASS_DEF_X`` makes ``impl::XBase``
(https://mlir.llvm.org/docs/PassManagement/#declarative-pass-specification).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from pytest_llvmgate.fix.cure import Cure
from pytest_llvmgate.fix.namespaces import namespace_at, open_scopes
from pytest_llvmgate.fix.rewrite_rules import Edit
from pytest_llvmgate.fix.statements import line_span
from pytest_llvmgate.fix.unit_check import ErrorPlace, Trouble
from pytest_llvmgate.fix.working_copy import WorkingCopy
from pytest_llvmgate.include_lines import INCLUDE
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain

_SOURCE: Final = "mlir.llvm.org/docs/PassManagement: GEN_PASS_DEF_X takes the place of GEN_PASS_CLASSES"
_ALL_CLASSES: Final = re.compile(
    r'^[ \t]*#[ \t]*define[ \t]+GEN_PASS_CLASSES[ \t]*\n\s*#[ \t]*include[ \t]*["<](?P<file>[^">\n]+)[">][^\n]*\n?',
    re.MULTILINE,
)
_DECLARES: Final = re.compile(
    r'^#define GEN_PASS_DECL\n(?>(?:#define \w++\n){0,40})#include "(?P<file>[^"\n]+)"', re.MULTILINE
)
"""Every pass's options are declared there already."""
_BASE: Final = re.compile(r"(?<![\w:])(?:\w++::){0,5}(?P<name>[A-Za-z_]\w*?)Base(?=\s*<)")
_DEFINED: Final = re.compile(r"^#ifdef (?P<macro>GEN_PASS_DEF_(?P<pass>\w+))", re.MULTILINE)
_NO_BASE: Final = re.compile(r"no template named|template-name|expected (?:class|unqualified)|has not been declared")
_SOURCES: Final = (".h", ".hpp", ".cpp", ".cc", ".cxx")


@dataclass(frozen=True, kw_only=True)
class _Generated:
    """A header with passes' bases, and where it was included for all of them."""

    name: str
    """As it is included."""
    namespace: str
    needed: dict[str, tuple[str, ...]]
    """The ``GEN_PASS_DEF_X`` that it knows, each with the macro that declares the pass's options, if it has any."""


@dataclass(kw_only=True)
class PassBases:
    """Cures of one downstream's passes."""

    copy: WorkingCopy

    def cures(self, trouble: Trouble, place: ErrorPlace, text: str) -> Iterator[Cure]:
        """The header without the macro that is refused; a pass with its own base."""
        if "GEN_PASS_CLASSES" in trouble.message:
            for match in _ALL_CLASSES.finditer(text):
                yield Cure(
                    path=place.path, edits=(Edit(start=match.start(), end=match.end(), text=""),), source=_SOURCE,
                    what=f"GEN_PASS_CLASSES of {match['file']} is dropped", is_documented=True,
                )  # fmt: skip
        elif _NO_BASE.search(trouble.message):
            begin, end = line_span(text, place.line)
            for match in _BASE.finditer(text, begin, end):
                yield from self._own_base(match, place, text)

    def _own_base(self, match: re.Match[str], place: ErrorPlace, text: str) -> Iterator[Cure]:
        macro = f"GEN_PASS_DEF_{match['name'].upper()}"
        for header in (one for one in self._generated if macro in one.needed):
            inside = namespace_at(text, match.start())
            front = "" if f"{inside}::".startswith(f"{header.namespace}::") else f"{header.namespace}::"
            named = Edit(start=match.start(), end=match.end(), text=f"{front}impl::{match['name']}Base")
            macros = (*header.needed.get(macro, ()), macro)
            asked = _asked_for(text, match.start(), header, macros)
            if asked is not None:
                yield Cure(
                    path=place.path, edits=(asked, named), source=_SOURCE,
                    what=f"{' and '.join(macros)} for impl::{match['name']}Base", is_documented=True,
                )  # fmt: skip

    @cached_property
    def _generated(self) -> tuple[_Generated, ...]:
        """What was included for all passes, as the checkout has it."""
        found: dict[tuple[str, str], _Generated] = {}
        declared: set[str] = set()
        for path in (one for one in self.copy.root.rglob("*") if one.suffix in _SOURCES and one.is_file()):
            text = self.copy.original(path.relative_to(self.copy.root).as_posix())
            declared |= {match["file"] for match in _DECLARES.finditer(text)}
            for match in _ALL_CLASSES.finditer(text) if "GEN_PASS_CLASSES" in text else ():
                key = (match["file"], namespace_at(text, match.start()))
                found[key] = _Generated(name=key[0], namespace=key[1], needed=dict(self._macros(match["file"])))
        return tuple(
            replace(one, needed=dict.fromkeys(one.needed, ())) if one.name in declared else one
            for one in found.values()
        )

    def _macros(self, name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        for path in self.copy.build.rglob(Path(name).name):
            is_it = path.as_posix().endswith(f"/{name}") and path.is_file()
            text = read_plain(path, LARGEST_MADE).decode("latin-1") if is_it else ""
            for match in _DEFINED.finditer(text):
                declared = f"GEN_PASS_DECL_{match['pass']}"
                options = re.search(rf"^#ifdef {declared}\n(?=struct )", text, re.MULTILINE)
                yield match["macro"], (declared,) if options else ()


def _asked_for(text: str, before: int, header: _Generated, macros: tuple[str, ...]) -> Edit | None:
    """The macros, in front of an include that asks for others already, else behind the last include of the file."""
    defines = "".join(f"#define {macro}\n" for macro in macros)
    asking = re.search(
        rf'^#define GEN_PASS_DEF_\w++\n(?>(?:#define \w++\n){{0,40}})#include "{re.escape(header.name)}"',
        text,
        re.MULTILINE,
    )
    if asking:
        return Edit(start=asking.start(), end=asking.start(), text=defines)
    tops = [one for one in INCLUDE.finditer(text, 0, before) if not open_scopes(text, one.start())]
    if not tops:
        return None
    block = f'{defines}#include "{header.name}"\n'
    if header.namespace:
        block = f"namespace {header.namespace} {{\n{block}}} // namespace {header.namespace}\n"
    return Edit(start=tops[-1].end(), end=tops[-1].end(), text=f"\n\n{block.rstrip()}")
