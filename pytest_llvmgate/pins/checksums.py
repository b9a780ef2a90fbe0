"""The checksums beside a commit: how they are written, what stands for one that is to be computed, and how to do so."""

from __future__ import annotations

import base64
import re
from typing import Final

_NIX: Final = "nix"


def placeholder(like: str) -> str:
    """A checksum that fits no file, in the notation of ``like``."""
    return in_form_of(like, "0" * 64)


def is_placeholder(checksum: str) -> bool:
    """Whether a checksum is such a one."""
    digits = set(checksum.removeprefix("sha256-"))
    return digits <= {"0"} or digits <= {"A", "="}


def in_form_of(old: str, digest: str) -> str:
    """A SHA-256 (hexadecimal) in the notation of ``old``: hexadecimal, or base64 with a prefix for all others."""
    if re.fullmatch(r"[0-9a-f]{64}", old):
        return digest
    return f"sha256-{base64.b64encode(bytes.fromhex(digest)).decode()}"


def is_of_archive(reader: str, count: int) -> bool:
    """Whether the checksum is the archive's own.

    Nix hashes the unpacked tree (``fetchFromGitHub``), and several checksums are of files built from the commit.
    """
    return reader != _NIX and count == 1


def how_to_compute(sha: str, reader: str, count: int) -> str:
    """What to do for the ``count`` checksums that ``reader`` found beside the commit."""
    archive = f"https://github.com/llvm/llvm-project/archive/{sha}.tar.gz"
    if reader == _NIX:
        return f"nix-prefetch-url --unpack {archive}"
    if count > 1:
        return f"take the checksums of the {count} files that were built from the new commit"
    return f"curl -L {archive} | sha256sum"
