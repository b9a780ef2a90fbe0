"""Which warnings somebody has been told already, so that a nightly job speaks once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pytest_llvmgate.codec import dumps, loads, write_atomically
from pytest_llvmgate.errors import BusyError, GateError
from pytest_llvmgate.gate.run_directory import take_lock
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.upstream.taken_back import Warned

_LARGEST: Final = 4 << 20
"""Bytes."""
_MOST: Final = 5000
"""Keys that are kept, the newest."""


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What the file holds."""

    seen: tuple[str, ...]
    """Keys of warnings, the newest last."""
    schema: Literal[1] = 1


@contextmanager
def unseen(state: Path, warned: Sequence[Warned]) -> Iterator[tuple[Warned, ...]]:
    """Those of ``warned`` that the file ``state`` does not have; they are in it once the block has ended well.

    Raises ``BusyError`` where another run holds it, ``GateError`` for a file that is none of ours.
    """
    held = take_lock(state.with_name(f"{state.name}.lock"))
    if held is None:
        raise BusyError("another run is at this file", where=str(state), hint="wait for it, or use --state")
    try:
        seen = _read(state)
        yield tuple(one for one in warned if one.key not in seen)
        keys = tuple(dict.fromkeys([*seen, *(one.key for one in warned)]))
        write_atomically(state, dumps(_Told(seen=keys[-_MOST:])))
    finally:
        held.release()


def _read(state: Path) -> tuple[str, ...]:
    try:
        return loads(_Told, read_plain_text(state, _LARGEST, errors="strict")).seen
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise GateError(
            "expected what an earlier run has written, found something else",
            where=str(state),
            hint="remove it: all is new then",
        ) from error
