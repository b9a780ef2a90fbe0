"""Headers that LLVM's build generates, told from its CMake files: they are in no source tree, and downstreams include
them (``mlir/IR/BuiltinOps.h.inc``).

The rules are those of TableGen.cmake and AddMLIR.cmake: the file named in ``mlir_tablegen(FILE ...)`` or
``tablegen(PROJECT FILE ...)`` appears in the directory of its CMakeLists.txt, and ``add_mlir_dialect`` and
``add_mlir_interface`` make a known set of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

_CALL: Final = re.compile(
    rb"^[ \t]*(?P<command>mlir_tablegen|tablegen|add_mlir_dialect|add_mlir_interface|add_public_tablegen_target"
    rb"|add_linalg_ods_yaml_gen|add_(?=\w*?tablegen)\w++|add_(?=\w*?pdll)\w++|configure_file|add_custom_command|gen_\w+"
    rb"|add_mlir_pdll_library)[ \t]*\((?P<arguments>[^)]*)\)",
    re.MULTILINE | re.IGNORECASE,
)
CMAKE_COMMENT: Final = re.compile(rb"#[^\n]*")
_TEMPLATE_SUFFIXES: Final = (".cmake", ".in")
_HARMLESS: Final = re.compile(r"tablegen_target$")
"""Calls that name a target for files that other calls make."""
_DIALECT_SUFFIXES: Final = (".h.inc", ".cpp.inc", "Types.h.inc", "Types.cpp.inc", "Dialect.h.inc", "Dialect.cpp.inc")
_MADE: Final = {
    "mlir_tablegen": (0, ("",)),
    "tablegen": (1, ("",)),
    "add_mlir_dialect": (0, _DIALECT_SUFFIXES),
    "add_mlir_interface": (0, (".h.inc", ".cpp.inc")),
    "add_linalg_ods_yaml_gen": (1, (".yamlgen.td", ".yamlgen.cpp.inc")),
}
"""Command to what it makes: after which of its words the files are called, and how their names go on."""


def generated_headers(
    lists: Mapping[str, bytes], names: Iterable[str], include_roots: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Headers that CMake files generate, and the directories in which a rule that is not understood may make more.

    ``lists`` maps the paths of CMakeLists.txt to their text; only those below an include root count. Both results are
    relative to the include roots.
    """
    made: set[str] = set(_templates(names, include_roots))
    unknown: set[str] = set()
    for path, text in lists.items():
        directory = _inside(path, include_roots)
        if directory is None:
            continue
        for match in _CALL.finditer(CMAKE_COMMENT.sub(b"", text)):
            words = match["arguments"].decode("utf-8", "replace").split()
            command = match["command"].decode().lower()
            outputs = _outputs(command, words)
            if not outputs and not _HARMLESS.search(command):
                unknown.add(directory)
            made.update(f"{directory}/{output}" if directory else output for output in outputs if "$" not in output)
    return made, unknown


def _inside(path: str, include_roots: Sequence[str]) -> str | None:
    """The directory of a CMake file as an include path; None outside of the include roots."""
    for root in include_roots:
        if path.startswith(root):
            return path[len(root) :].rpartition("/")[0]
    return None


def _templates(names: Iterable[str], include_roots: Sequence[str]) -> Iterator[str]:
    """``X.h.cmake``, ``X.def.in`` and their like: configured to ``X.h`` and ``X.def``."""
    for name in names:
        for suffix in _TEMPLATE_SUFFIXES:
            if name.endswith(suffix):
                yield from (name[len(root) : -len(suffix)] for root in include_roots if name.startswith(root))
    yield "llvm/Support/VCSRevision.h"
    yield "llvm/Support/Extension.def"


def _outputs(command: str, words: Sequence[str]) -> list[str]:
    """Files that one call makes."""
    at, suffixes = _MADE.get(command, (2, ("",)) if "pdll" in command else (0, ()))
    return [words[at] + suffix for suffix in suffixes if len(words) > at]
