"""``-x`` and ``--maxfail`` with xdist: what other workers are building is of no more use, and ends.

xdist lets every worker finish the test it is at, which for a build may take hours. The controller leaves a word in the
run directory, since workers need not be processes of this machine; a thread of each worker waits for it, and interrupts
the stage as Ctrl-C would.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_llvmgate.codec import write_atomically

_INTERVAL: Final = 0.2
"""Seconds between two looks for the word."""
_SIGNAL: Final = signal.SIGUSR1


class StageStopped(BaseException):
    """Raised in the main thread of a worker, wherever it is. Like KeyboardInterrupt no ``Exception``."""


class StopOnFailures:
    """The controller's part: counts failures as xdist does (``DSession._handlefailures``) and leaves the word."""

    def __init__(self, word: Path, maximum: int) -> None:
        self._word = word
        self._maximum = maximum
        self._failures = 0

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Of any test, the downstream's own included."""
        self._failures += report.failed
        if report.failed and self._failures == self._maximum:
            write_atomically(self._word, f"the session ends after {self._failures} failure{'s' * (self._failures > 1)}")

    pytest_collectreport = pytest_runtest_logreport  # what cannot be collected counts, too


class StoppableWorker:
    """A worker's part: a test that runs when the word comes is skipped, and no other is begun."""

    def __init__(self, word: Path) -> None:
        self._word = word
        self._armed = False
        self._watcher: threading.Thread | None = None
        signal.signal(_SIGNAL, self._interrupt)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """A stage, or a test of the downstream's."""
        try:
            with self._arming():
                return (yield)
        except StageStopped:
            item.session.shouldstop = self._reason()
        raise pytest.skip.Exception(f"stopped: {item.session.shouldstop}", _use_item_location=True)

    pytest_runtest_setup = pytest_runtest_call
    """The fixture ``llvm_build`` builds in there."""

    def _reason(self) -> str:
        try:
            return self._word.read_text(encoding="utf-8")
        except OSError:
            return "the session ends"

    @contextmanager
    def _arming(self) -> Iterator[None]:
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="llvmgate-stop", daemon=True)
            self._watcher.start()
        self._armed = True
        try:
            if self._word.exists():
                raise StageStopped
            yield
        finally:
            self._armed = False

    def _watch(self) -> None:
        """Interrupt once. When no test runs at that moment, the next one sees the word for itself."""
        while not self._word.exists():
            time.sleep(_INTERVAL)
        if signal.getsignal(_SIGNAL) == self._interrupt:  # and nobody has taken the signal for something else
            signal.pthread_kill(threading.main_thread().ident or 0, _SIGNAL)

    def _interrupt(self, *_: object) -> None:
        if self._armed:
            self._armed = False  # once: what ends the stage must not be interrupted in its turn
            raise StageStopped
