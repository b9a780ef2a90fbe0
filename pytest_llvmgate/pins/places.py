"""Where a tree writes LLVM commits, and commits of projects that lead to one: a work tree, or a component at a commit.

What a file's format shows is a place. What it shows and nobody can decide is a gap: told, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final

from pytest_llvmgate.config.layout import as_name
from pytest_llvmgate.config.settings import PinSpec
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git.revisions import is_full_sha, same_commit
from pytest_llvmgate.pins.known import COMPONENTS, project_named
from pytest_llvmgate.pins.readers import (
    GENERATED,
    SEARCHED,
    SOURCES,
    Mention,
    Reader,
    implied_readers,
    is_llvm_file,
    read_with,
    readers_of,
    said_by,
    stem_of,
)
from pytest_llvmgate.pins.syntax.found import (
    TAG_PREFIX,
    Document,
    branches,
    commits,
    is_commit,
    other_commits,
    put_together,
)
from pytest_llvmgate.pins.tree_view import TreeView
from pytest_llvmgate.upstream.whose import (
    LLVM,
    ends_in_llvm,
    is_bare_commit_name,
    is_llvm_name,
    is_llvm_url,
)

_NAMED_FOR_A_COMMIT: Final = re.compile(
    r"(?:version|hash|commit|revision|sha)[^/]*+$|(?:llvm|mlir)[^/]{0,255}\.(?:version|txt|lock|ref)$|\.lock$"
    r"|(?:deps|dependencies|pins|pinned)\.py$",
    re.IGNORECASE,
)
_ANY_NAME: Final = tuple(f":!*.{suffix}" for suffix in sorted(SOURCES))
"""Whatever a file is called, it is read where it speaks of LLVM and is no source."""
_SPEAKING_OF_LLVM: Final = (
    *("llvm-project", "llvmorg-", "llvm_commit", "llvm_hash", "llvm_sha", "llvm_tag", "llvm-commit", "llvm-sha"),
    *("llvm_rev", "llvm-rev", "releases.llvm.org/"),
    *("mlir-python-bindings", "mlir_python_bindings"),
)
_PAGES: Final = ("*.md", "*.rst", "*.markdown", "*.adoc")
_ALONE_IN_PROSE: Final = "(^|[^/0-9a-f.@=-])[0-9a-f]{40}"
_OTHERS_TEXT: Final = (
    "*.sh *.bash *.cmake *CMakeLists.txt *.cmake.in *.yml *.yaml *.bzl *.bazel *ockerfile* *ontainerfile* "
    "*WORKSPACE* *.toml *.nix *.mk *akefile *.wrap *.ps1 *.bat *.cmd *.env *.cfg *.ini *.lock *version* *.gni "
    "*.gn *.gradle *.kts DEPS *.in *enkinsfile* *.rb *.spec *.jl *.properties *.conf *.bzlmod justfile *.star "
    "*.template *.tmpl *.tpl *.j2 *.jinja *.jinja2 *.mustache *.erb *.example *.sample *.dist"
)
_OTHERS: Final = tuple(_OTHERS_TEXT.split())
_BUILDS_IN_PYTHON: Final = ("*setup.py", "*conanfile.py", "*package.py", "*build*.py", "*install*.py")
_RECORDS: Final = re.compile(
    r"(?:^|/)(?:(?:test_[^/]{0,100}|[^/]{0,100}[_.]test|conftest)\.(?:py|go|rs|[jt]s|mjs|rb|kt|java)"
    r"|modules/[^/]{1,100}/[^/]{0,40}[0-9][^/]{0,40}/MODULE\.bazel)$"
)
"""Modules that say what they expect of others, and what a registry has published."""
LOG: Final = re.compile(
    r"(?i)(?:^|/)(?![^/]*\.(?:sh|py|js|ya?ml|cmake|json|toml)$)(?:[^/]*[_.-])?(?:change_?logs?|changes|news|history|(?:build|release|clang|llvm)[_-]?notes?)"
    r"(?:[_.\d-][^/]*)?$"
)
"""Files that say what was once: it stays."""
_NO_SUFFIX: Final = ":(exclude,glob)**/*.*"
_RELEASE_OF_COMPONENT: Final = f"/({'|'.join(re.escape(one.name) for one in COMPONENTS)})/archive/refs/tags/v[0-9]"
_COMMIT_LIKE: Final = (
    '[0-9a-f]{40}|llvmorg-[0-9]|llvmorg-[$]|_llvm[(]"?[0-9]|(checkout|reset|fetch|rev|tag|commit).{1,40}[0-9a-f]{7}'
    f"|llvm.{{0,60}}[0-9a-f]{{7}}|release/[0-9]+[.]|llvm-project/releases/download/[A-Za-z]|{_RELEASE_OF_COMPONENT}"
)
_LLVM_AND_RELEASE: Final = (
    *("--all-match", "-i", "-E", "-e", "llvm|mlir|clang"),
    *("-e", "(^|[^0-9.])[0-9]{1,2}[.][0-9]{1,2}[.][0-9]"),
)
"""A release's number, in a file that speaks of LLVM anywhere: its name may stand lines above."""
_MANY: Final = 200
_SHORT_COMMIT: Final = (
    "(^|[=:@/#,(])[[:blank:]]*[\"']?[0-9A-Fa-f]{7,40}([^0-9A-Za-z-]|$)"
    "|[^0-9A-Za-z.-][0-9A-Fa-f]{7,40}([\"',;)]|[[:space:]]*$)|[Ll][Ll][Vv][Mm]|[Mm][Ll][Ii][Rr]"
)
"""What every file has in which a reader finds a commit; ``md5 <digest> <file>`` is none."""
_NAMES: Final = tuple(
    f":(icase)*{word}*" for word in ("version", "hash", "commit", "revision", "sha", "llvm", "mlir", ".lock", ".py")
)
"""What :data:`_NAMED_FOR_A_COMMIT` asks of a name, as git can be asked for it."""
_PROJECT_FILES: Final = frozenset({"LICENSE", "LICENSE.txt", "LICENSE.TXT", "LICENSE.md", "COPYING"})
_ENDS_OF_PROJECT_FILES: Final = tuple(_PROJECT_FILES)
_BORROWED: Final = re.compile(
    r"(?:^|/)(?:third_party|thirdparty|externals?|vendor|node_modules|deps|submodules)$", re.IGNORECASE
)
_SPEAKS_OF_ANY: Final = re.compile(
    rf"(?i)llvm|mlir|clang|(?<![0-9a-z])[0-9a-f]{{7,40}}(?![0-9a-z])|{_RELEASE_OF_COMPONENT}"
)
"""What every file has that is worth to be read; a distribution's packages have checksums, which are longer."""
_SOME_COMMIT: Final = re.compile(
    rf"llvmorg-|llvm-[0-9a-f]{{8}}-[a-z]|(?<![0-9a-f])[0-9a-f]{{40}}(?![0-9a-f])"
    rf"|version[\"']? *[=:,] *[\"'][0-9]|{_RELEASE_OF_COMPONENT}",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A file that names a commit, or several times the same one."""

    file: str
    reader: str
    """Empty where the file's name implies it."""
    says: str
    line: int
    key: str = ""
    pattern: str = ""
    group: str = ""
    subject: str = LLVM
    """Whose commit it is: LLVM, or ``owner/name``, or a name alone."""
    partial: bool = False
    """Only a part of that repository is taken."""
    is_tag: bool = False
    """It is a release of another project."""
    is_ready_made: bool = False
    """It is a release of LLVM of which the binaries are fetched: a compiler, where another place says a commit."""
    is_named: bool = False
    """It stands under LLVM's name."""

    @property
    def spec(self) -> PinSpec:
        """The pin to propose."""
        return PinSpec(
            name=LLVM, file=self.file, reader=self.reader, key=self.key, pattern=self.pattern, group=self.group
        )


@dataclass(frozen=True, kw_only=True)
class Gap:
    """What was seen and could not be decided."""

    where: str
    message: str
    line_to_add: str = ""
    """The ``[[pin]]`` that would take it up, in one line."""


@dataclass(kw_only=True)
class TreePins:
    """What a tree shows."""

    view: TreeView
    looked: int = 0
    """How many files were read for it."""
    of_ci: list[tuple[Place, Gap]] = field(default_factory=list)
    """Releases that CI has under LLVM's name, and what is said of each where another file says the project's."""
    own: list[Place] = field(default_factory=list)
    """LLVM commits, the leading one first."""
    others: list[Place] = field(default_factory=list)
    """Commits of other projects."""
    gaps: list[Gap] = field(default_factory=list)


def look_at(view: TreeView) -> TreePins:
    """Every place of the tree, gitlinks of LLVM included."""
    seen = TreePins(view=view)
    for path, sha in view.gitlinks.items():
        url = view.url_of(path)
        if is_llvm_url(url, path) or (ends_in_llvm(url, path) and _is_built_as_llvm(view, path)):
            seen.own.append(Place(file=path, reader="gitlink", says=sha, line=0))
        elif ends_in_llvm(url, path):
            seen.gaps.append(_may_be_a_fork(path, url))
    borrowed = tuple(f"{path}/" for path in vendored(view))
    for path, text in view.texts(path for path in _candidates(view) if not path.startswith(borrowed)):
        seen.looked += 1
        _read_file(path, text, seen)
    ranks = {rank(place)[0] for place in seen.own}  # CI alone says it, and shows what it is for, or a script does
    is_alone = ranks == {_CI} or (not ranks and bool(seen.of_ci) and _builds_release(view))
    said = {place.says for place in seen.own}
    taken = [(place, gap) for place, gap in seen.of_ci if is_alone or place.says in said]
    seen.own += [place for place, _ in taken]
    seen.gaps = [gap for gap in seen.gaps if all(gap is not one for _, one in taken)]
    _take_copies(seen)
    seen.own.sort(key=rank)
    built = {place.says for place in seen.own if rank(place)[0] <= CONSUMERS}
    seen.own = [place for place in seen.own if place.says in built or not _LISTS_PARTS.search(place.file)]
    _settle(seen)
    return seen


def _builds_release(view: TreeView) -> bool:
    """Whether a file of the project takes LLVM's sources by a version that it is given: ``llvm-%LLVM_VERSION%.src``."""
    return bool(view.grep(["-E", "-e", r"llvm(org|-project)?-[%$][{(]?(env:)?LLVM_([A-Z]+_)?VERSION"], _ANY_NAME))


def _take_copies(seen: TreePins) -> None:
    """What names the very commit that the project's LLVM is on names LLVM's, whatever it is called itself."""
    known = {place.says.lower() for place in seen.own if is_full_sha(place.says.lower())}
    files = {place.file for place in seen.own}
    copies = [place for place in seen.others if place.says.lower() in known and (place.key or not place.reader)]
    seen.own += [replace(place, subject=LLVM) for place in copies if place.file not in files]
    seen.others = [place for place in seen.others if place not in copies]


def _is_built_as_llvm(view: TreeView, path: str) -> bool:
    """Whether the project's own files speak of parts of LLVM's tree below the submodule."""
    parts = ("LICENSE.TXT", "llvm/", "tools/clang", "clang/", "mlir/", "cmake/modules")
    words = [word for part in parts for word in ("-e", f"{path}/{part}")]
    return bool(view.grep(["-F", *words], [f":!{page}" for page in (*_PAGES, "*NOTICE*", "*LICEN[CS]E*")]))


def _may_be_a_fork(path: str, url: str) -> Gap:
    return Gap(
        where=path,
        message=f"the submodule comes from {url or 'an unknown place'}: it may be a fork of LLVM, or only be named so",
        line_to_add=f'[[pin]] name = "llvm-project", file = "{path}", reader = "gitlink"',
    )


def vendored(view: TreeView) -> Iterator[str]:
    """Directories that hold another project whole: with a licence of their own, below ``third_party`` and its like."""
    for path in view.files:
        if not path.endswith(_ENDS_OF_PROJECT_FILES):
            continue
        directory, _, name = path.rpartition("/")
        if name in _PROJECT_FILES and _BORROWED.search(directory.rpartition("/")[0]):
            base = directory.rpartition("/")[2]
            if not is_llvm_name(base):
                yield directory
        elif name in _PROJECT_FILES and directory and project_named(directory.rpartition("/")[2]):
            yield directory


def _candidates(view: TreeView) -> Iterator[str]:
    """Files whose format is known and whose name or content may hold a commit."""
    named = [path for path in view.files if _NAMED_FOR_A_COMMIT.search(path)]
    if len(named) > _MANY:  # the checksums of a distribution's packages, say: git looks into them faster
        having = set(view.grep(["-E", "-e", _SHORT_COMMIT], _NAMES))
        named = [path for path in named if path in having]
    found = [
        *named,
        *view.grep(["-E", "-e", _COMMIT_LIKE], _OTHERS),
        *view.grep(["-E", "-e", _COMMIT_LIKE], (_NO_SUFFIX,)),
        *speaks_of_llvm(view),
        *view.grep(_LLVM_AND_RELEASE, (*_OTHERS, *_BUILDS_IN_PYTHON)),
        *view.grep(_LLVM_AND_RELEASE, (_NO_SUFFIX,)),
        *view.grep(["--all-match", "-E", "-e", "LLVM|MLIR", "-e", _ALONE_IN_PROSE], _PAGES),
    ]
    plain = set(view.files)
    for path in dict.fromkeys(found):
        name = path.rpartition("/")[2]
        is_known = "." not in name or implied_readers(path)
        if path in plain and name not in GENERATED and is_known and not (_RECORDS.search(path) or LOG.search(path)):
            yield path
    yield from (path for path in view.files if path.endswith("flake.lock") and path.rpartition("/")[2] == "flake.lock")


def builds_in_python(path: str) -> bool:
    """Whether a module of that name builds, packs or installs: others name the releases that they can work with."""
    return any(fnmatchcase(path, pattern) for pattern in _BUILDS_IN_PYTHON)


def speaks_of_llvm(view: TreeView) -> list[str]:
    """The texts, whatever they are called, that name LLVM's repository, a tag of it or a variable for its commit."""
    return view.grep(["-F", "-i", *(part for word in _SPEAKING_OF_LLVM for part in ("-e", word))], _ANY_NAME)


def _read_file(path: str, text: str, seen: TreePins) -> None:
    readers = readers_of(path, text)
    if not readers or _SPEAKS_OF_ANY.search(text) is None:
        return
    if readers[0].name == "starlark" and _SOME_COMMIT.search(text) is None:  # code is long, and most of it names none
        return
    try:
        name, mentions = read_with(readers, text, PinSpec(name=SEARCHED, file=path))
    except GateError as error:
        seen.gaps.append(Gap(where=path, message=error.problems[0].message))
        return
    reader = next((one for one in readers if one.name == name), None)
    is_tag = bool(mentions) and all(mention.says.startswith(TAG_PREFIX) for mention in mentions)
    if reader and reader.document is None and not (is_tag or is_llvm_file(path)):
        if len({mention.text for mention in mentions}) == 1:
            seen.others.append(
                Place(file=path, reader="", says=mentions[0].text, line=mentions[0].line, subject=stem_of(path))
            )
        return
    if reader and mentions:
        seen.own += _own(path, text, reader, mentions, seen)
    documents = [one for one in readers if one.document is not None]
    for one in documents[:1]:
        seen.gaps += _unread(path, text, one)
    own = {mention.start for mention in mentions}
    for one in documents[:1] if not reader else [reader] if reader.document else []:
        _others(path, text, one, own, seen)


def _unread(path: str, text: str, reader: Reader) -> Iterator[Gap]:
    """What takes LLVM from a branch, or a release of several pieces. Pages, tests and CI only repeat, and are left."""
    document = reader.parsed(text)
    for told, why in (
        (branches, "takes LLVM from {!r}, a branch or a ref of a fork: no commit, so nothing to compare"),
        (put_together, "puts LLVM's release together, {!r}: written in one piece, it can be read and moved"),
    ):
        found = {one.text: one for one in told(document)}
        if found and rank(Place(file=path, reader="", says="", line=0))[0] > CONSUMERS:
            return
        for one in found.values():
            yield Gap(where=f"{path}:{text.count(chr(10), 0, one.start) + 1}", message=why.format(one.text))


def _own(path: str, text: str, reader: Reader, mentions: tuple[Mention, ...], seen: TreePins) -> Iterator[Place]:
    said = said_by(mentions)
    named = implied_readers(path)
    under_llvm = {one.start for one in reader.parsed(text).assignments if is_llvm_name(one.name)}
    implied = reader in named and (named[0] is reader or len({one.read for one in named}) == 1)
    place = Place(
        file=path,
        reader="" if implied else reader.name,
        says=said[0].says,
        line=said[0].line,
        is_ready_made=said[0].says.startswith(TAG_PREFIX) and READY_MADE.search(text) is not None,
        is_named=said[0].start in under_llvm,
    )
    if all(mention.bare for mention in mentions) and (reader.name == "cmake" or rank(place)[0] > CONSUMERS):
        seen.gaps.append(tool(place, "nothing there says what becomes of it"))
        if rank(place)[0] == _CI and len(said) == 1:
            seen.of_ci.append((place, seen.gaps[-1]))
        return
    if len(said) == 1:
        yield place
        return
    if len(said) > _MOST_PINS:
        seen.gaps.append(Gap(where=f"{path}:{place.line}", message=f"names {len(said)} LLVM commits: a table, no pins"))
        return
    yield from _by_key(place, reader.parsed(text), mentions) or _by_context(place, text, mentions, seen)


_MOST_PINS: Final = 100
"""LLVM commits of one file that may each be a pin: a matrix of versions has fewer, a table of all releases more."""


def _by_key(place: Place, document: Document, mentions: Iterable[Mention]) -> list[Place]:
    """Several commits of one file, where each has a name of its own: the first leads, the others are groups."""
    wanted = {mention.start: mention for mention in mentions}
    names: dict[str, set[str]] = {}
    for one in document.assignments:
        if one.start in wanted:
            names.setdefault(one.name, set()).add(wanted[one.start].says)
    single = {name: found for name, found in names.items() if len(found) == 1}
    covered = set().union(*single.values()) if single else set()
    if covered != {mention.says for mention in wanted.values()}:
        return []
    places, done = list[Place](), set[str]()
    for name, found in single.items():
        (says,) = found
        if says not in done and {one.says for one in commits(document, name)} == {says}:
            done.add(says)
            line = next(mention.line for mention in wanted.values() if mention.says == says)
            group = as_name(name) if places else ""
            places.append(replace(place, says=says, key=name, line=line, group=group))
    return places if len(places) == len(covered) else []


def _by_context(place: Place, text: str, mentions: tuple[Mention, ...], seen: TreePins) -> Iterator[Place]:
    """Several commits under one name, as in the branches of an ``if``: each is found by the line before it."""
    listing = ", ".join(f"{mention.says} in line {mention.line}" for mention in mentions[:8])
    distinct = len({mention.says for mention in mentions})
    patterns = [_context_pattern(text, mention) for mention in mentions]
    if distinct != len(mentions) or len(set(patterns)) != len(patterns) or not all(patterns):
        seen.gaps.append(
            Gap(
                where=f"{place.file}:{place.line}",
                message=f"names {distinct} LLVM commits: {listing}",
                line_to_add=f'[[pin]] name = "llvm-project", file = "{place.file}", reader = "regex", pattern = "..."',
            )
        )
        return
    newest, *rivals = _newest(mentions)
    if rivals:  # commits have no order that a file shows
        last = seen.view.changed_last(place.file, [one.line for one in (newest, *rivals)])
        newest = next((one for one in rivals if one.line == last), newest)
    seen.gaps.append(
        Gap(
            where=f"{place.file}:{place.line}",
            message=f"names {distinct} LLVM commits: {listing}. The newest leads; the others are pins of groups",
        )
    )
    for mention, pattern in sorted(zip(mentions, patterns, strict=True), key=lambda pair: pair[0] is not newest):
        group = "" if mention is newest else as_name(mention.says.removeprefix(TAG_PREFIX))
        yield replace(place, reader="regex", pattern=str(pattern), says=mention.says, line=mention.line, group=group)


def _newest(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions of the newest release, or where any is no release, those."""
    ages = [(not one.says.startswith(TAG_PREFIX), _version(one.says)) for one in mentions]
    return [one for one, age in zip(mentions, ages, strict=True) if age == max(ages)]


def _context_pattern(text: str, mention: Mention) -> str | None:
    """A regular expression that finds the mention by the last line before it and what stands before it on its own."""
    begin = text.rfind("\n", 0, mention.start) + 1
    above = text[:begin].rstrip()
    before = above[above.rfind("\n") + 1 :].strip()
    if not before:
        return None
    around = _escaped(before), _escaped(text[begin : mention.start])
    blank = r"\r?\n(?:[ \t]*\r?\n)*" if text.count("\n", len(above), begin) > 1 else r"\r?\n"
    pattern = rf"^[ \t]*{around[0]}[ \t]*{blank}{around[1]}(?P<sha>{TAG_PREFIX}[\w.-]+|[0-9a-f]{{7,40}}\b)"
    found = re.findall(pattern, text, re.MULTILINE)
    return pattern if found == [mention.text] else None


def _escaped(text: str) -> str:
    return re.escape(text).replace("\\ ", " ")


def _version(tag: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"[0-9]+", tag)[:4]) if tag.startswith(TAG_PREFIX) else ()


def _others(path: str, text: str, reader: Reader, own: set[int], seen: TreePins) -> None:
    taken = set[tuple[str, str]]()
    for name, found in other_commits(reader.parsed(text)):
        if found.start in own or not (found.only_tags or (is_commit(found.text) and len(found.text) >= 7)):
            continue
        line = text.count("\n", 0, found.start) + 1
        subject = found.subject or (stem_of(path) if is_bare_commit_name(name) else name.removesuffix(".checkout"))
        if subject and (subject, found.text) not in taken:
            taken.add((subject, found.text))
            key = "" if name.endswith("checkout") else name
            seen.others.append(
                Place(
                    file=path,
                    reader=reader.name,
                    says=found.text,
                    line=line,
                    key=key,
                    subject=subject,
                    partial=found.partial,
                    is_tag=found.only_tags,
                )
            )


_LISTS_PARTS: Final = re.compile(r"(?i)(?:^|/)(?:cgmanifest|third[-_]?party[-_]?notices?|s?bom)\b[^/]*$")
"""Files that list what of others a project contains: they repeat its pin, or name a part that was once copied."""
_KINDS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), number)
    for pattern, number in (
        (
            (
                r"^(?:\.github|\.gitlab|\.ci|\.circleci|\.azure|\.buildkite|ci)/"
                r"|(?:^|/)(?:\.gitlab-ci|bitrise|azure-pipelines|Jenkinsfile|\.?appveyor|\.travis|\.cirrus)[^/]*$|(?:^|/)ci/"
            ),
            6,
        ),
        (_LISTS_PARTS.pattern, 9),
        (r"^\.(?:devcontainer|vscode|gitpod)", 8),
        (r"\.(?:md|markdown|rst|adoc)$", 7),
        (r"(?:^|/)(?:tests?|apps|examples?|benchmarks?|samples?|demos?|docs?|tutorials?|experimental)/", 7),
        (r"docker|container", 5),
        (r"(?-i:\.nix$|flake\.lock$|\.ya?ml$|opam$|(?:PKG|APK)BUILD$|\.ebuild$)", 4),
        (r"(?-i:\.(?:sh|bash|ps1|bat|cmd|mk)$|akefile$|\.in$|(?<!conanfile)(?<!package)(?<!setup)\.py$)", 3),
    )
)
"""Kinds of files that repeat what another says first."""
_OF_A_RELEASE: Final = re.compile(r"(?:^|/)v?[0-9]+(?:\.[0-9]+)+/")
"""Images and tests kept for a release of the project itself: what it was on then."""
READY_MADE: Final = re.compile(r"/(?:clang\+llvm|LLVM)-[\w.${}()%-]{1,60}\.(?:tar\.|tgz|zip|exe|7z)")
_PER_RELEASE: Final = re.compile(r"llvm[-_]?[0-9]|(?:^|/)v[0-9]+/", re.IGNORECASE)
_SCRIPTS: Final = 3
_CI: Final = 6
CONSUMERS: Final = 5
"""From this rank on a place repeats or uses a commit: one that says something else is a gap, not a pin."""


def rank(place: Place) -> tuple[int, int, tuple[int, ...], int, int, str]:
    """Which place leads: a gitlink, what is named for LLVM's commit, the build's own files, scripts, copies.

    Of what scripts, images or CI say, the newest release; so it is with one directory per release.
    """
    if place.reader == "gitlink":
        return (0, 0, (), place.file.count("/"), 0, place.file)
    kind = next((number for pattern, number in _KINDS if pattern.search(place.file)), 2)
    kind = max(kind, CONSUMERS) if place.is_ready_made else kind
    named = kind < CONSUMERS and (is_llvm_file(place.file) or "llvm" in place.file.lower())
    depth = place.file.count("/")
    is_one_of_several = kind in {_SCRIPTS, _CI, CONSUMERS} or _PER_RELEASE.search(place.file)
    age = tuple(-number for number in _version(place.says)) if is_one_of_several else ()
    return (1 if named and kind <= 3 else kind, bool(place.group), age, depth, len(place.file), place.file)


def _settle(seen: TreePins) -> None:
    """Take out what only repeats, and says something else; put what is another LLVM by design into a group."""
    if not seen.own:
        return
    first = next((one for one in seen.own if not one.group), seen.own[0])
    kept = list[Place]()
    for place in seen.own:
        if place is first or place.group or same_commit(place.says, first.says):
            kept.append(place)
            continue
        repeats, group = rank(place)[0] >= CONSUMERS, ""
        if not (repeats and _OF_A_RELEASE.search(place.file)):
            group = _variant_of(first, place) or _other_by_design(first, place, seen.view) or _built_apart(first, place)
        if group:
            kept.append(replace(place, group=group))
        elif other := next((one for one in kept if same_commit(one.says, place.says)), None):
            kept.append(replace(place, group=other.group))
        elif repeats and not _is_cis_commit(first, place):
            seen.gaps.append(_differs(first, place))
        else:
            kept.append(place)
    seen.own = kept


def _is_cis_commit(first: Place, place: Place) -> bool:
    """Whether CI's variable for LLVM's commit says another than the project: that is no green, whoever is behind.

    What one of its steps fetches may be the oldest LLVM that serves, or one for its tools.
    """
    return place.is_named and rank(place)[0] == _CI and is_full_sha(place.says) and is_full_sha(first.says)


def _variant_of(first: Place, place: Place) -> str:
    """What a file's name adds to the leading one's: ``llvm-version-imex.txt`` beside ``llvm-version.txt``.

    Or the directory that differs from the leading one's by its number: ``ports/llvm-12`` beside ``ports/llvm-11``.
    """
    one, other = PurePosixPath(first.file), PurePosixPath(place.file)
    differ = [pair for pair in zip(one.parts, other.parts, strict=False) if pair[0] != pair[1]]
    if (
        len(one.parts) == len(other.parts)
        and len(differ) == 1
        and _unnumbered(differ[0][0]) == _unnumbered(differ[0][1])
    ):
        return as_name(PurePosixPath(differ[0][1]).stem if other.name == differ[0][1] else differ[0][1])
    if first.reader == "gitlink" or one.parent != other.parent or one.suffix != other.suffix or one == other:
        return ""
    rest = other.stem.removeprefix(one.stem)
    return as_name(rest) if rest != other.stem and rest[:1] in "-_." else ""


def _unnumbered(name: str) -> str:
    return re.sub(r"[0-9]+(?:[._][0-9]+)*", "#", name)


def _other_by_design(first: Place, place: Place, view: TreeView) -> str:
    """The group of a place that is another LLVM than the project's: a release beside a commit of main, a part of the
    project that has components of its own.
    """
    if place.says.startswith(TAG_PREFIX) != first.says.startswith(TAG_PREFIX):
        if place.says.startswith(TAG_PREFIX):
            return f"release-{as_name(place.says.removeprefix(TAG_PREFIX))}"
        if rank(place)[0] >= CONSUMERS:
            return as_name(PurePosixPath(place.file).stem)
    for parent in PurePosixPath(place.file).parents:
        inside = f"{parent}/"
        if str(parent) == "." or first.file.startswith(inside):
            break
        if any(path.startswith(inside) for path in view.gitlinks):
            return as_name(parent.name)
    return ""


def _built_apart(first: Place, place: Place) -> str:
    """The group of an image where no file of the build says what the project is on: each script builds its own.

    Likewise of whatever uses an LLVM where a page or CI says it first: neither of the two only repeats the other.
    """
    least = _SCRIPTS if rank(place)[0] == CONSUMERS else CONSUMERS
    is_apart = rank(place)[0] >= CONSUMERS and rank(first)[0] >= least
    return as_name(_called(place.file)) if is_apart else ""


def _called(file: str) -> str:
    """What tells a file from others: of several images in directories of their own, the directory."""
    path = PurePosixPath(file)
    return path.parent.name if path.name == "Dockerfile" and path.parent.name else path.stem


def tool(place: Place, why: str) -> Gap:
    """A release that an image, a page or CI takes for a compiler, or that CMake asks for."""
    return Gap(
        where=f"{place.file}:{place.line}",
        message=f"names {place.says}: a tool's, as it seems, since {why}",
        line_to_add=f'[[pin]] name = "...", file = "{place.file}", group = "tools"',
    )


def _differs(first: Place, place: Place) -> Gap:
    reader = f', reader = "{place.reader}"' if place.reader else ""
    return Gap(
        where=f"{place.file}:{place.line}",
        message=f"names {place.says}, where {first.file} says {first.says}: left out, since such a file only repeats",
        line_to_add=f'[[pin]] name = "...", file = "{place.file}"{reader}',
    )
