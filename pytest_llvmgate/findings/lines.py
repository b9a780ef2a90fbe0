r"""Bytes of a log to blocks of clean lines, without changing the number of any line.

A log passes through terminals, CI services and shells before it is read: colours, hyperlinks, time stamps in front of
every line, ``\r`` progress, NULs of a torn file, UTF-16 of a PowerShell redirection. Everything is removed by whole
blocks, because a call per line would dominate the time on a large log.
"""

from __future__ import annotations

import codecs
import gzip
import lzma
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, cast

BLOCK: Final = 1 << 20
"""Bytes per block."""
LONGEST_LINE: Final = 1 << 20
"""A line longer than this is cut: it is data, not a message."""

_ESCAPES: Final = re.compile(
    rb"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|[\]_P^X][^\x07\x1b\n]*+(?:\x07|\x1b\\)?|[ -/]++[0-~]|[0-Z\\^`-~])"
)
"""ECMA-48 control sequences: CSI; the string kinds (OSC, APC, DCS ...) with either terminator; two-byte escapes."""
_BARE_COLOURS: Final = re.compile(
    rb"(?:\^\[)?\[\d{1,3}(?:;\d{1,3})*m(?:(?:\^\[)?\[K)?|(?:\^\[)?\[m(?:\^\[)?\[K|\^\[\[[mK]"
)
"""What is left of colours where a copy lost the escape character. ``[m`` and ``[K`` alone are code: ``rows[m]``."""
_DIRT: Final = bytes(set(range(32)) - set(b"\n\r\t\x1b")) + b"\x7f"
_STAMP: Final = re.compile(
    rb"^(?:[^\t\n]{1,80}\t[^\t\n]{1,80}\t)?(?:\xef\xbb\xbf)?(?:"
    rb"(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?(?: \d\d[OE]\+?)?:?"
    rb"|\[\d\d:\d\d:\d\d(?:\.\d+)?\]"
    rb"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?"
    rb"|\#\d+ \d+\.\d+)(?: |(?=\n|\Z))"
    rb"|\d\d:\d\d:\d\d(?:\.\d+)?(?:  ?|(?=\n|\Z)))",
    re.MULTILINE,
)
"""Time stamps of GitHub, GitLab, Azure, Jenkins, ``ts`` and BuildKit; with the job and step of ``gh run view``."""
_SERVICE_MARKS: Final = re.compile(rb"^\#\#\[(?:error|warning|debug|command)\]", re.MULTILINE)


def chunks(log: Path | Iterable[bytes]) -> Iterator[bytes]:
    """The log's bytes, decompressed where they are gzip or xz (told by content, not by name).

    Raises ``OSError`` when the file cannot be read.
    """
    if not isinstance(log, Path):
        yield from log
        return
    with _open(log) as stream:
        try:
            while chunk := stream.read(BLOCK):
                yield chunk
        except (EOFError, lzma.LZMAError, gzip.BadGzipFile):
            return  # a torn archive: what came before the tear is still worth reading


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        magic = stream.read(6)
    if magic[:2] == b"\x1f\x8b":
        return cast("IO[bytes]", gzip.open(path))
    if magic == b"\xfd7zXZ\x00":
        return lzma.open(path)
    return path.open("rb")


def blocks(log: Path | Iterable[bytes]) -> Iterator[bytes]:
    """Clean blocks of whole lines; each ends in a newline but for the last one of a log that ends within a line."""
    for block in _whole_lines(_utf8(chunks(log))):
        yield clean(block)


def _utf8(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Recode UTF-16 (what PowerShell writes) as UTF-8, by its byte order mark; all else passes as it is."""
    decoder: codecs.IncrementalDecoder | None = None
    first = True
    for part in parts:
        if first and part[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            decoder = codecs.getincrementaldecoder("utf-16")("replace")
        first = first and not part
        yield part if decoder is None else decoder.decode(part).encode("utf-8", "replace")


def _whole_lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Regroup into blocks that end at line ends. Small parts are joined, an endless line is cut."""
    pending: list[bytes] = []
    size = 0
    for part in parts:
        pending.append(part)
        size += len(part)
        if size < BLOCK:
            continue
        joined = b"".join(pending)
        end = joined.rfind(b"\n") + 1
        if not end and size > LONGEST_LINE:
            joined = joined[: LONGEST_LINE // 2]  # the rest of this line is dropped as it comes
        if end:
            yield joined[:end]
        pending, size = [joined[end:]], len(joined) - end
    if size:
        yield b"".join(pending)


def clean(block: bytes) -> bytes:
    """Remove colours, stamps and dirt from a block of whole lines. The number of newlines stays."""
    if b"\x1b" in block:
        block = _ESCAPES.sub(b"", block)
    if b"[0m" in block or b"[m" in block or b"[K" in block or b"^[" in block:
        block = _BARE_COLOURS.sub(b"", block)
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    block = block.translate(None, _DIRT)
    if _is_stamped(block):
        block = _STAMP.sub(b"", block)
        if _is_stamped(block):  # docker's, below the service's
            block = _STAMP.sub(b"", block)
    block = unwrapped(block)
    return _SERVICE_MARKS.sub(b"", block) if b"##[" in block else block


_WRAPPERS: Final = (
    (re.compile(rb"^[ \t]*cargo:warning=", re.MULTILINE), 0.0),
    (re.compile(rb"^ {2,12}> ?", re.MULTILINE), 0.3),
    (re.compile(rb"^# (?!\| |executed command)|^#$", re.MULTILINE), 0.4),
    (re.compile(rb"^\[[A-Za-z][\w. -]{0,30}\] (?!ERROR|WARN)", re.MULTILINE), 0.6),
    (re.compile(rb"^[A-Za-z][\w.-]{0,60}(?:[_-]\d{1,3})?[ \t]*\|(?: |$)", re.MULTILINE), 0.4),
    (re.compile(rb"^ {0,4}(?:>>| {2}) {1,4}\d{1,7} {4}", re.MULTILINE), 0.6),
)
"""What cargo, nix, opam, editors, compose (and meson) and spack put in front of the lines of a tool that they run, each
with the share of a block's lines that must have it. cargo's cannot be anything else.
"""
_INDENTED: Final = re.compile(
    rb"^([ \t]{1,16})(?:\[ *\d+/\d+\] |\[ *\d+%\] |FAILED: |ninja: (?:build stopped|error)|(?:g|c)?make(?:\[\d+\])?: "
    rb"|CMake Error|(?:[^\s:]|:[\\/]){1,400}:\d+:\d+: (?:fatal )?error: )",
    re.MULTILINE,
)
"""Beginnings of lines that no tool indents: what pip and its like run is, all of it, by the same number of blanks."""


def unwrapped(block: bytes) -> bytes:
    """Lines without what another tool put in front of them. The number of newlines stays."""
    head = [line for line in block[:16384].split(b"\n")[:200] if line.strip()]
    for pattern, share in _WRAPPERS:
        if pattern.search(block) and sum(pattern.match(line) is not None for line in head) >= share * len(head):
            block = pattern.sub(b"", block)
    return _dedented(block)


def _dedented(block: bytes) -> bytes:
    found = _INDENTED.search(block)
    if found is None or b"\nCMake Error" in b"\n" + block[: found.start()]:  # CMake quotes its tools, indented
        return block
    indent = re.escape(found[1])
    last = max(match.end() for match in _INDENTED.finditer(block))
    stop = block.find(b"\n\n", last)
    stop = len(block) if stop < 0 else stop
    begin = block.rfind(b"\n\n", 0, found.start()) + 1
    inside = re.sub(rb"^" + indent, b"", block[begin:stop], flags=re.MULTILINE)
    return block[:begin] + inside + block[stop:]


def _is_stamped(block: bytes) -> bool:
    """Whether at least half of the first lines carry a time stamp (a few lines may come from elsewhere)."""
    head = [line for line in block[:16384].split(b"\n")[:100] if line]
    return bool(head) and sum(_STAMP.match(line) is not None for line in head) * 2 >= len(head)


_RARE_QUOTES: Final = str.maketrans(dict.fromkeys("\u201a\u201b\u201c\u201d\u201e\u00ab\u00bb", "'"))
_ANY_RARE_QUOTE: Final = re.compile("[\u201a-\u201e\u00ab\u00bb]")
_PADDED_QUOTES: Final = re.compile("\u00ab ?[\u00a0\u202f]?|[\u00a0\u202f]? ?\u00bb")


def decode(raw: bytes) -> str:
    """Lines as text; what is no UTF-8 becomes U+FFFD."""
    return raw.decode("utf-8", "replace")


def plain_quotes(text: str) -> str:
    """Every locale's quotation marks as apostrophes, for matching. (Evidence keeps them as they were printed.)"""
    text = text.replace("`", "'")
    if text.isascii():
        return text
    text = text.replace("\u2018", "'").replace("\u2019", "'")  # GCC's in most locales; translate() is slow
    if text.isascii() or not _ANY_RARE_QUOTE.search(text):
        return text
    return _PADDED_QUOTES.sub("'", text).translate(_RARE_QUOTES)
