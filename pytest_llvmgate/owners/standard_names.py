"""Whether a name is one of C's standard library or of the system's, which code takes from whatever header brings it."""

from __future__ import annotations

import re
from typing import Final

_OF_C: Final = re.compile(
    r"u?int(?:8|16|32|64|ptr|max|_fast\d\d|_least\d\d)_t|size_t|ptrdiff_t|U?INT(?:8|16|32|64|PTR)?_(?:MAX|MIN|C)|SIZE_MAX"
    r"|mem(?:cpy|set|move|cmp|chr)|str(?:n?cpy|n?cmp|n?cat|len|r?chr|str|tou?l{1,2}|tod|error)"
    r"|[fsv]?n?printf|f(?:open|close|read|write|flush|puts)|std(?:in|out|err)|[cm]alloc|realloc|free|abort|exit|getenv"
    r"|time_t|FILE|NULL|ato[ifl]|assert|errno|va_(?:list|start|end)|abs|f(?:mod|abs|min|max)f?|(?:sqrt|pow|floor|ceil|log2?|exp)f?"
)
_OF_POSIX: Final = re.compile(r"(?:uid|gid|pid|off|mode|ssize|dev|ino)_t|strn?dup|isatty|getpid")


def is_of_c(name: str) -> bool:
    """Whether C's standard headers declare the name: every system has it, once the header is included."""
    return _OF_C.fullmatch(name) is not None


def is_of_posix(name: str) -> bool:
    """Whether POSIX has the name and C has not: some systems have it, and no ``#include`` brings it to the others."""
    return _OF_POSIX.fullmatch(name) is not None
