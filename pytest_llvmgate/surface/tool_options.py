"""The options that a program of an LLVM lists in its help."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pytest_llvmgate.process.asking import ask

_TIMEOUT: Final = 20.0
"""Seconds."""


def options_of(prefixes: Iterable[Path], tool: str) -> frozenset[str]:
    """Options with their dashes; empty where the install has no such program, or it does not run."""
    if not re.fullmatch(r"[\w.+-]+", tool):  # a name of a log is no path
        return frozenset()
    path = next((prefix / "bin" / tool for prefix in prefixes if (prefix / "bin" / tool).is_file()), None)
    if path is None:
        return frozenset()
    try:
        done = ask([path, "--help-hidden"], seconds=_TIMEOUT)
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(re.findall(r"^[ \t]++(--?[\w-]++)", done.stdout, re.MULTILINE))
