"""Symbol resolution as a static linker does it: objects, archives pulled by need, shared libraries, in line order.

GNU ld and gold look into an archive when they meet it on the line, so order matters to them; lld and mold remember
what archives offer. Both are followed (ld(1), "--start-group"; lld's "archive semantics" page). Members of
archives are pulled with all that they ask for in turn, so that what is missing *behind* an archive is found, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_llvmgate.objects.archive import Archive
from pytest_llvmgate.objects.elf import STV_DEFAULT, STV_PROTECTED
from pytest_llvmgate.objects.symbols import CONSTRAINT, ObjectSymbols, SymbolReader

_LINKER_DEFINED: Final = frozenset(
    b"_GLOBAL_OFFSET_TABLE_ _DYNAMIC _PROCEDURE_LINKAGE_TABLE_ __dso_handle __ehdr_start __executable_start "
    b"_end end __end _edata edata _etext etext __etext __bss_start __GNU_EH_FRAME_HDR __TMC_END__ .TOC. "
    b"__init_array_start __init_array_end __fini_array_start __fini_array_end __preinit_array_start "
    b"__preinit_array_end __rela_iplt_start __rela_iplt_end __rel_iplt_start __rel_iplt_end __tls_get_addr".split()
)
"""Names that the linker or the loader provides by itself (GNU ld's default scripts; lld defines the same)."""
_SECTION_BOUNDS: Final = (b"__start_", b"__stop_")


Offers = Callable[[set[bytes]], AbstractSet[bytes]]
"""Says which of some names a link against a shared library resolves: all that such a library takes part in."""


def offered_as_shared(archive: Archive, reader: SymbolReader, names: set[bytes]) -> set[bytes]:
    """What the shared library would offer that is made of a whole archive: a shared LLVM, read from a static one."""
    index = archive.index
    return {name for name in index.keys() & names if reader.member(archive, index[name]).is_exported(name)}


@dataclass(frozen=True)
class BuiltLibrary:
    """A shared library of the project as its link would make it: its own objects and what it pulled from archives."""

    own: frozenset[bytes]
    """Exported names of its own objects."""
    pulled: tuple[tuple[Archive, frozenset[int]], ...] = ()
    """Members that its link took from archives; their exported names are offered, too."""
    reader: SymbolReader = field(default_factory=SymbolReader)

    def offers(self, names: set[bytes]) -> set[bytes]:
        """Those of ``names`` that a link against it resolves."""
        found = names & self.own
        for archive, members in self.pulled:
            taken = {name for name in archive.index.keys() & names if archive.index[name] in members}
            found |= offered_as_shared(archive, self.reader, taken)
        return found


@dataclass(frozen=True)
class WholeObjects:
    """Objects given on the line itself, or by ``--whole-archive``: always part of the link."""

    path: Path
    symbols: tuple[ObjectSymbols, ...]
    archive: Archive | None = None
    """Where the objects are the members of an archive."""


@dataclass(frozen=True)
class ProvidedBy:
    """A shared library at its place on the line."""

    path: Path
    offers: Offers


@dataclass(frozen=True)
class ArchiveInput:
    """An archive at its place on the line."""

    path: Path
    archive: Archive


Step = WholeObjects | ProvidedBy | ArchiveInput


@dataclass
class Resolution:
    """How one link's symbols were resolved."""

    undefined: set[bytes] = field(default_factory=set)
    """Still undefined at the end of the line."""
    defined: set[bytes] = field(default_factory=set)
    pulled: dict[Path, set[int]] = field(default_factory=dict)
    """Archive to the offsets of the members taken."""
    archives: dict[Path, Archive] = field(default_factory=dict)
    used: dict[Path, set[bytes]] = field(default_factory=dict)
    """File on the line to the names that it resolved."""

    def take(self, undefined: frozenset[bytes], defined: frozenset[bytes]) -> None:
        """An object becomes part of the link."""
        self.defined |= defined
        self.undefined -= defined
        self.undefined |= undefined - self.defined


def resolve(
    objects: Sequence[ObjectSymbols], steps: Sequence[Step], *, in_order: bool, reader: SymbolReader
) -> Resolution:
    """Resolve the strong undefined symbols of ``objects`` along ``steps``.

    ``in_order``: an archive is looked at only at its places on the line (GNU ld, gold); otherwise it is remembered
    (lld, mold).
    """
    state = Resolution()
    for symbols in objects:
        state.take(symbols.undefined, symbols.defined)
    shared: set[bytes] = set()  # resolved by a shared library: settled, unlike a name that nothing defines yet
    _pass(state, steps, shared, reader)
    while not in_order and _pass(state, steps, shared, reader):
        pass
    state.undefined -= _LINKER_DEFINED
    state.undefined = {name for name in state.undefined if not name.startswith(_SECTION_BOUNDS)}
    return state


def _pass(state: Resolution, steps: Sequence[Step], shared: set[bytes], reader: SymbolReader) -> bool:
    """Go along the line once. True when an archive's member was pulled."""
    before = sum(map(len, state.pulled.values()))
    for step in steps:
        if isinstance(step, WholeObjects):
            if step.path not in state.used:
                state.used[step.path] = set()
                if step.archive is not None:
                    state.pulled[step.path] = set(step.archive.offsets)
                    state.archives[step.path] = step.archive
                for symbols in step.symbols:
                    state.take(symbols.undefined - shared, symbols.defined)
        elif isinstance(step, ProvidedBy):
            hits = step.offers(state.undefined)
            if hits:
                state.used.setdefault(step.path, set()).update(hits)
                state.undefined -= hits
                shared |= hits
                state.defined |= hits
        else:
            _pull(state, step, reader)
    return sum(map(len, state.pulled.values())) > before


def _pull(state: Resolution, step: ArchiveInput, reader: SymbolReader) -> None:
    """Take members of an archive until it resolves nothing more."""
    archive = step.archive
    index = archive.index
    taken = state.pulled.get(step.path, set())
    while hits := index.keys() & state.undefined:
        state.used.setdefault(step.path, set()).update(hits)
        for offset in {index[name] for name in hits}:
            taken.add(offset)
            state.take(reader.member_undefined(archive, offset), archive.symbols_of[offset])
        # A damaged index could name a symbol that its member lacks; settle it, or this would not end.
        state.undefined -= hits
    if taken:
        state.pulled[step.path] = taken
        state.archives[step.path] = archive


def exported_names(objects: Sequence[ObjectSymbols]) -> frozenset[bytes]:
    """What a shared library made of ``objects`` exports: the most constraining visibility of each name holds (gABI)."""
    constrained: dict[bytes, int] = {}
    for symbols in objects:
        for name, visibility in symbols.constrained.items():
            if CONSTRAINT[visibility] > CONSTRAINT[constrained.get(name, STV_DEFAULT)]:
                constrained[name] = visibility
    hidden = {name for name, visibility in constrained.items() if visibility not in {STV_DEFAULT, STV_PROTECTED}}
    return frozenset().union(*(symbols.defined for symbols in objects)) - hidden
