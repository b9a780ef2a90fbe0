"""Running one command to its end, its time-out or the gate's end, with everything it prints in a log."""

from __future__ import annotations

import os
import secrets
import selectors
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from pytest_llvmgate.process import guard

_CHUNK: Final = 1 << 16
_CHUNKS_AT_ONCE: Final = 64
"""More than a pipe holds, and little enough to look at the clock in between, whatever comes in."""
_POLL_SECONDS: Final = 0.25
_MARK: Final = "LLVMGATE_COMMAND"
"""Variable of the environment by which the processes of one command are told from all others."""
_SWEEP_SECONDS: Final = 0.02
_GUARD: Final = (sys.executable, "-I", "-S", guard.__file__)

OnOutput = Callable[[bytes], None]
"""Called with each piece of output as it arrives; pieces are not lines."""


@dataclass(frozen=True, kw_only=True)
class Completed:
    """How a command ended."""

    command: tuple[str, ...]
    returncode: int
    """The exit code, or the negative number of the signal that ended it."""
    duration: float
    """Seconds of wall time."""
    timeout: float
    """Seconds that it was allowed."""
    timed_out: bool = False

    @property
    def ok(self) -> bool:
        """Exit code 0, in time."""
        return self.returncode == 0 and not self.timed_out

    @property
    def ending(self) -> str:
        """In words: ``exit code 2``, ``signal SIGSEGV``, ``stopped after 60 s``."""
        if self.timed_out:
            return f"stopped after its time-out of {self.timeout:g} s"
        if self.returncode < 0:
            return f"ended by {self._signal}"
        return f"exit code {self.returncode}"

    @property
    def _signal(self) -> str:
        number = -self.returncode
        return signal.Signals(number).name if number in list(signal.Signals) else f"signal {number}"


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    timeout: float,
    on_output: OnOutput | None = None,
    is_named: bool = False,
) -> Completed:
    """Run ``command`` (an argument list, never a shell), appending its output to ``log``.

    ``is_named``: below a line that says what is run.
    Standard output and error share one pipe, so the log has them in the order of writing. ``timeout`` is in seconds.
    Whatever ends this function (a time-out, an interrupt, an error) ends the whole process tree, too.
    Raises ``OSError`` when the log cannot be written.
    """
    started = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    with _appended(log) as sink, guarded(command, cwd, env, subprocess.PIPE) as process:
        if is_named:
            sink.write(f"$ {describe_command(command)}\n".encode("utf-8", "surrogateescape"))
        timed_out = not _copy_output(process, sink, on_output, started + timeout)
    return Completed(
        command=tuple(command),
        returncode=process.returncode,
        duration=time.monotonic() - started,
        timeout=timeout,
        timed_out=timed_out,
    )


def _appended(log: Path) -> IO[bytes]:
    """The log, to be continued. Never through a link: a tree could bring one along. Raises ``OSError``."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(log, flags, 0o666), "ab")


@contextmanager
def guarded(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], output: int | IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start the command under its guard, all that it prints to ``output``; on the way out, end its tree if it runs."""
    lifeline_read, lifeline_write = os.pipe()
    mark = secrets.token_hex(8)
    try:
        process = subprocess.Popen(
            [*_GUARD, str(lifeline_read), *command],
            cwd=cwd,
            env={**env, _MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=(lifeline_read,),
            start_new_session=True,
        )
    except BaseException:
        os.close(lifeline_write)
        raise
    finally:
        os.close(lifeline_read)
    try:
        yield process
    finally:
        os.close(lifeline_write)  # tells the guard to end what still runs
        _wait_for_guard(process)
        if process.returncode != 0:
            _end_marked(mark)  # the guard itself may have been killed, and then has ended nothing
        if process.stdout is not None:
            process.stdout.close()


def _copy_output(
    process: subprocess.Popen[bytes], sink: IO[bytes], on_output: OnOutput | None, deadline: float
) -> bool:
    """Copy until the command ends. False when the deadline (monotonic seconds) came first."""
    descriptor = cast("IO[bytes]", process.stdout).fileno()
    os.set_blocking(descriptor, False)
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        at_end = False
        while not at_end:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            ended = process.poll() is not None
            if ended or selector.select(min(remaining, _POLL_SECONDS)):
                at_end = _drain(descriptor, sink, on_output) or ended
                # A helper that stays behind may hold the pipe open: the command's end is the end all the same.
    with suppress(subprocess.TimeoutExpired):
        process.wait(max(0.0, deadline - time.monotonic()))
    return process.returncode is not None


def _drain(descriptor: int, sink: IO[bytes], on_output: OnOutput | None) -> bool:
    """Copy what is there, or a fair part of it. True at the end of the stream."""
    at_end = False
    for _ in range(_CHUNKS_AT_ONCE):
        try:
            chunk = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            break
        at_end = not chunk
        if at_end:
            break
        sink.write(chunk)
        if on_output is not None:
            on_output(chunk)
    sink.flush()
    return at_end


def _wait_for_guard(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(guard.GRACE_SECONDS + guard.KILL_SECONDS + 1)
    except BaseException as error:  # the guard is stuck, or a second Ctrl-C came while waiting: no more grace
        with suppress(ProcessLookupError, PermissionError):  # all of it has ended already
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise


def _end_marked(mark: str) -> None:
    """End what still has the command's mark in its environment (proc(5)), round after round."""
    needle = os.fsencode(f"{_MARK}={mark}")
    deadline = time.monotonic() + guard.KILL_SECONDS
    while (pids := [pid for pid in _processes() if needle in _environment(pid)]) and time.monotonic() < deadline:
        for pid in pids:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_SWEEP_SECONDS)


def _processes() -> list[int]:
    with suppress(OSError):
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - names are all
    return []


def _environment(pid: int) -> list[bytes]:
    """What a process was started with; nothing of other users' processes, and of those that have ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []


def describe_command(command: Sequence[str]) -> str:
    """The command as one would type it in a POSIX shell; for logs and messages only."""
    return shlex.join(command)
