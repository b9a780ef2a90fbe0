"""Just enough of the shell's grammar to find commands and assignments without believing comments or prose.

Follows POSIX's token recognition (XCU 2.3): quotes, escapes, line continuations, comments, here-documents. It does not
expand anything: ``$NAME`` stays in the word, and :mod:`checkout` looks the assignment up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

_OPERATOR: Final = re.compile(r"&&|\|\||;;|[;&|()\n]")
_REDIRECTION: Final = re.compile(r"[0-9]*(?:<<<|<<-?|>>|[<>]&?)")
_BLANK: Final = re.compile(r"(?:[ \t\r]|\\\r?\n)+")
_PLAIN: Final = re.compile(r"[^ \t\r\n\\'\"`$;&|()<>]+")
_SIMPLE: Final = re.compile(r"[ \t]*([^\s\\'\"`$;&|()<>#][^\s\\'\"`$;&|()<>]*)(?=[ \t\n])")
"""A word with nothing special in it, and the blanks before it: most of every script."""
_HEREDOC_WORD: Final = re.compile(r"[ \t]*(?:'([^'\n]*)'|\"([^\"\n]*)\"|\\?([^\s;&|()<>'\"]+))")


class Word(NamedTuple):
    """A word of a command, quotes removed."""

    text: str
    raw: str
    """As it stands in the file, quotes and all."""
    start: int
    """Offset of ``raw`` in the file."""

    def locate(self, part: str) -> int | None:
        """The file's offset of ``part`` of the text; ``None`` where quotes or escapes break it up."""
        found = self.raw.find(part)
        return None if found < 0 else self.start + found


@dataclass(frozen=True)
class ShellCommand:
    """A simple command: its words, in order."""

    words: tuple[Word, ...]
    depth: int = 0
    """Subshells around it: what a directory was changed to in one is forgotten behind it."""


def commands(text: str) -> Iterator[ShellCommand]:
    """The simple commands of a script, here-documents and comments left out."""
    words: list[Word] = []
    depth = 0
    for token in _tokens(text):
        if isinstance(token, Word):
            words.append(token)
            continue
        if words:
            yield ShellCommand(tuple(words), depth)
            words = []
        depth = max(0, depth + {"(": 1, ")": -1}.get(token, 0))
    if words:
        yield ShellCommand(tuple(words), depth)


def _tokens(text: str) -> Iterator[Word | str]:
    """The words and operators, line by line: the versions of a script in a history share most of their lines."""
    at = 0
    while at < len(text):
        end = text.find("\n", at) + 1
        line = _whole_line(text[at:end])
        if line is not None:
            yield from (one if isinstance(one, str) else Word(one.text, one.raw, one.start + at) for one in line)
            at = end
            continue
        scanner = _Scanner(text, at)
        while (found := scanner.next()) is not None:
            yield found
            if found == "\n":
                break
        at = scanner.at


@lru_cache(maxsize=8192)
def _whole_line(line: str) -> tuple[Word | str, ...] | None:
    """The tokens of a line that is one by itself; ``None`` where quotes, brackets or a here-document lead on."""
    if "<<" in line:
        return None
    scanner = _Scanner(line)
    tokens: tuple[Word | str, ...] = tuple(iter(scanner.next, None))
    return tokens if tokens[-1:] == ("\n",) else None


class _Scanner:
    """One pass over the text. ``next`` returns a word, an operator, or ``None`` at the end."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self.heredocs: list[tuple[str, bool]] = []
        """Delimiter, and whether its line may be indented by tabs, of the here-documents begun in this line."""

    def next(self) -> Word | str | None:
        simple = _SIMPLE.match(self.text, self.at)
        if simple:
            self.at = simple.end()
            return Word(simple[1], simple[1], simple.start(1))
        self._skip_blanks()
        while redirection := _REDIRECTION.match(self.text, self.at):
            self._redirect(redirection)
            self._skip_blanks()
        if self.at >= len(self.text):
            return None
        operator = _OPERATOR.match(self.text, self.at)
        if not operator:
            return self._word()
        self.at = operator.end()
        if operator[0] == "\n":
            self._skip_heredocs()
        return operator[0]

    def _skip_blanks(self) -> None:
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        if self.text.startswith("#", self.at):
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end

    def _redirect(self, redirection: re.Match[str]) -> None:
        """Pass over a redirection and its target, which is no argument; a here-document's text comes later."""
        self.at = redirection.end()
        operator = redirection[0].lstrip("0123456789")
        if operator in {"<<", "<<-"}:
            delimiter = _HEREDOC_WORD.match(self.text, self.at)
            if delimiter:
                self.at = delimiter.end()
                self.heredocs.append((next(part for part in delimiter.groups() if part is not None), operator == "<<-"))
            return
        self._skip_blanks()
        self._word()

    def _skip_heredocs(self) -> None:
        for delimiter, may_indent in self.heredocs:
            indent = r"\t*" if may_indent else ""
            end = re.compile(rf"^{indent}{re.escape(delimiter)}\r?$", re.MULTILINE).search(self.text, self.at)
            self.at = end.end() if end else len(self.text)
        self.heredocs = []

    def _word(self) -> Word:
        start = self.at
        parts: list[str] = []
        while self.at < len(self.text) and self.text[self.at] not in " \t\r\n;&|()<>":
            parts.append(self._part())
        return Word("".join(parts), self.text[start : self.at], start)

    def _part(self) -> str:
        character = self.text[self.at]
        if character == "'":
            return self._until(self.text.find("'", self.at + 1))
        if character == '"':
            return re.sub(r'\\([$`"\\])', r"\1", self._until(self._closing(self.at + 1, '"')))
        if character == "`":
            return "`" + self._until(self._closing(self.at + 1, "`")) + "`"
        if character == "$":
            return self._dollar()
        if character == "\\":
            self.at += 2
            return self.text[self.at - 1 : self.at].replace("\n", "")
        plain = _PLAIN.match(self.text, self.at)
        self.at = plain.end() if plain else self.at + 1
        return plain[0] if plain else character

    def _until(self, end: int) -> str:
        """The text between the delimiter here and the one at ``end`` (or up to the end of the file)."""
        stop = len(self.text) if end < 0 else end
        inner = self.text[self.at + 1 : stop]
        self.at = stop + 1
        return inner

    def _closing(self, start: int, delimiter: str) -> int:
        match = re.compile(rf"(?:[^{delimiter}\\]|\\.)*", re.DOTALL).match(self.text, start)
        end = match.end() if match else start
        return end if end < len(self.text) else -1

    def _dollar(self) -> str:
        """``$NAME``, ``${...}`` and ``$(...)`` as they stand: nothing in them is a word of this command."""
        start = self.at
        opening = self.text[start + 1 : start + 2]
        closing = {"{": "}", "(": ")"}.get(opening)
        self.at += 1
        if closing:
            self.at = _matching(self.text, start + 1, opening, closing)
        return self.text[start : self.at]


def _matching(text: str, start: int, opening: str, closing: str) -> int:
    """The offset after the bracket that closes the one at ``start``."""
    depth = 0
    for match in re.compile(rf"[{re.escape(opening + closing)}]").finditer(text, start):
        depth += 1 if match[0] == opening else -1
        if depth == 0:
            return match.end()
    return len(text)
