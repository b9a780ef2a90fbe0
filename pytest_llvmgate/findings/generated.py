"""Errors in generated files belong to what generates them: the TableGen target, the ``.td`` file and its line.

``build.ninja`` says which command makes an ``.inc`` and from what. Where no build directory is at hand, the name is the
trace: ``mlir_tablegen(FooOps.cpp.inc ...)`` in a directory with ``FooOps.td``.
"""

from __future__ import annotations

import mmap
import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from pytest_llvmgate.findings.events import Event
from pytest_llvmgate.findings.groups import Group, Scan
from pytest_llvmgate.findings.layers import Paths
from pytest_llvmgate.findings.parsers import shapes
from pytest_llvmgate.model import Location

UNQUALIFIED: Final = "unqualified names in generated code"
_CASTS: Final = frozenset({"isa", "cast", "dyn_cast", "dyn_cast_or_null", "isa_and_nonnull", "cast_or_null"})
_MOST_TD_BYTES: Final = 4 << 20


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What makes a generated file."""

    source: Path | None = None
    """The ``.td`` (or other main input)."""
    generator: str = ""
    """Name of the program: ``mlir-tblgen``."""
    option: str = ""
    """What it generates: ``-gen-op-defs``."""


def is_generated(path: str) -> bool:
    """Whether the name alone says that the file is generated."""
    return path.endswith((".inc", ".pb.h", ".pb.cc"))


# -- joining ----------------------------------------------------------------------------------------------------------


def join_unqualified(scan: Scan) -> None:
    """Names that the generated code of one file uses without their namespace are one cause, not one per name.

    Seen when LLVM moved generated constraint helpers out of the dialect's namespace: predicates such as
    ``isa<FooType>($_self)`` in a ``.td`` file stop compiling, each with names of its own.
    """
    by_file: dict[str, list[tuple[tuple[str, str, str], Group]]] = {}
    for key, group in scan.groups.items():
        file = _only_file(group)
        if file and is_generated(file) and _is_unqualified(group.first):
            by_file.setdefault(posixpath.basename(file), []).append((key, group))
    for file, members in by_file.items():
        first = members[0][1]
        names = [group.identifier for _, group in members]
        if len(members) == 1 and first.identifier not in _CASTS:
            continue
        for key, group in members[1:]:
            first.absorb(group)
            del scan.groups[key]
        first.identifier = f"{UNQUALIFIED}: {file}"
        first.first.facts.update(form="unqualified", names=", ".join(sorted(set(names))), generated=file)


def _only_file(group: Group) -> str:
    files = {event.place.path for event in group.sites.values() if event.place is not None}
    return files.pop() if len(files) == 1 else ""


def _is_unqualified(event: Event) -> bool:
    if event.facts.get("form") != "undeclared" or "::" in event.identifier:
        return False
    return event.identifier in _CASTS or "::" in event.facts.get("compiler-suggests", "")


# -- the origin of a file ---------------------------------------------------------------------------------------------


def origin(paths: Paths, printed: str) -> Origin | None:
    """What makes the generated file ``printed``; ``None`` where nothing tells."""
    if not paths.build:
        return _by_name(paths, printed)
    path = posixpath.normpath(posixpath.join(paths.build, printed))
    relative = path.removeprefix(f"{paths.build}/")
    ninja = Path(paths.build, "build.ninja")
    found = _by_build_file(str(ninja), relative, paths.build) if ninja.is_file() else None
    return found or _by_name(paths, printed)


@lru_cache(maxsize=256)
def _by_build_file(ninja: str, relative: str, build: str) -> Origin | None:
    """The statement of ``build.ninja`` whose outputs name the file, and its ``COMMAND``."""
    with Path(ninja).open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for start in _occurrences(data, relative.encode()):
            begin = data.rfind(b"\nbuild ", 0, start) + 1
            end = data.find(b"\n\n", begin)
            text = bytes(data[begin : end if end > 0 else len(data)]).decode("utf-8", "replace")
            head, _, rest = text.partition("\n")
            outputs, _, inputs = head.removeprefix("build ").partition(": CUSTOM_COMMAND ")
            if inputs and relative in outputs:
                return _origin(inputs, rest, build)
    return None


def _occurrences(data: mmap.mmap, needle: bytes) -> Iterator[int]:
    at = data.find(needle)
    for _ in range(50):
        if at < 0:
            return
        yield at
        at = data.find(needle, at + 1)


def _origin(inputs: str, rest: str, build: str) -> Origin:
    command = next((line for line in rest.split("\n") if line.strip().startswith("COMMAND =")), "")
    words = command.split()
    source = next((word for word in [*inputs.split(), *words] if word.endswith((".td", ".pdll", ".proto"))), "")
    program = next((posixpath.basename(word) for word in words if re.search(r"tblgen|pdll|protoc", word)), "")
    option = next((word for word in words if word.startswith("-gen-")), "")
    path = Path(posixpath.normpath(posixpath.join(build, source))) if source else None
    return Origin(source=path, generator=program, option=option)


def _by_name(paths: Paths, printed: str) -> Origin | None:
    """``FooOps.cpp.inc`` comes from a ``FooOps.td`` of the source tree, preferably in a directory of the same name."""
    if not paths.source or not Path(paths.source).is_dir():
        return None
    stem = re.sub(
        r"(?:Dialect|Types|Attrs|Enums|Interfaces?)?(?:\.(?:h|cpp|hpp))?\.inc$", "", posixpath.basename(printed)
    )
    found = [path for path in _td_files(paths.source) if Path(path).stem == stem]
    if not found:
        return None
    parent = posixpath.basename(posixpath.dirname(printed))
    found.sort(key=lambda path: posixpath.basename(posixpath.dirname(path)) != parent)
    return Origin(source=Path(found[0]), generator="mlir-tblgen")


@lru_cache(maxsize=4)
def _td_files(source: str) -> tuple[str, ...]:
    found = []
    for directory, names, files in os.walk(source):
        names[:] = [name for name in names if not name.startswith(".") and name != "llvm-project"]
        found += [posixpath.join(directory, name) for name in files if name.endswith(".td")]
        if len(found) > 5000:
            break
    return tuple(found)


# -- the line in the .td ----------------------------------------------------------------------------------------------

_CODE: Final = re.compile(r"^\s*\d+ \|(.*)$")
_OP_NAMED: Final = re.compile(r"::(\w+Op)\b")


def line_in_source(source: Path, event: Event) -> int | None:
    """The line of the ``.td`` from which the code at the error comes: a predicate, or an operation's ``def``."""
    try:
        if source.stat().st_size > _MOST_TD_BYTES:
            return None
        lines = source.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return None
    code = next((match[1] for line in event.detail if (match := _CODE.match(line))), "")
    name = event.facts.get("name", "")
    return _predicate_line(lines, name, code) or _definition_line(lines, f"{code} {' '.join(event.before)}")


def _predicate_line(lines: Sequence[str], name: str, code: str) -> int | None:
    """A line with C++ in quotes that uses the name, the one with most of the error's own words."""
    if not name:
        return None
    words = set(re.findall(r"\w{4,}", code))
    best: tuple[int, int] | None = None
    for number, line in enumerate(lines, 1):
        if not re.search(rf"[\"{{][^\"]*\b{re.escape(name)}\b", line) or line.lstrip().startswith("//"):
            continue
        score = len(words.intersection(re.findall(r"\w{4,}", line)))
        if best is None or score > best[0]:
            best = (score, number)
    return best[1] if best else None


def _definition_line(lines: Sequence[str], text: str) -> int | None:
    for operation in dict.fromkeys(_OP_NAMED.findall(text)):
        for number, line in enumerate(lines, 1):
            if re.match(rf"\s*def \w*{re.escape(operation)}\b", line):
                return number
    return None


def source_place(paths: Paths, event: Event) -> tuple[Location, Origin] | None:
    """The place in the generator's input for an event whose place is a generated file."""
    if event.place is None or not is_generated(event.place.path):
        return None
    made = origin(paths, event.place.path)
    if made is None or made.source is None:
        return None
    line = line_in_source(made.source, event)
    return Location(path=made.source.as_posix(), line=line), made


def name_of(group: Group) -> str:
    """The name to search for, of a group whose identifier may be a sentence."""
    return group.first.facts.get("name", "") or shapes.last_name(group.identifier)
