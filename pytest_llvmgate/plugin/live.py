"""Live progress: a line that moves on a terminal, a line now and then in a log; and causes of failures as they show."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_llvmgate.gate.progress import Activity, activities, causes
from pytest_llvmgate.printable import for_log

_TERMINAL_INTERVAL: Final = 0.25
_LOG_INTERVAL: Final = 60.0
_LOOK_INTERVAL: Final = 2.0
"""Seconds between two looks for causes of failures."""
_CAUSES_AFTER: Final = 60.0
"""Seconds of a session before it tells causes: a shorter one comes to its summary soon enough."""
# DEC private modes as every terminal since the VT100 knows them: save the cursor, do not wrap; and back.
_BEFORE: Final = "\x1b7\x1b[?7l  "
_AFTER: Final = "\x1b[K\x1b[?7h\x1b8"
_ERASE: Final = "\x1b[K"

Left = Callable[[Iterable[Activity]], str]
"""In words, how much is left while these run."""


class LiveProgress(threading.Thread):
    """Watches the progress files and tells. Writes to a copy of standard output: pytest captures the original."""

    def __init__(self, directory: Path, descriptor: int, *, interval: float, terminal: bool, left: Left) -> None:
        super().__init__(name="llvmgate-progress", daemon=True)
        self._left = left
        self.is_within_line = True
        """Whether somebody else may have written since the last line of ours, and not ended the line."""
        self._directory = directory
        self._descriptor = descriptor
        self._interval = interval
        self._terminal = terminal
        self._finished = threading.Event()
        self._shown = False
        self._since = time.monotonic()
        self._told: set[str] = set()

    @classmethod
    def start_for(cls, directory: Path, left: Left) -> LiveProgress | None:
        """Start watching, if there is somebody to tell; ``left`` says in words how much is left."""
        try:
            descriptor = os.dup(sys.__stdout__.fileno()) if sys.__stdout__ else None
        except (OSError, ValueError):
            return None
        if descriptor is None:
            return None
        terminal = os.isatty(descriptor) and os.environ.get("TERM", "dumb") != "dumb"
        interval = _TERMINAL_INTERVAL if terminal else _LOG_INTERVAL
        live = cls(directory, descriptor, interval=interval, terminal=terminal, left=left)
        live.start()
        return live

    def run(self) -> None:
        """Tell until stopped."""
        told = time.monotonic()
        while not self._finished.wait(min(self._interval, _LOOK_INTERVAL)):
            if time.monotonic() - self._since >= _CAUSES_AFTER:
                self._tell_causes()
            if time.monotonic() - told >= self._interval:
                told = time.monotonic()
                self._tell()

    def stop(self) -> None:
        """Stop telling and leave the line clean."""
        self._finished.set()
        self.join()
        if self._terminal and self._shown:
            self._write(_ERASE)
        os.close(self._descriptor)

    def _tell(self) -> None:
        running = activities(self._directory)
        text = " | ".join(for_log(str(activity)) for activity in running) + (self._left(running) if running else "")
        if self._terminal:
            if text or self._shown:
                self._write(f"{_BEFORE}{text}{_AFTER}")
            self._shown = bool(text)
        elif text:
            self._write_line(text)

    def _tell_causes(self) -> None:
        """Each once, whichever configuration meets it first."""
        for line in causes(self._directory):
            cause = line.partition(": ")[2]
            if cause not in self._told:
                self._told.add(cause)
                self._write_line(for_log(line))

    def _write_line(self, text: str) -> None:
        begin = "\n" if self.is_within_line else ""  # no blank line between two of ours
        self.is_within_line = False
        self._write(f"{_ERASE if self._shown else ''}{begin}llvmgate: {text}\n")

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the reader is gone; pytest itself will notice
            os.write(self._descriptor, text.encode("utf-8", "replace"))
