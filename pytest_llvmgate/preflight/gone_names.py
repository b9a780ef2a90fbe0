"""preflight: names of LLVM that a downstream uses and that the candidate no longer has, before anything is configured.

A name is reported when the candidate lacks it *and* the baseline has it: that difference removes what only looks like
a name of LLVM. Without a baseline the answer is limited to what is certain enough by itself, and says so.
"""

from __future__ import annotations

import itertools
import posixpath
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from pytest_llvmgate.kinds import catalogue as kinds
from pytest_llvmgate.kinds.facts import NAME_KIND, NOT_FROM_THIS_BUMP, PREDICTED_BY, SUCCESSOR
from pytest_llvmgate.model import Confidence, Finding, Layer, Location
from pytest_llvmgate.owners.by_tree import Layers
from pytest_llvmgate.owners.file_owners import belongs_elsewhere
from pytest_llvmgate.preflight.asked_versions import refused_versions
from pytest_llvmgate.preflight.bindings import is_of_bindings, without_bindings
from pytest_llvmgate.preflight.build_facts import check_toolchain
from pytest_llvmgate.preflight.conditions import holds_for
from pytest_llvmgate.preflight.guards import guarded, provides_for
from pytest_llvmgate.preflight.llvm_view import KnownLlvm
from pytest_llvmgate.preflight.switched_off import BuiltParts
from pytest_llvmgate.preflight.tablegen import (
    TablegenResult,
    find_calls,
    own_include_directories,
    run_tablegen,
    tablegen_findings,
)
from pytest_llvmgate.preflight.usage import (
    NameKind,
    Usage,
    Use,
    as_installed,
    include_uses,
    scan,
    unread_note,
    with_cmake_guards,
)
from pytest_llvmgate.preflight.versioned_includes import versioned_includes
from pytest_llvmgate.surface.file_tree import DirectoryTree, SourceTree
from pytest_llvmgate.surface.generated_headers import generated_headers
from pytest_llvmgate.surface.known_changes import moved_header
from pytest_llvmgate.surface.likeness import words_of
from pytest_llvmgate.surface.provided import Provided
from pytest_llvmgate.surface.successors import Successor, Successors
from pytest_llvmgate.wording import counted

_SHOWN_USES: Final = 5
_TOLD: Final = {
    NameKind.HEADER: ("header", kinds.HEADER_MISSING),
    NameKind.LIBRARY: ("library", kinds.LIBRARY_MISSING),
    NameKind.COMPONENT: ("LLVM component", kinds.LIBRARY_MISSING),
    NameKind.COMMAND: ("CMake command", kinds.CMAKE_COMMAND_MISSING),
    NameKind.MODULE: ("CMake module", kinds.CMAKE_MODULE_MISSING),
    NameKind.GENERATOR: ("tablegen generator", kinds.TOOL_OPTION),
    NameKind.PROGRAM: ("program", kinds.TOOL_MISSING),
}
"""In words, and as what kind of finding."""
_GENERATED_TARGETS: Final = ("IncGen", "DocGen")
"""Utility targets that ``add_mlir_dialect`` and ``add_mlir_doc`` of AddMLIR make in whichever project calls them."""
_TAKEN: Final = (".td", ".h", ".hpp", ".hh", ".hxx", ".inc", ".def")
_RETIRED_WORDS: Final = frozenset(
    ["arithmetic", "avx", "buffer", "copy", "edsc", "mesh", "nvvmir", "rocdlir", "sdbm", "std", "vulkan"]
)
"""Words of MLIR's libraries of the past that no library of today has. One with another word is somebody else's
dialect (``MLIRJeff``), from a package that the project takes.
"""
_PRIVATE: Final = re.compile(r"(?:llvm|mlir|clang|lld)/(?:lib|tools|utils|unittests|test)/")
"""Headers that LLVM's own sources keep to themselves: builds of all in one include them, and no install has them."""
_FOUND: Final = re.compile(r"(?!(?:LLVM|MLIR|CLANG|LLD)_FOUND$)\w+_FOUND", re.IGNORECASE)
_LLVM_ROOTS: Final = ("llvm", "mlir", "llvm-c", "mlir-c")
_SUBPROJECT_ROOTS: Final = frozenset({"clang", "clang-c", "lld", "polly", "flang"})
"""Directories of headers of LLVM's other projects, each of which an install may be without."""


@dataclass(frozen=True, kw_only=True)
class Gone:
    """A name that is used and that the candidate does not have."""

    kind: NameKind
    name: str
    uses: tuple[Use, ...]
    successors: tuple[Successor, ...] = ()
    at_baseline: bool = True
    """Known to be there at the baseline; False when no baseline was given."""
    provider: str = "LLVM"
    """Who should offer it: ``LLVM``, or a component's name."""

    @property
    def unguarded(self) -> tuple[Use, ...]:
        """The uses that no condition provides for."""
        return tuple(use for use in self.uses if not provides_for(use.guards, self.name))


@dataclass(frozen=True, kw_only=True)
class PreflightResult:
    """What preflight found."""

    gone: tuple[Gone, ...]
    files: int
    """Files of the downstream that were looked at."""
    names: int
    """Names of LLVM in use that were checked."""
    seconds: float
    """Wall time of the names and the toolchain, without TableGen."""
    candidate: str
    baseline: str = ""
    tablegen: TablegenResult | None = None
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    usage: Usage | None = field(default=None, repr=False)
    """All that the downstream uses."""

    @property
    def fails(self) -> bool:
        """Whether something is gone that nothing provides for, or TableGen or the toolchain says no."""
        return bool(self.counting)

    @property
    def counting(self) -> tuple[Finding, ...]:
        """The findings that speak against the candidate: neither guesses nor what the baseline has, too."""
        return tuple(
            finding
            for finding in self.findings
            if finding.confidence is not Confidence.GUESS and NOT_FROM_THIS_BUMP not in finding.facts
        )


@dataclass(frozen=True, kw_only=True)
class ComponentView:
    """What a component offers to the downstream, now and at the baseline."""

    name: str
    directory: str
    """Below the downstream's root."""
    now: Provided
    before: Provided | None = None
    """Who does not know it can tell a header that is gone only from a root that nobody else has."""


def run_preflight(
    tree: SourceTree,
    *,
    candidate: KnownLlvm,
    baseline: KnownLlvm | None = None,
    components: Sequence[ComponentView] = (),
    renames: Mapping[str, str] | None = None,
    layers: Layers | None = None,
    wanted: Mapping[str, Mapping[str, str]] | None = None,
    tablegen_jobs: int = 0,
    usage: Usage | None = None,
    top: str = "",
) -> PreflightResult:
    """Check every name of LLVM that ``tree`` uses against ``candidate``.

    ``components`` are checked for the headers that they offer. ``renames`` are include paths that git knows to have
    moved. ``layers`` tells whose file a use is in; an LLVM among them is left out. ``wanted`` are the cache values that
    each configuration asks for, by its name. With ``tablegen_jobs``, the candidate's mlir-tblgen is run over the tree's
    ``.td`` files, where both are on disk. ``usage`` is what an earlier run found that ``tree`` uses. ``top`` is the
    directory in which CMake begins.
    """
    started = time.monotonic()
    layers = layers or Layers(root=Path(tree.label))
    usage = usage or scan(tree, skip=layers.llvms)
    before = baseline.provided if baseline else None
    built = BuiltParts(usage.listfiles, list((wanted or {"": {}}).values()), candidate.variables, top)
    check = _Check(tree, usage, candidate.provided, before, dict(renames or {}), built, tuple(components))
    gone = (*check.headers(), *check.cmake(), *(item for view in components for item in check.component(view)))
    findings = [_finding(item, layers) for item in gone if item.unguarded]
    findings += without_bindings(usage, candidate.provided, built, layers)
    major = built.known.get("LLVM_VERSION_MAJOR", "")
    findings += versioned_includes(check.includes_of_others(), check.in_what_is_built, layers, major)
    findings += refused_versions(usage, built, layers, candidate.variables.get("LLVM_PACKAGE_VERSION", ""))
    told = {item.name for item in gone if item.kind is NameKind.PROGRAM}
    findings += _toolchain(usage, candidate, baseline, layers, wanted=wanted or {"": {}}, told=told)
    names_done = time.monotonic()
    tablegen = _tablegen(check, candidate, baseline, tablegen_jobs)
    findings += tablegen_findings(tablegen, layers) if tablegen is not None else []
    return PreflightResult(
        gone=gone,
        files=usage.files,
        names=check.checked,
        seconds=names_done - started,
        candidate=candidate.provided.label,
        baseline=before.label if before else "",
        tablegen=tablegen,
        notes=(*filter(None, [unread_note(usage)]), *_notes(gone, baseline, check.off)),
        findings=tuple(findings),
        usage=usage,
    )


def _toolchain(
    usage: Usage,
    candidate: KnownLlvm,
    baseline: KnownLlvm | None,
    layers: Layers,
    *,
    wanted: Mapping[str, Mapping[str, str]],
    told: Set[str],
) -> list[Finding]:
    """What the toolchain's settings mean for each configuration; the same finding of several is one. ``told`` are
    programs that are gone.
    """
    if candidate.facts is None:
        return []
    merged: dict[tuple[str, str], Finding] = {}
    for configuration, values in wanted.items():
        for finding in check_toolchain(
            candidate.facts,
            usage=usage,
            provided=candidate.provided,
            layers=layers,
            baseline=baseline.facts if baseline else None,
            wanted=values,
            configuration=configuration,
            told=told,
        ):
            key = finding.kind, finding.headline
            before = merged[key].configurations if key in merged else ()
            merged[key] = replace(finding, configurations=(*before, *finding.configurations))
    return list(merged.values())


def _tablegen(check: _Check, candidate: KnownLlvm, baseline: KnownLlvm | None, jobs: int) -> TablegenResult | None:
    """Run TableGen, where there is a program and files on disk to run it on."""
    if not jobs or candidate.tblgen is None or not isinstance(check.tree, DirectoryTree):
        return None
    calls, skipped = find_calls(check.built, check.tree.root)
    own = own_include_directories(check.usage, check.tree.root)
    before = (baseline.tblgen, [*own, *baseline.include_dirs]) if baseline and baseline.tblgen else None
    return run_tablegen(
        calls, candidate.tblgen, [*own, *candidate.include_dirs], baseline=before, skipped=skipped, jobs=jobs
    )


def _live(use: Use, holds: Callable[[str], bool]) -> Use:
    """The use without the conditions that are met with the candidate: they provide for other LLVMs."""
    return replace(use, guards=tuple(guard for guard in use.guards if not holds(guard)))


@dataclass
class _Check:
    """One downstream against one candidate."""

    tree: SourceTree
    usage: Usage
    candidate: Provided
    baseline: Provided | None
    renames: dict[str, str]
    built: BuiltParts
    components: tuple[ComponentView, ...] = ()
    checked: int = 0
    off: dict[str, str] = field(default_factory=dict)
    """Names that are gone and that only parts use which are switched off, with the condition."""

    # -- headers ----------------------------------------------------------------------------------------------------

    def headers(self) -> Iterator[Gone]:
        """Includes of LLVM's headers."""
        if self.baseline is None:
            roots = {*_LLVM_ROOTS, *(_SUBPROJECT_ROOTS & {path.split("/")[0] for path in self.candidate.headers})}
            wanted = {path: files for path, files in self.usage.includes.items() if path.split("/")[0] in roots}
            absent = {path: files for path, files in wanted.items() if self._is_surely_gone(path)}
        else:
            known = self.baseline.headers
            wanted = {path: files for path, files in self.usage.includes.items() if as_installed(path) in known}
            absent = {path: files for path, files in wanted.items() if not self._may_have(self.candidate, path)}
        self.checked += len(wanted)
        ranking = self._successors("headers")
        for path, uses in self.in_what_is_built(absent):
            yield Gone(
                kind=NameKind.HEADER,
                name=path,
                uses=uses,
                successors=ranking.of_header(as_installed(path)),
                at_baseline=self.baseline is not None,
            )

    def includes_of_others(self) -> dict[str, Sequence[str]]:
        """The includes that no file of the project's own answers."""
        return {path: files for path, files in self.usage.includes.items() if not self._is_own(path)}

    def in_what_is_built(self, absent: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, tuple[Use, ...]]]:
        """The includes of absent headers in what is built, with their lines and conditions."""
        major = self.built.known.get("LLVM_VERSION_MAJOR", "")
        version = int(major) if major.isdecimal() else None
        for path, uses in sorted(include_uses(self.tree, absent).items()):
            if found := self._without_off(path, uses):
                yield path, tuple(_live(use, lambda guard: holds_for(guard, version) is True) for use in found)

    def _without_off(self, name: str, uses: Iterable[Use]) -> tuple[Use, ...]:
        reasons = {use: self._off(use.file, use.guards, frozenset()) or self._sought(use) for use in uses}
        if reasons and all(reasons.values()):
            self.off[name] = next(iter(reasons.values()))
        return tuple(use for use, reason in reasons.items() if not reason)

    def _off(self, file: str, guards: Sequence[str], above: Set[str]) -> str:
        """Why no configuration builds a file. What is only included, or named for TableGen, is built with what does so;
        what nobody in sight takes, anybody may.
        """
        reason = self.built.off(file, guards)
        if reason or file in above:
            return reason
        reasons = (self._off(use.file, use.guards, {*above, file}) for use in self._takers(file))
        first = next(reasons, "")  # one taker that is built decides: the others are not followed
        return first if first and all(reasons) else ""

    def _sought(self, use: Use) -> str:
        """The condition around a use that asks what the project itself may have found: ``if(MY_BACKEND_FOUND)``."""
        own = (guard for guard in use.guards if _FOUND.fullmatch(guard) and guard in self.usage.declared)
        return next((guard for guard in own if not self.built.holds(use.file, (guard,))), "")

    def _takers(self, file: str) -> Iterator[Use]:
        """Who includes a header, or a TableGen file; and the commands that name the latter."""
        if not file.endswith(_TAKEN):
            return
        for path in self._includes_by_name.get(posixpath.basename(file), ()):
            if f"/{file}".endswith(f"/{path}") or path.startswith("."):
                yield from (Use(taker, 0) for taker in self.usage.includes[path] if taker != file)
        for word, use in self._definitions_by_name.get(posixpath.basename(file), ()):
            if self._names_file(use.file, word, file):
                yield use

    def _names_file(self, listfile: str, word: str, file: str) -> bool:
        """Whether a word of a CMake file means a file: the one beside, else any with that end."""
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(listfile), word))
        end = word.rpartition("}")[2].lstrip("/")
        return beside == file if beside in self.usage.own_files else bool(end) and f"/{file}".endswith(f"/{end}")

    @cached_property
    def _includes_by_name(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for path in self.usage.includes:
            found.setdefault(posixpath.basename(path), []).append(path)
        return found

    @cached_property
    def _definitions_by_name(self) -> Mapping[str, Sequence[tuple[str, Use]]]:
        """Words of CMake files that name a TableGen file, and where, by the file's name."""
        found: dict[str, list[tuple[str, Use]]] = {}
        for listfile, commands in self.usage.listfiles.items():
            for command, guards in guarded(commands):
                for word in command.words:
                    if word.endswith(".td"):
                        name = posixpath.basename(word.rpartition("}")[2])
                        found.setdefault(name, []).append((word, Use(listfile, command.line, guards)))
        return found

    @staticmethod
    def _may_have(provided: Provided, path: str) -> bool:
        header = as_installed(path)
        return header in provided.headers or (header.endswith(".inc") and provided.may_generate(header))

    def _is_surely_gone(self, path: str) -> bool:
        """Without a baseline: neither LLVM nor the downstream itself has, or may generate, this path."""
        if self._may_have(self.candidate, path) or path.endswith(".inc") or _PRIVATE.match(path):
            return False
        return not self._is_own(path) and not self._is_made_in(f"{posixpath.dirname(path)}/")

    def _is_made_in(self, directory: str) -> bool:
        """Whether a directory of includes is the downstream's and not LLVM's: what is not there is generated there."""
        is_theirs = any(header.startswith(directory) for header in self.candidate.headers)
        return not is_theirs and any(f"/{directory}" in f"/{name}" for name in self.usage.own_files)

    # -- CMake ------------------------------------------------------------------------------------------------------

    def cmake(self) -> Iterator[Gone]:
        """Names in CMake files. Without a baseline nobody can tell whose they are, but for LLVM's components."""
        usage, declared = self.usage, self.usage.declared
        yield from self._names(NameKind.LIBRARY, usage.words, "libraries", declared)
        yield from self._names(NameKind.PROGRAM, usage.words, "programs", declared)
        yield from self._names(NameKind.COMPONENT, usage.components, "components", frozenset())
        yield from self._names(NameKind.COMMAND, usage.commands, "commands", declared)
        yield from self._names(NameKind.MODULE, usage.modules, "modules", frozenset())
        yield from self._names(NameKind.GENERATOR, usage.generators, "generators", frozenset())

    def _names(
        self, kind: NameKind, used: Mapping[str, Iterable[Use]], attribute: str, declared: Iterable[str]
    ) -> Iterator[Gone]:
        now: frozenset[str] = getattr(self.candidate, attribute)
        if self.baseline is None:
            words = {*_RETIRED_WORDS, *itertools.chain.from_iterable(map(words_of, now))}
            known = {name for name in used if _is_llvm_library(kind, name) and words.issuperset(words_of(name))}
        else:
            known = used.keys() & getattr(self.baseline, attribute)
        if not now:  # e.g. no mlir-tblgen to ask: nothing can be said
            return
        own = set(declared)
        self.checked += len(known)
        ranking = self._successors(attribute)
        for name in sorted(known - now - own):
            uses = self._without_off(name, with_cmake_guards(self.usage, used[name]))
            uses = tuple(_live(use, partial(self._holds, use.file)) for use in uses)
            if uses and not is_of_bindings(name, self.built.known):
                yield Gone(
                    kind=kind,
                    name=name,
                    uses=uses,
                    successors=ranking.of_name(name),
                    at_baseline=self.baseline is not None,
                )

    def _holds(self, file: str, guard: str) -> bool:
        return self.built.holds(file, (guard,))

    def _successors(self, attribute: str) -> Successors:
        now: frozenset[str] = getattr(self.candidate, attribute)
        before: frozenset[str] = getattr(self.baseline, attribute) if self.baseline else frozenset()
        return Successors(new=now - before if before else frozenset(), all=now, renames=self.renames)

    # -- components -------------------------------------------------------------------------------------------------

    def component(self, view: ComponentView) -> Iterator[Gone]:
        """Includes of a component's headers, outside of the component: inside, it knows best what it generates."""
        before = view.before.headers if view.before else None
        may_be = before.__contains__ if before is not None else self._is_nobody_else_s(view)
        inside = f"{view.directory}/"
        absent = {}
        for path, files in self.usage.includes.items():
            outside = [file for file in files if not file.startswith(inside)]
            if not outside or "/" not in path or not may_be(path):
                continue
            self.checked += 1
            if not self._offered(path):
                absent[path] = outside
        ranking = Successors(new=view.now.headers - (before or frozenset()), all=view.now.headers)
        for path, uses in self.in_what_is_built(absent):
            yield Gone(
                kind=NameKind.HEADER,
                name=path,
                uses=uses,
                successors=ranking.of_header(path),
                at_baseline=before is not None,
                provider=view.name,
            )

    def _is_nobody_else_s(self, view: ComponentView) -> Callable[[str], bool]:
        """Without the component's own past: whether a path begins with a directory that nobody else has.

        Not the downstream, not another component, not LLVM: and nothing in sight may generate it.
        """
        inside = f"{view.directory}/"
        elsewhere = {
            part for file in self.usage.own_files if not file.startswith(inside) for part in file.split("/")[:-1]
        }
        others = [self.candidate, *(other.now for other in self.components if other is not view)]
        elsewhere |= {header.partition("/")[0] for other in others for header in other.headers}
        roots = {header.partition("/")[0] for header in view.now.headers if "/" in header} - elsewhere
        return lambda path: path.partition("/")[0] in roots and not self._may_be_generated(path)

    def _may_be_generated(self, path: str) -> bool:
        """Whether a build may make the file: a file of the same stem lies where it would (``a.proto``, ``a.h.in``)."""
        stem = _stem(path)
        alike = self._own_by_stem.get(stem.rpartition("/")[2], ())
        return path.endswith(".inc") or any(f"/{_stem(name)}".endswith(f"/{stem}") for name in alike)

    def _offered(self, path: str) -> bool:
        """Whether anybody has the header: a component, LLVM, or the downstream itself."""
        path = as_installed(path)
        return any(
            self._may_have(other, path) for other in (self.candidate, *(view.now for view in self.components))
        ) or self._is_own(path)

    def _is_own(self, path: str) -> bool:
        alike = self._own_by_stem.get(_stem(path).rpartition("/")[2], ())
        return any(f"/{name}".endswith(f"/{path}") for name in alike)

    @cached_property
    def _own_by_stem(self) -> Mapping[str, Sequence[str]]:
        """The files of the tree by their names up to the first dot."""
        found: dict[str, list[str]] = {}
        for name in self.usage.own_files:
            found.setdefault(_stem(name).rpartition("/")[2], []).append(name)
        return found


def _stem(path: str) -> str:
    """A path up to the first dot of its last part."""
    directory, slash, name = path.rpartition("/")
    return f"{directory}{slash}{name.partition('.')[0]}"


def _is_llvm_library(kind: NameKind, name: str) -> bool:
    if name.endswith(_GENERATED_TARGETS) or "." in name:  # a source file, or a part of somebody's Python package
        return False
    return kind is NameKind.LIBRARY and name.startswith("MLIR") and name[4:5].isupper() and not name.isupper()


# -- saying it ----------------------------------------------------------------------------------------------------


def _notes(gone: Sequence[Gone], baseline: KnownLlvm | None, off: Mapping[str, str]) -> Iterator[str]:
    guarded = [item for item in gone if not item.unguarded]
    if guarded:
        yield "gone, and provided for by a condition everywhere: " + ", ".join(item.name for item in guarded)
    if off:
        listed = ", ".join(f"{name} ({condition})" for name, condition in sorted(off.items()))
        yield f"gone, and used only in what no configuration builds: {listed}"
    if baseline is None:
        yield (
            "no baseline is at hand: names that LLVM once had cannot be told from the project's own, so only headers "
            "of LLVM and names of the form MLIR... are checked"
        )


def _finding(item: Gone, layers: Layers) -> Finding:
    uses = item.unguarded
    places = [layers.root / use.file for use in uses]
    owners = [layers.of(place) for place in places]
    # The downstream's own uses say whose fault it is: a component's are mended in the component.
    layer, component = next((owner for owner in owners if owner[0] is Layer.DOWNSTREAM), owners[0])
    return Finding(
        kind=_TOLD[item.kind][1],
        identifier=item.name,
        headline=_headline(item, uses),
        layer=layer,
        component=component,
        locations=tuple(layers.location(place, use.line) for place, use in zip(places, uses, strict=True))[
            : _SHOWN_USES * 4
        ],
        evidence=tuple(_evidence(item, uses)),
        sites=len(uses),
        confidence=Confidence.CERTAIN if item.at_baseline else Confidence.LIKELY,
        advice=tuple(_advice(item, component)),
        facts={PREDICTED_BY: "preflight", NAME_KIND: item.kind.value}
        | ({SUCCESSOR: item.successors[0].name} if item.successors else {}),
    )


def _headline(item: Gone, uses: Sequence[Use]) -> str:
    files = len({use.file for use in uses})
    what = "is gone from" if item.at_baseline else "is not in"
    return f"{_TOLD[item.kind][0]} '{item.name}' {what} {item.provider} and used in {counted(files, 'file')}"


def _evidence(item: Gone, uses: Sequence[Use]) -> Iterator[str]:
    for use in uses[:_SHOWN_USES]:
        only = f" (only if {' and '.join(use.guards)})" if use.guards else ""
        yield f"{Location(path=use.file, line=use.line)}: uses {item.name}{only}"
    if len(uses) > _SHOWN_USES:
        yield f"... and {len(uses) - _SHOWN_USES} more"


def _advice(item: Gone, component: str) -> Iterator[str]:
    if item.successors:
        first = item.successors[0]
        if first.certain:
            yield f"{first.how}: '{first.name}'"
        else:
            yield "perhaps now: " + ", ".join(f"'{successor.name}'" for successor in item.successors)
    elif item.kind is NameKind.HEADER and (moved := moved_header(as_installed(item.name))):
        yield moved
    if component:
        yield belongs_elsewhere(component)


def component_views(
    layers: Layers, before: Callable[[str], SourceTree | None] = lambda _: None
) -> Iterator[ComponentView]:
    """What the components that are checked out offer, LLVM itself aside.

    ``before`` gives the tree at the baseline of the component that lies in a directory below the downstream's root.
    """
    for component in layers.components:
        if not component.is_llvm and component.is_there:
            directory = layers.name(component.path)
            past = before(directory)
            yield ComponentView(
                name=component.name,
                directory=directory,
                now=component_provided(component.name, DirectoryTree(component.path)),
                before=component_provided(component.name, past) if past else None,
            )


def component_provided(name: str, tree: SourceTree) -> Provided:
    """What a component's tree offers: every header, seen from its root and from each ``include`` directory."""
    names = tree.names(())
    lists = dict(tree.read([file for file in names if file.endswith("CMakeLists.txt")]))
    headers: set[str] = set()
    unknown: set[str] = set()
    for root in ("", "include/"):
        made, doubtful = generated_headers(lists, names, (root,))
        headers |= made | {file[len(root) :] for file in names if file.startswith(root)}
        unknown |= doubtful
    return Provided(label=name, headers=frozenset(headers), unknown_generated=frozenset(unknown))
