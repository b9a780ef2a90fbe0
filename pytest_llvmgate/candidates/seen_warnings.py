"""Which warnings somebody has been told already, so that a nightly job speaks once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pytest_llvmgate.codec import parse_json, write_atomically
from pytest_llvmgate.errors import BusyError, GateError
from pytest_llvmgate.gate.run_directory import take_lock
from pytest_llvmgate.plain_file import read_plain
from pytest_llvmgate.upstream.taken_back import Warned

_SCHEMA: Final = 1
_LARGEST: Final = 4 << 20
"""Bytes."""
_MOST: Final = 5000
"""Keys that are kept, the newest."""


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
        keys = list(dict.fromkeys([*seen, *(one.key for one in warned)]))[-_MOST:]
        write_atomically(state, json.dumps({"schema": _SCHEMA, "seen": keys}, indent=1) + "\n")
    finally:
        held.release()


def _read(state: Path) -> list[str]:
    try:
        data = parse_json(read_plain(state, _LARGEST))
        if data["schema"] == _SCHEMA:
            return [str(key) for key in data["seen"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        pass
    raise GateError(
        "expected what an earlier run has written, found something else",
        where=str(state),
        hint="remove it: all is new then",
    )
