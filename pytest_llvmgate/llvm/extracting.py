"""Unpacks one archive, as a program of its own, whose memory is bounded whatever the archive says of itself.

Started as ``python -I -S extracting.py ARCHIVE DIRECTORY BYTES MEMBERS``. Headers, dictionaries and maps of an archive
go into memory before anybody can look at them; so here is nothing but the standard library, and a limit of the system.
Ends with 0, or with what is wrong on standard output, and 3 where it is what the archive wants, not what it is.
"""

import lzma
import os
import resource
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

DAMAGED: Final = 1
REFUSED: Final = 3
_MEMORY: Final = 1 << 30
"""Bytes of address space. ``xz -9`` takes 65 MiB, Zstandard without being asked for more 128 MiB."""
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
"""The first bytes of a Zstandard frame (RFC 8878)."""
_WRONG: Final = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, ArithmeticError),
    RuntimeError,  # encrypted, compressed in a way that nobody knows, thousands of levels deep
)


class _Bound:
    """What an archive may still bring."""

    def __init__(self, size: int, count: int) -> None:
        self._most_size, self._most_count, self._size, self._count = size, count, 0, 0

    def take(self, size: int) -> None:
        self._size += max(0, size)
        self._count += 1
        if self._size > self._most_size:
            raise ValueError(f"unpacked it has more than {self._most_size >> 30} GiB")
        if self._count > self._most_count:
            raise ValueError(f"it has more than {self._most_count:,} members")


class _Careful:
    """The filter ``data``, and no member whose place lies behind a link of the archive.

    Which place that would be is not left to the filter: it has been wrong about links and long paths (CVE-2025-4517).
    """

    def __init__(self, bound: _Bound) -> None:
        self._bound = bound
        self._links: set[PurePosixPath] = set()

    def __call__(self, member: tarfile.TarInfo, directory: str) -> tarfile.TarInfo | None:
        self._bound.take(member.size)
        filtered = tarfile.data_filter(member, directory)
        names = [filtered.name, *([filtered.linkname] if filtered.islnk() else [])]
        if any(parent in self._links for name in names for parent in PurePosixPath(os.path.normpath(name)).parents):
            raise ValueError(f"{member.name!r} lies behind a link")
        if filtered.issym():
            self._links.add(PurePosixPath(os.path.normpath(filtered.name)))
        return filtered


def main(arguments: list[str]) -> int:
    """Unpack, or say what is wrong."""
    archive, directory, size, count = arguments
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        extract(Path(archive), Path(directory), _Bound(int(size), int(count)))
    except tarfile.FilterError as error:
        return _end(REFUSED, str(error))
    except MemoryError:
        return _end(DAMAGED, f"it takes more than {_MEMORY >> 30} GiB of memory")
    except _WRONG as error:
        return _end(DAMAGED, str(error) or type(error).__name__)
    return 0


def _end(code: int, problem: str) -> int:
    sys.stdout.buffer.write(problem.encode("utf-8", "surrogateescape"))
    return code


def extract(archive: Path, directory: Path, bound: _Bound) -> None:
    """Put the members into the directory. Raises what tarfile, zipfile and their compressions do."""
    if zipfile.is_zipfile(archive):
        _unzip(archive, directory, bound)
    else:
        with _tar(archive) as opened:
            opened.extractall(directory, filter=_Careful(bound))  # noqa: S202


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
        raise ValueError("it is compressed with Zstandard, and there is no zstd on PATH")
    words = [program, "-dcq", "--", str(archive)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None  # noqa: S101
        yield child.stdout
        child.stdout.read()
    if child.returncode:
        raise EOFError("its compression is damaged")


def _unzip(archive: Path, directory: Path, bound: _Bound) -> None:
    """Zipfile keeps names inside of the directory, and knows neither permissions nor links.

    Links are made when all files are there, so that none is written through one.
    """
    with zipfile.ZipFile(archive) as opened:
        links = []
        for member in opened.infolist():
            bound.take(member.file_size)
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
            if not place.parent.resolve().is_relative_to(directory.resolve()):
                raise ValueError(f"{member.filename!r} is outside of the archive")
            place.symlink_to(opened.read(member).decode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
