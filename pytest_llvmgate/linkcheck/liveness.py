"""Which undefined symbols a link really asks for: references from sections that survive.

An undefined symbol is an error only where a relocation in a kept section refers to it. Two things discard sections:
later copies of a COMDAT group (the first one wins), and ``--gc-sections``, which keeps what is reachable from the
roots. The rules are GNU ld's ("--gc-sections" in ld(1), KEEP in its default scripts) and lld's ``MarkLive``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_llvmgate.objects import elf
from pytest_llvmgate.objects.elf import Elf, Section

_ROOT_TYPES: Final = frozenset({elf.SHT_INIT_ARRAY, elf.SHT_FINI_ARRAY, elf.SHT_PREINIT_ARRAY})
_ROOT_NAMES: Final = re.compile(
    rb"\.(init|fini|ctors|dtors|jcr|init_array|fini_array|preinit_array|tm_clone_table)(\.|$)"
)
_UNWIND: Final = re.compile(rb"\.(eh_frame|ARM\.exidx|sframe)(\.|$)")
_EXCEPTION_TABLE: Final = b".gcc_except_table"

_Node = tuple[int, int]
"""Index of the object, index of the section."""


@dataclass
class _Object:
    """One object's sections and references, as far as liveness needs them."""

    sections: list[Section]
    discarded: set[int] = field(default_factory=set)
    groups: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Section to the members of its group."""
    references: dict[int, set[int]] = field(default_factory=dict)
    """Section to the indices of the symbols that its relocations name."""
    names: list[bytes] = field(default_factory=list)
    bindings: list[int] = field(default_factory=list)
    homes: list[int] = field(default_factory=list)
    """Section of each symbol; 0 for an undefined one."""


def live_references(
    objects: Sequence[Elf], wanted: frozenset[bytes], *, gc_sections: bool, is_root: Callable[[bytes], bool]
) -> dict[bytes, list[int]]:
    """Those of ``wanted`` that surviving sections of ``objects`` refer to, each with the objects that do.

    ``is_root`` says of a global symbol defined here whether it keeps its section by itself: it is exported, or the
    entry point. Without ``gc_sections`` everything but discarded COMDAT copies survives.
    """
    graph = _Graph([_read(image) for image in objects])
    if gc_sections:
        sections: Iterable[_Node] = graph.reachable(graph.roots(is_root))
    else:
        sections = graph.kept()
    found: dict[bytes, list[int]] = {}
    for index, section in sections:
        for name in graph.undefined_in(index, section) & wanted:
            users = found.setdefault(name, [])
            if index not in users:
                users.append(index)
    return {name: sorted(users) for name, users in found.items()}


def _read(image: Elf) -> _Object:
    columns = image.columns(with_locals=True)
    strings = image.names()
    find = strings.find
    result = _Object(
        sections=image.sections,
        names=[strings[start : find(b"\0", start)] for start in columns.names],
        bindings=[info >> 4 for info in columns.infos],
        homes=columns.sections,
    )
    for section in image.sections:
        if section.type in {elf.SHT_RELA, elf.SHT_REL}:
            result.references.setdefault(section.info, set()).update(image.relocated_symbols(section))
        elif section.type == elf.SHT_GROUP:
            words = image.words(section)
            members = tuple(words[1:])
            result.groups.update(dict.fromkeys(members, members))
            if words and words[0] & elf.GRP_COMDAT:
                # The signature is a symbol's name; for a section symbol it is the section's.
                result.groups[-section.index] = members
    return result


class _Graph:
    """Sections of all objects of a link, and what refers to what."""

    def __init__(self, objects: list[_Object]) -> None:
        self._objects = objects
        self._discard_copies()
        self._definitions = self._define()
        self._by_suffix = [self._exception_tables(item) for item in objects]

    def _discard_copies(self) -> None:
        """Of COMDAT groups with one signature the first is kept, the others' sections go."""
        seen: set[bytes] = set()
        for item in self._objects:
            for section in item.sections:
                members = item.groups.get(-section.index) if section.type == elf.SHT_GROUP else None
                if members is None:
                    continue
                signature = item.names[section.info] or item.sections[item.homes[section.info]].name
                if signature in seen:
                    item.discarded.update(members)
                seen.add(signature)

    def _define(self) -> dict[bytes, _Node]:
        """Global name to the section that its definition lies in; a strong definition before a weak one."""
        found: dict[bytes, _Node] = {}
        weak: dict[bytes, _Node] = {}
        for index, item in enumerate(self._objects):
            for name, binding, home in zip(item.names, item.bindings, item.homes, strict=True):
                if home == 0 or binding == elf.STB_LOCAL or home in item.discarded:
                    continue
                (weak if binding == elf.STB_WEAK else found).setdefault(name, (index, home))
        return {**weak, **found}

    @staticmethod
    def _exception_tables(item: _Object) -> dict[bytes, int]:
        """Suffix of an exception table's name (that of its function's section) to the table's section."""
        return {
            section.name.removeprefix(_EXCEPTION_TABLE): section.index
            for section in item.sections
            if section.name.startswith(_EXCEPTION_TABLE)
        }

    def kept(self) -> Iterator[_Node]:
        """Every section that is loaded and was not discarded."""
        for index, item in enumerate(self._objects):
            for section in item.sections:
                if section.flags & elf.SHF_ALLOC and section.index not in item.discarded:
                    yield index, section.index

    def roots(self, is_root: Callable[[bytes], bool]) -> Iterator[_Node]:
        """Sections that survive by themselves."""
        yield from (node for name, node in self._definitions.items() if is_root(name))
        for index, number in self.kept():
            section = self._objects[index].sections[number]
            if section.type in _ROOT_TYPES or section.flags & elf.SHF_GNU_RETAIN or _ROOT_NAMES.match(section.name):
                yield index, number

    def reachable(self, roots: Iterable[_Node]) -> set[_Node]:
        """``roots`` and what they refer to, in turn."""
        live: set[_Node] = set()
        waiting = list(roots)
        while waiting:
            node = waiting.pop()
            if node not in live and not self._is_gone(node):
                live.add(node)
                waiting.extend(self._next(*node))
        return live

    def _is_gone(self, node: _Node) -> bool:
        index, section = node
        item = self._objects[index]
        return section in item.discarded or section >= len(item.sections)  # an absolute or common symbol has none

    def _next(self, index: int, section: int) -> Iterator[_Node]:
        item = self._objects[index]
        for symbol in item.references.get(section, ()):
            if item.bindings[symbol] == elf.STB_LOCAL:
                yield index, item.homes[symbol]
            elif item.names[symbol] in self._definitions:
                yield self._definitions[item.names[symbol]]
        yield from ((index, member) for member in item.groups.get(section, ()))
        # A function keeps its exception table by way of .eh_frame, which is not followed as such.
        name = item.sections[section].name
        if name.startswith(b".text"):
            table = self._by_suffix[index].get(name.removeprefix(b".text"))
            if table is not None:
                yield index, table

    def undefined_in(self, index: int, section: int) -> set[bytes]:
        """Names that the relocations of a section refer to and that no object here defines."""
        item = self._objects[index]
        if _UNWIND.match(item.sections[section].name):
            return set()
        return {
            item.names[symbol]
            for symbol in item.references.get(section, ())
            if item.homes[symbol] == 0 and item.bindings[symbol] not in {elf.STB_LOCAL, elf.STB_WEAK}
        }
