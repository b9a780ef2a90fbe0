"""Systems other than Linux: what works there, and that everything else says so at the start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_llvmgate import platform_facts
from pytest_llvmgate.cli.main import COMMANDS, main
from pytest_llvmgate.codec import dumps
from tests.support.gated import Gated
from tests.support.verdicts import passed, verdict

TEXT_ALONE = ("explain", "report", "schema")
WINDOWS = """
import os, signal, sys
for module in ("fcntl", "pwd", "grp", "resource", "termios"):
    sys.modules[module] = None
for owner, names in (
    (os, "fork mkfifo killpg geteuid getuid setsid getpgid chown sched_getaffinity"),
    (os, "O_NONBLOCK O_NOCTTY O_CLOEXEC O_NOFOLLOW O_DIRECTORY"),
    (signal, "SIGHUP SIGKILL SIGCHLD SIGQUIT SIGPIPE"),
):
    for name in names.split():
        delattr(owner, name)
from pytest_llvmgate import platform_facts
platform_facts.SYSTEM = "win32"
from pytest_llvmgate.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
MSVC = """\
  b.cpp\r
C:\\src\\lib\\b.cpp(7): fatal error C1083: Cannot open include file: 'mlir/Gone.h': No such file or directory\r
D:\\src\\lib\\a.cpp(12,3): error C2039: 'gone': is not a member of 'mlir::Operation'\r
x.obj : error LNK2019: unresolved external symbol "void __cdecl mlir::f(void)" referenced in function main\r
"""


def on_windows(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A process in which nothing is there that Windows' Python has not."""
    return subprocess.run([sys.executable, "-c", WINDOWS, *arguments], capture_output=True, text=True, check=False)


def test_a_log_of_msvc_is_explained_there(tmp_path: Path) -> None:
    (tmp_path / "build.log").write_text(MSVC, newline="")
    done = on_windows("explain", str(tmp_path / "build.log"))
    assert done.returncode == 0, done.stderr
    assert "Header 'mlir/Gone.h' is not found (C:/src/lib/b.cpp:7)" in done.stdout
    assert "'gone' is gone from 'mlir::Operation' (D:/src/lib/a.cpp:12:3)" in done.stdout
    assert "mlir::f" in done.stdout


def test_reports_are_joined_there(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(dumps(verdict(passed("static-mhlo_on::build"))))
    done = on_windows("report", str(tmp_path / "a.json"))
    assert done.returncode == 0, done.stderr
    assert " passes: " in done.stdout


def test_the_schema_is_printed_there() -> None:
    assert on_windows("schema").returncode == 0


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - set(TEXT_ALONE)))
def test_every_other_command_says_at_the_start_that_it_does_not_work(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platform_facts, "SYSTEM", "win32")
    assert main([command]) == 4
    assert f"llvmgate {command}: this does not work on Windows: it needs " in capsys.readouterr().err


def test_so_says_the_gate(gated: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_facts, "SYSTEM", "win32")
    result = gated.run("--llvm-sha=pinned")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["ERROR: the gate does not work on Windows: *", "    -> use Linux (*"])


def test_pytest_itself_goes_on_there(gated: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_facts, "SYSTEM", "win32")
    (gated.root / "test_mine.py").write_text("def test_mine(): pass\n")
    gated.run("test_mine.py").assert_outcomes(passed=1)


MACOS = """
import os, select, signal
for owner, names in (
    (os, "sched_getaffinity sched_setaffinity pidfd_open memfd_create eventfd copy_file_range splice getrandom"),
    (os, "posix_fadvise posix_fallocate fdatasync pipe2 getxattr listxattr unshare O_PATH O_TMPFILE O_DIRECT"),
    (signal, "SIGRTMIN SIGPWR SIGSTKFLT sigtimedwait sigwaitinfo"),
    (select, "epoll"),
):
    for name in names.split():
        if hasattr(owner, name):
            delattr(owner, name)
"""


@pytest.mark.parametrize("without", ["", MACOS], ids=["linux", "macos"])
def test_nothing_needs_proc(gated: Gated, tmp_path: Path, without: str) -> None:
    """And nothing of what Python has on Linux and not on macOS, in any of the processes."""
    command = ["unshare", "--mount", "sh", "-c"]
    if subprocess.run([*command, "umount -l /proc"], capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to take /proc away from a process")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(without)
    arguments = "-m pytest --llvm-sha=pinned -n2 -k 'pins or static-mhlo_off' -p no:cacheprovider"
    script = f"umount -l /proc && test ! -e /proc/self && exec {sys.executable} {arguments}"
    env = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run([*command, script], cwd=gated.root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passes: 5 of 5" in done.stdout


def test_what_reads_elf_says_so_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platform_facts, "SYSTEM", "darwin")
    assert main(["linkcheck", "-B", "build"]) == 4
    assert "this reads ELF files, and macOS has none" in capsys.readouterr().err


def test_a_gate_without_elf_has_no_linkcheck_and_runs_all_the_rest(
    gated: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated.configure((gated.root / "llvmgate.toml").read_text().replace("[linkcheck]\nenabled = false", "[linkcheck]"))
    assert "linkcheck" in gated.run("--llvm-sha=pinned", "--collect-only", "-q").stdout.str()
    monkeypatch.setattr(platform_facts, "SYSTEM", "darwin")
    assert "linkcheck" not in gated.run("--llvm-sha=pinned", "--collect-only", "-q").stdout.str()
    gated.run("--llvm-sha=pinned", "-k", "pins or static-mhlo_off").assert_outcomes(passed=5, deselected=13)
