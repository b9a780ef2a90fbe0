"""Moving a project's pins to another LLVM commit: what would change, as a diff or in place.

Texts are rewritten at the very characters that a reader found, so nothing else of a file changes. Gitlinks are moved in
the index, and in the checkout where that loses nothing.
"""

from __future__ import annotations

import datetime
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Final

from pytest_llvmgate.chronicle.carriers import MOVABLE, Carrier, CarrierStanding, standing
from pytest_llvmgate.config.settings import Config, PinSpec, Policy
from pytest_llvmgate.errors import GateError, RepositoryError
from pytest_llvmgate.git.diff_text import unified_diff
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import is_full_sha, is_sha, is_short_sha, same_commit, shortened
from pytest_llvmgate.moving.habits import lines_moved_with, moved
from pytest_llvmgate.pins.checksums import how_to_compute, in_form_of, is_of_archive, placeholder
from pytest_llvmgate.pins.places import LOG, READY_MADE, builds_in_python
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.pins.readers import (
    GENERATED,
    Mention,
    find_reader,
    implied_readers,
    read_with,
    readers_for,
    rewrite,
)
from pytest_llvmgate.pins.reading import PinReading
from pytest_llvmgate.pins.syntax.found import CHECKSUM, TAG_PREFIX, VERSION, Found, Span, is_fork_tag
from pytest_llvmgate.pins.tree import LARGEST_FILE
from pytest_llvmgate.plain_file import read_plain
from pytest_llvmgate.printable import shell_word
from pytest_llvmgate.upstream.first_parent import DAY
from pytest_llvmgate.upstream.llvm_clone import Upstream
from pytest_llvmgate.upstream.whose import OF_ONE_RELEASE

_SHOWN_DIGITS: Final = 7
"""Digits by which a commit is searched for in files: git never shows fewer, and readers check the rest."""


_RELEASE_BEHIND: Final = re.compile(
    r"[\"'),;]*+[ \t]++(?:#|//|;|--)[ \t]*+(?>(?:llvmorg-|LLVM[ \t]|v)?)"
    r"(?P<version>[0-9]++\.[0-9]++\.[0-9]++)[ \t]*+\r?$",
    re.MULTILINE,
)
_OWN_VERSION: Final = "(^|[ \t:_])(version|release)_*[ \t]*[:=][ \t]*[\"']?"
"""A project that follows LLVM's releases may have their numbers: those stay, as nobody says so, and are told."""
_TELLS_HISTORY: Final = re.compile(rf"{LOG.pattern}|(?:^|/)tests?/")
"""Those, and what is expected of others."""


@dataclass(frozen=True, kw_only=True)
class FileEdit:
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

    edits: tuple[FileEdit, ...] = ()
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
    tag: str = ""
    checksum: str | None = None
    is_said_in_full: bool = False
    """A pin of the project's own says the whole commit: what abbreviates it beside that one may go on to do so."""

    def path_of(self, reading: PinReading) -> str:
        """The file in which a pin is written, from the repository's root."""
        return self.repository.relative(self.config.root / reading.location.path)

    def written_for(self, old: Found, *, is_pin: bool) -> str | None:
        """What to write where ``old`` stands, in its kind: a tag for a tag where the candidate has been named by one.

        An abbreviation stays one, since it may be the name of something; a pin that no other spells out says all that
        is known.
        ``None``: nothing that would be right. Git takes no SHA there, or all that is known of the candidate is its tag,
        or a few of its digits where more stood.
        """
        if old.fixed or self.is_elsewhere(old):
            return None
        if old.says.startswith(TAG_PREFIX) and self.tag:
            return self.tag.removeprefix(old.prefix)
        if old.only_tags or not is_sha(self.candidate) or (is_full_sha(old.text) and not is_full_sha(self.candidate)):
            return None
        spelled_out = not is_short_sha(old.text) or (is_pin and not self.is_said_in_full)
        return self.candidate if spelled_out else self.candidate[: len(old.text)]

    def is_elsewhere(self, old: Found) -> bool:
        """Whether the candidate's tag is one of another repository than what ``old`` says: of a fork, or of LLVM's."""
        return bool(self.tag) and is_fork_tag(old.says) != is_fork_tag(self.tag)


def prepare_bump(
    config: Config,
    candidate: str,
    *,
    upstream: Upstream,
    checksum: str | None = None,
    components: bool = True,
    clones: Mapping[str, Path] | None = None,
    tag: str = "",
    group: str = "",
    apart: bool = False,
) -> Bump:
    """What has to change so that every pin says ``candidate`` (a full SHA, or a tag). Nothing is written.

    ``tag``: the tag that the candidate was named by, to be written where a tag stands now. ``group``: whose pins move;
    those of the other groups are another LLVM by design. ``apart``: a pin that says something else than the leading
    one moves, too; without, it does so only where the leading one says the candidate already.

    ``checksum``: SHA-256 of the candidate's archive (64 hexadecimal digits); without it, checksums beside a commit
    become zeros, which no archive has, and a remark says so.
    """
    repository = Repository.open(config.root)
    everything = read_pins(config, repository=repository)
    readings = [reading for reading in everything if reading.spec.group == group]
    own = own_pins(readings)
    kept = [] if apart else left_apart(own, candidate, tag)
    readings = [reading for reading in readings if reading not in kept]
    own = [reading for reading in own if reading not in kept]
    in_full = any(reading.location.line is None or is_full_sha(reading.text) for reading in own)
    task = _Task(config, repository, candidate, upstream, clones or {}, tag, checksum, in_full)
    files = _rewritten_files(task, readings, own, everything)
    links = [_own_link(task, reading) for reading in own if reading.location.line is None]
    moves, left = _component_moves(task, readings, files) if components else ([], [])
    remarks = files.remarks
    remarks += [_why_apart(reading, own) for reading in kept]
    remarks += [f"{reading.name}: {reading.problem.message}" for reading in own if reading.problem]
    return Bump(
        edits=files.edits(),
        links=tuple(link for link in (*links, *moves) if link and link.before != link.after),
        remarks=tuple(dict.fromkeys([*remarks, *left])),
    )


def own_pins(readings: Iterable[PinReading]) -> list[PinReading]:
    """Those that are the project's own and compared."""
    return [reading for reading in readings if not reading.hops and reading.spec.policy is not Policy.IGNORE]


def left_apart(own: Sequence[PinReading], candidate: str, tag: str = "") -> list[PinReading]:
    """The pins that say something else than the leading one: what made them differ is not undone in passing.

    None where the leading one says the candidate already: then a move that was begun is brought to its end. A tag and
    a SHA that nothing resolves may be the same.
    """
    first = next((reading for reading in own if reading.text), None)
    if first is None or {first.sha, first.text} & {candidate, tag or candidate}:
        return []
    return [one for one in own if one.text and _says_else(one, first)]


def _says_else(one: PinReading, first: PinReading) -> bool:
    if one.sha and first.sha:
        return one.sha != first.sha
    return one.is_tag == first.is_tag and not same_commit(one.text, first.text)


def _why_apart(reading: PinReading, own: Sequence[PinReading]) -> str:
    return (
        f"{reading.name}: {reading.location} said {reading.short} before, where {own[0].name} says {own[0].short}; "
        "it was left (bump --apart moves it, too)"
    )


@dataclass
class _EditedFiles:
    """The text files as they become, and what is to be said of them."""

    task: _Task
    texts: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    """Those of which a remark says already what was left as it stood."""
    _before: dict[str, str] = field(default_factory=dict)

    def before(self, path: str) -> str:
        """The file as it is."""
        if path not in self._before:
            self._before[path] = _text(self.task.repository, path)
        return self._before[path]

    def text(self, path: str) -> str:
        """The file as it has become so far."""
        return self.texts[path] if path in self.texts else self.before(path)

    def rewrite(self, path: str, reader: str, spec: PinSpec, old: set[str], *, is_pin: bool) -> None:
        """Replace what the reader finds of the ``old`` commit."""
        self.texts[path], left, notes = _rewritten(self.text(path), (reader, spec), old, self.task, is_pin=is_pin)
        self.remarks += [f"{path}{note}" for note in (*left, *notes)]
        self.kept |= {path} if left else set()

    def edits(self) -> tuple[FileEdit, ...]:
        """What becomes of every file that changes: one edit each, whoever changed it."""
        changes = ((path, self.before(path), after) for path, after in self.texts.items())
        return tuple(FileEdit(path=path, before=old, after=new) for path, old, new in changes if old != new)


def _is_vendored(reading: PinReading) -> bool:
    """Whether it is a file of this repository that belongs to a component, and must follow."""
    vendored = bool(reading.hops) and all(hop.what == "vendored directory" for hop in reading.hops)
    return vendored and reading.spec.policy in {Policy.EQUAL, Policy.SAME_BASE}


def _rewritten_files(
    task: _Task,
    readings: Iterable[PinReading],
    own: Sequence[PinReading],
    everything: Iterable[PinReading],
) -> _EditedFiles:
    """Every file in which a pin that moves, or a duplicate of one, is rewritten: those of other pins are left alone.

    ``readings``: the pins that move, ``own`` ones of the project among them, of ``everything`` that was read.
    """
    texts = [reading for reading in own if reading.location.line is not None]
    texts += [reading for reading in readings if _is_vendored(reading) and reading.sha]
    pinned = [(task.path_of(one), one) for one in texts]
    of_pins = {path for path, _ in pinned}
    left_alone = {task.path_of(one) for one in everything if one not in texts and not one.spec.through}
    said = {one.sha or one.text: one.text for one in (*own, *texts) if one.text}
    staying = {one.sha or one.text for one in everything if not one.hops and one not in own}
    # Where one that stays says the same as the first, nobody can tell whose a line is.
    leader = next((one for one in own[:1] if (one.sha or one.text) not in staying), None)
    files = _EditedFiles(task)
    files.texts |= {path: files.before(path) for path, _ in pinned}
    old = {sha: text for sha, text in said.items() if task.candidate not in {sha, text.lower()}}
    for sha, text in sorted(old.items()):  # before the pins: what stands beside one is known by its commit
        for path in _files_that_name(task, sha, text):
            if path not in left_alone:
                _rewrite_elsewhere(files, path, {sha, text}, is_pin=path in of_pins)
    for path, one in pinned:
        files.rewrite(path, one.reader, one.spec, {one.text}, is_pin=True)
    _follow_habit(files, leader, left_alone)
    files.remarks += _left_mentions(files, old)
    return files


def _follow_habit(files: _EditedFiles, leader: PinReading | None, left_alone: Container[str]) -> None:
    """Where no reader finds a pin, and the leading pin's last move wrote its commit: there it is written again."""
    task = files.task
    said = (leader.text if leader.is_tag else leader.sha) if leader else None
    new = task.tag if said and said.startswith(TAG_PREFIX) else task.candidate
    if leader is None or not said or not new or is_full_sha(said) != is_full_sha(new):
        return
    if VERSION.fullmatch(said.removeprefix(TAG_PREFIX)) and not VERSION.fullmatch(new.removeprefix(TAG_PREFIX)):
        return  # "23-init" is no number
    pin, place = task.repository.relative(task.config.root / leader.location.path), leader.location.line
    line = f"Subproject commit {said}"
    if place is not None:
        line, after = (text.split("\n")[place - 1] for text in (files.before(pin), files.text(pin)))
        if line == after:  # it was left where it is, for a reason that holds for them, too
            return
    untouched = {task.repository.relative(task.config.path), *files.kept}
    for path, lines in lines_moved_with(task.repository, pin, line, said).items():
        is_left = path in left_alone or path in untouched or _generator(path) or LOG.search(path)
        if lines and not is_left and not _is_no_text(task.repository, path):
            # A line that stands there more often than the move wrote it is about something else, too.
            often, text = Counter(files.before(path).split("\n")), files.text(path).split("\n")
            ours = {one for one, times in lines.items() if often[one] <= times}
            files.texts[path] = "\n".join(moved(one, said, new) if one in ours else one for one in text)


def _rewrite_elsewhere(files: _EditedFiles, path: str, old: set[str], *, is_pin: bool) -> None:
    """Duplicates that no pin of the configuration names, or that stand beside one in its file."""
    if _is_no_text(files.task.repository, path):
        files.remarks.append(f"{path} mentions {shortened(min(old))} and is not UTF-8 text; it was left alone")
        return
    is_table = not is_pin and _is_kept_per_release(files.text(path), old)
    if is_table:
        files.remarks.append(f"{path} keeps something for each release and was left alone: add what the new one needs")
        files.kept.add(path)
    is_told = (LOG.search(path) or _can_work_with(path, files.text(path), old)) and not is_pin
    is_left = is_table or _generator(path) or is_told
    for reader in () if is_left else implied_readers(path):
        files.rewrite(path, reader.name, PinSpec(name=path, file=path), old, is_pin=is_pin)
    files.texts.setdefault(path, files.text(path))


def _can_work_with(path: str, text: str, old: Iterable[str]) -> bool:
    """Whether a program's module has the number of a release and no tag of it: of a tool of its own, perhaps."""
    is_tagged = any(one in text for one in old)
    return path.endswith(".py") and not (is_tagged or builds_in_python(path))


def _is_kept_per_release(text: str, old: Iterable[str]) -> bool:
    """Whether the old release's number is a key: what stands below it is said of that release, and stays."""
    numbers = "|".join(re.escape(one.removeprefix(TAG_PREFIX)) for one in old if one.startswith(TAG_PREFIX))
    key = rf"(?:^[ \t]*+[\"']?|[\"'])(?:{TAG_PREFIX}|v)?(?:{numbers})[\"']?[ \t]*+(?::|=(?!=))"
    return bool(numbers) and re.search(key, text, re.MULTILINE) is not None


def _left_mentions(files: _EditedFiles, old: Mapping[str, str]) -> Iterator[str]:
    for path, after in files.texts.items():
        if path in files.kept:
            continue
        for sha, text in old.items():
            if re.search(rf"(?<![0-9a-z]){re.escape(_digits(text))}", after, re.IGNORECASE):
                left = f"where no reader finds a pin; it was left alone{_generator(path)}"
                yield f"{path} mentions {shortened(sha)} {left}"
            elif text.startswith(TAG_PREFIX):
                named = "" if after != files.before(path) else rf"(?:\b(?:{OF_ONE_RELEASE})[ -]|{_OWN_VERSION})"
                yield from _left_versions(path, after, text.removeprefix(TAG_PREFIX), named)


def _left_versions(path: str, after: str, version: str, named: str) -> Iterator[str]:
    """Where a file still has the old release's number: anyhow where it was rewritten, else behind LLVM's name."""
    number = re.escape(version).replace("\\.", "[._]")
    found = re.finditer(rf"{named}(?<![a-z0-9.])v?{number}(?![\w.]*\w)", after, re.IGNORECASE | re.MULTILINE)
    lines = list(dict.fromkeys(after.count("\n", 0, one.start()) + 1 for one in found))
    if lines:
        places = ", ".join(map(str, lines[:5]))
        yield f"{path}:{places}: {version} was left, since no reader finds a pin there"


def _generator(path: str) -> str:
    """What makes a file that a tool writes, and is to be run instead of a rewrite."""
    name = path.rpartition("/")[2]
    return next((f": it is generated, run `{command}`" for lock, command in GENERATED.items() if name == lock), "")


def _files_that_name(task: _Task, sha: str, text: str) -> Iterator[str]:
    """The tracked files that name the commit, in full, abbreviated or by the tag ``text``; not the configuration."""
    patterns = [word for one in dict.fromkeys((_digits(sha), _digits(text))) for word in ("-e", one)]
    grep = ("grep", "-l", "-I", "-i", "-z")
    found = task.repository.names(*grep, "-F", *patterns, ok=(0, 1))
    if text.startswith(TAG_PREFIX):  # llvm-22.1.8.obj, LLVM_VERSION = "22.1.8"
        number = re.escape(text.removeprefix(TAG_PREFIX))
        words = "-e", rf"({OF_ONE_RELEASE}).{{0,60}}[^0-9.]{number}", "-e", rf"{_OWN_VERSION}{number}"
        behind = task.repository.names(*grep, "-E", *words, ok=(0, 1))
        found = [*found, *(path for path in behind if implied_readers(path) and not _TELLS_HISTORY.search(path))]
    own = task.repository.relative(task.config.path)
    yield from (path for path in dict.fromkeys(found) if path != own)


def _is_no_text(repository: Repository, path: str) -> bool:
    try:
        _text(repository, path)
    except RepositoryError:
        return True
    return False


def _digits(text: str) -> str:
    """As much of a SHA as git shows of one; a tag as it is."""
    return text[:_SHOWN_DIGITS] if is_short_sha(text) or is_full_sha(text) else text


def _text(repository: Repository, path: str) -> str:
    try:
        return read_plain(repository.work_tree / path, LARGEST_FILE).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RepositoryError(f"cannot be read: {error}", where=path) from error


def _rewritten(
    text: str, how: tuple[str, PinSpec], old: set[str], task: _Task, *, is_pin: bool
) -> tuple[str, list[str], list[str]]:
    """The text with every mention of ``old`` replaced, what was left of them, and what is to be recomputed."""
    reader = find_reader(how[0])
    mentions = (*reader.mentions(text, how[1]), *reader.releases(text, old)) if reader else ()
    if reader and reader.document is None:
        mentions = tuple(_with_checksums(mentions, text, how[1].file))
    meant = list(
        {one.start: one for one in reversed(mentions) if any(same_commit(one.says, said) for said in old)}.values()
    )
    new = {one.start: task.written_for(one, is_pin=is_pin) for one in meant}
    changed = [one for one in meant if new[one.start] not in {None, one.text.lower(), one.text}]
    changes: list[tuple[Span, str]] = [(one, str(new[one.start])) for one in changed]
    changes += [*_in_comments(text, changed, task), *_in_directories(text, changed, task)]
    spans = list({span.start: span for mention in changed for span in mention.checksums}.values())
    sums = [span.text for span in spans]
    given = task.checksum if is_of_archive(how[0], sums) else None
    changes += [(span, in_form_of(span.text, given) if given else placeholder(span.text)) for span in spans]
    left, notes = [f":{one.line}: {_why_kept(one, task)}" for one in meant if new[one.start] is None], list[str]()
    notes += _sums_left(text, changed, spans)
    lines = text.split("\n")
    notes += dict.fromkeys(f":{one.line}: {_UNSEEN}" for one in changed if READY_MADE.search(lines[one.line - 1]))
    if sums and not given:
        which = "the checksum has" if len(sums) == 1 else f"{len(sums)} checksums have"
        archive = next((one.archive for one in changed if one.archive), "")
        written = task.tag if changed[0].says.startswith(TAG_PREFIX) and task.tag else task.candidate
        notes.append(f": {which} to be recomputed (zeros now): {how_to_compute(written, how[0], sums, archive)}")
    return rewrite(text, changes), left, notes


def _in_directories(text: str, changed: Iterable[Found], task: _Task) -> Iterator[tuple[Span, str]]:
    """The release in ``llvm-project_20_1_8``: a script that finds the old directory would go on with the old LLVM."""
    new = task.tag.removeprefix(TAG_PREFIX).replace(".", "_")
    for old in {one.says.removeprefix(TAG_PREFIX).replace(".", "_") for one in changed if task.tag}:
        for match in re.finditer(rf"(?<![\w-])(?i:llvm)(?:[-_]project)?_(?P<old>{re.escape(old)})(?![\w.])", text):
            yield Span(text=old, start=match.start("old")), new


_SUM: Final = re.compile(rf"(?<![0-9A-Za-z+/-])(?:{CHECKSUM.pattern}|[0-9a-f]{{32}})(?![0-9A-Za-z+/])")


def _sums_left(text: str, changed: Iterable[Mention], taken: Iterable[Span]) -> Iterator[str]:
    """Checksums in the lines of what has changed, and right below, that no reader takes for its archive's."""
    lines, starts = text.split("\n"), {span.start for span in taken}
    offsets = [0, *accumulate(len(line) + 1 for line in lines)]
    near = {number for one in changed if one.only_tags or one.archive for number in range(one.line, one.line + 4)}
    for number in sorted(near & set(range(1, len(lines) + 1))):
        if any(offsets[number - 1] + match.start() not in starts for match in _SUM.finditer(lines[number - 1])):
            yield f":{number}: a checksum stands near what was moved; if it is of that archive, it has to be recomputed"


_UNSEEN: Final = "an archive of binaries, whose name may differ with each release: look whether LLVM has this one"


def _in_comments(text: str, changed: Iterable[Found], task: _Task) -> Iterator[tuple[Span, str]]:
    """What a comment behind a commit calls it, ``"<commit>",  # 22.1.8``.

    Where nobody said which release the candidate is, nothing right could be written.
    """
    version = task.tag.removeprefix(TAG_PREFIX)
    if not (VERSION.fullmatch(version) and is_full_sha(task.candidate)):
        return
    for one in (one for one in changed if is_full_sha(one.text)):
        if behind := _RELEASE_BEHIND.match(text, one.start + len(one.text)):
            yield Span(text=behind["version"], start=behind.start("version")), version


def _with_checksums(mentions: Iterable[Mention], text: str, file: str) -> Iterator[Mention]:
    """The mentions of a reader that knows no checksums, with those that the file's syntax shows beside them."""
    beside: dict[int, tuple[Span, ...]] = {}
    for reader in implied_readers(file):
        for one in reader.mentions(text, PinSpec(name=file, file=file)):
            beside.setdefault(one.start, one.checksums)
    for mention in mentions:
        yield replace(mention, checksums=mention.checksums or beside.get(mention.start, ()))


def _why_kept(mention: Mention, task: _Task) -> str:
    if mention.fixed:
        return f"{shortened(mention.says)} was left: {mention.fixed}"
    if task.is_elsewhere(mention):
        return f"{shortened(mention.says)} was left: {task.tag} is a tag of another repository"
    if mention.only_tags:
        return f"{mention.says} was left: only a tag can stand here, give bump one (llvmorg-...)"
    return f"{shortened(mention.says)} was left: nothing here says which SHA {task.candidate} is ([llvm.tags] can)"


def _own_link(task: _Task, reading: PinReading) -> LinkMove | None:
    if reading.sha is None or not is_full_sha(task.candidate):
        return None
    path = task.repository.relative(task.config.root / reading.location.path)
    return LinkMove(path=path, before=reading.sha, after=task.candidate, why=f"the project's own pin {reading.name}")


def _component_moves(
    task: _Task, readings: Sequence[PinReading], files: _EditedFiles
) -> tuple[list[LinkMove], list[str]]:
    """How the components follow: gitlinks, files that name a component's commit, and what is left to do."""
    moves: dict[str, LinkMove] = {}
    remarks = []
    for reading in readings:
        if not reading.hops or reading.spec.policy is Policy.IGNORE or reading.sha == task.candidate:
            continue
        if reading.hops[0].what not in MOVABLE or reading.spec.policy is Policy.ADVISORY:
            remarks.append(f"{reading.name}: {_why_left(reading)}")
            continue
        where = standing(
            reading, task.candidate, repository=task.repository, upstream=task.upstream, clones=task.clones
        )
        carrier = where.exact or where.nearest
        if carrier and _is_nearer(carrier, reading, task):
            path = task.repository.relative(task.config.root / reading.hops[0].where.path)
            if reading.hops[0].what == "file":
                _name_commit(files, path, reading, carrier.commit)
            else:
                moves.setdefault(path, LinkMove(path=path, before=where.current, after=carrier.commit, why=_why(where)))
        if not where.exact:
            remarks.append(f"{reading.name}: {waiting(where)}")
    return list(moves.values()), remarks


def _name_commit(files: _EditedFiles, path: str, reading: PinReading, commit: str) -> None:
    """Make the file that names the component's commit name another."""
    hop = reading.spec.through[0]
    before = files.text(path)
    _, mentions = read_with(readers_for(hop.finder), before, hop.finder)
    old = reading.hops[0].commit
    named = [one for one in mentions if same_commit(one.text, old)]
    sums = {span.start: span for one in named for span in one.checksums}.values()
    changes: list[tuple[Span, str]] = [(one, commit) for one in named]
    files.texts[path] = rewrite(before, [*changes, *((span, placeholder(span.text)) for span in sums)])
    if sums:
        files.remarks.append(f"{path}: the checksum beside {hop.key or 'the commit'} has to be recomputed (zeros now)")


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
    if _is_vendored(reading):
        return f"was rewritten, but {reading.hops[0].where.path} is no submodule: bring its code along by hand"
    return (
        f"advisory, left at {reading.short} ({reading.spec.reason})" if reading.spec.reason else "advisory, left alone"
    )


def _why(where: CarrierStanding) -> str:
    if where.exact:
        return f"{where.exact.short} carries the candidate"
    return f"the nearest of its history: {_describe(where.nearest)}" if where.nearest else ""


def _describe(carrier: Carrier) -> str:
    far = f"{carrier.distance}" if carrier.distance else f"{abs(carrier.days or 0):.0f} days away"
    return f"{carrier.short} pins {carrier.llvm[:12]}: {far}"


def waiting(where: CarrierStanding, today: datetime.date | None = None) -> str:
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
        yield unified_diff(edit.path, edit.before, edit.after).removesuffix("\n")
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
    try:
        descriptor, temporary = tempfile.mkstemp(dir=target.parent)
    except OSError as error:
        hint = "make its directory writable, and run the command again; git diff tells what was rewritten before"
        raise GateError(f"cannot be rewritten: {error.strerror or error}", where=str(path), hint=hint) from error
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
    there = shell_word(link.path)
    check_out = f"git -C {there} checkout {link.after}"
    fetch = f"git -C {there} fetch origin {link.after} && {check_out}"
    checkout = Repository.open(directory)
    if not checkout.has_commit(link.after):
        return [f"the clone of {link.path} does not have {link.after[:12]} yet: {fetch}"]
    if checkout.describe().dirty:
        return [f"the checkout of {link.path} has changes and was left alone: {check_out}"]
    checkout.check_out(link.after)
    return []
