"""Programs that a test needs and a contributor's machine may lack. Where they must be there, nothing is skipped."""

from __future__ import annotations

import os
import shutil
import tarfile
from typing import Final

import pytest

_ALL: Final = os.environ.get("CI", "") not in {"", "0", "false"}
"""In CI a missing program is a failure: a test that never runs shows nothing."""


UNPACKS: Final = pytest.mark.skipif(
    not hasattr(tarfile, "data_filter"), reason="this Python unpacks no archive safely: before 3.11.4"
)
"""For tests of archives, which the gate refuses where Python has no filter for what they bring."""


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip a test where one of ``programs`` is missing; in CI it runs all the same, and fails by what is not there."""
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing) and not _ALL, reason=f"not installed: {', '.join(missing)}")


def require(program: str) -> str:
    """The path of ``program``; without it, the running test is skipped, or fails in CI."""
    path = shutil.which(program)
    if path is None:
        (pytest.fail if _ALL else pytest.skip)(f"{program} is not installed")
    return str(path)
