"""JSON, with places: the standard library's reader knows none. Comments are tolerated, as in ``.jsonc``."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax.found import Assignment, Document

_TOKEN: Final = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))
      | "(?P<string>(?:\\.|[^"\\])*)"
      | (?P<colon>:)
      | (?P<comma>,)
      | (?P<open>[\[{])
      | (?P<close>[\]}])
      | (?P<other>[^\s"])""",
    re.VERBOSE | re.DOTALL,
)


def read(text: str) -> Document:
    """Every string that is the value of a key, under the dotted path of its keys."""
    document = Document()
    path, scopes, opened = list[str](), [0], 0
    key, has_value = "", False
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            opened += 1
            scopes.append(opened)
            path.append(key)
            key, has_value = "", False
        elif kind == "close" and path:
            scopes.pop()
            path.pop()
            key, has_value = "", False
        elif kind == "string":
            value = token["string"]
            document.mention(scopes, value, token.start("string"))
            if has_value:
                name = ".".join(part for part in (*path, key) if part)
                document.assignments.append(
                    Assignment(name=name, text=value, start=token.start("string"), scope=scopes[-1])
                )
            key = key if has_value else value
        elif kind in {"colon", "comma"}:
            has_value = kind == "colon"
            key = key if has_value else ""
    return document
