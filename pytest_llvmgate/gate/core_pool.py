"""One pool of cores for all builds of a session: a GNU jobserver that every ninja of every worker takes tokens from.

Protocol: GNU make's manual, "POSIX Jobserver Interaction" (a named pipe with one byte per token; a client owns one
implicit slot besides). ninja takes part since 1.13, when ``MAKEFLAGS`` names the pipe and no ``-j`` is given.
"""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.version import Version

from pytest_llvmgate.codec import write_atomically
from pytest_llvmgate.config.settings import Config
from pytest_llvmgate.gate.past_runs import past_peaks
from pytest_llvmgate.plain_file import text_of
from pytest_llvmgate.process.memory import GIB, available_memory, fitting, own_cores, total_memory
from pytest_llvmgate.stages.build_tools import release

_TOKEN: Final = b"+"
_PATIENCE: Final = 2.0
"""Seconds between two looks at whether anybody is left who could give a token back."""
_FIRST_NINJA: Final = Version("1.13")
_EACH: Final = GIB
"""What a compiler takes for most files of an MLIR downstream, or a linker for one of its programs: 0.4 to 0.9 GiB."""


def ninja_takes_part(version: str) -> bool:
    """Whether a ninja of this ``--version`` speaks the jobserver protocol."""
    return release(version) >= _FIRST_NINJA


def usable_cores(root: Path) -> int:
    """The cores that this process may use and has the memory for, by what the checkout's compilers took before."""
    return fitting(own_cores(), _EACH, available_memory(), past_peaks(root))


def linkers_at_once() -> int:
    """As many as there are cores here, and memory for: by what the machine has, not by what is free this moment.

    Else a build directory would be another one in each round.
    """
    return fitting(own_cores(), _EACH, total_memory())


def compilers_at_once(config: Config) -> int:
    """As many as a farm has places for, where the configuration tells of one; else the cores of this machine."""
    return config.build.jobs or usable_cores(config.root)


@dataclass(frozen=True)
class CorePool:
    """The pool as its users see it: a named pipe with a token per core."""

    path: Path
    cores: int

    @property
    def makeflags(self) -> str:
        """What ``MAKEFLAGS`` must be for a build to take part."""
        return f" -j{self.cores} --jobserver-auth=fifo:{self.path}"

    @contextmanager
    def core(self, *, on_wait: Callable[[str], None], anybody_else: Callable[[], bool]) -> Iterator[None]:
        """Hold one core. It is the implicit slot of the command that is run meanwhile.

        A worker that was killed takes its tokens with it. So while waiting, ``anybody_else`` is asked now and then
        whether some other process still works; if none does, no token will come back and none is waited for.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        try:
            token = self._take(descriptor, on_wait, anybody_else)
            try:
                yield
            finally:
                os.write(descriptor, token or _TOKEN)  # a lost token is made up for by whoever did without
        finally:
            os.close(descriptor)

    @staticmethod
    def _take(descriptor: int, on_wait: Callable[[str], None], anybody_else: Callable[[], bool]) -> bytes:
        while True:
            with suppress(BlockingIOError):
                return os.read(descriptor, 1)
            on_wait("waiting for a core")
            ready, _, _ = select.select([descriptor], [], [], _PATIENCE)
            if not ready and not anybody_else():
                return b""


@contextmanager
def open_pool(path: Path, cores: int) -> Iterator[CorePool]:
    """Make the pool and keep it while the session lasts."""
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    write_atomically(_machine_file(path), _machine())
    keeper = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # without an open end, the tokens would be lost
    try:
        os.write(keeper, _TOKEN * cores)
        yield CorePool(path, cores)
    finally:
        os.close(keeper)
        path.unlink(missing_ok=True)
        _machine_file(path).unlink(missing_ok=True)


def pool_at(path: Path, cores: int) -> CorePool | None:
    """The session's pool; None where there is none, or where it is another machine's.

    A worker of ``--tx`` may run on another host over a shared file system: a named pipe is there as well, and nobody at
    its other end.
    """
    is_ours = text_of(_machine_file(path)) == _machine()
    return CorePool(path, cores) if is_ours and path.is_fifo() else None


def _machine_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.machine")


def _machine() -> str:
    """What tells one running kernel from another (random(4)), or else the host's name."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return socket.gethostname()
