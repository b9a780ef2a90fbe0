"""Whether a name is one of the standard library or of the system's, which code takes from whatever header brings it."""

from __future__ import annotations

import re
from typing import Final

_C_HEADERS: Final = {
    "cstdint": r"u?int(?:8|16|32|64|ptr|max|_fast\d\d|_least\d\d)_t|U?INT(?:8|16|32|64|PTR)?_(?:MAX|MIN|C)|SIZE_MAX",
    "cstddef": r"size_t|ptrdiff_t|NULL",
    "cstring": r"mem(?:cpy|set|move|cmp|chr)|str(?:n?cpy|n?cmp|n?cat|len|r?chr|str|error)",
    "cstdlib": r"[cm]alloc|realloc|free|abort|exit|getenv|ato[ifl]|strto(?:u?l{1,2}|d)|abs",
    "cstdio": r"[fsv]?n?printf|f(?:open|close|read|write|flush|puts)|std(?:in|out|err)|FILE",
    "cmath": r"f(?:mod|abs|min|max)f?|(?:sqrt|pow|floor|ceil|log2?|exp)f?",
    "ctime": r"time_t",
    "cassert": r"assert",
    "cerrno": r"errno",
    "cstdarg": r"va_(?:list|start|end)",
}
"""The names of C's that are told by themselves, by the header that declares them."""
_CXX_HEADERS: Final = {
    "algorithm": r"(?:stable_)?sort|(?:all|any|none)_of|find(?:_if(?:_not)?)?|count_if|copy(?:_if)?|m(?:in|ax)"
    r"|remove(?:_if)?|transform|unique|reverse|replace|equal|fill|(?:low|upp)er_bound|for_each",
    "fstream": r"[io]?fstream",
    "functional": r"function|bind|hash|less|greater|reference_wrapper",
    "iostream": r"c(?:out|err|in|log)",
    "iterator": r"(?:back_)?inserter|next|prev|distance|advance|make_move_iterator",
    "limits": r"numeric_limits",
    "memory": r"(?:unique|shared|weak)_ptr|make_(?:unique|shared)|enable_shared_from_this",
    "mutex": r"(?:recursive_)?mutex|lock_guard|unique_lock|scoped_lock|once_flag|call_once",
    "numeric": r"accumulate|iota|gcd",
    "optional": r"nullopt(?:_t)?|make_optional",
    "sstream": r"[io]?stringstream",
    "stdexcept": r"(?:runtime|logic|range)_error|invalid_argument|out_of_range",
    "string": r"wstring|to_string|sto(?:[idf]|u?l{1,2}|ld)|getline",
    "tuple": r"tie|make_tuple",
    "type_traits": r"(?:is|enable|remove|add|decay|conditional|underlying)_\w+|decay|conditional",
    "utility": r"pair|make_pair|move|forward|swap|exchange",
}
"""What people use of ``std``, by the header that declares it."""
_OF_OWN_HEADER: Final = re.compile(
    r"atomic|chrono|deque|list|map|optional|queue|regex|set|stack|string|string_view|thread|tuple|unordered_map"
    r"|unordered_set|variant|vector"
)
"""Those whose header is called as they are."""
_OF_POSIX: Final = re.compile(r"(?:uid|gid|pid|off|mode|ssize|dev|ino)_t|strn?dup|isatty|getpid")


def is_of_c(name: str) -> bool:
    """Whether C's standard headers declare the name: every system has it, once the header is included."""
    return any(re.fullmatch(names, name) for names in _C_HEADERS.values())


def header_of(name: str) -> str:
    """The header that declares a name of the standard library; empty for one that is not known here."""
    own = name.removeprefix("std::")
    if own == name:  # as C has it
        return next((f"{header[1:]}.h" for header, names in _C_HEADERS.items() if re.fullmatch(names, name)), "")
    if match := _OF_OWN_HEADER.fullmatch(own.partition("::")[0]):
        return match[0]
    return next((header for header, names in (_C_HEADERS | _CXX_HEADERS).items() if re.fullmatch(names, own)), "")


def is_of_posix(name: str) -> bool:
    """Whether POSIX has the name and C has not: some systems have it, and no ``#include`` brings it to the others."""
    return _OF_POSIX.fullmatch(name) is not None
