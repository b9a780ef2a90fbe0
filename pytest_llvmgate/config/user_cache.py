"""Where the user's caches lie."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import SupplyError

CACHE_VARIABLE: Final = "LLVMGATE_CACHE"
"""The variable of the environment that names another directory."""


def cache_root() -> Path:
    """``$LLVMGATE_CACHE``, else ``llvmgate`` below the user's cache directory.

    Raises :class:`SupplyError` where neither leads to a directory.
    """
    asked = os.environ.get(CACHE_VARIABLE, "")
    try:
        root = Path(asked).expanduser().absolute() if asked else user_cache()
    except RuntimeError:  # "~nosuchuser"
        raise SupplyError(
            f"{CACHE_VARIABLE}={asked}: expected a directory, and there is no user of that name",
            hint=f"set {CACHE_VARIABLE} to an absolute path",
        ) from None
    if root is None:
        raise SupplyError(
            "there is no place for the cache of LLVM installs: this user has no home directory",
            hint=f"set {CACHE_VARIABLE}, XDG_CACHE_HOME or HOME to a directory",
        )
    if ";" in str(root):
        raise SupplyError(
            f"the cache {root} has a semicolon in its path, which CMake takes for the end of a path",
            hint=f"choose another directory with {CACHE_VARIABLE}=DIR",
        )
    return root


def user_cache() -> Path | None:
    """``llvmgate`` below the user's own cache directory (XDG Base Directory Specification); None without a home."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if base.is_absolute():  # the specification says to ignore what is not
        return base / "llvmgate"
    home = Path(os.environ.get("HOME", ""))
    if not home.is_absolute():
        home = _home()
    return home / ".cache" / "llvmgate" if home.is_absolute() else None


def _home() -> Path:
    """The home directory that the system knows of, whatever ``HOME`` says; a relative path for a user without one."""
    import pwd

    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        return Path()
