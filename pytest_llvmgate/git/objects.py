"""Bulk reads of git objects through one ``git cat-file --batch`` process."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
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


def read_objects(place: Sequence[str], names: Iterable[str]) -> Iterator[GitObject | None]:
    """The objects that ``names`` (SHAs, or ``<commit>:<path>``) name, in their order.

    ``None`` where there is none, or one larger than :data:`LARGEST_OBJECT`. The requests go through a file, so neither
    side can block.
    """
    wanted = list(names)
    if wrong := next((name for name in wanted if "\n" in name), None):
        raise RepositoryError(f"not the name of a git object: {wrong!r}")
    # A blob above the threshold is passed on in pieces, not held in memory first.
    place = ("-c", f"core.bigFileThreshold={LARGEST_OBJECT}", *place)
    words = process.command(("cat-file", "--batch", "--buffer"), place=place)
    with tempfile.TemporaryFile() as requests:
        requests.write("".join(f"{name}\n" for name in wanted).encode("utf-8", "surrogateescape"))
        requests.seek(0)
        try:
            running = subprocess.Popen(
                words, stdin=requests, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=process.environment()
            )
        except FileNotFoundError:
            raise process.no_git() from None
    with running:
        assert running.stdout is not None  # noqa: S101 - it is a pipe
        for name in wanted:
            yield _answer(running.stdout, name)


def _answer(stream: IO[bytes], name: str) -> GitObject | None:
    header = stream.readline()
    if not header.endswith(b"\n"):
        raise RepositoryError(f"git cat-file ended before it answered for {name!r}")
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
