"""Which namespaces a piece of a downstream's source is in."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.fix.code_pieces import words_of
from pytest_llvmgate.fix.expressions import offset_of
from pytest_llvmgate.fix.statements import line_span
from pytest_llvmgate.fix.unit_check import ErrorPlace

LLVMS: Final = ("clang", "llvm", "mlir")


def speaks_of(namespace: str, text: str) -> bool:
    """Whether a text opens a namespace or uses it (``using namespace llvm;``): names of it stand there without it."""
    return re.search(rf"\bnamespace (?:\w+::){{0,8}}{re.escape(namespace)}\b", text) is not None


def namespace_at(text: str, offset: int) -> str:
    """The named namespaces around a place: ``mlir::torch``."""
    return "::".join(one for one in open_scopes(text, offset) if one)


def reached_through(name: str, text: str, place: ErrorPlace) -> str:
    """What a place reaches through a name: ``ForOp`` of ``scf::ForOp``; empty where the name itself is what is used."""
    used = re.compile(rf"\b{re.escape(name)}\b(?:\s*::\s*(?P<through>\w+))?")
    found = used.search(text, offset_of(text, place), line_span(text, place.line)[1])
    return (found["through"] or "") if found is not None else ""


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
