"""The ELF and archive readers, on files made byte by byte."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from elf_kit import DEFAULT, GLOBAL, HIDDEN, INTERNAL, PROTECTED, WEAK, Symbol, write_archive, write_elf
from hypothesis import given
from hypothesis import strategies as st

from pytest_llvmgate.objects.archive import Archive
from pytest_llvmgate.objects.elf import SHT_SYMTAB, Elf, UnreadableObjectError
from pytest_llvmgate.objects.symbols import SymbolReader, read_dynamic_symbols, read_object_symbols, read_undefined

NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: b"\0" not in name and b"\n" not in name)
SYMBOLS = st.lists(
    st.builds(
        Symbol,
        name=NAMES,
        defined=st.booleans(),
        binding=st.sampled_from([GLOBAL, WEAK]),
        visibility=st.sampled_from([DEFAULT, INTERNAL, HIDDEN, PROTECTED]),
    ),
    max_size=12,
    unique_by=lambda symbol: symbol.name,
)


@given(SYMBOLS, st.booleans(), st.booleans())
def test_every_symbol_is_read_as_it_was_written(symbols: list[Symbol], is_64: bool, little: bool) -> None:
    elf = Elf(write_elf(symbols, is_64=is_64, little=little))
    read = read_object_symbols(elf)
    assert read.defined == {symbol.name for symbol in symbols if symbol.defined}
    assert read.undefined == {symbol.name for symbol in symbols if not symbol.defined and symbol.binding == GLOBAL}
    assert read.constrained == {symbol.name: symbol.visibility for symbol in symbols if symbol.visibility != DEFAULT}
    assert read_undefined(elf) == read.undefined


@given(SYMBOLS)
def test_a_shared_library_offers_what_is_defined_and_visible(symbols: list[Symbol]) -> None:
    offered = read_dynamic_symbols(Elf(write_elf(symbols, dynamic=True)))
    assert offered == {
        symbol.name for symbol in symbols if symbol.defined and symbol.visibility in {DEFAULT, PROTECTED}
    }


def test_local_symbols_are_left_out_unless_asked_for() -> None:
    elf = Elf(write_elf([Symbol(b"f")]))
    assert len(elf.columns().names) == 1
    assert len(elf.columns(SHT_SYMTAB, with_locals=True).names) == 3


def test_section_names_are_read() -> None:
    assert [section.name for section in Elf(write_elf([])).sections][1:] == [
        b".text",
        b".symtab",
        b".strtab",
        b".shstrtab",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"BC\xc0\xde" + bytes(60), "bitcode"),
        (b"\xcf\xfa\xed\xfe" + bytes(60), "Mach-O"),
        (b"hello", "no ELF object"),
        (b"\x7fELF", "no ELF object"),
    ],
)
def test_what_is_no_elf_file_is_called_by_its_name(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableObjectError, match=said):
        Elf(data)


def test_gccs_intermediate_code_is_recognised() -> None:
    with pytest.raises(UnreadableObjectError, match="-flto"):
        read_object_symbols(Elf(write_elf([Symbol(b"__gnu_lto_slim")])))


@given(st.data())
def test_a_damaged_object_is_one_kind_of_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    whole = bytearray(write_elf([Symbol(b"f"), Symbol(b"g", defined=False)]))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "x.o"
    path.write_bytes(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    with suppress(UnreadableObjectError):  # any other error fails the test
        SymbolReader().object(path)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,20}\.o", fullmatch=True), st.lists(NAMES, max_size=4), min_size=1, max_size=5
    ),
    st.booleans(),
)
def test_an_archives_index_leads_to_the_first_definer(
    tmp_path_factory: pytest.TempPathFactory, members: dict[str, list[bytes]], wide: bool
) -> None:
    path = tmp_path_factory.mktemp("archive") / "libx.a"
    contents = {name: write_elf([Symbol(symbol) for symbol in symbols]) for name, symbols in members.items()}
    path.write_bytes(write_archive({name: (contents[name], members[name]) for name in members}, wide=wide))
    archive = Archive(path)
    expected: dict[bytes, str] = {}
    for name, symbols in members.items():
        for symbol in symbols:
            expected.setdefault(symbol, name)
    assert {symbol: archive.member_name(offset) for symbol, offset in archive.index.items()} == expected
    assert [archive.member_name(offset) for offset in archive.offsets] == list(members)
    for offset, name in zip(archive.offsets, members, strict=True):
        assert read_object_symbols(archive.member(offset)).defined == set(members[name])


def test_an_empty_archive_offers_nothing(tmp_path: Path) -> None:
    path = tmp_path / "libx.a"
    path.write_bytes(b"!<arch>\n")
    assert Archive(path).index == {}
    assert Archive(path).offsets == ()


def test_an_archive_without_an_index_says_so(tmp_path: Path) -> None:
    path = tmp_path / "libx.a"
    content = write_elf([Symbol(b"f")])
    path.write_bytes(b"!<arch>\n" + f"{'a.o/':<16}{0:<12}{0:<6}{0:<6}{644:<8}{len(content):<10}`\n".encode() + content)
    with pytest.raises(UnreadableObjectError, match="ranlib"):
        _ = Archive(path).index


def test_a_thin_archive_reads_the_file_beside_it(tmp_path: Path) -> None:
    content = write_elf([Symbol(b"f")])
    (tmp_path / "a.o").write_bytes(content)
    whole = write_archive({"a.o": (content, [b"f"])})
    (tmp_path / "libx.a").write_bytes(b"!<thin>\n" + whole[8 : whole.index(b"\x7fELF")])
    archive = Archive(tmp_path / "libx.a")
    assert read_object_symbols(archive.member(archive.index[b"f"])).defined == {b"f"}


def test_a_damaged_object_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.o"
    path.write_bytes(write_elf([Symbol(b"f")])[:80])
    with pytest.raises(UnreadableObjectError, match=r"x\.o"):
        SymbolReader().object(path)


@pytest.mark.parametrize("cut", [4, 70, 75])
def test_a_damaged_archive_is_said_to_be_one(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "libx.a"
    path.write_bytes(write_archive({"a.o": (write_elf([Symbol(b"f")]), [b"f"])})[:cut])
    with pytest.raises(UnreadableObjectError):
        SymbolReader().archive(path).index  # noqa: B018 (the property reads)
