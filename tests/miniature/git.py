"""Running git, and writing whole histories through fast-import, with nothing of the user's in the result."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self


def environment() -> dict[str, str]:
    """The environment without any of git's variables (a hook sets some) and without the user's configuration."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**clean, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


def git(directory: Path, *arguments: str) -> str:
    """What git prints, without the last line's end. Raises ``AssertionError`` with git's words where it fails."""
    done = subprocess.run(
        # Submodules from a path on this machine are refused otherwise.
        ["git", "-c", "protocol.file.allow=always", *arguments],
        cwd=directory,
        env=environment(),
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout.rstrip("\n")


def init(directory: Path, *, bare: bool = False) -> None:
    """An empty repository whose branch is ``main``."""
    directory.mkdir(parents=True, exist_ok=True)
    # No template: hooks and excludes of the machine stay out.
    options = ["--bare"] if bare else []
    git(directory, "init", "-q", "--template=", "--object-format=sha1", "--initial-branch=main", *options, ".")


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who, and when, in seconds since the epoch."""

    name: str
    email: str
    time: int

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {self.time} +0000"


_KEEP_MEMORY: Final = {"MALLOC_TRIM_THRESHOLD_": "268435456", "MALLOC_MMAP_THRESHOLD_": "268435456"}
"""For glibc: zlib's buffers, allocated anew for each object, went back to the system each time. Ten thousand commits
cost a million page faults and three times as long."""


class FastImport:
    """Commits on ``main``, one after the other, into a repository that :func:`init` made."""

    def __init__(self, repository: Path) -> None:
        self._commits = 0
        self._process = subprocess.Popen(
            ["git", "fast-import", "--quiet", "--done"],
            cwd=repository,
            env={**environment(), **_KEEP_MEMORY},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._line("done")  # also after an error in between: git would dump its state otherwise
        self._in.close()
        self._out.close()
        code = self._process.wait()
        assert kind is not None or code == 0, f"git fast-import failed with {code}"

    def commit(self, *, author: Signature, committer: Signature, message: str) -> None:
        """Begin a commit on top of the one before; its changes follow."""
        self._commits += 1
        self._line("commit refs/heads/main")
        self._line(f"mark :{self._commits}")
        self._line(f"author {author}")
        self._line(f"committer {committer}")
        self._data(message)
        if self._commits > 1:
            self._line(f"from :{self._commits - 1}")

    def write(self, path: str, text: str, *, executable: bool = False) -> None:
        """Put a file into the commit."""
        self._line(f"M {'100755' if executable else '100644'} inline {path}")
        self._data(text)

    def gitlink(self, path: str, sha: str) -> None:
        """Put a submodule's commit into the commit."""
        self._line(f"M 160000 {sha} {path}")

    def remove(self, path: str) -> None:
        """Take a file out of the commit."""
        self._line(f"D {path}")

    def sha(self) -> str:
        """The SHA of the last commit."""
        self._line(f"get-mark :{self._commits}")
        self._in.flush()
        return self._out.readline().decode("ascii").strip()

    def tag(self, name: str) -> None:
        """A lightweight tag on the last commit."""
        self._line(f"reset refs/tags/{name}")
        self._line(f"from :{self._commits}\n")

    def _line(self, text: str) -> None:
        self._in.write(f"{text}\n".encode())

    def _data(self, text: str) -> None:
        data = text.encode()
        self._in.write(b"data %d\n%s\n" % (len(data), data))
