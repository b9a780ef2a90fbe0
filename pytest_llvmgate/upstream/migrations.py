"""How others followed the same change: hunks of LLVM's own users, and of sibling projects' histories.

Who changed an interface changed its users in the same commit, and some other project has mostly been there before. Both
are searched for the finding's own words only, within seconds, and what was found is kept in the user's cache.
"""

from __future__ import annotations

import hashlib
import math
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import GateError
from pytest_llvmgate.git import process
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import is_full_sha
from pytest_llvmgate.kinds.catalogue import kind_of
from pytest_llvmgate.kinds.description import Subject
from pytest_llvmgate.kinds.facts import CULPRIT, CULPRIT_DATE, CULPRIT_TITLE, MIGRATION, NAME, NAMES, SCOPE
from pytest_llvmgate.model import Finding, Layer
from pytest_llvmgate.plain_file import read_plain
from pytest_llvmgate.upstream.blame import SEARCHES
from pytest_llvmgate.upstream.hunks import ChangedLines, replacements

SECONDS: Final = 30.0
"""For all findings together."""
SECONDS_EACH: Final = 6.0
"""For one question to one repository."""
_MOST_EXAMPLES: Final = 200
"""Replacements that are kept of one commit."""
_MOST_COMMITS: Final = 8
_MOST_WORDS: Final = 3
_YEARS: Final = "--since=2.years"
_VERBS: Final = "(integrat|bump|updat|roll|upgrad|advanc|port|adapt|adjust|sync|migrat|catch|compat)[a-z]*"
_LLVMS: Final = "(llvm|mlir|clang)"
_TITLES: Final = (
    f"{_VERBS} .{{0,40}}{_LLVMS}([^a-z]|$)",
    f"{_LLVMS}[^a-z].{{0,40}}{_VERBS}",
    f"(latest|newer|recent|upstream|trunk|support) {_LLVMS}([^a-z]|$)",
    f"{_LLVMS} (trunk|head|main|master|tot|api)",
    f"{_LLVMS}[- ]?[0-9]{{2}}",
)
"""How projects say that a commit follows LLVM: ``Bump LLVM``, ``fix build with latest LLVM``, ``[clang compat]``."""
_FOLLOWS_LLVM: Final = ("--regexp-ignore-case", "--extended-regexp", *(f"--grep={title}" for title in _TITLES))
_LARGEST: Final = 8 << 20
"""Bytes of a diff that are read; one that is larger reformats rather than follows."""
_FILES: Final = (":(glob)**/*.cpp", ":(glob)**/*.cc", ":(glob)**/*.h", ":(glob)**/*.td", ":(glob)**/CMakeLists.txt")
_FORMAT: Final = "%x1e%H%x1f%cs%x1f%s"
_SHOWN: Final = 2
_WHOLE: Final = "\x1e."
"""At the end of what is kept: a file that is torn has none."""
_VERSION: Final = 3


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One place that somebody else changed for the same reason."""

    project: str
    commit: str
    date: str
    """``YYYY-MM-DD``."""
    title: str
    change: ChangedLines
    is_culprit: bool = False
    """The commit is the one that changed the interface."""
    is_follower: bool = False
    """The commit says that it follows LLVM."""

    @property
    def source(self) -> str:
        """Who did it, and when."""
        return f"{self.project} {self.commit[:12]} ({self.date})"

    def lines(self) -> list[str]:
        """The place and the change, short enough to be shown with a finding."""
        removed, added = (
            [line.strip()[:160] for line in part[:4]] for part in (self.change.removed, self.change.added)
        )
        return [
            f"{self.source} did it in {self.change.file}:",
            *(f"- {line}" for line in removed),
            *(f"+ {line}" for line in added),
        ]


def entity_of(finding: Finding) -> str:
    """The word to search for; empty where the finding is about nothing that has a name."""
    if kind_of(finding.kind).subject not in SEARCHES or finding.layer is Layer.MACHINE:
        return ""
    name = finding.facts.get(NAME) or finding.identifier
    if kind_of(finding.kind).subject is Subject.HEADER:
        return name if re.fullmatch(r"[\w./+-]{3,}", name) else ""
    last = name.rpartition("::")[2].lstrip("~")
    if last == "build" and (scope := finding.facts.get(SCOPE, "").rpartition("::")[2]):
        last = scope
    return last if re.fullmatch(r"[\w.+-]{3,}", last) else ""


def entities_of(finding: Finding) -> tuple[str, ...]:
    """The words to search for: one, or the first few of those that are one cause together."""
    first = entity_of(finding)
    if not first:
        return ()
    more = [name for name in finding.facts.get(NAMES, "").split(", ") if re.fullmatch(r"\w{3,}", name)]
    return tuple(dict.fromkeys(more or [first]))[:_MOST_WORDS]


def add_migrations(
    findings: Sequence[Finding], *, clone: Path | None, siblings: Iterable[Path], seconds: float = SECONDS
) -> tuple[Finding, ...]:
    """The findings, each with how others followed the same change, where that is found in time."""
    if clone is None and not (siblings := tuple(siblings)):
        return tuple(findings)
    search = MigrationSearch(clone=clone, siblings=tuple(siblings), deadline=time.monotonic() + seconds)
    return tuple(with_examples(finding, search.of(finding)) for finding in findings)


def with_examples(finding: Finding, found: Sequence[Migration]) -> Finding:
    """The finding with a few of the examples as advice and as a fact."""
    if not found:
        return finding
    shown = [line for one in _best(found) for line in one.lines()]
    facts = {**finding.facts, MIGRATION: "\n".join(shown)}
    return replace(finding, advice=(*finding.advice, *shown), facts=facts)


def _best(found: Sequence[Migration]) -> list[Migration]:
    """The shortest example of each project: it shows the change and little else."""
    by_project: dict[str, Migration] = {}
    for one in sorted(found, key=lambda each: len(each.change.before) + len(each.change.after)):
        by_project.setdefault(one.project, one)
    return list(by_project.values())[:_SHOWN]


@dataclass(kw_only=True)
class MigrationSearch:
    """Searches LLVM's clone and the siblings' histories."""

    clone: Path | None = None
    siblings: tuple[Path, ...] = ()
    deadline: float
    """Of ``time.monotonic()``."""
    seconds_each: float = SECONDS_EACH
    since: str = ""
    """A date of git's: what siblings did before does not count."""
    _read: dict[tuple[Path, str], str] = field(default_factory=dict)
    """What was read already: of siblings their followers of LLVM, and commits about a word; of LLVM the culprits."""

    def of(self, finding: Finding) -> tuple[Migration, ...]:
        """Every example found: the culprit's own first."""
        words = entities_of(finding)
        return (
            *(one for word in words for one in self.of_culprit(finding, word)),
            *(one for word in words for one in self.of_followers(word, is_gone=True) or self.of_any(word, math.inf)),
        )

    def of_culprit(self, finding: Finding, word: str) -> Iterator[Migration]:
        """What LLVM's commit changed of its own users."""
        sha = finding.facts.get(CULPRIT, "")
        if self.clone is None or not is_full_sha(sha):
            return
        if (self.clone, sha) not in self._read:
            arguments = ("show", "--format=", "--no-renames", "--unified=0", sha, "--", *_FILES)
            self._read[self.clone, sha], _ = self._git(self.clone, *arguments)
        for change in _mentioning(self._read[self.clone, sha], word):
            yield Migration(
                project="LLVM", commit=sha, date=finding.facts.get(CULPRIT_DATE, ""),
                title=finding.facts.get(CULPRIT_TITLE, ""), change=change, is_culprit=True,
            )  # fmt: skip

    def of_followers(self, word: str, *, is_gone: bool) -> tuple[Migration, ...]:
        """What siblings' commits that say that they follow LLVM changed around a word; ``is_gone``: those it left.

        That is where the change most likely is. Their diffs are few and are read once for all words.
        """
        with ThreadPoolExecutor() as pool:
            texts = list(pool.map(lambda path: self._log(path, "", _FOLLOWS_LLVM), self.siblings))
        found = (
            one
            for path, text in zip(self.siblings, texts, strict=True)
            for one in _of_log(text, _name_of(path), word, only_gone=is_gone)
        )
        return tuple(replace(one, is_follower=True) for one in found)

    def of_any(self, word: str, seconds: float) -> tuple[Migration, ...]:
        """What the last commits of siblings changed in which the word came or went, whatever they are called.

        Git's pickaxe compares every file that a commit touched: that takes seconds for each sibling.
        """
        end = time.monotonic() + seconds
        found: list[Migration] = []
        for path in self.siblings:
            if time.monotonic() > end:
                break
            text = self._log(path, word, (f"-n{_MOST_COMMITS}", f"-S{word}"))
            found += _of_log(text, _name_of(path), word)
        return tuple(found)

    def _log(self, path: Path, word: str, filters: Sequence[str]) -> str:
        """The diffs of a sibling's commits, the newest first; kept in the cache where they are all that there are."""
        if (path, word) in self._read:
            return self._read[path, word]
        since = f"--since={self.since}" if self.since else _YEARS
        arguments = (
            "log", f"--format={_FORMAT}", "--unified=0", "--no-renames", "--no-merges", "-p", since, *filters,
            "--", *_FILES,
        )  # fmt: skip
        try:
            head = Repository.open(path, bare=True).head()
        except GateError:
            return ""
        key = hashlib.sha256("\0".join((str(_VERSION), str(path), head, *arguments)).encode()).hexdigest()[:40]
        cached = cache_root() / "migrations" / f"{key}.diff"
        text = _kept(cached)
        if text is None:
            text, is_whole = self._git(path, *arguments)
            if is_whole:  # what time has cut short is searched again
                _keep(cached, text)
        self._read[path, word] = text
        return text

    def _git(self, path: Path, *arguments: str) -> tuple[str, bool]:
        """What git prints, as far as it comes in time, and whether that is all: examples are no reason to fail."""
        try:
            place = Repository.open(path, bare=True).place
            said, is_all = process.run_until(self.deadline, arguments, place=place, most=self.seconds_each)
        except (GateError, OSError):
            return "", False
        text = said[:_LARGEST].decode("utf-8", "replace")
        # The last commit may be cut in the middle: what came before it is whole.
        return (text, True) if is_all else (text.rpartition("\x1e")[0], False)


def _name_of(path: Path) -> str:
    name = re.sub(r"\.git$", "", path.name) or "sibling"
    return path.parent.name if name in {"repo", "git"} or path.name == ".git" else name


def _of_log(output: str, name: str, word: str, *, only_gone: bool = False) -> Iterator[Migration]:
    """Examples of the last few commits that have any; ``only_gone``: in which the word goes."""
    commits = 0
    for part in output.split("\x1e")[1:]:
        if word not in part:
            continue
        head, _, diff = part.partition("\n")
        sha, date, title = (*head.split("\x1f"), "", "")[:3]
        changes = _mentioning(diff, word)
        if not changes or (
            only_gone and not any(_counted(one.before, word) > _counted(one.after, word) for one in changes)
        ):
            continue
        for change in changes:
            yield Migration(project=name, commit=sha, date=date, title=title, change=change)
        commits += 1
        if commits == _MOST_COMMITS:
            return


def _counted(text: str, word: str) -> int:
    return len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text))


def _mentioning(diff: str, word: str) -> list[ChangedLines]:
    """Replacements that take the word away, or change what stands around it."""
    return [one for one in replacements(diff) if _counted(one.before, word)][:_MOST_EXAMPLES]


def _kept(path: Path) -> str | None:
    try:
        text = read_plain(path, 4 * _LARGEST).decode("utf-8", "replace")
    except OSError:
        return None
    return text.removesuffix(_WHOLE) if text.endswith(_WHOLE) else None


def _keep(path: Path, text: str) -> None:
    """A cache that cannot be written costs time, not the answer."""
    with suppress(OSError):
        write_atomically(path, f"{text}{_WHOLE}")


def message_of(clone: Path | None, sha: str) -> str:
    """A commit's whole message; empty where it cannot be read."""
    if clone is None or not is_full_sha(sha):
        return ""
    try:
        return Repository.open(clone, bare=True).run("log", "-1", "--format=%B", sha).decode("utf-8", "replace").strip()
    except GateError:
        return ""
