"""Reading one pin at many commits at once, through one ``git cat-file --batch`` per repository on the way.

It gives what :mod:`pytest_llvmgate.pins.read` gives one commit at a time, in bulk and without advice: the history of a
project is hundreds of pin states, and a process per state would take seconds where this takes tenths.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple, TypeVar

from pytest_llvmgate.config.settings import HopSpec, PinSpec
from pytest_llvmgate.config.user_paths import user_path
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.gitmodules import Submodule, parse_gitmodules
from pytest_llvmgate.git.objects import LARGEST_OBJECT, GitObject
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.readers import GITLINK, Reader, read_with, readers_for, said_by
from pytest_llvmgate.pins.syntax.found import TAG_PREFIX
from pytest_llvmgate.upstream.whose import repository_name

_T = TypeVar("_T")

_COMMIT: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9a-f]{40}|llvmorg-[0-9]+(?:\.[0-9]+)*(?:-?rc[0-9]+)?)(?![0-9A-Za-z])"
)
"""A whole SHA, a SHA-256, or a release's tag."""

ABSENT: Final = "absent"
"""The state has no such file or gitlink: the layout was another one, or the component was not there."""
NO_CLONE: Final = "no clone"
"""The component's commit is in no local clone."""
NO_COMMIT: Final = "no commit"
"""The file is there and names no commit, or several."""
TOO_LARGE: Final = "too large"
"""The file is there and has more bytes than anybody writes: see :data:`pytest_llvmgate.git.objects.LARGEST_OBJECT`."""

_ANSWER: Final = 3
"""Words that git says of an object; of one that is not there it repeats the question, which may have any."""


@dataclass(frozen=True, kw_only=True)
class BulkPin:
    """What a pin said at one commit."""

    text: str = ""
    """The commit as written; empty where there is none."""
    links: tuple[str, ...] = ()
    """The component commits on the way, outermost first."""
    missing: str = ""
    """Why ``text`` is empty: :data:`ABSENT`, :data:`NO_CLONE`, :data:`NO_COMMIT` or :data:`TOO_LARGE`."""


class Entry(NamedTuple):
    """What a tree has at a path."""

    mode: str
    """As git prints it."""
    sha: str
    """Of a blob, or of the commit that a gitlink names."""


_GITLINK_MODE: Final = "160000"
_NOTHING: Final = "0" * 40
"""The name of an object that no repository has."""


@dataclass(kw_only=True)
class BulkReader:
    """Reads pins of one downstream at many of its commits."""

    repository: Repository
    clones: Mapping[str, Path] = field(default_factory=dict)
    """Component path, or its last part, to a clone that has its commits."""
    entries: Callable[[str], Mapping[str, Entry] | None] = lambda _: None
    """Path to what the repository had there at the commits that are going to be asked for, where that is known."""
    _said: dict[tuple[str, ...], str | None] = field(default_factory=dict)
    _at: dict[Path, dict[str, tuple[Submodule, ...]]] = field(default_factory=dict)

    def read(self, spec: PinSpec, commits: Iterable[str]) -> dict[str, BulkPin]:
        """What ``spec`` says at each of ``commits``."""
        wanted = list(dict.fromkeys(commits))
        steps = [*(hop.finder for hop in spec.through), replace(spec, component="", through=())]
        path = "/".join(filter(None, (spec.component, steps[0].file)))
        pins = self._read(self.repository, "", wanted, path, steps[0])
        for hop, step in zip(spec.through, steps[1:], strict=True):
            pins = self._through(hop, step, pins)
        return pins

    def _through(self, hop: HopSpec, step: PinSpec, pins: Mapping[str, BulkPin]) -> dict[str, BulkPin]:
        """Follow the commits that a file named into the repository that they belong to."""
        store = self._clone_of(hop)
        if store is None:
            return {commit: replace(pin, missing=pin.missing or NO_CLONE, text="") for commit, pin in pins.items()}
        full = store.commits_named({pin.text for pin in pins.values() if pin.text})
        inner = self._read(store, hop.repository, list(dict.fromkeys(full.values())), step.file, step)
        return {commit: _continued(pin, full.get(pin.text), inner) for commit, pin in pins.items()}

    def _clone_of(self, hop: HopSpec) -> Repository | None:
        """The local clone of a hop's repository: the one that the user named, else where the configuration says."""
        named = self.clones.get(hop.repository) or self.clones.get(PurePosixPath(hop.repository).name)
        if named is None and self.repository.root is not None:
            named = user_path(hop.repository, root=self.repository.root, key="through.repository")
        return Repository.open(named, bare=True) if named is not None and named.is_dir() else None

    def _read(
        self, repository: Repository, label: str, commits: list[str], path: str, spec: PinSpec
    ) -> dict[str, BulkPin]:
        result: dict[str, BulkPin] = {}
        modules = self._submodules(repository, commits)
        groups: dict[str, list[str]] = {}
        for commit in commits:
            groups.setdefault(_boundary(path, modules[commit], spec), []).append(commit)
        for boundary, members in groups.items():
            if not boundary:
                result |= self._files(repository, members, path, spec)
                continue
            links = self._gitlinks(repository, members, boundary)
            full = f"{label}/{boundary}" if label else boundary
            versions = {id(modules[commit]): modules[commit] for commit in members}  # few, and each of many commits
            known = tuple(dict.fromkeys(module for version in versions.values() for module in version))
            wanted = list(dict.fromkeys(links.values()))
            if boundary == path:
                inner = {link: BulkPin(text=link) for link in wanted}
            else:
                store = self._store(repository, full, boundary, known)
                inner = self._inside(store, full, wanted, path[len(boundary) + 1 :], spec)
            result |= {commit: inner.get(links.get(commit, ""), BulkPin(missing=ABSENT)) for commit in members}
        return result

    def _inside(
        self, store: Repository | None, label: str, wanted: Sequence[str], rest: str, spec: PinSpec
    ) -> dict[str, BulkPin]:
        """What the pin says by way of each of the gitlink's commits; ``rest`` is its path inside the component."""
        if store is None:
            return {link: BulkPin(links=(link,), missing=NO_CLONE) for link in wanted}
        present = store.commits_named(wanted)
        inner = self._read(store, label, [link for link in wanted if link in present], rest, spec)
        return {
            link: replace(inner[link], links=(link, *inner[link].links))
            if link in inner
            else BulkPin(links=(link,), missing=NO_CLONE)
            for link in wanted
        }

    def _store(self, repository: Repository, full: str, path: str, modules: Iterable[Submodule]) -> Repository | None:
        """The local repository of a component: the clone that the user named, else the submodule's own store."""
        named = self.clones.get(full) or self.clones.get(PurePosixPath(full).name)
        if named is not None:
            return Repository.open(named, bare=True)
        return next(iter(repository.submodule_stores(path, modules)), None)

    def _files(self, repository: Repository, commits: Sequence[str], path: str, spec: PinSpec) -> dict[str, BulkPin]:
        readers = readers_for(spec)

        def pin(blob: GitObject | None) -> BulkPin:
            if blob is None or blob.type != "blob":
                return BulkPin(missing=TOO_LARGE if blob is not None and blob.type == TOO_LARGE else ABSENT)
            text = self._text(blob, readers, spec)
            return BulkPin(text=text) if text else BulkPin(missing=NO_COMMIT)

        return dict(zip(commits, read_once(repository, self._names(repository, commits, path), pin), strict=True))

    def _text(self, blob: GitObject, readers: Sequence[Reader], spec: PinSpec) -> str | None:
        """The one commit that a version of a file says; those that differ in SHAs and tags alone are read once."""
        text = blob.data.decode("utf-8", "replace")
        plain, shas = _with_numbered_commits(text) if all(one.document for one in readers) else (text, {})
        digest = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
        key = (digest, spec.file, spec.reader, spec.key, spec.pattern)
        if key not in self._said:
            _, mentions = read_with(readers, plain, spec)
            said = said_by(mentions)
            self._said[key] = said[0].says if len(said) == 1 else None
        says = self._said[key]
        return shas.get(says, says) if says else None

    def _submodules(self, repository: Repository, commits: Sequence[str]) -> Mapping[str, tuple[Submodule, ...]]:
        """The submodules at each commit; ``.gitmodules`` changes rarely, so each version is parsed once."""
        known = self._at.setdefault(repository.git_dir, {})
        new = [commit for commit in commits if commit not in known]
        if new:
            modules = read_once(repository, self._names(repository, new, ".gitmodules"), modules_in)
            known.update(zip(new, modules, strict=True))
        return known

    def _names(self, repository: Repository, commits: Sequence[str], path: str) -> list[str]:
        """By which names git knows the file at ``path`` at each commit."""
        entries = self.entries(path) if repository is self.repository else None
        if entries is None:
            return [f"{commit}:{path}" for commit in commits]
        found = (entries.get(commit) for commit in commits)
        return [one.sha if one and one.mode != _GITLINK_MODE else _NOTHING for one in found]

    def _gitlinks(self, repository: Repository, commits: Sequence[str], path: str) -> dict[str, str]:
        """The commit that the gitlink at ``path`` names at each of ``commits``, where there is one."""
        entries = self.entries(path) if repository is self.repository else None
        if entries is None:
            return _gitlinks(repository, commits, path)
        found = ((commit, entries.get(commit)) for commit in commits)
        return {commit: one.sha for commit, one in found if one and one.mode == _GITLINK_MODE}


def modules_in(blob: GitObject | None) -> tuple[Submodule, ...]:
    """The submodules of a ``.gitmodules``; none where there is no such file."""
    return parse_gitmodules(blob.data.decode("utf-8", "replace")) if blob is not None else ()


def _with_numbered_commits(text: str) -> tuple[str, Mapping[str, str]]:
    """The text with a number in the place of every SHA, checksum and tag, equal ones alike, and which is which.

    A move of a pin changes nothing else, and what the built-in readers find does not depend on the digits.
    """
    numbers: dict[str, str] = {}

    def numbered(match: re.Match[str]) -> str:
        count = len(numbers)
        number = f"{TAG_PREFIX}{count}" if match[0].startswith(TAG_PREFIX) else f"a{count:0{len(match[0]) - 1}}"
        return numbers.setdefault(match[0], number)

    return _COMMIT.sub(numbered, text), {number: said for said, number in numbers.items()}


def _continued(pin: BulkPin, commit: str | None, inner: Mapping[str, BulkPin]) -> BulkPin:
    """The pin after a hop."""
    if not pin.text:
        return pin
    if commit is None:
        return replace(pin, text="", missing=NO_CLONE)
    return replace(inner[commit], links=(*pin.links, commit, *inner[commit].links))


def _boundary(path: str, modules: Iterable[Submodule], spec: PinSpec) -> str:
    """The submodule that ``path`` is or lies in; empty where it is a file of the repository itself."""
    for module in modules:
        if path == module.path or path.startswith(f"{module.path}/"):
            return module.path
    return path if spec.reader == GITLINK or not spec.file else ""


def _gitlinks(repository: Repository, commits: Sequence[str], path: str) -> dict[str, str]:
    """The commit that the gitlink at ``path`` names at each of ``commits``, where there is one."""
    parent, _, name = path.rpartition("/")
    names = [f"{commit}:{parent}" for commit in commits]
    found = read_once(repository, names, lambda tree: _gitlink_in(tree, name.encode()))
    return {commit: link for commit, link in zip(commits, found, strict=True) if link}


def read_once(repository: Repository, names: Sequence[str], work: Callable[[GitObject | None], _T]) -> list[_T]:
    """What ``work`` makes of the objects of those names, each read once: most states of a history share their files.

    One object is held at a time: a pull request may bring hundreds of the largest that are read. One that is larger
    comes with the type :data:`TOO_LARGE` and without content.
    """
    distinct = list(dict.fromkeys(names))
    requests = "".join(f"{name}\n" for name in distinct).encode("utf-8", "surrogateescape")
    output = repository.run("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", stdin=requests)
    lines = [line.split(" ") for line in output.decode("utf-8", "surrogateescape").splitlines()]
    shas = [line[0] if len(line) == _ANSWER and line[1] in {"blob", "tree"} else "" for line in lines]
    sizes = {sha: int(line[2]) for sha, line in zip(shas, lines, strict=True) if sha}
    readable = [sha for sha, size in sizes.items() if size <= LARGEST_OBJECT]
    made = {sha: work(GitObject(sha=sha, type=TOO_LARGE, data=b"")) for sha in sizes.keys() - readable}
    for sha, found in zip(readable, repository.objects(readable) if readable else (), strict=True):
        made[sha] = work(found)
    nothing = work(None)
    by_name = {name: made.get(sha, nothing) for name, sha in zip(distinct, shas, strict=True)}
    return [by_name[name] for name in names]


def _gitlink_in(tree: GitObject | None, name: bytes) -> str | None:
    """The gitlink of that name in a tree object, whose entries are mode, blank, name, NUL and twenty bytes."""
    if tree is None or tree.type != "tree":
        return None
    mark = b"160000 " + name + b"\0"
    at = tree.data.find(mark)
    if at < 0:
        return None
    end = at + len(mark)
    return tree.data[end : end + 20].hex()


def clone_paths(words: Iterable[str], specs: Sequence[PinSpec] | None = None) -> dict[str, Path]:
    """``NAME=DIRECTORY`` words of a command line as a mapping. Raises ``GateError``, also for a name that is no
    component's behind which one of ``specs`` lies.
    """
    result: dict[str, Path] = {}
    for word in words:
        name, equals, directory = word.partition("=")
        if not equals or not name or not directory:
            raise GateError(f"expected NAME=DIRECTORY, found {word!r}", hint="e.g. third_party/stablehlo=../stablehlo")
        path = result[name.rstrip("/")] = user_path(directory, root=Path(), key=name)
        if not path.is_dir():
            raise GateError("expected a directory, found none", where=directory)
    if specs is not None:
        for name in result:
            expect_component(name, specs)
    return result


def expect_component(name: str, specs: Sequence[PinSpec]) -> None:
    """Raises ``GateError`` where no pin lies in, or is reached through, a component of that name."""
    ways = [
        (place, f"{place}/{rest}")
        for spec in specs
        for place, rest in (
            (spec.component, spec.file),
            *((hop.repository, repository_name(hop.url)) for hop in spec.through),
        )
        if place
    ]
    if not any(f"/{name}/" in f"/{path}/" for _, path in ways):
        known = ", ".join(dict.fromkeys(place for place, _ in ways))
        raise GateError(
            f"--clone: no pin is behind a component {name!r}",
            hint=f"known here: {known}" if known else "no pin here lies in a component; llvmgate pins lists them",
        )
