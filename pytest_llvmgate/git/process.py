"""Running git: the one place where it is started, with a clean environment, argument lists, and failures as sentences.

Which program git starts, and what it prints, is decided by configuration: the repository's, the user's, the system's.
The first is never obeyed (:mod:`private_view`). The others say how a user likes things to be shown, and would change
what is read here; so they count only where the user's own means are needed (``users_settings``): for a fetch, for
filters of a work tree, for the directories that the user trusts.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import RepositoryError, ToolError
from pytest_llvmgate.printable import shell_word

_KEPT: Final = (
    *("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_SSH", "GIT_SSL_", "GIT_HTTP_", "GIT_PROXY_", "GIT_LFS_"),
    *("GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_TEST_"),
)
"""Of git's own variables those that stay: who commits, how servers are reached, where git is. By the others a git hook
(or a user) points git at another repository than the one that is asked for, or has it say what nobody here reads."""

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
    "GIT_NO_REPLACE_OBJECTS": "1",  # a commit is what its SHA says
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_FLUSH": "0",  # else git log writes into a pipe commit by commit: thousands of reads for a long history
}
_ISOLATED: Final = {
    "GIT_CONFIG_GLOBAL": os.devnull,  # git 2.32
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
_FETCHING: Final = {"GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
"""No transport that is a command (``ext::``), nor one that a helper of any name brings."""

_SAFE_SETTINGS: Final = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "log.showSignature=false",
    "submodule.recurse=false",
    "safe.bareRepository=explicit",  # git 2.38: one that is not named is not found by standing in it
)
"""A second line behind the private views, and what a user's own settings must not change."""


class GitFailure(RepositoryError):  # noqa: N818 - reads as what it is
    """A git command ended with an error; ``stderr`` is what it said."""

    def __init__(self, message: str, *, stderr: str, returncode: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.stderr = stderr
        self.returncode = returncode


def environment(*, users_settings: bool = False) -> Mapping[str, str]:
    """The environment in which git runs: no prompts, no pager, no foreign repository, messages in English.

    ``users_settings``: with the system's and the user's own configuration; nothing is fetched without.
    """
    git = (*_KEPT, "GIT_CONFIG_") if users_settings else _KEPT
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(git)}
    return {**kept, **_ADDITIONS, **(_FETCHING if users_settings else _ISOLATED)}


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
    users_settings: bool = False,
) -> bytes:
    """Run git and return what it wrote. ``users_settings``: see :func:`environment`.

    Raises :class:`GitFailure` when it ends with a code outside ``ok``, ``ToolError`` when there is no git.
    """
    try:
        done = subprocess.run(
            command(arguments, place=place),
            input=stdin,
            capture_output=True,
            env=environment(users_settings=users_settings),
            check=False,
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


def run_until(deadline: float, arguments: Sequence[str], *, place: Sequence[str], most: float) -> tuple[bytes, bool]:
    """Ask git what may go unanswered: what it writes until ``deadline`` (monotonic), in ``most`` seconds, and whether
    that is all. A failure is no answer; pathspecs with wildcards are ours, and count as such.

    Raises ``ToolError`` when there is no git.
    """
    seconds = min(deadline - time.monotonic(), most)
    if seconds <= 0:
        return b"", False
    words, env = command(arguments, place=place), {**environment(), "GIT_LITERAL_PATHSPECS": "0"}
    try:
        done = subprocess.run(words, capture_output=True, env=env, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        return error.stdout or b"", False
    except FileNotFoundError:
        raise no_git() from None
    return (done.stdout, True) if done.returncode == 0 else (b"", False)


def no_git() -> ToolError:
    """The error for a machine without git."""
    return ToolError("git was not found on PATH", hint="install git 2.32 or newer, e.g. `apt-get install git`")


def failure(arguments: Sequence[str], stderr: bytes, returncode: int) -> GitFailure:
    """What went wrong, in a sentence, from what git wrote."""
    text = stderr.decode("utf-8", "replace").strip()
    owned = re.search(r"dubious ownership in repository at '([^']+)'", text)
    if owned:
        return GitFailure(
            f"{owned[1]} belongs to another user, so git refuses to read it",
            stderr=text,
            returncode=returncode,
            hint=f"if you trust it: git config --global --add safe.directory {shell_word(owned[1])}",
        )
    lines = [line for line in text.splitlines() if line and not line.startswith(("hint:", "warning:"))]
    told = [line for line in lines if line.startswith(("fatal:", "error:"))]
    first = next(iter((*told, *lines)), f"exit code {returncode}")
    if first.endswith(":"):  # what it is about comes on the lines below
        first = " ".join((first, *(line.strip() for line in lines[lines.index(first) + 1 :])))
    return GitFailure(f"git {arguments[0]} failed: {first}", stderr=text, returncode=returncode)


def at(path: Path) -> tuple[str, str]:
    """The option that makes git look for the repository that ``path`` lies in."""
    return ("-C", str(path))
