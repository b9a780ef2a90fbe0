"""Where the user's caches lie."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CACHE_VARIABLE: Final = "LLVMGATE_CACHE"
"""The variable of the environment that names another directory."""


def cache_root(environ: Mapping[str, str] | None = None) -> Path:
    """``$LLVMGATE_CACHE``, else ``llvmgate`` below the user's cache directory (XDG Base Directory Specification)."""
    env = os.environ if environ is None else environ
    if env.get(CACHE_VARIABLE):
        return Path(env[CACHE_VARIABLE]).expanduser().absolute()
    base = Path(env.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():  # which the specification says to ignore
        base = Path(env.get("HOME", "~")).expanduser() / ".cache"
    return base / "llvmgate"
