"""Archives of an LLVM, unpacked: tar (gzip, bzip2, xz, Zstandard) and zip. Nothing in one leaves its directory."""

from __future__ import annotations

import lzma
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final

from pytest_llvmgate.errors import SupplyError
from pytest_llvmgate.process.environment import command_environment

_ZSTD: Final = b"\x28\xb5\x2f\xfd"
"""The first bytes of a Zstandard frame (RFC 8878)."""
_DEEPEST: Final = 3
"""Directories around the install that an archive may have."""


def unpack(archive: Path, directory: Path, shown: str) -> None:
    """Unpack ``archive`` into ``directory``, which is empty; what a single directory wraps is taken out of it.

    Raises :class:`SupplyError`, naming the archive as ``shown``.
    """
    extract(archive, directory, shown)
    _take_out(directory)
    _refuse_links_out(directory, shown)  # what was inside of the wrapper may not be any more


def extract(archive: Path, directory: Path, shown: str) -> None:
    """Put the members of ``archive`` into ``directory`` as they are called there.

    Links that leave the directory, devices, absolute paths and ``..`` are refused (:pep:`706`'s filter ``data``).
    Raises :class:`SupplyError`, naming the archive as ``shown``.
    """
    if not hasattr(tarfile, "data_filter"):
        raise SupplyError(
            f"this Python unpacks no archive safely: {sys.version.split()[0]}", hint="use Python 3.11.4 or newer"
        )
    try:
        if zipfile.is_zipfile(archive):
            _unzip(archive, directory)
        else:
            with _tar(archive) as opened:
                opened.extractall(directory, filter=_Careful())  # noqa: S202
    except tarfile.FilterError as error:
        raise SupplyError(
            f"{shown} is refused: {error}", hint="an archive of an install has no such members"
        ) from error
    except _DAMAGED as error:
        raise SupplyError(
            f"{shown} cannot be unpacked: {error or type(error).__name__}",
            hint="see whether it is whole, and an archive",
        ) from error
    _refuse_links_out(directory, shown)


_DAMAGED: Final = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, ArithmeticError),
    RuntimeError,  # encrypted, compressed in a way that nobody knows, thousands of levels deep
)


class _Careful:
    """The filter ``data``, and no member whose place lies behind a link of the archive.

    Which place that would be is not left to the filter: it has been wrong about links and long paths (CVE-2025-4517).
    """

    def __init__(self) -> None:
        self._links: set[PurePosixPath] = set()

    def __call__(self, member: tarfile.TarInfo, directory: str) -> tarfile.TarInfo | None:
        filtered = tarfile.data_filter(member, directory)
        names = [filtered.name, *([filtered.linkname] if filtered.islnk() else [])]
        if any(parent in self._links for name in names for parent in PurePosixPath(os.path.normpath(name)).parents):
            raise ValueError(f"{member.name!r} lies behind a link")
        if filtered.issym():
            self._links.add(PurePosixPath(os.path.normpath(filtered.name)))
        return filtered


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


@contextmanager
def _tar(archive: Path) -> Iterator[tarfile.TarFile]:
    with archive.open("rb") as stream:
        is_zstd = stream.read(len(_ZSTD)) == _ZSTD
    if not is_zstd:
        with tarfile.open(archive) as opened:
            yield opened
        return
    with _unzstd(archive) as output, tarfile.open(fileobj=output, mode="r|") as opened:
        yield opened


@contextmanager
def _unzstd(archive: Path) -> Iterator[IO[bytes]]:
    """By the program: Python has Zstandard in its library from 3.14 on."""
    program = shutil.which("zstd")
    if program is None:
        raise SupplyError("the archive is compressed with Zstandard, and there is no zstd", hint="install zstd")
    words = [program, "-dcq", "--", str(archive)]
    with subprocess.Popen(words, env=command_environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None  # noqa: S101
        yield child.stdout
        child.stdout.read()
    if child.returncode:
        raise EOFError("its compression is damaged")


def _unzip(archive: Path, directory: Path) -> None:
    """Zipfile keeps names inside of the directory, and knows neither permissions nor links.

    Links are made when all files are there, so that none is written through one.
    """
    with zipfile.ZipFile(archive) as opened:
        links = []
        for member in opened.infolist():
            mode = member.external_attr >> 16
            parts = PurePosixPath(member.filename.replace("\\", "/"))
            if parts.is_absolute() or ".." in parts.parts:
                raise ValueError(f"{member.filename!r} is outside of the archive")
            if stat.S_ISLNK(mode):
                links.append(member)
                continue
            written = Path(opened.extract(member, directory))
            if mode and not member.is_dir():
                written.chmod(stat.S_IMODE(mode) & 0o755 | 0o600)
        for member in links:
            place = directory / member.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            if not _is_below(place.parent, directory.resolve()):
                raise ValueError(f"{member.filename!r} is outside of the archive")
            place.symlink_to(opened.read(member).decode("utf-8", "surrogateescape"))


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
