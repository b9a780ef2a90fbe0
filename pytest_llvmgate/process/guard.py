"""Runs one command and makes sure that it does not outlive the gate, even when the gate is killed with SIGKILL.

Started as ``python -I -S guard.py LIFELINE_FD COMMAND...`` in a session of its own. The gate holds the other end of the
lifeline pipe; when that end closes without the command having ended, the gate is gone, and the whole process tree is
told to go too. Imports as little as possible: this is paid for every command.
"""

import os
import select
import signal
import sys
import time

GRACE_SECONDS = 3.0
"""Time between SIGTERM and SIGKILL."""
KILL_SECONDS = 8.0
"""How long processes that keep coming into being are chased, after that."""
_OURS_TO_IGNORE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_PYTHONS_TO_IGNORE = (signal.SIGPIPE, signal.SIGXFSZ)
"""What the interpreter ignores from its start; an ignored signal stays so over exec (execve(2))."""
_SERVERS = (b"sccache",)
_PR_SET_CHILD_SUBREAPER = 36
"""From Linux's prctl(2): orphans of this tree become our children, so that a daemonised helper can be found."""


def main(arguments: "list[str]") -> int:
    """Run the command, forward its exit status, end its tree when the lifeline breaks."""
    lifeline = int(arguments[0])
    command = arguments[1:]
    for number in _OURS_TO_IGNORE:
        signal.signal(number, signal.SIG_IGN)  # the gate signals the whole group; this process ends last
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler must exist for the wake-up descriptor to be written
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    _become_subreaper()
    _stay_nice()
    child = _spawn(command, lifeline)
    status = _wait(child, lifeline, wake_read)
    if status is None:
        _end_tree(child)
        return 128 + signal.SIGKILL
    _kill_descendants(all_of_them=False)  # in its own process group or in a session of their own
    if os.WIFSIGNALED(status):
        return _die_like(os.WTERMSIG(status))
    return os.WEXITSTATUS(status)


def _spawn(command: "list[str]", lifeline: int) -> int:
    child = os.fork()
    if child:
        return child
    os.close(lifeline)
    for number in (*_OURS_TO_IGNORE, *_PYTHONS_TO_IGNORE, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"llvmgate: cannot run {command[0]}: {error.strerror}\n".encode())
    os._exit(127)


def _wait(child: int, lifeline: int, wake: int) -> "int | None":
    """The child's wait status, or None when the gate is gone."""
    poll = select.poll()  # not select.select: its descriptors end at 1023
    for descriptor in (lifeline, wake):
        poll.register(descriptor, select.POLLIN)
    while True:
        ready = [descriptor for descriptor, _ in poll.poll()]
        if wake in ready:
            os.read(wake, 4096)
        status = _reap(child)
        if status is not None:
            return status
        if lifeline in ready:
            return None


def _reap(child: int) -> "int | None":
    """Collect everything that has ended; the child's status if it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == child:
            found = status


def _end_tree(child: int) -> None:
    os.killpg(0, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    gone = False
    while not gone and time.monotonic() < deadline:
        time.sleep(0.02)
        gone = _reap(child) is not None
    _kill_descendants(all_of_them=True)
    os.killpg(0, signal.SIGKILL)  # includes this process


def _kill_descendants(*, all_of_them: bool) -> None:
    """Round after round, for what is forked while a round goes on is not in its list."""
    deadline = time.monotonic() + KILL_SECONDS
    while time.monotonic() < deadline:
        pids = [pid for pid in _descendants() if all_of_them or not _serves_others(pid)]
        if not pids:
            return
        for pid in pids:
            try:  # noqa: SIM105 - contextlib is not worth its import here
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.005)
        _reap(0)


def _serves_others(pid: int) -> bool:
    """Whether it is the user's own compiler cache, which other builds use, too, and which ends by itself."""
    try:
        with open(f"/proc/{pid}/comm", "rb") as stream:  # noqa: PTH123
            return stream.read().strip() in _SERVERS
    except OSError:
        return True  # it is gone


def _descendants() -> "list[int]":
    """All processes below this one, from /proc; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    try:
        entries = os.listdir("/proc")  # noqa: PTH208 - pathlib is not worth its import here
    except OSError:
        return []
    for name in entries:
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stream:  # noqa: PTH123
                    # The command name in field 2 may hold blanks and ")": the last ")" ends it (proc(5)).
                    parent = int(stream.read().rpartition(b")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            children.setdefault(parent, []).append(int(name))
    below: list[int] = []
    todo = [os.getpid()]
    while todo:
        found = children.get(todo.pop(), [])
        below += found
        todo += found
    return below


def _become_subreaper() -> None:
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return  # only helpers that leave the process group need it


def _stay_nice() -> None:
    """Have this session weigh as little as its processes: Linux weighs whole sessions against each other, so that by
    itself the niceness of a build counts within its own session alone (sched(7), "The autogroup feature").
    """
    if (niceness := os.nice(0)) > 0:
        try:
            with open("/proc/self/autogroup", "w", encoding="ascii") as stream:  # noqa: PTH123
                stream.write(str(niceness))
        except OSError:
            pass  # a system without the feature


def _die_like(number: int) -> int:
    """End by the same signal as the command, so that the gate sees what happened."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the command has left its core; it would be overwritten
    if number != signal.SIGKILL:  # whose action cannot be set, nor needs to be
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
