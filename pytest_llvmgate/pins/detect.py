"""What is odd about a project's pins although they may agree.

A personal fork, a commit that is on no main line, a title that names another SHA than it pins, a checksum of another
archive, a component that moved while LLVM did not. Each is a :class:`Notice`: said, with what to do, never a failure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llvmgate.config.settings import Config, Policy
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.remotes import default_branch, is_ancestor, refs_with, remotes
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import same_commit, shortened
from pytest_llvmgate.pins.checksums import how_to_compute, is_placeholder
from pytest_llvmgate.pins.compare import Notice
from pytest_llvmgate.pins.known import fork_of
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.pins.readers import Mention, find_reader
from pytest_llvmgate.pins.reading import Hop, PinReading
from pytest_llvmgate.pins.titles import claimed_commits
from pytest_llvmgate.pins.tree import Tree
from pytest_llvmgate.printable import shell_word
from pytest_llvmgate.upstream.llvm_clone import Upstream
from pytest_llvmgate.upstream.whose import repository_name

_RECENT: Final = 12
"""Versions of a file that are searched for its checksum."""


@dataclass(frozen=True)
class _LeaderScene:
    config: Config
    repository: Repository
    readings: Sequence[PinReading]
    upstream: Upstream


def detect(
    config: Config,
    readings: Sequence[PinReading],
    upstream: Upstream,
    *,
    repository: Repository,
    baseline: str | None = None,
) -> tuple[Notice, ...]:
    """Everything odd, in the order: sources, main lines, titles, checksums, moves since ``baseline``."""
    scene = _LeaderScene(config, repository, readings, upstream)
    found: list[Notice] = []
    for look in (_forks, _unreachable, _off_main, _titles, _checksums):
        found += look(scene)
    found += _moved_alone(scene, baseline) if baseline else []
    return tuple(dict.fromkeys(found))


def _links(scene: _LeaderScene) -> Iterator[tuple[PinReading, Hop]]:
    """Every gitlink on the way to a pin, once."""
    seen = set()
    for reading in scene.readings:
        for hop in reading.hops:
            if hop.what == "gitlink" and hop.where.path not in seen:
                seen.add(hop.where.path)
                yield reading, hop


def _forks(scene: _LeaderScene) -> Iterator[Notice]:
    urls = {module.path: module.url for module in scene.repository.submodules()}
    places = [(reading.name, hop.where.path, hop.url) for reading, hop in _links(scene)]
    places += [
        (reading.name, reading.location.path, urls.get(reading.location.path, ""))
        for reading in scene.readings
        if reading.location.line is None and not reading.hops
    ]
    for name, path, url in places:
        fork = fork_of(url)
        if fork:
            yield Notice(kind="fork", pin=name, message=f"comes from the fork {fork[0]}, not {fork[1]}", where=path)


def _unreachable(scene: _LeaderScene) -> Iterator[Notice]:
    """Gitlinks to commits that are not on the component's main line, as far as the clone knows it."""
    branches = {module.path: module.branch for module in scene.repository.submodules()}
    for reading, hop in _links(scene):
        if hop.store is None:
            continue
        store = Repository.at(hop.store)
        ref = default_branch(store, branches.get(hop.where.path, ""))
        if ref is None or store.is_shallow or is_ancestor(store, hop.commit, ref):
            continue
        branch = ref.removeprefix("refs/remotes/").removeprefix("refs/heads/")
        fetch = f"git -C {shell_word(hop.where.path)} fetch"
        yield Notice(
            kind="unreachable",
            pin=reading.name,
            message=f"{hop.commit[:12]} is not on {branch}{_where_else(store, hop.commit)}",
            where=hop.where.path,
            hint=f"{fetch}   (if it was merged since), or move to a commit of {branch}",
        )


def _where_else(store: Repository, commit: str) -> str:
    refs = refs_with(store, commit)
    if not refs:
        return ", nor on any other branch of its remotes"
    urls = remotes(store)
    remote = next((name for name in urls if refs[0].startswith(f"{name}/")), "")
    source = f" ({urls[remote]})" if remote else ""
    return f"; it is on {refs[0]}{source}"


def _off_main(scene: _LeaderScene) -> Iterator[Notice]:
    for reading in scene.readings:
        relaxed = reading.spec.policy in {Policy.SAME_BASE, Policy.IGNORE}
        if reading.sha and not relaxed and scene.upstream.is_on_main(reading.sha) is False:
            yield Notice(
                kind="off-main",
                pin=reading.name,
                message=f"{reading.short} is not on LLVM's main, as far as the clone at hand goes",
                where=str(reading.location),
                hint='fetch the clone; for a fork that carries patches use policy = "same-base"',
            )


def _titles(scene: _LeaderScene) -> Iterator[Notice]:
    """The last commit that moved a pin, and the branch, if they name SHAs none of which is pinned: there or since."""
    places = _pin_paths(scene)
    if not places or not scene.repository.head():
        return
    output = scene.repository.run("log", "-1", "--format=%h%x00%s", "HEAD", "--", *places)
    short, _, title = output.decode("utf-8", "replace").strip().partition("\0")
    hops = [hop for reading in scene.readings for hop in reading.hops]
    components = {repository_name(hop.where.path) for hop in hops if hop.commit}
    for what, text in ((f"the title of {short}", title), ("the branch's name", scene.repository.branch())):
        words = claimed_commits(text, components)
        if words and not _is_pinned(words, scene):
            yield Notice(
                kind="title",
                message=f"{what} names {', '.join(word[:12] for word in words)}, which no pin says: {text!r}",
                hint="correct the title, or the pins if the title is what was meant",
            )


def _is_pinned(words: Sequence[str], scene: _LeaderScene) -> bool:
    """Whether a pin says one of ``words``: as the tree stands, or as it was committed, which a bump has just left."""
    if _is_said(words, scene.readings, scene.upstream):
        return True
    return _is_said(words, read_pins(scene.config, commit="HEAD", repository=scene.repository), scene.upstream)


def _is_said(words: Sequence[str], readings: Sequence[PinReading], upstream: Upstream) -> bool:
    """Whether one of ``words`` is a pin's commit, a component's on the way to it, or a pin's base on LLVM's main."""
    pinned = [reading.sha or reading.text for reading in readings]
    pinned += [hop.commit for reading in readings for hop in reading.hops]
    bases = (upstream.base(reading.sha) for reading in readings if reading.sha)
    pinned += [base.sha for base in bases if base]
    return any(same_commit(word, sha) for word in words for sha in pinned if sha)


def _pin_paths(scene: _LeaderScene) -> list[str]:
    """The paths in the downstream's own repository whose change may change a pin."""
    paths = [reading.hops[0].where.path if reading.hops else reading.location.path for reading in scene.readings]
    prefix = scene.repository.relative(scene.config.root)
    return sorted({f"{prefix}/{path}" if prefix else path for path in paths if not path.startswith("..")})


def _checksums(scene: _LeaderScene) -> Iterator[Notice]:
    for reading in scene.readings:
        reader = find_reader(reading.reader)
        if reader is None or reading.hops or reading.location.line is None:
            continue
        path = scene.repository.relative(scene.config.root / reading.location.path)
        mentions = reader.mentions(Tree(repository=scene.repository).text(path), reading.spec)
        for mention in mentions[:1]:
            if mention.checksums:
                yield from _checksum_notices(scene, reading, path, mention)


def _checksum_notices(scene: _LeaderScene, reading: PinReading, path: str, mention: Mention) -> Iterator[Notice]:
    place = str(reading.location)
    texts = [checksum.text for checksum in mention.checksums]
    hint = how_to_compute(reading.sha or reading.text, reading.reader, texts, mention.archive)
    if any(is_placeholder(checksum.text) for checksum in mention.checksums):
        yield Notice(
            kind="checksum", pin=reading.name, message="the checksum is still to be computed", where=place, hint=hint
        )
        return
    sums = frozenset(checksum.text for checksum in mention.checksums)
    others = {said for said, known in _recorded(scene, reading, path) if known & sums and said != mention.says.lower()}
    if others:
        other = shortened(min(others))
        yield Notice(
            kind="checksum",
            pin=reading.name,
            message=f"the checksum beside {reading.short} was recorded for {other}",
            where=place,
            hint=hint,
        )


def _recorded(scene: _LeaderScene, reading: PinReading, path: str) -> list[tuple[str, frozenset[str]]]:
    """Commit and checksums in the file's last versions."""
    reader = find_reader(reading.reader)
    listing = scene.repository.run("log", f"--max-count={_RECENT}", "--format=%H", "HEAD", "--", path)
    found = []
    for blob in scene.repository.objects(f"{commit}:{path}" for commit in listing.decode().split()):
        text = blob.data.decode("utf-8", "replace") if blob else ""
        mentions = reader.mentions(text, reading.spec) if reader else ()
        found += [(one.says.lower(), frozenset(checksum.text for checksum in one.checksums)) for one in mentions]
    return found


def _moved_alone(scene: _LeaderScene, baseline: str) -> Iterator[Notice]:
    """A component that moved while LLVM stayed, and the reverse."""
    try:
        if not scene.repository.run(
            "diff-index", "--raw", "--ignore-submodules=dirty", baseline, "--", *_pin_paths(scene)
        ):
            return  # one process instead of two per pin, in the common case
        readings = read_pins(scene.config, commit=baseline, repository=scene.repository)
    except GateError:
        return
    before = {reading.name: reading for reading in readings}
    own = [reading for reading in scene.readings if reading.is_direct and reading.sha]
    moved = any(before[reading.name].sha not in {None, reading.sha} for reading in own)
    for reading in scene.readings:
        old, new = _first_commit(before.get(reading.name)), _first_commit(reading)
        if not old or not new or moved == (old != new):
            continue
        if moved:
            message = f"LLVM moved since {baseline[:12]}, the component stays at {new[:12]}"
        else:
            message = f"the component moved from {old[:12]} to {new[:12]}, LLVM did not: equal pins still need a build"
        yield Notice(kind="moved-alone", pin=reading.name, message=message, where=reading.hops[0].where.path)


def _first_commit(reading: PinReading | None) -> str:
    return reading.hops[0].commit if reading and reading.hops else ""
