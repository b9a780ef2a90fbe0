"""What a commit's message says about earlier commits: that it takes them back, brings them back, or mends them.

Written from what real histories hold: git's own words (``This reverts commit <sha>.``), GitHub's (``Reverts
owner/repo#1``, ``Revert "title (#1)" (#2)``), nested reverts, and the many forms of a reland. Prose about reverts
("which was reverted in <sha>") claims nothing. What is claimed is looked up by the caller: a squashed branch names
commits that exist nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_MOST_LAYERS: Final = 16
"""Of ``Revert "Revert "...""``; real histories have three."""
_MOST_TEXT: Final = 20_000
"""Characters of a body that are read: squashed branches bring whole diaries."""

_TAGS: Final = r"(?:\[[^\]\[]{0,80}\][\s:]*){0,6}"
_VERB: Final = re.compile(
    rf"{_TAGS}(?P<verb>(?:auto\w*\s++|partial(?:ly)?\s++)?(?:revert|roll\s?back|back\s?out)|un-?revert"
    r"|re-?land|re-?apply|re-?commit|re-?submit|roll\s?forward)(?=[\s:])(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_RELAND_TAG: Final = re.compile(
    r"(?P<before>(?:\[[^\]\[]{0,80}\]\s*+){0,4}?)\[(?:re-?land(?:ed|ing)?|re-?apply|re-?commit)\][\s:]*", re.IGNORECASE
)
_BRINGS_BACK: Final = re.compile(r"un|re-?(?:land|apply|commit|submit)|roll\s?forward", re.IGNORECASE)
_NUMBER_AT_END: Final = re.compile(r"(?<!\s)\s*+\(#(\d{1,9})\)\s*+$")

_SHA: Final = r"(?<![0-9A-Za-z])[0-9a-f]{7,40}(?![0-9A-Za-z])"
_NUMBER: Final = r"(?:[\w.-]{1,60}/[\w.-]{1,60})?#[0-9]{1,9}\b|https?://\S{1,80}/pull/[0-9]{1,9}\b"
_REFERENCE: Final = rf"(?:(?:llvm/llvm-project|[\w-]{{1,40}}/[\w-]{{1,40}})@)?{_SHA}|{_NUMBER}"
_LIST: Final = rf"(?:{_REFERENCE})(?:(?:\s*+,\s*+(?:and\s++)?|\s++and\s++|\s*+&\s*+|\s++)(?:{_REFERENCE}))*"
_OBJECT: Final = (
    r"(?:(?:the\s++)?(?:following\s++)?(?:commits?|changes?|PRs?|pull\s++requests?|patch(?:es)?)(?:\s*+:)?\s++)?"
)
_UNDO: Final = re.compile(
    rf"\b(?P<partial>partial(?:ly)?\s++|parts?\s++of\s++)?(?<!not\s)reverts?\s++{_OBJECT}(?P<what>{_LIST})",
    re.IGNORECASE,
)
_REDO: Final = re.compile(
    rf"\bre-?(?:land|appl(?:y|ie)|commit|submit)s?(?:\s++of)?\s++{_OBJECT}(?P<what>{_LIST})", re.IGNORECASE
)
_UNDO_TITLE: Final = re.compile(
    r"^[\s*-]{0,8}Revert \"(?P<title>[^\n]{3,300})\"(?:\s*+\(#\d{1,9}\))?[ \t]*+$", re.MULTILINE
)
_QUOTED_MESSAGE: Final = re.compile(
    r"^[\s*_#>-]{0,8}(?:the\s++)?orig(?:inal|\.)?\s++(?:commit|PR|patch|change|message|description|pull)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""From here on the message is another commit's."""

_ABOUT_A_BUILD: Final = re.compile(
    r"\b(?:builds?|links?|linking|linker|linkage|compiles?|compilation|cmake|includes?)\b", re.IGNORECASE
)
_MENDS: Final = re.compile(
    r"\b(?:fix(?:es|ed)?|after|broken\s++by|broke\s++in|introduced\s++(?:in|by|with)|caused\s++by|due\s++to|since|follow-?up\s++(?:to|of|for))"
    rf"\s++{_OBJECT}(?P<what>{_LIST})",
    re.IGNORECASE,
)
_LEADING: Final = re.compile(rf"\s*+{_OBJECT}(?:{_REFERENCE})", re.IGNORECASE)
_ONE: Final = re.compile(rf"(?P<sha>{_SHA})|(?:#|/pull/)(?P<number>[0-9]{{1,9}})\b")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An earlier commit as a message names it: exactly one of the three is filled."""

    sha: str = ""
    """7 to 40 lower-case hexadecimal digits."""
    number: str = ""
    """Of a pull request."""
    title: str = ""
    """Without the pull request's number at its end."""

    def means(self, shas: Iterable[str], title: str) -> bool:
        """Whether it names the commit of that title, or by a SHA one of ``shas`` (full ones)."""
        if self.sha:
            return any(sha.startswith(self.sha) for sha in shas)
        return self.number == number_of(title) if self.number else self.title == bare_title(title)


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a commit says it does to earlier ones."""

    undoes: tuple[Reference, ...] = ()
    """They, or what they had brought back, are gone after this commit."""
    redoes: tuple[Reference, ...] = ()
    """They are there again; a reference may be to the original or to the revert of it."""
    mends: tuple[Reference, ...] = ()
    """They had broken some build."""
    partial: bool = False
    """Only a part is taken back."""

    def __bool__(self) -> bool:
        return bool(self.undoes or self.redoes or self.mends)


_NOTHING: Final = Claims()
_WORTH_READING: Final = re.compile(
    r"rever|re-?land|re-?appl|re-?commit|re-?submit|roll\s?(?:back|for)|back\s?out", re.IGNORECASE
)


def read_claims(title: str, body: str) -> Claims:
    """What a message claims. Time is linear in its length."""
    about_reverts = _WORTH_READING.search(title) or _WORTH_READING.search(body, 0, _MOST_TEXT)
    claims = _read_reverts(title, _own_words(body)) if about_reverts else _NOTHING
    if claims or not _ABOUT_A_BUILD.search(title):
        return claims
    matches = (*_MENDS.finditer(bare_title(title)), *_MENDS.finditer(_own_words(body)))
    return Claims(mends=_distinct(one for match in matches for one in _references(match["what"])))


def _read_reverts(title: str, own: str) -> Claims:
    direction, about = _direction(title)
    matches = list(_UNDO.finditer(own))
    undone = [one for match in matches for one in _references(match["what"])]
    redone = [one for match in _REDO.finditer(own) for one in _references(match["what"])]
    if about:
        (redone if direction > 0 else undone).extend(_of_title(about))
    if direction < 0:
        undone += [one for match in _UNDO_TITLE.finditer(own) for one in _of_title(match["title"])]
    if direction > 0:  # "This reverts commit <the revert>." in the message of a reland
        redone, undone = undone + redone, []
    is_partial = any(match["partial"] for match in matches) or "partial" in title.lower()
    return Claims(undoes=_distinct(undone), redoes=_distinct(redone), partial=is_partial and bool(undone))


def bare_title(title: str) -> str:
    """A title without the number of its pull request, in single blanks."""
    while match := _NUMBER_AT_END.search(title):
        title = title[: match.start()]
    return " ".join(title.split())


def number_of(title: str) -> str:
    """The number of the pull request that a squashed merge's title ends in; empty where there is none."""
    match = _NUMBER_AT_END.search(title)
    return match[1] if match else ""


def _direction(title: str) -> tuple[int, str]:
    """-1 for a title that takes back, +1 for one that brings back, 0 for neither; and what its first layer is about."""
    sign, about, rest = 0, "", bare_title(title)
    for _ in range(_MOST_LAYERS):
        layer = _layer(rest)
        if layer is None:
            break
        flips, inner = layer
        sign = (sign or 1) * (-1 if flips else 1)
        about = about or inner
        rest = bare_title(inner)
    return sign, about


def _layer(title: str) -> tuple[bool, str] | None:
    """Whether the outermost verb of a title takes back, and what; ``None`` for a title without such a verb."""
    if tag := _RELAND_TAG.match(title):
        return False, tag["before"] + title[tag.end() :]
    if verb := _VERB.match(title):
        return not _BRINGS_BACK.match(verb["verb"]), _quoted(verb["rest"])
    return None


def _quoted(rest: str) -> str:
    """What stands between the first and the last quotation mark; everything where nothing is quoted."""
    first, last = rest.find('"'), rest.rfind('"')
    if first < 0:
        return rest.strip(" :")
    return rest[first + 1 : last] if last > first else rest[first + 1 :]


def _own_words(body: str) -> str:
    """The body up to where it starts to quote another message."""
    text = body[:_MOST_TEXT]
    quoted = _QUOTED_MESSAGE.search(text)
    return text[: quoted.start()] if quoted else text


def _of_title(title: str) -> Iterator[Reference]:
    """References to the commit of that title; a title may also name a commit instead of quoting one."""
    title = title.removeprefix("of ")  # "Rollback of ..."
    yield from _references(bare_title(title)) if _LEADING.match(title) else ()
    if number := number_of(title):
        yield Reference(number=number)
    if bare := bare_title(title):
        yield Reference(title=bare)


def _references(text: str) -> Iterator[Reference]:
    for match in _ONE.finditer(text):
        yield Reference(sha=match["sha"]) if match["sha"] else Reference(number=match["number"])


def _distinct(references: Iterable[Reference]) -> tuple[Reference, ...]:
    return tuple(dict.fromkeys(references))
