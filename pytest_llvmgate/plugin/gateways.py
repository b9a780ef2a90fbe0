"""xdist's own gateways (``--tx``): what can be known to be wrong with them is said before a worker is started.

xdist replaces a worker that does not come up by another one, without end when ``--tx`` names the workers; an
interpreter without pytest costs hundreds of starts and ends in an internal error.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_llvmgate import __version__
from pytest_llvmgate.gate.progress import activities
from pytest_llvmgate.process.asking import ask

_TIMEOUT: Final = 60.0
_QUESTION: Final = "import pytest, xdist, pytest_llvmgate; print(pytest_llvmgate.__version__)"


def gateways(config: Any) -> int:
    """How many workers ``--tx`` asks for; ``-n`` is written into it, too."""
    specs = getattr(config.option, "tx", None) or ()
    return sum(_count(spec)[0] for spec in specs)


def _count(spec: str) -> tuple[int, str]:
    """The number before the asterisk, and the rest."""
    number, asterisk, rest = spec.partition("*")
    return (int(number), rest) if asterisk and number.isdigit() else (1, spec)


def check_gateways(config: Any) -> None:
    """Look at the interpreters that ``--tx`` names on this machine, and end the replacing of workers that die.

    Raises ``pytest.UsageError`` for an interpreter that cannot be a worker of this session.
    """
    if getattr(config.option, "numprocesses", None) or not getattr(config.option, "tx", None):
        return  # no workers, or those of -n, which are this interpreter
    specs = tuple(config.option.tx)
    if config.option.maxworkerrestart is None:
        config.option.maxworkerrestart = str(gateways(config))
    for spec, python in _interpreters(specs):
        if (trouble := _trouble(python, Path(config.invocation_params.dir))) is not None:
            raise pytest.UsageError(
                f"--tx={spec}: expected a python with pytest-llvmgate {__version__}, found {trouble}\n"
                f"    -> {shlex.join(python)} -m pip install pytest-llvmgate=={__version__}"
            )


def _interpreters(specs: Iterable[str]) -> Iterable[tuple[str, tuple[str, ...]]]:
    """The commands of ``popen//python=COMMAND`` (execnet's documentation, "Specifying an XSpec"), each once."""
    found: dict[tuple[str, ...], str] = {}
    for spec in specs:
        kind, *settings = _count(spec)[1].split("//")
        for setting in settings:
            if kind == "popen" and setting.startswith("python="):
                found.setdefault(tuple(shlex.split(setting.removeprefix("python="))), spec)
    return [(spec, python) for python, spec in found.items()]


def _trouble(python: tuple[str, ...], directory: Path) -> str | None:
    """What is wrong with an interpreter, in words; None when it has what a worker needs."""
    try:
        done = ask([*python, "-c", _QUESTION], cwd=directory, env=os.environ, seconds=_TIMEOUT)
    except subprocess.TimeoutExpired:
        return f"one that does not answer within {_TIMEOUT:.0f} s"
    except OSError as error:
        return f"none: {error.strerror}"
    said = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    if done.returncode:
        return f"one without it: {(said or ['it said nothing'])[-1]}"
    version = (said or [""])[-1]
    return None if version == __version__ else f"one with {version or 'none'}"


def end_workers(progress: Path) -> None:
    """End the workers on this machine that are at a stage: xdist would give each ten seconds to finish.

    Their builds go with them, by the guards. Only children of this process are touched: the number of a process on
    another host means nothing here.
    """
    for activity in activities(progress):
        if activity.process != os.getpid() and _parent(activity.process) == os.getpid():
            with suppress(ProcessLookupError):
                os.kill(activity.process, signal.SIGTERM)


def _parent(process: int) -> int | None:
    """From proc(5): the command's name, in parentheses, may hold blanks."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    return None
