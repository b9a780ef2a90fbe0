"""The link edges of CMake's ``build.ninja``: which object files make which library or program.

CMake names the rules of link edges ``<LANG>_<TYPE>_LINKER__<target>_<config>``; that is the only place where the exact
list of objects, in link order and with those of object libraries, stands. Only these edges are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain_text

_EDGE: Final = re.compile(
    r"^build (?P<outputs>(?:[^:\n]|\$:)+): "
    r"[A-Z]+_(?P<type>STATIC_LIBRARY|SHARED_LIBRARY|MODULE_LIBRARY|EXECUTABLE)_LINKER__"
    r"(?P<rest>\S+)(?P<inputs>[^\n|]*)",
    re.MULTILINE,
)
_LINKS: Final = re.compile(
    r"^build (?P<outputs>(?:[^:\n]|\$:)+): CMAKE_SYMLINK_(?:LIBRARY|EXECUTABLE)(?P<inputs>[^\n|]*)", re.MULTILINE
)
_TOKEN: Final = re.compile(r"(?:\$.|[^\s$])+")
_ESCAPE: Final = re.compile(r"\$(.)")
_OBJECT_SUFFIXES: Final = (".o", ".obj")


@dataclass(frozen=True, kw_only=True)
class LinkEdge:
    """One link or archive step."""

    output: Path
    """What the step makes, absolute; the real file where it also makes links to it."""
    type: str
    """``STATIC_LIBRARY``, ``SHARED_LIBRARY``, ``MODULE_LIBRARY`` or ``EXECUTABLE``."""
    objects: tuple[Path, ...]
    """Absolute, in link order."""


def read_link_edges(build_dir: Path) -> Mapping[Path, LinkEdge]:
    """Every link edge of ``build_dir`` by each of its outputs, symbolic links to a versioned file included.

    Raises :class:`ToolError` when the directory was not generated for ninja.
    """
    path = build_dir / "build.ninja"
    try:
        text = read_plain_text(path, LARGEST_MADE, errors="surrogateescape")
    except OSError as error:
        raise ToolError(
            f"{build_dir} has no readable build.ninja, and the object lists of its libraries are read from there",
            hint="configure with -G Ninja",
        ) from error
    edges: dict[Path, LinkEdge] = {}
    for match in _EDGE.finditer(text):
        # Outputs after "|" are implicit ones: the links to a versioned library.
        outputs = [build_dir / word for word in _words(match["outputs"].replace("|", " "))]
        edge = LinkEdge(
            output=outputs[0],
            type=match["type"],
            objects=tuple(build_dir / word for word in _words(match["inputs"]) if word.endswith(_OBJECT_SUFFIXES)),
        )
        edges.update(dict.fromkeys(outputs, edge))
    for match in _LINKS.finditer(text):  # libX.so beside libX.so.22
        for real in _words(match["inputs"]):
            if build_dir / real in edges:
                links = [build_dir / word for word in _words(match["outputs"].replace("|", " "))]
                edges.update(dict.fromkeys(links, edges[build_dir / real]))
    return edges


def _words(text: str) -> list[str]:
    """Words of a ninja path list, with ``$ ``, ``$:`` and ``$$`` unescaped."""
    return [_ESCAPE.sub(r"\1", word) for word in _TOKEN.findall(text)]
