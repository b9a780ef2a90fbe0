r"""Bytes of a log to blocks of clean lines, without changing the number of any line.

A log passes through terminals, CI services and shells before it is read: colours, hyperlinks, time stamps in front of
every line, ``\r`` progress, NULs of a torn file, UTF-16 of a PowerShell redirection. Everything is removed by whole
blocks, because a call per line would dominate the time on a large log.
"""

from __future__ import annotations

import codecs
import errno
import gzip
import io
import lzma
import os
import re
import stat
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

_BLOCK: Final = 1 << 20
"""Bytes per block."""
LONGEST_LINE: Final = 1 << 20
"""A line longer than this is cut: it is data, not a message."""

_HEAD_OF_LINE: Final = 48 << 10
_TAIL_OF_LINE: Final = 16 << 10
MOST_OF_LINE: Final = _HEAD_OF_LINE + _TAIL_OF_LINE
"""Bytes of a line; of longer ones the head and the tail are read. Commands of large links have some 20,000."""
_XZ: Final = b"\xfd7zXZ\x00"
_ESCAPES: Final = re.compile(
    rb"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|[\]_P^X][^\x07\x1b\n]*+(?:\x07|\x1b\\)?|[ -/]++[0-~]|[0-Z\\^`-~])"
)
"""ECMA-48 control sequences: CSI; the string kinds (OSC, APC, DCS ...) with either terminator; two-byte escapes."""
_BARE_COLOURS: Final = re.compile(
    rb"(?:\^\[)?\[\d{1,3}(?:;\d{1,3})*m(?:(?:\^\[)?\[K)?|(?:\^\[)?\[m(?:\^\[)?\[K|\^\[\[[mK]"
)
"""What is left of colours where a copy lost the escape character. ``[m`` and ``[K`` alone are code: ``rows[m]``."""
_WINDOWS_QUOTES: Final = re.compile(rb"(?<![\x80-\xff])\x91([\x20-\x7e]+)\x92(?![\x80-\xff])")
"""GCC's quotation marks in Windows' code page 1252, in pairs: one such byte is part of a letter elsewhere."""
_DIRT: Final = bytes(set(range(32)) - set(b"\n\r\t\x1b")) + b"\x7f"
_NOT_OF_TEXT: Final = _DIRT.replace(b"\0", b"").replace(b"\b", b"")
"""NULs are what a torn file has, and backspaces draw progress: both are in logs by the thousand."""
NO_TEXT: Final = "much of this is no text: more than a twentieth are control characters"
_STAMP: Final = re.compile(
    rb"^(?:[^\t\n]{1,80}\t[^\t\n]{1,80}\t)?(?:\xef\xbb\xbf)?(?:"
    rb"(?:\[?\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?(?: \d\d[OE]\+?)?:?"
    rb"(?: (?:INFO|WARN|WARNING|ERROR|DEBUG|ERR|NOTICE)(?=[ \n]))?"
    rb"|\[\d\d:\d\d:\d\d(?:\.\d+)?\]"
    rb"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?"
    rb"|\#\d+ \d+\.\d+)(?: |(?=\n|\Z))"
    rb"|\d\d:\d\d:\d\d(?:\.\d+)?(?:  ?|(?=\n|\Z)))",
    re.MULTILINE,
)
"""Time stamps of GitHub, GitLab, Azure, Jenkins, ``ts`` and BuildKit; with the job and step of ``gh run view``, and
with the level of a logging library.
"""
_ERROR_LIST: Final = re.compile(
    rb"^[Ee]rror\t([A-Z]{1,4}\d{1,6})\t([^\t\n]++)\t([^\t\n]*+)\t([^\t\n]++)\t(\d++)(?:\t[^\n]*+)?$", re.MULTILINE
)
"""A row that was copied from Visual Studio's list of errors: code, words, project, file, line."""
_SERVICE_MARKS: Final = re.compile(rb"^\#\#\[(?:error|warning|debug|command)\]", re.MULTILINE)


def _chunks(log: Path | Iterable[bytes], damage: list[str] | None = None) -> Iterator[bytes]:
    """The log's bytes, decompressed where they are gzip or xz (told by content, not by name).

    A file is opened once and read forwards only: it may be a pipe. What cannot be unpacked of a torn archive is told in
    ``damage``, in a sentence; what came before it is still worth reading. Raises ``OSError`` when the file cannot be
    read, or is no file that comes to an end.
    """
    if not isinstance(log, Path):
        yield from log
        return
    with _open(log) as raw, _unpacked(raw) as stream:
        size = 0
        try:
            while chunk := stream.read1(_BLOCK):  # not read(): it would keep a whole block back, and lose it at a tear
                size += len(chunk)
                yield chunk
        except (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error) as error:
            if damage is not None:
                damage.append(
                    f"the archive is torn or damaged behind {size:,} bytes of text ({error}): the rest is unknown"
                )


def _open(path: Path) -> io.BufferedReader:
    stream = path.open("rb")
    mode = os.fstat(stream.fileno()).st_mode
    if stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stream.isatty():
        return stream
    stream.close()
    raise OSError(errno.EINVAL, "expected a file or a pipe, found a device", str(path))


def _unpacked(stream: io.BufferedReader) -> Any:
    magic = stream.peek(len(_XZ))
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=stream)
    return lzma.LZMAFile(stream) if magic.startswith(_XZ) else stream


def blocks(log: Path | Iterable[bytes], damage: list[str] | None = None) -> Iterator[bytes]:
    """Clean blocks of whole lines; each ends in a newline but for the last one of a log that ends within a line.

    ``damage`` takes what could not be read, in sentences.
    """
    size = controls = 0
    for block in _whole_lines(_utf8(_chunks(log, damage))):
        size += len(block) - block.count(0)
        controls += len(block) - len(block.translate(None, _NOT_OF_TEXT))
        yield clean(_with_bounded_lines(block))
    if damage is not None and size > 20 and 20 * controls > size:
        damage.append(NO_TEXT)


def _with_bounded_lines(block: bytes) -> bytes:
    """Keep the head and the tail of lines that no tool writes to be read: every line costs all parsers some time."""
    lines = block.split(b"\n")
    if max(map(len, lines)) <= MOST_OF_LINE:
        return block
    return b"\n".join(
        line if len(line) <= MOST_OF_LINE else line[:_HEAD_OF_LINE] + b" ... " + line[-_TAIL_OF_LINE:] for line in lines
    )


def _utf8(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Recode UTF-16 (what PowerShell writes) as UTF-8, by its byte order mark; all else passes as it is."""
    decoder: codecs.IncrementalDecoder | None = None
    first = True
    for part in parts:
        if first and part[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            decoder = codecs.getincrementaldecoder("utf-16")("replace")
        if first and part[:3] == codecs.BOM_UTF8:
            part = part[3:]  # noqa: PLW2901 - else it would belong to the first path
        first = first and not part
        yield part if decoder is None else decoder.decode(part).encode("utf-8", "replace")


def _whole_lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Regroup into blocks that end at line ends. Small parts are joined, an endless line is cut."""
    pending: list[bytes] = []
    size = 0
    for part in parts:
        pending.append(part)
        size += len(part)
        if size < _BLOCK:
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
    if b"\x91" in block:
        block = _WINDOWS_QUOTES.sub(rb"'\1'", block)
    block = block.translate(None, _DIRT)
    if _is_stamped(block):
        block = _STAMP.sub(b"", block)
        if _is_stamped(block):  # docker's, below the service's
            block = _STAMP.sub(b"", block)
    block = _unwrapped(block)
    if b"\t" in block:
        block = _ERROR_LIST.sub(rb"\4(\5): error \1: \2 [\3.vcxproj]", block)
    return _SERVICE_MARKS.sub(b"", block) if b"##[" in block else block


_CARGO: Final = re.compile(
    rb"^[ \t]*cargo:warning=|^ {2,8}= note: (?=(?:\S*[/\\])?(?:ld|lld|mold|collect2|clang|cc|rust-lld)\b)", re.MULTILINE
)
_SPACK: Final = re.compile(rb"^ {0,4}(?:>>| {2}) {1,4}\d{1,7} {4}", re.MULTILINE)
_BUILDKIT: Final = re.compile(rb"^(?:> | {1,4})?\d{1,5}\.\d{1,3}(?: |$)", re.MULTILINE)
_WRAPPERS: Final = (
    (re.compile(rb"^ {2,12}> ?", re.MULTILINE), 0.3),
    (re.compile(rb"^# (?!\| |executed command)|^#$", re.MULTILINE), 0.4),
    (re.compile(rb"^\[[A-Za-z][\w. :-]{0,40}\] (?!ERROR|WARN)", re.MULTILINE), 0.6),
    (re.compile(rb"^[A-Za-z][\w.-]{0,60}(?:[_-]\d{1,3})?[ \t]*[|>](?: |$)", re.MULTILINE), 0.4),
    (_SPACK, 0.6),
    (re.compile(rb"^\|(?: |$)|^(?: {0,4}\xe2\x94\x82){1,4}(?: {1,5}|$)", re.MULTILINE), 0.6),
    (_BUILDKIT, 0.6),
)
"""What cargo, nix, opam, editors, compose (and meson), spack and BuildKit's summary put in front of the lines of a tool
that they run, each with the share of a block's first lines that must have it. cargo's cannot be anything else.
"""
_CUT_SYMBOL: Final = re.compile(
    rb"(undefined reference to)[ \t]{0,4}+\n[ \t]{0,16}+((?:[`'\"]|\xe2\x80\x98)[^\n]{1,4000}+)"
)
"""What a mail or a commit message broke at its width; the number of newlines stays."""
_INDENTED: Final = re.compile(
    rb"\n([ \t]{1,16}+)(?=[^\s\d|^~])(?:\[ *\d+/\d+\] |\[ *\d+%\] |FAILED: |ninja: (?:build stopped|error)|(?:g"
    rb"|c)?make(?:\[\d+\])?: "
    rb"|CMake Error|\*{20} TEST '|(?:[^\s:]|:[\\/]){1,400}:\d+:\d+: (?:fatal )?error: )"
)
"""Beginnings of lines that no tool indents: what pip and its like run is, all of it, by the same number of blanks."""
_MAY_BE_INDENTED: Final = (
    b" FAILED: ",
    b" ninja: ",
    b"error: ",
    b" [",
    b" make",
    b" gmake",
    b" CMake Error",
    b"* TEST",
    b"\t",
)
"""Without any of these a block is not searched for them."""


def _unwrapped(block: bytes) -> bytes:
    """Lines without what another tool put in front of them. The number of newlines stays."""
    head = [line for line in block[:16384].split(b"\n")[:200] if line.strip()]
    for pattern, share in _WRAPPERS:
        count = sum(pattern.match(line) is not None for line in head)
        if count and (count >= share * len(head) or (pattern is _BUILDKIT and b"=> ERROR [" in block)):
            block = pattern.sub(b"", block)
    if b" found in build log" in block:
        block = _SPACK.sub(b"", block)
    if b"cargo:warning=" in block or b" = note: " in block:
        block = _CARGO.sub(b"", block)
    if b"undefined reference to" in block:
        block = _CUT_SYMBOL.sub(rb"\1 \2\n", block)
    return _dedented(block)


def _dedented(block: bytes) -> bytes:
    if not any(sign in block for sign in _MAY_BE_INDENTED):
        return block
    joined = b"\n" + block
    found = _INDENTED.search(joined)
    if found is None or b"\nCMake Error" in joined[: found.start() + 1]:  # CMake quotes its tools, indented
        return block
    last = max(match.end() for match in _INDENTED.finditer(joined))
    stop = joined.find(b"\n\n", last)
    stop = len(joined) if stop < 0 else stop
    begin = max(0, joined.rfind(b"\n\n", 0, found.start() + 1))
    inside = joined[begin:stop].replace(b"\n" + found[1], b"\n")
    return (joined[:begin] + inside + joined[stop:])[1:]


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


def first_group(match: re.Match[str] | None) -> str:
    """The first group that matched something, of a pattern whose alternatives each have one; empty where none did."""
    return next((group for group in match.groups() if group), "") if match is not None else ""


def plain_quotes(text: str) -> str:
    """Every locale's quotation marks as apostrophes, for matching. (Evidence keeps them as they were printed.)"""
    text = text.replace("`", "'")
    if text.isascii():
        return text
    text = text.replace("\u2018", "'").replace("\u2019", "'")  # GCC's in most locales; translate() is slow
    if text.isascii() or not _ANY_RARE_QUOTE.search(text):
        return text
    return _PADDED_QUOTES.sub("'", text).translate(_RARE_QUOTES)
