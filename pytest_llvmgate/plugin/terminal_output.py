"""What pytest's terminal shows, where that cannot be written: the session goes on to its reports and its exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_llvmgate.standard_streams import Endurable


class TerminalOutput:
    """Stands before the terminal's file; ``verdict`` is where a user finds what could not be shown."""

    def __init__(self, verdict: Path) -> None:
        self._verdict = verdict
        self._session: Any = None
        self._writer: Any = None
        self._error: OSError | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Before the first line is written."""
        terminal = session.config.pluginmanager.get_plugin("terminalreporter")
        if terminal is None:
            return
        self._session, self._writer = session, terminal._tw
        self._writer._file = Endurable(self._writer._file, self._remember)

    def _remember(self, error: OSError) -> None:
        self._error = self._error or error

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """After the last line. A reader that has seen enough (``| head``) is no failure; a lost log is no pass."""
        if self._writer is not None:
            self._writer._file.flush()
        if self._error is None or isinstance(self._error, BrokenPipeError):
            return
        if self._session.exitstatus == pytest.ExitCode.OK:
            self._session.exitstatus = pytest.ExitCode.TESTS_FAILED
        problem = f"standard output could not be written: {self._error.strerror}"
        print(f"llvmgate: {problem}; the verdict is in {self._verdict}", file=sys.stderr)
