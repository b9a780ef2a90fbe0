"""Lists of commits: ``<commit> <path>`` per line, as ``git submodule status`` prints it, or the other way round."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax.found import Document, is_commit
from pytest_llvmgate.upstream.whose import LLVM, is_llvm_name, is_llvm_url

_LINE: Final = re.compile(
    r"^[ \t+-]*+(?P<first>[^\s#]{1,300})[ \t,;=:]++(?P<second>[^\s#()]{1,300}+)[ \t]*+(?:[#(][^\n]*)?\r?$", re.MULTILINE
)


def read(text: str) -> Document:
    """Every line with a commit and the path, name or URL of a project."""
    document = Document()
    for number, line in enumerate(_LINE.finditer(text), start=1):
        for commit, other in (("first", "second"), ("second", "first")):
            if is_commit(line[commit]) and not is_commit(line[other]):
                name = line[other].rstrip("=:,;")
                of_llvm = is_llvm_url(f"x/{name}", name) or is_llvm_name(name.rpartition("/")[2])
                document.speaks_of(LLVM if of_llvm else name, [number])
                document.assign(f"{name}.commit", line[commit], line.start(commit), scope=number)
                break
    return document
