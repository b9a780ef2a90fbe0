"""What strangers put where the gate looks for a file: no hang, no memory, and a sentence."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from git_kit import A, Repo

import pytest_llvmgate
from pytest_llvmgate.config.load import load_config
from pytest_llvmgate.config.settings import Config, PinSpec
from pytest_llvmgate.errors import ConfigError, GateError
from pytest_llvmgate.git.objects import LARGEST_OBJECT
from pytest_llvmgate.git.repository import Repository
from pytest_llvmgate.linkcheck.link_line import parse_link_line
from pytest_llvmgate.objects.archive import map_file
from pytest_llvmgate.pins.bulk import TOO_LARGE, BulkReader
from pytest_llvmgate.pins.read import read_pins
from pytest_llvmgate.plain_file import read_plain, read_plain_text, source_lines
from pytest_llvmgate.surface.file_tree import DirectoryTree

GIB = 1 << 30


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit({"llvm.txt": f"{A}\n"})
    return made


def said(repo: Repo, commit: str | None = None) -> str:
    config = Config(path=repo.path / "llvmgate.toml", pins=(PinSpec(name="llvm", file="llvm.txt", reader="sha-file"),))
    (reading,) = read_pins(config, commit=commit)
    assert reading.problem is not None
    return str(reading.problem)


def make(path: Path, kind: str) -> None:
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "large":
        with path.open("wb") as stream:
            stream.truncate(GIB)
    elif kind == "directory":
        path.mkdir()


KINDS = {"pipe": "found a named pipe", "large": "expected at most", "directory": "Is a directory"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_pin_file_that_is_none_is_told(repo: Repo, kind: str) -> None:
    make(repo.path / "llvm.txt", kind)
    assert KINDS[kind] in said(repo)


@pytest.mark.parametrize("kind", KINDS)
def test_a_gitmodules_that_is_none_is_told(repo: Repo, kind: str) -> None:
    make(repo.path / ".gitmodules", kind)
    with pytest.raises(GateError, match=KINDS[kind]):
        Repository.open(repo.path).submodules()


@pytest.mark.parametrize("kind", KINDS)
def test_a_configuration_that_is_none_is_told(tmp_path: Path, kind: str) -> None:
    make(tmp_path / "llvmgate.toml", kind)
    with pytest.raises(ConfigError, match=KINDS[kind]):
        load_config(tmp_path / "llvmgate.toml")


def test_a_device_is_not_read() -> None:
    with pytest.raises(OSError, match="found a device"):
        read_plain(Path("/dev/zero"), 100)


def test_a_file_without_a_told_size_is_read_to_its_bound() -> None:
    assert read_plain(Path("/proc/self/stat"), 1 << 20)
    with pytest.raises(OSError, match="expected at most"):
        read_plain(Path("/proc/self/stat"), 10)


def commit_blob(repo: Repo, name: str, size: int) -> None:
    """A blob of zeros: some hundred kilobytes in the store."""
    with (repo.path / name).open("wb") as stream:
        stream.truncate(size)
    repo.git("-c", "core.bigFileThreshold=1m", "add", name)
    repo.git("commit", "-q", "-m", "Grow")


def test_a_blob_beyond_the_bound_is_told(repo: Repo) -> None:
    commit_blob(repo, "llvm.txt", LARGEST_OBJECT + 1)
    assert "found one of 16 MiB" in said(repo, "HEAD")


def test_a_blob_beyond_the_bound_is_told_in_bulk_too(repo: Repo) -> None:
    commit_blob(repo, "llvm.txt", LARGEST_OBJECT + 1)
    head = repo.git("rev-parse", "HEAD")
    found = BulkReader(repository=Repository.open(repo.path)).read(PinSpec(name="x", file="llvm.txt"), [head])
    assert found[head].missing == TOO_LARGE


def test_what_follows_a_blob_beyond_the_bound_is_read(repo: Repo) -> None:
    commit_blob(repo, "large", LARGEST_OBJECT + 1)
    large, small = Repository.open(repo.path).objects(["HEAD:large", "HEAD:llvm.txt"])
    assert large is None
    assert small is not None
    assert small.data == f"{A}\n".encode()


def test_a_blob_of_a_gigabyte_takes_no_memory(repo: Repo) -> None:
    commit_blob(repo, "llvm.txt", GIB)
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from pytest_llvmgate.errors import GateError\n"
        "from pytest_llvmgate.git.repository import Repository\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"  # of whoever forked it, too (getrusage(2))
        "try: Repository.open(Path(sys.argv[1])).read('llvm.txt', commit='HEAD')\n"
        "except GateError as error: print(error)\n"
        "most = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]\n"
        "print(max(most) - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, repo.path], check=True, capture_output=True, text=True)
    told, kilobytes = done.stdout.splitlines()
    assert "found one of 1024 MiB" in told
    assert int(kilobytes) * 1024 < GIB // 4


OWN: dict[str, str] = {
    "demo/demo_repository.py": "the demo's template",
    "gate/core_pool.py": "/proc, and the pool's own file",
    "git/linked_tree.py": "a file that it has made",
    "git/private_view.py": "its own configuration",
    "plugin/gateways.py": "/proc",
    "plugin/stopping.py": "the session's word",
    "process/memory.py": "/proc and /sys",
    "process/run.py": "/proc",
    "surface/declaration_cache.py": "a module of this package",
}
"""Modules that read whole files by other means, and which; all others read what strangers may have put there."""


def test_whole_files_are_read_here_alone() -> None:
    package = Path(pytest_llvmgate.__file__).parent
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "template" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"read_text", "read_bytes"}
    }
    assert found == OWN.keys()


@pytest.mark.parametrize("name", ["src.cpp", "CMakeLists.txt", "include/x.h", "x.td"])
def test_a_pipe_in_the_sources_holds_nothing_up(tmp_path: Path, name: str) -> None:
    (tmp_path / "include").mkdir()
    os.mkfifo(tmp_path / name)
    assert list(DirectoryTree(root=tmp_path).read([name])) == []


def test_a_source_is_read_again_after_an_edit(tmp_path: Path) -> None:
    path = tmp_path / "a.cpp"
    path.write_text("int before;\n")
    assert source_lines(path)[0] == "int before;"
    path.write_text("int afterwards;\n")
    assert source_lines(path)[0] == "int afterwards;"
    path.unlink()
    assert source_lines(path) == ()


def test_lines_end_as_python_ends_them(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"a\r\nb\rc\n")
    assert read_plain_text(tmp_path / "x") == (tmp_path / "x").read_text(encoding="utf-8") == "a\nb\nc\n"


def test_a_link_is_told_where_none_may_be(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    (tmp_path / "link").symlink_to("x")
    assert read_plain(tmp_path / "link", 10) == b"x"
    with pytest.raises(OSError, match="found a link"):
        read_plain(tmp_path / "link", 10, follow_links=False)


def test_a_pipe_among_the_libraries_of_a_build_holds_nothing_up(tmp_path: Path) -> None:
    pipe = tmp_path / "libx.so"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="found a named pipe"):
        map_file(pipe)
    [found] = parse_link_line(["libx.so"], cwd=tmp_path).inputs
    assert (found.path, found.found) == (pipe, False)
