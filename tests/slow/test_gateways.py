"""xdist's own gateways, ``--tx``: another python on this machine, a socket server, and what does not work."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pytest_llvmgate import __version__
from tests.support.processes import marked, wait_for
from tests.support.toy import SHA, make_workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def other_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of another environment that has the same packages."""
    return environment(tmp_path_factory.mktemp("other"), sysconfig.get_path("purelib"), str(ROOT))


def environment(directory: Path, *paths: str) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", directory], check=True)
    (site,) = directory.glob("lib/python*/site-packages")
    (site / "others.pth").write_text("".join(f"import site; site.addsitedir({path!r})\n" for path in paths))
    return directory / "bin/python"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return make_workspace(tmp_path)


def gate(root: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """A session, and the results of its verdict by node."""
    with marked() as mark:
        env = {name: value for name, value in mark.env.items() if not name.startswith(("PYTEST_", "GITHUB_"))}
        command = [sys.executable, "-m", "pytest", f"--llvm-sha={SHA}", "-v", *arguments]
        done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=300, check=False)
        assert mark.gone(within=10)
    verdicts = list((root / ".llvmgate").glob("*/verdict.json"))
    results = json.loads(verdicts[0].read_text())["results"] if verdicts else []
    return done, {f"{each['group']}::{each['stage']}": each for each in results}


def test_another_python(toy: Path, other_python: Path) -> None:
    done, results = gate(toy, "-d", f"--tx=2*popen//python={other_python}")
    assert done.returncode == 0, done.stdout
    assert {each["outcome"] for each in results.values()} == {"passed"}
    workers = set(re.findall(r"^\[(gw\d)\]", done.stdout, re.MULTILINE))
    assert workers == {"gw0", "gw1"}


def test_one_of_each(toy: Path, other_python: Path) -> None:
    done, results = gate(toy, "-d", "--tx=popen", f"--tx=popen//python={other_python}")
    assert done.returncode == 0, done.stdout
    assert {each["outcome"] for each in results.values()} == {"passed"}


def test_a_python_without_the_plugin(toy: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "bare")
    done, _ = gate(toy, "-d", f"--tx=popen//python={python}")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"--tx=popen//python={python}: expected a python with pytest-llvmgate {__version__}, found" in done.stderr
    assert "one without it: ModuleNotFoundError: No module named 'pytest'" in done.stderr
    assert f"-> {python} -m pip install pytest-llvmgate=={__version__}" in done.stderr


def test_a_python_with_another_version(toy: Path, tmp_path: Path) -> None:
    (tmp_path / "old/pytest_llvmgate").mkdir(parents=True)
    (tmp_path / "old/pytest_llvmgate/__init__.py").write_text("__version__ = '0.0.1'\n")
    for name in ("pytest", "xdist"):
        (tmp_path / f"old/{name}.py").touch()
    python = environment(tmp_path / "other", str(tmp_path / "old"))
    done, _ = gate(toy, "-d", f"--tx=2*popen//python={python}")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "found one with 0.0.1" in done.stderr


def test_no_python_at_all(toy: Path) -> None:
    done, _ = gate(toy, "-d", "--tx=popen//python=/nowhere/python")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "found none: No such file or directory" in done.stderr


@contextmanager
def server(cwd: Path) -> Iterator[int]:
    """Execnet's socket server, as it is started on another host; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "execnet.script.socketserver", f"127.0.0.1:{port}"]
    with marked() as mark:
        process = subprocess.Popen(command, cwd=cwd, env=mark.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            assert wait_for(lambda: answers(port), 20)
            yield port
        finally:
            process.kill()
            process.wait()


def answers(port: int) -> bool:
    listening = f":{port:04X} 00000000:0000 0A"
    return listening in Path("/proc/net/tcp").read_text()


def test_a_socket_server(toy: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with server(tmp_path / "there") as port:
        done, results = gate(toy, "-d", f"--tx=socket=127.0.0.1:{port}//chdir={toy}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {each["outcome"] for each in results.values()} == {"passed"}
