"""What a build of LLVM is done with: programs, environment and cores, as whoever asks for the LLVM has found them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_llvmgate.config.settings import AUTO, NO_LAUNCHER, Launcher
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.process.run import OnOutput

_CACHES: Final = ("ccache", "sccache")
_SERVED: Final = "sccache"
_OF_A_JOBSERVER: Final = frozenset({"MAKEFLAGS", "MFLAGS", "CARGO_MAKEFLAGS"})
_START_SECONDS: Final = 30.0


@dataclass(frozen=True, kw_only=True)
class Toolchain:
    """The programs of a source build."""

    cmake: str
    ninja: str
    cxx: str
    """Path of the C++ compiler."""
    compiler: str
    """What identifies it: the first line of its ``--version``."""
    env: Mapping[str, str]
    jobs: int | None = None
    """Commands at once; None leaves it to ninja."""
    core: Callable[[], AbstractContextManager[None]] = nullcontext
    """Held while a command runs: the implicit slot of a session's jobserver."""
    on_output: OnOutput | None = None
    """Sees what ninja prints."""


def find_launcher(asked: Launcher, env: Mapping[str, str], key: str = "llvm.source.launcher") -> Launcher:
    """The launcher's words with the program's path in front; empty for none. ``key`` is where the configuration asks.

    Raises :class:`ToolError` when one is demanded and absent.
    """
    if asked == NO_LAUNCHER:
        return ()
    if asked == AUTO:
        found = (shutil.which(name, path=env.get("PATH")) for name in _CACHES)
        return tuple(path for path in found if path)[:1]
    if path := shutil.which(asked[0], path=env.get("PATH")):
        return (path, *asked[1:])
    raise ToolError(
        f"expected {asked[0]} on PATH ({key}), found none",
        hint=f'install {asked[0]}, or set launcher = "auto"; a command of several words is a list',
    )


def start_server(launcher: Launcher, env: Mapping[str, str]) -> None:
    """Have sccache's server run before a build would start it.

    A server takes its number of jobs from the jobserver in its environment, and outlives the session of that pool.
    """
    program = next((word for word in launcher if Path(word).name == _SERVED), None)
    if program is None:
        return
    own = {name: value for name, value in env.items() if name not in _OF_A_JOBSERVER}
    with suppress(OSError, subprocess.TimeoutExpired):  # the build will say what is wrong with it
        subprocess.run(
            [program, "--start-server"],
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=_START_SECONDS,
            check=False,  # 2 where it runs already
        )
