"""Every fact that a finding can hand on, besides the fields that all findings have."""

from __future__ import annotations

from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import Final

from pytest_llvmgate.kinds.description import Fact, TextForm

_described: dict[str, Fact] = {}
FACTS: Final[Mapping[str, Fact]] = MappingProxyType(_described)
"""By name."""


def _fact(name: str, meaning: str, form: TextForm = TextForm.TEXT) -> str:
    _described[name] = Fact(name=name, meaning=meaning, form=form)
    return name


_of_any_kind: set[str] = set()
OF_ANY_KIND: Final[Set[str]] = _of_any_kind
"""Facts that do not hang on the kind: where a finding was seen, and what was found out about it afterwards."""


def _fact_of_any_kind(name: str, meaning: str, form: TextForm = TextForm.TEXT) -> str:
    _of_any_kind.add(name)
    return _fact(name, meaning, form)


# -- what a message names ---------------------------------------------------------------------------------------------

NAME: Final = _fact("name", "what is gone or changed, its last part: the word to search for")
SCOPE: Final = _fact("scope", "the class or namespace that was expected to have it")
FORM: Final = _fact("form", "which shape the compiler's message has: `not-member`, `no-match` ...")
SORT: Final = _fact("sort", "why CMake refuses a package: `incomplete`, `absent`, `version`, `refused`")
COMPILER_SUGGESTS: Final = _fact("compiler-suggests", "what the compiler proposes instead, now and then misleading")
CLASS: Final = _fact("class", "the class that became abstract")
PURE: Final = _fact("pure", "functions that must be implemented now", TextForm.NAMES)
PURE_AT: Final = _fact("pure-at", "where the first of them is declared", TextForm.PLACE)
OVERRIDES: Final = _fact("overrides", "functions that override nothing any more", TextForm.NAMES)
ALSO: Final = _fact("also", "what else breaks at the very same place", TextForm.NAMES)
PATCH: Final = _fact("patch", "the patch file")
REPOSITORY: Final = _fact("repository", "the external repository that it is applied to")
OBJECT: Final = _fact("object", "the archive and the object in it that need a symbol")
FATE: Final = _fact("fate", "what became of it between the two LLVMs: `gone`, `moved`, `changed` ...")
BEFORE: Final = _fact("before", "its declaration in the baseline's LLVM")
AFTER: Final = _fact("after", "its declaration in the candidate's LLVM")
ENUMERATION: Final = _fact("enumeration", "the enumeration that a name that is gone is, or was, an enumerator of")
HEADER: Final = _fact("header", "the headers that declare it", TextForm.NAMES)
NO_LONGER_INCLUDED_BY: Final = _fact("no-longer-included-by", "the header that stopped to include it", TextForm.TEXT)
NAMES: Final = _fact("names", "the names that are one cause together", TextForm.NAMES)
GENERATED: Final = _fact("generated", "the generated files in which they are used", TextForm.NAMES)
BY: Final = _fact("by", "the target or file that needs it")
EXPORT: Final = _fact("export", "the export set")
FILE: Final = _fact("file", "the file that the message is about")
REASON: Final = _fact("reason", "the package's own reason")
VERSION: Final = _fact("version", "the version that is asked for")
SYMBOL: Final = _fact("symbol", "the symbol, as it was printed")
LIBRARY: Final = _fact("library", "the library that is not found")
PROGRAM: Final = _fact("program", "the program that fails")
ASSERTION: Final = _fact("assertion", "the condition that does not hold")
OPTION: Final = _fact("option", "the option that is not known, or registered twice")
TOOL: Final = _fact("tool", "the program that says so, or that is not there")
STORAGE: Final = _fact("storage", "the type whose storage is not initialised")
INTERFACE: Final = _fact("interface", "the promised interface")
DIALECT: Final = _fact("dialect", "the dialect that promised it")
REF: Final = _fact("ref", "the commit or branch that is not there")
SUBMODULE: Final = _fact("submodule", "the submodule's path")
HOST: Final = _fact("host", "the host that does not answer")
COMMAND: Final = _fact("command", "the command that failed")
TEST: Final = _fact_of_any_kind("test", "the lit test in whose output it was seen first")
TESTS: Final = _fact("tests", "the tests that show it", TextForm.NAMES)
FAILED_EDGES: Final = _fact_of_any_kind("failed-edges", "edges of the build that fail with it", TextForm.NUMBER)
FOLLOW_ON_ERRORS: Final = _fact_of_any_kind(
    "follow-on-errors", "errors that follow from it and are not shown", TextForm.NUMBER
)
PROBABLY_FOLLOW: Final = _fact_of_any_kind(
    "probably-follow", "errors of the same units, behind it, that probably follow", TextForm.NUMBER
)

# -- links ------------------------------------------------------------------------------------------------------------

LINKED: Final = _fact("linked", "the targets that do not link because of it", TextForm.NAMES)
DEFINED_BY: Final = _fact("defined-by", "the library that defines what is missing")
SYMBOLS: Final = _fact("symbols", "the undefined symbols", TextForm.LINES)

# -- what is found out about it ---------------------------------------------------------------------------------------

SUCCESSOR: Final = _fact_of_any_kind("successor", "what takes its place in the candidate, as far as can be told")
SUCCESSOR_AT: Final = _fact_of_any_kind("successor-at", "where that is declared", TextForm.PLACE)
PREDICTED_BY: Final = _fact_of_any_kind("predicted-by", "`preflight` or `linkcheck`, where nothing was built for it")
NAME_KIND: Final = _fact("name-kind", "what preflight looked for: `header`, `library` ...")
NOT_FROM_THIS_BUMP: Final = _fact_of_any_kind("not-from-this-bump", "the baseline has the same finding", TextForm.FLAG)
CULPRIT: Final = _fact_of_any_kind("culprit", "the commit of LLVM that did it", TextForm.SHA)
CULPRIT_TITLE: Final = _fact_of_any_kind("culprit-title", "that commit's title")
CULPRIT_DATE: Final = _fact_of_any_kind("culprit-date", "its author's date", TextForm.DATE)
CULPRIT_AUTHOR: Final = _fact_of_any_kind("culprit-author", "its author")
CULPRIT_PULL_REQUEST: Final = _fact_of_any_kind("culprit-pull-request", "its pull request", TextForm.NUMBER)
CULPRIT_REVERTED_BY: Final = _fact_of_any_kind("culprit-reverted-by", "the later commit that reverts it", TextForm.SHA)
CULPRIT_MOVED_TO: Final = _fact_of_any_kind("culprit-moved-to", "where it moved the header")
MIGRATION: Final = _fact_of_any_kind(
    "migration", "how others followed the same change: who, where, lines removed and added", TextForm.LINES
)
