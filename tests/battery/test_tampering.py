"""Entries of the cache, damaged at random: found by ``llvmgate cache verify`` and before use, and made again.

``LLVMGATE_BATTERY`` is the number of rounds (default 60), ``LLVMGATE_BATTERY_SEED`` chooses them (default 7).
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import pytest_llvmgate.llvm.prefix_cache as cache_module
from pytest_llvmgate.cli.main import main
from pytest_llvmgate.llvm.prefix_cache import Cache
from tests.support.toy import SHA, make_llvm

ROUNDS = int(os.environ.get("LLVMGATE_BATTERY", "60"))
SEED = int(os.environ.get("LLVMGATE_BATTERY_SEED", "7"))
IDENTITY = {"supplier": "wheels", "sha": SHA, "flavour": "static"}


def make(directory: Path) -> None:
    make_llvm(directory)
    content = random.Random(0)
    for number in range(40):
        path = directory / content.choice(("lib", "include/llvm", "bin", "lib/cmake/mlir", "share")) / f"file{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.randbytes(content.randint(1, 30_000)))
        path.chmod(0o755 if "bin" in path.parts else 0o644)


def flip(path: Path, chance: random.Random) -> None:
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    if chance.random() < 0.5:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def exchange(path: Path, chance: random.Random) -> None:
    data = chance.randbytes(path.stat().st_size)
    path.unlink()
    path.write_bytes(data)


def to_link(path: Path, _: random.Random) -> None:
    moved = path.with_name(f"{path.name}.moved")
    path.rename(moved)
    path.symlink_to(moved.name)


def to_directory(path: Path, _: random.Random) -> None:
    path.unlink()
    path.mkdir()


def to_pipe(path: Path, _: random.Random) -> None:
    path.unlink()
    os.mkfifo(path)


def made(path: Path) -> Path:
    """The file, or a library in place of what the cache has beside the install, which is nothing that is run."""
    return path if path.parent.parent.name != "entries" else min(path.parent.glob("lib/file*"))


def add(path: Path, chance: random.Random) -> None:
    added = path.with_name(f"added{chance.randrange(99)}")
    if chance.random() < 0.3:
        added.mkdir()
        added /= path.name
    added.symlink_to("/bin/true") if chance.random() < 0.3 else added.write_bytes(path.read_bytes())


WAYS: tuple[Callable[[Path, random.Random], object], ...] = (
    flip,
    exchange,
    to_link,
    to_directory,
    to_pipe,
    lambda path, chance: os.truncate(path, chance.randrange(path.stat().st_size)),
    lambda path, chance: os.truncate(path, path.stat().st_size + chance.randint(1, 100)),
    lambda path, _: path.unlink(),
    lambda path, _: made(path).chmod(made(path).stat().st_mode ^ 0o111),
    lambda path, _: shutil.rmtree(made(path).parent),
    add,
)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_damage_is_found_and_mended(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LLVMGATE_CACHE", str(tmp_path))
    cache, chance = Cache(tmp_path), random.Random(f"{SEED}.{number}")

    def provide() -> bool:
        cache_module._SOUND.clear()
        return cache.provide(IDENTITY, make, on_wait=print).hit

    provide()
    (entry,) = (tmp_path / "entries").iterdir()
    files = sorted(path for path in entry.rglob("*") if path.is_file() and not path.name.startswith("llvmgate-looks"))
    way = WAYS[number % len(WAYS)]
    way(chance.choice(files), chance)
    assert main(["cache", "verify"]) == 1, capsys.readouterr().out
    assert provide() is (way is add)  # which is taken out again: all else is as it was made
    assert main(["cache", "verify"]) == 0
