"""Paths that users write: relative to their project, with ``~`` for a home directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pytest_llvmgate.errors import ConfigError, Problem
from pytest_llvmgate.model import RUN_DIRECTORY

ROLL_TREE: Final = (RUN_DIRECTORY, "roll", "work", "tree")
"""Where a roll has its own work tree of a checkout: within the run directory, which git ignores."""


def user_path(text: str, *, root: Path, key: str) -> Path:
    """The path that ``text`` means, seen from ``root``; ``key`` is where it is written, for the error.

    Raises :class:`ConfigError` for what can be no path on this machine: the home of nobody, a name that is too long, a
    loop of links.
    """
    try:
        path = _home(root) / Path(text).expanduser()
    except RuntimeError:
        raise _no_path(text, key, "there is no user of that name, or none with a home directory") from None
    try:
        os.stat(path)  # noqa: PTH116 - Path.exists() hides what is wrong
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        pass  # who uses it says what should be there
    except (OSError, ValueError) as error:
        raise _no_path(text, key, getattr(error, "strerror", None) or str(error)) from None
    return path


def _home(root: Path) -> Path:
    """Where relative paths start: for a roll's tree, at the checkout that it is of, whose neighbours are meant."""
    parts = root.parts
    for at in range(len(parts) - len(ROLL_TREE), 0, -1):
        if parts[at : at + len(ROLL_TREE)] == ROLL_TREE:
            return Path(*parts[:at], *parts[at + len(ROLL_TREE) :])
    return root


def _no_path(text: str, key: str, why: str) -> ConfigError:
    hint = f"write {key} as a path relative to the configuration file, or an absolute one"
    shown = text if len(text) <= 80 else f"{text[:77]}..."
    return ConfigError((Problem(message=f"{key} = {shown!r}: expected a path, and {why}", hint=hint),))
