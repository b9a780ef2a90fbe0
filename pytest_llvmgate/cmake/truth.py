"""What CMake takes for true and for false: cmake-commands(7), ``if``, "Basic Expressions"."""

from __future__ import annotations

import re
from typing import Final

_TRUE: Final = frozenset({"1", "ON", "YES", "TRUE", "Y"})
_FALSE: Final = frozenset({"", "0", "OFF", "NO", "FALSE", "N", "IGNORE"})
_NUMBER: Final = re.compile(r"[-+]?(?:\d++\.?\d*+|\.\d++)(?:[eE][-+]?\d++)?")


def truth(text: str) -> bool | None:
    """What a constant is to ``if(<constant>)``: 1, ON, YES, TRUE, Y and numbers other than zero are true, zero and
    what :func:`is_false` names are false; None for any other text. Letter case does not matter but to NOTFOUND.
    """
    if text.upper() in _TRUE:
        return True
    if is_false(text):
        return False
    return float(text) != 0 if _NUMBER.fullmatch(text) else None


def is_false(text: str) -> bool:
    """Whether a variable of that value is false to ``if(<variable>)``: 0, OFF, NO, FALSE, N, IGNORE, NOTFOUND, nothing
    and what ends in ``-NOTFOUND``. With any other value, it is true.
    """
    return text.upper() in _FALSE or text == "NOTFOUND" or text.endswith("-NOTFOUND")
