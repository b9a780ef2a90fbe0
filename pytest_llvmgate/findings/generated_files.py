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
from pytest_llvmgate.kinds.catalogue import API_CHANGED, API_REMOVED, COMPILE_ERROR
from pytest_llvmgate.kinds.facts import COMPILER_SUGGESTS, FORM, GENERATED, NAME, PROGRAM, REASON
from pytest_llvmgate.model import Location
from pytest_llvmgate.objects.cxx_names import last_name
from pytest_llvmgate.owners.file_owners import is_in_llvm_install
from pytest_llvmgate.plain_file import source_lines

UNQUALIFIED: Final = "unqualified names in generated code"
_CASTS: Final = frozenset({"isa", "cast", "dyn_cast", "dyn_cast_or_null", "isa_and_nonnull", "cast_or_null"})


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What makes a generated file."""

    source: Path | None = None
    """The ``.td`` (or other main input)."""
    generator: str = ""
    """Name of the program: ``mlir-tblgen``."""


def is_generated(path: str) -> bool:
    """Whether the name alone says that the file is generated."""
    return path.endswith((".inc", ".pb.h", ".pb.cc"))


# -- joining ----------------------------------------------------------------------------------------------------------


def join_unqualified(scan: Scan) -> None:
    """Names that generated code uses without their namespace are one cause, not one per name and file.

    Seen when LLVM moved generated constraint helpers out of the dialect's namespace: predicates such as
    ``isa<FooType>($_self)`` in a ``.td`` file stop compiling, each with names of its own.
    """
    members = [
        (key, group)
        for key, group in scan.groups.items()
        if (files := _files(group)) and all(map(is_generated, files)) and _is_unqualified(group.first)
    ]
    names = sorted({group.identifier for _, group in members})
    if not members or (len(names) == 1 and names[0] not in _CASTS and not _is_there_qualified(members[0][1].first)):
        return
    made = sorted({posixpath.basename(file) for _, group in members for file in _files(group)})
    first = scan.join([key for key, _ in members])
    first.kind, first.identifier = API_REMOVED, UNQUALIFIED
    first.facts.update(form="unqualified", names=", ".join(names), generated=", ".join(made))


def _is_there_qualified(event: Event) -> bool:
    """Whether the compiler knows the very name, in a namespace."""
    proposed = event.facts.get(COMPILER_SUGGESTS, "")
    return "::" in proposed and last_name(proposed) == event.identifier


def mark_stale(scan: Scan, paths: Paths) -> None:
    """Calls in generated code that LLVM's headers do not take: its generator is of another version, or the file is old.

    Not so where a name of the ``.td`` file's own is at fault, which the generated code repeats. And what lies in LLVM's
    install is not old: an interface there asks an operation for what it has to have now.
    """
    for group in scan.groups.values():
        files = _files(group)
        if group.form not in {"no-match", "not-member", "convert"} or not files:
            continue
        if not all(map(is_generated, files)) or not _OF_LLVM.match(group.identifier):
            continue
        file = min(files)
        if (made := origin(paths, file)) is not None and made.source is not None:
            continue  # the line of the .td file is found, which says more
        form = "asked" if group.facts[FORM] == "not-member" and is_in_llvm_install(file) else "generated"
        stem = re.sub(r"\.(?:h|cpp)\.inc$|\.inc$", "", posixpath.basename(file))
        place = f"{posixpath.basename(file)}:{group.first.place.line}" if group.first.place else file
        group.facts.update({FORM: form, GENERATED: place, REASON: f"{stem}.td by mlir-tblgen"})
        group.kind = API_CHANGED


def mark_ill_formed(scan: Scan, paths: Paths) -> None:
    """Generated code that is not even C++, at words that no ``.td`` of the project has: its generator's mistake."""
    for group in scan.groups.values():
        event, files = group.first, _files(group)
        if group.kind != COMPILE_ERROR or not _SYNTAX.match(event.message) or not all(map(is_generated, files)):
            continue
        made = origin(paths, min(files)) if files else None
        words = max(event.code.split('"'), key=len).strip()
        if made is None or made.source is None or "tblgen" not in made.generator or len(words) < _TELLING:
            continue
        sources = (made.source, *_included(made.source, paths.source))
        if not any(words in line for path in sources for line in source_lines(path)):
            place = f"{posixpath.basename(min(files))}:{event.place.line}" if event.place else min(files)
            event.facts.update(
                {FORM: "ill-formed", GENERATED: place, REASON: made.source.name, PROGRAM: made.generator}
            )


_SYNTAX: Final = re.compile(r"expected\b|missing terminating|stray |unterminated")
_TELLING: Final = 12
_OF_LLVM: Final = re.compile(r"(?:::)?(?:mlir|llvm)::(?:\w+::)*[A-Z]\w*::")


def _files(group: Group) -> set[str]:
    return {event.place.path for event in group.sites.values() if event.place is not None}


def _is_unqualified(event: Event) -> bool:
    if event.form != "undeclared" or "::" in event.identifier:
        return False
    return event.identifier in _CASTS or "::" in event.facts.get(COMPILER_SUGGESTS, "")


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
    path = Path(posixpath.normpath(posixpath.join(build, source))) if source else None
    return Origin(source=path, generator=program)


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

_OP_NAMED: Final = re.compile(r"::(\w+Op)\b")


def _place_in_source(source: Path, event: Event, root: str) -> Location:
    """Where in the ``.td`` (or one that it includes) the code at the error comes from, as far as that can be found."""
    for path in (source, *_included(source, root)):
        lines = source_lines(path)
        line = _predicate_line(lines, event.facts.get(NAME, ""), event.code)
        line = line or _definition_line(lines, f"{event.code} {' '.join(event.before)}")
        if line:
            return Location(path=path.as_posix(), line=line)
    return Location(path=source.as_posix())


@lru_cache(maxsize=64)
def _included(source: Path, root: str) -> tuple[Path, ...]:
    """The project's own ``.td`` files that the file includes, directly or not."""
    found: dict[Path, None] = {}
    waiting = [source]
    while waiting:
        for line in source_lines(waiting.pop()):
            if match := re.match(r'\s*include "([^"]+)"', line):
                for name in _td_files(root) if root else ():
                    path = Path(name)
                    if name.endswith(f"/{match[1]}") and path not in found and path != source:
                        found[path] = None
                        waiting.append(path)
    return tuple(found)


def _predicate_line(lines: Sequence[str], name: str, code: str) -> int | None:
    """A line with C++ in quotes that uses the name, the one with most of the error's own words."""
    if not name:
        return None
    pattern = re.compile(rf"[\"{{][^\"]*\b{re.escape(name)}\b")
    words = set(re.findall(r"\w{4,}", code))
    best: tuple[int, int] | None = None
    for number, line in enumerate(lines, 1):
        if name not in line or not pattern.search(line) or line.lstrip().startswith("//"):
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
    return _place_in_source(made.source, event, paths.source), made


def name_of(group: Group) -> str:
    """The name to search for, of a group whose identifier may be a sentence."""
    return group.facts.get(NAME, "") or last_name(group.identifier)
