"""Fixtures of all tests."""

from __future__ import annotations

import signal
from contextlib import suppress
from pathlib import Path

import pytest

import pytest_llvmgate.plugin.active  # noqa: F401 - loaded once here, not once per session inside a test
from tests.support.gated import Gated
from tests.support.toy import make_workspace

_OUTER = ("MAKEFLAGS", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID")
_CI = ("GITHUB_ACTIONS", "GITHUB_BASE_REF", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_HEAD_REF", "CI")


def pytest_configure() -> None:
    """Let signals through: a job in the background starts with these ignored, and so would all its children (POSIX)."""
    with suppress(ValueError):  # not the main thread: nothing to be done
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the outer pytest, make or CI set is not meant for the sessions inside the tests."""
    for name in (*_OUTER, *_CI):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def gated(pytester: pytest.Pytester, clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> Gated:
    """The toy downstream, as the current directory."""
    root = make_workspace(pytester.path)
    monkeypatch.chdir(root)
    return Gated(pytester, root)
