"""What wheels say of their own files: digests in ``*.dist-info/RECORD``, which installers write and do not read.

Source: PyPA specifications, "Recording installed projects".
"""

from __future__ import annotations

import base64
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pytest_llvmgate.plain_file import read_plain_text, sha256

_MOST: Final = 64 << 20
_ROW: Final = 3
"""Path, digest, size."""


def contradictions(directory: Path) -> Iterator[str]:
    """Files of the wheels installed in ``directory`` that are not as their wheel says, in words. Raises ``OSError``."""
    root = directory.resolve()
    for record in sorted(directory.glob("*.dist-info/RECORD")):
        for row in csv.reader(read_plain_text(record, _MOST).splitlines()):
            name, digest = row[:2] if len(row) == _ROW else ("", "")
            path = root / name
            if digest.startswith("sha256=") and ".." not in path.parts:
                try:
                    if _digest(path) != digest:
                        yield f"{name} is not as {record.parent.name} says"
                except OSError as error:
                    yield f"{name} cannot be read: {error.strerror}"


def _digest(path: Path) -> str:
    digest = bytes.fromhex(sha256(path))
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
