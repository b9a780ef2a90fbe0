"""Symbol resolution along a link line, in the order and by the rules of a static linker."""

from __future__ import annotations

from pathlib import Path

import pytest
from elf_kit import DEFAULT, HIDDEN, PROTECTED, Symbol, write_archive, write_elf

from pytest_llvmgate.linkcheck.resolve import (
    ArchiveInput,
    BuiltLibrary,
    ProvidedBy,
    WholeObjects,
    exported_names,
    offered_as_shared,
    resolve,
)
from pytest_llvmgate.objects.symbols import ObjectSymbols, SymbolReader


def asks(*names: bytes, defines: tuple[bytes, ...] = (), **constrained: int) -> ObjectSymbols:
    return ObjectSymbols(
        frozenset(names), frozenset(defines), {name.encode(): value for name, value in constrained.items()}
    )


def archive(path: Path, members: dict[str, list[Symbol]]) -> ArchiveInput:
    written = {
        name: (write_elf(symbols), [symbol.name for symbol in symbols if symbol.defined])
        for name, symbols in members.items()
    }
    path.write_bytes(write_archive(written))
    return ArchiveInput(path, SymbolReader().archive(path))


def missing(symbol: bytes) -> Symbol:
    return Symbol(symbol, defined=False)


def test_what_nobody_offers_stays_undefined() -> None:
    state = resolve([asks(b"f", b"g", defines=(b"g",))], [], in_order=True, reader=SymbolReader())
    assert state.undefined == {b"f"}


def test_a_shared_library_settles_a_name_and_is_noted_as_used() -> None:
    step = ProvidedBy(Path("libx.so"), frozenset({b"f", b"h"}).intersection)
    state = resolve([asks(b"f")], [step], in_order=True, reader=SymbolReader())
    assert not state.undefined
    assert state.used == {Path("libx.so"): {b"f"}}


def test_an_archive_gives_only_the_members_that_are_needed(tmp_path: Path) -> None:
    members = {"a.o": [Symbol(b"f"), missing(b"deep")], "b.o": [Symbol(b"unused"), missing(b"never")]}
    state = resolve([asks(b"f")], [archive(tmp_path / "libx.a", members)], in_order=True, reader=SymbolReader())
    assert state.undefined == {b"deep"}


def test_members_of_one_archive_find_each_other(tmp_path: Path) -> None:
    members = {"a.o": [Symbol(b"f"), missing(b"g")], "b.o": [Symbol(b"g"), missing(b"h")], "c.o": [Symbol(b"h")]}
    state = resolve([asks(b"f")], [archive(tmp_path / "libx.a", members)], in_order=True, reader=SymbolReader())
    assert not state.undefined


@pytest.mark.parametrize(("in_order", "left"), [(True, {b"f"}), (False, set())])
def test_an_archive_before_its_user_helps_only_linkers_that_remember(
    tmp_path: Path, in_order: bool, left: set[bytes]
) -> None:
    first = archive(tmp_path / "libbase.a", {"a.o": [Symbol(b"f")]})
    second = archive(tmp_path / "libuser.a", {"b.o": [Symbol(b"g"), missing(b"f")]})
    state = resolve([asks(b"g")], [first, second], in_order=in_order, reader=SymbolReader())
    assert state.undefined == left


def test_names_that_the_linker_defines_are_not_missing() -> None:
    state = resolve([asks(b"__dso_handle", b"__start_section")], [], in_order=True, reader=SymbolReader())
    assert not state.undefined


def test_whole_objects_join_the_link_with_all_that_they_ask_for() -> None:
    step = WholeObjects(Path("x.o"), (asks(b"deep", defines=(b"f",)),))
    state = resolve([asks(b"f")], [step], in_order=True, reader=SymbolReader())
    assert state.undefined == {b"deep"}


def test_the_most_constraining_visibility_of_a_name_holds() -> None:
    one = asks(defines=(b"f", b"g", b"h"))
    other = asks(defines=(b"f", b"h"), f=HIDDEN, h=PROTECTED, g=DEFAULT)
    assert exported_names([one, other]) == {b"g", b"h"}


def test_a_reference_can_hide_a_definition() -> None:
    assert exported_names([asks(defines=(b"f",)), asks(b"f", f=HIDDEN)]) == frozenset()


def test_an_archive_seen_as_a_shared_library_hides_what_is_hidden(tmp_path: Path) -> None:
    step = archive(tmp_path / "libx.a", {"a.o": [Symbol(b"f"), Symbol(b"g", visibility=HIDDEN)]})
    assert offered_as_shared(step.archive, SymbolReader(), {b"f", b"g", b"z"}) == {b"f"}


def test_a_built_library_offers_the_members_that_it_pulled_and_no_others(tmp_path: Path) -> None:
    step = archive(tmp_path / "libx.a", {"a.o": [Symbol(b"f")], "b.o": [Symbol(b"g")]})
    pulled = frozenset({step.archive.index[b"f"]})
    library = BuiltLibrary(own=frozenset({b"own"}), pulled=((step.archive, pulled),))
    assert library.offers({b"own", b"f", b"g"}) == {b"own", b"f"}
