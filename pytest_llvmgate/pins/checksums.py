"""The checksums beside a commit: how they are written, what stands for one that is to be computed, and how to do so."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Final

from pytest_llvmgate.printable import shell_word

_NIX: Final = "nix"
_OFFICIAL_ARCHIVE: Final = "https://github.com/llvm/llvm-project/archive/{commit}.tar.gz"


def placeholder(like: str) -> str:
    """A checksum that fits no file, in the notation of ``like``."""
    if like.startswith("sha512-"):
        return f"sha512-{base64.b64encode(bytes(64)).decode()}"
    return "0" * 128 if re.fullmatch(r"[0-9a-f]{128}", like) else in_form_of(like, "0" * 64)


def is_placeholder(checksum: str) -> bool:
    """Whether a checksum is such a one."""
    digits = set(checksum.removeprefix("sha256-").removeprefix("sha512-"))
    return digits <= {"0"} or digits <= {"A", "="}


def in_form_of(old: str, digest: str) -> str:
    """A SHA-256 (hexadecimal) in the notation of ``old``: hexadecimal, or base64 with a prefix for all others."""
    if re.fullmatch(r"[0-9a-f]{64}", old):
        return digest
    return f"sha256-{base64.b64encode(bytes.fromhex(digest)).decode()}"


def is_of_archive(reader: str, sums: Sequence[str]) -> bool:
    """Whether the checksum is the archive's own SHA-256.

    Nix hashes the unpacked tree (``fetchFromGitHub``), and several checksums are of files built from the commit.
    """
    return reader != _NIX and len(sums) == 1 and not _is_long(sums[0])


def _is_long(checksum: str) -> bool:
    return checksum.startswith("sha512-") or re.fullmatch(r"[0-9a-f]{128}", checksum) is not None


def how_to_compute(commit: str, reader: str, sums: Sequence[str], archive: str = "") -> str:
    """What to do for the checksums that ``reader`` found beside the commit, in their notation.

    ``archive`` is the URL that the file itself fetches, with ``{commit}`` in it; without one it is the official one's.
    """
    version = commit.removeprefix("llvmorg-")
    url = shell_word((archive or _OFFICIAL_ARCHIVE).replace("{commit}", commit).replace("{version}", version))
    if reader == _NIX:
        return f"nix-prefetch-url --unpack {url}"
    if len(sums) > 1:
        return f"take the checksums of the {len(sums)} files that were built from the new commit"
    bits = "512" if sums and _is_long(sums[0]) else "256"
    if sums and re.match(r"sha(?:256|512)-", sums[0]):
        return f"curl -L {url} | openssl dgst -sha{bits} -binary | base64   (behind sha{bits}-)"
    return f"curl -L {url} | sha{bits}sum"
