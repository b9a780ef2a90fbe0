"""Moving a project's pins to another LLVM commit: what would change, as a diff or in place.

Texts are rewritten at the very characters that a reader found, so nothing else of a file changes. Gitlinks are moved in
the index, and in the checkout where that loses nothing.
"""

from __future__ import annotations

import base64
import datetime
import difflib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_llvmgate.config.schema import Config, PinSpec, Policy
from pytest_llvmgate.errors import GateError, RepositoryError
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.pins.carriers import Carrier, Standing, standing
from pytest_llvmgate.pins.history import DAY
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.pins.readers import Mention, find_reader, implied_readers, read_with, rewrite
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.pins.syntax.found import Span
from pytest_llvmgate.pins.upstream import Upstream


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A text file before and after."""

    path: str
    """Relative to the repository's top."""
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class LinkMove:
    """A gitlink before and after."""

    path: str
    """Relative to the repository's top."""
    before: str
    after: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Bump:
    """Everything that a move to the candidate changes here, and what is left to do by hand."""

    candidate: str
    edits: tuple[Edit, ...] = ()
    links: tuple[LinkMove, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to change."""
        return not self.edits and not self.links


@dataclass(frozen=True)
class _Task:
    """What every part of the preparation works on."""

    config: Config
    repository: Repository
    candidate: str
    upstream: Upstream
    clones: Mapping[str, Path]


def prepare_bump(
    config: Config,
    candidate: str,
    *,
    upstream: Upstream,
    checksum: str | None = None,
    components: bool = True,
    clones: Mapping[str, Path] | None = None,
) -> Bump:
    """What has to change so that every pin says ``candidate`` (a full SHA). Nothing is written.

    ``checksum``: SHA-256 of the candidate's archive (64 hexadecimal digits); without it, checksums beside a commit
    become zeros, which no archive has, and a remark says so.
    """
    repository = Repository.open(config.root)
    readings = read_pins(config, repository=repository)
    own = [reading for reading in readings if not reading.hops and reading.spec.policy is not Policy.IGNORE]
    texts = [reading for reading in own if reading.location.line is not None]
    task = _Task(config, repository, candidate, upstream, clones or {})
    edits, remarks = _edits(task, texts, checksum)
    links = [_own_link(task, reading) for reading in own if reading.location.line is None]
    moves, left = _component_moves(task, readings) if components else ([], [])
    remarks += [f"{reading.name}: {reading.problem.message}" for reading in own if reading.problem]
    return Bump(
        candidate=candidate,
        edits=tuple(edits),
        links=tuple(link for link in (*links, *moves) if link and link.before != link.after),
        remarks=tuple(dict.fromkeys([*remarks, *left])),
    )


def _edits(task: _Task, readings: Sequence[PinReading], checksum: str | None) -> tuple[list[Edit], list[str]]:
    repository, candidate = task.repository, task.candidate
    specs = [(repository.relative(task.config.root / one.location.path), one.spec, one.reader) for one in readings]
    old = {one.sha for one in readings if one.sha} - {candidate}
    duplicates, mentions = _elsewhere(repository, old, {path for path, _, _ in specs})
    texts: dict[str, str] = {}
    remarks = [f"{path} mentions {sha[:12]} where no reader finds a pin; it was left alone" for path, sha in mentions]
    for path, spec, reader_name in [*specs, *duplicates]:
        before = texts.get(path) or _text(repository, path)
        after, has_zeros = _rewritten(before, spec, reader_name, candidate, checksum)
        texts[path] = after
        if has_zeros:
            remarks.append(
                f"{path}: the checksum has to be recomputed (it is zeros now): "
                f"curl -L https://github.com/llvm/llvm-project/archive/{candidate}.tar.gz | sha256sum"
            )
    edits = [Edit(path=path, before=_text(repository, path), after=after) for path, after in texts.items()]
    return [edit for edit in edits if edit.before != edit.after], remarks


def _elsewhere(
    repository: Repository, shas: Iterable[str], known: set[str]
) -> tuple[list[tuple[str, PinSpec, str]], list[tuple[str, str]]]:
    """Files beside the configuration's pins that name one of ``shas``: those in which a reader finds it, and others."""
    duplicates, mentions = [], []
    for sha in sorted(shas):
        output = repository.run("grep", "-l", "-I", "-z", "-F", "-e", sha, ok=(0, 1))
        for path in filter(None, output.decode("utf-8", "surrogateescape").split("\0")):
            spec = PinSpec(name=path, file=path)
            if path in known:
                continue
            name, found = read_with(implied_readers(path), _text(repository, path), spec)
            if found and {mention.text for mention in found} == {sha}:
                duplicates.append((path, spec, name))
            else:
                mentions.append((path, sha))
    return duplicates, mentions


def _text(repository: Repository, path: str) -> str:
    try:
        return (repository.work_tree / path).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RepositoryError(f"cannot be read: {error}", where=path) from error


def _rewritten(text: str, spec: PinSpec, reader_name: str, candidate: str, checksum: str | None) -> tuple[str, bool]:
    """The text with every mention replaced, and whether a checksum is left to be recomputed."""
    reader = find_reader(reader_name)
    mentions = reader.mentions(text, spec) if reader else ()
    changed = [mention for mention in mentions if mention.text.lower() != candidate]
    changes: list[tuple[Span, str]] = [(mention, candidate) for mention in changed]
    sums = _checksum_changes(changed, checksum)
    return rewrite(text, [*changes, *sums]), bool(sums) and (checksum is None or _are_artefacts(changed))


def _checksum_changes(mentions: Iterable[Mention], checksum: str | None) -> list[tuple[Span, str]]:
    found = {span.start: span for mention in mentions for span in mention.checksums}
    digest = None if checksum is None or len(found) > 1 else checksum  # several are of artefacts, not of the archive
    return [(span, _in_form_of(span.text, digest or "0" * 64)) for span in found.values()]


def _are_artefacts(mentions: Iterable[Mention]) -> bool:
    return any(len(mention.checksums) > 1 for mention in mentions)


def _in_form_of(old: str, digest: str) -> str:
    """A SHA-256 (hexadecimal) in the notation of ``old``: hexadecimal, or base64 with a prefix for all others."""
    if re.fullmatch(r"[0-9a-f]{64}", old):
        return digest
    return f"sha256-{base64.b64encode(bytes.fromhex(digest)).decode()}"


def _own_link(task: _Task, reading: PinReading) -> LinkMove | None:
    if reading.sha is None:
        return None
    path = task.repository.relative(task.config.root / reading.location.path)
    return LinkMove(path=path, before=reading.sha, after=task.candidate, why=f"the project's own pin {reading.name}")


def _component_moves(task: _Task, readings: Sequence[PinReading]) -> tuple[list[LinkMove], list[str]]:
    moves: dict[str, LinkMove] = {}
    remarks = []
    for reading in readings:
        if not reading.hops or reading.spec.policy is Policy.IGNORE or reading.sha == task.candidate:
            continue
        if reading.hops[0].what != "gitlink" or reading.spec.policy is Policy.ADVISORY:
            remarks.append(f"{reading.name}: {_why_left(reading)}")
            continue
        where = standing(
            reading, task.candidate, repository=task.repository, upstream=task.upstream, clones=task.clones
        )
        carrier = where.exact or where.nearest
        if carrier and _is_nearer(carrier, reading, task):
            path = task.repository.relative(task.config.root / where.path)
            moves.setdefault(path, LinkMove(path=path, before=where.current, after=carrier.commit, why=_why(where)))
        if not where.exact:
            remarks.append(f"{reading.name}: {waiting(where)}")
    return list(moves.values()), remarks


def _is_nearer(carrier: Carrier, reading: PinReading, task: _Task) -> bool:
    """Whether moving there brings the component nearer to the candidate than it is now."""
    if carrier.days is None:
        return True
    dates = task.upstream.dates([str(reading.sha), task.candidate])
    if len(dates) < 2:
        return True
    return abs(carrier.days) * DAY < abs(dates[str(reading.sha)] - dates[task.candidate])


def _why_left(reading: PinReading) -> str:
    if reading.problem:
        return f"{reading.problem.message}; {reading.problem.hint or 'mend that first'}"
    if reading.hops[0].what != "gitlink":
        return f"lies in {reading.hops[0].where.path}, which is not a submodule here: move it by hand"
    return (
        f"advisory, left at {reading.short} ({reading.spec.reason})" if reading.spec.reason else "advisory, left alone"
    )


def _why(where: Standing) -> str:
    if where.exact:
        return f"{where.exact.short} carries the candidate"
    return f"the nearest of its history: {_describe(where.nearest)}" if where.nearest else ""


def _describe(carrier: Carrier) -> str:
    far = f"{carrier.distance}" if carrier.distance else f"{abs(carrier.days or 0):.0f} days away"
    return f"{carrier.short} pins {carrier.llvm[:12]}: {far}"


def waiting(where: Standing, today: datetime.date | None = None) -> str:
    """One line on a component that does not carry the candidate; with ``today``, how many days it stands still."""
    if where.problem:
        return where.problem
    newest = where.newest
    since = f"; its main line pins {newest.llvm[:12]} since {_since(newest.when, today)}" if newest else ""
    nearest = f"; nearest: {_describe(where.nearest)}" if where.nearest else ""
    unknown = "" if where.nearest else "; how far off cannot be told without a clone of llvm-project"
    return f"no commit of {where.path} carries the candidate{since}{nearest}{unknown}"


def _since(when: int, today: datetime.date | None) -> str:
    date = datetime.datetime.fromtimestamp(when, datetime.UTC).date()
    return f"{date} ({(today - date).days} days)" if today else str(date)


def diff(bump: Bump) -> Iterator[str]:
    """The change as a diff that ``git apply`` takes."""
    for edit in bump.edits:
        yield f"diff --git a/{edit.path} b/{edit.path}"
        lines = difflib.unified_diff(
            edit.before.splitlines(keepends=True),
            edit.after.splitlines(keepends=True),
            fromfile=f"a/{edit.path}",
            tofile=f"b/{edit.path}",
        )
        for line in lines:
            yield line.removesuffix("\n") if line.endswith("\n") else f"{line}\n\\ No newline at end of file"
    for link in bump.links:
        yield f"diff --git a/{link.path} b/{link.path}"
        yield f"index {link.before[:12]}..{link.after[:12]} 160000"
        yield f"--- a/{link.path}"
        yield f"+++ b/{link.path}"
        yield "@@ -1 +1 @@"
        yield f"-Subproject commit {link.before}"
        yield f"+Subproject commit {link.after}"


def apply_bump(bump: Bump, repository: Repository) -> tuple[str, ...]:
    """Write the change into the work tree and the index; return what is left to do by hand."""
    for edit in bump.edits:
        if _text(repository, edit.path) != edit.before:
            raise GateError("has changed in the meantime", where=edit.path, hint="run the command again")
    for edit in bump.edits:
        _replace(repository.work_tree / edit.path, edit.after)
    left = []
    for link in bump.links:
        repository.run("update-index", "--cacheinfo", f"160000,{link.after},{link.path}")
        left += _move_checkout(link, repository)
    return tuple(left)


def _replace(path: Path, text: str) -> None:
    """Replace a file's content at once, keeping its mode and following a link."""
    target = path.resolve()
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.encode("utf-8"))
        shutil.copymode(target, temporary)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _move_checkout(link: LinkMove, repository: Repository) -> list[str]:
    """Bring a submodule's checkout along, if there is one, it is clean, and its clone has the commit."""
    directory = repository.work_tree / link.path
    if not (directory / ".git").exists():
        return []
    fetch = f"git -C {link.path} fetch origin {link.after} && git -C {link.path} checkout {link.after}"
    checkout = Repository.open(directory)
    if not checkout.has_commit(link.after):
        return [f"the clone of {link.path} does not have {link.after[:12]} yet: {fetch}"]
    if checkout.is_dirty():
        return [f"the checkout of {link.path} has changes and was left alone: git -C {link.path} checkout {link.after}"]
    checkout.run("checkout", "--quiet", "--detach", link.after)
    return []
