"""What an exception says to a user: what the machine refused, or where the gate itself has a defect."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import GateError

_PACKAGE: Final = Path(__file__).parents[1]
_MOST: Final = 500
"""Characters of what an exception says; some repeat their whole input."""


_ENDS: Final[list[type[Exception]]] = []


def let_through(end_of_session: type[Exception]) -> None:
    """Name an exception that is no failure but the session's end, raised from wherever a signal found it."""
    if end_of_session not in _ENDS:
        _ENDS.append(end_of_session)


def as_gate_error(error: Exception) -> GateError:
    """The error with its true reason: as it is, the machine's, or a defect of the gate with its place.

    Raises the error itself where it is the session's end.
    """
    if isinstance(error, tuple(_ENDS)):
        raise error
    if isinstance(error, GateError):
        return error
    if isinstance(error, OSError):
        return _machine(error)
    if isinstance(error, MemoryError):
        return GateError(
            "there is not enough memory for the gate itself", where=_place(error), hint="run less beside it"
        )
    said = str(error)[:_MOST]
    return GateError(
        f"a defect of the gate: {type(error).__name__}{f': {said}' if said else ''}",
        where=_place(error),
        hint="it says nothing about the candidate; please report it, with the lines above and the command",
    )


def _place(error: Exception) -> str:
    """The innermost line of the gate's own that was being run."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    if not frames:
        return "place unknown"
    frame = (own or frames)[-1]
    return f"{frame.filename.removeprefix(f'{_PACKAGE.parent}/')}:{frame.lineno}"


def _machine(error: OSError) -> GateError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return GateError(
            "the disk is full: no space left for what the stage writes",
            where=error.filename and str(error.filename),
            hint="make room (old candidates below .llvmgate/, LLVM installs in the cache) and run again: it resumes",
        )
    return GateError(
        f"the machine refused: {error.strerror or error}",
        where=str(error.filename) if error.filename else _place(error),
        hint="mend that and run again: what is done is kept",
    )
