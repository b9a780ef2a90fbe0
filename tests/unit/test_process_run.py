"""Running one command: how it ended, what it printed, and that nothing of it is left."""

from __future__ import annotations

import errno
import os
import resource
import secrets
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_llvmgate.process import guard
from pytest_llvmgate.process.run import Completed, describe_command, run
from tests.support.processes import Marked, marked, wait_for, zombies

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")


@pytest.fixture
def mark() -> Iterator[Marked]:
    with marked() as found:
        yield found


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs/stage.log"


def shell(script: str, log: Path, *, timeout: float = 60, mark: Marked | None = None, **more: Any) -> Completed:
    """Run a script of the shell; that the command *is* a shell is the test's choice."""
    env = mark.env if mark else os.environ
    return run(["bash", "-c", script], cwd=log.parents[1], env=env, log=log, timeout=timeout, **more)


# How it ended


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_the_exit_code(log: Path, code: int) -> None:
    done = shell(f"exit {code}", log)
    assert (done.returncode, done.ok, done.ending) == (code, code == 0, f"exit code {code}")


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="no autogroups")
def test_a_command_of_a_nice_gate_is_nice_to_other_sessions(log: Path) -> None:
    script = "import os, sys; from pathlib import Path; from pytest_llvmgate.process.run import run; os.nice(3); "
    script += "run(['cat', '/proc/self/autogroup'], cwd=Path('/'), env=os.environ, log=Path(sys.argv[1]), timeout=60)"
    subprocess.run([sys.executable, "-c", script, log], check=True)
    assert log.read_text().split()[-2:] == ["nice", str(os.nice(0) + 3)]


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGTERM", "SIGINT", "SIGHUP", "SIGKILL", "SIGPIPE"])
def test_a_signal_by_name(log: Path, name: str) -> None:
    done = shell(f"kill -{name.removeprefix('SIG')} $$", log)
    assert (done.returncode, done.ok, done.ending) == (-signal.Signals[name], False, f"ended by {name}")


def test_a_signal_without_a_name(log: Path) -> None:
    assert shell("kill -40 $$", log).ending == "ended by signal 40"


def test_a_crash_leaves_at_most_the_commands_own_core(log: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        shell("ulimit -c 0; kill -SEGV $$", log)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    assert [path.name for path in log.parents[1].iterdir()] == ["logs"]


def test_a_command_that_does_not_exist(log: Path) -> None:
    done = run(["no-such-program", "x"], cwd=log.parents[1], env=os.environ, log=log, timeout=60)
    assert done.returncode == 127
    assert log.read_text() == "llvmgate: cannot run no-such-program: No such file or directory\n"


def test_a_file_that_is_no_program(log: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    done = run([str(tmp_path / "data")], cwd=tmp_path, env=os.environ, log=log, timeout=60)
    assert done.returncode == 127
    assert log.read_text().endswith("/data: Permission denied\n")


def test_a_directory_that_does_not_exist(log: Path, mark: Marked) -> None:
    with pytest.raises(FileNotFoundError):
        run(["true"], cwd=log.parent / "nowhere", env=mark.env, log=log, timeout=60)
    assert not mark.alive()


def test_what_is_reported(log: Path) -> None:
    done = shell("sleep 0.2", log, timeout=50)
    assert done.command == ("bash", "-c", "sleep 0.2")
    assert done.timeout == 50
    assert 0.2 <= done.duration < 50
    assert not done.timed_out


# What the command gets


def test_arguments_reach_the_command_as_they_are(log: Path) -> None:
    words = ["$(id)", "`id`", "; rm -rf /", "*", "a b", "--", "-x", "", "é", "\n"]
    run(["printf", "%s|", *words], cwd=log.parents[1], env=os.environ, log=log, timeout=60)
    assert log.read_text() == "".join(f"{word}|" for word in words)


def test_the_environment_is_the_one_given(log: Path) -> None:
    run(["/usr/bin/env"], cwd=log.parents[1], env={"A": "1", "LC_ALL": "C"}, log=log, timeout=60)
    first, second, mark = sorted(log.read_text().splitlines())
    assert (first, second) == ("A=1", "LC_ALL=C")
    assert mark.startswith("LLVMGATE_COMMAND=")


def test_the_directory_is_the_one_given(log: Path, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    run(["pwd", "-P"], cwd=tmp_path / "here", env=os.environ, log=log, timeout=60)
    assert log.read_text() == f"{(tmp_path / 'here').resolve()}\n"


def test_standard_input_is_empty(log: Path) -> None:
    assert shell("cat", log, timeout=30).ok


def test_no_signal_is_ignored_or_blocked(log: Path) -> None:
    shell("exec grep -E '^Sig(Ign|Blk)' /proc/self/status", log)
    assert {line.split()[1] for line in log.read_text().splitlines()} == {"0" * 16}


def test_no_descriptor_leaks_into_the_command(log: Path) -> None:
    shell("exec ls /proc/self/fd", log)
    assert log.read_text().split() == ["0", "1", "2", "3"]  # 3 is the directory that ls reads


def test_many_open_files_in_the_gate_do_no_harm(log: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        assert shell("echo fine", log).ok
    finally:
        for descriptor in held:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert log.read_text() == "fine\n"


# What it printed


def test_output_and_errors_in_the_order_of_writing(log: Path) -> None:
    shell("for i in 1 2 3 4 5 6 7 8 9; do echo out$i; echo err$i >&2; done", log)
    assert log.read_text() == "".join(f"out{i}\nerr{i}\n" for i in range(1, 10))


def test_a_log_is_appended_to(log: Path) -> None:
    shell("echo one", log)
    shell("printf two", log)
    assert log.read_text() == "one\ntwo"


def test_any_bytes_arrive_unchanged(log: Path, tmp_path: Path) -> None:
    data = bytes(range(256)) * 1000 + b"\r\n\0\xff no newline at the end"
    (tmp_path / "data").write_bytes(data)
    shell("cat data", log)
    assert log.read_bytes() == data


def test_a_listener_gets_exactly_what_the_log_gets_as_it_comes(log: Path) -> None:
    pieces: list[tuple[float, bytes]] = []
    shell("echo one; sleep 0.3; echo two", log, on_output=lambda piece: pieces.append((time.monotonic(), piece)))
    assert b"".join(piece for _, piece in pieces) == log.read_bytes() == b"one\ntwo\n"
    assert pieces[-1][0] - pieces[0][0] >= 0.2


def test_a_hundred_megabytes_are_quick_and_complete(log: Path) -> None:
    before = time.process_time()
    done = shell("exec head -c 100000000 /dev/zero", log)
    assert log.stat().st_size == 100_000_000
    assert time.process_time() - before < 2, "seconds of the gate's own"
    assert done.duration < 30
    log.unlink()


# Time-outs


def test_a_command_is_stopped_after_its_time(log: Path, mark: Marked) -> None:
    done = shell("echo before; sleep 100; echo after", log, timeout=0.5, mark=mark)
    assert (done.ok, done.timed_out, done.ending) == (False, True, "stopped after its time-out of 0.5 s")
    assert 0.5 <= done.duration < 20
    assert log.read_text() == "before\n"
    assert mark.gone()
    assert not zombies()


def test_a_command_that_never_stops_printing_is_stopped_too(log: Path, mark: Marked) -> None:
    def listen(_: bytes) -> None:
        time.sleep(0.02)  # the command is always ahead

    done = shell("exec yes 'a line that is repeated for ever and ever'", log, timeout=0.5, mark=mark, on_output=listen)
    assert done.timed_out
    assert done.duration < 15
    assert mark.gone()


def test_a_command_that_closes_its_output_is_stopped_too(log: Path, mark: Marked) -> None:
    assert shell("exec >&- 2>&-; sleep 100", log, timeout=0.5, mark=mark).timed_out
    assert mark.gone()


STUBBORN = """
trap '' TERM HUP INT
setsid bash -c 'trap "" TERM HUP INT; while :; do sleep 0.05; done' &
setsid sleep 100 &
bash -c 'trap "" TERM; while :; do sleep 0.05; done' &
echo ready
while :; do sleep 0.05; done
"""
"""A tree that ignores what it can, partly in sessions of its own."""


def test_a_stubborn_tree_is_killed_after_a_time_of_grace(log: Path, mark: Marked) -> None:
    done = shell(STUBBORN, log, timeout=1, mark=mark)
    assert done.timed_out
    assert done.duration >= 1 + guard.GRACE_SECONDS
    assert mark.gone()
    assert not zombies()


def test_what_forks_while_it_is_being_killed_does_not_escape(log: Path, mark: Marked) -> None:
    forker = 'trap "" TERM; while :; do setsid sleep 100 & done'
    shell(f"setsid bash -c {shlex.quote(forker)} & sleep 100", log, timeout=0.5, mark=mark)
    assert mark.gone(within=10)  # the killed are many, and end when a busy machine comes to them; who escaped sleeps on


def test_a_command_that_cleans_up_on_sigterm_may(log: Path, mark: Marked) -> None:
    shell("trap 'echo cleaned > cleaned; exit' TERM; sleep 100 & wait", log, timeout=0.5, mark=mark)
    assert (log.parents[1] / "cleaned").read_text() == "cleaned\n"


def test_a_guard_that_is_stuck_does_not_hold_up_the_gate(
    log: Path, mark: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(guard, "KILL_SECONDS", 0.2)
    done = shell("kill -STOP $PPID; sleep 100", log, timeout=0.5, mark=mark)
    assert done.timed_out
    assert mark.gone(within=5)
    assert not zombies()


# What stays behind a command that has ended


def test_a_helper_in_the_background_ends_with_the_command(log: Path, mark: Marked) -> None:
    done = shell("sleep 100 & echo done", log, mark=mark)
    assert done.ok
    assert done.duration < 30
    assert log.read_text() == "done\n"
    assert mark.gone(within=5)


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize(
    "start",
    [
        "setsid bash -c 'touch up; exec sleep 100' &",
        "(setsid bash -c 'touch up; exec sleep 100 >/dev/null 2>&1' &) &",
        "setsid bash -c 'setsid bash -c \"touch up; exec sleep 100\" & exit' &",
        "env -i setsid bash -c 'touch up; exec sleep 100' &",
    ],
)
def test_a_server_in_a_session_of_its_own_ends_with_the_command(log: Path, mark: Marked, start: str, code: int) -> None:
    nap = f"100.{secrets.randbelow(10**9):09}"
    start = start.replace("sleep 100", f"sleep {nap}")
    done = shell(f"{start} until [ -e up ]; do sleep 0.02; done; echo done; exit {code}", log, mark=mark)
    assert (done.returncode, log.read_text()) == (code, "done\n")
    assert done.duration < 30
    assert mark.gone(within=5)
    assert subprocess.run(["pgrep", "-f", nap], check=False).returncode == 1


def test_a_compiler_cache_that_serves_others_may_stay(log: Path, mark: Marked, tmp_path: Path) -> None:
    server = tmp_path / "sccache"
    shutil.copy(shutil.which("sleep") or "", server)
    done = shell(f"setsid {server} 100 & sleep 0.3; echo done", log, mark=mark)
    assert done.ok
    assert wait_for(lambda: len(mark.alive()) == 1, 5)


@pytest.mark.parametrize("start", ["setsid sleep 100", "setsid bash -c 'trap \"\" TERM; sleep 100'"])
def test_a_guard_that_is_killed_leaves_nothing(log: Path, mark: Marked, start: str) -> None:
    done = shell(f"{start} & sleep 0.3; kill -KILL $PPID; sleep 100", log, mark=mark)
    assert done.returncode == -signal.SIGKILL
    assert mark.gone(within=5)


def test_a_server_that_never_stops_printing_holds_nothing_up(log: Path, mark: Marked) -> None:
    serve = "setsid bash -c 'touch up; exec yes' & until [ -e up ]; do sleep 0.02; done"
    assert shell(serve, log, mark=mark).duration < 30
    log.unlink()


# The end of the gate


def test_an_interrupt_ends_the_tree(log: Path, mark: Marked) -> None:
    def interrupt(_: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shell("sleep 100 & setsid sleep 100 & echo ready; wait", log, mark=mark, on_output=interrupt)
    assert mark.gone()
    assert not zombies()


CALLER = """
import os, sys
from pathlib import Path
from pytest_llvmgate.process.run import run
run(["bash", "-c", sys.argv[2]], cwd=Path.cwd(), env=os.environ, log=Path(sys.argv[1]), timeout=100)
"""


@pytest.fixture
def caller(log: Path, mark: Marked) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that is running the stubborn tree."""
    log.parent.mkdir()
    command = [sys.executable, "-c", CALLER, str(log), STUBBORN]
    with subprocess.Popen(command, cwd=log.parents[1], env=mark.env, stderr=subprocess.DEVNULL) as process:
        assert wait_for(lambda: log.exists() and log.read_text() == "ready\n", 60)
        assert len(mark.alive()) > 4
        yield process
        process.kill()


def test_a_gate_that_is_killed_takes_the_tree_along(caller: subprocess.Popen[bytes], mark: Marked) -> None:
    caller.kill()
    caller.wait()
    assert mark.gone(within=guard.GRACE_SECONDS + 15)


def test_a_second_interrupt_waits_no_longer(caller: subprocess.Popen[bytes], mark: Marked) -> None:
    started = time.monotonic()
    caller.send_signal(signal.SIGINT)
    time.sleep(0.3)
    caller.send_signal(signal.SIGINT)
    caller.wait()
    assert time.monotonic() - started < guard.GRACE_SECONDS


# A full disk


def test_a_log_that_cannot_be_written_ends_the_tree_and_is_told(mark: Marked, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists() or not stat.S_ISCHR(full.stat().st_mode):
        pytest.skip("there is no /dev/full")
    with pytest.raises(OSError, match="No space left") as caught:
        run(["bash", "-c", "echo x; sleep 100"], cwd=tmp_path, env=mark.env, log=full, timeout=60)
    assert caught.value.errno == errno.ENOSPC
    assert mark.gone()
    assert not zombies()


def test_a_command_in_words() -> None:
    assert describe_command(["ninja", "-C", "a b", "-k", "0"]) == "ninja -C 'a b' -k 0"
