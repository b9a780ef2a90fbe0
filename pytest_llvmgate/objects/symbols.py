"""What an object, an archive or a shared library offers a link, and what it asks of it.

:class:`SymbolReader` keeps what was read for as long as one analysis lasts, so that an archive on a hundred link lines
is opened once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.objects import elf
from pytest_llvmgate.objects.archive import Archive, map_file
from pytest_llvmgate.objects.elf import Elf, UnreadableObjectError
from pytest_llvmgate.plain_file import LARGEST_MADE, read_plain
from pytest_llvmgate.remembered import remembered

CONSTRAINT: Final = {elf.STV_DEFAULT: 0, elf.STV_PROTECTED: 1, elf.STV_HIDDEN: 2, elf.STV_INTERNAL: 3}
"""How much a visibility constrains: of all references and definitions of a name, the most constraining one holds."""
_VISIBILITY_MASK: Final = 3
_EXPORTABLE: Final = (elf.STV_DEFAULT, elf.STV_PROTECTED)
_SLIM_LTO_MARK: Final = b"__gnu_lto_slim"


@dataclass(frozen=True, slots=True)
class ObjectSymbols:
    """The global symbols of one relocatable object."""

    undefined: frozenset[bytes]
    """Names that the link must resolve; weak ones may stay undefined and are not here."""
    defined: frozenset[bytes]
    constrained: dict[bytes, int]
    """Names with another visibility than the default, to that visibility, whether defined or referenced."""

    def is_exported(self, name: bytes) -> bool:
        """Whether this object alone would let a shared library made of it offer ``name``."""
        return name in self.defined and self.constrained.get(name, elf.STV_DEFAULT) in _EXPORTABLE


def read_object_symbols(image: Elf) -> ObjectSymbols:
    """The symbols of a relocatable object.

    Raises :class:`UnreadableObjectError` for one that holds intermediate code instead (GCC's ``-flto``).
    """
    columns = image.columns()
    names = _names(image, columns.names)
    undefined, defined, constrained = [], [], {}
    for name, info, other, section in zip(names, columns.infos, columns.others, columns.sections, strict=True):
        if section:
            defined.append(name)
        elif info >> 4 != elf.STB_WEAK:
            undefined.append(name)
        if other & _VISIBILITY_MASK:
            constrained[name] = other & _VISIBILITY_MASK
    if _SLIM_LTO_MARK in defined:
        raise UnreadableObjectError("GCC's intermediate code (-flto): its symbols are known only after code generation")
    return ObjectSymbols(frozenset(undefined), frozenset(defined), constrained)


def read_undefined(image: Elf) -> frozenset[bytes]:
    """Only the strong undefined names: a tenth of the work of :func:`read_object_symbols`."""
    columns = image.columns()
    each = zip(columns.names, columns.infos, columns.sections, strict=True)
    return frozenset(_names(image, (name for name, info, section in each if not section and info >> 4 != elf.STB_WEAK)))


def read_dynamic_symbols(image: Elf) -> frozenset[bytes]:
    """Names that a shared library offers: defined, exportable, and of the default version where versioned."""
    columns = image.columns(elf.SHT_DYNSYM)
    hidden = set(image.hidden_versions())
    offered = (
        name
        for i, (name, other, section) in enumerate(zip(columns.names, columns.others, columns.sections, strict=True))
        if section != elf.SHN_UNDEF and other & _VISIBILITY_MASK in _EXPORTABLE and columns.first + i not in hidden
    )
    return frozenset(_names(image, offered, elf.SHT_DYNSYM))


def _names(image: Elf, starts: Iterable[int], table: int = elf.SHT_SYMTAB) -> list[bytes]:
    """The names that begin at so many bytes of the string table of a symbol table."""
    strings = image.names(table)
    find = strings.find
    return [strings[start : find(b"\0", start)] for start in starts]


@contextmanager
def _damage_is_said(name: str) -> Iterator[None]:
    """Whatever goes wrong over the bytes of a damaged file is one kind of error, and names the file."""
    try:
        yield
    except UnreadableObjectError as error:
        raise UnreadableObjectError(f"{name} is {error}") from error
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise UnreadableObjectError(f"{name} is damaged: {error}") from error


class SymbolReader:
    """Reads files once and remembers what they hold. Not thread-safe; made for one analysis."""

    @remembered
    def object(self, path: Path) -> ObjectSymbols:
        """Symbols of an object file. Raises ``OSError`` and :class:`UnreadableObjectError`."""
        # Read, not mapped: an object is read nearly whole, and hundreds of maps cost more than they save.
        with _damage_is_said(path.name):
            return read_object_symbols(Elf(read_plain(path, LARGEST_MADE)))

    @remembered
    def shared(self, path: Path) -> frozenset[bytes]:
        """Names that a shared library offers. Raises ``OSError`` and :class:`UnreadableObjectError`."""
        with _damage_is_said(path.name):
            return read_dynamic_symbols(Elf(map_file(path)))

    def left_open(self, path: Path) -> frozenset[bytes]:
        """Names that a linked library leaves to those that load it. Raises as :meth:`shared` does."""
        with _damage_is_said(path.name):
            image = Elf(map_file(path))
            columns = image.columns(elf.SHT_DYNSYM)
            each = zip(columns.names, columns.sections, strict=True)
            absent = (name for name, section in each if section == elf.SHN_UNDEF)
            return frozenset(_names(image, absent, elf.SHT_DYNSYM))

    @remembered
    def archive(self, path: Path) -> Archive:
        """An archive. Raises ``OSError`` and :class:`UnreadableObjectError`."""
        return Archive(path)

    @remembered
    def member_undefined(self, archive: Archive, offset: int) -> frozenset[bytes]:
        """Strong undefined names of an archive's member."""
        with _damage_is_said(archive.path.name):
            return read_undefined(archive.member(offset))

    @remembered
    def member(self, archive: Archive, offset: int) -> ObjectSymbols:
        """All symbols of an archive's member."""
        with _damage_is_said(archive.path.name):
            return read_object_symbols(archive.member(offset))
