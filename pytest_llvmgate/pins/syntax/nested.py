"""Languages of nested brackets: Starlark and Python, JSON, Nix. Their tokens differ, the walk through them is one.

A value belongs to the name or key before it, a scope is what stands between two brackets. Comments are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.pins.syntax.found import NAMED_ARGUMENT, RELEASE, REVISION, Document

_STARLARK: Final = re.compile(
    r"""[ \t]*+(?:
        (?P<name>[A-Za-z_][A-Za-z0-9_]*+(?!["']))
      | (?P<newline>\n)
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | (?P<string>[rRbBfF]{0,2}(?:\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'''(?:\\.|[^\\])*?(?:'''|\Z)
                                |"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<equals>=(?!=))
      | (?P<colon>:)
      | (?P<comment>\#[^\n]*)
      | (?P<other>[^\s\w"'#=:()\[\]{}]+|[^\s\w]|\d\w*))""",
    re.VERBOSE | re.DOTALL,
)
_JSON: Final = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<string>"(?:\\.|[^"\\])*")
      | (?P<colon>:)
      | (?P<open>[\[{])
      | (?P<close>[\]}])
      | (?P<other>[^\s"])""",
    re.VERBOSE | re.DOTALL,
)
_NIX: Final = re.compile(
    r"""(?P<comment>\#[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<string>"(?:\\.|[^"\\])*"|''(?:'''|''\$|''\\|'(?!')|[^'])*'')
      | (?P<inherit>inherit\b(?:\s*\([^()]*\))?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_'.-]*)
      | (?P<equals>=(?!=))
      | (?P<open>[{(\[])
      | (?P<close>[})\]])
      | (?P<other>[^\s])""",
    re.VERBOSE | re.DOTALL,
)
_QUOTES: Final = re.compile(r"""[rRbBfF]{0,2}("{3}|'{3}|''|"|')""")
_INTERPOLATION: Final = re.compile(r"\$\{\s*([A-Za-z_][A-Za-z0-9_'.-]*)\s*\}")
_DEFAULT: Final = re.compile(
    rf"""(?:{NAMED_ARGUMENT}(?:[^()]{{0,300}}?\bdefault\s*+=)?\s*+"""
    rf"""|(?:^|[(,])[ \t]*+(?P<annotated>[A-Za-z_]\w*+)[ \t]*+:[^=\n"']{{1,60}}+=[ \t]*+)"""
    rf"""["'](?P<value>{REVISION.pattern}|{RELEASE.pattern})["']""",
    re.MULTILINE,
)
"""Python's ``os.environ.get("LLVM_REF", "<tag>")``, an option's ``default="<sha>"``, ``LLVM_REF: str = "<sha>"``."""
_IN_PART: Final = re.compile(r"sparse_?checkout", re.IGNORECASE)
_VALUES: Final = frozenset({"name", "string"})
_JOINTS: Final = frozenset({"equals", "colon"})
_NEST: Final = frozenset({"newline", "open", "close"})
_DEEPEST: Final = 100
"""Brackets around a place that count; more only cost time, for each bracket of a file that is nothing else."""


def starlark(text: str) -> Document:
    """Bazel, ``DEPS`` and Python: assignments, keyword arguments, entries of dictionaries."""
    words = [*_words(text, _STARLARK)]
    document = _read(words, _STARLARK)
    begins = {start for _, _, start in words}
    for match in _DEFAULT.finditer(text):
        if match.start("value") in begins:  # not in a comment, nor within a longer string
            document.assign(match["name"] or match["annotated"], match["value"], match.start("value"))
    return document


def json(text: str) -> Document:
    """JSON: every string that is the value of a key, under the dotted path of its keys. Comments are tolerated."""
    return _read(_words(text, _JSON), _JSON)


def nix(text: str) -> Document:
    """Nix: attributes that are given a string or a name, or are inherited."""
    return _read(_words(text, _NIX), _NIX)


def _read(words: Iterable[tuple[str, str, int]], tokens: re.Pattern[str]) -> Document:
    """All assignments. A statement is a scope of what is used in it, not of what it assigns."""
    document = Document()
    statement = int(tokens is _STARLARK)  # the others have none
    nesting = _Nesting(is_dotted=tokens is _JSON, around=(statement,), opened=statement)
    name = joint = waiting = ""
    """A name or key, what stands between it and its value, and a name that is used unless a value follows."""
    used_in, inherits = nesting.around, False
    for kind, word, start in words:
        if kind in _NEST:
            nesting.take(kind, name if joint else "")
        if kind == "newline":
            continue
        if waiting and kind != "equals":
            document.use(waiting, used_in)
        waiting = ""
        inherits = kind == "inherit" or (inherits and kind == "name")
        if kind in _VALUES:
            if joint or inherits:
                inner = _INTERPOLATION.fullmatch(word)
                value = (inner[1] if inner else word).rpartition(".")[2] if inner or kind == "name" else word
                given = nesting.named(name if joint else word)
                document.assign(given, value, start, scope=nesting.scopes[-1], refers=bool(inner) or kind == "name")
            if kind == "name":
                waiting, used_in = word, nesting.around
                document.partial.update(nesting.scopes[-1:] if _IN_PART.match(word) else ())
            else:
                document.mention(nesting.around, word, start)
            name, joint = word, ""
        elif name and kind in _JOINTS:
            joint = kind
        else:
            name = joint = ""
    _speak_of_repositories(document)
    return document


def _words(text: str, tokens: re.Pattern[str]) -> Iterator[tuple[str, str, int]]:
    """Kind, text and place of everything but comments; a string without its quotes."""
    for token in tokens.finditer(text):
        kind = str(token.lastgroup)
        if kind == "string":
            quotes = _QUOTES.match(token[kind])
            begin = quotes.end() if quotes else 0
            yield kind, token[kind][begin:].removesuffix(quotes[1] if quotes else ""), token.start(kind) + begin
        elif kind != "comment":
            yield kind, token[kind], token.start(kind)


def _speak_of_repositories(document: Document) -> None:
    """``owner`` and ``repo`` of one scope name a repository together."""
    ends = [(one.name.rpartition(".")[2], one) for one in document.assignments]
    owners = {one.scope: one.text for name, one in ends if name == "owner"}
    for name, one in ends:
        if name == "repo" and one.scope in owners:
            document.speak([one.scope], f"https://github.com/{owners[one.scope]}/{one.text}")


@dataclass
class _Nesting:
    """The calls, lists and objects around a place."""

    is_dotted: bool
    """A value's name has those of the objects around it before it."""
    around: tuple[int, ...]
    """The statement, 0 where there are none, and the scopes in it."""
    opened: int
    scopes: list[int] = field(default_factory=lambda: [0])
    keys: list[str] = field(default_factory=list)
    """Of the objects around, the names; empty for one that has none."""

    def named(self, name: str) -> str:
        """The full name of what is called so here."""
        return ".".join(filter(None, [*self.keys[-_DEEPEST:], name])) if self.is_dotted else name

    def take(self, kind: str, key: str) -> None:
        """A bracket, or the end of a line."""
        if kind == "open":
            self.opened += 1
            self.scopes.append(self.opened)
            self.keys.append(key)
        elif kind == "close" and len(self.scopes) > 1:
            self.scopes.pop()
            self.keys.pop()
        elif kind == "newline" and len(self.scopes) > 1:
            return
        statement = self.around[0]
        if kind == "newline":
            statement = self.opened = self.opened + 1
        self.around = (statement, *self.scopes[max(1, len(self.scopes) - _DEEPEST) :])
