"""What binds the archives of an install to each other: who takes symbols from whom, and which of these are hidden.

A symbol of hidden visibility does not leave the shared library that it ends up in. LLVM compiles its code generators
so when static (``llvm/lib/Target/CMakeLists.txt``), though their libraries use each other's symbols: such a family can
only become one shared library together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_llvmgate.objects.elf import STV_DEFAULT, STV_PROTECTED
from pytest_llvmgate.objects.symbols import SymbolReader


@dataclass(frozen=True, kw_only=True)
class Bonds:
    """Between the archives of an install, by name."""

    needs: Mapping[str, tuple[str, ...]]
    """The archives that each takes symbols from."""
    families: tuple[tuple[str, ...], ...]
    """Those that share hidden symbols, two or more in each."""


def read_bonds(archives: Mapping[str, Path]) -> Bonds:
    """Read them all: about a second for a hundred megabytes. Raises ``OSError``, and :class:`UnreadableObjectError` for
    an archive that cannot be looked into, e.g. one of intermediate code; the text says which and why.
    """
    return _Reading(archives).bonds()


class _Reading:
    def __init__(self, archives: Mapping[str, Path]) -> None:
        self._reader = SymbolReader()
        self._archives = {name: self._reader.archive(path) for name, path in archives.items()}
        self._definitions: dict[bytes, tuple[str, int]] = {}
        for name, archive in self._archives.items():
            for symbol, offset in archive.index.items():
                self._definitions.setdefault(symbol, (name, offset))

    def bonds(self) -> Bonds:
        needs: dict[str, tuple[str, ...]] = {}
        hidden: list[tuple[str, str]] = []
        for name in self._archives:
            found = self._taken(name)
            needs[name] = tuple(sorted(found))
            hidden += [(name, other) for other, symbols in found.items() if any(map(self._is_hidden, symbols))]
        return Bonds(needs=needs, families=tuple(_families(hidden)))

    def _taken(self, name: str) -> dict[str, list[bytes]]:
        archive = self._archives[name]
        found: dict[str, list[bytes]] = {}
        for offset in archive.offsets:
            for symbol in self._reader.member_undefined(archive, offset) - archive.index.keys():
                if symbol in self._definitions:
                    found.setdefault(self._definitions[symbol][0], []).append(symbol)
        return found

    def _is_hidden(self, symbol: bytes) -> bool:
        name, offset = self._definitions[symbol]
        member = self._reader.member(self._archives[name], offset)
        return member.constrained.get(symbol, STV_DEFAULT) not in (STV_DEFAULT, STV_PROTECTED)


def _families(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, ...]]:
    """The connected sets of names."""
    member_of: dict[str, set[str]] = {}
    for one, other in pairs:
        family = member_of.get(one, {one}) | member_of.get(other, {other})
        member_of.update(dict.fromkeys(family, family))
    yield from dict.fromkeys(tuple(sorted(family)) for family in member_of.values())
