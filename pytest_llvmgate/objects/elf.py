"""A small ELF reader: symbols, sections and relocations, as far as a static linker's decisions need them.

Written for speed in plain Python: a symbol table is read by columns (``array`` slices run in C), and names are
decoded only when asked for. Layouts and constants are those of the ELF gABI (elf(5)). Names stay ``bytes`` here: they
are compared by the hundred thousand and printed by the dozen.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from mmap import mmap
from struct import Struct
from typing import Final

Buffer = bytes | mmap
"""What holds an object: a file read whole, or an archive mapped into memory."""

ELF_MAGIC: Final = b"\x7fELF"
_BITCODE_MAGICS: Final = (b"BC\xc0\xde", b"\xde\xc0\x17\x0b")

SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_REL, SHT_DYNAMIC, SHT_DYNSYM, SHT_GROUP = 2, 3, 4, 9, 6, 11, 17
SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY, SHT_SYMTAB_SHNDX = 14, 15, 16, 18
_SHT_GNU_VERSYM: Final = 0x6FFFFFFF
SHF_ALLOC, SHF_LINK_ORDER, SHF_GNU_RETAIN = 0x2, 0x80, 0x200000
SHN_UNDEF, SHN_ABS, SHN_COMMON, SHN_XINDEX = 0, 0xFFF1, 0xFFF2, 0xFFFF
STB_LOCAL, STB_GLOBAL, STB_WEAK = 0, 1, 2
STV_DEFAULT, STV_INTERNAL, STV_HIDDEN, STV_PROTECTED = 0, 1, 2, 3
GRP_COMDAT: Final = 1
ET_REL, ET_DYN = 1, 3
_VERSYM_HIDDEN: Final = 0x8000
_NATIVE_LITTLE: Final = sys.byteorder == "little"


class UnreadableObjectError(ValueError):
    """The bytes are no ELF object that this reader understands; the text says what they are."""


@dataclass(frozen=True)
class Section:
    """One section header."""

    index: int
    name: bytes
    type: int
    flags: int
    offset: int
    size: int
    info: int


@dataclass(frozen=True)
class SymbolColumns:
    """The symbols of one table from ``first`` on, by columns of equal length."""

    first: int
    """Index of the first symbol held, in the table's own numbering."""
    names: list[int]
    """Offsets into the string table."""
    infos: list[int]
    others: list[int]
    sections: list[int]
    """Section indices, extended ones resolved."""


class Elf:
    """One ELF file, or one member of an archive, over a buffer that it does not own."""

    def __init__(self, data: Buffer, start: int = 0, size: int | None = None) -> None:
        self._data = data
        self._start = start
        self._size = len(data) - start if size is None else size
        head = bytes(data[start : start + 64])
        if head[:4] != ELF_MAGIC or len(head) < 52:
            raise UnreadableObjectError(_what(head, self._size))
        self.is_64 = head[4] == 2
        self.is_little = head[5] == 1
        self._order = order = "<" if self.is_little else ">"
        self._swap = self.is_little != _NATIVE_LITTLE
        self.type, self.machine = Struct(order + "HH").unpack_from(head, 16)
        header = Struct(order + ("40xQ10xHHH" if self.is_64 else "32xI10xHHH")).unpack_from(head, 0)
        self._section_offset, self._section_size, self._section_count, self._names_index = header

    @cached_property
    def sections(self) -> list[Section]:
        """All section headers; the list index is the section's index."""
        count = len(self._headers) // self._layout.size
        if count == 0:
            return []
        index = self._names_index if self._names_index != SHN_XINDEX else self._header(0)[6]
        table = self._bytes(*self._header(index)[4:6])
        return [
            Section(i, table[name : table.find(b"\0", name)], kind, flags, offset, size, info)
            for i, (name, kind, flags, _, offset, size, _, info, *_) in enumerate(
                self._layout.iter_unpack(self._headers)
            )
        ]

    @cached_property
    def _layout(self) -> Struct:
        return Struct(self._order + ("IIQQQQIIQQ" if self.is_64 else "10I"))

    @cached_property
    def _headers(self) -> bytes:
        """The block of section headers. With -ffunction-sections there are thousands, so few are ever unpacked."""
        if self._section_offset == 0:
            return b""
        size = self._layout.size
        if self._section_size != size:
            raise UnreadableObjectError(f"an ELF file with section headers of {self._section_size} bytes")
        count = self._section_count
        if count == 0:  # more than 65,279 sections: the number stands in the first header
            count = self._layout.unpack(self._bytes(self._section_offset, size))[5]
        block = self._bytes(self._section_offset, count * size)
        if len(block) != count * size:
            raise UnreadableObjectError("a truncated ELF file: its section headers lie past its end")
        return block

    def _header(self, index: int) -> tuple[int, ...]:
        return self._layout.unpack_from(self._headers, index * self._layout.size)

    @cached_property
    def _types(self) -> list[int]:
        """The type of every section."""
        return self._array("I", self._headers)[1 :: self._layout.size // 4].tolist()

    def _bytes(self, offset: int, size: int) -> bytes:
        start = self._start + offset
        return self._data[start : start + size]

    def content(self, section: Section) -> bytes:
        """The section's bytes as they are in the file."""
        return self._bytes(section.offset, section.size)

    def words(self, section: Section) -> array[int]:
        """The section's content as 32-bit words in the machine's order."""
        return self._array("I", self.content(section))

    def _array(self, code: str, content: bytes) -> array[int]:
        values = array(code)
        values.frombytes(content[: len(content) // values.itemsize * values.itemsize])
        if self._swap:
            values.byteswap()
        return values

    def _table(self, kind: int) -> tuple[int, ...] | None:
        return self._header(self._types.index(kind)) if kind in self._types else None

    def columns(self, kind: int = SHT_SYMTAB, *, with_locals: bool = False) -> SymbolColumns:
        """The symbols of the table of type ``kind``, by columns; local ones only when asked for.

        Locals come first in a table, and its ``sh_info`` is the first other one (gABI, "Symbol Table").
        """
        table = self._table(kind)
        if table is None:
            return SymbolColumns(0, [], [], [], [])
        size = 24 if self.is_64 else 16
        first = 0 if with_locals else table[7]
        content = self._bytes(table[4] + first * size, table[5] - first * size)
        words = self._array("I", content)
        halves = self._array("H", content)
        if self.is_64:  # name, info, other, section index, value, size
            names, infos, others, sections = words[0::6], content[4::24], content[5::24], halves[3::12]
        else:  # name, value, size, info, other, section index
            names, infos, others, sections = words[0::4], content[12::16], content[13::16], halves[7::8]
        indices = sections.tolist()
        if SHN_XINDEX in indices:
            indices = self._extended(indices, first)
        return SymbolColumns(first, names.tolist(), list(infos), list(others), indices)

    def _extended(self, indices: list[int], first: int) -> list[int]:
        table = self._table(SHT_SYMTAB_SHNDX)
        if table is None:
            return indices
        real = self._array("I", self._bytes(table[4], table[5]))
        return [real[first + i] if index == SHN_XINDEX else index for i, index in enumerate(indices)]

    def names(self, kind: int = SHT_SYMTAB) -> bytes:
        """The string table that belongs to the symbol table of type ``kind``."""
        table = self._table(kind)
        if table is None:
            return b""
        strings = self._header(table[6])
        return self._bytes(strings[4], strings[5])

    def relocated_symbols(self, section: Section) -> array[int]:
        """The symbol index of every relocation in a relocation section."""
        words = self._array("I", self.content(section))
        has_addend = section.type == SHT_RELA
        if self.is_64:  # r_info is symbol << 32 | type
            return words[3 if self.is_little else 2 :: 6 if has_addend else 4]
        packed = words[1 :: 3 if has_addend else 2]  # r_info is symbol << 8 | type
        return array("I", (value >> 8 for value in packed))

    def hidden_versions(self) -> Iterator[int]:
        """Indices into the dynamic symbol table of symbols with a non-default version, which no new link can use."""
        table = self._table(_SHT_GNU_VERSYM)
        if table is not None:
            versions = self._array("H", self._bytes(table[4], table[5]))
            yield from (i for i, version in enumerate(versions) if version & _VERSYM_HIDDEN)


def _what(head: bytes, size: int) -> str:
    """What a buffer is that is no ELF file, in words."""
    if head[:4] in _BITCODE_MAGICS:
        return "LLVM bitcode (compiled with -flto): its symbols are known only after code generation"
    if head[:4] in {b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe"}:
        return "a Mach-O object: only ELF is read"
    if size == 0:
        return "empty"
    return "no ELF object"
