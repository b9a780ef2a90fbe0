"""GNU ld version scripts, as far as they say which symbols a shared library exports (ld(1), "VERSION Command")."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.plain_file import read_plain_text

_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)|#[^\n]*+", re.DOTALL)
_SECTION: Final = re.compile(r"\b(global|local)\s*+:|([^;{}\s][^;{}]*+)(;)?")


@dataclass(frozen=True)
class VersionScript:
    """Patterns over mangled names."""

    exported: tuple[str, ...]
    local: tuple[str, ...]

    def exports(self, name: bytes) -> bool:
        """Whether a library linked with this script exports ``name``: an exported pattern beats a local one."""
        text = name.decode("utf-8", "replace")
        if any(fnmatch.fnmatchcase(text, pattern) for pattern in self.exported):
            return True
        return not any(fnmatch.fnmatchcase(text, pattern) for pattern in self.local)


def read_version_script(path: Path) -> VersionScript | None:
    """The script's patterns. None when it cannot be read, or names C++ symbols by their demangled form."""
    try:
        text = _COMMENT.sub(" ", read_plain_text(path))
    except OSError:
        return None
    if "extern" in text:
        return None
    patterns: dict[str, list[str]] = {"global": [], "local": []}
    current = "global"
    for match in _SECTION.finditer(text):
        if match[1]:
            current = match[1]
        elif match[3]:
            patterns[current].append(match[2].strip().strip('"'))
    return VersionScript(tuple(patterns["global"]), tuple(patterns["local"]))
