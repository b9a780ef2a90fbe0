"""Hostile repositories, put together at random: none has git run a program, and all are answered in time.

``LLVMGATE_BATTERY`` is the number of rounds (default 60), ``LLVMGATE_BATTERY_SEED`` chooses them (default 7).
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.hostile_git import ATTRIBUTES, PROGRAM_KEYS, Trap

ROUNDS = int(os.environ.get("LLVMGATE_BATTERY", "60"))
SEED = int(os.environ.get("LLVMGATE_BATTERY_SEED", "7"))
WAYS = ("config", "include", "includeIf", "worktree")
ODD_CONFIG = ("[core", "[core]\n\tbare = maybe\n", "\0\0\0", '[core]\n\tx = "', "[include]\n\tpath = config\n", "")
ODD_HEADS = ("", "ref: refs/heads/\udcff", "ref: ../../config", "0" * 40, "ref: refs/heads/main\n" * 999)
COMMANDS = (
    *(("pins",), ("pins", "--brief", "--json"), ("status",), ("plan", "1" * 40), ("pins", "--history"), ("carry",)),
    *(("reverts", "--all"), ("candidates", "--preflight", "0"), ("align", ".", "testdata/part.git")),
    *(
        ("status", "--page", "page.html"),
        ("bump", "--dry-run", "1" * 40),
        ("doctor",),
        ("roll", "--now", "--tries", "1"),
    ),
)
SECONDS = 30
"""Of processor time: a machine may have more to do than this."""
LONGEST = 900
"""Seconds after which a command hangs."""
_ENVIRONMENT = {
    **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}
CONFIG = """
[[pin]]
name = "own"
file = "own.txt"
reader = "sha-file"
[[pin]]
name = "other"
component = "testdata/part.git"
file = "version.txt"
reader = "sha-file"
[llvm]
supplier = "prefix"
prefix = "/nonexistent"
repository = "testdata/llvm.git"
[update]
cadence = "weekly"
siblings = ["testdata/part.git"]
[[carry]]
name = "revert"
reason = "x"
component = "testdata/part.git"
fork = "main"
until = 2099-01-01
"""


def git(cwd: Path, *words: str) -> str:
    env = {**os.environ, **_ENVIRONMENT}
    done = subprocess.run(["git", *words], cwd=cwd, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def make(directory: Path, trap: Trap, chance: random.Random) -> Path:
    """A downstream with a bare llvm and a component in its tree, armed in a few ways."""
    seed = directory / "seed"
    seed.mkdir()
    git(seed, "init", "-q", "-b", "main")
    (seed / ".gitattributes").write_text(ATTRIBUTES)
    for number in range(3):
        (seed / "version.txt").write_text(f"{number}" * 40)
        git(seed, "add", "-A")
        git(seed, "commit", "-q", "-m", f"commit {number}")
    tree = directory / "tree"
    (tree / "testdata").mkdir(parents=True)
    git(tree, "init", "-q", "-b", "main")
    for name in ("llvm.git", "part.git"):
        bare = tree / "testdata" / name
        git(tree, "clone", "-q", "--bare", str(seed), str(bare))
        keys = tuple(chance.sample(PROGRAM_KEYS, chance.randint(1, len(PROGRAM_KEYS))))
        trap.set_in(bare, how=chance.choice(WAYS), keys=keys)
        if chance.random() < 0.2:
            (bare / "config").write_text(chance.choice(ODD_CONFIG))
        if chance.random() < 0.2:
            (bare / "HEAD").write_text(chance.choice(ODD_HEADS), errors="surrogateescape")
        if chance.random() < 0.1:
            (bare / "config").unlink()
            os.mkfifo(bare / "config")
    (tree / "own.txt").write_text(git(seed, "rev-parse", "HEAD"))
    (tree / "llvmgate.toml").write_text(CONFIG)
    git(tree, "add", "--force", "own.txt", "llvmgate.toml")
    git(tree, "commit", "-q", "-m", "Bump")
    trap.set_in(tree / ".git", how=chance.choice(WAYS))
    os.utime(tree / "own.txt", (1, 1))
    return tree


@pytest.mark.parametrize("number", range(ROUNDS))
def test_no_repository_has_a_program_run(number: int, tmp_path: Path) -> None:
    chance = random.Random(f"{SEED}.{number}")
    trap = Trap(tmp_path / "trap")
    tree = make(tmp_path, trap, chance)
    trap.mark.unlink(missing_ok=True)  # making it was git's own business
    words = chance.choice(COMMANDS)
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "pytest_llvmgate", *words],
        cwd=tree,
        env={**os.environ, "LLVMGATE_CACHE": str(tmp_path / "cache"), "XDG_CACHE_HOME": str(tmp_path / "xdg")},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=LONGEST,
        check=False,
    )
    said = done.stdout + done.stderr
    assert trap.ran == "", f"{words}: {trap.ran}"
    assert "Traceback" not in said
    assert "a defect of the gate" not in said, said
    assert done.returncode in {0, 1, 2, 4, 5, 6}, said
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime < SECONDS
