"""What a project has moved together with its pin, where no reader finds one: told from the pin's last move.

Of a number in a page, or in the name of a file, nobody can tell whose it is. The last move can: a line in which it
wrote the new commit for the one before, and nothing else, is one that the next move changes likewise.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.git.revisions import is_full_sha
from pytest_llvmgate.pins.syntax.found import CHECKSUM, REVISION, TAG_PREFIX, VERSION
from pytest_llvmgate.upstream.hunks import ChangedLines, hunks

_MOVES: Final = 3
"""Commits that are looked at: one may only have added a place to those that there were."""
_LARGEST_DIFF: Final = 16 * 1024 * 1024
"""Bytes; what changes more than that moves more than a pin."""
_CHECKSUM: Final = re.compile(rf"(?<![0-9A-Za-z+/])(?:{CHECKSUM.pattern})(?![0-9A-Za-z+/])")


def lines_moved_with(repository: Repository, pin: str, line: str, said: str) -> dict[str, Counter[str]]:
    """File to the lines in which the pin's last move wrote ``said``, a SHA or a tag, for what the pin said before.

    ``pin`` is a file or gitlink, ``line`` the one in which it stands: others of its file may have the same number for
    another tool. Lines are as the move left them, each with how often it wrote it. A file in which a checksum changed
    with them has none, since nobody could write the next one, but for the pin's own, whose reader knows. A clone that
    lacks old objects knows of no move.
    """
    word = said.removeprefix(TAG_PREFIX)
    forms = ("-e", word[:7]) if is_full_sha(said) else ("-e", word, "-e", word.replace(".", "_"))
    paths = repository.names("grep", "-l", "-I", "-z", "-F", *forms, ok=(0, 1))
    start = "HEAD"
    for _ in range(_MOVES if paths else 0):  # one after the other: asked for more, git walks to the first commit
        log = ("log", "--first-parent", "-m", "--max-count=1", "--format=%H", f"-S{word}", start, "--", pin)
        commit = repository.run(*log, ok=(0, 128)).decode().strip()
        if not commit:
            break
        start = f"{commit}^"
        words = ("diff", "-U0", "--no-color", "--no-ext-diff", "--no-renames", "--submodule=short")
        diff = repository.run(*words, start, commit, "--", pin, *paths, ok=(0, 128))
        changes = [*hunks(diff.decode("utf-8", "replace"))] if len(diff) <= _LARGEST_DIFF else []
        moves = [one.removed for one in changes if one.file == pin and line in one.added]
        before = {old for removed in moves for old in _said_before(removed, line, said)}
        if len(before) == 1:
            (old,) = before
            summed = {one.file for one in changes if one.file != pin and any(map(_CHECKSUM.search, one.removed))}
            return _alike([one for one in changes if one.file not in summed], old, said)
    return {}


def moved(line: str, old: str, new: str) -> str:
    """The line with ``new`` wherever ``old`` stands: whole, abbreviated, or a release's number without its tag."""
    if is_full_sha(old):
        short = re.compile(rf"(?<![0-9A-Za-z]){old[:7]}[0-9a-f]{{0,33}}(?![0-9A-Za-z])")
        return short.sub(lambda match: new[: len(match[0])] if old.startswith(match[0]) else match[0], line)
    number = re.compile(rf"(?<![0-9.]){_in_either_form(old)}(?!\.?[0-9]|-?rc[0-9])")
    release = new.removeprefix(TAG_PREFIX)
    return number.sub(lambda match: release.replace(".", "_") if "_" in match[0] else release, line)


def _in_either_form(release: str) -> str:
    """An expression for a release's number with points, or as in ``llvm-project_20_1_8``."""
    number = release.removeprefix(TAG_PREFIX)
    return f"(?:{re.escape(number)}|{re.escape(number.replace('.', '_'))})"


def _alike(changes: Iterable[ChangedLines], old: str, said: str) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for one in changes:
        expected = {moved(line, old, said) for line in one.removed}.difference(one.removed)
        alike = [line for line in one.added if line in expected and moved(line, said, old) in one.removed]
        found.setdefault(one.file, Counter()).update(alike)
    return found


def _said_before(removed: Sequence[str], added: str, said: str) -> Iterator[str]:
    """What stood in a removed line where the added one has ``said``."""
    for line in removed:
        for match in (*REVISION.finditer(line), *VERSION.finditer(line)):
            if is_full_sha(match[0]) == is_full_sha(said) and moved(line, match[0], said) == added:
                yield TAG_PREFIX + match[0] if VERSION.fullmatch(match[0]) else match[0]
