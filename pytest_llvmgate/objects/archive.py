"""Static archives (``ar``): the symbol index, and members by their offset, over a memory map.

The index alone says which member defines which global symbol, so that an archive of megabytes costs a few
milliseconds; a member is only looked at when a link would pull it in. Formats: GNU's with its 32- and 64-bit index,
and thin archives, whose members are files beside it (ar(5), and the comments of binutils' ``archive.c``).
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from pytest_llvmgate.objects.elf import Buffer, Elf, UnreadableObjectError
from pytest_llvmgate.plain_file import open_plain

MAGIC: Final = b"!<arch>\n"
THIN_MAGIC: Final = b"!<thin>\n"
_HEADER: Final = 60
_END: Final = b"`\n"
_EMPTY: Final = len(MAGIC)


class Archive:
    """One archive, opened until it is garbage."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._data = map_file(path)
        magic = bytes(self._data[:_EMPTY])
        if magic not in {MAGIC, THIN_MAGIC}:
            raise UnreadableObjectError("no archive")
        self._is_thin = magic == THIN_MAGIC

    @cached_property
    def index(self) -> dict[bytes, int]:
        """Global symbol to the offset of the first member that defines it.

        Empty for an archive without members. Raises :class:`UnreadableObjectError` for one that has members but no
        index: no linker reads such an archive either before ``ranlib`` ran.
        """
        if len(self._data) <= _EMPTY:
            return {}
        name, start, size = self._header(_EMPTY)
        if name == b"/":
            width, code = 4, "I"
        elif name == b"/SYM64/":
            width, code = 8, "Q"
        elif next(self._members(), None) is None:
            return {}
        else:
            raise UnreadableObjectError("an archive without a symbol index (run ranlib)")
        return _read_index(bytes(self._data[start : start + size]), width, code)

    @cached_property
    def symbols_of(self) -> dict[int, frozenset[bytes]]:
        """Member offset to the symbols that the index gives it."""
        members: dict[int, list[bytes]] = {}
        for name, offset in self.index.items():
            members.setdefault(offset, []).append(name)
        return {offset: frozenset(names) for offset, names in members.items()}

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """Offsets of all members, as a link with ``--whole-archive`` takes them."""
        return tuple(self._members())

    def member_name(self, offset: int) -> str:
        """The member's file name, for messages."""
        return self._resolve_name(self._header(offset)[0]).decode("utf-8", "replace")

    def member(self, offset: int) -> Elf:
        """The member at ``offset``."""
        name, start, size = self._header(offset)
        if self._is_thin:
            path = self.path.parent / self._resolve_name(name).decode("utf-8", "surrogateescape")
            return Elf(map_file(path))
        return Elf(self._data, start, size)

    def _header(self, offset: int) -> tuple[bytes, int, int]:
        """Name as written, start of the content, and its size."""
        header = bytes(self._data[offset : offset + _HEADER])
        if len(header) < _HEADER or header[58:] != _END or not header[48:58].strip().isdigit():
            raise UnreadableObjectError(f"a damaged archive: no member header at offset {offset}")
        return header[:16].rstrip(), offset + _HEADER, int(header[48:58])

    def _resolve_name(self, name: bytes) -> bytes:
        if name[:1] == b"/" and name[1:].isdigit():
            start = int(name[1:])
            return self._long_names[start : self._long_names.find(b"/\n", start)]
        return name.removesuffix(b"/")

    @cached_property
    def _long_names(self) -> bytes:
        offset = _EMPTY
        while offset + _HEADER <= len(self._data):
            name, start, size = self._header(offset)
            if name == b"//":
                return bytes(self._data[start : start + size])
            if name not in {b"/", b"/SYM64/"}:
                break
            offset = start + size + (size & 1)
        return b""

    def _members(self) -> Iterator[int]:
        offset = _EMPTY
        while offset + _HEADER <= len(self._data):
            name, start, size = self._header(offset)
            is_special = name in {b"/", b"//", b"/SYM64/"}
            if not is_special:
                yield offset
            stored = 0 if self._is_thin and not is_special else size
            offset = start + stored + (stored & 1)


def _read_index(content: bytes, width: int, code: str) -> dict[bytes, int]:
    """Big-endian count, that many member offsets, then the names, each ended by a zero."""
    count = int.from_bytes(content[:width], "big")
    start = width * (count + 1)
    if len(content) < max(width, start):
        raise UnreadableObjectError("a damaged archive: its symbol index is cut off")
    offsets = array(code)
    if offsets.itemsize != width:  # C's unsigned int and unsigned long long are what they are everywhere, but check
        raise UnreadableObjectError("an archive index of a width that this machine has no type for")
    offsets.frombytes(content[width:start])
    if array("H", [1]).tobytes() == b"\x01\x00":
        offsets.byteswap()
    names = content[start:].split(b"\0")[:count]
    if len(names) != count or len(offsets) != count:
        raise UnreadableObjectError("a damaged archive: its symbol index is cut off")
    # Reversed, so that of several definitions the first one wins, as it does in a linker.
    return dict(zip(reversed(names), reversed(offsets), strict=True))


def map_file(path: Path) -> Buffer:
    """The file as a read-only memory map (an empty one as empty bytes). Raises ``OSError``."""
    with open_plain(path) as stream:
        try:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:  # an empty file cannot be mapped
            return b""
