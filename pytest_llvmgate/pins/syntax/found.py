"""What a syntax finds in a text, and how the LLVM commit is told from everything else that looks like one.

A syntax makes a :class:`Document` of a text: what is assigned to which name, and what each scope (a call, a command, an
object) speaks of. Whose commit a value is, is judged here for all of them: by the repository that the scopes name in
which it is used, then by its own name. What nothing shows to be LLVM's is none.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Final

from pytest_llvmgate.upstream.whose import (
    LLVM,
    is_bare_commit_name,
    is_bound,
    is_llvm_name,
    is_llvm_repository,
    is_mlir_name,
    words_of,
)

_REVISION: Final = (
    r"(?:[0-9a-fA-F]{7,40}|llvmorg-[0-9]+(?:\.[0-9]+)*(?:-?rc[0-9]+)?(?:-init)?(?:-[0-9]+-g[0-9a-f]{7,40})?)"
)
REVISION: Final = re.compile(rf"(?<![0-9A-Za-z_.-]){_REVISION}(?![0-9A-Za-z_])")
"""What an LLVM commit looks like where one is written: a SHA, possibly abbreviated, or one of LLVM's tags."""
TAG_PREFIX: Final = "llvmorg-"
"""Every release and release candidate of LLVM has such a tag, and so has every branch point."""

_OF_MD5: Final = 32
NAMED_ARGUMENT: Final = r"""\(\s*["']-{0,2}(?P<name>[A-Za-z_][\w-]*+)["']\s*+,"""
"""The beginning of ``option("llvm_commit", ...)``, of an expression."""
CHECKSUM: Final = re.compile(
    r"[0-9a-f]{64}|[0-9a-f]{128}|sha256-[A-Za-z0-9+/]{43}=|sha512-[A-Za-z0-9+/]{86}==|[0-9abcdfghijklmnpqrsvwxyz]{52}"
)
"""SHA-256 or SHA-512 in hexadecimal (Bazel, CMake), in base64 (SRI: Nix, Bazel's ``integrity``) or in Nix's base 32."""

VERSION: Final = re.compile(r"(?<![0-9])[0-9]++\.[0-9]++\.[0-9]++(?:-?rc[0-9]++)?")
"""A release of LLVM without its tag's beginning."""
RELEASE: Final = re.compile(
    r"(?:3\.[0-9]\.[0-2]|(?:[4-9]|1[0-7])\.0\.[0-9]|(?:7|11)\.1\.0|(?:1[89]|[2-9][0-9])\.1\.[0-9])(?:-?rc[0-9]+)?"
)
"""A version as LLVM numbers its releases: since 18 the first is ``18.1.0``, and before it was ``17.0.0``."""
PACKAGES: Final = frozenset({"mlir", "llvm", "llvmdev", "libllvm", "llvm-project"})
"""What LLVM is called by those who package it, conda-forge first; ``clang`` and ``lld`` are tools beside it."""
_LEAST: Final = frozenset({"required", "supported", "needed", "requires"})
"""What makes a version the least that will do; a commit has no such order."""
_PART_OF_VERSION: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
_FORK_TAG: Final = re.compile(
    r"[A-Za-z][\w./+-]{0,60}[-_/]v?[0-9]+\.[0-9]+\.[0-9]+(?:[-+_][0-9]+|-?rc[0-9]+|-RELEASE)"
    rf"|{TAG_PREFIX}[0-9]+\.[0-9]+\.[0-9]+-[A-Za-z]{{1,20}}[0-9]{{1,4}}"
)
"""A numbered release of a fork: ``wombat-15.0.7-11``, ``llvmorg-20.1.7-wombat2``.

Without a number behind the version it may be a branch.
"""
BRANCH: Final = re.compile(
    r"(?:[\w.-]{1,60}/){0,3}(?:release/(?:[0-9]+|\$\{?\w{1,40}\}?)\.(?:[0-9]+\.)?x|main|master|trunk)"
    r"|[A-Za-z][\w./+-]{0,60}[-_/](?:llvmorg-|v)?[0-9]+(?:\.(?:[0-9]+|x)){1,2}"
)
"""What moves, or may: a branch of LLVM, or a ref of a fork that is named for a version."""
_COMMIT_NAME: Final = re.compile(
    r"(?:^|[._-])(?:git_tag|commit|rev|revision|tag|ref|sha|hash|version|checkout|branch)$", re.IGNORECASE
)
_HOSTED: Final = re.compile(
    r"(?:github\.com|gitlab\.[\w.]{2,40}|gitee\.com|bitbucket\.org|codeberg\.org|gitcode\.com|googlesource\.com|"
    r"\bgithub:|\bgitlab:)[/:]?(?P<owner>[\w.-]{1,80})/(?P<name>[\w.-]{1,100})"
)
_BARE_LLVM: Final = re.compile(
    r"(?<![\w])llvm[-_]project(?![-_](?!llvmorg|src\b|[0-9a-f]{7})[a-z])|(?<![\w.-])llvm/llvm\b"
    r"|(?<![\w.-])(?:llvm\.org/(?:pre-)?releases|releases\.llvm\.org)/"
)
_BEFORE_COMMIT: Final = re.compile(
    rf"(?:/(?P<kind>archive|tarball|zipball|tar\.gz|zip|releases/download)/(?P<tags>refs/tags/)?"
    rf"|(?P<mark>[@#]|[?&]re[fv]=|/tree/(?={_REVISION}/?(?:$|[\"'\s\[)>]))))"
    rf"(?P<sha>{_REVISION})(?=$|\.(?:tar|zip|tgz)|[/\"'\s?&)\[>])"
)
"""A commit inside the name of an archive, of a clone at it, or of the tree; what stands before it says whose it is."""
TAG: Final = re.compile(r"v[0-9]++(?:\.[0-9]++){1,3}(?:-?[A-Za-z][\w-]{0,20})?")
"""The tag of a release of another project."""
_TAG_OF_OTHER: Final = re.compile(rf"/archive/refs/tags/(?P<tag>{TAG.pattern})(?=\.tar|\.zip|\.tgz)")
_RELEASE_OF_FORK: Final = re.compile(
    r"/releases/download/(?P<tag>(?!llvmorg-)[A-Za-z][A-Za-z0-9_-]{0,40}[0-9]\.[0-9]+\.[0-9]+[A-Za-z0-9.+-]{0,20})/"
)
_FLAKE: Final = re.compile(
    rf"\bgit(?:hub|lab):(?P<name>[\w.-]{{1,80}}/[\w.-]{{1,100}})/(?P<sha>{_REVISION})(?=$|[/\"'\s?])"
)
_IN_DIRECTORY: Final = re.compile(
    rf"\bllvm-project-(?:(?P<release>{RELEASE.pattern})(?=\.src|$|[/\"'\s])|(?P<sha>{_REVISION})(?=$|\.(?:tar|zip|tgz)|[/\"'\s]))"
)
"""LLVM's sources in a directory or an archive that is named for them."""
_PREBUILT: Final = re.compile(
    r"(?<![\w.-])(?:clang-)?(?:llvm-(?P<sha>[0-9a-f]{40}(?=[/_.-])(?!\.(?:patch|diff))|[0-9a-f]{8,12}(?=-[a-z]{3,12}[0-9]*-(?:x|arm|aarch|amd)))"
    r"|(?P<described>llvmorg-[0-9]+-init-[0-9]+-g[0-9a-f]{7,40})(?=[/_.-]))"
    rf"|\bllvm(?:-platform)?:(?P<version>{RELEASE.pattern})(?=-[0-9.]+)"
)
"""A package of a built LLVM: ``.../llvm-<commit>-20260323-release.tar.gz``, ``zoo:llvm-platform:20.1.8-1.5.12``."""
_OF_OLD: Final = re.compile(
    rf"(?:llvm\.org/(?:pre-)?releases|releases\.llvm\.org)/(?P<release>{RELEASE.pattern})"
    r"(?=$|[\"'\s]|/[\w+.-]{1,80}\.(?:tar|t?xz|exe|zip))"
)
"""Where releases were before there were tags of them."""
_WHEEL: Final = re.compile(
    r"^[^#\n]{0,200}?\bmlir[-_]python[-_]bindings *(?:==|@) *[0-9][0-9.]{0,40}\+g?(?P<sha>[0-9a-f]{7,40})\b",
    re.MULTILINE,
)
_LAST_REPOSITORY: Final = re.compile(r"(?:(?P<owner>[\w.-]{1,80})/)?(?P<name>[\w.-]{1,100}?)(?:\.git)?$")
_FILE_OF_RELEASE: Final = re.compile(
    r"\b(?:(?:llvm|clang|lld|mlir|LLVM)(?:[+_-][a-z]{1,20}){0,6}|[a-z][a-z-]{2,30}(?=-[0-9.rc-]{5,20}\.src\b))"
    r"-(?P<version>[0-9]+\.[0-9]+\.[0-9]+(?:-?rc[0-9]+)?)(?=$|[.\"'/\s-])"
)
"""``llvm-project-22.1.8.src.tar.xz``, ``cmake-22.1.8.src``, ``clang+llvm-22.1.8-x86_64...``."""
_USE: Final = re.compile(
    r"\$\{?\{?\s*(?:env|matrix|inputs|vars)?\.?([A-Za-z_]\w*)|\{\{?\s*([A-Za-z_]\w*)|\$\(([A-Za-z_]\w*)\)|%([A-Za-z_]\w*)%"
)
TAG_OF_USE: Final = re.compile(
    rf"(?:{TAG_PREFIX}|llvm\.org/(?:pre-)?releases/|releases\.llvm\.org/)(?:\$\{{?\{{?\s*(?:env\.|matrix\.|inputs\.)?|\{{\{{?\s*|\$\(|%)([A-Za-z_]\w*)"
)
_RELEASE_OF_USE: Final = re.compile(
    r"(?:llvm-project|llvm|clang|clang\+llvm)-\$\{?([A-Za-z_]\w*)\}?(?=\.src\b|\.tar|-(?:x86_64|aarch64|arm64|\$))"
)
"""A release's file, whose version is filled in: others call theirs so, too, and have versions of their own."""
_TAG_TAKEN: Final = re.compile(
    r"(?:releases/download/|refs/tags/|(?:^|\s)(?:-b|--branch)[\s=]\s*)\"?(?:\$\{?\{?\s*|\{\{?\s*)?(?P<word>[\w.-]+)"
)
_ARCHIVE: Final = re.compile(
    r"/(?:archive|tarball|zipball)/[^\"'\s]{0,300}?(?P<suffix>\.zip|\.tar\.gz|\.tar\.xz|\.tgz)"
)
_MADE_ELSEWHERE: Final = "it is in the name of a package of a built LLVM, which somebody has to make first"
_SCOPES_OF_A_PART: Final = 1_000_000
_IN_PATH: Final = re.compile(r"/([0-9a-f]{40})(?=/|$)")
"""A commit as a directory of an installed LLVM: ``/opt/llvm/<commit>/install``."""
_CIPD: Final = "git_revision:"
_DEPTH: Final = 6
"""Nested scopes for which a string counts: a URL in a list in a call, say."""
_CHECKSUM_NAME: Final = re.compile(r"sha256|sha512|hash|integrity|checksum", re.IGNORECASE)
_LAST_WORD: Final = re.compile(r"(?:[._-]|(?<![A-Za-z0-9]))[A-Za-z0-9]++$")


@dataclass(frozen=True, kw_only=True)
class Span:
    """A piece of the text."""

    text: str
    start: int
    """Offset in characters."""


@dataclass(frozen=True, kw_only=True)
class Found(Span):
    """A commit that a text names, with the checksums of the archive that it is fetched as."""

    checksums: tuple[Span, ...] = ()
    prefix: str = ""
    """What stands before the text in the tag that is meant: a version, ``22.1.8``, means ``llvmorg-22.1.8``."""
    only_tags: bool = False
    """Git takes no SHA at this place (``git clone --branch``), or the URL is that of a release."""
    archive: str = ""
    """URL of the archive that is fetched, with ``{commit}`` in it; empty where the text shows none."""
    subject: str = LLVM
    """``owner/name`` of the repository whose commit it is, as far as the text says; LLVM's own name for LLVM."""
    partial: bool = False
    """Only some files of that repository are taken, or none of it is built."""
    fixed: str = ""
    """Why no other commit can be written here: it is in the name of something that is made elsewhere."""

    bare: bool = False
    """A release under LLVM's name, of which the text does not say what becomes of it."""

    @property
    def says(self) -> str:
        """The commit that is meant: a SHA or a whole tag."""
        return self.prefix + self.text


@dataclass(frozen=True, kw_only=True)
class Assignment(Span):
    """``name = value`` in whatever form the syntax has; the span is the value's, without quotes."""

    name: str
    """Dotted where it is nested: ``llvm.hash``."""
    scope: int = 0
    """Number of the call, object or block that it stands in; 0 is the file."""
    refers: bool = False
    """The value is the name of another assignment."""


@dataclass(frozen=True, kw_only=True)
class Embedded(Found):
    """A commit inside a string that names a piece of a repository: ``.../llvm-project/archive/<commit>.tar.gz``."""

    scopes: frozenset[int] = frozenset()
    """The calls, objects or blocks around it."""


@dataclass(kw_only=True)
class Document:
    """All assignments of a text, and what its scopes speak of."""

    assignments: list[Assignment] = field(default_factory=list)
    subjects: dict[int, set[str]] = field(default_factory=dict)
    """Scope to the repositories (``owner/name``) that strings in it, or right below it, name. Never the file's own."""
    uses: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    """Name to the scopes in which its value is used, the outermost first."""
    embedded: list[Embedded] = field(default_factory=list)
    """Commits inside longer strings."""
    versions: list[Span] = field(default_factory=list)
    """Versions in the names of LLVM's release files."""
    tags: set[str] = field(default_factory=set)
    """Names, or values, that stand where git takes only a tag or a branch."""
    as_tags: set[str] = field(default_factory=set)
    """Names whose value, a version, is used behind ``llvmorg-``."""
    idle: set[str] = field(default_factory=set)
    """Variables of a script that it neither uses nor hands to a command."""
    partial: set[int] = field(default_factory=set)
    """Scopes in which a repository is taken in part: a sparse checkout, or a download that nothing builds."""
    archives: dict[int, list[str]] = field(default_factory=dict)
    """Scope to the archives fetched in it, with ``{commit}`` for the commit."""

    def assign(self, name: str, text: str, start: int, *, scope: int = 0, refers: bool = False) -> None:
        """Note ``name = value``; of a path with a commit as one of its directories, the commit is the value.

        So it is in ``git_revision:<commit>``, by which packages of CIPD are called, and in the URL of LLVM's archive.
        """
        if text.startswith(_CIPD):
            text, start = text.removeprefix(_CIPD), start + len(_CIPD)
        inside = _IN_PATH.findall(text) if "/" in text and not refers else []
        if len(inside) == 1 and "://" not in text:
            text, start = inside[0], start + text.index(inside[0])
        elif "://" in text and not refers:
            found = [one for one in _said_in(text).embedded if one.subject == LLVM and not (one.fixed or one.prefix)]
            text, start = (found[0].text, start + found[0].start) if found else (text, start)
            self.tags.update(one.text for one in found if one.only_tags)
        self.assignments.append(Assignment(name=name, text=text, start=start, scope=scope, refers=refers))

    def package(self, name: str, version: str, start: int) -> None:
        """Note a package of LLVM's of that version, which is built from the release's tag."""
        self.as_tags.add("llvm_version")
        self.assign(f"{name}.llvm_version", version, start)

    def use(self, name: str, scopes: Sequence[int]) -> None:
        """Note that the value of ``name`` is used in ``scopes``."""
        self.uses.setdefault(name, []).append(tuple(scopes[-_DEPTH:]))

    def speaks_of(self, subject: str, scopes: Sequence[int]) -> None:
        """Note that ``scopes`` (the outermost first) are about a repository."""
        for scope in scopes[-_DEPTH:]:
            if scope:
                self.subjects.setdefault(scope, set()).add(subject)

    def fill_in(self, text: str, scopes: Sequence[int] = ()) -> None:
        """Note which names' values a text takes in, and which of them behind LLVM's tag."""
        said = _said_in(text)
        for name in said.uses:
            self.use(name, scopes)
        self.as_tags.update(said.as_tags)

    def mention(self, scopes: Sequence[int], text: str, start: int) -> None:
        """Note what ``text``, which stands in ``scopes``, the outermost first, says that the inner ones are about."""
        said = _said_in(text)
        if said is _NOTHING:
            return
        self.fill_in(text, scopes)
        self.tags.update(said.tags)
        for subject in said.subjects:
            self.speaks_of(subject, scopes)
        inner = frozenset(scope for scope in scopes[-_DEPTH:] if scope)
        for one in said.embedded:
            self.embedded.append(replace(one, start=start + one.start, scopes=inner))
        self.versions += [replace(one, start=start + one.start) for one in said.versions]
        for scope in inner if said.archive else ():
            self.archives.setdefault(scope, []).append(said.archive)

    def absorb(self, other: Document, offset: int, number: int) -> None:
        """Take over what was found in a part of the text that begins at ``offset``: the ``number``-th script, say."""

        def shifted(scope: int) -> int:
            return scope + number * _SCOPES_OF_A_PART if scope else 0

        for one in other.assignments:
            self.assignments.append(replace(one, start=one.start + offset, scope=shifted(one.scope)))
        for inside in other.embedded:
            scopes = frozenset(map(shifted, inside.scopes))
            self.embedded.append(replace(inside, start=inside.start + offset, scopes=scopes))
        self.versions += [Span(text=one.text, start=one.start + offset) for one in other.versions]
        self.subjects |= {shifted(scope): names for scope, names in other.subjects.items()}
        self.partial |= set(map(shifted, other.partial))
        self.archives |= {shifted(scope): urls for scope, urls in other.archives.items()}
        for name, chains in other.uses.items():
            self.uses.setdefault(name, []).extend(tuple(map(shifted, chain)) for chain in chains)
        self.tags |= other.tags
        self.idle |= other.idle
        self.as_tags |= other.as_tags

    @cached_property
    def _by_name(self) -> Mapping[str, Assignment]:
        """``rev = rev`` in a call means the one outside that has a value."""
        return {one.name: one for one in sorted(self.assignments, key=lambda one: not one.refers)}

    @cached_property
    def names(self) -> Counter[str]:
        """How often each name is given a value, whatever it stands in."""
        return Counter(one.name.rpartition(".")[2] for one in self.assignments)

    def followed(self, one: Assignment) -> Assignment:
        """The assignment at the end of a chain of references."""
        seen = {one.start}
        while one.refers and (further := self._by_name.get(one.text)) and further.start not in seen:
            seen.add(further.start)
            one = further
        return one

    @cached_property
    def linked(self) -> Mapping[int, set[str]]:
        """Scope to the repositories that it speaks of: also by what a name that is used in it stands for."""
        for one in self.assignments:
            if one.refers and one.scope:
                self.speak([one.scope], self.followed(one).text)
        for name, chains in self.uses.items():
            for chain in chains if name in self._by_name else ():
                self.speak(chain, self.followed(self._by_name[name]).text)
        return self.subjects

    @cached_property
    def _values(self) -> Mapping[str, list[Assignment]]:
        """Name to the assignments that give it a value, in the order of the text."""
        found: dict[str, list[Assignment]] = {}
        for one in sorted(self.assignments, key=lambda one: one.start):
            if not one.refers:
                found.setdefault(one.name, []).append(one)
        return found

    def value_at(self, one: Assignment) -> Assignment:
        """What a reference stands for where it stands: of several values of that name, the last before it."""
        values = self._values.get(one.text, []) if one.refers else []
        before = bisect_left(values, one.start, key=lambda value: value.start)
        return values[before - 1] if len(values) > 1 and before else one

    def while_it_holds(
        self, value: Assignment, sums: Sequence[tuple[Assignment, Span]]
    ) -> Sequence[tuple[Assignment, Span]]:
        """Those that stand where the name has that value: in one of several functions that have one name for it."""
        starts = [one.start for one in self._values.get(value.name, []) if not one.scope]
        if len(starts) < 2 or value.scope:
            return sums
        at = bisect_left(starts, value.start)
        if any(one.start < starts[0] for one, _ in sums):  # each stands above the commit that it belongs to
            before = starts[at - 1] if at else 0
            return [pair for pair in sums if before < pair[0].start < value.start]
        after = starts[at + 1] if at + 1 < len(starts) else sys.maxsize
        return [pair for pair in sums if value.start < pair[0].start < after]

    @cached_property
    def behind_tags(self) -> frozenset[str]:
        """Names whose version stands behind ``llvmorg-``: those that do, and those whose value they have."""
        values = (one.text for one in self.assignments if one.refers and one.name in self.as_tags)
        return frozenset(self.as_tags).union(values)

    @cached_property
    def has_parameter(self) -> bool:
        """Whether what stands behind ``llvmorg-`` has no version in this text: a function is given it, then."""
        versions = [one for one in self.assignments if VERSION.fullmatch(self.followed(one).text)]
        return not self.as_tags <= {one.name.rpartition(".")[2] for one in versions}

    def speak(self, scopes: Sequence[int], text: str) -> None:
        """Note that ``scopes`` are about the repositories that a URL names."""
        for subject in _subjects(text) if "/" in text or "llvm" in text else ():
            self.speaks_of(subject, scopes)


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What a string says wherever it stands; places are counted from its beginning."""

    uses: tuple[str, ...] = ()
    as_tags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    subjects: frozenset[str] = frozenset()
    embedded: tuple[Embedded, ...] = ()
    versions: tuple[Span, ...] = ()
    archive: str = ""


_NOTHING: Final = _Said()


@lru_cache(maxsize=4096)
def _said_in(text: str) -> _Said:
    """Kept, since the versions of a file in a history share most of their strings."""
    has_uses = "$" in text or "{" in text or "%" in text
    has_tags = "-b" in text or "refs/tags/" in text or "releases/download/" in text
    has_names = "/" in text or "llvm" in text.lower()
    if not (has_uses or has_tags or has_names):
        return _NOTHING
    said = _Said(
        uses=tuple(next(filter(None, match.groups()), "") for match in _USE.finditer(text)) if has_uses else (),
        as_tags=(*TAG_OF_USE.findall(text), *filter(is_llvm_name, _RELEASE_OF_USE.findall(text))) if has_uses else (),
        tags=tuple(match["word"] for match in _TAG_TAKEN.finditer(text)) if has_tags else (),
    )
    if not has_names:
        return said
    return replace(
        said,
        subjects=frozenset(_subjects(text)),
        embedded=tuple(_embedded(text)),
        versions=tuple(
            Span(text=one["version"], start=one.start("version")) for one in _FILE_OF_RELEASE.finditer(text)
        ),
        archive=_archive_of(text),
    )


def _subjects(text: str) -> Iterator[str]:
    """The repositories that a string names."""
    for match in _HOSTED.finditer(text):
        yield f"{match['owner']}/{match['name'].removesuffix('.git').rstrip('.')}"
    if _BARE_LLVM.search(_HOSTED.sub(" ", text)):
        yield LLVM


def other_named_last(text: str, end: int) -> str:
    """The repository whose URL a page has last before ``end``; empty where there is none, or LLVM was named since."""
    hosted = deque(_HOSTED.finditer(text, 0, end), maxlen=1)
    subject = next(_subjects(hosted[0][0])) if hosted else LLVM
    return "" if is_llvm(subject) or _BARE_LLVM.search(text, hosted[0].end(), end) else subject


def is_llvm(subject: str) -> bool:
    """Whether a repository named ``owner/name`` (or by its name alone) is LLVM."""
    owner, _, name = subject.rpartition("/")
    return is_llvm_repository(name, owner)


def _embedded(text: str) -> Iterator[Embedded]:
    yield from _in_paths(text)
    for match in _FLAKE.finditer(text):
        yield Embedded(text=match["sha"], start=match.start("sha"), subject=_known_as(match["name"]))
    for match in _IN_DIRECTORY.finditer(text):
        if match["release"]:
            yield Embedded(text=match["release"], start=match.start("release"), prefix=TAG_PREFIX, only_tags=True)
        elif is_commit(match["sha"]):
            yield Embedded(text=match["sha"], start=match.start("sha"))
    for match in _OF_OLD.finditer(text):
        yield Embedded(text=match["release"], start=match.start("release"), prefix=TAG_PREFIX, only_tags=True)
    for match in _PREBUILT.finditer(text):
        name = str(match.lastgroup)
        if name == "version" or is_commit(match[name]):
            prefix = TAG_PREFIX if name == "version" else ""
            yield Embedded(text=match[name], start=match.start(name), prefix=prefix, fixed=_MADE_ELSEWHERE)


def _in_paths(text: str) -> Iterator[Embedded]:
    """What stands behind a repository in a URL: commits, and releases of forks and of other projects."""
    for kind in (_BEFORE_COMMIT, _RELEASE_OF_FORK, _TAG_OF_OTHER):
        for match in kind.finditer(text):
            before = _LAST_REPOSITORY.search(text, max(0, match.start() - 200), match.start())
            subject = _known_as("/".join(filter(None, (before["owner"], before["name"])))) if before else ""
            name = "sha" if kind is _BEFORE_COMMIT else "tag"
            if match[name].startswith(TAG_PREFIX) and "/" in subject:  # whoever packs LLVM's release, it is LLVM's
                subject = LLVM
            found = Embedded(text=match[name], start=match.start(name), subject=subject)
            if kind is _BEFORE_COMMIT and subject and is_commit(match["sha"]):
                url = _url_around(text, match.start()).replace(match["sha"], "{commit}") if match["kind"] else ""
                archive = url.replace(match["sha"].removeprefix(TAG_PREFIX), "{version}")
                is_release = bool(match["tags"]) or match["kind"] == "releases/download"
                yield replace(found, only_tags=is_release, archive=archive)
            elif kind is _RELEASE_OF_FORK and subject == LLVM:
                yield replace(found, only_tags=True, fixed="it is a release of a fork, which has its own")
            elif kind is _TAG_OF_OTHER and "/" in subject:
                yield replace(found, only_tags=True)


def _known_as(repository: str) -> str:
    return LLVM if is_llvm(repository) else repository


def wheels(text: str) -> Iterator[Embedded]:
    """The commits in the versions of MLIR's Python wheels, each with the day on which it was built."""
    for match in _WHEEL.finditer(text):
        why = "it is in the version of a wheel, whose day of building nobody can tell"
        yield Embedded(text=match["sha"], start=match.start("sha"), fixed=why)


def _url_around(text: str, at: int) -> str:
    """The URL that ``at`` lies in."""
    begin = text.rfind("http", max(0, at - 300), at)
    return re.split(r"[\s\"')]", text[begin : at + 300], maxsplit=1)[0] if begin >= 0 else ""


def _archive_of(text: str) -> str:
    """The archive that a URL with something to be filled in fetches; empty where it is none of LLVM's."""
    match = _ARCHIVE.search(text)
    hosts = [host for host in _HOSTED.finditer(text) if match and host.end() <= match.start() + 1]
    if match is None or not hosts:
        return ""
    name = f"{hosts[-1]['owner']}/{hosts[-1]['name'].removesuffix('.git')}"
    return f"https://github.com/{name}/archive/{{commit}}{match['suffix']}"


def is_commit(text: str) -> bool:
    """Whether a value names a commit. A short run of decimal digits is a date or a version, 32 digits are an MD5."""
    if (text.isdigit() and len(text) < 40) or len(text) == _OF_MD5:
        return False
    return REVISION.fullmatch(text) is not None


def is_fork_tag(text: str) -> bool:
    """Whether it is LLVM's tag with something of a fork's behind it, which no other repository has."""
    return text.startswith(TAG_PREFIX) and _FORK_TAG.fullmatch(text) is not None and REVISION.fullmatch(text) is None


def branches(document: Document) -> Iterator[Assignment]:
    """Where a text takes LLVM from a branch, or from a ref that may be one: no commit, so no pin."""
    for one in document.assignments:
        if one.refers or is_commit(one.text) or _FORK_TAG.fullmatch(one.text) or not BRANCH.fullmatch(one.text):
            continue
        if _IN_DIRECTORY.fullmatch(one.text):
            continue
        if _COMMIT_NAME.search(one.name) and (is_llvm_name(one.name) or _whose(document, one) == LLVM):
            yield one


def put_together(document: Document) -> Iterator[Assignment]:
    """What stands behind ``llvmorg-`` and is made of other values, or a part: no place where a release is written."""
    for one in document.assignments:
        name = one.name.rpartition(".")[2]
        # `version` of several functions is as many variables: nothing says which of them stands behind the tag
        is_behind_tag = (
            name in document.as_tags and not one.refers and (is_llvm_name(name) or document.names[name] == 1)
        )
        if is_behind_tag and (_USE.search(one.text) or _PART_OF_VERSION.fullmatch(one.text)):
            yield one


def commits(document: Document, key: str = "", *, trusted: bool = False) -> Iterator[Found]:
    """The LLVM commits that a text names.

    With ``key`` (a name, or the end of a dotted one), what is assigned to it. Without, what is assigned to a name that
    speaks of LLVM; where there is none, what is used where llvm-project is spoken of; then what a name says to be
    MLIR's; then the number of a release under LLVM's name. ``trusted``: the file is known to hold LLVM's commit, so a
    checkout of nobody knows what counts, too.
    """
    found = list(_found(document, key, trusted=trusted))
    said = {one.says for one in found}
    places = {one.start: one for one in found}
    for inside in document.embedded if not key else ():
        is_said = not said or any(one.startswith(inside.text) for one in said)
        if inside.subject == LLVM and is_said:  # what a string names else is no pin
            sums = [value for one, value in _checksums(document) if one.scope and one.scope in inside.scopes]
            places.setdefault(inside.start, replace(inside, checksums=tuple(sums)))
    said = {one.says for one in places.values()}
    scopes = {one.scope for one in document.assignments if one.start in places and one.scope}
    for one in releases_of(document, said, scopes):
        places.setdefault(one.start, one)
    return iter(places.values())


def releases_of(document: Document, said: Collection[str], scopes: Collection[int] = ()) -> Iterator[Found]:
    """The versions whose tag is one of ``said``: in names of LLVM's files, under LLVM's name, and in ``scopes``.

    So ``version: 22.1.8`` below ``tag: llvmorg-22.1.8`` says the same, as the scope is the tag's.
    """
    numbers = [one for one in document.versions if TAG_PREFIX + one.text in said]
    for one in document.assignments:
        text = one.text.removeprefix("v")
        if one.text in said and one.text.startswith(TAG_PREFIX) and not (one.refers or _is_limit(one.name)):
            yield Found(text=one.text, start=one.start)
        if TAG_PREFIX + text in said and not one.refers:
            is_beside = one.scope in scopes and one.name.rpartition(".")[2] == "version"
            span = Span(text=text, start=one.start + len(one.text) - len(text))
            numbers += [span] if is_beside or _is_release(document, one, one) else []
    for number in numbers:
        yield Found(text=number.text, start=number.start, prefix=TAG_PREFIX, only_tags=True)


def other_commits(document: Document) -> Iterator[tuple[str, Found]]:
    """The commits of other projects that a text names: the name that holds each (empty in a string), and the place."""
    for one in document.assignments:
        if not is_commit(one.text) or one.refers or one.text.startswith(TAG_PREFIX):
            continue
        judged = _whose(document, one)
        if not is_llvm_name(one.name) and judged != LLVM:
            partial = _is_partial(document, _scopes_of(document, one))
            yield one.name, Found(text=one.text, start=one.start, subject=judged, partial=partial)
    for inside in document.embedded:
        if inside.subject != LLVM:
            yield "", replace(inside, partial=_is_partial(document, inside.scopes))


def _is_partial(document: Document, scopes: Collection[int]) -> bool:
    return not document.partial.isdisjoint(scopes)


def _found(document: Document, key: str, *, trusted: bool) -> Iterator[Found]:
    sums = list(_checksums(document))
    places: dict[int, Found] = {}
    for chosen in _chosen(document, key, trusted=trusted):
        target = document.followed(chosen)
        known = _prefix(document, chosen, target)
        bare = not known and _is_release(document, chosen, target)
        prefix = TAG_PREFIX if bare else known
        of_fork = _is_of_fork(document, chosen)
        if prefix or of_fork or is_commit(target.text) or _is_checked_out(chosen, target):
            scopes = _scopes_of(document, chosen) | _scopes_of(document, target)
            near = document.while_it_holds(target, sums)
            found = (tuple(_belonging(near, one, scopes)) for one in (chosen, target))
            checksums = next(filter(None, found), ())
            other = places.get(target.start)
            if other is None or len(other.checksums) < len(checksums):
                places[target.start] = Found(
                    text=target.text,
                    start=target.start,
                    checksums=checksums,
                    prefix=prefix,
                    only_tags=bool(prefix) or of_fork or bool({chosen.name, target.name, target.text} & document.tags),
                    archive=next((url for scope in sorted(scopes) for url in document.archives.get(scope, ())), ""),
                    bare=bare and _whose(document, chosen) != LLVM,
                )
    yield from places.values()


def _prefix(document: Document, *assignments: Assignment) -> str:
    """``llvmorg-`` for a version that the text puts behind it."""
    *_, target = assignments
    if VERSION.fullmatch(target.text) is None:
        return ""
    used = any(one.name.rpartition(".")[2] in document.behind_tags for one in assignments)
    given = document.has_parameter and any(is_llvm_name(one.name) for one in assignments)
    return TAG_PREFIX if used or given else ""


def _is_release(document: Document, one: Assignment, target: Assignment) -> bool:
    """Whether a name that says LLVM's holds a release of it, for whoever uses it, and not the least that will do."""
    if RELEASE.fullmatch(target.text) is None:
        return False
    return is_llvm_name(one.name) and one.name not in document.idle and not _is_limit(one.name)


def _is_limit(name: str) -> bool:
    return is_bound(name) or not _LEAST.isdisjoint(words_of(name))


def _chosen(document: Document, key: str, *, trusted: bool) -> list[Assignment]:
    if key:
        return [one for one in document.assignments if one.name == key or one.name.endswith(f".{key}")]
    values = [one for one in document.assignments if _names_one(document, one)]
    judged = {one.start: _whose(document, one) for one in values}
    named = [one for one in values if is_llvm_name(one.name) and not (one.refers or _is_called_so(one, judged))]
    about = [one for one in values if judged[one.start] == LLVM or _is_filled_in(document, one)]
    of_mlir = [one for one in values if is_mlir_name(one.name) and not judged[one.start] and not one.refers]
    unknown = [one for one in values if trusted and not judged[one.start] and _says_no_project(one)]
    plain = (one for one in document.assignments if not one.refers)
    released = [one for one in plain if _is_release(document, one, one)]
    best = named or about or of_mlir or unknown or released
    said = {document.followed(one).text.lower() for one in best}
    same = [one for one in (*about, *of_mlir, *released) if document.followed(one).text.lower() in said]
    return list(dict.fromkeys([*best, *same]))


def _is_filled_in(document: Document, one: Assignment) -> bool:
    """Whether a release stands behind LLVM's tag by a name that nothing else has."""
    name = one.name.rpartition(".")[2]
    if name not in document.behind_tags or RELEASE.fullmatch(one.text) is None:
        return False
    return document.names[name] == 1


def _is_called_so(one: Assignment, judged: Mapping[int, str]) -> bool:
    """Whether a directory has LLVM in its name because the repository that was cloned into it has: ``wombat-llvm``."""
    repository = judged[one.start]
    return repository != LLVM and one.name == f"{repository.rpartition('/')[2]}.checkout"


def _says_no_project(one: Assignment) -> bool:
    """Whether a variable speaks of a commit and of no project: in a file that is LLVM's, that is LLVM's commit."""
    return one.name.endswith("checkout") or (not one.scope and is_bare_commit_name(one.name))


def _names_one(document: Document, one: Assignment) -> bool:
    target = document.followed(one)
    said = is_commit(target.text) or _is_checked_out(one, target) or _is_of_fork(document, one)
    return said or bool(_prefix(document, one, target))


def _is_of_fork(document: Document, one: Assignment) -> bool:
    """Whether a name that says LLVM's holds a tag of a fork, or one has LLVM's tag with a number of the fork's."""
    text = document.followed(one).text
    if _FORK_TAG.fullmatch(text) is None or "://" in text:
        return False
    return is_llvm_name(one.name) or (text.startswith(TAG_PREFIX) and _whose(document, one) == LLVM)


def _is_checked_out(one: Assignment, target: Assignment) -> bool:
    """Whether git is given it: then even a run of decimal digits is a commit."""
    return one.name.endswith(".checkout") and REVISION.fullmatch(target.text) is not None


def _whose(document: Document, one: Assignment) -> str:
    """LLVM, or another repository, or nothing where the text does not say: by the scopes in which a value is used."""
    votes = [_about(document, chain) for chain in _chains(document, one)]
    if one.refers and not one.scope:  # rev = version: the value's own scopes speak, too
        votes += [_about(document, chain) for chain in _chains(document, document.followed(one))]
    said = [vote for vote in votes if vote]
    if LLVM in said:
        return LLVM
    return said[0] if said else ""


def _chains(document: Document, one: Assignment) -> Iterator[tuple[int, ...]]:
    """The scopes that tell whose a value is: its own, if its name is one for a commit, and those that use it."""
    if one.scope and _COMMIT_NAME.search(one.name):
        yield (one.scope,)
    if not one.scope or not _COMMIT_NAME.fullmatch(one.name):
        for name in dict.fromkeys((one.name, one.name.rpartition(".")[2])):
            yield from document.uses.get(name, ())


def _scopes_of(document: Document, one: Assignment) -> set[int]:
    inner = {chain[-1] for chain in _chains(document, one) if chain}
    around = {scope for chain in _chains(document, one) for scope in chain[-3:]}
    return {scope for scope in ({one.scope} | inner | around) if scope}


def _about(document: Document, chain: Sequence[int]) -> str:
    """What the innermost scope that speaks of any repository is about; nothing where it speaks of several."""
    for scope in reversed(chain):
        subjects = document.linked.get(scope)
        if subjects:
            distinct = {LLVM if is_llvm(one) else one for one in subjects}
            return distinct.pop() if len(distinct) == 1 else ""
    return ""


def _checksums(document: Document) -> Iterator[tuple[Assignment, Span]]:
    """Where a checksum is given, and where it is written."""
    for one in document.assignments:
        written = document.followed(document.value_at(one))
        is_called_so = _CHECKSUM_NAME.search(one.name) or _FILE_OF_RELEASE.match(one.name)
        if CHECKSUM.fullmatch(written.text) and is_called_so and _is_seen(document, one, written):
            yield one, Span(text=written.text, start=written.start)


def _is_seen(document: Document, one: Assignment, written: Assignment) -> bool:
    """Whether a name means what is written there: an argument of another call is no variable, whatever it is called."""
    around = {scope for chain in document.uses.get(one.text, ()) for scope in chain}
    return not one.refers or not written.scope or written.scope in around


def _is_of_another(checksum: Assignment, chosen: Assignment) -> bool:
    """Whether a checksum's name says whose it is, and that is neither LLVM nor the commit beside: ``SDK_SHA256``."""
    stem, *rest = _CHECKSUM_NAME.split(checksum.name.rpartition(".")[2], maxsplit=1)
    stem = stem.rstrip("_-")
    is_own = (
        is_llvm_name(stem) or chosen.name.rpartition(".")[2].startswith(stem) or is_bare_commit_name(f"{stem}_hash")
    )
    return bool(rest) and not is_own


def _belonging(sums: Sequence[tuple[Assignment, Span]], chosen: Assignment, scopes: set[int]) -> Iterator[Span]:
    """The checksums that belong to a commit: where it is used, beside it, or under a name with the same stem."""
    stem = _LAST_WORD.sub("", chosen.name)
    places: dict[int, Span] = {}
    for one, written in sums:
        if _is_of_another(one, chosen):
            continue
        beside = one.scope in scopes or (chosen.scope and one.name.startswith(f"{chosen.name}."))
        same_stem = bool(stem) and one.name.startswith(stem)
        same_stem = same_stem or (_FILE_OF_RELEASE.match(one.name) is not None and chosen.text in one.name)
        below = "." not in chosen.name and chosen.scope and "." in one.name
        if beside or same_stem or below:
            places[written.start] = written
    return iter(places.values())
