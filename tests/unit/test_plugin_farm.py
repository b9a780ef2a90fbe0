"""A farm compiles: more compilers than cores, links in their own pool, any launcher, the gate's sharing in front."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.gated import Gated
from tests.support.programs import needs
from tests.support.toy import NO_PREDICTIONS, PREFIX, commit

CONFIG = f"""{PREFIX}{NO_PREDICTIONS}
[build]
install = false
# more

[axes.size]
small = {{ cmake = {{ SIZE = "1" }} }}
large = {{ cmake = {{ SIZE = "2" }} }}
"""
LISTS = """\
cmake_minimum_required(VERSION 3.20)
project(farmed CXX)
find_package(LLVM REQUIRED CONFIG)
{pools}
add_executable(one one.cpp)
add_executable(two two.cpp)
target_compile_definitions(two PRIVATE SIZE=${{SIZE}})
"""


def project(gated: Gated, build: str, pools: str = "") -> None:
    (gated.root / "CMakeLists.txt").write_text(LISTS.format(pools=pools))
    (gated.root / "one.cpp").write_text("int main() { return 0; }\n")
    (gated.root / "two.cpp").write_text("int main() { return SIZE - SIZE; }\n")
    (gated.root / "llvmgate.toml").write_text(CONFIG.replace("# more", build))
    commit(gated.root, "A project that is compiled")


def gate(gated: Gated, *more: str) -> str:
    result = gated.run(f"--llvm-sha={gated.candidate}", *more)
    return result.stdout.str()


def run_directory(gated: Gated, configuration: str) -> Path:
    return gated.root / ".llvmgate" / gated.candidate[:12] / configuration


def ninja_files(gated: Gated) -> str:
    build = run_directory(gated, "small") / "build"
    return (build / "build.ninja").read_text() + (build / "CMakeFiles/rules.ninja").read_text()


def test_compilers_are_as_many_as_the_farm_takes_and_links_as_many_as_the_machine(gated: Gated) -> None:
    project(gated, 'jobs = 37\nlauncher = "none"')
    assert " passes: " in gate(gated)
    assert "-j 37" in gated.log("small", "build").read_text()
    (depth,) = re.findall(r"pool llvmgate_links\n  depth = (\d+)\n", ninja_files(gated))
    assert 1 <= int(depth) <= len(os.sched_getaffinity(0))
    assert "  pool = llvmgate_links\n" in ninja_files(gated)


def test_without_a_farm_nothing_is_said_of_pools(gated: Gated) -> None:
    project(gated, 'launcher = "none"')
    assert " passes: " in gate(gated, "-k", "small")
    assert "llvmgate_links" not in ninja_files(gated)


def test_a_projects_own_pools_are_told_before_ninja_stumbles_over_them(gated: Gated) -> None:
    own = "set_property(GLOBAL PROPERTY JOB_POOLS mine=1)"
    project(gated, "jobs = 9", own)
    said = " ".join(gate(gated, "-k", "small").split())
    assert "the project has job pools of its own" in said
    assert "CMAKE_JOB_POOL_LINK in [build] cmake" in said
    project(gated, 'jobs = 9\ncmake = { CMAKE_JOB_POOL_LINK = "mine" }', own)
    assert " passes: " in gate(gated, "-k", "small")


@pytest.mark.parametrize("jobs", ["0", "-1", "1001", "'8'", "true", "2.5"])
def test_a_number_of_jobs_that_is_none(gated: Gated, jobs: str) -> None:
    project(gated, f"jobs = {jobs}")
    result = gated.run(f"--llvm-sha={gated.candidate}")
    assert result.ret == 4
    assert "build.jobs: expected a whole number from 1 to 1000" in result.stderr.str()


def test_any_command_is_a_launcher_and_what_is_the_same_does_not_come_to_it(gated: Gated, tmp_path: Path) -> None:
    wrapper = tmp_path / "compile.sh"
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\nshift\nexec "$@"\n')
    wrapper.chmod(0o755)
    project(gated, f'launcher = ["{wrapper}", "--mine"]')
    assert " passes: " in gate(gated, "-k", "build")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert all(line.startswith("--mine ") for line in asked)
    compiled = sorted(re.findall(r"-c \S+/(one\.cpp|two\.cpp)", "\n".join(asked)))
    assert compiled == ["one.cpp", "two.cpp", "two.cpp"]


def test_a_launcher_that_is_not_there(gated: Gated) -> None:
    project(gated, 'launcher = ["nosuchfarm", "-x"]')
    assert "expected nosuchfarm on PATH (build.launcher), found none" in " ".join(gate(gated).split())


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


@needs("sccache")
def test_sccaches_server_knows_nothing_of_the_sessions_pool(
    gated: Gated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCCACHE_SERVER_PORT", str(free_port()))
    monkeypatch.setenv("SCCACHE_DIR", str(tmp_path / "sccache"))
    project(gated, 'launcher = "sccache"')
    result = gated.spawn(f"--llvm-sha={gated.candidate}", "-n2", "-k", "build")
    try:
        assert " passes: " in result.stdout.str()
        shown = subprocess.run(["sccache", "--show-stats"], capture_output=True, text=True, check=True).stdout
        assert re.search(r"Compile requests +[1-9]", shown)
        (environment,) = [
            (process / "environ").read_bytes()
            for process in Path("/proc").iterdir()
            if process.name.isdigit() and _is_server(process, os.environ["SCCACHE_SERVER_PORT"])
        ]
        assert b"\0MAKEFLAGS=" not in environment
    finally:
        subprocess.run(["sccache", "--stop-server"], capture_output=True, check=False)


def _is_server(process: Path, port: str) -> bool:
    try:
        name, environment = (process / "comm").read_text().strip(), (process / "environ").read_bytes()
    except OSError:
        return False
    return name == "sccache" and f"SCCACHE_SERVER_PORT={port}".encode() in environment


@pytest.fixture
def distccd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A distcc daemon on this machine; its log."""
    port, log = free_port(), tmp_path / "distccd.log"
    (tmp_path / "distcc").mkdir()
    command = [shutil.which("distccd") or "", "--no-detach", "--daemon", "--allow", "127.0.0.1", "--port", str(port)]
    command += ["--listen", "127.0.0.1", "--log-stderr", "--jobs", "2", "--enable-tcp-insecure"]
    monkeypatch.setenv("DISTCC_HOSTS", f"127.0.0.1:{port}/4")
    monkeypatch.setenv("DISTCC_FALLBACK", "0")
    monkeypatch.setenv("DISTCC_DIR", str(tmp_path / "distcc"))
    with log.open("wb") as sink, subprocess.Popen(command, start_new_session=True, stderr=sink) as daemon:
        yield log
        os.killpg(daemon.pid, signal.SIGTERM)


@needs("distcc", "distccd")
def test_a_real_distcc_compiles_what_configurations_do_not_share(gated: Gated, distccd: Path) -> None:
    project(gated, 'jobs = 4\nlauncher = "distcc"')
    assert " passes: " in gate(gated, "-k", "build")
    done = distccd.read_text()
    assert len(re.findall(r"COMPILE_OK .*one\.cpp", done)) == 1
    assert len(re.findall(r"COMPILE_OK .*two\.cpp", done)) == 2
