"""Real git repositories for tests, made in a few milliseconds each."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

A = "a" * 40
B = "b" * 40
C = "c" * 40

_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "LC_ALL": "C",
}


def git(cwd: Path, *arguments: str, stdin: str | None = None, date: str = "2026-01-01T12:00:00+00:00") -> str:
    """Run git as a user would, and return what it wrote."""
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main", *arguments],
        cwd=cwd,
        env={**os.environ, **_ENVIRONMENT, **dates},
        input=stdin,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


class Repo:
    """A repository with a work tree."""

    def __init__(self, path: Path, *, bare: bool = False) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        git(path, "init", "-q", *(["--bare"] if bare else []))

    @classmethod
    def at(cls, path: Path) -> Repo:
        """The repository that is there already."""
        repo = cls.__new__(cls)
        repo.path = path
        return repo

    def git(self, *arguments: str, stdin: str | None = None, date: str = "2026-01-01T12:00:00+00:00") -> str:
        return git(self.path, *arguments, stdin=stdin, date=date)

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())

    def commit(
        self,
        files: dict[str, str] | None = None,
        *,
        links: dict[str, str] | None = None,
        message: str = "a commit",
        date: str = "2026-01-01T12:00:00+00:00",
    ) -> str:
        """Write files and gitlinks, commit them, and return the commit."""
        self.write(files or {})
        if files:
            self.git("add", "--", *files)
        for path, sha in (links or {}).items():
            self.git("update-index", "--add", "--cacheinfo", f"160000,{sha},{path}")
        self.git("commit", "-q", "--allow-empty", "-m", message, date=date)
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def add_submodule(self, origin: Repo, path: str, *, name: str = "") -> Repo:
        """Add ``origin`` as a submodule, checked out (not committed yet)."""
        options = ["--name", name] if name else []
        self.git("submodule", "--quiet", "add", *options, str(origin.path), path)
        return Repo.at(self.path / path)
