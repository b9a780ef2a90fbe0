"""Standard streams that are closed (``>&-``), on a full disk, or read by nobody any more."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TextIO

EXIT_UNREAD: Final = 128 + 13
"""Of a command whose reader went before there was an answer: what the shell says of one that SIGPIPE ended."""


def open_what_is_closed() -> None:
    """Lead closed streams to nowhere: nobody wants to read them.

    Their descriptors first, or else the next file that anybody opens would be the standard output of all that is
    started.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # which takes the lowest number that is free
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            mode = "w" if descriptor else "r"
            stream = open(descriptor, mode, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


def abandon(stream: TextIO) -> None:
    """Drop what is still buffered: it would fail once more at the end (Python's documentation, "Note on SIGPIPE")."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Endurable:
    """A text stream before another: the first write that fails is told, and what follows goes nowhere."""

    def __init__(self, stream: TextIO, tell: Callable[[OSError], None]) -> None:
        self._stream = stream
        self._tell = tell

    def write(self, text: str) -> int:
        """As of any stream, but it never fails."""
        self._try(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """As of any stream, but it never fails."""
        self._try(self._stream.flush)

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except OSError as error:
            abandon(self._stream)
            with suppress(OSError):  # once more what was buffered, now to nowhere
                self._stream.flush()
            self._tell(error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
