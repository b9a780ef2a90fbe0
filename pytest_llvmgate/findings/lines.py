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
    rb"\x1b(?:\[[0-9;:?<>=!]*[ -/]*[@-~]|[\]_P^X][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]+[0-~]|[0-Z\\^`-~])"
)
"""ECMA-48 control sequences: CSI; the string kinds (OSC, APC, DCS ...) with either terminator; two-byte escapes."""
_BARE_COLOURS: Final = re.compile(rb"(?:\^\[)?\[(?:\d{1,3}(?:;\d{1,3})*)?[mK]")
"""What is left of colours where a copy lost the escape character."""
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
    if b"[0m" in block or b"[m" in block or b"[K" in block:
        block = _BARE_COLOURS.sub(b"", block)
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    block = block.translate(None, _DIRT)
    if _is_stamped(block):
        block = _STAMP.sub(b"", block)
    return _SERVICE_MARKS.sub(b"", block) if b"##[" in block else block


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
