"""Which library defines a symbol: looked up in the symbol indexes of LLVM's install and of the build directory.

A linker prints demangled names, an index holds mangled ones. The parts of a qualified name occur in the mangled name
with their lengths (``mlir::tosa::f`` as ``4mlir4tosa1f``, Itanium C++ ABI, 5.1), so that a plain search finds the few
candidates, which a demangler then confirms. Template arguments stand between the parts; in them, each name is spelled
where it comes first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pytest_llvmgate.objects.cxx_names import function_name
from pytest_llvmgate.plain_file import open_plain

_ARCHIVE: Final = b"!<arch>\n"
_THIN: Final = b"!<thin>\n"
_MOST_FILES: Final = 4000
_MOST_CANDIDATES: Final = 400
_LIBRARY: Final = re.compile(r"^lib(?P<name>.+?)\.(?:a|so(?:\.[\d.]+)?|dylib)$")
_SPECIAL: Final = re.compile(r"^(vtable|VTT|typeinfo name|typeinfo|guard variable|construction vtable) for (.*)$")
_SPECIAL_CODES: Final = {
    "vtable": "_ZTV",
    "VTT": "_ZTT",
    "typeinfo": "_ZTI",
    "typeinfo name": "_ZTS",
    "guard variable": "_ZGV",
}
_OPERATORS: Final = dict(
    pair.rsplit(":", 1)
    for line in (
        'new:nw delete:dl new[]:na delete[]:da co_await:aw "":li ():cl []:ix ,:cm ->*:pm ->:pt ++:pp --:mm ~:co !:nt',
        "=:aS +=:pL -=:mI *=:mL /=:dV %=:rM &=:aN |=:oR ^=:eO <<=:lS >>=:rS ==:eq !=:ne <:lt >:gt <=:le >=:ge <=>:ss",
        "/:dv %:rm |:or ^:eo <<:ls >>:rs &&:aa ||:oo +: -: *: &:",
    )
    for pair in line.split()
)
"""How operators are mangled (Itanium C++ ABI, 5.1.3); not those of one operand or two, which have two codes."""
_OPERATOR: Final = re.compile(
    r"(?P<scope>[^(]*?)(?<!\w)operator(?: ?(?P<sign>"
    + "|".join(map(re.escape, sorted(_OPERATORS, key=len, reverse=True)))
    + r")(?!\w)|(?= ))"
)
"""What is no sign is the type that a conversion is to."""
_LAST_NAME: Final = re.compile(r"\b[A-Za-z_]\w*+(?!::)")
"""Not a namespace, which thousands of symbols have in common."""
_UNSPELLED: Final = re.compile(
    r"operator|new|delete|co_await|auto|bool|char|const|double|float|int|long|short|signed|unsigned|void|volatile|wchar_t|char\d+_t|true|false"
    r"|string|allocator|basic_string|[io]?stream|iostream"
)
"""What has a letter of its own in mangled names."""
_C_API: Final = re.compile(r"CAPI|-C$")
_AGGREGATE: Final = re.compile(r"^(?:LLVM|LLVM-\d.*|MLIR|MLIR-C|LTO|Remarks|clang.*)$")
_TESTING: Final = re.compile(r"Test|Mock|Fuzz|gtest")

Symbol = TypeVar("Symbol")


def unlikeliness(library: str) -> tuple[bool, bool, bool]:
    """Smaller for a library that is rather meant: the C API's wrap everything, aggregates hold it, tests use it."""
    return (bool(_C_API.search(library)), bool(_AGGREGATE.match(library)), bool(_TESTING.search(library)))


@dataclass(frozen=True, kw_only=True)
class ChosenLibrary(Generic[Symbol]):
    """A library, and what it is chosen for."""

    provider: str
    """Empty for what no library defines."""
    symbols: frozenset[Symbol]
    alternatives: tuple[str, ...] = ()
    """Other libraries that define all of these."""


def few_libraries(
    definers: Mapping[str, Collection[Symbol]],
    wanted: Iterable[Symbol],
    *,
    rank: Callable[[str], tuple[Any, ...]] = unlikeliness,
) -> Iterator[ChosenLibrary[Symbol]]:
    """Few libraries that together define all of ``wanted``: greedy, by ``rank`` first and by how much they cover."""
    left = set(wanted)
    sets = {library: frozenset(symbols) for library, symbols in definers.items()}
    while left:
        ranked = sorted(
            (rank(library), -len(symbols & left), len(library), library)
            for library, symbols in sets.items()
            if symbols & left
        )
        if not ranked:
            yield ChosenLibrary(provider="", symbols=frozenset(left))
            return
        best = ranked[0][-1]
        covered = sets[best] & left
        others = tuple(entry[-1] for entry in ranked[1:] if covered <= sets[entry[-1]])
        yield ChosenLibrary(provider=best, symbols=frozenset(covered), alternatives=others)
        left -= covered


def _library_name(path: str) -> str:
    """``libMLIRIR.a`` as ``MLIRIR``; empty for what is no library."""
    match = _LIBRARY.match(os.path.basename(path))  # noqa: PTH119 (a string of a log, of whatever system)
    return match["name"] if match else ""


@dataclass(kw_only=True)
class Definers:
    """Looks symbols up in the libraries of some directories. Reads each library's index once, when first asked."""

    directories: Sequence[Path]
    _names: dict[Path, bytes] = field(default_factory=dict)

    def find(self, symbols: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Each symbol (demangled or mangled) to the names of the libraries that define it, the likeliest first.

        A shared library that has what an archive defines was linked with that archive, and has a copy of it.
        """
        wanted = {symbol: _needle(symbol) for symbol in symbols}
        candidates: dict[str, dict[str, list[str]]] = {symbol: {} for symbol in wanted}
        archived: set[str] = set()
        for path in self._files:
            names = self._index(path)
            is_archive = path.suffix == ".a"
            for symbol, needle in wanted.items():
                if needle and needle in names:
                    for mangled in _around(names, needle):
                        if is_archive or mangled not in archived:
                            candidates[symbol].setdefault(mangled, []).append(_library_name(path.name))
                        if is_archive:
                            archived.add(mangled)
        return {symbol: _confirmed(symbol, found) for symbol, found in candidates.items()}

    @cached_property
    def _files(self) -> tuple[Path, ...]:
        files: dict[str, Path] = {}
        for directory in self.directories:
            for path in _libraries_below(directory):
                files.setdefault(f"{_library_name(path.name)}{path.suffix == '.a'}", path)
        return tuple(sorted(files.values(), key=lambda path: path.suffix != ".a"))

    def _index(self, path: Path) -> bytes:
        """The library's defined names, each between two NULs; empty when it cannot be read."""
        if path not in self._names:
            try:
                self._names[path] = _archive_names(path) if path.suffix == ".a" else _shared_names(path)
            except (OSError, ValueError):
                self._names[path] = b""
        return self._names[path]


def _libraries_below(directory: Path) -> Iterator[Path]:
    """The libraries in ``lib`` of an install, or anywhere below a build directory."""
    start = directory / "lib" if (directory / "lib" / "cmake").is_dir() else directory
    count = 0
    for parent, names, files in os.walk(start):
        names[:] = [name for name in names if name not in {"CMakeFiles", "cmake", ".git"}]
        for name in sorted(files):
            if _LIBRARY.match(name):
                yield Path(parent, name)
        count += len(files)
        if count > _MOST_FILES * 10:
            return


def _archive_names(path: Path) -> bytes:
    """The names of an archive's symbol index (``/`` or ``/SYM64/``, always the first member)."""
    with open_plain(path) as stream:
        if stream.read(8) not in {_ARCHIVE, _THIN}:
            return b""
        header = stream.read(60)
        width = {b"/": 4, b"/SYM64/": 8}.get(header[:16].rstrip(), 0)
        if not width:
            return b""
        content = stream.read(int(header[48:58]))
    count = int.from_bytes(content[:width], "big")
    return b"\0" + content[width * (count + 1) :]


def _shared_names(path: Path) -> bytes:
    from pytest_llvmgate.objects.archive import map_file
    from pytest_llvmgate.objects.elf import Elf
    from pytest_llvmgate.objects.symbols import read_dynamic_symbols

    return b"\0" + b"\0".join(read_dynamic_symbols(Elf(map_file(path)))) + b"\0"


def _needle(symbol: str) -> bytes:
    """What the mangled name contains, for certain."""
    is_plain = "(" not in symbol and "::" not in symbol and " " not in symbol
    if symbol.startswith("_Z") or is_plain:
        return b"\0" + symbol.encode() + b"\0"
    special = _SPECIAL.match(symbol)
    whole = special[2] if special else symbol
    if ">::" in (shown := whole.partition("(")[0]):
        last = [name for name in _LAST_NAME.findall(shown, shown.index("<")) if not _UNSPELLED.fullmatch(name)]
        longest = max(last, key=len, default="")
        return f"{len(longest)}{longest}".encode() if longest else b""
    operator = _OPERATOR.match(whole)
    name = function_name(operator["scope"] if operator else whole)
    parts = [part for part in name.split("::") if re.fullmatch(r"~?\w+", part)]
    if not operator and len(parts) > 1 and parts[-1].lstrip("~") == parts[-2]:
        parts.pop()  # constructors and destructors are C1, D2 ...
    code = _SPECIAL_CODES.get(special[1], "") if special else ""
    encoded = "".join(f"{len(part)}{part}" for part in parts if not part.startswith("~"))
    if operator:
        sign = _OPERATORS.get(operator["sign"], "cv")
        encoded = f"{encoded or (sign and '_Z')}{sign}"
    if not encoded:
        return b""
    return f"{code}N{encoded}".encode() if code and len(parts) > 1 else encoded.encode()


def _around(names: bytes, needle: bytes) -> Iterator[str]:
    """The whole names in which the needle occurs."""
    at = names.find(needle)
    for _ in range(_MOST_CANDIDATES):
        if at < 0:
            return
        begin = names.rfind(b"\0", 0, at + 1) + 1
        end = names.find(b"\0", max(at + 1, begin))
        yield names[begin : end if end >= 0 else len(names)].decode("utf-8", "replace")
        at = names.find(needle, end if end >= 0 else len(names))


def _confirmed(symbol: str, found: dict[str, list[str]]) -> tuple[str, ...]:
    """The libraries whose candidate demangles to the symbol (all, where no candidate does exactly)."""
    if not found:
        return ()
    from pytest_llvmgate.objects.demangle import demangle

    names = demangle(found) if not symbol.startswith("_Z") else {name: name for name in found}
    same = [name for name, shown in names.items() if _bare(shown) == _bare(symbol)]
    libraries = dict.fromkeys(library for name in (same or []) for library in found[name])
    return tuple(sorted(libraries, key=lambda name: (unlikeliness(name), len(name))))


def _bare(name: str) -> str:
    """A demangled name without what demanglers print differently: ABI tags, blanks, clones, versions."""
    return re.sub(r"\[abi:\w++\]|\s++|\[clone [^\[\]]*+\]|@@?[\w.]++$|std::__cxx11::|std::__1::", "", name).replace(
        "std::", ""
    )
