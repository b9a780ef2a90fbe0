"""What a build of LLVM is done with: programs, environment and cores, as whoever asks for the LLVM has found them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from pytest_llvmgate.config.settings import Launcher
from pytest_llvmgate.errors import ToolError
from pytest_llvmgate.process.run import OnOutput


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


def find_launcher(asked: Launcher, env: Mapping[str, str], key: str = "llvm.source.launcher") -> str:
    """Path of the compiler launcher; empty for none. ``key`` is where the configuration asks for it.

    Raises :class:`ToolError` when one is demanded and absent.
    """
    if asked is Launcher.NONE:
        return ""
    names = (Launcher.CCACHE, Launcher.SCCACHE) if asked is Launcher.AUTO else (asked,)
    for name in names:
        if path := shutil.which(name.value, path=env.get("PATH")):
            return path
    if asked is Launcher.AUTO:
        return ""
    raise ToolError(
        f"expected {asked.value} on PATH ({key}), found none",
        hint=f'install {asked.value}, or set launcher = "auto"',
    )
