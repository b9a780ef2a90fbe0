"""Archives of an LLVM, unpacked: tar (gzip, bzip2, xz, Zstandard) and zip. Nothing in one leaves its directory."""

from __future__ import annotations

import os
import sys
import tarfile
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.llvm import extracting
from pytest_llvmgate.plain_file import read_plain_text
from pytest_llvmgate.process.environment import command_environment
from pytest_llvmgate.process.run import run
from pytest_llvmgate.scratch import scratch_directory

LARGEST_ARCHIVE: Final = 32 << 30
"""Bytes that are fetched for one LLVM. A release for one platform has 2 GiB."""
LARGEST_INSTALL: Final = 128 << 30
"""Bytes that an archive may hold. With debug information, static, and all projects, LLVM has 60 GiB."""
MOST_MEMBERS: Final = 200_000
"""An install of LLVM has 6,000."""
_DEEPEST: Final = 3
"""Directories around the install that an archive may have."""


def unpack(archive: Path, directory: Path, shown: str, *, timeout: float) -> None:
    """Unpack ``archive`` into ``directory``, which is empty; what a single directory wraps is taken out of it.

    ``timeout`` is in seconds. Raises :class:`SupplyError`, naming the archive as ``shown``.
    """
    extract(archive, directory, shown, timeout=timeout)
    _take_out(directory)
    _refuse_links_out(directory, shown)  # what was inside of the wrapper may not be any more


def extract(archive: Path, directory: Path, shown: str, *, timeout: float) -> None:
    """Put the members of ``archive`` into ``directory`` as they are called there; ``timeout`` is in seconds.

    Links that leave the directory, devices, absolute paths and ``..`` are refused (:pep:`706`'s filter ``data``), and
    more than :data:`LARGEST_INSTALL` or :data:`MOST_MEMBERS`.
    Raises :class:`SupplyError`, naming the archive as ``shown``.
    """
    if not hasattr(tarfile, "data_filter"):
        raise SupplyError(
            f"this Python unpacks no archive safely: {sys.version.split()[0]}", hint="use Python 3.11.4 or newer"
        )
    bounds = (str(LARGEST_INSTALL), str(MOST_MEMBERS))
    words = [sys.executable, "-I", "-S", extracting.__file__, str(archive), str(directory), *bounds]
    with scratch_directory("unpack") as scratch:
        log = scratch / "log"
        done = run(words, cwd=scratch, env=command_environment(), log=log, timeout=timeout)
        said = read_plain_text(log, errors="surrogateescape").strip()
    if done.returncode == extracting.REFUSED:
        raise SupplyError(f"{shown} is refused: {said}", hint="an archive of an install has no such members")
    if not done.ok:
        problem = said if done.returncode == extracting.DAMAGED else done.ending
        raise SupplyError(f"{shown} cannot be unpacked: {problem}", hint="see whether it is whole, and an archive")
    _refuse_links_out(directory, shown)


def _refuse_links_out(directory: Path, shown: str) -> None:
    """Raise :class:`SupplyError` for a link that leads out of the directory, now that all are there."""
    root = directory.resolve()
    for base, directories, files in os.walk(root):
        for name in (*directories, *files):
            path = Path(base, name)
            if path.is_symlink() and not _is_below(path, root):
                path.unlink()
                raise SupplyError(
                    f"{shown} is refused: the link {path.relative_to(root)} leaves it",
                    hint="an archive of an install has no such members",
                )


def _is_below(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # links in a circle
        return False


def _take_out(directory: Path) -> None:
    """Move what a single directory wraps, over and over, one level up."""
    for _ in range(_DEEPEST):
        content = list(directory.iterdir())
        if (
            len(content) != 1
            or not content[0].is_dir()
            or content[0].is_symlink()
            or content[0].name in {"lib", "llvm"}
        ):
            return
        wrapper = content[0].rename(directory / ".llvmgate-wrapper")
        for each in wrapper.iterdir():
            each.rename(directory / each.name)
        wrapper.rmdir()
