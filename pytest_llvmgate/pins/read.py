"""Reading the pins of a configuration: direct ones from the work tree, indirect ones through the components."""

from __future__ import annotations

import difflib
import posixpath
import re
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_llvmgate.config.settings import Config, HopSpec, LlvmSpec, PinSpec
from pytest_llvmgate.config.user_paths import user_path
from pytest_llvmgate.errors import ConfigError, GateError, Problem
from pytest_llvmgate.git.repository import Repository, TreeEntry
from pytest_llvmgate.git.revisions import is_full_sha, known_commits, resolve, shortened
from pytest_llvmgate.model import Location
from pytest_llvmgate.pins.readers import (
    GITLINK,
    Mention,
    Reader,
    find_reader,
    read_with,
    reader_names,
    readers_for,
    said_by,
)
from pytest_llvmgate.pins.reading import Hop, PinReading
from pytest_llvmgate.pins.tree import Tree, Unreadable, enter, normal_path
from pytest_llvmgate.printable import shell_word


def read_pins(
    config: Config, *, commit: str | None = None, repository: Repository | None = None
) -> tuple[PinReading, ...]:
    """What every pin of the configuration says, in its order.

    Without ``commit``, direct pins are read from the work tree and components at the commit that the index's gitlink
    names; with it (a SHA, tag or branch of the downstream), everything is read at that commit, as for the baseline.
    A pin that cannot be read is a reading with a ``problem``. ``repository`` is the downstream's, where it is open
    already.

    Raises ``ConfigError`` for a reader that does not exist, ``RepositoryError`` outside a git repository,
    ``RevisionError`` for a ``commit`` that is not there.
    """
    problems = check_specs(config)
    if problems:
        raise ConfigError(problems)
    repository = repository or Repository.open(config.root)
    tree = Tree(repository=repository, commit="" if commit is None else resolve(repository, commit))
    start = _Start(tree=tree, prefix=repository.relative(config.root), root=config.root)
    return tuple(_resolved(_read(spec, start), config) for spec in config.pins)


def check_specs(config: Config) -> tuple[Problem, ...]:
    """What is wrong with the pins of the configuration before any is read: unknown readers, keys that they need."""
    return tuple(problem for spec in config.pins for problem in _check_spec(spec, config))


def _check_spec(spec: PinSpec, config: Config) -> list[Problem]:
    where = config.where(spec.line)
    for pattern in (spec.pattern, *(hop.pattern for hop in spec.through)):
        if wrong := _wrong_pattern(pattern):
            return [Problem(message=f"pin {spec.name!r}: {wrong}", where=where)]
    if spec.reader in {"", GITLINK}:
        return []
    reader = find_reader(spec.reader)
    if reader is None:
        near = difflib.get_close_matches(spec.reader, reader_names(), n=1)
        known = ", ".join(reader_names())
        message = f"pin {spec.name!r}: expected reader to be one of {known}, found {spec.reader!r}"
        return [Problem(message=message, where=where, hint=f"did you mean {near[0]!r}?" if near else None)]
    if reader.needs and not getattr(spec, reader.needs):
        return [Problem(message=f"pin {spec.name!r}: the reader {reader.name!r} needs {reader.needs!r}", where=where)]
    return []


def _wrong_pattern(pattern: str) -> str:
    """Why a pattern is none with a group ``sha``; empty where it is, or where there is none."""
    try:
        groups = re.compile(pattern, re.MULTILINE).groupindex if pattern else {"sha": 1}
    except re.error as error:
        return f"expected pattern to be a regular expression, found {pattern!r}: {error}"
    return "" if "sha" in groups else f"expected pattern to have a group (?P<sha>...), found {pattern!r}"


@dataclass(frozen=True, kw_only=True)
class _Start:
    """Where every pin is read from."""

    tree: Tree
    prefix: str
    """The configuration's directory, relative to the repository's top."""
    root: Path
    """The same directory on disk."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where the hops have led: a tree, the rest of the path in it, and the way there."""

    tree: Tree
    path: str
    hops: tuple[Hop, ...] = ()
    warnings: tuple[Problem, ...] = ()
    pinned: str = ""
    """The commit of the gitlink at ``path`` itself, where the pin is one."""


def _read(spec: PinSpec, start: _Start) -> PinReading:
    place = _Place(tree=start.tree, path=first_path(spec))
    location = Location(path=place.path)
    try:
        place = replace(place, path=normal_path(start.prefix, place.path))
        place = _through_vendored(spec, _follow(place, start.prefix), start.prefix)
        for hop, file in zip(spec.through, _later_files(spec), strict=True):
            place = _follow(_through_file(hop, file, place, location, start.root), start.prefix)
            location = Location(path=posixpath.join(hop.repository, file))
        return replace(_read_at(spec, place, location), hops=place.hops, warnings=place.warnings)
    except GateError as error:
        return PinReading(spec=spec, location=location, problem=error.problems[0], hops=place.hops)


def first_path(spec: PinSpec) -> str:
    """The path that the reading starts at, relative to the configuration: the pin's, or the first hop's."""
    file = spec.through[0].file if spec.through else spec.file
    return posixpath.join(spec.component, file).rstrip("/")


def _later_files(spec: PinSpec) -> tuple[str, ...]:
    """The file to read after each hop of ``through``."""
    return (*(hop.file for hop in spec.through[1:]), spec.file) if spec.through else ()


def _follow(place: _Place, prefix: str) -> _Place:
    """Enter one gitlink after the other until the rest of the path lies in the tree at hand."""
    while link := place.tree.gitlink_on(place.path):
        if link.path == place.path:
            return replace(place, pinned=link.sha)
        place = _step(place, link, prefix)
    return place


def _through_file(hop: HopSpec, path: str, place: _Place, location: Location, root: Path) -> _Place:
    """Enter the repository whose commit a file names. Raises :class:`Unreadable`."""
    named = _read_at(hop.finder, place, location)
    clone = user_path(hop.repository, root=root, key="through.repository")
    if not clone.is_dir():
        raise Unreadable(
            f"{named.location} names the commit {named.short} of a repository of which there is no clone here",
            where=hop.repository,
            hint=f"git clone {shell_word(hop.url or 'URL')} {shell_word(hop.repository)}",
        )
    repository = Repository.open(clone, bare=True)
    commit = resolve(repository, named.text)
    step = Hop(what="file", where=named.location, commit=commit, url=hop.url, store=repository.git_dir)
    inner = Tree(repository=repository, commit=commit, label=hop.repository)
    return replace(place, tree=inner, path=normal_path(path), hops=(*place.hops, step), pinned="")


def _step(place: _Place, link: TreeEntry, prefix: str) -> _Place:
    inner = enter(place.tree, link)
    rest = place.path[len(link.path) + 1 :]
    url = next((module.url for module in place.tree.submodules if module.path == link.path), "")
    in_downstream = all(hop.what != "file" for hop in place.hops)
    label = posixpath.relpath(inner.label, prefix or ".") if in_downstream else inner.label
    store = inner.repository.git_dir
    hop = Hop(what="gitlink", where=Location(path=label), commit=link.sha, url=url, store=store)
    warnings = () if place.tree.commit else tuple(_checkout_warnings(inner, rest, label))
    return _Place(tree=inner, path=rest, hops=(*place.hops, hop), warnings=(*place.warnings, *warnings))


def _checkout_warnings(inner: Tree, rest: str, label: str) -> list[Problem]:
    """How the files that a build would see differ from the commit that the gitlink names."""
    if inner.repository.root is None:  # it is not checked out
        return []
    head, there = inner.repository.head(), shell_word(label)
    if head != inner.commit:
        return [
            Problem(
                message=f"the checkout stands at {head[:12] or 'no commit'}, the gitlink names {inner.commit[:12]}",
                where=label,
                hint=f"git submodule update {there}   (or `git add {there}` if the checkout is what you mean)",
            )
        ]
    try:
        if inner.gitlink_on(rest) or Tree(repository=inner.repository).text(rest) == inner.text(rest):
            return []
    except Unreadable:
        pass
    hint = f"git -C {there} checkout HEAD -- {shell_word(rest)}"
    return [Problem(message="the checkout's file is not the committed one", where=f"{label}/{rest}", hint=hint)]


def _through_vendored(spec: PinSpec, place: _Place, prefix: str) -> _Place:
    """A component that is a plain directory of the repository is a hop too, though nothing has to be entered."""
    if not spec.component or place.hops or place.pinned:
        return place
    directory = normal_path(prefix, spec.component)
    if not place.tree.has_directory(directory):
        raise Unreadable(
            "the component is neither a gitlink nor a directory",
            where=spec.component,
            hint=_nearest_component(place.tree, spec.component),
        )
    return replace(place, hops=(Hop(what="vendored directory", where=Location(path=spec.component.rstrip("/"))),))


def _nearest_component(tree: Tree, path: str) -> str | None:
    paths = [module.path for module in tree.submodules]
    near = difflib.get_close_matches(path, paths, n=1, cutoff=0.4)
    return f"did you mean {near[0]!r}?" if near else None


def _read_at(spec: PinSpec, place: _Place, location: Location) -> PinReading:
    if place.pinned:
        if spec.reader not in {"", GITLINK}:
            raise Unreadable(f"is a gitlink, which the reader {spec.reader!r} cannot read", where=str(location))
        return PinReading(spec=spec, text=place.pinned, sha=place.pinned, location=location, reader=GITLINK)
    if spec.reader == GITLINK or not spec.file:
        raise Unreadable("expected a gitlink (a submodule's entry), found none", where=str(location))
    readers = _readers_for(spec, location)
    name, mentions = read_with(readers, place.tree.text(place.path), spec)
    if not mentions:
        names = " and ".join(repr(reader.name) for reader in readers)
        raise Unreadable(f"the reader {names} found no commit in it", where=str(location))
    return replace(_one_commit(spec, location, mentions), reader=name)


def _readers_for(spec: PinSpec, location: Location) -> tuple[Reader, ...]:
    readers = readers_for(spec)
    if not readers:
        known = ", ".join(reader_names())
        raise Unreadable(
            "its name does not say how to read it", where=str(location), hint=f"add reader = one of {known}"
        )
    return readers


def _one_commit(spec: PinSpec, location: Location, mentions: tuple[Mention, ...]) -> PinReading:
    """All mentions of one file must say the same."""
    first, *others = said_by(mentions)
    if others:
        listing = ", ".join(f"{shortened(mention.says)} in line {mention.line}" for mention in mentions)
        raise Unreadable(
            f"names {len(others) + 1} different commits: {listing}",
            where=f"{location.path}:{first.line}",
            hint="make them equal, or say with 'key' which one is LLVM's",
        )
    return PinReading(
        spec=spec,
        text=first.says,
        location=replace(location, line=first.line),
        duplicates=tuple(replace(location, line=one.line) for one in mentions if one is not first),
        only_tags=any(mention.only_tags for mention in mentions),
    )


def _resolved(reading: PinReading, config: Config) -> PinReading:
    """The reading with the full SHA that its text stands for, as far as the configuration or a clone can tell."""
    text = reading.text.lower()
    if reading.problem or reading.sha:
        return reading
    if is_full_sha(text):
        return replace(reading, sha=text)
    if len(known := tabled_commits(reading.text, config.llvm)) == 1:
        return replace(reading, sha=next(iter(known)))
    if not config.llvm.repository:
        return reading
    try:
        clone = Repository.open(user_path(config.llvm.repository, root=config.root, key="llvm.repository"), bare=True)
        return replace(reading, sha=resolve(clone, reading.text))
    except GateError as error:
        return replace(reading, warnings=(*reading.warnings, error.problems[0]))


def tabled_commits(text: str, llvm: LlvmSpec) -> frozenset[str]:
    """The full SHAs that the configuration's own tables have for a tag or an abbreviated SHA."""
    return known_commits(text, (wheels.revision for wheels in llvm.wheels), llvm.tagged)
