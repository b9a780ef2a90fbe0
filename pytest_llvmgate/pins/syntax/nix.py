"""Nix expressions: attributes of sets, with the set (``fetchFromGitHub { ... }``) that they stand in."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax.found import Assignment, Document

_TOKEN: Final = re.compile(
    r"""(?P<comment>\#[^\n]*|/\*.*?(?:\*/|\Z))
      | "(?P<string>(?:\\.|[^"\\])*)"
      | ''(?P<indented>(?:'''|''\$|''\\|'(?!')|[^'])*)''
      | (?P<name>[A-Za-z_][A-Za-z0-9_'.-]*)
      | (?P<equals>=(?!=))
      | (?P<open>[{(\[])
      | (?P<close>[})\]])
      | (?P<other>[^\s])""",
    re.VERBOSE | re.DOTALL,
)
_INTERPOLATION: Final = re.compile(r"\$\{\s*([A-Za-z_][A-Za-z0-9_'.-]*)\s*\}")


def read(text: str) -> Document:
    """All attributes of a Nix file that are given a string or a name."""
    document = Document()
    scopes, opened = [0], 0
    name, joined = "", False
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "comment":
            continue
        if kind == "open":
            opened += 1
            scopes.append(opened)
        elif kind == "close" and len(scopes) > 1:
            scopes.pop()
        if kind == "name" and token[0] == "sparseCheckout":
            document.partial.add(scopes[-1])
        if kind in {"string", "name"}:
            value = token[str(kind)]
            if kind == "string":
                document.mention(scopes, value, token.start(kind))
            if joined:
                document.assignments.append(_assignment(name, token, scopes[-1]))
            name, joined = (value, False) if kind == "name" else ("", False)
        else:
            joined = kind == "equals" and bool(name)
            name = name if joined else ""
    _speak_of_repositories(document)
    return document


def _speak_of_repositories(document: Document) -> None:
    """``owner`` and ``repo`` of one set name a repository together."""
    owners = {one.scope: one.text for one in document.assignments if one.name == "owner"}
    for one in document.assignments:
        if one.name == "repo" and one.scope in owners:
            document.speak([one.scope], f"https://github.com/{owners[one.scope]}/{one.text}")


def _assignment(name: str, token: re.Match[str], scope: int) -> Assignment:
    kind = str(token.lastgroup)
    reference = _INTERPOLATION.fullmatch(token[kind])
    refers = kind == "name" or reference is not None
    value = reference[1] if reference else token[kind]
    if refers:
        value = value.rpartition(".")[2]  # finalAttrs.version, self.version: the attribute of this file
    return Assignment(name=name, text=value, start=token.start(kind), scope=scope, refers=refers)
