"""One question to a program: it runs to its end, reads nothing but what it is given, and answers in text."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_llvmgate.process.environment import command_environment


def ask(
    command: Sequence[str | Path],
    *,
    seconds: float | None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
    errors: str = "replace",
) -> subprocess.CompletedProcess[str]:
    """Its exit code and what it printed. ``env``: that of commands, where none is given; ``errors``: as for decoding.

    Raises ``OSError`` where it cannot be run, ``subprocess.TimeoutExpired`` where it does not answer in time.
    """
    return subprocess.run(
        list(command),
        cwd=cwd,
        env=command_environment() if env is None else env,
        input=stdin,
        capture_output=True,
        text=True,
        errors=errors,
        timeout=seconds,
        check=False,
    )
