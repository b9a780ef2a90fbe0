"""Which LLVM commit between baseline and candidate removed or changed what a finding is about.

A clone of llvm-project has half a million commits, so every search is narrowed before it starts: to the range, to the
first few files that declared the name at the baseline, and to a budget of seconds. Path history (a header that is gone)
and the pickaxe (a name that is gone) over a handful of files take well under a second per finding.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_llvmgate.git import process
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import is_full_sha
from pytest_llvmgate.kinds import facts as fact
from pytest_llvmgate.kinds.catalogue import API_REMOVED, kind_of
from pytest_llvmgate.kinds.description import Subject
from pytest_llvmgate.model import Finding, Layer
from pytest_llvmgate.upstream.first_parent import FORMAT, SEPARATOR, Commit, fields_of
from pytest_llvmgate.upstream.reverts import number_of
from pytest_llvmgate.upstream.whose import INCLUDE_ROOTS

SECONDS: Final = 20.0
"""For all findings together."""
SECONDS_EACH: Final = 8.0
_MOST_FILES: Final = 8
_NAME: Final = re.compile(r"^~?\w[\w.+-]*$")


@dataclass(frozen=True, kw_only=True)
class Culprit(Commit):
    """A commit of LLVM that removed or changed something."""

    renamed_to: str = ""
    """Where a header went, if the commit moved it."""
    reverted_by: str = ""
    """SHA of a later commit that says that it reverts this one."""

    def sentence(self) -> str:
        """One line of advice."""
        said = f"LLVM {self.short} ({self.date[:10]}) did it: {self.title}"
        if self.renamed_to:
            said += f"; it moved to {self.renamed_to}"
        return f"{said}; reverted later by {self.reverted_by[:12]}" if self.reverted_by else said


def blame(
    findings: Sequence[Finding], *, repository: Path, baseline: str, candidate: str, seconds: float = SECONDS
) -> tuple[Finding, ...]:
    """The findings, with the commit that caused each where the history between the two commits shows it.

    ``repository`` is a clone of llvm-project (bare or not) that has both commits; where it has not, or time is up, the
    findings come back as they are. Raises ``ValueError`` when a commit is no full SHA, ``ToolError`` without git.
    """
    if not (is_full_sha(baseline) and is_full_sha(candidate)):
        raise ValueError(f"expected full SHAs, found {baseline!r} and {candidate!r}")
    if baseline == candidate:
        return tuple(findings)
    history = ChangesOfRange(repository, baseline, candidate, deadline=time.monotonic() + seconds)
    return tuple(_blamed(finding, history) for finding in findings)


def _blamed(finding: Finding, history: ChangesOfRange) -> Finding:
    search = SEARCHES.get(kind_of(finding.kind).subject)
    if search is None or finding.layer is Layer.MACHINE or history.is_out_of_time:
        return finding
    culprit = search(finding, history)
    if culprit is None:
        return finding
    facts = {
        fact.CULPRIT: culprit.sha,
        fact.CULPRIT_TITLE: culprit.title,
        fact.CULPRIT_DATE: culprit.date[:10],
        fact.CULPRIT_AUTHOR: culprit.author,
        fact.CULPRIT_PULL_REQUEST: number_of(culprit.title),
        fact.CULPRIT_REVERTED_BY: culprit.reverted_by,
        fact.CULPRIT_MOVED_TO: culprit.renamed_to,
    }
    known = {key: value for key, value in facts.items() if value}
    return replace(finding, advice=(*finding.advice, culprit.sentence()), facts={**finding.facts, **known})


class ChangesOfRange:
    """Questions to the clone, within the range and the time that is left."""

    def __init__(self, repository: Path, baseline: str, candidate: str, *, deadline: float) -> None:
        self._place = Repository.open(repository, bare=True).place
        self.baseline = baseline
        self.range = f"{baseline}..{candidate}"
        self._deadline = deadline

    @property
    def is_out_of_time(self) -> bool:
        """Whether the budget is spent."""
        return time.monotonic() >= self._deadline

    def git(self, *arguments: str) -> str:
        """What git prints; empty when it fails, or does not answer in time: blame is a help, never a failure."""
        # The names in pathspecs were matched against a pattern.
        said, is_all = process.run_until(self._deadline, arguments, place=self._place, most=SECONDS_EACH)
        return said.decode("utf-8", "replace") if is_all else ""

    # -- questions ----------------------------------------------------------------------------------------------------

    def has_file(self, path: str) -> bool:
        """Whether the baseline has the file."""
        return bool(self.git("ls-tree", "--name-only", self.baseline, "--", path).strip())

    def files_with(self, pattern: str, *paths: str) -> list[str]:
        """Files of the baseline below the paths with a line that matches (extended regular expression)."""
        found = self.git("grep", "-l", "-I", "-E", "-e", pattern, self.baseline, "--", *paths)
        return [line.partition(":")[2] for line in found.splitlines()]

    def last_removal(self, path: str) -> Culprit | None:
        """The last commit of the range that removed (or moved) the file."""
        culprit = self._first(self.git(*self._log("--diff-filter=D", "--no-renames", "--", path)))
        if culprit is None:
            return None
        return replace(culprit, renamed_to=self._moved_to(culprit.sha, path))

    def _moved_to(self, sha: str, path: str) -> str:
        changes = self.git("show", "--format=", "--name-status", "--find-renames=40%", "--diff-filter=R", sha)
        for line in changes.splitlines():
            status, old, new = (*line.split("\t"), "", "")[:3]
            if status.startswith("R") and old == path:
                return new
        return ""

    def last_change_of_count(self, text: str, files: Sequence[str]) -> Culprit | None:
        """The last commit that changed how often the word occurs in the first few of the files: for a gone name, its
        removal.
        """
        if not files:
            return None
        edge = r"\b" if _NAME.match(text) else ""
        pattern = f"{edge}{re.escape(text)}{edge}"  # MLIRTosa is no part of MLIRTosaDialect
        return self._first(self.git(*self._log("--pickaxe-regex", f"-S{pattern}", "--", *files[:_MOST_FILES])))

    def last_touch(self, pattern: str, files: Sequence[str]) -> Culprit | None:
        """The last commit with an added or removed line that matches."""
        return self._first(self.git(*self._log(f"-G{pattern}", "--", *files)))

    def last_change_within(self, function: str, file: str) -> Culprit | None:
        """The last commit that changed the block which begins at a line that matches, up to its closing brace."""
        return self._first(self.git(*self._log("-s", f"-L/{function}/,/^}}/:{file}")))

    def _log(self, *arguments: str) -> list[str]:
        return ["log", "-1", f"--format={FORMAT}", self.range, *arguments]

    def _first(self, output: str) -> Culprit | None:
        line = next((line for line in output.splitlines() if SEPARATOR in line), "")
        return Culprit(**fields_of(line), reverted_by=self._reverted_by(line[:40])) if line else None

    def _reverted_by(self, sha: str) -> str:
        """A later commit on any branch that says so, as ``git revert`` and GitHub word it."""
        found = self.git(
            "log", "--all", "--format=%H", "-1", "--fixed-strings", f"--grep=This reverts commit {sha}", "--not", sha
        )
        return found.strip() if is_full_sha(found.strip()) else ""


# -- one search per subject -------------------------------------------------------------------------------------------


def _header(finding: Finding, history: ChangesOfRange) -> Culprit | None:
    name = finding.facts.get(fact.NAME) or finding.identifier
    if not re.fullmatch(r"[\w./+-]+", name) or ".." in name:
        return None
    for root in INCLUDE_ROOTS:
        path = f"{root}{name}"
        if history.has_file(path):
            return history.last_removal(path)
    return None


def _declaration(finding: Finding, history: ChangesOfRange) -> Culprit | None:
    name, scope = finding.facts.get(fact.NAME, ""), finding.facts.get(fact.SCOPE, "")
    if not _NAME.match(name):
        return None
    owner = scope.rpartition("::")[2]
    if name == "build" and owner.endswith("Op"):
        return _operation(owner, history)
    if not all(_is_llvms(part, history) for part in scope.split("::") if part not in _EVERYWHERE):
        return None  # a member of a class of the downstream: the same word elsewhere in LLVM says nothing
    files = _declaring_files(name, owner, history)
    if not files:
        return None
    if finding.kind == API_REMOVED:
        return history.last_change_of_count(name, files)
    return history.last_touch(rf"\b{re.escape(name)}\b", files) or history.last_change_of_count(name, files)


_EVERYWHERE: Final = frozenset({"", "mlir", "llvm", "detail"})


def _is_llvms(scope: str, history: ChangesOfRange) -> bool:
    """Whether the baseline's headers declare a class, namespace or operation of that name."""
    if not _NAME.match(scope):
        return False
    word = re.escape(scope)
    pattern = rf"(class|struct|union|enum|namespace|cppNamespace)\b.*\b{word}\b|def ([A-Za-z0-9]+_)*{word}\b"
    return bool(history.files_with(pattern, *_headers(".h", ".td")))


def _headers(*suffixes: str) -> list[str]:
    """LLVM's headers with these endings, as git's pathspecs."""
    return [f":(glob){root}**/*{suffix}" for root in INCLUDE_ROOTS for suffix in suffixes]


def _declaring_files(name: str, owner: str, history: ChangesOfRange) -> list[str]:
    """The headers that declared the name at the baseline: the one of its class before others, few at most."""
    found = history.files_with(rf"\b{re.escape(name)}\b", *_headers(".h", ".td", ".def"))
    if owner and len(found) > _MOST_FILES:
        of_owner = set(history.files_with(rf"(class|struct) ([A-Z_]+ )*{re.escape(owner)}\b", *found))
        found.sort(key=lambda file: (file not in of_owner, owner.lower() not in file.lower()))
    return found[:_MOST_FILES]


def _operation(owner: str, history: ChangesOfRange) -> Culprit | None:
    """The definition of an operation: its builders follow from its arguments in the ``.td`` file."""
    bare = owner.removesuffix("Op")
    pattern = rf"def ([A-Za-z0-9]+_)?{re.escape(bare)}(Op)? *:"
    found = (history.last_change_within(pattern, file) for file in history.files_with(pattern, *_headers(".td"))[:3])
    return next(filter(None, found), None)


def _target(finding: Finding, history: ChangesOfRange) -> Culprit | None:
    name = finding.identifier.rpartition("::")[2]
    if not _NAME.match(name):
        return None
    places = (":(glob)mlir/**/CMakeLists.txt", ":(glob)llvm/lib/**/CMakeLists.txt", ":(glob)**/cmake/**/*.cmake")
    files = history.files_with(rf"\b{re.escape(name)}\b", *places)
    declaring = history.files_with(rf"(library|target|function|macro)\({re.escape(name)}\b", *files) if files else []
    return history.last_change_of_count(name, declaring or files)


def _tablegen(finding: Finding, history: ChangesOfRange) -> Culprit | None:
    name = finding.facts.get(fact.NAME, "")
    if name.endswith(".td"):
        return _header(finding, history)
    if not _NAME.match(name):
        return None
    pattern = rf"(class|def|defvar|multiclass|defm) {re.escape(name)}\b"
    return history.last_change_of_count(name, history.files_with(pattern, *_headers(".td")))


def _option(finding: Finding, history: ChangesOfRange) -> Culprit | None:
    """The string under which a tool registers the option, without its dashes."""
    option = finding.facts.get(fact.OPTION, "").lstrip("-").partition("=")[0]
    if not _NAME.match(option):
        return None
    files = history.files_with(
        rf'"{re.escape(option)}"', "mlir/tools", "mlir/lib", "llvm/utils", "llvm/lib", "llvm/tools"
    )
    return history.last_change_of_count(f'"{option}"', files)


SEARCHES: Final[dict[Subject, Callable[[Finding, ChangesOfRange], Culprit | None]]] = {
    Subject.HEADER: _header,
    Subject.TYPE: _declaration,
    Subject.DECLARATION: _declaration,
    Subject.DEPRECATED: _declaration,
    Subject.TABLEGEN: _tablegen,
    Subject.OPTION: _option,
    Subject.TARGET: _target,
    Subject.COMMAND: _target,
    Subject.LIBRARY: _target,
}
"""By what a finding is about: every subject that has a name in LLVM."""
