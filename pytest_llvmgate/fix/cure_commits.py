"""The edits as commits on a branch of their own, one per cause: the user's work tree and branch stay as they are."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.fix.fix_outcome import Cause, FixOutcome
from pytest_llvmgate.fix.working_copy import WorkingCopy, as_shown
from pytest_llvmgate.git.commits import check_identity
from pytest_llvmgate.git.diff_text import lines_of
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.kinds.catalogue import SHARED_LINK, UNDEFINED_SYMBOL
from pytest_llvmgate.kinds.facts import CULPRIT, CULPRIT_TITLE

_BRANCH: Final = re.compile(r"[A-Za-z0-9][\w./-]*[\w-]")


@dataclass(frozen=True, kw_only=True)
class _Hunk:
    """Lines of one file that others take the place of."""

    start: int
    end: int
    new: tuple[str, ...]
    cause: int
    """Index of the cause that it is for."""


@dataclass(frozen=True, kw_only=True)
class Extra:
    """A commit besides those of causes."""

    message: str
    files: Mapping[str, str]
    """Path below the top of the checkout to the text that it has then."""


def check_branch(repository: Repository, branch: str) -> str:
    """The commit on which ``branch`` can begin, and who commits is known.

    Raises ``RepositoryError`` where it exists already, its name is none, or git does not know in whose name to commit.
    """
    if not _BRANCH.fullmatch(branch) or ".." in branch:
        raise RepositoryError(f"not a branch's name: {branch!r}")
    if repository.commit_at(f"refs/heads/{branch}"):
        raise RepositoryError(f"the branch {branch} exists already", hint="--write=ANOTHER-NAME")
    head = repository.head()
    if not head:
        raise RepositoryError("there is no commit yet that a branch could begin on", where=repository.display)
    check_identity(repository)
    return head


def commit_cures(copy: WorkingCopy, outcome: FixOutcome, branch: str, extras: Sequence[Extra] = ()) -> tuple[str, ...]:
    """Write one commit per cause to the new ``branch``, on top of HEAD, and ``extras`` after them; the titles.

    Submodules' files are left out: a commit of theirs belongs to their project. Raises ``RepositoryError`` as
    :func:`check_branch` does, and where a file that changes has uncommitted changes.
    """
    repository = Repository.open(copy.checkout)
    head = check_branch(repository, branch)
    ref = f"refs/heads/{branch}"
    paths = [path for path in copy.changed if not copy.owner_of(path)]
    for path in paths:
        if (repository.read(path, commit=head) or b"").decode("latin-1") != copy.original(path):
            raise RepositoryError(f"{path} has changes that are not committed", hint="commit or stash them first")
    hunks = {path: list(_hunks(copy, path, outcome.causes)) for path in paths}
    person = repository.run("var", "GIT_COMMITTER_IDENT", users_settings=True).strip()
    stream = [b"feature done\n"]
    commits: list[tuple[str, Mapping[str, bytes]]] = []
    for number, cause in enumerate(outcome.causes):
        changed = [path for path in paths if any(hunk.cause == number for hunk in hunks[path])]
        if not changed:
            continue
        files = {
            path: _text(copy, path, [hunk for hunk in hunks[path] if hunk.cause <= number]).encode("latin-1")
            for path in changed
        }
        commits.append((message_of_cause(cause), files))
    commits += [
        (one.message, {path: text.encode("utf-8", "surrogateescape") for path, text in one.files.items()})
        for one in extras
    ]
    for number, (message, contents) in enumerate(commits):
        parent = b"from %s\n" % head.encode() if number == 0 else b""
        words = (ref.encode(), person, _data(message.encode("utf-8", "replace")), parent)
        stream.append(b"commit %s\ncommitter %s\n%s%s" % words)
        for path, content in contents.items():
            stream.append(b"M %s inline %s\n%s" % (_mode(copy.checkout / path), _quoted(path), _data(content)))
    if commits:
        repository.run("fast-import", "--quiet", "--done", stdin=b"".join([*stream, b"done\n"]))
    return tuple(message.partition("\n")[0] for message, _ in commits)


def _mode(path: Path) -> bytes:
    return b"100755" if path.is_file() and path.stat().st_mode & 0o100 else b"100644"


def _hunks(copy: WorkingCopy, path: str, causes: Sequence[Cause]) -> Iterator[_Hunk]:
    old, new = lines_of(copy.original(path)), lines_of(copy.read(path))
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            added = _squeezed(as_shown("".join(new[j1:j2])))
            removed = _squeezed(as_shown("".join(old[i1:i2])))
            yield _Hunk(start=i1, end=i2, new=tuple(new[j1:j2]), cause=_cause_of(path, removed, added, causes))


def _cause_of(path: str, removed: str, added: str, causes: Sequence[Cause]) -> int:
    """The last cause with an edit there: then whatever else these lines need has been done."""
    here = [(number, kept) for number, cause in enumerate(causes) for kept in cause.kept if kept.path == path]
    for number, kept in reversed(here):
        before, after = _squeezed(kept.before), _squeezed(kept.after)
        if (after and (after in added or added in after)) or (before and before in removed):
            return number
    return here[-1][0] if here else 0


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _text(copy: WorkingCopy, path: str, hunks: Sequence[_Hunk]) -> str:
    lines = lines_of(copy.original(path))
    for hunk in sorted(hunks, key=lambda one: -one.start):
        lines[hunk.start : hunk.end] = hunk.new
    return "".join(lines)


def message_of_cause(cause: Cause) -> str:
    """What broke, who broke it, and by whose example it was mended."""
    finding = cause.finding
    headline = re.sub(r" \([^()]*:\d+(?::\d+)?\)$", "", finding.headline)
    what = "Mend a link" if finding.kind in {SHARED_LINK, UNDEFINED_SYMBOL} else "Follow LLVM"
    lines = [f"{what}: {headline}"[:100], ""]
    if sha := finding.facts.get(CULPRIT):
        lines += [f"LLVM {sha[:12]} did it: {finding.facts.get(CULPRIT_TITLE, '')}", ""]
    for what, source in dict.fromkeys((one.what, one.source) for one in cause.kept):
        lines += [f"{what}", f"  from {source}"]
    if cause.left:
        lines += ["", f"{cause.left} places are left."]
    return "\n".join(lines) + "\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'.encode("utf-8", "surrogateescape")
