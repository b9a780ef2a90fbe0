"""Paths as tools print them, to the file that is meant, and so to its owner and a name that is the same everywhere."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from pytest_llvmgate.findings.context import DiagnosisContext
from pytest_llvmgate.findings.events import MAKE_TARGET, Edge, Event
from pytest_llvmgate.findings.groups import Scan
from pytest_llvmgate.model import Layer, Location
from pytest_llvmgate.owners.by_tree import submodule_paths
from pytest_llvmgate.owners.file_owners import FileOwners, Owner, is_in_llvm_install

_OBJECT: Final = re.compile(
    r"^(?>(?P<dir>.*?)/?CMakeFiles/(?P<target>(?>(?:(?!\.dir/)[^/])+))\.dir/)(?P<file>.+)\.(?:o|obj|pch|gch)$"
)


@dataclass(kw_only=True)
class Paths:
    """Resolves printed paths against what is known, or can be learned from the log, of the directories."""

    owners: FileOwners = field(default_factory=FileOwners)

    @property
    def source(self) -> str:
        """The downstream's root; empty where it is not known."""
        return self.owners.source

    @property
    def build(self) -> str:
        """The build directory; empty where it is not known."""
        return self.owners.build

    @classmethod
    def of(cls, context: DiagnosisContext, scan: Scan) -> Paths:
        """Directories from the context, completed by what the log shows."""
        learned_source, learned_build = _learn_roots(scan.failed_edges)
        is_llvm = context.stage == "llvm"
        knows_tree = context.source is not None and (context.source / ".git").exists() and not is_llvm
        return cls(
            owners=FileOwners(
                source=_absolute(context.source) or learned_source or _source_by_objects(scan),
                build=_absolute(context.build) or scan.build.rstrip("/") or learned_build,
                components=_components(context),
                prefixes=tuple(_absolute(prefix) for prefix in context.prefixes),
                everything_is_llvm=is_llvm,
                knows_tree=knows_tree,
            )
        )

    def owner(self, printed: str, *, by_cmake: bool = False) -> Owner:
        """Whose file ``printed`` is. CMake prints paths relative to the source, other tools to the build directory."""
        return self.owners.of(self._resolve(printed.replace("\\", "/"), by_cmake=by_cmake))

    def _resolve(self, path: str, *, by_cmake: bool) -> str:
        if path.startswith(("/", "<")) or re.match(r"[A-Za-z]:/", path):
            return posixpath.normpath(path)
        base = self.source if by_cmake else self.build
        if base:
            return posixpath.normpath(f"{base}/{path}")
        return re.sub(r"^(?:\.\.?/)+", "", posixpath.normpath(path))

    def location(self, place: Location, *, by_cmake: bool = False) -> tuple[Location, Owner]:
        """The place with the path that is shown, and its owner."""
        owner = self.owner(place.path, by_cmake=by_cmake)
        return Location(path=owner.path, line=place.line, column=place.column), owner


def _components(context: DiagnosisContext) -> dict[str, str]:
    """Directory to name: the tree's submodules, and what the context names itself."""
    found = {path: posixpath.basename(path) for path in submodule_paths(context.source)} if context.source else {}
    return found | {path.rstrip("/"): name for name, path in context.components.items()}


def _absolute(path: object) -> str:
    return "" if path is None else posixpath.abspath(str(path)).rstrip("/")


def _learn_roots(failed: Sequence[Edge]) -> tuple[str, str]:
    """Source and build directory, from compile commands: CMake mirrors the source's directories in the build's.

    What most commands say counts: a subproject's directories need not be mirrored by those of the whole.
    """
    sources = Counter(found for edge in failed if (found := _source_of(edge)))
    source = min(sources, key=lambda path: (-sources[path], len(path)), default="")
    outer = [path for path in sources if source.startswith(f"{path}/")]
    source = min([source, *outer], key=len)
    builds = Counter(found for edge in failed if (found := _build_of_edge(edge)))
    if builds:
        return source, builds.most_common(1)[0][0]
    guessed = (_build_by_includes(source, edge.command) for edge in failed) if source else iter(())
    return source, next((found for found in guessed if found), "")


def _build_of_edge(edge: Edge) -> str:
    """From a command that changes its directory, or ninja's two names of an output: relative and absolute."""
    if (match := re.match(r"cd (/\S+) && ", edge.command)) and (found := _build_of(match[1], edge)):
        return found
    for output in edge.outputs[1:]:
        if output.startswith("/") and output.endswith(f"/{edge.output}"):
            return output[: -len(edge.output) - 1]
    return ""


def _build_by_includes(source: str, command: str) -> str:
    """The directory of generated headers: an include path that is neither the source's nor a system's."""
    for path in re.findall(r" -I(/\S+?)/include(?= )", command):
        inside = path.startswith(f"{source}/")
        is_sources = path == source or source.startswith(f"{path}/")
        if not is_in_llvm_install(f"{path}/include/") and not is_sources and (not inside or "build" in path):
            return str(path)
    return ""


def _source_by_objects(scan: Scan) -> str:
    """From logs that name an object file, and the source file that it is made from by its absolute path."""
    events = [event for group in scan.groups.values() for event in group.sites.values()]
    relative = {object_source(Paths(), name) for name in _object_names(scan, events)} - {""}
    paths = {place.path for event in events for place in (event.place, *event.includes[-1:]) if place is not None}
    for path in sorted(path for path in paths if path.startswith("/")):
        for tail in relative:
            if path.endswith(f"/{tail}") and "/" in tail:
                return path[: -len(tail) - 1]
    return ""


def _object_names(scan: Scan, events: Iterable[Event]) -> Iterator[str]:
    """Object files as linkers, status lines and make name them."""
    for event in events:
        yield from (match[1] for line in event.detail if (match := re.search(r"(?<!\S)([^\s:]++(?<=\.o)):\(", line)))
        if event.edge is not None:
            yield event.edge.output
    yield from (event.facts.get(MAKE_TARGET, "") for event in scan.uncertain)


def _build_of(directory: str, edge: Edge) -> str:
    """The top of the build tree: the command's directory less the output's own directory."""
    parent = posixpath.dirname(edge.output)
    return directory[: -len(parent) - 1] if parent and directory.endswith(f"/{parent}") else ""


def _source_of(edge: Edge) -> str:
    match = _OBJECT.match(edge.output)
    if match is None:
        return _source_by_mirror(edge)
    compiled = re.search(r" -c (\S+)$", edge.command) or re.search(r" -c (\S+)", edge.command)
    if compiled is None:
        return ""
    tail = posixpath.join(match["dir"], match["file"])
    path = compiled[1]
    return path[: -len(tail) - 1] if path.endswith(f"/{tail}") and path.startswith("/") else ""


def object_source(paths: Paths, printed: str) -> str:
    """The source file of an object file: ``lib/A/CMakeFiles/T.dir/B.cpp.o`` is made from ``lib/A/B.cpp``."""
    match = _OBJECT.match(printed.replace("\\", "/"))
    if match is None:
        return ""
    directory = match["dir"].removeprefix(f"{paths.build}/") if paths.build else match["dir"]
    relative = posixpath.join(directory, match["file"])
    return f"{paths.source}/{relative}" if paths.source and not relative.startswith("/") else relative


def _source_by_mirror(edge: Edge) -> str:
    """The input of a generating command, whose directory the output's mirrors: ``-I`` directories do not count."""
    directory = posixpath.dirname(edge.output)
    if not directory or directory.startswith("/"):
        return ""
    for word in edge.command.split():
        if word.endswith((".td", ".pdll", ".in", ".proto")) and posixpath.dirname(word).endswith(f"/{directory}"):
            return posixpath.dirname(word)[: -len(directory) - 1]
    return ""


@lru_cache(maxsize=4096)
def source_file(command: str) -> str:
    """The file that a compile command compiles, or empty."""
    match = re.search(r" -c (\S+)(?: |$)", command)
    return match[1] if match else ""


def edge_owner(paths: Paths, edge: Edge | None) -> Owner | None:
    """Whose the failing edge is: the owner of what it compiles, or of the directory that it writes to."""
    if edge is None:
        return None
    compiled = source_file(edge.command)
    owner = paths.owner(compiled) if compiled else _by_objects(paths, edge)
    return owner if owner is None else within_edge(owner, edge)


def within_edge(owner: Owner, edge: Edge | None) -> Owner:
    """Whose a file is that an edge works on: of what an edge of LLVM's own build reads, nothing is the project's."""
    is_llvms = owner.layer is Layer.DOWNSTREAM and edge is not None and _is_llvms_edge(edge)
    return replace(owner, layer=Layer.LLVM) if is_llvms else owner


def _is_llvms_edge(edge: Edge) -> bool:
    """Whether an edge is of LLVM's own build, told by the names of its targets.

    Others name their libraries after LLVM, too; LLVM's own build does not include the headers of an installed one.
    """
    if _INCLUDES_INSTALL.search(edge.command):
        return False
    return is_in_llvms_build(edge.output)


def is_in_llvms_build(target: str) -> bool:
    """Whether a target is one of LLVM's own build, or lies where that has its projects."""
    return _LLVM_OBJECT.match(target) is not None or _LLVM_TOOL.search(target) is not None


def stops_in_llvms_build(scan: Scan, line: int) -> bool:
    """Whether make's first stop behind a line is at a target of LLVM's own build: for excerpts without commands."""
    targets = (event.facts.get(MAKE_TARGET, "") for event in scan.uncertain if event.line > line)
    return is_in_llvms_build(next(filter(None, targets), ""))


def _by_objects(paths: Paths, edge: Edge) -> Owner | None:
    """A link writes to ``lib/`` or ``bin/``; its object files tell the directory of its CMakeLists."""
    objects = (word for word in edge.command.split() if word.endswith((".o", ".obj")) and "CMakeFiles/" in word)
    match = _OBJECT.match(next(objects, ""))
    if match and _LLVM_OBJECT.match(match[0]) and not paths.source:
        return Owner(layer=Layer.LLVM, path=match["dir"])
    if match:
        return paths.owner(_mirrored(paths, match["dir"]), by_cmake=True)
    directory = re.match(r"cd (\S+) && ", edge.command)
    output = edge.output
    if edge.directory:
        return paths.owner(_mirrored(paths, edge.directory), by_cmake=True)
    if directory and not output.startswith("/"):
        return paths.owner(f"{directory[1]}/x")
    return paths.owner(_mirrored(paths, posixpath.dirname(output)), by_cmake=True) if output else None


_INCLUDES_INSTALL: Final = re.compile(
    r" -(?:I|isystem) ?/\S{0,400}/llvm[@-]?\d{1,2}(?:\.\d[\d.]{0,20})?/include(?= |$)"
)
"""Where packages have the headers of one version of LLVM; its sources' lie in ``llvm/include``."""
_LLVM_TOOL: Final = re.compile(
    r"(?:^|/)bin/(?:llvm-(?:config|tblgen|ar|as|bcanalyzer|cov|dis|link|lto|mc|nm|objdump|profdata|readobj|rtdyld"
    r"|size|symbolizer)|opt|llc|lli|clang|lld|bugpoint|dsymutil|mlir-(?:opt|tblgen|translate|linalg-ods\S*))$"
    r"|^lib(?:32|64)?/lib(?:LLVM|MLIR|clang-cpp|LTO)(?:-\d+)?\.(?:so|dylib)[\w.]{0,20}$"
)
"""LLVM's own programs, and the libraries that have all of it."""
_LLVM_OBJECT: Final = re.compile(
    r"(?:(?:tools|projects)/(?:mlir|clang|lldb?|polly|flang)/|(?:.*/)?lib/\w+/(?:.*/)?CMakeFiles/(?:obj\.)?LLVM[A-Z]\w+\.dir/)"
)
"""Objects of LLVM's own libraries, told by names alone: for logs that show no source directory."""


def _mirrored(paths: Paths, directory: str) -> str:
    """A directory of the build tree as the source directory that it mirrors."""
    if directory.startswith("/"):
        directory = directory.removeprefix(f"{paths.build}/") if paths.build else directory
    return f"{paths.source}/{directory}/CMakeLists.txt" if paths.source else f"{directory}/CMakeLists.txt"
