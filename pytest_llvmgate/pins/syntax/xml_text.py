"""XML, with places: the attributes of each element, as in the manifest of the tool ``repo``."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax.found import Document
from pytest_llvmgate.upstream.whose import LLVM, is_llvm_url

_COMMENT: Final = re.compile(r"<!--(?>(?:[^-]++|-(?!->))*)(?:-->|\Z)")
_ELEMENT: Final = re.compile(r"<(?P<name>[A-Za-z_][\w.:-]*+)(?P<attributes>[^<>]*+)>")
_ATTRIBUTE: Final = re.compile(
    r"(?<![\w.:-])(?P<name>[A-Za-z_][\w.:-]*+)\s*+=\s*+(?:\"(?P<double>[^\"<]*)\"|'(?P<single>[^'<]*)')"
)


def read(text: str) -> Document:
    """Every attribute; an element is a scope, which its ``name`` and ``path`` say what it is about."""
    document = Document()
    plain = _COMMENT.sub(lambda match: " " * len(match[0]), text)
    for number, element in enumerate(_ELEMENT.finditer(plain), start=1):
        for attribute in _ATTRIBUTE.finditer(element["attributes"]):
            group = "double" if attribute["double"] is not None else "single"
            value, start = attribute[group], element.start("attributes") + attribute.start(group)
            document.mention([number], value, start)
            if attribute["name"] in {"name", "path"} and is_llvm_url(f"x/{value}", value):
                document.speaks_of(LLVM, [number])
            document.assign(attribute["name"], value, start, scope=number)
    return document
