"""Pages that say in a sentence which LLVM a project needs: ``tested with the llvm-project commit <sha>``.

Prose names commits for many reasons. What counts is a whole SHA that stands by itself, that a sentence calls LLVM's
commit or version, and that nothing calls the cause or the cure of something. A page that so names several names none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pytest_llvmgate.pins.syntax.found import Found

_ALONE: Final = re.compile(r"(?<![\w/@.:=#-])[0-9a-f]{40}(?![\w/@-])")
_BEFORE: Final = 240
"""Characters that are read before a SHA; a sentence is no longer."""
_NEAR: Final = 60
"""Characters between LLVM's name and the SHA."""
_PROJECT: Final = re.compile(r"(?<![\w./-])(?>[\w./-]*(?:llvm|mlir))[\w/-]*+", re.IGNORECASE)
_LLVM: Final = re.compile(
    r"(?:the )?(?:llvm|mlir|llvm[-/]project|llvm/llvm-project|llvm/mlir|mlir/llvm)", re.IGNORECASE
)
_COMMIT_WORD: Final = re.compile(r"\b(?:commit|version|revision|hash|sha|check(?:ed)?[ -]?out)\b", re.IGNORECASE)
_OTHER_REASON: Final = re.compile(
    r"\b(?:fix\w*|revert\w*|introduc\w+|since|after|until|before|broke\w*|regress\w+|patch\w*|cherry|bug|report\w*|issue|landed|"
    r"merged|removed|adapted|copied|taken|ported|generated|example)\b",
    re.IGNORECASE,
)
EXAMPLE: Final = re.compile(r"(?i)\b(?:for example|for instance|e\.g\.)[^\n]{0,80}[0-9a-f]{7}")
"""What shows a commit that might be any."""
_SENTENCE_END: Final = re.compile(
    r"[.!?][)\"'`*]*\s|\n\s{0,80}#|\n[ \t]*[-*+|] |\n[ \t]*\n(?![ \t`~]*[0-9a-f]{0,3}[`~0-9a-f])"
)
_OF_LLVM: Final = re.compile(
    r"[`*\s]{0,4}(?:of|from|in) (?:the )?\[?`?(?P<name>(?<![\w./-])(?>[\w./-]*(?:llvm|mlir))[\w/-]*+)", re.IGNORECASE
)


def commits_in_prose(text: str) -> Iterator[Found]:
    """The one LLVM commit that a page asks for, at every place; nothing where it names several."""
    found = [Found(text=match[0], start=match.start()) for match in _ALONE.finditer(text) if _is_asked_for(text, match)]
    if len({one.text for one in found}) == 1:
        yield from found


def said_before(text: str, at: int) -> str | None:
    """The sentence up to there; None where it names what follows for another reason than that it is taken."""
    before = _SENTENCE_END.split(text[max(0, at - _BEFORE) : at])[-1]
    return None if _OTHER_REASON.search(before) else before


def _is_asked_for(text: str, match: re.Match[str]) -> bool:
    before = said_before(text, match.start())
    if before is None or EXAMPLE.search(text, max(0, match.start() - _BEFORE), match.start()):
        return False
    if after := _OF_LLVM.match(text, match.end(), match.end() + 80):
        return _is_llvm(after["name"]) and _COMMIT_WORD.search(before) is not None
    names = list(_PROJECT.finditer(before))
    if not names or not _is_llvm(names[-1][0]):
        return False
    between = before[names[-1].end() :]
    return len(between) <= _NEAR and _COMMIT_WORD.search(between) is not None and "@" not in between


def _is_llvm(name: str) -> bool:
    return _LLVM.fullmatch(name.strip("./-")) is not None
