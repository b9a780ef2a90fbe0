"""``.gitmodules``: which submodules a tree has.

Read here rather than by ``git config``, so that a history with many versions of the file costs no process for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pytest_llvmgate.git.config_syntax import parse

LARGEST: Final = 16 << 20
"""Bytes of such a file that are read."""


@dataclass(frozen=True, kw_only=True)
class Submodule:
    """A section of ``.gitmodules``."""

    name: str
    path: str
    url: str = ""
    branch: str = ""


@lru_cache(maxsize=1024)
def parse_gitmodules(text: str) -> tuple[Submodule, ...]:
    """The submodules that have a path, in the order of their first mention. Lines that make no sense are skipped.

    Kept, since a history has few versions of the file, each at many commits.
    """
    sections: dict[str, dict[str, str]] = {}
    for line in parse(text):
        if line.section == "submodule" and line.name is not None:
            sections.setdefault(line.name, {})[line.key] = line.value
    return tuple(
        Submodule(
            name=name, path=values["path"].rstrip("/"), url=values.get("url", ""), branch=values.get("branch", "")
        )
        for name, values in sections.items()
        if values.get("path")
    )
