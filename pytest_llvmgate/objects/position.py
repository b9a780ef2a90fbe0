"""Whether an object may become part of a shared library: position-independent code, told from its relocations.

The rules are the linkers' (the psABI for x86-64, "Relocation"; lld's Relocations.cpp, bfd's elf64-x86-64.c): in what is
loaded, no absolute address of 32 bits, no offset from the program's own thread-local storage, and no address relative
to the instruction of what another library may replace. Other machines are not judged.
"""

from __future__ import annotations

from typing import Final

from pytest_llvmgate.objects import elf
from pytest_llvmgate.objects.elf import Elf, Section, SymbolColumns

_X86_64: Final = 62
_PC32, _ABSOLUTE, _LOCAL_EXEC = 2, frozenset({10, 11}), 23
_BRANCHES: Final = frozenset({0xE8, 0xE9})
"""``call`` and ``jmp``: older assemblers mark these so, and linkers give them a PLT entry."""


def is_position_dependent(image: Elf) -> bool:
    """Whether a linker refuses the object in a shared library; False, too, where that is not known."""
    if image.machine != _X86_64 or not image.is_64:
        return False
    symbols = image.columns(with_locals=True)
    return any(
        _refused(image, section, symbols)
        for section in image.sections
        if section.type == elf.SHT_RELA and image.sections[section.info].flags & elf.SHF_ALLOC
    )


def _refused(image: Elf, section: Section, symbols: SymbolColumns) -> bool:
    """Each entry is an offset, a type, a symbol's index and an addend (ELF-64 Object File Format, "Relocations")."""
    words = image.words(section)
    types = words[2::6] if image.is_little else words[3::6]
    suspects = {*_ABSOLUTE, _PC32, _LOCAL_EXEC}
    if suspects.isdisjoint(types):
        return False
    offsets, indices = words[0::6], image.relocated_symbols(section)
    content = image.content(image.sections[section.info])
    for kind, offset, index in zip(types, offsets, indices, strict=True):
        if kind == _LOCAL_EXEC or (kind in _ABSOLUTE and symbols.sections[index] != elf.SHN_ABS):
            return True
        if kind == _PC32 and _is_replaceable(symbols, index) and not _is_branch(content, offset):
            return True
    return False


def _is_replaceable(symbols: SymbolColumns, index: int) -> bool:
    return symbols.infos[index] >> 4 != elf.STB_LOCAL and symbols.others[index] & 3 == elf.STV_DEFAULT


def _is_branch(content: bytes, offset: int) -> bool:
    return 0 < offset <= len(content) and content[offset - 1] in _BRANCHES
