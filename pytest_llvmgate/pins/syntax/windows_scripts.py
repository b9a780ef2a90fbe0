"""Scripts of Windows: batch files and PowerShell, made to look like the shell's, character by character."""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax.found import Document

_COMMENT: Final = re.compile(r"^[ \t]*(?:@?rem\b|::|#)[^\n]*", re.IGNORECASE | re.MULTILINE)
_BLOCK: Final = re.compile(r"<#(?>(?:[^#]++|#(?!>))*)(?:#>|\Z)")
_SET: Final = re.compile(
    r"^([ \t]*@?set[ \t]+)(?=[A-Za-z_\"])(?:\"(?P<name>[A-Za-z_]\w*=)(?P<value>[^\"\n]*)(?=\"))?",
    re.IGNORECASE | re.MULTILINE,
)
"""Also with the quotes around name and value."""
_VARIABLE: Final = re.compile(r"%([A-Za-z_]\w*)%")
_ASSIGNMENT: Final = re.compile(
    r"(?:^|[(,])[ \t]*(?:\[[\w()]{1,40}\][ \t]*)*\$(?:env:|script:|global:)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*"
    r"[\"']?(?P<value>[^\s\"'),;]+)[\"']?(?=[ \t]*(?:[,);]|\r?$))",
    re.IGNORECASE | re.MULTILINE,
)
"""PowerShell's ``$name = "value"``, also as a parameter's default."""


def _as_assignment(match: re.Match[str]) -> str:
    quoted = f'{match["name"]}"{match["value"]}' if match["name"] else ""
    return " " * (len(match[0]) - len(quoted)) + quoted


def read(text: str) -> Document:
    """Everything that such a script sets and checks out."""
    from pytest_llvmgate.pins.syntax import checkout, shell

    plain = _BLOCK.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    plain = _COMMENT.sub(lambda match: " " * len(match[0]), plain)
    document = Document()
    script = plain.replace("\\", "/").replace("^\n", "\\\n").replace("`\n", "\\\n")
    script = _SET.sub(_as_assignment, script)
    script = _VARIABLE.sub(lambda match: f"${match[1]} ", script)
    document.absorb(checkout.read(shell.commands(script)), 0, 1)
    for match in _ASSIGNMENT.finditer(plain):
        document.assign(match["name"], match["value"], match.start("value"))
    return document
