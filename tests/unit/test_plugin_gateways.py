"""What ``--tx`` names is looked at before a worker is started."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_llvmgate.plugin.gateways import check_gateways, gateways


def session(directory: Path, *specs: str, workers: int | None = None, restarts: str | None = None) -> Any:
    option = SimpleNamespace(tx=list(specs), numprocesses=workers, maxworkerrestart=restarts)
    return SimpleNamespace(option=option, invocation_params=SimpleNamespace(dir=directory))


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_this_interpreter_serves_and_dying_workers_are_not_replaced_without_end(tmp_path: Path) -> None:
    config = session(tmp_path, "popen", f"2*popen//python={sys.executable}")
    check_gateways(config)
    assert config.option.maxworkerrestart == "3"


@pytest.mark.parametrize("config", [session(Path(), workers=2), session(Path()), SimpleNamespace(option=object())])
def test_without_tx_nothing_is_done(config: Any) -> None:
    check_gateways(config)
    assert getattr(config.option, "maxworkerrestart", None) is None


def test_what_the_user_says_of_restarts_stays(tmp_path: Path) -> None:
    config = session(tmp_path, "popen", restarts="7")
    check_gateways(config)
    assert config.option.maxworkerrestart == "7"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("echo 9.9.9", "found one with 9.9.9"),
        ("exit 0", "found one with none"),
        (
            "echo Traceback >&2; echo 'ModuleNotFoundError: x' >&2; exit 1",
            "found one without it: ModuleNotFoundError: x",
        ),
        ("exit 3", "found one without it: it said nothing"),
    ],
)
def test_an_interpreter_that_does_not_serve(tmp_path: Path, text: str, found: str) -> None:
    python = script(tmp_path / "python", text)
    with pytest.raises(pytest.UsageError, match=r"--tx=3\*popen//python=") as caught:
        check_gateways(session(tmp_path, f"3*popen//python={python}//id=x"))
    assert found in str(caught.value)
    assert f"{python} -m pip install pytest-llvmgate==" in str(caught.value)


def test_other_gateways_cannot_be_asked(tmp_path: Path) -> None:
    check_gateways(session(tmp_path, "ssh=host//python=/nowhere", "socket=host:1"))


def test_how_many_workers_there_will_be(tmp_path: Path) -> None:
    assert gateways(session(tmp_path, "popen", "3*popen//python=x", "ssh=2*host")) == 5
    assert gateways(session(tmp_path)) == 0
    assert gateways(SimpleNamespace(option=object())) == 0
