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
    "atomic": r"atomic(?:_\w+)?",
    "chrono": r"chrono(?:::\w+)*",
    "deque": r"deque",
    "fstream": r"[io]?fstream",
    "functional": r"function|bind|hash|less|greater|reference_wrapper",
    "iomanip": r"set(?:w|fill|precision)",
    "iostream": r"c(?:out|err|in|log)",
    "iterator": r"(?:back_)?inserter|next|prev|distance|advance|make_move_iterator",
    "limits": r"numeric_limits",
    "list": r"list",
    "map": r"(?:multi)?map",
    "memory": r"(?:unique|shared|weak)_ptr|make_(?:unique|shared)|enable_shared_from_this",
    "mutex": r"(?:recursive_)?mutex|lock_guard|unique_lock|scoped_lock|once_flag|call_once",
    "numeric": r"accumulate|iota|gcd",
    "optional": r"optional|nullopt(?:_t)?|make_optional",
    "queue": r"(?:priority_)?queue",
    "regex": r"regex(?:_\w+)?|smatch",
    "set": r"(?:multi)?set",
    "sstream": r"[io]?stringstream",
    "stack": r"stack",
    "stdexcept": r"(?:runtime|logic|range)_error|invalid_argument|out_of_range",
    "string": r"w?string|to_string|sto(?:[idf]|u?l{1,2}|ld)|getline",
    "string_view": r"string_view",
    "thread": r"thread|this_thread",
    "tuple": r"tuple|tie|make_tuple",
    "type_traits": r"(?:is|enable|remove|add|decay|conditional|underlying)_\w+|decay|conditional",
    "unordered_map": r"unordered_(?:multi)?map",
    "unordered_set": r"unordered_(?:multi)?set",
    "utility": r"pair|make_pair|move|forward|swap|exchange",
    "variant": r"variant|visit|monostate|get_if|holds_alternative",
    "vector": r"vector",
}
"""What people use of ``std``, by the header that declares it."""
_OF_POSIX: Final = re.compile(r"(?:uid|gid|pid|off|mode|ssize|dev|ino)_t|strn?dup|isatty|getpid")


def is_of_c(name: str) -> bool:
    """Whether C's standard headers declare the name: every system has it, once the header is included."""
    return any(re.fullmatch(names, name) for names in _C_HEADERS.values())


def header_of(name: str) -> str:
    """The header that declares a name of the standard library; empty for one that is not known here."""
    known = _C_HEADERS | (_CXX_HEADERS if name.startswith("std::") else {})
    return next((header for header, names in known.items() if re.fullmatch(names, name.removeprefix("std::"))), "")


def is_of_posix(name: str) -> bool:
    """Whether POSIX has the name and C has not: some systems have it, and no ``#include`` brings it to the others."""
    return _OF_POSIX.fullmatch(name) is not None
