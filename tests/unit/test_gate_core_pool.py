"""The session's pool of cores."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from pytest_llvmgate.gate.core_pool import CorePool, ninja_takes_part, open_pool, pool_at


def _hold(pool: CorePool, waits: list[str] | None = None, *, anybody_else: bool = True) -> object:
    told = [] if waits is None else waits
    return pool.core(on_wait=told.append, anybody_else=lambda: anybody_else)


def test_a_token_per_core_can_be_had_at_once(tmp_path: Path) -> None:
    with open_pool(tmp_path / "cores", 2) as pool:
        waits: list[str] = []
        with _hold(pool, waits), _hold(pool, waits):  # type: ignore[attr-defined]
            assert waits == []


def test_one_more_waits_until_a_token_comes_back(tmp_path: Path) -> None:
    with open_pool(tmp_path / "cores", 1) as pool:
        order: list[str] = []

        def second() -> None:
            with _hold(pool, order):  # type: ignore[attr-defined]
                order.append("second")

        with _hold(pool):  # type: ignore[attr-defined]
            thread = threading.Thread(target=second)
            thread.start()
            while not order:
                time.sleep(0.01)
            order.append("first done")
        thread.join()
    assert order == ["waiting for a core", "first done", "second"]


def test_tokens_that_a_killed_worker_took_are_not_waited_for(tmp_path: Path) -> None:
    with open_pool(tmp_path / "cores", 1) as pool:
        descriptor = os.open(pool.path, os.O_RDWR | os.O_NONBLOCK)
        os.read(descriptor, 1)  # lost
        with _hold(pool, anybody_else=False):  # type: ignore[attr-defined]
            pass
        assert os.read(descriptor, 2) == b"+"  # made up for
        os.close(descriptor)


def test_the_pipe_is_gone_after_the_session(tmp_path: Path) -> None:
    with open_pool(tmp_path / "cores", 1):
        assert (tmp_path / "cores").exists()
    assert not (tmp_path / "cores").exists()


def test_a_pipe_left_by_a_killed_session_is_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cores")
    with open_pool(tmp_path / "cores", 1) as pool, _hold(pool):  # type: ignore[attr-defined]
        pass


@pytest.mark.parametrize(
    ("version", "expected"), [("1.13.2.git.kitware", True), ("1.11.1", False), ("1.9", False), ("2.0", True)]
)
def test_which_ninja_takes_part(version: str, expected: bool) -> None:
    assert ninja_takes_part(version) is expected


def test_a_pool_of_this_machine_alone_is_used(tmp_path: Path) -> None:
    path = tmp_path / "cores"
    assert pool_at(path, 2) is None
    with open_pool(path, 2):
        assert pool_at(path, 2) == CorePool(path, 2)
        (tmp_path / "cores.machine").write_text("another")
        assert pool_at(path, 2) is None
    assert list(tmp_path.iterdir()) == []
