"""Bulk reads of git objects through one ``git cat-file --batch`` process."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Final

from pytest_llvmgate.errors import RepositoryError
from pytest_llvmgate.git import process

LARGEST_OBJECT: Final = 16 << 20
"""Bytes; nothing that the gate reads is larger, and a pull request may hold anything."""
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class GitObject:
    """One object of the store."""

    sha: str
    type: str
    """``blob``, ``tree``, ``commit`` or ``tag``."""
    data: bytes


class ObjectReader:
    """Answers one request at a time (:meth:`read`) or a stream of them (:meth:`read_many`)."""

    def __init__(self, place: Sequence[str]) -> None:
        self._place = place
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, name: str) -> GitObject | None:
        """The object that ``name`` (a SHA, or ``<commit>:<path>``) names.

        ``None`` where there is none, or one larger than :data:`LARGEST_OBJECT`.
        """
        if "\n" in name:
            raise RepositoryError(f"not the name of a git object: {name!r}")
        if self._process is None:
            self._process = self._start(subprocess.PIPE, "--batch")
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None and answers is not None  # noqa: S101, PT018 - both are pipes
        try:
            requests.write(name.encode("utf-8", "surrogateescape") + b"\n")
            requests.flush()
        except BrokenPipeError:
            raise _ended(name) from None
        return _answer(answers, name)

    def read_many(self, names: Iterable[str]) -> Iterator[GitObject | None]:
        """The objects in the order of ``names``, each as :meth:`read` has it.

        The requests go through a file, so neither side can block.
        """
        wanted = list(names)
        with tempfile.TemporaryFile() as requests:
            requests.write("".join(f"{name}\n" for name in wanted).encode("utf-8", "surrogateescape"))
            requests.seek(0)
            running = self._start(requests, "--batch", "--buffer")
            assert running.stdout is not None  # noqa: S101 - it is a pipe
            try:
                for name in wanted:
                    yield _answer(running.stdout, name)
            finally:
                _stop(running)

    def close(self) -> None:
        """End the process, if one was started."""
        if self._process is not None:
            _stop(self._process)
            self._process = None

    def _start(self, stdin: IO[bytes] | int, *options: str) -> subprocess.Popen[bytes]:
        # A blob above the threshold is passed on in pieces, not held in memory first.
        place = ("-c", f"core.bigFileThreshold={LARGEST_OBJECT}", *self._place)
        words = process.command(("cat-file", *options), place=place)
        try:
            return subprocess.Popen(
                words, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=process.environment()
            )
        except FileNotFoundError:
            raise process.no_git() from None


def _answer(stream: IO[bytes], name: str) -> GitObject | None:
    header = stream.readline()
    if not header.endswith(b"\n"):
        raise _ended(name)
    words = header.split()
    if len(words) != 3 or not words[2].isdigit():
        return None  # "<name> missing", "<name> ambiguous", or a gitlink's "submodule"
    sha, kind, size = words[0].decode(), words[1].decode(), int(words[2])
    if size > LARGEST_OBJECT:
        left = size + 1
        while left and (skipped := len(stream.read(min(left, _CHUNK)))):
            left -= skipped
        return None
    data = stream.read(size)
    stream.read(1)
    return GitObject(sha=sha, type=kind, data=data)


def _ended(name: str) -> RepositoryError:
    return RepositoryError(f"git cat-file ended before it answered for {name!r}")


def _stop(running: subprocess.Popen[bytes]) -> None:
    for stream in (running.stdin, running.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):  # it ended before it was asked all
                stream.close()
    running.wait()
