"""Live progress: a line that moves on a terminal, a line now and then in a log."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_llvmgate.gate.progress import activities
from pytest_llvmgate.printable import for_log

_TERMINAL_INTERVAL: Final = 0.25
_LOG_INTERVAL: Final = 60.0
_MINUTE: Final = 60.0
# DEC private modes as every terminal since the VT100 knows them: save the cursor, do not wrap; and back.
_BEFORE: Final = "\x1b7\x1b[?7l  "
_AFTER: Final = "\x1b[K\x1b[?7h\x1b8"
_ERASE: Final = "\x1b[K"


class LiveProgress(threading.Thread):
    """Watches the progress files and tells. Writes to a copy of standard output: pytest captures the original."""

    def __init__(
        self, directory: Path, descriptor: int, *, interval: float, terminal: bool, left: Callable[[], float]
    ) -> None:
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

    @classmethod
    def start_for(cls, directory: Path, left: Callable[[], float] = float) -> LiveProgress | None:
        """Start watching, if there is somebody to tell; ``left`` estimates the seconds to the end, 0 for unknown."""
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
        while not self._finished.wait(self._interval):
            self._tell()

    def stop(self) -> None:
        """Stop telling and leave the line clean."""
        self._finished.set()
        self.join()
        if self._terminal and self._shown:
            self._write(_ERASE)
        os.close(self._descriptor)

    def _tell(self) -> None:
        running = [for_log(str(activity)) for activity in activities(self._directory)]
        if self._terminal:
            text = " | ".join(running)
            if text or self._shown:
                self._write(f"{_BEFORE}{text}{_AFTER}")
            self._shown = bool(text)
        elif running:
            begin = "\n" if self.is_within_line else ""  # no blank line between two of ours
            self.is_within_line = False
            self._write(f"{begin}llvmgate: {' | '.join(running)}{_in_words(self._left())}\n")

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the reader is gone; pytest itself will notice
            os.write(self._descriptor, text.encode("utf-8", "replace"))


def _in_words(seconds: float) -> str:
    if seconds <= 0:
        return ""
    minutes = max(1, round(seconds / _MINUTE))
    return f"; about {minutes} min left, by what it took last"
