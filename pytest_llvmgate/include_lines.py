"""Lines that include a file: C's ``#include`` and ``#import``, and TableGen's ``include``."""

from __future__ import annotations

import re
from typing import Final

_LINE: Final = r'^[ \t]*(?:#[ \t]*(?:include|import)|include)[ \t]*(?P<name>["<][^">\n]{1,300}[">])'
INCLUDE: Final = re.compile(rf"{_LINE}[^\n]*$", re.MULTILINE)
"""A whole line; ``name`` with its quotes or brackets."""
_IN_BYTES: Final = re.compile(_LINE.encode(), re.MULTILINE)


def included(data: bytes) -> list[str]:
    """What a file includes, as written, in its order."""
    return [name[1:-1].decode("utf-8", "surrogateescape") for name in _IN_BYTES.findall(data)]
