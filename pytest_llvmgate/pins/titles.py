"""The commits that the title of a commit, or the name of a branch, says are pinned now."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

_HEX: Final = re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{7,40}(?![0-9A-Za-z])")
"""A SHA in prose: a word of digits alone may be a date, one of letters alone a word."""
_NO_CLAIM: Final = re.compile(r"\W*(?:revert|reland|cherry[- ]?pick|drop|carry)", re.IGNORECASE)
_OF_REPOSITORY: Final = re.compile(r"(?<![\w.-])(?P<name>[\w.-]++)(?:@|/commit/)(?P<sha>[0-9a-f]{7,40})(?![0-9A-Za-z])")
_LLVM_NAME: Final = re.compile(r"llvm|^mlir$", re.IGNORECASE)
_SPEAKS_OF_LLVM: Final = re.compile(r"(?<![a-z])(?:llvm|mlir|mhlo|hlo)", re.IGNORECASE)
_PLAIN_MOVE: Final = re.compile(
    r"\b(?:bump|integrat\w*|updat\w*|uplift|upgrade|roll|move|advance|rebase|sync)\b"
    r"(?:[\s:@`'\"(\[]+(?:to|at|the|a|new|latest|commit|hash|sha|pin|pins|submodules?|deps|dependenc\w+|version|onto))*"
    r"[\s:@`'\"(\[]+[0-9a-f]{7}",
    re.IGNORECASE,
)
"""``Bump to <sha>``: it says what moves where, and names nobody else whose commit that could be."""


def claimed_commits(title: str, components: Collection[str]) -> tuple[str, ...]:
    """The SHAs that a title (or a branch's name) says are pinned now.

    A title that speaks neither of LLVM nor of one of the ``components`` claims nothing. A revert, a cherry-pick or a
    dropped patch names what it takes back, takes over or takes out. A SHA of another repository (``owner/name@<sha>``)
    counts where that is one of the ``components``.
    """
    if _NO_CLAIM.match(title) or not _speaks_of_pins(title, components):
        return ()
    foreign = {
        match["sha"]
        for match in _OF_REPOSITORY.finditer(title)
        if not _LLVM_NAME.search(match["name"]) and match["name"] not in components
    }
    return tuple(word for word in named_commits(title) if word not in foreign)


def _speaks_of_pins(title: str, components: Iterable[str]) -> bool:
    """Whether a title is about the project's LLVM or a component of it, rather than about anybody's commit."""
    if _SPEAKS_OF_LLVM.search(title) or _PLAIN_MOVE.search(title):
        return True
    lowered = title.lower()
    return any(name.lower() in lowered for name in components if name)


def named_commits(text: str) -> tuple[str, ...]:
    """What looks like a SHA in a commit's title or a branch's name."""
    return tuple(dict.fromkeys(_HEX.findall(text)))
