"""Which namespaces a piece of a downstream's source is in."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.fix.code_pieces import words_of

LLVMS: Final = ("clang", "llvm", "mlir")


def speaks_of(namespace: str, text: str) -> bool:
    """Whether a text opens a namespace or uses it (``using namespace llvm;``): names of it stand there without it."""
    return re.search(rf"\bnamespace (?:\w+::){{0,8}}{re.escape(namespace)}\b", text) is not None


def namespace_at(text: str, offset: int) -> str:
    """The named namespaces around a place: ``mlir::torch``."""
    return "::".join(one for one in open_scopes(text, offset) if one)


def open_scopes(text: str, offset: int) -> list[str]:
    """What is open at a place: namespaces by their names, everything else without one."""
    opened: list[str] = []
    words = words_of(text, 0, offset)
    for at, word in enumerate(words):
        if word.text == "}" and opened:
            opened.pop()
        elif word.text == "{":
            front = at
            while front and (words[front - 1].is_name or words[front - 1].text == "::"):
                front -= 1
                if words[front].text == "namespace":
                    break
            names = [one.text for one in words[front:at]]
            opened.append("".join(names[1:]) if names[:1] == ["namespace"] else "")
    return opened
