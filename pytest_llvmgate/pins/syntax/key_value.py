"""Files of ``key: value`` and ``key = value`` lines: YAML, TOML, ini, properties, env files.

No YAML or TOML reader is needed for that, and none would give places. A block is what is indented alike.
"""

from __future__ import annotations

import re
from typing import Final

from pytest_llvmgate.pins.syntax.found import Assignment, Document

_LINE: Final = re.compile(
    r"^(?P<indent>[ \t]*)(?P<dash>-[ \t]+)?(?:export[ \t]+)?"
    r"[\"']?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)[\"']?[ \t]*[:=][ \t]*"
    r"(?P<quote>[\"']?)(?P<value>[^\"'\s#;,]*)(?P=quote)[ \t]*,?[ \t]*(?:[#;].*)?\r?$",
    re.MULTILINE,
)


def read(text: str) -> Document:
    """All assignments that stand on a line of their own."""
    document = Document()
    blocks: list[tuple[int, int]] = []
    for number, line in enumerate(_LINE.finditer(text), start=1):
        indent = len(line["indent"]) + len(line["dash"] or "")
        while blocks and (blocks[-1][0] > indent or (line["dash"] and blocks[-1][0] == indent)):
            blocks.pop()
        if indent and (not blocks or blocks[-1][0] < indent):
            blocks.append((indent, number))
        scopes = [scope for _, scope in blocks]
        document.mention(scopes, line["value"], line.start("value"))
        scope = scopes[-1] if scopes else 0
        document.assignments.append(
            Assignment(name=line["name"], text=line["value"], start=line.start("value"), scope=scope)
        )
    return document
