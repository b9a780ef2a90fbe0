"""Writes small ELF objects and archives, byte by byte, so that readers can be tested without a compiler."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GLOBAL, WEAK = 1, 2
DEFAULT, INTERNAL, HIDDEN, PROTECTED = 0, 1, 2, 3


@dataclass(frozen=True)
class Symbol:
    name: bytes
    defined: bool = True
    binding: int = GLOBAL
    visibility: int = DEFAULT
    section: int = 1


def write_elf(
    symbols: Sequence[Symbol], *, is_64: bool = True, little: bool = True, dynamic: bool = False, local: bytes = b"here"
) -> bytes:
    """An ELF file with one section of code, one local symbol and ``symbols``."""
    order = "<" if little else ">"
    names = b"\0" + local + b"\0" + b"".join(symbol.name + b"\0" for symbol in symbols)
    offsets, position = [], len(local) + 2
    for symbol in symbols:
        offsets.append(position)
        position += len(symbol.name) + 1
    entries = [_symbol(order, is_64), _symbol(order, is_64, name=1, section=1)]
    entries += [
        _symbol(
            order,
            is_64,
            name=offset,
            info=item.binding << 4,
            other=item.visibility,
            section=item.section if item.defined else 0,
        )
        for item, offset in zip(symbols, offsets, strict=True)
    ]
    table = b"".join(entries)
    section_names = b"\0.text\0.symtab\0.strtab\0.shstrtab\0"
    head = 64 if is_64 else 52
    body = b"\x90" * 4 + table + names + section_names
    at = [head, head + 4, head + 4 + len(table), head + 4 + len(table) + len(names)]
    kind = 11 if dynamic else 2
    headers = [
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        (1, 1, 6, 0, at[0], 4, 0, 0, 4, 0),
        (7, kind, 0, 0, at[1], len(table), 3, 2, 8, len(entries[0])),
        (15, 3, 0, 0, at[2], len(names), 0, 0, 1, 0),
        (23, 3, 0, 0, at[3], len(section_names), 0, 0, 1, 0),
    ]
    layout = struct.Struct(order + ("IIQQQQIIQQ" if is_64 else "10I"))
    padding = -(head + len(body)) % 8
    where = head + len(body) + padding
    ident = b"\x7fELF" + bytes([2 if is_64 else 1, 1 if little else 2, 1]) + bytes(9)
    kind_of_file = 3 if dynamic else 1
    if is_64:
        rest = struct.pack(order + "HHIQQQIHHHHHH", kind_of_file, 62, 1, 0, 0, where, 0, 64, 0, 0, 64, 5, 4)
    else:
        rest = struct.pack(order + "HHIIIIIHHHHHH", kind_of_file, 3, 1, 0, 0, where, 0, 52, 0, 0, 40, 5, 4)
    return ident + rest + body + bytes(padding) + b"".join(layout.pack(*header) for header in headers)


def _symbol(order: str, is_64: bool, *, name: int = 0, info: int = 0, other: int = 0, section: int = 0) -> bytes:
    if is_64:
        return struct.pack(order + "IBBHQQ", name, info, other, section, 0, 0)
    return struct.pack(order + "IIIBBH", name, 0, 0, info, other, section)


def write_archive(members: Mapping[str, tuple[bytes, Sequence[bytes]]], *, wide: bool = False) -> bytes:
    """An archive in GNU's format: member name to content and the symbols that the index gives it."""
    width, code = (8, ">Q") if wide else (4, ">I")
    names = b"".join(symbol + b"\0" for _, symbols in members.values() for symbol in symbols)
    count = sum(len(symbols) for _, symbols in members.values())
    index_size = width * (count + 1) + len(names)
    long_names = b"".join(name.encode() + b"/\n" for name in members)
    position = 8 + 60 + index_size + index_size % 2 + 60 + len(long_names) + len(long_names) % 2
    body, offsets, at = b"", [], 0
    for name, (content, symbols) in members.items():
        offsets += [position] * len(symbols)
        block = _header(f"/{at}", len(content)) + content + b"\n" * (len(content) % 2)
        position += len(block)
        body += block
        at += len(name) + 2
    index = struct.pack(code, count) + b"".join(struct.pack(code, offset) for offset in offsets) + names
    return (
        b"!<arch>\n"
        + _header("/SYM64/" if wide else "/", index_size)
        + index
        + b"\n" * (index_size % 2)
        + _header("//", len(long_names))
        + long_names
        + b"\n" * (len(long_names) % 2)
        + body
    )


def _header(name: str, size: int) -> bytes:
    return f"{name:<16}{0:<12}{0:<6}{0:<6}{644:<8}{size:<10}`\n".encode()
