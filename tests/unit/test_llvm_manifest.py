"""An entry of the cache that is not as it was made is found, and made again."""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import pytest_llvmgate.llvm.prefix_cache as cache_module
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm import manifest
from pytest_llvmgate.llvm.manifest import MANIFEST, MARKER
from pytest_llvmgate.llvm.prefix_cache import Cache, CachedLlvm
from tests.support.toy import SHA, make_llvm

IDENTITY = {"supplier": "wheels", "sha": SHA, "flavour": "static"}
LIBRARY, HEADER, TOOL = "lib/libLLVMSupport.a", "include/llvm/ADT/StringRef.h", "bin/mlir-tblgen"
CONFIG, LINK = "lib/cmake/llvm/LLVMConfig.cmake", "lib/libLLVM.so"


def make(directory: Path) -> None:
    make_llvm(directory)
    for name, size in ((LIBRARY, 300_000), (HEADER, 5000), (TOOL, 20_000)):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(bytes(range(250)) * (size // 250))
    (directory / TOOL).chmod(0o755)
    (directory / LINK).symlink_to("libLLVMSupport.a")
    (directory / "include/alias").symlink_to("llvm", target_is_directory=True)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path / "cache"))
    return Cache(tmp_path / "cache")


def provide(cache: Cache) -> CachedLlvm:
    cache_module._SOUND.clear()  # as another process would
    return cache.provide(IDENTITY, make, on_wait=lambda _: None)


def flip(path: Path, *, position: int = 1000) -> None:
    with path.open("r+b") as stream:
        stream.seek(position)
        byte = stream.read(1)
        stream.seek(position)
        stream.write(bytes([byte[0] ^ 1]))


def flip_in_secret(path: Path) -> None:
    before = path.stat()
    flip(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def exchange(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)


def to_link(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def to_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


TAMPERING: dict[str, Callable[[Path], object]] = {
    "a bit of a library": lambda entry: flip(entry / LIBRARY),
    "a bit of a library, its times set back": lambda entry: flip_in_secret(entry / LIBRARY),
    "the last bit of a library": lambda entry: flip(entry / LIBRARY, position=299_999),
    "half of a library": lambda entry: os.truncate(entry / LIBRARY, 150_000),
    "an empty library": lambda entry: os.truncate(entry / LIBRARY, 0),
    "a longer library": lambda entry: os.truncate(entry / LIBRARY, 300_001),
    "no library": lambda entry: (entry / LIBRARY).unlink(),
    "a library that is a link to nothing": lambda entry: to_link(entry / LIBRARY, "/nonexistent"),
    "a library that is a link to its copy": lambda entry: (
        shutil.copy(entry / LIBRARY, entry / "copy"),
        to_link(entry / LIBRARY, "../copy"),
    ),
    "a library that is a directory": lambda entry: to_directory(entry / LIBRARY),
    "another library": lambda entry: shutil.copy(entry / TOOL, entry / LIBRARY),
    "a bit of a header": lambda entry: flip(entry / HEADER),
    "an empty header": lambda entry: os.truncate(entry / HEADER, 0),
    "no header": lambda entry: (entry / HEADER).unlink(),
    "no directory of headers": lambda entry: shutil.rmtree(entry / "include/llvm/ADT"),
    "a tool that cannot be run": lambda entry: (entry / TOOL).chmod(0o644),
    "another tool": lambda entry: exchange(entry / TOOL, b"#!/bin/true\n"),
    "a tool that is a link": lambda entry: to_link(entry / TOOL, "/bin/true"),
    "no tool": lambda entry: (entry / TOOL).unlink(),
    "more in LLVMConfig": lambda entry: (entry / CONFIG).write_text("execute_process(COMMAND true)\n"),
    "an empty LLVMConfig": lambda entry: os.truncate(entry / CONFIG, 0),
    "a link that leads elsewhere": lambda entry: to_link(entry / LINK, "/lib/libc.so.6"),
    "a link that is a file": lambda entry: exchange(entry / LINK, b"x"),
    "no link": lambda entry: (entry / LINK).unlink(),
    "no manifest": lambda entry: (entry / MANIFEST).unlink(),
    "a torn manifest": lambda entry: os.truncate(entry / MANIFEST, 100),
    "another manifest": lambda entry: (entry / MANIFEST).write_text('{"files": {}, "links": {}}'),
    "a deep manifest": lambda entry: (entry / MANIFEST).write_text("[" * 200_000),
    "a manifest that the description does not name": lambda entry: (entry / MARKER).write_text(
        (entry / MARKER).read_text().replace('"manifest": "', '"was": "')
    ),
    "a description of another entry": lambda entry: (entry / MARKER).write_text(
        (entry / MARKER).read_text().replace('"static"', '"shared"')
    ),
    "a description made at no time": lambda entry: (entry / MARKER).write_text(
        (entry / MARKER).read_text().replace('"made": 1', '"made": 1e300, "was": 1')
    ),
    "a description that lasted for ever": lambda entry: (entry / MARKER).write_text(
        (entry / MARKER).read_text().replace('"duration": ', '"duration": Infinity, "was": ')
    ),
    "no description": lambda entry: (entry / MARKER).unlink(),
    "a deep description": lambda entry: (entry / MARKER).write_text("[" * 200_000),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_what_is_not_as_it_was_made_is_found_and_made_again(
    cache: Cache, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = provide(cache).path
    TAMPERING[what](entry)
    assert main(["cache", "verify"]) == 1, capsys.readouterr().out
    assert main(["cache", "list"]) == 0
    made = provide(cache)
    assert not made.hit
    assert main(["cache", "verify"]) == 0
    assert provide(cache).hit


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: os.utime(entry / HEADER, (1, 1)),
        lambda entry: os.utime(entry / HEADER, (5e9, 5e9)),
        lambda entry: exchange(entry / HEADER, (entry / HEADER).read_bytes()),
        lambda entry: (entry / "llvmgate-looks.json").unlink(),
        lambda entry: (entry / "llvmgate-looks.json").write_text("{"),
        lambda entry: (
            (entry / "python/__pycache__").mkdir(parents=True),
            (entry / "python/__pycache__/mlir.cpython-311.pyc").touch(),
        ),
    ],
)
def test_what_only_looks_otherwise_is_as_it_was_made(cache: Cache, change: Callable[[Path], object]) -> None:
    entry = provide(cache).path
    change(entry)
    assert provide(cache).hit
    assert main(["cache", "verify"]) == 0


ADDED: dict[str, Callable[[Path], object]] = {
    "a header": lambda entry: (entry / "include/llvm/ADT/assert.h").write_text("#error\n"),
    "a header in a directory of its own": lambda entry: (
        (entry / "include/sys").mkdir(),
        (entry / "include/sys/types.h").write_text("#error\n"),
    ),
    "a file at the top": lambda entry: (entry / "note").write_text("x"),
    "a link to a directory": lambda entry: (entry / "include/mlir").symlink_to("/usr/include"),
    "a link to nothing": lambda entry: (entry / "lib/libz.so").symlink_to("/nonexistent"),
    "a named pipe": lambda entry: os.mkfifo(entry / "bin/clang"),
    "a name that is no text": lambda entry: Path(os.fsdecode(os.fsencode(entry) + b"/lib/\xff.a")).touch(),
}


@pytest.mark.parametrize("what", ADDED)
def test_what_was_added_is_found_and_taken_out(cache: Cache, what: str, capsys: pytest.CaptureFixture[str]) -> None:
    entry = provide(cache).path
    before = sorted(path for path in entry.rglob("*") if not path.is_dir())
    ADDED[what](entry)
    assert main(["cache", "verify"]) == 1
    assert " was added" in capsys.readouterr().out
    assert provide(cache).hit
    assert sorted(path for path in entry.rglob("*") if not path.is_dir()) == before
    assert main(["cache", "verify"]) == 0


def test_a_file_of_an_archive_that_is_called_like_the_description_is_no_damage(cache: Cache) -> None:
    def made(directory: Path) -> None:
        make(directory)
        (directory / MARKER).write_text("x")

    cache.provide(IDENTITY, made, on_wait=lambda _: None)
    assert provide(cache).hit


def test_what_was_added_and_cannot_be_taken_out_has_the_entry_made_again(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise PermissionError(13, "Permission denied")

    entry = provide(cache).path
    ADDED["a header"](entry)
    cache_module._SOUND.clear()
    with monkeypatch.context() as context:
        context.setattr(manifest.Path, "unlink", lambda *_, **__: refuse())
        assert cache.find(IDENTITY) is None


def test_an_entry_that_was_copied_here_is_read_once(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = provide(cache).path
    moved = shutil.copytree(entry, tmp_path / "copy", symlinks=True)
    shutil.rmtree(entry)
    moved.rename(entry)
    assert provide(cache).hit
    monkeypatch.setattr(manifest, "_digest", lambda *_: pytest.fail("read again"))
    assert provide(cache).hit


def test_what_a_thousand_files_take_to_look_at(cache: Cache) -> None:
    def big(directory: Path) -> None:
        make(directory)
        for number in range(3000):
            (directory / f"include/{number}.h").write_text(str(number))

    cache.provide(IDENTITY, big, on_wait=lambda _: None)
    cache_module._SOUND.clear()
    started = time.process_time()
    assert cache.find(IDENTITY) is not None
    assert time.process_time() - started < 0.5


# -- more than one user -------------------------------------------------------------------------------------------

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")


def as_user(user: int, group: int, root: Path, key: str) -> str:
    """Have another user make an entry; what went wrong, or nothing."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # it must come back to no test
        said = "it died"
        try:
            os.setgroups([])
            os.setgid(group)
            os.setuid(user)
            os.umask(0o022)
            Cache(root).provide({"supplier": "x", "sha": key}, lambda _: None, on_wait=lambda _: None)
            said = ""
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        told = stream.read()
    os.waitpid(child, 0)
    return told


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A place that everybody gets to."""
    for directory in (tmp_path, *tmp_path.parents):
        if directory.stat().st_uid == os.geteuid() and directory != Path("/"):
            directory.chmod(directory.stat().st_mode | 0o755)
    return tmp_path


@as_root
def test_a_group_shares_a_cache(outside: Path) -> None:
    root = outside / "shared"
    root.mkdir()
    os.chown(root, -1, 54321)
    root.chmod(0o2775)
    for user in (54321, 54322):
        for key in ("a" * 40, str(user) * 8):
            assert as_user(user, 54321, root, key) == ""


@as_root
def test_another_users_lock_is_told(outside: Path) -> None:
    root = outside / "cache"
    root.mkdir(mode=0o777)
    root.chmod(0o777)
    cache = Cache(root)
    for name in ("locks", "entries", "partial", "trash"):
        (root / name).mkdir(mode=0o777)
        (root / name).chmod(0o777)
    assert cache.provide({"supplier": "x", "sha": "b" * 40}, lambda _: None, on_wait=print)
    for path in (root / "locks").iterdir():
        os.chown(path, 54321, 54321)
        path.chmod(0o644)
    shutil.rmtree(root / "entries")
    (root / "entries").mkdir()
    (root / "entries").chmod(0o777)
    assert "it is user 54321's" in as_user(54322, 54322, root, "b" * 40)
    assert stat.S_IMODE(root.stat().st_mode) == 0o777


def test_a_cache_that_cannot_be_written_is_an_error_for_users(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SupplyError, match="cannot be written"):
        Cache(tmp_path / "file").provide(IDENTITY, make, on_wait=lambda _: None)
