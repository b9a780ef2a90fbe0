"""Running git: a clean environment, argument lists, and its failures as sentences.

Everything on the hot path is a plain ``git`` process (3 ms each); GitPython (110 ms to import) serves what is neither
hot nor bulk: remotes and branches.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import RepositoryError, ToolError

_REDIRECTIONS: Final = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_CONFIG",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
"""Variables by which a git hook (or a user) points git at another repository than the one that is asked for."""

_CHUNK: Final = 1 << 16
_ADDITIONS: Final = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "true",
    "GIT_OPTIONAL_LOCKS": "0",  # the user's own git commands are never in our way, nor we in theirs
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone must not go to the network behind the user's back
    "GIT_LITERAL_PATHSPECS": "1",
}

_SAFE_SETTINGS: Final = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.quotePath=false", "gc.auto=0")
"""Nothing that a repository's own configuration names as a program is started by a mere look at it."""


class GitFailure(RepositoryError):  # noqa: N818 - reads as what it is
    """A git command ended with an error; ``stderr`` is what it said."""

    def __init__(self, message: str, *, stderr: str, returncode: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.stderr = stderr
        self.returncode = returncode


def environment() -> Mapping[str, str]:
    """The environment in which git runs: no prompts, no pager, no foreign repository, messages in English."""
    kept = {key: value for key, value in os.environ.items() if key not in _REDIRECTIONS and not _is_trace(key)}
    return {**kept, **_ADDITIONS}


def _is_trace(key: str) -> bool:
    return key.startswith("GIT_TRACE")


def command(arguments: Sequence[str], *, place: Sequence[str] = ()) -> list[str]:
    """The full argument list of a git command; ``place`` are options such as ``-C DIR`` or ``--git-dir=DIR``."""
    settings = [word for setting in _SAFE_SETTINGS for word in ("-c", setting)]
    return ["git", "--no-pager", *settings, *place, *arguments]


def run(
    arguments: Sequence[str],
    *,
    place: Sequence[str] = (),
    stdin: bytes = b"",
    ok: Sequence[int] = (0,),
) -> bytes:
    """Run git and return what it wrote.

    Raises :class:`GitFailure` when it ends with a code outside ``ok``, ``ToolError`` when there is no git.
    """
    try:
        done = subprocess.run(
            command(arguments, place=place), input=stdin, capture_output=True, env=environment(), check=False
        )
    except FileNotFoundError:
        raise no_git() from None
    if done.returncode not in ok:
        raise failure(arguments, done.stderr, done.returncode)
    return done.stdout


def records(arguments: Sequence[str], *, place: Sequence[str] = ()) -> Iterator[bytes]:
    """What git writes, cut at NUL, while it still writes. Raises as :func:`run` does, at the end."""
    with tempfile.TemporaryFile() as complaints:
        try:
            running = subprocess.Popen(
                command(arguments, place=place),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,  # a file, so that git can never be stuck on it
                env=environment(),
            )
        except FileNotFoundError:
            raise no_git() from None
        with running:
            assert running.stdout is not None  # noqa: S101 - it is a pipe
            rest = b""
            while chunk := running.stdout.read(_CHUNK):
                *whole, rest = (rest + chunk).split(b"\0")
                yield from whole
        if running.returncode:
            complaints.seek(0)
            raise failure(arguments, complaints.read(), running.returncode)
    if rest:
        yield rest


def no_git() -> ToolError:
    """The error for a machine without git."""
    return ToolError("git was not found on PATH", hint="install git 2.31 or newer, e.g. `apt-get install git`")


def failure(arguments: Sequence[str], stderr: bytes, returncode: int) -> GitFailure:
    """What went wrong, in a sentence, from what git wrote."""
    text = stderr.decode("utf-8", "replace").strip()
    owned = re.search(r"dubious ownership in repository at '([^']+)'", text)
    if owned:
        return GitFailure(
            f"{owned[1]} belongs to another user, so git refuses to read it",
            stderr=text,
            returncode=returncode,
            hint=f"if you trust it: git config --global --add safe.directory {owned[1]}",
        )
    first = next((line for line in text.splitlines() if line), f"exit code {returncode}")
    return GitFailure(f"git {arguments[0]} failed: {first}", stderr=text, returncode=returncode)


def at(path: Path) -> tuple[str, str]:
    """The option that makes git look for the repository that ``path`` lies in."""
    return ("-C", str(path))
