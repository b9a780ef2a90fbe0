"""Pins inside components: through gitlinks and through files that name another project's commit, to any depth.

A component whose commits are at hand is looked at like a project of its own, and what leads there is what it is on. Of
one that is not, the layout of the known projects is proposed, with the command that brings its commits.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.settings import HopSpec, PinSpec
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import resolve, shortened
from pytest_llvmgate.pins.known import Project, component_of, project_named
from pytest_llvmgate.pins.places import CONSUMERS, Gap, Place, TreePins, look_at, rank, speaks_of_llvm
from pytest_llvmgate.pins.readers import GITLINK, Mention, is_llvm_file, read_with, readers_for, said_by
from pytest_llvmgate.pins.syntax.found import TAG, is_commit
from pytest_llvmgate.pins.tree_view import TreeView
from pytest_llvmgate.printable import shell_word
from pytest_llvmgate.upstream.whose import LLVM, is_llvm_url, repository_name

_SET_UP: Final = re.compile(r"^(?:\.?ci|\.github|\.gitlab)/(?:[^/]{1,100}/){0,3}[^/]{1,100}\.(?:sh|bash|ps1)$")
"""A script that CI and developers share: where nothing else names a component's commit, it is what brings it."""
_DEEPEST: Final = 5
"""Components in components."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a tree comes to LLVM: a pin as the tree itself would describe it, and where that was seen."""

    spec: PinSpec
    evidence: str
    known_only: bool = False
    """Nobody looked: it is where the project writes it as far as is known."""


@dataclass
class Clones:
    """The clones at hand of repositories that files name, and of submodules that are not initialised."""

    root: Path
    named: Mapping[str, Path] = field(default_factory=dict)
    """Name, path or ``owner/name`` to the clone that the user named."""

    def of(self, *names: str) -> Repository | None:
        """The clone of the repository of one of those names: as the user said, else beside the project."""
        for name in filter(None, names):
            for directory in (self.named.get(name), self.named.get(repository_name(name)), self._beside(name)):
                if directory is not None and directory.is_dir():
                    try:
                        return Repository.open(directory, bare=True)
                    except GateError:
                        continue
        return None

    def where(self, name: str) -> str:
        """The clone's path as the configuration says it."""
        base = repository_name(name)
        named = self.named.get(name) or self.named.get(base)
        return str(named) if named else f"../{base}"

    def _beside(self, name: str) -> Path | None:
        base = repository_name(name)
        beside = self.root.parent / base
        return beside if base not in {"", "."} and beside != self.root and (beside / ".git").exists() else None


def submodule_ways(view: TreeView, clones: Clones, depth: int = 0) -> Iterator[tuple[str, str, Way | None]]:
    """Path, URL and way of every submodule that is not LLVM itself; no way where nothing shows one."""
    for path, commit in view.gitlinks.items():
        url = view.url_of(path)
        if is_llvm_url(url, path):
            continue
        known = project_named(repository_name(url)) or project_named(repository_name(path))
        inner = _inside(view, path, commit, clones)
        way = _way_of(inner[0], known, clones, depth + 1) if inner else None
        if way and inner and not inner[1]:
            way = replace(
                way, evidence=f"{way.evidence}; not initialised: git submodule update --init {shell_word(path)}"
            )
        if way is None and inner is None and known:
            why = f"the submodule {path} comes from {url or known.upstream}; not initialised, so not looked into"
            way = _known_way(known, why, view)
        yield path, url, way


def _inside(view: TreeView, path: str, commit: str, clones: Clones) -> tuple[TreeView, bool] | None:
    """The component at the gitlink's commit, and whether it is the submodule's own clone that has it."""
    stores = view.repository.submodule_stores(path, view.modules.values())
    for store in stores:
        if store.has_commit(commit):
            return TreeView(repository=store, commit=commit), True
    clone = clones.of(path, repository_name(view.url_of(path)))
    if clone and clone.has_commit(commit):
        return TreeView(repository=clone, commit=commit), False
    return None


def _way_of(view: TreeView, known: Project | None, clones: Clones, depth: int = 0) -> Way | None:
    """How a component comes to LLVM: by its own leading pin, else through its own components."""
    if depth > _DEEPEST:
        return None
    for spec in known.pins if known else ():
        if spec.name == LLVM and not spec.through and (found := _try(view, spec)):
            return found
    for path in view.gitlinks:
        if is_llvm_url(view.url_of(path), path):
            spec = PinSpec(name=LLVM, file=path, reader=GITLINK)
            return Way(spec=spec, evidence=f"the gitlink {path} names {view.gitlinks[path][:12]}")
    if not known and not _may_use_llvm(view):
        return None
    seen = look_at(view)
    own = next((place for place in seen.own if not place.group and rank(place)[0] < CONSUMERS), None)
    if own is not None:
        return Way(spec=own.spec, evidence=f"{own.file}:{own.line} names {shortened(own.says)}")
    ways = [replace(way, spec=below(path, way.spec)) for path, _, way in submodule_ways(view, clones, depth) if way]
    ways += [way for _, way in file_ways(seen, clones, depth)]
    return next(iter(ways), None)


def _may_use_llvm(view: TreeView) -> bool:
    """Whether a component of no known name is worth a look: a text in it speaks of LLVM, a name of LLVM or MLIR."""
    return any("mlir" in path.lower() or is_llvm_file(path) for path in view.files) or bool(speaks_of_llvm(view))


def _try(view: TreeView, spec: PinSpec) -> Way | None:
    if spec.reader == GITLINK:
        sha = view.gitlinks.get(spec.file)
        return Way(spec=spec, evidence=f"the gitlink {spec.file} names {sha[:12]}") if sha else None
    said = _said(view, spec)
    if len(said) != 1:
        return None
    return Way(spec=spec, evidence=f"{spec.file}:{said[0].line} names {shortened(said[0].says)}")


def _said(view: TreeView, spec: PinSpec) -> list[Mention]:
    """What a tree's file says, read as ``spec`` has it."""
    text = view.content(spec.file) if spec.file in view.paths else None
    _, mentions = read_with(readers_for(spec), text, spec) if text else ("", ())
    return said_by(mentions)


def _known_way(known: Project, why: str, view: TreeView) -> Way | None:
    """Where a project of which nothing is at hand writes its LLVM commit.

    Of several layouts: the one whose file the downstream itself speaks of, else the newest that there was that day.
    """
    specs = [spec for spec in known.pins if spec.name == LLVM]
    if not specs:
        return None
    if len(specs) > 1:
        said = {spec.file for spec in specs if spec.reader != GITLINK and view.speaks_of(spec.file)}
        specs.sort(key=lambda spec: (spec.file not in said, known.since.get(spec.file, "") > view.newest))
    others = ", ".join(spec.file for spec in specs[1:])
    evidence = why + (f" (its commit may also be in {others})" if others else "")
    return Way(spec=specs[0], evidence=evidence, known_only=True)


def file_ways(seen: TreePins, clones: Clones, depth: int = 0) -> Iterator[tuple[Project | str, Way]]:
    """The ways through files that name another project's commit; one for each project, by its best place."""
    done: dict[str, Place] = {}
    places = [(one, _project_of(one)) for one in sorted(seen.others, key=lambda one: (not one.key, rank(one)))]
    said_first = seen.own or any(known and rank(place)[0] < CONSUMERS for place, known in places)
    for place, known in places:
        if rank(place)[0] >= CONSUMERS and not (known and (_SET_UP.search(place.file) or not said_first)):
            continue
        name = known.name if known else repository_name(place.subject)
        if known and place.partial:
            seen.gaps.append(_gap(place, name, "of which only a part is taken: left out"))
            continue
        if name in done:
            first = done[name]
            if first.says != place.says:
                seen.gaps.append(_gap(place, name, f"where {first.file} says {shortened(first.says)}"))
            continue
        way = _file_way(place, known, clones, depth, seen)
        if way:
            done[name] = place
            yield known or place.subject, way


def _project_of(place: Place) -> Project | None:
    by_subject = project_named(repository_name(place.subject)) if "/" in place.subject else None
    if by_subject or "/" in place.subject:
        return by_subject
    return component_of(place.subject) or (component_of(place.key) if place.key else None)


def _gap(place: Place, name: str, why: str) -> Gap:
    """A place that becomes no pin."""
    return Gap(where=f"{place.file}:{place.line}", message=f"names {shortened(place.says)} of {name}, {why}")


def _file_way(place: Place, known: Project | None, clones: Clones, depth: int, seen: TreePins) -> Way | None:
    name = known.name if known else repository_name(place.subject)
    upstream = known.upstream if known else place.subject if "/" in place.subject else ""
    clone = clones.of(name, upstream)
    hop = _hop(place, name, upstream, clones, seen.view)
    if hop is None or not (is_commit(place.says) or place.is_tag):
        return None
    commit = _full(clone, place.says) if clone else None
    way = _way_of(TreeView(repository=clone, commit=commit), known, clones, depth + 1) if clone and commit else None
    where = f"{place.file}:{place.line} names {shortened(place.says)} of {upstream or name}"
    if way:
        return replace(way, spec=behind(hop, way.spec), evidence=f"{where}; there {way.evidence}")
    if known is None or (clone and commit):
        return None
    clone_it = f"git clone {shell_word(hop.url)} {shell_word(hop.repository)}"
    missing = f"{where}: LLVM comes through it. {clone_it}   (or init --clone {name}=DIR)"
    unseen = _known_way(known, missing, seen.view)
    return replace(unseen, spec=behind(hop, unseen.spec)) if unseen else None


def _full(clone: Repository, text: str) -> str | None:
    try:
        return resolve(clone, text)
    except GateError:
        return None


def _hop(place: Place, name: str, upstream: str, clones: Clones, view: TreeView) -> HopSpec | None:
    """The place as a hop, in the first form that finds just what it says: by the directory of a checkout, or, inside a
    URL, by the repository's name before it.
    """
    url = f"https://github.com/{upstream}" if upstream else ""
    hop = HopSpec(file=place.file, repository=clones.where(name), reader=place.reader, key=place.key, url=url)
    if place.key or place.reader in {"", "sha-file"}:
        return hop
    directory = repository_name(place.subject)
    before = rf"{re.escape(directory)}(?:\.git)?(?:/(?:archive|tarball|zipball)/|@|-|/)"
    before += "refs/tags/" if place.is_tag else ""
    pattern = rf"{before}(?P<sha>{TAG.pattern if place.is_tag else '[0-9a-f]{40}'})"
    forms = replace(hop, key=directory), replace(hop, reader="regex", pattern=pattern)
    return next((form for form in forms if [one.says for one in _said(view, form.finder)] == [place.says]), None)


def below(path: str, spec: PinSpec) -> PinSpec:
    """A component's pin as the tree that has the component at ``path`` would describe it."""
    return replace(spec, component=posixpath.join(path, spec.component).rstrip("/"))


def behind(hop: HopSpec, spec: PinSpec) -> PinSpec:
    """A component's pin as the tree whose file names the component's commit would describe it."""
    if spec.through:
        first = replace(spec.through[0], file=posixpath.join(spec.component, spec.through[0].file))
        return replace(spec, component="", through=(hop, first, *spec.through[1:]))
    file = posixpath.join(spec.component, spec.file).rstrip("/")
    return replace(spec, component="", file=file, through=(hop,))
