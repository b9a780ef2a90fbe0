"""The link failures of a project as a shared build, from its static build, without linking anything.

The static build's objects are those of a shared build; the link lines come from a second tree that is only configured
(:mod:`shared_tree`). Each library's symbols are then resolved as its linker would (:mod:`resolve`), and what stays
undefined in sections that survive (:mod:`liveness`) is what the real link would refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from pytest_llvmgate.cmake.cache_entries import read_cache
from pytest_llvmgate.cmake.codemodel import CallSite, Target
from pytest_llvmgate.cmake.ninja_file import LinkEdge
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.linkcheck.driver import Driver, ask_driver
from pytest_llvmgate.linkcheck.link_line import LinkInput, LinkLine, LinkRules, parse_link_line, split_words
from pytest_llvmgate.linkcheck.liveness import live_references
from pytest_llvmgate.linkcheck.resolve import (
    ArchiveInput,
    BuiltLibrary,
    ProvidedBy,
    Resolution,
    Step,
    WholeObjects,
    exported_names,
    offered_as_shared,
    resolve,
)
from pytest_llvmgate.linkcheck.shared_tree import LlvmView, SharedTree
from pytest_llvmgate.linkcheck.version_script import VersionScript, read_version_script
from pytest_llvmgate.objects.archive import Archive
from pytest_llvmgate.objects.elf import Elf, UnreadableObjectError
from pytest_llvmgate.objects.position import is_position_dependent
from pytest_llvmgate.objects.symbols import ObjectSymbols, SymbolReader
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain
from pytest_llvmgate.remembered import remembered

_LINKED_TYPES: Final = ("SHARED_LIBRARY", "MODULE_LIBRARY", "EXECUTABLE")
_SAMPLE: Final = 16
"""Members of an archive that are looked at for position independence: they are compiled alike."""
_IN_ORDER: Final = frozenset({"bfd", "gold", "unknown"})


@dataclass(frozen=True, kw_only=True)
class Missing:
    """An undefined symbol of one link."""

    symbol: str
    """Mangled."""
    users: tuple[str, ...] = ()
    """Object files (or ``archive(member)``) whose kept sections refer to it."""


@dataclass(frozen=True, kw_only=True)
class LinkPrediction:
    """What one library's or program's link would say."""

    target: str
    type: str
    output: str = ""
    """The file that the link makes, relative to the build directory."""
    site: CallSite | None = None
    """Where the project declares it."""
    left_open: tuple[str, ...] = ()
    """Symbols that nothing here defines and the static build's own library leaves open, too: a plugin's, as a rule,
    which the program that loads it has. BUILD_SHARED_LIBS changes nothing about them."""
    missing: tuple[Missing, ...] = ()
    not_found: tuple[str, ...] = ()
    """Names on the link line that no file answers to: CMake knows no such target, or nobody makes the file."""
    not_pic: tuple[Path, ...] = ()
    """Archives of others whose members this shared library takes in, and that are not position-independent."""
    is_refused: bool = True
    """Whether the linker refuses undefined symbols here (``-z defs``, or a program); otherwise they surface later."""
    not_analysed: str = ""
    """Why nothing can be said; empty when something is."""
    uncertain: str = ""
    """Why the answer may be wrong, e.g. a library on the line is not built."""

    @property
    def fails(self) -> bool:
        """Whether the link would fail."""
        return bool(self.not_found or self.not_pic or (self.missing and self.is_refused))


@dataclass
class _Objects:
    """A target's objects in the static tree."""

    paths: list[Path] = field(default_factory=list)
    symbols: list[ObjectSymbols] = field(default_factory=list)
    problem: str = ""


class LinkAnalysis:
    """Reads a static build and a configured shared tree once, and answers for each link.

    In the view of a shared LLVM, archives of LLVM's own stand for the shared libraries that would be made of them.
    """

    def __init__(self, tree: SharedTree, static_dir: Path) -> None:
        self.tree = tree
        self.static_dir = static_dir.absolute()
        self.reader = SymbolReader()
        self.llvm_directories = llvm_library_directories(self.static_dir)
        self._libraries: dict[str, BuiltLibrary] = {}
        self._unreadable: set[Path] = set()
        owners = {
            tree.edges[artifact].output: target
            for artifact, target in tree.model.by_artifact.items()
            if artifact in tree.edges
        }
        self._edges = {target.name: tree.edges[output] for output, target in owners.items()}
        # A versioned library has several names on disk; a link line may use any of them.
        self._by_output = {path: owners[edge.output] for path, edge in tree.edges.items() if edge.output in owners}

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the shared tree that have a link of their own."""
        return tuple(target for target in self.tree.model.of_type(*_LINKED_TYPES) if target.name in self._edges)

    @property
    def libraries(self) -> tuple[Target, ...]:
        """The project's libraries that another link could name, whatever their linkage."""
        return tuple(
            target
            for target in self.tree.model.of_type("SHARED_LIBRARY", "STATIC_LIBRARY")
            if target.name in self._edges
        )

    # -- inputs -----------------------------------------------------------------------------------------------------

    def compiler(self, target: Target) -> Path:
        """The driver that links ``target``. Raises :class:`ToolError` when CMake does not say."""
        compiler = self.tree.model.compilers.get(target.link_language)
        if compiler is None:
            raise ToolError(f"CMake does not say which compiler links {target.name} ({target.link_language})")
        return compiler

    @remembered
    def driver(self, target: Target) -> Driver:
        """What the compiler driver adds to the link of ``target``."""
        # CMake before 4 leaves -shared to its rule, so the codemodel does not show it.
        kind = [] if target.type == "EXECUTABLE" else ["-shared"]
        to_driver = [flag for flag in _words(target, "flags") if flag.startswith(_FOR_DRIVER)]
        return ask_driver(self.compiler(target), (*kind, *to_driver), self.tree.build_dir)

    @remembered
    def line(self, target: Target) -> LinkLine:
        """The link line of ``target`` in the shared tree."""
        words = [word for role in ("flags", "libraryPath", "libraries") for word in _words(target, role)]
        directories = self.driver(target).directories
        return parse_link_line(words, cwd=self.tree.build_dir, system_directories=directories)

    def _inputs(self, target: Target) -> tuple[LinkInput, ...]:
        """With what the driver adds."""
        return (*self.line(target).inputs, *self.driver(target).inputs)

    @remembered
    def objects(self, target: Target) -> _Objects:
        """The objects of ``target``, from the static tree."""
        paths = [self.in_static(path) for path in self._edges[target.name].objects]
        absent = [path for path in paths if not path.is_file()]
        if absent:
            return _Objects(problem=f"{len(absent)} of its {len(paths)} objects are not built, e.g. {absent[0].name}")
        try:
            return _Objects(paths=paths, symbols=[self.reader.object(path) for path in paths])
        except UnreadableObjectError as error:
            return _Objects(problem=f"its objects cannot be read: {error}")

    def in_static(self, path: Path) -> Path:
        """The file of the static tree that corresponds to one of the shared tree."""
        if path.is_relative_to(self.tree.build_dir):
            return self.static_dir / path.relative_to(self.tree.build_dir)
        return path

    def edge(self, target: Target) -> LinkEdge:
        """The link step of ``target`` in the shared tree."""
        return self._edges[target.name]

    def names_on_disk(self, target: Target) -> tuple[Path, ...]:
        """Every name of what ``target`` makes, the links to a versioned file included."""
        return tuple(path for path, owner in self._by_output.items() if owner is target)

    def is_of_project(self, path: Path) -> bool:
        """Whether the project itself makes ``path``."""
        return path in self._by_output

    def project_libraries(self, target: Target) -> tuple[Target, ...]:
        """The project's own shared libraries on the line of ``target``."""
        found = (self._by_output.get(entry.path) for entry in self.line(target).inputs)
        return tuple(dict.fromkeys(other for other in found if other is not None and other.type == "SHARED_LIBRARY"))

    # -- resolution -------------------------------------------------------------------------------------------------

    @remembered
    def resolution(self, target: Target) -> Resolution:
        """How the link of ``target`` resolves."""
        steps = [step for entry in self._inputs(target) for step in self._steps(entry)]
        in_order = self.driver(target).linker in _IN_ORDER
        return resolve(self.objects(target).symbols, steps, in_order=in_order, reader=self.reader)

    def _steps(self, entry: LinkInput) -> Iterable[Step]:
        project = self._by_output.get(entry.path)
        if project is not None and project.type == "SHARED_LIBRARY":
            return (ProvidedBy(entry.path, self.built_library(project).offers),)
        path = entry.path if project is None else self.in_static(entry.path)
        try:
            return self._file_steps(path, entry)
        except (OSError, UnreadableObjectError):
            if entry.found and path.is_file():
                self._unreadable.add(entry.path)
            return ()  # what is not there, _not_found() says

    def _file_steps(self, path: Path, entry: LinkInput) -> Iterable[Step]:
        if entry.is_shared and not path.is_file():
            path = self.twin(path) or path
            return (ProvidedBy(entry.path, partial(offered_as_shared, self.reader.archive(path), self.reader)),)
        if entry.is_shared:
            return (ProvidedBy(entry.path, self.reader.shared(path).intersection),)
        if path.suffix in {".o", ".obj"}:
            return (WholeObjects(path, (self.reader.object(path),)),)
        archive = self.reader.archive(path)
        if self.is_as_shared(path):
            return (ProvidedBy(entry.path, partial(offered_as_shared, archive, self.reader)),)
        if entry.whole:
            members = tuple(self.reader.member(archive, offset) for offset in archive.offsets)
            return (WholeObjects(path, members, archive),)
        return (ArchiveInput(path, archive),)

    def is_as_shared(self, archive: Path) -> bool:
        """Whether an archive stands for the shared library that a shared LLVM has in its place."""
        is_shared = self.tree.view is LlvmView.SHARED or self.tree.over_shared
        return is_shared and any(archive.is_relative_to(prefix) for prefix in self.llvm_directories)

    def twin(self, path: Path) -> Path | None:
        """The archive that stands for a shared library that was never built: beside it, or the static LLVM's."""
        return twin_archive(path, self.llvm_directories if self.tree.over_shared else ())

    def built_library(self, target: Target) -> BuiltLibrary:
        """What the shared library ``target`` would offer once it is linked."""
        if target.name not in self._libraries:
            # Before recursing: CMake allows cycles of static libraries only, but a torn tree must not hang this.
            self._libraries[target.name] = BuiltLibrary(own=frozenset(), reader=self.reader)
            own = exported_names(self.objects(target).symbols)
            script = self._script(target)
            resolution = self.resolution(target)
            pulled = (
                ()
                if self.line(target).rules.exclude_libs or script
                else tuple(
                    (resolution.archives[path], frozenset(members)) for path, members in resolution.pulled.items()
                )
            )
            own = frozenset(filter(script.exports, own)) if script else own
            self._libraries[target.name] = BuiltLibrary(own=own, pulled=pulled, reader=self.reader)
        return self._libraries[target.name]

    def _script(self, target: Target) -> VersionScript | None:
        scripts = self.line(target).rules.version_scripts
        return read_version_script(scripts[0]) if scripts else None

    # -- answers ----------------------------------------------------------------------------------------------------

    def predict(self) -> tuple[LinkPrediction, ...]:
        """The answer for every link of the tree."""
        return tuple(self.predict_link(target) for target in self.targets)

    def predict_link(self, target: Target) -> LinkPrediction:
        """The answer for one link."""
        said = LinkPrediction(
            target=target.name,
            type=target.type,
            output=self.edge(target).output.relative_to(self.tree.build_dir).as_posix(),
            site=target.declared_in(self.tree.model.source_dir),
        )
        objects = self.objects(target)
        if objects.problem:
            return replace(said, not_analysed=objects.problem)
        line = self.line(target)
        is_refused = _refuses(target, line.rules)
        found = self._missing(target)
        left_open = frozenset() if is_refused or not found else self._left_open(target)
        missing = tuple(each for each in found if each.symbol not in left_open)
        return replace(
            said,
            left_open=tuple(each.symbol for each in found if each.symbol in left_open),
            missing=missing,
            not_found=self._not_found(line),
            not_pic=() if target.type == "EXECUTABLE" else tuple(self._not_pic(target)),
            is_refused=is_refused,
            uncertain=self._doubts(line) if missing else "",
        )

    def _left_open(self, target: Target) -> frozenset[str]:
        """What the library that the static build linked by the same name lacks; nothing where there is none."""
        linked = self.in_static(self.edge(target).output)
        try:
            return frozenset(name.decode("utf-8", "replace") for name in self.reader.left_open(linked))
        except (OSError, UnreadableObjectError):
            return frozenset()

    def _missing(self, target: Target) -> tuple[Missing, ...]:
        return self._own_missing(target) + (self._inherited(target) if target.type == "EXECUTABLE" else ())

    def _inherited(self, target: Target) -> tuple[Missing, ...]:
        """What a program misses through the libraries that it links, where their own links let it pass.

        Linkers check this for programs alone (``--no-allow-shlib-undefined``, their default).
        """
        found: dict[str, Missing] = {}
        for library in self.closure(target):
            if _refuses(library, self.line(library).rules):
                continue  # that link fails first
            for name in self.incomplete(target, library):
                symbol = name.decode("utf-8", "replace")
                found.setdefault(symbol, Missing(symbol=symbol, users=(f"lib{library.name}",)))
        return tuple(found.values())

    def incomplete(self, target: Target, library: Target) -> set[bytes]:
        """What ``library`` misses and nothing in the link of the program ``target`` has either."""
        left = {missing.symbol.encode() for missing in self._own_missing(library)}
        left -= self.resolution(target).defined
        left -= self.resolution(target).undefined  # the program's own want, which it misses by itself
        for other in self.closure(target):
            if left:
                left -= self.built_library(other).offers(left)
        for step in (step for entry in self._inputs(target) for step in self._steps(entry)):
            if left and isinstance(step, ProvidedBy):
                left -= step.offers(left)
            elif left and isinstance(step, ArchiveInput):
                left -= step.archive.index.keys()
        return left

    def closure(self, target: Target) -> tuple[Target, ...]:
        """The project's shared libraries that ``target`` links, directly or through others."""
        found: dict[str, Target] = {}
        waiting = list(self.project_libraries(target))
        while waiting:
            library = waiting.pop()
            if library.name not in found and library is not target:
                found[library.name] = library
                waiting.extend(self.project_libraries(library))
        return tuple(found.values())

    @remembered
    def _own_missing(self, target: Target) -> tuple[Missing, ...]:
        if self.objects(target).problem:
            return ()
        resolution = self.resolution(target)
        wanted = frozenset(resolution.undefined)
        if not wanted:
            return ()
        labels, inputs = self._askers(target, resolution, wanted)
        users = live_references(
            inputs, wanted, gc_sections=self.line(target).rules.gc_sections, is_root=self._roots(target).__contains__
        )
        return tuple(
            Missing(symbol=name.decode("utf-8", "replace"), users=tuple(labels[index] for index in users[name]))
            for name in sorted(users)
        )

    def _askers(self, target: Target, resolution: Resolution, wanted: frozenset[bytes]) -> tuple[list[str], list[Elf]]:
        """The target's objects, and the archive members that ask for a wanted name themselves."""
        labels, inputs = [], []
        for path in self.objects(target).paths:
            labels.append(str(path.relative_to(self.static_dir)) if path.is_relative_to(self.static_dir) else str(path))
            inputs.append(Elf(read_plain(path, LARGEST_MADE)))
        for path, members in resolution.pulled.items():
            archive = resolution.archives[path]
            for offset in sorted(members):
                if wanted & self.reader.member_undefined(archive, offset):
                    labels.append(f"{path.name}({archive.member_name(offset)})")
                    inputs.append(archive.member(offset))
        return labels, inputs

    def _roots(self, target: Target) -> frozenset[bytes]:
        """The symbols that keep their sections under ``--gc-sections``."""
        is_program = target.type == "EXECUTABLE" and not self.line(target).rules.export_dynamic
        exported = frozenset() if is_program else exported_names(self.objects(target).symbols)
        script = self._script(target)
        if script is not None:
            exported = frozenset(filter(script.exports, exported))
        return exported | {b"main" if target.type == "EXECUTABLE" else b""}

    def _not_pic(self, target: Target) -> Iterator[Path]:
        """The project's own archives are compiled for the shared build as it asks; others' are as they are."""
        resolution = self.resolution(target)
        taken = {path: (resolution.archives[path], members) for path, members in resolution.pulled.items()}
        for entry in self._inputs(target):
            for step in self._steps(entry):
                if isinstance(step, WholeObjects) and step.archive is not None:
                    taken[step.path] = step.archive, {*step.archive.offsets}
        for path, (archive, members) in taken.items():
            outside = not path.is_relative_to(self.static_dir) and not path.is_relative_to(self.tree.build_dir)
            if outside and self._has_position_dependent(archive, members):
                yield path

    def is_position_dependent(self, archive: Path, names: Iterable[bytes]) -> bool:
        """Whether the members of an archive that define some names are not position-independent."""
        read = self.reader.archive(archive)
        return self._has_position_dependent(read, {read.index[name] for name in names if name in read.index})

    def _has_position_dependent(self, archive: Archive, members: set[int]) -> bool:
        return any(self._is_position_dependent(archive, offset) for offset in sorted(members)[:_SAMPLE])

    @remembered
    def _is_position_dependent(self, archive: Archive, offset: int) -> bool:
        return is_position_dependent(archive.member(offset))

    def _not_found(self, line: LinkLine) -> tuple[str, ...]:
        absent = []
        for entry in line.inputs:
            if entry.found or entry.path in self._by_output or self.twin(entry.path) is not None:
                continue
            absent.append(str(entry.path) if entry.path.name.startswith("-l") else entry.path.name)
        return tuple(dict.fromkeys(absent))

    def _doubts(self, line: LinkLine) -> str:
        """Libraries on the line whose symbols are not known."""
        doubtful = []
        unreadable = [entry.path.name for entry in line.inputs if entry.path in self._unreadable]
        for entry in line.inputs:
            project = self._by_output.get(entry.path)
            if project is not None and project.type == "SHARED_LIBRARY" and self.objects(project).problem:
                doubtful.append(project.name)
        said = [f"not built: {', '.join(doubtful)}"] if doubtful else []
        said += [f"not readable: {', '.join(unreadable)}"] if unreadable else []
        return "; ".join(said)


def _words(target: Target, role: str) -> list[str]:
    return split_words(fragment.text for fragment in target.link if fragment.role == role)


_FOR_DRIVER: Final = (
    *("-fuse-ld", "--ld-path", "-m", "--target", "-stdlib", "-fsanitize", "-static", "-nostd", "-nodefault"),
    *("-pthread", "--sysroot", "-rtlib", "-unwindlib", "--gcc-toolchain", "-B"),
)
"""Flags that change what the driver adds: linker, machine, standard library, sanitizers."""


def _refuses(target: Target, rules: LinkRules) -> bool:
    if rules.tolerates_undefined:
        return False
    return target.type == "EXECUTABLE" or rules.no_undefined


def twin_archive(path: Path, directories: Sequence[Path] = ()) -> Path | None:
    """The static archive for a shared library that was never built, beside it or elsewhere: libX.so.22 and libX.a."""
    stem = path.name.partition(".so")[0]
    if path.name == stem:
        return None
    twins = (directory / f"{stem}.a" for directory in (path.parent, *directories))
    return next((twin for twin in twins if twin.is_file()), None)


def llvm_library_directories(build_dir: Path) -> tuple[Path, ...]:
    """LLVM's and MLIR's library directories, from the packages that ``build_dir``'s cache names."""
    cache = read_cache(build_dir)
    entries = (cache.get(f"{package}_DIR") for package in ("LLVM", "MLIR"))
    # <prefix>/lib/cmake/<package>
    found = (Path(entry.value).parent.parent for entry in entries if entry is not None and entry.value)
    return tuple(dict.fromkeys(directory for directory in found if directory.is_dir()))


def library_names(directories: Iterable[Path]) -> frozenset[str]:
    """Names of the libraries in some directories, as a link line says them: without ``lib`` and suffix."""
    return frozenset(
        path.name.removeprefix("lib").partition(".")[0]
        for directory in directories
        for path in directory.glob("lib*")
        if path.suffix in {".a", ".so"}
    )
