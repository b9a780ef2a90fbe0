"""``CMakeCache.txt``: what a build directory was really configured with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.plain_file import read_plain_text

_CACHE_FILE: Final = "CMakeCache.txt"

_ENTRY: Final = re.compile(r'^(?:"(?P<quoted>[^"]+)"|(?P<name>[^=:]+)):(?P<type>[A-Z]+)=(?P<value>.*)$')


@dataclass(frozen=True, kw_only=True)
class CacheEntry:
    """One entry of the cache."""

    name: str
    type: str
    """``BOOL``, ``STRING``, ``PATH``, ``FILEPATH``, ``INTERNAL``, ``STATIC`` or ``UNINITIALIZED``."""
    value: str


def read_cache(build_dir: Path) -> Mapping[str, CacheEntry]:
    """All entries of ``build_dir``'s cache by name, the last one of a name winning as it does in CMake.

    Raises :class:`ToolError` when the directory holds no cache.
    """
    path = build_dir / _CACHE_FILE
    try:
        text = read_plain_text(path)
    except OSError as error:
        raise ToolError(
            f"{build_dir} is not a configured CMake build directory: it has no readable {_CACHE_FILE}",
            hint="name the directory that cmake was given with -B",
        ) from error
    return parse_cache(text)


def cache_if_any(build_dir: Path) -> Mapping[str, CacheEntry]:
    """The entries; none where another build system left its ``compile_commands.json``. Raises ``ToolError`` else."""
    others = (build_dir / "compile_commands.json").is_file() and not (build_dir / _CACHE_FILE).exists()
    return {} if others else read_cache(build_dir)


def parse_cache(text: str) -> dict[str, CacheEntry]:
    """The entries of a cache's text.

    The format: ``NAME:TYPE=VALUE`` after ``// help`` lines; a name with ``=`` or ``:`` is quoted; a value with blanks
    at its ends is wrapped in single quotes. Lines of another form are skipped, as CMake does.
    """
    entries: dict[str, CacheEntry] = {}
    for line in text.split("\n"):
        stripped = line.strip()
        match = None if stripped.startswith(("//", "#")) else _ENTRY.match(line.rstrip("\r").lstrip())
        if match is not None:
            name, value = match["quoted"] or match["name"], match["value"]
            is_quoted = len(value) > 1 and value.startswith("'") and value.endswith("'")
            entries[name] = CacheEntry(name=name, type=match["type"], value=value[1:-1] if is_quoted else value)
    return entries
