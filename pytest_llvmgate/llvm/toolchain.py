"""What a build of LLVM is done with: programs, environment and cores, as whoever asks for the LLVM has found them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

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
