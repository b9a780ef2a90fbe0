"""The cache: each entry made once on a machine, and whole or not there."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pytest_llvmgate.llvm.prefix_cache as cache_module
from pytest_llvmgate.config.user_cache import cache_root
from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm.manifest import MANIFEST, MARKER
from pytest_llvmgate.llvm.prefix_cache import Cache, CachedLlvm, EntryInfo, entry_key, hold, hold_around
from tests.support.processes import wait_for

IDENTITY = {"supplier": "wheels", "sha": "ca7933e47d3a3451d81e72ac174dcb5aa28b59d1", "flavour": "static"}


def make(directory: Path) -> None:
    (directory / "content").write_text("whole")


def never(_: object) -> None:
    pytest.fail("not expected to be called")


def provide(root: Path) -> CachedLlvm:
    return Cache(root).provide(IDENTITY, make, on_wait=never)


def below(root: Path) -> list[str]:
    """The files that are there besides locks."""
    files = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    of_the_cache = (MANIFEST, "llvmgate-looks.json")
    return sorted(str(path) for path in files if path.parent.name != "locks" and path.name not in of_the_cache)


def test_an_entry_is_made_and_describes_itself(tmp_path: Path) -> None:
    before = time.time()
    entry = provide(tmp_path / "cache")
    assert not entry.hit
    assert entry.path == tmp_path / "cache/entries" / entry_key(IDENTITY)
    assert below(entry.path) == ["content", MARKER]
    assert entry.info == EntryInfo(
        key=entry_key(IDENTITY),
        identity=IDENTITY,
        made=entry.info.made,
        duration=entry.info.duration,
        manifest=hashlib.sha256((entry.path / MANIFEST).read_bytes()).hexdigest(),
    )
    assert before <= entry.info.made <= time.time()
    assert entry.info.duration >= 0


def test_the_second_time_it_is_there(tmp_path: Path) -> None:
    first = provide(tmp_path)
    second = Cache(tmp_path).provide(IDENTITY, never, on_wait=never)
    assert (second.hit, second.path, second.info) == (True, first.path, first.info)


def test_a_hit_writes_nothing(tmp_path: Path) -> None:
    """So that a cache that is read-only to this user will do."""
    provide(tmp_path)
    for path in (tmp_path / "locks").iterdir():
        path.unlink()
    (tmp_path / "locks").rmdir()
    assert provide(tmp_path).hit
    assert [path.name for path in tmp_path.iterdir() if path.name != "partial"] == ["entries"]


def test_others_may_read_the_marker(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        entry = provide(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((entry.path / MARKER).stat().st_mode) == 0o644


def test_while_it_is_made_it_is_not_there(tmp_path: Path) -> None:
    def look(directory: Path) -> None:
        assert list(directory.iterdir()) == []
        assert not (tmp_path / "entries").exists()

    Cache(tmp_path).provide(IDENTITY, look, on_wait=never)


@pytest.mark.parametrize("error", [SupplyError("no"), KeyboardInterrupt(), OSError("disk")])
def test_a_failure_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def fail(directory: Path) -> None:
        (directory / "half").write_text("x")
        raise error

    with pytest.raises(type(error)):
        Cache(tmp_path).provide(IDENTITY, fail, on_wait=never)
    assert below(tmp_path) == []
    assert not provide(tmp_path).hit


def test_a_failure_does_not_keep_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        Cache(tmp_path).provide(IDENTITY, lambda _: print(1 / 0), on_wait=never)
    assert not provide(tmp_path).hit


@pytest.mark.parametrize("marker", [None, "", "{", "[]", '{"made": 1}'])
def test_a_torn_entry_is_made_again(tmp_path: Path, marker: str | None) -> None:
    torn = tmp_path / "entries" / entry_key(IDENTITY)
    torn.mkdir(parents=True)
    (torn / "stale").write_text("x")
    if marker is not None:
        (torn / MARKER).write_text(marker)
    entry = provide(tmp_path)
    assert not entry.hit
    assert below(entry.path) == ["content", MARKER]


def test_the_remains_of_a_killed_maker_are_removed(tmp_path: Path) -> None:
    partial = tmp_path / "partial" / entry_key(IDENTITY)
    partial.mkdir(parents=True)
    (partial / "stale").write_text("x")
    assert below(provide(tmp_path).path) == ["content", MARKER]


# A cache that cannot be written


def test_a_cache_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SupplyError) as caught:
        provide(tmp_path / "file/cache")
    assert str(caught.value) == (
        f"the cache {tmp_path}/file/cache cannot be written: Not a directory\n"
        "    -> free it, or choose another directory with LLVMGATE_CACHE=DIR"
    )


@pytest.mark.parametrize("obstacle", ["locks", "partial", "entries"])
def test_a_part_of_the_cache_that_cannot_be_written(tmp_path: Path, obstacle: str) -> None:
    (tmp_path / obstacle).write_text("")
    with pytest.raises(SupplyError, match=f"the cache {tmp_path} cannot be written"):
        provide(tmp_path)
    assert below(tmp_path) == [obstacle]


def test_a_lock_that_cannot_be_taken_is_told(tmp_path: Path) -> None:
    (tmp_path / "locks" / f"{entry_key(IDENTITY)}.lock").mkdir(parents=True)
    with pytest.raises(SupplyError, match=f"the cache {tmp_path} cannot be written"):
        provide(tmp_path)


# Several processes

MAKER = """
import json, sys, time
from pathlib import Path
from pytest_llvmgate.llvm.prefix_cache import Cache
from pytest_llvmgate.config.user_cache import cache_root
root, started, go = map(Path, sys.argv[1:4])
def make(directory):
    with started.open("a") as stream:
        stream.write("x")
    (directory / "half").touch()
    while not go.exists():
        time.sleep(0.02)
    (directory / "content").write_text("whole")
entry = Cache(root).provide(json.loads(sys.argv[4]), make, on_wait=lambda text: print(text, flush=True))
print("hit" if entry.hit else "made", (entry.path / "content").read_text())
"""


@pytest.fixture
def makers(tmp_path: Path) -> list[subprocess.Popen[str]]:
    """One process that makes the entry, and two that came later; they end when a file ``go`` appears."""
    arguments = [*(str(tmp_path / name) for name in ("cache", "started", "go")), json.dumps(IDENTITY)]

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", MAKER, *arguments], stdout=subprocess.PIPE, text=True)

    first = start()
    assert wait_for((tmp_path / "started").exists, 60)
    return [first, start(), start()]


def test_one_process_makes_it_and_the_others_wait_and_are_told_for_whom(
    tmp_path: Path, makers: list[subprocess.Popen[str]]
) -> None:
    first, *others = makers
    told = [other.stdout.readline() for other in others if other.stdout]
    (tmp_path / "go").touch()
    assert [process.communicate(timeout=60)[0] for process in makers] == ["made whole\n", "hit whole\n", "hit whole\n"]
    assert (tmp_path / "started").read_text() == "x"
    owner = f"process {first.pid} on {socket.gethostname()}"
    assert told == [f"waiting for {owner}, which is making {entry_key(IDENTITY)}\n"] * 2


def test_when_the_maker_is_killed_another_makes_it(tmp_path: Path, makers: list[subprocess.Popen[str]]) -> None:
    first, *others = makers
    for other in others:
        assert other.stdout
        other.stdout.readline()
    (tmp_path / "go").touch()
    first.kill()
    first.communicate()
    assert sorted(other.communicate(timeout=60)[0] for other in others) in (
        ["hit whole\n", "made whole\n"],
        ["hit whole\n", "hit whole\n"],  # the first was quicker than the signal
    )
    assert below(tmp_path / "cache/entries" / entry_key(IDENTITY)) == ["content", "half", MARKER]


def test_an_owner_that_has_not_written_its_name_yet(tmp_path: Path) -> None:
    from threading import Timer

    from filelock import FileLock

    told: list[str] = []
    (tmp_path / "locks").mkdir()
    lock = FileLock(tmp_path / "locks" / f"{entry_key(IDENTITY)}.lock", thread_local=False)
    lock.acquire()
    naming = Timer(0.3, (tmp_path / "locks" / f"{entry_key(IDENTITY)}.owner").write_text, ["process 7 on there\n"])
    naming.start()

    def wait(text: str) -> None:
        told.append(text)
        lock.release()

    Cache(tmp_path).provide(IDENTITY, make, on_wait=wait)
    naming.join()
    assert told == [f"waiting for process 7 on there, which is making {entry_key(IDENTITY)}"]
    assert below(tmp_path / "locks") == [f"{entry_key(IDENTITY)}.lock"], "no name of a past owner stays"


def test_an_owner_that_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    monkeypatch.setattr(cache_module, "_NAME_SECONDS", 0.2)
    told: list[str] = []
    lock = FileLock(tmp_path / "locks" / f"{entry_key(IDENTITY)}.lock")
    (tmp_path / "locks").mkdir()
    lock.acquire()

    def wait(text: str) -> None:
        told.append(text)
        lock.release()

    assert not Cache(tmp_path).provide(IDENTITY, make, on_wait=wait).hit
    assert told == [f"waiting for another gate, which is making {entry_key(IDENTITY)}"]


# Names and places


def test_a_key_is_readable_and_says_everything() -> None:
    key = entry_key(IDENTITY)
    assert key.startswith("wheels-ca7933e47d3a-static-")
    assert key == entry_key(dict(reversed(IDENTITY.items())))
    others = [IDENTITY | {name: value} for name, value in (("sha", "c" * 40), ("x", "y"), ("flavour", "shared"))]
    assert len({key, *map(entry_key, others)}) == 4


def test_a_key_of_little() -> None:
    assert entry_key({}).startswith("llvm-")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"LLVMGATE_CACHE": "/c", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/c"),
        ({"LLVMGATE_CACHE": "", "XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/llvmgate"),
        ({"XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/llvmgate"),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/llvmgate"),
        ({"HOME": "/h"}, "/h/.cache/llvmgate"),
    ],
)
def test_where_the_cache_is(environ: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLVMGATE_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert cache_root() == Path(expected)


def test_where_the_cache_is_by_a_relative_or_home_path(cwd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", "here")
    assert cache_root() == cwd / "here"
    monkeypatch.setenv("HOME", "/h")
    monkeypatch.setenv("LLVMGATE_CACHE", "~/there")
    assert cache_root() == Path("/h/there")


# Checked and in use


def test_an_entry_that_its_check_refuses_is_made_again(tmp_path: Path) -> None:
    def check(directory: Path) -> None:
        if not (directory / "content").exists():
            raise SupplyError("half")

    first = Cache(tmp_path).provide(IDENTITY, make, on_wait=never, check=check)
    assert Cache(tmp_path).provide(IDENTITY, never, on_wait=never, check=check).hit
    (first.path / "content").unlink()
    assert not Cache(tmp_path).provide(IDENTITY, make, on_wait=never, check=check).hit


def test_an_entry_can_be_looked_up_without_making_it(tmp_path: Path) -> None:
    assert Cache(tmp_path).find(IDENTITY) is None
    made = provide(tmp_path)
    found = Cache(tmp_path).find(IDENTITY)
    assert found is not None
    assert (found.path, found.hit) == (made.path, True)


def test_a_hit_is_remembered_as_the_last_use(tmp_path: Path) -> None:
    marker = provide(tmp_path).path / MARKER
    os.utime(marker, (1, 1))
    provide(tmp_path)
    assert marker.stat().st_mtime > time.time() - 60


HOLDER = """
import sys
from pathlib import Path
from pytest_llvmgate.llvm.prefix_cache import hold, hold_around
from pytest_llvmgate.config.user_cache import cache_root
print((hold_around if sys.argv[2] == "around" else hold)(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


def is_in_use(entry: Path) -> bool:
    """Whether any process holds the entry: only then is there no exclusive lock to be had."""
    descriptor = os.open(entry / MARKER, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@pytest.mark.parametrize(("how", "below"), [("entry", ""), ("around", "lib/cmake/llvm")])
def test_an_entry_is_in_use_until_its_user_ends_however_that_ends(tmp_path: Path, how: str, below: str) -> None:
    entry = tmp_path / "entry"
    (entry / below).mkdir(parents=True)
    (entry / MARKER).touch()
    assert not is_in_use(entry)
    command = [sys.executable, "-c", HOLDER, str(entry / below), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout
        assert user.stdout.readline() in {"True\n", "None\n"}
        assert is_in_use(entry)
        user.kill()
        user.wait()
    assert not is_in_use(entry)


def test_what_is_no_entry_cannot_be_held(tmp_path: Path) -> None:
    assert not hold(tmp_path)
    hold_around(tmp_path / "a/b")


def test_an_entry_that_was_made_anew_is_held_anew(tmp_path: Path) -> None:
    (tmp_path / MARKER).touch()
    assert hold(tmp_path)
    assert hold(tmp_path)
    (tmp_path / MARKER).unlink()
    assert not hold(tmp_path)
    (tmp_path / MARKER).touch()
    assert hold(tmp_path)
    assert is_in_use(tmp_path)


# Removing


def test_what_is_removed_is_not_there_by_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a kill leaves it: the renaming is done, the removing is not."""
    tree = tmp_path / "building/x"
    tree.mkdir(parents=True)
    (tree / "source").touch()
    with monkeypatch.context() as killed:
        killed.setattr(cache_module.shutil, "rmtree", lambda *_, **__: None)
        Cache(tmp_path).discard(tree)
    assert not tree.exists()
    assert below(tmp_path / "trash")
    Cache(tmp_path).discard(tree)
    tree.mkdir()
    Cache(tmp_path).discard(tree)
    assert not below(tmp_path / "trash")
