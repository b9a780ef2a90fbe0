"""Shell scripts and Dockerfiles, also below the YAML header that a recipe has above its script."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax import checkout, shell
from pytest_llvmgate.pins.syntax.found import Document

_HEADER: Final = re.compile(
    r"(?:---\r?\n)?(?P<header>[A-Za-z_][\w-]*+:[^\n]*+\n(?>(?:(?!---)[^\n]*+\n)*))---[ \t]*+\r?\n"
)


def read(text: str) -> Document:
    """Everything that is set and checked out, and what the header says."""
    header = _HEADER.match(text)
    if header is None:
        return checkout.read(shell.commands(text))
    from pytest_llvmgate.pins.syntax import key_value

    document = Document()
    document.absorb(key_value.read(header["header"], of_one=True), header.start("header"), 1)
    document.absorb(checkout.read(shell.commands(text[header.end() :])), header.end(), 2)
    return document
