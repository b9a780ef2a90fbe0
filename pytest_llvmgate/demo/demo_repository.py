"""Writing git repositories that come out the same everywhere, whatever the user's git is configured to do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from pytest_llvmgate.demo.branches import AUTHORS
from pytest_llvmgate.errors import GateError, ToolError
from pytest_llvmgate.git import process
from pytest_llvmgate.process.asking import ask

TEMPLATES: Final = Path(__file__).parent / "template"

_ENVIRONMENT: Final = {
    "GIT_ALLOW_PROTOCOL": "file",  # submodules on this machine, which git refuses since 2.38.1
    "GIT_TEMPLATE_DIR": "",  # no hooks of a site's template
}


def environment(home: Path) -> dict[str, str]:
    """The environment for git: none of the user's settings. ``home`` serves git before 2.32, which reads it always."""
    return {**process.environment(), **_ENVIRONMENT, "HOME": str(home), "XDG_CONFIG_HOME": str(home)}


def require_git() -> str:
    """Where git is."""
    found = shutil.which("git")
    if found is None:
        raise ToolError(
            "the demo is made of git repositories, and there is no git in PATH",
            hint="install git 2.30 or newer, then run the command again",
        )
    return found


class DemoRepository:
    """One repository of the demo while it is written, one commit after the other."""

    def __init__(self, path: Path, home: Path) -> None:
        self.path = path
        name, email = AUTHORS[path.name].removesuffix(">").split(" <")
        self._environment = environment(home) | {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": email,
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": email,
        }

    def git(self, *arguments: str, date: str | None = None, stdin: str = "") -> str:
        """Run git in the repository and give what it prints."""
        dates = {} if date is None else {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        words = [require_git(), "-C", str(self.path), *arguments]
        done = ask(words, seconds=None, env=self._environment | dates, stdin=stdin)
        if done.returncode != 0:
            raise GateError(
                f"'git {' '.join(arguments)}' failed in {self.path}: {done.stderr.strip()}",
                hint="the demo needs git 2.30 or newer and a writable directory",
            )
        return done.stdout.strip()

    def init(self) -> None:
        """Create the repository, on the branch main."""
        self.path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main", "--object-format=sha1")
        self.settle()

    def settle(self) -> None:
        """Keep the working tree in step with git: under the user's settings, and in a copy of the workspace."""
        self.git("config", "core.autocrlf", "false")
        # A copy's files differ in inode and ctime. 'git checkout --recurse-submodules' would take them for changed.
        self.git("config", "core.checkStat", "minimal")
        self.git("config", "core.trustctime", "false")

    def apply_step(self, step: str) -> None:
        """Bring one step of the template into the working tree."""
        source = TEMPLATES / self.path.name / step
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            target = self.path / file.relative_to(source).with_name(re.sub("^dot-", ".", file.name))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_text(file))
        patch = source.with_name(f"{step}.patch")
        if patch.is_file():
            self.git("apply", "-", stdin=_text(patch).decode())

    def commit(self, message: str, date: str) -> str:
        """Commit the working tree and give the commit's SHA."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--no-gpg-sign", "--file=-", date=date, stdin=message)
        return self.git("rev-parse", "HEAD")


def _text(file: Path) -> bytes:
    """A file of the template; also from a checkout that git gave other line endings."""
    return file.read_bytes().replace(b"\r\n", b"\n")
