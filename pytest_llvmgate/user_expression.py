"""Regular expressions that users write: ``[[advice]]``, the pin reader ``regex``. They run with a limit in time.

An expression like ``(a+)+$`` takes years on a line that was made for it, and it comes with the pull request. Python's
``re`` cannot be interrupted; the package ``regex`` reads the same language and can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pytest_llvmgate.errors import GateError

SECONDS: Final = 2.0
"""For one search through one text."""


def fault(pattern: str) -> str:
    """What is wrong with an expression; empty when nothing is."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError, MemoryError) as error:
        return str(error) or "it is too large"
    return ""


def is_found(pattern: str, text: str) -> bool:
    """Whether the expression is found in ``text``. Raises ``GateError`` when that takes too long."""
    return next(found(pattern, text), None) is not None


def found(pattern: str, text: str, *, lines: bool = False) -> Iterator[Any]:
    """The matches of the expression; ``lines``: with ``^`` and ``$`` at every line.

    Raises ``GateError`` when a search takes too long, and for an expression that is none.
    """
    import regex

    try:
        yield from regex.finditer(pattern, text, regex.MULTILINE if lines else 0, timeout=SECONDS)
    except TimeoutError:
        raise GateError(
            f"the expression {pattern[:200]!r} was given up after {SECONDS:g} s",
            hint="nested repetitions like (a+)+ take years on some texts; write it without them",
        ) from None
    except (regex.error, RecursionError, MemoryError, OverflowError) as error:
        raise GateError(f"expected a regular expression, found {pattern[:200]!r}: {error}") from error
